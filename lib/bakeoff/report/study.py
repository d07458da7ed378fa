"""A study for programs: numbers as tables, the report's figures on Axes of one's own, its conclusions as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bakeoff.experiment.messages import checked
from bakeoff.report.claims.conclusions import draw_conclusions
from bakeoff.report.figures.single_axes import draw
from bakeoff.report.text.language import speaking
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace, workspace_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Study", "open_study"]


class Study(StudyData):
    """An experiment's records, choices and predictions, and their comparison; `open_study` reads one.

    >>> study = bakeoff.open_study("params/demo.yaml")
    >>> list(study.summary()["method"])[:3]
    ['majority', 'tfidf', 'untrained']
    >>> list(study.pairs().columns)[:5]
    ['first', 'second', 'estimate', 'low', 'high']
    >>> study.comparison["full", "majority"].better
    'full'
    """

    def __repr__(self) -> str:
        """Say which experiment it is of, and how many methods have runs."""
        return f"<Study of {self.experiment.name}: {len(self.contenders)} methods with results>"

    def conclusions(self) -> list[str]:
        """Return what the report concludes, in its order and language: Markdown, a paragraph each.

        >>> study = bakeoff.open_study("params/demo.yaml")
        >>> any("full" in sentence for sentence in study.conclusions())
        True
        """
        if not self.contenders:
            return []
        found = draw_conclusions(
            self.collection, self.comparison, account=self.account, beside=(self.calibration.against, self.recalls),
            language=self.language,
        )  # fmt: skip
        return [one.text for one in found]

    def plot(self, figure: str, *, ax: Axes | None = None, method: str | None = None) -> Axes:
        """Draw a figure of the report on `ax` (default: of a new figure) and return the Axes.

        figure: differences, parameters, time, memory (quality against that cost), learning, sweep or confusion
        method: for learning, sweep and confusion, which the report draws for each method
        Raises UnknownName for another figure or method, BadValue where the records have nothing to draw.

        >>> study = bakeoff.open_study("params/demo.yaml")
        >>> study.plot("differences").get_xlabel()
        'difference to full, pp'
        >>> study.plot("confusion", method="lora").get_title(loc="left")
        'lora'
        """
        with speaking(self.language):
            return draw(figure, self.collection, lambda: self.comparison, ax=ax, method=method)


@checked
def open_study(
    params: str | Path, *, workspace: Workspace | str | Path | None = None, changes: Sequence[str] = ()
) -> Study:
    """Read the records, choices and predictions of an experiment; nothing is trained and nothing written.

    params: experiment file, named from the current folder or the workspace; changes: as for `--set`
    workspace: folder with notebooks/, params/ and reports/ (default: those around here, else around the file); of runs
    in a store, what `bakeoff run`, `plan` or `report` has brought
    Raises InputError where there is no such experiment or its file cannot be used.

    >>> study = bakeoff.open_study("params/demo.yaml", changes=["compare.alpha=0.01"])
    >>> study.comparison.alpha
    0.01
    """
    return Study.open(params, workspace=workspace_of(workspace, of=params), changes=changes)
