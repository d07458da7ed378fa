"""The main job for real: notebooks, papermill, nbconvert, the command line; on tiny models, once on the embedded one.

One workspace is run once per session; the tests look at what it left behind.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from bakeoff.runs.record import Record, read_record, read_records
from bakeoff.system.workspace import Workspace
from tiny import make_texts

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
EXPERIMENT = """
data:
  source: texts.csv
  label: mood
  split: {{train: 60, validation: 30, test: 40}}
  max_length: 32
model: {model}
seeds: [1, 2]
defaults: {{epochs: 1, batch_size: 8, threads: 1}}
methods:
  majority: {{}}
  tfidf: {{}}
  untrained: {{}}
  linear_probe: {{}}
  full: {{learning_rate: 1e-3}}
  prefix: {{virtual_tokens: 2}}
  lora: {{rank: [2, 4]}}
  mamba: {{kind: full, model: "bundled:mamba2-small"}}
  broken: {{kind: full, learning_rate: 1e30}}
"""
pytestmark = pytest.mark.slow


def command(
    workspace: Workspace, *words: str, cwd: Path | None = None, timeout: int = 900
) -> subprocess.CompletedProcess:
    """Run a command of the environment in the workspace, as a user would."""
    return subprocess.run(
        [os.fspath(BIN / words[0]), *words[1:]],
        cwd=cwd or workspace.root,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def write_texts(file: Path) -> None:
    rows = make_texts(140)
    lines = [f'"{text} <b>#{place}</b>",{label}' for place, (text, label) in enumerate(rows)]
    file.write_text("\n".join(["text,mood", *lines]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Workspace:
    """A workspace with the real notebooks in which one experiment has been run by `bakeoff run`."""
    root = tmp_path_factory.mktemp("workspace")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "params").mkdir()
    write_texts(root / "texts.csv")
    (root / "params" / "tiny.yaml").write_text(EXPERIMENT.format(model=tiny_bert), encoding="utf-8")
    made = Workspace(root)
    done = command(made, "bakeoff", "run", "params/tiny.yaml")
    (root / "first.txt").write_text(f"{done.returncode}\n{done.stdout}\n{done.stderr}", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def records(workspace: Workspace) -> list[Record]:
    def unreadable(error: Exception) -> None:
        raise error

    return read_records(workspace.runs_folder("tiny"), unreadable=unreadable)


def folder(workspace: Workspace) -> Path:
    return workspace.report_folder("tiny")


def test_one_failing_method_stops_nothing_and_shows_in_status_and_report(workspace, records) -> None:
    status, text = (workspace.root / "first.txt").read_text(encoding="utf-8").split("\n", 1)
    assert status == "1"
    broken = [record for record in records if record.method == "broken"]
    assert {record.status for record in broken} == {"diverged"}
    assert "loss" in broken[0].error.message
    assert broken[0].error.message in (folder(workspace) / "report.html").read_text(encoding="utf-8")
    assert "Traceback" not in text


def test_every_other_run_is_there_and_whole(workspace, records) -> None:
    done = {}
    for record in records:
        if record.status == "ok":
            done.setdefault((record.method, record.role), []).append(record.seed)
    assert done.pop(("lora", "sweep")) == [0, 0]
    once = {("majority", "baseline"): [1], ("tfidf", "baseline"): [1], ("linear_probe", "candidate"): [1]}
    assert {name: seeds for name, seeds in done.items() if name in once} == once
    for name in ("full", "prefix", "lora", "mamba"):
        assert sorted(done[name, "candidate"]) == [1, 2]
    assert sorted(done["untrained", "baseline"]) == [1, 2]
    for record in records:
        left = workspace.run_folder("tiny", record.run_id)
        assert left.notebook.is_file()
        if record.status == "ok":
            assert left.predictions.is_file()
            assert any(left.model.iterdir())
            assert not left.checkpoint.exists()


def test_all_start_from_the_same_untouched_weights(records) -> None:
    on_the_tiny_model = [r for r in records if r.status == "ok" and r.inputs.model_pretrained and r.method != "mamba"]
    assert len({record.inputs.base_weights_sha256 for record in on_the_tiny_model}) == 1
    assert len({record.inputs.comparability_sha256 for record in records if record.status == "ok"}) == 1


def test_a_trial_never_predicts_the_test_texts(workspace, records) -> None:
    import pandas as pd

    for record in records:
        if record.role == "sweep":
            assert record.test is None
            frame = pd.read_parquet(workspace.run_folder("tiny", record.run_id).predictions)
            assert set(frame["split"]) == {"validation"}
    choice = json.loads(workspace.choice_file("tiny", "lora").read_text(encoding="utf-8"))
    assert choice["chosen"]["rank"] in (2, 4)
    chosen = [r for r in records if r.method == "lora" and r.role == "candidate"]
    assert {r.params["rank"] for r in chosen} == {choice["chosen"]["rank"]}
    assert all(r.sweep.trials == tuple(choice["trials"]) for r in chosen)


def test_every_mean_in_the_summary_is_in_the_records(workspace, records) -> None:
    import pandas as pd

    summary = pd.read_csv(folder(workspace) / "summary.csv")
    column = next(name for name in summary.columns if "accuracy" in name and "mean" in name)
    for _, row in summary.iterrows():
        mine = [r for r in records if r.method == row["method"] and r.role != "sweep" and r.status == "ok"]
        if mine:
            assert row[column] == pytest.approx(sum(r.test.metrics["accuracy"] for r in mine) / len(mine), abs=1e-12)
        else:
            assert pd.isna(row[column])


def test_the_second_time_nothing_is_redone(workspace, records) -> None:
    def times() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in folder(workspace).rglob("*") if path.is_file()}

    before = times()
    # The failed method is tried again; without it the whole must be an answer from disk.
    only = [word for name in ("majority", "tfidf", "full", "lora") for word in ("--only", name)]
    done = command(workspace, "bakeoff", "run", "params/tiny.yaml", *only)
    assert done.returncode == 0, done.stderr
    assert times() == before


def test_the_same_records_give_the_same_report(workspace, records) -> None:
    names = ("report.html", "report.pdf", "summary.csv", "summary.md", "summary.tex")
    before = {name: (folder(workspace) / name).read_bytes() for name in names}
    (folder(workspace) / "report.json").unlink()
    done = command(workspace, "bakeoff", "report", "params/tiny.yaml")
    assert done.returncode == 0, done.stderr
    for name, content in before.items():
        assert (folder(workspace) / name).read_bytes() == content, name


@pytest.mark.parametrize("left", ["nothing", "half"])
def test_a_notebook_that_was_cut_off_is_finished_from_the_result(workspace, records, left) -> None:
    """As after SIGKILL between the record and the last cell: the record is whole, the mark of the attempt is there."""
    run = next(record for record in records if record.method == "full" and record.seed == 1)
    left_behind = workspace.run_folder("tiny", run.run_id)
    report = (folder(workspace) / "report.html").read_bytes()
    record, model = left_behind.record.read_bytes(), (left_behind.model / "model.safetensors").stat().st_mtime_ns
    if left == "half":
        half = nbformat.read(left_behind.notebook, as_version=4)
        for cell in half.cells[-4:]:
            cell["outputs"] = []
        nbformat.write(half, left_behind.notebook)
    else:
        left_behind.notebook.unlink()
    left_behind.attempt.touch()
    done = command(workspace, "bakeoff", "run", "params/tiny.yaml", "--only", "full")
    assert done.returncode == 0, done.stderr
    assert left_behind.record.read_bytes() == record
    assert (left_behind.model / "model.safetensors").stat().st_mtime_ns == model
    assert not left_behind.attempt.exists()
    (folder(workspace) / "report.json").unlink()
    assert command(workspace, "bakeoff", "report", "params/tiny.yaml").returncode == 0
    assert (folder(workspace) / "report.html").read_bytes() == report


@pytest.mark.parametrize("place", [".", "notebooks"])
def test_papermill_makes_the_very_same_run(workspace, records, place) -> None:
    (known,) = [r for r in records if r.method == "majority"]
    file = workspace.run_folder("tiny", known.run_id).record
    file.unlink()
    notebook = "notebooks/train.ipynb" if place == "." else "train.ipynb"
    done = command(
        workspace,
        "papermill",
        notebook,
        "-p",
        "method",
        "majority",
        "-p",
        "params",
        "params/tiny.yaml",
        cwd=workspace.root / place,
    )
    assert done.returncode == 0, done.stderr
    again = read_record(file)
    assert again.trace == known.trace
    assert again.test == known.test


def test_runs_by_hand_are_in_the_next_report(workspace, records) -> None:
    by_hand = [
        [
            "out.ipynb",
            "-p",
            "params",
            "params/tiny.yaml",
            "-p",
            "method",
            "full",
            "-p",
            "seed",
            "7",
            "-p",
            "epochs",
            "2",
        ],
        ("-y", "{params: params/tiny.yaml, method: lora, seed: 1, rank: 3, learning_rate: 1e-3}"),
        ("-f", "given.yaml"),
    ]
    given = "params: params/tiny.yaml\nmethod: tfidf\nngrams: 1\n"
    (workspace.root / "given.yaml").write_text(given, encoding="utf-8")
    for words in by_hand:
        done = command(workspace, "papermill", "notebooks/train.ipynb", *words)
        assert done.returncode == 0, done.stderr
    assert any(cell.get("outputs") for cell in nbformat.read(workspace.root / "out.ipynb", as_version=4).cells)
    done = command(workspace, "bakeoff", "report", "params/tiny.yaml")
    assert done.returncode == 0, done.stderr
    page = (folder(workspace) / "report.html").read_text(encoding="utf-8")
    for run_id in ("full-s7-", "lora-s1-", "tfidf-s1-"):
        assert run_id in page
    assert "seed 7" in page


def test_an_unknown_parameter_fails_with_one_line(workspace) -> None:
    before = sorted(workspace.runs_folder("tiny").iterdir())
    given = ["-p", "params", "params/tiny.yaml", "-p", "methud", "lora"]
    done = command(workspace, "papermill", "notebooks/train.ipynb", *given)
    assert done.returncode != 0
    assert "did you mean 'method'?" in done.stderr
    assert sorted(workspace.runs_folder("tiny").iterdir()) == before


def test_compare_runs_under_nbconvert(workspace, records) -> None:
    notebook = workspace.root / "notebooks" / "compare.ipynb"
    content = nbformat.read(notebook, as_version=4)
    (cell,) = [cell for cell in content.cells if "parameters" in cell.metadata.get("tags", [])]
    cell.source = cell.source.replace("params/demo.yaml", "params/tiny.yaml")
    mine = notebook.with_name("mine.ipynb")
    nbformat.write(content, mine)
    for exporter in ("html", "bakeoff-html", "bakeoff-pdf"):
        done = command(workspace, "jupyter", "nbconvert", "--execute", "--to", exporter, "notebooks/mine.ipynb")
        assert done.returncode == 0, done.stderr
    assert "linear_probe" in mine.with_suffix(".html").read_text(encoding="utf-8")
    assert mine.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_texts_of_the_data_are_escaped_in_the_report(workspace, records) -> None:
    page = (folder(workspace) / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;#" in page
    assert "<b>#" not in page


def test_the_embedded_model_and_data(tmp_path: Path) -> None:
    """A small experiment on what the demo is made of: real texts, a real pretrained encoder."""
    workspace = Workspace(tmp_path)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    shutil.copytree(ROOT / "params", tmp_path / "params")
    demo = (tmp_path / "params" / "demo.yaml").read_text(encoding="utf-8")
    small = demo.replace("train: 400, validation: 200, test: 800", "train: 400, validation: 100, test: 400")
    assert small != demo
    (tmp_path / "params" / "demo.yaml").write_text(small, encoding="utf-8")
    for words in (("majority",), ("lora_default", "-p", "epochs", "2")):
        done = command(workspace, "papermill", "notebooks/train.ipynb", "-p", "method", *words)
        assert done.returncode == 0, done.stderr
    found = {record.method: record for record in read_records(workspace.runs_folder("demo"), unreadable=print)}
    assert found["lora_default"].test.metrics["accuracy"] > found["majority"].test.metrics["accuracy"] + 0.1
    assert found["lora_default"].inputs.model_pretrained
    assert found["lora_default"].cost.params_trainable < 0.02 * found["lora_default"].cost.params_total
