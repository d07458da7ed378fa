"""One look at a data source: its columns, classes, texts, and the settings an experiment on it would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.labels import one_kind
from bakeoff.draft.classes import Classes, propose_classes
from bakeoff.draft.guess import Column, Guess, describe, filled, guess_group, guess_label, guess_text
from bakeoff.draft.sizes import fewest, propose_sizes
from bakeoff.draft.texts import Texts, look_at_texts, sample_of
from bakeoff.errors import BadValue, BakeoffError, shown
from bakeoff.models.sources import locate_model
from bakeoff.system.workspace import Workspace

__all__ = ["Survey", "survey"]


SPLITS = ("train", "validation", "test")
LONGEST, SHORTEST, STEP = 256, 16, 16
TOKENS_PER_WORD = 1.4
"""What English takes in a BERT vocabulary, roughly; only where the model's own tokenizer is not at hand."""
SAMPLE = 1_000


@dataclass(frozen=True)
class Survey:
    """What is in the source and what follows from it.

    splits: of the source, with their rows ("all" where it has none of its own)
    sizes: for `data.split`, empty where the source brings all three
    left: texts that have a class and are no repetition; no_text, no_label: rows that lack one
    tokens_p95: tokens that 95 of 100 texts do not exceed; counted: by the model's tokenizer, else told from words
    """

    splits: dict[str, int]
    columns: tuple[Column, ...]
    text: Guess
    label: Guess
    group: str | None
    classes: Classes
    texts: Texts
    sizes: dict[str, float | int]
    left: int
    no_text: int
    no_label: int
    tokens_p95: int
    counted: bool

    @property
    def own_splits(self) -> bool:
        """Whether the source brings train and test of its own."""
        return set(self.splits) != {"all"}

    @property
    def max_length(self) -> int:
        """Tokens that 95 of 100 texts fit in, a multiple of 16, as far as a first look should go."""
        return int(min(LONGEST, max(SHORTEST, STEP * np.ceil(self.tokens_p95 / STEP))))


def survey(
    tables: Mapping[str, pd.DataFrame],
    *,
    model: str,
    workspace: Workspace,
    text: str | None = None,
    label: str | None = None,
) -> Survey:
    """Look at a source. tables: split -> rows as read; text, label: columns, guessed where None; raises InputError."""
    tables = _known(tables)
    whole = pd.concat(list(tables.values()), ignore_index=True)
    if whole.empty:
        raise BadValue("--data", "the source has no rows")
    columns = tuple(describe(whole[column].rename(str(column))) for column in whole.columns)
    found_text = guess_text(columns, given=text)
    found_label = guess_label(columns, text=found_text.column, given=label)
    by_name = {column.name: column for column in columns}
    for option, guess in (("--text", found_text), ("--label", found_label)):
        _check(option, by_name[guess.column], tables)
    frames = {split: _frame(table, found_text.column, found_label.column) for split, table in tables.items()}
    texts = look_at_texts(frames)
    tokens, counted = _tokens_p95([t for f in frames.values() for t in f["text"]], texts, model, workspace)
    for frame in frames.values():
        one_kind(frame["label"], found_label.column)
    labels = _left(frames, found_label.column)
    n, own = sum(map(len, labels.values())), "all" not in labels
    classes = propose_classes(labels, fewest=fewest(n, own=own))
    kept = {split: classes.of(column) for split, column in labels.items()}
    return Survey(
        splits={split: len(table) for split, table in tables.items()},
        columns=columns,
        text=found_text,
        label=found_label,
        group=guess_group(columns, text=found_text.column, label=found_label.column),
        classes=classes,
        texts=texts,
        sizes=propose_sizes(kept),
        left=sum(map(len, kept.values())),
        no_text=by_name[found_text.column].missing,
        no_label=by_name[found_label.column].missing,
        tokens_p95=tokens,
        counted=counted,
    )


def _frame(table: pd.DataFrame, text: str, label: str) -> pd.DataFrame:
    """Return the rows that have a text and a label, as columns text and label."""
    texts, labels = filled(table[text]), filled(table[label])
    rows = texts.index.intersection(labels.index)
    return pd.DataFrame({"text": texts[rows].astype(str), "label": labels[rows]})


def _known(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Keep the splits that runs use; raises BadValue where a source has some of its own and not train and test."""
    if "all" in tables:
        return dict(tables)
    known = {split: tables[split] for split in SPLITS if split in tables}
    if not {"train", "test"} <= set(known):
        reason = f"the source has the splits {', '.join(map(shown, tables))}, and a comparison needs train and test"
        raise BadValue("--data", reason, hint="name one file of it, and the splits are drawn from that")
    return known


def _check(option: str, column: Column, tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise BadValue for a column that holds nested values or is not in every split."""
    name = repr(shown(column.name))
    if column.kind == "nested":
        raise BadValue(option, f"column {name} holds lists or objects", hint="name a column with one value a row")
    for split, table in tables.items():
        if column.name not in table.columns:
            reason = f"the file of {split} has no column {name}, which others have"
            raise BadValue(option, reason, hint="name one file with both columns as --data")


def _left(frames: Mapping[str, pd.DataFrame], label: str) -> dict[str, pd.Series]:
    """Return the labels of the texts that no repetition takes away, as `deduplicate` does; raises BadValue."""
    from bakeoff.data.filtering import without_repeats

    left = {split: f["label"].rename(label) for split, f in without_repeats(dict(frames), Counter()).items()}
    for split, labels in left.items():
        if labels.empty:
            place = "" if split == "all" else f" for {split}"
            hint = "name one file, and the splits are drawn from that"
            raise BadValue("--data", f"no text with a label is left{place}", hint=hint if place else None)
    if pd.concat(list(left.values())).nunique() < 2:  # noqa: PLR2004
        raise BadValue("--label", f"column {shown(label)!r} has fewer than two different values beside a text")
    return left


def _tokens_p95(texts: Sequence[str], facts: Texts, model: str, workspace: Workspace) -> tuple[int, bool]:
    from bakeoff.models.loading import quiet
    from bakeoff.models.tokenizer import read_tokenizer

    try:
        with quiet():
            tokenizer = read_tokenizer(locate_model(model, workspace=workspace))
            encoded = tokenizer(sample_of(texts, SAMPLE), truncation=False, padding=False, verbose=False)
    except (BakeoffError, OSError, ValueError):  # the model is not here; the command says so by itself where it matters
        return int(np.ceil(TOKENS_PER_WORD * facts.words_p95)) + 2, False
    return int(np.percentile([len(ids) for ids in encoded["input_ids"]], 95)), True
