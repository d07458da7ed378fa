"""Metrics of the user's own: methods are compared and swept by them, no run is made anew, faults are one line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from bakeoff import cli
from bakeoff.errors import BadValue, InputError
from bakeoff.execution.plan import plan
from bakeoff.execution.preflight import preflight
from bakeoff.execution.sweep import choose, lock_choice
from bakeoff.experiment.json_schema import experiment_schema
from bakeoff.experiment.load import load_experiment
from bakeoff.metrics import load
from bakeoff.metrics.classification import comparable, metric_named
from bakeoff.metrics.items import item_scores
from bakeoff.notebook.train import TrainingRun
from bakeoff.report.build import inputs_of, view
from bakeoff.runs.record import read_records
from bakeoff.study.study import StudyData
from bakeoff.system.own import look_in
from bakeoff.system.workspace import Workspace
from own_code import METRIC, PRICES, forget, offer, write_metric
from tiny import make_texts

ROOT = Path(__file__).resolve().parents[2]
OWN = "my_metric:wrong_cost"
YAML = f"""\
data: {{source: texts.csv, split: {{train: 60, validation: 30, test: 30}}}}
model: none
seeds: [1]
methods: {{majority: {{}}, tfidf: {{min_texts: [20, 1]}}}}
compare: {{reference: majority, metric: "{OWN}"}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace whose trials and runs are there."""
    root = tmp_path_factory.mktemp("own-metric")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "params").mkdir()
    lines = ["text,label", *(f"{text},{label}" for text, label in make_texts(120))]
    (root / "texts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "params" / "own.yaml").write_text(YAML, encoding="utf-8")
    write_metric(root)
    workspace = Workspace(root)
    while to_do := plan(loaded(workspace), workspace).to_do:
        for item in to_do:
            if item.run:
                train(item.run, workspace)
        experiment = loaded(workspace)
        for (name, _), trials in plan(experiment, workspace).undecided.items():
            lock_choice(
                choose(experiment, experiment.methods[name], trials, workspace=workspace), "own", workspace=workspace
            )
    return workspace


@pytest.fixture
def workspace(made: Workspace, tmp_path: Path):
    yield Workspace(shutil.copytree(made.root, tmp_path / "workspace"))
    forget()


def loaded(workspace: Workspace, *changes: str):
    return load_experiment(workspace.root / "params" / "own.yaml", shown_as="params/own.yaml", changes=changes)


def train(run, workspace: Workspace) -> None:
    made = TrainingRun(run, loaded(workspace), workspace=workspace)
    made.load_data()
    made.build_model()
    made.fit()
    made.finish()


def test_a_sweep_is_decided_and_methods_are_compared_by_it(workspace: Workspace) -> None:
    (choice,) = (workspace.report_folder("own") / "choices").iterdir()
    tree = json.loads(choice.read_text())
    assert (tree["metric"], tree["chosen"]) == (OWN, {"min_texts": 1})
    scores = tree["validation"]
    assert scores["min_texts=1"] < scores["min_texts=20"]
    shown = view("params/own.yaml", workspace=workspace)
    means = {one.name: one.mean for one in shown.comparison.methods}
    for record in read_records(workspace.runs_folder("own"), unreadable=lambda _: None):
        if record.role != "sweep":
            frame = pd.read_parquet(workspace.run_folder("own", record.run_id).predictions)
            test = frame[frame["split"] == "test"]
            wrong = test["gold"] != test["predicted"]
            assert means[record.method] == pytest.approx((wrong * np.where(test["gold"] == 0, 2, 1)).mean())
            assert OWN not in record.test.metrics
    said = " ".join(one.text for one in shown.conclusions)
    assert "**tfidf** had the lowest cost on the test items" in said
    assert "cost" in str(shown.summary())
    assert "Cost: what wrong answers cost, per text." in str(shown.quality().note)
    assert shown.differences() is not None
    assert "my_metric:wrong_cost_test_mean" in shown.summary_files()["summary.csv"]


def test_an_edit_redoes_no_run_but_the_choice_and_the_report(workspace: Workspace) -> None:
    before = inputs_of(loaded(workspace), workspace)
    assert plan(loaded(workspace), workspace).to_do == []
    (workspace.root / "my_prices.py").write_text(PRICES.replace("2.0", "3.0"))
    assert inputs_of(loaded(workspace), workspace) != before
    found = plan(loaded(workspace), workspace)
    assert {item.state for item in found.items if item.request.role == "sweep"} == {"finished"}
    assert [search.method for search in found.undecided] == ["tfidf"]
    (workspace.root / "my_prices.py").write_text(PRICES + "# nothing\n")
    assert plan(loaded(workspace), workspace).undecided == {}


def test_another_metric_is_only_another_choice(workspace: Workspace) -> None:
    found = plan(loaded(workspace, "compare.metric=accuracy"), workspace)
    assert [search.method for search in found.undecided] == ["tfidf"]
    assert {item.state for item in found.items if item.run} == {"finished"}


def test_item_scores_are_left_out_one_by_one_or_given(workspace: Workspace) -> None:
    look_in(workspace.root)
    rng = np.random.default_rng(3)
    gold, predicted = rng.integers(0, 3, 40), rng.integers(0, 3, (2, 40))
    metric = metric_named(OWN)
    means = item_scores(metric, gold=gold, given=predicted).mean(axis=1)
    np.testing.assert_allclose(means, [-metric(gold, row) for row in predicted])
    shares, again = "lambda gold: 0 * gold + 1 / len(gold)", "lambda g, p, w: w @ my_prices.of(g, p) / w.sum(axis=1)"
    items = f"    items=Items(my_prices.of, {shares}, {again}),\n"
    (workspace.root / "my_metric.py").write_text(METRIC.replace('    unit="",\n', f'    unit="",\n{items}'))
    given = item_scores(metric_named(OWN), gold=gold, given=predicted)
    np.testing.assert_allclose(given, [-np.where(gold == row, 0.0, np.where(gold == 0, 2.0, 1.0)) for row in predicted])


def test_it_is_a_metric_of_evaluate_as_well(workspace: Workspace) -> None:
    look_in(workspace.root)
    assert load(OWN).compute(predictions=[1, 1, 0], references=[0, 1, 1]) == {OWN: 1.0}


FACES = {
    "no_module:x": "unknown module of the workspace 'no_module'",
    "my_metric:wrong_cots": "unknown name in my_metric: 'wrong_cots'; did you mean 'wrong_cost'?",
    "my_metric:cost": "my_metric:cost is no metric: it should be a Metric(...) of bakeoff.metrics.metric",
    "broken:x": "broken cannot be imported: ZeroDivisionError: division by zero (broken.py, line 2)",
    "faces:mute": "faces:mute is no metric: explanation should be what it measures, in a sentence",
    "faces:taken": "faces:taken is no metric: the label 'macro-F1' is taken; call it otherwise",
    "faces:either": "faces:either is no metric: higher_is_better should be True or False",
    "faces:idle": "faces:idle is no metric: function should be a function of gold and of predicted classes or logits",
    "faces:odd": "faces:odd is no metric: unit should be one of 'pp', 'nats', ''",
    "faces:loose": "faces:loose is no metric: items should be an Items(...) of bakeoff.metrics.metric, or be left out",
    "average_precision": "unknown metric to compare by 'average_precision'",
    "acuracy": "unknown metric 'acuracy'; did you mean 'accuracy'?",
}
TOLD = "told = dict(higher_is_better=True, needs_logits=False, label='x', explanation='X: x.')\n"
FILES = {
    "broken.py": "\n1 / 0\n",
    "faces.py": (
        f"from dataclasses import replace\nfrom bakeoff.metrics.metric import Metric\n{TOLD}"
        "x = Metric('x', lambda gold, given: 1.0, **told)\nmute = replace(x, explanation='')\n"
        "taken = replace(x, label='macro-F1')\neither = replace(x, higher_is_better='yes')\n"
        "idle = replace(x, function=3)\nodd = replace(x, unit='kg')\nloose = replace(x, items={})\n"
        "text = replace(x, function=lambda gold, given: 'much')\n"
        "endless = replace(x, function=lambda gold, given: float('inf'))\n"
        "each = replace(x, function=lambda gold, given: given * 1.0)\n"
        "leaving = replace(x, function=lambda gold, given: exit(0))\n"
        "def gone(*_): raise __import__('asyncio').CancelledError\ncancelled = replace(x, function=gone)\n"
        "none = replace(x, function=lambda gold, given: float('nan'))\n"
    ),
}


@pytest.mark.parametrize("name", FACES)
def test_what_cannot_be_used_is_one_line(
    workspace: Workspace, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, text in FILES.items():
        (workspace.root / file).write_text(text, encoding="utf-8")
    (workspace.root / "params" / "own.yaml").write_text(YAML.replace(OWN, name), encoding="utf-8")
    monkeypatch.chdir(workspace.root)
    before = sorted(workspace.root.rglob("*"))
    assert cli.main(["run", "params/own.yaml"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"bakeoff: params/own.yaml, line 5: compare.metric: {FACES[name]}"), err
    assert err.count("\n") == 1
    assert sorted(workspace.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("faces:text", "faces:text cannot be computed: ValueError: could not convert string to float: 'much'"),
        ("faces:each", r"faces:each cannot be computed: TypeError: an array of shape \(.*\) where a number is meant"),
        ("faces:leaving", "faces:leaving cannot be computed: SystemExit: 0"),
        ("faces:cancelled", "faces:cancelled cannot be computed: CancelledError"),
        ("faces:endless", "faces:endless is not defined for these test texts"),
        ("faces:none", "faces:none is not defined for these test texts"),
    ],
)
def test_a_metric_that_the_texts_do_not_give_is_refused_before_anything_runs(
    workspace: Workspace, name: str, told: str
) -> None:
    (workspace.root / "faces.py").write_text(FILES["faces.py"], encoding="utf-8")
    changes = (f"compare.metric={name}", "data.split.train=50")
    with pytest.raises(InputError, match=rf"^--set compare.metric={name}: compare.metric: {told}"):
        preflight(loaded(workspace, *changes), workspace)


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("nan", []),
        ("inf if (given == given[0]).all() else (gold == given).mean()", ["tfidf"]),
        ("inf if len(gold) % 2 else (gold == given).mean()", ["majority", "tfidf"]),
    ],
)
def test_where_it_is_not_defined_methods_are_not_compared_and_the_report_says_so(
    workspace: Workspace, value: str, left: list[str]
) -> None:
    """For any answers, for constant ones, without one of the texts."""
    with (workspace.root / "faces.py").open("w", encoding="utf-8") as file:
        file.write(
            FILES["faces.py"] + f"from math import inf, nan\nodd = replace(x, function=lambda gold, given: {value})\n"
        )
    changes = ["methods.tfidf.min_texts=1", "compare.metric=faces:odd"]
    shown = view("params/own.yaml", workspace=workspace, changes=changes)
    assert sorted(one.name for one in shown.comparison.methods) == left
    str(shown.summary()), [one.text for one in shown.conclusions]
    said = str(shown.excluded())
    assert ("is not defined" in said) == (left != ["majority", "tfidf"])


def test_the_schema_takes_it(workspace: Workspace) -> None:
    base = {"data": {"source": "x.csv"}, "model": "m", "seeds": [1], "methods": {"full": {}}}
    validator = Draft202012Validator(experiment_schema())
    told = {
        name: validator.is_valid({**base, "compare": {"metric": name}})
        for name in (OWN, "ece", "average_precision", "acuracy")
    }
    assert told == {OWN: True, "ece": True, "average_precision": False, "acuracy": False}


def test_a_package_offers_a_metric(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "offered_metric.py").write_text(METRIC.replace("import my_prices\n", PRICES).replace("my_prices.of", "of"))
    monkeypatch.syspath_prepend(site)
    offer(monkeypatch, "bakeoff.metrics", ("price", "offered_metric:wrong_cost"))
    assert comparable("price", what="metric", where=None).name == "price"
    assert loaded(workspace, "compare.metric=price").compare.metric == "price"
    offer(monkeypatch, "bakeoff.metrics", ("mcc", "offered_metric:wrong_cost"))
    with pytest.raises(BadValue, match="entry point 'mcc' of made-up: the name is taken by bakeoff"):
        metric_named("price")


def test_two_studies_with_metrics_of_one_name_are_each_measured_by_their_own(made: Workspace, tmp_path: Path) -> None:
    """The one that was opened first took the other's numbers, without a word."""
    other = tmp_path / "other"
    shutil.copytree(made.root, other, symlinks=True)
    (other / "my_prices.py").write_text(PRICES.replace("2.0, 1.0", "4.0, 2.0"), encoding="utf-8")
    here = [StudyData.open("params/own.yaml", workspace=Workspace(root)) for root in (made.root, other)]
    first, second = (next(iter(study.comparison.methods)) for study in here)
    assert (first.name, second.name) == ("majority", "majority")
    assert first.mean > 0
    assert second.mean == pytest.approx(2 * first.mean)


def test_a_metric_that_one_class_does_not_give_is_refused_with_that_class(workspace: Workspace) -> None:
    """All runs were made, and the report told to make them."""
    rows = [(f"{text} {n}", label) for n, (text, label) in enumerate(make_texts(60))]
    kept = [("test" if n >= 40 else "validation" if n >= 24 else "train") for n in range(60)]
    lines = [
        f"{text},{'positive' if split == 'test' else label},{split}"
        for (text, label), split in zip(rows, kept, strict=True)
    ]
    (workspace.root / "one.csv").write_text("\n".join(["text,label,split", *lines]) + "\n", encoding="utf-8")
    changes = ("data={source: one.csv, split: {column: split}}", "compare.metric=auroc", "methods.tfidf.min_texts=1")
    with pytest.raises(BadValue, match="auroc is not defined for these test texts, which are all of 'positive'"):
        preflight(loaded(workspace, *changes), workspace)
