from __future__ import annotations

import json
import math

import pytest

from bakeoff.errors import RunFailed
from bakeoff.execution.local import execute
from bakeoff.execution.sweep import choose, lock_choice
from bakeoff.runs.choice import Choice, Trial, label, read_choice
from bakeoff.runs.record import Quality
from bakeoff.runs.run import Request, resolve
from toy_methods import failure, leave
from toys import HEAD

NO_COMPARE = HEAD.replace("compare: {reference: steady}\n", "")
SWEPT = "methods: {steady: {kind: toy}, swept: {kind: toy, rank: [2, 4, 8, 16]}}\n"


def trials(toys, scores, *, method="swept"):
    """One trial per point of the grid; a score of None is a failed trial, NaN one whose metric is not defined."""
    experiment = toys.experiment
    made = []
    for point, score in zip(experiment.methods[method].points, scores, strict=True):
        request = Request(method=method, seed=0, role="sweep", overrides=point)
        run = resolve(request, experiment, workspace=toys.workspace)
        if score is None:
            record = leave(run, toys.workspace, status="failed", error=failure(), validation=None)
        elif math.isnan(score):
            record = leave(run, toys.workspace, validation=Quality(metrics={}, per_class={}, confusion=()))
        else:
            record = leave(run, toys.workspace, accuracy=score)
        made.append(Trial(point, run.run_id, record))
    return made


def chosen(toys, scores):
    return choose(toys.experiment, toys.experiment.methods["swept"], trials(toys, scores))


def test_points_are_the_product_with_the_last_key_fastest(toys):
    toys.write("methods: {steady: {kind: toy}, swept: {kind: toy, rank: [1, 2], schedule: [linear, cosine]}}\n")
    assert toys.experiment.methods["swept"].points == [
        {"rank": 1, "schedule": "linear"},
        {"rank": 1, "schedule": "cosine"},
        {"rank": 2, "schedule": "linear"},
        {"rank": 2, "schedule": "cosine"},
    ]
    assert label({"a": 1, "b": "x"}) == "a=1, b=x"


@pytest.mark.parametrize(
    "pair", [(1, "1"), (None, "None"), (True, "True"), ((1,), "(1,)"), (0.5, "0.5"), (-1.0, "-1.0")]
)
def test_no_two_points_are_spelled_alike(pair):
    """A trial was lost under the name of another."""
    assert len({label({"a": value}) for value in pair}) == 2
    assert label({"a": "x, b=1", "b": "y"}) != label({"a": "x", "b": "1, b=y"})
    assert label({"a": "query+value", "b": "./models/tiny"}) == "a=query+value, b=./models/tiny"


def test_best_on_validation_wins(toys):
    toys.write(SWEPT)
    choice = chosen(toys, [0.6, 0.7, 0.9, 0.8])
    assert choice.chosen == {"rank": 8}
    assert choice.validation == {"rank=2": 0.6, "rank=4": 0.7, "rank=8": 0.9, "rank=16": 0.8}
    assert (choice.tied, choice.at_edge, choice.left_out) == ((), (), {})


@pytest.mark.parametrize(
    ("scores", "value", "edge", "tied"),
    [
        ([0.9, 0.7, 0.9, 0.8], 2, ("rank",), ("rank=8",)),
        ([0.5, 0.5, 0.5, 0.5], 2, ("rank",), ("rank=4", "rank=8", "rank=16")),
        ([0.1, 0.2, 0.3, 0.4], 16, ("rank",), ()),
        ([0.1, 0.4, 0.4, 0.1], 4, (), ("rank=8",)),
    ],
)
def test_ties_go_to_the_first_and_edges_are_named(toys, scores, value, edge, tied):
    toys.write(SWEPT)
    choice = chosen(toys, scores)
    assert (choice.chosen, choice.at_edge, choice.tied) == ({"rank": value}, edge, tied)


def test_words_have_no_edge(toys):
    toys.write("methods: {steady: {kind: toy}, swept: {kind: toy, schedule: [linear, cosine]}}\n")
    assert chosen(toys, [0.1, 0.2]).at_edge == ()


def test_failed_trials_are_left_out_by_name(toys):
    toys.write(SWEPT)
    choice = chosen(toys, [0.6, None, 0.5, None])
    assert choice.chosen == {"rank": 2}
    assert choice.left_out == {"rank=4": "ValueError: no luck", "rank=16": "ValueError: no luck"}
    assert "rank=4" not in choice.validation


def test_all_failed_says_so_with_the_reasons(toys):
    toys.write(SWEPT)
    with pytest.raises(RunFailed, match=r"no trial of its sweep has a result .*rank=2: ValueError: no luck"):
        chosen(toys, [None] * 4)


def test_test_scores_are_never_looked_at(toys):
    toys.write(SWEPT)
    made = trials(toys, [0.6, 0.7, 0.9, 0.8])
    best_on_test = made[0].record.model_copy(
        update={"test": made[0].record.validation.model_copy(update={"metrics": {"accuracy": 1.0}})}
    )
    made[0] = Trial(made[0].point, made[0].run_id, best_on_test)
    assert choose(toys.experiment, toys.experiment.methods["swept"], made).chosen == {"rank": 8}


