"""What a run left, damaged in every way: plan and status name it alike, the report leaves it out, a run mends it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bakeoff.execution.local import execute
from bakeoff.execution.plan import plan
from bakeoff.execution.status import statuses
from bakeoff.report.state import read_state
from bakeoff.runs.choice import read_choice
from bakeoff.runs.files import keep_files
from bakeoff.runs.record import read_record, write_record
from bakeoff.runs.verified import read_verified
from bakeoff.study.study import StudyData
from bakeoff.system.digests import bytes_of
from bakeoff.system.workspace import RunFolder
from toy_methods import leave
from toys import HEAD

METHODS = "methods: {steady: {kind: toy}}\n"
ONE_SEED = HEAD.replace("[1, 2]", "[1]")


def folder_instead(file: Path) -> None:
    file.unlink(missing_ok=True)
    (file / "inside").mkdir(parents=True)


def file_instead(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.touch()


def content(text: bytes) -> Callable[[Path], None]:
    return lambda file: file.write_bytes(text) and None


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])


def another_schema(file: Path) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "schema_version": 99}), "utf-8")


DAMAGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "record empty": ("record.json", content(b"")),
    "record cut": ("record.json", truncated),
    "record a list": ("record.json", content(b"[1]")),
    "record null": ("record.json", content(b"null")),
    "record of bytes": ("record.json", content(b"\xff\xfe\x00")),
    "record a folder": ("record.json", folder_instead),
    "record of another schema": ("record.json", another_schema),
    "predictions cut": ("predictions.parquet", truncated),
    "predictions empty": ("predictions.parquet", content(b"")),
    "predictions of another run": ("predictions.parquet", content(b"predictionz")),
    "predictions a folder": ("predictions.parquet", folder_instead),
    "predictions gone": ("predictions.parquet", lambda file: file.unlink()),
    "model cut": ("model/weights", truncated),
    "model gone": ("model", shutil.rmtree),
    "model a file": ("model", file_instead),
}


def finished(toys) -> RunFolder:
    """Leave a run with a model, its files known to its record."""
    run = plan(toys.write(METHODS), toys.workspace).items[0].run
    record = leave(run, toys.workspace)
    folder = toys.workspace.run_folder("toy", run.run_id)
    folder.model.mkdir(exist_ok=True)
    (folder.model / "weights").write_bytes(b"some weights")
    write_record(record.model_copy(update={"files": keep_files(folder)}), folder.record)
    return folder


def seen(toys, folder: RunFolder) -> tuple[str, str]:
    """Return how plan and status call a run."""
    item = next(item for item in plan(toys.experiment, toys.workspace).items if item.run.run_id == folder.path.name)
    status = next(one for one in statuses("toy", workspace=toys.workspace) if one.run_id == folder.path.name)
    return item.state, status.state


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_result_is_none_and_everybody_says_so(toys, name) -> None:
    folder = finished(toys)
    assert seen(toys, folder) == ("finished", "done")
    file, damage = DAMAGES[name]
    damage(folder.path / file)
    state, status = seen(toys, folder)
    assert (state, status) == ("stale", "unreadable")
    reason = next(item.reason for item in plan(toys.experiment, toys.workspace).items if item.state == "stale")
    assert reason.startswith("its result cannot be used: ")
    assert len(reason.splitlines()) == 1
    # Toys keep no table of predictions, so no run of theirs is in a report; a damaged one stops none.
    assert not StudyData.of(toys.experiment, workspace=toys.workspace).contenders


@pytest.mark.slow
@pytest.mark.parametrize("name", ["record a folder", "predictions a folder", "model a file"])
def test_a_run_mends_what_stands_in_its_way(toys, name) -> None:
    folder = finished(toys)
    file, damage = DAMAGES[name]
    damage(folder.path / file)
    summary = execute(toys.experiment, toys.workspace, jobs=1)
    assert summary.exit_status == 0, summary.without_result
    assert read_record(folder.record).status == "ok"
    assert seen(toys, folder) == ("finished", "done")


@pytest.mark.slow
def test_a_folder_in_a_choice_s_place_is_removed_when_the_sweep_has_ended(toys) -> None:
    experiment = toys.write("methods: {steady: {kind: toy}, swept: {kind: toy, rank: [2, 4]}}\n", head=ONE_SEED)
    folder_instead(toys.workspace.choice_file("toy", "swept"))
    assert execute(experiment, toys.workspace, only=["swept"]).exit_status == 0
    assert read_choice(experiment, "swept", workspace=toys.workspace).chosen == {"rank": 4}


def test_a_notebook_that_was_cut_off_is_told_alike(toys) -> None:
    folder = finished(toys)
    folder.attempt.touch()
    assert seen(toys, folder) == ("resumable", "stopped")
    (status,) = (one for one in statuses("toy", workspace=toys.workspace) if one.run_id == folder.path.name)
    assert status.detail == "its result is whole, its notebook is not"


@pytest.mark.parametrize("damage", [content(b"{"), content(b"[1]"), content(b'{"rank": 7}'), folder_instead])
def test_a_damaged_choice_is_none_and_its_sweep_waits(toys, damage) -> None:
    experiment = toys.write()
    file = toys.workspace.choice_file("toy", "swept")
    file.parent.mkdir(parents=True)
    damage(file)
    assert read_choice(experiment, "swept", workspace=toys.workspace) is None
    states = {item.state for item in plan(experiment, toys.workspace).items if item.request.method == "swept"}
    assert states == {"pending", "waiting"}


@pytest.mark.parametrize("damage", [content(b"\x00"), folder_instead])
def test_damaged_epochs_start_over(toys, damage) -> None:
    run = plan(toys.write(METHODS), toys.workspace).items[0].run
    folder = toys.workspace.run_folder("toy", run.run_id)
    (folder.checkpoint / "inside").mkdir(parents=True)
    damage(folder.epochs)
    assert seen(toys, folder) == ("resumable", "stopped")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders as POSIX has them")
@pytest.mark.parametrize(
    "name", ["runs/steady-s1-00000000/record.json", "choices/swept.json", "report.json", "verify.json"]
)
def test_a_pipe_or_a_device_in_a_file_s_place_is_never_waited_for(toys, name) -> None:
    file = toys.workspace.report_folder("toy") / name
    file.parent.mkdir(parents=True)
    os.mkfifo(file)
    with pytest.raises(OSError, match="not a regular file"):
        bytes_of(file)
    for _ in range(2):
        assert {item.state for item in plan(toys.experiment, toys.workspace).items} == {"pending", "waiting"}
        assert statuses("toy", workspace=toys.workspace) is not None
        assert read_state(toys.workspace.report_folder("toy")) == {}
        assert read_verified(toys.workspace.report_folder("toy")).levels == {}
        file.unlink()
        file.symlink_to("/dev/zero")
