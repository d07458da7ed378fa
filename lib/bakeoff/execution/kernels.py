"""One notebook in one fresh kernel process of this very interpreter, from a thread that can be waited for.

papermill executes the notebook; what is added here is who may end the kernel (a time limit, Ctrl-C) and what is known
about one that died.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from bakeoff.errors import one_line, redacted
from bakeoff.execution.leftovers import connection_file, folder_of_each_thread, hide_secrets
from bakeoff.execution.warm import ForkedKernel, forge_for
from bakeoff.runs.record import Failure
from bakeoff.system.atomic import TROUBLE, in_words, of_system, own
from bakeoff.system.workspace import cache_folder

__all__ = ["Execution", "raised"]


Process = subprocess.Popen[bytes] | ForkedKernel

IMPORTS = threading.Lock()
"""Two threads that import modules which import each other can see half of one."""
IN_USE, NO_ANSWER = "Address already in use", "Kernel didn't respond in"
"""The second as jupyter_client says of a minute by the clock of the day, which may be set while a kernel starts."""
CLOSED = ", however often it was started; is 127.0.0.1, where kernels are reached, closed? `bakeoff doctor` tries one"
STARTS = 3
"""Ports are free when they are picked, and may be taken by somebody else before a kernel listens there."""
NO_MEMORY = re.compile(r"out.?of.?memory|n[o']t allocate memory|MemoryError|bad_alloc|bad allocation", re.IGNORECASE)
"""How it is named: by torch in a class of its own on a GPU and a message on processors, by numpy in a class, by C++."""


class Execution:
    """A notebook being executed; `start` returns at once, `wait` says whether it has ended.

    parameters go to the notebook as papermill's `-p`; everything the kernel prints goes to `log`; settings are
    environment variables it gets beyond those of this process.
    """

    def __init__(
        self,
        notebook: Path,
        target: Path,
        parameters: Mapping[str, Any],
        *,
        root: Path,
        log: Path,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._notebook, self._target, self._parameters, self._root, self._log = notebook, target, parameters, root, log
        self._settings = settings or {}
        self._thread = threading.Thread(target=self._work, name=f"papermill {target.parent.name}", daemon=True)
        self._kernel: Process | None = None
        self._killed = threading.Event()
        self._cell: str | None = None
        self._error: BaseException | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        importlib.import_module("requests")  # papermill's: its filter of warnings gets lost where threads set others
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait that long at most; return True once the notebook has ended, well or badly."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def kill(self) -> None:
        """End the kernel and whatever it started, now; files are safe, since they are written whole or not at all."""
        self._killed.set()
        if self._kernel is not None:
            _kill(self._kernel)

    @property
    def failure(self) -> Failure | None:
        """Why the notebook did not run to its end; None if it did, or while it runs."""
        from nbclient.exceptions import DeadKernelError
        from papermill.exceptions import PapermillExecutionError

        if (error := self._error) is None:
            return None
        if isinstance(error, PapermillExecutionError):
            return raised(error.ename, one_line(error.evalue), where=self._cell)
        if str(error).startswith(NO_ANSWER):  # and was ended for it
            return Failure(type="KernelSilent", message=f"{error}{CLOSED}", where=self._cell, kind="killed")
        if isinstance(error, DeadKernelError) or (self._kernel and self._kernel.poll()):
            return Failure(type="KernelDied", message=self._how_it_died(), where=self._cell, kind="killed")
        return raised(type(error).__name__, one_line(str(error)), where=self._cell)

    @property
    def trouble(self) -> OSError | None:
        """What is wrong with the disk its folder is on, where that ended it: no other run would do better there."""
        from papermill.exceptions import PapermillExecutionError

        error, home = self._error, self._target.parent
        if isinstance(error, OSError):
            file = error.filename if isinstance(error.filename, str) else str(self._target)
            said = (error.errno or 0, error.strerror or str(error), file)
        elif isinstance(error, PapermillExecutionError):  # raised in a cell: of a file of the run, or of its lock
            said = of_system(one_line(error.evalue)) or (0, "", "")
            if not Path(said[2]).is_relative_to(home) and Path(said[2]).parent != home.parent:
                return None
        else:
            return None
        return OSError(*said) if said[0] in TROUBLE else None

    def _how_it_died(self) -> str:
        status = self._kernel.poll() if self._kernel else None
        if status is None or status >= 0:
            return f"the kernel process ended by itself (exit status {status}); log.txt may say more"
        name = next((one.name for one in signal.Signals if one == -status), f"signal {-status}")
        often = "; memory that ran out is the usual cause" if name == "SIGKILL" else "; log.txt may say more"
        return f"the kernel process was ended by {name}{often}"

    def _work(self) -> None:
        try:
            own(self._target)  # papermill writes it where it stands
            with own(self._log).open("a", encoding="utf-8", newline="\n") as log:
                for left in reversed(range(STARTS)):
                    begun = self._log.stat().st_size
                    try:
                        self._execute(log)
                    except Exception as error:
                        if not (left and self._never_began(error, begun)):
                            raise
                    else:
                        break
        except BaseException as error:  # noqa: BLE001  handed to the thread that waits
            self._error = error
        finally:
            try:
                hide_secrets(self._target, self._log)
            except Exception as error:  # noqa: BLE001  of the disk, or memory that ran out
                self._error = self._error or error
            with suppress(RuntimeError):  # Jupyter makes an event loop for a thread and leaves it open
                asyncio.get_event_loop().close()

    def _never_began(self, error: Exception, begun: int) -> bool:
        """Return whether the kernel ended before its first cell, by no fault of its own. begun: size of the log."""
        if self._cell is not None or self._killed.is_set():
            return False
        if str(error).startswith(NO_ANSWER):
            return True
        with self._log.open("rb") as log:
            log.seek(begun)
            return IN_USE.encode() in log.read()

    def _execute(self, log: IO[str]) -> None:
        with IMPORTS:
            import papermill

            folder_of_each_thread()
            said = logging.getLogger("papermill")
            if not said.handlers:  # of a kernel that was ended, which its log and its record tell of
                said.addHandler(logging.NullHandler())
            kernel_manager = _kernel_manager(log, self._started, settings=self._settings)
        papermill.execute_notebook(
            _literal(self._notebook),
            _literal(self._target),
            parameters=dict(self._parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            stdout_file=log,
            stderr_file=log,
            resources={"metadata": {"path": str(self._root)}},  # not papermill's `cwd`, which moves this whole process
            kernel_manager_class=kernel_manager,
            on_cell_start=self._entered,
        )

    def _started(self, kernel: Process) -> None:
        self._kernel = kernel
        if self._killed.is_set():
            _kill(kernel)

    def _entered(self, cell: Any, cell_index: int) -> None:
        if cell.cell_type == "code":
            tags = [tag for tag in cell.metadata.get("tags", []) if tag != "injected-parameters"]
            self._cell = tags[0] if tags else f"cell {cell_index}"


def raised(name: str, message: str, *, where: str | None) -> Failure:
    """Return what an exception that left a kernel says of its run."""
    named = {"Diverged": "diverged", "NotImplementedError": "unsupported", "ProcessDied": "killed"}
    if found := of_system(message):
        message = in_words(*found)
    kind = "memory" if NO_MEMORY.search(f"{name}: {message}") else named.get(name, "failed")
    return Failure.model_validate({"type": name, "message": redacted(message), "where": where, "kind": kind})


def _literal(path: Path) -> str:
    """Spell a path for papermill, which fills in parameters at braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _provisioner(log: IO[str]) -> type[Any]:
    """Return a class whose instance starts one kernel that prints into a log."""
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    class Provisioner(LocalProvisioner):
        """Forked where that can be; started as any local kernel else."""

        process: Any = None

        async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
            env, cwd = options["env"], str(options.get("cwd") or Path.cwd())
            forge = forge_for(env)
            if forge is not None:
                with suppress(OSError):
                    argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
                    kernel = await asyncio.to_thread(forge.fork, argv, env=env, cwd=cwd, output=log)
                    self.process, self.pid, self.pgid, self.cwd = kernel, kernel.pid, kernel.pid, Path(cwd)
                    return self.connection_info
            return await super().launch_kernel(cmd, **options)

    return Provisioner


