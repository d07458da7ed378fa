"""Statements about trainings: collapse, loss still falling, settings at an edge, unequal stability."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.report.claims.findings import Runs
from bakeoff.report.text import slots
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.runs.record import Record
from bakeoff.runs.rungs import score_of
from bakeoff.stats.compare import Comparison
from bakeoff.stats.difference import LEAST_SEEDS
from bakeoff.stats.uncertainty import CONFIDENCE
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.diagnostics import OneClass, one_class, rise

__all__ = ["FOUND_FROM", "collapsed", "rising", "unconverged", "unfound", "unstable"]


def collapsed(collection: Collection) -> Iterator[Statement]:
    """Warn of trained models that gave (nearly) every text one class: runs by seed, and trials of sweeps."""
    for row in collection.rows:
        if row.records and row.any.trained and row.any.kind != "majority":
            found = [(run, one) for run in row.records if (one := one_class(run)) is not None]
            if found:
                said = _said(row, found, metric=collection.experiment.compare.metric)
                yield Statement("warning", tuple(said), tuple(run.run_id for run, _ in found))
    for method, trials in collection.sweeps.items():
        ended = [run for run in trials if run.status == "ok" and one_class(run)]
        if ended:
            yield _trials(method, ended, collection)


def _said(row: Row, found: Sequence[tuple[Record, OneClass]], *, metric: str) -> Iterator[Sentence]:
    """Put runs of which the same can be said into one sentence: first those on test, then those wholly of one class."""
    groups: dict[tuple[str, bool, str], list[tuple[Record, OneClass]]] = {}
    for run, one in found:
        key = ".".join(("collapsed", *one.kind))
        groups.setdefault((one.split, one.given < one.total, key), []).append((run, one))
    for (split, _, key), mine in sorted(groups.items(), key=lambda group: group[0]):
        given, ranked = [one.given for _, one in mine], [one.auroc for _, one in mine if one.auroc is not None]
        yield sentence(
            key, a=slots.Name(row.name), split=slots.Split(split), metric=slots.Metric(metric),
            classes=slots.Names(tuple(dict.fromkeys(one.name for _, one in mine))),
            given=slots.Range(given, slots.Count), all=slots.Count(mine[0][1].total),
            where=_where(row, [run for run, _ in mine]),
            **({"auroc": slots.Range(ranked, slots.Fraction)} if ranked else {}),
        )  # fmt: skip


def _where(row: Row, runs: Sequence[Record]) -> slots.Where:
    """Name the runs by their seeds; a method that no seed changes has one run, and nothing to tell apart."""
    return slots.Where(None if row.any.deterministic else tuple(run.seed for run in runs), len(row.records))


def _trials(method: str, runs: Sequence[Record], collection: Collection) -> Statement:
    metric = collection.experiment.compare.metric
    keys = collection.experiment.methods[method].sweep
    tried = [(", ".join(f"{key}={run.params[key]}" for key in keys), score_of(run, metric)) for run in runs]
    said = sentence(
        "collapsed.trials", a=slots.Name(method), metric=slots.Metric(metric), tried=slots.Trials(tuple(tried)),
        total=slots.Count(len(collection.sweeps[method]), "trial"),
    )  # fmt: skip
    return Statement("warning", (said,), tuple(run.run_id for run in runs))


def rising(collection: Collection) -> Iterator[Statement]:
    """Name each trained method whose declared metric on validation rose in its last epoch."""
    metric = collection.experiment.compare.metric
    for row in collection.rows:
        last = rise(row, metric)
        if last is None or not last.goes_on:
            continue
        said = sentence(
            "rising", a=slots.Name(row.name), metric=slots.Metric(metric), before=slots.Fraction(last.before),
            after=slots.Fraction(last.after), seeds=slots.Count(last.seeds, "seed"), confidence=slots.Level(CONFIDENCE),
            interval=slots.Interval((last.gain - last.reach, last.gain + last.reach)),
        )  # fmt: skip
        yield Statement("training", (said,), tuple(run.run_id for run in row.records))


def unconverged(collection: Collection) -> Iterator[Statement]:
    """Name each method whose own optimizer ended before its optimum, and settled values at an end of what was tried."""
    for row in collection.rows:
        known = [(run, run.training) for run in row.records if run.training]
        stopped = [run for run, training in known if training.converged is False]
        if stopped:
            said = sentence("unconverged", a=slots.Name(row.name), where=_where(row, stopped))
            yield Statement("training", (said,), tuple(run.run_id for run in stopped))
        edged = [(run, {name: training.settled[name] for name in training.at_edge}) for run, training in known]
        for chosen in {str(values): values for _, values in edged if values}.values():
            runs = [run for run, values in edged if values == chosen]
            said = sentence(
                "chosen.edge", a=slots.Name(row.name), chosen=slots.Settings(chosen), where=_where(row, runs)
            )
            yield Statement("training", (said,), tuple(run.run_id for run in runs))


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
            said = sentence(
                "unfound", a=slots.Name(row.name), classes=slots.Names(tuple(missed)),
                recall=slots.Range([*missed.values()], slots.Fraction),
                seeds=slots.Seeds(tuple(run.seed for run in runs)),
            )  # fmt: skip
            yield Statement("warning", (said,), tuple(run.run_id for run in runs))


UNSTABLE_LEVEL = 0.05


def unstable(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Warn of a method that varies far more between seeds than the others do.

    One-sided F test of its seed variance against the mean of the others', Bonferroni over methods (Searle, Casella
    and McCulloch 1992, ch. 4). Its pairs carry its own seed noise, known from few seeds.
    """
    from scipy.special import fdtrc

    seeded = [one for one in comparison.methods if one.trained and len(one.by_seed) >= LEAST_SEEDS and one.seed_sd]
    for one in seeded:
        others = [other for other in seeded if other is not one]
        if not others or one.seed_sd is None:
            continue
        rest = sum((other.seed_sd or 0.0) ** 2 for other in others) / len(others)
        df = sum(len(other.by_seed) - 1 for other in others)
        if fdtrc(len(one.by_seed) - 1, df, one.seed_sd**2 / rest) < UNSTABLE_LEVEL / len(seeded):
            said = sentence(
                "unstable", a=slots.Name(one.name), own=slots.Gap(one.seed_sd), others=slots.Gap(rest**0.5),
                seeds=slots.Count(len(one.by_seed), "seed"), metric=slots.Metric(comparison.metric),
            )  # fmt: skip
            yield Statement("warning", (said,), runs[one.name])
