"""How often the shipped procedure is wrong: `python tests/simulations/simulate.py` writes RESULTS.md beside it.

Methods are made up whose true accuracies are known (`worlds`); `bakeoff.stats.compare.compare` judges them,
thousands of times.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))

from worlds import ACCURACY, ALIKE, METHODS, RECALL, World, draw

from bakeoff.stats.compare import Comparison, Verdict, compare

ALPHA = 0.05
MARGIN = 0.01


def judged(world: World, *, repeats: int, rng: np.random.Generator, resamples: int = 0) -> Iterator[Comparison]:
    """Judge `repeats` experiments of one world."""
    for _ in range(repeats):
        yield compare(
            draw(world, rng), metric=world.metric, reference="m0", alpha=ALPHA, margin=MARGIN, seed=0,
            resamples=resamples, plans=False,
        )  # fmt: skip


@dataclass(frozen=True)
class Rates:
    """Shares of experiments, or of pairs where it says so.

    false_better: any pair of truly equal methods BETTER, in one of both families; false_others, false_reference: in one
    coverage: of 95 % intervals, by pair; width: mean half-width; agreement: of the bootstrap, by pair
    """

    false_better: float
    false_others: float
    false_reference: float
    coverage: float
    width: float
    agreement: float | None = None


SEED_SDS = (0.0, 0.005, 0.01, 0.02)
SIZES = (500, 2000)
BETTER = (Verdict.BETTER, Verdict.BETTER_NEGLIGIBLE)
SAME = (Verdict.EQUIVALENT, Verdict.BETTER_NEGLIGIBLE)


def equal_methods(world: World, *, repeats: int, rng: np.random.Generator, resamples: int = 0) -> Rates:
    """Measure error rates where all methods are equal."""
    in_others, in_reference, covered, widths, agreed = [], [], [], [], []
    for comparison in judged(world, repeats=repeats, rng=rng, resamples=resamples):
        families = {pair.family for pair in comparison.pairs if pair.verdict in BETTER}
        in_others.append("all pairs" in families)
        in_reference.append("reference" in families)
        found = [pair.difference for pair in comparison.pairs if pair.difference]
        covered += [one.low <= 0 <= one.high for one in found]
        widths += [one.half_width for one in found]
        agreed += [pair.agrees for pair in comparison.pairs if pair.agrees is not None]
    return Rates(
        false_better=float(np.mean(np.logical_or(in_others, in_reference))), false_others=float(np.mean(in_others)),
        false_reference=float(np.mean(in_reference)), coverage=float(np.mean(covered)), width=float(np.mean(widths)),
        agreement=float(np.mean(agreed)) if agreed else None,
    )  # fmt: skip


def found_gap(world: World, *, repeats: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Return how often the last method's gap is found: uncorrected, to the reference, to another method."""
    last = f"m{METHODS - 1}"
    raw, reference, another = [], [], []
    for comparison in judged(world, repeats=repeats, rng=rng):
        pair = next(pair for pair in comparison.against_reference if pair.first == last)
        raw.append(pair.difference is not None and pair.difference.p < ALPHA)
        reference.append(pair.better == "m0")
        another.append(comparison.pair(last, "m1").better == "m1")
    return float(np.mean(raw)), float(np.mean(reference)), float(np.mean(another))


