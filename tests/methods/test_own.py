"""Methods of the user's own: they work like built-in ones, count in fingerprints, and are refused in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from bakeoff import cli
from bakeoff.errors import BadValue, InputError
from bakeoff.execution.preflight import preflight
from bakeoff.experiment.json_schema import experiment_schema
from bakeoff.experiment.load import load_experiment
from bakeoff.methods.compatibility import refusal
from bakeoff.methods.registry import kinds, method
from bakeoff.models.tiny import tiny_config
from bakeoff.notebook.train import TrainingRun
from bakeoff.runs.fingerprint import differences
from bakeoff.runs.run import Request, resolve
from bakeoff.system import own
from bakeoff.system.workspace import Workspace
from bakeoff.training.artifacts import load_trained
from bakeoff.training.run import prepare
from bench import SHORT, Bench, accuracy
from own_code import CLASSICAL, HELPER, METHOD, SETS, forget, offer, write_method

YAML = """\
data: {source: texts.csv, split: {train: 60, validation: 30, test: 30}, max_length: 32}
model: MODEL
seeds: [1]
methods:
  full: {}
  mine: {kind: "my_method:Sparse", epochs: 1}
"""


OWN_RUN = """\
  majority: {}
  mine: {kind: "classical:Length"}
compare: {reference: majority}
"""


@pytest.fixture(autouse=True)
def _forget():
    yield
    forget()


@pytest.fixture
def workspace(bench: Bench, tiny_bert: Path) -> Workspace:
    write_method(bench.workspace.root)
    write_experiment(bench.workspace, YAML.replace("MODEL", str(tiny_bert)))
    own.look_in(bench.workspace.root)
    return bench.workspace


def write_experiment(workspace: Workspace, text: str) -> Path:
    file = workspace.root / "params" / "own.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def loaded(workspace: Workspace, *changes: str):
    return load_experiment(workspace.root / "params" / "own.yaml", shown_as="params/own.yaml", changes=changes)


def run_of(workspace: Workspace, name: str):
    return resolve(Request(method=name, seed=1), loaded(workspace), workspace=workspace)


@pytest.mark.parametrize("kind", ["my_method:Sparse", "classical:Length"])
def test_it_trains_and_comes_back(bench: Bench, workspace: Workspace, kind: str) -> None:
    (workspace.root / "classical.py").write_text(CLASSICAL, encoding="utf-8")
    options = {} if kind == "classical:Length" else SHORT["full"]
    trainee = prepare(bench.run(kind, **options), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    logits = trainee.predict("test")
    trainee.save(bench.folder("a").model)
    again = load_trained(bench.folder("a").model, workspace=workspace)(bench.splits.test["text"].tolist())
    np.testing.assert_array_equal(again, logits)
    assert (trainee.cost.params_trainable or 0) < (trainee.cost.params_total or 1) or kind == "classical:Length"
    assert not list(workspace.root.glob("__pycache__"))


@pytest.mark.parametrize("kind", ["'g'", "'>f8'", "'f2'", "int", "bool"])
def test_scores_of_any_kind_of_number_are_kept(bench: Bench, workspace: Workspace, kind: str) -> None:
    returned = "return -np.abs(lengths - np.array(self.means)[None]).astype(np.float32)"
    changed = CLASSICAL.replace(returned, f"return np.ones((len(texts), 2), dtype={kind})")
    (workspace.root / "odd.py").write_text(changed, encoding="utf-8")
    trainee = prepare(bench.run("odd:Length"), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert trainee.predict("test").dtype == np.float64


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ("np.full((len(texts), 2), np.nan)", "NaN or infinite numbers"),
        ("np.full((len(texts), 2), 1e300)", r"numbers beyond 1e\+30"),
        ("np.full((len(texts), 2), -np.inf)", "NaN or infinite numbers"),
        ("np.where(np.eye(2)[[0] * len(texts)], 0.0, -np.inf)", "NaN or infinite numbers"),  # log of a probability of 0
        ("np.zeros((len(texts), 3))", r"an array of shape \(\d+, 3\)"),
        ("np.zeros((len(texts) - 1, 2))", r"an array of shape \(\d+, 2\)"),
        ("np.zeros(len(texts))", r"an array of shape \(\d+,\)"),
        ("[[0.0, 1.0]] * len(texts)", "a value of type list"),
        ("np.array([['a', 'b']] * len(texts))", "an array of <U1"),
        ("None", "a value of type NoneType"),
    ],
)
def test_scores_that_are_none_are_one_line(bench: Bench, workspace: Workspace, scores: str, told: str) -> None:
    returned = "return -np.abs(lengths - np.array(self.means)[None]).astype(np.float32)"
    assert returned in CLASSICAL
    (workspace.root / "odd.py").write_text(CLASSICAL.replace(returned, f"return {scores}"), encoding="utf-8")
    trainee = prepare(bench.run("odd:Length"), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    wanted = "whose log loss" if "beyond" in told else r"not a number for each of \d+ texts and"
    with pytest.raises(BadValue, match=rf"^odd:Length: scores\(\) returned {told}, {wanted}"):
        trainee.predict("test")


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        (
            "return LengthScorer([",
            "return type('Own', (), {'scores': len})() or LengthScorer([",
            "fit() returned a value of type Own, not a Scorer",
        ),
        ("return LengthScorer([", "LengthScorer([", "fit() returned a value of type NoneType, not a Scorer"),
        ("return LengthScorer([", "raise SystemExit(0)\n        ([", "ends the program: SystemExit: 0 (odd.py, line"),
        ("return len(self.means)", "return '2'", "parameters of its Scorer is a value of type str, not a whole"),
        ("return len(self.means)", "return 2.5", "parameters of its Scorer is a value of type float, not a whole"),
        ("return len(self.means)", "return 10**40", "parameters of its Scorer is 1e+40, not a whole number from 0 on"),
        ("return len(self.means)", "return -5", "parameters of its Scorer is -5, not a whole number from 0 on"),
        (
            "self.means = means",
            "self.means, self.converged = means, 'so so'",
            "converged of its Scorer is a value of type",
        ),
        (
            "self.means = means",
            "self.means, self.settled = means, {'a': {1}}",
            "settled of its Scorer cannot be written",
        ),
        ("self.means = means", "self.means, self.settled = means, {2: 3}", "settled of its Scorer cannot be written"),
        ("def save", "iterations = [1]\n\n    def save", "iterations of its Scorer is a value of type list, not a"),
    ],
)
def test_a_fit_that_comes_to_no_model_is_one_line(
    bench: Bench, workspace: Workspace, written: str, instead: str, told: str
) -> None:
    assert written in CLASSICAL
    (workspace.root / "odd.py").write_text(CLASSICAL.replace(written, instead), encoding="utf-8")
    trainee = prepare(bench.run("odd:Length"), bench.splits)
    with pytest.raises(BadValue) as caught:
        trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert str(caught.value).startswith(f"odd:Length: {told}")


def test_scores_that_end_the_program_are_one_line(bench: Bench, workspace: Workspace) -> None:
    odd = CLASSICAL.replace("lengths = np.array([len(text) for text in texts])[:, None]", "raise SystemExit(3)")
    (workspace.root / "odd.py").write_text(odd, encoding="utf-8")
    trainee = prepare(bench.run("odd:Length"), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    with pytest.raises(BadValue, match=r"^odd:Length: ends the program: SystemExit: 3 \(odd\.py, line 15\)"):
        trainee.predict("test")


def test_its_keys_are_checked_and_it_is_described(workspace: Workspace) -> None:
    found = loaded(workspace, "methods.mine.every=[1, 2]").entry("mine")
    assert found.sweep == {"every": (1, 2)}
    assert found.method.summary == "Sparse layers: one layer in so many is trained."
    for change, told in {
        "methods.mine.evry=1": "methods.mine.evry: unknown key 'evry'; did you mean 'every'?",
        "methods.mine.every=0": "methods.mine.every: 0 cannot be used: it should be at least 1",
    }.items():
        with pytest.raises(InputError) as caught:
            loaded(workspace, change)
        assert str(caught.value).startswith(f"--set {change}: {told}")


def test_an_edit_makes_its_runs_stale_and_nobody_elses(workspace: Workspace) -> None:
    root = workspace.root
    (root / "beside.py").write_text("X = 1\n")
    (root / "other.py").write_text(METHOD.replace("import my_helper\n", "").replace("my_helper.SHARE", "2"))
    write_experiment(workspace, (root / "params/own.yaml").read_text() + '  other: {kind: "other:Sparse"}\n')
    before = {name: run_of(workspace, name) for name in ("mine", "full", "other")}

    def changed(file: str, old: str, new: str) -> set[str]:
        text = (root / file).read_text()
        assert old in text
        (root / file).write_text(text.replace(old, new))
        now = {name: run_of(workspace, name) for name in before}
        (root / file).write_text(text)
        assert {name: run_of(workspace, name).run_id for name in before} == {n: r.run_id for n, r in before.items()}
        return {name for name in before if now[name].run_id != before[name].run_id}

    assert changed("my_method.py", "range(0, count", "range(1, count") == {"mine"}
    assert changed("my_helper.py", "SHARE = 2", "SHARE = 1") == {"mine"}
    assert changed("my_method.py", "models.layers import blocks", "models.layers import layers as blocks") == {"mine"}
    assert changed("beside.py", "X = 1", "X = 2") == set()
    assert changed("my_method.py", "The rest is for readers.", "Nothing else.") == set()


def test_a_stale_run_says_why(workspace: Workspace) -> None:
    before = run_of(workspace, "mine").identity
    (workspace.root / "my_helper.py").write_text(HELPER + "\n\nMORE = 3\n")
    assert differences(before, run_of(workspace, "mine").identity) == ["code of method my_method:Sparse changed"]


def test_a_variation_of_a_built_in_method_counts_its_code(workspace: Workspace) -> None:
    text = (
        "from bakeoff.methods.lowrank.lora import Lora\n\n\n"
        'class Twice(Lora):\n    """LoRA, twice."""\n\n    def settings(self, base, config):\n'
        "        found = super().settings(base, config)\n        found.lora_alpha *= 2\n        return found\n"
    )
    (workspace.root / "twice.py").write_text(text)
    found = method("twice:Twice")
    assert (found.kind, found.summary, method("lora").kind) == ("twice:Twice", "LoRA, twice.", "lora")
    from bakeoff.runs.fingerprint import covered

    assert any(path.name == "lora.py" for path in covered(found))
    assert not any(path.name == "dora.py" for path in covered(found))


def test_only_what_is_imported_by_name_is_found_and_no_package_is_hidden(workspace: Workspace) -> None:
    root = workspace.root
    (root / "secret.py").write_text("X = 1\n")
    (root / "datasets.py").write_text("raise RuntimeError('taken for the library')\n")
    (root / "numpy.py").write_text("raise RuntimeError('taken for the library')\n")
    (root / "my_method.py").write_text(f"import importlib\n\nimport numpy\n{METHOD.partition('annotations')[2]}")
    assert method("my_method:Sparse").Config().every == 2
    with pytest.raises(ModuleNotFoundError):
        __import__("secret")
    with pytest.raises(BadValue, match=r"'datasets' is the name of an installed package; give datasets.py in the work"):
        method("datasets:Anything")
    (root / "my_method.py").write_text(
        METHOD.replace("import my_helper", "import my_helper, importlib\nimportlib.import_module('secret')")
    )
    with pytest.raises(BadValue, match=r"ModuleNotFoundError: No module named 'secret' \(my_method.py, line 6\)"):
        method("my_method:Sparse")


def test_packages_and_relative_imports(workspace: Workspace) -> None:
    folder = workspace.root / "own_methods" / "deep"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "shared.py").write_text(HELPER)
    (folder / "unused.py").write_text("X = 1\n")
    (folder / "sparse.py").write_text(METHOD.replace("import my_helper", "from . import shared as my_helper"))
    found = method("own_methods.deep.sparse:Sparse")
    names = {path.name for path in own._FINDER.loaded[workspace.root, "own_methods.deep.sparse:Sparse"].sources}
    assert (found.Config().every, names) == (2, {"__init__.py", "shared.py", "sparse.py"})


def test_two_workspaces_do_not_mix(workspace: Workspace, tmp_path: Path) -> None:
    first = method("my_method:Sparse")
    elsewhere = tmp_path / "elsewhere"
    for folder in ("notebooks", "params"):
        (elsewhere / folder).mkdir(parents=True)
    (elsewhere / "notebooks" / "train.ipynb").touch()
    write_method(elsewhere)
    (elsewhere / "my_helper.py").write_text("SHARE = 7\n")
    own.look_in(elsewhere / "params")
    assert method("my_method:Sparse").Config().every == 7
    own.look_in(workspace.root)
    assert method("my_method:Sparse").Config().every == first.Config().every == 2


def test_the_schema_takes_it_and_knows_its_keys_when_told(workspace: Workspace) -> None:
    def complaints(entry: dict[str, object], *told: str) -> int:
        tree = {"data": {"source": "x.csv"}, "model": "m", "seeds": [1], "methods": {"mine": entry}}
        return len(list(Draft202012Validator(experiment_schema(told)).iter_errors(tree)))

    entry = {"kind": "my_method:Sparse", "every": 3}
    assert complaints(entry) == complaints(entry, "my_method:Sparse") == 0
    assert complaints({**entry, "evry": 1}, "my_method:Sparse") == 1
    assert complaints({"kind": "lroa"}) == 1


def test_an_architecture_it_cannot_work_on_is_refused(workspace: Workspace) -> None:
    (workspace.root / "my_method.py").write_text(METHOD.replace("where, count = blocks(base)", "1 / 0"))
    config = method("my_method:Sparse").Config()
    error = refusal("my_method:Sparse", config, tiny_config("bert", vocab_size=64))
    assert error is not None
    told = "my_method:Sparse does not work on BertModel: ZeroDivisionError: division by zero (my_method.py, line 30)"
    assert error.reason == told
    with pytest.raises(BadValue, match=r"^params/own.yaml: methods.mine: my_method:Sparse does not work on BertModel"):
        preflight(loaded(workspace), workspace, only=["mine"])


MISSING = "params/own.yaml, line 6: methods.mine.kind: "
FACES = {
    "no_module:X": "unknown module of the workspace ",
    "my_method:Sprase": "unknown name in my_method: 'Sprase'; did you mean 'Sparse'?",
    "my_method.py:Sparse": "unknown module of the workspace ",
    "../my_method:Sparse": "'../my_method:Sparse' cannot be used; a method of your own is written my_module:Name",
    "/tmp/my_method.py:Sparse": "'/tmp/my_method.py:Sparse' cannot be used; a method of your own is written",
    "json:JSONDecoder": "'json' is the name of an installed package; name a module of the workspace",
    "broken:X": "broken cannot be imported: SyntaxError: '(' was never closed (broken.py, line 2)",
    "lacking:X": "lacking cannot be imported: ModuleNotFoundError: No module named 'no_such' (lacking.py, line 2)",
    "leaving:X": "leaving cannot be imported: SystemExit: 3 (leaving.py, line 3)",
    "odd:X": "odd cannot be imported: Odd: thing (odd.py, line 2)",
    "nul:X": "nul cannot be imported: SyntaxError: source code string cannot contain null bytes",
    "empty:X": "unknown name in empty: 'X'; there is none",
    "refusing:X": "refusing cannot be imported: RuntimeError: no X (refusing.py, line 2)",
    "faces:Nothing": "faces:Nothing is no method: Nothing should be a class derived from NeuralMethod or Classical",
    "faces:value": "faces:value is no method: faces should be a class derived from NeuralMethod or ClassicalMethod",
    "faces:Lora": "faces:Lora is no method: Lora belongs to bakeoff.methods.lowrank.lora; derive a class of your own",
    "faces:Half": "faces:Half is no method: Half lacks build(), save()",
    "faces:Silent": "faces:Silent is no method: Silent says not what it does; begin its docstring with a sentence",
    "faces:NoConfig": "faces:NoConfig is no method: NoConfig.Config should be a class derived from Config or Training",
    "faces:Small": "faces:Small is no method: Small.Config should be derived from TrainingConfig, whose settings",
    "faces:Needy": "faces:Needy is no method: Needy.Config.x has no default; write x: ... = Field(DEFAULT,",
    "faces:Mute": "faces:Mute is no method: Mute.Config.x has no description; write Field(..., description=...)",
    "faces:Taken": "faces:Taken is no method: Taken.Config.seed has a name that is taken; call it otherwise",
}
FILES = {
    "broken.py": "\nx = (\n",
    "lacking.py": "\nimport no_such\n",
    "odd.py": "class Odd(BaseException): ...\nraise Odd('thing')\n",
    "nul.py": "x = 1\0\n",
    "empty.py": "",
    "refusing.py": "def __getattr__(name):\n    raise RuntimeError(f'no {name}')\n",
    "leaving.py": "import sys\n\nsys.exit(3)\n",
    "faces.py": '''
from pydantic import Field
from bakeoff.methods.base import NeuralMethod, SubsetMethod
from bakeoff.methods.config import Config, TrainingConfig
from bakeoff.methods.lowrank.lora import Lora

value = 3
class Nothing: ...
class Half(NeuralMethod):
    """Half."""
    Config = TrainingConfig
class Whole(SubsetMethod):
    """Whole."""
    Config = TrainingConfig
    def names(self, base, config): ...
class Silent(Whole): ...
class NoConfig(Whole):
    """No config."""
    Config = 3
class Small(Whole):
    """Small."""
    Config = Config
class NeedyConfig(TrainingConfig):
    x: int = Field(description="x")
class Needy(Whole):
    """Needy."""
    Config = NeedyConfig
class MuteConfig(TrainingConfig):
    x: int = 1
class Mute(Whole):
    """Mute."""
    Config = MuteConfig
class TakenConfig(TrainingConfig):
    seed: int = Field(1, description="x")
class Taken(Whole):
    """Taken."""
    Config = TakenConfig
''',
}


@pytest.mark.parametrize("kind", FACES)
def test_what_cannot_be_used_is_one_line(
    workspace: Workspace, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in FILES.items():
        (workspace.root / name).write_text(text, encoding="utf-8")
    text = (workspace.root / "params/own.yaml").read_text()
    write_experiment(workspace, text.replace("my_method:Sparse", kind))
    monkeypatch.chdir(workspace.root)
    before = sorted(workspace.root.rglob("*"))
    assert cli.main(["run", "params/own.yaml"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"bakeoff: {MISSING}{FACES[kind]}"), err
    assert err.count("\n") == 1
    assert sorted(workspace.root.rglob("*")) == before


def test_the_listing_names_those_of_the_workspace_without_running_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace.root / "my_method.py").write_text(METHOD + "\n\nraise RuntimeError\n")
    monkeypatch.chdir(workspace.root)
    monkeypatch.setattr("bakeoff.cli.catalogue._matrix", lambda to: None)
    assert cli.main(["methods"]) == 0
    assert "\nmy_method:Sparse  Sparse layers: one layer in so many is trained.\n" in capsys.readouterr().out
    (workspace.root / "my_method.py").write_text(METHOD)
    assert cli.main(["methods", "my_method:Sparse"]) == 0
    assert "of how many layers one is trained" in capsys.readouterr().out
    assert cli.main(["schema", "--method", "my_method:Sparse"]) == 0
    assert "entry.my_method:Sparse" in json.loads(capsys.readouterr().out)["$defs"]


# entry points --------------------------------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an installed package with a method."""
    folder = tmp_path / "site" / "made_up"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "helper.py").write_text(HELPER)
    (folder / "sparse.py").write_text(METHOD.replace("import my_helper", "from made_up import helper as my_helper"))
    monkeypatch.syspath_prepend(folder.parent)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_up"]:
        del sys.modules[name]


