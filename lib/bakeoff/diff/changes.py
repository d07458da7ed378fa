"""What differs between two reports: settings, methods, verdicts, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bakeoff.diff.side import COSTS, MEAN, Side

__all__ = ["QUALITY", "Change", "Changes", "changes"]


TURNED = {"better": "worse", "better, negligibly": "worse, negligibly"}
TURNED |= {second: first for first, second in TURNED.items()}
QUALITY = ("runs", "runs_failed", "seeds")
VALUES = ("estimate", "low", "high")


@dataclass(frozen=True)
class Change:
    """One thing that is not the same.

    what: of what; name: its part, the first of two methods with `against`; before, after: None where there is none
    """

    what: str
    name: str
    before: Any
    after: Any
    against: str | None = None


@dataclass(frozen=True)
class Changes:
    """All that differs; costs change whenever a run is made again. inputs: names of what the reports were made from."""

    settings: tuple[Change, ...]
    inputs: tuple[str, ...]
    methods: tuple[Change, ...]
    verdicts: tuple[Change, ...]
    numbers: tuple[Change, ...]
    costs: tuple[Change, ...]
    unknown_settings: bool = False

    def __bool__(self) -> bool:
        """Return whether settings, methods, verdicts or numbers differ."""
        return bool(self.settings or self.methods or self.verdicts or self.numbers or self.costs)


def changes(before: Side, after: Side) -> Changes:
    """Compare two sides; verdicts are held against one another whichever of the two methods stands first."""
    old, new = (side.summary.set_index("method") for side in (before, after))
    shared = [name for name in old.index if name in new.index]
    return Changes(
        settings=tuple(_settings(before.declared, after.declared, shared=shared))
        if before.declared is not None and after.declared is not None
        else (),
        inputs=tuple(
            name
            for name in dict.fromkeys([*before.inputs, *after.inputs])
            if before.inputs.get(name) != after.inputs.get(name)
        ),
        methods=(
            *(Change("method", str(name), "there", None) for name in old.index if name not in new.index),
            *(Change("method", str(name), None, "there") for name in new.index if name not in old.index),
        ),
        verdicts=tuple(_verdicts(before.pairs, after.pairs)),
        numbers=tuple(_rows(old, new, shared, _quality(old, new))),
        costs=tuple(_rows(old, new, shared, COSTS)),
        unknown_settings=before.declared is None or after.declared is None,
    )


def _settings(old: dict[str, Any], new: dict[str, Any], *, shared: Sequence[str]) -> Iterator[Change]:
    """Yield the settings that differ; those of a method that only one of the two has go with it."""
    for key in dict.fromkeys([*old, *new]):
        own = not key.startswith("methods.") or any(key.startswith(f"methods.{name}.") for name in shared)
        if own and old.get(key) != new.get(key):
            yield Change("setting", key, old.get(key), new.get(key))


def _quality(old: pd.DataFrame, new: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of what was found: the declared metrics of both, and how many runs they rest on."""
    declared = dict.fromkeys(str(name) for frame in (old, new) for name in frame["compared_by"].dropna())
    return (*(f"{name}{MEAN}" for name in declared), *QUALITY)


def _rows(old: pd.DataFrame, new: pd.DataFrame, shared: Sequence[str], columns: tuple[str, ...]) -> Iterator[Change]:
    for name in shared:
        rows = old.loc[name], new.loc[name]
        for column in columns:
            before, after = (_value(row.get(column)) for row in rows)
            if before != after:
                yield Change(str(name), column, before, after)


def _verdicts(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[Change]:
    before, after = (_by_pair(frame) for frame in (old, new))
    for (first, second), verdict in before.items():
        turned = after.get((second, first))
        now = after.get((first, second)) or (TURNED.get(turned, turned) if turned else None)
        if now is not None and now != verdict:
            yield Change("verdict", first, verdict, now, against=second)


def _by_pair(frame: pd.DataFrame) -> dict[tuple[str, str], str]:
    columns = (frame[name].astype(str).tolist() for name in ("first", "second", "verdict"))
    return {(first, second): verdict for first, second, verdict in zip(*columns, strict=True)}


def _value(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value
