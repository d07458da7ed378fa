"""What a command is made of, and what most commands need: the experiment to work on and a console to print to."""

from __future__ import annotations

import argparse
import codecs
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bakeoff.errors import BadValue

if TYPE_CHECKING:
    from rich.console import Console

    from bakeoff.experiment.model import Experiment
    from bakeoff.system.workspace import Workspace

__all__ = [
    "DEFAULT",
    "Command",
    "any_console",
    "console",
    "experiment_arguments",
    "minutes",
    "names_in",
    "open_experiment",
    "print_table",
    "say",
]


DEFAULT = "params/demo.yaml"
LONG = 1000
"""Rows from which on a table is printed plainly."""
WIDTH = 200
"""Columns where the output is no terminal: nothing is cut there."""


@dataclass(frozen=True)
class Command:
    """A command. run: does it and returns the exit status; arguments: declares what it takes."""

    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None


def experiment_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that `open_experiment` reads."""
    parser.add_argument("experiment", nargs="?", default=DEFAULT, help=f"experiment file (default: {DEFAULT})")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="changes",
        metavar="KEY=VALUE",
        help="change a setting of the experiment file, for example data.split.train=4000 or methods.prefix=null, "
        "which leaves the method out; repeatable",
    )


def open_experiment(options: argparse.Namespace) -> tuple[Experiment, Workspace]:
    """Read the experiment the command line names, with its changes; raises InputError."""
    from bakeoff.experiment.load import load_experiment
    from bakeoff.system.workspace import find_workspace

    workspace = find_workspace(of=options.experiment)
    file = workspace.experiment_file(options.experiment)
    shown = workspace.relative(file)
    return load_experiment(file, shown_as=shown, changes=options.changes, root=workspace.root), workspace


PLAIN = {"…": "...", "≥": ">=", "≤": "<=", "≈": "~", "±": "+/-", "→": "->"} | {
    "\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MULTIPLICATION SIGN}": "x"
}  # fmt: skip
"""Marks of ours in plain letters, for consoles that have no others."""
SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"


def any_console() -> None:
    """Let output go on where the console cannot show a character, as on Windows (cp1252) where it goes to a file."""
    codecs.register_error("bakeoff", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(errors="bakeoff")


def _plainer(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(" " if mark in SPACES else PLAIN.get(mark, "?") for mark in missing), error.end


def console() -> Console:
    """Return the console to print to; where it is no terminal, lines are not wrapped."""
    from rich.console import Console

    found = Console(emoji=False)  # `my_method:M: ...` and a class called `:x:` are letters
    return found if found.is_terminal else Console(width=WIDTH, emoji=False)


def say(text: str) -> None:
    """Print a text as it is, on a line of its own."""
    console().print(text, markup=False, highlight=False, soft_wrap=True)


def print_table(to: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under headings; a long table without measuring, which takes rich a millisecond a row."""
    if len(rows) <= LONG:
        from rich.table import Table

        table = Table(*headings, box=None, pad_edge=False)
        for row in rows:
            table.add_row(*row)
        to.print(table, markup=False, highlight=False)
        return
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        to.file.write("  ".join(cells).rstrip() + "\n")


def minutes(text: str) -> float:
    """Return the number of minutes an option names; for `type=` of argparse."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes above 0")
    return number


def names_in(option: str, given: str) -> list[str]:
    """Return the names in an option that takes several, with commas between them, and may be given again."""
    found = [name.strip() for name in given.split(",") if name.strip()]
    if not found:
        raise BadValue(option, f"{given!r} names nothing", hint="name one, or leave the option out")
    return found
