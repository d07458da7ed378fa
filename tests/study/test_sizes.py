"""One file, several numbers of training texts: what runs, plans, records and reports make of it, on real runs."""

from collections import defaultdict

import pytest

from bakeoff.errors import BadValue
from bakeoff.execution.plan import plan
from bakeoff.execution.preflight import preflight
from bakeoff.execution.resources import Durations
from bakeoff.execution.status import statuses
from bakeoff.execution.sweep import choose, lock_choice
from bakeoff.experiment.cells import cells_of
from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.train import TrainingRun
from bakeoff.report.build import view
from bakeoff.runs.record import read_records
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace
from tiny import make_texts

YAML = """\
data: {source: texts.csv, split: {validation: 30, test: 60}}
model: none
seeds: [1, 2, 3]
train_sizes: [8, 24, 60]
methods: {majority: {}, tfidf: {min_texts: [4, 1]}, fixed: {kind: tfidf}}
compare: {reference: fixed}
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("sizes")
    for folder in ("notebooks", "params"):
        (root / folder).mkdir()
    (root / "notebooks" / "train.ipynb").touch()
    rows = "".join(f"{text} {n},{label}\n" for n, (text, label) in enumerate(make_texts(300)))
    (root / "texts.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    (root / "params" / "sizes.yaml").write_text(YAML, encoding="utf-8")
    made = Workspace(root)
    experiment = loaded(made)
    preflight(experiment, made)
    for item in plan(experiment, made).to_do:
        train(item.run, made)
    ((name, _), trials), = plan(experiment, made).undecided.items()  # fmt: skip
    lock_choice(choose(experiment, experiment.methods[name], trials), "sizes", workspace=made)
    for item in plan(experiment, made).to_do:
        train(item.run, made)
    return made


def loaded(workspace: Workspace, *changes: str):
    return load_experiment(workspace.root / "params" / "sizes.yaml", shown_as="params/sizes.yaml", changes=changes)


def train(run, workspace: Workspace) -> None:
    made = TrainingRun(run, loaded(workspace, *run.changes), workspace=workspace)
    assert made.run.run_id == run.run_id, "a kernel that reads the file with the run's changes makes this run"
    made.load_data()
    made.build_model()
    made.fit()
    made.finish()


def test_every_method_is_run_at_every_size_and_chooses_once(workspace: Workspace) -> None:
    found = plan(loaded(workspace), workspace)
    assert {item.state for item in found.items} == {"finished"}
    names = [item.name for item in found.items]
    assert len(names) == len(set(names)) == 3 * (1 + 3 + 3) + 2
    assert names[:1] == ["majority seed 1"]
    assert [name for name in names if "trial" in name] == [
        "tfidf seed 0 min_texts=4 (trial)",
        "tfidf seed 0 min_texts=1 (trial)",
    ]
    assert "fixed seed 2, 24 texts" in names
    assert "fixed seed 2" in names, "the largest size is the experiment itself"


def test_fewer_texts_are_a_part_of_more(workspace: Workspace) -> None:
    drawn = defaultdict(dict)
    for cell in cells_of(loaded(workspace)):
        from bakeoff.data.sources import locate_data
        from bakeoff.data.splits import load_splits

        data = cell.experiment.data
        splits = load_splits(data, locate_data(data.source, workspace=workspace))
        for seed in (1, 2):
            drawn[seed][data.split.train] = set(splits.for_seed(seed).train["item_id"])
    for sizes in drawn.values():
        assert [len(sizes[n]) for n in (8, 24, 60)] == [8, 24, 60]
        assert sizes[8] < sizes[24] < sizes[60]
    assert drawn[1][60] != drawn[2][60]


def test_test_texts_are_the_same_at_every_size(workspace: Workspace) -> None:
    runs = [record for record in read_records(workspace.runs_folder("sizes")) if record.role != "sweep"]
    assert {run.inputs.splits["train"].n for run in runs} == {8, 24, 60}
    assert len({run.inputs.splits["test"].item_ids_sha256 for run in runs}) == 1
    assert len({run.inputs.comparability_sha256 for run in runs}) == 3, "no table mixes sizes"


def test_the_report_is_on_the_experiments_own_size_and_leaves_nothing_out(workspace: Workspace) -> None:
    study = StudyData.of(loaded(workspace), workspace=workspace)
    assert {run.inputs.splits["train"].n for run in study.records} == {60}
    assert study.collection.excluded == study.collection.additional == ()
    assert [row.missing for row in study.collection.rows] == [(), (), ()]
    assert list(study.choices) == ["tfidf"]
    assert "Finished runs" not in view("params/sizes.yaml", workspace=workspace).facts(), "all 7 are in"


def test_a_smaller_size_takes_what_was_chosen_at_the_largest(workspace: Workspace) -> None:
    cell = cells_of(loaded(workspace))[1].experiment
    study = StudyData.of(cell, workspace=workspace)
    (row,) = (row for row in study.collection.rows if row.name == "tfidf")
    assert {run.inputs.splits["train"].n for run in row.records} == {8}
    chosen = study.choices["tfidf"]
    assert all(run.sweep == chosen and run.params["min_texts"] == chosen.chosen["min_texts"] for run in row.records)


def test_a_run_of_one_size_replaces_none_of_another(workspace: Workspace) -> None:
    items = plan(loaded(workspace, "train_sizes=[8, 16, 24, 60]"), workspace).items
    assert {item.state for item in items if item.cell == "16 texts"} == {"pending"}, "new, and not stale"
    assert {item.state for item in items if item.cell != "16 texts"} == {"finished"}


def test_a_method_alone_has_all_its_sizes(workspace: Workspace) -> None:
    items = plan(loaded(workspace), workspace, only=["fixed"]).items
    assert [(item.request.seed, item.cell) for item in items] == [
        (seed, cell) for seed in (1, 2, 3) for cell in ("", "8 texts", "24 texts")
    ]


def test_the_time_of_a_run_is_told_from_those_of_its_size(workspace: Workspace) -> None:
    records = [record for record in read_records(workspace.runs_folder("sizes")) if record.method == "fixed"]
    times = {8: 1.0, 24: 3.0, 60: 9.0}
    made = [
        one.model_copy(update={"cost": one.cost.model_copy(update={
            "load_s": 0.0, "tokenize_s": 0.0, "validation_s": 0.0, "test_s": 0.0,
            "train_s": times[one.inputs.splits["train"].n],
        })})
        for one in records
    ]  # fmt: skip
    items = [item for item in plan(loaded(workspace), workspace, only=["fixed"]).items if item.request.seed == 1]
    assert Durations(made).left([], items) == 13.0
    assert [Durations(made).of_method(item) for item in items] == [9.0, 1.0, 3.0]


def test_status_says_of_which_size_a_run_is(workspace: Workspace) -> None:
    found = statuses("sizes", workspace=workspace, sized=True)
    assert {one.detail.split(", ")[0] for one in found} == {"8 texts", "24 texts", "60 texts"}
    assert not any("texts" in one.detail for one in statuses("sizes", workspace=workspace))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["train_sizes=[8, 300]"], "train_sizes: 300: asks for 390 texts where 300 are left"),
        (["train_sizes=[8, 205]"], "train_sizes: 205: train has 205 of the 210 texts that validation and test leave"),
        (["train_sizes=[1, 60]"], "train_sizes: 1: "),
        (["train_sizes=[1, 60]", "data.split.stratify=false"], "train_sizes: 1: no training text has the class"),
    ],
)
def test_sizes_that_the_data_cannot_give_are_refused_in_one_line(workspace: Workspace, changes, said) -> None:
    before = sorted(workspace.reports.rglob("*"))
    with pytest.raises(BadValue) as refused:
        preflight(loaded(workspace, "seeds=[1, 2]", *changes), workspace)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert sorted(workspace.reports.rglob("*")) == before
