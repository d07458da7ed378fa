"""Loading base models: complete, quiet, untouched, with a fresh head, and refusals in one line."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from bakeoff.errors import BadValue, InputError, MissingAsset
from bakeoff.methods.config import EvaluationConfig
from bakeoff.models.base import Base, load_base
from bakeoff.models.sources import locate_model
from bakeoff.models.tiny import ARCHITECTURES
from bakeoff.models.weights import trainable
from bakeoff.system.workspace import Workspace
from bakeoff.training.run import prepare
from bench import NEURAL, Bench
from tiny import WORDS, save_tiny, save_tokenizer


def base_of(folder: Path, *, seed: int = 1, names: tuple[str, ...] = ("a", "b"), **config) -> Base:
    located = locate_model(str(folder), workspace=Workspace(folder.parent))
    return load_base(located, label_names=names, seed=seed, pooling=EvaluationConfig(**config).pooling)


def test_a_base_says_what_it_is(tiny_bert: Path, caplog, capfd) -> None:
    base = base_of(tiny_bert)
    assert (base.architecture, base.pooling, base.positions, base.pooler_trained) == ("BertModel", "pooler", 64, True)
    assert base.model.config.id2label == {0: "a", 1: "b"}
    assert base.model.config.label2id == {"a": 0, "b": 1}
    assert {p.dtype for p in base.model.parameters()} == {torch.float32}
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_the_head_follows_the_seed_and_the_base_does_not(tiny_bert: Path) -> None:
    one, same, other = base_of(tiny_bert), base_of(tiny_bert), base_of(tiny_bert, seed=2)
    assert torch.equal(one.model.classifier.weight, same.model.classifier.weight)
    assert not torch.equal(one.model.classifier.weight, other.model.classifier.weight)
    assert one.weights_sha256 == other.weights_sha256


def test_a_head_that_comes_along_is_replaced(tiny_bert: Path, tmp_path: Path) -> None:
    base_of(tiny_bert, seed=5).model.save_pretrained(tmp_path / "trained")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny_bert / name, tmp_path / "trained")
    fresh, again = base_of(tiny_bert), base_of(tmp_path / "trained")
    assert torch.equal(fresh.model.classifier.weight, again.model.classifier.weight)
    assert fresh.weights_sha256 == again.weights_sha256
    assert base_of(tmp_path / "trained", names=("a", "b", "c")).model.classifier.weight.shape == (3, 32)


def test_from_scratch_weights_follow_the_seed(tiny_mamba: Path) -> None:
    one, same, other = base_of(tiny_mamba), base_of(tiny_mamba), base_of(tiny_mamba, seed=2)
    assert one.weights_sha256 == same.weights_sha256 != other.weights_sha256
    assert not one.pretrained
    assert one.pooling == "last"
    assert one.positions is None


def test_a_checkpoint_without_all_its_weights_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "holes"
    shutil.copytree(tiny_bert, folder)
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MissingAsset, match="1 weights of the encoder are not in its files") as caught:
        base_of(folder)
    assert "\n" not in str(caught.value)


@pytest.fixture
def poolerless(tiny_bert: Path, tmp_path: Path) -> Path:
    """Return a BERT as it is saved from pretraining on masked words."""
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "poolerless"
    shutil.copytree(tiny_bert, folder)
    tensors = {n: t for n, t in load_file(folder / "model.safetensors").items() if not n.startswith("pooler")}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.mark.parametrize("kind", ["bitfit", "full", "linear_probe", "lora", "prefix", "top_layers", "untrained"])
def test_nobody_reads_a_pooler_drawn_at_random(kind: str, poolerless: Path, bench: Bench) -> None:
    bench.models["poolerless"] = poolerless
    trainee = prepare(bench.run(kind, model="poolerless"), bench.splits)
    assert trainee.training.pooling == "cls"
    assert trainee.inputs["head"] == "linear on the first token"
    assert not [name for name in trainable(trainee.model) if "pooler" in name]


def test_an_encoder_without_a_trained_pooler(poolerless: Path) -> None:
    one, other = base_of(poolerless), base_of(poolerless, seed=2)
    assert not one.pooler_trained
    assert one.weights_sha256 == other.weights_sha256
    with pytest.raises(BadValue, match="no trained pooler; use cls or mean"):
        base_of(poolerless, pooling="pooler")


def test_a_head_says_what_it_reads(tmp_path: Path) -> None:
    assert base_of(save_tiny(tmp_path / "first", "modernbert")).pooling == "cls"
    assert base_of(save_tiny(tmp_path / "mean", "modernbert", classifier_pooling="mean")).pooling == "mean"


def test_a_pooler_that_the_head_passes_by(tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModel

    shape = {**ARCHITECTURES["bert"], "vocab_size": 4 + len(WORDS), "attention_type": "original_full"}
    AutoModel.from_config(AutoConfig.for_model("big_bird", **shape)).save_pretrained(tmp_path / "bird")
    save_tokenizer(tmp_path / "bird")
    base = base_of(tmp_path / "bird")
    assert (base.pooler_trained, base.pooling) == (True, "cls")


def test_no_part_of_a_head_comes_along(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "modern", "modernbert")
    trained = base_of(folder).model
    torch.nn.init.constant_(trained.head.norm.weight, 3.0)
    trained.save_pretrained(folder)
    assert torch.equal(base_of(folder).model.head.norm.weight, torch.ones(32))


@pytest.mark.parametrize(("kind", "places"), [("bert", 64), ("mamba", None)])
def test_a_tokenizer_does_not_say_how_much_a_model_reads(kind: str, places: int | None, tmp_path: Path) -> None:
    """Whoever fine-tuned the model on short texts may have written their length there."""
    folder = save_tiny(tmp_path / "short", kind)
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "model_max_length": 16}))
    assert base_of(folder).positions == places


def test_only_safetensors(tiny_bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(tiny_bert, folder)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(MissingAsset, match=r"in pytorch_model.bin, which could run code; only safetensors are read"):
        base_of(folder)


def test_half_precision_files_are_computed_with_in_full(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "half", dtype="float16")
    assert {p.dtype for p in base_of(folder).model.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("kind", "model", "options", "says"),
    [
        ("prefix", "mamba", {}, "Mamba2Model has none; lora works here"),
        ("prefix", "distilbert", {}, "DistilBertModel has none"),
        ("prefix", "bert", {"max_length": 60}, "60 tokens and 10 that the method adds are more than the 64 places"),
        ("full", "bert", {"max_length": 65}, "65 tokens are more than the 64 places"),
        ("lora", "bert", {"target_modules": ("qeury",)}, "BertModel has no layer 'qeury'; it has dense, key, query"),
        ("full", "mamba", {"pooling": "cls"}, "its first token has seen nothing but itself"),
        ("full", "distilbert", {"pooling": "pooler"}, "no trained pooler"),
        ("linear_probe", "mamba", {"pooling": "pooler"}, "no trained pooler"),
    ],
)
def test_what_cannot_be_done_is_refused_before_training(
    bench: Bench, kind: str, model: str, options: dict, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        prepare(bench.run(kind, model=model, **options), bench.splits)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "suffixes"), [("bert", {"query", "value"}), ("distilbert", {"q_lin", "v_lin"}), ("mamba", {"in_proj"})]
)
def test_lora_finds_its_layers(bench: Bench, model: str, suffixes: set[str]) -> None:
    trainee = prepare(bench.run("lora", model=model), bench.splits)
    names = {
        name.split(".lora_")[0].rpartition(".")[2] for name, _ in trainee.model.named_parameters() if ".lora_" in name
    }
    assert names == suffixes


def test_lora_counts_as_in_the_paper(bench: Bench) -> None:
    cost = prepare(bench.run("lora", rank=4), bench.splits).cost
    full = prepare(bench.run("full"), bench.splits).cost
    adapter, head = 2 * 2 * 4 * (32 + 32), 2 * 32 + 2
    assert cost.params_trainable == cost.params_added == adapter + head
    assert cost.params_total == full.params_total + adapter
    assert full.params_added == head


def test_prefix_counts_as_in_the_paper(bench: Bench) -> None:
    cost = prepare(bench.run("prefix", virtual_tokens=5), bench.splits).cost
    assert cost.params_trainable == 5 * 2 * 2 * 32 + 2 * 32 + 2


@pytest.mark.parametrize("kind", NEURAL)
def test_bundled_mamba_is_labelled(kind: str, tmp_path: Path) -> None:
    located = locate_model("bundled:mamba2-small", workspace=Workspace(tmp_path))
    assert not located.pretrained
    assert json.loads(Path(located.path).read_text())["model_type"] == "mamba2"
