"""`search: halving`: after how many epochs trials are looked at, how many go on, and what is refused."""

from __future__ import annotations

import pytest

from bakeoff.errors import BadValue, InputError
from bakeoff.experiment.halving import epochs_in, ladder
from bakeoff.experiment.load import load_experiment
from own_code import forget, write_metric

HEAD = """\
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/one
seeds: [41, 42, 43]
defaults: {epochs: 4}
"""
METHODS = "methods: {full: {}, lora: {}, short: {kind: full, epochs: 1}, tfidf: {}, linear_probe: {}}\n"


@pytest.fixture
def load(tmp_path):
    def loaded(text):
        file = tmp_path / "x.yaml"
        file.write_text(HEAD + text)
        return load_experiment(file)

    return loaded


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"trials": 8, "epochs": 4, "factor": 2}, [(1, 8), (2, 4), (4, 2)]),
        ({"trials": 8, "epochs": 5, "factor": 2}, [(1, 8), (2, 4), (3, 2), (5, 1)]),
        ({"trials": 9, "epochs": 9, "factor": 3}, [(1, 9), (3, 3), (9, 1)]),
        ({"trials": 8, "epochs": 2, "factor": 3}, [(1, 8), (2, 2)]),
        ({"trials": 8, "epochs": 16, "factor": 2, "rungs": 2}, [(8, 8), (16, 4)]),
        ({"trials": 3, "epochs": 100, "factor": 2}, [(50, 3), (100, 1)]),
        ({"trials": 2, "epochs": 4, "factor": 3}, [(4, 2)]),
        ({"trials": 8, "epochs": 1, "factor": 2}, [(1, 8)]),
    ],
)
def test_each_rung_has_more_epochs_for_fewer_trials(given, expected):
    assert [(rung.epochs, rung.trials) for rung in ladder(**given)] == expected


def test_more_rungs_than_can_be_are_refused():
    with pytest.raises(ValueError, match="4 rungs are more than the 3 that 4 epochs and 8 trials allow"):
        ladder(trials=8, epochs=4, factor=2, rungs=4)


def test_epochs_are_those_that_are_trained():
    assert epochs_in(ladder(trials=8, epochs=4, factor=2)) == 8 * 1 + 4 * 1 + 2 * 2
    assert epochs_in(ladder(trials=4, epochs=2, factor=2)) == 6


def test_methods_without_several_epochs_are_trained_whole(load):
    found = load("tune: {trials: 8, search: halving}\n" + METHODS).methods
    rungs = {name: [(one.epochs, one.trials) for one in entry.rungs] for name, entry in found.items()}
    assert rungs == {
        "full": [(1, 8), (2, 4), (4, 2)], "lora": [(1, 8), (2, 4), (4, 2)], "short": [], "tfidf": [],
        "linear_probe": [],
    }  # fmt: skip
    plain = load("tune: {trials: 8}\n" + METHODS).methods
    assert found["full"].points == plain["full"].points, "the same quasi-random points"
    assert found["tfidf"].points == plain["tfidf"].points
    assert not plain["full"].rungs


def test_a_method_may_say_more(load):
    methods = "methods: {full: {tune: {factor: 3, rungs: 2}}, lora: {epochs: 8}, bitfit: {tune: {search: grid}}}\n"
    found = load("tune: {trials: 8, search: halving, over: [learning_rate]}\n" + methods).methods
    assert [(one.epochs, one.trials) for one in found["full"].rungs] == [(2, 8), (4, 2)]
    assert [one.epochs for one in found["lora"].rungs] == [1, 2, 4, 8]
    assert not found["bitfit"].rungs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tune: {search: halving, factor: 1}\n" + METHODS, "tune.factor"),
        ("tune: {search: halving, factor: 1.5}\n" + METHODS, "tune.factor"),
        ("tune: {search: halving, rungs: 1}\n" + METHODS, "tune.rungs"),
        ("tune: {search: halving, rungs: 4}\nmethods: {full: {}}\n", "4 rungs are more than the 3 that 4 epochs"),
        ("tune: {search: halving, rungs: 2}\n" + METHODS, "2 rungs are more than the 1 that 1 epochs"),
        ("tune: {search: halving, trials: 2, factor: 3}\nmethods: {full: {}}\n", "2 trials are fewer than 3"),
        ("tune: {search: grid, factor: 3}\n" + METHODS, "grid has no factor"),
        ("tune: {rungs: 3}\n" + METHODS, "quasi_random has no rungs"),
        ("tune: {search: half}\n" + METHODS, "tune.search"),
        ("tune: {search: halving, over: {epochs: [1, 8]}}\nmethods: {full: {}}\n", "whose number is searched"),
        ("tune: {search: halving}\nmethods: {full: {epochs: [2, 4]}}\n", "whose number is searched"),
        ("methods: {full: {}, tfidf: {tune: {search: halving}}}\n", "tfidf has no epochs"),
        ("tune: {search: halving}\nmethods: {full: {tune: false}, tfidf: {}}\n", "nothing would be stopped"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(load, text, said):
    with pytest.raises(InputError) as caught:
        load(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_metric_of_ones_own_is_not_measured_after_each_epoch(load, tmp_path):
    for name in ("notebooks", "params"):
        (tmp_path / name).mkdir()
    (tmp_path / "notebooks" / "train.ipynb").touch()
    write_metric(tmp_path)
    text = "tune: {search: halving}\nmethods: {full: {}}\ncompare: {metric: 'my_metric:wrong_cost'}\n"
    with pytest.raises(BadValue, match="needs a metric that is measured after each epoch"):
        load(text)
    assert load(text.replace("halving", "quasi_random")).compare.metric == "my_metric:wrong_cost"
    forget()
