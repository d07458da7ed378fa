"""The few words that the frame of a report needs, by language; only `reporting` and `report` import this."""

from __future__ import annotations

from bakeoff.reporting.language import ENGLISH, LANGUAGES, speaking, tr

__all__ = ["words"]


def words(language: str) -> dict[str, str]:
    """Return the words of a language (ISO 639-1, with or without a region), or the English ones where it has none."""
    code = language.split("-", maxsplit=1)[0].lower()
    with speaking(code if code in LANGUAGES else ENGLISH):
        return {
            "code": tr("Code"),
            "contents": tr("Contents"),
            "figure": tr("Figure"),
            "methods": tr("Methods, one by one"),
            "skip": tr("Skip to the content"),
            "table": tr("Table"),
            "top": tr("Back to the top"),
        }
