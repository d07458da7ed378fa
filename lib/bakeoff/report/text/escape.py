"""Text from anywhere, made safe to stand in HTML, Typst, Markdown, LaTeX.

Texts from data sets are hostile input: each function returns something its language shows literally.
"""

from __future__ import annotations

import html
import re

__all__ = ["MISSING", "clean", "escape_html", "escape_latex", "escape_markdown", "in_a_line", "plain", "typst_string"]


MISSING = "\N{EN DASH}"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
# What means something anywhere in a line, and what means something only where the text begins.
_MARKDOWN = re.compile(r"([\\`*_\[\]<>~|&$])|^([#+\-=])(?=[#\-=\s]|$)|^(\d+)([.)])(?=\s|$)")
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\N{MINUS SIGN}": "$-$",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
    "\N{GREEK CAPITAL LETTER DELTA}": r"$\Delta$",
    "\N{NO-BREAK SPACE}": "~",
    "\N{THIN SPACE}": r"\,",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
} | {mark: f"\\{mark}" for mark in "&%$#_{}"}


def clean(text: object) -> str:
    """Return `str(text)` without what no document can hold: controls, direction overrides, lone surrogates."""
    return (
        _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text).replace("\r\n", "\n").replace("\r", "\n"))
        .encode("utf-8", "replace")
        .decode("utf-8")
    )


def plain(text: str) -> str:
    """Return a terminal's text without its colours and cursor movements."""
    return _ANSI.sub("", text)


def escape_html(text: object) -> str:
    """Return HTML (fit for a double-quoted attribute, too) that shows the text literally."""
    return html.escape(clean(text), quote=True)


def escape_markdown(text: object) -> str:
    """Return one line of Markdown that shows the text literally."""
    return _MARKDOWN.sub(_escaped, " ".join(clean(text).split()))


def _escaped(found: re.Match[str]) -> str:
    anywhere, leading, number, mark = found.groups()
    return f"{number}\\{mark}" if number else f"\\{anywhere or leading}"


def escape_latex(text: object) -> str:
    """Return one line of LaTeX that shows the text literally."""
    return "".join(_LATEX.get(mark, mark) for mark in " ".join(clean(text).split("\n")))


def typst_string(text: object) -> str:
    r"""Return a Typst string literal, which Typst never reads as markup."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def in_a_line(cell: str) -> str:
    """Put what stands below the first line of a cell in brackets behind it."""
    first, *more = cell.split("\n")
    return f"{first} ({'; '.join(more)})" if more else first
