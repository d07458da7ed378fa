"""What runs take beyond their work: starting, planning, reporting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

__all__ = ["per_run", "planning", "report_seconds"]


SUPPORT = Path(__file__).resolve().parents[1] / "support"
EXPERIMENT = """
data: {source: "bundled:icwsm2014/movies", label: {column: score, bins: [0], names: [negative, positive]},
       split: {train: 40, validation: 40, test: 40, seed: 42}}
model: bundled:minilm-l6
seeds: %s
defaults: {threads: 1}
compare: {reference: untrained}
methods: {untrained: {}}
"""


def per_run(fewer: int, more: int) -> tuple[float, float]:
    """Return the seconds that one more run adds to `bakeoff run`, and those of its own work among them.

    Two commands, of `fewer` and of `more` runs; what both do once drops out.
    """
    walls, work = [], []
    for runs in (fewer, more):
        with tempfile.TemporaryDirectory(prefix="speed-") as folder:
            root = Path(folder) / "place"
            _bakeoff("init", str(root), at=Path(folder))
            file = root / "params" / "overhead.yaml"
            file.write_text(EXPERIMENT % list(range(1, runs + 1)), encoding="utf-8")
            began = time.monotonic()
            _bakeoff("run", str(file), "--jobs", "1", at=root)
            walls.append(time.monotonic() - began)
            costs = [json.loads(one.read_text("utf-8"))["cost"] for one in root.glob("reports/*/runs/*/record.json")]
            assert len(costs) == runs
            work += [sum(cost[name] or 0.0 for name in ("load_s", "tokenize_s", "test_s")) for cost in costs]
    return (walls[1] - walls[0]) / (more - fewer), sum(work) / len(work)


def _bakeoff(*arguments: str, at: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bakeoff", *arguments],
        cwd=at,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"bakeoff {' '.join(arguments)}: {done.stderr or done.stdout}")


def planning(records: int) -> tuple[float, float]:
    """Return the processor seconds of a first plan beside so many records, and of one after an ended run."""
    sys.path.insert(0, str(SUPPORT))
    import planning as others
    import toy_methods

    toy_methods.install()
    return others.measure(records)


def report_seconds() -> float:
    """Return the seconds of building the report of a synthetic study: pages, tables, figures, PDF."""
    sys.path.insert(0, str(SUPPORT))
    import golden_reports

    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        began = time.monotonic()
        golden_reports.build("seeds", "en", Path(folder).resolve())
        return time.monotonic() - began
