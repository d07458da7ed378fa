"""What training need not compute: embeddings of tokens that no text holds, and layers below the first it changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bakeoff.errors import BadValue
from bakeoff.models.base import Base
from bakeoff.models.layers import above, blocks
from bakeoff.models.weights import NamedRows, named_rows
from bakeoff.training.machine import autocast
from bakeoff.training.reading.batches import Encoded, batches_of

__all__ = ["EMBEDDING_ROWS", "TRUNK", "Trunk", "rows_of", "trunk_of"]


EMBEDDING_ROWS = "BAKEOFF_EMBEDDING_ROWS"
"""Set to "all": rows of the embeddings that no training text names are updated by nothing, as torch does by itself."""
TRUNK = "BAKEOFF_TRUNK"
"""Set to "off": layers below the first that is trained run in every step."""
MOST_BYTES = 2**28
"""Token states that are kept at most; more would be more memory than the steps themselves take."""
CLOSE = {"float32": 1e-3, "bfloat16": 0.1}
"""How far logits may part by the order of sums, relative to the largest."""


def rows_of(model: nn.Module, base: Base, read: Encoded) -> NamedRows | None:
    """Return the training of the embedding rows that training texts name; None where it is switched off or inexact."""
    if os.environ.get(EMBEDDING_ROWS) == "all":
        return None
    ids = np.concatenate([*read.columns["input_ids"], [read.fill["input_ids"]]])
    return named_rows(model, base.encoder, torch.from_numpy(ids))


def trunk_of(model: nn.Module, base: Base) -> Trunk | None:
    """Return the layers below the first that is trained; None where there are none, or others are trained below."""
    if model is not base.model:
        return None
    try:
        where, count = blocks(base)
    except BadValue:
        return None
    trained = [name for name, one in base.encoder.named_parameters() if one.requires_grad]
    numbers = [int(name[len(where) + 1 :].partition(".")[0]) for name in trained if name.startswith(f"{where}.")]
    first = min(numbers, default=0)
    kept = (*(f"{where}.{number}." for number in range(first, count)), *above(base, where))
    if not first or not all(name.startswith(kept) for name in trained):
        return None
    return Trunk(model, base.encoder, where, first, kept)


class _ReachedError(Exception):
    """Carries the token states that go into the first trained layer."""

    def __init__(self, states: Tensor) -> None:
        self.states = states


class Trunk:
    """The encoder's layers below the first that is trained. While entered, their dropout is off, as in all steps.

    What they make of each training text is then the same in every epoch: `read` keeps it, and `serving` puts it in.
    """

    def __init__(self, model: nn.Module, encoder: Any, where: str, first: int, kept: tuple[str, ...]) -> None:
        self.model, self.encoder = model, encoder
        self.layers: list[nn.Module] = list(encoder.get_submodule(where))[: first + 1]
        self.below = [
            module
            for name, module in encoder.named_modules()
            if not f"{name}.".startswith(kept) and (name.startswith(f"{where}.") or not list(module.children()))
        ]
        self.states: list[Tensor] | None = None
        self.left = False
        self.now: Tensor | None = None

    def __enter__(self) -> Trunk:
        self._hooks = [
            self.model.register_forward_pre_hook(self._quiet),
            self.layers[-1].register_forward_pre_hook(self._put_in, with_kwargs=True),
        ]
        for layer in self.layers[:-1]:
            layer.forward = self._passing(layer.forward)
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()
        for layer in self.layers[:-1]:
            del layer.forward  # that of the class again
        self.states = None

    @property
    def layers_kept(self) -> int | None:
        """How many layers' work is kept, None for none."""
        return None if self.states is None else len(self.layers) - 1

    def read(self, encoded: Encoded, *, batch_size: int | None, dtype: str) -> None:
        """Run the trunk once over the training texts, in the batches of prediction, while entered.

        Keeps nothing where it is switched off, where the states are too many, or where an architecture's further layers
        take more from those below than token states, so that logits would differ.
        """
        width = self.encoder.config.hidden_size
        if os.environ.get(TRUNK) == "off" or int(encoded.lengths.sum()) * width * 4 > MOST_BYTES:
            return
        where = next(self.model.parameters()).device
        kept: list[Tensor] = [torch.empty(0)] * len(encoded)
        self.model.eval()
        batches = batches_of(encoded, batch_size, where)
        with torch.no_grad(), autocast(where, dtype):
            for rows in batches:
                states = self._reached({name: one.to(where) for name, one in encoded.batch(rows).items()})
                if states is None or states.shape[:2] != (len(rows), int(encoded.lengths[rows].max())):
                    return
                for row, one in zip(rows, states, strict=True):
                    size = int(encoded.lengths[row])
                    kept[row] = (one[-size:] if encoded.left else one[:size]).clone()
            self.states, self.left = kept, encoded.left
            if not self._agrees(encoded, batches[-1].tolist(), where, dtype):
                self.states = None

    def _reached(self, batch: dict[str, Tensor]) -> Tensor | None:
        def stop(_: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
            raise _ReachedError(given[0] if given else named["hidden_states"])

        hook = self.layers[-1].register_forward_pre_hook(stop, with_kwargs=True)
        try:
            self.model(**batch)
        except _ReachedError as reached:
            return reached.states
        except KeyError:
            return None
        finally:
            hook.remove()
        return None

    def _agrees(self, encoded: Encoded, rows: list[int], where: torch.device, dtype: str) -> bool:
        batch = {name: one.to(where) for name, one in encoded.batch(rows).items()}
        whole = self.model(**batch).logits.float()
        try:
            with self.serving(rows):
                found = self.model(**batch).logits.float()
        except (RuntimeError, TypeError, ValueError, IndexError):
            return False
        return bool((found - whole).abs().max() <= CLOSE.get(dtype, 0.1) * whole.abs().max().clamp(min=1))

    @contextmanager
    def serving(self, rows: Iterable[int]) -> Iterator[None]:
        """Put the kept states of these texts, padded to the longest, in the place of running the layers."""
        if self.states is None:
            yield
            return
        chosen = [self.states[row] for row in rows]
        side = "left" if self.left else "right"
        self.now = nn.utils.rnn.pad_sequence(chosen, batch_first=True, padding_side=side)
        try:
            yield
        finally:
            self.now = None

    def _quiet(self, *_: object) -> None:
        for module in self.below:
            module.training = False

    def _put_in(self, _: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self.now is None:
            return None
        return ((self.now, *given[1:]), named) if given else (given, {**named, "hidden_states": self.now})

    def _passing(self, forward: Any) -> Any:
        """Return a forward pass that hands states on as they are where kept ones will be put in."""

        def passed(*given: Any, **named: Any) -> Any:
            if self.now is None:
                return forward(*given, **named)
            return given[0] if given else named["hidden_states"]

        return passed
