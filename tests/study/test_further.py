"""Further test sets on real runs: predicted at a run's end or later, checked, compared and said."""

import json

import numpy as np
import pandas as pd
import pytest

from bakeoff.errors import BadValue, InputError, RecordError
from bakeoff.execution.plan import plan
from bakeoff.execution.preflight import preflight
from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.train import TrainingRun
from bakeoff.report.build import view
from bakeoff.report.subsets.further import TESTS_FILE, further_tables, said_of_tests
from bakeoff.runs.files import FROM_RECORD
from bakeoff.runs.further import WITHOUT_TESTS, declared_tests, lacking, read_further
from bakeoff.runs.record import read_records
from bakeoff.study.study import StudyData
from bakeoff.study.subsets.further import furthers_of
from bakeoff.system.workspace import Workspace
from prose import FORBIDDEN, plain
from tiny import NEUTRAL, make_texts

YAML = """\
data: {source: texts.csv, split: {train: 80, validation: 40, test: 80}}
model: none
seeds: [1, 2, 3]
methods: {majority: {}, tfidf: {}, swept: {kind: tfidf, min_texts: [1, 2]}}
compare: {reference: tfidf}
tests: {main: , twins: {source: twins.csv, size: 60}}
"""
OTHERS = "others={source: others.csv, text: body, label: {column: stars, mapping: {1: negative, 5: positive}}}"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("further")
    for folder in ("notebooks", "params"):
        (root / folder).mkdir()
    (root / "notebooks" / "train.ipynb").touch()
    write(root / "texts.csv", make_texts(200))
    write(root / "twins.csv", [*make_texts(200)[:40], *make_texts(60, seed=1)])
    rng = np.random.default_rng(0)
    odd = [(" ".join(rng.choice(NEUTRAL, size=8)), stars) for stars in (1, 5) * 45]
    write(root / "others.csv", odd, head="body,stars")
    write(root / "lopsided.csv", [(text, "positive") for text, _ in make_texts(20)])
    (root / "params" / "far.yaml").write_text(YAML, encoding="utf-8")
    made = Workspace(root)
    preflight(loaded(made), made)
    finish(made)
    return made


def write(file, rows, head="text,label") -> None:
    file.write_text(f"{head}\n" + "".join(f"{text},{label}\n" for text, label in rows), encoding="utf-8")


def loaded(workspace: Workspace, *changes: str):
    file = workspace.root / "params" / "far.yaml"
    return load_experiment(file, shown_as="params/far.yaml", changes=changes, root=workspace.root)


def finish(workspace: Workspace, *changes: str) -> list[str]:
    """Do what is to be done as a kernel does; return the runs that were trained."""
    from bakeoff.execution.sweep import choose, lock_choice

    trained = []
    while to_do := plan(loaded(workspace, *changes), workspace).to_do:
        for item in to_do:
            run = TrainingRun(item.run, loaded(workspace, *changes), workspace=workspace)
            with pytest.MonkeyPatch.context() as patch:
                if item.state == "resumable":
                    patch.setenv(FROM_RECORD, item.run.run_id)
                else:
                    trained.append(item.run.run_id)
                run.load_data()
                run.build_model()
                run.fit()
                run.finish()
        found = plan(loaded(workspace, *changes), workspace)
        for name, trials in found.undecided.items():
            experiment = loaded(workspace, *changes)
            lock_choice(choose(experiment, experiment.methods[name.method], trials), "far", workspace=workspace)
    return trained


def records(workspace: Workspace):
    return {one.run_id: one for one in read_records(workspace.runs_folder("far"))}


def test_every_compared_run_predicts_at_its_end_and_no_trial_does(workspace: Workspace) -> None:
    found = plan(loaded(workspace), workspace)
    assert {item.state for item in found.items} == {"finished"}
    for run in records(workspace).values():
        folder = workspace.run_folder("far", run.run_id)
        assert folder.tests.exists() == (run.role != "sweep")
    run = next(one for one in records(workspace).values() if one.method == "tfidf")
    said, frame = read_further(run, workspace.run_folder("far", run.run_id), "twins")
    assert said.facts.n == len(frame) == 60
    assert said.facts.labels == {"negative": 30, "positive": 30}
    assert not said.later
    assert (frame["gold"] == frame["predicted"]).mean() > 0.8


def test_texts_that_stand_in_training_are_counted(workspace: Workspace) -> None:
    run = next(one for one in records(workspace).values() if one.method == "majority")
    said, frame = read_further(run, workspace.run_folder("far", run.run_id), "twins")
    from bakeoff.data.sources import locate_data
    from bakeoff.data.splits import load_splits

    data = loaded(workspace).data
    train = set(load_splits(data, locate_data(data.source, workspace=workspace)).train["text"])
    twins = pd.read_csv(workspace.root / "twins.csv")["text"]
    assert said.trained_on == sum(twins[int(item)] in train for item in frame["item_id"]) > 0


