from __future__ import annotations

import pytest

from bakeoff.errors import BadValue, InputError, UnknownName
from bakeoff.experiment.load import load_experiment
from bakeoff.methods.registry import method
from bakeoff.runs import fingerprint
from bakeoff.runs.definitions import definitions_sha256
from bakeoff.runs.fingerprint import differences
from bakeoff.runs.run import Request, resolve
from bakeoff.system.digests import canonical

YAML = """\
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/tiny
seeds: [1, 2]
defaults: {epochs: 3}
methods:
  full: {}
  lora: {rank: [2, 4]}
  tfidf: {}
"""


@pytest.fixture
def workspace(hollow_workspace):
    return hollow_workspace


@pytest.fixture
def settle(workspace):
    def settled(method="full", *, text=YAML, seed=1, role="candidate", **overrides):
        file = workspace.root / "params" / "x.yaml"
        file.write_text(text)
        request = Request(method=method, seed=seed, role=role, overrides=overrides)
        return resolve(request, load_experiment(file), workspace=workspace)

    return settled


def test_a_change_from_the_command_line_gives_the_run_that_an_edited_file_gives(settle, workspace):
    edited = settle(text=YAML.replace("train: 4", "train: 3").replace("full: {}", "full: {epochs: 5}"))
    settle()
    changes = ("data.split.train=3", "methods.full.epochs=5", "report.title=Mine")
    changed = load_experiment(workspace.root / "params" / "x.yaml", changes=changes)
    found = resolve(Request(method="full", seed=1), changed, workspace=workspace)
    assert (found.run_id, found.identity) == (edited.run_id, edited.identity)
    assert (found.changes, edited.changes) == (changes, ())


@pytest.mark.parametrize(
    "change", ["data.source=gone.csv", "model=models/gone", "methods.full.model=models/gone", "methods.full={model: x}"]
)
def test_data_or_a_model_that_a_change_names_and_nobody_finds_is_said_of_the_change(settle, workspace, change):
    settle()
    changed = load_experiment(workspace.root / "params" / "x.yaml", changes=["seeds=[3]", change])
    with pytest.raises(InputError) as caught:
        resolve(Request(method="full", seed=1), changed, workspace=workspace)
    assert caught.value.where == f"--set {change}"


def test_the_same_request_has_the_same_id(settle):
    assert settle().run_id == settle().run_id
    assert settle().run_id.startswith("full-s1-")


def test_everything_that_can_change_the_numbers_changes_the_id(settle, workspace, monkeypatch):
    ids = [
        settle().run_id,
        settle(seed=2).run_id,
        settle(epochs=4).run_id,
        settle(text=YAML.replace("train: 4", "train: 3")).run_id,
        settle(text=YAML + "  own: {}\n".replace("own: {}", "own: {kind: full, batch_size: 8}"), method="own").run_id,
    ]
    (workspace.root / "data.csv").write_text("text,label\nbad,0\n")
    ids.append(settle().run_id)
    (workspace.root / "models/tiny/config.json").write_text('{"a": 1}')
    ids.append(settle().run_id)
    monkeypatch.setattr(fingerprint, "installed", lambda name: "0")
    ids.append(settle().run_id)
    monkeypatch.setattr(fingerprint, "definitions_sha256", lambda path: ("0",))
    ids.append(settle().run_id)
    assert len(set(ids)) == len(ids)


def test_what_is_said_about_an_experiment_changes_no_id(settle):
    other = YAML + 'report: {title: "Another"}\ncompare: {metric: macro_f1, alpha: 0.01}\n# a comment\n'
    assert settle(text=other).run_id == settle().run_id


def test_numbers_however_spelled_are_the_same_run(settle):
    assert settle(learning_rate="1e-4").run_id == settle(learning_rate=0.0001).run_id
    assert settle(epochs="4").request.overrides == {"epochs": 4}
    assert settle(epochs=3).run_id == settle().run_id, "an override with the value of the file changes nothing"


def test_a_trial_and_a_candidate_with_the_same_settings_are_two_runs(settle):
    assert settle("lora", rank=4).run_id != settle("lora", rank=4, role="sweep").run_id


def test_a_baseline_is_one_unless_it_is_a_trial(settle):
    assert settle("tfidf").role == "baseline"
    assert settle("tfidf").located_model is None
    assert settle("tfidf", role="sweep").role == "sweep"


