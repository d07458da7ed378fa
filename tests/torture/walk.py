"""A walk at random over what users do one after another: commands, and edits between them.

    python tests/torture/walk.py --walks 5 --steps 40 --seed 1    # says which steps together end as they should not

Each walk begins with a small workspace. After every step the exit status is one that is right there, errors are one
line, nothing is left behind or written elsewhere, plan, status and report agree on what is finished, and what is
finished stays so, bit for bit, as long as nothing that it hangs on has changed. Steps that break this are told as
commands, as few of them as do (hypothesis leaves out the others).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from battery import CONTROL, LONGEST
from battery import lay_out as lay_out_battery

import own_code
from bakeoff import cli
from bakeoff.errors import BakeoffError
from bakeoff.execution.plan import Plan, plan
from bakeoff.execution.state import CUT_OFF, Item
from bakeoff.execution.status import statuses
from bakeoff.experiment.load import load_experiment
from bakeoff.study.study import StudyData
from bakeoff.system.digests import sha256_of
from bakeoff.system.workspace import Workspace
from tiny import make_texts
from torture import LEFT

SECONDS, WAIT_S = 20, 300
"""Processor time of this process, and time, that a command may take."""
BASE = {
    "data": {"source": "data.csv", "split": {"train": 12, "validation": 6, "test": 8}, "max_length": 16},
    "model": "models/tiny",
    "seeds": [1],
    "compare": {"reference": "majority", "seeds_at_most": 4},
    "defaults": {"epochs": 1, "batch_size": 4, "threads": 1},
    "methods": {"majority": {}, "tfidf": {}},
}
METHODS: dict[str, dict[str, Any]] = {
    "full": {},
    "lora": {"rank": 2},
    "twin": {"kind": "tfidf", "inverse_penalty": 3.0},
    "short": {"kind": "my_length:Length"},
    "sparse": {"kind": "my_method:Sparse"},
    "given": {"kind": "imported", "file": "answers.csv"},
}
OWN = {"my_length:Length": "my_length.py", "my_method:Sparse": "my_method.py", "my_metric:wrong_cost": "my_metric.py"}
LEFT_OPEN = ("made before ", "no predictions for ", CUT_OFF)
"""Why a run whose result is whole is not finished: a sweep or a test set that came later, a stop after its result."""
BREAK = "        raise ValueError('not today')\n"
TABLES = ("summary.csv", "pairs.csv")
"""What `diff` reads of a report."""
SOME = st.integers(0, 7)
Files = dict[str, bytes]
VERBOSE = bool(os.environ.get("WALK_VERBOSE"))
COUNTED = {"walks": 0, "commands": 0, "edits": 0}


@cache
def template() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    """Return a workspace to copy, with a tiny model and modules of a user's own, and what removes it at the end."""
    scratch = tempfile.TemporaryDirectory(prefix="walk-template-")
    root = Path(scratch.name) / "study"
    lay_out_battery(root)
    rows = [f"{text} number{place},{label}" for place, (text, label) in enumerate(make_texts(36))]
    (root / "data.csv").write_text("\n".join(["text,label", *rows]) + "\n", "utf-8")
    (root / "other.csv").write_text("\n".join(["text,label", *rows[:6]]).replace("number", "other") + "\n", "utf-8")
    own_code.write_method(root)
    own_code.write_metric(root)
    (root / "my_length.py").write_text(own_code.CLASSICAL, "utf-8")
    write(root / "params" / "demo.yaml", BASE)
    return scratch, root


def read(file: Path) -> dict[str, Any]:
    return {
        key: json.loads(value) for key, value in re.findall(r"^(\w+): (.*)$", file.read_text("utf-8"), re.MULTILINE)
    }


def write(file: Path, tree: dict[str, Any]) -> None:
    file.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in tree.items()), "utf-8")


