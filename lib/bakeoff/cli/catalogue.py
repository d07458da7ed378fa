"""`bakeoff methods` and `schema`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bakeoff.cli.command import Command, console, say

if TYPE_CHECKING:
    from rich.console import Console

    from bakeoff.methods.base import Method

__all__ = ["METHODS", "SCHEMA"]


def _arguments(parser: argparse.ArgumentParser) -> None:
    told = "show this one alone, with all its hyperparameters; one of your own is written my_module:MyMethod"
    parser.add_argument("method", nargs="?", help=told)


def _methods(options: argparse.Namespace) -> int:
    from bakeoff.methods.config import TrainingConfig
    from bakeoff.methods.registry import kinds, method

    to = console()
    if options.method:
        _show(method(options.method), to, known={})
        return 0
    common = TrainingConfig.model_fields
    found = kinds()
    to.print("[bold]every method that trains a network[/]  has these, with other defaults where they are listed below")
    _rows(common, to)
    for kind in found:
        _show(method(kind), to, known=common)
    for kind, summary in _in_the_workspace():
        _head(kind, summary, to)
    _matrix(to)
    return 0


def _in_the_workspace() -> Iterator[tuple[str, str]]:
    """Yield what looks like a method in the workspace, with what it says of itself; none of it is run for that."""
    import ast
    from contextlib import suppress

    from bakeoff.errors import MissingFile
    from bakeoff.system.workspace import find_workspace

    with suppress(MissingFile):
        for file in sorted(find_workspace().root.glob("*.py")):
            try:
                tree = ast.parse(file.read_bytes() if file.is_file() else b"")
            except (OSError, SyntaxError, ValueError, MemoryError, RecursionError):
                continue
            bases = {
                alias.asname or alias.name
                for node in tree.body
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bakeoff.methods.")
                for alias in node.names
                if alias.name != "Scorer"
            }
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and any(getattr(one, "id", "") in bases for one in node.bases):
                    said = (ast.get_docstring(node) or "").partition("\n\n")[0]
                    if "Config" not in node.name:
                        yield f"{file.stem}:{node.name}", " ".join(said.split())


def _show(found: type[Method], to: Console, *, known: dict[str, Any]) -> None:
    """Print a method with those of its hyperparameters that are not `known`, or have another default."""
    _head(found.kind, found.summary, to)
    fields = found.Config.model_fields
    own = {n: f for n, f in fields.items() if n not in known or f.default != known[n].default}
    if not found.neural or not known:
        own = dict(fields)
    _rows(own, to)


def _head(kind: str, summary: str, to: Console) -> None:
    from rich.markup import escape

    to.print(f"[bold]{escape(kind)}[/]  {escape(summary)}", highlight=False)


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
        say(line)


METHODS = Command(_methods, _arguments)


def _schema(options: argparse.Namespace) -> int:
    from bakeoff.experiment.json_schema import experiment_schema
    from bakeoff.methods.registry import method

    for kind in options.method:
        method(kind)
    sys.stdout.write(json.dumps(experiment_schema(options.method), indent=1, ensure_ascii=False) + "\n")
    return 0


def _schema_arguments(parser: argparse.ArgumentParser) -> None:
    told = "a method of the workspace whose keys it is to know, too: my_module:MyMethod; repeatable"
    parser.add_argument("--method", action="append", default=[], metavar="METHOD", help=told)


SCHEMA = Command(_schema, _schema_arguments)
