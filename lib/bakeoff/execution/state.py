"""How far one run has come, told from what is on disk: its record, its checkpoint, the records it replaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from bakeoff.errors import RecordError
from bakeoff.execution.records import KeptRecords
from bakeoff.experiment.cells import cells_of, seat
from bakeoff.experiment.model import Experiment
from bakeoff.runs.choice import label
from bakeoff.runs.fingerprint import differences
from bakeoff.runs.further import Declared, declared_tests, lacking
from bakeoff.runs.record import Record, read_record
from bakeoff.runs.run import Request, Resolver, Run
from bakeoff.system.digests import bytes_of, from_json
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["CUT_OFF", "Item", "Past", "State", "checkpointed_epoch", "kept_epoch"]


State = Literal["finished", "diverged", "failed", "resumable", "stale", "pending", "waiting", "blocked"]
"""finished and diverged stand; failed, resumable, stale and pending are for `bakeoff run` to do; a waiting run gets
its hyperparameters from a sweep that is not decided yet, a blocked one from a sweep that cannot be."""

CUT_OFF = "its result is whole, its notebook is not"
TO_DO: Collection[State] = ("failed", "resumable", "stale", "pending")


@dataclass(frozen=True)
class Item:
    """One run of a plan.

    run: None while its hyperparameters are not chosen; reason: why it is not simply finished or new;
    epoch: the last whole epoch a checkpoint holds; record: what it left behind, if it has ended; cell: of
    those that the file names, as far as the run depends on it; empty for the file's own number of texts
    """

    request: Request
    run: Run | None
    state: State
    reason: str = ""
    epoch: int | None = None
    record: Record | None = None
    cell: str = ""

    @property
    def to_do(self) -> bool:
        """Whether `bakeoff run` executes it."""
        return self.state in TO_DO

    @property
    def name(self) -> str:
        """How tables and progress lines call this run."""
        settings = f" {label(self.request.overrides)}" if self.request.overrides else ""
        asked = self.request
        rung = f" to epoch {asked.stop_after}" if asked.stop_after else ""
        trial = f" (trial{rung})" if asked.role == "sweep" else ""
        cell = f", {self.cell}" if self.cell else ""
        return f"{self.request.method} seed {self.request.seed}{settings}{trial}{cell}"


@dataclass(frozen=True)
class Past:
    """What earlier runs left on disk, read once per plan.

    records: by run id; broken: run id -> why its record cannot be used; cell: name of this experiment among those of
    its file; others: the others, whose records replace none of this one's
    """

    experiment: Experiment
    workspace: Workspace
    records: dict[str, Record]
    broken: dict[str, str]
    cell: str = ""
    others: tuple[Experiment, ...] = ()

    @classmethod
    def read(cls, experiment: Experiment, workspace: Workspace, kept: KeptRecords) -> Past:
        """Read the records of an experiment that have changed since `kept` last saw them."""
        records, broken = kept.read(workspace.runs_folder(experiment.name))
        return cls(experiment, workspace, records, broken)

    def of_cells(self) -> list[Self]:
        """Return what was left of each cell of the experiment's file, its own first."""
        cells = cells_of(self.experiment)
        return [
            replace(
                self,
                experiment=cell.experiment,
                cell=cell.name,
                others=tuple(other.experiment for other in cells if other is not cell),
            )
            for cell in cells
        ]

    def item(self, request: Request) -> Item:
        """Settle a request and say how far it has come."""
        return self._settled(self._resolver(request))

    @cached_property
    def _runs(self) -> Path:
        return self.workspace.runs_folder(self.experiment.name)

    @cached_property
    def _resolver(self) -> Resolver:
        return Resolver(self.experiment, self.workspace)

    @cached_property
    def _elsewhere(self) -> list[Resolver]:
        return [Resolver(other, self.workspace) for other in self.others]

    def measured(self, run: Run) -> bool:
        """Return whether what a run measured can be read, be it without the files that it kept."""
        if run.run_id in self.broken:
            with suppress(RecordError):
                read_record(RunFolder(self._runs / run.run_id).record, placed=True)
                return True
        return run.run_id in self.records

    def to_epoch(self, trial: Item, epoch: int | None) -> Item:
        """Return a trial that is to stop after an epoch, None for the last one, and how far it has come on the way."""
        if trial.run is None:
            return trial
        asked = trial.run.request.model_copy(update={"stop_after": epoch})
        return self._settled(trial.run.model_copy(update={"request": asked}))

    def _settled(self, run: Run) -> Item:
        folder = RunFolder(self._runs / run.run_id)
        epoch = checkpointed_epoch(folder)
        record = self.records.get(run.run_id)
        if record:
            state, reason = _ended(record, run, folder, epoch, sweep=self.experiment.entry(run.method).sweep)
            if state == "finished" and (open_ := lacking(record, folder, self._tests)):
                state, reason = _untested(open_, folder)
        elif run.run_id in self.broken:
            state, reason = "stale", f"its result cannot be used: {self.broken[run.run_id]}"
        elif epoch is not None:
            state, reason = "resumable", f"goes on after epoch {epoch}"
        elif older := self._newest_of_slot(run):
            state, reason = "stale", "; ".join(differences(older.identity, run.identity))
        else:
            state, reason = "pending", "new"
        return Item(run.request, run, state, reason, epoch, record, self.cell_of(run.method))

    def cell_of(self, method: str) -> str:
        """Return how a method's runs here are told from those of other cells."""
        return self.cell if self.experiment.cell is None else seat(self.experiment, method)

    @cached_property
    def _tests(self) -> dict[str, Declared]:
        """The further test sets that the file's own cell is tested on."""
        return {} if self.cell else declared_tests(self.experiment, workspace=self.workspace)

    @cached_property
    def _by_request(self) -> dict[tuple[str, int, str], list[Record]]:
        found: dict[tuple[str, int, str], list[Record]] = defaultdict(list)
        for record in self.records.values():
            asked = record.request
            found[asked.method, asked.seed, asked.role].append(record)
        return found

    def _newest_of_slot(self, run: Run) -> Record | None:
        """Return the newest record that once stood where this run is to stand."""
        asked = run.request
        near = self._by_request.get((asked.method, asked.seed, asked.role), ())
        elsewhere = [_place(settled(asked).identity) for settled in self._elsewhere] if near else []
        elsewhere = [place for place in elsewhere if place != _place(run.identity)]  # cells may share a run
        same = [one for one in near if _same_slot(one, asked) and _place(one.identity) not in elsewhere]
        return max(same, key=lambda record: str(record.environment.get("finished_at", "")), default=None)