def test_a_package_offers_a_method(bench: Bench, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "bakeoff.methods", ("sparse", "made_up.sparse:Sparse"))
    found = method("sparse")
    assert (found.kind, "sparse" in kinds()) == ("sparse", True)
    assert "entry.sparse" in experiment_schema()["$defs"]
    file = bench.workspace.root / "params" / "own.yaml"
    file.write_text(
        YAML.replace("MODEL", str(bench.models["bert"]))
        .replace("mine: {kind: ", "sparse: {")
        .replace('"my_method:Sparse", ', "")
    )
    run = resolve(Request(method="sparse", seed=1), load_experiment(file), workspace=bench.workspace)
    assert "made-up" in run.identity["versions"]
    (package / "helper.py").write_text("SHARE = 1\n")
    later = resolve(Request(method="sparse", seed=1), load_experiment(file), workspace=bench.workspace)
    assert differences(run.identity, later.identity) == ["code of method sparse changed"]
    trainee = prepare(bench.run("sparse", epochs=1, dtype="float32"), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert trainee.predict("test").shape == (30, 2)


@pytest.mark.parametrize(
    ("offers", "told"),
    [
        (
            [("lora", "made_up.sparse:Sparse")],
            r"entry point 'lora' of made-up: the name is taken by bakeoff; change it",
        ),
        ([("one", "a:A"), ("one", "b:B")], "entry point 'one' of made-up: the name is taken by made-up"),
    ],
)
def test_a_name_that_is_taken(offers: list[tuple[str, str]], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "bakeoff.methods", *offers)
    with pytest.raises(BadValue, match=told):
        kinds()
    assert method("lora").__module__ == "bakeoff.methods.lowrank.lora"


def test_an_offer_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "bakeoff.methods", ("gone", "no_such_package:X"))
    with pytest.raises(BadValue, match=r"no_such_package:X of made-up cannot be imported: ModuleNotFoundError"):
        method("gone")


