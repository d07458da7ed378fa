"""The `bakeoff` command: parsing and printing only; what is done is in `running`, `report` and their like.

`parser` finds the command in its table; each other module holds one family of commands.
"""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from types import FrameType

from bakeoff.cli.command import any_console
from bakeoff.cli.parser import DEBUG, parse
from bakeoff.errors import BakeoffError, redacted, shown
from bakeoff.system.atomic import in_words
from bakeoff.system.cores import collect_seldom
from bakeoff.system.packages import TRAINING, lacking_training

__all__ = ["main"]


NO_MEMORY = "the memory is full; end other programs, or name fewer texts or a smaller model, and give the command again"
SLOW = "rfc3987_syntax"
"""A grammar that jsonschema compiles for two seconds when imported, for addresses of a kind that no notebook has."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status, one of those that `bakeoff --help` lists."""
    try:
        with _ended_by_sigterm() if argv is None else nullcontext():
            if argv is None:
                collect_seldom()
            return _status(sys.argv[1:] if argv is None else list(argv))
    except KeyboardInterrupt:
        print("bakeoff: interrupted", file=sys.stderr)  # noqa: T201
        return 130


def _status(words: list[str]) -> int:
    any_console()
    sys.modules.setdefault(SLOW, None)  # type: ignore[arg-type]  # as if it were not installed
    try:
        options = parse(words)
        run: Callable[[argparse.Namespace], int] = options.run
        status = run(options)
        sys.stdout.flush()
        return status
    except BakeoffError as error:
        print(redacted(f"bakeoff: {error}"), file=sys.stderr)  # noqa: T201
        return error.exit_status
    except BrokenPipeError:  # `bakeoff plan | head`
        sys.stderr.close()
        return 1
    except MemoryError:
        print(f"bakeoff: {NO_MEMORY}", file=sys.stderr)  # noqa: T201
        return 3
    except OSError as error:
        if DEBUG in words:
            raise
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        print(redacted(f"bakeoff: {_in_words(error)}"), file=sys.stderr)  # noqa: T201
        _close_if_full()
        return 3
    except Exception as error:
        if DEBUG in words:
            raise
        return _unexpected(error)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end a process as Ctrl-C does, whatever it is at: once, so that nothing breaks off what it tidies up.

    At the end the process is to leave with the status it has, so that none is taken any more.
    """

    def stop(_signum: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _unexpected(error: Exception) -> int:
    """Print what nobody raised on purpose; return the exit status: 2 where packages that training needs are missing."""
    if isinstance(error, ModuleNotFoundError) and (name := (error.name or "").partition(".")[0]) in TRAINING:
        lacking = lacking_training([name])
        print(f"bakeoff: {lacking}", file=sys.stderr)  # noqa: T201
        return lacking.exit_status
    fault = f"{type(error).__name__}: {shown(redacted(str(error)), limit=200)}"
    print(redacted(f"bakeoff: a fault of bakeoff's own: {fault}; {_kept_traceback()}"), file=sys.stderr)  # noqa: T201
    return 70


def _in_words(error: OSError) -> str:
    """Say which file it is about and what is wrong with it, in one line."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is not None:
        return in_words(error.errno, reason, shown(error.filename, limit=200))
    if isinstance(error, FileNotFoundError):
        return f"the current folder: {reason}"
    return reason


def _close_if_full() -> None:
    """Give up a standard output that cannot be written to, which Python would complain about once more at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            sys.stdout.close()


def _kept_traceback() -> str:
    """Write the traceback at hand to a log; say where it is."""
    from bakeoff.system.workspace import cache_folder

    log = cache_folder() / "faults.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(f"# {datetime.now(UTC).isoformat(timespec='seconds')}\n{redacted(traceback.format_exc())}\n")
    except OSError:
        return f"say `bakeoff {DEBUG} ...` to see where"
    return f"the traceback is in {log}"
