"""What a look at one thing brought."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding", "bytes_spelled"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's.

    about: what was looked at; said: what is so; todo: what to do about it, None where all is well; fault: runs would
    fail as it is, while without it they only go without something
    """

    about: str
    said: str
    todo: str | None = None
    fault: bool = False

    @property
    def state(self) -> str:
        """`ok`, `note` or `FAULT`."""
        return "FAULT" if self.fault else "note" if self.todo else "ok"


def bytes_spelled(count: float) -> str:
    """Spell a number of bytes for people: 1.5 GiB."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
