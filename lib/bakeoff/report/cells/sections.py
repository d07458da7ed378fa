"""The sections of the report over the cells of one file: numbers of training texts, data sets and base models."""

from __future__ import annotations

from bakeoff.report.cells.figure import size_figure
from bakeoff.report.cells.grid_said import heading, said_of_grid
from bakeoff.report.cells.grid_tables import grid_tables
from bakeoff.report.cells.said import said_of_sizes
from bakeoff.report.cells.tables import size_tables
from bakeoff.report.figures.ranks import rank_figure
from bakeoff.report.figures.style import marks
from bakeoff.report.pages.display import Figure, Prose
from bakeoff.report.pages.paragraphs import Paragraphs
from bakeoff.report.pages.table import Table
from bakeoff.report.text.language import tr
from bakeoff.study.grid import OverGrid
from bakeoff.study.sizes import Sizes
from bakeoff.study.study import StudyData

__all__ = ["grid_section", "sizes_section"]


def sizes_section(study: StudyData, sizes: Sizes | None) -> list[Table | Figure | Prose]:
    """Show methods by number of training texts; nothing where the file names one number."""
    if sizes is None:
        return []
    asked, methods = study.experiment.compare, list(study.experiment.methods)
    said = said_of_sizes(sizes, reference=asked.reference, metric=asked.metric, searched=study.searched)
    figure = size_figure(sizes, methods=methods, metric=asked.metric)
    tables = size_tables(sizes, methods=methods, reference=asked.reference, metric=asked.metric)
    shown = [Prose(f"## {tr('Over numbers of training texts')}"), Paragraphs([(text, None) for text in said])]
    return [*shown, *([figure] if figure else []), *tables]


def grid_section(study: StudyData, grid: OverGrid | None, *, rest: str) -> list[Table | Figure | Prose]:
    """Show methods over the cells of the grid; nothing where the file names one data set and one base model.

    rest: which cell the remaining report is about
    """
    if grid is None:
        return []
    asked, methods = study.experiment.compare, list(study.experiment.methods)
    said = [*said_of_grid(grid, metric=asked.metric), rest]
    suffices = grid.found is not None and grid.found.possible
    figure = rank_figure(grid.found, marks(methods)) if grid.found and suffices else None
    tables = grid_tables(grid, methods=methods, reference=asked.reference, metric=asked.metric)
    shown = [Prose(f"## {heading(grid)}"), Paragraphs([(text, None) for text in said])]
    return [*shown, *tables[:1], *([figure] if figure else []), *tables[1:]]
