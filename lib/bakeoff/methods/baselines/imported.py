"""Answers that were made elsewhere, by the API of a large model, say: read from a file, held to the same tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field
from typing_extensions import override

from bakeoff.data.filtering import texts_of
from bakeoff.data.labels import spelled
from bakeoff.data.readers import read_file, read_tables
from bakeoff.data.schema import Data
from bakeoff.errors import BadValue, UnknownName, nearest, shown
from bakeoff.methods.base import Answers, GivenMethod
from bakeoff.methods.config import Config as Hyperparameters
from bakeoff.system.spreadsheets import unguarded

if TYPE_CHECKING:
    from bakeoff.data.sources import LocatedData
    from bakeoff.data.splits import Splits

__all__ = ["Imported"]


ITEM_ID, GAP = "item_id", "{label}"
LEAST, NEAR = 1e-7, 0.02
"""What a probability of zero is taken for, and how far from one the probabilities of a text may sum up."""


class Imported(GivenMethod):
    """Matches answers to texts, each exactly once."""

    kind = "imported"
    summary = "Answers made elsewhere, read from a file; what they took is not measured here."

    class Config(Hyperparameters):
        """Where the answers are."""

        file: str | None = Field(
            None,
            description="csv, jsonl, parquet or other table with an answer for each test text",
            examples=["answers.csv"],
        )
        key: str | None = Field(
            None,
            description="column that says which text an answer is for, called as in the data: one of ids, or the text "
            "itself; left out: item_id, as `bakeoff texts` writes it",
            examples=["review_id"],
        )
        label: str = Field("label", description="column with the class that was answered, by its name")
        probabilities: str | None = Field(
            None,
            description="columns with the probability of each class, {label} in the place of its name; left out: there "
            "are none, and what needs them, log loss for one, is not computed",
            examples=["p_{label}"],
        )

    @classmethod
    @override
    def file_of(cls, config: Config) -> str | None:
        """Return the file of answers."""
        return config.file

    @override
    def answers(
        self, file: Path, config: Config, *, splits: Splits, data: Data, located: LocatedData
    ) -> dict[str, Answers]:
        """Return the answers for the test texts and, where the file has any of them, for the validation texts."""
        column = config.key or ITEM_ID
        # Read as a text is, so that 007 stays 007.
        table = read_file(file, Data(source=file.name, text=column, encoding=data.encoding), every=True)
        names = [str(name) for name in table.columns]
        for key, wanted in {"key": column, **_wanted(config, names, splits.label_names)}.items():
            if wanted not in names:
                raise UnknownName(key.partition(" ")[0], wanted, names, kind="column", where=file.name)
        keys = _keys(located, data, config.key)
        called, known = _spelled(table[column]), set(keys)
        index = pd.Index([unguarded(str(name), known) for name in called])
        table = table.set_axis(names, axis="columns").set_index(index)
        of_texts = column in data.texts
        table = _known(table, keys, one_each=not of_texts)
        test, validation = (keys.loc[splits[split]["item_id"]] for split in ("test", "validation"))
        if not of_texts:
            _check_apart(test, column)
        found = {"test": _answers(table.loc[_all_there(table, test)], config, splits.label_names)}
        if validation.isin(table.index).all() and (of_texts or not validation.isin(test).any()):
            found["validation"] = _answers(table.loc[validation], config, splits.label_names)
        return found


def _wanted(config: Imported.Config, names: list[str], classes: tuple[str, ...]) -> dict[str, str]:
    """Return setting -> column that has to be there; the label may be left to the probabilities."""
    pattern = config.probabilities
    if pattern is None:
        return {"label": config.label}
    if GAP not in pattern:
        hint = f"for example `probabilities: 'p_{GAP}'`: p_{classes[0]}, p_{classes[1]} and so on"
        raise BadValue("probabilities", f"{shown(pattern)!r} has no {GAP} in it", hint=hint)
    columns = {f"probabilities {name}": pattern.replace(GAP, name) for name in classes}
    return columns if config.label not in names else {**columns, "label": config.label}


def _spelled(column: pd.Series) -> pd.Index:
    return pd.Index([_name(value) for value in column])


def _name(value: Any) -> str:
    """Spell an id or a class, be it in a list of its own; nothing where none is given, several as they are."""
    if isinstance(value, list | np.ndarray) and len(value) == 1:
        value = value[0]
    if isinstance(value, list | dict | np.ndarray):
        return str(list(value)) if len(value) else ""
    return spelled(value).strip() if pd.notna(value) else ""


def _keys(located: LocatedData, data: Data, column: str | None) -> pd.Series:
    """Return item id -> what the file calls it, of all rows of the data."""
    table = pd.concat(list(read_tables(located, data, every=True).values()))
    if column is None or (column == ITEM_ID and column not in table):
        return pd.Series(table.index, index=table.index)
    if len(data.texts) == 1 and column == data.texts[0]:
        texts = texts_of(table, data)
        return pd.Series([text.strip() if isinstance(text, str) else "" for text in texts], index=table.index)
    if column not in table:
        raise UnknownName("key", column, map(str, table.columns), kind="column of the data")
    return pd.Series(_spelled(table[column]), index=table.index)


def _known(table: pd.DataFrame, keys: pd.Series, *, one_each: bool) -> pd.DataFrame:
    """Return answers with an id each, once; raises BadValue for ids that are unknown, doubled or empty.

    one_each: False where ids are texts: equal ones need one answer only, and may have several that agree
    """
    blank = int((table.index == "").sum())
    if blank:
        raise BadValue("key", f"{blank:,} rows of the file have none")
    known = set(keys)
    unknown = [key for key in table.index if key not in known]
    if unknown:
        near = nearest(unknown[0], list(known)[:10_000])
        like = f"; the nearest there is {shown(near)!r}" if near else ""
        hint = "`bakeoff texts` writes the ids of this experiment's test texts"
        raise BadValue("key", f"{len(unknown):,} are of no text, {shown(unknown[0])!r} the first{like}", hint=hint)
    if not one_each:
        table = table[~table.reset_index().astype(str).duplicated().to_numpy()]
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise BadValue("file", f"{len(set(twice)):,} texts are answered more than once, {shown(twice[0])!r} the first")
    return table


def _check_apart(keys: pd.Series, column: str) -> None:
    """Raise BadValue for a column that does not tell the test texts apart."""
    several = keys[keys.duplicated(keep=False)]
    if len(several):
        first = shown(several.iloc[0])
        reason = f"{column!r} is the same for {len(several):,} of {len(keys):,} test texts, {first!r} the first"
        raise BadValue("key", reason, hint="name a column of ids, or leave it out: `bakeoff texts` writes an item_id")


def _all_there(table: pd.DataFrame, wanted: pd.Series) -> pd.Series:
    """Return the keys of the test texts, all of which have an answer; raises BadValue."""
    lacking = wanted[~wanted.isin(table.index)]
    if len(lacking):
        reason = f"{len(lacking):,} of {len(wanted):,} test texts have no answer, {shown(lacking.iloc[0])!r} the first"
        raise BadValue("file", reason, hint="every text needs one; answers for other texts of the data are passed over")
    return wanted


def _labels(table: pd.DataFrame, config: Imported.Config, classes: tuple[str, ...]) -> Mapping[str, int] | None:
    """Return key -> class number, None where the probabilities alone say; raises BadValue for what is no class."""
    if config.label not in table:
        return None
    number = {name: position for position, name in enumerate(classes)}
    given = {key: _name(value) for key, value in table[config.label].items()}
    wrong = [key for key, name in given.items() if name not in number]
    if wrong:
        name = given[wrong[0]]
        near = nearest(name, classes)
        said = f"{shown(name)!r} is no class" if name else "there is none"
        hint = f"did you mean {near!r}? " if near else ""
        reason = f"{len(wrong):,} answers are of no class; the first, for {shown(wrong[0])!r}: {said}"
        raise BadValue("label", reason, hint=f"{hint}Known: {', '.join(map(shown, classes))}")
    return {str(key): number[name] for key, name in given.items()}


def _answers(table: pd.DataFrame, config: Imported.Config, classes: tuple[str, ...]) -> Answers:
    labels = _labels(table, config, classes)
    told = None if labels is None else np.array([labels[key] for key in table.index], dtype=np.int64)
    if config.probabilities is None:
        assert told is not None  # `_wanted` asks for one of the two  # noqa: S101
        return Answers(np.eye(len(classes), dtype=np.float32)[told], scored=False)
    columns = [config.probabilities.replace(GAP, name) for name in classes]
    chances = table[columns].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~(np.isfinite(chances) & (chances >= 0)).all(axis=1) | (np.abs(chances.sum(axis=1) - 1) > NEAR)
    if wrong.any():
        first = shown(table.index[int(wrong.argmax())])
        reason = f"{int(wrong.sum()):,} answers have no probabilities that sum up to one, {first!r} the first"
        raise BadValue("probabilities", reason, hint="one number from 0 to 1 for each class")
    logits = np.log(np.maximum(chances, LEAST)).astype(np.float32)
    return Answers(logits if told is None else _agreeing(logits, told, table), scored=True)


def _agreeing(logits: Any, told: Any, table: pd.DataFrame) -> Any:
    """Return logits (N, C) whose largest is the class that was told; raises BadValue where another is likelier."""
    rows = np.arange(len(told))
    apart = logits[rows, told] < logits.max(axis=1)
    if apart.any():
        first = shown(table.index[int(apart.argmax())])
        reason = f"{int(apart.sum()):,} answers are not the likeliest class, {first!r} the first"
        raise BadValue("probabilities", reason, hint="leave out one of the two")
    logits[rows, told] = np.nextafter(logits[rows, told], np.float32(np.inf))  # of equals the one told
    return logits
