"""A difference of two reports in words: for a terminal, and as one HTML page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bakeoff.diff.changes import Change, Changes
from bakeoff.report.pages.html import HtmlReport
from bakeoff.report.pages.table import Table
from bakeoff.report.text.escape import escape_markdown
from bakeoff.report.text.numbers import duration, parameters, score, size

__all__ = ["SAME", "html_page", "sentences", "tables"]


SAME = "the same settings, methods, verdicts and numbers"
FORMS: dict[str, tuple[str, Callable[[float], str]]] = {
    "params_trainable": ("trainable parameters", parameters),
    "train_s_mean": ("training time", duration),
    "peak_memory_train_bytes_mean": ("peak memory", size),
    "artifact_bytes": ("saved", size),
}


def sentences(found: Changes) -> list[str]:
    """Return what stands beside the tables: what the reports were made from, and what could not be compared."""
    said = [f"Made from other: {', '.join(found.inputs)}."] if found.inputs else []
    if found.unknown_settings:
        said.append("Settings are not compared: one of the reports did not write them down.")
    return said if found else [f"{SAME[0].upper()}{SAME[1:]}.", *said]


def tables(found: Changes, names: tuple[str, str]) -> list[Table]:
    """Return a table for each kind of change there is. names: of the two reports."""
    first, second = names if names[0] != names[1] else (f"{names[0]} (first)", f"{names[1]} (second)")
    parts = (
        ("setting", "Settings that differ.", found.settings, False),
        ("method", "Methods that only one of the two has.", found.methods, False),
        ("pair", "Verdicts that differ.", found.verdicts, False),
        ("method", "Numbers that differ.", found.numbers, True),
        ("method", "Costs that differ.", found.costs, True),
    )
    return [_table(head, caption, rows, (first, second), part=part) for head, caption, rows, part in parts if rows]


def _table(head: str, caption: str, rows: Sequence[Change], names: tuple[str, str], *, part: bool) -> Table:
    labels = [one.what if part else one.name for one in rows]
    return Table(
        {
            **({"number": [_column(one.name) for one in rows]} if part else {}),
            names[0]: [_written(one, one.before) for one in rows],
            names[1]: [_written(one, one.after) for one in rows],
            **({"change": [_change(one) for one in rows]} if part else {}),
        },
        labels=(head, labels),
        caption=caption,
    )


def _column(name: str) -> str:
    return FORMS[name][0] if name in FORMS else name.removesuffix("_test_mean").replace("_", " ")


def _written(one: Change, value: Any) -> str | None:
    if value is None:
        return None
    if one.name in FORMS:
        return str(FORMS[one.name][1](float(value)))
    return score(float(value)) if one.name.endswith("_test_mean") else str(value)


def _change(one: Change) -> str | None:
    """Return by how much a number differs: a metric in points, a cost as a share."""
    if not isinstance(one.before, float | int) or not isinstance(one.after, float | int):
        return None
    if one.name.endswith("_test_mean"):
        return f"{100 * (one.after - one.before):+.2f} pp"
    if one.name in FORMS and one.before:
        return f"{100 * (one.after / one.before - 1):+.1f} %"
    return f"{one.after - one.before:+g}"


def html_page(found: Changes, names: tuple[str, str]) -> str:
    """Return one HTML page with everything inside."""
    title = f"{names[0]} and {names[1]}"
    cells = [new_markdown_cell("\n\n".join(escape_markdown(one) for one in sentences(found)))]
    for table in tables(found, names):
        shown = new_output("display_data", data=table._repr_mimebundle_())
        cells.append(new_code_cell("", outputs=[shown]))
    notebook = new_notebook(cells=cells, metadata={"title": title})
    exporter: Any = HtmlReport  # nbconvert does not annotate how it is made
    return str(exporter().from_notebook_node(notebook)[0])
