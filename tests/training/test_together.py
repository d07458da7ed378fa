"""Several processes that train one model: the same as one of them would, told when one ends, ended all at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from pydantic import ValidationError

from bakeoff.data.schema import Split
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import load_splits
from bakeoff.errors import BadValue, Diverged
from bakeoff.methods.registry import method
from bakeoff.runs.record import read_records
from bakeoff.training.cost import combined
from bakeoff.training.learner import Trainee
from bakeoff.training.run import prepare
from bakeoff.training.together.launch import launch
from bakeoff.training.together.team import ProcessDied, ProcessFailed, Team
from bench import Bench, accuracy
from clusters import EXPERIMENT, lay_out, made
from tiny import save_tiny

SETTINGS = {"batch_size": 8, "threads": 1, "epochs": 2, "schedule": "cosine", "weight_decay": 0.1}
LOSS, LOGIT = 1e-5, 1e-4
"""How far losses and logits may part, relative to the largest: sums over a batch are added up in another order."""
CALLS: list[int] = []


@pytest.fixture
def without_dropout(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return a bench whose model draws no random numbers and whose last batch of an epoch has one text."""
    model = save_tiny(
        tmp_path_factory.mktemp("models") / "bert", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    data = bench.data.model_copy(update={"split": Split(train=57, validation=30, test=30)})
    splits = load_splits(data, locate_data("texts.csv", workspace=bench.workspace))
    return replace(bench, data=data, splits=splits, models={"bert": model})


def trained(bench: Bench, kind: str, name: str, evaluate: Any = accuracy, **options: Any) -> Trainee:
    trainee = prepare(bench.run(kind, **{**SETTINGS, **options}), bench.splits)
    trainee.fit(bench.folder(name), evaluate, show_bar=False)
    return trainee


def ours() -> list[psutil.Process]:
    """Return the training processes that are left."""
    return [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]


@pytest.mark.parametrize(
    ("kind", "options"),
    [("full", {"gradient_accumulation": 2}), ("adalora", {"dropout": 0.0}), ("top_layers", {"layers": 1})],
)
def test_two_train_what_one_trains(without_dropout: Bench, kind: str, options: dict[str, Any]) -> None:
    alone = trained(without_dropout, kind, "alone", **options)
    shared = trained(without_dropout, kind, "shared", processes=2, **options)
    assert shared.processes == 2
    for one, other in zip(alone.training.history, shared.training.history, strict=True):
        assert other.train_loss == pytest.approx(one.train_loss, rel=LOSS)
        assert other.validation == one.validation
    assert shared.trace.losses == pytest.approx(alone.trace.losses, rel=LOSS)
    for split in ("validation", "test"):
        scores = alone.predict(split)
        np.testing.assert_allclose(shared.predict(split), scores, rtol=0, atol=LOGIT * np.abs(scores).max())
    assert shared.trace.batch_order_sha256 == alone.trace.batch_order_sha256
    same = ("steps", "epochs", "samples_seen", "tokens_real", "effective_batch")
    assert [getattr(shared.training, name) for name in same] == [getattr(alone.training, name) for name in same]
    assert shared.training.tokens_padded < alone.training.tokens_padded
    assert shared.cost.params_trainable == alone.cost.params_trainable
    assert shared.cost.layers_run_once == alone.cost.layers_run_once
    assert shared.cost.train_s == pytest.approx(shared.training.history[-1].elapsed_s)
    assert shared.cost.train_cpu_s > 0
    assert not ours()


def test_it_goes_on_to_the_last_bit(bench: Bench) -> None:
    """With dropout: each process draws its own, which is the same again after a crash."""
    whole = trained(bench, "full", "whole", processes=2)
    with pytest.raises(ProcessFailed, match=r"training process \d of 2: RuntimeError: the power is gone"):
        trained(bench, "full", "cut", crashing, processes=2)
    assert not ours()
    resumed = trained(bench, "full", "cut", processes=2)
    assert resumed.training.resumed_from_epoch == 1
    for split in ("validation", "test"):
        np.testing.assert_array_equal(resumed.predict(split), whole.predict(split))
    assert resumed.trace == whole.trace
    assert [one.train_loss for one in resumed.training.history] == [one.train_loss for one in whole.training.history]


def crashing(gold: Any, predicted: Any, logits: Any) -> dict[str, float]:
    """Fail in the second epoch."""
    CALLS.append(1)
    if len(CALLS) > 1:
        raise RuntimeError("the power is gone")
    return accuracy(gold, predicted, logits)


@pytest.mark.skipif(sys.platform == "win32", reason="no signal ends a process there")
def test_one_that_is_killed_ends_all_and_is_named(bench: Bench) -> None:
    with pytest.raises(ProcessDied, match=r"training process 2 of 2 was ended by SIGKILL; memory that ran out"):
        trained(bench, "full", "killed", killing, processes=2)
    assert not ours()


def killing(gold: Any, predicted: Any, logits: Any) -> dict[str, float]:
    """End one of the processes as the system does where memory runs out."""
    if multiprocessing.current_process().name == "training 2 of 2":
        os.kill(os.getpid(), signal.SIGKILL)
    return accuracy(gold, predicted, logits)


def test_training_that_diverges_says_where(bench: Bench) -> None:
    with pytest.raises(Diverged) as caught:
        trained(bench, "full", "diverged", processes=2, learning_rate=1e30, max_grad_norm=1e30)
    assert caught.value.step > 1
    assert not ours()


def test_an_interrupt_ends_all(bench: Bench) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    trainee = prepare(bench.run("full", **SETTINGS, processes=2), bench.splits)
    with pytest.raises(KeyboardInterrupt):
        trainee.fit(bench.folder("interrupted"), accuracy, on_progress=stop, show_bar=False)
    assert not ours()


def resting(*, joined: Any, on_progress: Any, place: Path) -> None:
    """Say which process this is, and stay."""
    (place / str(os.getpid())).touch()
    time.sleep(600)


def test_they_end_with_a_kernel_that_is_killed(tmp_path: Path) -> None:
    here = Path(__file__)
    code = (
        f"import sys; sys.path[:0] = {[str(here.parent), str(here.parents[1] / 'support')]!r}\n"
        "from pathlib import Path; import test_together as here\n"
        f"given = {{'place': Path({str(tmp_path)!r})}}\n"
        "here.launch(here.resting, 2, given=given, on_progress=None, show_bar=False)"
    )
    kernel = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 120
    while len(list(tmp_path.iterdir())) < 2:
        assert kernel.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    kernel.kill()
    kernel.wait()
    members = [int(path.name) for path in tmp_path.iterdir()]
    while any(map(psutil.pid_exists, members)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_batch_that_cannot_be_shared_evenly_is_refused() -> None:
    config = method("full").Config
    assert config(batch_size=8, processes=4).processes == 4
    with pytest.raises(
        ValidationError, match="a batch of 8 texts cannot be shared evenly by so many; batch_size: 6 or 9"
    ):
        config(batch_size=8, processes=3)
    with pytest.raises(ValidationError, match="batch_size: 16 can"):
        config(batch_size=8, processes=16)
    assert method("linear_probe").Config(processes=2).processes is None  # solved, without the loop


def test_gpus_that_are_not_there_are_told_before_anything_is_loaded(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    with pytest.raises(
        BadValue, match="processes: 2 cannot be used: each computes on a GPU of its own, and 1 can be seen"
    ):
        prepare(bench.run("full", **SETTINGS, processes=2), bench.splits)


def test_every_row_is_somebody_s() -> None:
    rows = np.arange(11)
    parts = Team(0, 4).parts(rows)
    assert sorted(np.concatenate(parts).tolist()) == rows.tolist()
    assert [part.tolist() for part in parts] == [Team(rank, 4).part(rows).tolist() for rank in range(4)]
    assert Team(0, 4).parts(rows[:2]) == [[0], [1]]
    assert Team(3, 4).part([1, 2]) == []


def test_the_work_of_all_and_the_most_memory_of_any_counts() -> None:
    first = {"seconds": {"train": 2.0}, "worked": {"train": 1.5}, "peaks": {"train": {"rss": 10}}}
    second = {"seconds": {"train": 2.1}, "worked": {"train": 1.0}, "peaks": {"train": {"rss": 12}}}
    assert combined([first, second]) == {
        "seconds": {"train": 2.0},
        "worked": {"train": 2.5},
        "peaks": {"train": {"rss": 12}},
    }


@pytest.mark.parametrize(("seen", "own"), [(None, ["0", "1"]), ("5,3", ["5", "3"])])
def test_each_sees_a_gpu_of_its_own(monkeypatch, seen: str | None, own: list[str]) -> None:
    if seen is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    assert launch(seeing, 2, given={}, on_progress=None, show_bar=False) == own
    assert os.environ.get("CUDA_VISIBLE_DEVICES") == seen


def seeing(*, joined: Any, on_progress: Any) -> list[str]:
    """Return which GPUs each process was started with."""
    assert on_progress is not None or multiprocessing.current_process().name == "training 2 of 2"
    found: list[str] = joined().gathered(os.environ["CUDA_VISIBLE_DEVICES"])
    return found


def test_whoever_starts_them_hears_from_the_first(tmp_path: Path) -> None:
    heard: list[tuple[Any, ...]] = []
    given = {"size": 2}
    result = launch(summing, 2, given=given, on_progress=lambda *said: heard.append(said), show_bar=False)
    assert result == [0, 1]
    assert heard[-1] == (1, 1, 3, 3, 0.5)


def summing(*, joined: Any, on_progress: Any, size: int) -> list[int]:
    """Meet, and return everybody's number."""
    team = joined()
    assert team.size == size
    if on_progress:
        on_progress(1, 1, 3, 3, 0.5)
    return team.gathered(team.rank)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no signal ends a process there")
def test_a_notebook_trains_with_two_and_goes_on_where_one_was_killed(tmp_path: Path, tiny_bert: Path) -> None:
    """Through `bakeoff run` and papermill, whose kernel starts them."""
    text = EXPERIMENT.replace("[1, 2]", "[1]").split("methods:")[0] + (
        "methods:\n  full: {{epochs: 12, processes: 2}}\ncompare: {{reference: full}}\n"
    )
    workspace = lay_out(tmp_path / "work", tiny_bert, text)
    command = [sys.executable, "-P", "-m", "bakeoff", "run", "params/small.yaml", "--no-report"]
    going = subprocess.Popen(command, cwd=workspace.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    folders, deadline = workspace.runs_folder("small"), time.monotonic() + 300
    while not [file for file in folders.glob("*/epochs.jsonl") if file.stat().st_size]:
        assert going.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    there = psutil.Process(going.pid).children(recursive=True)
    members = [one for one in there if "spawn_main" in " ".join(one.cmdline())]
    assert len(members) == 2
    members[1].kill()
    told, _ = going.communicate(timeout=300)
    assert going.returncode == 1, told
    assert "ProcessDied: training process 2 of 2 was ended by SIGKILL" in told
    assert not [one for one in members if one.is_running()]
    (record,) = read_records(folders)
    assert (record.error.kind, record.error.where) == ("killed", "train")
    made(workspace, "run", "params/small.yaml", "--no-report")
    (record,) = read_records(folders)
    assert record.status == "ok"
    assert record.training.resumed_from_epoch >= 1
    assert (record.environment["processes"], record.training.effective_batch) == (2, 8)
    assert record.identity["method"]["processes"] == 2
    assert len(record.training.history) == 12


@pytest.mark.slow
def test_a_batch_that_cannot_be_shared_is_one_line_at_planning(tmp_path: Path, tiny_bert: Path) -> None:
    workspace = lay_out(tmp_path / "work", tiny_bert)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bakeoff", "plan", "params/small.yaml", "--set", "methods.full={processes: 3}"],
        cwd=workspace.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "methods.full.processes: 3 cannot be used: a batch of 8 texts cannot be shared evenly" in done.stderr
