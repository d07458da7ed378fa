"""Paragraphs of Markdown, each with links to the runs it rests on: folded in HTML, in a few words on paper."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.report.pages.display import Prose
from bakeoff.report.pages.links import RUNS, Basis, Link, Source
from bakeoff.report.pages.markdown import Outline, link_inside, to_html, to_typst
from bakeoff.report.text.escape import escape_html, typst_string
from bakeoff.report.text.language import language, language_attribute, tr

__all__ = ["Answer", "Paragraph", "Paragraphs"]


_NAMED_ON_PAPER = 3  # methods; more would be a second paragraph

Paragraph = tuple[str, Basis | None]


class Paragraphs(Prose):
    """A list of paragraphs, or one paragraph alone; as Markdown and as plain text without the links.

    paragraphs: Markdown of each, and what it rests on
    """

    def __init__(self, paragraphs: Sequence[Paragraph], *, bullets: bool = True) -> None:
        super().__init__("\n".join(f"- {text}" if bullets else text for text, _ in paragraphs))
        outer, inner = ("ul", "li") if bullets else ("div", "div")
        html = "\n".join(f"<{inner}>{_html(*one)}</{inner}>" for one in paragraphs)
        self.html = f'<div class="said"{language_attribute(language().code)}><{outer}>\n{html}\n</{outer}></div>'
        items = [_typst(*one) for one in paragraphs]
        self.typst = f"#list(tight: true){''.join(f'[{item}]' for item in items)}" if bullets else "\n\n".join(items)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/x-typst": self.typst, **super()._repr_mimebundle_()}


class Answer(Prose):
    """The answer of a report: what must be known first, the answer in large letters, what to make of it."""

    def __init__(self, warned: Sequence[Paragraph], lead: Sequence[Paragraph], more: Sequence[Paragraph]) -> None:
        super().__init__("\n\n".join(text for text, _ in (*warned, *lead, *more)))
        parts = [
            *(f'<div class="warned"><span>{_html(*one)}</span></div>' for one in warned),
            *(f'<div class="lead"><span>{_html(*one)}</span></div>' for one in lead),
            f"<div>{' '.join(f'<span>{_html(*one)}</span>' for one in more)}</div>" if more else "",
        ]
        attribute = language_attribute(language().code)
        self.html = f'<div class="said answer"{attribute}>\n{chr(10).join(part for part in parts if part)}\n</div>'
        self.typst = "\n\n".join(
            [
                *(_typst(*one) for one in warned),
                *(f"#lead[{_typst(text, None)}]" for text, _ in lead),
                '#" "'.join(_typst(*one) for one in more),
            ]
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/x-typst": self.typst, **super()._repr_mimebundle_()}


def _html(markdown: str, basis: Basis | None) -> str:
    text = to_html(markdown, Outline()).strip().removeprefix("<p>").removesuffix("</p>")
    return f"{text} {_basis_html(basis)}" if basis else text


def _basis_html(basis: Basis) -> str:
    if basis.every:
        return f'<a class="runs" href="#{RUNS}">{escape_html(_all(basis))}</a>'
    sources = "; ".join(map(_source_html, basis.sources))
    return f'<details class="runs"><summary>{escape_html(basis.text)}</summary> <span>{sources}</span></details>'


def _all(basis: Basis) -> str:
    return tr("all {runs}", runs=basis.text)


def _source_html(source: Source) -> str:
    return f"{escape_html(source.name)}: {', '.join(map(_link_html, source.links))}"


def _link_html(link: Link) -> str:
    text = escape_html(link.text)
    return f'<a href="#{escape_html(link.anchor)}">{text}</a>' if link.anchor else text


def _typst(markdown: str, basis: Basis | None) -> str:
    text = "\n\n".join(to_typst(markdown, Outline()))
    return f'{text}#" "#basis[{_basis_typst(basis)}]' if basis else text


def _basis_typst(basis: Basis) -> str:
    """Return how many runs there are, and the methods where they are few; each leads to its first run."""
    if basis.every or len(basis.sources) > _NAMED_ON_PAPER:
        return link_inside(RUNS, f"#{typst_string(_all(basis) if basis.every else basis.text)}")
    named = '#", "'.join(map(_source_typst, basis.sources))
    return f"#{typst_string(f'{basis.text}: ')}{named}"


def _source_typst(source: Source) -> str:
    shown, anchor = f"#{typst_string(source.name)}", source.links[0].anchor
    return link_inside(anchor, shown) if anchor else shown
