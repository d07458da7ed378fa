"""What a report takes from the runs' own notebooks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_notebook, new_output

sys.path.insert(0, str(Path(__file__).parent / "reporting"))
import golden_reports
import sample
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import load_splits
from bakeoff.experiment.model import Report
from bakeoff.report.build import build_report
from bakeoff.report.sections import training_notebook
from bakeoff.report.text.language import speaking
from bakeoff.study.looks import read_looks
from bakeoff.system.workspace import Workspace


@pytest.mark.parametrize(
    ("language", "attribute", "kept"),
    [("en", "", True), ("ru", ' lang="ru"', True), ("ru", "", False), ("en", ' lang="ru"', False)],
)
def test_a_notebook_in_another_language_gives_way_to_the_record(
    tmp_path: Path, language: str, attribute: str, kept: bool
) -> None:
    run, workspace = sample.record("full"), Workspace(tmp_path)
    file = workspace.run_folder("demo", run.run_id).notebook
    file.parent.mkdir(parents=True)
    html = f'<div class="scroll"{attribute}>the table of the notebook</div>'
    shown = [new_output("display_data", data={"text/html": html})]
    nbformat.write(new_notebook(cells=[new_code_cell("run.finish()", outputs=shown)]), file)
    experiment = sample.experiment(report=Report(language=language))
    with speaking(language):
        text = str(training_notebook(run, workspace, experiment))
    assert ("the table of the notebook" in text) == kept
    assert ("Дальнейшее построено по записи" in text) == (language == "ru" and not kept)


def test_a_run_that_left_no_notebook_is_drawn_from_its_record(tmp_path: Path) -> None:
    drawn = training_notebook(sample.record("full"), Workspace(tmp_path), sample.experiment())
    assert "What follows is drawn from the record of this run" in str(drawn)


def test_one_process_at_a_time_writes_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    written = []
    monkeypatch.setattr("bakeoff.report.build._up_to_date_report", lambda *_, force, formats: written.append(force))
    experiment, workspace = sample.experiment(), Workspace(tmp_path)
    workspace.report_folder(experiment.name).mkdir(parents=True)
    second = threading.Thread(target=build_report, args=(experiment, workspace), kwargs={"force": True}, daemon=True)
    with FileLock(workspace.report_lock(experiment.name)):
        second.start()
        second.join(1.5)
        assert not written
    second.join(10)
    assert written == [True]
    assert "another process is writing this report or reading it; this one goes on when" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_whoever_may_only_read_waits_for_a_report_without_holding_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".lock").touch()
    (home / ".lock").chmod(0o444)
    home.chmod(0o555)
    lowered = [] if os.geteuid() else ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
    code = """
import sys, time
from pathlib import Path
from bakeoff.system.locks import report_held
with report_held(Path(sys.argv[1], ".lock"), to_read=True):
    print("read", time.time())
with report_held(Path(sys.argv[1], ".lock")):
    print("written")
"""
    with FileLock(home / ".lock"):
        reader = subprocess.Popen(
            [*lowered, sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        with suppress(subprocess.TimeoutExpired):
            reader.wait(3)
        ended = time.time()
    said, told = reader.communicate(timeout=60)
    assert float(said.removeprefix("read")) > ended
    assert "PermissionError" in told


def test_a_fault_while_the_notebook_is_executed_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections are drawn beside the kernel of compare.ipynb: neither it nor half of its notebook outlives a fault."""
    world = golden_reports.WORLDS["groups"]
    workspace, experiment = golden_reports.lay_out(world, "groups", "en", tmp_path)
    splits = load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace))
    golden_reports.Maker(world, experiment, workspace, splits).write_all()
    monkeypatch.setattr("bakeoff.report.sections.training_notebook", lambda *_: 1 / 0)
    monkeypatch.setenv("BAKEOFF_WARM_KERNELS", "off")  # else what forks kernels is waited for, where it still imports
    with pytest.raises(ZeroDivisionError):
        build_report(experiment, workspace)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("papermill")]
    left = {file.name for file in workspace.report_folder(experiment.name).iterdir() if file.is_file()}
    assert left <= {".report.lock", "compare.log", "looks.jsonl"}


def test_an_interrupted_report_was_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What compare.ipynb showed was seen, whatever came of the pages."""

    def interrupted(experiment, workspace, folder):
        assert read_looks(workspace.report_folder(experiment.name))  # written before anything is shown
        raise KeyboardInterrupt

    monkeypatch.setattr("bakeoff.report.build._executing", interrupted)
    world = golden_reports.WORLDS["groups"]
    workspace, experiment = golden_reports.lay_out(world, "groups", "en", tmp_path)
    splits = load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace))
    golden_reports.Maker(world, experiment, workspace, splits).write_all()
    for _ in range(2):  # the same state again is no second look
        with pytest.raises(KeyboardInterrupt):
            build_report(experiment, workspace)
    (look,) = read_looks(workspace.report_folder(experiment.name))
    assert (look.metric, look.reference, look.seeds_at_most) == ("macro_f1", "lora", 2)
