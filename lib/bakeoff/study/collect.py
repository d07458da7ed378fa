"""From records to the rows of a report: which runs count, which stand beside, which are left out and why.

Declared rows are the methods of the experiment file at its seeds; only they take part in comparisons, since the
comparison was declared before running. Runs somebody added by hand (another seed, fewer epochs, or before a sweep had
chosen) are additional rows. A record that no longer belongs to the experiment file is left out with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bakeoff.errors import RecordError
from bakeoff.experiment.cells import cells_of, elsewhere, searched_in
from bakeoff.experiment.model import Experiment
from bakeoff.runs.fingerprint import differences
from bakeoff.runs.predictions import with_more_metrics
from bakeoff.runs.record import Record, Sweep
from bakeoff.runs.run import Resolver
from bakeoff.study.eligibility import in_grid, in_search, newest, why_not
from bakeoff.system.message import Message
from bakeoff.system.workspace import Workspace

__all__ = [
    "GPU_MEMORY",
    "HOST_MEMORY",
    "PARAMS_TRAINABLE",
    "TRAIN_TIME",
    "Collection",
    "Excluded",
    "Row",
    "base_model",
    "collect",
    "costless",
    "from_scratch",
    "full_parameters",
    "mean",
    "memory_field",
]


# fields of `Cost` that a study names
PARAMS_TRAINABLE = "params_trainable"
TRAIN_TIME = "train_s"
HOST_MEMORY = "peak_rss_train_bytes"
GPU_MEMORY = "gpu_peak_allocated_train_bytes"


@dataclass(frozen=True)
class Excluded:
    """A record that is not in the tables, and why in words."""

    run_id: str
    reason: str


@dataclass(frozen=True)
class Row:
    """One method with one set of hyperparameters.

    name: as the tables show it; records: finished runs by seed; failures: runs without a result, by seed;
    missing: declared seeds nobody has run; unusable: seeds of finished runs whose predictions cannot be used
    declared: part of the experiment file
    """

    name: str
    method: str
    records: tuple[Record, ...]
    failures: tuple[Record, ...] = ()
    missing: tuple[int, ...] = ()
    unusable: tuple[int, ...] = ()
    declared: bool = True

    @property
    def any(self) -> Record:
        """A record to read what all of the row's runs share: a finished one if possible; IndexError without any."""
        return (*self.records, *self.failures)[0]

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of the finished runs."""
        return tuple(record.seed for record in self.records)

    @property
    def wanted(self) -> int:
        """Return how many runs the row would have if all had finished and could be used."""
        return len(self.records) + len(self.failures) + len(self.missing) + len(self.unusable)

    def quality(self, metric: str, *, split: str = "test") -> list[float]:
        """Return a metric (fraction) per finished run, by seed; empty where no run has it."""
        found = [record.test if split == "test" else record.validation for record in self.records]
        return [quality.metrics[metric] for quality in found if quality and metric in quality.metrics]

    def cost(self, field: str) -> list[float]:
        """Return a field of `Cost` per finished run that has it."""
        values = [getattr(record.cost, field) for record in self.records if record.cost]
        return [value for value in values if value is not None]


@dataclass(frozen=True)
class Collection:
    """Everything a report is made from.

    sweeps: method -> its trials, in the order of the grid; choices: method -> what these trials chose
    """

    experiment: Experiment
    rows: tuple[Row, ...]
    additional: tuple[Row, ...]
    sweeps: Mapping[str, tuple[Record, ...]]
    excluded: tuple[Excluded, ...]
    choices: Mapping[str, Sweep] = field(default_factory=dict)

    @property
    def drawn(self) -> tuple[int, int] | None:
        """Return how many training texts each seed drew for itself and from how many; None where all had the same."""
        runs = (record for row in self.rows for record in row.records)
        facts = next((run.inputs.splits["train"] for run in runs if run.inputs and "train" in run.inputs.splits), None)
        return (facts.n, facts.pool_n) if facts and facts.pool_n else None

    @property
    def reference(self) -> Row | None:
        """The row every other is held against, if it has a result."""
        rows = [row for row in self.rows if row.method == self.experiment.compare.reference and row.records]
        return rows[0] if rows else None


def collect(
    experiment: Experiment,
    records: Iterable[Record],
    *,
    workspace: Workspace,
    choices: Mapping[str, Sweep],
    unreadable: Iterable[RecordError] = (),
) -> Collection:
    """Sort records into the rows of a report.

    choices: method -> what its sweep locked; a method with an undecided sweep has no declared row yet
    unreadable: records that could not be read, to be listed as left out
    """
    excluded = [Excluded(Path(str(error.path)).parent.name, error.reason) for error in unreadable]
    kept: list[Record] = []
    runs, more = workspace.runs_folder(experiment.name), experiment.unrecorded
    here, searched = Resolver(experiment, workspace), Resolver(searched_in(experiment), workspace)
    others = [Resolver(cell.experiment, workspace) for cell in cells_of(experiment)[1:]]
    mine = (one for one in records if not elsewhere(experiment, one.method, one.identity))
    for record in (with_more_metrics(one, runs, more) for one in mine):
        reason = why_not(searched if record.role == "sweep" else here, record)
        if not reason:
            kept.append(record)
        elif all(why_not(other, record) for other in others):
            excluded.append(Excluded(record.run_id, reason))
    current, superseded = newest(kept, here)
    excluded += [Excluded(run_id, reason) for run_id, reason in superseded.items()]
    strays = [record for record in current if record.role == "sweep" and not in_search(experiment, record)]
    excluded += [Excluded(record.run_id, _astray(record, experiment)) for record in strays]
    current = [record for record in current if record not in strays]
    present = {record.run_id for record in current}
    made_here = {name: choice for name, choice in choices.items() if present.issuperset(choice.trials)}
    rows, used = _declared(experiment, current, {name: choice.chosen for name, choice in made_here.items()})
    rest = [record for record in current if record.run_id not in used and record.role != "sweep"]
    return Collection(
        experiment=experiment,
        rows=rows,
        additional=_additional(rest),
        sweeps=_sweeps(experiment, current),
        excluded=tuple(excluded),
        choices=made_here,
    )


def _astray(trial: Record, experiment: Experiment) -> str:
    """Say why a trial counts for no choice; earlier versions chose with the first of the compared seeds."""
    if trial.seed in experiment.seeds:
        seeds = {"seed": trial.seed, "other": experiment.sweep_seed}
        return Message("a trial with seed {seed}, which is compared; sweeps choose with seed {other}", **seeds)
    if in_grid(experiment, trial):
        done, epochs = trial.stopped_after, trial.params["epochs"]
        return Message("a trial that halving stopped after {done} of {epochs} epochs", done=done, epochs=epochs)
    return Message("a trial outside the sweep as the file has it")


def _declared(
    experiment: Experiment, records: list[Record], chosen: Mapping[str, dict[str, Any]]
) -> tuple[tuple[Row, ...], set[str]]:
    rows, used = [], set()
    for name, entry in experiment.methods.items():
        seeds = experiment.seeds_of(entry)
        wanted = {**entry.options, **chosen.get(name, {})}
        undecided = bool(set(entry.sweep) - set(wanted))
        params = {} if undecided else entry.method.Config(**wanted).model_dump(mode="json")
        mine = {
            record.seed: record
            for record in records
            if not undecided
            and record.method == name
            and record.role != "sweep"
            and not record.ahead_of(entry.sweep)
            and record.seed in seeds
            and _same(record.params, params)
        }
        used |= {record.run_id for record in mine.values()}
        runs = [mine[seed] for seed in seeds if seed in mine]
        rows.append(
            Row(
                name=name,
                method=name,
                records=tuple(run for run in runs if run.status == "ok"),
                failures=tuple(run for run in runs if run.status != "ok"),
                missing=tuple(seed for seed in seeds if seed not in mine),
            )
        )
    return tuple(rows), used


def _same(params: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return not differences(params, other)


def _additional(records: list[Record]) -> tuple[Row, ...]:
    """Make a row of each run that is not part of the declared comparison."""
    rows = []
    for record in sorted(records, key=lambda r: r.run_id):
        settings = ", ".join(f"{key} {value}" for key, value in sorted(record.request.overrides.items()))
        name = f"{record.method} (seed {record.seed}{', ' + settings if settings else ''})"
        ok = record.status == "ok"
        rows.append(
            Row(
                name=name,
                method=record.method,
                records=(record,) if ok else (),
                failures=() if ok else (record,),
                declared=False,
            )
        )
    return tuple(rows)


def _sweeps(experiment: Experiment, records: list[Record]) -> dict[str, tuple[Record, ...]]:
    found: dict[str, tuple[Record, ...]] = {}
    for name, entry in experiment.methods.items():
        trials = [record for record in records if record.method == name and record.role == "sweep"]
        if trials:
            points = entry.points
            places = [points.index({key: trial.params[key] for key in entry.sweep}) for trial in trials]
            found[name] = tuple(trials[at] for at in sorted(range(len(trials)), key=places.__getitem__))
    return found


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return sum(values) / len(values) if values else None


def memory_field(collection: Collection) -> str:
    """Return which peak memory is looked at: the GPU's as soon as one run used a GPU, else the process's."""
    rows = (*collection.rows, *collection.additional)
    return GPU_MEMORY if any(row.cost(GPU_MEMORY) for row in rows) else HOST_MEMORY


def from_scratch(row: Row) -> bool:
    """Return whether the row's model started from random weights rather than a pretrained model."""
    runs = (*row.records, *row.failures)
    return any(run.trained and run.inputs is not None and run.inputs.model_pretrained is False for run in runs)


def base_model(run: Record) -> str | None:
    """Return the base model a run started from, None where its method reads the texts alone."""
    return run.inputs.model_id if run.inputs else None


def costless(row: Row) -> bool:
    """Return whether a row is a line to compare with rather than a point among costs.

    That is a row with nothing to train, and a baseline that gives every text the same class.
    """
    untrained = not any(run.trained for run in row.records) or not any(row.cost(PARAMS_TRAINABLE))
    return untrained or (row.any.role == "baseline" and all(map(_one_class, row.records)))


def _one_class(run: Record) -> bool:
    """Return whether a run gave all test texts the same class."""
    return run.test is not None and sum(any(column) for column in zip(*run.test.confusion, strict=True)) == 1


def full_parameters(collection: Collection) -> float | None:
    """Return the trainable parameters of full fine-tuning of the experiment's model; None where nobody ran it."""
    for row in collection.rows:
        inputs = row.records[0].inputs if row.records else None
        if row.records and row.any.kind == "full" and inputs and inputs.model_id == collection.experiment.model:
            return mean(row.cost(PARAMS_TRAINABLE))
    return None
