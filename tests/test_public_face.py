"""What `import bakeoff` offers: lazy, sorted, whole, and its examples run."""

import doctest
import inspect
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import bakeoff
from bakeoff.methods.baselines.majority import MajorityScorer
from bakeoff.notebook.compare import open_comparison
from bakeoff.notebook.train import open_run
from bakeoff.runs.record import write_record
from bakeoff.study import study
from bakeoff.system.workspace import Workspace, find_workspace
from studies import whole
from views import write

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"matplotlib", "numpy", "pandas", "pydantic", "scipy", "torch", "transformers"}
NAMES = [name for name in bakeoff.__all__ if name not in ("__version__", "errors", "metrics")]


def modules_after(code: str) -> set[str]:
    code = f"import sys, json; {code}; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_bakeoff_imports_no_library() -> None:
    assert not modules_after("import bakeoff") & HEAVY


def test_importing_the_metrics_imports_no_library() -> None:
    assert not modules_after("import bakeoff.metrics") & {*HEAVY, "datasets", "evaluate"}


def test_only_loading_a_trained_model_imports_torch() -> None:
    names = ", ".join(name for name in NAMES if name != "load_trained")
    assert not modules_after(f"from bakeoff import {names}") & {"torch", "transformers", "matplotlib"}


def test_names_are_sorted_and_each_is_there_under_its_own_name() -> None:
    assert bakeoff.__all__ == sorted(bakeoff.__all__)
    assert dir(bakeoff) == bakeoff.__all__
    for name in NAMES:
        found = getattr(bakeoff, name)
        assert found.__name__ == name
        assert inspect.getdoc(found), name
    assert bakeoff.errors.InputError.__module__ == "bakeoff.errors"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        bakeoff.nonsense  # noqa: B018 - looked up


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the demo's runs on disk, made up and not trained."""
    folder = tmp_path_factory.mktemp("face")
    for name in ("notebooks", "params"):
        (folder / name).symlink_to(ROOT / name)
    found, place = whole(), Workspace(folder)
    write(found, place)
    for row in found.rows:
        for record in row.records:
            write_record(record, place.run_folder("demo", record.run_id).record)
    trained = folder / "majority-classifier"
    trained.mkdir()
    MajorityScorer([30, 10]).save(trained)
    manifest = '{"kind": "majority", "params": {}, "label_names": ["negative", "positive"], "seed": 0}'
    (trained / "bakeoff.json").write_text(manifest, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_docstrings_run(name: str, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)
    # The records were made up under other settings than the file's, so they are not sorted by them.
    monkeypatch.setattr(study, "collect", lambda experiment, *_, **__: replace(whole(), experiment=experiment))
    tests = doctest.DocTestFinder().find(getattr(bakeoff, name), name, globs={"bakeoff": bakeoff})
    assert tests[0].examples, "the reference shows an example of every name"
    for test in tests:
        said: list[str] = []
        result = doctest.DocTestRunner().run(test, out=said.append)
        assert not result.failed, "".join(said)


def test_models_exported_by_earlier_versions_still_load() -> None:
    from bakeoff.tuning.artifacts import load_trained

    assert load_trained is bakeoff.load_trained


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("load_experiment(5)", "file: 5 is no str | Path"),
        ('load_experiment("params/demo.yaml", changes="seeds=[1]")', "changes: 'seeds=[1]' is no Sequence[str]"),
        ('load_experiment("params/demo.yaml", changes=[3])', "changes: [3] is no Sequence[str]"),
        (
            'plan("params/demo.yaml")',
            "experiment: 'params/demo.yaml' is no Experiment; bakeoff.load_experiment(file) reads",
        ),
        ("plan(demo, only=3)", "only: 3 is no str | Collection[str]"),
        ('plan(demo, "params/nowhere/..")', ""),
        ('plan(demo, "/")', "/: no workspace"),
        ('run(demo, jobs="2")', "jobs: '2' is no PositiveInt | None"),
        ("run(demo, jobs=True)", "jobs: True is no PositiveInt | None"),
        ("run(demo, limit_s=-5)", "limit_s: -5 is no PositiveFloat | None"),
        ('run(demo, limit_s=float("nan"))', "limit_s: nan is no PositiveFloat | None"),
        ("open_study(demo)", "params: Experiment(name='demo'"),
        ('open_study("params/demo.yaml", workspace=3)', "workspace: 3 is no Workspace | str | Path | None"),
        ("read_records(None)", "runs: None is no str | Path"),
        ("load_trained(3)", "folder: 3 is no str | Path"),
        ('open_study("params/demo.yaml").plot("time", ax=3)', "ax: 3 is no Axes of matplotlib"),
        ("compare([1], gold=[1])", "predictions: [1] is no mapping of methods to arrays"),
        ('compare({"a": [[1, 0]], "b": [[1, 0]]}, gold=[1, 0], deterministic=3)', "deterministic: 3 names no methods"),
    ],
)
def test_arguments_of_another_kind_are_one_line(
    call: str, said: str, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace)
    names = {"demo": bakeoff.load_experiment("params/demo.yaml"), **{name: getattr(bakeoff, name) for name in NAMES}}
    if not said:
        eval(call, names)
        return
    with pytest.raises(bakeoff.errors.InputError) as caught:
        eval(call, names)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_workspace_is_named_by_its_folder_and_one_method_by_its_name(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    demo = bakeoff.load_experiment(workspace / "params" / "demo.yaml")
    for place in (workspace, str(workspace), Workspace(workspace)):
        assert {item.request.method for item in bakeoff.plan(demo, place, only="majority").items} == {"majority"}
    for name in ("typo", "a\0b", "a" * 5000):
        with pytest.raises(bakeoff.errors.MissingFile, match="no such folder"):
            bakeoff.plan(demo, name)
    folder = workspace / "majority-classifier"
    assert bakeoff.load_trained(str(folder), workspace=str(workspace))(["a"]).shape == (1, 2)


def test_notebooks_work_in_the_workspace_of_their_experiment_wherever_they_are_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Executed from elsewhere, a run went into the checkout that bakeoff runs from, and nobody found it."""
    root = tmp_path / "study"
    root.mkdir()
    for name in ("notebooks", "params"):
        (root / name).symlink_to(ROOT / name)
    (root / "params").unlink()
    shutil.copytree(ROOT / "params", root / "params")
    monkeypatch.chdir(tmp_path)
    given = {"params": str(root / "params" / "demo.yaml"), "method": "majority", "seed": 41}
    run = open_run(given)
    assert run.folder.path.parent == root / "reports" / "demo" / "runs"
    assert open_comparison(given["params"]).workspace.root == root
    for begin in (open_run, lambda given: open_comparison(given["params"])):
        with pytest.raises(bakeoff.errors.MissingFile, match="no workspace"):  # not the checkout's file of that name
            begin({**given, "params": "params/demo.yaml"})


def test_an_experiment_stays_that_of_its_file_wherever_one_goes(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path was looked up anew, where no file was, and the runs went into the checkout."""
    monkeypatch.chdir(workspace)
    demo = bakeoff.load_experiment("params/demo.yaml")
    monkeypatch.chdir(tmp_path)
    assert bakeoff.plan(demo, only="majority").items == bakeoff.plan(demo, workspace, only="majority").items
    assert find_workspace(of=demo.file).root == workspace.resolve()


def test_the_folder_of_a_run_names_that_of_its_model(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace / "majority-classifier", tmp_path / "run" / "model")
    with pytest.raises(bakeoff.errors.RecordError, match=r"no readable bakeoff\.json; a run's model is in .*model$"):
        bakeoff.load_trained(tmp_path / "run")


def test_a_study_says_what_it_is_of(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)
    assert repr(bakeoff.open_study("params/demo.yaml")).startswith("<Study of demo: ")
