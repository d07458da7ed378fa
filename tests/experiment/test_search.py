"""`tune:`: how many settings are tried, where in their ranges they lie, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from bakeoff.errors import BadValue, InputError, UnknownName
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.search import Tune, tuning_of
from bakeoff.methods.baselines.tfidf import Tfidf
from bakeoff.methods.registry import TABLE, method

HEAD = """\
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/one
seeds: [41, 42, 43]
"""
METHODS = "methods: {majority: {}, full: {}, lora: {rank: 4}, untrained: {}}\n"
RATE = "over: {learning_rate: [1.0e-5, 1.0e-3]}"


@pytest.fixture
def load(tmp_path):
    def loaded(text, **given):
        file = tmp_path / "x.yaml"
        file.write_text(HEAD + text)
        return load_experiment(file, **given)

    return loaded


def rates(entry):
    return [point["learning_rate"] for point in entry.points]


def test_every_trained_method_gets_the_same_number_of_trials(load):
    found = load("tune: {trials: 6}\n" + METHODS)
    assert {name: len(entry.points) for name, entry in found.methods.items()} == {
        "majority": 0, "full": 6, "lora": 6, "untrained": 0,
    }  # fmt: skip
    assert set(found.methods["full"].sweep) == {"learning_rate"}
    assert set(found.methods["lora"].sweep) == {"learning_rate", "rank"}, "a method's own space"
    assert found.methods["lora"].declared == {"learning_rate": 1e-3, "rank": 4}
    assert "rank" not in found.methods["lora"].options


def test_points_lie_in_the_range_evenly_by_their_logarithm(load):
    found = load(f"tune: {{trials: 8, {RATE}}}\n{METHODS}")
    tried = np.log10(rates(found.methods["full"]))
    assert ((tried >= -5) & (tried <= -3)).all()
    assert np.diff(np.sort(tried)) == pytest.approx(0.25, abs=0.01)
    assert rates(found.methods["lora"]) == rates(found.methods["full"]), "one row for the same range"
    assert found.methods["lora"].options == {"rank": 4}


def test_they_depend_on_the_tuning_seed_alone(load):
    text = f"tune: {{trials: 8, {RATE}}}\n{METHODS}"
    first = load(text).methods["full"].points
    assert load(text).methods["full"].points == first == load(text, changes=["seeds=[41]"]).methods["full"].points
    assert load(text, changes=["tuning_seed=7"]).methods["full"].points != first
    more = load(text, changes=["tune.trials=12"]).methods["full"].points
    assert more[:8] == first, "more trials keep those that were run"


def test_numbers_are_short_and_distinct(load):
    text = "methods: {full: {}, lora: {tune: {trials: 32, over: {rank: [1, 32], dropout: [0, 0.3]}}}}\n"
    points = load(text).methods["lora"].points
    assert len({str(point) for point in points}) == 32
    assert all(isinstance(point["rank"], int) and 1 <= point["rank"] <= 32 for point in points)
    assert all(0 <= point["dropout"] <= 0.3 and len(f"{point['dropout']:g}") <= 8 for point in points)
    ranks = load("methods: {full: {}, lora: {tune: {trials: 4, over: {rank: [1, 4]}}}}\n").methods["lora"].points
    assert sorted(point["rank"] for point in ranks) == [1, 2, 3, 4]


def test_a_list_is_drawn_from_as_well(load):
    found = load(f"tune: {{trials: 8, {RATE}}}\nmethods: {{full: {{}}, lora: {{rank: [2, 16]}}}}\n")
    points = found.methods["lora"].points
    assert len(points) == 8
    assert {point["rank"] for point in points} == {2, 16}
    plain = load("methods: {full: {}, lora: {rank: [2, 16]}}\n").methods["lora"]
    assert (plain.tuning, plain.points) == (None, [{"rank": 2}, {"rank": 16}]), "without tune it stays a grid"


def test_a_grid_takes_even_steps(load):
    found = load("tune: {trials: 8, search: grid}\nmethods: {full: {}, lora: {}}\n")
    assert rates(found.methods["full"])[::7] == [5e-6, 5e-4]
    assert np.diff(np.log(rates(found.methods["full"]))) == pytest.approx(np.log(100) / 7, rel=0.01)
    points = found.methods["lora"].points
    assert len({point["learning_rate"] for point in points}) == 4
    assert {point["rank"] for point in points} == {2, 32}


def test_a_method_overrides_the_file_key_by_key(load):
    found = load(
        f"tune: {{trials: 8, {RATE}}}\n"
        "methods: {full: {tune: false}, lora: {tune: {trials: 4}}, prefix: {tune: {over: {virtual_tokens: [2, 20]}}}}\n"
    )
    assert found.methods["full"].points == []
    assert len(found.methods["lora"].points) == 4
    assert set(found.methods["lora"].sweep) == {"learning_rate"}
    assert (set(found.methods["prefix"].sweep), len(found.methods["prefix"].points)) == ({"virtual_tokens"}, 8)


def test_names_alone_stand_for_each_method_s_own_range(load):
    found = load("tune: {trials: 4, over: [learning_rate]}\nmethods: {full: {}, lora: {}, tfidf: {}}\n")
    assert found.methods["full"].tuning.space == {"learning_rate": (5e-6, 5e-4)}
    assert found.methods["lora"].tuning.space == {"learning_rate": (1e-4, 1e-2)}
    assert found.methods["tfidf"].tuning is None
    with pytest.raises(UnknownName, match=r"tune\.over\.learning_rat: .*did you mean 'learning_rate'"):
        load("tune: {over: [learning_rat]}\nmethods: {full: {}}\n")
    with pytest.raises(UnknownName, match=r"methods\.full\.tune\.over\.rank"):
        load("methods: {full: {tune: {over: [rank]}}}\n")
    with pytest.raises(BadValue, match=r"tune\.over"):
        load("tune: {over: []}\nmethods: {full: {}}\n")


def test_a_row_at_declared_settings(load):
    found = load(
        "tune: {trials: 4, also_default: true}\n"
        "methods: {majority: {}, full: {}, lora: {kind: lora, learning_rate: 2.0e-3, rank: [4, 8], alpha: 16}}\n"
    )
    assert list(found.methods) == ["majority", "full", "full_default", "lora", "lora_default"]
    plain = found.methods["lora_default"]
    assert (plain.kind, plain.default_of, plain.points, plain.tuning) == ("lora", "lora", [], None)
    assert plain.options == {"learning_rate": 2e-3, "alpha": 16}
    assert found.methods["lora"].declared == {"learning_rate": 2e-3, "rank": 8}
    assert load("methods: {full: {}}\n").methods["full"].default_of is None


def test_a_method_may_declare_its_range_by_whole_numbers():
    class Config(Tfidf.Config):
        @classmethod
        def search_space(cls):
            return {"ngrams": (1, 3), "inverse_penalty": (1, 10)}

    tuning = tuning_of(Tune(trials=4), Config, choices={}, path=["tune"], where=lambda _: None)
    assert tuning.space == {"ngrams": (1.0, 3.0), "inverse_penalty": (1.0, 10.0)}


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_declared_ranges_hold_what_a_method_takes(kind):
    config = method(kind).Config
    for name, (low, high) in config.search_space().items():
        whole = isinstance(config.model_fields[name].default, int)
        assert low < config.model_fields[name].default < high, "the usual value lies inside"
        for end in (low, high):
            config(**{name: int(end) if whole else end})


@pytest.mark.parametrize(
    ("tune", "says"),
    [
        ("{trials: 0}", "tune.trials: 0 cannot be used: it should be at least 2"),
        ("{trials: 5000}", "tune.trials: 5000 cannot be used: it should be at most 1000"),
        ("{trials: many}", "tune.trials: 'many' cannot be used: it should be a whole number"),
        ("5", "tune: 5 is not a mapping of keys"),
        ("{over: acc}", "tune.over: 'acc' cannot be used: it should be a"),
        ("{over: {learning_rate: [1.0e-3, 1.0e-5]}}", "tune.over.learning_rate: .* first number .* below the second"),
        ("{over: {learning_rate: [1.0e-3, 1.0e-3]}}", "tune.over.learning_rate: .* below the second"),
        ("{over: {learning_rate: [1.0e-3]}}", r"should be a range of numbers: \[low, high\]"),
        ("{over: {learning_rate: [a, b]}}", r"should be a range of numbers: \[low, high\]"),
        ("{over: {learning_rate: 1.0e-3}}", r"should be a range of numbers: \[low, high\]"),
        ("{over: {learning_rate: [.nan, 1]}}", r"should be a range of numbers: \[low, high\]"),
        ("{over: {learning_rate: [0, 1.0e-3]}}", "its scale is logarithmic, and 0 has no place on it"),
        ("{over: {weight_decay: [0, 0.1]}}", "its scale is logarithmic, and 0 has no place on it"),
        ("{over: {warmup_share: [0, 1]}}", "tune.over.warmup_share: 1.0 cannot be used: it should be below 1"),
        ("{over: {epochs: [1.5, 3]}}", "tune.over.epochs: 1.5 cannot be used: it should be a whole number"),
        ("{over: {schedule: [1, 2]}}", "schedule is no number; list its values under methods.NAME.schedule"),
        ("{over: {}}", "tune.over"),
        ("{trials: 8, over: {epochs: [1, 3]}}", "8 trials are more than the 3 different settings of epochs"),
        ("{trials: 7, search: grid, over: {learning_rate: [1.0e-5, 1.0e-3], dropout: [0, 0.5]}}", "7 trials make no"),
        (
            "{trials: 8, over: {learning_rate: [1.0e-3, 1.002e-3]}}",
            "8 trials are more than the . settings of learning_rate that differ in three digits; .*, or wider ranges",
        ),
        ("{trials: 8, search: grid, over: {epochs: [1, 9], rank: [2, 3]}}", None),
        ("{trials: 12, search: grid, over: {dropout: [0, 0.5], rank: [2, 3]}}", None),
    ],
)
def test_what_cannot_be_searched(load, tune, says):
    if says is None:
        load(f"tune: {tune}\nmethods: {{full: {{tune: false}}, lora: {{}}}}\n")
        return
    with pytest.raises(BadValue, match=says) as caught:
        load(f"tune: {tune}\nmethods: {{lora: {{}}, full: {{tune: false}}}}\n")
    assert "line 4" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tune: {trails: 8}\n" + METHODS, "line 4: tune.trails: unknown key.*did you mean 'trials'"),
        ("tune: {search: random}\n" + METHODS, "tune.search.*quasi_random"),
        ("tune: {over: {learning_rat: [1, 2]}}\n" + METHODS, "did you mean 'learning_rate'"),
        ("methods: {full: {tune: {over: {rank: [1, 2]}}}}\n", "methods.full.tune.over.rank"),
        ("methods: {full: {tune: {trial: 4}}}\n", "methods.full.tune.trial.*'trials'"),
    ],
)
def test_names_nobody_knows(load, text, says):
    with pytest.raises(UnknownName, match=says):
        load(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("methods: {full: {tune: true}}\n", "methods.full.tune: true is not a mapping"),
        ("methods: {full: {}, majority: {tune: {trials: 4}}}\n", "methods.majority.tune: the method declares no range"),
        (
            "methods: {full: {}, lora: {rank: [2, 4], tune: {over: {rank: [2, 8]}}}}\n",
            "rank has a list of values already",
        ),
        ("tune: {}\nmethods: {full: {tune: false}}\n", "line 4: tune: no method is tuned"),
        ("tune: {over: {rank: [2, 8]}}\nmethods: {full: {}, lora: {tune: false}}\n", "no method of this file has one"),
        (
            "tune: {also_default: true}\nmethods: {full: {}, full_default: {kind: full, tune: false}}\n",
            "line 5: methods.full_default: the row of full at its declared settings is called full_default",
        ),
        (f"tune: {{also_default: true}}\nmethods: {{full: {{}}, {'l' * 60}: {{kind: lora}}}}\n", "choose another name"),
    ],
)
def test_methods_that_cannot_be_tuned_so(load, text, says):
    with pytest.raises(InputError, match=says):
        load(text)
