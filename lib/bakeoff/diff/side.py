"""One of the two things that are compared: a report's folder, one that was shared, or an experiment as it is now."""

from __future__ import annotations

import errno
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from bakeoff.errors import InputError, MissingFile, Unparsable, shown
from bakeoff.experiment.load import load_experiment
from bakeoff.report.inputs import inputs_of
from bakeoff.report.state import STATE, declared_of
from bakeoff.report.text.language import ENGLISH, LANGUAGES
from bakeoff.study.study import StudyData
from bakeoff.system.digests import TOO_LARGE, bytes_of, from_json, unpacked
from bakeoff.system.workspace import Workspace

__all__ = ["COSTS", "MEAN", "Side", "find_side"]


SUMMARY, PAIRS = "summary.csv", "pairs.csv"
MEAN = "_test_mean"
"""What ends the name of a column with a metric's mean."""
COSTS = ("params_trainable", "train_s_mean", "peak_memory_train_bytes_mean", "artifact_bytes")


@dataclass(frozen=True, eq=False)
class Side:
    """What is compared of a report.

    name: as it was named; summary: a row per method; pairs: a row per pair; declared: dotted key of the experiment ->
    value, None for a report that did not write it down; inputs: what it was made from -> hash; language: its code
    """

    name: str
    summary: pd.DataFrame
    pairs: pd.DataFrame
    declared: dict[str, Any] | None
    inputs: dict[str, str]
    language: str = ENGLISH


def find_side(name: str, workspace: Callable[[], Workspace]) -> Side:
    """Read a report's folder, its report.json, a zip that was shared, or what an experiment file's records give now.

    workspace: asked for with an experiment file only. Raises InputError.
    """
    path = Path(name)
    if not name:
        raise MissingFile("''", "no report", hint="name a report's folder, a shared zip or an experiment file")
    if path.is_dir():
        return _written(name, _reader(path))
    if path.is_file() and path.suffix == ".json":
        return _written(name, _reader(path.parent))
    if path.is_file() and path.suffix == ".zip":
        return _zipped(name, path)
    if path.suffix in (".zip", ".json") or path.name == "reports":
        raise MissingFile(name, "no such file", hint="name a report's folder, a shared zip or an experiment file")
    return _now(name, workspace())


def _reader(folder: Path) -> Callable[[str], bytes]:
    return lambda file: bytes_of(folder / file)


def _zipped(name: str, path: Path) -> Side:
    try:
        with zipfile.ZipFile(path) as archive:
            return _written(name, partial(_member, archive))
    except NotImplementedError:
        raise Unparsable(name, "it is packed in a way that is not read here", hint="pack its files anew") from None
    except RuntimeError:  # of zipfile, for a password
        raise Unparsable(name, "its files are encrypted", hint="unpack it, and name the folder") from None
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError):
        raise Unparsable(name, "not a zip file, or one that is cut off") from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as packed:
        return unpacked(packed.read)


def _written(name: str, read: Callable[[str], bytes]) -> Side:
    try:
        state = from_json(read(STATE))
        summary, pairs = (_table(io.BytesIO(read(file))) for file in (SUMMARY, PAIRS))
    except (OSError, KeyError) as error:
        if getattr(error, "errno", None) == errno.EFBIG:
            raise Unparsable(name, TOO_LARGE) from None
        if isinstance(error, OSError) and error.errno is None:  # of what is packed
            raise Unparsable(name, f"it cannot be unpacked: {error}") from None
        file = Path(getattr(error, "filename", None) or str(error).split("'")[1]).name
        raise MissingFile(name, f"no report: it has no {file}", hint="`bakeoff report` writes it") from None
    except ValueError as error:
        raise Unparsable(name, f"not what a report writes ({type(error).__name__})") from None
    if not isinstance(state, dict):
        raise Unparsable(name, f"{STATE} is not what a report writes")
    _check(name, summary, {"method", "compared_by"}, SUMMARY)
    _check(name, pairs, {"first", "second", "verdict"}, PAIRS)
    if summary["method"].isna().any() or summary["method"].duplicated().any():
        raise Unparsable(name, f"{SUMMARY} is not what a report writes: a row for each method")
    _check_numbers(name, summary)
    declared, inputs = state.get("declared"), state.get("inputs")
    kept = declared if isinstance(declared, dict) else None
    spoken = state.get("language")
    return Side(
        name, summary, pairs, kept, inputs if isinstance(inputs, dict) else {},
        language=spoken if isinstance(spoken, str) and spoken in LANGUAGES else ENGLISH,
    )  # fmt: skip


def _check(name: str, table: pd.DataFrame, columns: set[str], file: str) -> None:
    if lacking := sorted(columns - {*table.columns}):
        raise Unparsable(name, f"{file} is not what a report writes: it has no column {lacking[0]}")


def _check_numbers(name: str, summary: pd.DataFrame) -> None:
    for column in summary:
        if str(column) in (*COSTS, "runs", "runs_failed") or str(column).endswith(MEAN):
            held = pd.to_numeric(summary[column], errors="coerce") if summary[column].dtype != bool else None
            if held is None or len(held.dropna()) < len(summary[column].dropna()) or np.isinf(held).any():
                raise Unparsable(
                    name, f"{SUMMARY} is not what a report writes: {shown(column)} holds what is no number"
                )


def _now(name: str, workspace: Workspace) -> Side:
    file = workspace.experiment_file(name)
    experiment = load_experiment(file, shown_as=workspace.relative(file), root=workspace.root)
    study = StudyData.of(experiment, workspace=workspace)
    if not study.contenders:
        raise InputError(name, "no run of it has finished", hint="`bakeoff run` makes them")
    summary, pairs = _as_read(study.summary()), _as_read(study.pairs())
    return Side(
        name, summary, pairs, declared_of(experiment), inputs_of(experiment, workspace),
        language=experiment.report.language,
    )  # fmt: skip


def _as_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it would be read from its file."""
    return _table(io.StringIO(frame.to_csv(index=False)))


def _table(content: IO[Any]) -> pd.DataFrame:
    """Read a table of a report, in which a method may be called `nan`, `null` or `true`."""
    found: pd.DataFrame = pd.read_csv(
        content, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(("method", "first", "second"), str)
    )
    return found
