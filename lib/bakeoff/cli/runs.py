"""`bakeoff run`, `plan`, `status` and `report`."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from bakeoff.cli.command import Command, console, minutes, names_in, open_experiment, print_table, say
from bakeoff.cli.stored import brought, elsewhere, open_mirrored, share, stored_arguments, told_of_look
from bakeoff.errors import BadValue

if TYPE_CHECKING:
    from bakeoff.execution.attempt import Summary
    from bakeoff.experiment.entries import MethodEntry
    from bakeoff.experiment.model import Experiment
    from bakeoff.storage.mirror import Mirror
    from bakeoff.system.workspace import Workspace

__all__ = ["PLAN", "REPORT", "RUN", "STATUS", "write_report"]

SAME = "the same command"
AGAIN = f"{SAME} without --more-seeds"
"""Given once more with it, it would write still more seeds into the file."""


def _run(options: argparse.Namespace) -> int:
    from bakeoff.cli.interim import Interim
    from bakeoff.execution.engines.named import engine_named
    from bakeoff.execution.local import execute
    from bakeoff.execution.preflight import preflight
    from bakeoff.execution.progress import watcher
    from bakeoff.execution.records import KeptRecords
    from bakeoff.execution.resources import Budget, Durations
    from bakeoff.execution.warm import warm_kernels
    from bakeoff.experiment.load import refuse_namesake

    experiment, workspace, mirror = open_mirrored(options)
    if options.one:
        return _run_one(experiment, workspace, mirror, options)
    engine = engine_named(options.on, jobs=options.jobs, mirror=mirror) if options.on else options.jobs
    for notebook in ("train",) if options.no_report else ("train", "compare"):
        workspace.notebook(notebook)  # not missed after hours
    if not options.no_report:
        refuse_namesake(experiment, workspace)
    with warm_kernels():  # from the checks on, and the report's as well
        kept = KeptRecords()
        preflight(experiment, workspace, only=options.only, here=not options.on, kept=kept)
        shared = share(mirror, experiment) if mirror else None
        if options.more_seeds:
            _add_seeds(experiment, options.more_seeds, shown=workspace.relative(experiment.file))
            experiment, workspace, mirror = open_mirrored(options)
        past, to = kept.read(workspace.runs_folder(experiment.name))[0].values(), console()
        budget = Budget(options.minutes * 60, Durations(past)) if options.minutes else None
        with Interim(experiment, workspace) as interim:
            summary = execute(
                experiment,
                workspace,
                only=options.only,
                limit_s=options.limit * 60 if options.limit else None,
                jobs=engine,
                watcher=watcher(to, past),
                budget=budget,
                each_round=None if options.no_report else interim.begin,
                patient=True,
                kept=kept,
                **({"shared": shared} if shared else {}),
            )
        _print_summary(summary, again=AGAIN if options.more_seeds else SAME)
        if mirror:
            mirror.publish(experiment.file)
        if not options.no_report and not summary.interrupted:
            write_report(experiment, workspace)
            if mirror:
                mirror.publish_report()
    return summary.exit_status


def _add_seeds(experiment: Experiment, number: int, *, shown: str) -> None:
    from bakeoff.experiment.more_seeds import add_seeds

    seeds = ", ".join(map(str, add_seeds(experiment, number, shown=shown)))
    told = f"written into {shown}: seeds {seeds}; {AGAIN} goes on with them where this one ends early"
    say(told)


def _run_one(experiment: Experiment, workspace: Workspace, mirror: Mirror | None, options: argparse.Namespace) -> int:
    from bakeoff.execution.batch.single import execute_one
    from bakeoff.execution.preflight import check_where
    from bakeoff.execution.progress import line

    for given in ("on", "jobs", "only", "minutes", "more_seeds"):
        if getattr(options, given):
            raise BadValue("--one", f"is one run on this machine; leave --{given.replace('_', '-')} out")
    workspace.notebook("train")
    check_where(experiment, workspace)
    limit_s = options.limit * 60 if options.limit else None
    shared = share(mirror, experiment, alone=True) if mirror else None
    summary = execute_one(experiment, workspace, options.one, limit_s=limit_s, say=say, shared=shared)
    for outcome in summary.outcomes:
        console().print(line(outcome), soft_wrap=True)
    _print_summary(summary)
    for outcome in summary.outcomes:
        if mirror and outcome.record:  # which makes up for one that failed
            mirror.runs.publish(outcome.record.run_id)
    return summary.exit_status


def _print_summary(summary: Summary, *, again: str = SAME) -> None:
    done = summary.executed
    new = f"{done} executed now" if done or summary.interrupted else "nothing to execute"
    say(f"{summary.finished} of {summary.total} runs finished, {new}")
    if summary.interrupted:
        say(f"interrupted; {again} goes on from here")
        return
    for name, reason in summary.without_result.items():
        say(f"no result: {name}: {reason}")


def _plan(options: argparse.Namespace) -> int:
    from bakeoff.execution.plan import plan
    from bakeoff.execution.preflight import check_where, preflight

    experiment, workspace, mirror = open_mirrored(options)
    check_where(experiment, workspace)
    found = plan(experiment, workspace, only=options.only)
    if mirror and brought(mirror, found):
        found = plan(experiment, workspace, only=options.only)
    if options.script:
        from bakeoff.execution.batch.scripts import script

        preflight(experiment, workspace, only=options.only, here=False)  # not missed after hours in a queue
        for text in script(options.script, found, workspace, store=options.store):
            console().out(text, highlight=False)
        return 0
    rows = [(item.name, item.run.run_id if item.run else "", item.state, item.reason) for item in found.items]
    to = console()
    print_table(to, ("run", "id", "state", "why"), rows)
    redone, runs = len(found.in_state("stale")), "1 run" if len(rows) == 1 else f"{len(rows)} runs"
    to.print(
        f"\n{runs}: {len(found.in_state('finished'))} finished, {len(found.to_do)} to execute"
        f" ({redone} of them to be redone), {len(found.in_state('waiting'))} waiting for a sweep's choice",
        highlight=False,
    )
    for line in _tuned(experiment, only=options.only):
        say(line)
    return 0


def _tuned(experiment: Experiment, *, only: Collection[str]) -> Iterator[str]:
    """Say what is searched before the compared runs, methods with the same search together."""
    from bakeoff.experiment.cells import selected

    alike: dict[str, list[str]] = {}
    methods = selected(experiment, only).methods
    for name, entry in experiment.methods.items():
        if entry.tuning and name in methods:
            how = f"{entry.tuning.trials} trials each over {' and '.join(entry.sweep)} ({_how(entry)})"
            alike.setdefault(how, []).append(name)
    for how, names in alike.items():
        yield f"tuned on validation with seed {experiment.sweep_seed}: {', '.join(names)}: {how}"


def _how(entry: MethodEntry) -> str:
    """Say how a method's trials are spread and, with halving, how many are trained for how long."""
    from bakeoff.experiment.halving import epochs_in

    if entry.tuning is None or entry.tuning.search != "halving":
        return entry.tuning.search if entry.tuning else ""
    if not entry.rungs:
        return "quasi_random: no epochs after which halving could stop one, so all are trained whole"
    rungs = ", ".join(f"{rung.trials} to epoch {rung.epochs}" for rung in entry.rungs)
    whole = entry.tuning.trials * entry.rungs[-1].epochs
    return f"halving: {rungs}; {epochs_in(entry.rungs)} epochs instead of {whole}"


