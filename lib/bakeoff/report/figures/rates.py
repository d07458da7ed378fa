"""What searches for settings found: the metric against the learning rate, and the expected best of n trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bakeoff.metrics.classification import metric_named
from bakeoff.report.figures.comparison import look
from bakeoff.report.figures.labels import fit
from bakeoff.report.figures.style import (
    SMALL,
    Mark,
    figure_of,
    label_grid,
    name_room,
    new_axes,
    new_grid,
    of_method,
    panels,
    styled,
    widen,
)
from bakeoff.report.pages.display import Figure, drawing
from bakeoff.report.pages.svg import METHOD, page_width
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import msg, numeral, tr
from bakeoff.report.text.numbers import fraction, whole
from bakeoff.stats.bootstrap import best_of, best_of_band
from bakeoff.study.collect import Collection
from bakeoff.study.sweeps import Search, reach_of, searches

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["expected_figure", "rates_axes", "rates_figure"]


RATE = "learning_rate"
_ALPHA, _NAME, _TITLE = 0.05, 1.9, 1.3
_OTHERS = "#d9d9d9"


@drawing(msg("learning rates"))
@styled
def rates_figure(collection: Collection) -> Figure | None:
    """Draw the validation metric against the learning rate, all methods whose rate was searched for together."""
    found = _by_rate(collection)
    ax = rates_axes(None, collection, found)
    if ax is None:
        return None
    metric = _capital(metric_name(found[0].metric))
    caption = [tr("{metric} on validation by learning rate; filled: chosen.", metric=metric)]
    if any(len(one.keys) > 1 for one in found):
        caption.append(tr("Points without a line: other settings vary with the rate."))
    if any(one.saved is not None for one in found):
        caption.append(tr("Small points: after the first rung; dotted to those trained whole."))
    if any(_reach(collection, one) for one in found):
        caption.append(tr("Band: what the noise of one validation set (95 %) leaves beside the best of a method."))
    words = [_best_words(one) for one in found]
    alt = tr("{metric} on validation by learning rate: {words}", metric=metric, words="; ".join(words) + ".")
    flat = [(one.method, t.point[RATE], t.score) for one in found for t in one.tried]
    data = dict(zip((tr("method"), tr("learning rate"), metric), map(list, zip(*flat, strict=True)), strict=True))
    return Figure(figure_of(ax), caption=" ".join(caption), alt=alt, data=data)


def _by_rate(collection: Collection) -> list[Search]:
    return [one for one in searches(collection) if RATE in one.keys and (one.scores or one.comparable)]


def _best_words(search: Search) -> str:
    ended = [(t.score, t) for t in search.whole or search.tried if t.score is not None]
    score, best = max(ended, key=lambda one: _sign(search) * one[0])
    rate = _rate_words(best.point[RATE])
    return tr("{name}: best {score} at {rate}", name=search.method, score=fraction(score), rate=rate)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sign(search: Search) -> int:
    return metric_named(search.metric).sign


def _rate_words(rate: float) -> str:
    """Write a rate as short as it is told: 3e-4, 2.13e-4."""
    digits, _, power = f"{rate:.2e}".partition("e")
    return numeral(f"{digits.rstrip('0').rstrip('.')}e{int(power)}")


def rates_axes(ax: Axes | None, collection: Collection, found: Sequence[Search]) -> Axes | None:
    """Draw searches on `ax`, or on new Axes; None where there are none."""
    if not found:
        return None
    names = {one.method: fit(one.method, room=name_room(_NAME), size=SMALL) for one in found}
    ax = ax or new_axes(3.0, right=0.35 + min(0.075 * max(map(len, names.values())), name_room(_NAME)))
    marked = look(collection)
    # The best first, so that the list of names stands as the highest points do.
    ranked = sorted(found, key=lambda one: -_sign(one) * max(_sign(one) * score for score in _shown(one)))
    for one in ranked:
        _curve(ax, one, marked[one.method], names[one.method])
        _noise(ax, one, marked[one.method], _reach(collection, one))
    _scales(ax, found)
    ax.set_xlabel(tr("learning rate (logarithmic scale)"))
    ax.set_ylabel(tr("{metric} on validation", metric=metric_name(found[0].metric)))
    ax.grid(visible=False, axis="x")
    made = ax.legend(
        loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=SMALL, handlelength=1.2, borderpad=0
    )
    for one, handle, text in zip(ranked, made.legend_handles, made.get_texts(), strict=True):
        of_method(marked[one.method], text, *([handle] if handle else []))
    return ax


def _curve(ax: Axes, search: Search, mark: Mark, name: str) -> None:
    """Draw the trials of one method, joined where nothing but the rate varies; those of halving at their first rung."""
    early = search.saved is not None
    scored = [(float(t.point[RATE]), t.score, t.point == search.chosen) for t in search.whole if t.score is not None]
    joined = [(float(t.point[RATE]), t.first) for t in search.tried if t.first is not None] if early else []
    joined = sorted(joined or [(x, y) for x, y, _ in scored])
    line = "-" if len(search.keys) == 1 else "none"
    ax.plot(
        [x for x, _ in joined], [y for _, y in joined], color=mark.colour, lw=1.1, ls=line, marker=mark.marker,
        ms=2.4 if early else 4.2, mfc="white", mec=mark.colour, mew=1.0, zorder=2, label=name,
        gid=f"{METHOD}{mark.name}",
    )  # fmt: skip
    if early:
        _ended(ax, search, mark)
    for x, y, chosen in scored:
        if chosen:
            of_method(mark, *ax.plot(x, y, mark.marker, ms=6.5, mfc=mark.colour, mec=mark.colour, zorder=3))


def _ended(ax: Axes, search: Search, mark: Mark) -> None:
    """Draw what was trained whole above or below its first rung."""
    for one in search.whole:
        if one.score is not None and one.first is not None:
            line = ax.plot([one.point[RATE]] * 2, [one.first, one.score], color=mark.colour, lw=0.8, ls=":", zorder=1)
            dot = ax.plot(one.point[RATE], one.score, mark.marker, ms=4.2, mfc="white", mec=mark.colour, zorder=2)
            of_method(mark, *line, *dot)


def _shown(search: Search) -> list[float]:
    """Return the scores that are drawn of a search."""
    return [*search.scores, *(search.comparable if search.saved is not None else [])]


def _scales(ax: Axes, found: Sequence[Search]) -> None:
    rates = [float(t.point[RATE]) for one in found for t in one.tried if t.score is not None]
    scores = [score for one in found for score in _shown(one)]
    room = max(max(scores) - min(scores), 0.02) * 0.1
    width = max(math.log10(max(rates) / min(rates)), 0.5)
    ax.set_xscale("log")
    ax.set_xlim(min(rates) / 10 ** (0.12 * width), max(rates) * 10 ** (0.12 * width))
    ax.set_ylim(min(scores) - room, max(scores) + room)
    widen(ax)
    ticks = _rate_ticks(*ax.get_xlim())
    ax.set_xticks(ticks, [_rate_words(tick) for tick in ticks])
    ax.set_xticks([], minor=True)


def _rate_ticks(low: float, high: float) -> list[float]:
    """Return round rates within the limits: powers of ten, and as many between them as there is room for."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        ticks = [step * 10.0**power for power in powers for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= 3:  # noqa: PLR2004 - enough to read a scale from
            return inside
    return inside


