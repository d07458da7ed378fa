"""Adding up what runs cost, and what is timed; most timings are taken in `test_new`."""

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bakeoff.data.sources import locate_data
from bakeoff.data.splits import Splits, load_splits
from bakeoff.draft.calibrate import Timing
from bakeoff.draft.estimate import _sample, calibrate, estimate
from bakeoff.execution.plan import Plan, plan
from bakeoff.experiment.load import load_experiment
from bakeoff.system.workspace import Workspace


def timing(**changes) -> Timing:
    given = {"start": 5.0, "load": 1.0, "save": 0.5, "epoch": 0.25, "tokenize": 0.001, "train": 0.02, "predict": 0.005}
    return Timing(**{**given, "epochs": 3, "frozen": False, **changes})


def test_a_run_is_the_sum_of_its_parts() -> None:
    whole = timing().seconds(train=1000, validation=100, test=200)
    assert whole == pytest.approx(5 + 1 + 0.5 + 3 * 0.25 + 1.3 + 3 * 20 + 0.005 * (3 * 100 + 200))


def test_a_frozen_encoder_reads_each_text_once() -> None:
    whole = timing(frozen=True).seconds(train=1000, validation=100, test=200)
    assert whole == pytest.approx(5 + 1 + 0.5 + 3 * 0.25 + 1.3 + 20 + 0.005 * 300)


def test_a_method_without_epochs_is_fitted_once() -> None:
    whole = timing(epochs=0, start=None).seconds(train=1000, validation=100, test=200)
    assert whole == pytest.approx(1 + 0.5 + 1.3 + 20 + 0.005 * 300)


def test_what_is_timed_sees_every_class_first() -> None:
    train = pd.DataFrame({"text": [f"text {n}" for n in range(5000)], "label": [1] + [0] * 4998 + [2]})
    sample = _sample(train)
    assert len(sample) == 1600
    assert set(sample["label"].head(3)) == {0, 1, 2}
    assert sample["text"].is_unique
    assert _sample(train.head(7))["text"].sort_values().tolist() == train["text"].head(7).tolist()


def planned_on(tmp_path: Path) -> tuple[Plan, Splits]:
    """Plan two methods without a network on 60 texts of two classes."""
    for folder in ("notebooks", "params"):
        (tmp_path / folder).mkdir()
    (tmp_path / "notebooks" / "train.ipynb").touch()
    lines = ["text,label", *(f"text {n},{n % 2}" for n in range(60))]
    (tmp_path / "few.csv").write_text("\n".join(lines), encoding="utf-8")
    file = tmp_path / "params" / "few.yaml"
    file.write_text(
        "data: {source: few.csv}\nmodel: bundled:minilm-l6\nseeds: [1]\nmethods: {majority: {}, tfidf: {}}\n"
        "compare: {reference: tfidf}\n",
        encoding="utf-8",
    )
    found = load_experiment(file)
    splits = load_splits(found.data, locate_data("few.csv", workspace=Workspace(tmp_path)))
    return plan(found, Workspace(tmp_path)), splits


def die(*_: object) -> None:
    os._exit(1)


def test_processes_that_die_cost_the_timings_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakeoff.draft.estimate._child", die)
    timings, refused, untimed = calibrate(*planned_on(tmp_path))
    assert (timings, refused, set(untimed)) == ({}, {}, {"majority", "tfidf"})
    assert untimed["tfidf"] == "a process of the calibration died, as one does where memory runs out"


@pytest.mark.slow
def test_a_timing_that_fails_says_why_and_leaves_the_others(tmp_path: Path) -> None:
    """A logistic regression cannot be fitted to one class; the majority can be counted."""
    planned, splits = planned_on(tmp_path)
    one = replace(splits, train=splits.train[splits.train["label"] == 0])
    timings, refused, untimed = calibrate(planned, one)
    assert (set(timings), refused, set(untimed)) == ({"majority"}, {}, {"tfidf"})
    assert untimed["tfidf"].startswith("ValueError: ")
    assert "\n" not in untimed["tfidf"]
    assert set(estimate(planned, timings, {"train": 10, "validation": 5, "test": 5}).by_method) == {"majority"}
