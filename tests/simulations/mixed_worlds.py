"""A second generator of made-up experiments, independent of `worlds`: a logistic crossed mixed model of six classes.

The chance that run s of method k is right on text n of class c is

    logit P(right) = shift_k + text_n + taste_kn + run_ks + slope_ks,c

text: the logit of a beta variate of its class, so that right answers of runs alike are beta-binomial; taste: normal, of
one method; run: of one training run, Student's t with three degrees of freedom or normal; slope: of one run on one
class. Classes are unbalanced. A run collapses with a chance of its method's own and then gives the commonest class to
every text. Shifts are solved for so that the expected accuracies are what a world says, whatever the noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit, logit

__all__ = ["CLASSES", "MixedWorld", "right_answers"]

CLASSES = (0.38, 0.26, 0.16, 0.1, 0.06, 0.04)
"""Shares of the six classes."""
DIFFICULTY = (2.4, 0.45)
"""Of the beta distribution of a text's chance to be classified rightly, for the commonest class."""
HARDER = 0.25
"""By which the first of these two falls from class to class, of itself."""
TASTE = 0.8
ACCURACY = 0.8

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MixedWorld:
    """One truth of K methods.

    run_sds: of each method's runs, in accuracy, for a run that did not collapse; gaps: of each method's expected
    accuracy below `ACCURACY`, collapses counted; collapses: chance of each method's runs to collapse; heavy: runs are
    t3
    """

    seeds: int
    items: int
    run_sds: tuple[float, ...] = (0.005,) * 6
    gaps: tuple[float, ...] = (0.0,) * 6
    collapses: tuple[float, ...] = (0.0,) * 6
    heavy: bool = True

    @property
    def methods(self) -> int:
        """How many methods there are."""
        return len(self.gaps)


def right_answers(world: MixedWorld, *, repeats: int, rng: np.random.Generator) -> Bools:
    """Draw the right answers (repeats, K, S, N) of that many experiments, each with its own texts."""
    r, k, s, n = repeats, world.methods, world.seeds, world.items
    classes = _classes(n)
    text = _texts(classes, r, rng)
    taste = TASTE * rng.standard_normal((r, k, n), dtype=np.float32)
    scales = np.array([_scale(sd, world.heavy) for sd in world.run_sds], dtype=np.float32)
    runs = scales[:, None] * _runs(world.heavy, (r, k, s), rng)
    slopes = scales[:, None, None] * rng.standard_normal((r, k, s, len(CLASSES)), dtype=np.float32)
    shifts = np.array([
        _shift(sd, gap, rate, world.heavy)
        for sd, gap, rate in zip(world.run_sds, world.gaps, world.collapses, strict=True)
    ], dtype=np.float32)  # fmt: skip
    linear = (text[:, None] + taste + shifts[:, None])[:, :, None] + (runs[..., None] + slopes)[..., classes]
    right = rng.random((r, k, s, n), dtype=np.float32) < expit(linear)
    fallen = rng.random((r, k, s)) < np.array(world.collapses)[:, None]
    return np.where(fallen[..., None], classes == 0, right)


def _classes(items: int) -> npt.NDArray[np.int64]:
    edges = np.rint(np.cumsum(CLASSES) * items).astype(int)
    return np.searchsorted(edges, np.arange(items), side="right")


def _texts(classes: npt.NDArray[np.int64], repeats: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    a = DIFFICULTY[0] * (1 - HARDER) ** classes
    chance = rng.beta(a, DIFFICULTY[1], (repeats, len(classes)))
    return logit(np.clip(chance, 1e-4, 1 - 1e-4)).astype(np.float32)


def _runs(heavy: bool, shape: tuple[int, ...], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Draw runs of standard deviation one, the t3 ones cut at what would be a collapse."""
    if not heavy:
        return rng.standard_normal(shape, dtype=np.float32)
    return np.clip(rng.standard_t(3, shape) / np.sqrt(3), -12, 12).astype(np.float32)


@cache
def _many() -> tuple[Any, ...]:
    """Return a large fixed sample of everything but the method's own numbers."""
    rng = np.random.default_rng(5)
    classes = _classes(20_000)
    base = _texts(classes, 1, rng)[0] + TASTE * rng.standard_normal(len(classes))
    return classes, base, rng.standard_normal((400, len(CLASSES))), _runs(True, (400,), rng), _runs(False, (400,), rng)


@cache
def _means(shift: float, scale: float, heavy: bool) -> npt.NDArray[np.float64]:
    """Return the accuracies of 400 runs on all texts: by class on a coarse grid of each class's own texts."""
    classes, base, slopes, heavies, normals = _many()
    runs = heavies if heavy else normals
    means = np.zeros(len(runs))
    for c, share in enumerate(CLASSES):
        texts = np.quantile(base[classes == c], (np.arange(200) + 0.5) / 200)
        means += share * expit(texts + (shift + scale * (runs + slopes[:, c]))[:, None]).mean(axis=1)
    return means


@cache
def _scale(sd: float, heavy: bool) -> float:
    """Return the logit scale of runs whose accuracy has this standard deviation, at accuracy `ACCURACY`.

    Found for normal runs also where the world's are t3, whose sample standard deviation would be too uncertain.
    """
    if sd == 0:
        return 0.0
    return float(brentq(lambda scale: _means(0.3, scale, False).std() - sd, 0.0, 6.0, xtol=1e-3))


@cache
def _shift(sd: float, gap: float, rate: float, heavy: bool) -> float:
    wanted = (ACCURACY - gap - rate * CLASSES[0]) / (1 - rate)
    return float(brentq(lambda x: _expected(x, _scale(sd, heavy), heavy) - wanted, -4.0, 8.0, xtol=1e-5))


def _expected(shift: float, scale: float, heavy: bool) -> float:
    """Return the expected accuracy: by quadrature over the run and the slope, whose sum is all that a class sees."""
    classes, base, *_ = _many()
    grid = np.linspace(-14, 14, 561)
    noise = _run_and_slope(heavy)
    total = 0.0
    for c, share in enumerate(CLASSES):
        texts = np.quantile(base[classes == c], (np.arange(100) + 0.5) / 100)
        total += share * float(np.sum(noise * expit(texts[:, None] + shift + scale * grid).mean(axis=0)))
    return total


@cache
def _run_and_slope(heavy: bool) -> npt.NDArray[np.float64]:
    """Return the density of run plus slope on the grid of `_expected`, adding up to one."""
    from scipy.stats import norm, t

    grid = np.linspace(-14, 14, 561)
    runs = t.pdf(grid * np.sqrt(3), 3) if heavy else norm.pdf(grid)
    if heavy:
        runs = np.where(np.abs(grid) <= 12, runs, 0.0)
    density = np.convolve(runs, norm.pdf(grid), mode="same")
    return density / density.sum()
