"""Further test sets: found, read with the classes of the data, and what a run keeps of its predictions for them.

They are no part of what a run is: a set that is added later is predicted by the model that the run kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from bakeoff.data.schema import Data, Part, SplitFacts
from bakeoff.data.sources import LocatedData, locate_data
from bakeoff.errors import BadValue, InputError, RecordError, UnknownName, shown
from bakeoff.experiment.further import Further
from bakeoff.experiment.model import Experiment
from bakeoff.runs.record import Kept, Record
from bakeoff.system.atomic import atomic_path
from bakeoff.system.digests import bytes_of, canonical_sha256, sha256_of
from bakeoff.system.message import Message
from bakeoff.system.workspace import RunFolder, Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = [
    "WITHOUT_TESTS",
    "Declared",
    "FurtherRecord",
    "FurtherTexts",
    "declared_tests",
    "lacking",
    "read_further",
    "read_test",
    "write_further",
]


WITHOUT_TESTS = "BAKEOFF_WITHOUT_TESTS"
"""Environment variable of a kernel whose run belongs to no comparison on further test sets."""
MOST_NAMES = 8


@dataclass(frozen=True)
class Declared:
    """A further test set of an experiment, found on this machine.

    data: how it is read; key: equal where the same texts would be read in the same way
    """

    name: str
    further: Further
    data: Data
    located: LocatedData
    key: str


@dataclass(frozen=True)
class FurtherTexts:
    """The texts of a further test set: columns item_id, text, label (class number of the data) and group.

    dropped: reason -> rows left out; sha256: of ids, texts, labels and groups
    """

    frame: pd.DataFrame
    facts: SplitFacts
    dropped: dict[str, int]
    sha256: str


class FurtherRecord(Part):
    """What a run keeps of one further test set, beside the predictions themselves.

    key: of the `Declared` set; texts_sha256: of its texts; predictions: the file; of_result: hash of the run's own
    predictions, which tells the result that these belong to; trained_on: texts that also stand among the run's
    training texts; dropped: reason -> rows left out; later: made from the kept model of a run that had finished before
    """

    schema_version: Literal[1] = 1
    name: str
    run_id: str
    data_id: str
    data_revision: str | None
    data_sha256: str
    key: str
    texts_sha256: str
    facts: SplitFacts
    dropped: dict[str, int]
    trained_on: int
    predictions: Kept
    of_result: str | None
    later: bool
    made_at: str


def declared_tests(experiment: Experiment, *, workspace: Workspace) -> dict[str, Declared]:
    """Find the further test sets of an experiment; raises InputError, a single line, for one that is not here."""
    found = {}
    file = workspace.relative(experiment.file)
    for name, further in experiment.tests.items():
        data = further.of(experiment.data)
        try:
            located = locate_data(data.source, workspace=workspace, config=data.config)
        except InputError as error:
            raise _placed(error, name, experiment, file) from None
        said = {"sha256": located.sha256, "data": data.model_dump(mode="json"), "split": further.split}
        found[name] = Declared(name, further, data, located, canonical_sha256({**said, "size": further.size}))
    return found


def read_test(declared: Declared, names: Sequence[str], *, experiment: Experiment, file: str) -> FurtherTexts:
    """Read a further test set with the class numbers of the data; names: of its classes; file: for errors.

    Raises InputError, a single line that names the set, for columns or labels that are not there, and BadValue where
    the classes are not those of the data.
    """
    try:
        return _read(declared, names)
    except InputError as error:
        raise _placed(error, declared.name, experiment, file) from None


def _placed(error: InputError, name: str, experiment: Experiment, file: str) -> InputError:
    """Say of which set an error of its source, columns or rows is."""
    own = f"tests.{name}"
    key = error.setting.removeprefix("data").removeprefix(".").removeprefix("split.")
    if error.setting.partition(".")[0] == "data":
        error.setting = f"{own}.{key}" if key else own
        if error.fix:
            error.fix = (f"{own}.{error.fix[0].removeprefix('data.')}", error.fix[1])
    if error.where is None:
        error.where = shown(experiment.place(own, file=file), limit=100)
    elif error.where != file:
        error.reason, error.where = f"{error.reason} ({error.where})", experiment.place(own, file=file)
    return error


def _read(declared: Declared, names: Sequence[str]) -> FurtherTexts:
    from bakeoff.data.filtering import labelled_rows, usable_rows, without_repeats
    from bakeoff.data.labels import to_classes
    from bakeoff.data.readers import read_tables
    from bakeoff.data.splits import split_facts

    data, dropped = declared.data, Counter[str]()
    tables = read_tables(declared.located, data)
    split = "all" if "all" in tables else declared.further.split
    if split not in tables:
        raise UnknownName("data.split", split, map(str, tables), kind="split")
    table = usable_rows(tables[split], data, dropped, drawn=False)
    found, classes = to_classes({split: table[data.label.column]}, data.label)
    _check_classes(found, names)
    numbers = classes[split].map(dict(enumerate(names.index(name) for name in found)))
    frame = labelled_rows(table, data, numbers, dropped)
    if data.deduplicate:
        frame = without_repeats({"test": frame}, dropped)["test"]
    frame = _drawn(frame, declared)
    _check_classes([name for number, name in enumerate(names) if (frame["label"] == number).any()], names)
    groups = frame["group"] if data.split.group else None
    if groups is not None and len(set(groups)) == 1:
        raise BadValue("data.group", f"its {len(frame):,} texts have 1 value of column {data.split.group!r}")
    facts = split_facts(frame, tuple(names), groups=groups)
    rows = frame.astype(object).where(frame.notna(), None).to_numpy(dtype=object).tolist()
    kept = {reason: n for reason, n in dropped.items() if n}
    return FurtherTexts(frame, facts, kept, canonical_sha256([list(names), rows]))


def _check_classes(found: Collection[str], names: Sequence[str]) -> None:
    """Raise BadValue where a set has not the very classes of the data."""
    if set(found) == set(names):
        return
    held = ", ".join(shown(name) for name in list(found)[:MOST_NAMES]) or "none"
    wanted = ", ".join(shown(name) for name in names[:MOST_NAMES])
    hint = "a test set has all classes of the data and no other; `label` of it says how its values become those"
    raise BadValue("data", f"its texts have the classes {held}, where the data have {wanted}", hint=hint)


def _drawn(frame: pd.DataFrame, declared: Declared) -> pd.DataFrame:
    """Return as many texts as were asked for, drawn with the class shares of all, in the source's order."""
    from bakeoff.data.splitting import draw_again

    size = declared.further.size
    if size is None:
        return frame
    if size > len(frame):
        raise BadValue("data.size", f"asks for {size:,} texts where {len(frame):,} are left")
    rows = draw_again(frame["label"].to_numpy(), declared.data.split, seed=0, size=size)
    return frame.iloc[rows].reset_index(drop=True)


