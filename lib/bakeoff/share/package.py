"""A report with its records, notebooks and experiment file in one zip; the same report gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype
from pydantic import ValidationError

from bakeoff.data.contents import check_columns
from bakeoff.errors import BadValue, BakeoffError, MissingFile, Unparsable, redacted
from bakeoff.experiment.model import Experiment
from bakeoff.metrics.classification import METRICS
from bakeoff.report.inputs import inputs_of
from bakeoff.report.introduction import title
from bakeoff.report.outputs import is_output
from bakeoff.report.state import STATE, read_state
from bakeoff.runs.record import Record
from bakeoff.share import crate
from bakeoff.share import croissant as tables
from bakeoff.share.crate import ro_crate
from bakeoff.share.croissant import croissant
from bakeoff.share.scrub import Scrubber, scrubber
from bakeoff.study.study import StudyData
from bakeoff.system.atomic import atomic_path
from bakeoff.system.digests import bytes_of, sha256_of
from bakeoff.system.locks import report_held
from bakeoff.system.names import check_new, inside
from bakeoff.system.spreadsheets import with_columns
from bakeoff.system.workspace import Workspace

__all__ = ["Shared", "share"]


TEXTS = (".csv", ".html", ".ipynb", ".json", ".jsonl", ".md", ".svg", ".tex", ".txt", ".yaml", ".yml")
BESIDE = ("compare.ipynb", "looks.jsonl", "verify.json")
PLACES = ("source", "model", "models", "tokenizer", "file", "store")
OUR_WORDS = (
    "runs", "choices", "figures", "tests", "parts", "params", "notebook", "notebooks", "report", "reports",
)  # fmt: skip
"""Folders and files of ours."""
NOTEBOOK_WORDS = frozenset((
    "attachments", "cell_type", "cells", "code", "codemirror_mode", "collapsed", "default_parameters",
    "display_data", "display_name", "duration", "end_time", "environment_variables", "error", "ename", "evalue",
    "exception", "execute_result", "execution", "execution_count", "file_extension", "input_path",
    "iopub.execute_input", "iopub.status.busy", "iopub.status.idle", "kernelspec", "language", "language_info",
    "markdown", "metadata", "mimetype", "name", "nbconvert_exporter", "nbformat", "nbformat_minor", "output_path",
    "output_type", "outputs", "papermill", "parameters", "pygments_lexer", "python", "source", "start_time",
    "stream", "tags", "text", "traceback", "version", "application/vnd.bakeoff.figure", "image/png",
    "image/svg+xml", "shell.execute_reply", "text/html", "text/markdown", "text/plain", "text/x-typst",
    "injected-parameters",
))  # fmt: skip
"""What is no secret in the JSON of a notebook, whatever variable of the environment is called so."""
OF_RUNS = ("choices", "records", "executed notebooks", "predictions", "further test sets")
"""What a report is made from and comes along with it."""
OF_A_RUN = ("record.json", "notebook.ipynb", "epochs.jsonl")
UNSET = "unset a variable (..._PASSWORD, ..._KEY, ..._TOKEN) that holds a common word; nothing is written"
DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can tell; a real one would differ from time to time."""


@dataclass(frozen=True)
class Shared:
    """What was written. said: lines on what was left out, and why."""

    files: int
    bytes: int
    said: tuple[str, ...]


def share(
    folder: Path, experiment: Experiment, workspace: Workspace, file: Path, *, license_url: str | None = None
) -> Shared:
    """Write a zip of a report, scrubbed of paths, names of host and user, and tokens.

    Raises MissingFile where there is no report, BadValue for a file that cannot be written, BakeoffError where
    something private cannot be taken out.
    """
    command = f"`bakeoff report {workspace.relative(experiment.file)}`"
    if not read_state(folder):
        raise MissingFile(workspace.relative(folder), "no report", hint=f"{command} writes it")
    if file.suffix != ".zip":
        raise BadValue("--output", f"{file.name!r} does not end in .zip")
    check_new(file, "--output", ours=_is_shared(file))
    if license_url and not re.fullmatch(r"https?://[^\s/]\S*", license_url):
        raise BadValue("--license", f"{license_url!r} is no address, such as https://spdx.org/licenses/MIT")
    if license_url and redacted(license_url) != license_url:
        raise BadValue("--license", "holds a password or a token, which whoever gets the report would read")
    with report_held(workspace.report_lock(experiment.name), to_read=True):
        state = read_state(folder)
        _check_written(folder, experiment, state, hint=f"{command} writes it anew")
        return _packed(folder, experiment, workspace, file, state, license_url=license_url)


