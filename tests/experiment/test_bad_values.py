"""Every key of an experiment file with values that make no sense: one short line or a plan, never a traceback."""

import time

import pytest

from bakeoff.data.schema import Data, Label, Split
from bakeoff.errors import InputError
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Compare, Constraints, Report
from bakeoff.methods.registry import method

YAML = """\
data: {source: data.csv, label: {column: label}, split: {train: 4, validation: 2, test: 2}, max_length: 32}
model: models/tiny
seeds: [1, 2]
methods: {majority: {}, full: {}, lora: {}, tfidf: {}}
"""
SECTIONS = {
    "data": Data, "data.label": Label, "data.split": Split, "compare": Compare, "constraints": Constraints,
    "report": Report, "methods.lora": method("lora").Config, "methods.tfidf": method("tfidf").Config,
    "defaults": method("full").Config,
}  # fmt: skip
KEYS = [
    "name", "task", "model", "tokenizer", "seeds", "train_sizes", "tuning_seed", "defaults", "tests", "slices",
    "methods", "methods.lora.kind", "methods.lora.model",
    *(f"{section}.{key}" for section, model in SECTIONS.items() for key in model.model_fields),
]  # fmt: skip
VALUES = [
    "{a: {b: c}}", "[{a: b}]", "[]", "true", ".nan", "-1", "10" * 20, "9" * 5000, "''", "x" * 5000, '"\\uD800"',
    "[" * 2000, "../../x", "[null]",
]  # fmt: skip
ABSURD = {"{a: {b: c}}", "[{a: b}]", '"\\uD800"', "[" * 2000}
"""Values that no key takes."""
OPEN = {"methods", "defaults", "tests", "data.label.mapping"}
"""Keys whose own keys are anybody's, so that a mapping may be right or is refused for what is in it."""


@pytest.fixture(scope="module")
def root(tmp_path_factory, tiny_bert):
    root = tmp_path_factory.mktemp("workspace")
    for folder in ("notebooks", "params"):
        (root / folder).mkdir()
    (root / "models").mkdir()
    (root / "models/tiny").symlink_to(tiny_bert)
    for name in ("compare", "train"):
        (root / "notebooks" / f"{name}.ipynb").touch()
    (root / "data.csv").write_text("text,label\n" + "".join(f"good {n},1\nbad {n},0\n" for n in range(8)))
    (root / "params" / "demo.yaml").write_text(YAML)
    return root


def test_there_are_more_than_a_thousand_rows() -> None:
    assert len(KEYS) * len(VALUES) > 1000
    assert len(set(KEYS)) == len(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_value_is_taken_or_refused_in_one_short_line(root, key) -> None:
    before, wrong = sorted(root.rglob("*")), []
    for value in VALUES:
        began = time.process_time()
        try:
            load_experiment(root / "params/demo.yaml", changes=[f"{key}={value}"])
            right = value not in ABSURD or key in OPEN
            said = "taken"
        except InputError as error:
            said = str(error)
            right = said.startswith(f"--set {key}=") and said.isprintable() and len(said) <= LONGEST
        if not right or time.process_time() - began > 10:
            wrong.append((value[:40], said[:400]))
    assert not wrong
    assert sorted(root.rglob("*")) == before, "nothing is written"


LONGEST = 700
"""Characters of a line: 100 of the place, 240 of the reason, and the names that are known."""
