"""Machines on which little is as usual: commands work there, or say in a line what is wrong and leave nothing half."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("mounts, umasks and users as POSIX has them", allow_module_level=True)

sys.path.insert(0, str(Path(__file__).parent))
from bakeoff.runs.record import read_records

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NAME = "a study of 'odd' \"names\" # 100% %20 {x} {} $HOME & ; * é 日本"
EXPERIMENT = """
data: {source: "texts #1 {é}.csv", label: label, split: {train: 16, validation: 8, test: 8}, max_length: 16}
model: bundled:distilbert-small
seeds: [1]
compare: {reference: tfidf}
methods: {majority: {}, tfidf: {}}
"""
LATER = 10 * 365 * 86_400
"""Seconds that a clock was ahead by, which has been set right since."""


def lay_out(root: Path) -> Path:
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "params").mkdir()
    (root / "params" / "odd.yaml").write_text(EXPERIMENT, encoding="utf-8")
    rows = "".join(f"good fine {n},1\nbad poor {n},0\n" for n in range(20))
    (root / "texts #1 {é}.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    return root


def called(
    root: Path, *words: str, before: str = "", plain: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Give a command in a workspace. before: of a shell, in name spaces of its own where it mounts anything.

    plain: without what root may do and others may not
    """
    lowered = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if plain and not os.geteuid() else []
    script = f"{before}\nexec {shlex.join([*lowered, sys.executable, '-m', 'bakeoff', *words])}"
    apart = ["unshare", "--mount"] if "mount" in before else []
    return subprocess.run(
        [*apart, "sh", "-e", "-c", script],
        cwd=root,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "BAKEOFF_VECTOR_CACHE": "off", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture
def mounts() -> None:
    """Skip where nothing can be mounted."""
    try:
        done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    except OSError:
        pytest.skip("there is no unshare here")
    if done.returncode:
        pytest.skip("this user may mount nothing; root may")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path / NAME)


def one_line(done: subprocess.CompletedProcess[str], status: int) -> str:
    assert (done.returncode, done.stderr.count("\n")) == (status, 1), (done.stdout[-2000:], done.stderr[-2000:])
    return done.stderr


def ahead(root: Path) -> None:
    """Have everything written by a clock that was years ahead."""
    for path in (root, *root.rglob("*")):
        os.utime(path, (time.time() + LATER,) * 2)


