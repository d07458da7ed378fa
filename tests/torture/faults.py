"""A disk that refuses, at every file that a run or a report writes: what is said, what is left, what comes of it later.

    python tests/torture/faults.py           # each file with one error, in turn
    python tests/torture/faults.py --all     # each file with each error
    python tests/torture/faults.py --write   # and the figures into tests/RELIABILITY.md

With each: one line that says first what is wrong, exit status 3, nothing that looks finished and is not; and without
it the same command comes to the same bytes as one that nothing disturbed. POSIX only.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "faulty"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from bad_disk import SETTING, fault, hits, install

from bakeoff import cli
from bakeoff.execution.plan import plan
from bakeoff.experiment.load import load_experiment
from bakeoff.system.atomic import TROUBLE
from bakeoff.system.workspace import Workspace
from torture import KEPT, PAGE, ROOT, lay_out, left, results

FAULTY = ROOT / "tests" / "support" / "faulty"
ERRORS = ("ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT")
METHODS = "methods: {majority: {}, full: {}, lora: {rank: [2, 4]}}\n"
SIZES_KB = (24, 64, 160, 320, 480)
"""Of a small file system, in which a training has no room: for its folder, its checkpoint, its model."""


@dataclass(frozen=True)
class Row:
    """A file that is written. method: of the run, none for the report; on, path: of the operation that fails."""

    method: str
    on: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.method or 'report'}: {self.on} {self.path}"


KERNEL = (
    Row("majority", "open", r"runs/\.majority[^/]*\.lock$"),
    *(Row("majority", on, r"/\.predictions\.parquet\.") for on in ("open", "fsync", "rename")),
    *(Row("majority", on, r"/\.record\.json\.") for on in ("open", "fsync", "rename")),
    *(Row("full", on, r"/epochs\.jsonl$") for on in ("open", "fsync")),
    Row("full", "mkdir", r"/checkpoint/\.writing"),
    Row("full", "fsync", r"/checkpoint/\.writing-epoch-2/tensors\.pt$"),
    *(Row("full", on, r"/checkpoint/\.writing-epoch-1/trainer_state\.json$") for on in ("open", "fsync")),
    *(Row("full", on, r"/checkpoint/\.writing-epoch-3/state\.json$") for on in ("open", "fsync")),
    Row("full", "rename", r"/checkpoint/\.writing-epoch-2"),
    Row("full", "mkdir", r"/\.model\.writing$"),
    Row("full", "fsync", r"/\.model\.writing/.*safetensors$"),
    Row("full", "open", r"/\.model\.writing/tokenizer_config\.json$"),
    Row("full", "rename", r"/\.model\.writing$"),
    Row("full", "fsync", r"/\.record\.json\."),
)
DRIVER = (
    Row("majority", "open", r"reports/tiny/\.lock$"),
    Row("majority", "mkdir", r"runs/majority-s1-[^/.]*$"),
    Row("majority", "open", r"runs/majority-s1-[^/]*/log\.txt$"),
    Row("majority", "open", r"runs/majority-s1-[^/]*/\.attempt$"),
    Row("majority", "open", r"runs/majority-s1-[^/]*/notebook\.ipynb$"),
    Row("full", "open", r"runs/full-s1-[^/]*/notebook\.ipynb$"),
    *(Row("lora", on, r"choices/\.lora\.json\.") for on in ("open", "rename")),
)
REPORT = (
    *(Row("", on, r"/\.looks\.jsonl\.") for on in ("open", "rename")),
    *(Row("", on, r"/\.compare\.ipynb\.") for on in ("open", "rename")),
    *(Row("", on, r"/\.report\.html\.") for on in ("open", "fsync", "rename")),
    *(Row("", on, r"/\.report\.pdf\.") for on in ("open", "rename")),
    *(Row("", "rename", rf"/\.{name}\.") for name in ("summary\\.csv", "summary\\.md", "summary\\.tex", "pairs\\.csv")),
    Row("", "rename", r"/\.records\.parquet\."),
    Row("", "open", r"/figures/"),
    *(Row("", on, r"/\.report\.json\.") for on in ("open", "rename")),
)
ROWS = (*KERNEL, *DRIVER, *REPORT)
SHORT = tuple(
    row
    for row in ROWS
    if (row.method, row.on, row.path)
    in {
        ("majority", "fsync", r"/\.predictions\.parquet\."),
        ("majority", "rename", r"/\.record\.json\."),
        ("majority", "open", r"runs/majority-s1-[^/]*/notebook\.ipynb$"),
        ("majority", "open", r"reports/tiny/\.lock$"),
        ("full", "fsync", r"/epochs\.jsonl$"),
        ("full", "fsync", r"/checkpoint/\.writing-epoch-2/tensors\.pt$"),
        ("full", "fsync", r"/\.model\.writing/.*safetensors$"),
        ("lora", "rename", r"choices/\.lora\.json\."),
        ("", "rename", r"/\.report\.html\."),
        ("", "open", r"/\.report\.json\."),
    }
)
"""What CI tries; the whole table is `make faults`."""


class Study:
    """A workspace, what it comes to undisturbed, and one command after the other in it, in this process.

    scratch: a folder outside of the workspace; the current folder and the environment are the caller's business
    """

    def __init__(self, root: Path, scratch: Path) -> None:
        lay_out(root, METHODS)
        scratch.mkdir()
        self.root, self.scratch, self.workspace = root, scratch, Workspace(root)
        self.home = root / "reports" / "tiny"
        self.settings = {
            SETTING: str(scratch),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(FAULTY), os.environ.get("PYTHONPATH", "")))),
            "HF_HUB_OFFLINE": "1",
            "BAKEOFF_VECTOR_CACHE": "off",
        }
        self.whole: dict[str, str] = {}
        self.pages: dict[str, bytes] = {}

    def command(self, *words: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main([words[0], "params/tiny.yaml", *words[1:]])
        return status, out.getvalue(), err.getvalue()

    def results(self, *, of: str) -> dict[str, str]:
        """Return what the runs of a method came to, by file."""
        return {name: sha for name, sha in results(self.root).items() if re.match(rf"(runs|choices)/{of}[-.]", name)}

    def undisturbed(self, method: str) -> dict[str, str]:
        """Make a method's runs in peace and take them away again; once."""
        if not any(name.startswith(f"runs/{method}-") for name in self.whole):
            assert self.command("run", "--no-report", "--only", method)[0] == 0
            self.whole |= self.results(of=method)
            self.clear(method)
        return {name: sha for name, sha in self.whole.items() if re.match(rf"(runs|choices)/{method}[-.]", name)}

    def reported(self) -> dict[str, bytes]:
        """Make every run and the report in peace; take the report away again."""
        if not self.pages:
            assert self.command("run")[0] == 0
            self.pages = {name: (self.home / name).read_bytes() for name in KEPT}
        self.clear("")
        return self.pages

    def clear(self, method: str) -> None:
        """Take away what there is of a method, or the report."""
        for path in self.home.glob("*"):
            if not method and path.name not in ("runs", "choices"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in self.home.glob(f"*/{method}[-.]*") if method else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def unfinished(self, method: str) -> list[str]:
        """Return what looks finished of a method and is not what it would be undisturbed."""
        experiment = load_experiment(self.root / "params" / "tiny.yaml", root=self.root)
        done = [
            item.run.run_id for item in plan(experiment, self.workspace, only=[method]).in_state("finished") if item.run
        ]
        there, whole = self.results(of=method), self.undisturbed_of(method)
        return [name for name, sha in whole.items() if name.split("/")[1] in done and there.get(name) != sha]

    def undisturbed_of(self, method: str) -> dict[str, str]:
        return {name: sha for name, sha in self.whole.items() if name.startswith(f"runs/{method}-")}


def wrong_line(status: int, err: str, error: str) -> str | None:
    """Return what is wrong with what a command said of a fault."""
    said = TROUBLE[getattr(__import__("errno"), error)]
    if status != 3 or err.count("\n") != 1 or "Traceback" in err:
        return f"status {status}: {err[-600:]}"
    if not err.startswith(f"bakeoff: {said[0]}: ") or not err.rstrip().endswith(said[1]):
        return f"it does not say what is wrong first and what is needed: {err}"
    return None


def cut_off(study: Study, method: str) -> list[str]:
    """Return the notebooks of a method that did not get to their end."""
    found = []
    for file in study.home.glob(f"runs/{method}-*/notebook.ipynb"):
        cells = [cell for cell in json.loads(file.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
        if any(cell["metadata"].get("papermill", {}).get("status") != "completed" for cell in cells):
            found.append(file.parent.name)
    return found


def tried(row: Row, error: str, study: Study) -> str | None:
    """Let a file fail, then not; return what is not as it should be, None where all is."""
    if not row.method:
        return tried_report(row, error, study)
    words, whole = ("run", "--no-report", "--only", row.method), study.undisturbed(row.method)
    try:
        with fault(study.scratch, on=row.on, path=row.path, error=error):
            status, out, err = study.command(*words)
        if not hits(study.scratch):
            return "nobody writes such a file"
        if wrong := wrong_line(status, err, error):
            return f"{wrong} {out[-300:]}"
        if broken := study.unfinished(row.method):
            return f"looks finished and is not: {broken}"
        return gone_on(row.method, study, whole)
    finally:
        study.clear(row.method)


def gone_on(method: str, study: Study, whole: dict[str, str]) -> str | None:
    """Give the same command without a fault; return what is not as if there had been none."""
    status, out, err = study.command("run", "--no-report", "--only", method)
    if status or err:
        return f"afterwards status {status}: {err[-300:]}{out[-300:]}"
    there = study.results(of=method)
    if there != whole:
        return f"afterwards other results: {sorted(name for name in whole if there.get(name) != whole[name])}"
    if notebooks := cut_off(study, method):
        return f"afterwards notebooks are cut off: {notebooks}"
    rest = left(study.root)
    return f"left behind: {rest}" if rest else None


def tried_report(row: Row, error: str, study: Study) -> str | None:
    pages = study.reported()
    with fault(study.scratch, on=row.on, path=row.path, error=error):
        status, _, err = study.command("report")
    if not hits(study.scratch):
        return "nobody writes such a file"
    if wrong := wrong_line(status, err, error):
        return wrong
    status, out, err = study.command("report")
    if status or err or "written: " not in out:
        return f"afterwards status {status}: {err[-300:]}{out[-300:]}"
    other = [name for name, page in pages.items() if (study.home / name).read_bytes() != page]
    if other:
        return f"afterwards other bytes: {other}"
    rest = left(study.root)
    return f"left behind: {rest}" if rest else None


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[bool]:
    """Mount an empty file system of that size over a folder; yield whether that is permitted here."""
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "small", str(place)]
    try:
        mounted = not subprocess.run(command, capture_output=True, check=False).returncode
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)


def filled(study: Study, kilobytes: int) -> str | None:
    """Train where there is too little room, then make room; return what is not as it should be.

    "skip" where nothing can be mounted
    """
    whole, disk = study.undisturbed("full"), study.root / "reports"
    with small_disk(disk, kilobytes) as mounted:
        if not mounted:
            return "skip"
        status, out, err = study.command("run", "--no-report", "--only", "full")
        if wrong := wrong_line(status, err, "ENOSPC"):
            return f"{wrong} {out[-300:]}"
        if broken := study.unfinished("full"):
            return f"looks finished and is not: {broken}"
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        return gone_on("full", study, whole)


def figures(rows: int, faults: dict[str, str], disks: dict[int, str | None]) -> str:
    told = {
        "faults at files of runs and reports": rows,
        "file systems too small": sum(said != "skip" for said in disks.values()),
        "not told in one line, looked finished, other bytes afterwards, or left something": len(faults),
    }
    return "\n".join(["| what | number |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in told.items())])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--all", action="store_true", help="each file with each error")
    parser.add_argument("--only", default="", help="rows whose name matches this")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name}")
    given = parser.parse_args()
    from bakeoff.execution.warm import warm_kernels

    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as scratch:
        study = Study(Path(scratch) / "a study", Path(scratch) / "faulty")
        os.environ.update(study.settings)
        os.chdir(study.root)
        install()
        faults: dict[str, str] = {}
        tries = 0
        with warm_kernels():
            for place, row in enumerate(one for one in ROWS if re.search(given.only, one.name)):
                for error in ERRORS if given.all else (ERRORS[place % len(ERRORS)],):
                    tries += 1
                    if said := tried(row, error, study):
                        faults[f"{row.name} {error}"] = said
                        print(f"{row.name} {error}: {said}", flush=True)  # noqa: T201
            disks = {size: filled(study, size) for size in SIZES_KB} if not given.only or "disk" in given.only else {}
        for size, said in disks.items():
            if said not in (None, "skip"):
                faults[f"{size} KB"] = str(said)
                print(f"{size} KB: {said}", flush=True)  # noqa: T201
        os.chdir(scratch)
    table = figures(tries, faults, disks)
    print(table)  # noqa: T201
    if given.write:
        text = PAGE.read_text(encoding="utf-8")
        marked = re.compile(r"(<!-- faults -->\n).*?(\n<!-- end of faults -->)", re.DOTALL)
        PAGE.write_text(marked.sub(lambda found: f"{found[1]}{table}{found[2]}", text), encoding="utf-8", newline="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
