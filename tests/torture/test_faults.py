"""Faults at every file that a run writes, and hosts that are not as one would like them: `make faults`.

An audit hook raises the error where a file is opened to be written, put in its place or made, so that writers in Python
are met whatever call they use; those in other languages are met where their file is put on disk.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from battery import lay_out

from bakeoff import cli
from bakeoff.execution.plan import plan
from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.train import TrainingRun, open_run
from bakeoff.system.digests import sha256_of
from bakeoff.system.workspace import RunFolder, Workspace

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="errors as POSIX numbers them")]

ERRORS = ("ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT")
FILES = {
    "majority": ("predictions.parquet", "record.json", "model"),
    "full": ("epochs.jsonl", "checkpoint", "tensors.pt", "state.json", "predictions.parquet", "model", "record.json"),
}
"""What a run writes, by method: each file's name is looked for in the path."""
EXPERIMENT = """
data: {source: data.csv, label: {column: label}, split: {train: 4, validation: 2, test: 2}, max_length: 16}
model: models/tiny
seeds: [1]
defaults: {epochs: 2, batch_size: 4, threads: 1}
methods: {majority: {}, full: {}}
"""
EVENTS = {"open", "os.rename", "os.mkdir"}


class Fault:
    """An error to raise where a path matches; a hook cannot be taken out again, so that it is told nothing instead."""

    def __init__(self) -> None:
        self.pattern: re.Pattern[str] | None = None
        self.number = self.raised = 0
        sys.addaudithook(self.hook)

    def hook(self, event: str, given: tuple[Any, ...]) -> None:
        if self.pattern is None or event not in EVENTS:
            return
        path = given[1] if event == "os.rename" else given[0]
        if event == "open" and not given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        if isinstance(path, str | os.PathLike) and self.pattern.search(os.fspath(path)):
            self.raised += 1
            raise OSError(self.number, os.strerror(self.number), os.fspath(path))

    @contextmanager
    def at(self, name: str, error: str) -> Iterator[None]:
        self.pattern, self.number, self.raised = re.compile(rf"runs/.*{re.escape(name)}"), getattr(errno, error), 0
        try:
            yield
        finally:
            self.pattern = None


@pytest.fixture(scope="module")
def fault() -> Fault:
    return Fault()


def laid_out(root: Path) -> Workspace:
    lay_out(root)
    (root / "params" / "demo.yaml").write_text(EXPERIMENT, "utf-8")
    return Workspace(root)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    before = Path.cwd()
    workspace = laid_out(tmp_path_factory.mktemp("faults") / "a b'c\"#%é日 study")
    os.chdir(workspace.root)
    yield workspace
    os.chdir(before)


def run(method: str) -> TrainingRun:
    """Do what the cells of the notebook do, in this process."""
    opened = open_run({"params": "params/demo.yaml", "method": method, "seed": 1})
    try:
        opened.load_data()
        opened.build_model()
        opened.fit()
        opened.finish()
    finally:
        opened._lock.release(force=True)
    return opened


def kept(folder: RunFolder) -> dict[str, str]:
    files = [folder.predictions, *sorted(folder.model.rglob("*"))]
    return {path.relative_to(folder.path).as_posix(): sha256_of(path) for path in files if path.is_file()}


def state(workspace: Workspace, method: str) -> str:
    experiment = load_experiment(workspace.root / "params" / "demo.yaml", root=workspace.root)
    (item,) = plan(experiment, workspace, only=[method]).items
    return item.state


@pytest.fixture(scope="module")
def undisturbed(study: Workspace) -> dict[str, dict[str, str]]:
    found = {}
    for method in FILES:
        opened = run(method)
        found[method] = kept(opened.folder)
        assert state(study, method) == "finished"
        shutil.rmtree(opened.folder.path)
    return found


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("method", "file"), [(method, file) for method, files in FILES.items() for file in files])
def test_a_fault_leaves_no_finished_looking_run_and_the_next_one_is_right(
    study: Workspace, undisturbed: dict[str, dict[str, str]], fault: Fault, method: str, file: str, error: str
) -> None:
    with fault.at(file, error), pytest.raises((OSError, RuntimeError)):
        run(method)
    assert fault.raised, "nobody writes such a file"
    assert state(study, method) != "finished"
    opened = run(method)
    assert state(study, method) == "finished"
    assert kept(opened.folder) == undisturbed[method]
    shutil.rmtree(opened.folder.path)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("ENOSPC", "the disk is full"),
        ("EDQUOT", "the quota is used up"),
        ("EROFS", "the file system is read-only"),
        ("EACCES", "this user may not read or write"),
        ("EIO", "the disk reports an error"),
    ],
)
def test_the_command_says_first_what_is_full_and_what_is_needed(
    study: Workspace, fault: Fault, capsys: pytest.CaptureFixture[str], error: str, said: str
) -> None:
    fault.pattern, fault.number = re.compile(r"reports/demo"), getattr(errno, error)
    shutil.rmtree(study.reports, ignore_errors=True)
    try:
        status = cli.main(["run", "--only", "majority", "--no-report"])
    finally:
        fault.pattern = None
    line = capsys.readouterr().err
    assert (status, line.count("\n")) == (3, 1)
    assert line.startswith(f"bakeoff: {said}")
    assert "reports/demo" in line
    assert "; " in line, "what would do"


def test_a_lock_that_is_a_folder_is_one_line(study: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    lock = study.lock("demo")
    lock.mkdir(parents=True)
    try:
        status = cli.main(["run", "--only", "majority", "--no-report"])
    finally:
        lock.rmdir()
    line = capsys.readouterr().err
    assert (status, line.count("\n")) == (3, 1)
    assert ".lock" in line


def test_a_file_system_that_is_full(
    tmp_path: Path, study: Workspace, undisturbed: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small tmpfs, where mounting one is permitted: nothing looks finished, and with more room all is right."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "small", str(disk)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        monkeypatch.setenv("BAKEOFF_REPORTS", str(disk))
        (disk / "filler").write_bytes(b"x" * 8192)
        with pytest.raises(OSError, match="No space left"):
            run("majority")
        assert state(study, "majority") != "finished"
        subprocess.run(["mount", "-o", "remount,size=16m", disk], check=True)
        assert kept(run("majority").folder) == undisturbed["majority"]
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_nobody_else_may_read_where_the_umask_says_so(study: Workspace) -> None:
    before = os.umask(0o077)
    try:
        opened = run("majority")
    finally:
        os.umask(before)
    readable = [path for path in (opened.folder.path, *opened.folder.path.rglob("*")) if path.stat().st_mode & 0o077]
    assert readable == []
    shutil.rmtree(opened.folder.path)


def test_a_home_and_a_place_for_scratch_that_cannot_be_written_to_stop_no_run(study: Workspace) -> None:
    """/proc takes files of nobody, not even of root."""
    if not Path("/proc/self").exists():
        pytest.skip("no /proc here")
    environment = {**os.environ, "HOME": "/proc", "TMPDIR": "/proc", "HF_HUB_OFFLINE": "1"}
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "bakeoff", "run", "--only", "majority", "--no-report"]
    done = subprocess.run(
        command, cwd=study.root, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 runs finished" in done.stdout
