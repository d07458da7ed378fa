"""One run of a plan executed by itself, as a job of a batch system does: many such jobs go on beside each other.

What keeps them apart is the lock of each run. A job whose run waits for a sweep's choice makes that choice from the
trials on disk; as many jobs as come to it at once make the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from bakeoff.errors import UnknownName
from bakeoff.execution.attempt import ORPHAN_S, Attempt, Summary
from bakeoff.execution.plan import Plan, plan
from bakeoff.execution.state import Item
from bakeoff.execution.sweep import decide, in_words
from bakeoff.experiment.model import Experiment
from bakeoff.runs.run import Run
from bakeoff.storage.shared import SharedPlan
from bakeoff.system.locks import terminable
from bakeoff.system.workspace import Workspace

__all__ = ["execute_one", "slot"]


POLL_S = 0.25


def slot(item: Item) -> str:
    """Return how a run is called before and after the choice of its settings: method, seed and cell."""
    settings = item.request.overrides if item.request.role == "sweep" else {}
    cell = f", {item.cell}" if item.cell else ""
    bare = item.request.model_copy(update={"overrides": settings})
    return Item(bare, None, item.state).name + cell


def execute_one(
    experiment: Experiment,
    workspace: Workspace,
    name: str,
    *,
    limit_s: float | None = None,
    say: Callable[[str], object] = lambda _: None,
    shared: SharedPlan | None = None,
) -> Summary:
    """Execute one run of an experiment unless it has a result; return how it went, as a plan of this run alone.

    name: its id, or what `bakeoff plan` calls it, with or without the settings that a sweep chose
    limit_s: time it may take; say: is told what a sweep chose where this run is the first that needs to know
    shared: a store that holds the runs; one that another driver works on is left to it
    Raises UnknownName where the plan has no such run: another experiment, code or data give other ids.
    """
    only = [method for method in experiment.methods if name.startswith((f"{method}-s", f"{method} seed "))]
    item = _found(plan(experiment, workspace, only=only), name)
    if item.run is None:
        item = _chosen(experiment, workspace, item, say, shared)
    with shared or nullcontext():
        return _executed(item, experiment, workspace, limit_s=limit_s, shared=shared)


def _executed(
    item: Item, experiment: Experiment, workspace: Workspace, *, limit_s: float | None, shared: SharedPlan | None
) -> Summary:
    summary = Summary(total=1)
    if shared and item.run and item.to_do and not shared.claim(item.run.run_id):
        item = _found(plan(experiment, workspace, only=[item.request.method]), item.run.run_id)
        if item.to_do:
            summary.without_result = {item.name: "another driver on the store is working on it"}
            return summary
    if item.run is None or not item.to_do:
        summary.finished = int(item.state == "finished")
        summary.without_result = {} if summary.finished else {item.name: item.reason}
        return summary
    try:
        _attempt(item, item.run, experiment, workspace, limit_s=limit_s, summary=summary)
        if shared:
            shared.ended(item.run.run_id)
    except KeyboardInterrupt:
        summary.interrupted = True
    return summary


def _found(known: Plan, name: str) -> Item:
    for item in known.items:
        if name in (item.run.run_id if item.run else "", item.name, slot(item)):
            return item
    names = [item.run.run_id if item.run else slot(item) for item in known.items]
    raise UnknownName("run", name, names, kind="run")


def _chosen(
    experiment: Experiment,
    workspace: Workspace,
    item: Item,
    say: Callable[[str], object],
    shared: SharedPlan | None = None,
) -> Item:
    """Return a run that waits for a choice with its settings, where all trials have been tried; else as it was."""
    found = plan(experiment, workspace, only=[item.request.method])
    search = found.search_of(item)
    trials = found.undecided.get(search, ())
    mine = [one for one in found.items if one.request.role == "sweep" and found.search_of(one) == search]
    if any(one.state in ("pending", "resumable", "stale") for one in mine) or not any(one.whole for one in trials):
        return item
    file = workspace.choice_file(experiment.name, search.method, search.cell)
    if not (shared and shared.taken_choice(file)):
        say(in_words(decide(experiment, search.method, trials, workspace=workspace, cell=search.cell), search.cell))
        if shared:
            shared.locked_choice(file)
    return _found(plan(experiment, workspace, only=[item.request.method]), slot(item))


def _attempt(
    item: Item, run: Run, experiment: Experiment, workspace: Workspace, *, limit_s: float | None, summary: Summary
) -> None:
    attempt = Attempt(item, run, experiment=experiment, workspace=workspace, limit_s=limit_s, jobs=1)
    with terminable():
        try:
            while (outcome := attempt.look()) is None:
                attempt.wait(POLL_S)
        except KeyboardInterrupt:
            attempt.kill()
            attempt.wait(ORPHAN_S)
            raise
    summary.outcomes.append(outcome)
    summary.finished = int(outcome.status == "ok")
    summary.without_result = {} if summary.finished else {item.name: outcome.reason}