def false_equivalence(world: World, *, repeats: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return how often a method truly `MARGIN` off is called equivalent: any to the reference, any to another.

    The worst case: every false claim is as near to true as a false claim can be.
    """
    found: dict[str, list[bool]] = {"reference": [], "all pairs": []}
    gap = {f"m{k}": value for k, value in enumerate(world.gaps)}
    for comparison in judged(world, repeats=repeats, rng=rng):
        off = [pair for pair in comparison.pairs if abs(gap[pair.first] - gap[pair.second]) >= MARGIN - 1e-12]
        for family, seen in found.items():
            seen.append(any(pair.verdict in SAME for pair in off if pair.family == family))
    return float(np.mean(found["reference"])), float(np.mean(found["all pairs"]))


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    spelled = [[f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    return [*lines, *("| " + " | ".join(row) + " |" for row in spelled), ""]


def _rate_cells(rates: Rates) -> list[object]:
    return [rates.false_better, rates.false_reference, rates.false_others, rates.coverage, f"{100 * rates.width:.2f}"]


def _equal_rows(repeats: int, rng: np.random.Generator, *, seeds: Sequence[int]) -> list[list[object]]:
    rows: list[list[object]] = []
    for s, items, sd in product(seeds, SIZES, SEED_SDS):
        rates = equal_methods(World(s, items, seed_sds=(sd,) * METHODS), repeats=repeats, rng=rng)
        rows.append([s, items, f"{100 * sd:.1f}", *_rate_cells(rates)])
    return rows


UNEQUAL = {
    "one at 4 pp, five at .5": (0.04, *(0.005,) * 5),
    "one at 2 pp, five at .5": (0.02, *(0.005,) * 5),
    "two at 3 pp, four at .5": (0.03, 0.03, *(0.005,) * 4),
    "two at 2 pp, four at .5": (0.02, 0.02, *(0.005,) * 4),
    "three at 2 pp, three at .3": (0.02,) * 3 + (0.003,) * 3,
    "all differ: .25, .5, .75, 1, 1.5, 2 pp": (0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02),
}
"""Seed noise by method; the first, which the others are held against, is the least stable but in the last."""


def _unequal_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for (name, sds), (seeds, items) in product(UNEQUAL.items(), ((3, 500), (3, 2000), (5, 2000))):
        world = World(seeds, min(items, SIZES[-1]), seed_sds=sds)
        rows.append([name, seeds, world.items, *_rate_cells(equal_methods(world, repeats=repeats, rng=rng))])
    return rows


def _other_worlds(seeds: int) -> dict[str, World]:
    few = {
        f"{k} methods, {name}": World(seeds, SIZES[-1], gaps=(0.0,) * k, seed_sds=sds[-1:] * (k - 1) + sds[:1])
        for k in (2, 3, 4)
        for name, sds in (("1 pp each", (0.01,)), ("one at 4 pp, else .5", (0.04, 0.005)))
    }
    return {
        "six methods, seed effects shared by all: 1 pp, beside .5 of their own":
            World(seeds, SIZES[-1], shared_seed_sd=0.01),
        "five methods at .5 pp and a deterministic baseline": World(seeds, SIZES[-1], fixed=1),
        "one at 4 pp, four at .5 and a deterministic baseline":
            World(seeds, SIZES[-1], seed_sds=UNEQUAL["one at 4 pp, five at .5"], fixed=1),
        **few,
    }  # fmt: skip


def _other_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    return [
        [name, seeds, world.items, *_rate_cells(equal_methods(world, repeats=repeats, rng=rng))]
        for seeds in (3, 5)
        for name, world in _other_worlds(seeds).items()
    ]


def _rare_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds, sd in product((3, 5), (0.0, 0.01)):
        world = World(seeds, 600, seed_sds=(sd,) * METHODS, rare=14)
        rows.append([seeds, 600, f"{100 * sd:.1f}", *_rate_cells(equal_methods(world, repeats=repeats, rng=rng))])
    return rows


def _grouped_rows(repeats: int, rng: np.random.Generator, *, told: bool) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds, (items, per_group), sd in product((3, 5), ((2000, 10), (600, 7), (600, 30)), (0.0, 0.01)):
        world = World(seeds, items, seed_sds=(sd,) * METHODS, per_group=per_group, told=told)
        case = f"about {items // per_group} groups, seed sd {100 * sd:.1f}"
        rows.append([case, seeds, items, *_rate_cells(equal_methods(world, repeats=repeats, rng=rng))])
    return rows


def _uneven_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for rare, seeds, sd in product((0, 14), (3, 5), (0.0, 0.01)):
        world = World(seeds, 600, seed_sds=(sd,) * METHODS, rare=rare, per_group=25, uneven=True)
        case = f"{world.metric}, 24 groups, seed sd {100 * sd:.1f}"
        rows.append([case, seeds, 600, *_rate_cells(equal_methods(world, repeats=repeats, rng=rng))])
    return rows


def _power_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds, items, sd in product((3, 5), SIZES, SEED_SDS):
        world = World(seeds, items, gaps=(0.0,) * (METHODS - 1) + (0.02,), seed_sds=(sd,) * METHODS)
        rows.append([seeds, items, f"{100 * sd:.1f}", *found_gap(world, repeats=repeats, rng=rng)])
    return rows


def _equivalence_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds, (items, per_group), sd in product((3, 5), ((2000, 1), (10000, 1), (10000, 10)), SEED_SDS[:3]):
        gaps = (0.0,) + (MARGIN,) * (METHODS - 1)
        off = World(seeds, items, gaps=gaps, seed_sds=(sd,) * METHODS, per_group=per_group)
        rates = false_equivalence(off, repeats=repeats, rng=rng)
        rows.append([seeds, f"{items:,}", f"{items // per_group:,}", f"{100 * sd:.1f}", *rates])
    return rows


def _check_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds in (1, 3, 5):
        rates = equal_methods(World(seeds, 500), repeats=repeats, rng=rng, resamples=400)
        rows.append([seeds, 500, rates.agreement or 0.0])
    return rows


RATES = ("any false BETTER", "against the reference", "among the others", "coverage", "half-width, pp")
HEAD = ("seeds", "items", "seed sd", *RATES)
CASES = ("case", "seeds", "items", *RATES)


def _span(rows: Sequence[Sequence[object]], column: int) -> str:
    found = [float(str(row[column])) for row in rows]
    return f"{min(found):.3f} to {max(found):.3f}, mean {np.mean(found):.3f}"


Rows = list[list[object]]


def _summary(worlds: Mapping[str, Rows], same: Rows) -> list[str]:
    """Return what was wanted beside what was seen, as a table of Markdown. worlds: name -> rows with equal methods."""
    better = [
        f"| any false BETTER in a report: {name} | at most .06 | {_span(rows, 3)} |" for name, rows in worlds.items()
    ]
    covered = [
        f"| coverage of 95 % intervals: {name} | .93 to .97 | {_span(rows, 6)} |" for name, rows in worlds.items()
    ]
    return [
        "| what, with three seeds or more | wanted | seen, by row |", "|---|---|---|", *better, *covered,
        f"| false equivalence, any against the reference | at most .05 | {_span(same, 4)} |",
        f"| the same, any among the others | at most .05 | {_span(same, 5)} |",
    ]  # fmt: skip


def _grouped_section(grouped: Rows, uneven: Rows, apart: Rows) -> list[str]:
    return [
        "## All methods equal, items in groups", "",
        "Items of one group resemble each other: what makes them hard for all, for a method or for a run is correlated "
        f"by {ALIKE}. Half of the groups are three times as large as the others. Counted by whole groups:", "",
        *_table(CASES, grouped),
        "Groups as uneven as those of real data, and each class in its own way: 24 such groups say about as much as 12 "
        "even ones.", "",
        *_table(CASES, uneven),
        "The first of these tables, counted item by item, as bakeoff does where no group column is named; no part of "
        "the summary:", "",
        *_table(CASES, apart),
    ]  # fmt: skip


def _opening(repeats: int, seed: int) -> list[str]:
    return [
        "# How often the comparison is wrong", "",
        f"Written by `python tests/simulations/simulate.py`; do not edit. {METHODS} made-up methods, true accuracy "
        f"{ACCURACY} each, alpha {ALPHA}, margin {100 * MARGIN:.0f} pp, {repeats} experiments a row where nothing else "
        f"is said (standard error of a rate near .05: {(0.05 * 0.95 / repeats) ** 0.5:.4f}), generator seed {seed}. "
        "Seed sd: between runs of one method, in pp.", "",
    ]  # fmt: skip


def report(*, repeats: int, seed: int) -> str:
    """Run everything and return RESULTS.md."""
    rng = np.random.default_rng(seed)
    fewer = max(repeats // 4, 20)
    enough, unequal = _equal_rows(repeats, rng, seeds=(3, 5)), _unequal_rows(repeats, rng)
    other, rare = _other_rows(repeats, rng), _rare_rows(repeats, rng)
    grouped, apart = (_grouped_rows(repeats, rng, told=told) for told in (True, False))
    uneven = _uneven_rows(repeats, rng)
    few = _equal_rows(fewer, rng, seeds=(1, 2))
    same = _equivalence_rows(fewer, rng)
    lines = [
        *_opening(repeats, seed),
        *_summary({
            "methods equally stable": enough, "not equally stable": unequal, "macro-F1, a rare class": rare,
            "shared seed effects, baselines, few methods": other, "items in groups": grouped,
            "items in uneven groups": uneven,
        }, same), "",
        "## All methods equal", "", "False BETTER: share of experiments with any, in either family.", "",
        *_table(HEAD, enough),
        "## All methods equal, their seed noise unequal", "",
        "Nothing in three seeds of an unstable method tells that they happened to fall close together: then it looks "
        "like a stable one that is better or worse. This is the hardest case, and three seeds the fewest allowed.", "",
        *_table(CASES, unequal),
        "## All methods equal: shared seed effects, baselines, few methods", "",
        "With two to four methods the noise between three seeds is known from few numbers; of two methods it is their "
        "differences alone.", "",
        *_table(CASES, other),
        "## All methods equal, macro-F1, one item in fourteen of a rare class", "",
        f"Recall {RECALL[0]} of the common and {RECALL[1]} of the rare class (42 of 600 items). Runs move the border "
        "between the classes. Seed sd as above: of accuracy at 0.85.", "",
        *_table(HEAD, rare),
        *_grouped_section(grouped, uneven, apart),
        "## All methods equal, too few seeds to speak of methods", "",
        f"{fewer} experiments a row. The verdicts are about the trained models, which differ as soon as seeds do: "
        "these rows show why the report says nothing about methods from one or two seeds.", "",
        *_table(HEAD, few),
        "## Power: one method 2 pp below the others", "",
        f"Share of experiments that find its gap to the reference; {repeats // 2} a row.", "",
        *_table(("seeds", "items", "seed sd", "uncorrected", "against the reference", "against another"),
                _power_rows(max(repeats // 2, 20), rng)),
        "## False equivalence: five methods exactly one margin below the reference", "",
        f"Share of experiments with any false claim; {fewer} a row. The worst case: every claim is as nearly true as a "
        "false one can be.", "",
        *_table(("seeds", "items", "groups", "seed sd", "against the reference", "among the others"), same),
        "## Agreement of the bootstrap cross-check, by pair (all equal, seed sd 0.5 pp)", "",
        *_table(("seeds", "items", "agreement"), _check_rows(max(repeats // 20, 5), rng)),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    text = report(repeats=int(sys.argv[1]) if len(sys.argv) > 1 else 1000, seed=20240229)
    Path(__file__).with_name("RESULTS.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
