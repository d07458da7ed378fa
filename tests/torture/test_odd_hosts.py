"""Hosts not as one would like them: nothing to write to but the workspace, another user, a clock that jumps."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("users, modes and mounts as POSIX has them", allow_module_level=True)

sys.path.insert(0, str(Path(__file__).parent))
from faults import Study, cut_off

from torture import left

pytestmark = pytest.mark.slow

ODD = "a {} b'c\"d #1 %20 é日"
BARE = """
set -e
mount --bind "$1" /mnt
for place in /tmp /var/tmp /dev/shm; do test ! -d $place || mount -t tmpfs -o ro,size=4k none $place; done
cd /mnt
umask 077
shift
exec "$@"
"""
"""Show the workspace elsewhere and let nothing be written in the places for scratch, then execute the rest."""
LOST = ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
RUN = (sys.executable, "-m", "bakeoff", "run", "params/tiny.yaml", "--no-report")


@pytest.fixture(scope="module")
def study() -> Iterator[Study]:
    """Return a workspace where every user may look, with what its runs come to."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="odd-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        made = Study(Path(place) / ODD, Path(place) / "faulty")
        (made.scratch / "clock").touch()
        os.chdir(made.root)
        for method in ("majority", "full"):
            made.undisturbed(method)
        yield made
        os.chdir(before)


def environment(study: Study, **more: str) -> dict[str, str]:
    """Return one of processes without a home, whose clock jumps."""
    kept = {name: value for name, value in os.environ.items() if name not in (*LOST, "BAKEOFF_CACHE")}
    return {**kept, **study.settings, "HOME": "/proc", "TMPDIR": "/proc", **more}


def permitted(*words: str) -> bool:
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def test_nothing_to_write_to_but_the_workspace_and_a_clock_that_jumps(study: Study) -> None:
    """An odd path, no home, no /tmp, no /dev/shm, umask 077, time a year ahead and back; mounts where permitted."""
    command: list[str] = [*RUN, "--only", "majority", "--only", "full"]
    apart = ["unshare", "--mount", *(["--map-root-user"] if os.getuid() else [])]
    if permitted(*apart, "mount", "-t", "tmpfs", "none", "/mnt"):
        command = [*apart, "sh", "-c", BARE, "sh", os.fspath(study.root), *command]
    before = {path.name for path in study.root.iterdir()}
    mask = os.umask(0o077)
    try:
        done = subprocess.run(
            command, cwd=study.root, env=environment(study), capture_output=True, text=True, timeout=300, check=False
        )
    finally:
        os.umask(mask)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "2 of 2 runs finished" in done.stdout
    there = study.results(of="majority") | study.results(of="full")
    assert there == study.whole
    assert (left(study.root), cut_off(study, "full")) == ([], [])
    assert {path.name for path in study.root.iterdir()} - before <= {"reports"}
    made = [path for path in study.home.rglob("*") if path.stat().st_mode & 0o077]
    assert made == []


def test_another_user_is_told_in_one_line_and_has_another_place_for_reports(study: Study) -> None:
    if os.getuid():
        pytest.skip("only root can be somebody else")
    settings = environment(study, HOME="/nonexistent", TMPDIR="/tmp")
    stranger = {"user": "nobody", "group": 65534, "extra_groups": [], "env": settings, "cwd": study.root}
    try:
        command = [sys.executable, "-c", "import bakeoff.cli"]
        able = subprocess.run(command, **stranger, capture_output=True, check=False)
    except (OSError, KeyError, ValueError):
        pytest.skip("nobody is nobody here")
    if able.returncode:
        pytest.skip("nobody else may read this checkout")
    shutil.rmtree(study.root / "reports", ignore_errors=True)
    (study.home / "runs").mkdir(parents=True)
    command = [*RUN, "--only", "majority"]
    refused = subprocess.run(command, **stranger, capture_output=True, text=True, timeout=300, check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (3, 1)
    assert refused.stderr.startswith("bakeoff: this user may not read or write: ")
    assert "BAKEOFF_REPORTS" in refused.stderr
    with tempfile.TemporaryDirectory(prefix="theirs-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o777)
        settings["BAKEOFF_REPORTS"] = place
        done = subprocess.run(command, **stranger, capture_output=True, text=True, timeout=300, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        (predictions,) = Path(place).glob("tiny/runs/majority-*/predictions.parquet")
        assert predictions.stat().st_uid != 0
        assert re.fullmatch(r"majority-s1-[0-9a-f]+", predictions.parent.name)