def _status(options: argparse.Namespace) -> int:
    from bakeoff.execution.status import statuses

    experiment, workspace, mirror = open_mirrored(options)
    grid = experiment if experiment.cell else None
    found = statuses(experiment.name, workspace=workspace, sized=experiment.train_sizes is not None, grid=grid)
    if mirror:
        found = [*found, *elsewhere(mirror, found)]
    to = console()
    if not found:
        to.print(f"no runs of {experiment.name} yet; `bakeoff run` makes them", highlight=False)
        return 0
    print_table(to, ("id", "state", ""), [(one.run_id, one.state, one.detail) for one in found])
    return 0


def _plan_arguments(parser: argparse.ArgumentParser) -> None:
    _selecting_arguments(parser)
    one = parser.add_mutually_exclusive_group()
    for kind, told in (
        ("commands", "print a command for each missing run instead, which can be typed anywhere"),
        ("array", "print a script that submits the missing runs to SLURM as arrays instead"),
        ("snakemake", "print a Snakefile of the missing runs instead"),
    ):
        one.add_argument(f"--{kind}", action="store_const", const=kind, dest="script", help=told)


def _selecting_arguments(parser: argparse.ArgumentParser) -> None:
    stored_arguments(parser)
    parser.add_argument(
        "--only",
        action="extend",
        type=partial(names_in, "--only"),
        default=[],
        metavar="NAME,...",
        help="these methods only, or these cells, data sets or models of a grid; repeatable",
    )


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    _selecting_arguments(parser)
    parser.add_argument("--one", metavar="RUN", help="execute this run alone: its id, or what `bakeoff plan` calls it")
    parser.add_argument("--no-report", action="store_true", help="leave the report as it is")
    parser.add_argument(
        "--more-seeds",
        type=_whole,
        metavar="N",
        help="write N more seeds into the experiment file first, within its compare.seeds_at_most",
    )
    parser.add_argument("--jobs", type=_whole, metavar="N", help="runs side by side (default: as cores allow)")
    told = "where runs are executed: `ray`, which starts a cluster on this machine, or ray://HOST:PORT"
    parser.add_argument("--on", metavar="ENGINE", help=told)
    parser.add_argument("--limit", type=minutes, metavar="MINUTES", help="stop a run that takes longer")
    told = "start no run that would not end within so many minutes from now, and report what is there"
    parser.add_argument("--minutes", type=minutes, metavar="N", help=told)


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