def test_a_set_that_is_added_is_predicted_by_the_kept_models(workspace: Workspace) -> None:
    change = f"tests.{OTHERS}"
    before = records(workspace)
    items = plan(loaded(workspace, change), workspace).items
    assert {item.state for item in items if item.request.role != "sweep"} == {"resumable"}
    assert {item.state for item in items if item.request.role == "sweep"} == {"finished"}
    assert "no predictions for others yet: made by its kept model" in {item.reason for item in items}
    assert finish(workspace, change) == []
    assert records(workspace) == before
    run = next(one for one in before.values() if one.method == "tfidf")
    said, frame = read_further(run, workspace.run_folder("far", run.run_id), "others")
    assert said.later
    assert said.trained_on == 0
    assert list(frame.columns) == ["item_id", "gold", "predicted", "logits", "group"]
    assert {item.state for item in plan(loaded(workspace, change), workspace).items} == {"finished"}


def test_later_predictions_are_those_of_the_end(workspace: Workspace) -> None:
    run = next(one for one in records(workspace).values() if one.method == "tfidf")
    folder = workspace.run_folder("far", run.run_id)
    (folder.tests / "twins.json").rename(folder.tests / "aside")
    _, first = pd.DataFrame(), pd.read_parquet(folder.tests / "twins.parquet")
    (item,) = plan(loaded(workspace), workspace).to_do
    assert (item.state, item.run.run_id) == ("resumable", run.run_id)
    assert finish(workspace) == []
    pd.testing.assert_frame_equal(first, pd.read_parquet(folder.tests / "twins.parquet"))


def test_what_is_damaged_or_read_in_another_way_is_lacking(workspace: Workspace) -> None:
    run = next(one for one in records(workspace).values() if one.method == "tfidf")
    folder, experiment = workspace.run_folder("far", run.run_id), loaded(workspace)
    assert lacking(run, folder, declared_tests(experiment, workspace=workspace)) == []
    smaller = declared_tests(loaded(workspace, "tests.twins.size=50"), workspace=workspace)
    assert lacking(run, folder, smaller) == ["twins"]
    again = run.model_copy(update={"trace": run.trace.model_copy(update={"predictions_sha256": "0"})})
    with pytest.raises(RecordError, match="another result"):
        read_further(again, folder, "twins")
    kept = (folder.tests / "twins.parquet").read_bytes()
    (folder.tests / "twins.parquet").write_bytes(kept[:-9])
    assert lacking(run, folder, declared_tests(experiment, workspace=workspace)) == ["twins"]
    (folder.tests / "twins.parquet").write_bytes(kept)


def test_a_run_without_a_model_is_made_anew_and_the_plan_says_so(workspace: Workspace) -> None:
    run = next(one for one in records(workspace).values() if one.method == "majority")
    folder = workspace.run_folder("far", run.run_id)
    folder.model.rename(folder.path / "aside")
    file = folder.record.read_text(encoding="utf-8")
    folder.record.write_text(json.dumps({**json.loads(file), "files": {}}), encoding="utf-8")  # as the first versions
    (item,) = plan(loaded(workspace, "tests.twins.size=50"), workspace, only=["majority"]).items
    assert (item.state, item.reason) == (
        "stale",
        "no predictions for twins yet, and no model is kept that could make them",
    )
    (folder.path / "aside").rename(folder.model)
    folder.record.write_text(file, encoding="utf-8")


def test_a_kernel_of_another_cell_predicts_none(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WITHOUT_TESTS, "yes")
    item = plan(loaded(workspace, "tests.twins.size=40"), workspace, only=["majority"]).items[0]
    run = TrainingRun(item.run, loaded(workspace, "tests.twins.size=40"), workspace=workspace)
    run.load_data()
    run.record = item.record
    run._test_further(later=True)
    run._lock.release(force=True)
    assert read_further(item.record, run.folder, "twins")[0].facts.n == 60


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("tests.odd=no.csv", "tests.odd.source no.csv: no such file"),
        ("tests.odd=bundled:icwsm2014/tweet", "tests.odd.source: unknown data set"),
        ("tests.odd={source: others.csv}", "tests.odd.text: unknown column 'text'"),
        ("tests.odd={source: others.csv, text: body}", "tests.odd.label.column: unknown column 'label'"),
        (
            "tests.odd={source: others.csv, text: body, label: stars}",
            "tests.odd: its texts have the classes 1, 5, where the data have negative, positive",
        ),
        ("tests.odd=lopsided.csv", "tests.odd: its texts have the classes positive, where the data have"),
        ("tests.odd={source: twins.csv, size: 500}", "tests.odd.size: asks for 500 texts where 100 are left"),
        ("tests.odd={source: twins.csv, where: rating > 3}", "tests.odd.where: "),
    ],
)
def test_a_set_that_cannot_be_used_is_refused_in_one_line(workspace: Workspace, change, said) -> None:
    before = sorted(workspace.reports.rglob("*"))
    with pytest.raises(InputError) as refused:
        preflight(loaded(workspace, change), workspace)
    assert said in str(refused.value)
    assert str(refused.value).startswith("--set tests.odd")
    assert "\n" not in str(refused.value)
    assert refused.value.exit_status == 2
    assert sorted(workspace.reports.rglob("*")) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("tests.main=texts.csv", "main is the data's own test split"),
        ("tests=[twins.csv]", "it should be a mapping"),
        ("tests.twins.soruce=x", "did you mean 'source'?"),
        ("tests.twins.size=1", "it should be at least 2"),
        ("tests.two words=texts.csv", "cannot be the name of a test set"),
        ("tests.Twins=texts.csv", "differs in case only"),
        ("tests.twins.label=text", "is the column with the text"),
        ("tests.twins.encoding=utf-99", "no such encoding"),
        ("tests.twins={label: label}", "tests.twins.source: missing"),
    ],
)
def test_a_file_that_names_a_set_wrongly_is_refused_in_one_line(workspace: Workspace, change, said) -> None:
    with pytest.raises(InputError) as refused:
        loaded(workspace, change)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_set_changes_no_run(workspace: Workspace) -> None:
    plain_, more = (
        plan(loaded(workspace, *changes), workspace).items
        for changes in ((), (f"tests.{OTHERS}", "tests.third=texts.csv"))
    )
    assert [item.run.run_id for item in plain_] == [item.run.run_id for item in more]


