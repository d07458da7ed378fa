"""Runs of methods that read texts directly, and of answers that were made elsewhere."""

from __future__ import annotations

from numbers import Integral
from pathlib import Path
from typing import Any, cast

import numpy as np
from typing_extensions import override

from bakeoff.data.splits import Splits
from bakeoff.errors import BadValue
from bakeoff.methods.base import Answers, ClassicalMethod, GivenMethod, Scorer
from bakeoff.methods.registry import method
from bakeoff.metrics.classification import LARGEST_LOGIT
from bakeoff.runs.record import Cost, Training
from bakeoff.runs.run import Run
from bakeoff.system.digests import canonical, from_json
from bakeoff.system.own import staying
from bakeoff.system.workspace import RunFolder
from bakeoff.training.artifacts import write_manifest
from bakeoff.training.cost import folder_bytes
from bakeoff.training.learner import Evaluate, Trainee
from bakeoff.training.progress import OnProgress
from bakeoff.training.reading.batches import Logits

__all__ = ["ClassicalTrainee", "GivenTrainee"]


MOST = 2**63
"""Above what a Scorer may say of itself; tables have no larger whole numbers."""


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
        self.method.import_all()
        with self.meter.phase("train"), staying(self.run.kind):
            self.scorer = self.method.fit(texts, labels, n_classes=n_classes, config=self.config, seed=self.run.seed)
        if not isinstance(self.scorer, Scorer):
            hint = "derive what it returns from bakeoff.methods.base.Scorer"
            raise BadValue(self.run.kind, f"fit() returned {_kind_of(self.scorer)}, not a Scorer", hint=hint)
        for said in ("parameters", "iterations"):
            self._whole(said)
        self._check_said()
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
        texts = self.splits[split]["text"].tolist()
        with staying(self.run.kind):
            found = self.fitted.scores(texts)
        return _checked(found, len(texts), len(self.splits.label_names), name=self.run.kind)

    @override
    def _save(self, folder: Path) -> int:
        with staying(self.run.kind):
            self.fitted.save(folder)
        write_manifest(folder, self.run, self.splits.label_names, base=None, max_length=None, dtype=None)
        return folder_bytes(folder)

    @property
    @override
    def training(self) -> Training:
        """One pass over the texts; steps are the optimizer's iterations."""
        steps = self._whole("iterations") or 0
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
        learnt = self._whole("parameters")
        return {"params_trainable": learnt, "params_total": learnt, "params_added": learnt}

    def _whole(self, said: str) -> int | None:
        """Return a number that the fitted model says of itself, None before it is; raises BadValue for others."""
        value = getattr(self.scorer, said, None)
        if value is None or (isinstance(value, Integral) and 0 <= int(value) < MOST):
            return None if value is None else int(value)
        told = f"{int(value):.3g}" if isinstance(value, Integral) else _kind_of(value)
        raise BadValue(self.run.kind, f"{said} of its Scorer is {told}, not a whole number from 0 on")

    def _check_said(self) -> None:
        """Raise BadValue for what a record cannot hold of what the fitted model says of itself."""
        said = getattr(self.scorer, "converged", None)
        if said is not None and not isinstance(said, bool | np.bool_):
            raise BadValue(self.run.kind, f"converged of its Scorer is {_kind_of(said)}, not True, False or None")
        try:
            settled = dict(getattr(self.scorer, "settled", {}))
            whole = all(isinstance(key, str) for key in settled) and from_json(canonical(settled)) == settled
        except (TypeError, ValueError):
            whole = False
        if not whole:
            hint = "names of settings, each with a number, text or list"
            raise BadValue(self.run.kind, "settled of its Scorer cannot be written as JSON", hint=hint)


def _checked(found: Logits, texts: int, classes: int, *, name: str) -> Logits:
    """Return scores (N, C); raises BadValue for anything else, which a method of one's own may give."""
    wanted = f"not a number for each of {texts:,} texts and {classes:,} classes"
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "biuf":
        raise BadValue(name, f"scores() returned {_kind_of(found)}, {wanted}", hint="return a numpy array of floats")
    if found.shape != (texts, classes):
        raise BadValue(name, f"scores() returned an array of shape {found.shape}, {wanted}")
    found = np.asarray(found, dtype=np.float32 if found.dtype == np.float32 else np.float64)  # as files hold them
    if not np.isfinite(found).all():
        hint = "np.nan_to_num(scores) is finite; of probabilities, take the logarithm after np.clip(p, 1e-12, 1)"
        raise BadValue(name, f"scores() returned NaN or infinite numbers, {wanted}", hint=hint)
    if np.abs(found, dtype=np.float64).max(initial=0.0) > LARGEST_LOGIT:
        reason = f"scores() returned numbers beyond {LARGEST_LOGIT:g}, whose log loss no test can reckon with"
        raise BadValue(name, reason, hint="np.clip(scores, -1e6, 1e6) decides alike")
    return found


def _kind_of(value: object) -> str:
    return f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a value of type {type(value).__name__}"


class GivenTrainee(Trainee):
    """Reads answers from a file; there is nothing to fit, to measure or to save."""

    measured = False

    def __init__(self, run: Run, splits: Splits) -> None:
        super().__init__(run, splits)
        self.answers: dict[str, Answers] = {}

    @override
    def fit(
        self, folder: RunFolder, evaluate: Evaluate, on_progress: OnProgress | None = None, *, show_bar: bool = True
    ) -> None:
        """Read the file."""
        found, run = cast("type[GivenMethod]", method(self.run.kind))(), self.run
        assert run.located_file is not None  # resolve() locates one  # noqa: S101
        self.answers = found.answers(
            run.located_file, self.config, splits=self.splits, data=run.data, located=run.located_data
        )
        if on_progress is not None:
            on_progress(1, 1, 1, 1, None)

    @override
    def knows(self, split: str) -> bool:
        """Return whether the file has answers for a split."""
        return split in self.answers

    @override
    def scored(self, split: str) -> bool:
        """Return whether the file has probabilities."""
        return self.answers[split].scored

    @override
    def _ready(self, split: str) -> None:
        """There is nothing to do."""

    @override
    def _scores(self, split: str) -> Logits:
        return self.answers[split].logits

    @override
    def save(self, folder: Path) -> None:
        """There is no model."""

    @override
    def _save(self, folder: Path) -> int:
        return 0

    @property
    @override
    def training(self) -> Training:
        """Nothing was trained."""
        return Training(epochs=0, steps=0, samples_seen=0)

    @property
    @override
    def inputs(self) -> dict[str, Any]:
        """There is no base model."""
        return {}

    @property
    @override
    def cost(self) -> Cost:
        """Nothing is known of it."""
        return Cost()

    @override
    def _own_cost(self) -> dict[str, Any]:
        return {}
