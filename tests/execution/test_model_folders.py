"""Model folders that no run could load are refused before the first run, in one line; none of them is a traceback."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from transformers import AutoConfig, AutoModel

from bakeoff.errors import BadValue, InputError, MissingAsset
from bakeoff.execution.preflight import preflight
from bakeoff.experiment.load import load_experiment
from bakeoff.models.base import load_base
from bakeoff.models.sources import locate_model
from bakeoff.models.tiny import ARCHITECTURES
from bakeoff.runs.base_files import check_base
from bakeoff.system.workspace import Workspace
from tiny import make_texts, save_tiny, save_tokenizer

EXPERIMENT = """
data: {source: texts.csv, split: {train: 20, validation: 20, test: 20}, max_length: 16}
model: model
seeds: [1]
methods: {full: {}, lora: {}}
"""
INDEX = "model.safetensors.index.json"
WORDS = "embeddings.word_embeddings.weight"
VISION = {"num_hidden_layers": 1, "num_attention_heads": 2, "hidden_size": 32, "intermediate_size": 32}


def config(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "config.json"
        file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **changes}), "utf-8")

    return change


def another(**tree: object) -> Callable[[Path], None]:
    return lambda folder: (folder / "config.json").write_text(json.dumps(tree), "utf-8") and None


def index(**weights: str) -> Callable[[Path], None]:
    return lambda folder: (folder / INDEX).write_text(json.dumps({"weight_map": weights}), "utf-8") and None


def weights(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        file = folder / "model.safetensors"
        file.write_bytes(change(file.read_bytes()))

    return spoil


def tensors(change: Callable[[dict[str, np.ndarray]], None]) -> Callable[[Path], None]:
    """Other weights in a whole file."""

    def spoil(folder: Path) -> None:
        held = load_file(folder / "model.safetensors")
        change(held)
        save_file(held, folder / "model.safetensors", metadata={"format": "pt"})

    return spoil


def filled(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text, "utf-8") and None


def linked(name: str, target: str) -> Callable[[Path], None]:
    """A link in the place of a file: what it leads to would go into every run's model."""

    def link(folder: Path) -> None:
        if target == "pipe":
            os.mkfifo(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(target)

    return link


def large(folder: Path) -> None:
    (folder / "added_tokens.json").touch()
    os.truncate(folder / "added_tokens.json", (1 << 28) + 1)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "garbage": (weights(lambda _: b"garbage" * 999), "no whole safetensors file"),
    "empty": (weights(lambda _: b""), "no whole safetensors file"),
    "truncated": (weights(lambda content: content[:-100]), "no whole safetensors file"),
    "longer": (weights(lambda content: content + b"more"), "no whole safetensors file"),
    "no_weights": (weights(lambda _: b"\x02\x00\x00\x00\x00\x00\x00\x00{}"), "holds no weights"),
    "missing_shard": (index(a="model-00002-of-00002.safetensors"), "model-00002-of-00002.safetensors is not there"),
    "missing_tensor": (index(a="model.safetensors"), "lacks 1 of its weights, a among them"),
    "outside": (index(a="../good/model.safetensors"), "names '../good/model.safetensors'"),
    "no_index": (lambda folder: (folder / INDEX).write_text("[1]", "utf-8") and None, "is no index of weights"),
    "pictures": (another(model_type="vit", image_size=32, patch_size=16, **VISION), "reads pixel_values and no text"),
    "more_pictures": (another(model_type="dinov2", **VISION), "reads pixel_values and no text"),
    "sound": (another(model_type="wav2vec2"), "reads input_values and no text"),
    "both": (another(model_type="clip"), "no plain encoder"),
    "two_parts": (another(model_type="t5"), "no plain encoder"),
    "no_type": (another(hidden_size=32), "model_type"),
    "list": (lambda folder: (folder / "config.json").write_text("[1]", "utf-8") and None, "no JSON object"),
    "negative": (config(hidden_size=-3), "hidden_size of its config.json is -3"),
    "word": (config(hidden_size="big"), "hidden_size of its config.json is big"),
    "endless": (config(num_hidden_layers=10**9), "no number from 1 to 2,000"),
    "another_vocabulary": (config(vocab_size=10), "in its files, and 10 x 32 by its config.json"),
    "more_layers": (config(num_hidden_layers=3), "its files lack 16 of its weights, encoder.layer.2."),
    "lacking": (tensors(lambda held: held.pop(WORDS) is None), f"its files lack 1 of its weights, {WORDS} among them"),
    "transposed": (tensors(lambda held: held.update({WORDS: held[WORDS].T.copy()})), f"{WORDS} is 32 x "),
    "heads": (config(hidden_size=33), "not a multiple"),
    "kernel": (config(attn_implementation="evil/kernel"), "code from a hub is never run"),
    "another_kernel": (config(_attn_implementation="evil/kernel"), "code from a hub is never run"),
    "kernels_by_part": (config(attn_implementation={"": "evil/kernel"}), "code from a hub is never run"),
    "flash": (config(attn_implementation="flash_attention_2"), "no model can be built from its config.json (Flash"),
    "padding_past": (config(pad_token_id=99_999), "no model can be built from its config.json (Padding_idx must be"),
    "more_tokens": (
        lambda folder: save_tiny(folder, vocab_size=20) and None,
        "it makes token ids up to 29, and it has embeddings for 20 tokens only; resize its embeddings",
    ),
    "adapter": (filled("adapter_config.json", "{}"), "adapter_config.json lies beside its weights"),
    "no_table": (
        lambda folder: AutoModel.from_config(AutoConfig.for_model("ibert", vocab_size=30, **VISION)).save_pretrained(
            folder
        ),
        "it has no plain table of embeddings, which methods work on",
    ),
    "quantised": (config(quantization_config={"quant_method": "awq"}), "its weights are quantised"),
    "many_names": (config(num_labels=10**9), "num_labels of its config.json is 1,000,000,000"),
    "wide_and_tall": (config(vocab_size=10**7, hidden_size=10**6), "more than 20,000,000,000"),
    "long_texts": (config(max_position_embeddings=10**9), "more than 20,000,000,000"),
    "deep_tokenizer": (filled("tokenizer.json", "[" * 99_999), "its tokenizer cannot be read"),
    "deep_settings": (filled("tokenizer_config.json", "[" * 9999), "its tokenizer cannot be read"),
    "no_tokenizer": (filled("tokenizer.json", '{"a": 1}'), "its tokenizer cannot be read"),
    "special_list": (filled("special_tokens_map.json", "[1]"), "its tokenizer cannot be read"),
    "deep": (lambda folder: (folder / "config.json").write_text("[" * 9999, "utf-8") and None, "cannot be read"),
    "deep_index": (lambda folder: (folder / INDEX).write_text("[" * 9999, "utf-8") and None, "is no index of weights"),
    "large": (large, "added_tokens.json is larger than 256 MiB"),
}
if sys.platform != "win32":
    DAMAGES |= {
        "link_to_keys": (linked("vocab.txt", "../keys"), "vocab.txt is a link that leads out of the folder"),
        "link_to_weights": (linked("model.safetensors", "../model/model.safetensors"), "leads out of the folder"),
        "link_in_template": (linked("chat_template.jinja", "../keys"), "leads out of the folder"),
        "link_without_end": (linked("added_tokens.json", "/proc/self/mem"), "leads out of the folder"),
        "pipe": (linked("added_tokens.json", "pipe"), "added_tokens.json is no regular file"),
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("folders"))
    for folder in ("notebooks", "params", "reports"):
        (workspace.root / folder).mkdir()
    rows = "\n".join(f"{text},{label}" for text, label in make_texts(60))
    (workspace.root / "texts.csv").write_text(f"text,label\n{rows}\n", encoding="utf-8")
    (workspace.root / "params" / "small.yaml").write_text(EXPERIMENT, encoding="utf-8")
    (workspace.root / "keys").write_text("somebody's\nkeys\n", encoding="utf-8")
    for name, (damage, _) in DAMAGES.items():
        shutil.copytree(tiny_bert, workspace.root / name)
        damage(workspace.root / name)
    shutil.copytree(tiny_bert, workspace.root / "model")
    return workspace


