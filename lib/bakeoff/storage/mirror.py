"""An experiment in a store: its file, runs, choices, looks and report, and their working copies in the workspace."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from bakeoff.errors import BadValue
from bakeoff.runs.choice import Choice
from bakeoff.storage.leases import Leases
from bakeoff.storage.objects import Objects
from bakeoff.storage.runs import StoredRuns
from bakeoff.system.atomic import atomic_path, replace
from bakeoff.system.digests import canonical_sha256, from_json, sha256_of
from bakeoff.system.names import inside, own_name
from bakeoff.system.workspace import Workspace

__all__ = ["EXPERIMENT", "LOOKS", "Mirror", "experiments"]


EXPERIMENT = "experiment.yaml"
LOOKS = "looks.jsonl"
LOOK = re.compile(r"(\d{5})-[0-9a-f]{64}\.json")
LAST_OF_REPORT = "report.json"
"""Holds the hashes of the report's other files."""


def _refuse_own(stored: Path | None, home: Path) -> None:
    """Refuse to keep in the store what would be written over the working copy it is of."""
    theirs, own = stored and stored.resolve(), home.resolve()
    if theirs and (theirs.is_relative_to(own) or own.is_relative_to(theirs)):
        reason = f"{stored} is where this workspace has its own runs and reports"
        raise BadValue("--store", reason, hint="name another folder, or leave the store out")


def experiments(objects: Objects) -> list[str]:
    """Return the experiments that a store holds."""
    return [name for name in objects.names() if objects.read(f"{name}/{EXPERIMENT}") is not None]


class Mirror:
    """One experiment in a store and in a workspace. told: is given a line for each thing that cannot be used.

    Raises BadValue for a store whose place for the experiment is, holds or lies in the workspace's own.
    """

    def __init__(
        self, objects: Objects, experiment: str, workspace: Workspace, *, told: Callable[[str], None] = lambda _: None
    ) -> None:
        self.objects = objects.below(experiment)
        self.home, self.told = workspace.report_folder(experiment), told
        _refuse_own(self.objects.folder, self.home)
        self.runs = StoredRuns(self.objects.below("runs"), workspace.runs_folder(experiment), told=told)
        self.leases = Leases(self.objects.below("leases"))

    def bring(self, run_ids: Iterable[str] = (), *, models: bool = False) -> None:
        """Bring everything that is further in the store. run_ids: to ask for, whatever the store lists by now."""
        self.home.mkdir(parents=True, exist_ok=True)
        for name in self.objects.names("choices"):
            self.bring_choice(name)
        self.bring_looks()
        for run_id in sorted({*self.runs.ids(), *run_ids}):
            self.runs.bring(run_id, models=models)

    def publish(self, file: Path) -> None:
        """Put what has ended here into the store, and the experiment file as it is."""
        self.objects.write(EXPERIMENT, file.read_bytes())
        for path in sorted(self.home.glob("choices/*.json")):
            if self.objects.read(f"choices/{path.name}") is None:
                self.publish_choice(path)
        for path in sorted(self.runs.home.glob("*/record.json")):
            self.runs.publish(path.parent.name)
        self.publish_looks()

    def bring_choice(self, name: str) -> bool:
        """Take a sweep's choice from the store; return whether it is another than the local one."""
        content, file = self.objects.read(f"choices/{name}"), self.home / "choices" / name
        with suppress(ValueError):
            Choice.model_validate_json(content or b"")
            if not file.is_file() or file.read_bytes() != content:
                with atomic_path(file) as scratch:
                    scratch.write_bytes(content or b"")
                return True
        return False

    def publish_choice(self, file: Path) -> None:
        """Put a choice that was locked here into the store."""
        self.objects.write(f"choices/{file.name}", file.read_bytes())

    def bring_looks(self) -> None:
        """Add the looks that others took to the local ones, in the order they were taken in."""
        mine = self._looks()
        theirs = {}
        for name in self.objects.names("looks"):
            content = self.objects.read(f"looks/{name}") if LOOK.fullmatch(name) else None
            with suppress(ValueError):
                theirs[name] = canonical_line(from_json(content or b""))
        both = sorted({**{_name(place, line): line for place, line in enumerate(mine)}, **theirs}.items())
        lines = list(dict.fromkeys(line for _, line in both))
        if lines != mine:
            with atomic_path(self.home / LOOKS) as scratch:
                scratch.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")

    def publish_looks(self) -> None:
        """Put each local look into the store, as an object of its own that nobody overwrites."""
        for place, line in enumerate(self._looks()):
            if self.objects.read(f"looks/{_name(place, line)}") is None:
                self.objects.write(f"looks/{_name(place, line)}", line.encode())

    def publish_report(self) -> None:
        """Put the looks and the report into the store, last what its files are held against."""
        self.publish_looks()
        state = self.home / LAST_OF_REPORT
        for name in _outputs(state.read_bytes() if state.is_file() else b""):
            if place := inside(self.home, name):
                self.objects.send(f"report/{name}", place)
        self.objects.send(f"report/{LAST_OF_REPORT}", state)

    def bring_report(self) -> None:
        """Bring the report, to be checked or shown; a file that is not as its hash says counts as not there."""
        state = self.objects.read(f"report/{LAST_OF_REPORT}") or b""
        outputs = _outputs(state)
        for name, sha256 in outputs.items():
            with tempfile.TemporaryDirectory(dir=self.home, prefix=".report.") as folder:
                scratch, target = Path(folder) / "file", self.home / name
                if self.objects.fetch(f"report/{name}", scratch) and sha256_of(scratch) == sha256:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    replace(scratch, target)
                else:
                    self.told(f"report/{name} in the store is not as it was written, and counts as not there")
        if outputs:
            with atomic_path(self.home / LAST_OF_REPORT) as scratch:
                scratch.write_bytes(state)

    def _looks(self) -> list[str]:
        with suppress(FileNotFoundError):
            return (self.home / LOOKS).read_text(encoding="utf-8").splitlines()
        return []


def canonical_line(look: object) -> str:
    """Return a look as its line in looks.jsonl."""
    return json.dumps(look, ensure_ascii=False)


def _name(place: int, line: str) -> str:
    return f"{place:05d}-{canonical_sha256(line)}.json"


def _outputs(state: bytes) -> dict[str, str]:
    """Return the files of a report and their hashes, by report.json; none that would lie elsewhere."""
    try:
        found = {str(name): str(sha256) for name, sha256 in from_json(state)["outputs"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: sha256 for name, sha256 in found.items() if own_name(name)}
