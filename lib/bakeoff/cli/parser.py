"""From the words of a command line to the command they name and its options; complaints are one line.

A command stands in the table as `module:Command` and is imported when it is asked for.
"""

from __future__ import annotations

import argparse
import importlib
from typing import NoReturn

from bakeoff.cli.command import Command, console
from bakeoff.errors import BadValue, UnknownName

__all__ = ["COMMANDS", "DEBUG", "parse"]


COMMANDS: dict[str, str] = {
    "cache": "bakeoff.cli.cache:CACHE",
    "diff": "bakeoff.cli.diff:DIFF",
    "doctor": "bakeoff.cli.doctor:DOCTOR",
    "export": "bakeoff.cli.use:EXPORT",
    "init": "bakeoff.cli.new:INIT",
    "methods": "bakeoff.cli.catalogue:METHODS",
    "new": "bakeoff.cli.new:NEW",
    "plan": "bakeoff.cli.runs:PLAN",
    "predict": "bakeoff.cli.use:PREDICT",
    "report": "bakeoff.cli.runs:REPORT",
    "run": "bakeoff.cli.runs:RUN",
    "schema": "bakeoff.cli.catalogue:SCHEMA",
    "share": "bakeoff.cli.diff:SHARE",
    "status": "bakeoff.cli.runs:STATUS",
    "texts": "bakeoff.cli.use:TEXTS",
    "verify": "bakeoff.cli.verify:VERIFY",
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
    if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
        raise UnknownName("bakeoff", argv[0], COMMANDS, kind="command")
    asked = [argv[0]] if argv and argv[0] in COMMANDS else list(COMMANDS)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    known = {name: _add(commands, name) for name in asked}
    options, rest = parser.parse_known_args(argv)
    if rest:
        _refuse(rest[0], known.get(argv[0], parser))
    if options.version:
        options.run = _version
    elif not hasattr(options, "run"):
        raise BadValue("bakeoff", "no command given", hint=f"commands: {', '.join(COMMANDS)}")
    return options


def _add(commands: argparse._SubParsersAction[Parser], name: str) -> Parser:
    module, _, constant = COMMANDS[name].partition(":")
    command: Command = getattr(importlib.import_module(module), constant)
    parser = commands.add_parser(name, help=command.summary, description=command.summary, allow_abbrev=False)
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
