"""What an experiment file asks for, run by run, and what of it is still to be done.

Planning reads the experiment file, hashes data, model and code, and looks at the records on disk. It writes nothing and
never imports torch, so that `bakeoff plan` and a repeated `make report` answer at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from bakeoff.errors import BadValue, InputError, RunFailed
from bakeoff.execution.records import KeptRecords
from bakeoff.execution.state import Item, Past, State
from bakeoff.execution.sweep import choose
from bakeoff.experiment.cells import cells_of, searched_in, selected
from bakeoff.experiment.entries import MethodEntry
from bakeoff.experiment.messages import checked
from bakeoff.experiment.model import Experiment
from bakeoff.runs.choice import Choice, Trial, read_choice, trial_requests
from bakeoff.runs.run import Request
from bakeoff.runs.rungs import goals
from bakeoff.system.cores import uncollected
from bakeoff.system.own import look_in
from bakeoff.system.workspace import Workspace, workspace_of

__all__ = ["Plan", "Search", "plan"]


class Search(NamedTuple):
    """What settles the searched settings of runs: a method, and the cell of a grid as far as it depends on it."""

    method: str
    cell: str


@dataclass(frozen=True)
class Plan:
    """Every run an experiment file asks for, in the order they are to be done; a run that two cells share stands once.

    Every method has its first seed before any has its second, so that what is there at any time compares all of them;
    and first comes what waits for no long search, which with a row at the settings of the file is all of them.
    undecided: searches without a valid choice yet, with their trials
    """

    experiment: Experiment
    items: tuple[Item, ...]
    undecided: dict[Search, tuple[Trial, ...]] = field(default_factory=dict)

    def search_of(self, item: Item) -> Search:
        """Return the search that a run belongs to, as a trial or by what it chooses; all sizes share one."""
        return Search(item.request.method, "" if self.experiment.cell is None else item.cell)

    def round_of(self, item: Item) -> int:
        """Return with which round a run is done: 0, 1 with the first seed, 2 with the second, and so on.

        A trial comes before its method's first seed. Round 0 has the first seed of methods without a search by training
        networks.
        """
        entry, seeds = self.experiment.entry(item.request.method), self.experiment.seeds
        if item.request.role != "sweep" and item.request.seed != seeds[0]:
            return seeds.index(item.request.seed) + 1
        return int(bool(entry.sweep) and entry.method.neural)

    def in_state(self, *states: State) -> list[Item]:
        """Return the runs in any of these states."""
        return [item for item in self.items if item.state in states]

    @property
    def over(self) -> set[str]:
        """The ids of runs that nothing more is done for; a stopped trial may go on until the choice is locked."""

        def may_go_on(item: Item) -> bool:
            stopped = item.record is not None and item.record.stopped_after is not None
            return stopped and self.search_of(item) in self.undecided

        return {item.run.run_id for item in self.in_state("finished") if item.run and not may_go_on(item)}

    @property
    def to_do(self) -> list[Item]:
        """The runs `bakeoff run` would execute now."""
        return [item for item in self.items if item.to_do]


@uncollected()
@checked
def plan(
    experiment: Experiment,
    workspace: Workspace | str | Path | None = None,
    *,
    only: str | Collection[str] = (),
    kept: KeptRecords | None = None,
) -> Plan:
    """Plan an experiment: every run that its file asks for, and what of it is still to be done.

    only: names of methods, and of cells of a grid, to look at (default: all)
    workspace: a folder (default: the one around the current folder, else around the file)
    kept: the records that earlier plans have read; of those only what has changed is read again
    Raises InputError where a name or value cannot be used or data or model are not on this machine.

    >>> experiment = bakeoff.load_experiment("params/demo.yaml")
    >>> found = bakeoff.plan(experiment, only=["majority"])
    >>> [item.request.method for item in found.items]
    ['majority']
    """
    workspace = workspace_of(workspace, of=experiment.file)
    wanted = selected(experiment, only)
    look_in(workspace.root)
    cells = Past.read(experiment, workspace, kept or KeptRecords()).of_cells()
    items: dict[str, Item] = {}
    undecided: dict[Search, tuple[Trial, ...]] = {}
    found = Plan(experiment, ())
    for cell, past in zip(cells_of(experiment), cells, strict=True):
        if cell not in wanted.cells:
            continue
        search = past if experiment.cell else _searched(cells, past.experiment)
        for entry in _in_order(past.experiment):
            if entry.name in wanted.methods:
                trials, candidates = _runs_of(entry, search, past)
                for item in (*trials, *candidates):
                    before = items.setdefault(item.run.run_id if item.run else item.name, item)
                    if experiment.models and before.cell != item.cell:
                        reason = f"{before.cell} and {item.cell} are the same cell, with the same runs"
                        raise BadValue("models", reason, hint="leave one of the two models out")
                open_ = [item for item in candidates if item.run is None]
                undecided |= {found.search_of(item): tuple(map(_as_trial, trials)) for item in open_[:1]}
    return replace(found, items=tuple(sorted(items.values(), key=found.round_of)), undecided=undecided)


def _searched(cells: list[Past], experiment: Experiment) -> Past:
    """Return what was left of the size at which settings are chosen."""
    return next(one for one in cells if one.experiment.data == searched_in(experiment).data)


def _runs_of(entry: MethodEntry, search: Past, past: Past) -> tuple[list[Item], list[Item]]:
    """Return a method's trials and its runs over the seeds; an error names the key of the cell it is about."""
    try:
        trials = _trials(past.experiment, entry, search)
        return trials, _candidates(past.experiment, entry, trials, past)
    except InputError as error:
        error.setting = past.experiment.spelled(error.setting)
        raise


