"""The warning about classes that a method does not find, which a mean over all texts hides.

Only `conclusions` imports this.
"""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.reporting.collapse import one_class
from bakeoff.reporting.collect import Collection
from bakeoff.reporting.quantities import mean
from bakeoff.reporting.sentences import Statement, sentence

__all__ = ["FOUND_FROM", "unfound"]

FOUND_FROM = 0.05
"""Mean recall below which a class counts as not found: fewer than one of twenty of its texts."""


def unfound(collection: Collection) -> Iterator[Statement]:
    """Name the classes of which a trained candidate gave (almost) no test text their own; runs of one class apart.

    What is to be said of those runs, `collapsed` says.
    """
    for row in collection.rows:
        runs = [run for run in row.records if run.trained and run.role != "baseline" and one_class(run) is None]
        tests = [run.test for run in runs if run.test]
        recalls = {
            name: mean([test.per_class[name]["recall"] for test in tests])
            for name, held in (tests[0].per_class if tests else {}).items()
            if held["support"]
        }
        missed = {name: recall for name, recall in recalls.items() if recall is not None and recall < FOUND_FROM}
        if missed:
            ends = tuple(("fraction", end(missed.values())) for end in (min, max))
            said = sentence(
                "unfound", a=("name", row.name), classes=("names", tuple(missed)), recall=("range", ends),
                seeds=("seeds", tuple(run.seed for run in runs)),
            )  # fmt: skip
            yield Statement("warning", (said,), tuple(run.run_id for run in runs))
