"""The two experiments bakeoff comes from stand in `params/`: each of their settings as a setting, or as a comment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.experiment.yaml_file import read_yaml

PARAMS = Path(__file__).resolve().parents[1] / "params"
ABSENT = object()
"""What no setting of a file can be: only a comment can tell of it."""

EMOTION: list[tuple[str, Any, str]] = [
    ("data.source", "dair-ai/emotion", ""),
    ("data.label.names", ("sadness", "joy", "love", "anger", "fear", "surprise"), ""),
    ("data.max_length", 256, ""),
    ("model", "google-bert/bert-base-uncased", ""),
    ("seeds", (42,), "42 alone"),
    ("compare.metric", "accuracy", ""),
    ("methods.untrained", ABSENT, "first 500 test texts"),
    ("methods.full.dtype", "float16", "fp16"),
    ("methods.full.learning_rate", 2e-5, "2e-5"),
    ("methods.full.batch_size", 16, "16"),
    ("methods.full.epochs", 3, ""),
    ("methods.full.weight_decay", 0.01, ""),
    ("methods.linear_probe", ABSENT, "on a fine-tuned encoder"),
    ("methods.linear_probe.dtype", "float16", "fp16"),
    ("methods.linear_probe.learning_rate", 1e-3, ""),
    ("methods.linear_probe.batch_size", 32, ""),
    ("methods.linear_probe.epochs", 5, ""),
    ("methods.linear_probe.head_dropout", 0.1, ""),
    ("methods.linear_probe.weight_decay", 0.0, "weight decay 0.01 for full alone"),
    ("methods.prefix", ABSENT, "no projection"),
    ("methods.prefix.dtype", "float16", "fp16"),
    ("methods.prefix.virtual_tokens", 10, ""),
    ("methods.prefix.learning_rate", 2e-4, "2e-4"),
    ("methods.prefix.batch_size", 32, ""),
    ("methods.prefix.epochs", 5, "5 epochs"),
    ("methods.prefix.weight_decay", 0.0, "weight decay 0.01 for full alone"),
    ("methods.lora", ABSENT, "each rank judged on the test texts"),
    ("methods.lora.dtype", "float16", "fp16"),
    ("methods.lora.rank", (2, 4, 8, 16), ""),
    ("methods.lora.alpha", 32, ""),
    ("methods.lora.dropout", 0.05, ""),
    ("methods.lora.target_modules", ("query", "value"), "query and value"),
    ("methods.lora.learning_rate", 3e-4, "3e-4"),
    ("methods.lora.batch_size", 32, ""),
    ("methods.lora.epochs", 5, "5"),
    ("methods.lora.weight_decay", 0.0, "weight decay 0.01 for full alone"),
]
KINOPOISK: list[tuple[str, Any, str]] = [
    ("data.source", "hf://datasets/blinoff/kinopoisk/kinopoisk.jsonl", ""),
    ("data.text", "content", ""),
    ("data.label", ABSENT, "rows without a text or a grade left out"),
    ("data.label.column", "grade10", "grade10 >= 5"),
    ("data.split.train", 0.8, "80/20"),
    ("data.split.test", 0.2, "80/20"),
    ("data.split.stratify", True, ""),
    ("data.split.seed", 42, ""),
    ("data.max_length", 256, "256"),
    ("data.max_length", ABSENT, "padded to it"),
    ("model", "DeepPavlov/rubert-base-cased", "meant for DeepPavlov/rubert-base-cased"),
    ("model", "distilbert/distilbert-base-multilingual-cased", ""),
    ("seeds", (42,), "42 alone"),
    ("compare.metric", "accuracy", "accuracy"),
    ("compare", ABSENT, "weighted F1"),
    ("methods.full.learning_rate", 2e-4, "2e-4"),
    ("methods.full.batch_size", 8, "batch 8"),
    ("methods.full.epochs", 1, "1 epoch"),
    ("methods.full", ABSENT, "2,000 of 29,272 texts"),
    ("methods.full.class_weights", "none", "every text weighs alike"),
    ("methods.full.pooling", "cls", "the state of the first token"),
    ("methods.lora.rank", 8, ""),
    ("methods.lora.alpha", 16, ""),
    ("methods.lora.dropout", 0.1, ""),
    ("methods.lora.target_modules", ("q_lin", "v_lin"), "q_lin, v_lin"),
    ("methods.lora.learning_rate", 2e-4, "2e-4"),
    ("methods.lora.epochs", 2, ""),
    ("methods.lora.class_weights", "none", "every text weighs alike"),
    ("methods.lora.pooling", "cls", "the state of the first token"),
    ("methods.mamba.model", "state-spaces/mamba-130m-hf", ""),
    ("methods.mamba.tokenizer", "EleutherAI/gpt-neox-20b", ""),
    ("methods.mamba.kind", "full", ""),
    ("methods.mamba.max_length", 128, "128 for Mamba"),
    ("methods.mamba.pooling", "cls", "the first token's state"),
    ("methods.mamba.learning_rate", 3e-4, ""),
    ("methods.mamba.batch_size", 8, "batch 8"),
    ("methods.mamba.class_weights", "none", "every text weighs alike"),
]
ROWS = [("emotion.yaml", *row) for row in EMOTION] + [("kinopoisk.yaml", *row) for row in KINOPOISK]


def setting(experiment: Experiment, key: str) -> Any:
    """Return what a run would use, be it from the method, the defaults or the method's own; a sweep as its values."""
    section, *rest = key.split(".")
    if section == "methods":
        known, option = experiment.methods, rest[1]
        entry = known.get(f"{rest[0]}_default", known[rest[0]])  # where it is tuned, what is declared stands there
        if option in ("kind", "model", "tokenizer"):
            return getattr(entry, option)
        return entry.sweep.get(option) or getattr(entry.method.Config(**entry.options), option)
    found = getattr(experiment, section)
    for part in rest:
        found = getattr(found, part)
    return found


def originals(file: Path, key: str) -> str:
    """Return what the comments at a key say of the original, at its defaults too: on its line and right above it."""
    source, lines = read_yaml(file, shown="x"), file.read_text(encoding="utf-8").splitlines()
    path = key.split(".")
    places = [path, ["data", path[-1]], ["defaults", path[-1]]] if path[0] == "methods" else [path]
    said = []
    for place in places:
        number = int(source.where(place).rpartition(" ")[2])
        above = number - 1
        while lines[above - 1].lstrip().startswith("#"):
            above -= 1
        comment = " ".join(line.partition("#")[2].strip() for line in lines[above:number])
        said.append(comment.partition("original: ")[2])
    return "; ".join(said)


def stands(file: Path, key: str, value: Any, words: str) -> bool:
    as_setting = value is not ABSENT and setting(load_experiment(file), key) == value
    as_comment = re.search(rf"(?<![\w.,-]){re.escape(words)}(?![\w.-]|,\d)", originals(file, key)) if words else None
    return as_setting or as_comment is not None


@pytest.mark.parametrize(("file", "key", "value", "words"), ROWS)
def test_a_setting_of_the_original_is_in_the_file(file: str, key: str, value: Any, words: str) -> None:
    assert stands(PARAMS / file, key, value, words)


@pytest.mark.parametrize(("file", "key", "value", "words"), [row for row in ROWS if row[3]])
def test_one_that_differs_is_not_found_without_its_comment(
    file: str, key: str, value: Any, words: str, tmp_path: Path
) -> None:
    bare = tmp_path / file
    bare.write_text(re.sub("#.*", "", (PARAMS / file).read_text(encoding="utf-8")), encoding="utf-8")
    assert not stands(bare, key, value, words)
