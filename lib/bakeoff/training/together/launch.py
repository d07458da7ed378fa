"""Starts the processes that train one model together, listens to them, and ends them all as soon as one is lost.

They are started anew rather than forked: a kernel that has used its GPU cannot be forked. They end with the kernel,
however it ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.errors import BakeoffError, Diverged
from bakeoff.system.atomic import scratch_folder
from bakeoff.training.progress import OnProgress, Progress
from bakeoff.training.together.team import PeerLost, ProcessDied, ProcessFailed, Team, join

if TYPE_CHECKING:
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection as Pipe
    else:
        from multiprocessing.connection import Connection as Pipe

__all__ = ["Work", "launch"]


Work = Callable[..., Any]
"""Takes join, on_progress and what `launch` is given; what the process with rank 0 returns is the result."""
GRACE_S = 5.0
"""How long after a first sign to wait for the others': a process that was killed is noticed by its peers first."""
VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True)
class _Fault:
    """An error that ended a process. kind: its class; peer: through another; step, loss: of training that diverged."""

    kind: str
    message: str
    peer: bool = False
    step: int | None = None
    loss: float = float("nan")


@dataclass
class _Member:
    """A process as it is seen from outside. result: what it returned, in a tuple once it has."""

    process: BaseProcess
    pipe: Pipe
    result: tuple[Any, ...] = ()
    fault: _Fault | None = None


def launch(work: Work, size: int, *, given: dict[str, Any], on_progress: OnProgress | None, show_bar: bool) -> Any:
    """Run `work` in that many new processes at once; return what the one of rank 0 returned.

    work: a function of a module, called with `joined`, which meets the others and returns the Team, and `on_progress`;
    given: what else it is called with, which is pickled
    Raises Diverged, ProcessFailed or ProcessDied for the first that ended badly; all have ended when this returns.
    """
    context = multiprocessing.get_context("spawn")
    progress = Progress(on_progress, show_bar=show_bar)
    crew: list[_Member] = []
    with scratch_folder() as folder, _importable():
        try:
            for rank in range(size):
                ours, theirs = context.Pipe(duplex=False)
                arguments = (work, rank, size, folder / "meeting", theirs, given)
                process = context.Process(target=_member, args=arguments, name=f"training {rank + 1} of {size}")
                with _own_gpu(rank):
                    process.start()
                theirs.close()
                crew.append(_Member(process, ours))
            return _result(crew, progress)
        finally:
            progress.close()
            for one in crew:
                one.process.kill()
            for one in crew:
                one.process.join()
                one.pipe.close()


def _result(crew: list[_Member], progress: Progress) -> Any:
    noticed = float("inf")
    while any(one.process.exitcode is None for one in crew):
        _hear(crew, progress)
        if any(one.fault or one.process.exitcode for one in crew):
            noticed = min(noticed, time.monotonic())
            if _cause(crew, progress) or time.monotonic() > noticed + GRACE_S:
                break
    if error := _cause(crew, progress, last=True):
        raise error
    return crew[0].result[0]


def _hear(crew: list[_Member], progress: Progress, seconds: float = 1.0) -> None:
    """Take what the processes say, waiting that long for it, or for the end of one, at most."""
    talking = [one for one in crew if not one.pipe.closed]
    going = [one.process.sentinel for one in crew if one.process.exitcode is None]
    wait([*(one.pipe for one in talking), *going], seconds)
    for one in talking:
        try:
            while one.pipe.poll():
                said = one.pipe.recv()
                if isinstance(said, _Progress):
                    progress.begin(epochs=said.epochs, steps=said.steps, step=0)
                    progress.step(said.step, said.loss)
                elif isinstance(said, _Fault):
                    one.fault = said
                else:
                    one.result = (said,)
        except (EOFError, OSError):
            one.pipe.close()


def _cause(crew: list[_Member], progress: Progress, *, last: bool = False) -> BakeoffError | None:
    """Return why a process ended badly: by an error of its own, else by a signal; at last, by whatever it said."""
    _hear(crew, progress, seconds=0)
    faults = [(rank, one.fault) for rank, one in enumerate(crew) if one.fault]
    for rank, fault in sorted(faults, key=lambda item: item[1].peer):
        if fault.step is not None:
            return Diverged(step=fault.step, loss=fault.loss)
        if not fault.peer:
            return ProcessFailed(rank, len(crew), kind=fault.kind, message=fault.message)
    for rank, one in enumerate(crew):
        if one.process.exitcode and not one.fault:
            return ProcessDied(rank, len(crew), status=one.process.exitcode)
    if last and faults:
        rank, fault = faults[0]
        return ProcessFailed(rank, len(crew), kind=fault.kind, message=fault.message)
    return None


@dataclass(frozen=True)
class _Progress:
    """What rank 0 tells on its way."""

    epochs: int
    step: int
    steps: int
    loss: float | None


def _member(work: Work, rank: int, size: int, meeting: Path, pipe: Pipe, given: dict[str, Any]) -> None:
    """Be one of the processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the notebook's kernel is asked to stop, and ends this one
    threading.Thread(target=_end_with_the_kernel, daemon=True).start()

    def tell(epoch: int, epochs: int, step: int, steps: int, loss: float | None) -> None:  # noqa: ARG001
        pipe.send(_Progress(epochs, step, steps, loss))

    def joined() -> Team:
        return join(rank, size, meeting)

    try:
        result = work(joined=joined, on_progress=tell if rank == 0 else None, **given)
        pipe.send(result if rank == 0 else None)
    except Exception as error:  # noqa: BLE001  handed to the notebook
        if not isinstance(error, PeerLost):  # whose own end says more
            traceback.print_exc()
        step, loss = (error.step, error.loss) if isinstance(error, Diverged) else (None, float("nan"))
        pipe.send(_Fault(type(error).__name__, str(error), isinstance(error, PeerLost), step, loss))
        status = 1
    else:
        status = 0
    sys.stdout.flush()
    sys.stderr.flush()
    pipe.close()
    os._exit(status)  # threads of a library that wait for a lost peer are not waited for


def _end_with_the_kernel() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _own_gpu(rank: int) -> Iterator[None]:
    """Let a process that starts see no GPU but its own; what it imports may ask for GPUs before it can do anything."""
    seen = os.environ.get(VISIBLE)
    names = [str(rank)] if seen is None else [name for name in seen.split(",") if name][rank : rank + 1]
    os.environ[VISIBLE] = ",".join(names)
    try:
        yield
    finally:
        if seen is None:
            del os.environ[VISIBLE]
        else:
            os.environ[VISIBLE] = seen


@contextmanager
def _importable() -> Iterator[None]:
    """Let new processes import what they run without the main module, which in a kernel is what a user typed."""
    main = sys.modules["__main__"]
    held = {name: getattr(main, name) for name in ("__spec__", "__file__") if hasattr(main, name)}
    for name in held:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in held.items():
            setattr(main, name, value)
