"""Texts as token ids, the batches made of them, and what a model makes of these.

A text is tokenised once; a batch is padded to its longest text only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bakeoff.models.tokenizer import tokenized
from bakeoff.training.machine import autocast
from bakeoff.training.together.team import ALONE, Team

__all__ = [
    "Encoded",
    "Inputs",
    "Logits",
    "Rows",
    "Vectors",
    "batches_of",
    "by_length",
    "by_tokens",
    "encode",
    "known_pieces",
    "predict",
    "shuffled",
    "text_vectors",
    "tokens_at_once",
]


Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
Logits = np.ndarray[tuple[int, int], np.dtype[np.float32]]
MEGABATCH = 50
TOKENS_PER_THREAD = 1024
"""What a layer makes of so many tokens stays near the core; more spills, fewer are too little work for a product."""
MOST_TOKENS = 16384


@dataclass(frozen=True)
class Encoded:
    """A tokenised split.

    columns: model argument -> one list of numbers per text; fill: model argument -> value at padded places
    left: padding goes before the text; truncated: number of texts that were cut, None where the tokenizer cannot tell
    """

    columns: dict[str, list[list[int]]]
    fill: dict[str, int]
    left: bool
    truncated: int | None

    def __len__(self) -> int:
        return len(self.columns["input_ids"])

    @cached_property
    def lengths(self) -> Rows:
        """(N,) tokens per text."""
        return np.array([len(ids) for ids in self.columns["input_ids"]], dtype=np.int64)

    def batch(self, rows: Iterable[int]) -> dict[str, Tensor]:
        """Return argument -> int64 (B, T), T being the longest of the texts named."""
        chosen = list(rows)
        return {
            name: self._padded([lists[row] for row in chosen], self.fill[name]) for name, lists in self.columns.items()
        }

    def _padded(self, lists: Sequence[list[int]], fill: int) -> Tensor:
        longest = max(map(len, lists))
        table = np.full((len(lists), longest), fill, dtype=np.int64)
        for row, numbers in enumerate(lists):
            table[row, longest - len(numbers) if self.left else 0 :][: len(numbers)] = numbers
        return torch.from_numpy(table)


@dataclass(frozen=True)
class Vectors:
    """Text vectors of a split, made once because the encoder is frozen.

    values: (N, H) float32; lengths: (N,) tokens per text; padded: tokens the encoder read, padding included
    """

    values: Tensor
    lengths: Rows
    padded: int

    def __len__(self) -> int:
        return len(self.values)

    def batch(self, rows: Iterable[int]) -> dict[str, Tensor]:
        """Return "vectors" -> (B, H) of the texts named."""
        return {"vectors": self.values[list(rows)]}


Inputs = Encoded | Vectors


def encode(texts: Sequence[str], *, tokenizer: Any, accepted: frozenset[str], max_length: int) -> Encoded:
    """Tokenise texts, cutting them at `max_length` tokens; of a pair the longer text is cut first.

    accepted: the arguments the model takes; what else the tokenizer makes is left out
    """
    encoded = tokenized(tokenizer, texts, truncation=True, max_length=max_length, padding=False)
    names = [name for name in encoded if name in accepted]
    fill = dict.fromkeys(names, 0) | {"input_ids": tokenizer.pad_token_id}
    for row in [row for row, ids in enumerate(encoded["input_ids"]) if not ids]:
        for name in names:  # a text the tokenizer makes nothing of; a model has to read something
            encoded[name][row] = [1 if name == "attention_mask" else fill[name]]
    if "token_type_ids" in names:
        fill["token_type_ids"] = tokenizer.pad_token_type_id
    truncated = sum(bool(one.overflowing) for one in encoded.encodings) if encoded.is_fast else None
    return Encoded({name: encoded[name] for name in names}, fill, tokenizer.padding_side == "left", truncated)


def known_pieces(encoded: Encoded, tokenizer: Any) -> tuple[float, float]:
    """Return which shares of the tokens stand for signs the tokenizer does not know, and for a single letter each.

    A letter is one of an alphabet, or a byte of one: signs of Chinese, Japanese and Korean stand for more, and are
    whole words to the tokenizers made for them. Tokens that mark begin, end and padding do not count.
    """
    ids, counts = np.unique(np.concatenate(encoded.columns["input_ids"]), return_counts=True)
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    kept = [(int(one), int(count)) for one, count in zip(ids, counts, strict=True) if int(one) not in special]
    total = sum(count for _, count in kept)
    pieces = tokenizer.convert_ids_to_tokens([one for one, _ in kept])
    unknown = sum(count for one, count in kept if one == tokenizer.unk_token_id)
    single = sum(count for (_, count), piece in zip(kept, pieces, strict=True) if _is_letter(piece))
    return (unknown / total, single / total) if total else (0.0, 0.0)


def _is_letter(piece: str) -> bool:
    bare = piece.removeprefix("##").lstrip(WORD_BEGINS)
    return len(bare) == 1 and bare.isalpha() and not unicodedata.name(bare, "").startswith(WHOLE_WORDS)


WORD_BEGINS = "\N{LOWER ONE EIGHTH BLOCK}\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}"
"""What SentencePiece and byte-level tokenizers put before a word."""
WHOLE_WORDS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


def by_length(lengths: Rows, size: int) -> list[Rows]:
    """Cut texts into batches of like length, longest first, so that what memory is needed shows at once."""
    order = np.argsort(-lengths, kind="stable")
    return [order[start : start + size] for start in range(0, len(order), size)]


def by_tokens(lengths: Rows, tokens: int) -> list[Rows]:
    """Cut texts into batches of like length and of up to so many tokens with padding, longest first; one text at least.

    lengths: (N,) tokens per text
    """
    order, batches, start = np.argsort(-lengths, kind="stable"), [], 0
    while start < len(order):
        size = max(1, tokens // max(1, int(lengths[order[start]])))
        batches.append(order[start : start + size])
        start += size
    return batches


def tokens_at_once(where: torch.device) -> int:
    """Return how many tokens, with padding, a batch of prediction holds where no number of texts is asked for."""
    return MOST_TOKENS if where.type == "cuda" else min(MOST_TOKENS, TOKENS_PER_THREAD * torch.get_num_threads())


def batches_of(inputs: Inputs, size: int | None, where: torch.device) -> list[Rows]:
    """Return the batches that are read at once; a frozen encoder's vectors are one token each.

    size: texts per batch; None: by tokens
    """
    if size is not None:
        return by_length(inputs.lengths, size)
    lengths = np.ones(len(inputs), dtype=np.int64) if isinstance(inputs, Vectors) else inputs.lengths
    return by_tokens(lengths, tokens_at_once(where))


def shuffled(lengths: Rows, size: int, *, seed: int, epoch: int) -> list[Rows]:
    """Return the batches of one epoch, in order; they depend on the arguments alone.

    Texts are shuffled, cut into groups of fifty batches, sorted by length within a group and cut into batches; the
    batches are shuffled again (the scheme of fairseq and of `group_by_length` in transformers).
    """
    generator = np.random.default_rng([seed, epoch])
    order = generator.permutation(len(lengths))
    groups = [order[start : start + size * MEGABATCH] for start in range(0, len(order), size * MEGABATCH)]
    batches = [group[batch] for group in groups for batch in by_length(lengths[group], size)]
    return [batches[place] for place in generator.permutation(len(batches))]


def predict(model: Any, inputs: Inputs, *, batch_size: int | None, dtype: str, team: Team = ALONE) -> Logits:
    """Return (N, C) float32 logits in the order of the texts.

    batch_size: texts per batch; None: as many as make `tokens_at_once`; team: the processes that share the batches
    Batches hold texts of like length; how they are cut changes the last bits of the result.
    """
    return _each(model, lambda batch: {"": model(**batch).logits}, inputs, batch_size, dtype, team)[""].numpy()


def text_vectors(
    model: Any, encoded: Encoded, poolings: Sequence[str], *, batch_size: int | None, dtype: str
) -> dict[str, Vectors]:
    """Run a frozen encoder once over a split, in the batches that `predict` would make.

    Returns pooling -> the text vectors it makes of the same token states.
    """
    found = _each(model, lambda batch: model.views(poolings, **batch), encoded, batch_size, dtype)
    batches = batches_of(encoded, batch_size, next(model.parameters()).device)
    padded = sum(int(encoded.lengths[rows].max()) * len(rows) for rows in batches)
    return {how: Vectors(values, lengths=encoded.lengths, padded=padded) for how, values in found.items()}


def _each(
    model: Any,
    call: Callable[..., dict[str, Tensor]],
    inputs: Inputs,
    batch_size: int | None,
    dtype: str,
    team: Team = ALONE,
) -> dict[str, Tensor]:
    """Return the float32 results of all batches on the CPU, in the order of the texts."""
    where = next(model.parameters()).device
    batches = batches_of(inputs, batch_size, where)
    if len(batches) < team.size:  # each does them all: one without a batch would not know what comes out of one
        team = ALONE
    batches = team.part(batches)
    was_training = model.training
    model.eval()
    parts: dict[str, list[Tensor]] = {}
    with torch.no_grad(), autocast(where, dtype), _nothing_trainable(model):
        for rows in batches:
            for name, values in call({name: t.to(where) for name, t in inputs.batch(rows).items()}).items():
                parts.setdefault(name, []).append(values.float().cpu())
    model.train(was_training)
    order = torch.from_numpy(np.concatenate(batches))
    results = {name: _ordered(torch.cat(held), order, of=len(inputs)) for name, held in parts.items()}
    team.add_up([*results.values()])  # zeros of the one and results of the other: the same bits as from one alone
    return results


def _ordered(values: Tensor, order: Tensor, *, of: int) -> Tensor:
    ordered = values.new_zeros((of, *values.shape[1:]))
    ordered[order] = values
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
