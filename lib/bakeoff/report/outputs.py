"""The files that a report is: their names by format, tables of records and predictions, figures as images."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.model import Experiment
from bakeoff.report.pages.display import FIGURE
from bakeoff.report.pages.fonts import fallback
from bakeoff.report.text.language import LANGUAGES
from bakeoff.system.atomic import atomic_path, scratch_folder
from bakeoff.system.digests import canonical_sha256

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from pyarrow import Table

    from bakeoff.study.study import StudyData

__all__ = [
    "FIGURES",
    "FORMATS",
    "beside",
    "chosen_formats",
    "figures_of",
    "is_output",
    "outputs_of",
    "part_name",
    "part_of",
    "values_of",
    "write_figures",
    "write_text",
]


FORMATS = ("html", "pdf", "csv", "md", "tex", "parquet", "svg", "png")
"""Formats that `bakeoff report --format` knows, which are the suffixes of the files."""
FIGURES = "figures"
"""Folder of the figures beside a report."""
_TERMINAL = "summary.txt"
_FILES = (
    "report.html", "report.pdf", "summary.csv", "summary.md", "summary.tex", "pairs.csv", "records.parquet",
    "predictions.parquet",
)  # fmt: skip
_FIGURE = re.compile(rf"{FIGURES}/[\w-]+\.(?:svg|png)")
_DOTS_PER_INCH = 200.0
_LONGEST = 60  # characters of a folder's name


def chosen_formats(asked: Sequence[str]) -> tuple[str, ...]:
    """Return the formats that words of a command line name, all where there are none; raises UnknownName."""
    for name in asked:
        if name not in FORMATS:
            raise UnknownName("--format", name, FORMATS, kind="format")
    return tuple(one for one in FORMATS if one in asked) or FORMATS


def outputs_of(experiment: Experiment, formats: Collection[str] = FORMATS) -> tuple[str, ...]:
    """Return the names of a report's files but for its figures: the same inputs give each of them the same bytes."""
    names = (name for name in (*_FILES, *beside(experiment)) if name.rpartition(".")[2] in formats)
    return (*names, _TERMINAL)


def is_output(name: str, experiment: Experiment) -> bool:
    """Return whether a report can have a file of this name."""
    return name in outputs_of(experiment) or bool(_FIGURE.fullmatch(name))


def beside(experiment: Experiment) -> dict[str, str]:
    """Return the tables of what lies beside the own comparison, and the form in which each leaves the kernel."""
    named: dict[str, str] = {}
    if experiment.train_sizes:
        from bakeoff.report.cells.tables import FILE as SIZES_FILE

        named["sizes.csv"] = SIZES_FILE
    if experiment.cell:
        from bakeoff.report.cells.grid_tables import FILE as GRID_FILE

        named["grid.csv"] = GRID_FILE
    if experiment.tests:
        from bakeoff.report.subsets.further import TESTS_FILE

        named["tests.csv"] = TESTS_FILE
    if experiment.slices:
        from bakeoff.report.subsets.slices import SLICES_FILE

        named["slices.csv"] = SLICES_FILE
    return named


# a part of the report ------------------------------------------------------------------------------------------------


def part_of(experiment: Experiment, only: Sequence[str], language: str | None) -> tuple[str, ...]:
    """Return the changes to the file by which a report shows some methods only, or speaks another language.

    only: names of methods, all where there are none. Raises UnknownName, and BadValue where the reference is left out.
    """
    if language and language not in LANGUAGES:
        raise UnknownName("--language", language, LANGUAGES, kind="language")
    for name in only:
        if name not in experiment.methods:
            raise UnknownName("--only", name, experiment.methods, kind="method", where=experiment.file.name)
    reference = experiment.compare.reference
    if only and reference in experiment.methods and reference not in only:
        hint = f"say `--only {','.join([reference, *only])}`, or `--set compare.reference={only[0]}` as well"
        raise BadValue("--only", f"leaves out {reference!r}, the reference that methods are held against", hint=hint)
    left_out = [
        name
        for name, entry in experiment.methods.items()
        if only and name not in only and entry.default_of is None  # that one comes and goes with its tuned method
    ]
    spoken = [f"report.language={language}"] if language and language != experiment.report.language else []
    return (*(f"methods.{name}=null" for name in left_out), *spoken)


def part_name(only: Sequence[str], language: str | None) -> str:
    """Return the folder of such a report below the experiment's own."""
    name = ".".join(["+".join(dict.fromkeys(only)), *([language] if language else [])]).strip(".")
    if re.fullmatch(rf"[\w+.-]{{1,{_LONGEST}}}", name):
        return name
    plain = re.sub(r"[^\w+.-]", "_", name)[:_LONGEST]
    return f"{plain}-{canonical_sha256(name)[:8]}"


# writing -------------------------------------------------------------------------------------------------------------


def write_text(file: Path, text: str) -> None:
    """Write a text whole or not at all."""
    with atomic_path(file) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")


def values_of(study: StudyData) -> dict[str, Table]:
    """Return every record and every prediction of a study as tables, by name of their files."""
    from pyarrow import Table

    from bakeoff.study.archive import predictions_table, records_frame

    return {
        "records.parquet": Table.from_pandas(records_frame(study.collection), preserve_index=False),
        "predictions.parquet": predictions_table(study.collection, study.workspace),
    }


def figures_of(notebook: NotebookNode) -> dict[str, str]:
    """Return name -> SVG of the figures that an executed notebook shows; the second of a name has a number."""
    found: dict[str, str] = {}
    for name, svg in _drawn(notebook):
        number = sum(one == name or re.fullmatch(rf"{re.escape(name)}-\d+", one) is not None for one in found)
        found[name if not number else f"{name}-{number + 1}"] = svg
    return found


def _drawn(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if FIGURE in data and "image/svg+xml" in data:
                yield str(data[FIGURE]), str(data["image/svg+xml"])


def write_figures(figures: Mapping[str, str], folder: Path, formats: Collection[str]) -> tuple[str, ...]:
    """Write each figure as SVG and PNG, as far as asked for; return the names of the files below the folder."""
    names = []
    if "svg" in formats:
        for name, svg in figures.items():
            write_text(folder / FIGURES / f"{name}.svg", svg + "\n")
            names.append(f"{FIGURES}/{name}.svg")
    if "png" in formats and figures:
        for name, image in zip(figures, _pngs([*figures.values()]), strict=True):
            with atomic_path(folder / FIGURES / f"{name}.png") as scratch:
                scratch.write_bytes(image)
            names.append(f"{FIGURES}/{name}.png")
    return tuple(names)


def _pngs(svgs: Sequence[str]) -> list[bytes]:
    """Return images as PNG: Typst sets each on a page of its size, with the fonts that the PDF has."""
    import matplotlib as mpl
    import typst

    more = fallback(svgs)
    with scratch_folder() as scratch:
        for place, svg in enumerate(svgs):
            (scratch / f"{place}.svg").write_text(svg, encoding="utf-8", newline="\n")
        pages = "\n#pagebreak()\n".join(f'#image("{place}.svg")' for place in range(len(svgs)))
        page = "#set page(width: auto, height: auto, margin: 0pt, fill: white)\n"
        (scratch / "main.typ").write_text(page + pages, encoding="utf-8", newline="\n")
        fonts: list[Any] = [Path(mpl.get_data_path()) / "fonts" / "ttf", *(file.parent for file in more.files)]
        made: Any = typst.compile(
            f"{scratch}/main.typ", format="png", ppi=_DOTS_PER_INCH, ignore_system_fonts=True, font_paths=fonts
        )
    return [made] if isinstance(made, bytes) else list(made)
