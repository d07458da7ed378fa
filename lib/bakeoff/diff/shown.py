"""A difference of two reports in words, in their language: for a terminal, and as one HTML page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bakeoff.diff.changes import QUALITY, Change, Changes
from bakeoff.diff.side import MEAN
from bakeoff.errors import shown
from bakeoff.metrics.classification import METRICS
from bakeoff.metrics.ordinal import ORDINAL
from bakeoff.report.pages.html import HtmlReport
from bakeoff.report.pages.table import Table
from bakeoff.report.text.escape import escape_markdown
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import listed, msg, numeral, speaking, tr
from bakeoff.report.text.measure import declared_metric, measuring
from bakeoff.report.text.numbers import duration, in_unit, parameters, scale, score, size, whole
from bakeoff.stats.pairs import FINDINGS

__all__ = ["html_page", "in_words", "is_page"]


MADE = "<!-- made by bakeoff diff -->"
"""The last line of a page, by which it is known again."""

FORMS: dict[str, tuple[str, Callable[[float], str]]] = {
    "params_trainable": (msg("trainable parameters"), parameters),
    "train_s_mean": (msg("training time"), duration),
    "peak_memory_train_bytes_mean": (msg("peak memory"), size),
    "artifact_bytes": (msg("size saved"), size),
    "runs": (msg("finished runs"), whole),
    "runs_failed": (msg("failed runs"), whole),
}
_INPUTS = {
    "experiment file": msg("experiment file"), "notebook": msg("notebook"), "code": msg("code of bakeoff"),
    "choices": msg("choices of searches"), "records": msg("records"), "executed notebooks": msg("executed notebooks"),
    "predictions": msg("predictions"), "further test sets": msg("further test sets"),
    "data and models": msg("data and models"), "libraries": msg("libraries"),
}  # fmt: skip
_THERE = msg("there")


def in_words(found: Changes, names: tuple[str, str], *, language: str) -> list[str]:
    """Return what differs as paragraphs and tables for a terminal. names: of the two reports."""
    with speaking(language):
        return [*_sentences(found), *(f"\n{table}" for table in _tables(found, names))]


def html_page(found: Changes, names: tuple[str, str], *, language: str) -> str:
    """Return one HTML page with everything inside."""
    with speaking(language):
        cells = [new_markdown_cell("\n\n".join(escape_markdown(one) for one in _sentences(found)))]
        for table in _tables(found, names):
            shown = new_output("display_data", data=table._repr_mimebundle_())
            cells.append(new_code_cell("", outputs=[shown]))
        metadata = {"title": listed(names), "bakeoff": {"language": language}}
        exporter: Any = HtmlReport  # nbconvert does not annotate how it is made
        return f"{exporter().from_notebook_node(new_notebook(cells=cells, metadata=metadata))[0]}\n{MADE}\n"


def is_page(file: Path) -> bool:
    """Return whether a file is a page that was written so before."""
    try:
        return file.read_bytes().rstrip().endswith(MADE.encode())
    except OSError:
        return False


def _sentences(found: Changes) -> list[str]:
    """Return what stands beside the tables: what the reports were made from, and what could not be compared."""
    inputs = ", ".join(tr(_INPUTS[name]) if name in _INPUTS else shown(name) for name in found.inputs)
    said = [tr("Made from other inputs: {inputs}.", inputs=inputs)] if inputs else []
    if found.unknown_settings:
        said.append(tr("Settings are not compared: one of the reports did not write them down."))
    return said if found else [tr("The same settings, methods, verdicts and numbers."), *said]


def _tables(found: Changes, names: tuple[str, str]) -> list[Table]:
    """Return a table for each kind of change there is."""
    first, second = names
    if first == second:
        first, second = tr("{name} (first)", name=first), tr("{name} (second)", name=second)
    parts = (
        (tr("setting"), tr("Settings that differ."), found.settings, False),
        (tr("method"), tr("Methods that only one of the two has."), found.methods, False),
        (tr("pair"), tr("Verdicts that differ."), found.verdicts, False),
        (tr("method"), tr("Numbers that differ."), found.numbers, True),
        (tr("method"), tr("Costs that differ."), found.costs, True),
    )
    return [_table(head, caption, rows, (first, second), part=part) for head, caption, rows, part in parts if rows]


def _table(head: str, caption: str, rows: Sequence[Change], names: tuple[str, str], *, part: bool) -> Table:
    labels = [one.what if part else _name(one) for one in rows]
    return Table(
        {
            **({tr("number"): [_column(one.name) for one in rows]} if part else {}),
            names[0]: [_written(one, one.before) for one in rows],
            names[1]: [_written(one, one.after) for one in rows],
            **({tr("change"): [_change(one) for one in rows]} if part else {}),
        },
        labels=(head, labels),
        caption=caption,
    )


def _name(one: Change) -> str:
    return tr("{a} against {b}", a=one.name, b=one.against) if one.against else one.name


def _column(name: str) -> str:
    if name in FORMS:
        return tr(FORMS[name][0])
    if metric := _metric(name):
        return metric_name(metric)
    return tr(name) if name in QUALITY else shown(name.removesuffix(MEAN))


def _metric(column: str) -> str | None:
    """Return the metric that a column is the mean of, of those that come with bakeoff.

    The name of one's own is the name of a module, which would be run: no zip of others may choose one here.
    """
    name = column.removesuffix(MEAN)
    return name if column.endswith(MEAN) and (name in METRICS or name in ORDINAL) else None


def _written(one: Change, value: Any) -> str | None:
    if value is None:
        return None
    if one.name in FORMS:
        return str(FORMS[one.name][1](float(value)))
    if metric := _metric(one.name):
        with measuring(metric):
            return score(float(value))
    if one.name.endswith(MEAN):
        return _signed(f"{float(value):z.3f}")
    return tr(str(value)) if one.what in ("method", "verdict") and value in _WORDS else str(value)


_WORDS = {_THERE, *FINDINGS.values()}
"""What is said of a method and of a pair, as the catalogue has it."""


def _change(one: Change) -> str | None:
    """Return by how much a number differs: a metric in its unit, a cost as a share."""
    if not isinstance(one.before, float | int) or not isinstance(one.after, float | int):
        return None
    if metric := _metric(one.name):
        with measuring(metric):
            digits = 2 if declared_metric().unit == "pp" else 3
            return in_unit(_signed(f"{abs(scale()) * (one.after - one.before):+.{digits}f}"))
    if one.name in FORMS and one.before and not one.name.startswith("runs"):
        return _signed(f"{100 * (one.after / one.before - 1):+.1f}\N{NO-BREAK SPACE}%")
    return _signed(f"{one.after - one.before:+g}")


def _signed(number: str) -> str:
    return numeral(number.replace("-", "\N{MINUS SIGN}"))
