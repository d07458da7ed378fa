"""Runs of methods that read texts directly."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from typing_extensions import override

from bakeoff.data.splits import Splits
from bakeoff.methods.base import ClassicalMethod, Scorer
from bakeoff.methods.registry import method
from bakeoff.runs.record import Training
from bakeoff.runs.run import Run
from bakeoff.system.workspace import RunFolder
from bakeoff.training.artifacts import write_manifest
from bakeoff.training.batches import Logits
from bakeoff.training.cost import folder_bytes
from bakeoff.training.learner import Evaluate, Trainee
from bakeoff.training.progress import OnProgress

__all__ = ["ClassicalTrainee"]


class ClassicalTrainee(Trainee):
    """Fits once; there are no epochs to resume from, and what is lost by a crash is seconds."""

    def __init__(self, run: Run, splits: Splits) -> None:
        super().__init__(run, splits)
        self.method = cast("type[ClassicalMethod]", method(run.kind))()
        self.scorer: Scorer | None = None

    @override
    def fit(
        self, folder: RunFolder, evaluate: Evaluate, on_progress: OnProgress | None = None, *, show_bar: bool = True
    ) -> None:
        """Fit on all training texts at once."""
        train = self.splits.train
        texts, labels = train["text"].tolist(), train["label"].to_numpy()
        n_classes = len(self.splits.label_names)
        with self.meter.phase("train"):
            self.scorer = self.method.fit(texts, labels, n_classes=n_classes, config=self.config, seed=self.run.seed)
        if on_progress is not None:
            on_progress(1, 1, 1, 1, None)

    @property
    def fitted(self) -> Scorer:
        """The fitted model; RuntimeError before `fit`."""
        if self.scorer is None:
            raise RuntimeError("fit comes first")
        return self.scorer

    @override
    def _ready(self, split: str) -> None:
        """Texts are read as they are."""

    @override
    def _scores(self, split: str) -> Logits:
        return self.fitted.scores(self.splits[split]["text"].tolist())

    @override
    def _save(self, folder: Path) -> int:
        self.fitted.save(folder)
        write_manifest(folder, self.run, self.splits.label_names, base=None, max_length=None, dtype=None)
        return folder_bytes(folder)

    @property
    @override
    def training(self) -> Training:
        """One pass over the texts; steps are the optimizer's iterations."""
        steps = self.scorer.iterations if self.scorer else 0
        settled = dict(self.scorer.settled) if self.scorer else {}
        converged = self.scorer.converged if self.scorer else None
        return Training(
            epochs=1, steps=steps, samples_seen=len(self.splits.train), settled=settled, converged=converged
        )

    @property
    @override
    def inputs(self) -> dict[str, Any]:
        """There is no base model."""
        return {}

    @override
    def _own_cost(self) -> dict[str, Any]:
        learnt = self.scorer.parameters if self.scorer else None
        return {"params_trainable": learnt, "params_total": learnt, "params_added": learnt}
