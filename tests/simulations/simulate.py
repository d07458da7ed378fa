"""How often the shipped procedure is wrong: `python tests/simulations/simulate.py` writes RESULTS.md beside it.

Six methods are made up whose true accuracies are known; `bakeoff.reporting.verdicts.compare` judges them, thousands
of times. An answer is right where a latent score is positive:

    z[k, s, n] = shift_k + item_n + taste_kn + luck_ksn + seed_s + run_ks

all parts normal. `item` makes items hard or easy for everyone, `taste` for one method, `luck` for one run; `seed` and
`run` move whole runs. The true accuracy of method k is then exactly Phi(shift_k / total standard deviation), so that
gaps of any size can be set.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from scipy.special import ndtri

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))

from bakeoff.reporting.verdicts import Comparison, Contender, Verdict, compare

METHODS = 6
ACCURACY = 0.85
ALPHA = 0.05
MARGIN = 0.01
ITEM, TASTE, LUCK = 1.0, 0.5, 0.4
DENSITY = float(np.exp(-(ndtri(ACCURACY) ** 2) / 2) / np.sqrt(2 * np.pi))
"""Of a standard normal where `ACCURACY` of it lies below: a small shift of z by x moves accuracy by x DENSITY / sd."""


@dataclass(frozen=True)
class World:
    """One truth. gaps: of each method's accuracy below `ACCURACY`; seed_sds: of each method's runs, in accuracy."""

    seeds: int
    items: int
    gaps: tuple[float, ...] = (0.0,) * METHODS
    seed_sds: tuple[float, ...] = (0.005,) * METHODS
    shared_seed_sd: float = 0.0


def draw(world: World, rng: np.random.Generator) -> list[Contender]:
    """Draw one experiment: every method's predictions on one test set under every seed."""
    n, s = world.items, world.seeds
    base = ITEM**2 + TASTE**2 + LUCK**2
    runs = np.array(world.seed_sds) * np.sqrt(base) / DENSITY
    shared = world.shared_seed_sd * np.sqrt(base) / DENSITY
    gold = np.zeros(n, dtype=np.int64)
    ids = np.arange(n)
    item = ITEM * rng.standard_normal(n)
    seed = shared * rng.standard_normal((s, 1))
    contenders = []
    for k, gap in enumerate(world.gaps):
        total = np.sqrt(base + runs[k] ** 2 + shared**2)
        shift = float(ndtri(ACCURACY - gap)) * total
        z = shift + item + TASTE * rng.standard_normal(n) + LUCK * rng.standard_normal((s, n))
        z = z + seed + runs[k] * rng.standard_normal((s, 1))
        predicted = (z <= 0).astype(np.int64)
        contenders.append(Contender(f"m{k}", tuple(range(s)), ids, gold, predicted))
    return contenders


def judged(world: World, *, repeats: int, rng: np.random.Generator, resamples: int = 0) -> Iterator[Comparison]:
    """Judge `repeats` experiments of one world."""
    for _ in range(repeats):
        yield compare(
            draw(world, rng), metric="accuracy", reference="m0", alpha=ALPHA, margin=MARGIN, rng=rng,
            resamples=resamples,
        )  # fmt: skip


@dataclass(frozen=True)
class Rates:
    """Shares of experiments, or of pairs where it says so.

    false_better: any pair of truly equal methods BETTER, in one of both families; false_all, false_reference: in one
    coverage: of 95 % intervals, by pair; width: mean half-width; agreement: of the bootstrap, by pair
    """

    false_better: float
    false_all: float
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
    in_all, in_reference, covered, widths, agreed = [], [], [], [], []
    for comparison in judged(world, repeats=repeats, rng=rng, resamples=resamples):
        in_all.append(any(pair.verdict in BETTER for pair in comparison.pairs))
        in_reference.append(any(pair.verdict in BETTER for pair in comparison.against_reference))
        found = [pair.difference for pair in comparison.pairs if pair.difference]
        covered += [one.low <= 0 <= one.high for one in found]
        widths += [one.half_width for one in found]
        agreed += [pair.agrees for pair in comparison.pairs if pair.agrees is not None]
    return Rates(
        false_better=float(np.mean(np.logical_or(in_all, in_reference))), false_all=float(np.mean(in_all)),
        false_reference=float(np.mean(in_reference)), coverage=float(np.mean(covered)), width=float(np.mean(widths)),
        agreement=float(np.mean(agreed)) if agreed else None,
    )  # fmt: skip


