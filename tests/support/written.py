"""A report's folder without its kernel: records and predictions of a world, tables of them, and pages of a sentence."""

import hashlib
import json
from pathlib import Path

import golden_reports
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import load_splits
from bakeoff.report.inputs import inputs_of
from bakeoff.report.outputs import values_of, write_text
from bakeoff.report.state import declared_of
from bakeoff.study.archive import write_parquet
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace


def write_report(root: Path, page: str = "<p>The report.</p>") -> tuple[Workspace, Path]:
    """Write a report of two seeds and three classes below an empty folder; return its workspace and its folder."""
    world = golden_reports.WORLDS["groups"]
    workspace, experiment = golden_reports.lay_out(world, "groups", "en", root)
    splits = load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace))
    golden_reports.Maker(world, experiment, workspace, splits).write_all()
    study, folder = StudyData.of(experiment, workspace=workspace), workspace.report_folder("groups")
    for name, table in values_of(study).items():
        write_parquet(table, folder / name)
    write_text(folder / "summary.csv", study.summary().to_csv(index=False))
    write_text(folder / "pairs.csv", study.pairs().to_csv(index=False))
    write_text(folder / "report.html", page)
    (folder / "report.pdf").write_bytes(b"%PDF-1.7 a report\n")
    names = ("report.html", "report.pdf", "summary.csv", "pairs.csv", "records.parquet", "predictions.parquet")
    state = {
        "experiment": "params/groups.yaml", "changes": [], "declared": declared_of(experiment),
        "inputs": inputs_of(experiment, workspace),
        "outputs": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
    }  # fmt: skip
    write_text(folder / "report.json", json.dumps(state))
    return workspace, folder
