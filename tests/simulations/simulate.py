"""How often the shipped procedure is wrong: `python tests/simulations/simulate.py` writes RESULTS.md beside it.

Methods are made up whose true accuracies are known (`worlds`); `bakeoff.stats.compare` judges them, thousands
of times; pairs in any company and what comes after a report are measured by `in_company` and `next_time`, other
training texts by `training_draws`, tuned methods by `tuned_methods`, baselines by `with_baselines`, grids of data sets
by `grids`. `simulate.py 4000 draws`, or `tuned`, `baselines` or `grids`, renews those alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))

import grids
import in_company
import mixed_worlds
import next_time
import over_sizes
import training_draws
import tuned_methods
import with_baselines
from scored_worlds import RUN, SHARES, ScoredWorld, draw_calibrated, draw_scored
from worlds import ACCURACY, ALIKE, METHODS, RECALL, World, draw

from bakeoff.stats.compare import Comparison, Verdict, compare
from bakeoff.stats.multiplicity import holm

ALPHA = 0.05
MARGIN = 0.01


def judged(
    world: World | ScoredWorld, *, repeats: int, rng: np.random.Generator, resamples: int = 0
) -> Iterator[Comparison]:
    """Judge `repeats` experiments of one world."""
    for _ in range(repeats):
        made = draw_scored(world, rng) if isinstance(world, ScoredWorld) else draw(world, rng)
        yield compare(
            made, metric=world.metric, reference="m0", alpha=ALPHA, margin=MARGIN,
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


def equal_methods(world: World | ScoredWorld, *, repeats: int, rng: np.random.Generator, resamples: int = 0) -> Rates:
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


RATES = ("any false BETTER", "against the reference", "among the others", "coverage", "half-width, pp")
HEAD = ("seeds", "items", "seed sd", *RATES)
CASES = ("case", "seeds", "items", *RATES)
Rows = list[list[object]]


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


def _rare_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds, sd in product((3, 5), (0.0, 0.01)):
        world = World(seeds, 600, seed_sds=(sd,) * METHODS, rare=14)
        rows.append([seeds, 600, f"{100 * sd:.1f}", *_rate_cells(equal_methods(world, repeats=repeats, rng=rng))])
    return rows


DRAWS = "## Other training texts: two deterministic methods"
TUNED = "## Tuned methods: the best of some settings on validation"
TUNED_BETTER = "| any false BETTER in a report: tuned methods, best of 8 to 32"
BASELINES = "## Baselines: a family of their own, all methods equal"
WITH_BASELINES = "| any false BETTER in a report: eight methods, three of them baselines"
RARE = "## All methods equal, macro-F1, one item in fourteen of a rare class"
OTHERS = ("weighted_f1", "balanced_accuracy", "mcc", "log_loss", "auroc", "brier", "ece")


def scored_row(case: tuple[str, int, int, float], *, repeats: int, seed: int) -> list[object]:
    """Return one row of other metrics; it has a generator of its own. case: metric, classes, seeds, noise of runs."""
    metric, classes, seeds, run = case
    rng = np.random.default_rng([seed, OTHERS.index(metric), classes, seeds, int(run > 0)])
    rates = equal_methods(ScoredWorld(metric, seeds, 600, classes=classes, run=run), repeats=repeats, rng=rng)
    told = f"{metric}, {classes} classes, {'runs differ' if run else 'runs alike'}"
    return [told, seeds, 600, *_rate_cells(rates)[:-1], f"{rates.width:.4f}"]


UNLIKE = tuple(product((3, 5), (600, 2000)))
STRENGTHS = (0.5,) + (1.5,) * (METHODS - 1)


def unlike_row(case: tuple[int, int], *, repeats: int, seed: int) -> list[object]:
    """Return one row of ECE where methods are calibrated and unlike in how sure they are. case: seeds, items.

    Beside the shipped rates, what intervals and p values without the bias of the binned estimate would claim.
    """
    seeds, items = case
    rng, shipped, plain = np.random.default_rng([seed, seeds, items]), [], []
    for _ in range(repeats):
        made = draw_calibrated(STRENGTHS, seeds=seeds, items=items, rng=rng, run=0.05)
        judged = compare(made, metric="ece", reference="m0", alpha=ALPHA, margin=MARGIN, resamples=0, plans=False)
        shipped.append(any(pair.verdict in BETTER for pair in judged.against_reference))
        found = [pair.difference for pair in judged.against_reference if pair.difference]
        plain.append(min(holm([2 * one.uncertainty.tail(abs(one.estimate)) for one in found])) < ALPHA)
    return [seeds, items, float(np.mean(shipped)), float(np.mean(plain))]


def unlike_section(rows: Rows) -> list[str]:
    """Return the section on ECE of methods that are unlike in how sure they are."""
    return [
        "## ECE: all methods calibrated, the reference less sure than the others", "",
        "Chance raises the binned estimate, more so for a method that is less sure: its ECE is higher though the true "
        "one is 0 for all. Any false BETTER against the reference, as shipped, where a verdict holds with and without "
        "the most that chance adds, and without that care.", "",
        *_table(("seeds", "items", "shipped", "without"), rows),
    ]  # fmt: skip


SCORED = tuple(product(OTHERS, SHARES, (3, 5), (0.0, RUN)))


def scored_section(rows: Rows) -> list[str]:
    """Return the section on the metrics besides accuracy and macro-F1."""
    return [
        "## All methods equal, other metrics", "",
        "Scores for each class, of a gold class higher by a constant (`scored_worlds`); classes hold 70 and 30 % of "
        "the items, or 60, 30 and 10 %. Where runs differ, they move the borders between the classes and how sure a "
        "model is. The half-width is in the metric's own unit.", "",
        *_table((*CASES[:-1], "half-width"), rows),
    ]  # fmt: skip


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


def _span(rows: Rows, column: int) -> str:
    found = [float(str(row[column])) for row in rows]
    return f"{min(found):.3f} to {max(found):.3f}, mean {np.mean(found):.3f}"


def _summary(pairs: in_company.Tables, later: next_time.Tables, shipped: Mapping[str, Rows], same: Rows) -> list[str]:
    """Return what was wanted beside what was seen, as a table of Markdown. shipped: name -> rows with equal methods."""
    better, covered = (
        "| any false BETTER in a report: {} | at most .06 | {} |",
        "| coverage by pair: {} | .93 to .97 | {} |",
    )
    level = [row for row in later.looks if "gap" not in str(row[0])]
    by_seeds = {s: [row for row in pairs.coverage if row[1] == s] for s in sorted({row[1] for row in pairs.coverage})}
    return [
        "| what, with three seeds or more | wanted | seen, by row |", "|---|---|---|",
        better.format("both generators", _span(pairs.claims, 3)),
        *(better.format(name, _span(rows, 3)) for name, rows in shipped.items()),
        better.format("looks after each seed, 3 to 12", _span(level, 3)),
        *(covered.format(f"both generators, {s} seeds, kinds of pair", _span(rows, 5)) for s, rows in by_seeds.items()),
        *(covered.format(name, _span(rows, 6)) for name, rows in shipped.items()),
        f"| false equivalence, any against the reference | at most .05 | {_span(same, 4)} |",
        f"| the same, any among the others | at most .05 | {_span(same, 5)} |",
        "| one method collapses in 1 of 20 runs, means equal: any false BETTER | none promised | "
        f"{_span(pairs.collapse, 2)} |",
    ]  # fmt: skip


def _draws_summary(drawn: Rows) -> list[str]:
    own = [row for row in drawn if row[0] == training_draws.OWN and str(row[3]) <= "0.5"]
    same = [row for row in drawn if row[0] == training_draws.SAME]
    what = "coverage about other training texts"
    return [
        f"| {what}: each seed draws at most half of all texts | at least .93 | {_span(own, 4)} |",
        f"| {what}: one draw for all seeds, deterministic methods | none promised | {_span(same, 4)} |",
    ]


def _draws_section(drawn: Rows) -> list[str]:
    return [
        DRAWS, "",
        "Two deterministic methods, nearest class means on two noisy views of the same texts, trained on 100 of them; "
        "equal over training sets. One draw of training texts for all seeds, as without `resample`; a draw for each "
        "seed, the same for both methods; a draw for each seed of one method, beside another that has one for all. "
        "Share: of the texts to draw from, which two draws have in common; 0: every draw is of new texts. Coverage of "
        "the true difference over training sets of any texts, and of those to draw from.", "",
        *_table(training_draws.HEAD, drawn),
    ]  # fmt: skip


def _tuned_summary(rows: Rows) -> list[str]:
    return [f"{TUNED_BETTER} | at most .06 | {_span(rows, 5)} |"]


def _tuned_section(rows: Rows) -> list[str]:
    return [
        TUNED, "",
        "Every method is the best of its trials by one run on 1,000 validation texts, and is then compared on as many "
        "test texts, most with a row at its declared setting as well. Settings of a method are all alike, or differ "
        "truly; a claim is false where the settings that were chosen are no better. On the right, what it would be if "
        "the best mean on the test texts had been chosen. Standard deviations in pp.", "",
        *_table(tuned_methods.HEAD, rows),
    ]  # fmt: skip


def renewed(text: str, drawn: Rows) -> str:
    """Return RESULTS.md with what it says of training draws written anew from these rows."""
    of_draws = "| coverage about other training texts"
    return _renewed(text, _draws_section(drawn), before=RARE, summary=_draws_summary(drawn), of_summary=of_draws)


def renewed_tuned(text: str, rows: Rows) -> str:
    """Return RESULTS.md with what it says of tuned methods written anew from these rows."""
    return _renewed(text, _tuned_section(rows), before=RARE, summary=_tuned_summary(rows), of_summary=TUNED_BETTER)


def renewed_baselines(text: str, rows: Rows) -> str:
    """Return RESULTS.md with what it says of baselines written anew from these rows."""
    summary = [f"{WITH_BASELINES} | at most .06 | {_span(rows, 2)} |"]
    section = [
        BASELINES, "",
        "Eight equal methods, the last three of them baselines; the first is the reference, pairs of a baseline with "
        "what is none are a family of their own, in which those with the reference count, too. On the right, what it "
        "is without that family. 600 texts; worlds and noise (pp) as above.", "",
        *_table(with_baselines.HEAD, rows),
    ]  # fmt: skip
    return _renewed(text, section, before=RARE, summary=summary, of_summary=WITH_BASELINES)


def _renewed(text: str, section: list[str], *, before: str, summary: list[str], of_summary: str) -> str:
    """Put a section, and its lines of the summary, in the place of the old ones, else before another section."""
    lines = [line for line in text.splitlines() if not line.startswith(of_summary)]
    last = max(place for place, line in enumerate(lines) if line.startswith("| one method collapses"))
    lines[last + 1 : last + 1] = summary
    place = lines.index(before)
    if section[0] in lines:
        place = lines.index(section[0])
        later = [at for at in range(place + 1, len(lines)) if lines[at].startswith("## ")]
        del lines[place : later[0]]
    lines[place:place] = section
    return "\n".join(lines).rstrip() + "\n"


def _grid_summary(claims: Rows) -> list[str]:
    found = _span([row for row in claims if row[0] != "skewed"], 4)
    return [f"| grids of equal methods: any false BETTER over data sets | at most .06 | {found} |"]


def _grid_section(claims: Rows, covered: Rows) -> list[str]:
    return [
        grids.HEADING, "",
        "Advantages of methods on single data sets have a standard deviation of 2 pp, cells noise of 1 pp. Shipped: "
        "data sets count once, the exact signed-rank test, Holm. Beside it, base models on a data set as if they were "
        "data sets of their own. Skewed: methods have the same mean and not the same median, and the signed-rank test "
        "speaks of neither alone.", "",
        *_table(grids.CLAIMS, claims),
        "Pooled differences: standard errors of 0.5 to 2 pp, true differences normal between data sets.", "",
        *_table(grids.COVERAGE, covered),
    ]  # fmt: skip


def with_grids(text: str, claims: Rows, covered: Rows) -> str:
    """Return RESULTS.md with what it says of grids written anew from these rows."""
    lines = [line for line in text.splitlines() if not line.startswith("| grids of equal methods")]
    place = max(place for place, line in enumerate(lines) if line.startswith("| one method collapses"))
    lines[place:place] = _grid_summary(claims)
    if grids.HEADING in lines:
        start = lines.index(grids.HEADING)
        later = [place for place in range(start + 1, len(lines)) if lines[place].startswith("## ")]
        del lines[start : later[0]]
    place = lines.index(RARE)
    lines[place:place] = _grid_section(claims, covered)
    return "\n".join(lines).rstrip() + "\n"


def grid_rows(*, repeats: int, seed: int, most: int = 20) -> tuple[Rows, Rows]:
    """Return the rows on grids, which depend on no other section."""
    return grids.tables(repeats=repeats, rng=np.random.default_rng([seed, 2]), most=most)


def _pair_sections(pairs: in_company.Tables) -> list[str]:
    return [
        "## Pairs in any company: all methods equal, worlds of two generators", "",
        "latent: `worlds`, normal parts of a score. mixed, t3: `mixed_worlds`, a logistic crossed mixed model, six "
        "unbalanced classes, beta-binomial texts, seeds as random slopes, t3 runs. Seed noise in pp. Before: noise "
        "pooled over all methods, half as many experiments.", "",
        *_table(("world", "seeds", "items", *RATES[:3], "before: any", "before: least coverage of a pair", "most"),
                pairs.claims),
        "Coverage of 95 % intervals by kind of pair: seed noise of its two methods; pairs with the reference apart. "
        "Howe's sum of parts is cautious where both parts count and one is known from two degrees of freedom: quiet "
        "pairs with three seeds cover up to .98.", "",
        *_table(("world", "seeds", "items", "pair", "pairs", "coverage", "lowest", "highest", "half-width, pp"),
                pairs.coverage),
        "## One method collapses in 1 of 20 runs, and is better in the others: means equal", "",
        "A few clean seeds do not show that a method never fails: these claims are right about the runs that were seen "
        "and wrong about means. The report says which failure rates so many seeds exclude.", "",
        *_table(("seeds", "items", *RATES[:2], "coverage, reference's pairs"), pairs.collapse),
        "## Power: one method 3 pp below the others", "",
        "Share of experiments that find its gap to the reference, six methods; before: noise pooled over all. What a "
        "pair says by itself costs power where all methods are alike, and gains it for quiet pairs among noisy ones.",
        "",
        *_table(("world", "seeds", "items", "uncorrected", "after Holm", "before: uncorrected", "before: after Holm"),
                pairs.power),
    ]  # fmt: skip


def _later_sections(later: next_time.Tables) -> list[str]:
    return [
        "## Looks after each seed from 3 to 12", "",
        "Share of experiments with any BETTER at any look. Each at the full level; alpha spent by the square of the "
        "share of seeds (shipped); a bound that is valid at any number of seeds, without a plan. The last rows have a "
        "true gap.", "",
        *_table(("world", "items", "each at .05", "spent", "always valid"), later.looks),
        "## The chance of being better the next time", "",
        "A new run of both and as many new texts. True gaps are drawn from a normal distribution; told from the side "
        "that looks better. No prior says that gaps are small: where they are (1 pp beside noise of 2 pp a seed), high "
        "chances are too high.", "",
        *_table(("seeds", "seed sd", "sd of gaps", "called", "experiments", "mean chance", "came true"), later.chances),
        "## A sweep of four settings that are all alike", "",
        "Chosen on validation by the run of one seed, then held against another method: where that seed counts among "
        "the compared ones, and where it does not. Bias in pp; share of false claims before correction.", "",
        *_table(("seeds", "seed sd", "bias", "false claims", "bias, other seed", "false claims, other seed"),
                later.sweeps),
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


def _opening(repeats: int, fewer: int, seed: int) -> list[str]:
    return [
        "# How often the comparison is wrong", "",
        f"Written by `python tests/simulations/simulate.py`; do not edit. {METHODS} made-up methods where nothing else "
        f"is said, true accuracy {ACCURACY} each ({mixed_worlds.ACCURACY} in the mixed worlds), alpha {ALPHA}, margin "
        f"{100 * MARGIN:.0f} pp. {repeats} experiments a row in the sections on pairs, half as many on power, by a "
        f"twin of the procedure that judges many at once and that the tests hold to it; {fewer} a row or fewer from "
        "macro-F1 on, by the procedure itself. Standard error of a rate near .05: "
        f"{(0.05 * 0.95 / repeats) ** 0.5:.4f} and {(0.05 * 0.95 / fewer) ** 0.5:.4f}. Generator seed {seed}. Seed sd: "
        "between runs of one method, in pp.", "",
    ]  # fmt: skip


def _sizes_section(repeats: int, seed: int) -> list[str]:
    head, rows = over_sizes.tables(repeats, np.random.default_rng([seed, 2]))
    return [
        "## All methods equal at four numbers of training texts", "",
        "Sizes are repeated looks at one test set, with what methods and runs bring correlated by `alike` from size to "
        "size. Share of experiments with any false BETTER among four methods: at any size at a quarter of the level "
        "(shipped), at any size without that care, at the largest alone; and in which curves are said to cross.", "",
        *_table(head, rows),
    ]  # fmt: skip


def draws(*, repeats: int, seed: int) -> Rows:
    """Return the rows on training draws, which depend on no other section."""
    items = (SIZES[0] * 2, SIZES[-1] * 2)
    return training_draws.tables(repeats=repeats, rng=np.random.default_rng([seed, 1]), items=items)


def beside_baselines(*, repeats: int, seed: int) -> Rows:
    """Return the rows on baselines, which depend on no other section."""
    return with_baselines.tables(repeats=repeats, rng=np.random.default_rng([seed, 3]))


def tuned(*, repeats: int, seed: int) -> Rows:
    """Return the rows on tuned methods, which depend on no other section."""
    return tuned_methods.tables(repeats=repeats, rng=np.random.default_rng([seed, 2]))


def report(*, repeats: int, seed: int) -> str:
    """Run everything and return RESULTS.md; a quarter as many experiments where each is judged by itself."""
    rng = np.random.default_rng(seed)
    fewer = max(repeats // 4, 20)
    pairs = in_company.tables(repeats=repeats, rng=rng, items=SIZES[-1] // 2)
    later = next_time.tables(repeats=repeats, rng=rng, items=SIZES[-1] // 2)
    rare, uneven = _rare_rows(fewer, rng), _uneven_rows(fewer, rng)
    grouped, apart = (_grouped_rows(fewer, rng, told=told) for told in (True, False))
    scored = [scored_row(case, repeats=max(repeats // 4, 2), seed=seed) for case in SCORED]
    few, same = _equal_rows(max(fewer // 4, 5), rng, seeds=(1, 2)), _equivalence_rows(max(fewer // 4, 5), rng)
    drawn, searched = draws(repeats=fewer, seed=seed), tuned(repeats=repeats, seed=seed)
    shipped = {"macro-F1, a rare class": rare, "items in groups": grouped, "items in uneven groups": uneven}
    shipped |= {"other metrics": scored}
    lines = [
        *_opening(repeats, fewer, seed), *_summary(pairs, later, shipped, same), *_tuned_summary(searched),
        *_draws_summary(drawn), "",
        *_pair_sections(pairs), *_later_sections(later), *_draws_section(drawn), *_tuned_section(searched),
        *_sizes_section(fewer, seed), RARE, "",
        f"Recall {RECALL[0]} of the common and {RECALL[1]} of the rare class (42 of 600 items). Runs move the border "
        "between the classes. Seed sd as above: of accuracy at 0.85.", "",
        *_table(HEAD, rare),
        *scored_section(scored),
        *unlike_section([unlike_row(case, repeats=max(repeats // 4, 2), seed=seed) for case in UNLIKE]),
        *_grouped_section(grouped, uneven, apart),
        "## All methods equal, too few seeds to speak of methods", "",
        "The verdicts are about the trained models, which differ as soon as seeds do: these rows show why the report "
        "says nothing about methods from one or two seeds.", "",
        *_table(HEAD, few),
        "## False equivalence: five methods exactly one margin below the reference", "",
        "Share of experiments with any false claim. The worst case: every claim is as nearly true as a false one can "
        "be.", "",
        *_table(("seeds", "items", "groups", "seed sd", "against the reference", "among the others"), same),
        "## Agreement of the bootstrap cross-check, by pair (all equal, seed sd 0.5 pp)", "",
        *_table(("seeds", "items", "agreement"), _check_rows(max(fewer // 5, 5), rng)),
    ]  # fmt: skip
    text = with_grids("\n".join(lines), *grid_rows(repeats=fewer, seed=seed, most=max(min(repeats, 20), 4)))
    return renewed_baselines(text, beside_baselines(repeats=repeats, seed=seed))


if __name__ == "__main__":
    file = Path(__file__).with_name("RESULTS.md")
    many, chosen = int(sys.argv[1]) if len(sys.argv) > 1 else 4000, 20240229
    if sys.argv[2:] == ["draws"]:
        text = renewed(file.read_text(encoding="utf-8"), draws(repeats=many // 4, seed=chosen))
    elif sys.argv[2:] == ["tuned"]:
        text = renewed_tuned(file.read_text(encoding="utf-8"), tuned(repeats=many, seed=chosen))
    elif sys.argv[2:] == ["baselines"]:
        text = renewed_baselines(file.read_text(encoding="utf-8"), beside_baselines(repeats=many, seed=chosen))
    elif sys.argv[2:] == ["grids"]:
        text = with_grids(file.read_text(encoding="utf-8"), *grid_rows(repeats=many // 4, seed=chosen))
    else:
        text = report(repeats=many, seed=chosen)
    file.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
