"""Compare ways to fine-tune a text classifier and write the comparison up.

The notebooks use `bakeoff.notebook`; the command line is `bakeoff.cli`. Public names are imported when they are first
asked for, so that `import bakeoff` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bakeoff.experiment.load import load_experiment
    from bakeoff.runs.record import Record, read_records
    from bakeoff.stats.compare import Comparison, Verdict
    from bakeoff.training.artifacts import load_trained

__all__ = ["Comparison", "Record", "Verdict", "__version__", "load_experiment", "load_trained", "read_records"]

__version__ = "0.1.0"

_HOMES = {
    "Comparison": "bakeoff.stats.compare",
    "Record": "bakeoff.runs.record",
    "Verdict": "bakeoff.stats.compare",
    "load_experiment": "bakeoff.experiment.load",
    "load_trained": "bakeoff.training.artifacts",
    "read_records": "bakeoff.runs.record",
}


def __getattr__(name: str) -> object:
    """Import a public name from its room."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bakeoff' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
