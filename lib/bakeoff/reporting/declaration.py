"""Whether the comparison was declared before the runs were made, and what was declared otherwise then.

Every record keeps the `compare` block of its experiment as it stood when the run was made. `conclusions`, `imbalance`
and `introduction` import this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from bakeoff.record import Record
from bakeoff.reporting.collect import Collection
from bakeoff.reporting.sentences import Form, Sentence, Statement, count, sentence

__all__ = ["declared_before", "redeclared"]

_FORMS: dict[str, Form] = {"metric": "metric", "reference": "name", "alpha": "level", "equivalence_margin": "gap"}


def _asked(collection: Collection) -> dict[str, Any]:
    return collection.experiment.compare.model_dump(mode="json")


def _runs(collection: Collection) -> list[Record]:
    return [run for row in collection.rows for run in row.records]


def declared_before(collection: Collection) -> bool:
    """Whether every run of the comparison was made under the declaration that the experiment has now.

    A record that does not say what was declared leaves it open, and so does a comparison without runs.
    """
    runs = _runs(collection)
    return bool(runs) and all(run.compare == _asked(collection) for run in runs)


def redeclared(collection: Collection) -> Iterator[Statement]:
    """Warn where runs were made under another declaration, naming what was another."""
    now = _asked(collection)
    other = [run for run in _runs(collection) if run.compare is not None and run.compare != now]
    if not other:
        return
    said = [sentence("redeclared", runs=count(len(other), "run"))]
    said += [one for key in _FORMS for one in _differing(key, other, now=now[key])]
    yield Statement("warning", tuple(said), tuple(run.run_id for run in other))


def _differing(key: str, runs: Sequence[Record], *, now: Any) -> Iterator[Sentence]:
    """Name each other value that was declared, and for how many runs."""
    values = Counter(run.compare[key] for run in runs if run.compare and key in run.compare)
    for value, number in values.items():
        if value != now:
            own, theirs = (_FORMS[key], _shown(key, now)), (_FORMS[key], _shown(key, value))
            yield sentence(f"redeclared.{key}", own=own, theirs=theirs, runs=count(number, "run"))


def _shown(key: str, value: Any) -> Any:
    """Return what a sentence names: instead of the error rate, the level of the intervals that follows from it."""
    return 1 - value if key == "alpha" else value
