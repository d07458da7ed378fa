from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from papermill.iorw import local_file_io_cwd, papermill_io

from bakeoff.execution import kernels
from bakeoff.execution.kernels import Execution, raised
from bakeoff.execution.leftovers import connection_file
from bakeoff.execution.local import execute
from bakeoff.execution.warm import warm_kernels
from toys import Toys


@pytest.fixture
def braced(tmp_path, monkeypatch):
    root = tmp_path / "a {folder} of {}"
    root.mkdir()
    monkeypatch.chdir(root)
    return Toys(root)


def test_braces_in_the_path_and_modules_in_the_root_disturb_no_run(braced):
    for name in ("datasets.py", "ipykernel_launcher.py", "nbformat.py"):
        (braced.workspace.root / name).write_text("raise SystemExit('hijacked')\n")
    braced.write("methods: {steady: {kind: toy}}\n")
    summary = execute(braced.experiment, braced.workspace, only=["steady"], jobs=2)
    assert summary.without_result == {}
    assert summary.finished == 2


@pytest.mark.parametrize(
    ("said", "raised", "starts", "failed"),
    [
        (kernels.IN_USE, "Kernel died before replying to kernel_info", 3, False),
        ("something else", "Kernel died before replying to kernel_info", 1, True),
        ("", "Kernel didn't respond in 60 seconds", 3, False),  # by a clock that was set meanwhile
    ],
)
def test_a_kernel_that_never_began_is_started_again(tmp_path, monkeypatch, said, raised, starts, failed):
    calls = []

    def start(*_, stdout_file, **__):
        calls.append(1)
        if len(calls) < 3:
            stdout_file.write(f"zmq.error.ZMQError: {said} (addr='tcp://127.0.0.1:1')\n")
            stdout_file.flush()
            raise RuntimeError(raised)

    monkeypatch.setattr(papermill, "execute_notebook", start)
    execution = Execution(tmp_path / "in.ipynb", tmp_path / "out.ipynb", {}, root=tmp_path, log=tmp_path / "log.txt")
    execution.start()
    assert execution.wait(60)
    assert (len(calls), execution.failure is not None) == (starts, failed)


FILTERS = """
import sys, time, warnings
from pathlib import Path
import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from bakeoff.execution.kernels import Execution

root = Path(sys.argv[1])
nbformat.write(new_notebook(cells=[new_code_cell("1")]), root / "in.ipynb")
execution = Execution(root / "in.ipynb", root / "out.ipynb", {}, root=root, log=root / "log.txt")
warnings.simplefilter("error")
execution.start()
while not execution.wait(0):
    with warnings.catch_warnings():  # as libraries do that draw or count meanwhile
        time.sleep(0.001)
print(execution.failure)
"""


def test_filters_of_warnings_that_come_and_go_end_no_notebook(tmp_path):
    """They are one for all threads; a warning that papermill's library means to hide ended the run as an error."""
    done = subprocess.run([sys.executable, "-c", FILTERS, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"


def test_a_kernel_that_never_answers_is_not_told_as_one_that_died(tmp_path, monkeypatch):
    def start(*_, **__):
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    monkeypatch.setattr(papermill, "execute_notebook", start)
    execution = Execution(tmp_path / "in.ipynb", tmp_path / "out.ipynb", {}, root=tmp_path, log=tmp_path / "log.txt")
    execution.start()
    assert execution.wait(60)
    assert (execution.failure.type, execution.failure.kind) == ("KernelSilent", "killed")
    assert "`bakeoff doctor` tries one" in execution.failure.message


def test_threads_that_end_in_another_order_leave_no_folder_for_later_notebooks(tmp_path, monkeypatch):
    toys, ended = Toys(tmp_path / "first"), [threading.Event(), threading.Event()]
    toys.write("methods: {steady: {kind: toy}}\n")
    monkeypatch.chdir(toys.workspace.root)
    assert execute(toys.experiment, toys.workspace, jobs=1).without_result == {}

    def works(mine: threading.Event, begun: threading.Event, other: threading.Event) -> None:
        with local_file_io_cwd():
            begun.set()
            assert other.wait(10)
        mine.set()

    begun = [threading.Event(), threading.Event()]
    first = threading.Thread(target=works, args=(ended[0], begun[0], begun[1]))
    first.start()
    assert begun[0].wait(10)
    works(ended[1], begun[1], ended[0])
    first.join()
    moved = tmp_path / "moved"
    monkeypatch.chdir(tmp_path)
    toys.workspace.root.rename(moved)
    notebook = tmp_path / "moved" / "out.ipynb"
    papermill_io.write("{}", str(notebook))
    assert notebook.read_text() == "{}"


def test_a_runtime_folder_that_cannot_be_made_is_left_for_scratch(tmp_path, monkeypatch):
    usual = tmp_path / "runtime" / "kernel-1.json"
    assert connection_file(str(usual)) == str(usual)
    (tmp_path / "file").touch()
    assert connection_file("") == ""
    other = Path(connection_file(str(tmp_path / "file" / "kernel-1.json")))
    assert other.name == "kernel-1.json"
    assert other.parent.is_dir()
    (scratch := tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "file" / "runtime"))
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), tmp_path / "one.ipynb")
    execution = Execution(tmp_path / "one.ipynb", tmp_path / "out.ipynb", {}, root=tmp_path, log=tmp_path / "log.txt")
    execution.start()
    seen = set()
    while not execution.wait(0.02):
        seen |= {path.name for path in scratch.iterdir()}
    assert execution.failure is None
    assert any(name.endswith(".json") for name in seen)
    assert list(scratch.iterdir()) == []


