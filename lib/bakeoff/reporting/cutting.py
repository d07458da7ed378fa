"""The statement that must stand beside the quality of methods that read only part of most texts.

Only `conclusions` imports this; `ledger` and `datacard` show the same shares as tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.notation import share
from bakeoff.reporting.sentences import Statement, count, sentence

__all__ = ["CUT_FROM", "cut"]

CUT_FROM = 0.2
"""Share of the training texts, longer than what a method reads of them, from which it is said in the answer."""


def cut(collection: Collection) -> Iterator[Statement]:
    """Say which trained methods read how many tokens where many texts have more, and which were given whole texts."""
    rows = [row for row in collection.rows if row.records and row.any.trained and row.any.inputs]
    groups: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        limit = row.any.inputs.max_length if row.any.inputs else None
        longer = max((run.training.truncated_share or 0.0 for run in row.records if run.training), default=0.0)
        if limit and longer >= CUT_FROM:
            groups.setdefault((limit, share(longer)), []).append(row)
    said = [
        sentence("cut", names=("names", _names(own)), limit=count(limit, "token"), share=("quote", longer))
        for (limit, longer), own in groups.items()
    ]
    whole = [row for row in rows if row.any.inputs and not row.any.inputs.model_id and row.any.kind != "majority"]
    if said and whole:
        said.append(sentence("cut.whole", names=("names", _names(whole))))
    if said:
        shown = [*(row for own in groups.values() for row in own), *whole]
        yield Statement("cut", tuple(said), tuple(run.run_id for row in shown for run in row.records))


def _names(rows: list[Row]) -> tuple[str, ...]:
    return tuple(row.name for row in rows)
