"""Runs of methods that learn a head on text vectors of the frozen base model, without the fit loop."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from typing_extensions import override

from bakeoff.data.splits import Splits
from bakeoff.errors import Diverged
from bakeoff.methods.frozen import FeaturesMethod, Head, Texts, Views
from bakeoff.metrics.classification import metric_named
from bakeoff.models.hashing import tensors_sha256
from bakeoff.runs.record import Training
from bakeoff.runs.run import Run
from bakeoff.system.workspace import RunFolder
from bakeoff.training.learner import Evaluate
from bakeoff.training.machine import autocast
from bakeoff.training.neural import NeuralTrainee
from bakeoff.training.progress import OnProgress
from bakeoff.training.reading.batches import Vectors

__all__ = ["FrozenTrainee"]


USUAL = "accuracy"


class FrozenTrainee(NeuralTrainee):
    """A frozen base model, read once, and a head learnt from what it made of the texts.

    There are no epochs to resume from: what is lost by a crash is the reading.
    """

    def __init__(self, run: Run, splits: Splits) -> None:
        super().__init__(run, splits)
        self.features = cast("FeaturesMethod", self.method)
        self.poolings = self.features.poolings(self.base, self.config)
        self.learnt: Head | None = None

    @override
    def fit(
        self, folder: RunFolder, evaluate: Evaluate, on_progress: OnProgress | None = None, *, show_bar: bool = True
    ) -> None:
        """Read the training and validation texts once, and learn the head; raises Diverged."""
        self.logits.clear()
        held: dict[str, dict[str, Vectors]] = {}
        self.vectors.clear()
        self.features.import_all()
        if self.features.shapes:
            super()._ready("train")
            with self.meter.phase("train"):
                self.features.shape(self.model, self._texts(), self.config, seed=self.run.seed)
        for split in ("train", "validation"):
            super()._ready(split)
            held[split] = {how: one for how, one in self._made(split).items() if how in self.poolings}
        with self.meter.phase("train"):
            self.learnt = self.features.learn(self._learning(held), self.config, seed=self.run.seed)
            self.model = self._with(self.learnt)
        self.vectors = {split: views[self.learnt.pooling] for split, views in held.items()}
        self.final_sha256 = tensors_sha256(self.model.state_dict())
        if not np.isfinite(self._scores("validation")).all():
            raise Diverged(step=self.learnt.iterations or 0, loss=float("nan"))
        if on_progress is not None:
            on_progress(1, 1, 1, 1, None)

    def _texts(self) -> Texts:
        """Return the training texts, for what changes the encoder itself."""
        encoded = self.encoded["train"]
        return Texts(
            labels=self.splits.train["label"].to_numpy(),
            batch=lambda rows: {name: one.to(self.device) for name, one in encoded.batch(rows).items()},
            precision=lambda: autocast(self.device, self.dtype),
        )

    def _learning(self, held: dict[str, dict[str, Vectors]]) -> Views:
        gold = self.splits.validation["label"].to_numpy()
        metric = metric_named(self.run.metric or USUAL)

        def judge(logits: Any) -> float:
            return metric.sign * metric(gold, logits if metric.needs_logits else logits.argmax(axis=1))

        arrays = {split: {how: one.values.numpy() for how, one in views.items()} for split, views in held.items()}
        return Views(
            train=arrays["train"],
            validation=arrays["validation"],
            train_labels=self.splits.train["label"].to_numpy(),
            validation_labels=gold,
            n_classes=len(self.splits.label_names),
            judge=judge,
        )

    def _with(self, learnt: Head) -> Any:
        """Return the frozen encoder with the learnt head on it."""
        tensors = {name: torch.from_numpy(np.ascontiguousarray(one)) for name, one in learnt.tensors.items()}
        head = self.features.head(tensors, self.config)
        return self.features.on(self.base, learnt.pooling, head).to(self.device).eval()

    @property
    @override
    def _reads_vectors(self) -> bool:
        return self.learnt is not None

    @property
    @override
    def _wanted(self) -> tuple[str, ...]:
        return self.poolings

    @override
    def _changed_by(self) -> str | None:
        return None if self.features.shapes else self.features.made_by(self.config)

    @property
    @override
    def training(self) -> Training:
        """What was learnt and chosen; nothing is known before `fit`."""
        if self.learnt is None:
            return super().training.model_copy(update={"epochs": None, "steps": None})
        encoded, read = self.encoded["train"], self.vectors["train"]
        return Training(
            epochs=None,
            steps=None,
            samples_seen=len(read),
            tokens_real=int(read.lengths.sum()),
            tokens_padded=read.padded,
            truncated_share=None if encoded.truncated is None else encoded.truncated / len(encoded),
            dtype=self.dtype,
            pooling=self.learnt.pooling,
            settled={**self.settled, **self.learnt.settled},
            iterations=self.learnt.iterations,
            converged=self.learnt.converged,
            at_edge=dict(self.learnt.at_edge),
        )

    @override
    def _tokens(self) -> int | None:
        return int(self.vectors["train"].lengths.sum()) if self.learnt else None
