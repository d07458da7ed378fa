"""One file, several data sets and base models: what plans, choices, records and reports make of it, on real runs."""

import pytest

from bakeoff.errors import BadValue, InputError
from bakeoff.execution.plan import Search, plan
from bakeoff.execution.preflight import preflight
from bakeoff.execution.progress import scores_so_far
from bakeoff.execution.resources import Durations
from bakeoff.execution.status import statuses
from bakeoff.execution.sweep import choose, lock_choice
from bakeoff.experiment.cells import cells_of
from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.train import TrainingRun
from bakeoff.report.build import view
from bakeoff.report.inputs import _sources
from bakeoff.runs.record import read_records
from bakeoff.study.grid import grid_of
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace
from tiny import make_texts, save_tiny

YAML = """\
data: {max_length: 32, split: {train: 40, validation: 20, test: 40}}
datasets:
  films: {source: films.csv}
  mail: {source: mail.csv, text: body, split: {test: 60}}
models: {small: models/small, large: models/large}
seeds: [1, 2, 3]
methods: {tfidf: {min_texts: [4, 1]}, linear_probe: {pooling: [mean, cls]}, majority: {}}
compare: {reference: tfidf}
"""
METRIC = """\
from bakeoff.metrics.metric import Metric

few = Metric(
    "few", lambda gold, predicted: float("nan") if len(gold) > 50 else 1.0, higher_is_better=True, needs_logits=False,
    label="few", explanation="Few: not defined for many texts.", unit="",
)
"""
CELLS = ["films/small", "films/large", "mail/small", "mail/large"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("grid")
    for folder in ("notebooks", "params"):
        (root / folder).mkdir()
    (root / "notebooks" / "train.ipynb").touch()
    for seed, (name, column) in enumerate((("films", "text"), ("mail", "body"))):
        rows = "".join(f"{text} {n},{label}\n" for n, (text, label) in enumerate(make_texts(200, seed)))
        (root / f"{name}.csv").write_text(f"{column},label\n{rows}", encoding="utf-8")
    save_tiny(root / "models" / "small")
    save_tiny(root / "models" / "large", hidden_size=64)
    (root / "params" / "grid.yaml").write_text(YAML, encoding="utf-8")
    made = Workspace(root)
    experiment = loaded(made)
    preflight(experiment, made)
    for item in plan(experiment, made).to_do:
        train(item.run, made)
    for search, trials in plan(experiment, made).undecided.items():
        choice = choose(experiment, experiment.methods[search.method], trials)
        lock_choice(choice, "grid", workspace=made, cell=search.cell)
    for item in plan(experiment, made).to_do:
        train(item.run, made)
    return made


def loaded(workspace: Workspace, *changes: str):
    return load_experiment(workspace.root / "params" / "grid.yaml", shown_as="params/grid.yaml", changes=changes)


def train(run, workspace: Workspace) -> None:
    made = TrainingRun(run, loaded(workspace, *run.changes), workspace=workspace)
    assert made.run.run_id == run.run_id, "a kernel that reads the file with the run's changes makes this run"
    made.load_data()
    made.build_model()
    made.fit()
    made.finish()


def test_each_cell_has_its_own_search_and_a_run_that_cells_share_stands_once(workspace: Workspace) -> None:
    found = plan(loaded(workspace), workspace)
    assert {item.state for item in found.items} == {"finished"}
    names = [item.name for item in found.items]
    assert len(names) == len(set(names)) == 2 * (1 + 2 + 1) + 4 * (2 + 1)
    assert "linear_probe seed 0 pooling=mean (trial), mail/large" in names
    assert "majority seed 1, mail" in names, "no base model, so one run for all of them"
    assert {found.search_of(item).cell for item in found.items if item.request.method == "linear_probe"} == set(CELLS)


def test_choices_lie_apart(workspace: Workspace) -> None:
    names = {path.name for path in (workspace.report_folder("grid") / "choices").glob("*.json")}
    assert names == {
        *(f"linear_probe@{cell.replace('/', '@')}.json" for cell in CELLS),
        "tfidf@films.json",
        "tfidf@mail.json",
    }


def test_what_is_still_to_be_chosen_is_told_by_cell(workspace: Workspace) -> None:
    items = plan(loaded(workspace, "methods.tfidf.min_texts=[4, 2]"), workspace, only=["tfidf"])
    assert list(items.undecided) == [Search("tfidf", "films"), Search("tfidf", "mail")]
    waiting = [item.name for item in items.in_state("waiting")]
    assert waiting == ["tfidf seed 1, films", "tfidf seed 1, mail"]


def test_every_cell_is_a_comparison_of_its_own_and_leaves_nothing_out(workspace: Workspace) -> None:
    for cell in cells_of(loaded(workspace)):
        study = StudyData.of(cell.experiment, workspace=workspace)
        assert study.collection.excluded == study.collection.additional == (), cell.name
        assert [row.missing for row in study.collection.rows] == [(), (), ()], cell.name
        (probe,) = (row for row in study.collection.rows if row.name == "linear_probe")
        assert {run.inputs.model_id for run in probe.records} == {cell.experiment.model}
        assert {run.inputs.splits["test"].n for run in study.records} == {40 if "films" in cell.name else 60}
        assert set(study.choices) == {"tfidf", "linear_probe"}
        assert all(run.sweep == study.choices["linear_probe"] for run in probe.records)


def test_a_run_of_one_cell_replaces_none_of_another(workspace: Workspace) -> None:
    (workspace.root / "params" / "grid.yaml").write_text(YAML.replace("large}", "large, third: models/third}"))
    try:
        save_tiny(workspace.root / "models" / "third", hidden_size=48)
        items = plan(loaded(workspace), workspace).items
        assert {item.state for item in items if item.cell.endswith("third")} == {"pending", "waiting"}, "not stale"
        assert {item.state for item in items if not item.cell.endswith("third")} == {"finished"}
    finally:
        (workspace.root / "params" / "grid.yaml").write_text(YAML)


def test_a_run_that_cells_share_is_stale_where_its_settings_changed(workspace: Workspace) -> None:
    items = plan(loaded(workspace, "datasets.mail.split.train=30"), workspace, only=["majority"]).items
    assert [(item.state, item.reason) for item in items] == [
        ("finished", ""),
        ("stale", "data.split.train: 40 is now 30"),
    ]


def test_only_a_cell(workspace: Workspace) -> None:
    items = plan(loaded(workspace), workspace, only=["mail/small"]).items
    assert {item.cell for item in items} == {"mail", "mail/small"}
    assert {item.cell for item in plan(loaded(workspace), workspace, only=["large", "linear_probe"]).items} == {
        "films/large",
        "mail/large",
    }


def test_status_and_scores_so_far_know_cells(workspace: Workspace) -> None:
    experiment = loaded(workspace)
    found = statuses("grid", workspace=workspace, grid=experiment)
    assert {one.detail.split(", ")[0] for one in found} == {*CELLS, "films", "mail"}
    table = scores_so_far(plan(experiment, workspace))
    assert [column.header for column in table.columns][1:3] == ["runs", "mean test accuracy"]
    assert list(table.columns[1].cells) == ["2 of 2", "4 of 4", "2 of 2"]


def test_the_time_of_a_run_is_told_from_those_of_its_cell(workspace: Workspace) -> None:
    records = [one for one in read_records(workspace.runs_folder("grid")) if one.method == "linear_probe"]
    times = {"models/small": 1.0, "models/large": 5.0}
    made = [
        one.model_copy(update={"cost": one.cost.model_copy(update={
            "load_s": 0.0, "tokenize_s": 0.0, "validation_s": 0.0, "test_s": 0.0,
            "train_s": times[one.inputs.model_id],
        })})
        for one in records
    ]  # fmt: skip
    items = plan(loaded(workspace), workspace, only=["linear_probe", "films"]).items
    assert {item.cell: Durations(made).of_method(item) for item in items} == {"films/small": 1.0, "films/large": 5.0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["datasets.mail.source=mial.csv"], "datasets.mail.source mial.csv: no such file; there are: films.csv"),
        (["datasets.mail.text=txt"], "datasets.mail.text: "),
        (["datasets.mail.label=labl"], "datasets.mail.label"),
        (["datasets.mail.split.train=300"], "datasets.mail.split: "),
        (["datasets.mail.where=leng(text) > 1"], "datasets.mail.where: "),
        (["models.large=models/lrage"], "models.large"),
        (["methods.linear_probe.max_length=128"], "linear_probe"),
    ],
)  # fmt: skip
def test_what_a_cell_cannot_be_made_of_is_refused_in_one_line(workspace: Workspace, changes, said) -> None:
    before = sorted(workspace.reports.rglob("*"))
    with pytest.raises(InputError) as refused:
        preflight(loaded(workspace, *changes), workspace)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert sorted(workspace.reports.rglob("*")) == before


