"""From the words of a command line to the command they name and its options; complaints are one line.

A command stands in the table with its summary and is imported when it is asked for: a list of commands imports none.
"""

from __future__ import annotations

import argparse
import importlib
from typing import NamedTuple, NoReturn

from bakeoff.cli.command import Command, console
from bakeoff.errors import BadValue, UnknownName

__all__ = ["COMMANDS", "DEBUG", "parse"]


class Entry(NamedTuple):
    """A command. where: `module:Command`; summary: one line for its help."""

    where: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "cache": Entry("bakeoff.cli.cache:CACHE", "List the text vectors that are kept for later runs, or drop them."),
    "diff": Entry("bakeoff.cli.diff:DIFF", "Say what has changed between two reports, in the language of the second."),
    "doctor": Entry(
        "bakeoff.cli.doctor:DOCTOR", "Look at this machine and environment: what is there, what is missing, what to do."
    ),
    "export": Entry("bakeoff.cli.use:EXPORT", "Write a run's model to a folder that other programs load."),
    "init": Entry("bakeoff.cli.new:INIT", "Make a workspace: notebooks, an example, .gitignore."),
    "methods": Entry(
        "bakeoff.cli.catalogue:METHODS",
        "List the methods with their hyperparameters, and the architectures they work on.",
    ),
    "new": Entry("bakeoff.cli.new:NEW", "Look at data and write an experiment file for them."),
    "plan": Entry("bakeoff.cli.runs:PLAN", "Show every run the experiment asks for, and what would be done and why."),
    "predict": Entry("bakeoff.cli.use:PREDICT", "Read texts from standard input, print label and probability."),
    "report": Entry("bakeoff.cli.runs:REPORT", "Write the report from whatever runs exist."),
    "run": Entry("bakeoff.cli.runs:RUN", "Execute what is missing, then write the report."),
    "schema": Entry(
        "bakeoff.cli.catalogue:SCHEMA",
        "Print the JSON Schema of experiment files, by which editors complete and check them.",
    ),
    "share": Entry(
        "bakeoff.cli.diff:SHARE", "Pack a report with records and notebooks, without names of this machine."
    ),
    "status": Entry("bakeoff.cli.runs:STATUS", "Show what is on disk: finished, running, stopped and failed runs."),
    "texts": Entry("bakeoff.cli.use:TEXTS", "Write the test texts without their labels, to be answered elsewhere."),
    "verify": Entry("bakeoff.cli.verify:VERIFY", "Check a report by rendering it or making its runs again."),
}


DEBUG = "--debug"
EXIT = (
    "Exit status: 0 all is well; 1 some runs have no result; 2 something given cannot be used; 3 a file or folder "
    "cannot be read or written, or the memory is full; 70 a fault of bakeoff's own; 130 interrupted (Ctrl-C, SIGTERM)."
)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors of ours: one line, exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Raise BadValue, which names the option."""
        what, _, reason = message.removeprefix("argument ").partition(": ")
        if not reason:
            what, reason = self.prog, message
        raise BadValue(what, reason, hint=f"see `{self.prog} --help`")


def parse(argv: list[str]) -> argparse.Namespace:
    """Return the options, `run` among them: what to call with them; raises UnknownName or BadValue."""
    parser = Parser(
        prog="bakeoff", description="Compare ways to fine-tune a text classifier.", epilog=EXIT, allow_abbrev=False
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument(DEBUG, action="store_true", help="show the traceback of what ends the command; before COMMAND")
    argv = argv[1:] if argv[:1] == [DEBUG] and len(argv) > 1 else argv
    named = next((word for word in argv if not word.startswith("-")), None)
    if named is not None and named not in COMMANDS:
        raise UnknownName("bakeoff", named, COMMANDS, kind="command")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    chosen = parser if named is None else _add(commands, named)
    for name in COMMANDS if named is None else ():
        commands.add_parser(name, help=COMMANDS[name].summary)
    options, rest = parser.parse_known_args(argv)
    if rest:
        _refuse(rest[0], chosen)
    for action in chosen._actions:  # "$RUN" of a script, where nothing is in it
        if action.option_strings and getattr(options, action.dest, None) == "":
            raise BadValue(action.option_strings[-1], "is empty", hint="give a value, or leave it out")
    if options.version:
        options.run = _version
    elif not hasattr(options, "run"):
        raise BadValue("bakeoff", "no command given", hint=f"commands: {', '.join(COMMANDS)}")
    return options


def _add(commands: argparse._SubParsersAction[Parser], name: str) -> Parser:
    where, summary = COMMANDS[name]
    module, _, constant = where.partition(":")
    command: Command = getattr(importlib.import_module(module), constant)
    parser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    parser.set_defaults(run=command.run)
    command.arguments(parser)
    return parser


def _refuse(word: str, chosen: Parser) -> NoReturn:
    if not word.startswith("-"):
        raise BadValue(chosen.prog, f"{word!r} is one word too many", hint=f"see `{chosen.prog} --help`")
    flags = [flag for action in chosen._actions for flag in action.option_strings if flag.startswith("--")]
    raise UnknownName(chosen.prog, word, flags, kind="option")


def _version(_options: argparse.Namespace) -> int:
    from importlib.metadata import version

    console().print(f"bakeoff {version('bakeoff')}", highlight=False)
    return 0
