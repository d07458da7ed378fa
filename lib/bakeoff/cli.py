"""The `bakeoff` command: parsing and printing only; what is done is in `running` and `report`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from bakeoff.errors import BadValue, BakeoffError, UnknownName

if TYPE_CHECKING:
    from rich.console import Console

    from bakeoff.experiment import Experiment
    from bakeoff.running.outcome import Summary
    from bakeoff.workspace import Workspace

__all__ = ["main"]

DEFAULT = "params/demo.yaml"
WIDTH = 200
"""Columns where the output is no terminal: nothing is cut there."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 well, 1 a run without a result, 2 bad input, 130 interrupted."""
    try:
        options = _parse(sys.argv[1:] if argv is None else list(argv))
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except BakeoffError as error:
        print(f"bakeoff: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_status
    except KeyboardInterrupt:
        print("bakeoff: interrupted", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:  # `bakeoff plan | head`
        sys.stderr.close()
        return 1


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors of ours: one line, exit status 2."""

    def error(self, message: str) -> NoReturn:
        what, _, reason = message.removeprefix("argument ").partition(": ")
        if not reason:
            what, reason = self.prog, message
        raise BadValue(what, reason, hint=f"see `{self.prog} --help`")


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="bakeoff", description="Compare ways to fine-tune a text classifier.", allow_abbrev=False)
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    known = {name: _add(commands, name, run) for name, run in COMMANDS.items()}
    if argv and not argv[0].startswith("-") and argv[0] not in known:
        raise UnknownName("bakeoff", argv[0], known, kind="command")
    options, rest = parser.parse_known_args(argv)
    if rest:
        chosen = known.get(argv[0], parser)
        flags = [flag for action in chosen._actions for flag in action.option_strings if flag.startswith("--")]
        if not rest[0].startswith("-"):
            raise BadValue(chosen.prog, f"{rest[0]!r} is one word too many", hint=f"see `{chosen.prog} --help`")
        raise UnknownName(chosen.prog, rest[0], flags, kind="option")
    if options.version:
        options.command = _version
    elif not hasattr(options, "command"):
        raise BadValue("bakeoff", "no command given", hint=f"commands: {', '.join(known)}")
    return options


def _add(commands: argparse._SubParsersAction[_Parser], name: str, run: Callable[[argparse.Namespace], int]) -> _Parser:
    parser = commands.add_parser(name, help=run.__doc__, description=run.__doc__, allow_abbrev=False)
    parser.set_defaults(command=run)
    if name != "methods":
        parser.add_argument("experiment", nargs="?", default=DEFAULT, help=f"experiment file (default: {DEFAULT})")
    if name in ("run", "plan"):
        parser.add_argument(
            "--only", action="append", default=[], metavar="METHOD", help="this method only; repeatable"
        )
    if name == "run":
        parser.add_argument("--no-report", action="store_true", help="leave the report as it is")
        parser.add_argument("--jobs", type=_jobs, metavar="N", help="runs side by side (default: as cores allow)")
        parser.add_argument("--limit", type=_minutes, metavar="MINUTES", help="stop a run that takes longer")
    return parser


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes above 0")
    return minutes


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _version(_options: argparse.Namespace) -> int:
    from importlib.metadata import version

    _console().print(f"bakeoff {version('bakeoff')}", highlight=False)
    return 0


def _run(options: argparse.Namespace) -> int:
    """Execute what is missing, then write the report."""
    from bakeoff.preflight import preflight
    from bakeoff.record import read_records
    from bakeoff.running.local import execute
    from bakeoff.running.progress import watcher

    experiment, workspace = _open(options)
    preflight(experiment, workspace, only=options.only)
    console = _console()
    past = read_records(workspace.runs_folder(experiment.name), unreadable=lambda _: None)
    limit_s = options.limit * 60 if options.limit else None
    told = watcher(console, past)
    summary = execute(experiment, workspace, only=options.only, limit_s=limit_s, jobs=options.jobs, watcher=told)
    _print_summary(summary, console)
    if not options.no_report and not summary.interrupted:
        _report(options)
    return summary.exit_status


def _print_summary(summary: Summary, console: Console) -> None:
    done = len(summary.outcomes)
    new = f"{done} executed now" if done or summary.interrupted else "nothing to execute"
    console.print(f"{summary.finished} of {summary.total} runs finished, {new}", highlight=False)
    if summary.interrupted:
        console.print("interrupted; the same command goes on from here", highlight=False)
        return
    for name, reason in summary.without_result.items():
        console.print(f"no result: {name}: {reason}", markup=False, highlight=False, soft_wrap=True)


def _plan(options: argparse.Namespace) -> int:
    """Show every run the experiment asks for, and what would be done and why."""
    from rich.table import Table

    from bakeoff.running.plan import plan

    experiment, workspace = _open(options)
    found = plan(experiment, workspace, only=options.only)
    table = Table("run", "id", "state", "why", box=None, pad_edge=False)
    for item in found.items:
        table.add_row(item.name, item.run.run_id if item.run else "", item.state, item.reason)
    console = _console()
    console.print(table, markup=False, highlight=False)
    redone = len(found.in_state("stale"))
    console.print(
        f"\n{len(found.items)} runs: {len(found.in_state('finished'))} finished, {len(found.to_do)} to execute"
        f" ({redone} of them to be redone), {len(found.in_state('waiting'))} waiting for a sweep's choice",
        highlight=False,
    )
    return 0


def _report(options: argparse.Namespace) -> int:
    """Write the report from whatever runs exist."""
    from bakeoff.report import build_report

    experiment, workspace = _open(options)
    files = build_report(experiment, workspace)
    console = _console()
    console.print(files.summary, markup=False, highlight=False, soft_wrap=True)
    state = "up to date" if files.fresh else "written"
    for file in (files.html, files.pdf):
        console.print(f"{state}: {workspace.relative(file)}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _status(options: argparse.Namespace) -> int:
    """Show what is on disk: finished, running, stopped and failed runs."""
    from rich.table import Table

    from bakeoff.running.status import statuses

    experiment, workspace = _open(options)
    found = statuses(experiment.name, workspace=workspace)
    console = _console()
    if not found:
        console.print(f"no runs of {experiment.name} yet; `bakeoff run` makes them", highlight=False)
        return 0
    table = Table("id", "state", "", box=None, pad_edge=False)
    for one in found:
        table.add_row(one.run_id, one.state, one.detail)
    console.print(table, markup=False, highlight=False)
    return 0


def _methods(_options: argparse.Namespace) -> int:
    """List the methods with their hyperparameters and defaults."""
    from rich.table import Table

    from bakeoff.method import TABLE, method

    console = _console()
    for kind in sorted(TABLE):
        found = method(kind)
        console.print(f"[bold]{kind}[/]  {found.summary}", highlight=False)
        table = Table(box=None, pad_edge=False, show_header=False)
        for name, field in found.Config.model_fields.items():
            table.add_row(f"  {name}", str(field.default), field.description or "")
        console.print(table, markup=False, highlight=False)
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "methods": _methods,
    "plan": _plan,
    "report": _report,
    "run": _run,
    "status": _status,
}


def _open(options: argparse.Namespace) -> tuple[Experiment, Workspace]:
    from bakeoff.experiment import load_experiment
    from bakeoff.workspace import find_workspace

    workspace = find_workspace()
    file = workspace.experiment_file(options.experiment)
    return load_experiment(file, shown_as=workspace.relative(file)), workspace


def _console() -> Console:
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)
