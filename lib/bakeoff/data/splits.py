"""The data of one experiment, read, filtered, labelled and split; `load_splits` is the way in."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import pandas as pd

from bakeoff.data.filtering import contradictory, labelled_rows, usable_rows, without_repeats
from bakeoff.data.labels import to_classes, with_names
from bakeoff.data.readers import read_tables
from bakeoff.data.schema import Data, Split, SplitFacts
from bakeoff.data.sources import LocatedData
from bakeoff.data.splitting import draw_again, draw_own, draw_splits
from bakeoff.errors import BadValue, NoRoom, UnknownName, shown
from bakeoff.system.digests import canonical

__all__ = ["SPLITS", "Origin", "Pool", "Splits", "load_splits", "split_facts"]


SPLITS = ("train", "validation", "test")
COLUMNS = ["item_id", "text", "label"]


@dataclass(frozen=True)
class Splits:
    """The texts and labels of an experiment.

    label_names: class names, by class number
    train, validation, test: frames with columns item_id (str), text (str) and label (int), in the source's order
    dropped: reason -> number of rows left out before drawing
    origins: split -> which of the source's splits it is from, where that is known
    groups: split -> (N,) value of the group column, empty without one
    pool: what each seed draws its training texts from, None where all have the same; `for_seed` draws
    """

    label_names: tuple[str, ...]
    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame
    dropped: dict[str, int]
    origins: dict[str, Origin] = field(default_factory=dict)
    groups: dict[str, pd.Series] = field(default_factory=dict)
    pool: Pool | None = None

    def __getitem__(self, split: str) -> pd.DataFrame:
        """Return a split by name; raises UnknownName."""
        if split not in SPLITS:
            raise UnknownName("split", split, SPLITS, kind="split")
        frame: pd.DataFrame = getattr(self, split)
        return frame

    def for_seed(self, seed: int) -> Splits:
        """Return the splits that every run with a seed has: with training texts of its own where seeds draw them.

        Raises BadValue where a draw lacks a class.
        """
        if self.pool is None:
            return self
        train = self.pool.drawn(seed)
        _check_classes(train, self.label_names, Counter())
        groups = {**self.groups, "train": train["group"]} if self.groups else {}
        return replace(self, train=train[COLUMNS], groups=groups)

    def facts(self) -> dict[str, SplitFacts]:
        """Describe each split for the data card."""
        found = {
            split: split_facts(
                self[split], self.label_names, origin=self.origins.get(split), groups=self.groups.get(split)
            )
            for split in SPLITS
        }
        if self.pool is not None:
            found["train"] = found["train"].model_copy(update={"pool_n": len(self.pool.frame)})
        return found

    def overlap(self) -> dict[str, int]:
        """Return "train/test" and the like -> texts of the later split that stand in the earlier one, too."""
        pairs = combinations(SPLITS, 2)
        return {f"{first}/{then}": int(self[then]["text"].isin(self[first]["text"]).sum()) for first, then in pairs}

    def shared_groups(self) -> dict[str, int]:
        """Return "train/test" and the like -> groups that stand in both, empty without a group column."""
        found = {split: set(groups) for split, groups in self.groups.items()}
        return {f"{first}/{then}": len(found[first] & found[then]) for first, then in combinations(found, 2)}

    def comparability_sha256(self) -> str:
        """Hash what two runs must share to stand in one table: classes, and every split's ids, texts and labels.

        Of training texts that each seed draws, it is all those to draw from, and the draw of a seed that nobody runs:
        equal for all seeds, and other where texts are drawn in another way.
        """
        digest = hashlib.sha256(canonical(list(self.label_names)).encode())
        shared = {split: self[split] for split in SPLITS}
        if self.pool is not None:
            shared |= {"pool": self.pool.frame, "train": self.pool.drawn(None)}
        for split, frame in shared.items():
            rows = frame[COLUMNS].to_numpy(dtype=object).tolist()
            digest.update(canonical([split, rows]).encode())
        return digest.hexdigest()


def load_splits(data: Data, located: LocatedData) -> Splits:
    """Read, filter, label and divide a source; the same file and settings always give the same rows in one order.

    Raises UnknownName for a column that is not there, BadValue for an expression, label or split that cannot be
    used, Unparsable for a broken file.
    """
    dropped: Counter[str] = Counter()
    source = _known_splits(read_tables(located, data), located, dropped)
    tables = {
        split: usable_rows(table, data, dropped, drawn=split == "all", where=_place(split, located))
        for split, table in source.items()
    }
    names, classes = to_classes({split: table[data.label.column] for split, table in tables.items()}, data.label)
    frames = {split: labelled_rows(table, data, classes[split], dropped) for split, table in tables.items()}
    repeated = _class_counts(frames)
    if data.deduplicate:
        frames = without_repeats(frames, dropped)
    repeated -= _class_counts(frames)
    _check_rows(frames, dropped)
    try:
        frames, origins, pool = _divided(frames, data)
    except NoRoom as error:
        raise with_names(error, names, data) from None
    _check(frames, names, repeated)
    if data.split.group is not None:
        _check_groups(frames["test"], data.split.group)
    return Splits(
        label_names=names,
        **{split: frames[split][COLUMNS] for split in SPLITS},
        dropped={reason: n for reason, n in dropped.items() if n},
        origins=origins,
        groups={split: frames[split]["group"] for split in SPLITS} if data.split.group else {},
        pool=pool,
    )


def _place(split: str, located: LocatedData) -> str | None:
    """Say which of several tables one is, for errors; None where there is one only."""
    file = f" ({located.files[split].name})" if split in located.files else ""
    return None if split == "all" else f"split {split}{file}"


def _known_splits(
    tables: dict[str, pd.DataFrame], located: LocatedData, dropped: Counter[str]
) -> dict[str, pd.DataFrame]:
    """Keep train, validation and test; other splits of the source are left out and counted."""
    if "all" in tables:
        return tables
    for split in ("train", "test"):
        if split not in tables:
            hint = "name files: `source: {train: ..., test: ...}`, or one file to draw the splits from"
            reason = f"it has no {split} split; there is: {', '.join(tables)}"
            raise BadValue("data.source", reason, subject=located.id, hint=hint)
    for split in tables.keys() - set(SPLITS):
        dropped[f"split {split}"] += len(tables[split])
    return {split: tables[split] for split in SPLITS if split in tables}


def _divided(
    frames: dict[str, pd.DataFrame], data: Data
) -> tuple[dict[str, pd.DataFrame], dict[str, Origin], Pool | None]:
    """Draw the three splits; say which of the source's each comes from, and what seeds draw training texts from."""
    labels = {split: frame["label"].to_numpy() for split, frame in frames.items()}
    groups = {split: pd.factorize(frame["group"])[0] for split, frame in frames.items()} if data.split.group else None
    if "all" in frames:
        rows = draw_splits(labels["all"], data.split, groups["all"] if groups else None)
        places = {split: ("all", rows[split]) for split in SPLITS}
    else:
        places = draw_own(labels, data.split, groups)
    found = {split: frames[source].iloc[rows].reset_index(drop=True) for split, (source, rows) in places.items()}
    origins = {split: Origin(source, len(frames[source])) for split, (source, _) in places.items()}
    if data.split.resample is None:
        return found, origins, None
    source = places["train"][0]
    taken = [rows for split, (other, rows) in places.items() if other == source and split != "train"]
    left = np.setdiff1d(np.arange(len(frames[source])), np.concatenate([np.empty(0, dtype=np.int64), *taken]))
    return found, origins, _pool(frames[source].iloc[left].reset_index(drop=True), data.split, len(found["train"]))


