"""Every message a report can show, from the sources; run as a program, it brings the catalogues up to date.

`python tests/support/messages.py` adds new messages without a translation and drops those nobody says any more;
`test_language.py` fails until every message is translated. With the code of a language that is not there yet, it makes
that language's catalogue, to be filled.
"""

from __future__ import annotations

import ast
import io
import sys
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bakeoff.report.pages.stitch import messages_of
from bakeoff.report.text.language import ENGLISH, LANGUAGES
from bakeoff.report.text.locale import TEMPLATES

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lib" / "bakeoff"
CALLS = ("Message", "msg", "msgn", "tr", "tr_in", "trn")
HEADER = """\
# Words of the report, by the English ones; tests/support/messages.py brings this file up to date.
"""


def catalogue_file(language: str) -> Path:
    return PACKAGE / "report" / "text" / language / "LC_MESSAGES" / "bakeoff.po"


def read(language: str) -> Catalog:
    """Return the catalogue of a language, empty where there is none yet."""
    file = catalogue_file(language)
    return read_po(io.BytesIO(file.read_bytes() if file.exists() else b""), locale=language)


def collected(language: str) -> Catalog:
    """Return a catalogue of all messages, in the order of files and lines, without translations."""
    catalogue = Catalog(locale=language, header_comment=HEADER.rstrip(), fuzzy=False)
    for path in sorted(
        path
        for room in ("diff", "metrics", "notebook", "report", "runs", "study")
        for path in (PACKAGE / room).rglob("*.py")
    ):
        for context, text in said(path):
            catalogue.add(text, context=context, locations=[(spelt(path), 0)])
    for key, text in TEMPLATES.items():
        catalogue.add(text, context=key, locations=[("lib/bakeoff/report/text/english.py", 0)])
    for name in ("compare", "train"):
        path = ROOT / "notebooks" / f"{name}.ipynb"
        for text in notebook_messages(path, shown={"train", "result"} if name == "train" else None):
            catalogue.add(text, locations=[(spelt(path), 0)])
    for path in sorted((PACKAGE / "methods").rglob("*.py")):
        for text in summaries(path):
            catalogue.add(text, locations=[(spelt(path), 0)])
    return catalogue


def said(path: Path) -> list[tuple[str | None, str | tuple[str, str]]]:
    """Return context and text of each message of a module, in order; Babel's extractor misses those in f-strings."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    found: list[tuple[str | None, str | tuple[str, str]]] = []
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = getattr(call.func, "id", "")
        texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in CALLS and texts:
            plural, context = name in ("msgn", "trn"), texts.pop(0) if name == "tr_in" else None
            found.append((context, (texts[0], texts[1]) if plural else texts[0]))
    return found


def spelt(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def notebook_messages(path: Path, *, shown: set[str] | None) -> list[str]:
    """Return the texts of a notebook that reach a report; shown: only of cells with one of these tags."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown" and "setup" not in tags and (shown is None or tags & shown):
            found += [text for text in messages_of(cell.source) if not text.startswith("# ")]
    return found


def summaries(path: Path) -> list[str]:
    """Return what the methods of a module say of themselves, without importing torch."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        ast.literal_eval(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["summary"]
    ]


def updated(language: str) -> bytes:
    """Return the catalogue as it should be: all messages, with the translations there are."""
    known, found = read(language), collected(language)
    for message in found:
        old = known.get(message.id, context=message.context) if message.id else None
        if old is not None:
            message.string = old.string
    written = io.BytesIO()
    write_po(written, found, width=120, omit_header=False, include_lineno=False)
    lines = written.getvalue().decode("utf-8").splitlines(keepends=True)
    dated = ("Generated-By", "Language-Team", "Last-Translator", "POT-Creation-Date", "PO-Revision-Date",
             "Project-Id-Version", "Report-Msgid")  # fmt: skip
    return "".join(line for line in lines if not line.startswith(tuple(f'"{name}' for name in dated))).encode("utf-8")


if __name__ == "__main__":
    for code in sorted({*LANGUAGES, *sys.argv[1:]} - {ENGLISH}):
        content = updated(code)
        catalogue_file(code).parent.mkdir(parents=True, exist_ok=True)
        catalogue_file(code).write_bytes(content)
        missing = sum(not message.string or not any(message.string) for message in read(code) if message.id)
        print(f"{catalogue_file(code)}: {missing} without a translation")  # noqa: T201
