from __future__ import annotations

import os
import time

import nbformat
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bakeoff.execution.leftovers import hide_secrets, sweep_leftovers


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
    put(home, ".a.b.html.abcdefgh.html", "choices/.swept@films.json.a1b2c3d4.json", "figures/.costs.svg.abcdefgh.svg")
    put(home, "parts/some+ru/.report.pdf.abcdefgh.pdf", "parts/some+ru/figures/.costs.png.abcdefgh.png")
    put(home, ".lora-s1-0123abcd.abcdefgh/model/weights", ".report.abcdefgh/file", ".lora-s2-0123abcd.abcdefgh/new")
    put(home / "runs/stopped", ".checkpoint.abcdefgh/checkpoint/epoch-1/state.json")
    for old in (".lora-s1-0123abcd.abcdefgh", ".report.abcdefgh", "runs/stopped/.checkpoint.abcdefgh"):
        os.utime(home / old, (time.time() - 2 * 86_400,) * 2)
    put(home / "runs/done", *LEFT, "record.json")
    put(home / "runs/stopped", *LEFT)
    put(home / "runs/busy", *LEFT)
    with FileLock(home / "runs/.busy.lock"):
        sweep_leftovers("toy", toys.workspace, finished=["done", "busy"])
    kept = {name for name in files(home) if not name.endswith(".lock")}
    assert kept == {
        "compare.ipynb",
        ".notes.json",
        ".lora-s2-0123abcd.abcdefgh/new",  # on its way from a store, maybe
        "runs/done/record.json",
        "runs/stopped/checkpoint/epoch-1/state.json",
        *(f"runs/busy/{name}" for name in LEFT),
    }


def test_a_notebook_stays_one_whatever_a_secret_is_called(tmp_path, monkeypatch):
    """A variable that says how to log in: `APP_AUTH=metadata` made every executed notebook none."""
    monkeypatch.setenv("APP_AUTH", "metadata")
    monkeypatch.setenv("APP_PASSWORD", "planted-1877")
    file, log = tmp_path / "notebook.ipynb", tmp_path / "log.txt"
    monkeypatch.setenv("DB_PASSWORD", "accuracy")
    shown = {"text/x-typst": "accuracy planted-1877", "image/svg+xml": "<svg>accuracy</svg>"}
    outputs = [
        new_output("stream", name="stdout", text="planted-1877, metadata\nplanted-\n1877\n"),
        new_output("error", ename="ValueError", evalue="planted-1877", traceback=["at planted-1877", "accuracy"]),
        new_output("display_data", data=shown),
        new_output("display_data", data={"text/plain": "planted-1877", "text/markdown": "**planted-1877**"}),
        new_output("display_data", data={"application/json": {"name": "planted-1877", "planted-1877": ["x"]}}),
    ]
    code = "metadata = 'accuracy'\nplace = 'https://me:word@host/x'\n"
    about = {"papermill": {"parameters": {"method": "accuracy"}}}
    nbformat.write(new_notebook(cells=[new_code_cell(code, outputs=outputs)], metadata=about), file)
    log.write_text("planted-1877\n", encoding="utf-8")
    hide_secrets(file, log)
    found = nbformat.read(file, 4)
    assert found.metadata == about
    assert found.cells[0].source == code.replace("me:word", "***")
    said, error, ours, other, tree = found.cells[0].outputs
    hidden = {"text/plain": "***", "text/markdown": "*******"}
    assert (said.text, other.data) == ("***, ***\nplanted-\n1877\n", hidden)
    assert (error.ename, error.evalue, error.traceback) == ("ValueError", "***", ["at ***", "***"])
    assert tree.data == {"application/json": {"name": "***", "***": ["x"]}}
    assert ours.data == shown, "a picture is found by the name that its content gives it"
    before = file.read_bytes()
    hide_secrets(file)
    assert file.read_bytes() == before
    assert log.read_text(encoding="utf-8") == "***\n"
