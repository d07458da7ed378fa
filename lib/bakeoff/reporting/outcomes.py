"""Why runs ended without a result: a few kinds that a reader can act on, recognised by status, type and message.

Plain functions of records; only `reporting` imports this.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from bakeoff.record import Record
from bakeoff.reporting.language import msg

__all__ = ["OUTCOMES", "outcome", "outcomes_of"]

OUTCOMES = {
    "diverged": msg("diverged"),
    "failed": msg("failed"),
    "killed": msg("killed"),
    "memory": msg("out of memory"),
    "time": msg("out of time"),
    "unsupported": msg("unsupported"),
}
"""What a table calls each kind, to be translated.

Killed: ended by the system without a word, often for want of memory.
"""

# In order: a message about memory says more than the type of the error it came with.
_SIGNS = (
    ("memory", re.compile(r"out.?of.?memory|memoryerror|not enough memory|n[o']t allocate memory", re.IGNORECASE)),
    ("time", re.compile(r"time.?limit|time.?out|timed out", re.IGNORECASE)),
    ("diverged", re.compile(r"diverged|loss is (nan|inf|not finite)|non-finite", re.IGNORECASE)),
    ("unsupported", re.compile(r"unsupported|not support(ed)?|notimplemented|cannot work|not work on", re.IGNORECASE)),
    ("killed", re.compile(r"kerneldied", re.IGNORECASE)),
)


def outcome(record: Record) -> str:
    """Return the kind of failure of a run without a result, a key of `OUTCOMES`."""
    if record.status == "diverged":
        return "diverged"
    said = f"{record.error.type}: {record.error.message}" if record.error else ""
    return next((kind for kind, sign in _SIGNS if sign.search(said)), "failed")


def outcomes_of(records: Iterable[Record]) -> dict[str, int]:
    """Return kind -> number of failed runs, the most frequent first."""
    return dict(Counter(map(outcome, records)).most_common())
