"""Time plans and reports of many runs with made records; writes its section of RESULTS.md beside this file.

Run it from a checkout: `python tests/benchmarks/scale.py`. Each figure is of one fresh process, libraries included.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from bakeoff.data.sources import locate_data
from bakeoff.data.splits import load_splits
from bakeoff.runs.record import Record, write_record
from bakeoff.runs.run import resolve
from golden_reports import Maker, World, lay_out
from results import put, table

METHODS = ("full", "lora", "prefix", "ia3", "bitfit", "mlp_head", "dora", "loha")
COMMAND = """
import json, resource, sys
from bakeoff.cli import main
status = main(sys.argv[1:])
own, children = (resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
worked = sum(one.ru_utime + one.ru_stime for one in (own, children))
told = {"worked": worked, "mib": max(own.ru_maxrss, children.ru_maxrss) / 1024}
sys.stderr.write("\\nTOLD " + json.dumps(told) + "\\n")
"""


def experiment(methods: int, seeds: int, *, test: int) -> World:
    """Return an experiment of that many methods over that many seeds."""
    named = [f"  {kind}_{n}: {{kind: {kind}}}" for n in range(methods) for kind in (METHODS[n % len(METHODS)],)]
    head = f"seeds: {list(range(1, seeds + 1))}\ncompare: {{reference: full_0}}\nmethods:\n"
    return World(head + "\n".join(named) + "\n", "Many runs", test=test)


def leave_records(maker: Maker) -> None:
    """Leave a record of every run under the run id and identity of today, as finished runs do; no predictions."""
    made: dict[str, Record] = {}
    for request in maker.requests({}):
        run = resolve(request, maker.experiment, workspace=maker.workspace)
        if run.method not in made:
            made[run.method] = maker.record(request)
        own = {"run_id": run.run_id, "identity": run.identity, "request": request, "seed": run.seed}
        folder = maker.workspace.run_folder(maker.experiment.name, run.run_id)
        folder.path.mkdir(parents=True)
        write_record(made[run.method].model_copy(update=own), folder.record)


def timed(root: Path, *words: str) -> tuple[float, float, float]:
    """Return seconds, seconds of processor time and the most MiB of one command in a workspace; raises RuntimeError."""
    begun = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words], cwd=root, capture_output=True, text=True, check=False
    )
    took = perf_counter() - begun
    told = [line.removeprefix("TOLD ") for line in done.stderr.splitlines() if line.startswith("TOLD ")]
    if not told:
        raise RuntimeError(done.stderr[-2000:])
    facts = json.loads(told[-1])
    return took, facts["worked"], facts["mib"]


def made(world: World, root: Path) -> Maker:
    """Lay out a workspace for an experiment, and what writes its records."""
    workspace, parsed = lay_out(world, "many", "en", root)
    return Maker(
        world, parsed, workspace, load_splits(parsed.data, locate_data(parsed.data.source, workspace=workspace))
    )


def main() -> None:
    """Measure, print and keep."""
    rows = []

    def measure(what: str, root: Path, *words: str) -> None:
        took, worked, most = timed(root, *words)
        rows.append([what, f"{took:.1f}", f"{worked:.1f}", f"{most:,.0f}"])
        sys.stdout.write(" | ".join(rows[-1]) + "\n")

    with tempfile.TemporaryDirectory() as folder:
        maker = made(experiment(50, 200, test=240), Path(folder))
        measure("plan of 10,000 runs, nothing done", Path(folder), "plan", "params/many.yaml")
        leave_records(maker)
        measure("plan of 10,000 runs, all done", Path(folder), "plan", "params/many.yaml")
        measure("status of 10,000 runs", Path(folder), "status", "params/many.yaml")
    with tempfile.TemporaryDirectory() as folder:
        made(experiment(25, 40, test=2_000), Path(folder)).write_all()
        measure("report of 1,000 runs, 2,000 test texts", Path(folder), "report", "params/many.yaml")
    about = f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, `python tests/benchmarks/scale.py`; made records."
    put("Many runs", f"{about}\n\n{table(['command', 's', 'of the processor, s', 'most MiB'], rows)}")


if __name__ == "__main__":
    main()
