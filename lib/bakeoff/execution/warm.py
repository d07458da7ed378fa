"""Kernels forked from a process that has done the imports, so that a run starts in a fraction of a second.

It imports, and hashes what it imported: runs share no state, and their numbers are bit for bit those of a kernel that
starts cold (tests/training/test_kernel_start.py), as all do with BAKEOFF_WARM_KERNELS=off and elsewhere than on Linux.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

from bakeoff.runs.files import FROM_RECORD
from bakeoff.runs.further import WITHOUT_TESTS
from bakeoff.system.cores import JOBS, KERNEL_START
from bakeoff.system.workspace import AS_READ

__all__ = ["Forge", "ForkedKernel", "forge_for", "warm_kernels"]


SWITCH = "BAKEOFF_WARM_KERNELS"
READY = "bakeoff.notebook.ready"
AT_MOST = 2  # forges kept, but for those with a kernel at work: each holds some 500 MB
_OF_OTHERS = {"JPY_PARENT_PID", "JPY_SESSION_NAME", "JPY_INTERRUPT_EVENT", "PYTEST_CURRENT_TEST"}
_VOLATILE = {AS_READ, FROM_RECORD, WITHOUT_TESTS, JOBS, *_OF_OTHERS}
_KILL: int = getattr(signal, "SIGKILL", signal.SIGTERM)
_HEAD = 8  # bytes that say how many follow
_LOCK = threading.Lock()
_FORGES: dict[str, Forge] = {}
_HOLDERS = 0


@contextmanager
def warm_kernels() -> Iterator[None]:
    """Let kernels that start within this block be forked; at the end of the outermost one the imports are let go."""
    global _HOLDERS  # noqa: PLW0603
    with _LOCK:
        _HOLDERS += 1
    try:
        yield
    finally:
        with _LOCK:
            _HOLDERS -= 1
            ended = [] if _HOLDERS else [_FORGES.pop(key) for key in list(_FORGES)]
        for forge in ended:
            forge.close()


def forge_for(environment: Mapping[str, str]) -> Forge | None:
    """Return the process that forks kernels of such an environment; None where kernels start cold.

    Libraries read their settings when they are imported, hence one process for each environment.
    """
    if not _HOLDERS or sys.platform != "linux" or os.environ.get(SWITCH, "").lower() in {"off", "0", "no", "false"}:
        return None
    settled = {name: value for name, value in environment.items() if name not in _VOLATILE}
    key = json.dumps(settled, sort_keys=True)
    with _LOCK:
        forge = _FORGES.pop(key, None)
        if forge is None or not forge.alive:
            if forge is not None:
                forge.close()
            forge = Forge(settled)
        _FORGES[key] = forge  # the one used last stands last
        idle = [other for other in list(_FORGES)[:-1] if not _FORGES[other].busy]
        surplus = [_FORGES.pop(oldest) for oldest in idle[: max(0, len(_FORGES) - AT_MOST)]]
    for other in surplus:
        other.close()
    return forge


class ForkedKernel:
    """A kernel process seen from the driver, which is not its parent: the part of `subprocess.Popen` that is used."""

    stdin = stdout = stderr = None

    def __init__(self, told: socket.socket) -> None:
        """told: where its parent writes the process id, and in the end the exit status, each on a line."""
        self._told, self._heard = told, b""
        self.returncode: int | None = None
        while b"\n" not in self._heard:
            self._hear(None)
            if self.returncode is not None:
                raise ChildProcessError("the process that forks kernels has ended")
        self.pid = int(self._heard.partition(b"\n")[0])

    def _hear(self, seconds: float | None) -> None:
        """Read what there is, waiting that long for it (None: for ever)."""
        if self.returncode is not None or not select.select([self._told], [], [], seconds)[0]:
            return
        part = self._told.recv(64)
        self._heard += part
        _, *status = self._heard.split(b"\n")[:-1] or [b""]
        if status:
            self.returncode = int(status[0])
        elif not part:  # its parent is gone, and it notices
            self.returncode = -_KILL
        if self.returncode is not None:
            self._told.close()

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while it runs."""
        self._hear(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; raises subprocess.TimeoutExpired."""
        self._hear(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(_KILL)


class Forge:
    """The process that imports and forks, seen from the driver; it ends with the driver, however that ends."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._lock, self._kernels = threading.Lock(), set[int]()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "bakeoff.execution.warm", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what goes wrong here, a kernel started cold tells in its log
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it can fork."""
        return self._process.poll() is None

    @property
    def busy(self) -> bool:
        """Whether a kernel of its own starts or runs, which would end with it."""
        import psutil

        return self._lock.locked() or any(map(psutil.pid_exists, self._kernels))

    def fork(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, output: IO[str]) -> ForkedKernel:
        """Start a kernel; waits for the imports the first time. output: where it prints, standard error as well.

        argv: arguments of the kernel's own; raises OSError where no kernel comes of it
        """
        asked = json.dumps({"argv": list(argv), "env": dict(env), "cwd": cwd}).encode()
        told, theirs = socket.socketpair()
        head, passed = len(asked).to_bytes(_HEAD, "big"), [output.fileno(), theirs.fileno()]
        try:
            with self._lock:
                with theirs:
                    socket.send_fds(self._control, [head], passed)  # type: ignore[attr-defined, unused-ignore]
                    self._control.sendall(asked)
                kernel = ForkedKernel(told)
                self._kernels.add(kernel.pid)
        except OSError:
            told.close()
            raise
        return kernel

    def close(self) -> None:
        """End it."""
        self._control.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0 if self._kernels else 0.0)  # before its first kernel it imports, and hears nothing
        self._process.kill()
        self._process.wait()


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Fork kernels until the driver is gone. Returns what was asked for in the kernel, None in the process itself."""
    if sys.platform == "win32":
        raise NotImplementedError
    woken, wakes = socket.socketpair()
    for end in (woken, wakes):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes.fileno())
    children: dict[int, socket.socket] = {}
    while True:
        ready = select.select([control, woken], [], [])[0]
        if woken in ready:
            woken.recv(4096)
        _tell_of_the_dead(children)
        if control not in ready:
            continue
        asked = _asked(control)
        if asked is None:
            return None
        pid = os.fork()
        if pid == 0:
            for end in (control, woken, wakes, *children.values()):
                end.close()
            return asked
        with suppress(OSError):  # before anybody hears of it, who may kill its group
            os.setpgid(pid, pid)
        children[pid] = asked["told"]
        os.close(asked["output"])
        with suppress(OSError):
            asked["told"].sendall(f"{pid}\n".encode())


