"""What may be said of methods over the cells of a grid: within cells by their tests, over data sets by theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.report.text.escape import escape_markdown
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import listed, numeral, tr, trn
from bakeoff.report.text.numbers import level, p_value, whole
from bakeoff.stats.grids.across import Grid, GridPair
from bakeoff.study.grid import OverGrid

__all__ = ["heading", "rank", "said_of_grid"]


MOST = 6
"""Pairs or cells that a sentence names; tables have them all."""


def heading(grid: OverGrid) -> str:
    """Return what the section is called: after what the file varies."""
    data, models = grid.axes
    if data and models:
        return tr("Over data sets and base models")
    return tr("Over base models") if models else tr("Over data sets")


def rank(value: float) -> str:
    """Write a mean rank."""
    return numeral(f"{value:.2f}")


def said_of_grid(grid: OverGrid, *, metric: str) -> list[str]:
    """Return paragraphs of Markdown."""
    if not grid.at:
        return [tr("No cell of the grid has a result yet.")]
    return [_grounds(grid), *_leading(grid, metric), *_over_data_sets(grid), *_turning(grid), *_wary(grid)]


def _grounds(grid: OverGrid) -> str:
    return tr(
        "The experiment compares its methods in {cells}, with settings chosen in each by itself. What is said of a "
        "cell is held to a level of {level}. All cells together then claim anything falsely with a chance of at "
        "most {alpha}.",
        cells=_extent(grid), level=level(grid.level), alpha=level(grid.alpha),
    )  # fmt: skip


def _wary(grid: OverGrid) -> Iterator[str]:
    missing = [_bold(name) for name in grid.declared if name not in grid.comparisons]
    if missing:
        yield tr("No method has a result in {cells}.", cells=_some(missing))
    few = [
        _bold(one.name) for one in grid.at
        if any(pair.scope == "models" and pair.difference for pair in one.comparison.pairs)
    ]  # fmt: skip
    if few:
        yield tr(
            "In {cells}, too few seeds have finished to tell their noise from a difference between methods. What is "
            "said there is about the models trained here.",
            cells=_some(few),
        )
    numbers = sorted({one.classes for one in grid.at if one.classes})
    if len(numbers) > 1:
        yield tr(
            "The data sets have {fewest} to {most} classes, so one difference need not mean the same on each of "
            "them. Ranks do not depend on that.",
            fewest=whole(numbers[0]), most=whole(numbers[-1]),
        )  # fmt: skip


def _extent(grid: OverGrid) -> str:
    """Say how many cells, of how many data sets and base models."""
    cells = len(grid.declared)
    data, models = grid.axes
    several = trn("{number} cell", "{number} cells", cells, number=whole(cells))
    parts = [
        *([_data_sets(data)] if data else []),
        *([trn("{number} base model", "{number} base models", models, number=whole(models))] if models else []),
    ]
    return tr("{cells} ({parts})", cells=several, parts=listed(parts))


def _leading(grid: OverGrid, metric: str) -> Iterator[str]:
    leaders, name = grid.leaders, metric_name(metric)
    counts = [
        trn("{best} in {number} cell", "{best} in {number} cells", len(own), best=_bold(one), number=whole(len(own)))
        for one, own in leaders.items()
    ]
    if len(next(iter(leaders.values()))) == len(grid.at):
        best = _bold(next(iter(leaders)))
        yield trn(
            "{best} has the best mean {metric} in the one cell that has a result.",
            "{best} has the best mean {metric} in each of the {number} cells.",
            len(grid.at), best=best, metric=name, number=whole(len(grid.at)),
        )  # fmt: skip
        if len(counts) > 1:
            yield tr("It shares that mean with {counts}.", counts=listed(counts[1:]))
    else:
        yield tr("Which method has the best mean {metric} differs: {counts}.", metric=name, counts=listed(counts))
    clear = [one for one in grid.at if one.clear]
    if not clear:
        yield tr("In no cell is the method with the best mean shown to be better than every other.")
    elif len(clear) == len(grid.at):
        yield tr("In every cell the method with the best mean is shown to be better than every other.")
    else:
        names = _some([tr("{cell} ({best})", cell=_bold(one.name), best=_bold(one.best)) for one in clear])
        yield tr("The method with the best mean is shown to be better than every other in {cells} alone.", cells=names)


def _turning(grid: OverGrid) -> Iterator[str]:
    """Name pairs whose order turns from cell to cell by the tests in each."""
    for first, second, own, others in grid.turning[:MOST]:
        yield tr(
            "{a} is shown to be better than {b} in {own}, and worse in {others}: the order depends on the cell.",
            a=_bold(first), b=_bold(second), own=_some([_bold(one) for one in own]),
            others=_some([_bold(one) for one in others]),
        )  # fmt: skip
    if not grid.turning and len(grid.at) > 1:
        yield tr("No two methods are shown to change order between cells.")


def _over_data_sets(grid: OverGrid) -> Iterator[str]:
    found = grid.found
    if found is None:
        return
    if len(found.data_sets) == 1:
        yield tr("All cells are on one data set: what holds there says nothing of other data sets.")
        return
    yield from _claims(found) if found.possible else _no_claim(found)
    yield from _ranks(found)
    if len(found.models) > 1:
        yield tr(
            "Base models on one data set share its texts and count once. Scores and differences are first averaged "
            "over the base models of each data set."
        )


def _no_claim(found: Grid) -> Iterator[str]:
    number, pairs = len(found.data_sets), len(found.pairs)
    if not pairs:
        return
    yield tr(
        "{data_sets} allow no claim over data sets: the signed-rank test of {pairs} takes at least {least}, however "
        "clear the differences. Ranks and mean differences below describe these data sets and speak of no other.",
        data_sets=_data_sets(number), pairs=trn("{number} pair", "{number} pairs", pairs, number=whole(pairs)),
        least=whole(found.least_data_sets),
    )  # fmt: skip


def _claims(found: Grid) -> Iterator[str]:
    told = [pair for pair in found.pairs if pair.better]
    number = _data_sets(len(found.data_sets))
    if not told:
        yield tr(
            "Over {data_sets}, no two methods are told apart by the signed-rank test, corrected for all pairs.",
            data_sets=number,
        )
    for pair in told[:MOST]:
        yield tr(
            "Over {data_sets}, {a} is better than {b}: ahead on {wins} of {number} (corrected p {p}).",
            data_sets=number, a=_bold(pair.first), b=_bold(pair.second), wins=whole(pair.wins),
            number=whole(len(pair.data_sets)), p=p_value(pair.p_holm),
        )  # fmt: skip
    rest: list[GridPair] = [pair for pair in found.pairs if not pair.better]
    if told and rest:
        yield trn(
            "The test does not tell the other pair apart.", "The test does not tell the other {number} pairs apart.",
            len(rest), number=whole(len(rest)),
        )  # fmt: skip


def _ranks(found: Grid) -> Iterator[str]:
    if len(found.standings) > 1:
        ranks = "; ".join(f"{_bold(one.name)} {rank(one.mean_rank)}" for one in found.standings)
        yield tr(
            "Mean ranks over {data_sets}, 1 the best: {ranks}.", data_sets=_data_sets(len(found.data_sets)), ranks=ranks
        )
    if found.unranked:
        names = listed([_bold(name) for name in found.unranked])
        yield tr("Without a rank, since a result is missing in some cell: {names}.", names=names)


def _data_sets(number: int) -> str:
    return trn("{number} data set", "{number} data sets", number, number=whole(number))


def _some(names: Sequence[str]) -> str:
    """List names, the first of many."""
    more = len(names) - MOST
    if more <= 0:
        return listed(names)
    return listed([*names[:MOST], trn("{number} more", "{number} more", more, number=whole(more))])


def _bold(name: str) -> str:
    return f"**{escape_markdown(name)}**"
