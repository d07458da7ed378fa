"""`bakeoff diff` and `share`: two reports held against one another, and one packed for others."""

from __future__ import annotations

import argparse
from pathlib import Path

from bakeoff.cli.command import Command, say
from bakeoff.errors import BadValue, shown

__all__ = ["DIFF", "SHARE"]


STATUS = (
    "Exit status: 0 settings, methods, verdicts and numbers are the same; 1 something differs; "
    "else as of every command."
)


def _diff(options: argparse.Namespace) -> int:
    from bakeoff.diff.changes import changes
    from bakeoff.diff.shown import html_page, in_words, is_page
    from bakeoff.diff.side import find_side
    from bakeoff.report.outputs import write_text
    from bakeoff.system.names import check_new
    from bakeoff.system.workspace import find_workspace

    if options.html and not options.html.endswith((".html", ".htm")):
        raise BadValue("--html", f"{shown(options.html)!r} does not end in .html")
    if options.html:
        check_new(Path(options.html), "--html", ours=is_page(Path(options.html)))
    before, after = (find_side(name, find_workspace) for name in (options.first, options.second))
    found, names = changes(before, after), (before.name, after.name)
    for text in in_words(found, names, language=after.language):
        say(text)
    if options.html:
        write_text(Path(options.html), html_page(found, names, language=after.language))
        say(f"\nwritten: {options.html}")
    return int(bool(found))


def _diff_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = STATUS
    told = "a report's folder or its report.json, a zip made by `bakeoff share`, or an experiment file: its records now"
    parser.add_argument("first", metavar="A", help=told)
    parser.add_argument("second", metavar="B", help="the same")
    parser.add_argument(
        "--html", metavar="FILE", help="write it as one HTML page, too: a new file or an earlier one of its own"
    )


DIFF = Command(_diff, arguments=_diff_arguments)


def _share(options: argparse.Namespace) -> int:
    from bakeoff.share.package import share
    from bakeoff.system.workspace import find_workspace
    from bakeoff.verify.target import find_target

    workspace = find_workspace()
    target = find_target(options.report, workspace)
    file = Path(options.output or f"{target.experiment.name}.zip")
    made = share(target.folder, target.experiment, workspace, file, license_url=options.license)
    for line in made.said:
        say(line)
    size = f"{made.bytes / 2**20:.1f} MiB"
    say(f"written: {file} ({made.files} files, {size})")
    return 0


def _share_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", help="folder of a report, or its experiment file")
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="where to write it, a new file or an earlier one of its own (default: the experiment's name with .zip)",
    )
    told = "address of the licence under which others may use it, for example https://spdx.org/licenses/CC-BY-4.0"
    parser.add_argument("--license", metavar="URL", help=told)


SHARE = Command(_share, arguments=_share_arguments)
