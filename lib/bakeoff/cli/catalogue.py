"""`bakeoff methods` and `schema`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from bakeoff.cli.command import Command, console

if TYPE_CHECKING:
    from rich.console import Console

    from bakeoff.methods.base import Method

__all__ = ["METHODS", "SCHEMA"]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("method", nargs="?", help="show this one alone, with all its hyperparameters")


def _methods(options: argparse.Namespace) -> int:
    from bakeoff.methods.config import TrainingConfig
    from bakeoff.methods.registry import TABLE, method

    to = console()
    if options.method:
        _show(method(options.method), to, known={})
        return 0
    common = TrainingConfig.model_fields
    to.print("[bold]every method that trains a network[/]  has these, with other defaults where they are listed below")
    _rows(common, to)
    for kind in sorted(TABLE):
        _show(method(kind), to, known=common)
    _matrix(to)
    return 0


def _show(found: type[Method], to: Console, *, known: dict[str, Any]) -> None:
    """Print a method with those of its hyperparameters that are not `known`, or have another default."""
    to.print(f"[bold]{found.kind}[/]  {found.summary}", highlight=False)
    fields = found.Config.model_fields
    own = {n: f for n, f in fields.items() if n not in known or f.default != known[n].default}
    if not found.neural or not known:
        own = dict(fields)
    _rows(own, to)


def _rows(fields: dict[str, Any], to: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for name, field in fields.items():
        table.add_row(f"  {name}", "unset" if field.default is None else str(field.default), field.description or "")
    to.print(table, markup=False, highlight=False)


def _matrix(to: Console) -> None:
    from bakeoff.methods.compatibility import matrix_lines

    to.print("\n[bold]architectures[/]  found by trying each method on a tiny model; other architectures may work too")
    for line in matrix_lines():
        to.print(line, markup=False, highlight=False, soft_wrap=True)


METHODS = Command(
    "List the methods with their hyperparameters, and the architectures they work on.", _methods, _arguments
)


def _schema(_options: argparse.Namespace) -> int:
    from bakeoff.experiment.json_schema import experiment_schema

    sys.stdout.write(json.dumps(experiment_schema(), indent=1, ensure_ascii=False) + "\n")
    return 0


SCHEMA = Command("Print the JSON Schema of experiment files, by which editors complete and check them.", _schema)
