"""Runs of methods that start from a base model."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from typing_extensions import override

from bakeoff.data.splits import Splits
from bakeoff.errors import Diverged
from bakeoff.methods.base import NeuralMethod
from bakeoff.methods.compatibility import hinting
from bakeoff.methods.own import brought_by
from bakeoff.methods.registry import method
from bakeoff.models.base import Base, check_length, head_of, load_base, poolings_of
from bakeoff.models.hashing import tensors_sha256
from bakeoff.models.ssm import mixer_of
from bakeoff.models.weights import NamedRows, trainable
from bakeoff.runs.record import Trace, Training
from bakeoff.runs.run import Run
from bakeoff.system.workspace import RunFolder
from bakeoff.training.artifacts import write_manifest
from bakeoff.training.cost import TRAIN, counts, folder_bytes
from bakeoff.training.fit import Fitted, fit
from bakeoff.training.learner import Evaluate, Trainee
from bakeoff.training.machine import device, processor_of, resolve_dtype, set_up
from bakeoff.training.progress import OnProgress
from bakeoff.training.reading.batches import (
    Encoded,
    Inputs,
    Logits,
    Vectors,
    encode,
    known_pieces,
    predict,
    text_vectors,
    tokens_at_once,
)
from bakeoff.training.reading.spared import rows_of, trunk_of
from bakeoff.training.reading.vectors import Views, facts_of, ready_or_made
from bakeoff.training.together.team import ALONE, Team
from bakeoff.training.trainer import Task

__all__ = ["NeuralTrainee", "build"]


def build(kind: NeuralMethod, base: Base, config: Any, *, max_length: int) -> Any:
    """Check that the method can do what is asked with this base, then build its model; raises BadValue."""
    with hinting(base):
        kind.check(base, config)
        check_length(base, max_length=max_length, taken=kind.extra_positions(config), setting=config.length_setting)
        return kind.build(base, config)


class NeuralTrainee(Trainee):
    """A base model, a method's changes to it, and the one fit loop."""

    team: Team = ALONE
    """The processes that train the model together, this one among them."""

    def __init__(self, run: Run, splits: Splits) -> None:
        super().__init__(run, splits)
        assert run.located_model is not None  # resolve() locates one for every neural method  # noqa: S101
        self.processes = getattr(self.config, "processes", None) or 1
        self.threads = set_up(self.config.threads, processes=self.processes)
        self.device = device()
        self.dtype = resolve_dtype(self.config.dtype, self.device)
        self.method: NeuralMethod = cast("type[NeuralMethod]", method(run.kind))()
        self.max_length: int = self.config.max_length or run.data.max_length
        with self.meter.phase("load"):
            self.base = load_base(
                run.located_model, label_names=splits.label_names, seed=run.seed, pooling=self.config.pooling
            )
            self.base_parameters = {id(parameter) for parameter in self.base.encoder.parameters()}
            self.accepted = self.base.inputs
            with hinting(self.base):
                self.settled = self.method.settled(self.base, self.config)
            self.model = build(self.method, self.base, self.config, max_length=self.max_length)
            self.model.to(self.device).eval()
        self.initial_sha256 = tensors_sha256(self.model.state_dict())
        self.final_sha256: str | None = None
        self.fitted: Fitted | None = None
        self.converged: bool | None = None
        self.encoded: dict[str, Encoded] = {}
        self.vectors: dict[str, Vectors] = {}
        self.ready_made: list[str] = []
        self.kept_layers: int | None = None

    @override
    def fit(
        self, folder: RunFolder, evaluate: Evaluate, on_progress: OnProgress | None = None, *, show_bar: bool = True
    ) -> None:
        """Run the fit loop; a model with nothing to train is left as it is."""
        self.logits.clear()
        if trainable(self.model):
            self._ready("train")
            self._ready("validation")
            self.fitted = self._fitted(folder, evaluate, on_progress, show_bar)
            read, labels = self.vectors.get("train"), self.splits.train["label"].to_numpy()
            self.converged = self.method.converged(self.model, read.values.numpy() if read else None, labels)
            self.model.eval()
        self.final_sha256 = tensors_sha256(self.model.state_dict())

    def _fitted(self, folder: RunFolder, evaluate: Evaluate, on_progress: OnProgress | None, show_bar: bool) -> Fitted:
        task = self._task(evaluate)
        with task.rows or nullcontext(), task.trunk or nullcontext():
            if task.trunk:
                with self.meter.phase("train vectors"):
                    task.trunk.read(self.encoded["train"], batch_size=self.config.eval_batch_size, dtype=self.dtype)
                self.kept_layers = task.context["kept_layers"] = task.trunk.layers_kept
            return fit(task, folder, meter=self.meter, on_progress=on_progress, show_bar=show_bar)

    def _task(self, evaluate: Evaluate) -> Task:
        plain = type(self.method).accompany is NeuralMethod.accompany and brought_by(type(self.method)) is None
        rows = rows_of(self.model, self.base, self.encoded["train"]) if plain else None
        return Task(
            model=self.model,
            inputs=self._inputs("train"),
            labels=self.splits.train["label"].to_numpy(),
            config=self.config,
            seed=self.run.seed,
            dtype=self.dtype,
            context={**self._context(), "embedding_rows": len(rows.rows) if rows else None},
            stop_after=self.run.request.stop_after,
            validate=lambda step: self._validate(evaluate, step, rows),
            accompany=lambda steps: self.method.accompany(self.model, self.config, steps=steps),
            rows=rows,
            trunk=trunk_of(self.model, self.base) if plain else None,
            team=self.team,
        )

    def _context(self) -> dict[str, Any]:
        """Return what changes the last bits: a checkpoint made under other conditions is not taken up."""
        return {
            "run_id": self.run.run_id,
            "dtype": self.dtype,
            "threads": self.threads,
            "device": processor_of(self.device),
            "torch": torch.__version__,
            "initial_weights_sha256": self.initial_sha256,
        }

    def _validate(self, evaluate: Evaluate, step: int, rows: NamedRows | None) -> dict[str, float]:
        gold = self.splits.validation["label"].to_numpy()
        # Kept: those of the last epoch are the run's predictions, since the last epoch counts.
        with rows.whole() if rows else nullcontext():
            logits = self.logits["validation"] = self._scores("validation")
        if not np.isfinite(logits).all():  # the last step of an epoch can do that, after its loss was seen
            raise Diverged(step=step, loss=float("nan"))
        return dict(evaluate(gold, logits.argmax(axis=1), logits))

    @override
    def _ready(self, split: str) -> None:
        if split not in self.encoded:
            with self.meter.phase("test tokenize" if split == "test" else "tokenize"):
                self.encoded[split] = encode(
                    self.splits[split]["text"].tolist(),
                    tokenizer=self.base.tokenizer,
                    accepted=self.accepted,
                    max_length=self.max_length,
                )
        if split not in self.vectors and self._reads_vectors:
            self.vectors[split] = self._made(split)[self.model.pooling]

    @override
    def _scores(self, split: str) -> Logits:
        size = self.config.eval_batch_size
        return predict(self.model, self._inputs(split), batch_size=size, dtype=self.dtype, team=self.team)

    def _inputs(self, split: str) -> Inputs:
        """Return what is read of a split: text vectors where a frozen encoder can make them once for all."""
        return self.vectors.get(split, self.encoded[split])

    @property
    def _reads_vectors(self) -> bool:
        """Whether the model is a head that reads text vectors of a frozen encoder."""
        return getattr(self.model, "frozen", False)

    @property
    def _wanted(self) -> tuple[str, ...]:
        """The kinds of text vector that the model's head may read."""
        return (self.model.pooling,)

    def _changed_by(self) -> str | None:
        """Return what text vectors depend on beside base and texts, None where they are this run's own."""
        return "" if brought_by(type(self.method)) is None else None

    def _made(self, split: str) -> Views:
        """Return a split's text vectors: those an earlier run made of the same texts, else new ones, to be kept."""
        phase = "test" if split == "test" else f"{split} vectors" if self.method.trained else "predict"
        changed, usual, encoded = self._changed_by(), poolings_of(self.base), self.encoded[split]
        size = self.config.eval_batch_size
        make = partial(text_vectors, self.model, encoded, batch_size=size, dtype=self.dtype)
        if changed is None:
            with self.meter.phase(phase):
                return make(self._wanted)
        offered = usual if set(self._wanted) <= set(usual) else self._wanted
        read = [offered, self.dtype, size, tokens_at_once(self.device)]
        own = bool(changed) or brought_by(type(self.method)) is not None
        views, ready = ready_or_made(
            facts_of(self.run, self.base, encoded, read=read, changed_by=changed, own=own),
            partial(make, offered),
            lengths=encoded.lengths,
            meter=self.meter,
            phase=phase,
        )
        self.ready_made += [split] if ready else []
        return views

    @override
    def _save(self, folder: Path) -> int:
        self.method.save(self.model, folder)
        names, length = self.splits.label_names, self.max_length
        write_manifest(folder, self.run, names, base=self.base, max_length=length, dtype=self.dtype)
        size = folder_bytes(folder)  # without the tokenizer, which is the same for all methods
        self.base.tokenizer.save_pretrained(folder)
        return size

    @property
    @override
    def training(self) -> Training:
        """What the fit loop did; zeros where nothing is trained."""
        pooling = getattr(self.model, "pooling", self.base.pooling)
        if self.fitted is None:
            return Training(epochs=0, steps=0, samples_seen=0, dtype=self.dtype, pooling=pooling, settled=self.settled)
        cut = self.encoded["train"].truncated
        return Training(
            epochs=len(self.fitted.history),
            steps=self.fitted.steps,
            samples_seen=self.fitted.samples_seen,
            tokens_real=self.fitted.tokens_real,
            tokens_padded=self.fitted.tokens_padded,
            truncated_share=None if cut is None else cut / len(self.encoded["train"]),
            effective_batch=self.config.batch_size * self.config.gradient_accumulation,
            dtype=self.dtype,
            pooling=pooling,
            settled=self.settled,
            converged=self.converged,
            resumed_from_epoch=self.fitted.resumed_from_epoch,
            history=self.fitted.history,
        )

    @property
    @override
    def inputs(self) -> dict[str, Any]:
        """Which base model, and the hash of its weights before anything touched them."""
        located = self.run.located_model
        tokenizer = located.tokenizer if located else None
        read = next((self.encoded[split] for split in ("train", "validation", "test") if split in self.encoded), None)
        unknown, single = known_pieces(read, self.base.tokenizer) if read else (None, None)
        return {
            "unknown_share": unknown,
            "single_letter_share": single,
            "max_length": self.max_length,
            "tokenizer_id": tokenizer.id if tokenizer else None,
            "tokenizer_revision": tokenizer.revision if tokenizer else None,
            "pad_token": self.base.tokenizer.pad_token,
            "head": head_of(self.model),
            "mixer": mixer_of(self.base.encoder, self.device),
            "model_id": self.base.id,
            "model_revision": located.revision if located else None,
            "model_architecture": self.base.architecture,
            "model_pretrained": self.base.pretrained,
            "base_weights_sha256": self.base.weights_sha256,
        }

    @property
    @override
    def trace(self) -> Trace:
        """Hashes along the way, losses at some steps."""
        return Trace(
            initial_weights_sha256=self.initial_sha256,
            final_weights_sha256=self.final_sha256,
            batch_order_sha256=self.fitted.batch_order_sha256 if self.fitted else None,
            losses=self.fitted.losses if self.fitted else {},
            predictions_sha256=self._predictions_sha256(),
        )

    @override
    def _own_cost(self) -> dict[str, Any]:
        train_s = self.meter.spent(*TRAIN)
        tokens = self._tokens()
        return {
            **counts(self.model, self.base.encoder, base=self.base_parameters),
            "vectors_from_cache": " ".join(self.ready_made) or None,
            "layers_run_once": self.kept_layers,
            "eval_batch_size": self.config.eval_batch_size,
            "eval_batch_tokens": None if self.config.eval_batch_size else tokens_at_once(self.device),
            "train_tokens_per_s": tokens / train_s if tokens and train_s else None,
        }

    def _tokens(self) -> int | None:
        """Return how many tokens training read, None where there was none."""
        return self.fitted.tokens_real if self.fitted else None
