"""The `bakeoff` command: parsing and printing only; what is done is in `running`, `report` and their like.

`parser` finds the command in its table; each other module holds one family of commands.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from bakeoff.cli.parser import parse
from bakeoff.errors import BakeoffError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 well, 1 a run without a result, 2 bad input, 130 interrupted."""
    try:
        options = parse(sys.argv[1:] if argv is None else list(argv))
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except BakeoffError as error:
        print(f"bakeoff: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_status
    except KeyboardInterrupt:
        print("bakeoff: interrupted", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:  # `bakeoff plan | head`
        sys.stderr.close()
        return 1
