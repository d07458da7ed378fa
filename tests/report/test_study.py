"""A study for programs: every figure on the caller's Axes, every table with what the records hold, one line else."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

import sample
from bakeoff.errors import BadValue, UnknownName
from bakeoff.report.figures.single_axes import FIGURES
from bakeoff.report.study import Study
from bakeoff.system.workspace import Workspace
from studies import whole
from views import write

OF_ONE = {"learning": "full", "sweep": "lora", "confusion": "tfidf"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    workspace = Workspace(tmp_path_factory.mktemp("study"))
    write(whole(), workspace)
    return Study(whole(), workspace=workspace)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_on_the_axes_given(name: str, study: Study) -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert study.plot(name, ax=right, method=OF_ONE.get(name)) is right
    assert right.has_data()
    assert right.get_xlabel()
    assert not left.has_data()
    assert figure.axes == [left, right]


@pytest.mark.parametrize("name", FIGURES)
def test_without_axes_it_has_a_figure_of_its_own(name: str, study: Study) -> None:
    first, second = (study.plot(name, method=OF_ONE.get(name)) for _ in range(2))
    assert first.get_figure() is not second.get_figure()


def test_what_cannot_be_drawn_is_one_line(study: Study, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="unknown figure 'diferences'; did you mean 'differences'"):
        study.plot("diferences")
    with pytest.raises(UnknownName, match="unknown method 'lroa'; did you mean 'lora'"):
        study.plot("sweep", method="lroa")
    with pytest.raises(BadValue, match="drawn for one method at a time"):
        study.plot("confusion")
    with pytest.raises(BadValue, match="nothing to draw yet for majority"):
        study.plot("learning", method="majority")
    empty = Study(sample.empty(), workspace=Workspace(tmp_path))
    for name in FIGURES:
        with pytest.raises(BadValue, match="nothing to draw yet"):
            empty.plot(name, method=OF_ONE.get(name))
    assert empty.conclusions() == []


def test_tables_hold_what_the_records_hold(study: Study) -> None:
    runs = study.runs().set_index("run_id")
    assert len(runs) == len(study.records)
    for record in study.records:
        row, answers = runs.loc[record.run_id], study.predictions(record.run_id)
        assert (row.method, row.seed) == (record.method, record.seed)
        assert row.test_accuracy == record.test.metrics["accuracy"]
        assert len(answers) == sample.TEST
    assert len(study.pairs()) == len(study.comparison.pairs)
    assert list(study.summary()["method"]) == [row.name for row in study.collection.rows]
    with pytest.raises(UnknownName, match="unknown run"):
        study.predictions("nothing")
