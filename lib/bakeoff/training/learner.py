"""One run's model from untouched to saved, the same face for neural and classical methods."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bakeoff.data.splits import Splits
from bakeoff.methods.registry import method
from bakeoff.models.hashing import arrays_sha256
from bakeoff.runs.record import Cost, Trace, Training
from bakeoff.runs.run import Run
from bakeoff.system.atomic import fsync, named, replace_folder, usual_modes
from bakeoff.system.workspace import RunFolder
from bakeoff.training.cost import ANSWER, TOKENIZE, TRAIN, VALIDATION, Meter
from bakeoff.training.progress import OnProgress
from bakeoff.training.reading.batches import Logits

__all__ = ["Evaluate", "Trainee"]


Evaluate = Callable[[np.ndarray[Any, Any], np.ndarray[Any, Any], Logits], Mapping[str, float]]


class Trainee(ABC):
    """A model under training.

    After `fit`, `predict` and `save`, in that order, `training`, `cost`, `trace` and `inputs` say what happened;
    before, what is known so far.
    """

    measured = True
    """What it takes is measured here."""
    processes = 1
    """How many train it together."""

    def __init__(self, run: Run, splits: Splits) -> None:
        self.run, self.splits, self.meter = run, splits, Meter()
        self.config: Any = method(run.kind).Config(**run.params)
        self.logits: dict[str, Logits] = {}
        self.artifact_bytes: int | None = None
        self.rss_after_load: int | None = None

    @abstractmethod
    def fit(
        self, folder: RunFolder, evaluate: Evaluate, on_progress: OnProgress | None = None, *, show_bar: bool = True
    ) -> None:
        """Train, going on from the last whole epoch in `folder`; raises Diverged.

        evaluate: called with gold (N,), predicted (N,) and logits (N, C) of the validation texts
        """

    @abstractmethod
    def _scores(self, split: str) -> Logits:
        """Return (N, C) float32, timing nothing."""

    @abstractmethod
    def _save(self, folder: Path) -> int:
        """Write the model and return its bytes."""

    @property
    @abstractmethod
    def training(self) -> Training:
        """What the fit did."""

    @property
    @abstractmethod
    def inputs(self) -> dict[str, Any]:
        """The fields of `record.Inputs` that are about the base model."""

    def knows(self, split: str) -> bool:  # noqa: ARG002 - for those that were told some answers only
        """Return whether it has answers for the texts of a split."""
        return True

    def scored(self, split: str) -> bool:  # noqa: ARG002
        """Return whether the logits of a split say how sure the answers are."""
        return True

    def predict(self, split: str) -> Logits:
        """Return logits (N, C) float32 of a split's texts, in their order."""
        if split not in self.logits:
            self._ready(split)
            with self.meter.phase("test" if split == "test" else "predict"):
                self.logits[split] = self._scores(split)
        return self.logits[split]

    @abstractmethod
    def _ready(self, split: str) -> None:
        """Do what has to be done before a split can be predicted and is no part of predicting."""

    def save(self, folder: Path) -> None:
        """Write the model with all that `artifacts.load_trained` needs to load it; replaces an earlier one."""
        scratch = folder.with_name(f".{folder.name}.writing")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        with named(scratch, ask=True):
            self.artifact_bytes = self._save(scratch)
        usual_modes(scratch)
        for path in (*scratch.rglob("*"), scratch):
            fsync(path)
        replace_folder(scratch, folder)
        fsync(folder.parent)

    @property
    def trace(self) -> Trace:
        """Hashes along the way."""
        return Trace(predictions_sha256=self._predictions_sha256())

    def _predictions_sha256(self) -> str:
        return arrays_sha256(self.logits[split] for split in sorted(self.logits))

    @property
    def cost(self) -> Cost:
        """What it took so far."""
        spent = self.meter.spent
        answer_s = spent(*ANSWER)
        peaks = {
            f"gpu_peak_{kind}_{phase}_bytes": self.meter.peak(f"gpu_{kind}", *names)
            for kind in ("allocated", "reserved")
            for phase, names in PHASES.items()
        }
        return Cost(
            artifact_bytes=self.artifact_bytes,
            load_s=spent("load"),
            tokenize_s=spent(*TOKENIZE),
            train_s=spent(*TRAIN),
            train_cpu_s=self.meter.processor(*TRAIN),
            validation_s=spent(*VALIDATION),
            test_s=spent("test"),
            inference_ms_per_item=None if answer_s is None else 1000 * answer_s / len(self.splits.test),
            inference_cpu_s=self.meter.processor(*ANSWER),
            rss_after_load_bytes=self.rss_after_load,
            peak_rss_train_bytes=self.meter.peak("rss", *PHASES["train"]),
            peak_rss_eval_bytes=self.meter.peak("rss", *PHASES["eval"]),
            **peaks,
            **self._own_cost(),
        )

    @abstractmethod
    def _own_cost(self) -> dict[str, Any]:
        """Return the fields of `Cost` that only this kind of method knows."""


PHASES = {"train": TRAIN, "eval": (*VALIDATION, "predict", "test")}