def _pool(frame: pd.DataFrame, split: Split, size: int) -> Pool:
    """Return what seeds draw `size` training texts from; raises BadValue where all would draw much the same."""
    if size > MOST_ALIKE * len(frame):
        left = f"of the {len(frame):,} texts that validation and test leave"
        reason = f"train has {size:,} {left}, so that all seeds would draw much the same"
        hint = f"ask for fewer, for example `train: {max(len(frame) // 2, 1)}`: each seed draws its own half then"
        raise BadValue("data.split.resample", reason, hint=hint)
    return Pool(frame, split, size)


def _check_rows(frames: dict[str, pd.DataFrame], dropped: Counter[str]) -> None:
    """Raise BadValue for a table of which nothing is left, and say what was left out."""
    for split, frame in frames.items():
        if frame.empty:
            why = ", ".join(f"{reason} ({n:,})" for reason, n in dropped.items() if n)
            place = "" if split == "all" else f" for {split}"
            raise BadValue("data", f"no text with a label is left{place}", hint=f"rows were left out: {why}")


def _class_counts(frames: dict[str, pd.DataFrame]) -> Counter[int]:
    return sum((Counter(frame["label"].tolist()) for frame in frames.values()), Counter[int]())


def _check(frames: dict[str, pd.DataFrame], names: tuple[str, ...], repeated: Counter[int]) -> None:
    """Raise BadValue for splits nothing can be learned from. repeated: class number -> rows left out as repeats."""
    for split in SPLITS:
        if frames[split].empty:
            raise BadValue("data", f"no text with a label is left for {split}")
    if len(frames["test"]) == 1:
        raise BadValue("data.split.test", "a single test text tells nothing of others", hint="ask for two at least")
    _check_classes(frames["train"], names, repeated)
    if len(names) < 2:  # noqa: PLR2004
        raise BadValue("data.label", f"there is only one class, {', '.join(map(shown, names))}")


