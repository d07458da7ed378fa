"""What the user said to `bakeoff new`.

Imported by `new`, `draft` and `cli`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EMBEDDED", "Wish"]

EMBEDDED = "bundled:minilm-l6"


@dataclass(frozen=True)
class Wish:
    """What was asked for.

    source, model: a name, or a path from the current folder or from the root; config: of a hub data set;
    text, label: columns, guessed where None; encoding: of text files, UTF-8 where None
    """

    name: str
    source: str
    config: str | None = None
    text: str | None = None
    label: str | None = None
    model: str = EMBEDDED
    encoding: str | None = None
    force: bool = False
    calibration: bool = True
