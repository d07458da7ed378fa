"""The few words the report's frame needs besides its content, by language; only `reporting` imports this."""

from __future__ import annotations

__all__ = ["WORDS", "words"]

WORDS = {
    "en": {
        "code": "Code",
        "contents": "Contents",
        "figure": "Figure",
        "methods": "Methods, one by one",
        "skip": "Skip to the content",
        "table": "Table",
        "top": "Back to the top",
    },
    "ru": {
        "code": "Код",
        "contents": "Содержание",
        "figure": "Рисунок",
        "methods": "Методы по отдельности",
        "skip": "Перейти к содержанию",
        "table": "Таблица",
        "top": "К началу",  # noqa: RUF001
    },
}


def words(language: str) -> dict[str, str]:
    """Return the words of a language, or the English ones where it has none."""
    return WORDS.get(language.split("-", maxsplit=1)[0].lower(), WORDS["en"])