def checked(place: Workspace, model: str) -> None:
    file = place.root / "params" / "small.yaml"
    change = (f"model={model}",)
    preflight(load_experiment(file, shown_as="params/small.yaml", changes=change, root=place.root), place)


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_model_folder_is_refused_before_anything_runs(place: Workspace, name: str) -> None:
    with pytest.raises(InputError) as caught:
        checked(place, name)
    said = str(caught.value)
    assert DAMAGES[name][1] in said
    assert len(said) <= 400
    assert "\n" not in said
    assert not list((place.root / "reports").iterdir())


def test_a_whole_folder_and_whole_shards_pass(place: Workspace) -> None:
    from safetensors import safe_open

    checked(place, "model")
    sharded = place.root / "sharded"
    shutil.copytree(place.root / "model", sharded)
    with safe_open(sharded / "model.safetensors", framework="numpy") as held:
        index(**dict.fromkeys(held.keys(), "model.safetensors"))(sharded)
    checked(place, "sharded")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_whole_weights_of_every_architecture_pass_and_other_shapes_do_not(tmp_path: Path, name: str) -> None:
    folder = save_tiny(tmp_path / name, name)
    found = locate_model(str(folder), workspace=Workspace(tmp_path))
    check_base(found)
    read = json.loads((folder / "config.json").read_text("utf-8"))
    config(vocab_size=read["vocab_size"] + 8)(folder)
    check_base.cache_clear()
    with pytest.raises(BadValue, match=rf"is {read['vocab_size']} x \d+ in its files, and {read['vocab_size'] + 8} x "):
        check_base(found)


