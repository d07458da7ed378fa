"""The answer's sentences: who scored highest, which method to take at which price, and what could not be seen.

The method to take is the cheapest of those that are not shown to be worse than any.
Baselines compete. Where limits are declared, only methods that stay within all of them in every run are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from bakeoff.report.claims.findings import Runs, facing, pair_runs
from bakeoff.report.claims.limits import all_limits, declared_limits, shown_limits, values_of, within
from bakeoff.report.text import slots
from bakeoff.report.text.labels import TIME, TRAINABLE
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.stats.compare import Comparison, MethodSummary, Pair, comparable
from bakeoff.stats.difference import POWER
from bakeoff.study.collect import Collection, Row, mean
from bakeoff.study.comparability import ROOM, doubt
from bakeoff.study.sweeps import search_seconds

Held = dict[str, slots.Slot[Any]]

__all__ = ["advice", "lead", "sight", "unbeaten"]


ALIKE = 1.1
"""Times the smallest gap up to which all of them are told by the middle one."""
SINGLE = 0.5
"""Of a cost, what another has to take to count as less where one of the two was measured in a single run."""
_PRICE = ("train_minutes", "peak_memory_gb", "artifact_mb", "inference_ms")


def advice(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Say which method to take, which one otherwise, and what the first takes; nothing where no method has learnt."""
    limits = declared_limits(collection.experiment.constraints, collection)
    means = {one.name: comparison.sign * one.mean for one in comparable(comparison)}
    rows = [row for row in collection.rows if row.name in means and within(row, limits)]
    rows = [row for row in rows if row.any.trained or row.any.role != "baseline"]
    if len(rows) == 1 and limits:
        key = "advice.only.constant" if rows[0].any.kind == "majority" else "advice.only"
        only = sentence(key, a=slots.Name(rows[0].name), limits=shown_limits(limits))
        yield Statement("advice", (only, *_price(rows[0], collection)), tuple(run.run_id for run in rows[0].records))
    if limits and means and not any(within(row, limits) for row in collection.rows if row.records):
        yield Statement("advice", (sentence("advice.none", limits=shown_limits(limits)),), ())
    if len(rows) < 2:  # noqa: PLR2004
        return
    best = max(rows, key=lambda row: means[row.name])
    pairs = {row.name: facing(comparison, best.name, row.name) for row in rows if row is not best}
    pairs = {name: pair for name, pair in pairs.items() if pair.difference}
    if not pairs or best.any.kind == "majority":
        return
    unbeaten = comparison.unbeaten([best.name, *pairs])
    level = [row for row in rows if row is not best and row.name in unbeaten]
    said = [sentence("advice.limits", limits=shown_limits(limits))] if limits else []
    above = [one.name for one in _ranked(comparison) if means[one.name] > means[best.name]]
    if above and not limits:
        said.append(sentence("advice.trained", names=slots.Names(tuple(above))))
    taken, more = _taken(best, level, pairs, collection, comparison)
    same = tuple(row.name for row in level if math.isclose(means[row.name], means[best.name], rel_tol=1e-12))
    if same:
        held: Held = {"names": slots.Names(same), "a": slots.Name(best.name), "metric": slots.Metric(comparison.metric)}
        more.append(sentence("advice.same", **held))
    said += [*more, *_price(taken, collection)]
    yield Statement("advice", tuple(said), tuple(run.run_id for row in (best, *level) for run in row.records))


def _taken(
    best: Row, level: Sequence[Row], pairs: dict[str, Pair], collection: Collection, comparison: Comparison
) -> tuple[Row, list[Sentence]]:
    """Return the row to take, and why: the cheapest of those that are not shown to be worse than any."""
    names = {"a": slots.Name(best.name), "metric": slots.Metric(comparison.metric)}
    constant = [row.name for row in level if row.any.kind == "majority"]
    if constant:
        return best, [sentence("advice.unlearnt", b=slots.Name(constant[0]), **names)]
    if not level:
        after = max(pairs.values(), key=lambda pair: -pair.difference.estimate if pair.difference else 0.0)
        every = all(pair.relation == "better" for pair in pairs.values())
        models = any(pair.scope == "models" for pair in pairs.values())
        key = "advice.models" if models else "advice.alone" if every else "advice.left"
        return best, [sentence(key, **names), *_next(after, comparison)]
    costs, key = _costs([best, *level], collection)
    less = [row for row in level if costs and costs[row.name] <= _room(row, best, key) * costs[best.name]]
    cheapest = min(less, key=lambda row: costs[row.name], default=best)
    if cheapest is best:
        some = len(level) <= _NAMED
        others = slots.Names(tuple(row.name for row in level)) if some else slots.Count(len(level), "other method")
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


def _room(row: Row, best: Row, key: str) -> float:
    """Return the share of the best one's cost that counts as less: a time of a single run says little."""
    return SINGLE if key != "parameters" and min(len(row.records), len(best.records)) == 1 else ROOM


def _next(pair: Pair, comparison: Comparison) -> Iterator[Sentence]:
    """Say how far the next method is behind."""
    if pair.difference:
        found = pair.difference  # how far behind it is has no sign, whichever way is better
        low, high = sorted(comparison.sign * end for end in (found.low, found.high))
        yield sentence(
            "advice.next", b=slots.Name(pair.second), estimate=slots.Gap(found.estimate),
            interval=slots.Interval((low, high)),
            confidence=slots.Level(1 - comparison.alpha),
        )  # fmt: skip