def _check_classes(train: pd.DataFrame, names: tuple[str, ...], repeated: Counter[int]) -> None:
    """Raise BadValue for a class without a training text."""
    seen = set(np.unique(train["label"]))
    missing = [number for number in range(len(names)) if number not in seen]
    if missing:
        gone, hint = repeated[missing[0]], "draw more texts or drop the class"
        if gone:
            hint = f"`deduplicate` left out {gone:,} of its texts; drop the class, or set `deduplicate: false`"
        raise BadValue("data", f"no training text has the class {shown(names[missing[0]])!r}", hint=hint)


def _check_groups(test: pd.DataFrame, column: str) -> None:
    """Raise BadValue where all test texts are of one group: what holds for it need not hold for any other."""
    if len(set(test["group"])) == 1:
        reason = f"the {len(test):,} texts of the test split have 1 value of column {column!r} between them"
        hint = "one says nothing of others: ask for more test texts, or leave `group` out"
        raise BadValue("data.split.group", reason, hint=hint)


@dataclass(frozen=True)
class Origin:
    """Where the texts of a split are from. split: the source's own, "all" where it has none; n: texts that one had."""

    split: str
    n: int


@dataclass(frozen=True)
class Pool:
    """All texts that are in neither validation nor test, from which each seed draws its training texts.

    frame: columns item_id, text, label and group, in the source's order; size: texts that a draw has
    """

    frame: pd.DataFrame
    split: Split
    size: int

    def drawn(self, seed: int | None) -> pd.DataFrame:
        """Return the draw of a seed, in the source's order; None: of a seed that no run can have."""
        labels = self.frame["label"].to_numpy()
        groups = pd.factorize(self.frame["group"])[0] if self.split.group else None
        number = NOBODY if seed is None else seed
        rows = draw_again(labels, self.split, seed=number, size=self.size, groups=groups)
        return self.frame.iloc[rows].reset_index(drop=True)


MOST_ALIKE = 0.9
"""Share of the texts there are from which on no draw of them tells anything of others."""
NOBODY = 2**32
"""A seed beyond those that runs can have."""


def split_facts(
    frame: pd.DataFrame, names: tuple[str, ...], *, origin: Origin | None = None, groups: pd.Series | None = None
) -> SplitFacts:
    """Describe one split.

    frame: columns item_id, text and label; names: of the classes; groups: (N,)
    """
    words = np.array([len(text.split()) for text in frame["text"]])
    counts = frame["label"].value_counts()
    return SplitFacts(
        n=len(frame),
        labels={name: int(counts.get(number, 0)) for number, name in enumerate(names)},
        item_ids_sha256=hashlib.sha256("\n".join(frame["item_id"]).encode()).hexdigest(),
        words_median=float(np.median(words)),
        words_p95=float(np.percentile(words, 95)),
        words_max=int(words.max()),
        duplicates=int(frame["text"].duplicated().sum()),
        contradictory=int(contradictory(frame).sum()),
        source_split=origin.split if origin else None,
        source_n=origin.n if origin else None,
        groups=None if groups is None else int(groups.nunique()),
    )
