"""`bakeoff methods`: what there is to compare, and on which architectures it works. Imported by `cli` only."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bakeoff.cli.command import Command, console

if TYPE_CHECKING:
    from rich.console import Console

    from bakeoff.method import Method

__all__ = ["METHODS"]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("method", nargs="?", help="show this one alone, with all its hyperparameters")


def _methods(options: argparse.Namespace) -> int:
    from bakeoff.method import TABLE, TrainingConfig, method

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
    from bakeoff.tuning.support import matrix_lines

    to.print("\n[bold]architectures[/]  found by trying each method on a tiny model; other architectures may work too")
    for line in matrix_lines():
        to.print(line, markup=False, highlight=False, soft_wrap=True)


METHODS = Command(
    "List the methods with their hyperparameters, and the architectures they work on.", _methods, _arguments
)
