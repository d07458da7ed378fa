"""The advice: of the methods that are not shown to be worse than the best, the cheapest, with its price.

Baselines compete. Where limits are declared, only methods that stay within all of them in every run are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.report.claims.findings import facing
from bakeoff.report.claims.limits import all_limits, declared_limits, shown_limits, values_of, within
from bakeoff.report.text import slots
from bakeoff.report.text.labels import TIME, TRAINABLE
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.runs.record import Record
from bakeoff.stats.compare import Comparison, Pair, comparable
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.comparability import ROOM, doubt

__all__ = ["advice"]


_PRICE = ("train_minutes", "peak_memory_gb", "artifact_mb", "inference_ms")


def advice(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Say which method to take, which one otherwise, and what the first takes; nothing where no method has learnt."""
    limits = declared_limits(collection.experiment.constraints, collection)
    means = {one.name: comparison.sign * one.mean for one in comparable(comparison)}
    rows = [row for row in collection.rows if row.name in means and within(row, limits)]
    rows = [row for row in rows if row.any.trained or row.any.role != "baseline"]
    if len(rows) == 1 and limits:
        only = sentence("advice.only", a=slots.Name(rows[0].name), limits=shown_limits(limits))
        yield Statement("advice", (only, *_price(rows[0], collection)), tuple(run.run_id for run in rows[0].records))
    if len(rows) < 2:  # noqa: PLR2004
        return
    best = max(rows, key=lambda row: means[row.name])
    pairs = {row.name: facing(comparison, best.name, row.name) for row in rows if row is not best}
    pairs = {name: pair for name, pair in pairs.items() if pair.difference}
    level = [row for row in rows if row.name in pairs and pairs[row.name].relation != "better"]
    if not pairs or any(not row.any.inputs or row.any.kind == "majority" for row in (best, *level)):
        return
    said = [sentence("advice.limits", limits=shown_limits(limits))] if limits else []
    taken, more = _taken(best, level, pairs, collection, comparison)
    said += [*more, *_price(taken, collection)]
    yield Statement("advice", tuple(said), tuple(run.run_id for row in (best, *level) for run in row.records))


def _taken(
    best: Row, level: Sequence[Row], pairs: dict[str, Pair], collection: Collection, comparison: Comparison
) -> tuple[Row, list[Sentence]]:
    """Return the row to take, and why: the cheapest of those that are not shown to be worse."""
    names = {"a": slots.Name(best.name), "metric": slots.Metric(comparison.metric)}
    if not level:
        after = max(pairs.values(), key=lambda pair: -pair.difference.estimate if pair.difference else 0.0)
        return best, [sentence("advice.alone", **names), *_next(after, comparison)]
    costs, key = _costs([best, *level], collection)
    cheapest = min(level, key=lambda row: costs[row.name]) if costs else best
    if not costs or costs[cheapest.name] > ROOM * costs[best.name]:
        others = slots.Names(tuple(row.name for row in level))
        return best, [sentence(f"advice.best.{key}" if costs else "advice.unpriced", names=others, **names)]
    pair = pairs[cheapest.name]
    shown = {"a": slots.Name(cheapest.name), "b": slots.Name(best.name)}
    high = pair.difference.high if pair.difference else 0.0
    known = pair.relation in ("equivalent", "ahead")
    why = sentence(
        "advice.within" if known else "advice.open", metric=slots.Metric(comparison.metric), **shown,
        **{"margin": slots.Gap(comparison.margin)} if known else
        {"loss": slots.Gap(max(high, 0.0)), "confidence": slots.Level(1 - comparison.alpha)},
    )  # fmt: skip
    form = slots.Parameters if key == "parameters" else slots.Duration
    cost = sentence(f"advice.{key}", own=form(costs[cheapest.name]), theirs=form(costs[best.name]), **shown)
    return cheapest, [why, cost]


def _next(pair: Pair, comparison: Comparison) -> Iterator[Sentence]:
    """Say how far the next method is behind."""
    if pair.difference:
        found = pair.difference
        yield sentence(
            "advice.next", b=slots.Name(pair.second), estimate=slots.Gap(found.estimate),
            interval=slots.Interval((found.low, found.high)), confidence=slots.Level(1 - comparison.alpha),
        )  # fmt: skip


def _costs(rows: Sequence[Row], collection: Collection) -> tuple[dict[str, float], str]:
    """Return what each row takes, and what that is: time, with the search if there was one, else parameters.

    Empty where neither is known of all.
    """
    trials = {row.name: tuple(collection.sweeps.get(row.method, ())) for row in rows}
    runs = [run for row in rows for run in (*row.records, *trials[row.name])]
    times = {row.name: mean(row.cost(TIME.field)) for row in rows}
    search = {name: _seconds(found) for name, found in trials.items()}
    if doubt(runs, TIME.field) is None and None not in (*times.values(), *search.values()):
        total = {name: (times[name] or 0.0) + (search[name] or 0.0) for name in times}
        return total, "time.search" if any(trials.values()) else "time"
    trained = {row.name: mean(row.cost(TRAINABLE.field)) for row in rows}
    known = {name: value for name, value in trained.items() if value is not None}
    return (known if len(known) == len(rows) else {}), "parameters"


def _seconds(trials: Sequence[Record]) -> float | None:
    """Return what trials took together, None where one of them did not say."""
    spent = [run.cost.train_s if run.cost else None for run in trials]
    known = [value for value in spent if value is not None]
    return sum(known) if len(known) == len(spent) else None


def _price(row: Row, collection: Collection) -> Iterator[Sentence]:
    """Say what a method takes: labels, and what was measured in its runs."""
    limits = [limit for key, limit in all_limits(collection).items() if key in _PRICE]
    inputs, measured = row.any.inputs, values_of(row, limits)
    trials = tuple(collection.sweeps.get(row.method, ()))
    if trials and (spent := _seconds(trials)) is not None:
        measured = (*measured[:1], slots.Measured("search", spent, spent), *measured[1:])
    if inputs and measured:
        labels = slots.Count(inputs.splits["train"].n, "labelled text")
        yield sentence("advice.price", a=slots.Name(row.name), labels=labels, measured=slots.Measures(measured))
