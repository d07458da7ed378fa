"""Damage at random to all that an experiment has on disk: what every command makes of it.

    python tests/torture/states.py --states 300 --seed 1    # says which states are not told as they should be
    python tests/torture/states.py --records identity       # every value of that part of a record, in turn

A state is one to four files cut off, emptied, filled with something else, changed in one value, or with a folder, a
pipe, a link to itself or to a file without end in their place. Each of several commands ends in words: no traceback,
no fault of ours, no wait.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from bakeoff import cli
from bakeoff.errors import BakeoffError
from bakeoff.experiment.load import load_experiment
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace
from written import write_report

NAME, SECONDS = "groups", 10
ANY: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 10**40, "", "x" * 5000, [], {}, [1], {"a": 1}, float("nan"), float("inf"), "\ud800",
    "../../../etc/passwd", "1",
)  # fmt: skip
GONE = object()
SIMPLE = (GONE, None, True, -1, 1e308, "", "x", [], {}, [1], {"a": 1})
LOOK = {"methods": ["full"], "seeds": 2, "items": 5, "metric": "accuracy", "reference": "full", "split": "s",
        "seeds_at_most": 3}  # fmt: skip


def lay_out(root: Path) -> Workspace:
    """Write a report with its runs, and beside each of some runs what a kernel leaves."""
    workspace, folder = write_report(root)
    for run in sorted((folder / "runs").iterdir())[:6]:
        (run / "checkpoint" / "epoch-1").mkdir(parents=True)
        for name in ("checkpoint/epoch-1/state.json", "model/bakeoff.json", "progress.json"):
            (run / name).parent.mkdir(exist_ok=True)
            (run / name).write_text("{}", "utf-8")
        (run / "epochs.jsonl").write_text('{"epoch": 1}\n{"epoch": 2}\n', "utf-8")
        shell = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (run / "notebook.ipynb").write_text(json.dumps(shell), "utf-8")
    (folder / "looks.jsonl").write_text(json.dumps(LOOK) + "\n", "utf-8")
    (folder / "verify.json").write_text('{"levels": {}}', "utf-8")
    return workspace


def changed(tree: Any, random: Random) -> Any:
    """Return a JSON tree with one value gone or another."""
    places = list(_places(tree, ()))
    *above, last = random.choice(places)
    held = tree
    for part in above:
        held = held[part]
    if isinstance(held, dict) and random.random() < 0.3:
        del held[last]
    else:
        held[last] = random.choice(ANY)
    return tree


def _places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _value(file: Path, content: bytes, random: Random) -> None:
    lines = content.decode().splitlines() if file.suffix == ".jsonl" else [content.decode()]
    place = random.randrange(len(lines))
    lines[place] = json.dumps(changed(json.loads(lines[place]), random))
    file.write_text("\n".join(lines), "utf-8")


def _flipped(content: bytes, random: Random) -> bytes:
    flipped = bytearray(content or b"x")
    flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _folder(file: Path) -> None:
    file.mkdir()
    (file / "x").touch()


FILLED: dict[str, Callable[[bytes, Random], bytes]] = {
    "cut off": lambda content, random: content[: random.randrange(len(content) + 1)],
    "empty": lambda *_: b"",
    "bytes": lambda _, random: random.randbytes(300),
    "deep": lambda *_: b"[" * 20_000,
    "long number": lambda *_: b"9" * 9999,
    "zeros": lambda content, _: bytes(len(content)),
    "one bit": _flipped,
}
REPLACED: dict[str, Callable[[Path], object]] = {"gone": lambda _: None, "folder": _folder}
if sys.platform != "win32":
    REPLACED |= {"pipe": os.mkfifo, "round": lambda file: file.symlink_to(file.name)}
if sys.platform == "linux":
    REPLACED |= {"without end": lambda file: file.symlink_to("/proc/kmsg")}


def damage(file: Path, random: Random) -> str:
    """Damage a file in one way or another; return which."""
    content = file.read_bytes()
    kind = random.choice([*["value"] * 8, *FILLED, *REPLACED])
    if kind == "value":
        if file.suffix in (".json", ".jsonl", ".ipynb") and content.strip() not in (b"", b"{}"):
            _value(file, content, random)
            return kind
        kind = "one bit"
    file.unlink()
    if kind in FILLED:
        file.write_bytes(FILLED[kind](content, random))
    else:
        REPLACED[kind](file)
    return kind


def said(*argv: str) -> str | None:
    """Give a command in this process; return what is not as it should be, None where all is."""
    out, err, began = io.StringIO(), io.StringIO(), time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.main(list(argv))
    took, line = time.process_time() - began, err.getvalue()
    differs = argv[0] == "diff" and status == 1 and not line
    if status not in (0, 1, 2, 3) or (status and not differs and line.count("\n") != 1):
        return f"{argv[0]}: status {status}: {line[:400]}"
    return f"{argv[0]}: {took:.0f} s" if took > SECONDS else None


def study(workspace: Workspace) -> str | None:
    """Read and compare what there is as a report does; return what is not as it should be."""
    try:
        file = workspace.root / "params" / f"{NAME}.yaml"
        found = StudyData.of(load_experiment(file, root=workspace.root), workspace=workspace)
        found.summary()
        found.pairs()
    except BakeoffError as error:
        return None if "looks.jsonl" in str(error) else f"report: {error}"
    except Exception as error:  # noqa: BLE001  which is what is looked for
        return f"report: {type(error).__name__}: {error}"
    return None


def tried(workspace: Workspace, whole: Path, random: Random) -> tuple[str, list[str]]:
    """Damage a copy of the whole state; return what was done and what is not told as it should be.

    Only a damaged list of looks stops a report, since nobody could say what it may claim then.
    """
    home = workspace.report_folder(NAME)
    shutil.rmtree(home)
    shutil.copytree(whole, home)
    every = sorted(file for file in home.rglob("*") if file.is_file())
    first = [file for file in every if file.parent in (home, home / "choices") or file.name == "record.json"]
    some = {random.choice(first if random.random() < 0.7 else every) for _ in range(random.choice((1, 1, 1, 2, 4)))}
    done = [f"{file.relative_to(home)} {damage(file, random)}" for file in sorted(some)]
    run, report, params = random.choice(every).parent.name, f"reports/{NAME}", f"params/{NAME}.yaml"
    packed = str(workspace.root / "shared.zip")
    beside = (("share", report, "--output", packed), ("diff", report, params), ("predict", run), ("export", run, "out"))
    calls = [said("plan", params), said("status", params), study(workspace), said(*random.choice(beside))]
    return ", ".join(done), [one for one in calls if one]


def each_value(workspace: Workspace, part: str) -> Iterator[tuple[str, list[str]]]:
    """Put each of `SIMPLE` in the place of each value of one part of the first run's record, or nothing.

    Yields what was done and what is not told as it should be.
    """
    file = min((workspace.report_folder(NAME) / "runs").glob("*/record.json"))
    run, params, below = file.parent.name, f"params/{NAME}.yaml", tuple(part.split("."))
    whole = file.read_text("utf-8")
    for *above, last in (place for place in _places(json.loads(whole), ()) if place[: len(below)] == below):
        for value in SIMPLE:
            tree = json.loads(whole)
            held = tree
            for key in above:
                held = held[key]
            if value is not GONE:
                held[last] = value
            elif isinstance(held, dict):
                del held[last]
            file.write_text(json.dumps(tree), "utf-8")
            calls = [
                said("plan", params),
                said("status", params),
                study(workspace),
                said("export", run, "out"),
            ]
            shutil.rmtree("out", ignore_errors=True)
            yield f"{'.'.join(map(str, (*above, last)))} {value!r}", [one for one in calls if one]
    file.write_text(whole, "utf-8")


def _all_values(workspace: Workspace, part: str) -> int:
    faults = number = 0
    for number, (done, wrong) in enumerate(each_value(workspace, part), 1):  # noqa: B007 - counted
        faults += bool(wrong)
        for one in wrong:
            print(f"{done}: {one}".encode("ascii", "backslashreplace").decode(), flush=True)  # noqa: T201
    print(json.dumps({"values": number, "faults": faults}))  # noqa: T201
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--states", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", metavar="PART", help="a part of a record: identity.data, params, test ...")
    given = parser.parse_args()
    random, faults = Random(given.seed), 0
    with tempfile.TemporaryDirectory(prefix="states-") as scratch:
        os.environ["BAKEOFF_CACHE"] = str(Path(scratch) / "cache")
        workspace, whole = lay_out(Path(scratch) / "study"), Path(scratch) / "whole"
        shutil.copytree(workspace.report_folder(NAME), whole)
        os.chdir(workspace.root)
        for _ in range(0 if given.records else given.states):
            done, wrong = tried(workspace, whole, random)
            faults += bool(wrong)
            for one in wrong:
                print(f"{done}: {one}".encode("ascii", "backslashreplace").decode(), flush=True)  # noqa: T201
        if given.records:
            faults = _all_values(workspace, given.records)
        else:
            print(json.dumps({"states": given.states, "faults": faults}))  # noqa: T201
        os.chdir(scratch)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
