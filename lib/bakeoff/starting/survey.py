"""One look at a data source: its columns, classes, texts, and the settings an experiment on it would have.

Imported by `new` and `draft`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.bases import locate_model
from bakeoff.errors import BadValue, BakeoffError
from bakeoff.starting.classes import Classes, propose_classes
from bakeoff.starting.columns import Column, describe, filled, shown
from bakeoff.starting.guess import Guess, guess_group, guess_label, guess_text
from bakeoff.starting.texts import Texts, look_at_texts, sample_of
from bakeoff.workspace import Workspace

__all__ = ["Survey", "survey"]

SIZES = {"train": 8_000, "validation": 2_000, "test": 2_000}
SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}
LONGEST, SHORTEST, STEP = 256, 16, 16
TOKENS_PER_WORD = 1.4
"""What English takes in a BERT vocabulary, roughly; only where the model's own tokenizer is not at hand."""
SAMPLE = 1_000


@dataclass(frozen=True)
class Survey:
    """What is in the source and what follows from it.

    splits: of the source, with their rows ("all" where it has none of its own); no_text, no_label: rows that lack one;
    tokens_p95: tokens that 95 of 100 texts do not exceed; counted: by the model's tokenizer, else told from words
    """

    source: str
    splits: dict[str, int]
    columns: tuple[Column, ...]
    text: Guess
    label: Guess
    group: str | None
    classes: Classes
    texts: Texts
    no_text: int
    no_label: int
    tokens_p95: int
    counted: bool

    @property
    def own_splits(self) -> bool:
        """Whether the source brings train and test of its own."""
        return set(self.splits) != {"all"}

    @property
    def sizes(self) -> dict[str, float | int]:
        """How many texts go where: shares, or counts where there are so many that a first look need not take all."""
        return dict(SHARES) if self.texts.n < sum(SIZES.values()) else dict(SIZES)

    @property
    def max_length(self) -> int:
        """Tokens that 95 of 100 texts fit in, a multiple of 16, as far as a first look should go."""
        return int(min(LONGEST, max(SHORTEST, STEP * np.ceil(self.tokens_p95 / STEP))))


def survey(
    tables: Mapping[str, pd.DataFrame],
    *,
    source: str,
    model: str,
    workspace: Workspace,
    text: str | None = None,
    label: str | None = None,
) -> Survey:
    """Look at a source. tables: split -> rows as read; text, label: columns, guessed where None; raises InputError."""
    whole = pd.concat([table.drop(columns="item_id") for table in tables.values()], ignore_index=True)
    if whole.empty:
        raise BadValue("--data", "the source has no rows")
    columns = tuple(describe(whole[column].rename(str(column))) for column in whole.columns)
    found_text = guess_text(columns, given=text)
    found_label = guess_label(columns, text=found_text.column, given=label)
    for split, table in tables.items():
        for option, name in (("--text", found_text.column), ("--label", found_label.column)):
            if name not in table.columns:
                reason = f"the file of {split} has no column {shown(name)!r}, which others have"
                raise BadValue(option, reason, hint="name one file with both columns as --data")
    frames = {split: _frame(table, found_text.column, found_label.column) for split, table in tables.items()}
    labels = pd.concat(list(frames.values()))["label"].rename(found_label.column)
    if labels.nunique() < 2:  # noqa: PLR2004
        raise BadValue("--label", f"column {found_label.column!r} has fewer than two different values beside a text")
    texts = look_at_texts(frames)
    tokens, counted = _tokens_p95([t for f in frames.values() for t in f["text"]], texts, model, workspace)
    by_name = {column.name: column for column in columns}
    return Survey(
        source=source,
        splits={split: len(table) for split, table in tables.items()},
        columns=columns,
        text=found_text,
        label=found_label,
        group=guess_group(columns, text=found_text.column, label=found_label.column),
        classes=propose_classes(labels),
        texts=texts,
        no_text=by_name[found_text.column].missing,
        no_label=by_name[found_label.column].missing,
        tokens_p95=tokens,
        counted=counted,
    )


def _frame(table: pd.DataFrame, text: str, label: str) -> pd.DataFrame:
    """Return the rows that have a text and a label, as columns text and label."""
    rows = filled(table[text]).index.intersection(table[label].dropna().index)
    values: Any = table.loc[rows, label]
    if len(values) and values.map(lambda value: isinstance(value, list | dict)).any():
        raise BadValue("--label", f"column {label!r} holds lists, which are not classes")
    return pd.DataFrame({"text": table.loc[rows, text].astype(str), "label": values})


def _tokens_p95(texts: Sequence[str], facts: Texts, model: str, workspace: Workspace) -> tuple[int, bool]:
    from bakeoff.tuning.loading import quiet
    from bakeoff.tuning.tokenizer import read_tokenizer

    try:
        with quiet():
            tokenizer = read_tokenizer(locate_model(model, workspace=workspace))
            encoded = tokenizer(sample_of(texts, SAMPLE), truncation=False, padding=False, verbose=False)
    except (BakeoffError, OSError, ValueError):  # the model is not here; the command says so by itself where it matters
        return int(np.ceil(TOKENS_PER_WORD * facts.words_p95)) + 2, False
    return int(np.percentile([len(ids) for ids in encoded["input_ids"]], 95)), True
