"""Text for a reader whose language is not known yet: English now, translated where it is shown."""

from __future__ import annotations

from typing import Self

from bakeoff.system.workspace import PACKAGE

__all__ = ["CATALOGUES", "LANGUAGES", "Message", "msg"]


CATALOGUES = {
    file.parents[1].name: file for file in sorted((PACKAGE / "report" / "text").glob("*/LC_MESSAGES/bakeoff.po"))
}
"""ISO 639-1 code of a language -> its translations of the English messages."""
LANGUAGES = ("en", *CATALOGUES)


def msg(text: str) -> str:
    """Mark a message that is translated later, where the language is known; return it as it is."""
    return text


class Message(str):
    """An English text with its gaps filled, which remembers both: a report says it in its own language.

    text: the message with named gaps; gaps: what fills them, messages among them
    joined: messages that were put together, each to be translated by itself
    """

    __slots__ = ("gaps", "joined", "text")

    text: str
    gaps: dict[str, object]
    joined: tuple[str, ...]

    def __new__(cls, text: str, /, **gaps: object) -> Self:
        """Fill the gaps of a text."""
        made = super().__new__(cls, text.format(**gaps) if gaps else text)
        made.text, made.gaps, made.joined = text, gaps, ()
        return made

    @classmethod
    def together(cls, parts: list[str]) -> Self:
        """Put messages together, with semicolons between them."""
        made = cls("{parts}", parts="; ".join(parts))
        made.joined = tuple(parts)
        return made
