"""The committed notebooks: thin, bare, with fixed ids, and declaring exactly the parameters there are."""

import ast
import os
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import nbformat
import numpy as np
import pytest

from bakeoff.errors import BadValue, UnknownName
from bakeoff.execution.plan import plan
from bakeoff.execution.sweep import choose, lock_choice
from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.compare import open_comparison
from bakeoff.notebook.parameters import check_names, declared_names, experiment_of, requested
from bakeoff.notebook.train import TrainingRun, open_run
from bakeoff.runs.commands import command
from bakeoff.runs.record import read_record
from bakeoff.runs.run import Request
from bakeoff.system.workspace import Workspace, find_workspace
from tiny import make_texts

NOTEBOOKS = [Path(__file__).resolve().parents[1] / "notebooks" / name for name in ("compare.ipynb", "train.ipynb")]
TAGS = {"appendix", "baselines", "data", "fold", "front", "model", "parameters", "result", "setup", "train"}


def ids(path: Path) -> str:
    return path.stem


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_valid_and_bare(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in code_cells(path):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_cells_are_thin(path: Path) -> None:
    for cell in code_cells(path):
        # A declaration of parameters is as long as there are parameters.
        if "parameters" not in tags(cell):
            assert len(cell.source.splitlines()) <= 8, cell.id
        forbidden = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.AsyncFunctionDef)
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, forbidden)], cell.id


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_ids_are_words_and_tags_are_known(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert len({cell.id for cell in cells}) == len(cells)
    for cell in cells:
        assert cell.id.replace("-", "").isalpha(), cell.id
        assert set(tags(cell)) <= TAGS


def test_train_declares_every_parameter_with_an_explanation() -> None:
    (cell,) = [cell for cell in code_cells(NOTEBOOKS[1]) if "parameters" in tags(cell)]
    names = [line.partition("=")[0].partition(":")[0].strip() for line in cell.source.splitlines() if "=" in line]
    assert sorted(names) == sorted(declared_names())
    for line in cell.source.splitlines():
        comment = line.partition("#")[2]
        assert comment.strip()
        assert "=" not in comment, "papermill's inspection stumbles over it"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_papermill_can_list_the_parameters(path: Path) -> None:
    from papermill import inspect_notebook

    (cell,) = [cell for cell in code_cells(path) if "parameters" in tags(cell)]
    names = {line.partition("=")[0].partition(":")[0].strip() for line in cell.source.splitlines() if "=" in line}
    assert set(inspect_notebook(str(path))) == names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_both_take_changes_to_the_experiment_file(path: Path) -> None:
    (cell,) = [cell for cell in code_cells(path) if "parameters" in tags(cell)]
    assert "changes: list = None  #" in cell.source


DECLARED = 'params = "params/demo.yaml"\nmethod = "lora"\nseed: int = None\n'


def test_a_misspelt_parameter_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"methud.*did you mean 'method'"):
        check_names([DECLARED, '# Parameters\nmethud = "lora"\n'])


def test_a_misspelt_parameter_in_the_cell_itself_is_found_and_can_be_mended() -> None:
    with pytest.raises(UnknownName, match="sead"):
        check_names([DECLARED + "sead = 3\n"])
    check_names([DECLARED + "sead = 3\n", "%time 1", DECLARED])


def test_known_parameters_pass() -> None:
    check_names(["", DECLARED, "# Parameters\nrank = 8\nseed = 7\n", "from bakeoff.notebook.train import open_run"])


def asked(given: dict[str, object], workspace: Workspace) -> Request:
    return requested(given, experiment_of(given, workspace=workspace), workspace=workspace)


@pytest.mark.parametrize(
    "given",
    [
        {"changes": 7},
        {"changes": {"seeds": 1}},
        {"changes": [7]},
        {"method": 7},
        {"seed": "x"},
        {"seed": True},
        {"seed": -1},
        {"role": "boss"},
    ],
)
def test_values_of_the_wrong_type_are_one_line(given: dict[str, object]) -> None:

    workspace = find_workspace(NOTEBOOKS[0].parent)
    with pytest.raises(BadValue, match=next(iter(given))) as caught:
        asked({"params": "params/demo.yaml", "method": "full", **given}, workspace)
    assert "\n" not in str(caught.value)


