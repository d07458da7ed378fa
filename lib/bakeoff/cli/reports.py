"""`bakeoff report`: the comparison of whatever runs exist. Imported by `cli` only."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bakeoff.cli.command import Command, console, experiment_arguments, open_experiment

if TYPE_CHECKING:
    from bakeoff.experiment import Experiment
    from bakeoff.workspace import Workspace

__all__ = ["REPORT", "write_report"]


def write_report(experiment: Experiment, workspace: Workspace) -> None:
    """Write the report unless it is up to date, and print its table and where it is."""
    from bakeoff.report import build_report

    files = build_report(experiment, workspace)
    to = console()
    to.print(files.summary, markup=False, highlight=False, soft_wrap=True)
    state = "up to date" if files.fresh else "written"
    for file in (files.html, files.pdf):
        to.print(f"{state}: {workspace.relative(file)}", markup=False, highlight=False, soft_wrap=True)


def _report(options: argparse.Namespace) -> int:
    write_report(*open_experiment(options))
    return 0


REPORT = Command("Write the report from whatever runs exist.", _report, arguments=experiment_arguments)