PLAN = Command(_plan, arguments=_plan_arguments)
RUN = Command(_run, arguments=_run_arguments)
STATUS = Command(_status, arguments=stored_arguments)


def write_report(experiment: Experiment, workspace: Workspace, **asked: Any) -> None:
    """Write the report unless it is up to date, and print its table and where it is. asked: as of `build_report`."""
    from bakeoff.report.build import build_report

    files = build_report(experiment, workspace, **asked)
    say(files.summary)
    for sentence in files.undrawn:
        say(sentence)
    state = "up to date" if files.fresh else "written"
    for file in files.shown:
        say(f"{state}: {workspace.relative(file)}")
    if files.removed:
        told = f"removed, being of an earlier state: {', '.join(files.removed)}"
        say(told)


def _report(options: argparse.Namespace) -> int:
    from bakeoff.report.outputs import chosen_formats, part_name, part_of

    experiment, workspace, mirror = open_mirrored(options)
    only = list(dict.fromkeys(options.only))
    formats, changes = chosen_formats(options.format), part_of(experiment, only, options.language)
    if changes:
        options.changes = [*options.changes, *changes]
        experiment, workspace = open_experiment(options)
    spoken = experiment.report.language if any(one.startswith("report.language=") for one in changes) else None
    some = only if any(one.startswith("methods.") for one in changes) else []
    part = part_name(some, spoken) if changes else None
    if mirror:
        mirror.bring_report()
    write_report(experiment, workspace, formats=formats, part=part)
    if mirror:
        told_of_look(mirror)
    return 0


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    from bakeoff.report.outputs import FORMATS

    stored_arguments(parser)
    several: Any = {"action": "extend", "default": [], "metavar": "NAME,..."}
    told = f"write files of these formats only: {', '.join(FORMATS)} (default: all)"
    parser.add_argument("--format", type=partial(names_in, "--format"), help=told, **several)
    told = "compare these methods only, the reference among them; in a folder of its own below the report's"
    parser.add_argument("--only", type=partial(names_in, "--only"), help=told, **several)
    told = "write it in another language; in a folder of its own below the report's"
    parser.add_argument("--language", metavar="CODE", help=told)


REPORT = Command(_report, arguments=_report_arguments)
