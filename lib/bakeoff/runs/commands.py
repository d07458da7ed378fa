"""The commands that make a run or a whole report again, as records and reports show them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from bakeoff.experiment.model import Experiment
from bakeoff.runs.run import Run

__all__ = ["command", "report_command", "typed"]


WORDS_OF_PAPERMILL = ("true", "false", "none", "nan", "inf", "infinity")


def command(run: Run, params: str) -> str:
    """Return the command that makes exactly this run, to be typed in the workspace's root.

    At a terminal papermill insists on a place for the executed notebook; the run's own folder keeps one in any case.
    """
    given: dict[str, Any] = {"params": params, "method": run.method, "seed": run.seed, **run.request.overrides}
    if run.role == "sweep":
        given["role"] = "sweep"
    if run.request.stop_after is not None:
        given["stop_after"] = run.request.stop_after
    if run.changes:
        given["changes"] = list(run.changes)
    words = (word for item in given.items() for word in _given(*item))
    return typed(["papermill", "notebooks/train.ipynb", "out.ipynb", *words])


def report_command(experiment: Experiment, params: str) -> str:
    """Return the command that makes every missing run of an experiment and its report."""
    changes = (word for change in experiment.changes for word in ("--set", change))
    return typed(["bakeoff", "run", params, *changes])


def typed(words: Sequence[str]) -> str:
    """Spell a command as it is typed on this system: quoted for a POSIX shell, or for the command prompt of Windows."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _given(name: str, value: Any) -> list[str]:
    """Spell a parameter so that papermill reads back exactly this value: -p guesses, -r is text, -y is YAML."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return ["-y", _printable(json.dumps({name: value}, ensure_ascii=False))]
    plain = not isinstance(value, str) or (value[:1].isalpha() and value.lower() not in WORDS_OF_PAPERMILL)
    return ["-p" if plain else "-r", name, str(value)]


def _printable(text: str) -> str:
    """Spell out what YAML does not take as it is: control characters and line ends of Unicode."""
    return "".join(mark if mark.isprintable() else f"\\U{ord(mark):08x}" for mark in text)