def _kernel_manager(log: IO[str], started: Callable[[Process], None], *, settings: Mapping[str, str]) -> type[Any]:
    """Return a kernel manager class whose kernels run on this interpreter, whatever kernels a user has installed."""
    import zmq
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    provisioner = _provisioner(log)

    class OwnKernel(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            # -P: a datasets.py in the workspace is not taken for the library of that name.
            argv = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}", *_alone()]
            metadata = {"supported_encryption": ["curve"]}
            return KernelSpec(argv=argv, display_name="Python 3", language="python", metadata=metadata)

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            # What a dying process prints past Python (a C++ abort, the fault handler) belongs in the log, too.
            # Others on a shared machine can reach the kernel's ports, hence the encryption.
            safe = "auto" if zmq.has("curve") else "disabled"
            options["env"] = {**(options.get("env") or os.environ), **settings}
            self.kernel_id = self.kernel_id or str(uuid4())
            self.connection_file = connection_file(self.connection_file)
            launcher = provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
            self.provisioner = launcher
            await super().start_kernel(stdout=log, stderr=log, transport_encryption=safe, **options)
            if launcher.process is not None:
                started(launcher.process)

        async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # type: ignore[override]
            # Asked to, never interrupted first as jupyter_client does: papermill's last question may be answered
            # and not yet done with, and the kernel then writes of a KeyboardInterrupt into the log of a good run.
            if now:
                await super().shutdown_kernel(now=now, restart=restart)
                return
            await self.request_shutdown(restart=restart)
            await self.finish_shutdown(restart=restart)
            await self.cleanup_resources(restart=restart)

    return OwnKernel


def _alone() -> list[str]:
    """Return options by which no start-up file of a user's IPython, nor PYTHONSTARTUP, changes numbers, unseen."""
    options = ["--InteractiveShellApp.exec_PYTHONSTARTUP=False"]
    with suppress(OSError):  # where nothing can be kept, IPython finds itself a place
        home = cache_folder() / "ipython"
        home.mkdir(parents=True, exist_ok=True)
        options += [f"--ipython-dir={home}"] if os.access(home, os.W_OK) else []
    return options


def _kill(kernel: Process) -> None:
    """Kill a kernel and whatever it started: its process group, which it leads; on Windows its descendants."""
    if kernel.poll() is not None:
        return
    if sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.killpg(os.getpgid(kernel.pid), signal.SIGKILL)
        return
    import psutil

    with suppress(psutil.NoSuchProcess):
        leader = psutil.Process(kernel.pid)
        for process in (*leader.children(recursive=True), leader):
            with suppress(psutil.NoSuchProcess):
                process.kill()
