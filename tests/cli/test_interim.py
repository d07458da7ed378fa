"""The report that is written while runs are still to come."""

from __future__ import annotations

from pathlib import Path

import pytest

import golden_reports
from bakeoff.cli import interim
from bakeoff.cli.interim import Interim
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import load_splits
from bakeoff.study.looks import read_looks

pytestmark = pytest.mark.slow


def test_the_first_round_is_reported_by_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = golden_reports.WORLDS["groups"]
    workspace, experiment = golden_reports.lay_out(world, "groups", "en", tmp_path)
    splits = load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace))
    golden_reports.Maker(world, experiment, workspace, splits).write_all()
    for seed in experiment.seeds[1:]:
        for record in workspace.runs_folder(experiment.name).glob(f"*-s{seed}-*/record.json"):
            record.unlink()
    writer = Interim(experiment, workspace)
    assert not writer.begin(1), "whoever has the whole report in a minute needs none before"
    monkeypatch.setattr(interim, "LEAST_S", 0.0)
    assert not writer.begin(3), "from here on it would claim something of methods"
    assert writer.begin(1)
    assert not writer.begin(2), "one is being written"
    assert writer._process
    assert writer._process.wait(240) == 0
    page = (workspace.report_folder(experiment.name) / "report.html").read_text(encoding="utf-8")
    assert "Not all runs are in: " in page
    assert not any(look.counts for look in read_looks(workspace.report_folder(experiment.name)))
    with writer:
        assert writer.begin(2)
    assert writer._process.poll() is not None


def test_runs_that_end_while_it_starts_make_it_no_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun with two seeds, it read the records when a third was in: the last report was held to a smaller level."""
    world = golden_reports.WORLDS["seeds"]
    workspace, experiment = golden_reports.lay_out(world, "seeds", "en", tmp_path)
    splits = load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace))
    golden_reports.Maker(world, experiment, workspace, splits).write_all()
    monkeypatch.setattr(interim, "LEAST_S", 0.0)
    with Interim(experiment, workspace) as writer:
        assert writer.begin(2)
        assert writer._process
        assert writer._process.wait(240) == 2
    home = workspace.report_folder(experiment.name)
    assert read_looks(home) == []
    assert not (home / "report.html").exists()
