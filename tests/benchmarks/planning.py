"""Time one plan after a run has ended, beside more and more records; adds rows to RESULTS.md beside this file.

Run it from a checkout: `python tests/benchmarks/planning.py [RECORDS ...]`.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "support"))

import toy_methods  # noqa: E402
from bakeoff.execution.plan import plan  # noqa: E402
from bakeoff.execution.records import KeptRecords  # noqa: E402
from toys import Toys  # noqa: E402

ROUNDS = 15


def measure(records: int) -> tuple[float, float]:
    """Return the processor seconds of a first plan, and of one after an ended run (median), beside other records."""
    with tempfile.TemporaryDirectory() as folder:
        toys = Toys(Path(folder))
        first = next(item for item in plan(toys.experiment, toys.workspace).to_do if item.run)
        toy_methods.leave(first.run, toys.workspace)
        home = toys.workspace.run_folder("toy", first.run.run_id).path
        text = (home / "record.json").read_text(encoding="utf-8")
        for n in range(records):
            other = f"other-s{n}-00000000"
            shutil.copytree(home, home.with_name(other))
            changed = text.replace(first.run.run_id, other)
            (home.with_name(other) / "record.json").write_text(changed, encoding="utf-8")
        kept, seconds = KeptRecords(), []
        for _ in range(ROUNDS + 1):
            toy_methods.leave(first.run, toys.workspace)
            begun = time.process_time()
            plan(toys.experiment, toys.workspace, kept=kept)
            seconds.append(time.process_time() - begun)
    return seconds[0], statistics.median(seconds[1:])


def main() -> None:
    """Measure, print and keep."""
    toy_methods.install()
    results = HERE / "RESULTS.md"
    if not results.exists():
        head = "| date | records on disk | first plan (CPU ms) | plan after an ended run (CPU ms) |\n"
        results.write_text(f"# Results\n\nWritten by `planning.py`.\n\n{head}|---|---:|---:|---:|\n", encoding="utf-8")
    for records in map(int, sys.argv[1:] or ("20", "200", "2000")):
        first, after = measure(records)
        row = f"| {datetime.now(UTC):%Y-%m-%d} | {records:,} | {first * 1000:.1f} | {after * 1000:.1f} |"
        with results.open("a", encoding="utf-8") as stream:
            stream.write(f"{row}\n")
        sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    main()
