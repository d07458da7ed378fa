"""From a finished run to its record: the parts `tuning` measured and the quality `reporting` computes.

Imported by `notebook` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from bakeoff.experiment import Compare
from bakeoff.record import Inputs, Quality, Record, Sweep
from bakeoff.reporting.metrics import per_class, score_all
from bakeoff.run import Run, about

if TYPE_CHECKING:
    from bakeoff.tuning.data import Splits
    from bakeoff.tuning.trainee import Trainee

__all__ = ["assemble", "write_predictions"]

Logits = Mapping[str, npt.NDArray[np.float32]]


def write_predictions(logits: Logits, splits: Splits, file: Path) -> None:
    """Write one row per predicted text: split, item_id, gold, predicted, logits (C,), group.

    Rows of one split with the same group number were kept together by the split; no numbers where it knows no groups.
    """
    parts = []
    for split, values in logits.items():
        frame, groups = splits[split], splits.groups.get(split)
        parts.append(
            pd.DataFrame(
                {
                    "split": split,
                    "item_id": frame["item_id"].to_numpy(),
                    "gold": frame["label"].to_numpy(),
                    "predicted": values.argmax(axis=1),
                    "logits": list(values),
                    "group": pd.array([pd.NA] * len(frame) if groups is None else pd.factorize(groups)[0], "Int32"),
                }
            )
        )
    pd.concat(parts, ignore_index=True).to_parquet(file, index=False)


def quality(gold: npt.NDArray[np.int64], logits: npt.NDArray[np.float32], *, names: tuple[str, ...]) -> Quality:
    """Measure one split. gold: (N,) class numbers; logits: (N, C)."""
    predicted = logits.argmax(axis=1)
    confusion = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(confusion, (gold, predicted), 1)
    return Quality(
        metrics=score_all(gold, predicted, logits=logits),
        per_class=dict(zip(names, per_class(gold, predicted, classes=len(names)), strict=True)),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
    )


def assemble(
    run: Run,
    splits: Splits,
    trainee: Trainee,
    *,
    predictions: Logits,
    command: str,
    compare: Compare,
    sweep: Sweep | None,
) -> Record:
    """Make the record of a finished run.

    compare: as the experiment declares it now; sweep: how the run's hyperparameters were chosen, if a sweep chose them
    """
    from bakeoff.tuning.environment import environment

    measured = {
        split: quality(getattr(splits, split)["label"].to_numpy(), logits, names=splits.label_names)
        for split, logits in predictions.items()
    }
    return Record(
        **about(run, command=command),
        compare=compare.model_dump(mode="json"),
        status="ok",
        sweep=sweep,
        inputs=inputs(run, splits, trainee),
        training=trainee.training,
        validation=measured.get("validation"),
        test=measured.get("test"),
        cost=trainee.cost,
        environment=environment(),
        trace=trainee.trace,
    )


def inputs(run: Run, splits: Splits, trainee: Trainee) -> Inputs:
    """Say what went in."""
    return Inputs(
        data_id=run.located_data.id,
        data_revision=run.located_data.revision,
        data_sha256=run.located_data.sha256,
        label_names=splits.label_names,
        splits=splits.facts(),
        overlap=splits.overlap(),
        shared_groups=splits.shared_groups(),
        dropped=splits.dropped,
        **{"max_length": run.data.max_length, **trainee.inputs},
        comparability_sha256=splits.comparability_sha256(),
    )