def test_a_swept_value_has_to_be_named(settle):
    with pytest.raises(BadValue, match=r"methods.lora.rank: a sweep: name one of its values"):
        settle("lora")


def test_what_cannot_be_used(settle):
    with pytest.raises(
        UnknownName, match=r"params/x.yaml: methods.full.epohcs: unknown key 'epohcs'; did you mean 'epochs'"
    ):
        settle(epohcs=1)
    with pytest.raises(BadValue, match=r"methods.full.epochs: true cannot be used"):
        settle(epochs=True)
    with pytest.raises(UnknownName, match="unknown method 'fulll'; did you mean 'full'"):
        settle("fulll")


def test_identities_are_plain_json(settle):
    run = settle("lora", rank=4, target_modules=["query"])
    import json

    assert json.loads(canonical(run.identity)) == run.identity
    assert differences(run.identity, json.loads(canonical(run.identity))) == []


def test_differences_are_said_in_words(settle, workspace, monkeypatch):
    before = settle("lora", rank=2)
    assert differences(before.identity, settle("lora", rank=4).identity) == ["rank: 2 is now 4"]
    where = settle("lora", rank=2, text=YAML.replace("data.csv", 'data.csv, where: "label > 0"'))
    assert differences(before.identity, where.identity) == ["data.where: unset is now label > 0"]
    (workspace.root / "data.csv").write_text("text,label\nbad,0\n")
    assert differences(before.identity, settle("lora", rank=2).identity) == ["content of the data changed"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"code": {"tuning.fit": "a"}}, {"code": {"tuning.fit": "b"}}, ["code of tuning.fit changed"]),
        ({"code": {}}, {"code": {"tuning.new": "b"}}, ["code of tuning.new changed"]),
        ({"versions": {"torch": "1"}}, {"versions": {"torch": "2"}}, ["torch: 1 is now 2"]),
        ({"versions": {"peft": None}}, {"versions": {"peft": "2"}}, ["peft: unset is now 2"]),
        (
            {"model": None},
            {"model": {"id": "m", "sha256": "s"}},
            ["model.id: unset is now m", "content of the model changed"],
        ),
        ({"a": 1}, {"a": 1}, []),
    ],
)
def test_differences_of_every_part(before, after, said):
    assert differences(before, after) == said


def test_canonical_has_one_spelling():
    assert canonical({"b": 1.0, "a": "é"}) == '{"a":"é","b":1.0}'
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))


SOURCE = '''"""What it is for."""
import math

def area(r: float) -> float:
    """Return the area."""
    return math.pi * r ** 2
'''


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        (SOURCE.replace("Return the area", "Say how large it is"), True),
        (SOURCE.replace("return math", "# the usual formula\n    return math"), True),
        (SOURCE.replace("r ** 2", "(\n        r**2\n    )"), True),
        (SOURCE.replace('    """Return the area."""\n', ""), True),
        (SOURCE.replace("r ** 2", "r ** 3"), False),
        (SOURCE.replace("math.pi", "3.14"), False),
        (SOURCE + "\nX = 1\n", False),
        (SOURCE + "\nX = 'text that is a value'\n", False),
    ],
)
def test_only_code_counts(tmp_path, changed, same):
    for name, text in (("a.py", SOURCE), ("b.py", changed)):
        (tmp_path / name).write_text(text)
    assert (definitions_sha256(tmp_path / "a.py") == definitions_sha256(tmp_path / "b.py")) is same


def test_a_body_of_documentation_only(tmp_path):
    for name, text in (("a.py", 'def f():\n    """One."""\n'), ("b.py", 'def f():\n    """Two."""\n')):
        (tmp_path / name).write_text(text)
    assert definitions_sha256(tmp_path / "a.py") == definitions_sha256(tmp_path / "b.py")


def test_the_code_of_a_run_is_the_shared_code_and_its_own(settle):
    code = settle().identity["code"]
    assert set(code) == {*fingerprint.ROOMS, "method full"}
    counted = {path.stem for path in fingerprint.covered(method("full"))}
    assert {"full", "fit", "labels", "pooling", "peft"} <= counted
    assert "lora" not in counted
    # A report's looks change no number; how its metrics are computed does.
