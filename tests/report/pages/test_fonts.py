"""Signs that the report's own font lacks: a font of the system is found, or it is said that there is none."""

import io
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from nbformat.v4 import new_markdown_cell, new_notebook
from pypdf import PdfReader

from bakeoff.report.figures.labels import text_size
from bakeoff.report.figures.style import new_axes
from bakeoff.report.pages import fonts
from bakeoff.report.pages.display import Figure
from bakeoff.report.pages.fonts import fallback, said_of
from bakeoff.report.pages.pdf import PdfReport
from bakeoff.report.text.language import speaking

HAN, KANA, THAI = "\N{CJK UNIFIED IDEOGRAPH-4E2D}", "\N{HIRAGANA LETTER A}", "\N{THAI CHARACTER KO KAI}"


def make_font(file: Path, family: str, signs: str) -> None:
    """Make a font in which every one of some signs is a square as wide as high."""
    pen = TTGlyphPen(None)
    for move, point in zip(["moveTo"] + ["lineTo"] * 3, [(0, 0), (0, 1000), (1000, 1000), (1000, 0)], strict=True):
        getattr(pen, move)(point)
    pen.closePath()
    square = pen.glyph()
    names = [".notdef", *(f"u{ord(sign):04X}" for sign in signs)]
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder(names)
    made.setupCharacterMap({ord(sign): name for sign, name in zip(signs, names[1:], strict=True)})
    made.setupGlyf(dict.fromkeys(names, square))
    made.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    made.setupHorizontalHeader(ascent=1000, descent=0)
    made.setupNameTable({"familyName": family, "styleName": "Regular", "fullName": family, "psName": family})
    made.setupOS2(sTypoAscender=1000, usWinAscent=1000, usWinDescent=0)
    made.setupPost()
    made.save(file)


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Return a function that says which fonts the system has: family -> its signs."""
    known = list(font_manager.fontManager.ttflist)

    def has(**families: str) -> None:
        files = []
        for family, signs in families.items():
            files.append(tmp_path / f"{family}-Regular.ttf")
            make_font(files[-1], family, signs)
        (tmp_path / "Broken-Regular.ttf").write_bytes(b"no font")
        found = [*map(str, files), str(tmp_path / "Broken-Regular.ttf")]
        monkeypatch.setattr(font_manager, "findSystemFonts", lambda: found)
        fonts._system_fonts.cache_clear()
        fonts._fallback.cache_clear()

    yield has
    fonts._system_fonts.cache_clear()
    fonts._fallback.cache_clear()
    font_manager.fontManager.ttflist[:] = known


def test_letters_that_the_own_font_has_ask_no_system(monkeypatch) -> None:
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: pytest.fail("the system was asked"))
    fonts._system_fonts.cache_clear()
    text = (
        "plain \N{GREEK SMALL LETTER ALPHA} \N{CYRILLIC SMALL LETTER YA} \N{HEBREW LETTER ALEF} \N{ARABIC LETTER BEH}"
    )
    assert fallback([text, "\N{ZERO WIDTH SPACE}\N{VARIATION SELECTOR-16}"]) == fonts.Fallback()


def test_the_fonts_with_most_of_the_signs_are_asked_first(system) -> None:
    system(Kana=KANA, Both=HAN + KANA, Thai=THAI)
    assert fallback([HAN, KANA]).families == ("Both",)
    assert fallback([HAN, KANA, THAI]).families == ("Both", "Thai")
    assert fallback([KANA]).families == ("Both",)  # as many signs: by name
    system(Thai=THAI)
    found = fallback([HAN + KANA + THAI])
    assert (found.families, found.unshown) == (("Thai",), KANA + HAN)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "figures and PDF show boxes in place of signs that no font of this system has "
         f"({THAI} {HAN}; 2 in all); the fonts named Noto have them (on Debian: fonts-noto-cjk, fonts-noto-core)"),
        ("ru", f"на рисунках и в PDF вместо знаков ({THAI} {HAN}; всего 2) стоят прямоугольники: в системе нет "
         "шрифта с ними; они есть в шрифтах Noto (в Debian: fonts-noto-cjk, fonts-noto-core)"),
    ],
)  # fmt: skip
def test_what_to_install_is_said(language, said) -> None:
    with speaking(language):
        assert said_of(THAI + HAN) == said


def test_a_figure_draws_them_with_their_font_and_leaves_room(system) -> None:
    def drawn() -> str:
        ax = new_axes(1.0)
        ax.set_yticks([0.5], labels=[HAN])
        return Figure(ax.figure, caption="A name.", alt="One name.").svg

    system()
    boxes, box = drawn(), text_size(HAN, unit=1)
    system(Han=HAN)
    assert "Han" in drawn()  # outlines are named after their font
    assert "Han" not in boxes
    assert text_size(HAN, unit=1)[0] == pytest.approx(7.5)  # as wide as the letters are high
    assert box[0] > 8


def test_the_pdf_holds_the_font_with_the_signs_and_no_other(system) -> None:
    def fonts_of(text: str) -> set[str]:
        nb = new_notebook(cells=[new_markdown_cell(text)])
        nb.metadata["title"] = "T"
        nb.metadata["bakeoff"] = {"language": "en", "facts": {}}
        document, _ = PdfReport().from_notebook_node(nb)
        return {
            str(font.get_object()["/BaseFont"])
            for page in PdfReader(io.BytesIO(document)).pages
            for font in page["/Resources"].get("/Font", {}).values()
        }

    system(Han=HAN, Thai=THAI)
    assert not any("Han" in name for name in fonts_of("plain"))
    found = fonts_of(f"with {HAN}")
    assert any("Han" in name for name in found)
    assert not any("Thai" in name for name in found)
