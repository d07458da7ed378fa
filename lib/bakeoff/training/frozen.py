"""Runs of methods that learn a head on text vectors of the frozen base model, without the fit loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from typing_extensions import override

from bakeoff.data.splits import Splits
from bakeoff.errors import Diverged
from bakeoff.methods.frozen import FeaturesMethod, Head, Texts, Views
from bakeoff.methods.own import brought_by
from bakeoff.metrics.classification import metric_named
from bakeoff.models.base import poolings_of
from bakeoff.models.hashing import tensors_sha256
from bakeoff.runs.fingerprint import NEURAL_LIBRARIES, base_identity, installed
from bakeoff.runs.record import Training
from bakeoff.runs.run import Run
from bakeoff.system.digests import canonical_sha256
from bakeoff.system.store import vector_store
from bakeoff.system.workspace import RunFolder
from bakeoff.training.batches import Rows, Vectors, tokens_at_once
from bakeoff.training.learner import Evaluate
from bakeoff.training.machine import autocast, conditions
from bakeoff.training.neural import NeuralTrainee
from bakeoff.training.progress import OnProgress

__all__ = ["FrozenTrainee", "Taken", "packed", "unpacked"]


USUAL = "accuracy"
PEAKS = ("rss", "gpu_allocated", "gpu_reserved")


@dataclass(frozen=True)
class Taken:
    """What making text vectors took: seconds, seconds of processor time, peak memory in bytes by kind."""

    seconds: float
    worked: float
    peaks: dict[str, int]


def packed(views: dict[str, Vectors], taken: Taken) -> bytes:
    """Return text vectors by pooling, and what they took, as the bytes of a safetensors file."""
    from safetensors.numpy import save

    first = next(iter(views.values()))
    cost = [taken.seconds, taken.worked, *(taken.peaks.get(kind, np.nan) for kind in PEAKS)]
    told = {"cost": np.array(cost, dtype=np.float64), "padded": np.array([first.padded])}
    made: bytes = save({**{f"by {how}": one.values.numpy() for how, one in views.items()}, **told})
    return made


def unpacked(content: bytes, *, lengths: Rows) -> tuple[dict[str, Vectors], Taken]:
    """Return what `packed` was given. lengths: (N,) tokens per text."""
    from safetensors.numpy import load

    held = load(content)
    seconds, worked, *peaks = held.pop("cost").tolist()
    padded = int(held.pop("padded")[0])
    known = {kind: int(peak) for kind, peak in zip(PEAKS, peaks, strict=True) if not np.isnan(peak)}
    arrays = {name.removeprefix("by "): torch.from_numpy(one.copy()) for name, one in held.items()}
    views = {how: Vectors(one, lengths=lengths, padded=padded) for how, one in arrays.items()}
    return views, Taken(seconds, worked, known)


class FrozenTrainee(NeuralTrainee):
    """A frozen base model, read once, and a head learnt from what it made of the texts.

    There are no epochs to resume from: what is lost by a crash is the reading.
    """

    def __init__(self, run: Run, splits: Splits) -> None:
        super().__init__(run, splits)
        self.features = cast("FeaturesMethod", self.method)
        self.poolings = self.features.poolings(self.base, self.config)
        usual = poolings_of(self.base)
        self.offered = usual if set(self.poolings) <= set(usual) else self.poolings
        self.learnt: Head | None = None
        self.ready_made: list[str] = []

    @override
    def fit(
        self, folder: RunFolder, evaluate: Evaluate, on_progress: OnProgress | None = None, *, show_bar: bool = True
    ) -> None:
        """Read the training and validation texts once, and learn the head; raises Diverged."""
        self.logits.clear()
        held: dict[str, dict[str, Vectors]] = {}
        self.vectors.clear()
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

    @override
    def _ready(self, split: str) -> None:
        super()._ready(split)
        if split not in self.vectors and self.learnt is not None:
            self.vectors[split] = self._made(split)[self.learnt.pooling]

    def _made(self, split: str) -> dict[str, Vectors]:
        """Return a split's text vectors: those an earlier run made of the very same texts, else new ones, to be kept.

        Either way the meter counts what it took to make them.
        """
        phase, store = "test" if split == "test" else f"{split} vectors", vector_store()
        if self.features.shapes:  # the encoder is this run's own
            with self.meter.phase(phase):
                return self._views(split, self.poolings)
        key = self._key(split)
        found = store.read(key)
        if found is not None:
            views, taken = unpacked(found, lengths=self.encoded[split].lengths)
            self.meter.charge(phase, seconds=taken.seconds, worked=taken.worked, peaks=taken.peaks)
            self.ready_made.append(split)
            return views
        before = (self.meter.seconds[phase], self.meter.worked[phase])
        with self.meter.phase(phase):
            views = self._views(split, self.offered)
        spent = (self.meter.seconds[phase] - before[0], self.meter.worked[phase] - before[1])
        store.write(key, packed(views, Taken(*spent, dict(self.meter.peaks[phase]))))
        return views

    def _key(self, split: str) -> str:
        """Hash all that text vectors and the time for them depend on: base, texts, number format, batches, machine."""
        encoded, code = self.encoded[split], self.run.identity.get("code", {})
        assert self.run.located_model is not None  # as for every neural method  # noqa: S101
        made_by = self.features.made_by(self.config)
        own = made_by or brought_by(type(self.method))
        return canonical_sha256(
            {
                "base": [self.base.weights_sha256, base_identity(self.run.located_model)],
                "texts": [encoded.columns, encoded.fill, encoded.left],
                "read": [self.offered, self.dtype, self.config.eval_batch_size, tokens_at_once(self.device)],
                "machine": conditions(),
                "libraries": {name: installed(name) for name in NEURAL_LIBRARIES},
                "code": [code.get("models"), code.get("training"), made_by, code if own else None],
            }
        )

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
    def _own_cost(self) -> dict[str, Any]:
        return {**super()._own_cost(), "vectors_from_cache": " ".join(self.ready_made) or None}

    @override
    def _tokens(self) -> int | None:
        return int(self.vectors["train"].lengths.sum()) if self.learnt else None