def test_a_metric_that_one_data_set_does_not_give_names_it(workspace: Workspace) -> None:
    (workspace.root / "odd.py").write_text(METRIC, encoding="utf-8")
    with pytest.raises(BadValue, match=r"compare.metric: data set mail: odd:few is not defined"):
        preflight(loaded(workspace, "compare.metric=odd:few"), workspace)


def test_the_report_shows_the_grid_and_what_it_does_not_allow(workspace: Workspace) -> None:
    shown = view("params/grid.yaml", workspace=workspace)
    heading, said, scores, ranks, pairs = shown.grid()
    assert "Over data sets and base models" in str(heading)
    assert "2 data sets allow no claim over data sets" in str(said)
    assert "`bakeoff report params/grid.yaml --set cell=NAME`" in str(said)
    assert [row[0] for row in scores.rows] == CELLS
    assert ranks.header[1:] == ["mean rank", "mean accuracy", "films", "mail"]
    assert len(pairs.rows) == 3
    assert shown.facts()["Cell"] == "films/small"
    frame = grid_of(shown.study).to_frame()
    assert frame.groupby("cell", sort=False).size().to_dict() == dict.fromkeys(CELLS, 3)
    majority = frame[frame["method"] == "majority"].groupby("data_set")["mean"].nunique()
    assert majority.to_dict() == {"films": 1, "mail": 1}, "one run stands in both cells"


def test_a_report_is_out_of_date_where_the_data_or_model_of_any_cell_is_another(workspace: Workspace) -> None:
    sources = _sources(loaded(workspace), workspace)
    assert len(sources) == len(set(sources)) == 4
    assert set(sources) == set(_sources(loaded(workspace, "cell=mail/large"), workspace))


def test_a_report_about_another_cell_is_no_other_look(workspace: Workspace) -> None:
    looks = [StudyData.of(cell.experiment, workspace=workspace).look for cell in cells_of(loaded(workspace))]
    assert len(set(looks)) == 1
    fewer = StudyData.of(loaded(workspace, "models.large=null", "models.third=models/large"), workspace=workspace).look
    assert fewer.design != looks[0].design