def _trials(experiment: Experiment, entry: MethodEntry, search: Past) -> list[Item]:
    """Return a method's trials, those of a search by halving up to their rung.

    search: of the cell in which settings are chosen
    """
    trials = [search.item(request) for request in trial_requests(experiment, entry.name)]
    if not (trials and entry.rungs):
        return trials
    epochs = goals([_as_trial(item) for item in trials], entry.rungs, experiment.compare.metric)
    return [search.to_epoch(item, epoch) for item, epoch in zip(trials, epochs, strict=True)]


def _in_order(experiment: Experiment) -> list[MethodEntry]:
    """Order methods from yardsticks to trained networks, swept ones last; within a group the file's order stands."""
    return sorted(
        experiment.methods.values(),
        key=lambda entry: (not entry.method.baseline, entry.method.neural, entry.method.trained, bool(entry.sweep)),
    )


def _candidates(experiment: Experiment, entry: MethodEntry, trials: list[Item], past: Past) -> list[Item]:
    """Return a method's runs over the seeds, with what its sweep chose once that is known."""
    requests = [Request(method=entry.name, seed=seed) for seed in experiment.seeds_of(entry)]
    if not trials:
        return [past.item(request) for request in requests]
    choice = _choice(entry, trials, past)
    if choice:
        return [past.item(request.model_copy(update={"overrides": choice.chosen})) for request in requests]
    state, reason = _why_open(experiment, entry, trials, past.workspace)
    return [Item(request, None, state, reason, cell=past.cell_of(entry.name)) for request in requests]


def _why_open(
    experiment: Experiment, entry: MethodEntry, trials: list[Item], workspace: Workspace
) -> tuple[State, str]:
    """Say why a sweep has no choice: trials are left, or all of them ended without a result."""
    if all(item.state in ("failed", "diverged", "finished") for item in trials):
        try:
            choose(experiment, entry, [_as_trial(item) for item in trials], workspace=workspace)
        except RunFailed as failure:
            return "blocked", failure.message
    left = sum(item.to_do for item in trials)
    return (
        "waiting",
        f"for the choice of {' and '.join(entry.sweep)} on validation ({left} of {len(trials)} trials left)",
    )


def _choice(entry: MethodEntry, trials: list[Item], past: Past) -> Choice | None:
    """Return what a sweep chose, while all that it chose from can be read: a report believes nothing less."""
    found = read_choice(past.experiment, entry.name, workspace=past.workspace)
    stands = found and found.stands_for([_as_trial(item) for item in trials])
    return found if stands and all(item.run and past.measured(item.run) for item in trials) else None


def _as_trial(item: Item) -> Trial:
    run_id = item.run.run_id if item.run else ""
    return Trial(item.request.overrides, run_id, item.record)
