"""Where things are on disk: the repository, its reports, a run's folder, the cache."""

from __future__ import annotations

import errno
import json
import os
import zlib
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bakeoff.errors import MissingFile, nearest, shown

__all__ = [
    "AS_READ",
    "CHECKOUT",
    "PACKAGE",
    "RunFolder",
    "Workspace",
    "as_read",
    "cache_folder",
    "find_workspace",
    "shipped",
    "text_of",
    "workspace_of",
]

PACKAGE = Path(__file__).resolve().parents[1]
"""Folder of the package's source."""
CHECKOUT = PACKAGE.parents[1]
"""Folder of the checkout that bakeoff runs from."""


@dataclass(frozen=True)
class RunFolder:
    """The files one run leaves behind, under `reports/<experiment>/runs/<run_id>/`."""

    path: Path

    @property
    def record(self) -> Path:
        """Written last; a run is finished exactly when this exists."""
        return self.path / "record.json"

    @property
    def predictions(self) -> Path:
        """Item ids, gold and predicted classes, logits and groups, validation and test."""
        return self.path / "predictions.parquet"

    @property
    def epochs(self) -> Path:
        """One JSON line per finished epoch, on disk before the next begins."""
        return self.path / "epochs.jsonl"

    @property
    def progress(self) -> Path:
        """Where the run is right now, for whoever watches it; never an input."""
        return self.path / "progress.json"

    @property
    def checkpoint(self) -> Path:
        """The last whole epoch, while the run is not finished."""
        return self.path / "checkpoint"

    @property
    def model(self) -> Path:
        """The trained model or adapter with its tokenizer."""
        return self.path / "model"

    @property
    def tests(self) -> Path:
        """Predictions for further test sets, two files each."""
        return self.path / "tests"

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.path / "notebook.ipynb"

    @property
    def attempt(self) -> Path:
        """There while a notebook is executed; left behind where that was killed, so that the notebook is not whole."""
        return self.path / ".attempt"

    @property
    def stored(self) -> Path:
        """Which files of a working copy were left in the store that the others come from."""
        return self.path / ".stored.json"

    @property
    def log(self) -> Path:
        """What the kernel printed."""
        return self.path / "log.txt"

    @property
    def lock(self) -> Path:
        """Held by the process that works on the run; beside the folder, so that removing a run is safe."""
        return self.path.parent / f".{self.path.name}.lock"


@dataclass(frozen=True)
class Workspace:
    """A folder with `notebooks/`, `params/` and `reports/` in it."""

    root: Path

    def experiment_file(self, name: str | os.PathLike[str]) -> Path:
        """Find an experiment file named from the current folder or from the root; raises MissingFile."""
        for base in (Path.cwd(), self.root):
            with suppress(OSError):  # a name too long for a file is no file either
                if (base / name).is_file() or text_of(base / name) is not None:
                    return (base / name).resolve()
        there = [self.relative(path) for path in sorted((self.root / "params").glob("*.y*ml"))]
        near = nearest(os.fspath(name), there)
        folder = False
        with suppress(OSError):
            folder = Path(name).is_dir()
        reason = "a folder, not an experiment file" if folder else "no such experiment file"
        suggestion = f"did you mean {near!r}? " if near else ""
        raise MissingFile(os.fspath(name) or "''", reason, hint=f"{suggestion}There are: {', '.join(there) or 'none'}")

    @property
    def reports(self) -> Path:
        """Where everything generated is: $BAKEOFF_REPORTS, from the root, else `reports/`."""
        return self.root / (os.environ.get("BAKEOFF_REPORTS") or "reports")

    def report_folder(self, experiment: str) -> Path:
        """Return the place of: everything generated for one experiment."""
        return self.reports / experiment

    def lock(self, experiment: str) -> Path:
        """Held by the one process that executes an experiment."""
        return self.report_folder(experiment) / ".lock"

    def report_lock(self, experiment: str) -> Path:
        """Held by the one process that writes an experiment's report."""
        return self.report_folder(experiment) / ".report.lock"

    def runs_folder(self, experiment: str) -> Path:
        """Return the place of: one folder per run of an experiment."""
        return self.report_folder(experiment) / "runs"

    def run_folder(self, experiment: str, run_id: str) -> RunFolder:
        """Return the place of: the files of one run."""
        return RunFolder(self.runs_folder(experiment) / run_id)

    def choice_file(self, experiment: str, method: str, cell: str = "") -> Path:
        """Where the value a sweep chose is locked. cell: of a grid, that it was chosen in."""
        place = "".join(f"@{part}" for part in cell.split("/") if part)
        return self.report_folder(experiment) / "choices" / f"{method}{place}.json"

    def notebook(self, name: str) -> Path:
        """Return one of the project's notebooks; raises MissingFile."""
        file = self.root / "notebooks" / f"{name}.ipynb"
        if not file.is_file():
            raise MissingFile(str(file), "no such notebook", hint="`bakeoff init` in that workspace brings it back")
        return file

    def relative(self, path: Path) -> str:
        """Spell a path as a person in the root would type it."""
        with suppress(RuntimeError):  # links that lead to each other
            path = path.resolve()
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def find_workspace(
    start: Path | None = None, *, of: str | os.PathLike[str] | None = None, checkout: bool = True
) -> Workspace:
    """Find the workspace from a folder in it (default: the current one), else the one that a file lies in.

    of: the file, of an experiment; checkout: else take the one that bakeoff runs from, unless the file is elsewhere
    Raises MissingFile where there is none.
    """
    here = (start or Path.cwd()).resolve()
    file = here / of if of else CHECKOUT
    last = (CHECKOUT,) if checkout and not _elsewhere(file) else ()
    for folder in (here, *here.parents, *(file.parents if of else ()), *last):
        with suppress(OSError):  # a name too long for a folder, or one that this user may not look into
            if (folder / "notebooks" / "train.ipynb").is_file() and (folder / "params").is_dir():
                return Workspace(folder.resolve())
    reason = "no workspace, which is a folder with notebooks/train.ipynb and params/, here or above"
    raise MissingFile(
        str(file if of else here), reason, hint="`bakeoff init my-study` makes one in the folder my-study"
    )


