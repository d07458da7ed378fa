"""The stages of a run in their order, and the first at which two runs part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bakeoff.errors import RecordError
from bakeoff.runs.files import check_files
from bakeoff.runs.fingerprint import changes_between, differences
from bakeoff.runs.further import read_further
from bakeoff.runs.record import Record
from bakeoff.runs.run import Run, about
from bakeoff.system.digests import canonical
from bakeoff.system.workspace import RunFolder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STAGES", "alone", "answers_apart", "first_apart", "other_inputs", "other_machine", "out_of_tune"]


def _split(record: Record) -> Any:
    inputs = record.inputs
    if inputs is None:
        return None
    parts = {name: facts.model_dump(mode="json") for name, facts in inputs.splits.items()}
    return [parts, inputs.label_names, inputs.comparability_sha256]


def _losses(record: Record) -> Any:
    history = record.training.history if record.training else ()
    epochs = [(one.step, one.train_loss, one.validation_loss, one.validation) for one in history]
    return [record.trace.losses if record.trace else None, epochs]


def _weights(record: Record) -> Any:
    """Return the hash of all weights; of a method without such a trace the hashes of its model's files."""
    traced = record.trace.final_weights_sha256 if record.trace else None
    return traced or {name: kept.sha256 for name, kept in record.files.items() if name.startswith("model/")}


def _scores(record: Record) -> Any:
    parts = (record.validation, record.test)
    return [part.model_dump(mode="json") if part else None for part in parts]


def _facts(record: Record) -> Any:
    """Return what a report tells of a run beside its results: no times, no memory, nothing of how often it was cut."""
    training, cost = record.training, record.cost
    return [
        record.trained,
        record.deterministic,
        record.inputs and record.inputs.model_dump(mode="json"),
        training and training.model_dump(mode="json", exclude={"resumed_from_epoch", "history"}),
        cost and cost.model_dump(mode="json", include=SIZES),
    ]


STAGES: dict[str, Callable[[Record], Any]] = {
    "data": lambda record: record.inputs and record.inputs.data_sha256,
    "split": _split,
    "base model": lambda record: record.inputs and record.inputs.base_weights_sha256,
    "initial weights": lambda record: record.trace and record.trace.initial_weights_sha256,
    "batch order": lambda record: record.trace and record.trace.batch_order_sha256,
    "losses": _losses,
    "final weights": _weights,
    "predictions": lambda record: record.trace and record.trace.predictions_sha256,
    "scores": _scores,
    "facts": _facts,
}
"""What of two records has to be equal for their runs to agree up to a stage."""

IDENTITY = {"data.split.": "split", "data.": "data", "model.": "base model", "code.": "code", "versions.": "libraries"}
"""Beginning of a key of a run's identity -> the stage that a change of it shows at; all others are settings."""
SIZES = {"params_trainable", "params_total", "params_added", "artifact_bytes"}
"""What of a run's cost hangs on no clock and no machine."""
OF_A_SET = {"texts_sha256", "facts", "dropped", "trained_on"}
"""What of a further test set is told, beside what its data are."""
BEFORE_ALL = ("data", "split", "base model", "settings", "code", "libraries")
MACHINE = ("cpu_model", "cpu_capability", "cpu_flags", "threads", "device", "device_name", "cuda")
"""What of a record's environment the last bits hang on."""


def first_apart(before: Record, after: Record) -> str | None:
    """Return the first stage at which two records differ, None where they do at none."""
    if before.status != after.status:
        return "outcome"
    return next((name for name, of in STAGES.items() if canonical(of(before)) != canonical(of(after))), None)


def other_inputs(record: Record, run: Run, *, but: tuple[str, ...] = ()) -> tuple[str, str] | None:
    """Return the first stage whose inputs are not those of the record, and what differs; None where they are the same.

    run: the same request as it is settled now; but: stages that may differ
    """
    changed = {key: _stage(key) for key, _, _ in changes_between(record.identity, run.identity)}
    found = [stage for stage in BEFORE_ALL if stage in changed.values() and stage not in but]
    return (found[0], "; ".join(differences(record.identity, run.identity))) if found else None


def _stage(key: str) -> str:
    return next((stage for beginning, stage in IDENTITY.items() if key.startswith(beginning)), "settings")


def other_machine(before: Record, after: Record) -> str:
    """Return what differs between the machines of two runs, empty where they are alike."""
    told = (
        f"{key} {before.environment.get(key)} is now {after.environment.get(key)}"
        for key in MACHINE
        if before.environment.get(key) != after.environment.get(key)
    )
    return "; ".join(told)


def out_of_tune(record: Record, run: Run, folder: RunFolder) -> tuple[str, str] | None:
    """Return stage and reason where a record contradicts itself or the files beside it, else None."""
    told = about(run, command=record.command)
    for key in ("method", "kind", "role", "seed", "params", "params_sha256"):
        if canonical(getattr(record, key)) != canonical(told[key]):
            return "record", f"its {key} is not what its run id stands for"
    if alone(record, folder):
        return None
    try:
        check_files(record, folder, hashes=True)
    except RecordError as error:
        file = str(error.path)
        stage = "predictions" if file.endswith(folder.predictions.name) else "final weights"
        return stage, f"{folder.path.name}/{file.rpartition(folder.path.name)[2].lstrip('/')}: {error.reason}"
    return None


def alone(record: Record, folder: RunFolder) -> bool:
    """Return whether a record has none of the files beside it that its run kept, as in a report that was shared."""
    return bool(record.files) and not any((folder.path / name).exists() for name in record.files)


def answers_apart(record: Record, before: RunFolder, after: RunFolder) -> str | None:
    """Return the first file of predictions in which two folders of a run have other rows; None where none has.

    A record's hash of such a file can be edited with it. Bytes would not do: they hang on the version of Arrow.
    """
    import pandas as pd

    if not _same_rows(*(pd.read_parquet(folder.predictions) for folder in (before, after))):
        return after.predictions.name
    for file in sorted(after.tests.glob("*.json")):
        try:
            there = read_further(record, before, file.stem)
        except RecordError:
            continue  # no report shows it
        made = read_further(record, after, file.stem)
        said, again = (one[0].model_dump(mode="json", include=OF_A_SET) for one in (there, made))
        if there[0].key == made[0].key and not (said == again and _same_rows(there[1], made[1])):
            return f"{after.tests.name}/{file.stem}.parquet"
    return None


def _same_rows(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return [*one.columns] == [*other.columns] and all(_values(one[name]) == _values(other[name]) for name in one)


def _values(column: pd.Series[Any]) -> list[Any]:
    """Return values that can be compared, scores (C,) by their bits."""
    return [value.tobytes() if hasattr(value, "tobytes") else repr(value) for value in column]