def files_of(folder: RunFolder, name: str) -> tuple[Path, Path]:
    """Return where a run keeps what it says of a set, and its predictions."""
    return folder.tests / f"{name}.json", folder.tests / f"{name}.parquet"


def write_further(
    folder: RunFolder,
    record: Record,
    declared: Declared,
    texts: FurtherTexts,
    logits: npt.NDArray[np.floating[Any]],
    *,
    trained: Collection[str],
    later: bool,
) -> FurtherRecord:
    """Keep a run's logits (N, C) for a set, and last what is said of them. trained: its training texts."""
    import pandas as pd  # planning does without it

    file, predictions = files_of(folder, declared.name)
    frame, groups = texts.frame, texts.frame["group"]
    with atomic_path(predictions) as scratch:
        pd.DataFrame(
            {
                "item_id": frame["item_id"].to_numpy(),
                "gold": frame["label"].to_numpy(),
                "predicted": logits.argmax(axis=1),
                "logits": list(np.asarray(logits, dtype=np.float32)),
                "group": pd.array([pd.NA] * len(frame) if groups.isna().all() else pd.factorize(groups)[0], "Int32"),
            }
        ).to_parquet(scratch, index=False)
    said = FurtherRecord(
        name=declared.name,
        run_id=record.run_id,
        data_id=declared.located.id,
        data_revision=declared.located.revision,
        data_sha256=declared.located.sha256,
        key=declared.key,
        texts_sha256=texts.sha256,
        facts=texts.facts,
        dropped=texts.dropped,
        trained_on=int(frame["text"].isin(set(trained)).sum()),
        predictions=Kept(bytes=predictions.stat().st_size, sha256=sha256_of(predictions)),
        of_result=_result(record),
        later=later,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    with atomic_path(file) as scratch:
        scratch.write_text(said.model_dump_json(indent=1) + "\n", encoding="utf-8", newline="\n")
    return said


def read_further(record: Record, folder: RunFolder, name: str) -> tuple[FurtherRecord, pd.DataFrame]:
    """Return what a run says of a set, and item_id, gold, predicted, logits and group of its texts, by item id.

    Raises RecordError where it has none, or what is there is not whole or is of another result of the run.
    """
    import pandas as pd

    predictions = files_of(folder, name)[1]
    said = _said(record, folder, name)
    try:
        frame = pd.read_parquet(predictions)
        return said, frame.sort_values("item_id", ignore_index=True)
    except Exception as error:  # whatever is wrong inside the file, its set alone is left out
        reason = Message("unreadable predictions ({error})", error=type(error).__name__)
        raise RecordError(predictions, reason) from error


def _said(record: Record, folder: RunFolder, name: str) -> FurtherRecord:
    file, predictions = files_of(folder, name)
    try:
        said = FurtherRecord.model_validate_json(bytes_of(file))
        whole = said.predictions == Kept(bytes=predictions.stat().st_size, sha256=sha256_of(predictions))
    except (OSError, ValidationError):
        raise RecordError(file, Message("no whole predictions for this test set")) from None
    if not whole or said.run_id != record.run_id or said.of_result != _result(record):
        raise RecordError(file, Message("predictions of another result than the record's"))
    return said


def _result(record: Record) -> str | None:
    return record.trace.predictions_sha256 if record.trace else None


def lacking(record: Record, folder: RunFolder, declared: Mapping[str, Declared]) -> list[str]:
    """Return the sets that a finished run has no whole predictions for, as they are declared now.

    A trial predicts no test texts, and answers that were made elsewhere are for the data's own alone: none lack any.
    """
    if record.status != "ok" or record.role == "sweep" or record.cost is None:
        return []
    found = []
    for name, one in declared.items():
        try:
            same = _said(record, folder, name).key == one.key
        except RecordError:
            same = False
        if not same:
            found.append(name)
    return found