def listed(root: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file below a folder but locks, which a look may take."""
    found = {}
    for folder, folders, names in os.walk(root):
        for name in names:
            if not name.endswith(".lock"):
                path = os.path.join(folder, name)  # noqa: PTH118  a Path each takes five times as long
                status = os.lstat(path)
                found[os.path.relpath(path, root)] = (status.st_size, status.st_mtime_ns)
        found |= {os.path.relpath(os.path.join(folder, name), root) + "/": (0, 0) for name in folders}  # noqa: PTH118
    return found


@dataclass
class Seen:
    """What is known of an experiment file after a step.

    ids: of runs that hang on no choice; done: finished ones; compared: those of them that a report compares
    """

    ids: frozenset[str]
    done: frozenset[str]
    compared: frozenset[str]
    found: Plan


@dataclass
class Place:
    """A workspace.

    kept: (experiment, run id) -> hashes of what a finished run left; past: states of what users edit
    """

    root: Path
    kept: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    seen: dict[str, Seen | None] = field(default_factory=dict)
    past: list[tuple[Files, dict[str, Seen | None]]] = field(default_factory=list)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root)

    @property
    def params(self) -> list[Path]:
        return sorted((self.root / "params").glob("*.yaml"))

    @property
    def edited(self) -> Files:
        """What a user edits, as it is now."""
        files = [*self.params, *self.root.glob("*.csv"), *self.root.glob("my_*.py")]
        return {file.relative_to(self.root).as_posix(): file.read_bytes() for file in sorted(files)}

    def left_by(self, name: str, run_id: str) -> tuple[str, str]:
        folder = self.workspace.run_folder(name, run_id)
        files = (folder.record, folder.predictions)
        return sha256_of(files[0]) if files[0].is_file() else "", sha256_of(files[1]) if files[1].is_file() else ""


def look(place: Place, file: Path) -> tuple[Seen, list[str]]:
    """Plan an experiment; return what is known, and where plan, status and report disagree. Raises BakeoffError."""
    workspace = place.workspace
    experiment = load_experiment(file, shown_as=workspace.relative(file), root=place.root)
    found = plan(experiment, workspace)
    told = {one.run_id: one.state for one in statuses(experiment.name, workspace=workspace)}
    study, wrong = StudyData.of(experiment, workspace=workspace), []
    items = {item.run.run_id: item for item in found.items if item.run}
    done = {run_id for run_id, item in items.items() if item.state == "finished"}
    for run_id, item in items.items():
        whole = told.get(run_id) == "done"
        if whole != (run_id in done) and not item.reason.startswith(LEFT_OPEN):
            wrong.append(f"{run_id}: {item.state} ({item.reason}) in the plan, {told.get(run_id)} in the status")
    compared = {one.run_id for row in study.collection.rows for one in row.records}
    asked = {run_id for run_id in done if items[run_id].request.role != "sweep" and not items[run_id].cell}
    asked |= {run_id for run_id, item in items.items() if not item.cell and item.reason.startswith(LEFT_OPEN[1:])}
    # A report needs no models: it compares what was measured, while a run makes those that are gone anew.
    asked |= {
        run_id for run_id in compared & items.keys() if not workspace.run_folder(file.stem, run_id).model.is_dir()
    }
    if compared != asked:
        wrong.append(f"the report compares {sorted(compared)}, finished in the plan are {sorted(asked)}")
    fixed = frozenset(
        run_id for run_id, item in items.items() if item.request.role == "sweep" or not item.request.overrides
    )
    return Seen(fixed, frozenset(done), frozenset(compared), found), wrong


class Walk(RuleBasedStateMachine):
    """The steps; each gives commands or edits, and ends with a look at everything."""

    def __init__(self) -> None:
        super().__init__()
        self.scratch = Path(tempfile.mkdtemp(prefix="walk-")).resolve()
        shutil.copytree(template()[1], self.scratch / "study")
        self.places, self.steps, self.number = [Place(self.scratch / "study")], list[str](), 0
        self.bits: dict[str, str] = {}
        self.gone: set[str] = set()
        self.before = Path.cwd()
        os.chdir(self.here.root)
        self.settle(command=False)
        COUNTED["walks"] += 1

    def teardown(self) -> None:
        os.chdir(self.before)
        shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def here(self) -> Place:
        return self.places[-1]

    def fail(self, wrong: str) -> None:
        message = "\n".join([wrong, "after these steps:", *(f"  {step}" for step in self.steps)])
        told(message)
        raise AssertionError(message)

    # what is done --------------------------------------------------------------------------------------------------

    def give(
        self, *argv: str, expected: Sequence[int] = (0,), writes: str | None = "", stdin: str = ""
    ) -> tuple[int, str]:
        """Give a command in this process. writes: a pattern of what it may write in the workspace, None: nothing."""
        COUNTED["commands"] += 1
        self.say(f"bakeoff {shlex.join(argv)}" + (f" <<< {shlex.quote(stdin)}" if stdin else ""))
        inside, outside = listed(self.here.root), self.elsewhere()
        began, clock = time.process_time(), time.monotonic()
        status, out, err = given(argv, stdin)
        took, waited = time.process_time() - began, time.monotonic() - clock
        if status not in expected:
            self.fail(f"status {status}, not one of {tuple(expected)}: {(err or out)[-1500:]}")
        if "Traceback" in out + err:
            self.fail(f"a traceback: {(out + err)[-3000:]}")
        wordless = status == 0 or (argv[0] in ("run", "diff", "verify") and status in (1, 4))
        if err.count("\n") != (0 if wordless else 1) or len(err) > LONGEST + 1 or CONTROL.search(err[:-1]):
            self.fail(f"status {status}, not one line: {err[:2000]}")
        if took > SECONDS or waited > WAIT_S:
            self.fail(f"took {took:.0f} s of processor time, {waited:.0f} s")
        changed = {name for name, _ in listed(self.here.root).items() ^ inside.items()}
        wrong = sorted(name for name in changed if writes is None or not re.match(writes, name))
        if wrong:
            self.fail(f"wrote {wrong}")
        if there := sorted({name for name, _ in self.elsewhere().items() ^ outside.items()}):
            self.fail(f"wrote outside of the workspace: {there}")
        left = [name for name in changed if LEFT.search(name) and (self.here.root / name).exists()]
        if left and status == 0:  # runs that were stopped can go on
            self.fail(f"left {sorted(left)}")
        if alive := kernels():
            self.fail(f"left processes: {alive}")
        return status, out

    def elsewhere(self) -> dict[str, tuple[int, int]]:
        """What there is beside the workspace and the store."""
        apart = (self.here.root.name + "/", "store/")
        return {name: one for name, one in listed(self.scratch).items() if not name.startswith(apart)}

    def say(self, step: str) -> None:
        self.steps.append(step)
        if VERBOSE:
            told(f"{time.monotonic():.1f} {step}")

    def edit(self, told: str) -> None:
        COUNTED["edits"] += 1
        self.say(f"# {told}")
        self.settle(command=False)

    def settle(self, *, command: bool) -> None:
        """Look at each experiment: what was finished is so still, and plan, status and report agree."""
        here = self.here
        for (name, run_id), left in here.kept.items():
            if here.left_by(name, run_id) != left:
                self.fail(f"record or predictions of {name}/{run_id} changed")
        seen: dict[str, Seen | None] = {}
        for file in here.params:
            seen[file.name] = self.looked(file, command=command)
        here.seen = seen
        if not here.past or here.past[-1][0] != here.edited:
            here.past.append((here.edited, seen))
        else:
            here.past[-1] = (here.edited, seen)

    def looked(self, file: Path, *, command: bool) -> Seen | None:
        here, name = self.here, file.stem
        try:
            now, wrong = look(here, file)
        except BakeoffError as error:
            if not self.gone:
                self.fail(f"{file.name} cannot be used any more: {error}")
            return None
        if wrong:
            self.fail("\n".join(wrong))
        before = here.seen.get(file.name)
        if command and before and (lost := before.done & before.ids - now.done):
            self.fail(f"{sorted(lost)} were finished before this command")
        for item in now.found.items:
            if item.run:
                self.held((name, item.run.run_id), item)
        named = {item.run.run_id for item in now.found.items if item.run}
        swept = tuple(f"{entry.name}-s" for entry in now.found.experiment.methods.values() if entry.sweep)
        for key in [one for one in here.kept if one[0] == name and one[1].startswith(swept) and one[1] not in named]:
            here.kept.pop(key)  # may have been made before there was a choice, and be made again
        return now

    def held(self, key: tuple[str, str], item: Item) -> None:
        """Hold a run against what it was when it was last finished."""
        kept = self.here.kept
        if item.state == "finished":
            left = self.here.left_by(*key)
            if kept.setdefault(key, left) != left:
                self.fail(f"record or predictions of {'/'.join(key)} changed")
            if self.bits.setdefault(key[1], left[1]) != left[1]:
                self.fail(f"{'/'.join(key)} was made again with other predictions")
        elif key in kept and not item.reason.startswith(LEFT_OPEN):
            self.fail(f"{'/'.join(key)} was finished and is {item.state}: {item.reason}")
        elif item.reason.startswith((LEFT_OPEN[0], CUT_OFF)):  # a store's may be taken for one that was cut off
            kept.pop(key, None)

    # which ---------------------------------------------------------------------------------------------------------

    def experiment(self, number: int) -> tuple[str, Seen | None]:
        """Return an experiment file as a command names it, and what is known of it."""
        files = self.here.params
        file = files[number % len(files)]
        return f"params/{file.name}", self.here.seen[file.name]

    def known(self, number: int) -> Seen | None:
        """Return what is known of an experiment; None of one that cannot be used."""
        return self.experiment(number)[1]

    def store(self) -> list[str]:
        return ["--store", f"file://{self.scratch / 'store'}"]

    def new(self, name: str) -> str:
        self.number += 1
        return name.format(self.number)

    # commands ------------------------------------------------------------------------------------------------------

    def on(
        self, command: str, number: int, *tail: str, expected: Sequence[int] = (0,), writes: str | None = None
    ) -> str:
        """Give a command on an experiment, which is refused where that cannot be used; return what it printed."""
        file, seen = self.experiment(number)
        status, out = self.give(command, file, *tail, expected=expected if seen else (2,), writes=writes)
        self.settle(command=True)
        return out if status != 2 else ""

    @rule(number=SOME, script=st.sampled_from(["", "", "--commands", "--array", "--snakemake"]))
    def plan(self, number: int, script: str) -> None:
        out = self.on("plan", number, *filter(None, [script]))
        _, seen = self.experiment(number)
        if seen and not script and f": {len(seen.found.in_state('finished'))} finished, " not in out:
            self.fail(f"another number of finished runs: {out[-300:]}")

    @rule(number=SOME)
    def status(self, number: int) -> None:
        self.on("status", number)

    @rule(number=SOME, tail=st.sampled_from([(), ("--jobs", "1"), ("--jobs", "2"), ("--limit", "10")]))
    def run(self, number: int, tail: tuple[str, ...]) -> None:
        self.ran(number, *tail, "--no-report")

    @rule(number=SOME)
    def run_and_report(self, number: int) -> None:
        self.ran(number)

    @rule(number=SOME, which=SOME)
    def run_only(self, number: int, which: int) -> None:
        seen = self.known(number)
        if seen:
            names = list(seen.found.experiment.methods)
            self.ran(number, "--only", names[which % len(names)], "--no-report", only=names[which % len(names)])

    @rule(number=SOME)
    def run_more_seeds(self, number: int) -> None:
        seen = self.known(number)
        if seen and len(seen.found.experiment.seeds) < BASE["compare"]["seeds_at_most"]:  # type: ignore[index]
            self.ran(number, "--more-seeds", "1", "--no-report", expected=None)

    @rule(number=SOME, which=SOME, by=st.sampled_from(["id", "name"]))
    def run_one(self, number: int, which: int, by: str) -> None:
        file, seen = self.experiment(number)
        items = [item for item in seen.found.items if item.run] if seen else []
        if items:
            item = items[which % len(items)]
            asked = item.run.run_id if by == "id" and item.run else item.name
            expected = self.ends(seen)
            out = self.on("run", number, "--one", asked, expected=expected, writes="reports/")
            now = self.here.seen[Path(file).name]
            if out and not self.broken and now and item.run and item.run.run_id in now.ids - now.done:
                self.fail(f"{asked} is not finished: {out}")

    @rule(
        number=SOME,
        change=st.sampled_from(["seeds=[2]", "defaults.epochs=2", "methods.tfidf=null", "compare.metric=macro_f1"]),
    )
    def run_with(self, number: int, change: str) -> None:
        seen = self.known(number)
        methods = seen.found.experiment.methods if seen else {}
        left_out = change == "methods.tfidf=null"
        if seen and not (left_out and ("tfidf" not in methods or seen.found.experiment.compare.reference == "tfidf")):
            self.on("run", number, "--set", change, "--no-report", expected=self.ends(seen), writes="reports/")

    @rule(number=SOME)
    def run_limited(self, number: int) -> None:
        """Give each run so little time that it is stopped."""
        if self.known(number):
            self.on("run", number, "--limit", "0.0001", "--no-report", expected=(0, 1, 2), writes="reports/")

    @rule(number=SOME)
    def run_in_minutes(self, number: int) -> None:
        seen = self.known(number)
        if seen:
            self.on("run", number, "--minutes", "0.001", "--no-report", expected=(0, 1, 2), writes="reports/")

    def ends(self, seen: Seen | None) -> tuple[int, ...]:
        """Return the statuses that a run may end with: answers from elsewhere may be to other texts."""
        if seen is None:
            return (2,)
        given = [2] if any(item.request.method == "given" for item in seen.found.to_do) else []
        return (0, *([1] if self.broken else []), *given)

    @property
    def broken(self) -> bool:
        """Whether a method of the user's own fails."""
        file = self.here.root / "my_length.py"
        return file.exists() and BREAK in file.read_text("utf-8")

    def ran(self, number: int, *tail: str, only: str = "", expected: tuple[int, ...] | None = ()) -> None:
        """Give `run`, twice; what the plan said is executed, and then nothing is."""
        file, seen = self.experiment(number)
        asked = [item for item in seen.found.to_do if not only or item.request.method == only] if seen else []
        waits = bool(seen and seen.found.in_state("waiting"))
        status, out = self.give(
            "run", file, *tail, expected=self.ends(seen), writes="reports/|params/" if expected is None else "reports/"
        )
        self.settle(command=True)
        if status:
            return
        executed = re.search(r"(\d+) executed now|nothing to execute", out)
        count = int(executed[1] or 0) if executed else -1
        if expected is not None and not waits and count != len(asked) and "--store" not in tail:
            self.fail(f"{count} executed, the plan had {len(asked)}: {out}")
        _, now = self.experiment(number)
        left = (
            [item.name for item in now.found.items if item.state != "finished" and only in ("", item.request.method)]
            if now
            else []
        )
        if left:
            self.fail(f"not finished: {left}: {out}")
        again = [one for one in tail if one not in ("--more-seeds", "1")] if expected is None else tail
        _, out = self.give("run", file, *again, writes=r"reports/[^/]+/(\.attempt|x)")
        if "nothing to execute" not in out or "written: " in out:
            self.fail(f"the same command did something: {out}")
        self.settle(command=True)

    @rule(
        number=SOME,
        formats=st.sampled_from(["csv", "md,csv", "csv", "html", "svg,csv", "", "parquet"]),
        language=st.sampled_from(["", "", "ru", "en"]),
        only=st.booleans(),
    )
    def report(self, number: int, formats: str, language: str, only: bool) -> None:
        seen = self.known(number)
        tail = [*(["--format", formats] if formats else []), *(["--language", language] if language else [])]
        if only and seen:
            tail += ["--only", f"{seen.found.experiment.compare.reference},{list(seen.found.experiment.methods)[-1]}"]
        self.on("report", number, *tail, writes="reports/")
        if seen and "written: " in (out := self.on("report", number, *tail, writes="reports/")):
            self.fail(f"the same report was written again: {out}")

    @rule(number=SOME)
    def verify(self, number: int) -> None:
        seen = self.known(number)
        if seen:
            self.on("report", number, "--format", "csv,parquet", writes="reports/")
            self.on("verify", number, writes=r"reports/\w+/(verify\.json|)$")

    @rule(number=SOME)
    def share(self, number: int) -> None:
        file, _ = self.experiment(number)
        there = self.here.workspace.report_folder(Path(file).stem) / "report.json"
        expected = (0, 2) if there.is_file() else (2,)
        self.on("share", number, "--output", self.new("share-{}.zip"), expected=expected, writes=r"share-\d+\.zip$")

    @rule(first=SOME, second=SOME)
    def diff(self, first: int, second: int) -> None:
        here = self.here
        known = [f"params/{name}" for name, one in here.seen.items() if one and one.compared]
        reports = sorted((here.root / "reports").glob("*/report.json"))
        known += [
            f"reports/{file.parent.name}" for file in reports if all((file.parent / one).is_file() for one in TABLES)
        ]
        known += sorted(file.name for file in here.root.glob("share-*.zip") if held_in(file))
        if known:
            pair = known[first % len(known)], known[second % len(known)]
            same = pair[0] == pair[1]
            self.give("diff", *pair, expected=(0,) if same else (0, 1), writes=None)
            self.settle(command=True)

    @rule(number=SOME, which=SOME, command=st.sampled_from(["predict", "predict", "export"]))
    def use(self, number: int, which: int, command: str) -> None:
        file, seen = self.experiment(number)
        items = [item for item in seen.found.items if item.run and item.state == "finished"] if seen else []
        if not items:
            return
        item = items[which % len(items)]
        assert item.run
        expected = (2,) if item.request.method == "given" else (0,)
        run_id = f"{Path(file).stem}/{item.run.run_id}"
        if command == "export":
            folder = self.new("out-{}")
            self.give("export", run_id, folder, expected=expected, writes=r"out-\d+/")
        else:
            status, out = self.give("predict", run_id, expected=expected, writes=None, stdin="a good film\nthe plot\n")
            if not status and out.count("\n") != 2:
                self.fail(f"not two answers: {out}")
        self.settle(command=True)

    @rule(words=st.sampled_from(["cache", "cache --clear", "methods", "schema", "doctor --no-hub"]))
    def look_about(self, words: str) -> None:
        self.give(*words.split(), expected=(0, 1) if words == "doctor --no-hub" else (0,), writes=None)
        self.settle(command=True)

    @rule(number=SOME)
    def answers(self, number: int) -> None:
        """Have the test texts answered elsewhere."""
        seen = self.known(number)
        if seen:
            name = self.new("texts-{}.jsonl")
            self.on("texts", number, "--output", name, writes=name)
            rows = [json.loads(line) for line in (self.here.root / name).read_text("utf-8").splitlines()]
            labels = [label for _, label in make_texts(2)]
            lines = [f"{row['item_id']},{labels[place % 2]}" for place, row in enumerate(rows)]
            (self.here.root / "answers.csv").write_text("\n".join(["item_id,label", *lines]) + "\n", "utf-8")
            self.edit(f"answers.csv: {name}, answered")

    @rule(number=SOME, command=st.sampled_from(["plan", "status", "run", "report", "run"]))
    def stored(self, number: int, command: str) -> None:
        seen = self.known(number)
        tail = {"run": ["--no-report"], "report": ["--format", "csv"]}.get(command, [])
        expected = self.ends(seen) if command == "run" else (0,)
        self.on(command, number, *self.store(), *tail, expected=expected, writes="reports/")

    # edits ---------------------------------------------------------------------------------------------------------

    def change(self, number: int, told: str, how: Callable[[dict[str, Any]], object]) -> None:
        """Change an experiment file."""
        name, _ = self.experiment(number)
        file = self.here.root / name
        tree = read(file)
        how(tree)
        write(file, tree)
        self.edit(f"{name}: {told}")

    @rule(number=SOME, key=st.sampled_from(["epochs", "learning_rate", "batch_size", "max_length"]), high=st.booleans())
    def set_default(self, number: int, key: str, high: bool) -> None:
        value = {"epochs": (1, 2), "learning_rate": (1e-3, 5e-3), "batch_size": (4, 6), "max_length": (12, 16)}[key][
            high
        ]
        self.change(number, f"defaults.{key}: {value}", lambda tree: tree["defaults"].update({key: value}))

    @rule(number=SOME, seeds=st.sampled_from([[1], [2], [1, 2], [2, 1], [1, 2, 3]]))
    def set_seeds(self, number: int, seeds: list[int]) -> None:
        self.change(number, f"seeds: {seeds}", lambda tree: tree.update(seeds=seeds))

    @rule(number=SOME, name=st.sampled_from([*METHODS, "full", "lora", "short"]))
    def switch_method(self, number: int, name: str) -> None:
        """Add a method or take it away."""
        file, _ = self.experiment(number)
        body = METHODS[name]
        methods = read(self.here.root / file)["methods"]
        lacking = [
            part
            for part in (OWN.get(body.get("kind", "")), body.get("file"))
            if part and not (self.here.root / part).exists()
        ]
        if name in methods:
            self.change(number, f"methods without {name}", lambda tree: self.without(tree, name))
        elif not lacking:
            self.change(number, f"methods.{name}: {body}", lambda tree: tree["methods"].update({name: body}))

    @staticmethod
    def without(tree: dict[str, Any], name: str) -> None:
        del tree["methods"][name]
        if tree["compare"]["reference"] == name:
            tree["compare"]["reference"] = "majority"

    @rule(number=SOME, grid=st.sampled_from([2, [2, 4], [4, 2], [2]]))
    def sweep(self, number: int, grid: Any) -> None:
        self.change(number, f"methods.lora.rank: {grid}", lambda tree: tree["methods"].update(lora={"rank": grid}))

    @rule(number=SOME, grid=st.sampled_from([[3.0, 0.5], [0.5, 3.0], 3.0]))
    def sweep_cheaply(self, number: int, grid: Any) -> None:
        body = {"kind": "tfidf", "inverse_penalty": grid}
        self.change(number, f"methods.twin: {body}", lambda tree: tree["methods"].update(twin=body))

    @rule(number=SOME, metric=st.sampled_from(["accuracy", "macro_f1", "my_metric:wrong_cost"]))
    def set_metric(self, number: int, metric: str) -> None:
        if metric not in OWN or (self.here.root / OWN[metric]).exists():
            self.change(number, f"compare.metric: {metric}", lambda tree: tree["compare"].update(metric=metric))

    @rule(number=SOME, which=SOME)
    def set_reference(self, number: int, which: int) -> None:
        file, _ = self.experiment(number)
        names = list(read(self.here.root / file)["methods"])
        name = names[which % len(names)]
        self.change(number, f"compare.reference: {name}", lambda tree: tree["compare"].update(reference=name))

    @rule(number=SOME, key=st.sampled_from(["train", "seed"]), high=st.booleans())
    def set_split(self, number: int, key: str, high: bool) -> None:
        value = {"train": (12, 10), "seed": (42, 43)}[key][high]
        self.change(number, f"data.split.{key}: {value}", lambda tree: tree["data"]["split"].update({key: value}))

    @rule(number=SOME)
    def switch_test(self, number: int) -> None:
        """Add a further test set or take it away."""

        def how(tree: dict[str, Any]) -> None:
            if tree.pop("tests", None) is None:
                tree["tests"] = {"other": {"source": "other.csv"}}

        self.change(number, "with or without tests: {other: {source: other.csv}}", how)

    @rule(number=SOME, language=st.sampled_from(["ru", "en"]))
    def set_language(self, number: int, language: str) -> None:
        self.change(number, f"report.language: {language}", lambda tree: tree.update(report={"language": language}))

    @rule(number=SOME)
    def remark(self, number: int) -> None:
        """Write what changes nothing: a comment in the experiment file, and in modules of one's own."""
        name, before = self.experiment(number)
        for file in (self.here.root / name, *self.here.root.glob("my_*.py")):
            file.write_text(file.read_text("utf-8") + "# a remark\n", "utf-8")
        self.edit(f"{name} and modules: a comment at their end")
        _, now = self.experiment(number)
        if before and now and (before.ids, before.done) != (now.ids, now.done):
            self.fail("a comment changed the plan")

    @rule(which=SOME, how=st.sampled_from(["text", "label", "less", "more"]))
    def change_data(self, which: int, how: str) -> None:
        file = self.here.root / "data.csv"
        head, *rows = file.read_text("utf-8").splitlines()
        if how == "less":
            rows = rows[:-1] if len(rows) > 33 else rows
        elif how == "more":
            rows.append(f"the film is new number{len(rows)},positive")
        else:
            text, label = rows[which].split(",")
            other = {"positive": "negative", "negative": "positive"}[label]
            rows[which] = f"{text} anew,{label}" if how == "text" and len(text) < 200 else f"{text},{other}"
        file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
        self.edit(f"data.csv: {how} {which}")

    @rule()
    def break_own(self) -> None:
        """Let a method of one's own fail in its runs, or mend it."""
        file = self.here.root / "my_length.py"
        if file.exists():
            text, whole = file.read_text("utf-8"), "        return LengthScorer([float("
            broken = text.replace(BREAK, "") if BREAK in text else text.replace(whole, BREAK + whole)
            file.write_text(broken, "utf-8")
            self.edit("my_length.py: raises an error, or does so no more")

    @rule(number=SOME)
    def switch_sizes(self, number: int) -> None:
        """Ask for other numbers of training texts as well, or for one."""

        def how(tree: dict[str, Any]) -> None:
            if tree.pop("train_sizes", None) is None:
                tree["train_sizes"] = [8, tree["data"]["split"]["train"]]

        self.change(number, "with or without train_sizes: [8, data.split.train]", how)

    @rule(
        which=st.sampled_from([*OWN.values(), "my_helper.py", "my_prices.py"]),
        how=st.sampled_from(["change", "change", "remove", "back"]),
    )
    def change_own(self, which: str, how: str) -> None:
        file, whole = self.here.root / which, template()[1] / which
        if how == "remove":
            file.unlink(missing_ok=True)
            self.gone.add(which)
        elif how == "back" or not file.exists():
            shutil.copy(whole, file)
            self.gone.discard(which)
        else:
            text = file.read_text("utf-8")
            for old, new in (
                ("SHARE = 2", "SHARE = 1"),
                ("return -np.abs", "return -2 * np.abs"),
                ("== 0, 2.0", "== 0, 3.0"),
            ):
                text = text.replace(old, new) if old in text else text.replace(new, old)
            file.write_text(text, "utf-8")
        self.edit(f"{which}: {how}")

    @rule(number=SOME)
    def second(self, number: int) -> None:
        name, _ = self.experiment(number)
        if len(self.here.params) < 3:
            other = self.new("other{}.yaml")
            shutil.copy(self.here.root / name, self.here.root / "params" / other)
            self.edit(f"cp {name} params/{other}")

    @rule(number=SOME, folder=st.booleans())
    def rename(self, number: int, folder: bool) -> None:
        """Give an experiment file another name, and the folder of its report where it is asked."""
        name, _ = self.experiment(number)
        here, old, new = self.here, Path(name).stem, self.new("named{}")
        (here.root / name).rename(here.root / "params" / f"{new}.yaml")
        here.seen.pop(Path(name).name)
        self.say(f"# mv {name} params/{new}.yaml")
        if folder and (home := here.workspace.report_folder(old)).exists():
            home.rename(here.workspace.report_folder(new))
            here.kept = {(new if key[0] == old else key[0], key[1]): left for key, left in here.kept.items()}
            self.say(f"# mv reports/{old} reports/{new}")
        self.settle(command=False)

    @rule(
        which=SOME,
        what=st.sampled_from(["", "notebook.ipynb", "predictions.parquet", "record.json", "model", "log.txt"]),
    )
    def lose(self, which: int, what: str) -> None:
        """Delete a run's folder or something in it."""
        folders = sorted(path for path in (self.here.root / "reports").glob("*/runs/*") if path.is_dir())
        if folders:
            folder = folders[which % len(folders)]
            if remove(folder / what):
                if what not in ("notebook.ipynb", "log.txt"):
                    self.here.kept.pop((folder.parents[1].name, folder.name), None)
                self.edit(f"rm -r {(folder / what).relative_to(self.here.root)}")

    @rule(
        which=SOME,
        what=st.sampled_from(
            [
                "report.html",
                "report.json",
                "compare.ipynb",
                "looks.jsonl",
                "choices",
                "summary.csv",
                "figures",
                "verify.json",
                "parts",
            ]
        ),
    )
    def lose_of_report(self, which: int, what: str) -> None:
        folders = sorted((self.here.root / "reports").glob("*"))
        if folders and remove(file := folders[which % len(folders)] / what):
            self.edit(f"rm -r {file.relative_to(self.here.root)}")

    @rule(which=SOME, how=st.sampled_from(["copy", "move", "clone"]))
    def go_elsewhere(self, which: int, how: str) -> None:
        """Copy or move the workspace, or copy it without its reports; go on there."""
        here, root = self.here, self.scratch / self.new("study {}")
        os.chdir(self.scratch)
        if how == "move":
            here.root.rename(root)
            self.places.pop()
        else:
            shutil.copytree(here.root, root, ignore=shutil.ignore_patterns("reports") if how == "clone" else None)
        kept = {} if how == "clone" else dict(here.kept)
        self.places.append(Place(root, kept, dict(here.seen), list(here.past)))
        os.chdir(root)
        self.edit(f"{how} {here.root.name} to {root.name}; cd there")
        if how != "clone" and in_short(here.seen) != in_short(self.here.seen):
            self.fail(f"{how}: {in_short(here.seen)} there is {in_short(self.here.seen)}")

    @rule(which=SOME)
    def go_back(self, which: int) -> None:
        """Take what a user edits back to an earlier state, as git does."""
        here = self.here
        files, seen = here.past[-1 - which % len(here.past)]
        for name in here.edited.keys() - files.keys():
            (here.root / name).unlink()
        for name, content in files.items():
            (here.root / name).write_bytes(content)
        self.gone = {name for name in (*OWN.values(), "my_helper.py", "my_prices.py") if name not in files}
        here.seen = {}
        self.edit(f"back to the state {which % len(here.past)} edits ago")
        for name, then in seen.items():
            now = here.seen[name]
            there = {run_id for folder, run_id in here.kept if folder == Path(name).stem}
            if then and now and (then.ids != now.ids or then.done & then.ids & there - now.done):
                self.fail(f"{name}: {in_short({name: then})} before, {in_short({name: now})} after going back")


def in_short(seen: dict[str, Seen | None]) -> dict[str, Any]:
    return {name: (sorted(one.ids), sorted(one.done)) for name, one in seen.items() if one}


def held_in(shared: Path) -> bool:
    """Return whether a report that was shared has the tables that `diff` reads."""
    with zipfile.ZipFile(shared) as archive:
        return {*TABLES} <= {*archive.namelist()}


def remove(path: Path) -> bool:
    """Delete a file or folder; return whether it was there."""
    if path.is_dir():
        shutil.rmtree(path)
        return True
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def told(message: str) -> None:
    """Print what was found at once: to leave out steps takes a while, and may come to nothing."""
    print(message.encode("ascii", "backslashreplace").decode(), file=sys.__stderr__, flush=True)


def given(argv: Sequence[str], stdin: str) -> tuple[int, str, str]:
    """Give a command in this process; return its status and what it printed."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(list(argv))
    finally:
        sys.stdin = before
    out.flush()
    return status, out.buffer.getvalue().decode(), err.getvalue()  # type: ignore[attr-defined]


def kernels() -> list[str]:
    """Return the kernels that are there: what a process that forks them has forked."""
    found = []
    for forge in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            _, alive = psutil.wait_procs(forge.children(recursive=True), timeout=10)
            found += [str(one) for one in alive]
    return found


def walk(*, walks: int, steps: int, start: int, shrink: bool = True) -> None:
    """Walk so many times; raises AssertionError with the steps that end as they should not. shrink: as few as do."""
    quiet = settings(
        max_examples=walks,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        report_multiple_bugs=False,
        print_blob=False,
    )
    run_state_machine_as_test(seed(start)(type("Walk", (Walk,), {})), settings=quiet)


def main() -> int:
    from bakeoff.execution.warm import warm_kernels

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--walks", type=int, default=20)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with warm_kernels():
        try:
            walk(walks=asked.walks, steps=asked.steps, start=asked.seed)
        except AssertionError as found:
            told(f"seed {asked.seed}: {found}")
            return 1
        finally:
            print(json.dumps({"seed": asked.seed, **COUNTED}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
