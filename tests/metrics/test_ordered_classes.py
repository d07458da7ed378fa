"""`task: ordinal`: the report has metrics of the order, methods are compared by them, no run is made anew."""

import io
import shutil
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from bakeoff.errors import InputError
from bakeoff.execution.plan import plan
from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.train import TrainingRun
from bakeoff.report.build import view
from bakeoff.system.workspace import Workspace
from tiny import make_texts

ROOT = Path(__file__).resolve().parents[2]
YAML = """\
data: {source: texts.csv, label: {column: grade, bins: [1, 2], names: [low, middle, high]},
       split: {train: 60, validation: 30, test: 30}}
model: none
seeds: [1, 2]
methods: {majority: {}, tfidf: {}}
compare: {reference: majority}
"""
ORDERED = ("task=ordinal", "compare.metric=quadratic_kappa")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("ordinal")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "params").mkdir()
    grades = [2 * (label == "positive") + n // 2 % 2 for n, (_, label) in enumerate(make_texts(120))]
    lines = ["text,grade", *(f"{text},{grade}" for (text, _), grade in zip(make_texts(120), grades, strict=True))]
    (root / "texts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "params" / "stars.yaml").write_text(YAML, encoding="utf-8")
    workspace = Workspace(root)
    for item in plan(loaded(workspace), workspace).to_do:
        made = TrainingRun(item.run, loaded(workspace), workspace=workspace)
        made.load_data()
        made.build_model()
        made.fit()
        made.finish()
    return workspace


def loaded(workspace: Workspace, *changes: str):
    return load_experiment(workspace.root / "params" / "stars.yaml", shown_as="params/stars.yaml", changes=changes)


def test_methods_are_compared_by_it_without_a_run_made_anew(workspace: Workspace) -> None:
    assert plan(loaded(workspace, *ORDERED), workspace).to_do == []
    shown = view("params/stars.yaml", workspace=workspace, changes=ORDERED)
    means = {one.name: one.mean for one in shown.comparison.methods}
    (file,) = workspace.runs_folder("stars").glob("tfidf-*/predictions.parquet")
    frame = pd.read_parquet(file)
    test = frame[frame["split"] == "test"]
    kappa = cohen_kappa_score(test["gold"], test["predicted"], labels=[0, 1, 2], weights="quadratic")
    assert means == pytest.approx({"majority": 0, "tfidf": kappa}, abs=1e-12)
    assert shown.comparison["tfidf", "majority"].difference.estimate == pytest.approx(kappa)


def test_metrics_of_the_order_stand_beside_the_others(workspace: Workspace) -> None:
    ordered = view("params/stars.yaml", workspace=workspace, changes=["task=ordinal"])
    plain = view("params/stars.yaml", workspace=workspace)
    names = {"QWK (higher)", "MAE (lower)", "Spearman (higher)"}
    assert names <= set(ordered.quality().header)
    assert names.isdisjoint(plain.quality().header)
    assert "MAE: mean absolute error" in str(ordered.quality().note)
    assert "mean_absolute_error_test_mean" in ordered.summary_files()["summary.csv"]
    assert "mean_absolute_error" not in plain.summary_files()["summary.csv"]


@pytest.mark.parametrize(
    ("metric", "ending", "scale"), [("mean_absolute_error", "", 1), ("log_loss", "_nats", 1), ("accuracy", "_pp", 100)]
)
def test_raw_differences_are_in_the_unit_that_their_name_says(
    workspace: Workspace, metric: str, ending: str, scale: int
) -> None:
    changes = ["task=ordinal", f"compare.metric={metric}", "compare.equivalence_margin=0.01"]
    shown = view("params/stars.yaml", workspace=workspace, changes=changes)
    frame = pd.read_csv(io.StringIO(shown.summary_files()["summary.csv"]))
    told = frame.set_index("method").loc["tfidf"]
    pair = shown.comparison["tfidf", "majority"]
    assert told[f"difference_to_reference{ending}"] == pytest.approx(scale * pair.difference.estimate)
    assert told[f"difference_low{ending}"] == pytest.approx(scale * pair.difference.low)
    assert told[f"item_se{ending}"] == pytest.approx(scale * shown.comparison.method("tfidf").item_se)
    assert not [name for name in frame if name.endswith(("_pp", "_nats")) and not (ending and name.endswith(ending))]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            ["compare.metric=spearman"],
            "compare.metric: spearman is about classes in an order; say task: ordinal",
        ),
        (
            ["task=ordinal", "data.label={column: grade}"],
            "task: the classes of grade have no order; list them in data.label.names",
        ),
        (["task=ranked"], "task: unknown value 'ranked'; Known: nominal, ordinal"),
        (["task=ordinal", "compare.metric=qwk"], "compare.metric: unknown metric 'qwk'"),
    ],
)
def test_what_cannot_be_is_one_line(workspace: Workspace, changes: list[str], told: str) -> None:
    with pytest.raises(InputError) as caught:
        loaded(workspace, *changes)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
