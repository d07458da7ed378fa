"""The runs behind a paragraph: which they are, by method, and where in the report each of them stands.

`tables` sets the anchors, `paragraphs` links to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bakeoff.report.text.labels import shown_name
from bakeoff.report.text.language import tr, trn
from bakeoff.report.text.numbers import whole
from bakeoff.runs.record import Record
from bakeoff.study.collect import Collection, Row

__all__ = ["RUNS", "Basis", "Link", "Source", "anchor_of", "basis", "named_runs"]


RUNS = "runs:"
"""Anchor of the table of runs; like those of its rows, none that a heading could get."""


@dataclass(frozen=True)
class Link:
    """A run as a link: what tells it from others of its method, and its anchor; None for a run not in the report."""

    text: str
    anchor: str | None


@dataclass(frozen=True)
class Source:
    """The runs of one method."""

    name: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Basis:
    """What a paragraph rests on: how many runs, in words; whether those are all of a comparison that has several."""

    text: str
    every: bool
    sources: tuple[Source, ...]


def anchor_of(run_id: str) -> str:
    """Return the anchor of a run's row."""
    return f"run:{run_id}"


def named_runs(collection: Collection) -> Iterator[tuple[str, Record]]:
    """Yield every run in the tables under the name it has there: the comparison's, trials, those added by hand."""
    yield from _of_rows(collection.rows)
    for name, trials in collection.sweeps.items():
        yield from ((_trial(name, run), run) for run in trials)
    yield from _of_rows(collection.additional)


def _of_rows(rows: Iterable[Row]) -> Iterator[tuple[str, Record]]:
    for row in rows:
        if runs := (*row.records, *row.failures):
            name = shown_name(row)
            yield from ((name, run) for run in runs)


def _trial(name: str, run: Record) -> str:
    if run.stopped_after is None:
        return tr("{name} (trial)", name=name)
    done, epochs = whole(run.stopped_after), whole(run.params["epochs"])
    return tr("{name} (trial, {done} of {epochs} epochs)", name=name, done=done, epochs=epochs)


def basis(run_ids: Sequence[str], collection: Collection) -> Basis | None:
    """Return what a paragraph rests on, by method in its own order; None for one that rests on no run."""
    if not run_ids:
        return None
    known = {run.run_id: (name, run) for name, run in named_runs(collection)}
    links: dict[str, list[Link]] = {}
    for run_id in dict.fromkeys(run_ids):
        if run_id in known:
            name, run = known[run_id]
            links.setdefault(name, []).append(Link(_told_apart(run), anchor_of(run_id)))
        else:
            links.setdefault(tr("not in this report"), []).append(Link(run_id, None))
    number = len(set(run_ids))
    return Basis(
        text=trn("{number} run", "{number} runs", number, number=whole(number)),
        every=number > 1 and set(run_ids) == {run.run_id for row in collection.rows for run in row.records},
        sources=tuple(Source(name, tuple(own)) for name, own in links.items()),
    )


def _told_apart(run: Record) -> str:
    """Return by what a run differs from the others of its name."""
    if run.role == "sweep":
        return ", ".join(f"{key}={value}" for key, value in run.request.overrides.items())
    return tr("one run") if run.deterministic else tr("seed {seed}", seed=run.seed)
