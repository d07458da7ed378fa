"""What a report says and shows of slices of the test texts: scores there, and whether differences depend on a slice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.report.pages.display import Prose
from bakeoff.report.pages.paragraphs import Paragraphs
from bakeoff.report.pages.table import Table
from bakeoff.report.subsets.further import bold, capital, held, scored
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import listed, numeral, tr
from bakeoff.report.text.numbers import extended, fraction, interval, level, p_value, points, whole
from bakeoff.runs.slices import Cut, Level
from bakeoff.study.study import StudyData
from bakeoff.study.subsets.changes import Change
from bakeoff.study.subsets.slices import LEAST_TEXTS, OnCut, Slice, Slices, slices_of
from bakeoff.system.spreadsheets import csv_of

__all__ = ["SLICES_FILE", "said_of_slices", "slice_name", "slice_tables", "slices_section"]


SLICES_FILE = "application/vnd.bakeoff.slices+csv"
"""Form in which slices.csv leaves the kernel that compared."""


def slices_section(study: StudyData, *, metric: str) -> list[Table | Prose]:
    """Return the section on slices; nothing where the file names none, or no run has finished."""
    found = slices_of(study)
    if found is None:
        return []
    said = Paragraphs([(text, None) for text in said_of_slices(found, metric=metric)])
    tables = slice_tables(found, methods=list(study.experiment.methods), metric=metric)
    return [Prose(f"## {tr('On slices of the test texts')}"), said, *tables]


def said_of_slices(found: Slices, *, metric: str) -> list[str]:
    """Return paragraphs of Markdown."""
    if not found.here:
        return [tr("The data are not here as the runs read them, so that their texts cannot be cut into slices.")]
    return [_grounds(found), *(text for number in range(len(found.cuts)) for text in _cut(found, number, metric))]


def _grounds(found: Slices) -> str:
    text = tr(
        "Each slice of the test texts is held against all other test texts, by the same models. What is said of "
        "scores is corrected by Holm over all methods and slices, at a level of {alpha}. So is what is said of "
        "differences to the reference. Of slices with fewer than {least} texts nothing is said.",
        alpha=level(found.alpha), least=whole(LEAST_TEXTS),
    )  # fmt: skip
    models = dict.fromkeys(one.method for one in (*found.own, *found.beyond) if one.gap.scope == "models")
    if models:
        names = listed([bold(name) for name in models])
        text += " " + tr("With too few seeds, it is about the models trained here for {names}.", names=names)
    return text


def _cut(found: Slices, number: int, metric: str) -> Iterator[str]:
    on = found.cuts[number]
    small = [slice_name(one.level) for one in on.slices if not one.claims]
    heading = _heading(on.cut)
    if small:
        yield tr("{cut}: too few texts for claims: {slices}.", cut=heading, slices="; ".join(map(bold, small)))
    said = [text for place in range(len(on.slices)) for text in _own(found, number, place, metric)]
    tested = any(found.changes(found.own, number, place) for place in range(len(on.slices)))
    yield from said
    if tested and not said:
        yield tr("{cut}: no method is shown to score otherwise on one slice than on the others.", cut=heading)
    yield from _interactions(found, number)


def _own(found: Slices, number: int, place: int, metric: str) -> Iterator[str]:
    """Say on one slice whose score is worse or better than on all other texts."""
    on = found.cuts[number]
    shown = [one for one in found.changes(found.own, number, place) if one.shown]
    lower, higher = ([one for one in shown if (one.gap.estimate < 0) is less] for less in (True, False))
    said = {"slice": bold(_full(on.cut, on.slices[place].level)), "metric": metric_name(metric)}
    if lower:
        yield tr("On {slice}, {metric} is worse than on all other texts for {methods}.", methods=held(lower), **said)
    if higher:
        yield tr("On {slice}, {metric} is better than on all other texts for {methods}.", methods=held(higher), **said)


def _interactions(found: Slices, number: int) -> Iterator[str]:
    """Say whose difference to the reference depends on a slice; that none is shown to is said, too."""
    on, reference = found.cuts[number], bold(str(found.reference))
    every = [(place, one) for place in range(len(on.slices)) for one in found.changes(found.beyond, number, place)]
    for place, one in every:
        if one.shown:
            yield _interaction(one, _full(on.cut, on.slices[place].level), reference)
    if every and not any(one.shown for _, one in every):
        yield tr(
            "{cut}: no method's difference to {b} is shown to depend on the slice.", cut=_heading(on.cut), b=reference
        )


def _interaction(one: Change, slice_: str, reference: str) -> str:
    said = {
        "a": bold(one.method), "b": reference, "slice": bold(slice_), "estimate": points(one.gap.estimate),
        "interval": interval(one.low, one.high), "p": p_value(one.p), "number": whole(one.comparisons),
    }  # fmt: skip
    if one.gap.estimate < 0:
        return tr(
            "Against {b}, {a} does worse on {slice} than on all other texts: their difference changes by {estimate} "
            "{interval} (p {p} after Holm's correction for {number} comparisons).",
            **said,
        )
    return tr(
        "Against {b}, {a} does better on {slice} than on all other texts: their difference changes by {estimate} "
        "{interval} (p {p} after Holm's correction for {number} comparisons).",
        **said,
    )


def _heading(cut: Cut) -> str:
    """Return what the texts are cut by."""
    return tr("By length in words") if cut.slicing.column is None else tr("By {name}", name=bold(cut.slicing.column))


def _full(cut: Cut, one: Level) -> str:
    """Return what a slice is called where it is not said by what the texts are cut."""
    return f"{tr('length') if cut.slicing.column is None else cut.slicing.column}: {slice_name(one)}"


def slice_name(one: Level) -> str:
    """Return what a slice is called."""
    low, high = (
        None if end is None else numeral(f"{end:g}").replace("-", "\N{MINUS SIGN}") for end in (one.low, one.high)
    )
    if one.value is not None:
        return one.value
    if low is None and high is None:
        return tr("no value")
    if low is None:
        return tr("below {high}", high=high)
    return tr("{low} and more", low=low) if high is None else tr("{low} to below {high}", low=low, high=high)


def slice_tables(found: Slices, *, methods: Sequence[str], metric: str) -> list[Table]:
    """Return for each cut a table of scores and one of differences to the reference; the first carries the csv."""
    csv = csv_of(found.to_frame())
    tables: list[Table] = []
    for on in found.cuts:
        carried: dict[str, object] = {} if tables else {SLICES_FILE: csv}
        tables.append(_scores(on, found, methods, metric, carried))
        if any(one.differences for one in on.slices):
            tables.append(_differences(on, found, methods, metric))
    return tables


def _column(one: Slice) -> str:
    return tr("{slice} ({texts} texts)", slice=slice_name(one.level), texts=whole(one.texts))


def _scores(on: OnCut, found: Slices, methods: Sequence[str], metric: str, carried: dict[str, object]) -> Table:
    known = [name for name in methods if any(name in one.scores for one in on.slices)]
    columns = {_column(one): [_score(one, name) for name in known] for one in on.slices}
    return Table(
        columns,
        labels=(tr("method"), known),
        caption=tr("{metric} on slices of the test texts, {cut}.", metric=capital(metric_name(metric)), cut=_plain(on)),
        note=tr(
            "Intervals hold for all methods and slices at once, at {level}. A slice with too few texts for claims has "
            "none.",
            level=level(1 - found.alpha),
        ),
        carried=carried,
    )


def _score(one: Slice, name: str) -> str:
    if name not in one.scores:
        return MISSING
    return scored(one.scores[name]) if one.claims else fraction(one.scores[name].mean)


def _differences(on: OnCut, found: Slices, methods: Sequence[str], metric: str) -> Table:
    known = [name for name in methods if any(name in one.differences for one in on.slices)]
    return Table(
        {_column(one): [_difference(one, name) for name in known] for one in on.slices},
        labels=(tr("method"), known),
        caption=tr(
            "Difference to {reference} in {metric} on slices of the test texts, {cut}.",
            reference=str(found.reference), metric=metric_name(metric), cut=_plain(on),
        ),
        note=tr(
            "Intervals hold for all methods and slices at once, at {level}. A slice with too few texts for claims has "
            "none.",
            level=level(1 - found.alpha),
        ),
    )  # fmt: skip


def _difference(one: Slice, name: str) -> str:
    if name not in one.differences:
        return MISSING
    estimate, low, high = one.differences[name]
    shown = points(estimate)
    return extended(shown, f"{shown}\n{interval(low, high)}")


def _plain(on: OnCut) -> str:
    return tr("by length in words") if on.cut.slicing.column is None else tr("by {name}", name=on.cut.slicing.column)