def _packed(
    folder: Path,
    experiment: Experiment,
    workspace: Workspace,
    file: Path,
    state: dict[str, Any],
    *,
    license_url: str | None,
) -> Shared:
    asked = experiment.model_dump(mode="json")
    scrub = scrubber(workspace.root, _places(asked), words=_words(asked, state))
    study = StudyData.of(experiment, workspace=workspace)
    records = [_scrubbed(run, scrub) for run in _records(study)]
    names = [*_names(folder, experiment, state, records)]
    members = {name: bytes_of(place) for name in names if (place := inside(folder, name))}
    members[workspace.relative(experiment.file)] = experiment.file.read_bytes()
    changed, linked = _changed(experiment, workspace, state), _linked(folder, names)
    left_out = [*changed, *linked, *_binaries(members, folder, experiment, state, scrub)]
    members = {name: _text(name, content, scrub) for name, content in members.items()}
    members[STATE] = _state(state, members, scrub)
    _describe(members, records, scrub(title(experiment)), workspace.relative(experiment.file), license_url)
    _refuse_private(members, scrub)
    _write(file, members)
    return Shared(len(members), file.stat().st_size, tuple(left_out))


def _words(asked: dict[str, Any], state: dict[str, Any]) -> set[str]:
    """Return the words that records, notebooks, tables and the experiment file are made of."""
    keys = {key for tree in (asked, state, Record.model_json_schema()) for key in _keys(tree)}
    ours = {*keys, *OUR_WORDS, *NOTEBOOK_WORDS, *METRICS}
    return {word for key in ours for word in re.findall(r"[^\W_]+|\w+", key)} | ours


