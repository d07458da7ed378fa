"""The `bakeoff` command: parsing and printing only; what is done is in `running`, `report` and their like.

`parser` finds the command in its table; each other module holds one family of commands.
"""

from __future__ import annotations

import argparse
import os
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
from bakeoff.system.atomic import TROUBLE, in_words
from bakeoff.system.cores import collect_seldom
from bakeoff.system.packages import TRAINING, lacking_training

__all__ = ["main"]


NO_MEMORY = "the memory is full; end other programs, or name fewer texts or a smaller model, and give the command again"
NO_DOCSTRINGS = (
    "Python was started without docstrings (-OO, PYTHONOPTIMIZE=2), which transformers reads; leave that out"
)
NOT_MAPPED = "failed to map segment"
"""How the dynamic loader puts that memory, or the right to run what is in a file, is lacking."""
LOOP = "Symlink loop from "
SLOW = "rfc3987_syntax"
"""A grammar that jsonschema compiles for two seconds when imported, for addresses of a kind that no notebook has."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status, one of those that `bakeoff --help` lists."""
    try:
        with _ended_by_sigterm() if argv is None else nullcontext():
            if argv is None:
                _open_streams()
                os.environ.pop("MPLBACKEND", None)  # of windows, or none at all: figures of reports are files
                collect_seldom()
            if sys.flags.optimize > 1:
                _tell(NO_DOCSTRINGS)
                return 3
            return _status(sys.argv[1:] if argv is None else list(argv))
    except KeyboardInterrupt:
        _tell("interrupted")
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
        _tell(error)
        return error.exit_status
    except BrokenPipeError:  # `bakeoff plan | head`
        sys.stderr.close()
        return 1
    except MemoryError:
        _tell(NO_MEMORY)
        return 3
    except OSError as error:
        if DEBUG in words:
            raise
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        _tell(_in_words(error))
        _close_if_full()
        return 3
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        loaded = sys.modules.get("bakeoff.system.own")  # without it no code of the user's own has run: `--help`
        own: str | None = loaded.at_fault(error) if loaded else None
        if DEBUG in words or (own is None and isinstance(error, SystemExit)):
            raise
        return _unexpected(error, own)


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


def _open_streams() -> None:
    """Open on nothing what a shell has closed (`>&-`): what is opened next would be taken for it, and printed into."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115


def _tell(said: object) -> None:
    """Print the one line that a command ends with; where standard error takes none, the exit status says it."""
    try:
        print(redacted(f"bakeoff: {said}"), file=sys.stderr, flush=True)  # noqa: T201
    except (OSError, ValueError):
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _unexpected(error: BaseException, own: str | None) -> int:
    """Print what nobody raised on purpose; return the exit status: 2 or 3 where it is not bakeoff's own fault.

    own: what went wrong in code of the user's own, None where it had no part in it
    """
    if isinstance(error, RuntimeError) and str(error).startswith(LOOP):  # of pathlib
        _tell(f"{shown(str(error).removeprefix(LOOP), limit=200)}: a link that leads to itself; name another place")
        return 3
    if own is not None:
        _tell(f"code of your own: {shown(redacted(own), limit=200)}; `bakeoff {DEBUG} ...` shows how it came to that")
        return 2
    if isinstance(error, ModuleNotFoundError) and (name := (error.name or "").partition(".")[0]) in TRAINING:
        lacking = lacking_training([name])
        _tell(lacking)
        return lacking.exit_status
    if isinstance(error, ImportError) and NOT_MAPPED in str(error):
        _tell(NO_MEMORY)
        return 3
    kept = _kept_traceback()
    fault = f"{type(error).__name__}: {shown(redacted(str(error)), limit=max(60, 200 - len(kept)))}"
    _tell(f"a fault of bakeoff's own: {fault}; {kept}")
    return 70


def _in_words(error: OSError) -> str:
    """Say which file it is about and what is wrong with it, in one line."""
    reason = error.strerror or str(error) or type(error).__name__
    file = error.filename if error.filename2 is None else error.filename2  # of two, the one that was to be replaced
    if file is not None:
        return in_words(error.errno, reason, shown(file, limit=200))
    if isinstance(error, FileNotFoundError):
        return f"the current folder: {reason}"
    if error.errno in TROUBLE:  # of no file: what could not be printed
        return in_words(error.errno, reason, "standard output")
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

    try:
        log = cache_folder() / "faults.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(f"# {datetime.now(UTC).isoformat(timespec='seconds')}\n{redacted(traceback.format_exc())}\n")
    except OSError:
        return f"say `bakeoff {DEBUG} ...` to see where"
    return f"the traceback is in {log}"
