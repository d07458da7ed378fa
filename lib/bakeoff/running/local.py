"""Execute what a plan says is missing, one run after another, each in a kernel of its own.

The kernel writes the record of a run that ends well. What ends badly is written down here, and the next run goes on.
Every file is written whole or not at all, so that a run can be stopped at any moment and gone on with later.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from bakeoff.experiment import Experiment
from bakeoff.record import Failure, write_record
from bakeoff.run import Run
from bakeoff.running.aftermath import failed_record, left_behind
from bakeoff.running.choice import Choice, Trial, choose, label, lock_choice
from bakeoff.running.guards import free, sole, terminable
from bakeoff.running.kernels import Execution
from bakeoff.running.outcome import Outcome, Summary
from bakeoff.running.plan import Plan, plan
from bakeoff.running.progress import Watcher, read_progress
from bakeoff.running.state import Item, checkpointed_epoch
from bakeoff.workspace import RunFolder, Workspace

__all__ = ["execute"]

POLL_S = 0.25
ORPHAN_S = 10.0
"""How long to wait for a run whose orchestrator was killed: its kernel notices within two seconds."""


def execute(
    experiment: Experiment,
    workspace: Workspace,
    *,
    only: Collection[str] = (),
    limit_s: float | None = None,
    watcher: Watcher | None = None,
) -> Summary:
    """Do every run of an experiment that is still to be done; return how it went.

    only: names of the methods to run (default: all); limit_s: time a run may take; watcher: who is told
    Raises InputError before anything is written, ExperimentBusy where another process is at it. An interrupt
    (SIGINT, SIGTERM) stops the run at hand, which stays resumable, and shows in the summary.
    """
    plan(experiment, workspace, only=only)
    told = watcher or Watcher()
    session = _Session(experiment, workspace, only=only, limit_s=limit_s, watcher=told)
    with sole(experiment, workspace), terminable(), told:
        try:
            session.work()
        except KeyboardInterrupt:
            session.summary.interrupted = True
    return session.summarise()


class _Session:
    """One call of `execute`: plans anew after every run, so that it sees what others did meanwhile."""

    def __init__(
        self,
        experiment: Experiment,
        workspace: Workspace,
        *,
        only: Collection[str],
        limit_s: float | None,
        watcher: Watcher,
    ) -> None:
        self.experiment, self.workspace, self.only = experiment, workspace, only
        self.limit_s, self.watcher = limit_s, watcher
        self.summary = Summary()
        self.attempted: set[str] = set()

    def plan(self) -> Plan:
        return plan(self.experiment, self.workspace, only=self.only)

    def work(self) -> None:
        while item := self.next_item(current := self.plan()):
            run = item.run
            if run is None:
                raise RuntimeError(f"{item.name} is to be done and has no settings")
            self.attempted.add(run.run_id)
            self.watcher.begin(item, current)
            outcome = self.one(item, run)
            self.summary.outcomes.append(outcome)
            self.watcher.end(outcome, self.plan())

    def next_item(self, current: Plan) -> Item | None:
        """Return the next run to do, after locking the choice of any sweep whose trials have all been tried."""
        open_items = [item for item in current.to_do if item.run and item.run.run_id not in self.attempted]
        for name, trials in current.undecided.items():
            tried = not any(item.request.method == name and item.run for item in open_items)
            if tried and any(trial.finished for trial in trials):
                self.decide(name, trials)
                return self.next_item(self.plan())
        return open_items[0] if open_items else None

    def decide(self, name: str, trials: Sequence[Trial]) -> None:
        choice = choose(self.experiment, self.experiment.methods[name], trials)
        lock_choice(choice, self.experiment.name, workspace=self.workspace)
        self.watcher.say(_in_words(choice))

    def one(self, item: Item, run: Run) -> Outcome:
        """Execute one run and see to it that a record tells how it ended."""
        started = time.monotonic()
        folder = self.workspace.run_folder(self.experiment.name, run.run_id)
        folder.path.mkdir(parents=True, exist_ok=True)
        if not free(folder, wait_s=ORPHAN_S):
            return Outcome(item, "busy", 0.0, "another process is working on it")
        folder.record.unlink(missing_ok=True)
        folder.progress.unlink(missing_ok=True)
        failure = self.in_kernel(item, run, folder)
        seconds = time.monotonic() - started
        if failure and failure.type == "RunBusy":
            return Outcome(item, "busy", seconds, failure.message)
        record = left_behind(run, folder)
        if isinstance(record, Failure):
            record = failed_record(run, failure or record, experiment=self.experiment, workspace=self.workspace)
            write_record(record, folder.record)
        reason = f"{record.error.type}: {record.error.message}" if record.error else ""
        if failure and record.status == "ok":
            reason = f"its result is whole; a later cell failed ({failure.where}: {failure.type}: {failure.message})"
        return Outcome(item, record.status, seconds, reason, record)

    def in_kernel(self, item: Item, run: Run, folder: RunFolder) -> Failure | None:
        """Execute the notebook of a run; return why it did not reach its end, None if it did."""
        started = time.monotonic()
        given = {
            "params": self.workspace.relative(self.experiment.file),
            "method": run.method,
            "seed": run.seed,
            "role": run.role,
            **run.request.overrides,
        }
        _head(folder, given)
        notebook = self.workspace.notebook("train")
        execution = Execution(notebook, folder.notebook, given, root=self.workspace.root, log=folder.log)
        try:
            execution.start()
            while not execution.wait(POLL_S):
                seconds = time.monotonic() - started
                if self.limit_s is not None and seconds > self.limit_s:
                    execution.kill()
                    execution.wait(ORPHAN_S)
                    return Failure(type="TimeLimit", message=f"stopped after {self.limit_s:g} s, its time limit")
                self.watcher.tick(item, read_progress(folder), seconds)
        except KeyboardInterrupt:
            execution.kill()
            execution.wait(ORPHAN_S)
            raise
        return execution.failure

    def summarise(self) -> Summary:
        current = self.plan()
        self.summary.total = len(current.items)
        self.summary.finished = len(current.in_state("finished"))
        rest = [item for item in current.items if item.state != "finished"]
        busy = {o.item.name: o.reason for o in self.summary.outcomes if o.status == "busy"}
        self.summary.without_result = {item.name: busy.get(item.name, item.reason) for item in rest}
        return self.summary


def _in_words(choice: Choice) -> str:
    tied = f" (tied with {', '.join(choice.tied)}; the first in the file is taken)" if choice.tied else ""
    edge = f"; {' and '.join(choice.at_edge)} at the edge of the grid" if choice.at_edge else ""
    best = max(choice.validation.values())
    return f"{choice.method}: chose {label(choice.chosen)} on validation, {choice.metric} {best:.3f}{tied}{edge}"


def _head(folder: RunFolder, given: dict[str, Any]) -> None:
    """Open a new part of the log; an earlier attempt's stays above it."""
    epoch = checkpointed_epoch(folder)
    goes_on = f", goes on after epoch {epoch}" if epoch else ""
    with folder.log.open("a", encoding="utf-8") as log:
        log.write(f"# {datetime.now(UTC).isoformat(timespec='seconds')} {given}{goes_on}\n")