def found_gap(world: World, *, repeats: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Return how often the last method's gap to the reference is found: uncorrected, by reference, by all pairs."""
    last = f"m{METHODS - 1}"
    raw, reference, everywhere = [], [], []
    for comparison in judged(world, repeats=repeats, rng=rng):
        pair = next(pair for pair in comparison.against_reference if pair.first == last)
        raw.append(pair.difference is not None and pair.difference.p < ALPHA)
        reference.append(pair.better == "m0")
        everywhere.append(comparison.pair(last, "m0").better == "m0")
    return float(np.mean(raw)), float(np.mean(reference)), float(np.mean(everywhere))


def false_equivalence(world: World, *, repeats: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return how often a method truly `MARGIN` off is called equivalent: any against the reference, any of all pairs.

    The worst case: every false claim is as near to true as a false claim can be.
    """
    against, everywhere = [], []
    for comparison in judged(world, repeats=repeats, rng=rng):
        gap = {f"m{k}": value for k, value in enumerate(world.gaps)}
        off = [pair for pair in comparison.pairs if abs(gap[pair.first] - gap[pair.second]) >= MARGIN - 1e-12]
        everywhere.append(any(pair.verdict in SAME for pair in off))
        against.append(any(p.verdict in SAME for p in comparison.against_reference if gap[p.first] >= MARGIN - 1e-12))
    return float(np.mean(against)), float(np.mean(everywhere))


SEED_SDS = (0.0, 0.005, 0.01, 0.02)
SIZES = (500, 2000)


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    spelled = [[f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    return [*lines, *("| " + " | ".join(row) + " |" for row in spelled), ""]


def _equal_rows(repeats: int, rng: np.random.Generator, *, seeds: Sequence[int]) -> list[list[object]]:
    rows: list[list[object]] = []
    for s, items, sd in product(seeds, SIZES, SEED_SDS):
        rates = equal_methods(World(s, items, seed_sds=(sd,) * METHODS), repeats=repeats, rng=rng)
        rows.append([s, items, f"{100 * sd:.1f}", rates.false_better, rates.false_all, rates.false_reference,
                     rates.coverage, f"{100 * rates.width:.2f}"])  # fmt: skip
    return rows


def _odd_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    odd = {
        "one unstable method: 4 pp, the others .5": ((0.04, *(0.005,) * 5), 0.0),
        "two unstable methods: 3 pp, the others .5": ((0.03, 0.03, *(0.005,) * 4), 0.0),
        "three at 2 pp, three at .3": ((0.02,) * 3 + (0.003,) * 3, 0.0),
        "seed effects shared by all methods: 1 pp, beside .5 of their own": ((0.005,) * METHODS, 0.01),
    }
    rows: list[list[object]] = []
    for (name, (sds, shared)), seeds in product(odd.items(), (3, 5)):
        world = World(seeds, 2000, seed_sds=sds, shared_seed_sd=shared)
        rates = equal_methods(world, repeats=repeats, rng=rng)
        rows.append([name, seeds, rates.false_better, rates.coverage])
    return rows


def _power_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds, items, sd in product((3, 5), SIZES, SEED_SDS):
        world = World(seeds, items, gaps=(0.0,) * (METHODS - 1) + (0.02,), seed_sds=(sd,) * METHODS)
        rows.append([seeds, items, f"{100 * sd:.1f}", *found_gap(world, repeats=repeats, rng=rng)])
    return rows


def _equivalence_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds, items, sd in product((3, 5), (2000, 10000), SEED_SDS[:3]):
        off = World(seeds, items, gaps=(0.0,) + (MARGIN,) * (METHODS - 1), seed_sds=(sd,) * METHODS)
        rows.append([seeds, items, f"{100 * sd:.1f}", *false_equivalence(off, repeats=repeats, rng=rng)])
    return rows


def _check_rows(repeats: int, rng: np.random.Generator) -> list[list[object]]:
    rows: list[list[object]] = []
    for seeds in (1, 3, 5):
        rates = equal_methods(World(seeds, 500), repeats=repeats, rng=rng, resamples=400)
        rows.append([seeds, 500, rates.agreement or 0.0])
    return rows


HEAD = ("seeds", "items", "seed sd", "any false BETTER", "among all pairs", "against the reference", "coverage",
        "half-width, pp")  # fmt: skip


def report(*, repeats: int, seed: int) -> str:
    """Run everything and return RESULTS.md."""
    rng = np.random.default_rng(seed)
    fewer = max(repeats // 4, 20)
    enough = _equal_rows(repeats, rng, seeds=(3, 5))
    few = _equal_rows(fewer, rng, seeds=(1, 2))
    same = _equivalence_rows(fewer, rng)
    errors, coverage = [float(str(row[3])) for row in enough], [float(str(row[6])) for row in enough]
    lines = [
        "# How often the comparison is wrong", "",
        f"Written by `python tests/simulations/simulate.py`; do not edit. {METHODS} made-up methods, true accuracy "
        f"{ACCURACY} each, alpha {ALPHA}, margin {100 * MARGIN:.0f} pp, {repeats} experiments a row where nothing else "
        f"is said (standard error of a rate near .05: {(0.05 * 0.95 / repeats) ** 0.5:.4f}), generator seed {seed}. "
        "Seed sd: between runs of one method, in pp.", "",
        "| what, with three seeds or more | wanted | seen |", "|---|---|---|",
        f"| share of reports with any false BETTER | at most .06 | {min(errors):.3f} to {max(errors):.3f}, "
        f"mean {np.mean(errors):.3f} |",
        f"| coverage of 95 % intervals | .93 to .97 | {min(coverage):.3f} to {max(coverage):.3f} |",
        "| false equivalence, any of all pairs | at most .05 | up to "
        f"{max(float(str(row[4])) for row in same):.3f} |", "",
        "## All methods equal", "", "False BETTER: share of experiments with any, in either family.", "",
        *_table(HEAD, enough),
        "## All methods equal, too few seeds to speak of methods", "",
        f"{fewer} experiments a row. The verdicts are about the trained models, which differ as soon as seeds do: "
        "these rows show why the report says nothing about methods from one or two seeds.", "",
        *_table(HEAD, few),
        "## All methods equal, seed noise unequal or shared (2000 items)", "",
        "Seed noise is pooled over methods. Where one method is far less stable than the rest, its own few seeds are "
        "all there is to know its noise by; the procedure then counts more degrees of freedom than it has.", "",
        *_table(("case", "seeds", "any false BETTER", "coverage"), _odd_rows(repeats, rng)),
        "## Power: one method 2 pp below the others", "",
        f"Share of experiments that find its gap to the reference; {repeats // 2} a row.", "",
        *_table(("seeds", "items", "seed sd", "uncorrected", "against the reference", "all pairs"),
                _power_rows(max(repeats // 2, 20), rng)),
        "## False equivalence: five methods exactly one margin below the reference", "",
        f"Share of experiments with any false claim; {fewer} a row. The worst case: every claim is as nearly true as a "
        "false one can be.", "",
        *_table(("seeds", "items", "seed sd", "against the reference", "all pairs"), same),
        "## Agreement of the bootstrap cross-check, by pair (all equal, seed sd 0.5 pp)", "",
        *_table(("seeds", "items", "agreement"), _check_rows(max(repeats // 20, 5), rng)),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    text = report(repeats=int(sys.argv[1]) if len(sys.argv) > 1 else 1000, seed=20240229)
    Path(__file__).with_name("RESULTS.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
