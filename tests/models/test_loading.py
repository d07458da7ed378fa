"""What is never loaded: code from a hub, pickles, models that cannot classify."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModel

from bakeoff.errors import BadValue, InputError, MissingAsset
from bakeoff.methods.weights.full import Full
from bakeoff.models.base import load_base
from bakeoff.models.sources import LocatedModel, locate_model
from bakeoff.system.workspace import Workspace
from tiny import save_tiny, save_tiny_mamba, save_tokenizer

RUN = "ran = True\nraise SystemExit('code of a hub was run')\n"


def load(folder: Path) -> None:
    located = locate_model(str(folder), workspace=Workspace(folder.parent))
    load_base(located, label_names=("a", "b"), seed=1)


def edit(file: Path, **changes: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_code_of_a_model_is_never_run(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "foreign")
    names = {"AutoConfig": "code.OwnConfig", "AutoModel": "code.OwnModel"}
    edit(folder / "config.json", model_type="own", auto_map=names)
    (folder / "code.py").write_text(RUN)
    with pytest.raises(
        MissingAsset, match="its model needs code from the hub, and code from a hub is never run"
    ) as caught:
        load(folder)
    assert "\n" not in str(caught.value)


def test_code_of_a_tokenizer_is_never_run(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "foreign")
    edit(
        folder / "tokenizer_config.json",
        tokenizer_class="OwnTokenizer",
        auto_map={"AutoTokenizer": ["code.OwnTokenizer", None]},
    )
    edit(folder / "config.json", model_type="own", auto_map={"AutoConfig": "code.OwnConfig"})
    (folder / "code.py").write_text(RUN)
    with pytest.raises(MissingAsset) as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    assert "code from a hub is never run" in str(caught.value)


def test_an_unknown_architecture(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "unknown")
    edit(folder / "config.json", model_type="own")
    with pytest.raises(MissingAsset, match=r"unknown: its model cannot be read: .*own") as caught:
        load(folder)
    assert "\n" not in str(caught.value)


def test_pickles_of_a_hub_model_are_refused(tiny_bert: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "pickled"  # found in a cache, where no one has looked for safetensors
    shutil.copytree(tiny_bert, folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    located = LocatedModel("owner/pickled", str(folder), "0", pretrained=True)
    with pytest.raises(MissingAsset, match=r"it has no \*.safetensors.*save_pretrained") as caught:
        load_base(located, label_names=("a", "b"), seed=1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["t5", "vit"])
def test_what_is_no_model_of_text_to_classify(tmp_path: Path, kind: str) -> None:
    folder = save_tiny(tmp_path / kind)
    (folder / "config.json").write_text(json.dumps({"model_type": kind}))
    with pytest.raises(InputError) as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    if kind == "t5":
        assert isinstance(caught.value, BadValue)
        assert "is a t5, no plain encoder, decoder or state-space model of text" in str(caught.value)


def test_an_encoder_that_mixes_padding_in(tmp_path: Path, tiny_bert: Path) -> None:
    """FNet transforms over all places, padded ones too."""
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "intermediate_size": 16, "tpu_short_seq_length": 16}
    file = tmp_path / "shape.json"
    file.write_text(json.dumps({"model_type": "fnet", "tokenizer": str(tiny_bert), **shape}))
    located = locate_model(str(file), workspace=Workspace(tmp_path))
    with pytest.raises(BadValue, match="cannot be told which tokens are padding"):
        load_base(located, label_names=("a", "b"), seed=1)


def test_from_scratch_takes_the_class_of_transformers(tmp_path: Path, tiny_bert: Path) -> None:
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    file = tmp_path / "shape.json"
    file.write_text(json.dumps({"model_type": "bert", "tokenizer": str(tiny_bert), **shape}))
    located = locate_model(str(file), workspace=Workspace(tmp_path))
    base = load_base(located, label_names=("a", "b"), seed=1)
    assert type(base.model).__name__ == "BertForSequenceClassification"
    assert base.encoder.get_input_embeddings().num_embeddings == len(base.tokenizer)
    assert not base.pretrained


def test_from_scratch_with_a_tokenizer_of_its_own(tmp_path: Path, tiny_bert: Path) -> None:
    file = save_tiny_mamba(tmp_path / "mamba.json", tiny_bert)
    save_tokenizer(tmp_path / "words", pad_token=None, eos_token="[SEP]")
    located = locate_model(str(file), workspace=Workspace(tmp_path), tokenizer=str(tmp_path / "words"))
    base = load_base(located, label_names=("a", "b"), seed=1)
    assert base.tokenizer.pad_token == "[SEP]"


def test_half_precision_is_trained_in_full(tmp_path: Path, tiny_model: Callable[[str], Path]) -> None:
    import torch

    for kind in ("bert", "llama", "mamba"):
        located = locate_model(str(save_tiny(tmp_path / kind, kind, dtype="float16")), workspace=Workspace(tmp_path))
        base = load_base(located, label_names=("a", "b"), seed=1)
        assert {weight.dtype for weight in base.model.parameters()} == {torch.float32}


@pytest.mark.parametrize("name", ["mixtral", "bert"])
def test_what_was_trained_is_read_again_whatever_names_the_files_of_its_base_have(tmp_path: Path, name: str) -> None:
    """Some models were written by names that only loading from a hub turns into their own, and were lost."""
    folder, saved = tmp_path / name, tmp_path / "saved"
    small = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    experts = {"num_local_experts": 2, "num_key_value_heads": 2} if name == "mixtral" else {}
    AutoModel.from_config(AutoConfig.for_model(name, vocab_size=30, **small, **experts)).save_pretrained(folder)
    save_tokenizer(folder)
    saved.mkdir()
    located = locate_model(str(folder), workspace=Workspace(tmp_path))
    first, second = (load_base(located, label_names=("a", "b"), seed=1) for _ in range(2))
    model = Full().build(first, Full.Config())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.5)
    Full().save(model, saved)
    again = Full().load(saved, second, Full.Config())
    ids, mask = torch.tensor([[2, 5, 6, 3]]), torch.ones(1, 4, dtype=torch.int64)
    with torch.no_grad():
        assert torch.equal(model.eval()(ids, mask).logits, again(ids, mask).logits)


@pytest.mark.parametrize(
    "changes", [{"output_attentions": True}, {"output_hidden_states": True}, {"return_dict": False}]
)
def test_what_somebody_asked_a_model_for_beside_its_answers_spoils_no_run(tmp_path: Path, changes) -> None:
    """Each run was trained, and then failed when its model was to be saved."""
    folder, saved = save_tiny(tmp_path / "asked"), tmp_path / "saved"
    edit(folder / "config.json", **changes)
    saved.mkdir()
    base = load_base(locate_model(str(folder), workspace=Workspace(tmp_path)), label_names=("a", "b"), seed=1)
    model = Full().build(base, Full.Config())
    assert model(torch.tensor([[2, 5, 3]]), torch.ones(1, 3, dtype=torch.int64)).logits.shape == (1, 2)
    Full().save(model, saved)