@pytest.fixture(scope="module")
def found(workspace: Workspace):
    change = f"tests.{OTHERS}"
    finish(workspace, change)
    return furthers_of(StudyData.of(loaded(workspace, change), workspace=workspace))


def test_a_method_that_loses_is_said_to_and_one_that_does_not_is_not(found) -> None:
    text = " ".join(map(plain, said_of_tests(found, metric="accuracy")))
    assert "others has 90 texts of others.csv, none of which stands among the training texts." in text
    assert "twins has 60 texts of twins.csv; of them, " in text
    assert "On others, accuracy is worse than on main: tfidf -" in text
    assert "On twins, no method is shown to have lost in accuracy from main." in text
    assert "From main to others, majority gains on tfidf" in text
    assert not FORBIDDEN["en"].search(text)
    drops = {(one.method, one.what): one for one in found.drops}
    assert drops["tfidf", "others"].shown
    assert drops["majority", "others"].gap.estimate == 0
    assert drops["tfidf", "others"].comparisons == 6


def test_the_tables_have_a_row_for_each_method_and_carry_the_csv(found) -> None:
    tables = further_tables(found, methods=["majority", "tfidf", "swept"], metric="accuracy")
    assert [table.header for table in tables] == [
        ["method", "main", name, "change", "p, corrected"] for name in ("twins", "others")
    ]
    head, *rows = tables[0].carried[TESTS_FILE].splitlines()
    assert head.startswith("test_set,texts,method,seeds,mean,low,high,mean_on_main,change")
    assert [row.split(",")[0] for row in rows] == ["twins"] * 3 + ["others"] * 3


def test_a_report_shows_them_and_one_without_any_shows_nothing(workspace: Workspace, found) -> None:
    shown = view("params/far.yaml", workspace=workspace, changes=[f"tests.{OTHERS}"]).tests()
    assert len(shown) == 4
    assert "On further test sets" in str(shown[0]._repr_mimebundle_())
    assert view("params/far.yaml", workspace=workspace, changes=["tests=null"]).tests() == []


def test_a_set_that_nobody_predicted_yet_is_named(workspace: Workspace) -> None:
    changes = ["tests.late=texts.csv"]
    found = furthers_of(StudyData.of(loaded(workspace, *changes), workspace=workspace))
    text = " ".join(map(plain, said_of_tests(found, metric="accuracy")))
    assert "tfidf has no predictions for late." in text
    alone = furthers_of(StudyData.of(loaded(workspace, "tests={late: texts.csv}"), workspace=workspace))
    assert "No run has predicted a further test set yet" in said_of_tests(alone, metric="accuracy")[0]


def test_a_metric_without_a_value_on_a_set_is_named_and_ends_no_report(workspace: Workspace, found) -> None:
    (workspace.root / "far_metric.py").write_text(
        "from bakeoff.metrics.metric import Metric\n"
        "def share(gold, given):\n    return float((gold == given).mean()) if len(gold) < 85 else float('nan')\n"
        "shorter = Metric('shorter', share, True, False, 'share of short sets', 'Right answers in a short set.')\n",
        encoding="utf-8",
    )
    changes = [f"tests.{OTHERS}", "compare.metric=far_metric:shorter", "compare.equivalence_margin=0.03"]
    here = furthers_of(StudyData.of(loaded(workspace, *changes), workspace=workspace))
    assert [one.name for one in here.at] == ["twins"]
    assert here.undefined == dict.fromkeys(("majority", "tfidf"), ("others",))
    said = " ".join(map(plain, said_of_tests(here, metric="far_metric:shorter")))
    assert "is not defined for tfidf on others." in said
    assert view("params/far.yaml", workspace=workspace, changes=changes).tests()


def test_a_grid_has_no_further_sets(workspace: Workspace) -> None:
    with pytest.raises(BadValue, match="a grid have each their own test texts, and no tests beside"):
        loaded(workspace, "data=null", "datasets={a: {source: texts.csv}, b: {source: twins.csv}}")
