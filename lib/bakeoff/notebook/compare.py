"""The call that `compare.ipynb` makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bakeoff.notebook.parameters import changes_of
from bakeoff.system.workspace import find_workspace

if TYPE_CHECKING:
    from bakeoff.report.view import ComparisonView

__all__ = ["open_comparison"]


def open_comparison(params: str, changes: Sequence[str] | None = None) -> ComparisonView:
    """Read every record of an experiment and compare what is there.

    changes: to the experiment file, as for `--set`
    """
    from bakeoff.report.build import view

    changed = changes_of(changes, where="notebooks/compare.ipynb")
    return view(params, workspace=find_workspace(of=params, checkout=False), changes=changed)
