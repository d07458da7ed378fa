"""A finished run's model in a folder of its own, in the form that most programs load, checked, with a model card."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bakeoff.errors import BadValue, RecordError
from bakeoff.export.card import model_card
from bakeoff.export.check import Handful, compare, handful, network_logits
from bakeoff.export.lookup import Finished
from bakeoff.methods.registry import method
from bakeoff.system.atomic import replace, usual_modes
from bakeoff.system.locks import terminable
from bakeoff.system.names import check_place
from bakeoff.system.own import look_in
from bakeoff.system.workspace import RunFolder, Workspace

__all__ = ["Exported", "Form", "export"]


Form = Literal["adapter", "merged", "model", "own"]


@dataclass(frozen=True)
class Exported:
    """What was written.

    form: an adapter of peft, a whole model of transformers with or without one worked in, or bakeoff's own folder
    checked: texts whose logits were held against the run's, None where that was left out
    """

    folder: Path
    form: Form
    checked: int | None


def export(found: Finished, folder: Path, workspace: Workspace, *, merge: bool = False, check: bool = True) -> Exported:
    """Write a model folder, whole or not at all.

    merge: work an adapter into the weights of its base; check: hold the result against the run's predictions
    Raises InputError, RecordError where the exported model would not predict what the run did.
    """
    look_in(workspace.root)
    check_place(str(folder), "FOLDER")
    folder = folder.resolve()  # `.` has no name, and a link stays one
    _refuse_what_is_there(folder)
    _refuse_what_is_elsewhere(found.folder)
    known = handful(found, workspace) if check else None
    with _whole_or_not(folder) as scratch:
        form = _standard(found, scratch, workspace, known, merge=merge) or _own(found, scratch, workspace, known)
        card = model_card(found.record, form=form, checked=len(known.texts) if known else None, folder=folder.name)
        (scratch / "README.md").write_text(card, encoding="utf-8", newline="\n")
    return Exported(folder, form, len(known.texts) if known else None)


def _refuse_what_is_there(folder: Path) -> None:
    if any((inner / "record.json").is_file() for inner in folder.parents):
        raise BadValue("FOLDER", f"{folder} is in the folder of a run", hint="name a folder elsewhere")
    if folder.is_dir() and any(folder.iterdir()):
        raise BadValue("FOLDER", f"{folder} is not empty", hint="name a new folder")
    if folder.exists() and not folder.is_dir():
        raise BadValue("FOLDER", f"{folder} is a file", hint="name a new folder")
    if folder == Path.cwd():
        raise BadValue("FOLDER", f"{folder} is the current folder, which cannot be replaced", hint="name a new folder")
    if os.path.ismount(folder):
        reason = f"{folder} is where a disk is mounted, which cannot be replaced"
        raise BadValue("FOLDER", reason, hint="name a new folder in it")


def _refuse_what_is_elsewhere(run: RunFolder) -> None:
    """Raise RecordError for a model with a link that leads out: an exported one would give that file away."""
    home = os.path.realpath(run.path)
    for path in (run.model, *run.model.rglob("*")):
        if not Path(os.path.realpath(path)).is_relative_to(home) or not (path.is_dir() or path.is_file()):
            raise RecordError(path, "not a file of this run's own")


@contextmanager
def _whole_or_not(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the one asked for, which takes its place when all went well."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        reason = f"{folder} cannot be made ({error.strerror})"
        raise BadValue("FOLDER", reason, hint="name a folder where files may be written") from None
    try:
        with terminable():
            yield scratch
            usual_modes(scratch)
            if folder.is_dir():
                folder.rmdir()
            replace(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _standard(
    found: Finished, scratch: Path, workspace: Workspace, known: Handful | None, *, merge: bool
) -> Form | None:
    """Write what transformers or peft load; None, and nothing written, where that gives other logits."""
    if not method(found.record.kind).neural:
        if merge:
            raise BadValue("--merge", f"{found.record.method} is no adapter", hint="leave --merge out")
        return None
    from bakeoff.export.network import check_network, write_network
    from bakeoff.training.artifacts import load_network

    held = load_network(found.folder.model, workspace=workspace)
    ours = network_logits(held.model, held, known.texts, dtype="float32") if known else None
    form = write_network(held, scratch, found.record, merge=merge)
    if form is None or known is None or ours is None:
        return form
    try:
        check_network(form, held, scratch, known, ours=ours, run=found.folder.model)
    except RecordError:
        if merge:
            raise
        _empty(scratch)
        return None
    return form


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _own(found: Finished, scratch: Path, workspace: Workspace, known: Handful | None) -> Form:
    """Copy the run's own model folder, which `load_trained` of bakeoff reads, from anywhere on this machine."""
    from bakeoff.training.artifacts import load_trained, make_portable

    shutil.copytree(found.folder.model, scratch, dirs_exist_ok=True)
    make_portable(scratch, workspace=workspace)
    if known is not None:
        training = found.record.training
        dtype = training.dtype if training else None
        logits = load_trained(scratch, workspace=workspace)(known.texts)
        compare(logits, known.logits, dtype=dtype, folder=found.folder.model)
    return "own"
