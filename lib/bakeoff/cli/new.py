"""`bakeoff init` and `new`: a workspace, and an experiment file for one's own data."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bakeoff.cli.command import Command, console, minutes, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakeoff.draft.estimate import Estimate
    from bakeoff.draft.new import Drafted

__all__ = ["INIT", "NEW"]

FEW = 50
"""Test texts below which one of them is worth more than two points."""


def _new(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from bakeoff.draft.file import Wish
    from bakeoff.draft.new import new_experiment
    from bakeoff.errors import MissingFile
    from bakeoff.system.starter import NOTEBOOKS, make_workspace
    from bakeoff.system.workspace import Workspace, find_workspace

    named = {key: getattr(options, key) for key in ("config", "label", "encoding", "separator")}
    if options.model:
        named["model"] = options.model
    named |= {"text": tuple(options.text or ()), "header": not options.no_header}
    source = options.data[0] if len(options.data) == 1 else tuple(options.data)
    wish = Wish(options.name, source, **named, force=options.force, calibration=not options.no_calibration)
    wish = replace(wish, minutes=options.minutes)
    to, missing = console(), False
    try:
        workspace = find_workspace()
    except MissingFile:
        workspace, missing = Workspace(Path.cwd().resolve()), True
    with to.status("looking") as status:
        done = new_experiment(wish, workspace, told=status.update)
    if missing:
        written = make_workspace(workspace.root, files=NOTEBOOKS)
        to.print(f"this folder is a workspace now, with {', '.join(written)}", markup=False, highlight=False)
    for line in _in_words(done, wish.model):
        say(line)
    file = workspace.relative(done.file)
    say(f"written: {file}; `bakeoff run {file}` goes")
    return 0


def _in_words(done: Drafted, model: str) -> Iterator[str]:
    from bakeoff.draft.file import remarks
    from bakeoff.errors import shown

    seen = done.survey
    what = "columns" if seen.text.second else "column"
    yield f"text: {what} {' and '.join(map(shown, seen.text.columns))} ({seen.text.in_words()})"
    yield f"label: column {shown(seen.label.column)} ({seen.label.in_words()})"
    yield from remarks(seen, model=model)
    if seen.group:
        yield f"column {shown(seen.group)} looks like a group: the file says how to keep its texts together"
    for name, reason in done.refused.items():
        yield f"left out: {name}: {shown(reason, limit=160)}"
    for name, reason in done.untimed.items():
        yield f"not timed: {name}: {shown(reason, limit=160)}"
    yield "texts: " + ", ".join(f"{split} {n:,}" for split, n in done.sizes.items())
    if (tested := done.sizes.get("test", FEW)) < FEW:
        points = f"one of them is {100 / tested:.0f} points of accuracy"
        yield f"few test texts: {points}, so that hardly any two methods can be told apart; bring more texts"
    yield from done.given_up
    yield _cost(done.runs, done.estimate, untimed=list(done.untimed))


def _cost(runs: int, found: Estimate | None, *, untimed: Sequence[str]) -> str:
    if found is None:
        return f"{runs} runs; how long they take was not measured"
    long = found.seconds / 60
    spelled = f"{long:.0f} minutes" if long >= 10 else f"{long:.1f} minutes"  # noqa: PLR2004
    side = f", {found.jobs} at a time" if found.jobs > 1 else ""
    longest = max(found.by_method, key=found.by_method.__getitem__)
    each = f"; the longest, {longest}, {found.by_method[longest]:.0f} s each"
    busy = (
        f"; other programs were busy meanwhile (load {found.load:.1f} on {found.cores} cores)"
        if found.disturbed
        else ""
    )
    without = f", without {' and '.join(untimed)}" if untimed else ""
    return f"{runs} runs{side}: about {spelled} on this machine{without}{each}{busy}"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what the experiment is called: params/NAME.yaml is written")
    parser.add_argument(
        "--data",
        required=True,
        action="append",
        help="csv, tsv, json, jsonl, parquet, xlsx or txt file, packed or not, folder, hub id; "
        "again for files of splits: --data train=a.csv --data test=b.csv",
    )
    parser.add_argument("--config", help="configuration of a hub data set (default: its default)")
    parser.add_argument(
        "--text", metavar="COLUMN", action="append", help="column with the text; twice for pairs (default: guessed)"
    )
    parser.add_argument("--label", metavar="COLUMN", help="column with the label or grade (default: guessed)")
    parser.add_argument("--model", help="base model: bundled:, a hub id or a folder (default: bundled:minilm-l6)")
    parser.add_argument("--encoding", help="of text files (default: utf-8)")
    parser.add_argument("--separator", help="between csv columns (default: told from the rows)")
    parser.add_argument("--no-header", action="store_true", help="the first line is a row: column_1, column_2, ...")
    told = "draft the best comparison that fits into so many minutes here (default: 60)"
    parser.add_argument("--minutes", type=minutes, default=60.0, metavar="N", help=told)
    parser.add_argument("--force", action="store_true", help="replace a file of that name")
    parser.add_argument("--no-calibration", action="store_true", help="do not measure how long runs would take")


def _init(options: argparse.Namespace) -> int:
    from bakeoff.system.starter import EXAMPLE, make_workspace, outdated

    root, to = Path(options.folder).resolve(), console()
    written = make_workspace(root)
    for name in written:
        say(f"written: {Path(options.folder, name)}")
    for name in outdated(root):
        hint = "remove it and say `bakeoff init` again to have that"
        say(f"kept: {name}, which is not this version's; {hint}")
    if not written:
        to.print("nothing to write: the workspace has everything", highlight=False)
    there = "" if root == Path.cwd().resolve() else f"in {root}: "
    ways = f"`bakeoff run {EXAMPLE}` for the example, `bakeoff new NAME --data FILE` for data of your own"
    say(f"{there}{ways}")
    return 0


def _init_arguments(parser: argparse.ArgumentParser) -> None:
    told = "where to; made if it is not there (default: the current folder); files that are there stay"
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help=told)


INIT = Command(_init, arguments=_init_arguments)
NEW = Command(_new, arguments=_arguments)