def _tell_of_the_dead(children: dict[int, socket.socket]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)  # type: ignore[attr-defined, unused-ignore]
        if pid == 0:
            return
        with children.pop(pid) as told, suppress(OSError):
            told.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _asked(control: socket.socket) -> dict[str, Any] | None:
    """Read what the driver asks for; None where it is gone."""
    head, descriptors, _, _ = socket.recv_fds(control, _HEAD, 2)  # type: ignore[attr-defined, unused-ignore]
    if not descriptors:
        return None
    left, parts = int.from_bytes(head, "big"), []
    while left:
        if not (part := control.recv(left)):
            return None
        parts.append(part)
        left -= len(part)
    output, told = descriptors
    return {**json.loads(b"".join(parts)), "output": output, "told": socket.socket(fileno=told)}


def _become(asked: Mapping[str, Any]) -> None:
    """Be what a kernel started cold would be before its first cell."""
    if sys.platform == "win32":
        raise NotImplementedError
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked["told"].close()
    for stream in (1, 2):
        os.dup2(asked["output"], stream)
    os.close(asked["output"])
    parent = str(os.getppid())
    os.environ.clear()
    os.environ.update({**asked["env"], "JPY_PARENT_PID": parent, KERNEL_START: "forked"})
    os.chdir(asked["cwd"])
    random.seed()
    importlib.import_module("numpy.random").seed()  # as every cold process draws anew
    # Whose end is also the kernel's; ipykernel reads the environment for it when it is imported, which is long past.
    argv = [*asked["argv"], f"--IPKernelApp.parent_handle={parent}"]
    sys.argv = ["ipykernel_launcher", *argv]
    importlib.import_module("ipykernel.kernelapp").IPKernelApp.launch_instance(argv=argv)
    _leave()


def _leave() -> None:
    """End as Python does, but for taking apart every module that was imported, which takes most of a second."""
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):
        print(end="", flush=True)  # noqa: T201
    os._exit(0)


def main() -> None:
    """Import, then fork kernels for the driver at the other end of the socket whose descriptor is the argument."""
    with socket.socket(fileno=int(sys.argv[1])) as control:
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as ipykernel does, later
        importlib.import_module(READY).make_ready()
        gc.collect()
        gc.freeze()  # a collection in a kernel would touch, and so copy, every page
        asked = _serve(control)
    if asked is not None:
        try:
            _become(asked)
        except BaseException:  # noqa: BLE001  as for a port that another has taken: Python's own end waits for sockets
            traceback.print_exc(file=sys.__stderr__)
            os._exit(1)


if __name__ == "__main__":
    main()
