"""What is missing of a plan as jobs in stages: trials of sweeps, rung by rung, then the runs that they choose for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bakeoff.execution.batch.single import slot
from bakeoff.execution.plan import Plan, Search
from bakeoff.execution.resources import Needs, needs_of
from bakeoff.execution.state import Item
from bakeoff.runs.record import Record
from bakeoff.system.digests import canonical_sha256

__all__ = ["Job", "stages"]


@dataclass(frozen=True)
class Job:
    """One run to execute.

    name: what `bakeoff run --one` is given; mark: a file name for that it has been done, the same for the same work;
    after: marks of the jobs that have to be over before it; trial: whether others go on where it has no result
    """

    name: str
    mark: str
    needs: Needs
    after: tuple[str, ...] = ()
    trial: bool = False


def stages(found: Plan, records: Iterable[Record] = ()) -> list[list[Job]]:
    """Return the missing runs of a plan: those of a stage can be executed side by side, one stage after the other.

    records: of earlier runs, which tell what runs of the same method need
    A trial that its search stops is among all rungs' jobs; those find nothing left to do and end.
    """
    past = list(records)
    rungs = _rungs(found)
    last = max(rungs.values(), default=0)
    jobs: list[list[Job]] = [[] for _ in range(last + 1)]
    marks: dict[Search, tuple[str, ...]] = {}
    for rung in range(last):
        made: dict[Search, list[str]] = {}
        for item in found.items:
            search = found.search_of(item)
            if item.request.role != "sweep" or item.run is None or rung >= rungs.get(search, 0):
                continue
            if rung == 0 and not item.to_do:
                continue
            mark = item.run.run_id if rungs[search] == 1 else f"{item.run.run_id}-rung{rung + 1}"
            needs = needs_of(item, found.experiment, past)
            jobs[rung].append(Job(item.run.run_id, mark, needs, marks.get(search, ()), trial=True))
            made.setdefault(search, []).append(mark)
        marks.update({search: tuple(names) for search, names in made.items()})
    for item in found.items:
        needs = needs_of(item, found.experiment, past)
        if item.state == "waiting":
            after = marks.get(found.search_of(item), ())
            jobs[last].append(Job(slot(item), _mark(item, found), needs, after))
        elif item.run and item.to_do:
            trial = item.request.role == "sweep"
            if not (trial and found.search_of(item) in rungs):
                jobs[0].append(Job(item.run.run_id, item.run.run_id, needs, trial=trial))
    return [stage for stage in jobs if stage]


def _rungs(found: Plan) -> dict[Search, int]:
    """Return in how many stages the trials of each open search are trained: one for each rung."""
    methods = found.experiment.methods
    return {search: max(1, len(methods[search.method].rungs)) for search in found.undecided}


def _mark(item: Item, found: Plan) -> str:
    """Return a name for a run whose settings are open: another where it would be chosen from other trials."""
    trials = [trial.run_id for trial in found.undecided.get(found.search_of(item), ())]
    content = {"slot": slot(item), "trials": trials}
    return f"{item.request.method}-s{item.request.seed}-{canonical_sha256(content)[:8]}"
