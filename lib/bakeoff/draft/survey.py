"""One look at a data source: its columns, classes, texts, and the settings an experiment on it would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bakeoff.data.filtering import texts_of
from bakeoff.data.labels import one_kind, one_label
from bakeoff.data.readers import split_by
from bakeoff.data.schema import Data
from bakeoff.data.sources import SPLIT_NAMES
from bakeoff.draft.classes import Classes, propose_classes
from bakeoff.draft.guess import Column, Guess, describe, filled, guess_group, guess_label, guess_text
from bakeoff.draft.sizes import fewest, propose_sizes
from bakeoff.draft.texts import Texts, look_at_texts, sample_of
from bakeoff.errors import BadValue, BakeoffError, shown
from bakeoff.models.sources import locate_model
from bakeoff.system.digests import bytes_of, from_json
from bakeoff.system.workspace import Workspace

__all__ = ["Survey", "refuse_row_as_header", "survey"]


SPLITS = ("train", "validation", "test")
LONGEST, SHORTEST, STEP = 256, 16, 16
BESIDE = 12
"""Places that a text cannot have: of the drafted virtual tokens, and those before the first of RoBERTa."""
MOST_VALUES = 200
GENERIC = ("label", "class", "category", "target", "y", "sentiment", "polarity")
"""Names of a label that columns of 0 and 1 beside it do not make one of many."""
TOKENS_PER_WORD = 1.4
"""What English takes in a BERT vocabulary, roughly; only where the model's own tokenizer is not at hand."""
SAMPLE = 1_000


@dataclass(frozen=True)
class Survey:
    """What is in the source and what follows from it.

    splits: of the source, with their rows ("all" where it has none of its own)
    split: column that says which split a row is in, used as such
    sizes: for `data.split`, empty where the source brings all three
    left: texts that have a class and are no repetition; no_text, no_label: rows that lack one
    tokens_p95: tokens that 95 of 100 texts do not exceed; counted: by the model's tokenizer, else told from words
    room: tokens that go into the model beside virtual ones, as far as a first look should go
    """

    splits: dict[str, int]
    columns: tuple[Column, ...]
    text: Guess
    label: Guess
    group: str | None
    split: str | None
    classes: Classes
    texts: Texts
    sizes: dict[str, float | int]
    left: int
    no_text: int
    no_label: int
    tokens_p95: int
    counted: bool
    room: int = LONGEST

    @property
    def own_splits(self) -> bool:
        """Whether the source brings train and test of its own."""
        return set(self.splits) != {"all"}

    @property
    def max_length(self) -> int:
        """Tokens that 95 of 100 texts fit in, a multiple of 16, as far as a first look should go."""
        return int(min(self.room, max(SHORTEST, STEP * np.ceil(self.tokens_p95 / STEP))))


def survey(
    tables: Mapping[str, pd.DataFrame],
    *,
    model: str,
    workspace: Workspace,
    text: Sequence[str] = (),
    label: str | None = None,
) -> Survey:
    """Look at a source. tables: split -> rows as read; text, label: columns, guessed where None; raises InputError."""
    by = _column_of_splits(tables.get("all"), (*text, label))
    tables = _known(tables if by is None else split_by(dict(tables), by))
    whole = pd.concat(list(tables.values()), ignore_index=True).drop(columns=by or [])
    if whole.empty:
        raise BadValue("--data", "the source has no rows")
    columns = tuple(describe(_single(whole[column].rename(str(column)))) for column in whole.columns)
    found_text = guess_text(columns, given=text)
    found_label = _label(columns, found_text, label, whole)
    if label is None:
        refuse_flags(whole, found_label.column)
    by_name = {column.name: column for column in columns}
    for option, name in (*(("--text", one) for one in found_text.columns), ("--label", found_label.column)):
        _check(option, by_name[name], tables)
    frames = {split: _frame(table, found_text.columns, found_label.column) for split, table in tables.items()}
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
        group=guess_group(columns, used=(*found_text.columns, found_label.column)),
        split=by,
        classes=classes,
        texts=texts,
        sizes=propose_sizes(kept),
        left=sum(map(len, kept.values())),
        no_text=max(by_name[name].missing for name in found_text.columns),
        no_label=by_name[found_label.column].missing,
        tokens_p95=tokens,
        counted=counted,
        room=_room(model, workspace),
    )


def _frame(table: pd.DataFrame, text: tuple[str, ...], label: str) -> pd.DataFrame:
    """Return the rows that have a text and a label, as columns text and label, read as a run reads them."""
    named = text[0] if len(text) == 1 else text
    texts = texts_of(table, Data.model_validate({"source": "any", "text": named})).dropna()
    labels = filled(one_label(table[label], label, strings=True))
    rows = texts.index.intersection(labels.index)
    return pd.DataFrame({"text": texts[rows], "label": labels[rows]})


