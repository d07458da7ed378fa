from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bakeoff.errors import BadValue, InputError, UnknownName, Unparsable
from bakeoff.experiment.entries import check_options
from bakeoff.experiment.load import load_experiment
from bakeoff.methods.registry import TABLE, method

ROOT = Path(__file__).resolve().parents[2]
BASE = """\
data:
  source: data.csv
  split: {train: 4, validation: 2, test: 2}
model: models/tiny
seeds: [1, 2]
methods:
  full: {}
  lora:
    rank: 4
"""


@pytest.fixture
def load(tmp_path):
    def loaded(text, name="x.yaml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return load_experiment(file, shown_as=f"params/{name}")

    return loaded


@pytest.mark.parametrize(
    "file",
    sorted([*(ROOT / "params").glob("*.yaml"), *(ROOT / "tests/benchmarks").glob("*.yaml")]),
    ids=lambda file: file.stem,
)
def test_the_shipped_files_are_valid(file):
    assert load_experiment(file).name == file.stem


def test_the_demo_tunes_three_methods_and_shows_each_as_declared_too():
    demo = load_experiment(ROOT / "params" / "demo.yaml")
    assert {name for name, entry in demo.methods.items() if entry.tuning} == {
        "tfidf",
        "nbsvm",
        "full",
        "prefix",
        "lora",
    }
    assert "tfidf_default" not in demo.methods
    assert {"full_default", "prefix_default", "lora_default"} < set(demo.methods)
    assert {entry.tuning.trials for entry in demo.methods.values() if entry.tuning} == {4}
    halved = {name: [rung.trials for rung in entry.rungs] for name, entry in demo.methods.items() if entry.rungs}
    assert halved == {"full": [4, 1], "prefix": [4, 1], "lora": [4, 1]}
    assert demo.methods["mamba"].kind == "full"
    assert demo.report.title.startswith("Ways to fine-tune")


def test_defaults_reach_the_methods_that_have_them(load):
    found = load(BASE + "  majority:\ndefaults: {epochs: 7}\n")
    assert found.methods["full"].options == {"epochs": 7}
    assert found.methods["lora"].options == {"epochs": 7, "rank": 4}
    assert found.methods["majority"].options == {}


def test_a_method_that_is_not_in_the_file_is_its_kind_with_the_defaults(load):
    found = load(BASE + "defaults: {epochs: 7}\n")
    assert found.entry("prefix").options == {"epochs": 7}
    with pytest.raises(UnknownName, match="did you mean 'prefix'"):
        found.entry("prefx")


def test_empty_sections_count_as_left_out(load):
    found = load(BASE + "compare:\nreport:\ndefaults:\n")
    assert (found.compare.metric, found.report.title) == ("accuracy", None)


@pytest.mark.parametrize(
    "spelling", ["1e-4", "1.0e-4", "0.0001", '"1e-4"', "'0.0001'"], ids=["yaml12", "point", "plain", "text", "quoted"]
)
def test_a_number_may_be_spelled_as_people_do(load, spelling):
    text = BASE.replace("full: {}", f"full: {{learning_rate: {spelling}}}")
    assert load(text).methods["full"].options == {"learning_rate": 1e-4}


def test_a_list_is_a_sweep_of_checked_values(load):
    assert load(BASE.replace("rank: 4", 'rank: [2, "4", 8.0]')).methods["lora"].sweep == {"rank": (2, 4, 8)}


def test_a_list_of_one_is_no_sweep(load):
    lora = load(BASE.replace("rank: 4", "rank: [4]")).methods["lora"]
    assert (lora.sweep, lora.options) == ({}, {"rank": 4})


def test_a_list_for_what_is_a_list_by_nature_is_its_value(load):
    lora = load(BASE.replace("rank: 4", "target_modules: [query, value]")).methods["lora"]
    assert (lora.sweep, lora.options) == ({}, {"target_modules": ["query", "value"]})
    lora = load(BASE.replace("rank: 4", "target_modules: [[query], [query, value]]")).methods["lora"]
    assert lora.sweep == {"target_modules": (["query"], ["query", "value"])}


def test_anchors_and_merges_work(load):
    text = BASE.replace("full: {}", "full: &common {epochs: 2}").replace("rank: 4", "<<: *common")
    assert load(text).methods["lora"].options == {"epochs": 2}


def test_labels_of_every_type(load):
    text = BASE.replace("source: data.csv", "source: data.csv\n  label: {mapping: {true: yes it is, 0: no, x: null}}")
    assert load(text).data.label.mapping == {True: "yes it is", 0: "no", "x": None}
    text = BASE.replace("source: data.csv", "source: data.csv\n  label: grade")
    assert load(text).data.label.column == "grade"


BROKEN = [
    # the file
    ("", "params/x.yaml: the file is empty"),
    ("# only a comment", "params/x.yaml: the file is empty"),
    ("- a\n", "params/x.yaml: its top level is not a mapping of keys"),
    ("5", "params/x.yaml: its top level is not a mapping of keys"),
    (BASE + "model: other\n", 'params/x.yaml, line 10: found duplicate key "model"'),
    ("a:\n\t- b", "params/x.yaml, line 2: found character '\\t'"),
    ("a: [1", "params/x.yaml, line "),
    (BASE + "---\na: 1\n", "params/x.yaml, line 10: a second document begins"),
    (BASE + "defaults: &a {epochs: *a}\n", "params/x.yaml, line 10: defaults.epochs: "),
    # keys
    (BASE + "modle: x\n", "line 10: modle: unknown key 'modle'; did you mean 'model'? Known: cell, compare, "),
    (BASE + "name: 7\n", "line 10: name: 7 cannot be used: letters, digits, . _ + - only, a letter first"),
    (BASE + "name: a/b\n", "line 10: name: 'a/b' cannot be used"),
    (BASE + "file: x\n", "line 10: file: unknown key 'file'"),
    (BASE + "changes: []\n", "line 10: changes: unknown key 'changes'"),
    (
        BASE.replace("rank", "rnak"),
        "line 9: methods.lora.rnak: unknown key 'rnak'; did you mean 'rank'? Known: alpha, ",
    ),
    (BASE.replace("rank: 4", "3: 4"), "line 9: methods.lora.3: unknown key 3"),
    (
        BASE.replace("validation: 2", "validaton: 2"),
        "line 3: data.split.validaton: unknown key 'validaton'; did you mean 'validation'?",
    ),
    (
        BASE + "compare: {refrence: full}",
        "line 10: compare.refrence: unknown key 'refrence'; did you mean 'reference'?",
    ),
    (BASE + "defaults: {epohcs: 3}", "line 10: defaults.epohcs: unknown key 'epohcs'; did you mean 'epochs'?"),
    (BASE + "defaults: {3: 3}", "line 10: defaults.3: unknown key 3"),
    (BASE + "defaults: {rank: 3}", "line 10: defaults.rank: unknown key 'rank'"),
    (BASE.replace("model: models/tiny\n", ""), "params/x.yaml: model: missing"),
    (BASE.replace("seeds: [1, 2]\n", ""), "params/x.yaml: seeds: missing"),
    # methods
    (BASE.partition("methods")[0], "params/x.yaml: methods: name at least one method; for example"),
    (BASE.partition("methods")[0] + "methods:", "line 6: methods: name at least one method"),
    (BASE.partition("methods")[0] + "methods: [full]", "line 6: methods: name at least one method"),
    (BASE.replace("full: {}", "full: 5"), "line 7: methods.full: 5 is not a mapping of hyperparameters"),
    (BASE.replace("full: {}", "full: [a]"), "line 7: methods.full: ['a'] is not a mapping of hyperparameters"),
    (BASE.replace("full:", "fulll:"), "line 7: methods.fulll: unknown method 'fulll'; did you mean 'full'?"),
    (BASE.replace("rank: 4", "kind: lorra"), "line 9: methods.lora.kind: unknown method 'lorra'; did you mean 'lora'?"),
    (BASE.replace("rank: 4", "kind: [lora]"), "line 9: methods.lora.kind: ['lora'] is not the name of a method"),
    (BASE.replace("full:", '"../up":'), "line 7: methods.../up: cannot be the name of a method; a letter, then"),
    (BASE.replace("full:", '"a b":'), "line 7: methods.a b: cannot be the name of a method"),
    (BASE.replace("full:", '"a\\nb":'), "line 7: methods.a\\nb: cannot be the name of a method"),
    (BASE.replace("full:", "007:"), "line 7: methods.7: cannot be the name of a method"),
    (BASE.replace("full:", "true:"), "line 7: methods.True: cannot be the name of a method"),
    (BASE.replace("full:", f"{'x' * 65}:"), "cannot be the name of a method"),
    (
        BASE.replace("full: {}", "full: {}\n  Full: {kind: full}"),
        "line 8: methods.Full: another method's name differs in case",
    ),
    (BASE.replace("rank: 4", "model: 5"), "line 9: methods.lora.model: 5 is not the name of a model"),
    (BASE + "  tfidf: {model: m}", "line 10: methods.tfidf.model: 'm' cannot be used: tfidf reads texts only"),
    # hyperparameters
    (
        BASE.replace("rank: 4", "rank: four"),
        "line 9: methods.lora.rank: 'four' cannot be used: it should be a whole number",
    ),
    (BASE.replace("rank: 4", "rank: true"), "line 9: methods.lora.rank: true cannot be used: it should be a number"),
    (
        BASE.replace("rank: 4", "rank: 4.5"),
        "line 9: methods.lora.rank: 4.5 cannot be used: it should be a whole number",
    ),
    (BASE.replace("rank: 4", "rank: 0"), "line 9: methods.lora.rank: 0 cannot be used: it should be at least 1"),
    (
        BASE.replace("rank: 4", "rank: null"),
        "line 9: methods.lora.rank: null cannot be used: it should be a whole number",
    ),
    (
        BASE.replace("rank: 4", "learning_rate: .inf"),
        "line 9: methods.lora.learning_rate: inf cannot be used: it should be a finite number",
    ),
    (
        BASE.replace("rank: 4", "learning_rate: .nan"),
        "line 9: methods.lora.learning_rate: nan cannot be used: it should be a finite number",
    ),
    (BASE.replace("rank: 4", "rank: []"), "line 9: methods.lora.rank: an empty list leaves nothing to choose from"),
    (BASE.replace("rank: 4", "rank: [2, 2]"), "line 9: methods.lora.rank: 2 is listed twice"),
    (BASE.replace("rank: 4", "rank:\n    - 2\n    - x"), "line 11: methods.lora.rank: 'x' cannot be used"),
    (
        BASE.replace("rank: 4", "rank: [[2], [3]]"),
        "line 9: methods.lora.rank: [2] cannot be used: it should be a whole number",
    ),
    (
        BASE.replace("rank: 4", "schedule: liner"),
        "line 9: methods.lora.schedule: unknown value 'liner'; did you mean 'linear'?",
    ),
    (BASE + "defaults: {epochs: true}", "line 10: defaults.epochs: true cannot be used: it should be a number"),
    (BASE + "defaults: {epochs: 0}", "line 10: defaults.epochs: 0 cannot be used: it should be at least 1"),
    (
        BASE + "defaults: {epochs: [1, 2]}",
        "line 10: defaults.epochs: [1, 2] cannot be used: a list of values is a sweep of one method;"
        " write it under methods.NAME.epochs",
    ),
    (
        BASE + "defaults:\n  epochs: 3\n  learning_rate: [1e-4]",
        "line 12: defaults.learning_rate: [0.0001] cannot be used: a list of values is a sweep of one method;"
        " write it under methods.NAME.learning_rate",
    ),
    (BASE + "defaults: [1]", "line 10: defaults: [1] is not a mapping of hyperparameters"),
    # seeds
    (BASE.replace("[1, 2]", "41"), "line 5: seeds: 41 cannot be used: it should be a list"),
    (BASE.replace("[1, 2]", "[]"), "line 5: seeds: [] cannot be used: it should be a list of at least 1"),
    (BASE.replace("[1, 2]", "[-1]"), "line 5: seeds: [-1] cannot be used: seeds are distinct whole numbers from 0"),
    (BASE.replace("[1, 2]", "[4294967296]"), "line 5: seeds: [4294967296] cannot be used: seeds are distinct"),
    (BASE.replace("[1, 2]", "[1, 1]"), "line 5: seeds: [1, 1] cannot be used: seeds are distinct"),
    (BASE.replace("[1, 2]", "[true]"), "line 5: seeds.0: true cannot be used: it should be a whole number"),
    (BASE.replace("[1, 2]", "[1.5]"), "line 5: seeds.0: 1.5 cannot be used: it should be a whole number"),
    (BASE.replace("[1, 2]", '["1"]'), "line 5: seeds.0: '1' cannot be used: it should be a whole number"),
    # data
    (BASE.replace("source: data.csv", "source: 5"), "line 2: data.source: 5 cannot be used: it should be text"),
    (BASE.replace("source: data.csv", "source: [a.csv]"), "line 2: data.source: ['a.csv'] cannot be used"),
    (
        BASE.replace("data.csv", "{trian: a.csv}"),
        "line 2: data.source.trian: unknown key 'trian'; did you mean 'train'?",
    ),
    (BASE.replace("data.csv", "{train: a.csv}"), "line 1: data: name the files of train and test; validation may be"),
    (
        BASE.replace("source: data.csv", "source: data.csv\n  encoding: cp1521"),
        "line 3: data.encoding: 'cp1521' cannot be used: no such encoding is known",
    ),
    (
        BASE.replace("source: data.csv", "source: data.csv\n  encoding: hex"),
        "line 3: data.encoding: 'hex' cannot be used",
    ),
    (
        BASE.replace("source: data.csv", "source: data.csv\n  separator: ab"),
        "line 3: data.separator: 'ab' cannot be used",
    ),
    (BASE.replace("train: 4", "train: 4.0"), "line 3: data.split: a share is below one"),
    (BASE.replace("train: 4", "train: 0"), "line 3: data.split.train: 0 cannot be used: it should be above 0"),
    (BASE.replace("train: 4", "train: -4"), "line 3: data.split.train: -4 cannot be used: it should be above 0"),
    (BASE.replace("train: 4", "train: true"), "line 3: data.split.train: true cannot be used: it should be a number"),
    (BASE.replace("train: 4", 'train: "4"'), "line 3: data.split.train: '4' cannot be used: it should be a number"),
    (BASE.replace("train: 4", "train: .nan"), "line 3: data.split.train: nan cannot be used"),
    (
        BASE.replace("source: data.csv", "source: data.csv\n  max_length: 4"),
        "line 3: data.max_length: 4 cannot be used: it should be at least 8",
    ),
    (BASE.replace("source: data.csv", "source: data.csv\n  label: 5"), "line 3: data.label: 5 cannot be used"),
    (
        BASE.replace("source: data.csv", "source: data.csv\n  label: {bins: [.nan], names: [a, b]}"),
        "line 3: data.label.bins.0: nan",
    ),
    (BASE.replace("source: data.csv", "source: data.csv\n  label: {bins: [1, 0], names: [a, b, c]}"), "bins must rise"),
    (BASE.replace("source: data.csv", "source: data.csv\n  label: {bins: [0], names: [a]}"), "1 bins make 2 classes"),
    (BASE.replace("source: data.csv", "source: data.csv\n  label: {bins: [0], names: [a, a]}"), "names of classes are"),
    (BASE.replace("source: data.csv", "source: data.csv\n  label: {names: [a, ' ']}"), "distinct and not blank"),
    (
        BASE.replace("source: data.csv", "source: data.csv\n  label: {mapping: {0: 5}}"),
        "line 3: data.label.mapping.0: 5 cannot",
    ),
    # what is compared
    (BASE + "compare: {reference: ful}", "line 10: compare.reference: unknown method 'ful'; did you mean 'full'?"),
    (BASE.replace("  full: {}\n", ""), "params/x.yaml: compare.reference: unknown method 'full'; Known: lora"),
    (
        BASE + "compare: {metric: acuracy}",
        "line 10: compare.metric: unknown metric 'acuracy'; did you mean 'accuracy'?",
    ),
    (
        BASE + "compare:\n  alpha: 5.0e-324",
        "line 11: compare.alpha: 5e-324 cannot be used: it should be at least 1e-12",
    ),
    (BASE + "compare:\n  alpha: 5", "line 11: compare.alpha: 5 cannot be used: it should be below 0.5"),
    (BASE + "constraints:\n  train_minutes: 0", "line 11: constraints.train_minutes: 0 cannot be used"),
    (BASE + "constraints:\n  trainable_share: 1.5", "line 11: constraints.trainable_share: 1.5 cannot be used"),
    (BASE + "constraints:\n  artifact_gb: 1", "line 11: constraints.artifact_gb: unknown key 'artifact_gb'"),
    (BASE + "constraints:\n  inference_ms: true", "line 11: constraints.inference_ms: true cannot be used"),
    (BASE + "report: {title: 2020-01-01}", "line 10: report.title: "),
    (BASE + "report: {language: fr}", "line 10: report.language: unknown value 'fr'; did you mean 'ru'? Known: "),
]


@pytest.mark.parametrize(("text", "said"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_wrong_is_said_in_one_line(load, text, said):
    with pytest.raises(InputError) as caught:
        load(text)
    message = str(caught.value)
    assert said in message
    assert message.startswith("params/x.yaml")
    assert "\n" not in message
    assert caught.value.exit_status == 2


def test_bytes_that_are_no_text(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_bytes(b"data: \xff\xfe")
    with pytest.raises(Unparsable, match="not UTF-8 text"):
        load_experiment(file)


def test_a_folder_and_a_missing_file(tmp_path):
    with pytest.raises(Unparsable, match="cannot be read"):
        load_experiment(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        load_experiment(tmp_path / "x.yaml")


@pytest.mark.parametrize("name", ["...yaml", "a b.yaml", ".yaml", "-x.yaml"])
def test_a_file_whose_name_cannot_be_a_folder(load, name):
    with pytest.raises(BadValue, match="the experiment is called after it"):
        load(BASE, name=name)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(["data", "model", "seeds", "methods", "defaults", "compare", "report", "full", "rank"]),
)
def test_whatever_stands_there_it_loads_or_says_one_line(tmp_path, value, key):
    import json

    text = json.dumps(value, allow_nan=True).replace("NaN", ".nan").replace("Infinity", ".inf")
    if key in ("full", "rank"):
        lines = BASE.replace("full: {}", f"full: {text}") if key == "full" else BASE.replace("rank: 4", f"rank: {text}")
    else:
        kept = [line for line in BASE.splitlines() if not line.startswith((f"{key}:", " "))]
        lines = (
            "\n".join(kept)
            .replace("methods:", "methods: {full: {}}")
            .replace("data:", "data: {source: a.csv, split: {}}")
        )
        lines += f"\n{key}: {text}\n"
    file = tmp_path / "x.yaml"
    file.write_text(lines, encoding="utf-8")
    said = ""
    try:
        load_experiment(file)
    except InputError as error:
        said = str(error)
    assert "\n" not in said


def test_limits_are_optional_each(load):
    assert load(BASE).constraints.model_dump(exclude_none=True) == {}
    assert load(BASE + "constraints:\n").constraints.model_dump(exclude_none=True) == {}
    limits = load(BASE + "constraints: {train_minutes: 5, trainable_share: 0.01}\n").constraints
    assert limits.model_dump(exclude_none=True) == {"train_minutes": 5, "trainable_share": 0.01}


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_every_hyperparameter_has_a_description_and_a_valid_default(kind):
    found = method(kind)
    assert found.kind == kind
    assert all(field.description for field in found.Config.model_fields.values())
    assert check_options(kind, found, {}) == found.Config().model_dump(mode="json")
    assert found.summary.endswith(".")


def test_switches_are_no_numbers_from_a_notebook_either():
    with pytest.raises(BadValue, match=r"methods.lora.epochs: true cannot be used"):
        check_options("lora", method("lora"), {"epochs": True})
    with pytest.raises(UnknownName, match=r"methods.lora.rnak: unknown key 'rnak'; did you mean 'rank'"):
        check_options("lora", method("lora"), {"rnak": 4})


@pytest.mark.parametrize("label", ["review", "{column: review, mapping: {a: b, c: d}}"])
def test_text_and_label_are_two_columns(load, label):
    text = BASE.replace("  source: data.csv\n", f"  source: data.csv\n  text: review\n  label: {label}\n")
    with pytest.raises(BadValue) as caught:
        load(text)
    said = "params/x.yaml, line 4: data.label: 'review' is the column with the text; name another column"
    assert str(caught.value) == said
    assert load(text.replace("text: review", "text: body")).data.text == "body"
