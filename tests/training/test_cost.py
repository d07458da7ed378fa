"""Meters and counts."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from bakeoff.training.cost import TRAIN, Meter, count, resident_bytes
from bakeoff.training.run import prepare
from bench import Bench, accuracy

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_each_parameter_counts_once() -> None:
    one = torch.nn.Parameter(torch.zeros(3, 4))
    assert count([one, one, torch.nn.Parameter(torch.zeros(5))]) == 17


def test_phases_add_up() -> None:
    meter = Meter()
    for _ in range(2):
        with meter.phase("train"):
            time.sleep(0.01)
    assert 0.02 <= meter.seconds["train"] < 10
    assert "validation" not in meter.seconds


def test_processor_time_is_that_of_all_threads_and_waiting_is_none() -> None:
    meter = Meter()
    with meter.phase("wait"):
        time.sleep(0.2)
    with meter.phase("work"):
        threads = [threading.Thread(target=_work_for, args=(0.2,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert meter.processor("wait") < 0.1
    assert meter.processor("work") > 0.4


def _work_for(seconds: float) -> None:
    """Use so much of the processor in this thread, however long it has to wait for it."""
    start = time.thread_time()
    while time.thread_time() - start < seconds:
        pass


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


def test_memory_is_sampled_where_the_system_keeps_no_peak(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from bakeoff.training import cost

    monkeypatch.setattr(cost, "STATUS", tmp_path / "none")
    monkeypatch.setattr(cost, "RESET", tmp_path / "none" / "none")
    meter = Meter()
    with meter.phase("big"):
        held = np.ones(30_000_000)
        time.sleep(0.2)
        del held
    with meter.phase("small"):
        pass
    assert resident_bytes() > 50 * 2**20
    assert resident_bytes("VmHWM") is None
    assert meter.peak("rss", "big") - meter.peak("rss", "small") > 150_000_000


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


def test_a_resumed_run_counts_the_vectors_of_its_last_attempt_only() -> None:
    first, second = Meter(), Meter()
    first.seconds.update({"train vectors": 10.0, "train": 2.0, "load": 1.0})
    first.worked.update({"train vectors": 18.0, "train": 3.0, "load": 1.0})
    second.seconds["train vectors"], second.worked["train vectors"] = 11.0, 19.0
    second.restore(first.state())
    second.seconds["train"] += 3.0
    second.worked["train"] += 5.0
    assert second.spent(*TRAIN) == 11.0 + 2.0 + 3.0
    assert second.processor(*TRAIN) == 19.0 + 3.0 + 5.0
    assert second.spent("load") is second.processor("load") is None


def test_vectors_of_a_frozen_encoder_are_part_of_training(bench: Bench) -> None:
    trainee = prepare(bench.run("linear_probe"), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    seconds = trainee.meter.seconds
    assert trainee.cost.train_s == pytest.approx(seconds["train vectors"] + seconds["train"])
    assert trainee.cost.train_s == pytest.approx(trainee.training.history[-1].elapsed_s)
    assert trainee.cost.validation_s == pytest.approx(seconds["validation vectors"] + seconds["validation"])
    worked = trainee.meter.worked
    assert trainee.cost.train_cpu_s == pytest.approx(worked["train vectors"] + worked["train"])


@pytest.mark.parametrize("kind", ["full", "tfidf"])
def test_the_time_per_text_is_from_text_to_scores(bench: Bench, kind: str) -> None:
    trainee = prepare(bench.run(kind), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    trainee.predict("test")
    read = trainee.meter.seconds.get("test tokenize", 0.0)
    assert (read > 0) == (kind == "full")
    assert trainee.cost.inference_ms_per_item == pytest.approx(1000 * (read + trainee.cost.test_s) / 30)
    assert (trainee.cost.tokenize_s or 0.0) >= read
    worked = trainee.meter.worked
    assert trainee.cost.inference_cpu_s == pytest.approx(worked.get("test tokenize", 0.0) + worked["test"])
    assert trainee.cost.inference_cpu_s > 0


@pytest.mark.parametrize("kind", ["tfidf", "nbsvm"])
def test_the_time_of_training_holds_no_imports(kind: str, tmp_path: Path) -> None:
    """By papermill, in a kernel that nothing has warmed, they took thirty times as long as the fit itself."""
    code = f"""
import sys
import numpy as np
from bakeoff.methods.registry import method
found = method({kind!r})
found.import_all()
before = set(sys.modules)
labels = np.arange(40) % 2
config = found.Config(min_texts=1)
found().fit([f"word{{n % 2}} text{{n}}" for n in range(40)], labels, n_classes=2, config=config, seed=1)
print([name for name in sys.modules.keys() - before if name.count(".") < 2 and name.startswith(("sklearn", "scipy"))])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"