def _reach(collection: Collection, search: Search) -> float:
    """Return how far a 95 % interval of the best trial reaches for its validation texts alone; 0 where unknown."""
    best = max(search.whole, key=lambda one: _sign(search) * (one.score or 0.0), default=None)
    trials = {run.run_id: run for run in collection.sweeps[search.method]}
    return reach_of(trials[best.run_id], search.metric) if best else 0.0


def _noise(ax: Axes, search: Search, mark: Mark, reach: float) -> None:
    """Draw a band around the best trial, from the least rate that was tried to the largest."""
    if reach == 0:
        return
    rates = [float(one.point[RATE]) for one in search.tried]
    best = max(search.scores, key=lambda score: _sign(search) * score)
    ends = (min(rates), max(rates)) if min(rates) < max(rates) else (min(rates) / 1.2, max(rates) * 1.2)
    of_method(mark, ax.fill_between(ends, best - reach, best + reach, color=mark.colour, alpha=0.1, lw=0, zorder=0))


# the expected best of n trials ---------------------------------------------------------------------------------------


@drawing(msg("expected best of the trials"))
@styled
def expected_figure(collection: Collection) -> Figure | None:
    """Draw the expected best of n trials with its band, one panel per tuned method on shared scales."""
    found = [one for one in searches(collection) if len(one.comparable) > 1]
    if not found:
        return None
    marked, curves = look(collection), [best_of(one.comparable, sign=_sign(one)) for one in found]
    columns, cell = panels(len(found))
    axes = new_grid(len(found), columns=columns, cell=cell, share=True)
    for place, (ax, one) in enumerate(zip(axes, found, strict=True)):
        others = [(marked[other.method], curves[at]) for at, other in enumerate(found) if at != place]
        _expected(ax, one, curves[place], marked[one.method], others)
    name = metric_name(found[0].metric)
    label_grid(axes, xlabel=tr("trials"), ylabel=tr("best {metric} on validation", metric=name))
    words = [
        tr("{name}: {one} of one trial, {best} of {number}", name=one.method, one=fraction(float(curve[0])),
           best=fraction(float(curve[-1])), number=whole(len(curve)))
        for one, curve in zip(found, curves, strict=True)
    ]  # fmt: skip
    return Figure(
        figure_of(axes[0]),
        caption=tr(
            "Expected best {metric} on validation of so many trials (Dodge et al., 2019; unbiased after Tang et al., "
            "2020), with a 95 % bootstrap band over the trials. Grey: the other methods.",
            metric=name,
        )
        + _of_first_rungs(found),
        alt=tr("Expected best {metric} on validation: {words}", metric=name, words="; ".join(words) + "."),
    )


