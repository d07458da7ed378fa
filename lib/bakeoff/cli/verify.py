"""`bakeoff verify`: check a report by doing it again."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bakeoff.cli.command import DEFAULT, Command, say
from bakeoff.cli.stored import open_mirrored, store_argument
from bakeoff.errors import BadValue

if TYPE_CHECKING:
    from bakeoff.runs.verified import Check, Level
    from bakeoff.verify.target import Target

__all__ = ["VERIFY"]


EXIT = {"IDENTICAL": 0, "EQUIVALENT": 0, "DIVERGED": 1, "NOT_COMPARABLE": 4}
STATUS = (
    "Exit status: 0 IDENTICAL or EQUIVALENT; 1 DIVERGED; 4 NOT_COMPARABLE (data, settings, code, libraries or machine "
    "are others than those of the records); else as of every command. The result is kept in verify.json beside the "
    "report, which names the runs made again the next time it is written."
)
LEVELS = (
    "0 renders the report again (the default), 1 makes its runs again and holds their bits against the records, 2 "
    "their means and verdicts, for another machine or other libraries"
)


def _verify(options: argparse.Namespace) -> int:
    from bakeoff.runs.verified import FILE, keep_level
    from bakeoff.system.workspace import find_workspace
    from bakeoff.verify.target import find_target

    level = options.level if options.level is not None else int(bool(options.runs))
    if options.runs and not level:
        raise BadValue("--runs", "runs are made again from level 1 on", hint="say `--level 1`, or leave --runs out")
    if options.store:
        experiment, workspace, mirror = open_mirrored(options, named="report")
        if mirror:
            mirror.bring_report()
        target = find_target(str(workspace.report_folder(experiment.name)), workspace)
    else:
        workspace = find_workspace()
        target = find_target(options.report, workspace)
    found = _checked(target, level, options.runs)
    keep_level(target.folder, level, found)
    say(f"{found.result}: {_in_words(found)}")
    file = workspace.relative(target.folder / FILE)
    say(f"written: {file}")
    return EXIT[found.result]


def _checked(target: Target, level: int, runs: list[str]) -> Level:
    from bakeoff.verify.elsewhere import remake
    from bakeoff.verify.rerender import rerender
    from bakeoff.verify.rerun import rerun
    from bakeoff.verify.target import chosen_runs

    if not level:
        found = rerender(target)
        for check in found.checks:
            _tell(check)
        return found
    again = rerun if level == 1 else remake
    return again(target, chosen_runs(target, runs), told=_tell)


def _tell(check: Check) -> None:
    apart = f" from {check.stage} on" if check.stage else ""
    why = f": {check.why}" if check.why else ""
    say(f"{check.name}: {check.result}{apart}{why}")


def _in_words(level: Level) -> str:
    same = sum(check.result in ("IDENTICAL", "EQUIVALENT") for check in level.checks)
    return f"{same} of {len(level.checks)} agree"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = STATUS
    parser.add_argument(
        "report", nargs="?", default=DEFAULT, help=f"folder of a report, or its experiment file (default: {DEFAULT})"
    )
    parser.add_argument(
        "--runs",
        action="append",
        default=[],
        metavar="RUN",
        help="make this run again: a run id, the beginning of one, or method@seed; repeatable (default: all it shows)",
    )
    store_argument(parser)
    parser.add_argument("--level", type=int, choices=[0, 1, 2], metavar="N", help=LEVELS)


VERIFY = Command(_verify, arguments=_arguments)
