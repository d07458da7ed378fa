"""How runs ended: one by one and all together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bakeoff.record import Record
from bakeoff.running.state import Item

__all__ = ["Outcome", "Summary"]


@dataclass(frozen=True)
class Outcome:
    """How one run ended.

    status: busy where another process was working on it, which leaves it as it was; reason: why it has no result
    """

    item: Item
    status: Literal["ok", "failed", "diverged", "busy"]
    seconds: float
    reason: str = ""
    record: Record | None = None


@dataclass
class Summary:
    """How a whole execution ended.

    finished, total: runs of the plan with a result, and all of them; without_result: name -> reason;
    interrupted: somebody stopped it
    """

    outcomes: list[Outcome] = field(default_factory=list)
    finished: int = 0
    total: int = 0
    without_result: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def exit_status(self) -> int:
        """0 where every run has a result, 130 after an interrupt, else 1."""
        if self.interrupted:
            return 130
        return 0 if self.finished == self.total else 1