def test_the_declared_metric_decides(toys):
    experiment = toys.write(SWEPT + "compare: {metric: macro_f1, reference: steady}\n", head=NO_COMPARE)
    made = trials(toys, [0.6, 0.7, 0.8, 0.9])
    metrics = {"accuracy": 0.1, "macro_f1": 0.99}
    quality = made[1].record.validation.model_copy(update={"metrics": metrics})
    made[1] = Trial(made[1].point, made[1].run_id, made[1].record.model_copy(update={"validation": quality}))
    assert choose(experiment, experiment.methods["swept"], made).chosen == {"rank": 4}


def test_a_locked_choice_is_read_back(toys):
    experiment = toys.write(SWEPT)
    choice = chosen(toys, [0.6, 0.7, 0.9, 0.8])
    lock_choice(choice, "toy", workspace=toys.workspace)
    assert read_choice(experiment, "swept", workspace=toys.workspace) == choice
    sweep = choice.sweep()
    assert (sweep.metric, sweep.chosen, sweep.grid) == ("accuracy", {"rank": 8}, {"rank": (2, 4, 8, 16)})
    assert len(sweep.trials) == 4


def test_another_grid_or_metric_unlocks_it(toys):
    toys.write(SWEPT)
    lock_choice(chosen(toys, [0.6, 0.7, 0.9, 0.8]), "toy", workspace=toys.workspace)
    other = toys.write(SWEPT.replace("8, 16", "8"))
    assert read_choice(other, "swept", workspace=toys.workspace) is None
    other = toys.write(SWEPT + "compare: {metric: macro_f1, reference: steady}\n", head=NO_COMPARE)
    assert read_choice(other, "swept", workspace=toys.workspace) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"method": "swept"}'])
def test_a_broken_choice_file_is_no_choice(toys, content):
    experiment = toys.write(SWEPT)
    file = toys.workspace.choice_file("toy", "swept")
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert read_choice(experiment, "swept", workspace=toys.workspace) is None


def test_a_choice_that_is_not_the_best_of_its_own_scores_is_none(toys):
    toys.write(SWEPT)
    experiment = toys.experiment
    lock_choice(chosen(toys, [0.6, 0.7, 0.9, 0.9]), "toy", workspace=toys.workspace)
    file = toys.workspace.choice_file("toy", "swept")
    locked = json.loads(file.read_text("utf-8"))
    assert locked["chosen"] == {"rank": 8}
    for other in (2, 16, 99):
        file.write_text(json.dumps({**locked, "chosen": {"rank": other}}), "utf-8")
        assert read_choice(experiment, "swept", workspace=toys.workspace) is None
    file.write_text(json.dumps(locked), "utf-8")
    assert read_choice(experiment, "swept", workspace=toys.workspace).chosen == {"rank": 8}


def test_it_stands_only_for_exactly_its_trials(toys):
    toys.write(SWEPT)
    made = trials(toys, [0.6, None, 0.9, 0.8])
    choice = choose(toys.experiment, toys.experiment.methods["swept"], made)
    assert choice.stands_for(made)
    assert not choice.stands_for(made[:3])
    assert not choice.stands_for([Trial(made[0].point, "another", made[0].record), *made[1:]])
    mended = trials(toys, [0.6, 0.95, 0.9, 0.8])
    assert not choice.stands_for(mended), "a trial that has a result now was not looked at"
    assert isinstance(choice, Choice)


def test_a_trial_whose_metric_is_not_defined_is_left_out(toys):
    """Precision, where a trial never predicts the class: the whole run ended there, and every later one."""
    toys.write(SWEPT)
    made = trials(toys, [0.6, math.nan, 0.7, 0.8])
    choice = choose(toys.experiment, toys.experiment.methods["swept"], made)
    assert (choice.chosen, choice.undefined) == ({"rank": 16}, ("rank=4",))
    assert choice.left_out == {"rank=4": "accuracy is not defined on its validation predictions"}
    assert choice.stands_for(made)
    lock_choice(choice, "toy", workspace=toys.workspace)
    assert read_choice(toys.experiment, "swept", workspace=toys.workspace) == choice
    with pytest.raises(RunFailed, match="rank=2: accuracy is not defined on its validation predictions; rank=4"):
        chosen(toys, [math.nan] * 4)


def test_a_sweep_without_any_score_is_blocked_and_the_others_go_on(toys):
    experiment = toys.write("methods: {swept: {kind: toy, rank: [2, 4]}, steady: {kind: toy}}\n")
    trials(toys, [math.nan, math.nan])
    summary = execute(experiment, toys.workspace)
    assert summary.finished == 4
    assert {reason for reason in summary.without_result.values() if "is not defined" in reason}
    assert all(name.startswith("swept") for name in summary.without_result)
