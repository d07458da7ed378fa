"""Meters and counts."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from bench import Bench, accuracy

from bakeoff.tuning.cost import Meter, count, resident_bytes
from bakeoff.tuning.trainee import prepare

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_each_parameter_counts_once() -> None:
    one = torch.nn.Parameter(torch.zeros(3, 4))
    assert count([one, one, torch.nn.Parameter(torch.zeros(5))]) == 17


def test_phases_add_up() -> None:
    meter = Meter()
    for _ in range(2):
        with meter.phase("train"):
            time.sleep(0.01)
    assert 0.02 <= meter.seconds["train"] < 1
    assert "validation" not in meter.seconds


@LINUX
def test_the_peak_is_that_of_the_phase() -> None:
    meter = Meter()
    with meter.phase("big"):
        np.ones(30_000_000).sum()
    with meter.phase("small"):
        pass
    big, small = meter.peak("rss", "big"), meter.peak("rss", "small")
    assert big is not None
    assert small is not None
    assert big - small > 150_000_000
    assert meter.peak("rss", "never") is None
    assert meter.peak("gpu_allocated", "never") is None


def test_unknown_memory_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from bakeoff.tuning import cost

    monkeypatch.setattr(cost, "STATUS", tmp_path / "none")
    monkeypatch.setattr(cost, "RESET", tmp_path / "none" / "none")
    meter = Meter()
    with meter.phase("train"):
        pass
    assert resident_bytes() is None
    assert meter.peak("rss", "train") is None


def test_validation_is_no_part_of_training(bench: Bench) -> None:
    def slow(gold, predicted, logits):
        time.sleep(0.3)
        return accuracy(gold, predicted, logits)

    trainee = prepare(bench.run("full", epochs=2), bench.splits)
    assert trainee.cost.params_total
    assert trainee.cost.train_s is None
    start = time.monotonic()
    trainee.fit(bench.folder("a"), slow, show_bar=False)
    whole = time.monotonic() - start
    cost = trainee.cost
    assert cost.validation_s > 0.6
    assert cost.train_s < whole - 0.6
    assert cost.train_tokens_per_s == pytest.approx(trainee.training.tokens_real / cost.train_s)
    assert cost.gpu_peak_allocated_train_bytes is None or torch.cuda.is_available()


def test_frozen_encoders_read_each_text_once(bench: Bench) -> None:
    probe, full = (prepare(bench.run(kind, epochs=3), bench.splits) for kind in ("linear_probe", "full"))
    for trainee in (probe, full):
        trainee.fit(bench.folder(trainee.run.kind), accuracy, show_bar=False)
    assert full.training.tokens_real == 3 * probe.training.tokens_real
    assert full.training.tokens_padded >= full.training.tokens_real
