"""Each seed draws its own training texts: what runs, records, plans and reports make of it, on real runs."""

from collections import defaultdict

import pytest

from bakeoff.data.schema import SplitFacts
from bakeoff.errors import BadValue
from bakeoff.execution.plan import plan
from bakeoff.execution.preflight import preflight
from bakeoff.execution.sweep import choose, lock_choice
from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.train import TrainingRun
from bakeoff.report.build import view
from bakeoff.runs.record import read_records
from bakeoff.runs.run import Request, resolve
from bakeoff.system.workspace import Workspace
from columns import column
from prose import plain
from tiny import make_texts

YAML = """\
data: {source: texts.csv, split: {train: 60, validation: 30, test: 60, resample: train}}
model: none
seeds: [1, 2, 3]
methods: {majority: {}, tfidf: {min_texts: [4, 1]}, fixed: {kind: tfidf}}
compare: {reference: tfidf}
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("draws")
    for folder in ("notebooks", "params"):
        (root / folder).mkdir()
    (root / "notebooks" / "train.ipynb").touch()
    rows = "".join(f"{text} {n},{label}\n" for n, (text, label) in enumerate(make_texts(300)))
    (root / "texts.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    (root / "params" / "draws.yaml").write_text(YAML, encoding="utf-8")
    made = Workspace(root)
    experiment = loaded(made)
    preflight(experiment, made)
    for item in plan(experiment, made).to_do:
        train(item.run, made)
    ((name, _), trials), = plan(experiment, made).undecided.items()  # fmt: skip
    lock_choice(choose(experiment, experiment.methods[name], trials), "draws", workspace=made)
    for item in plan(experiment, made).to_do:
        train(item.run, made)
    return made


def loaded(workspace: Workspace, *changes: str):
    return load_experiment(workspace.root / "params" / "draws.yaml", shown_as="params/draws.yaml", changes=changes)


def train(run, workspace: Workspace) -> None:
    made = TrainingRun(run, loaded(workspace), workspace=workspace)
    made.load_data()
    made.build_model()
    made.fit()
    made.finish()


def facts(workspace: Workspace) -> dict[int, dict[str, SplitFacts]]:
    """Return seed -> run id -> what the run was trained on."""
    found = defaultdict(dict)
    for record in read_records(workspace.runs_folder("draws")):
        found[record.seed][record.run_id] = record.inputs.splits["train"]
    return found


def test_runs_of_one_seed_share_their_training_texts_and_seeds_do_not(workspace: Workspace) -> None:
    found = facts(workspace)
    assert {seed: len(runs) for seed, runs in found.items()} == {0: 2, 1: 3, 2: 2, 3: 2}, "majority is run once"
    hashes = {seed: {one.item_ids_sha256 for one in runs.values()} for seed, runs in found.items()}
    assert all(len(one) == 1 for one in hashes.values())
    assert len(set.union(*hashes.values())) == 4, "a sweep's seed draws texts of its own"
    assert {(one.n, one.pool_n, tuple(one.labels.values())) for runs in found.values() for one in runs.values()} == {
        (60, 210, (30, 30))
    }
    records = read_records(workspace.runs_folder("draws"))
    assert {record.inputs.overlap["train/test"] for record in records} == {0}
    assert len({record.inputs.comparability_sha256 for record in records}) == 1
    assert {record.method: record.deterministic for record in records} == {
        "majority": True,
        "tfidf": False,
        "fixed": False,
    }


def test_a_plan_asks_for_every_seed_and_knows_what_a_fixed_draw_changes(workspace: Workspace) -> None:
    states = [(item.name, item.state) for item in plan(loaded(workspace), workspace).items]
    assert ("majority seed 1", "finished") in states
    assert [name for name, _ in states if name.startswith("fixed")] == [f"fixed seed {seed}" for seed in (1, 2, 3)]
    assert {state for _, state in states} == {"finished"}
    without = plan(loaded(workspace, "data.split.resample=null"), workspace)
    fixed = {item.name: (item.state, item.reason) for item in without.items if item.name.startswith("fixed")}
    assert fixed == {"fixed seed 1": ("stale", "data.split.resample: train is now unset")}


def test_a_report_says_what_its_intervals_count(workspace: Workspace) -> None:
    shown = view("params/draws.yaml", workspace=workspace)
    found = {one.name: one for one in shown.comparison.methods}
    assert {name: (one.fixed, len(one.by_seed)) for name, one in found.items()} == {
        "majority": (True, 1),
        "tfidf": (False, 3),
        "fixed": (False, 3),
    }
    assert found["fixed"].seed_sd > 0
    assert shown.comparison.pair("fixed", "tfidf").seeds == (1, 2, 3)
    said = plain(" ".join(one.text for one in shown.conclusions))
    assert "Between runs, which differ in seed and training texts, the accuracy of a trained method has" in said
    assert (
        "Intervals and tests count that other seeds, test texts and training texts could have been drawn. "
        "Each seed drew its own 60 training texts from 210, the same for every method. Two such draws have about 29 % "
        "of their texts in common. Training texts from elsewhere would move the results further."
    ) in said
    assert "all runs learned from the same ones" not in said
    assert "which no seed changes" not in said
    assert "Each seed drew its own training texts, from 210; those of seed 1 are shown." in shown.splits().note
    assert column(shown.splits(), "train")["from"] == "drawn by the seed, from 210 texts"
    assert shown.facts()["Seeds"] == "3 seeds"
    compared = "Compared are seeds 1, 2, 3, each with training texts of its own. Settings were searched with seed 0."
    assert compared in str(shown.question())
    noise = shown.noise()
    assert column(noise, "between runs")["majority"] == "–"
    assert noise.note.startswith("Between runs, which differ in seed and training texts: ")
    assert "other training texts from the same ones" in shown.pairs()[0].note


def test_the_texts_behind_a_report_are_found_though_no_run_has_the_draw_of_another(workspace: Workspace) -> None:
    shown = view("params/draws.yaml", workspace=workspace)
    sha256 = shown.study.contenders[0].comparability
    assert len(shown.study.texts(sha256)) == 60
    assert not shown.study.texts("0" * 64)
    assert {one.comparability for one in shown.study.contenders} == {sha256}


def test_a_run_by_hand_draws_by_its_seed(workspace: Workspace) -> None:
    run = resolve(Request(method="fixed", seed=2), loaded(workspace), workspace=workspace)
    again = TrainingRun(run, loaded(workspace), workspace=workspace)
    again.load_data()
    (known,) = {one.item_ids_sha256 for one in facts(workspace)[2].values()}
    assert again.splits.facts()["train"].item_ids_sha256 == known
    assert run.run_id in facts(workspace)[2]


def test_what_could_not_be_drawn_is_refused_before_anything_runs(workspace: Workspace) -> None:
    with pytest.raises(BadValue, match=r"data\.split\.resample: train has 210 of the 210 texts") as caught:
        preflight(loaded(workspace, "data.split.train=210"), workspace)
    assert "params/draws.yaml" in str(caught.value)
