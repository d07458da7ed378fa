"""Times one method on a sample of the real texts, with the code a run executes; for child processes.

Torch is loaded by `measure`, after the threads are settled.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.runs.run import Run
from bakeoff.system.atomic import scratch_folder

if TYPE_CHECKING:
    from bakeoff.data.splits import Splits
    from bakeoff.training.learner import Trainee

__all__ = ["Timing", "measure"]


PILOT = 32
FEWEST, MOST = 64, 512
BUDGET_S = 1.5
BACKWARD = 3.0
"""A training step costs about three forward passes; only for choosing the size of the sample."""


@dataclass(frozen=True)
class Timing:
    """Seconds of one run's parts.

    start: from nothing to all libraries loaded, None where an earlier one in the same process did that
    load: model and method; save: the model; epoch: fixed costs of each epoch, the checkpoint among them
    tokenize, train, predict: per text, train per text and epoch (all epochs where the encoder is frozen, which reads
    each text once)
    """

    start: float | None
    load: float
    save: float
    epoch: float
    tokenize: float
    train: float
    predict: float
    epochs: int
    frozen: bool

    def seconds(self, *, train: int, validation: int, test: int) -> float:
        """Return the seconds of a whole run on splits of these sizes."""
        passes = 1 if self.frozen or not self.epochs else self.epochs
        validating = validation * (1 if self.frozen else max(1, self.epochs))
        return (
            (self.start or 0.0)
            + self.load
            + self.save
            + self.epoch * self.epochs
            + self.tokenize * (train + validation + test)
            + self.train * train * passes
            + self.predict * (validating + test)
        )


def measure(run: Run, splits: Splits, settings: Mapping[str, str], began: float) -> Timing:
    """Time a run on a sample. began: `time.time()` before this process was started; raises what a run would raise.

    splits: a sample as train; settings: environment variables that a kernel of this run gets
    """
    os.environ.update(settings)
    first = "torch" not in sys.modules
    _import_what_a_kernel_imports()
    from bakeoff.training.cost import TRAIN, VALIDATION
    from bakeoff.training.run import prepare

    start = time.time() - began if first else None
    pilot = replace(splits, train=splits.train.head(PILOT), validation=splits.train.head(PILOT))
    opened = time.monotonic()
    trainee = prepare(run, pilot)
    load = time.monotonic() - opened
    neural, frozen = hasattr(trainee, "model"), bool(getattr(getattr(trainee, "model", None), "frozen", False))
    epochs = int(getattr(trainee.config, "epochs", None) or 0)
    if neural and epochs and not frozen:
        trainee.config = trainee.config.model_copy(update={"epochs": 1})
    n = _sample_size(trainee) if neural else len(splits.train)
    trainee.splits = replace(pilot, train=splits.train.head(n), test=splits.train.tail(min(n, 256)))
    with scratch_folder() as scratch:
        fixed = _seconds(lambda: _fit(trainee, scratch))
        trainee.predict("test")
        save = _seconds(lambda: trainee.save(scratch / "model"))
    spent = trainee.meter.seconds
    tested = len(trainee.splits.test)
    trained = sum(spent.get(phase, 0.0) for phase in TRAIN) + (0.0 if neural else spent.get("load", 0.0))
    known = sum(spent.get(phase, 0.0) for phase in (*TRAIN, *VALIDATION, "tokenize"))
    ran = epochs if frozen else 1
    tokenized = spent.get("tokenize", 0.0) / (n + PILOT + tested)
    return Timing(
        start=start,
        load=load,
        save=save,
        epoch=max(0.0, fixed - known) / ran if epochs else 0.0,
        tokenize=tokenized,
        train=trained / n * _padding(trainee, n, splits) if neural and epochs else trained / n,
        predict=spent.get("test", 0.0) / tested,
        epochs=epochs,
        frozen=frozen,
    )


def _import_what_a_kernel_imports() -> None:
    import importlib

    for name in ("ipykernel.ipkernel", "bakeoff.notebook.train", "bakeoff.training.learner", "bakeoff.training.neural"):
        importlib.import_module(name)
    for name in ("matplotlib.pyplot", "seaborn", "peft", "bakeoff.training.machine"):
        importlib.import_module(name)


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _fit(trainee: Trainee, folder: Path) -> None:
    from bakeoff.system.workspace import RunFolder

    def evaluate(gold: Any, predicted: Any, _logits: Any) -> dict[str, float]:
        return {"accuracy": float((gold == predicted).mean())}

    trainee.fit(RunFolder(folder), evaluate, show_bar=False)


def _sample_size(trainee: Trainee) -> int:
    """Return how many texts can be trained on in the time there is, told from one batch predicted twice."""
    trainee.predict("validation")
    trainee.logits.clear()
    per_text = _seconds(lambda: trainee.predict("validation")) / PILOT
    return int(min(MOST, max(FEWEST, BUDGET_S / (BACKWARD * per_text))))


def _padding(trainee: Trainee, n: int, splits: Splits) -> float:
    """Return padded tokens per text in a large split over those of the sample: large ones are sorted better."""
    padded = trainee.training.tokens_padded
    encode = getattr(trainee, "encoded", {}).get("train")
    if not padded or encode is None:
        return 1.0
    from bakeoff.training.reading.batches import shuffled

    lengths = encode.lengths
    import numpy as np

    drawn = np.random.default_rng(0).choice(lengths, size=max(n, len(splits.train)))
    batches = shuffled(drawn, trainee.config.batch_size, seed=0, epoch=0)
    large = sum(int(drawn[batch].max()) * len(batch) for batch in batches) / len(drawn)
    return float(large / (padded / n))
