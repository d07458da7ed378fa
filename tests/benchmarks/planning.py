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

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import toy_methods
from bakeoff.execution.plan import plan
from bakeoff.execution.records import KeptRecords
from results import put, section, table
from toys import Toys

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


def add(row: str) -> None:
    """Put a row at the end of this section of the results."""
    title, head = "Planning beside many records", ["date", "records on disk", "first plan (CPU ms)"]
    table_head = table([*head, "plan after an ended run (CPU ms)"], [])
    before = section(title) or f"Rows are added by `planning.py`.\n\n{table_head}"
    put(title, f"{before}\n{row}")


def main() -> None:
    """Measure, print and keep."""
    toy_methods.install()
    for records in map(int, sys.argv[1:] or ("20", "200", "2000")):
        first, after = measure(records)
        row = f"| {datetime.now(UTC):%Y-%m-%d} | {records:,} | {first * 1000:.1f} | {after * 1000:.1f} |"
        add(row)
        sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    main()