def test_a_run_of_it_is_exported_to_any_folder(
    bench: Bench, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its module was looked for around the folder it went to, and in the checkout."""
    (workspace.root / "classical.py").write_text(CLASSICAL, encoding="utf-8")
    write_experiment(workspace, YAML.replace("model: MODEL", "model: none").split("  full")[0] + OWN_RUN)
    made = TrainingRun(run_of(workspace, "mine"), loaded(workspace), workspace=workspace)
    made.load_data()
    made.build_model()
    made.fit()
    made.finish()
    monkeypatch.chdir(workspace.root)
    out = tmp_path_factory.mktemp("elsewhere") / "out"
    assert cli.main(["export", "mine@1", str(out)]) == 0
    texts = bench.splits.test["text"].tolist()
    there, here = (load_trained(folder, workspace=workspace)(texts) for folder in (out, made.folder.model))
    np.testing.assert_array_equal(there, here)


def test_values_of_a_set_are_the_same_run_in_every_process(workspace: Workspace) -> None:
    (workspace.root / "sets.py").write_text(CLASSICAL + SETS, encoding="utf-8")
    head = YAML.partition("methods:")[0] + "methods:\n"
    write_experiment(workspace, head + OWN_RUN.replace("classical:Length", "sets:Sets"))
    command = [sys.executable, "-m", "bakeoff", "plan", "params/own.yaml", "--only", "mine"]
    said = {
        subprocess.run(
            command, cwd=workspace.root, env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in range(3)
    }  # fmt: skip
    assert len(said) == 1
    assert "mine-s1-" in said.pop()
    params = run_of(workspace, "mine").params
    assert params["words"] == ["a", "b", "c", "d", "e"]
    assert params["deep"] == [["a", "b", "c", "d", "e"], ["f", "g", "h"]]
    assert params["pairs"] == [["a", ["a", "b", "c", "d", "e"]]]
    assert (params["held"], params["queue"]) == ({"words": params["words"]}, [params["words"]])
    assert (params["joined"], params["listed"], params["network"]) == ("12-3-4", "a,bb", "10.0.0.0/8")
    assert params["inner"] == [{"words": params["words"]}]
    assert not {"verbose", "longest", "table"} & params.keys()
    config = loaded(workspace).entry("mine").method.Config()
    assert config.model_dump(mode="json") == run_of(workspace, "mine").params, "by which a report finds its runs"
    assert params["spelled"] == ["*a", "*b", "*c", "*d", "*e"]
    assert params["told"] == {"words": ["*a", "*b", "*c", "*d", "*e"], "order": ["z", "a"]}
    given = loaded(workspace, "methods.mine.words=[z, y]")
    assert given.entry("mine").options["words"] == ["y", "z"]
    assert given.entry("mine").sweep == {}


def test_one_class_under_two_names_is_two_methods(workspace: Workspace) -> None:
    """Else the last name was that of both, and leaving it out made the runs of the first be made again."""
    (workspace.root / "classical.py").write_text(CLASSICAL + "\nSame = Length\n", encoding="utf-8")
    head = YAML.partition("methods:")[0] + "methods:\n" + OWN_RUN
    write_experiment(workspace, head)
    before = run_of(workspace, "mine")
    write_experiment(workspace, head.replace("compare:", '  same: {kind: "classical:Same"}\ncompare:'))
    assert run_of(workspace, "same").kind == "classical:Same"
    found = [loaded(workspace).entry(name).method for name in ("mine", "same", "mine")]
    assert [one.kind for one in found] == ["classical:Length", "classical:Same", "classical:Length"]
    assert (found[0], found[1].summary) == (found[2], found[0].summary)
    assert run_of(workspace, "mine").run_id == before.run_id
    assert run_of(workspace, "mine").identity == before.identity