def test_a_parameter_of_another_method_is_refused() -> None:

    workspace = find_workspace(NOTEBOOKS[0].parent)
    with pytest.raises(UnknownName, match=r"rank.*full"):
        asked({"params": "params/demo.yaml", "method": "full", "rank": 8}, workspace)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bert: Path) -> Workspace:
    """A workspace with the notebooks and a small experiment; the notebooks' folder is the current one."""
    shutil.copytree(NOTEBOOKS[0].parent, tmp_path / "notebooks")
    (tmp_path / "params").mkdir()
    rows = "\n".join(f"{text},{label}" for text, label in make_texts(60))
    (tmp_path / "texts.csv").write_text(f"text,label\n{rows}\n", encoding="utf-8")
    (tmp_path / "params" / "twice.yaml").write_text(
        f"data: {{source: texts.csv, split: {{train: 20, validation: 20, test: 20}}, max_length: 16}}\n"
        f"model: {tiny_bert}\nseeds: [1]\nmethods: {{full: {{epochs: 1, batch_size: 8, threads: 1}}}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path / "notebooks")
    return Workspace(tmp_path)


@pytest.mark.usefixtures("tiny")
def test_training_again_in_one_kernel_starts_from_untouched_weights() -> None:
    """Run All twice in Jupyter gives the same record twice, not a model trained twice as long."""
    traces = []
    for _ in range(2):
        run = open_run({"params": "params/twice.yaml", "method": "full"})
        run.load_data()
        run.build_model()
        run.fit()
        run.finish()
        traces.append(run.record.trace)
        run.fit()
        run.finish()
        traces.append(run.record.trace)
    assert traces == [traces[0]] * 4


@pytest.mark.usefixtures("tiny")
def test_a_step_that_was_left_out_is_named() -> None:
    run = open_run({"params": "params/twice.yaml", "method": "full", "seed": np.int64(3)})
    assert run.run.seed == 3
    for step, first in {"build_model": "load_data", "fit": "build_model", "finish": "build_model"}.items():
        with pytest.raises(BadValue, match=rf"^train.ipynb: {first}\(\) comes first; run its cells from the top"):
            getattr(run, step)()
    assert not hasattr(run, "anything_else")


def test_what_is_edited_while_a_run_begins_does_not_go_into_it(tiny: Workspace) -> None:
    """Between the hash by which the run is known and the reading of what was hashed."""
    run = open_run({"params": "params/twice.yaml", "method": "full"})
    file = tiny.root / "texts.csv"
    before = file.read_text(encoding="utf-8")
    swapped = before.replace(",positive", ",#").replace(",negative", ",positive").replace(",#", ",negative")
    file.write_text(swapped, encoding="utf-8")
    run.load_data()
    with pytest.raises(BadValue, match="content of the data changed while it was being read"):
        run.build_model()
    file.write_text(before, encoding="utf-8")
    run.load_data()
    run.build_model()


CHANGES = ["name=twice-small", "data.split.train=10", "methods.majority.kind=majority"]


def test_a_change_reaches_the_run_its_record_and_the_comparison(tiny: Workspace) -> None:
    for changes in (CHANGES, None):
        run = open_run({"params": "params/twice.yaml", "method": "full", "changes": changes})
        run.load_data()
        run.build_model()
        run.fit()
        run.finish()
        record = run.record
        assert record.inputs.splits["train"].n == (10 if changes else 20)
        assert record.experiment == ("twice-small" if changes else "twice")
        assert record.changes == tuple(changes or ())
        assert record.compare == run.experiment.compare.model_dump(mode="json")
        assert record.cost.train_cpu_s > 0
        assert ("changes" in record.command) is bool(changes)
        assert read_record(tiny.run_folder(record.experiment, record.run_id).record) == record
    question = str(open_comparison("params/twice.yaml", CHANGES).question())
    assert "2 methods" in question
    assert "Texts: 10 to train on" in question
    assert "Texts: 20 to train on" in str(open_comparison("params/twice.yaml").question())


def test_a_misspelt_change_in_a_notebook_is_one_line(tiny: Workspace) -> None:
    for call in (
        lambda: open_comparison("params/twice.yaml", ["data.spilt.train=9"]),
        lambda: open_run({"params": "params/twice.yaml", "method": "full", "changes": "data.spilt.train=9"}),
    ):
        with pytest.raises(UnknownName, match=r"^--set data.spilt.train=9: data.spilt: .*did you mean 'split'"):
            call()
    assert not (tiny.root / "reports").exists()


SWEPT = {"params": "params/swept.yaml", "method": "tfidf"}


@pytest.fixture
def swept(tiny: Workspace) -> Workspace:
    """The same texts, with a sweep whose second value is the method's default."""
    (tiny.root / "params" / "swept.yaml").write_text(
        "data: {source: texts.csv, split: {train: 20, validation: 20, test: 20}}\nmodel: none\nseeds: [1]\n"
        "methods: {majority: {}, tfidf: {inverse_penalty: [0.01, 1.0]}}\ncompare: {reference: majority}\n",
        encoding="utf-8",
    )
    return tiny


def by_hand(*, unchosen: bool = False, **given: object) -> TrainingRun:
    """Run all cells of train.ipynb that make a record."""
    run = open_run({**SWEPT, **given})
    assert ("Not chosen on validation yet: inverse_penalty." in str(run.settings().note)) is unchosen
    run.load_data()
    run.build_model()
    run.fit()
    run.finish()
    return run


def lock(workspace: Workspace, value: float) -> None:
    """Run both trials and lock a choice, as if this value had won."""
    experiment = load_experiment(workspace.root / "params" / "swept.yaml")
    for tried in (0.01, 1.0):
        by_hand(role="sweep", inverse_penalty=tried)
    (trials,) = plan(experiment, workspace, only=["tfidf"]).undecided.values()
    choice = choose(experiment, experiment.methods["tfidf"], trials)
    scores = {name: float(name == f"inverse_penalty={value}") for name in choice.validation}
    won = choice.model_copy(update={"chosen": {"inverse_penalty": value}, "validation": scores})
    lock_choice(won, "swept", workspace=workspace)


def planned(workspace: Workspace) -> str:
    """Return the state of the method's one run, after its trials."""
    experiment = load_experiment(workspace.root / "params" / "swept.yaml")
    return plan(experiment, workspace, only=["tfidf"]).items[-1].state


def test_a_run_of_a_swept_method_before_its_choice_works_and_is_not_the_chosen_one(swept: Workspace) -> None:
    early = by_hand(unchosen=True).record
    assert (early.params["inverse_penalty"], early.sweep) == (1.0, None)
    assert early.test is not None
    lock(swept, 1.0)
    assert planned(swept) == "stale"
    found = open_comparison("params/swept.yaml").collection
    assert [(one.name, one.missing) for one in found.rows if one.method == "tfidf"] == [("tfidf", (1,))]
    assert [one.name for one in found.additional] == ["tfidf (seed 1, inverse_penalty 1.0)"]
    late = by_hand().record
    assert late.run_id == early.run_id
    assert planned(swept) == "finished"


def test_a_run_of_a_swept_method_after_its_choice_takes_it(swept: Workspace) -> None:
    lock(swept, 0.01)
    record = by_hand().record
    assert (record.params["inverse_penalty"], record.sweep.chosen) == (0.01, {"inverse_penalty": 0.01})
    assert planned(swept) == "finished"
    found = open_comparison("params/swept.yaml").collection
    assert [len(one.records) for one in found.rows if one.method == "tfidf"] == [1]
    assert found.additional == ()


def test_a_choice_locked_while_a_run_predicts_comes_too_late_for_it(swept: Workspace) -> None:
    run = open_run(SWEPT)
    run.load_data()
    run.build_model()
    run.fit()
    predict = run.trainee.predict

    def meanwhile(split: str) -> object:
        if not swept.choice_file("swept", "tfidf").exists():
            lock(swept, 1.0)
        return predict(split)

    run.trainee.predict = meanwhile
    run.finish()
    assert run.record.sweep is None
    assert planned(swept) == "stale"


@pytest.mark.slow
def test_a_run_s_own_command_works_at_a_terminal(tiny: Workspace) -> None:
    """Where neither input nor output is a pipe, papermill asks for more than it does in a script."""
    known = open_run({"params": "params/twice.yaml", "method": "full"}).run
    words = shlex.split(command(known, "params/twice.yaml"))
    words[0] = os.fspath(Path(sys.executable).parent / words[0])
    here, there = os.openpty()
    said = b""
    with subprocess.Popen(words, cwd=tiny.root, stdin=there, stdout=there, stderr=there) as child:
        os.close(there)
        with suppress(OSError):  # a terminal is gone with its last process
            while part := os.read(here, 4096):
                said += part
    os.close(here)
    assert child.returncode == 0, said.decode()
    assert (tiny.runs_folder("twice") / known.run_id / "record.json").is_file()


@pytest.mark.slow
def test_papermill_hands_changes_on(tiny: Workspace) -> None:
    """As typed by a person, without the quotes that our own commands use."""
    words = ["-p", "params", "params/twice.yaml", "-p", "method", "full", "-y", '{changes: ["data.split.train=12"]}']
    papermill = os.fspath(Path(sys.executable).parent / "papermill")
    done = subprocess.run(
        [papermill, "train.ipynb", *words], cwd=tiny.root / "notebooks", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (file,) = tiny.runs_folder("twice").glob("*/record.json")
    record = read_record(file)
    assert record.inputs.splits["train"].n == 12
    assert record.changes == ("data.split.train=12",)
    given = {"params": "params/twice.yaml", "method": "full"}
    assert record.run_id != open_run(given).run.run_id
    assert record.run_id == open_run({**given, "changes": list(record.changes)}).run.run_id
