"""Views of made-up studies, with their predictions on disk."""

import itertools
from pathlib import Path

import pandas as pd

import sample
from bakeoff.report.view import ComparisonView
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "compare.ipynb"


def write(found, workspace: Workspace) -> None:
    """Write the predictions of every finished run."""
    for run in itertools.chain.from_iterable(row.records for row in found.rows):
        folder = workspace.run_folder(run.experiment, run.run_id)
        folder.path.mkdir(parents=True)
        names = run.inputs.label_names
        frame = {
            "split": "test",
            "item_id": [f"{place:05d}" for place in range(sample.TEST)],
            "gold": sample.gold(sample.TEST, len(names)),
            "predicted": sample.predictions(run.method, run.seed, sample.TEST, run.params.get("rank", 8), len(names)),
            "logits": list(sample.logits(run.method, run.seed, sample.TEST, run.params.get("rank", 8), len(names))),
        }
        pd.DataFrame(frame).to_parquet(folder.predictions)


def view(found, folder: Path) -> ComparisonView:
    workspace = Workspace(folder)
    write(found, workspace)
    return ComparisonView(StudyData(found, workspace=workspace))
