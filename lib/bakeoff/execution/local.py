"""Execute what a plan says is missing, as many runs side by side as have room, each in a kernel of its own.

One run that ends badly does not stop the others. Every file is written whole or not at all, so that work can be stopped
at any moment and gone on with later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import PositiveFloat, PositiveInt

from bakeoff.errors import RunFailed
from bakeoff.execution.attempt import ORPHAN_S, Summary
from bakeoff.execution.engines.engine import Attempting, Engine
from bakeoff.execution.engines.here import Here
from bakeoff.execution.leftovers import sweep_leftovers
from bakeoff.execution.plan import Plan, Search, plan
from bakeoff.execution.preflight import preflight
from bakeoff.execution.progress import Watcher, read_progress
from bakeoff.execution.records import KeptRecords
from bakeoff.execution.resources import Budget, longest_first
from bakeoff.execution.state import Item, kept_epoch
from bakeoff.execution.sweep import decide, in_words
from bakeoff.execution.warm import warm_kernels
from bakeoff.experiment.messages import checked
from bakeoff.experiment.model import Experiment
from bakeoff.runs.choice import Trial
from bakeoff.runs.run import Run
from bakeoff.storage.shared import SharedPlan, joined
from bakeoff.system.locks import sole, terminable
from bakeoff.system.workspace import Workspace, workspace_of

__all__ = ["execute", "run"]

POLL_S = 0.25
WINDING_DOWN = "interrupted: each run at hand ends after its epoch, else at its end; Ctrl-C again stops at once"


def execute(  # noqa: PLR0913  what a command line can say
    experiment: Experiment,
    workspace: Workspace,
    *,
    only: str | Collection[str] = (),
    limit_s: float | None = None,
    jobs: int | Engine | None = None,
    watcher: Watcher | None = None,
    budget: Budget | None = None,
    each_round: Callable[[int], object] | None = None,
    shared: SharedPlan | None = None,
    patient: bool = False,
    kept: KeptRecords | None = None,
) -> Summary:
    """Do every run of an experiment that is still to be done; return how it went.

    only: methods or cells to run (default: all); limit_s: time a run may take; jobs: runs at a time on this machine, at
    least 1 (default: as many as have cores of their own), or the engine that they are executed on
    watcher: who is told; budget: the time all of it may take
    shared: a store that other drivers work on, too; what they hold is left to them, what they made is taken
    patient: wait for another process that executes the experiment in this workspace; kept: as of `plan`
    each_round: called where another round has ended and others are to come, with the most seeds that a method has
    Raises InputError before anything is written, ExperimentBusy where another process is at it, OSError where the disk
    takes no more. An interrupt shows in the summary: Ctrl-C once lets each run at hand end its epoch, or itself where
    it has none; a second one, or SIGTERM, stops them at once. Runs without a result stay resumable.
    """
    kept = kept or KeptRecords()
    first = plan(experiment, workspace, only=only, kept=kept)
    engine: Engine = Here(jobs=jobs) if jobs is None or isinstance(jobs, int) else jobs
    told = watcher or Watcher()
    session = _Session(experiment, workspace, only, limit_s, engine, told, kept, budget, each_round, shared)
    alone = sole(experiment.name, workspace, waits=told.say if patient else None)
    with alone as waited, terminable(taken=session.ask), engine, told, shared or nullcontext():
        try:
            session.found = first = session.plan() if waited else first
            session.jobs = engine.places(first)
            sweep_leftovers(experiment.name, workspace, finished=first.over)
            session.work()
        except KeyboardInterrupt:
            session.ask()
    session.summary.interrupted = session.asked > 0
    return session.summarise(first)


@checked
def run(
    experiment: Experiment,
    workspace: Workspace | str | Path | None = None,
    *,
    only: str | Collection[str] = (),
    limit_s: PositiveFloat | None = None,
    jobs: PositiveInt | None = None,
) -> Summary:
    """Check an experiment, then do every run of it that is still to be done, as `bakeoff run` does; return how it went.

    workspace: a folder (default: the one around the current folder, else around the file)
    only: methods or cells (default: all); limit_s: time a run may take
    jobs: runs at a time (default: as many as have cores of their own); a file's `store` is used as by `bakeoff run`
    Raises InputError before anything is written, ExperimentBusy where another process is at it. Writes no report.

    >>> experiment = bakeoff.load_experiment("params/demo.yaml")
    >>> summary = bakeoff.run(experiment, only=["majority"])
    >>> summary.finished, summary.without_result
    (1, {})
    """
    place = workspace_of(workspace, of=experiment.file)
    with warm_kernels():
        preflight(experiment, place, only=only)
        shared = joined(experiment, place)
        done = execute(experiment, place, only=only, limit_s=limit_s, jobs=jobs, shared=shared)
    if shared:
        shared.mirror.publish(experiment.file)
    return done


@dataclass
class _Session:
    """One call of `execute`: plans anew after every run, so that it sees what others did meanwhile."""

    experiment: Experiment
    workspace: Workspace
    only: str | Collection[str]
    limit_s: float | None
    engine: Engine
    watcher: Watcher
    kept: KeptRecords
    budget: Budget | None
    each_round: Callable[[int], object] | None
    shared: SharedPlan | None
    jobs: int = 1
    summary: Summary = field(default_factory=Summary)
    attempted: set[tuple[str, int | None]] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    current: list[Attempting] = field(default_factory=list)
    found: Plan | None = None
    at_hand: int = 0
    asked: int = 0
    epochs: dict[str, int] = field(default_factory=dict)  # kept at the interrupt

    def plan(self) -> Plan:
        """Return the plan as things stand now; the next runs are taken from it."""
        self.found = plan(self.experiment, self.workspace, only=self.only, kept=self.kept)
        return self.found

    def work(self) -> None:
        self.watcher.side_by_side(self.jobs)
        try:
            self.fill()
            while self.current or (self.shared and self.shared.elsewhere):
                if self.current:
                    self.current[0].wait(POLL_S)
                else:
                    time.sleep(POLL_S)
                if self.asked and not self.wind_down():
                    return
                if self.look() | self.news():
                    self.fill()
        finally:
            self.stop()

    def fill(self) -> None:
        """Start the next runs that can start, in the plan's order, the longest of the last round first."""
        if self.asked:
            return
        found = self.decided()
        sweeping = {
            found.search_of(item) for item in found.items if item.request.role == "sweep" and self.is_open(item)
        }
        left = [item for item in found.to_do if item.run is None or self.is_new(item.run)]
        if self.jobs > 1 and len(set(map(found.round_of, left))) == 1:
            left = longest_first(left, timed=found.items)
        for item in left:
            if len(self.current) >= self.jobs:
                return
            waits = item.request.role != "sweep" and found.search_of(item) in sweeping
            if item.run and not waits and (self.budget is None or self.budget.allows(item)) and self.is_mine(item.run):
                self.start(item, item.run, found)

    def is_mine(self, run: Run) -> bool:
        """Return whether no other driver on the store works on a run, or has made it meanwhile."""
        return self.shared is None or self.shared.claim(run.run_id)

    def news(self) -> bool:
        """See what other drivers have ended or let go of; return whether to plan anew for it."""
        if self.shared is None or not self.shared.look():
            return False
        self.found = None
        return True

    def is_open(self, item: Item) -> bool:
        """Return whether a run has still to be tried, or goes on now, whatever its folder says already."""
        at_hand = [attempt.run.run_id for attempt in self.current]
        return item.run is not None and (item.run.run_id in at_hand or (item.to_do and self.is_new(item.run)))

    def is_new(self, run: Run) -> bool:
        """Return whether a run has not been tried yet; a trial has another try at each of its rungs until it fails."""
        return (run.run_id, run.request.stop_after) not in self.attempted and run.run_id not in self.lost

    def start(self, item: Item, run: Run, found: Plan) -> None:
        self.attempted.add((run.run_id, run.request.stop_after))
        attempt = self.engine.start(
            item, run, experiment=self.experiment, workspace=self.workspace, limit_s=self.limit_s
        )
        self.current.append(attempt)
        self.watcher.begin(item, found)
        attempt.look()

    def look(self) -> bool:
        """See how every run gets on; return whether one has ended."""
        ended = 0
        for attempt in list(self.current):
            outcome = attempt.look()
            if outcome is None:
                self.watcher.tick(attempt.item, read_progress(attempt.folder), attempt.seconds)
                continue
            ended += 1
            self.current.remove(attempt)
            self.summary.outcomes.append(outcome)
            if self.shared:
                self.shared.ended(attempt.run.run_id)
            if outcome.status != "ok":
                self.lost.add(attempt.run.run_id)
            if self.budget:
                self.budget.add(outcome)
            self.watcher.end(outcome, self.plan())
        if ended:
            self.count_rounds(self.found or self.plan())
        return ended > 0

    def count_rounds(self, found: Plan) -> None:
        """Tell the watcher when another round has ended and there is one to come."""
        at_hand = min(
            (found.round_of(item) for item in found.items if self.is_open(item) or item.state == "waiting"), default=0
        )
        ended = [found.round_of(item) for item in found.in_state("finished") if item.request.role != "sweep"]
        if at_hand > self.at_hand and ended:
            self.at_hand = at_hand
            self.watcher.round_ended(found)
            if self.each_round:
                self.each_round(max(1, *ended))

    def ask(self) -> bool:
        """Take an interrupt, in the middle of anything: the first ends runs after their epoch, the second now."""
        self.asked += 1
        return self.asked <= 2  # noqa: PLR2004

    def wind_down(self) -> bool:
        """End runs whose epoch has come to disk since the interrupt; return whether any run is to go on."""
        if not self.epochs:
            self.watcher.say(WINDING_DOWN)
        for attempt in list(self.current):
            epoch = kept_epoch(attempt.folder)
            if self.asked == 1 and epoch > self.epochs.setdefault(attempt.run.run_id, epoch):
                attempt.kill()
                attempt.wait(ORPHAN_S)
                self.current.remove(attempt)
        return self.asked == 1 and bool(self.current)

    def stop(self) -> None:
        """End every kernel that is left, all at once."""
        for attempt in self.current:
            attempt.kill()
        deadline = time.monotonic() + ORPHAN_S
        for attempt in self.current:
            attempt.wait(max(0.0, deadline - time.monotonic()))

    def decided(self) -> Plan:
        """Return the plan after locking the choice of any sweep whose trials have all been tried."""
        found = self.found or self.plan()
        self.found = None
        for search, trials in found.undecided.items():
            items = [item for item in found.items if found.search_of(item) == search and item.run]
            if any(trial.whole for trial in trials) and not any(map(self.is_open, items)):
                with suppress(RunFailed):  # no trial has a score, as the plan says: blocked
                    self.decide(search, trials)
                    return self.decided()
        return found

    def decide(self, search: Search, trials: Sequence[Trial]) -> None:
        file = self.workspace.choice_file(self.experiment.name, search.method, search.cell)
        if self.shared and self.shared.taken_choice(file):
            return
        choice = decide(self.experiment, search.method, trials, workspace=self.workspace, cell=search.cell)
        if self.shared:
            self.shared.locked_choice(file)
        self.watcher.say(in_words(choice, search.cell))

    def summarise(self, first: Plan) -> Summary:
        current = self.plan() if self.attempted or self.shared or first.undecided else first
        self.summary.total = len(current.items)
        self.summary.finished = len(current.in_state("finished"))
        rest = [item for item in current.items if item.state != "finished"]
        busy = {o.item.name: o.reason for o in self.summary.outcomes if o.status == "busy"}
        told = {**(self.budget.skipped if self.budget else {}), **busy}
        self.summary.without_result = {item.name: told.get(item.name, item.reason) for item in rest}
        return self.summary
