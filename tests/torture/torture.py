"""Kills a run at random moments, lets it go on, and holds what comes of it against a run that nobody disturbed.

    python tests/torture/torture.py --kills 200            # the long form
    python tests/torture/torture.py --kills 200 --write    # and its figures into tests/RELIABILITY.md

Killed by SIGKILL: the orchestrator, one of its kernels or what starts them, or all at once; while runs are executed and
while the report is written. Now and then the orchestrator is asked to end instead (SIGTERM, or Ctrl-C twice), which it
has to do in time. POSIX only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
PAGE = ROOT / "tests" / "RELIABILITY.md"
EXPERIMENT = """
data: {source: texts.csv, label: mood, split: {train: 40, validation: 20, test: 24}, max_length: 16}
model: models/tiny
seeds: [1]
compare: {reference: majority}
defaults: {epochs: 3, batch_size: 8, threads: 1, learning_rate: 1e-3}
"""
METHODS = {"methods: {majority: {}, full: {}, lora: {rank: [2, 4]}}\n": 5, "methods: {majority: {}, full: {}}\n": 2}
"""The long form's and the short form's, with the runs that they are."""
KEPT = ("report.html", "report.pdf", "summary.csv", "summary.md", "summary.tex")
LEFT = re.compile(r"(^|/)(checkpoint|progress\.json|\.attempt|\.[\w-]+\.(json|jsonl|parquet|ipynb)\.\w{8}\.\w+)(/|$)")
END_S = 30.0
ASKED = {"SIGTERM": [signal.SIGTERM], "SIGINT": [signal.SIGINT, signal.SIGINT]}
AIMS = ("orchestrator", "orchestrator", "kernel", "kernel", "kernel", "all", "all", *ASKED)
SOON = (0.15, 0.3, 1.0)
"""A kill comes within one of these shares of the time that the study takes undisturbed: most of them soon."""
RUN_KILLS, REPORT_KILLS = 9, 3
"""At most so many in a round."""


@dataclass
class Figures:
    """What came of it. lost: runs with another result or none; reports: that differ after a kill while writing one."""

    rounds: int = 0
    kills: int = 0
    asked: int = 0
    kills_while_reporting: int = 0
    lost: int = 0
    reports: int = 0
    orphans: int = 0
    hangs: int = 0
    leftovers: int = 0

    @property
    def harm(self) -> int:
        return self.lost + self.reports + self.orphans + self.hangs + self.leftovers

    def count(self, aim: str) -> None:
        self.asked += aim in ASKED
        self.kills += bool(aim) and aim not in ASKED


def lay_out(root: Path, methods: str) -> None:
    """Make a workspace with a tiny model; the same folder gives the same results."""
    from tiny import make_texts, save_tiny

    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "params").mkdir()
    (root / "models").mkdir()
    save_tiny(root / "models" / "tiny")
    rows = [f"{text} #{place},{label}" for place, (text, label) in enumerate(make_texts(90))]
    (root / "texts.csv").write_text("\n".join(["text,mood", *rows]) + "\n", encoding="utf-8")
    (root / "params" / "tiny.yaml").write_text(EXPERIMENT + methods, encoding="utf-8")


def begun(root: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a command in a workspace, quietly, as the leader of a group of its own."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "BAKEOFF_VECTOR_CACHE": "off"}
    with (root / "torture.log").open("ab") as log:
        command = [sys.executable, "-m", "bakeoff", *words, "params/tiny.yaml"]
        return subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log, start_new_session=True)


def ended(root: Path, *words: str, limit_s: float) -> bool:
    """Run a command to its end; return whether it ended well in time."""
    process = begun(root, *words)
    try:
        return process.wait(limit_s) == 0
    except subprocess.TimeoutExpired:
        end_all(process)
        return False


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        head = psutil.Process(process.pid)
        return [head, *head.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def end_all(process: subprocess.Popen[bytes]) -> None:
    for one in family(process):
        kill(one)
    process.wait()


def kill(one: psutil.Process) -> None:
    try:
        one.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return


def strike(
    process: subprocess.Popen[bytes], rng: random.Random, *, within_s: float
) -> tuple[str, list[psutil.Process]]:
    """Wait a random time, then kill one process or all, or ask the first to end; return which, and who was there.

    Nothing and nobody where it had ended before.
    """
    deadline = time.monotonic() + rng.uniform(0.3, max(0.3, within_s * rng.choice(SOON)))
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return "", []
        time.sleep(0.02)
    there = family(process)
    if not there:
        return "", []
    aim = rng.choice(AIMS)
    if aim in ASKED:
        for number in ASKED[aim]:
            process.send_signal(number)
            time.sleep(0.2)
        return aim, there
    chosen = (
        there if aim == "all" else [there[0] if aim == "orchestrator" or len(there) == 1 else rng.choice(there[1:])]
    )
    for one in chosen:
        kill(one)
    return aim, there


def alive(processes: list[psutil.Process]) -> int:
    """Return how many of the processes outlive their orchestrator for longer than they may."""
    _, still = psutil.wait_procs(processes, timeout=END_S)
    return sum(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in still)


def results(root: Path) -> dict[str, str]:
    """Return what a workspace's runs came to, without times and memory: path -> hash."""
    home = root / "reports" / "tiny"
    found = {}
    for file in sorted(
        [*home.glob("runs/*/predictions.parquet"), *home.glob("runs/*/model/*"), *home.glob("choices/*.json")]
    ):
        found[file.relative_to(home).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    for file in sorted(home.glob("runs/*/record.json")):
        record = json.loads(file.read_text(encoding="utf-8"))
        kept = {key: record[key] for key in ("status", "inputs", "trace", "validation", "test", "params", "sweep")}
        found[file.relative_to(home).as_posix()] = hashlib.sha256(json.dumps(kept).encode()).hexdigest()
    return found


def left(root: Path) -> list[str]:
    """Return what should not be there once all is done."""
    home = root / "reports" / "tiny"
    names = (path.relative_to(home).as_posix() for path in home.rglob("*"))
    return [name for name in names if LEFT.search(name)]


def round_of(template: Path, undisturbed: dict[str, str], seconds: float, rng: random.Random, figures: Figures) -> None:
    """Kill a fresh run a few times, let it end, and count what is wrong."""
    with tempfile.TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as scratch:
        root = Path(scratch) / "study"
        shutil.copytree(template, root)
        process = begun(root, "run", "--no-report")
        for _ in range(rng.randint(1, RUN_KILLS)):
            aim, there = strike(process, rng, within_s=seconds)
            figures.count(aim)
            if not aim:
                break
            if aim == "kernel" and not _gone(process):
                continue  # an orchestrator that lost a kernel goes on with the others
            if not _gone(process):
                _let_end(process, seconds, figures)
            figures.orphans += alive(there[1:])
            process = begun(root, "run", "--no-report")
        _let_end(process, seconds, figures)
        if not ended(root, "run", "--no-report", limit_s=20 * seconds):
            figures.hangs += 1
        found = results(root)
        figures.lost += sum(found.get(name) != sha256 for name, sha256 in undisturbed.items())
        _report_round(root, rng, seconds, figures)
        figures.leftovers += len(left(root))
        figures.rounds += 1


def _gone(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return False
    return True


def _let_end(process: subprocess.Popen[bytes], seconds: float, figures: Figures) -> None:
    """Wait for a command to end by itself."""
    try:
        process.wait(20 * seconds)
    except subprocess.TimeoutExpired:
        figures.hangs += 1
        end_all(process)


def _report_round(root: Path, rng: random.Random, seconds: float, figures: Figures) -> None:
    """Kill a report a few times while it is written; the next one has the bytes of one that nobody disturbed."""
    home = root / "reports" / "tiny"
    for _ in range(rng.randint(1, REPORT_KILLS)):
        process = begun(root, "report")
        aim, there = strike(process, rng, within_s=seconds)
        if not aim:
            break
        figures.count(aim)
        figures.kills_while_reporting += aim not in ASKED
        if not _gone(process):
            _let_end(process, seconds, figures)
        figures.orphans += alive(there[1:])
    if not ended(root, "report", limit_s=20 * seconds):
        figures.hangs += 1
        return
    after = {name: (home / name).read_bytes() for name in KEPT}
    (home / "report.json").unlink()
    if not ended(root, "run", limit_s=20 * seconds):
        figures.hangs += 1
    figures.reports += any((home / name).read_bytes() != content for name, content in after.items())


def torture(*, kills: int, seconds: float, seed: int = 1, short: bool = False) -> Figures:
    """Kill until so many kills are done, or so many seconds are over; short: a smaller study."""
    methods, runs = list(METHODS.items())[short]
    rng, figures, begin = random.Random(seed), Figures(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-") as scratch:
        template, quiet = Path(scratch) / "template", Path(scratch) / "quiet"
        lay_out(template, methods)
        shutil.copytree(template, quiet)
        started = time.monotonic()
        assert ended(quiet, "run", "--no-report", limit_s=3600), (quiet / "torture.log").read_text(encoding="utf-8")
        took = time.monotonic() - started
        undisturbed = results(quiet)
        assert sum(name.endswith("record.json") for name in undisturbed) == runs, undisturbed
        while not figures.rounds or (figures.kills < kills and time.monotonic() - begin < seconds):
            round_of(template, undisturbed, took, rng, figures)
            print(figures, flush=True)  # noqa: T201
    return figures


WORDS = {
    "rounds": "rounds, each a study with three methods and a sweep",
    "kills": "kills",
    "asked": "times that the command was asked to end, by SIGTERM or Ctrl-C twice",
    "kills_while_reporting": "of them while the report was written",
    "lost": "results lost or changed (predictions, models, choices, records)",
    "reports": "reports with other bytes afterwards",
    "orphans": "kernels that outlived their orchestrator",
    "hangs": "commands that did not end well",
    "leftovers": "files left behind",
}


def write(figures: Figures, *, seed: int) -> None:
    """Put the figures into the page, between its marks."""
    rows = [f"| {WORDS[field.name]} | {asdict(figures)[field.name]} |" for field in fields(figures)]
    table = "\n".join([f"Seed {seed}:", "", "| what | number |", "| --- | --- |", *rows])
    text = PAGE.read_text(encoding="utf-8")
    marked = re.compile(r"(<!-- torture -->\n).*?(\n<!-- end -->)", re.DOTALL)
    PAGE.write_text(marked.sub(lambda found: f"{found[1]}{table}{found[2]}", text), encoding="utf-8", newline="\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=14_400, help="begin no further round after that")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name}")
    given = parser.parse_args()
    figures = torture(kills=given.kills, seconds=given.seconds, seed=given.seed)
    if given.write:
        write(figures, seed=given.seed)
    return 1 if figures.harm else 0


if __name__ == "__main__":
    sys.exit(main())