def _keys(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from map(str, tree)
    for one in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _keys(one)


def _places(tree: Any, *, below: bool = False) -> Iterator[str]:
    """Yield what an experiment names that may be a file or folder: all texts below such a key."""
    if isinstance(tree, str) and below:
        yield tree
    for key, one in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from _places(one, below=below or key in PLACES)


def _check_written(folder: Path, experiment: Experiment, state: dict[str, Any], *, hint: str) -> None:
    """Raise BadValue where a file of the report is not the one that was written with the others."""
    for name, sha256 in state.get("outputs", {}).items():
        place = inside(folder, name) if is_output(name, experiment) else None
        if place and sha256_of(place) != sha256:
            raise BadValue(name, "not the file that was written with this report", hint=hint)


def _changed(experiment: Experiment, workspace: Workspace, state: dict[str, Any]) -> list[str]:
    """Say what of the runs has changed since the report was written."""
    told, now = state.get("inputs"), inputs_of(experiment, workspace)
    other = [name for name in OF_RUNS if isinstance(told, dict) and told.get(name) != now.get(name)]
    return [f"the report is of an earlier state; changed since: {', '.join(other)}"] if other else []


def _records(study: StudyData) -> list[Record]:
    """Return the runs that the report shows."""
    found = study.collection
    rows = [run for row in (*found.rows, *found.additional) for run in (*row.records, *row.failures)]
    return [*rows, *(trial for trials in found.sweeps.values() for trial in trials)]


def _scrubbed(run: Record, scrub: Scrubber) -> Record:
    try:
        return Record.model_validate_json(scrub(run.model_dump_json()))
    except ValidationError:
        raise BakeoffError(f"{run.run_id}: without a secret of the environment it is no record; {UNSET}") from None


def _names(folder: Path, experiment: Experiment, state: dict[str, Any], records: list[Record]) -> Iterator[str]:
    """Yield what may be there of texts: of the report, beside it, and of the runs that it shows."""
    yield from (name for name in state["outputs"] if is_output(name, experiment) and name.endswith(TEXTS))
    yield from (*BESIDE, *(f"choices/{path.name}" for path in sorted(folder.glob("choices/*.json"))))
    yield from (f"runs/{run.run_id}/{part}" for run in records for part in OF_A_RUN)


def _linked(folder: Path, names: list[str]) -> list[str]:
    """Say what is left out because a link leads to it, from where files of others could be brought."""
    away = [name for name in names if (folder / name).is_file() and not inside(folder, name)]
    some = f"left out: {away[0]} and {len(away) - 1} more" if len(away) > 1 else f"left out: {' '.join(away)}"
    return [f"{some} (a link leads to them, out of the report's folder)"] if away else []


def _binaries(
    members: dict[str, bytes], folder: Path, experiment: Experiment, state: dict[str, Any], scrub: Scrubber
) -> list[str]:
    """Add what is no text: tables with their words scrubbed, and pictures of texts that needed no scrubbing."""
    said = []
    for name in (one for one in state["outputs"] if is_output(one, experiment)):
        place = inside(folder, name)
        if name.endswith(".parquet") and place:
            members[name] = _parquet(_table(place, name), scrub)
        elif name.endswith((".pdf", ".png")) and place:
            source = "report.html" if name == "report.pdf" else f"{name.removesuffix('.png')}.svg"
            text = members.get(source, b"").decode("utf-8", "replace")
            if text and scrub(text) == text:
                members[name] = bytes_of(place)
            else:
                why = f"{source} names something of this machine" if text else f"there is no {source} to check it by"
                said.append(f"left out: {name} ({why})")
    return said


def _table(place: Path, name: str) -> pd.DataFrame:
    try:
        check_columns(place, name)
        return pd.read_parquet(place)
    except (OSError, ValueError):  # pyarrow's own are subclasses of these
        raise Unparsable(name, "no table that can be read", hint="`bakeoff report` writes it anew") from None


def _parquet(frame: pd.DataFrame, scrub: Scrubber) -> bytes:
    texts = [name for name in frame.columns if not is_numeric_dtype(frame[name]) and name != "probabilities"]
    words = {name: frame[name].map(lambda one: scrub(one) if isinstance(one, str) else one) for name in texts}
    written = io.BytesIO()
    with_columns(frame, words).to_parquet(written, index=False, compression="zstd")
    return written.getvalue()


def _text(name: str, content: bytes, scrub: Scrubber) -> bytes:
    return scrub(content.decode("utf-8", "replace")).encode("utf-8") if name.endswith(TEXTS) else content


def _state(state: dict[str, Any], members: dict[str, bytes], scrub: Scrubber) -> bytes:
    """Return report.json with the hashes of the files as they are shared."""
    outputs = {name: hashlib.sha256(members[name]).hexdigest() for name in state["outputs"] if name in members}
    return scrub(json.dumps({**state, "outputs": outputs}, indent=1) + "\n").encode("utf-8")


def _describe(
    members: dict[str, bytes], records: list[Record], name: str, experiment_file: str, license_url: str | None
) -> None:
    """Add the two files of metadata."""
    published = max((str(run.environment.get("finished_at", "")) for run in records), default="")[:10] or "1970-01-01"
    found = {part: members[f"{part}.parquet"] for part in tables.TITLES if f"{part}.parquet" in members}
    if found:
        frames = {part: (pd.read_parquet(io.BytesIO(content)), content) for part, content in found.items()}
        told = croissant(frames, title=name, published=published, license_url=license_url)
        members[tables.FILE] = _json(told)
    sizes = {member: len(content) for member, content in members.items()}
    members[crate.FILE] = _json(
        ro_crate(sizes, records, title=name, experiment_file=experiment_file, license_url=license_url)
    )


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _refuse_private(members: dict[str, bytes], scrub: Scrubber) -> None:
    for name, content in members.items():
        if left := scrub.left(content.decode("utf-8", "replace") if name.endswith(TEXTS) else name):
            raise BakeoffError(f"{name}: {len(left)} private words cannot be taken out of it; {UNSET}")


def _is_shared(file: Path) -> bool:
    """Return whether a file is a report that was shared before."""
    try:
        with zipfile.ZipFile(file) as archive:
            return {STATE, crate.FILE} <= {*archive.namelist()}
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def _write(file: Path, members: dict[str, bytes]) -> None:
    try:
        with atomic_path(file) as scratch, zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(members):
                archive.writestr(zipfile.ZipInfo(name, DATE), members[name], zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise BadValue("--output", f"{file} cannot be written ({error.strerror})") from None