def _costs(rows: Sequence[Row], collection: Collection) -> tuple[dict[str, float], str]:
    """Return what each row takes, and what that is: time, with the search if there was one, else parameters.

    Empty where neither is known of all.
    """
    trials = {row.name: tuple(collection.sweeps.get(row.method, ())) for row in rows}
    runs = [run for row in rows for run in (*row.records, *trials[row.name])]
    times = {row.name: mean(row.cost(TIME.field)) for row in rows}
    search = {row.name: search_seconds(collection, row) for row in rows}
    if doubt(runs, TIME.field) is None and None not in (*times.values(), *search.values()):
        total = {name: (times[name] or 0.0) + (search[name] or 0.0) for name in times}
        return total, "time.search" if any(trials.values()) else "time"
    trained = {row.name: mean(row.cost(TRAINABLE.field)) for row in rows}
    known = {name: value for name, value in trained.items() if value is not None}
    return (known if len(known) == len(rows) else {}), "parameters"


def _price(row: Row, collection: Collection) -> Iterator[Sentence]:
    """Say what a method takes: labels, and what was measured in its runs."""
    limits = [limit for key, limit in all_limits(collection).items() if key in _PRICE]
    inputs, measured = row.any.inputs, values_of(row, limits)
    trials = tuple(collection.sweeps.get(row.method, ()))
    if trials and (spent := search_seconds(collection, row)) is not None:
        measured = (*measured[:1], slots.Measured("search", spent, spent), *measured[1:])
    if inputs and measured:
        labels = slots.Count(inputs.splits["train"].n, "labelled text")
        yield sentence("advice.price", a=slots.Name(row.name), labels=labels, measured=slots.Measures(measured))


# the lead -----------------------------------------------------------------------------------------------------------


_NAMED = 3
"""Methods that the first sentence names; of more it gives the number, and the table has their names."""


def _ranked(comparison: Comparison) -> list[MethodSummary]:
    """Return what can be compared, the best mean first."""
    return sorted(comparable(comparison), key=lambda one: -comparison.sign * one.mean)


def unbeaten(comparison: Comparison) -> tuple[str, ...]:
    """Return the best mean and what is not shown to be worse than any method by more than the margin, best first."""
    ranked = [one.name for one in _ranked(comparison)]
    tested = [name for name in ranked[1:] if facing(comparison, ranked[0], name).difference]
    return (*ranked[:1], *(name for name in comparison.unbeaten([*ranked[:1], *tested]) if name in tested))


def lead(comparison: Comparison, runs: Runs, *, complete: bool) -> Iterator[Statement]:
    """Say in one sentence which mean is the highest and what is level with it.

    complete: every declared method has a result; "every other" would say too much where one is missing
    """
    ranked = _ranked(comparison)
    if not ranked:
        return
    best, level = ranked[0], unbeaten(comparison)[1:]
    tied = [one.name for one in ranked[1:] if math.isclose(one.mean, best.mean, rel_tol=1e-12)]
    pairs = [facing(comparison, best.name, one.name) for one in ranked[1:]]
    held: Held = {"best": slots.Name(best.name), "mean": slots.Score(best.mean)}
    if tied:
        names = slots.Names((best.name, *tied))
        said = sentence("lead.shared", names=names, mean=slots.Score(best.mean))
    elif level:
        said = _beside(best.name, level, comparison, held)
    elif pairs and complete and len(ranked) == len(comparison.methods) and all(pair.difference for pair in pairs):
        said = sentence(f"lead.{_every(pairs)}", **held)
    else:
        said = sentence("lead.best", **held)
    yield Statement("lead", (said,), pair_runs(runs, *(one.name for one in ranked)))


def _every(pairs: Sequence[Pair]) -> str:
    if any(pair.relation != "better" for pair in pairs):
        return "left"
    return "every.models" if any(pair.scope == "models" for pair in pairs) else "every.methods"


def _beside(best: str, level: tuple[str, ...], comparison: Comparison, held: Held) -> Sentence:
    relations = {facing(comparison, best, name).relation for name in level}
    kind = "open" if relations == {"not_settled"} else "near"
    margin: Held = {} if kind == "open" else {"margin": slots.Gap(comparison.margin)}
    if len(level) <= _NAMED:
        return sentence(f"lead.{kind}.names", names=slots.Names(level), **held, **margin)
    return sentence(f"lead.{kind}.count", number=slots.Count(len(level), "other method"), **held, **margin)


def sight(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Say which gap to the reference this experiment could have missed, at the strictest step of Holm's correction.

    Of the reference's pairs of trained methods, the smallest and the largest where they are not about the same.
    """
    free = {one.name for one in comparison.methods if one.trained and not one.fixed}
    pairs = [pair for pair in comparison.against_reference if pair.difference and {pair.first, pair.second} <= free]
    gaps = [gap for pair in pairs if (gap := _detectable(pair)) is not None]
    if not gaps or comparison.reference is None:
        return
    held: Held = {
        "reference": slots.Name(comparison.reference),
        "gap": slots.Gap(median(gaps)),
        "gaps": slots.Range(gaps, slots.Gap),
        "margin": slots.Gap(comparison.margin),
        "power": slots.Share(POWER),
    }
    one = "sight.wide" if median(gaps) > comparison.margin else "sight.fine"
    said = sentence("sight.range" if max(gaps) > ALIKE * min(gaps) else one, **held)
    yield Statement("sight", (said,), pair_runs(runs, *sorted({name for pair in pairs for name in _both(pair)})))


def _both(pair: Pair) -> tuple[str, str]:
    return pair.first, pair.second


def _detectable(pair: Pair) -> float | None:
    return pair.difference.detectable(comparisons=pair.comparisons) if pair.difference else None
