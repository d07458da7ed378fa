"""Adding up what runs cost; the timings themselves are taken in `test_new`."""

import pytest

from bakeoff.starting.calibrate import Timing


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
