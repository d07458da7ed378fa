"""Names and paths that every system keeps, so that a workspace can move from one to another."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path, PureWindowsPath

from bakeoff.errors import BadValue, shown

__all__ = ["NAME", "check_new", "check_place", "inside", "own_name", "reserved", "too_long"]


NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,63}")
"""What may become part of a folder's name, on every system, and is no number to papermill's -p."""
DEVICES = frozenset({"AUX", "CON", "NUL", "PRN", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))})
LONGEST = 259
"""Characters of a path that every program on Windows takes."""
LONGEST_PART = 255
DEEPEST = "checkpoint/.writing-epoch-1000/trainer_state.json"
"""The longest of the names of files below a run's folder."""


def reserved(name: str) -> str | None:
    """Say why Windows keeps no file of that name, with whatever suffix; None where it does."""
    stem = name.partition(".")[0]
    if stem.upper() in DEVICES:
        return f"{stem} is the name of a device on Windows, whatever comes behind it"
    return "Windows drops a dot at the end" if name.endswith(".") else None


def too_long(run: Path) -> int:
    """Return by how many characters paths below a run's folder are too long for this system, 0 where they fit."""
    if sys.platform != "win32" or _long_paths():
        return 0
    return max(0, len(str(run)) + 1 + len(DEEPEST) - LONGEST)


def _long_paths() -> bool:
    """Return whether this Windows has been told to take longer paths."""
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
                return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
        except OSError:
            return False
    return True


def check_place(name: str, what: str, *, where: str | None = None) -> None:
    """Raise BadValue for the name of a file or folder that no system has: a part is too long, or holds a zero byte."""
    longest = max(len(part.encode("utf-8", "surrogatepass")) for part in re.split(r"[/\\]", name))
    if longest > LONGEST_PART:
        reason = (
            f"{shown(name)} cannot be used: {longest:,} bytes between two slashes, of {LONGEST_PART} that a name has"
        )
        raise BadValue(what, reason, where=where)
    if "\0" in name:
        raise BadValue(what, f"{shown(name)} cannot be used: no name holds a zero byte", where=where)


def check_new(file: Path, what: str, *, ours: bool = False) -> None:
    """Raise BadValue for where no file can be made, or where one would be written over.

    ours: the one that is there came from the same command, which may write it anew
    """
    check_place(str(file), what)
    if file.is_dir():
        raise BadValue(what, f"{shown(file)} is a folder", hint="name a file")
    if not ours and os.path.lexists(file):
        raise BadValue(what, f"{shown(file)} is there already, and would be written over", hint="name a new file")


def own_name(name: str) -> bool:
    """Return whether a name, put behind a folder, stays in it on every system."""
    told = PureWindowsPath(name)
    return bool(name) and not told.anchor and ".." not in told.parts


def inside(folder: Path, name: str) -> Path | None:
    """Return a folder's file by its name, which a file of others may tell.

    None where there is none, or where it is another's: named by a whole path or through `..`, or a link that leads out.
    """
    if not own_name(name):
        return None
    path = folder / name
    try:
        own = path.is_file() and path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # too long, links that lead to each other, a zero byte
        return None
    return path if own else None
