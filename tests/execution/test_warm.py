"""A kernel that is forked is a kernel started cold, but for the time it takes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from bakeoff.execution import warm
from bakeoff.execution.kernels import IN_USE, Execution
from bakeoff.execution.warm import Forge, forge_for, warm_kernels
from toys import gone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


def executed(root, source, *, settings=None):
    """Execute a notebook of one cell; return the execution and what the cell left in said.json."""
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), root / "one.ipynb")
    run = Execution(root / "one.ipynb", root / "out.ipynb", {}, root=root, log=root / "log.txt", settings=settings)
    run.start()
    assert run.wait(120)
    said = root / "said.json"
    return run, json.loads(said.read_text()) if said.exists() else None


def say(*expressions):
    return (
        f"import json\nfrom pathlib import Path\nPath('said.json').write_text(json.dumps([{', '.join(expressions)}]))"
    )


def test_a_forked_kernel_has_the_surroundings_of_its_own(tmp_path):
    source = "import os, random, sys, threading\nimport numpy as np\n" + say(
        "os.environ['BAKEOFF_KERNEL_START']",
        "os.environ.get('TOLD')",
        "os.getcwd()",
        "os.getppid() == int(os.environ['JPY_PARENT_PID'])",
        "os.getpgid(0) == os.getpid()",
        "sys.flags.safe_path",
        "any('ParentPoller' in type(thread).__name__ for thread in threading.enumerate())",
        "random.random()",
        "float(np.random.random())",
    )
    _, first = executed(tmp_path, source, settings={"TOLD": "one"})
    _, second = executed(tmp_path, source, settings={"TOLD": "one"})
    assert first[:7] == ["forked", "one", str(tmp_path), True, True, True, True]
    assert second[:7] == ["forked", "one", str(tmp_path), True, True, True, True]
    assert first[7] != second[7]
    assert first[8] != second[8]


def test_what_one_kernel_does_no_other_sees(tmp_path):
    source = """
