from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from bakeoff.errors import BadValue, InputError, UnknownName, Unparsable
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.overrides import apply_changes
from bakeoff.experiment.yaml_file import read_value, read_yaml

TEXT = """\
data:
  source: data.csv
  label: grade
  split: {train: 4, validation: 2, test: 2}
model: models/tiny
seeds: [1, 2]
methods:
  majority:
  full: {epochs: 2}
  lora.r8: {kind: lora, rank: 8}
  lora: {rank: [2, 4]}
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "x.yaml").write_text(TEXT)
    return tmp_path / "x.yaml"


@pytest.fixture
def load(file):
    return lambda *changes: load_experiment(file, shown_as="params/x.yaml", changes=changes)


@pytest.fixture
def content(file):
    return lambda *changes: apply_changes(read_yaml(file, shown="x"), changes).content


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("4000", 4000),
        ("1e-4", 1e-4),
        ("5.0e-5", 5e-5),
        ("true", True),
        ("null", None),
        ("~", None),
        ("[2, 4]", [2, 4]),
        ("[1e-3, 2e-3]", [1e-3, 2e-3]),
        ("{reference: lora, alpha: 1e-2}", {"reference": "lora", "alpha": 1e-2}),
        ("{3: null, 1: good}", {3: None, 1: "good"}),
        ("bundled:minilm-l6", "bundled:minilm-l6"),
        ("../shared/data/emotion", "../shared/data/emotion"),
        ("hf://datasets/o/n/file.jsonl", "hf://datasets/o/n/file.jsonl"),
        ("abs(score) >= 0.5", "abs(score) >= 0.5"),
        ("'4000'", "4000"),
        ('"null"', "null"),
        ("Run #2: offline", "Run #2: offline"),
        ("# 1", "# 1"),
        ("*.csv", "*.csv"),
        ("@here", "@here"),
        ("2024-01-31", "2024-01-31"),
        ("- a", "- a"),
        ("---", "---"),
        (" Комедия ", "Комедия"),
    ],
)
def test_values_read_as_in_a_file_and_plain_text_stands_as_typed(typed, value):
    found = read_value(typed, shown="--set x")
    assert (type(found), found) == (type(value), value)


def test_keys_are_set_where_they_stand(content):
    assert content("data.split.train=3")["data"]["split"] == {"train": 3, "validation": 2, "test": 2}
    assert content("seeds=[7]", "seeds=[8, 9]")["seeds"] == [8, 9], "the last one counts"
    assert content("report.title=Mine")["report"] == {"title": "Mine"}, "a section that is not there is made"
    assert content("methods.majority.kind=majority")["methods"]["majority"] == {"kind": "majority"}
    assert content("methods.lora.r8.rank=4")["methods"]["lora.r8"] == {"kind": "lora", "rank": 4}
    assert content("methods.lora.rank=[8, 16]")["methods"]["lora"] == {"rank": [8, 16]}
    assert content("data.label={column: grade}", "data.label.mapping.5=good")["data"]["label"] == {
        "column": "grade",
        "mapping": {5: "good"},
    }


def test_the_order_of_methods_stays(content):
    assert list(content("methods.full.epochs=9")["methods"]) == ["majority", "full", "lora.r8", "lora"]


def test_null_removes(content, load):
    assert list(content("methods.full=null", "methods.majority=~")["methods"]) == ["lora.r8", "lora"]
    assert load("methods.majority=null").methods.keys() == {"full", "lora.r8", "lora"}
    assert load("methods.full.epochs=null").methods["full"].options == {}


def test_the_file_is_left_alone(file, content):
    before = read_yaml(file, shown="x").content
    source = read_yaml(file, shown="x")
    apply_changes(source, ["data.split.train=3", "methods.full=null", "seeds=[5]"])
    assert source.content == before
    assert content() == before
    assert file.read_text() == TEXT


def test_a_changed_experiment_is_the_one_an_edited_file_gives(file, load):
    changed = load("data.split.train=3", "methods.full.epochs=5", "methods.lora=null", "compare.alpha=1e-2")
    text = TEXT.replace("train: 4", "train: 3").replace("epochs: 2", "epochs: 5") + "compare: {alpha: 0.01}\n"
    file.write_text(text.replace("  lora: {rank: [2, 4]}\n", ""))
    edited = load()
    assert changed.model_dump(exclude={"changes"}) == edited.model_dump(exclude={"changes"})
    assert (len(changed.changes), edited.changes) == (4, ())


def test_a_name_of_its_own(file, load):
    assert load().name == "x"
    assert load("name=x-offline").name == "x-offline"
    file.write_text(TEXT + "name: other\n")
    assert load().name == "other"
    assert load("name=null").name == "x"


def test_a_file_whose_name_cannot_be_used_can_name_its_experiment(tmp_path):
    file = tmp_path / "1st try.yaml"
    file.write_text(TEXT)
    with pytest.raises(BadValue, match="called after it"):
        load_experiment(file)
    assert load_experiment(file, changes=["name=first"]).name == "first"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "data.spilt.train=4000",
            "--set data.spilt.train=4000: data.spilt: unknown key 'spilt'; did you mean 'split'?",
        ),
        ("sedes=[1]", "--set sedes=[1]: sedes: unknown key 'sedes'; did you mean 'seeds'?"),
        ("file=x.yaml", "--set file=x.yaml: file: unknown key 'file'"),
        ("changes=[x]", "--set changes=[x]: changes: unknown key 'changes'"),
        (
            "methods.lora.rnak=4",
            "--set methods.lora.rnak=4: methods.lora.rnak: unknown key 'rnak'; did you mean 'rank'?",
        ),
        (
            "methods.lorra.rank=4",
            "--set methods.lorra.rank=4: methods.lorra: unknown method 'lorra'; did you mean 'lora'?",
        ),
        ("methods.prefx=null", "--set methods.prefx=null: methods.prefx: unknown key 'prefx'"),
        ("methods.full.rank=null", "--set methods.full.rank=null: methods.full.rank: unknown key 'rank'"),
        ("data.split.train=many", "--set data.split.train=many: data.split.train: 'many' cannot be used"),
        ("data.split.train=1.5", "--set data.split.train=1.5: data.split: "),
        ("methods.full.epochs=0", "--set methods.full.epochs=0: methods.full.epochs: 0 cannot be used"),
        ("methods.lora.rank=[2, 2]", "--set methods.lora.rank=[2, 2]: methods.lora.rank: 2 is listed twice"),
        ("methods={}", "--set methods={}: methods: name at least one method"),
        ("compare.reference=ful", "--set compare.reference=ful: compare.reference: unknown method 'ful'; did you mean"),
        ("compare.metric=acc", "--set compare.metric=acc: compare.metric: unknown metric 'acc'"),
        ("model=7", "--set model=7: model: 7 cannot be used: it should be text"),
        ("model.name=7", "--set model.name=7: model: a single value, which has no key 'name'"),
        ("seeds.0=7", "--set seeds.0=7: seeds: a list, which has no key '0'"),
        (
            "data.label.column.x=7",
            "--set data.label.column.x=7: data.label: a single value, which has no key 'column.x'",
        ),
        ("name=1st", "--set name=1st: name: '1st' cannot be used: letters, digits"),
        ("name=../x", "--set name=../x: name: '../x' cannot be used"),
        ("name=7", "--set name=7: name: 7 cannot be used"),
        ("seeds", "--set seeds: a change is a dotted key, an equals sign and a value"),
        ("=7", "--set =7: a change is a dotted key"),
        ("data..train=7", "--set data..train=7: a change is a dotted key"),
        ("model=", "--set model=: no value; null removes the key"),
        ("seeds=[1, 2", "--set seeds=[1, 2: "),
        ("compare={alpha: 1, alpha: 2}", "--set compare={alpha: 1, alpha: 2}: "),
    ],
)
def test_what_is_wrong_is_said_of_the_change_in_one_line(load, change, said):
    with pytest.raises(InputError) as caught:
        load("seeds=[3]", change, "report.title=T")
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_what_is_wrong_in_the_file_is_said_of_the_file(file, load):
    file.write_text(TEXT.replace("epochs: 2", "epohcs: 2"))
    with pytest.raises(UnknownName, match=r"^params/x.yaml, line 9: methods.full.epohcs"):
        load("methods.lora.rank=4", "data.split.train=3")


def test_a_method_that_is_the_reference_cannot_just_be_left_out(load):
    with pytest.raises(UnknownName, match=r"compare.reference: unknown method 'full'"):
        load("methods.full=null")
    assert load("methods.full=null", "compare.reference=lora").compare.reference == "lora"


def test_a_value_that_cannot_be_parsed_is_unparsable(load):
    with pytest.raises(Unparsable):
        load('model="x')


def test_every_setting_can_be_changed_to_what_it_is(load, content):
    """Setting each value of a file anew gives the same experiment."""

    def leaves(tree, path=()):
        for key, value in tree.items():
            if isinstance(value, dict) and value:
                yield from leaves(value, (*path, str(key)))
            elif value is not None:
                yield ".".join((*path, str(key))), value

    def flow(value):
        from io import StringIO

        out, yaml = StringIO(), YAML(typ="safe", pure=True)
        yaml.default_flow_style, yaml.width = True, 1000
        yaml.dump({"v": value}, out)
        return out.getvalue().strip()[len("{v: ") : -1]

    changes = [f"{key}={flow(value)}" for key, value in leaves(content())]
    assert len(changes) == 11
    assert load(*changes).model_dump(exclude={"changes"}) == load().model_dump(exclude={"changes"})
