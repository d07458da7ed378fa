"""The tables behind the summary: every run, every class, every value a sweep tried, every failure.

Each function takes a collection and returns a display `Table`, or None where there is nothing to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bakeoff.metrics.classification import metric_named
from bakeoff.report.pages.links import RUNS, anchor_of, named_runs
from bakeoff.report.pages.table import Anchors, Table
from bakeoff.report.tables.notes import apart_note
from bakeoff.report.text.labels import TIME, Quantity, headline, memory, metric_name, shown_name
from bakeoff.report.text.language import msg, numeral, spoken, tr
from bakeoff.report.text.measure import measuring
from bakeoff.report.text.numbers import (
    Number,
    duration,
    extended,
    fraction,
    interval,
    level,
    p_value,
    points,
    size,
    whole,
)
from bakeoff.runs.record import Record
from bakeoff.study.beside import Facing
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.diagnostics import OUTCOMES, outcome
from bakeoff.study.frames import QUALITIES
from bakeoff.study.sweeps import SweepResult

__all__ = [
    "better",
    "classes_table",
    "excluded_table",
    "facts_table",
    "failures_table",
    "quality_table",
    "runs_table",
    "sweep_table",
]


Cell = str | int | None


def facts_table(facts: Mapping[str, str], *, caption: str, note: str | None = None, name: str = "") -> Table:
    """Return a table of names and texts."""
    return Table({tr("value"): facts.values()}, labels=(name, list(facts)), caption=caption, note=note)


def _columns(rows: Sequence[Mapping[str, Cell]]) -> dict[str, list[Cell]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def failures_table(collection: Collection) -> Table | None:
    """List the runs that ended without a result, and why."""
    failed = [(row, run) for row in (*collection.rows, *collection.additional) for run in row.failures]
    trials = [run for runs in collection.sweeps.values() for run in runs if run.status != "ok"]
    if not (failed or trials):
        return None
    rows = [_failure(run) for run in (*(run for _, run in failed), *trials)]
    names = [shown_name(row) for row, _ in failed]
    names += [tr("{name} (trial of its sweep)", name=run.method) for run in trials]
    return Table(
        _columns(rows),
        labels=(tr("method"), names),
        caption=tr("Runs without a result."),
        note=tr(_FAILED),
        anchors=Anchors(rows=[anchor_of(run.run_id) for run in (*(run for _, run in failed), *trials)]),
    )


_FAILED = msg("What a method's other seeds gave stands in the tables; a failed run counts neither for nor against it.")


def _failure(run: Record) -> dict[str, Cell]:
    error = run.error
    return {
        tr("seed"): run.seed,
        tr("what happened"): tr(OUTCOMES[outcome(run)]),
        tr("reason"): f"{error.type}: {error.message}" if error else None,
        tr("step"): error.where if error else None,
        tr("run"): run.run_id,
    }


def runs_table(collection: Collection) -> Table | None:
    """List every finished run with its own values: the comparison's, the trials of sweeps, those added by hand."""
    peak = memory(collection)
    named = [(name, run) for name, run in named_runs(collection) if run.status == "ok"]
    if not named:
        return None
    metric = collection.experiment.compare.metric
    rows, runs = [_run(name, run, peak, metric=metric) for name, run in named], [run for _, run in named]
    resumed = [run.run_id for run in runs if run.training and run.training.resumed_from_epoch]
    cut_off = [tr("Cut off and resumed: {runs}.", runs=", ".join(resumed))] if resumed else []
    return Table(
        _columns(rows),
        caption=tr("Every run: those of the comparison, then the trials of sweeps and runs added by hand."),
        note=" ".join([*_time_notes(collection, runs), *cut_off]) or None,
        anchors=Anchors(RUNS, [anchor_of(run.run_id) for run in runs]),
    )


def _run(name: str, run: Record, peak: Quantity, *, metric: str) -> dict[str, Cell]:
    """Return a run's row; on validation, the metric that choices were made by."""
    cost, splits = run.cost, {"validation": run.validation, "test": run.test}
    per_text = cost.inference_ms_per_item if cost else None
    metrics = {
        _on(spoken, split): fraction(quality.metrics.get(name)) if quality else None
        for name, spoken in headline(metric).items()
        for split, quality in splits.items()
        if split == "test" or name == metric
    }
    return {
        tr("method"): name,
        tr("seed"): tr("any") if run.deterministic else run.seed,
        **metrics,
        TIME.name: duration(cost.train_s if cost else None),
        peak.name: size(getattr(cost, peak.field) if cost else None),
        tr("prediction, ms a text"): Number(numeral(f"{per_text:.2f}"), per_text) if per_text else None,
        tr("run"): run.run_id,
    }


def _time_notes(collection: Collection, runs: Sequence[Record]) -> list[str]:
    """Say what the time to predict a text counts, and where times must not be compared."""
    predicted = any(run.cost and run.cost.inference_ms_per_item for run in runs)
    counted = tr("Prediction: from the test texts to their scores, with every method tokenising included.")
    return [*([counted] if predicted else []), *apart_note(collection.rows, TIME.field, "inference_ms_per_item")]


def _on(metric: str, split: str) -> str:
    text = msg("{metric} on validation") if split == "validation" else msg("{metric} on test")
    return tr(text, metric=metric)