import os, torch, bakeoff.training.fit as module
seen = [hasattr(module, "mark"), os.environ.get("MARK"), torch.initial_seed(), torch.rand(1).item()]
module.mark = os.environ["MARK"] = "1"
torch.manual_seed(5)
"""
    (_, first), (_, second) = (executed(tmp_path, source + say("*seen")) for _ in range(2))
    assert first == second
    assert first[:2] == [False, None]


def test_how_a_forked_kernel_died_is_known(tmp_path):
    run, _ = executed(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert run.failure.type == "KernelDied"
    assert "SIGKILL" in run.failure.message
    run, _ = executed(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGRTMIN + 1)")
    assert f"signal {signal.SIGRTMIN + 1}" in run.failure.message, "one without a name ended the whole command"
    run, _ = executed(tmp_path, "import os\nos._exit(7)")
    assert "exit status 7" in run.failure.message


def test_a_kernel_killed_as_it_starts_takes_nothing_along(tmp_path):
    """Its process group is killed, which for a moment was that of the process that forks all kernels."""
    forge = Forge(dict(os.environ))
    try:
        with (tmp_path / "log.txt").open("w") as log:
            for _ in range(20):
                kernel = forge.fork([], env=dict(os.environ), cwd=str(tmp_path), output=log)
                os.killpg(os.getpgid(kernel.pid), signal.SIGKILL)
                assert kernel.wait(60) == -signal.SIGKILL
                assert forge.alive
    finally:
        forge.close()


def test_a_kernel_whose_port_another_has_ends_at_once(tmp_path):
    """It waited for its sockets for ever: 60 s until another was started, and a process that nobody ended."""
    names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in names]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        ports = {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
        for one in (sockets[0], *sockets[2:]):
            one.close()
        sockets[1].listen()
        known = {
            "ip": "127.0.0.1",
            "key": "x",
            "transport": "tcp",
            "signature_scheme": "hmac-sha256",
            "kernel_name": "",
        }
        (tmp_path / "c.json").write_text(json.dumps({**ports, **known}))
        forge = Forge(dict(os.environ))
        try:
            with (tmp_path / "log.txt").open("w") as log:
                argv = ["-f", str(tmp_path / "c.json")]
                kernel = forge.fork(argv, env=dict(os.environ), cwd=str(tmp_path), output=log)
            assert kernel.wait(30) == 1
        finally:
            forge.close()
    assert IN_USE in (tmp_path / "log.txt").read_text()


def test_a_forge_that_cannot_start_leaves_kernels_to_start_cold(tmp_path, monkeypatch):
    monkeypatch.setattr(warm, "_FORGES", {})
    monkeypatch.setattr(warm.sys, "executable", "/bin/false")
    forge = forge_for(dict(os.environ))
    forge._process.wait()
    with (tmp_path / "log").open("w") as log, pytest.raises(OSError, match=r"ended|Broken pipe|reset"):
        forge.fork([], env={}, cwd=str(tmp_path), output=log)
    monkeypatch.undo()
    monkeypatch.setattr(Forge, "fork", lambda *_, **__: (_ for _ in ()).throw(OSError("no forge")))
    _, said = executed(tmp_path, "import os\n" + say("os.environ.get('BAKEOFF_KERNEL_START')"))
    assert said == [None]
    forge.close()


def test_one_setting_turns_it_off(tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_WARM_KERNELS", "off")
    assert forge_for(dict(os.environ)) is None
    _, said = executed(tmp_path, "import os\n" + say("os.environ.get('BAKEOFF_KERNEL_START')"))
    assert said == [None]


def test_forges_are_few_and_end_with_the_block(monkeypatch):
    monkeypatch.setattr(warm, "_FORGES", {})
    monkeypatch.setattr(warm, "_HOLDERS", 0)
    assert forge_for(dict(os.environ)) is None
    with warm_kernels():
        first, again, *others = [forge_for({**os.environ, "N": n}) for n in "11234"]
        assert first is again
        assert [forge.alive for forge in (first, *others)] == [False, False, True, True]
        with warm_kernels():
            pass
        assert others[-1].alive
    assert not any(forge.alive for forge in others)


def test_a_forge_at_its_imports_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(warm, "_FORGES", {})
    monkeypatch.setattr(warm, "_HOLDERS", 0)
    with warm_kernels():
        forge = forge_for({**os.environ, "N": "1"})
    assert forge._process.returncode == -signal.SIGKILL, "what is wrong with a file is told at once"


def test_a_forge_whose_kernel_is_at_work_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(warm, "_FORGES", {})
    monkeypatch.setattr(warm, "_HOLDERS", 0)
    with warm_kernels(), (tmp_path / "log").open("w") as log:
        first = forge_for({**os.environ, "N": "1"})
        argv = ["-f", str(tmp_path / "connection.json")]
        kernel = first.fork(argv, env=dict(os.environ), cwd=str(tmp_path), output=log)
        others = [forge_for({**os.environ, "N": n}) for n in "234"]
        assert [forge.alive for forge in (first, *others)] == [True, False, False, True]
        assert kernel.poll() is None
        kernel.kill()
        assert kernel.wait(10) == -9
        forge_for({**os.environ, "N": "5"})
        assert not first.alive


def test_kernels_end_with_the_driver(tmp_path):
    code = f"""
import os, sys, time
from pathlib import Path
from bakeoff.execution.warm import Forge
forge = Forge(dict(os.environ))
argv = ["-f", {str(tmp_path / "connection.json")!r}]
kernel = forge.fork(argv, env=dict(os.environ), cwd={str(tmp_path)!r}, output=open({str(tmp_path / "log")!r}, "w"))
print(kernel.pid, forge._process.pid, flush=True)
time.sleep(120)
"""
    driver = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    kernel, forge = (psutil.Process(int(pid)) for pid in driver.stdout.readline().split())
    deadline = time.monotonic() + 60
    while not (tmp_path / "connection.json").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    driver.kill()
    driver.wait()
    driver.stdout.close()
    assert gone(forge.pid)
    assert gone(kernel.pid)
