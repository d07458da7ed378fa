"""`bakeoff methods`: what there is to compare. Imported by `cli` only."""

from __future__ import annotations

import argparse

from bakeoff.cli.command import Command, console

__all__ = ["METHODS"]


def _methods(_options: argparse.Namespace) -> int:
    from rich.table import Table

    from bakeoff.method import TABLE, method

    to = console()
    for kind in sorted(TABLE):
        found = method(kind)
        to.print(f"[bold]{kind}[/]  {found.summary}", highlight=False)
        table = Table(box=None, pad_edge=False, show_header=False)
        for name, field in found.Config.model_fields.items():
            table.add_row(f"  {name}", str(field.default), field.description or "")
        to.print(table, markup=False, highlight=False)
    return 0


METHODS = Command("List the methods with their hyperparameters and defaults.", _methods)