def test_a_full_disk_in_a_kernel_is_told_with_what_is_needed():
    failure = raised("OSError", "[Errno 28] No space left on device: 'runs/x/record.json'", where="result")
    assert failure.message.startswith("the disk is full: runs/x/record.json (")
    assert failure.message.endswith("; make room there, then the same command goes on")
    moved = raised("OSError", "[Errno 28] No space left on device: '/r/.a.json.x' -> '/r/it\\'s {1}'", where="result")
    assert moved.message.startswith("the disk is full: /r/it's {1} (")
    assert raised("OSError", "[Errno 28] other words: 'x'", where=None).message == "x: other words"


def test_the_record_of_a_run_that_failed_tells_nobody_a_password():
    said = "Cannot connect to proxy https://me:s3cret@proxy:3128 with hf_abcdefghijklmnopqrstuv"
    assert raised("ProxyError", said, where="data").message == "Cannot connect to proxy https://***@proxy:3128 with ***"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MemoryError", "no message"),
        ("_ArrayMemoryError", "Unable to allocate 74.5 GiB for an array with shape (100000, 100000)"),
        ("OutOfMemoryError", "CUDA out of memory. Tried to allocate 20.00 MiB"),
        ("RuntimeError", "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        ("RuntimeError", "std::bad_alloc"),
        ("OSError", "[Errno 12] Cannot allocate memory"),
    ],
)
def test_memory_that_ran_out_is_known_whoever_says_so(name, message):
    assert raised(name, message, where="train").kind == "memory"


LEAKS = """
import os, sys
key = os.environ["AWS_SECRET_ACCESS_KEY"]
print("printed", key)
os.write(2, f"past Python: {key}\\n".encode())
raise RuntimeError(f"https://me:Planted@host/x?token=Planted with {key}")
"""


def test_what_a_user_s_own_code_prints_and_raises_leaves_no_secret_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "Planted/Secret+Key")
    nbformat.write(new_notebook(cells=[new_code_cell(LEAKS)]), tmp_path / "one.ipynb")
    (tmp_path / "one.ipynb").rename(notebook := tmp_path.parent / f"{tmp_path.name}.ipynb")
    execution = Execution(notebook, tmp_path / "out.ipynb", {}, root=tmp_path, log=tmp_path / "log.txt")
    execution.start()
    assert execution.wait(120)
    assert execution.failure.message == "https://***@host/x?token=*** with ***"
    for name in ("out.ipynb", "log.txt"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "printed ***" in text
        assert "Planted" not in text
    nbformat.validate(nbformat.read(tmp_path / "out.ipynb", as_version=4))
    assert not [path.name for path in tmp_path.iterdir() if path.name not in ("out.ipynb", "log.txt")]


@pytest.mark.parametrize("warm", ["on", "off"])
def test_start_up_files_of_a_user_s_own_run_in_no_kernel(tmp_path, monkeypatch, warm):
    """One of IPython that sets torch's default type would change every number, and nobody would see why."""
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("import os\nos.environ['SEEN'] = 'ipython'\n")
    (tmp_path / "ipython" / "profile_default" / "ipython_config.py").write_text("raise SystemExit('config')\n")
    (tmp_path / "start.py").write_text("import os\nos.environ['SEEN'] = 'python'\n")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "start.py"))
    monkeypatch.setenv("BAKEOFF_WARM_KERNELS", warm)
    cell = "import os\nfrom pathlib import Path\nPath('said').write_text(os.environ.get('SEEN', 'nothing'))"
    nbformat.write(new_notebook(cells=[new_code_cell(cell)]), tmp_path / "in.ipynb")
    run = Execution(tmp_path / "in.ipynb", tmp_path / "out.ipynb", {}, root=tmp_path, log=tmp_path / "log.txt")
    with warm_kernels():
        run.start()
        assert run.wait(120)
    assert run.failure is None
    assert (tmp_path / "said").read_text() == "nothing"
