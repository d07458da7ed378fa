"""How waiting threads behave, which has to be settled before torch is loaded; so this module does not import it.

Imported by whatever starts a kernel or runs in one.
"""

from __future__ import annotations

import os

__all__ = ["THREAD_SETTINGS", "wait_without_spinning"]

# Left alone, OpenMP threads spin while they wait for each other. That gains nothing here, and as soon as another
# process wants a core a spinning thread keeps the one it waits for from running: steps take ten times as long.
THREAD_SETTINGS = {"OMP_WAIT_POLICY": "PASSIVE"}


def wait_without_spinning() -> None:
    """Set what the user has not set; without effect once torch is loaded."""
    for name, value in THREAD_SETTINGS.items():
        os.environ.setdefault(name, value)
