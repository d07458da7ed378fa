"""Compare ways to fine-tune a text classifier and write the comparison up.

The notebooks use `bakeoff.notebook`; the command line is `bakeoff.cli`. Public names are imported when they are first
asked for, so that `import bakeoff` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as type checkers know it; importing typing would take longer than all else here
if TYPE_CHECKING:
    from typing import Any

    from bakeoff import errors, metrics
    from bakeoff.execution.local import run
    from bakeoff.execution.plan import plan
    from bakeoff.experiment.load import load_experiment
    from bakeoff.experiment.model import Experiment
    from bakeoff.report.study import Study, open_study
    from bakeoff.runs.record import Record, read_records
    from bakeoff.stats.arrays import compare
    from bakeoff.stats.compare import Comparison, Verdict
    from bakeoff.training.artifacts import load_trained

__all__ = [
    "Comparison",
    "Experiment",
    "Record",
    "Study",
    "Verdict",
    "__version__",
    "compare",
    "errors",
    "load_experiment",
    "load_trained",
    "metrics",
    "open_study",
    "plan",
    "read_records",
    "run",
]

__version__ = "0.1.0"

_HOMES = {
    "Comparison": "bakeoff.stats.compare",
    "Experiment": "bakeoff.experiment.model",
    "Record": "bakeoff.runs.record",
    "Study": "bakeoff.report.study",
    "Verdict": "bakeoff.stats.compare",
    "compare": "bakeoff.stats.arrays",
    "load_experiment": "bakeoff.experiment.load",
    "load_trained": "bakeoff.training.artifacts",
    "open_study": "bakeoff.report.study",
    "plan": "bakeoff.execution.plan",
    "read_records": "bakeoff.runs.record",
    "run": "bakeoff.execution.local",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its room."""
    if name in ("errors", "metrics"):
        return import_module(f"bakeoff.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'bakeoff' has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__]
