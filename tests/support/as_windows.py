"""bakeoff as on Windows, in a process of its own: the platform's name, what its Python lacks, how its files answer.

`python as_windows.py WORKSPACE` plans, trains and keeps in a workspace and prints what came of it as JSON. Libraries
are imported before the change, bakeoff's own modules after it.
"""

import errno
import fcntl
import importlib
import io
import json
import ntpath
import os
import pathlib
import pkgutil
import signal
import sys
import types

OPEN_ELSEWHERE: dict[str, int] = {}
"""Name of a file -> how often Windows refuses yet to replace it."""
LAZY = (
    "babel.dates", "sklearn.linear_model", "sklearn.feature_extraction.text", "sklearn.metrics", "joblib", "psutil",
    "matplotlib.pyplot", "seaborn", "pyarrow.parquet", "peft", "transformers.trainer", "filelock",
    "ipykernel.kernelapp", "transformers.models.bert.modeling_bert", "datasets", "evaluate", "nbclient",
    "torch._dynamo",
)  # fmt: skip
"""Libraries that bakeoff imports late, and that would look for Windows' own modules then."""
LACKING = {
    os: ("fork", "getloadavg", "getpgid", "getuid", "killpg", "kill", "sched_getaffinity", "statvfs"),
    signal: ("SIGKILL", "SIGHUP", "SIGALRM"),
}


def import_everything() -> list[str]:
    import bakeoff

    for name in LAZY:
        importlib.import_module(name)

    found = [one.name for one in pkgutil.walk_packages(bakeoff.__path__, "bakeoff.")]
    found = [name for name in found if not name.endswith("__main__")]
    for name in found:
        importlib.import_module(name)
    return found


def refused(name: object) -> PermissionError:
    return PermissionError(errno.EACCES, "The process cannot access the file", str(name))


REALLY = {"open": io.open, "os.open": os.open, "fsync": os.fsync, "replace": os.replace}


def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, **named):
    if str(file).startswith(("/proc", "/sys")):
        raise FileNotFoundError(errno.ENOENT, "No such file", str(file))
    if "b" not in mode and set(mode) & set("wax") and newline is None:
        newline = "\r\n"
    return REALLY["open"](file, mode, buffering, encoding, errors, newline, **named)


def os_open(path, flags, *rest, **named):
    if pathlib.Path(path).is_dir():
        raise refused(path)
    return REALLY["os.open"](path, flags, *rest, **named)


def fsync(handle):
    if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "Bad file descriptor")
    REALLY["fsync"](handle)


def replace(source, target, **named):
    name = pathlib.Path(target).name
    if OPEN_ELSEWHERE.get(name, 0):
        OPEN_ELSEWHERE[name] -= 1
        raise refused(target)
    REALLY["replace"](source, target, **named)


def no_mounts(_self):
    raise NotImplementedError


def no_key(*_):
    raise OSError


def become_windows() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "bakeoff"]:
        del sys.modules[name]
    for module, names in LACKING.items():
        for name in names:
            delattr(module, name)
    signal.SIGBREAK = signal.SIGUSR2
    io.open, os.open, os.fsync, os.replace, os.rename = opened, os_open, fsync, replace, replace
    pathlib.Path.is_mount = no_mounts
    sys.modules["winreg"] = types.SimpleNamespace(HKEY_LOCAL_MACHINE=0, OpenKey=no_key)
    sys.platform = "win32"


def made(experiment, workspace) -> dict[str, object]:
    """Plan, train and keep; return what came of it."""
    from bakeoff.execution.plan import plan
    from bakeoff.execution.preflight import preflight
    from bakeoff.execution.resources import gpu_there
    from bakeoff.notebook.train import open_run
    from bakeoff.runs.commands import command, report_command, typed
    from bakeoff.runs.record import read_records
    from bakeoff.system.locks import free, sole, terminable

    preflight(experiment, workspace)
    before = plan(experiment, workspace)
    OPEN_ELSEWHERE.update({"progress.json": 3, "record.json": 2, "model": 1, "epoch-2": 1})
    with sole(experiment.name, workspace), terminable():
        for method in ("tfidf", "full"):
            for _ in range(2):  # Run All twice, as one does in Jupyter: everything is replaced
                run = open_run({"params": "params/few.yaml", "method": method})
                run.load_data()
                run.build_model()
                run.fit()
                run.finish()
    unreadable = []
    kept = read_records(workspace.runs_folder("few"), unreadable=unreadable.append)
    written = [path for path in workspace.report_folder("few").rglob("*") if path.is_file()]
    texts = [path for path in written if path.suffix in {".json", ".jsonl"}]
    return {
        "states": {item.name: item.state for item in plan(experiment, workspace).items},
        "statuses": {record.method: record.status for record in kept},
        "unreadable": [str(error) for error in unreadable],
        "commands": [command(item.run, "params/few.yaml") for item in before.items if item.run],
        "report": report_command(experiment, "params/few.yaml"),
        "spelled": typed(["bakeoff", "run", ntpath.join("C:\\my data", "few.yaml")]),
        "free": all(free(workspace.run_folder("few", record.run_id)) for record in kept),
        "carriage": [path.name for path in texts if b"\r" in path.read_bytes()],
        "hidden": sorted(path.name for path in written if path.name[0] == "." and not path.name.endswith(".lock")),
        "memory": [record.cost.peak_rss_train_bytes for record in kept],
        "cpu": kept[0].environment["cpu_model"],
        "flags": kept[0].environment["cpu_flags"],
        "gpu": gpu_there(),
    }


def open_elsewhere(root: pathlib.Path) -> str:
    """Replace a file that stays open in another program; return what is said of it."""
    from bakeoff.system import atomic

    atomic.RETRIES_S = (0.0,)
    OPEN_ELSEWHERE["report.html"] = 9
    try:
        with atomic.atomic_path(root / "report.html") as scratch:
            scratch.write_text("new", encoding="utf-8")
    except PermissionError as error:
        return f"{pathlib.Path(error.filename).name}: {error.strerror}"
    return ""


def too_long(root: pathlib.Path) -> str:
    """Move the workspace deep down; return what is said of its paths."""
    from bakeoff.errors import BadValue
    from bakeoff.execution.preflight import preflight
    from bakeoff.experiment.load import load_experiment
    from bakeoff.system.workspace import find_workspace

    deep = root / ("x" * 200)
    deep.mkdir()
    for name in ("params", "notebooks", "texts.csv"):
        (root / name).rename(deep / name)
    os.chdir(deep)
    try:
        preflight(load_experiment("params/few.yaml", root=deep), find_workspace())
    except BadValue as error:
        return str(error)
    return ""


def main(root: pathlib.Path) -> None:
    names = import_everything()
    become_windows()
    again = [importlib.import_module(name).__name__ for name in names]
    os.chdir(root)
    from bakeoff.experiment.load import load_experiment
    from bakeoff.system.workspace import find_workspace

    workspace = find_workspace()
    told = {"modules": len(again), **made(load_experiment("params/few.yaml", root=workspace.root), workspace)}
    told |= {"open_elsewhere": open_elsewhere(root), "too_long": too_long(root), "left": OPEN_ELSEWHERE}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
