"""Every figure of a report says which of its parts show which method, so that a page can hide and bring out each."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

import made_cells
import sample
import tuned
from bakeoff.report.figures.rates import expected_figure, rates_figure
from bakeoff.report.pages.display import FIGURE
from bakeoff.report.view import ComparisonView
from bakeoff.system.workspace import PACKAGE
from views import stitched, view

FEW = tuple(name for name in sample.FACTS if name not in ("full", "lora", "tfidf"))
CLASSES = {number: tuple(f"class {place}" for place in range(number)) for number in (5, 20)}


def over_cells(folder: Path) -> ComparisonView:
    """Return a view with sections over numbers of training texts and over data sets."""
    shown = view(sample.collection(missing=FEW), folder)
    levels = {"full": 0.85, "lora": 0.845, "tfidf": 0.7}
    rising = {name: (level - 0.2, level - 0.1, level - 0.05, level) for name, level in levels.items()}
    shown._sizes = made_cells.sizes(rising)
    shown._grid = made_cells.grid(9, models=("small",), levels=levels)
    return shown


def report(comparison: ComparisonView) -> list[tuple[str, Tag]]:
    """Return every figure of a report, whatever section shows it, with what it is called."""
    data = [output.get("data", {}) for cell in stitched(comparison).cells for output in cell.get("outputs", [])]
    return [(one[FIGURE], drawn(one["text/html"])) for one in data if FIGURE in one]


def searches(_: Path) -> list[tuple[str, Tag]]:
    """Return the figures of a report on searches that others lack."""
    found = tuned.study({"full": (0.85, 0.8), "lora": (0.84, 0.8)})[0]
    return [(one.name, drawn(one.to_html())) for one in (rates_figure(found), expected_figure(found))]


def drawn(html: str) -> Tag:
    return BeautifulSoup(html, "html.parser").select_one("figure.report")


CASES = {
    "the demo": lambda folder: report(view(sample.collection(failing={"prefix": (42,)}), folder)),
    "cells": lambda folder: report(over_cells(folder)),
    "searches": searches,
    **{
        f"{number} classes": lambda folder, names=names: report(
            view(sample.collection(names=names, missing=FEW), folder)
        )
        for number, names in CLASSES.items()
    },
}


@pytest.fixture(scope="module")
def figures(tmp_path_factory) -> dict[str, list[tuple[str, Tag]]]:
    return {case: make(tmp_path_factory.mktemp("records")) for case, make in CASES.items()}


def name_in(text: str, names: list[str]) -> str | None:
    """Return the method that a text of a figure names, whole or cut, with or without what it is called beside."""
    bare = re.sub(r"^\d+: ", "", " ".join(text.split()))
    if bare.endswith("\N{HORIZONTAL ELLIPSIS}"):
        found = [name for name in names if name.startswith(bare[:-1].rstrip())]
        return found[0] if len(found) == 1 else None
    return next((name for name in names if bare == name or bare.startswith(f"{name} (")), None)


def own(part: Tag) -> set[str]:
    """Return the methods that a part of a figure, or what it lies in, is said to show."""
    return {one["data-method"] for one in (part, *part.parents) if one.get("data-method")}


def told(figure: Tag, names: list[str]) -> set[str]:
    """Return the methods whose numbers a figure gives."""
    return {cell for row in csv.reader(io.StringIO(figure.get("data-csv", ""))) for cell in row} & set(names)


def test_every_figure_that_can_be_drawn_is_looked_at(figures) -> None:
    sources = "".join(path.read_text("utf-8") for path in (PACKAGE / "report").rglob("*.py"))
    called = {re.sub(r"\W+", "-", name) for name in re.findall(r'@drawing\(msg\("([^"]+)"\)\)', sources)}
    assert len(called) > 8
    assert {name for shown in figures.values() for name, _ in shown} == called


def test_every_figure_marks_the_parts_of_each_method_it_shows(figures) -> None:
    names = list(sample.FACTS)
    for name, figure in (one for shown in figures.values() for one in shown):
        for svg in figure.select("svg"):
            marked = own(figure) | {part["data-method"] for part in svg.select("[data-method]")}
            assert marked, name
            assert told(figure, names) <= marked <= set(names), name
            for text in svg.select("text"):
                method = name_in(text.get_text(), names)
                assert method is None or method in own(text), (name, text.get_text())
