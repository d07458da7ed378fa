"""Statements about what the data can show: which gaps, how noisy, what is left open and what would settle it.

Each function is one condition: it reads the comparison and returns the statements that hold. `conclusions` calls
them in the order in which they are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from bakeoff.reporting.findings import Runs, comparable, pair_runs
from bakeoff.reporting.sentences import Form, Sentence, Slot, Statement, count, sentence
from bakeoff.reporting.statistics import LEAST_SEEDS, POWER
from bakeoff.reporting.verdicts import Comparison, Pair

__all__ = ["cross_check", "noise", "resolution", "scope", "unsettled"]


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
    low, high = min(one.detectable_gap for one in found), max(one.detectable_gap for one in found)
    said = sentence(
        f"resolution.{'one' if round(low, 3) == round(high, 3) else 'range'}.{pairs[0].scope}",
        items=count(max(one.items for one in found), "test item"), seeds=count(most, "seed"), power=("share", POWER),
        metric=("metric", comparison.metric), gap=("range", (("gap", low), ("gap", high))),
    )  # fmt: skip
    names = sorted({name for pair in pairs for name in (pair.first, pair.second)})
    yield Statement("resolution", (said,), pair_runs(runs, *names))


def scope(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Say so where seeds are too few to speak of methods, and where pairs rest on different seeds."""
    few = [pair for pair in comparison.pairs if pair.difference and pair.scope == "models"]
    if not few:
        return
    names = sorted({name for pair in few for name in (pair.first, pair.second)})
    short = [one.name for one in comparison.methods if not one.fixed and len(one.seeds) < LEAST_SEEDS]
    if len(few) == sum(pair.difference is not None and bool(pair.seeds) for pair in comparison.pairs):
        said = sentence("scope.all", seeds=count(max(len(pair.seeds) for pair in few), "seed"))
    elif all({pair.first, pair.second} & set(short) for pair in few):
        said = sentence("scope.methods", names=("names", tuple(short)))
    else:
        said = sentence("scope.pairs", pairs=("pairs", tuple((pair.first, pair.second) for pair in few)))
    yield Statement("scope", (said,), pair_runs(runs, *names))


def noise(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Give seed noise and test-set noise apart from each other."""
    seeded = [one for one in comparison.methods if one.trained and one.seed_sd is not None]
    if not seeded:
        return
    between = sorted(one.seed_sd for one in seeded if one.seed_sd is not None)
    items = sorted(one.item_se for one in seeded)
    said = sentence(
        "noise",
        metric=("metric", comparison.metric),
        seed_sd=("range", (("gap", between[0]), ("gap", between[-1]))),
        item_se=("range", (("gap", items[0]), ("gap", items[-1]))),
    )
    yield Statement("noise", (said,), pair_runs(runs, *(one.name for one in seeded)))


def unsettled(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Say what would settle the open pairs: those with the reference, and those of the highest mean."""
    group = comparable(comparison)
    best = max(group, key=lambda one: one.mean).name if group else None
    others = [pair for pair in comparison.pairs if pair.family != "reference" and best in (pair.first, pair.second)]
    for pair in (*comparison.against_reference, *others):
        for said in _needed_sentence(pair, comparison):
            yield Statement("unsettled", (said,), pair_runs(runs, pair.first, pair.second))


def _needed_sentence(pair: Pair, comparison: Comparison) -> Iterator[Sentence]:
    found, more = pair.difference, pair.needed
    if found is None or more is None or (found.seed_variance is None and more.items is None):
        return
    slots: dict[str, tuple[Form, object] | Slot] = {
        "a": ("name", pair.first), "b": ("name", pair.second), "power": ("share", POWER),
        "comparisons": count(comparison.corrected_for(pair.family), "comparison"),
    }  # fmt: skip
    if more.seeds is not None:
        slots |= {"more_seeds": count(_rounded(more.seeds), "seed"), "seeds": count(found.seeds)}
    if more.items is not None:
        slots |= {"more_items": count(_rounded(more.items), "test item"), "items": count(found.items)}
    which = "both" if more.seeds and more.items else "seeds" if more.seeds else "items" if more.items else "neither"
    if found.seed_variance is None:
        which = "fixed" if pair.scope == "methods" else "trained"
    yield sentence(f"unsettled.{which}", **slots)


def _rounded(number: int) -> int:
    """Round up to two leading digits: a plan is no more exact than that."""
    step = int(10 ** max(len(str(number)) - 2, 0))
    return -(-number // step) * step


def cross_check(comparison: Comparison, runs: Runs) -> Iterator[Statement]:
    """Name the pairs on which bootstrap and test disagree."""
    odd = [pair for pair in comparison.pairs if pair.agrees is False]
    if odd:
        names = tuple((pair.first, pair.second) for pair in odd)
        said = sentence("cross_check", pairs=("pairs", names))
        yield Statement("cross_check", (said,), pair_runs(runs, *dict.fromkeys(chain.from_iterable(names))))
