"""`python -m bakeoff` is `bakeoff`."""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]


def main() -> int:
    """Run the command; until its own code is there, Ctrl-C ends the process as it ends any program."""
    catches = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else it is told not to
    if catches:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bakeoff import cli

    if catches:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