def test_weights_that_a_library_renames_are_left_to_its_loading(tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModel

    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    made = AutoModel.from_config(AutoConfig.for_model("nomic_bert", vocab_size=40, **small))
    made.save_pretrained(tmp_path / "nomic")
    save_tokenizer(tmp_path / "nomic")
    check_base(locate_model(str(tmp_path / "nomic"), workspace=Workspace(tmp_path)))


def test_weights_that_are_no_numbers_are_told_when_they_are_read(tmp_path: Path, tiny_bert: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_bert, folder)
    tensors(lambda held: held[WORDS].__setitem__((3, 4), np.nan))(folder)
    found = locate_model(str(folder), workspace=Workspace(tmp_path))
    with pytest.raises(MissingAsset, match=r"1 weights of the encoder hold NaN or infinity, embeddings\.word"):
        load_base(found, seed=1, label_names=("a", "b"))


def test_a_configuration_to_start_from_is_bounded_as_well(place: Workspace) -> None:
    shape = {"model_type": "bert", "tokenizer": "model", "hidden_size": 10**12}
    (place.root / "large.json").write_text(json.dumps(shape), "utf-8")
    with pytest.raises(BadValue, match=r"hidden_size of its large\.json is 1000000000000"):
        checked(place, "large.json")


def test_a_default_for_another_vocabulary_keeps_nothing_from_starting_at_random(place: Workspace) -> None:
    """ModernBERT's padding token is the 50,284th, also where a configuration names fewer."""
    settings = {"tokenizer": "model", "model_type": "modernbert", "vocab_size": 20, **VISION}
    (place.root / "fresh.json").write_text(json.dumps(settings), "utf-8")
    checked(place, "fresh.json")
    base = load_base(locate_model("fresh.json", workspace=place), label_names=("a", "b"), seed=1)
    assert (base.model.config.pad_token_id, base.model.config.vocab_size) == (base.tokenizer.pad_token_id, 30)