def _of_first_rungs(found: Sequence[Search]) -> str:
    """Say after how many epochs trials are compared that halving did not train to the end."""
    early = [one for one in found if one.saved is not None]
    told = [f"{one.method} {whole(one.rungs[0].epochs)}/{whole(one.rungs[-1].epochs)}" for one in early]
    if not told:
        return ""
    said = tr("Of searches by halving, at the first rung, where all trials had as many epochs ({epochs}).",
              epochs=", ".join(told))  # fmt: skip
    return f" {said}"


def _expected(
    ax: Axes, search: Search, curve: np.ndarray, mark: Mark, others: Sequence[tuple[Mark, np.ndarray]]
) -> None:
    for its, other in others:
        of_method(its, *ax.plot(range(1, len(other) + 1), other, color=_OTHERS, lw=0.9, zorder=1))
    of_method(mark, ax)
    low, high = best_of_band(search.comparable, sign=_sign(search), alpha=_ALPHA, rng=np.random.default_rng(0))
    numbers = range(1, len(curve) + 1)
    ax.fill_between(numbers, low, high, color=mark.colour, alpha=0.18, lw=0, zorder=1)
    ax.plot(numbers, curve, color=mark.colour, lw=1.8, zorder=2)
    ax.set_title(fit(search.method, room=min(_TITLE, page_width() / 2 - 0.3), size=8.5), loc="left", pad=4)
    longest = max(len(one) for one in (curve, *(other for _, other in others)))
    ax.set_xticks(range(1, longest + 1, 1 + longest // 8))