def quality_table(collection: Collection) -> Table | None:
    """List every metric of every method on test, means over the seeds, each with the direction that is better."""
    rows = [row for row in collection.rows if any(run.test for run in row.records)]
    experiment = collection.experiment
    shown = dict.fromkeys((*QUALITIES, *experiment.unrecorded, experiment.compare.metric))
    known = [name for name in shown if any(row.quality(name) for row in rows)]
    if not known:
        return None
    data = {
        f"{metric_name(name)} ({better(name)})": [fraction(mean(row.quality(name))) for row in rows] for name in known
    }
    return Table(
        data,
        labels=(tr("method"), [shown_name(row) for row in rows]),
        caption=tr(
            "Every metric on the test texts, means over the seeds; in brackets, whether higher or lower is better."
        ),
        note=" ".join(tr(metric_named(name).explanation) for name in known if metric_named(name).explanation),
    )


def better(metric: str) -> str:
    """Return whether higher or lower values of a metric are better, in a word."""
    return tr("higher") if metric_named(metric).higher_is_better else tr("lower")


def classes_table(collection: Collection, recalls: Sequence[Facing] = ()) -> Table | None:
    """List precision, recall and F1 of each class on test, from the texts of all seeds together.

    recalls: the recall of each class of a method against the reference's, as far as it was tested
    """
    known = {(one.name, one.what): one for one in recalls}
    rows = [entry for row in collection.rows for entry in _classes(row, known)]
    if not rows:
        return None
    return Table(
        _columns(rows),
        caption=tr("Each class on test, counted over all seeds together."),
        note=" ".join([tr(_EACH), *([_against(recalls[0])] if recalls else [])]),
    )


_EACH = msg(
    "Precision: of the texts given this class, the share that has it; a dash where none was given it. Recall: of the "
    "texts that have this class, the share given it. F1: their harmonic mean."
)
_AGAINST = msg(
    "Recall against {reference}: the difference, with an interval of {level} for all {number} at once (Bonferroni). "
    "Only trained methods that are no baselines. p: of the test against no difference, corrected for as many."
)


def _against(one: Facing) -> str:
    held = {"level": level(1 - one.alpha), "number": whole(one.comparisons)}
    return tr(_AGAINST, reference=one.tested.second, **held)


def _classes(row: Row, known: Mapping[tuple[str, str], Facing]) -> list[dict[str, Cell]]:
    tests = [run.test for run in row.records if run.test]
    names = list(tests[0].per_class) if tests else []
    pooled = sum(np.asarray(test.confusion) for test in tests)
    return [
        {
            tr("method"): shown_name(row) if place == 0 else "",
            tr("class"): name,
            **_told(pooled, place),
            **(_facing(known.get((row.name, name)), known) if known else {}),
            tr("texts"): whole(tests[0].per_class[name]["support"]),
        }
        for place, name in enumerate(names)
    ]


def _facing(one: Facing | None, known: Mapping[tuple[str, str], Facing]) -> dict[str, Cell]:
    """Return the difference in recall to the reference with its interval, and p; dashes where none was tested."""
    reference = next(iter(known.values())).tested.second
    shown = None
    if one:
        with measuring("accuracy"):
            first = points(one.difference.estimate)
            shown = extended(first, f"{first}\n{interval(*one.at_once)}")
    return {tr("recall against {reference}", reference=reference): shown, "p": p_value(one.p) if one else None}


def _told(confusion: Any, place: int) -> dict[str, str]:
    """Return precision, recall and F1 of a class from confusion[gold][predicted]; what divides by zero is a dash."""
    right, given, held = confusion[place, place], confusion[:, place].sum(), confusion[place].sum()
    shares = {tr("precision"): (right, given), tr("recall"): (right, held), "F1": (2 * right, given + held)}
    return {name: fraction(float(part / of) if of else None) for name, (part, of) in shares.items()}


def sweep_table(sweep: SweepResult) -> Table:
    """List the values a sweep tried with their validation metric."""
    metric = _on(metric_name(sweep.metric), "validation")
    scores = sweep.scores
    return Table(
        {
            metric: [fraction(score) for score in scores.values()],
            tr("choice"): [_choice(sweep, value, score) for value, score in scores.items()],
            tr("trial"): [sweep.trials[value] for value in scores],
        },
        labels=(sweep.name, list(scores)),
        caption=tr("What was tried for {method}, and what was chosen.", method=sweep.method),
        note=" ".join(_sweep_notes(sweep)),
    )


def _choice(sweep: SweepResult, value: str, score: float | None) -> str:
    if value in sweep.stopped:
        done, epochs = map(whole, sweep.stopped[value])
        return tr("stopped after {done} of {epochs} epochs", done=done, epochs=epochs)
    return tr("chosen") if value == sweep.chosen else tr("failed") if score is None else ""


def _sweep_notes(sweep: SweepResult) -> Iterator[str]:
    if sweep.stopped:
        yield tr("Halving: what was stopped early has the score that it had then, and was not to be chosen.")
    yield tr(
        "Each value was trained once, with seed {seeds}, and the best on validation was taken; the test texts were not "
        "consulted.",
        seeds=", ".join(map(str, sweep.seeds)),
    )
    for key in sweep.at_edge:
        yield tr("The chosen {key} lies at the end of what was tried: a better one may lie beyond.", key=key)
    for key in sweep.of_two:
        yield tr("Of {key}, only two values were tried.", key=key)
    if not sweep.chosen:
        yield tr("Nothing has been chosen yet.")


def excluded_table(collection: Collection) -> Table | None:
    """List the records that were left out, and why."""
    if not collection.excluded:
        return None
    excluded = collection.excluded
    return Table(
        {tr("reason"): [spoken(one.reason) for one in excluded]},
        labels=(tr("run"), [one.run_id for one in excluded]),
        caption=tr("Runs that were left out."),
    )