def workspace_of(given: Workspace | str | Path | None, *, of: str | os.PathLike[str]) -> Workspace:
    """Return a workspace given as one or by a folder in it; without either the one around here, else around a file.

    Raises MissingFile where there is none.
    """
    if given is None or isinstance(given, Workspace):
        return given or find_workspace(of=of)
    if not os.path.isdir(os.path.normpath(given)):  # noqa: PTH112  also of a name that no system has
        raise MissingFile(shown(given), "no such folder", hint="name the folder of a workspace, or one in it")
    found, folder = find_workspace(Path(given)), Path(given).resolve()
    if not folder.is_relative_to(found.root):  # the checkout, which nobody named
        raise MissingFile(str(given), "no workspace, nor in one", hint="`bakeoff init my-study` makes one")
    return found


def _elsewhere(file: Path) -> bool:
    """Return whether a file lies outside of the checkout: its report is none to be written over one of the checkout."""
    try:
        return file.is_file() and not file.resolve().is_relative_to(CHECKOUT)
    except OSError:  # a name too long
        return False


def shipped(name: str) -> Path | None:
    """Return a file that bakeoff brings beside its code, named from the checkout: in a wheel it is in the package."""
    found = (folder / name for folder in (PACKAGE / "shipped", CHECKOUT))
    return next((file for file in found if file.is_file()), None)


def cache_folder() -> Path:
    """Return where fetched data are kept: $BAKEOFF_CACHE, else the user's cache folder; raises OSError without one."""
    from platformdirs import user_cache_path

    if chosen := os.environ.get("BAKEOFF_CACHE"):
        return Path(chosen)
    try:
        return user_cache_path("bakeoff")
    except RuntimeError:  # an id without an entry, as in containers and jobs, and nothing in the environment
        reason = "this user has no home folder; name one by HOME, which libraries need as well"
        raise OSError(errno.ENOENT, reason, "HOME") from None


# the experiment file as it was when a command began, for the processes that it starts: in the environment, so that
# nothing lies about afterwards and a full disk is no matter

AS_READ = "BAKEOFF_AS_READ"
ON_THE_WAY = "BAKEOFF_ON_THE_WAY"
"""Set for a report that is written while runs are still made: it must not be one that claims anything of methods."""
LONGEST_SETTING = 30_000
"""Characters that a variable of the environment may have on every system; a longer file is read anew."""


def as_read(file: Path, text: str | None) -> dict[str, str]:
    """Return the setting by which processes take a file's content for this text, whatever becomes of the file."""
    if text is None:
        return {}
    whole = json.dumps([str(file.resolve()), text]).encode()
    packed = b64encode(zlib.compress(whole, 9)).decode("ascii")
    return {AS_READ: packed} if len(packed) <= LONGEST_SETTING else {}


def text_of(file: Path) -> str | None:
    """Return the text to take for a file's content, None where it is to be read."""
    given = os.environ.get(AS_READ)
    if not given:
        return None
    try:
        name, text = json.loads(zlib.decompress(b64decode(given)))
    except (ValueError, TypeError, zlib.error):
        return None
    return str(text) if name == str(file.resolve()) else None
