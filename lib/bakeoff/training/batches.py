"""Texts as token ids, and the batches made of them.

A text is tokenised once; a batch is padded to its longest text only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bakeoff.models.tokenizer import tokenized

__all__ = ["Encoded", "Inputs", "Rows", "Vectors", "by_length", "encode", "known_pieces", "shuffled"]


Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
MEGABATCH = 50


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
