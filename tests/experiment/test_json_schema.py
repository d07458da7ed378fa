"""The schema says of a file what `load_experiment` says, as far as keys and single values go."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from bakeoff.errors import InputError
from bakeoff.experiment.json_schema import experiment_schema
from bakeoff.experiment.load import load_experiment
from bakeoff.methods.registry import TABLE, method

ROOT = Path(__file__).resolve().parents[2]
HEAD = """\
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/tiny
seeds: [1, 2]
"""
BASE = HEAD + "methods: {full: {}, lora: {rank: 4}}\n"
SETS = "data: {text: t}\ndatasets: {a: {source: a.csv}, b: {source: b.csv, split: {test: 9}}}\nmodel: m\n"
GRID = SETS + BASE[BASE.index("seeds") :]
LIST = BASE.replace("model: models/tiny", "models: [models/tiny, {model: x, tokenizer: y}]")


@pytest.fixture(scope="module")
def valid():
    """Say whether a text is valid, after the schema itself has been checked."""
    schema = experiment_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    return lambda text: validator.is_valid(YAML(typ="safe", pure=True).load(text))


@pytest.mark.parametrize("file", sorted((ROOT / "params").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_shipped_files_are_valid(valid, file):
    assert valid(file.read_text(encoding="utf-8"))


RIGHT = [
    BASE,
    BASE + "name: mine\ncompare:\nreport: {title: T}\ndefaults: {epochs: 2}\n",
    BASE.replace("rank: 4", "rank: [2, 4], target_modules: [query, value], learning_rate: 1e-4"),
    BASE.replace("rank: 4", "target_modules: [[query], [query, value]]"),
    BASE.replace("lora: {rank: 4}", "mine: {kind: lora, model: other, rank: 4}"),
    BASE.replace("full: {}", "full: null"),
    BASE.replace("lora: {rank: 4}", "full2: {kind: full, epochs: [1, 2]}, lora: {kind: full}"),
    GRID,
    GRID.replace("data: {text: t}\n", "data:\n"),
    GRID + "cell: b\n",
    LIST,
    LIST.replace("[models/tiny,", "{a: models/tiny, b:").replace("y}]", "y}}"),
    BASE.replace("split:", "label: grade, split:"),
    BASE.replace("split:", "label: {column: grade, bins: [0], names: [low, high]}, split:"),
    BASE.replace("split:", "label: {mapping: {0: bad, 1: good, 2: null}}, split:"),
    BASE + "tests: {main: null, far: other.csv, near: {source: near.csv, label: grade, where: null}}\n",
    BASE + "slices: [length, topic, {price: [1, 2.5]}, {column: length}]\n",
]
WRONG = [
    HEAD,
    BASE.replace("source: data.csv, ", ""),
    BASE.replace("model: models/tiny\n", ""),
    GRID.replace("b: {source: b.csv, split: {test: 9}}", ""),
    GRID.replace("split: {test: 9}", "splt: {}"),
    LIST.replace(", {model: x, tokenizer: y}", ""),
    LIST.replace("tokenizer: y", "tokeniser: y"),
    BASE + "sedes: [3]\n",
    BASE + "tests: {far: {soruce: other.csv}}\n",
    BASE + "slices: [3]\n",
    BASE + "slices: [{price: [1], kind: [2]}]\n",
    BASE + "tests: {main: other.csv}\n",
    BASE + "file: x\n",
    BASE + "changes: [x]\n",
    BASE + "compare: {metrc: accuracy}\n",
    BASE + "compare: {metric: acuracy}\n",
    BASE + "defaults: {epohcs: 2}\n",
    BASE + "defaults: {epochs: [2, 3]}\n",
    BASE.replace("rank: 4", "rnak: 4"),
    BASE.replace("rank: 4", "rank: []"),
    BASE.replace("rank: 4", "rank: 0"),
    BASE.replace("rank: 4", "rank: [4, 0]"),
    BASE.replace("lora: {rank: 4}", "mine: {rank: 4}"),
    BASE.replace("lora: {rank: 4}", "mine: {kind: loar, rank: 4}"),
    BASE.replace("lora: {rank: 4}", "lora: {kind: full, rank: 4}"),
    BASE.replace("lora: {rank: 4}", "majority: {model: other}"),
    BASE.replace("train: 4", "train: 0"),
    BASE.replace("train: 4", "tarin: 4"),
    BASE.replace("seeds: [1, 2]", "seeds: []"),
    BASE.replace("methods: {full: {}, lora: {rank: 4}}", "methods: {}"),
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_right_to_both(valid, tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    load_experiment(tmp_path / "x.yaml")
    assert valid(text)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_wrong_to_both(valid, tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InputError):
        load_experiment(tmp_path / "x.yaml")
    assert not valid(text)


@pytest.mark.parametrize("kind", TABLE)
def test_every_hyperparameter_is_explained(kind):
    entry = experiment_schema()["$defs"][f"entry.{kind}"]
    fields = method(kind).Config.model_fields
    assert {"kind", *fields} <= set(entry["properties"])
    assert all(entry["properties"][name]["description"] for name in fields)
    assert entry["additionalProperties"] is False