def _place(identity: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what tells one cell of a file from another, whatever the content of their data and models."""
    data, model = identity.get("data") or {}, identity.get("model") or {}
    return {key: value for key, value in data.items() if key != "sha256"}, model.get("id")


def _same_slot(record: Record, request: Request) -> bool:
    """Return whether a record of the same method, seed and role answers the same request, be it under other settings.

    A trial's slot is its point of the grid. A candidate's values may have been chosen anew since.
    """
    theirs = record.request
    if request.role == "sweep" or record.sweep is None:
        return theirs.overrides == request.overrides
    return theirs.overrides.keys() == request.overrides.keys()


def _ended(
    record: Record, run: Run, folder: RunFolder, epoch: int | None, *, sweep: Collection[str]
) -> tuple[State, str]:
    """Return the state of a run that left a record."""
    if record.status != "ok":
        why = f"{record.error.type}: {record.error.message}" if record.error else ""
        goes_on = f"; goes on after epoch {epoch}" if epoch is not None and record.status == "failed" else ""
        return record.status, why + goes_on
    if record.ahead_of(sweep):
        return "stale", f"made before {' and '.join(sweep)} had been chosen on validation"
    stopped = (
        f"stopped after epoch {record.stopped_after} of {run.params.get('epochs')}" if record.stopped_after else ""
    )
    if not record.reaches(run.request.stop_after):
        gone = epoch is None
        return (
            ("stale", f"{stopped}; its checkpoint is gone") if gone else ("resumable", f"goes on after epoch {epoch}")
        )
    if folder.attempt.exists():
        return "resumable", CUT_OFF
    return "finished", stopped


def _untested(names: Collection[str], folder: RunFolder) -> tuple[State, str]:
    """Return the state of a finished run that has no predictions for some further test sets."""
    lacks = f"no predictions for {' and '.join(names)} yet"
    if folder.model.is_dir():
        return "resumable", f"{lacks}: made by its kept model"
    return "stale", f"{lacks}, and no model is kept that could make them"


def checkpointed_epoch(folder: RunFolder) -> int | None:
    """Return the last whole epoch a run can go on from; None where there is no checkpoint."""
    if not folder.checkpoint.is_dir() or not any(folder.checkpoint.iterdir()):
        return None
    return max(_epochs(folder), default=0)


def kept_epoch(folder: RunFolder) -> int:
    """Return the epoch of the newest whole checkpoint, 0 without one; looks at names only."""
    names = (path.name.removeprefix("epoch-") for path in folder.checkpoint.glob("epoch-*"))
    return max((int(name) for name in names if name.isdecimal()), default=0)


def _epochs(folder: RunFolder) -> Iterable[int]:
    if not folder.epochs.is_file():
        return
    for line in bytes_of(folder.epochs).decode("utf-8", errors="replace").splitlines():
        try:
            yield int(from_json(line)["epoch"])
        except (ValueError, KeyError, TypeError, OverflowError):
            continue  # the last line of a run killed while it wrote
