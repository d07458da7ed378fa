"""What an executed notebook that came with a folder of runs may put into a report, which its reader trusts."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bakeoff.report.pages.display import Figure, image_name
from bakeoff.report.pages.markdown import Outline, to_html
from bakeoff.report.pages.stitch import stitch
from bakeoff.report.pages.table import Table
from bakeoff.report.sections import is_plain_html, is_plain_typst, training_notebook
from bakeoff.system.workspace import Workspace

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "handler": '<div onclick="x()">a</div>',
    "picture": '<img src="https://example.org/a.png">',
    "error of a picture": "<img src=x onerror=alert(1)>",
    "link": '<a href="https://example.org">the report</a>',
    "code in a link": '<a href="javascript:alert(1)">a</a>',
    "another page": '<meta http-equiv="refresh" content="0;url=https://example.org">',
    "frame": '<iframe src="/etc/passwd"></iframe>',
    "form": '<form action="https://example.org"><input name="a"></form>',
    "base": '<base href="https://example.org">',
    "style": "<style>td { display: none }</style>",
    "over the page": '<div style="position: fixed; top: 0">accuracy 100 %</div>',
    "escaped over the page": '<div style="pos\\69tion: fixed">accuracy 100 %</div>',
    "behind a picture": '<div style="background: url(https://example.org)">a</div>',
    "out of its box": "</div></section><h1>Verified</h1><div>",
    "open": "<div><table>",
    "comment": "<div><!-- a --></div>",
    "declaration": "<!DOCTYPE html><p>a</p>",
    "foreign": "<svg><foreignObject><p>a</p></foreignObject></svg>",
    "animated": '<svg><animate attributeName="href" values="javascript:x"/></svg>',
    "elsewhere": '<svg><use xlink:href="https://example.org#a"/></svg>',
    "unknown": "<x-a>a</x-a>",
    "cut off": '<div class="a',
}
TYPST = {
    "file": '#read("/etc/passwd")',
    "package": '#import "@preview/evil:0.1.0": *',
    "include": '#include "main.typ"',
    "evaluated": '#eval("1 + 1")',
    "endless": "#while true {}",
    "function": "#let f = () => f()",
    "set": "#set page(fill: white)",
    "picture of another": '#report-figure("main.typ", alt: "", width: 100%, caption: "")',
    "image": '#image("main.typ")',
    "mathematics": "$ x $",
    "raw": "`x`",
    "heading": "= Verified",
    "label": "@fig",
    "a table of another kind": "#report-table(1, 2)",
    "more than a table": '#report-table(caption: "", align: (left,), wrapped: (auto,), header: ("",), '
    'words: ("",),\n) = More',
    "an escape that is none": r'#report-figure("\u{110000}", alt: "", width: 100%, caption: "")',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_is_not_of_a_report_s_forms(name: str) -> None:
    assert not is_plain_html(HOSTILE[name])


@pytest.mark.parametrize("name", TYPST)
def test_hostile_typst_is_not_of_a_report_s_forms(name: str) -> None:
    assert not is_plain_typst([], TYPST[name])


def shown() -> list[dict[str, str]]:
    """Return what a table and a figure of ours are in every form, with the texts that somebody could write."""
    import matplotlib.pyplot as plt

    words = [*HOSTILE.values(), *TYPST.values(), 'a "quoted" \\" word', "\\", "#", "5 < 6 & 7", "日本\nzwei"]
    cells = {"text": words, "n": [1.5] * len(words), "range": ["1\n(0 to 2)"] * len(words)}
    table = Table(cells, labels=("<b>", words), caption="<b>#read</b>", note="a note " * 30, sortable=True)
    figure, ax = plt.subplots()
    ax.plot([1, 2], [2, 1], marker="o", label="<script> $x$".replace("$", r"\$"))
    ax.fill_between([1, 2], [0, 0], [1, 1], alpha=0.2)
    ax.legend()
    drawn = Figure(figure, caption="<script>", alt='"a"', data={"x": ["<b>", 1]})
    wide = Table({f"{'w' * 30} {n}": ["x" * 30] for n in range(9)}, caption="wide")
    return [one._repr_mimebundle_() for one in (table, drawn, wide)]


def test_everything_of_ours_is() -> None:
    for data in shown():
        images = [image_name(data["image/svg+xml"], "svg")] if "image/svg+xml" in data else []
        assert is_plain_html(data["text/html"])
        assert is_plain_typst(images, data["text/x-typst"]), data["text/x-typst"]
    assert not is_plain_typst([], shown()[1]["text/x-typst"])


def section(root: Path, content: Any) -> Any:
    """Return what is shown of a run whose notebook is this."""
    workspace = Workspace(root)
    file = workspace.run_folder("a", "b").notebook
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        nbformat.write(content, file)
    compare = SimpleNamespace(metric="accuracy")
    experiment: Any = SimpleNamespace(name="a", compare=compare, report=SimpleNamespace(language="en"))
    record: Any = SimpleNamespace(run_id="b", method="full", training=None, validation=None, test=None)
    return training_notebook(record, workspace, experiment)


def test_of_a_hostile_notebook_only_what_is_harmless_is_left(tmp_path: Path) -> None:
    outputs = [
        new_output("display_data", data={"text/html": html, "text/x-typst": typst, "text/plain": "words"})
        for html, typst in zip(HOSTILE.values(), [*TYPST.values()] * 2, strict=False)
    ]
    outputs += [new_output("display_data", data=data) for data in shown()]
    made = section(tmp_path, new_notebook(cells=[new_markdown_cell("a"), new_code_cell("", outputs=outputs)]))
    kept = [output["data"] for output in made.cells[1].outputs]
    words = {"text/plain": "words", "text/markdown": "```\nwords\n```"}
    assert kept[: len(HOSTILE)] == [words] * len(HOSTILE)
    assert kept[len(HOSTILE) :] == shown()


def test_a_table_of_somebody_s_own_is_shown_in_letters(tmp_path: Path) -> None:
    html = "<div>\n<style scoped>td { color: red }</style>\n<table><tr><td>1</td></tr></table></div>"
    data = {"text/html": html, "text/plain": "   a\n0  ``` <b>"}
    cell = new_code_cell("", outputs=[new_output("display_data", data=data)], metadata={"tags": ["result"]})
    made = stitch(new_notebook(cells=[]), [("full", "b", section(tmp_path, new_notebook(cells=[cell])))])
    (shown,) = (output for one in made.cells if one.cell_type == "code" for output in one.outputs)
    page = to_html(shown.data["text/markdown"], Outline())
    assert "<pre><code>   a\n0  ``` &lt;b&gt;\n</code></pre>" in page


def test_a_notebook_that_cannot_be_read_is_drawn_from_the_record(tmp_path: Path) -> None:
    damages: list[bytes] = [b"", b"[" * 99_999, b"9" * 9999, b"[1]", b"{}", b"\xff\xfe", b"null"]
    damages += [json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
                for cells in ([7], "x", [{"cell_type": "code"}], [{"cell_type": "code", "outputs": [1]}])]  # fmt: skip
    for content in damages:
        assert "drawn from the record" in str(section(tmp_path, content).cells[0])
    file = Workspace(tmp_path).run_folder("a", "b").notebook
    file.unlink()
    assert "drawn from the record" in str(section(tmp_path, None).cells[0])
    if sys.platform == "linux":
        for make in (os.mkfifo, lambda place: place.symlink_to("/proc/kmsg"), lambda place: place.symlink_to(place)):
            make(file)
            assert "drawn from the record" in str(section(tmp_path, None).cells[0])
            file.unlink()
