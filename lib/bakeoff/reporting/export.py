"""A stitched notebook into one self-contained HTML file and one PDF: two nbconvert exporters and `export`.

`jupyter nbconvert --to bakeoff-html` and `--to bakeoff-pdf` use the exporters, too. Neither needs a network, a
browser or LaTeX, and the same notebook gives the same bytes. Only `notebook` and `cli` import this.
"""

from __future__ import annotations

import copy
import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import typst
from markupsafe import Markup
from nbconvert.exporters import Exporter, HTMLExporter
from nbformat import NotebookNode
from traitlets import default

from bakeoff.record import atomic_path
from bakeoff.reporting.escape import escape_html, plain, typst_string
from bakeoff.reporting.markdown import Outline, split_title, to_html
from bakeoff.reporting.typst_source import IMAGES, image_bytes, typst_source
from bakeoff.reporting.words import words

__all__ = ["HtmlReport", "PdfReport", "export"]

_TEMPLATES = Path(__file__).parent / "templates"


def _titled(nb: NotebookNode, name: str) -> NotebookNode:
    """Return a copy whose metadata holds title, language and facts; a leading level-1 heading becomes the title."""
    nb = copy.deepcopy(nb)
    first = next((cell for cell in nb.cells if cell.cell_type == "markdown"), None)
    heading = None
    if first is not None:
        heading, first["source"] = split_title(first.source)
    about = {"language": "en", "facts": {}} | dict(nb.metadata.get("bakeoff", {}))
    nb.metadata["bakeoff"] = about | {"title": nb.metadata.get("title") or heading or name}
    return nb


def _name(resources: Mapping[str, Any] | None) -> str:
    return str((resources or {}).get("metadata", {}).get("name") or "report")


def _script_hash(script: str) -> str:
    """Return the token by which the page's policy allows this one script and no other."""
    return "sha256-" + b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


class HtmlReport(HTMLExporter):
    """One HTML file with everything inside; its policy forbids requests and foreign scripts."""

    export_from_notebook = "bakeoff report (HTML)"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "html"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(_TEMPLATES)]

    def from_notebook_node(  # type: ignore[override]  # as nbconvert's own HTMLExporter
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and nbconvert's resources."""
        nb = _titled(nb, _name(resources))
        about, outline = nb.metadata["bakeoff"], Outline()
        script = (_TEMPLATES / "html" / "report.js").read_text(encoding="utf-8")
        page = {
            "about": about,
            "outline": outline,
            "output": partial(_output_html, outline=outline),
            "prose": partial(_prose_html, outline=outline),
            "script": Markup(script),  # noqa: S704 - our own file
            "script_hash": _script_hash(script),
            "style": Markup((_TEMPLATES / "html" / "report.css").read_text(encoding="utf-8")),  # noqa: S704
            "words": words(about["language"]),
        }
        return super().from_notebook_node(nb, cast("dict[str, Any]", {**(resources or {}), "page": page}), **kw)


def _prose_html(cell: NotebookNode, outline: Outline) -> str:
    return to_html(cell.source, outline, anchor=cell.metadata.get("bakeoff", {}).get("anchor"))


def _output_html(output: NotebookNode, outline: Outline) -> str:
    if output.output_type == "stream":
        return f"<pre>{escape_html(plain(output.text))}</pre>"
    if output.output_type == "error":
        return f'<p class="error" role="note"><b>{escape_html(output.ename)}</b>: {escape_html(output.evalue)}</p>'
    form = next((form for form in _FORMS if form in output.data), None)
    return _FORMS[form](output.data, outline) if form else ""


def _image_html(data: Mapping[str, Any], _: Outline, *, kind: str) -> str:
    content = image_bytes(data[kind])
    alt = escape_html(data.get("text/plain", ""))
    return f'<figure class="report"><img alt="{alt}" src="data:{kind};base64,{b64encode(content).decode()}"></figure>'


_FORMS: dict[str, Callable[[Mapping[str, Any], Outline], str]] = {  # best first
    "text/html": lambda data, _: str(data["text/html"]),
    "text/markdown": lambda data, outline: to_html(data["text/markdown"], outline),
    **{kind: partial(_image_html, kind=kind) for kind in IMAGES},
    "text/plain": lambda data, _: f"<pre>{escape_html(data['text/plain'])}</pre>",
}


class PdfReport(Exporter):
    """One PDF, set by Typst with fonts that come with its packages, never the system's."""

    export_from_notebook = "bakeoff report (PDF)"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the PDF's bytes and nbconvert's resources."""
        nb, found = super().from_notebook_node(_titled(nb, _name(resources)), resources, **kw)
        with TemporaryDirectory(prefix="bakeoff-") as folder:  # pictures cannot be handed over in memory
            for name, content in self.files(nb).items():
                (Path(folder) / name).write_bytes(content)
            return typst.compile(f"{folder}/main.typ", ignore_system_fonts=True, font_paths=_fonts()), found

    def files(self, nb: NotebookNode) -> dict[str, bytes]:
        """Return the Typst project of a titled notebook: `main.typ`, the template, the images."""
        about, source = nb.metadata["bakeoff"], typst_source(nb)
        facts = "".join(f"({typst_string(name)}, {typst_string(value)}), " for name, value in about["facts"].items())
        main = (
            '#import "report.typ": *\n'
            f"#show: report.with(title: {typst_string(about['title'])}, language: {typst_string(about['language'])}, "
            f"facts: ({facts}))\n\n{source.text}"
        )
        template = (_TEMPLATES / "typst" / "report.typ").read_bytes()
        return {"main.typ": main.encode("utf-8"), "report.typ": template, **source.images}


def _fonts() -> list[Any]:
    """Return where matplotlib keeps its fonts: they fill in the signs that Typst's own lack."""
    import matplotlib as mpl

    return [str(Path(mpl.get_data_path()) / "fonts" / "ttf")]


def export(
    nb: NotebookNode, folder: Path, *, title: str, language: str = "en", facts: Mapping[str, str] | None = None
) -> tuple[Path, Path]:
    """Write `report.html` and `report.pdf` into `folder`, both or none, and return their paths.

    nb: a stitched notebook
    language: the report's language (ISO 639-1)
    facts: label -> value, shown under the title (data, model, number of runs)
    """
    nb = copy.deepcopy(nb)
    nb.metadata["title"] = title
    nb.metadata["bakeoff"] = {"language": language, "facts": dict(facts or {})}
    exporters: list[Any] = [HtmlReport, PdfReport]  # nbconvert does not annotate how they are made
    (page, _), (document, _) = (exporter().from_notebook_node(nb) for exporter in exporters)
    html, pdf = folder / "report.html", folder / "report.pdf"
    with atomic_path(html) as html_scratch, atomic_path(pdf) as pdf_scratch:
        html_scratch.write_text(page, encoding="utf-8")
        pdf_scratch.write_bytes(document)
    return html, pdf
