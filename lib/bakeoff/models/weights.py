"""Which weights are trained, kept and restored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from typing_extensions import override

from bakeoff.models.base import Base, head_names

__all__ = ["NamedRows", "load_tensors", "named_rows", "save_head", "train_only", "trainable", "used"]


WEIGHTS = "model.safetensors"
HEAD = "head.safetensors"
LANES = 16
"""Numbers that a processor adds side by side, at most; a row of so many, or a multiple, starts with the first."""
BLOCK = 64
"""Rows that stay near the core while all steps of an epoch decay them."""


def used(base: Base) -> dict[str, nn.Parameter]:
    """Return the encoder's parameters by name, without those of a pooler that the head does not read."""
    idle = () if base.pooling == "pooler" else ("pooler.",)
    return {name: one for name, one in base.encoder.named_parameters() if not f"{name}.".startswith(idle)}


def train_only(base: Base, names: Iterable[str]) -> nn.Module:
    """Freeze the base model but for its head and the encoder's parameters named; return it."""
    model: nn.Module = base.model.requires_grad_(False)
    below, whole = dict(base.encoder.named_parameters()), dict(model.named_parameters())
    for parameter in (*(below[name] for name in names), *(whole[name] for name in head_names(model))):
        parameter.requires_grad_(True)
    return model


def save_head(model: nn.Module, folder: Path, *, names: list[str] | None = None) -> None:
    """Write the trainable tensors, or those named, as head.safetensors."""
    from safetensors.torch import save_file

    kept = trainable(model) if names is None else {name: dict(model.named_parameters())[name] for name in names}
    save_file({name: value.detach().cpu().contiguous() for name, value in kept.items()}, folder / HEAD)


def load_tensors(model: nn.Module, folder: Path) -> nn.Module:
    """Put the tensors of a folder over those of a model and return it in evaluation mode; ValueError for strangers."""
    from safetensors.torch import load_file

    whole = (folder / WEIGHTS).is_file()
    saved = load_file(folder / (WEIGHTS if whole else HEAD))
    report = model.load_state_dict(saved, strict=False)
    tied = {name for name in report.missing_keys if name in (getattr(model, "_tied_weights_keys", None) or ())}
    if report.unexpected_keys or (whole and set(report.missing_keys) - tied):
        raise ValueError(f"{folder}: the weights are those of another model")
    return model.eval()


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that training may change, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


class NamedRows:
    """Training of those rows of an embedding table alone that texts name; while entered, the table holds no others.

    A row no text names takes no gradient, and AdamW does nothing to it but weight decay: what is spared is filling its
    gradient with zeros, adding these to the norm, and updating it by nothing; the decay of all steps is made up for
    when the table is whole again. On a processor all weights come out to the last bit as if the whole table were
    trained: rows stay in their order, and sums over them add the same numbers in the same order.

    factors: what each optimizer step multiplies the other rows by, of all steps so far
    """

    def __init__(self, table: nn.Embedding, ids: Tensor) -> None:
        """Take a table (V, H) and the numbers of the tokens that texts hold, in any order."""
        self.table, self.rows = table, ids.unique().to(table.weight.device)
        self.whole_weight = table.weight
        place = torch.zeros(len(table.weight), dtype=torch.int64, device=table.weight.device)
        place[self.rows] = torch.arange(len(self.rows), device=place.device)
        self.place = place
        self.factors: list[float] = []
        self._made_up = 0
        self.weight: nn.Parameter | None = None

    def __enter__(self) -> NamedRows:
        self.weight = nn.Parameter(self.whole_weight.detach()[self.rows])
        self._narrow()
        return self

    def __exit__(self, *_: object) -> None:
        self._widen()
        self.weight = None

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Give the table all its rows meanwhile, so that other texts can be read."""
        self._widen()
        try:
            yield
        finally:
            self._narrow()

    def decayed(self, *, rate: float, decay: float) -> None:
        """Note that an optimizer step of this learning rate and weight decay is done."""
        self.factors.append(1 - rate * decay)

    def _make_up(self) -> None:
        """Decay the rows that no text names, step by step as the optimizer would."""
        due = [factor for factor in self.factors[self._made_up :] if factor != 1]
        self._made_up = len(self.factors)
        if not due:
            return
        other = torch.ones(len(self.whole_weight), dtype=torch.bool, device=self.rows.device)
        other[self.rows] = False
        for block in other.nonzero().ravel().split(BLOCK):
            held = self.whole_weight[block]
            for factor in due:
                held.mul_(factor)
            self.whole_weight[block] = held

    def _narrow(self) -> None:
        table: Any = self.table
        padding = table.padding_idx
        there = padding is not None and bool((self.rows == padding).any())
        table.__class__, table.weight = _Renumbered, self.weight
        table.place, table.place_of_padding = self.place, int(self.place[padding]) if there else None

    def _widen(self) -> None:
        with torch.no_grad():
            self._make_up()
            self.whole_weight[self.rows] = cast("nn.Parameter", self.weight)
        table: Any = self.table
        table.__class__, table.weight = nn.Embedding, self.whole_weight
        del table.place, table.place_of_padding


class _Renumbered(nn.Embedding):
    """A table of some rows. place: (V,) token -> its row here."""

    place: Tensor
    place_of_padding: int | None

    @override
    def forward(self, input: Tensor) -> Tensor:
        return nn.functional.embedding(self.place[input], self.weight, self.place_of_padding)


def named_rows(model: nn.Module, encoder: Any, ids: Tensor) -> NamedRows | None:
    """Return the training of the token embeddings' rows that `ids` name; None where it would not be exact or is none.

    encoder: the part of the model that holds the table
    """
    try:
        table = encoder.get_input_embeddings()
    except NotImplementedError:
        return None
    if type(table) is not nn.Embedding or table.sparse or table.scale_grad_by_freq or table.max_norm is not None:
        return None
    holders = [one for _, one in model.named_parameters(remove_duplicate=False) if one is table.weight]
    exact = len(holders) == 1 and table.embedding_dim % LANES == 0
    return NamedRows(table, ids) if exact and table.weight.requires_grad else None
