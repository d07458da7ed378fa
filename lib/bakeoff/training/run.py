"""Inside a kernel: prepare, and assemble the record of a finished run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bakeoff.data.splits import Splits
from bakeoff.experiment.model import Compare
from bakeoff.methods.base import GivenMethod
from bakeoff.methods.frozen import FeaturesMethod
from bakeoff.methods.registry import method
from bakeoff.metrics.classification import per_class, score_all
from bakeoff.runs.predictions import Logits
from bakeoff.runs.record import Inputs, Quality, Record, Sweep
from bakeoff.runs.run import Run, about
from bakeoff.training.cost import resident_bytes
from bakeoff.training.learner import Trainee

__all__ = ["assemble", "evaluate", "prepare"]


def evaluate(
    gold: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64], logits: npt.NDArray[np.float32]
) -> dict[str, float]:
    """Return every metric of validation texts. gold, predicted: (N,) class numbers; logits: (N, C)."""
    return score_all(gold, predicted, logits=logits)


def quality(
    gold: npt.NDArray[np.int64], logits: npt.NDArray[np.float32], *, names: tuple[str, ...], scored: bool = True
) -> Quality:
    """Measure one split. gold: (N,) class numbers; logits: (N, C); scored: they say how sure the answers are."""
    predicted = logits.argmax(axis=1)
    confusion = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(confusion, (gold, predicted), 1)
    return Quality(
        metrics=score_all(gold, predicted, logits=logits if scored else None),
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
    from bakeoff.training.machine import environment

    measured = {
        split: quality(
            getattr(splits, split)["label"].to_numpy(), logits, names=splits.label_names, scored=trainee.scored(split)
        )
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
        cost=trainee.cost if trainee.measured else None,
        environment={**environment(), "processes": trainee.processes},
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


def prepare(run: Run, splits: Splits) -> Trainee:
    """Load what a run starts from and build its model; raises InputError where the method cannot do what is asked."""
    trainee = _trainee_of(run)(run, splits)
    trainee.rss_after_load = resident_bytes()
    return trainee


def _trainee_of(run: Run) -> type[Trainee]:
    found = method(run.kind)
    if not found.neural:
        from bakeoff.training.classical import ClassicalTrainee, GivenTrainee

        return GivenTrainee if issubclass(found, GivenMethod) else ClassicalTrainee
    if issubclass(found, FeaturesMethod) and found.solves(found.Config(**run.params)):
        from bakeoff.training.frozen import FrozenTrainee

        return FrozenTrainee
    if (run.params.get("processes") or 1) > 1:
        from bakeoff.training.together.trainee import SharedTrainee

        return SharedTrainee
    from bakeoff.training.neural import NeuralTrainee

    return NeuralTrainee
