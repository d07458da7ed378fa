from __future__ import annotations

from filelock import FileLock

from bakeoff.execution.leftovers import sweep_leftovers


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


LEFT = (".record.json.abcd_123.json", "progress.json", ".model.writing/weights", "checkpoint/epoch-1/state.json")


def test_what_killed_processes_left_goes_and_the_rest_stays(toys):
    home = toys.workspace.report_folder("toy")
    put(home, ".compare.ipynb.abcdefgh.ipynb", "compare.ipynb", ".notes.json", "choices/.swept.json.a1b2c3d4.json")
    put(home / "runs/done", *LEFT, "record.json")
    put(home / "runs/stopped", *LEFT)
    put(home / "runs/busy", *LEFT)
    with FileLock(home / "runs/.busy.lock"):
        sweep_leftovers("toy", toys.workspace, finished=["done", "busy"])
    kept = {name for name in files(home) if not name.endswith(".lock")}
    assert kept == {
        "compare.ipynb",
        ".notes.json",
        "runs/done/record.json",
        "runs/stopped/checkpoint/epoch-1/state.json",
        *(f"runs/busy/{name}" for name in LEFT),
    }
