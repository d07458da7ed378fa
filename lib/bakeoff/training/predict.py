"""Logits of a model for tokenised texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bakeoff.training.batches import Encoded, Inputs, Vectors, by_length
from bakeoff.training.machine import autocast

__all__ = ["Logits", "precompute", "predict"]


Logits = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def predict(model: Any, inputs: Inputs, *, batch_size: int, dtype: str) -> Logits:
    """Return (N, C) float32 logits in the order of the texts.

    Batches hold texts of like length; their size is fixed because it changes the last bits of the result.
    """
    return _each(model, lambda batch: model(**batch).logits, inputs, batch_size, dtype).numpy()


def precompute(model: Any, encoded: Encoded, *, batch_size: int, dtype: str) -> Vectors:
    """Run a frozen encoder once over a split, in the batches that `predict` would make."""
    values = _each(model, lambda batch: model.vectors(**batch), encoded, batch_size, dtype)
    padded = sum(int(encoded.lengths[rows].max()) * len(rows) for rows in by_length(encoded.lengths, batch_size))
    return Vectors(values, lengths=encoded.lengths, padded=padded)


def _each(model: Any, call: Callable[..., Tensor], inputs: Inputs, batch_size: int, dtype: str) -> Tensor:
    """Return the float32 results of all batches on the CPU, in the order of the texts."""
    where = next(model.parameters()).device
    batches = by_length(inputs.lengths, batch_size)
    was_training = model.training
    model.eval()
    with torch.no_grad(), autocast(where, dtype), _nothing_trainable(model):
        parts = [call({name: t.to(where) for name, t in inputs.batch(rows).items()}).float().cpu() for rows in batches]
    model.train(was_training)
    together = torch.cat(parts)
    ordered = torch.empty_like(together)
    ordered[torch.from_numpy(np.concatenate(batches))] = together
    return ordered


@contextmanager
def _nothing_trainable(model: Any) -> Iterator[None]:
    """Let no parameter ask for a gradient meanwhile.

    torch multiplies by a matrix that does in another way, even where it takes no gradient, and the last bits differ:
    a model that was just trained has to predict what it predicts once it is loaded again.
    """
    asking = [parameter for parameter in model.parameters() if parameter.requires_grad]
    try:
        for parameter in asking:
            parameter.requires_grad = False
        yield
    finally:
        for parameter in asking:
            parameter.requires_grad = True
