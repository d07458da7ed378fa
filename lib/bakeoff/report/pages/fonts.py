"""Fonts of this system for the signs that the report's own font lacks, as those of Chinese, Korean or Thai.

What is written in Latin, Greek, Cyrillic, Arabic or Hebrew letters is set with the fonts that come with the packages,
the same everywhere; only for other signs is the system asked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bakeoff.report.text.language import tr

__all__ = ["OWN_FAMILY", "Fallback", "fallback", "said_of"]


OWN_FAMILY = "DejaVu Sans"
"""Comes with matplotlib."""
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"}
"""Unicode categories of what has no shape of its own."""
_CJK = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "BOPOMOFO"}
_EXAMPLES = 5


@dataclass(frozen=True)
class Fallback:
    """Fonts to be asked after the report's own, in this order. unshown: signs that none has, sorted."""

    families: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    unshown: str = ""


def fallback(texts: Iterable[str]) -> Fallback:
    """Return the fonts of this system that the signs of some texts need beyond the report's own."""
    found = set().union(*texts)  # a page is megabytes of a hundred signs
    signs = {sign for sign in found if not sign.isascii() and unicodedata.category(sign) not in _UNSEEN}
    return _fallback(frozenset(signs - _own_signs())) if signs else Fallback()


def said_of(unshown: str) -> str:
    """Return what to do about signs that no font here has, in the language being spoken."""
    words = {unicodedata.name(sign, "?").split()[0].split("-")[0] for sign in unshown}
    packages = sorted({"fonts-noto-cjk" if word in _CJK else "fonts-noto-core" for word in words})
    shown = " ".join(unshown[:_EXAMPLES]) + (" \N{HORIZONTAL ELLIPSIS}" if len(unshown) > _EXAMPLES else "")
    return tr(
        "figures and PDF show boxes in place of signs that no font of this system has ({signs}; {n} in all); the fonts "
        "named Noto have them (on Debian: {packages})",
        n=str(len(unshown)),
        signs=shown,
        packages=", ".join(packages),
    )


@lru_cache
def _fallback(missing: frozenset[str]) -> Fallback:
    """Choose fonts greedily: each time the one that has most of what is still missing."""
    from matplotlib.font_manager import fontManager

    found: list[tuple[str, Path]] = []
    while missing:
        best = min(_system_fonts(), key=lambda font: (-len(missing & font.signs), font.order), default=None)
        if best is None or not missing & best.signs:
            break
        missing -= best.signs
        found.append((best.family, best.file))
        if best.family not in fontManager.get_font_names():
            fontManager.addfont(best.file)
    return Fallback(tuple(name for name, _ in found), tuple(file for _, file in found), "".join(sorted(missing)))


@dataclass(frozen=True)
class _Font:
    family: str
    file: Path
    signs: frozenset[str]

    @property
    def order(self) -> tuple[bool, bool, str]:
        """Upright sans serifs of usual weight first, as the report's own font is one."""
        name = self.file.stem.lower()
        return ("regular" not in name, "sans" not in name, self.file.name)


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[_Font, ...]:
    from matplotlib.font_manager import findSystemFonts

    return tuple(font for file in sorted(findSystemFonts()) if (font := _read(Path(file))))


def _read(file: Path) -> _Font | None:
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(str(file))
        signs = frozenset(map(chr, font.get_charmap()))
    except (OSError, RuntimeError, ValueError):  # a font of pictures, or broken
        return None
    return _Font(font.family_name, file, signs) if font.scalable else None


@lru_cache(maxsize=1)
def _own_signs() -> frozenset[str]:
    from matplotlib.font_manager import FontProperties, findfont

    font = _read(Path(findfont(FontProperties(family=OWN_FAMILY))))
    return font.signs if font else frozenset()
