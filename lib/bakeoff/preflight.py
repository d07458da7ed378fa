"""What can be known to be wrong before a first kernel starts: columns, labels, rows to keep, sizes of splits.

Imported by `cli`; reads the data once, with pandas and without torch.
"""

from __future__ import annotations

from collections.abc import Collection

from bakeoff.errors import InputError
from bakeoff.experiment import Experiment
from bakeoff.running.plan import plan
from bakeoff.sources import locate_data
from bakeoff.workspace import Workspace

__all__ = ["preflight"]


def preflight(experiment: Experiment, workspace: Workspace, *, only: Collection[str] = ()) -> None:
    """Read the data if there is anything to run; raises InputError, and nothing is written."""
    if not plan(experiment, workspace, only=only).to_do:
        return
    from bakeoff.tuning.data import load_splits

    file = workspace.relative(experiment.file)
    try:
        load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace, where=file))
    except InputError as error:
        if error.where is not None:
            raise
        raise InputError(error.what, error.reason, where=file, hint=error.hint) from None
