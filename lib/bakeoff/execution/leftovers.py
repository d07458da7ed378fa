"""What processes leave behind: half-written files of those that were killed, secrets in what they printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from bakeoff.errors import redacted, secrets
from bakeoff.system.atomic import atomic_path
from bakeoff.system.digests import from_json
from bakeoff.system.locks import free
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["connection_file", "folder_of_each_thread", "hide_secrets", "sweep_leftovers"]


HALF_WRITTEN = re.compile(r"\..+\.(json|jsonl|parquet|ipynb|html|pdf|csv|md|tex|txt|svg|png)\.[a-z0-9_]{8}\.\1")
"""Names that `atomic_path` gives to files while they are written, as `.record.json.k2v9x_1a.json`."""
HALF_BROUGHT = re.compile(r"\.(report|checkpoint|.+-s\d+-[0-9a-f]{8})\.[a-z0-9_]{8}")
"""Names of folders in which files of a store wait until all are there."""
LONG_S = 86_400.0
"""After so long nobody works any more on what is brought, which has no lock."""
OURS = "text/x-typst"
"""Form in which bakeoff alone shows things, pictures among them, whose names are made of their content."""
KINDS, FORMS = ("ename", "name", "output_type"), ("data", "metadata")
"""What an output of a notebook says of itself, and what it has by form, such as text/plain."""
PART = 2**20
"""Characters of a log that are looked at together."""


def sweep_leftovers(experiment: str, workspace: Workspace, *, finished: Collection[str]) -> None:
    """Remove half-written files of an experiment, and what only an unfinished run needs from those that have a result.

    finished: run ids; folders of runs that a live process works on are left alone, and so is what cannot be removed
    """
    home = workspace.report_folder(experiment)
    # Choices are written by who holds the experiment's lock, which the caller does.
    _remove(_half_written(home / "choices"))
    with suppress(Timeout), FileLock(workspace.report_lock(experiment), timeout=0):
        for folder in (home, *home.glob("parts/*")):
            _remove(_half_written(folder))
            _remove(_half_written(folder / "figures"))
    for folder in (home, workspace.runs_folder(experiment)):
        _remove(_half_brought(folder))
    for path in workspace.runs_folder(experiment).glob("*"):
        run = RunFolder(path)
        if path.is_dir() and free(run):
            _remove(_half_written(path))
            _remove(_half_written(run.tests))
            _remove(_half_brought(path))
            _remove([run.progress, run.progress.with_suffix(".tmp"), path / f".{run.model.name}.writing"])
            _remove(path.glob(f".{run.model.name}.????????"))  # an earlier model that was moved aside
            if path.name in finished:
                _remove([run.checkpoint])


def connection_file(usual: str) -> str:
    """Return where a kernel's ports and key are: where need be among temporary files, in no folder that would stay."""
    if not usual:
        return usual  # Jupyter makes a temporary file
    folder = Path(usual).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return usual
    except OSError:
        pass
    return str(Path(tempfile.gettempdir()) / Path(usual).name)


class _OfThread:
    """An attribute that each thread has for itself, None where it has not set it."""

    def __init__(self) -> None:
        self._held = threading.local()

    def __get__(self, _owner: object, _kind: type | None = None) -> object:
        return getattr(self._held, "value", None)

    def __set__(self, _owner: object, value: object) -> None:
        self._held.value = value


def folder_of_each_thread() -> None:
    """Let each thread have the folder that papermill goes to for a notebook's file.

    It is one for all threads else: those that end in another order than they began leave one of them, and all notebooks
    that come later in this process fail where that folder has been moved meanwhile.
    """
    from papermill.iorw import LocalHandler

    if not isinstance(vars(LocalHandler).get("_cwd"), _OfThread):
        LocalHandler._cwd = _OfThread()


def hide_secrets(*files: Path) -> None:
    """Take passwords, tokens and secrets of the environment out of executed notebooks and of what kernels printed.

    Code of a user's own may print or raise them. Files without any, and those that are not there, are left as they are,
    and so is what bakeoff shows, where a secret that is a word like others is one.
    """
    for path in files:
        with suppress(FileNotFoundError):
            if path.suffix != ".ipynb" or not _hide_in_notebook(path):
                _hide_in_text(path)


def _hide_in_notebook(path: Path) -> bool:
    """Return whether it is a notebook; what code said in it, or was given with a password, is hidden then."""
    with _opened(path) as file:
        written = file.read()
    if redacted(written) == written:  # as mostly: each look at a text reads the environment
        return True
    try:
        notebook = from_json(written)
        ours = secrets()
        cells = [_without(cell, but=ours) for cell in notebook.pop("cells")]
        clean = {**_hidden(notebook, but=ours), "cells": cells}
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    text = json.dumps(clean, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if text != written:
        with atomic_path(path) as scratch, _opened(scratch, "w") as file:
            file.write(text)
    return True


def _without(cell: Mapping[str, Any], *, but: Collection[str]) -> dict[str, Any]:
    """Return a cell without secrets; those of the environment, `but`, are in what it says, not in its code."""
    outputs = cell.get("outputs", ())
    said = [one if OURS in one.get("data", {}) else _output(one) for one in outputs]
    rest = {key: one for key, one in cell.items() if key != "outputs"}
    return {**_hidden(rest, but=but), **({"outputs": said} if "outputs" in cell else {})}


def _output(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a cell said without secrets; of which kind it is, and in which forms, stays."""
    kinds = {key: one for key, one in output.items() if key in KINDS}
    forms = {key: {form: _hidden(one) for form, one in output[key].items()} for key in FORMS if key in output}
    rest = {key: _hidden(one) for key, one in output.items() if key not in (*KINDS, *FORMS)}
    return kinds | forms | rest


def _hidden(tree: Any, *, but: Collection[str] = ()) -> Any:
    """Return a tree of JSON without secrets in its texts, which notebooks have by lines."""
    if isinstance(tree, dict):
        return {redacted(key, but=but): _hidden(one, but=but) for key, one in tree.items()}
    if isinstance(tree, list):
        texts = bool(tree) and all(isinstance(one, str) and one.endswith("\n") for one in tree[:-1])
        if texts and isinstance(tree[-1], str):
            return redacted("".join(tree), but=but).splitlines(keepends=True)
        return [_hidden(one, but=but) for one in tree]
    return redacted(tree, but=but) if isinstance(tree, str) else tree


def _hide_in_text(path: Path) -> None:
    with _opened(path) as said:
        found = any(redacted(part) != part for part in _parts(said))
    if found:
        with atomic_path(path) as scratch, _opened(path) as said, _opened(scratch, "w") as clean:
            clean.writelines(map(redacted, _parts(said)))


def _opened(path: Path, mode: str = "r") -> IO[str]:
    return path.open(mode, encoding="utf-8", errors="surrogateescape", newline="")


def _parts(file: IO[str]) -> Iterator[str]:
    """Return a text in parts of whole lines."""
    return ("".join(lines) for lines in iter(lambda: file.readlines(PART), []))


def _half_written(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("*") if HALF_WRITTEN.fullmatch(path.name))


def _half_brought(folder: Path) -> list[Path]:
    found = (path for path in folder.glob(".*") if HALF_BROUGHT.fullmatch(path.name))
    return [path for path in found if path.is_dir() and time.time() - path.stat().st_mtime > LONG_S]


def _remove(paths: Collection[Path] | Iterator[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
