"""The tables behind the summary: every run, every class, every value a sweep tried, every failure.

Each function takes a collection and returns a display `Table`, or None where there is nothing to show. Only
`reporting` imports this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bakeoff.record import Record
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.notation import duration, fraction, size, whole
from bakeoff.reporting.quantities import METRIC_NAMES, TIME, mean, memory, metric_name, shown_name
from bakeoff.reporting.sweeps import SweepResult
from bakeoff.reporting.table import Table

__all__ = ["classes_table", "excluded_table", "facts_table", "failures_table", "runs_table", "sweep_table"]


def facts_table(facts: Mapping[str, str], *, caption: str, note: str | None = None, name: str = "") -> Table:
    """Return a table of names and texts."""
    frame = pd.DataFrame({"value": list(facts.values())}, index=pd.Index(list(facts), name=name))
    return Table(frame, caption=caption, note=note)


def _frame(rows: Sequence[Mapping[str, Any]], *, label: str) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).set_index(label)


def failures_table(collection: Collection) -> Table | None:
    """List the runs that ended without a result, and why."""
    failed = [(row, run) for row in (*collection.rows, *collection.additional) for run in row.failures]
    trials = [run for runs in collection.sweeps.values() for run in runs if run.status != "ok"]
    rows = [_failure(shown_name(row), run) for row, run in failed]
    rows += [_failure(f"{run.method} (trial of its sweep)", run) for run in trials]
    if not rows:
        return None
    return Table(_frame(rows, label="method"), caption="Runs without a result.", note=_FAILED)


_FAILED = "What a method's other seeds gave stands in the tables; a failed run counts neither for nor against it."


def _failure(name: str, run: Record) -> dict[str, str | None]:
    error = run.error
    return {
        "method": name,
        "seed": str(run.seed),
        "what happened": run.status,
        "reason": f"{error.type}: {error.message}" if error else None,
        "step": error.where if error else None,
        "run": run.run_id,
    }


def runs_table(collection: Collection) -> Table | None:
    """List every finished run with its own values: the comparison's, the trials of sweeps, those added by hand."""
    peak = memory(collection)
    named = [(shown_name(row), run) for row in collection.rows for run in row.records]
    named += [(f"{name} (trial)", run) for name, trials in collection.sweeps.items() for run in trials]
    named += [(shown_name(row), run) for row in collection.additional for run in row.records]
    named = [(name, run) for name, run in named if run.status == "ok"]
    if not named:
        return None
    rows, runs = [_run(name, run, peak.field) for name, run in named], [run for _, run in named]
    resumed = [run for run in runs if run.training and run.training.resumed_from_epoch]
    frame = pd.DataFrame(rows)
    return Table(
        frame.rename(columns={"peak": peak.name}),
        caption="Every run: those of the comparison, then the trials of sweeps and runs added by hand.",
        note=f"Cut off and resumed: {', '.join(run.run_id for run in resumed)}." if resumed else None,
    )


def _run(name: str, run: Record, peak: str) -> dict[str, str | None]:
    cost, splits = run.cost, {"validation": run.validation, "test": run.test}
    metrics = {
        f"{spoken} on {split}": fraction(quality.metrics.get(metric)) if quality else None
        for metric, spoken in METRIC_NAMES.items()
        for split, quality in splits.items()
        if (metric, split) != ("macro_f1", "validation")
    }
    return {
        "method": name,
        "seed": "any" if run.deterministic else str(run.seed),
        **metrics,
        TIME.name: duration(cost.train_s if cost else None),
        "peak": size(getattr(cost, peak) if cost else None),
        "prediction, ms a text": f"{cost.inference_ms_per_item:.2f}" if cost and cost.inference_ms_per_item else None,
        "run": run.run_id,
    }


def classes_table(collection: Collection) -> Table | None:
    """List precision, recall and F1 of each class on test, means over the seeds."""
    rows = [entry for row in collection.rows for entry in _classes(row)]
    if not rows:
        return None
    return Table(
        pd.DataFrame(rows),
        caption="Each class on test, means over the seeds.",
        note="Precision: of the texts given this class, the share that has it. Recall: of the texts that have this "
        "class, the share given it. F1: their harmonic mean.",
    )


def _classes(row: Row) -> list[dict[str, str]]:
    tests = [run.test for run in row.records if run.test]
    names = list(tests[0].per_class) if tests else []
    return [
        {
            "method": shown_name(row) if place == 0 else "",
            "class": name,
            **{
                key: fraction(mean([test.per_class[name][field] for test in tests]))
                for key, field in (("precision", "precision"), ("recall", "recall"), ("F1", "f1"))
            },
            "texts": whole(tests[0].per_class[name]["support"]),
        }
        for place, name in enumerate(names)
    ]


def sweep_table(sweep: SweepResult) -> Table:
    """List the values a sweep tried with their validation metric."""
    metric = f"{metric_name(sweep.metric)} on validation"
    rows = [
        {
            sweep.name: value,
            metric: fraction(score),
            "choice": "chosen" if value == sweep.chosen else "failed" if score is None else "",
            "trial": sweep.trials[value],
        }
        for value, score in sweep.scores.items()
    ]
    seeds = ", ".join(map(str, sweep.seeds))
    return Table(
        _frame(rows, label=sweep.name),
        caption=f"What was tried for {sweep.method}, and what was chosen.",
        note=" ".join(
            [
                f"Each value was trained once, with seed {seeds}, and the best on validation was taken; the test texts "
                "were not consulted.",
                *(
                    f"The chosen {key} is the last one in its list: a better one may lie beyond."
                    for key in sweep.at_edge
                ),
                *([] if sweep.chosen else ["Nothing has been chosen yet."]),
            ]
        ),
    )


def excluded_table(collection: Collection) -> Table | None:
    """List the records that were left out, and why."""
    if not collection.excluded:
        return None
    rows = [{"run": one.run_id, "reason": one.reason} for one in collection.excluded]
    return Table(_frame(rows, label="run"), caption="Runs that were left out.")
