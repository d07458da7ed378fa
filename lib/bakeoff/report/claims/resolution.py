"""Statements about what the data can show: which gaps, how noisy, what is left open and what would settle it.

Each function is one condition: it reads the comparison and returns the statements that hold.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

from bakeoff.report.claims.findings import Runs, pair_runs
from bakeoff.report.text import slots
from bakeoff.report.text.sentence import Sentence, Statement, sentence
from bakeoff.stats.compare import Comparison, Pair, comparable
from bakeoff.stats.difference import LEAST_SEEDS, POWER, collapse_bound, seed_noise_interval
from bakeoff.stats.sequential import Account
from bakeoff.stats.uncertainty import CONFIDENCE
from bakeoff.study.collect import Collection

__all__ = ["cross_check", "grouped", "looked", "noise", "plans", "resolution", "scope", "unsettled"]


FAR = 20
"""Times the seeds or items at hand beyond which a plan is none: nobody labels or trains that much to settle a pair."""

UNEVEN = 0.8
"""Share of their number that groups have to be worth for their unevenness to need no word."""

CHECKED_FROM = 5
"""Seeds from which a bootstrap over them can check a test: three have ten distinct draws, five have 126."""


def _trained_pairs(comparison: Comparison) -> list[Pair]:
    """Return the tested pairs of two trained methods that depend on their seed."""
    free = {one.name for one in comparison.methods if one.trained and not one.fixed}
    return [pair for pair in comparison.pairs if pair.difference and {pair.first, pair.second} <= free]


def resolution(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Say which gaps between trained methods, or the models at hand, the data could have shown at all."""
    pairs = _trained_pairs(comparison)
    most = max((len(pair.seeds) for pair in pairs), default=0)
    pairs = [pair for pair in pairs if len(pair.seeds) == most]
    found = [pair.difference for pair in pairs if pair.difference]
    if not found:
        return
    gaps = sorted(one.detectable_gap for one in found if one.detectable_gap is not None)
    items, metric = slots.Count(max(one.items for one in found), "test item"), slots.Metric(comparison.metric)
    if gaps:
        said = sentence(
            f"resolution.{'one' if round(gaps[0], 3) == round(gaps[-1], 3) else 'range'}.{pairs[0].scope}",
            items=items, seeds=slots.Count(most, "seed"), power=slots.Share(POWER), metric=metric,
            gap=slots.Range(gaps, slots.Gap),
        )  # fmt: skip
    else:
        units = slots.Count(max(one.units for one in found), "group")
        said = sentence("resolution.none", items=items, units=units, metric=metric)
    names = sorted({name for pair in pairs for name in (pair.first, pair.second)})
    yield Statement("resolution", (said, *(_strictest(pairs) if gaps else ())), pair_runs(runs, *names))


def _strictest(pairs: Sequence[Pair]) -> Iterator[Sentence]:
    """Give the gaps that are found after correction: those of the reference's pairs apart from those of all others.

    Each family of comparisons has its own number of them, and a gap holds for that number alone.
    """
    for comparisons in sorted({pair.comparisons for pair in pairs} - {1}):
        family = [pair.difference for pair in pairs if pair.difference and pair.comparisons == comparisons]
        found = [one.detectable(comparisons=comparisons) for one in family]
        gaps, number = [one for one in found if one is not None], slots.Count(comparisons, "comparison")
        if gaps:
            yield sentence("resolution.strict", comparisons=number, gap=slots.Range(gaps, slots.Gap))
        else:
            yield sentence("resolution.strict.none", comparisons=number)