def _label(columns: Sequence[Column], text: Guess, label: str | None, whole: pd.DataFrame) -> Guess:
    """Return the column with the label; raises BadValue for one that is none, with its reason where it holds lists."""
    try:
        found = guess_label(columns, texts=text.columns, given=label)
    except BadValue:
        for column in columns:
            if column.kind == "nested":
                one_label(whole[column.name], column.name)
        raise
    one_label(whole[found.column], found.column, strings=True)
    return found


def _single(column: pd.Series) -> pd.Series:
    """Return a column of lists of one value as these values, any other as it is."""
    try:
        return one_label(column, str(column.name))
    except BadValue:
        return column


def _column_of_splits(table: pd.DataFrame | None, used: Sequence[str | None]) -> str | None:
    """Return a column that says of every row which split it is in, train and test at least."""
    if table is None or table.empty:
        return None
    for column in table.columns.difference([name for name in used if name is not None], sort=False):
        held = table[column]
        if held.notna().all() and held.map(lambda value: isinstance(value, str)).all():
            said = {SPLIT_NAMES.get(value.strip().lower()) for value in held.unique()}
            if {"train", "test"} <= said and None not in said:
                return str(column)
    return None


def refuse_row_as_header(table: pd.DataFrame) -> None:
    """Raise BadValue where a column is called like one of its own values, which are few: its header is a row."""
    for column in table.columns:
        values = filled(table[column]).astype(str)
        if int(values.eq(str(column)).sum()) > 1 and values.nunique() <= MOST_VALUES:
            reason = (
                f"the first line looks like a row, not like a header: {shown(column)!r} is a value of its own column"
            )
            hint = "--no-header reads it as a row; if it is a header, name columns with --text and --label"
            raise BadValue("--data", reason, hint=hint)


def refuse_flags(table: pd.DataFrame, label: str) -> None:
    """Raise BadValue where the label that was guessed is one of several columns of 0 and 1, a column for each label."""
    flags = [name for name in table.columns if _is_flag(table[name])]
    if label not in map(str, flags) or len(flags) <= 2 or label.lower() in GENERIC:  # noqa: PLR2004
        return
    marked = table[flags].astype(float).sum(axis=1)
    names, several = ", ".join(shown(name) for name in flags[:6]), int((marked > 1).sum())
    if several:
        reason = f"{names} look like a column for each label, and {several:,} rows have several labels"
        hint = "methods are compared on one label a row: `--label {}` compares on one of them, yes or no"
        raise BadValue("--label", reason, hint=hint.format(shown(flags[0])))
    if (marked == 1).all():
        reason = f"{names} look like a column for each class, with a 1 in the one that a row has"
        raise BadValue("--label", reason, hint="bring one column with the name of the class, or name one of them")


def _is_flag(column: pd.Series) -> bool:
    return set(column.dropna().map(str).unique()) in ({"0", "1"}, {"0.0", "1.0"}, {"True", "False"})


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
        several = len(pd.concat([frame["label"] for frame in frames.values()]).unique()) > 1
        kept = "; of equal texts one is kept, whatever their labels" if several else ""
        raise BadValue("--label", f"column {shown(label)!r} has fewer than two different values beside a text{kept}")
    return left


def _room(model: str, workspace: Workspace) -> int:
    """Return how many tokens of a text the model has places for, a multiple of 16, LONGEST at most."""
    try:
        path = Path(locate_model(model, workspace=workspace).path)
        config = from_json(bytes_of(path if path.is_file() else path / "config.json"))
        places = next(config[key] for key in ("max_position_embeddings", "n_positions") if key in config)
        return min(LONGEST, max(SHORTEST, STEP * ((int(places) - BESIDE) // STEP)))
    # None, not here, or nonsense; see below.
    except (ArithmeticError, BakeoffError, OSError, ValueError, TypeError, StopIteration):
        return LONGEST


def _tokens_p95(texts: Sequence[str], facts: Texts, model: str, workspace: Workspace) -> tuple[int, bool]:
    from bakeoff.models.loading import quiet
    from bakeoff.models.tokenizer import read_tokenizer, tokenized

    try:
        with quiet():
            tokenizer = read_tokenizer(locate_model(model, workspace=workspace))
            encoded = tokenized(tokenizer, sample_of(texts, SAMPLE), truncation=False, padding=False, verbose=False)
    except (BakeoffError, OSError, ValueError):  # the model is not here; the command says so by itself where it matters
        return int(np.ceil(TOKENS_PER_WORD * facts.words_p95)) + 2, False
    return int(np.percentile([len(ids) for ids in encoded["input_ids"]], 95)), True