@pytest.mark.usefixtures("mounts")
def test_a_host_where_everything_is_odd_at_once(root: Path, tmp_path: Path) -> None:
    """A strange path, no shared memory, a home that nobody may write to, files for one user only, another clock."""
    home = tmp_path / "home"
    home.mkdir()
    ahead(root)
    odd = f"umask 077\nmount -t tmpfs -o ro none /dev/shm\nmount -t tmpfs -o ro none {shlex.quote(str(home))}"
    done = called(root, "run", "params/odd.yaml", before=odd, HOME=str(home), LC_ALL="C", PYTHONUTF8="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search("Traceback|^bakeoff: ", done.stderr, re.MULTILINE)  # libraries say what they go without
    reports = root / "reports" / "odd"
    assert [record.status for record in read_records(reports / "runs")] == ["ok", "ok"]
    for name in ("report.html", "report.pdf", "summary.csv", "compare.ipynb"):
        assert (reports / name).stat().st_size > 100
    open_to_others = [path for path in (reports, *reports.rglob("*")) if path.stat().st_mode & 0o077]
    assert open_to_others == []
    assert not list(home.iterdir())
    file = next(reports.glob("runs/*/record.json"))
    told = json.loads(file.read_text(encoding="utf-8"))
    told["environment"]["finished_at"] = "2999-01-01T00:00:00+00:00"
    file.write_text(json.dumps(told), encoding="utf-8")
    ahead(root)
    again = called(root, "plan", "params/odd.yaml")
    assert "2 finished, 0 to execute" in again.stdout
    assert called(root, "status", "params/odd.yaml").stderr == ""


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize("full", ["full", "small", "fills", "read-only", "gone"])
def test_no_room_for_temporary_files(root: Path, tmp_path: Path, full: str) -> None:
    place = tmp_path / "scratch"
    place.mkdir()
    shown = shlex.quote(str(place))
    before = {
        "full": f"mount -t tmpfs -o size=16k none {shown}\nhead -c 99999 /dev/zero > {shown}/full 2> /dev/null || true",
        "small": f"mount -t tmpfs -o size=16k none {shown}",
        "fills": f"mount -t tmpfs -o size=1m none {shown}\n(until ls reports/odd/runs/*/log.txt; do sleep 0.05; done;"
        f" head -c 9999999 /dev/zero > {shown}/full) > /dev/null 2>&1 &",
        "read-only": f"mount -t tmpfs -o ro none {shown}",
        "gone": f"rmdir {shown}",
    }[full]
    done = called(root, "run", "params/odd.yaml", "--only", "majority", before=before, TMPDIR=str(place))
    records = read_records(root / "reports" / "odd" / "runs")
    if done.returncode == 0:  # what is temporary went elsewhere
        assert [record.status for record in records] == ["ok"]
        assert (root / "reports" / "odd" / "report.html").is_file()
    else:
        said = one_line(done, 3)
        assert said.startswith(f"bakeoff: the disk is full: {place}")
        assert "by TMPDIR" in said
        assert not [record for record in records if record.status != "ok"]
        assert not (root / "reports" / "odd" / "report.html").exists()
    assert "Traceback" not in done.stderr
    after = called(root, "run", "params/odd.yaml", "--only", "majority")
    assert (after.returncode, after.stderr) == (0, "")


def test_a_user_without_rights(root: Path) -> None:
    """Whoever may only look can look; what would be written is refused in one line, and nothing is."""
    for path in (root, *(one for one in root.rglob("*") if one.is_dir())):
        path.chmod(0o555)
    before = sorted(root.rglob("*"))
    plan = called(root, "plan", "params/odd.yaml", plain=True, HOME="/nonexistent")
    assert (plan.returncode, plan.stderr) == (0, "")
    for command in ("run", "report"):
        said = one_line(called(root, command, "params/odd.yaml", plain=True, HOME="/nonexistent"), 3)
        assert said.startswith("bakeoff: this user may not read or write: ")
    assert sorted(root.rglob("*")) == before


def test_links_in_a_folder_of_others_lead_nothing_out_of_it(tmp_path: Path) -> None:
    """What a run and a report write in its place would else be written over, or behind, a file of somebody's."""
    root, precious = lay_out_to_train(tmp_path / "study"), tmp_path / "precious"
    precious.write_text("alias ls='ls'\n", encoding="utf-8")
    planned = called(root, "plan", "params/tiny.yaml", COLUMNS="300")
    (run,) = re.findall(r"full-s1-\w+", planned.stdout)
    home = root / "reports" / "tiny"
    names = ("log.txt", "epochs.jsonl", "notebook.ipynb", "progress.json", "progress.tmp", ".attempt", "record.json")
    places = [home / "runs" / run / name for name in (*names, "predictions.parquet", "model", ".model.writing")]
    reports = ("report.html", "report.json", "compare.ipynb", "compare.log", "looks.jsonl", ".lock.by", "summary.csv")
    for place in (*places, *(home / name for name in reports)):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(precious)
    before = precious.stat().st_mtime_ns
    precious.chmod(0o640)
    done = called(root, "run", "params/tiny.yaml")
    (home / "looks.jsonl").unlink(missing_ok=True)  # no list of looks: told in one line, since nobody knows what it was
    again = called(root, "run", "params/tiny.yaml")
    assert again.returncode == 0, done.stdout + done.stderr + again.stdout + again.stderr
    assert precious.read_text(encoding="utf-8") == "alias ls='ls'\n"
    assert (precious.stat().st_mtime_ns, precious.stat().st_mode & 0o777) == (before, 0o640)
    assert [path for path in home.rglob("*") if path.is_symlink()] == []
    assert [record.status for record in read_records(home / "runs")] == ["ok"]


def lay_out_to_train(root: Path) -> Path:
    from torture import lay_out as with_a_model

    with_a_model(root, "methods: {full: {}}\n")
    file = root / "params" / "tiny.yaml"
    file.write_text(file.read_text("utf-8").replace("reference: majority", "reference: full"), "utf-8")
    return root