def scope(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Name pairs with too few seeds to speak of methods, and pairs that rest on different seeds."""
    few = [pair for pair in comparison.pairs if pair.difference and pair.scope == "models"]
    if not few:
        return
    names = sorted({name for pair in few for name in (pair.first, pair.second)})
    short = [one.name for one in comparison.methods if not one.fixed and len(one.seeds) < LEAST_SEEDS]
    if len(few) == sum(pair.difference is not None and bool(pair.seeds) for pair in comparison.pairs):
        said = sentence("scope.all", seeds=slots.Count(max(len(pair.seeds) for pair in few), "seed"))
    elif all({pair.first, pair.second} & set(short) for pair in few):
        said = sentence("scope.methods", names=slots.Names(tuple(short)))
    else:
        said = sentence("scope.pairs", pairs=slots.Pairs(tuple((pair.first, pair.second) for pair in few)))
    yield Statement("scope", (said,), pair_runs(runs, *names))


def looked(account: Account | None, *, alpha: float) -> Iterator[Statement]:
    """Say what the claims of this report are held to, where it is one of several looks."""
    if account is None or (account.level == alpha and not account.dropped):
        return
    held: dict[str, slots.Slot[Any]] = {
        "level": slots.Level(account.level), "alpha": slots.Level(alpha), "worth": slots.Share(account.worth),
        "seeds": slots.Count(account.seeds, "seed"), "most": slots.Count(account.seeds_at_most),
    }  # fmt: skip
    said = []
    if not account.planned:
        said.append(sentence("looks.beyond", **held))
    elif account.designs == 1 and account.level < alpha:
        said.append(sentence("looks.planned", **held))
    if account.designs > 1:
        said.append(sentence("looks.changed", designs=slots.Count(account.designs, "comparison"), **held))
    if account.dropped:
        said.append(sentence("looks.dropped", names=slots.Names(account.dropped)))
    yield Statement("looks", tuple(said), ())


def noise(comparison: Comparison, runs: Runs, *, drawn: tuple[int, int] | None = None) -> Iterator[Statement]:
    """Give seed noise and test-set noise apart from each other.

    drawn: training texts that each seed drew for itself, and from how many; None where all had the same
    """
    seeded = [one for one in comparison.methods if one.trained and one.seed_sd is not None]
    if not seeded:
        return
    between = [one.seed_sd for one in seeded if one.seed_sd is not None]
    items = [one.item_se for one in seeded]
    ranges = {"seed_sd": slots.Range(between, slots.Gap), "item_se": slots.Range(items, slots.Gap)}
    kind = "noise" if drawn is None else "noise.runs"
    said = sentence(kind, metric=slots.Metric(comparison.metric), **ranges)
    seeds = min(len(one.by_seed) for one in seeded)  # of a method with more of them it holds all the more
    low, high = seed_noise_interval(1.0, seeds)
    known = sentence(
        f"{kind}.known", seeds=slots.Count(seeds, "seed"), confidence=slots.Level(CONFIDENCE),
        low=slots.Share(low), high=slots.Share(high),
    )  # fmt: skip
    bound = sentence(
        "noise.collapse", seeds=slots.Count(seeds, "seed"), confidence=slots.Level(CONFIDENCE),
        bound=slots.Share(collapse_bound(seeds)),
    )  # fmt: skip
    yield Statement("noise", (said, known, bound, *_counted(comparison, drawn)),
                    pair_runs(runs, *(one.name for one in seeded)))  # fmt: skip


def _counted(comparison: Comparison, drawn: tuple[int, int] | None) -> Iterator[Sentence]:
    """Say which of seeds, test texts and training texts intervals count."""
    if drawn is not None:
        size, pool = drawn
        yield sentence(
            "noise.drawn", train=slots.Count(size, "training text"), pool=slots.Count(pool),
            share=slots.Share(size / pool),
        )  # fmt: skip
        return
    yield sentence("noise.counted")
    fixed = tuple(one.name for one in comparison.methods if one.trained and one.fixed)
    if fixed:
        yield sentence("noise.fixed", names=slots.Names(fixed))


def unsettled(comparison: Comparison, runs: Runs, *, yardsticks: Container[str] = ()) -> Iterator[Statement]:
    """Say what would settle the open pairs: with the reference, of the best mean, of trained neighbours in mean.

    A method above one of the baselines, `yardsticks`, has a plan told where there is one.
    """
    down = sorted(comparable(comparison), key=lambda one: -comparison.sign * one.mean)
    best = down[0].name if down else None
    ranked = [one for one in down if one.trained and not one.fixed]
    near = {frozenset((one.name, two.name)) for one, two in pairwise(ranked)}
    others = [
        pair
        for pair in comparison.pairs
        if pair.family != "reference"
        and (best in (names := (pair.first, pair.second)) or frozenset(names) in near or _in_reach(pair, yardsticks))
    ]
    for pair in (*comparison.against_reference, *others):
        said = tuple(_needed_sentences(pair, comparison))
        if said:
            yield Statement("unsettled", said, pair_runs(runs, pair.first, pair.second))


def _in_reach(pair: Pair, yardsticks: Container[str]) -> bool:
    """Return whether a plan would settle a method above a baseline; `pair` has the higher mean first."""
    found, more = pair.difference, pair.needed
    if found is None or more is None or pair.second not in yardsticks or pair.first in yardsticks:
        return False
    return bool(_plan(more.seeds, found.seeds) or _plan(more.items, found.items))


def _needed_sentences(pair: Pair, comparison: Comparison) -> Iterator[Sentence]:
    found, more = pair.difference, pair.needed
    if found is None or more is None or (found.seed_variance is None and more.items is None):
        return
    seeds = _plan(more.seeds, found.seeds)
    items = _plan(more.items, found.items)
    which = _which(seeds, items, alone=found.seed_variance is None)
    held: dict[str, slots.Slot[Any]] = {
        "a": slots.Name(pair.first), "b": slots.Name(pair.second), "power": slots.Share(POWER),
        "goal": slots.Goal(_goal(pair, found.estimate, margin=comparison.margin)),
        "comparisons": slots.Count(comparison.corrected_for(pair.family), "comparison"),
        "seeds": slots.Count(found.seeds, "seed"),
        "items": slots.Count(found.items, "test item"),
    }  # fmt: skip
    if seeds:
        held["more_seeds"] = slots.Count(_rounded(seeds), "seed")
    if items:
        held["more_items"] = slots.Count(_rounded(items), "test item")
    yield sentence(f"unsettled.{which}", **held)
    if found.seed_variance is None and pair.scope == "models":
        yield sentence("unsettled.models")


def plans(pair: Pair) -> tuple[int | None, int | None]:
    """Return the seeds and the test texts that would each settle an open pair alone: zero beyond reach, None if none.

    Rounded up to two leading digits.
    """
    found, more = pair.difference, pair.needed
    if found is None or more is None:
        return None, None
    seeds, items = _plan(more.seeds, found.seeds), _plan(more.items, found.items)
    return seeds and _rounded(seeds), items and _rounded(items)


def _plan(more: int | None, now: int) -> int | None:
    """Return a plan, zero for one that is out of reach, None where no number of these alone would do."""
    return 0 if more is not None and more > FAR * now else more


def _which(seeds: int | None, items: int | None, *, alone: bool) -> str:
    """Return the last part of the key; alone: nothing is known of the noise between seeds, items are all there is."""
    if alone:
        return "fixed" if items else "fixed.far"
    if seeds and items:
        return "both"
    if seeds or items:
        other = items if seeds else seeds
        return ("seeds" if seeds else "items") + ("" if other is None else ".far")
    return "neither" if seeds is None and items is None else "far"


def _goal(pair: Pair, estimate: float, *, margin: float) -> str:
    """Return what more data would show: a gap beyond the margin, if it stays, shows who is better and no more."""
    goal = "better" if abs(estimate) > margin else "either"
    return goal if pair.scope == "methods" else f"{goal}.models"


def _rounded(number: int) -> int:
    """Round up to two leading digits: a plan is no more exact than that."""
    step = int(10 ** max(len(str(number)) - 2, 0))
    return -(-number // step) * step


def cross_check(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Name the pairs on which bootstrap and test disagree, where the bootstrap could tell."""
    odd = [pair for pair in comparison.pairs if pair.agrees is False and _could_tell(pair)]
    if odd:
        names = tuple((pair.first, pair.second) for pair in odd)
        said = sentence("cross_check", pairs=slots.Pairs(names))
        yield Statement("cross_check", (said,), pair_runs(runs, *dict.fromkeys(chain.from_iterable(names))))


def _could_tell(pair: Pair) -> bool:
    """Return whether the bootstrap had seeds enough to draw from, or drew none."""
    drawn = pair.difference is not None and pair.difference.procedure == "two-way"
    return not drawn or len(pair.seeds) >= CHECKED_FROM


def grouped(collection: Collection, comparison: Comparison) -> Iterator[Statement]:
    """Return whether texts of one group are counted together, where the split keeps groups together."""
    group = collection.experiment.data.split.group
    records = [record for row in collection.rows for record in row.records if record.inputs]
    test = records[0].inputs.splits["test"] if records and records[0].inputs else None
    if group and test and test.groups and test.groups < test.n and comparison.methods:
        effective = [one.groups for one in comparison.methods if one.groups is not None]
        together = len(effective) == len(comparison.methods)
        said = [
            sentence(
                "groups.together" if together else "groups.apart",
                items=slots.Count(test.n, "test text"), groups=slots.Count(test.groups), group=slots.Quote(group),
            )
        ]  # fmt: skip
        if together and min(effective) <= UNEVEN * test.groups:
            worth = slots.Count(round(min(effective)))
            said.append(sentence("groups.uneven", groups=worth, metric=slots.Metric(comparison.metric)))
        yield Statement("groups", tuple(said), tuple(record.run_id for record in records))
