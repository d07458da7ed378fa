"""A killed run goes on from its last whole epoch and ends with the same bits."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bakeoff.errors import Diverged
from bakeoff.system.workspace import RunFolder
from bakeoff.training.checkpoint import latest
from bakeoff.training.learner import Trainee
from bakeoff.training.run import prepare
from bench import Bench, accuracy, open_bench

EPOCHS = 4
WAIT_S = 120


def options(kind: str) -> dict[str, Any]:
    return {
        "epochs": EPOCHS,
        "warmup_share": 0.1,
        "schedule": "cosine",
        "gradient_accumulation": 2,
        "weight_decay": 0.1,
    }


def work(root: Path, model: Path, kind: str, *, pause_in: int | None = None) -> Trainee:
    """Run a method in a folder; in the middle of epoch `pause_in`, wait for the signal that ends the process."""

    def note(epoch: int, epochs: int, step: int, steps: int, loss: float | None) -> None:
        (root / "progress.txt").write_text(f"{epoch} {step}", encoding="utf-8")

    bench = open_bench(root, {"bert": model})
    trainee = prepare(bench.run(kind, **options(kind)), bench.splits)
    if pause_in is not None:
        _wait_in(pause_in)
    trainee.fit(bench.folder(kind), accuracy, on_progress=note, show_bar=False)
    return trainee


def _wait_in(epoch: int) -> None:
    from bakeoff.training import progress
    from bakeoff.training import trainer as watcher

    progress.INTERVAL_S = 0.0
    begin = watcher.Watcher.on_step_end

    def waiting(self, args, state, control, **rest):
        begin(self, args, state, control, **rest)
        if state.epoch > epoch - 1:
            time.sleep(WAIT_S)

    watcher.Watcher.on_step_end = waiting


def killed(root: Path, model: Path, kind: str) -> None:
    """Start a run in a process of its own and kill it in the middle of its second epoch."""
    here, support = Path(__file__).parent, Path(__file__).parents[1] / "support"
    code = (
        f"import sys; sys.path[:0] = [{str(here)!r}, {str(support)!r}];"
        "from pathlib import Path; import test_resume;"
        f"test_resume.work(Path({str(root)!r}), Path({str(model)!r}), {kind!r}, pause_in=2)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + WAIT_S
    while not _in_epoch(root, 2):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def _in_epoch(root: Path, epoch: int) -> bool:
    try:
        return (root / "progress.txt").read_text(encoding="utf-8").startswith(f"{epoch} ")
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("kind", ["full", "lora"])
def test_sigkill_in_the_second_epoch_changes_no_bit(
    bench: Bench, kind: str, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    root = bench.workspace.root
    undisturbed = prepare(bench.run(kind, **options(kind)), bench.splits)
    undisturbed.fit(bench.folder("undisturbed"), accuracy, show_bar=False)

    killed(root, tiny_bert, kind)
    folder = bench.folder(kind)
    assert [path.name for path in folder.checkpoint.iterdir()] == ["epoch-1"]
    resumed = work(root, tiny_bert, kind)

    assert resumed.training.resumed_from_epoch == 1
    assert undisturbed.training.resumed_from_epoch is None
    for split in ("validation", "test"):
        np.testing.assert_array_equal(resumed.predict(split), undisturbed.predict(split))
    undisturbed.predict("train"), resumed.predict("train")
    assert resumed.trace == undisturbed.trace
    lines = [json.loads(line) for line in folder.epochs.read_text(encoding="utf-8").splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4]
    for one, other in zip(resumed.training.history, undisturbed.training.history, strict=True):
        assert one.model_copy(update={"elapsed_s": 0.0}) == other.model_copy(update={"elapsed_s": 0.0})
    elapsed = [line["elapsed_s"] for line in lines]
    assert elapsed == sorted(elapsed)
    assert resumed.cost.train_s == pytest.approx(elapsed[-1])


def interrupted(bench: Bench, kind: str, name: str, *, after: int) -> RunFolder:
    """Run until an epoch has ended, then fail as a crash would."""

    class Crash(Exception):
        pass

    calls = []

    def evaluate(gold, predicted, logits):
        calls.append(1)
        if len(calls) > after:
            raise Crash
        return accuracy(gold, predicted, logits)

    folder = bench.folder(name)
    with pytest.raises(Crash):
        prepare(bench.run(kind, **options(kind)), bench.splits).fit(folder, evaluate, show_bar=False)
    return folder


def finish(bench: Bench, kind: str, name: str, **changes: Any) -> Trainee:
    trainee = prepare(bench.run(kind, **options(kind) | changes), bench.splits)
    trainee.fit(bench.folder(name), accuracy, show_bar=False)
    return trainee


def test_checkpoint_wins_over_the_file_of_epochs(bench: Bench) -> None:
    folder = interrupted(bench, "full", "a", after=2)
    with folder.epochs.open("a", encoding="utf-8") as stream:
        stream.write('{"epoch": 3, "step": 12, "train_lo')
    trainee = finish(bench, "full", "a")
    assert trainee.training.resumed_from_epoch == 2
    lines = folder.epochs.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3, 4]


def test_a_run_that_ended_just_before_its_record_is_not_trained_again(bench: Bench) -> None:
    first = finish(bench, "lora", "a")
    again = finish(bench, "lora", "a")
    assert again.training.resumed_from_epoch == EPOCHS
    for split in ("validation", "test"):
        np.testing.assert_array_equal(first.predict(split), again.predict(split))
    assert first.trace == again.trace


def test_a_torn_checkpoint_is_never_taken(bench: Bench) -> None:
    folder = interrupted(bench, "full", "a", after=1)
    torn = folder.checkpoint / ".writing-epoch-2"
    torn.mkdir()
    (torn / "tensors.pt").write_bytes(b"half")
    trainee = finish(bench, "full", "a")
    assert trainee.training.resumed_from_epoch == 1
    assert [path.name for path in folder.checkpoint.iterdir()] == [f"epoch-{EPOCHS}"]


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _make_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES = {
    "truncated": _truncate,
    "empty": lambda file: file.write_bytes(b""),
    "garbage": lambda file: file.write_bytes(b"garbage"),
    "one bit": _flip_a_bit,
    "gone": Path.unlink,
    "a folder": _make_a_folder,
    "another type": lambda file: file.write_text("[1]", encoding="utf-8"),
    "lacks what it needs": lambda file: file.write_text("{}", encoding="utf-8"),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["tensors.pt", "state.json", "trainer_state.json"])
def test_a_damaged_checkpoint_is_neither_believed_nor_in_the_way(bench: Bench, name: str, damage: str) -> None:
    folder = interrupted(bench, "linear_probe", "a", after=1)
    DAMAGES[damage](folder.checkpoint / "epoch-1" / name)
    trainee = finish(bench, "linear_probe", "a")
    assert trainee.training.resumed_from_epoch is None
    assert len(trainee.training.history) == EPOCHS
    assert "starts over instead of going on after epoch 1: " in folder.log.read_text(encoding="utf-8")


def test_a_flipped_bit_anywhere_in_the_state_is_seen(bench: Bench) -> None:
    folder = interrupted(bench, "linear_probe", "a", after=1)
    file = folder.checkpoint / "epoch-1" / "state.json"
    whole = file.read_bytes()
    context = json.loads(whole)["context"]
    assert latest(folder, context=context)
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert latest(folder, context=context) is None, place


def test_a_checkpoint_that_is_a_file_is_replaced(bench: Bench) -> None:
    folder = interrupted(bench, "linear_probe", "a", after=1)
    shutil.rmtree(folder.checkpoint)
    folder.checkpoint.write_text("no folder")
    assert len(finish(bench, "linear_probe", "a").training.history) == EPOCHS


def test_a_checkpoint_of_another_number_format_is_refused(bench: Bench) -> None:
    interrupted(bench, "full", "a", after=2)
    trainee = finish(bench, "full", "a", dtype="bfloat16")
    assert trainee.training.resumed_from_epoch is None
    assert len(trainee.training.history) == EPOCHS


@pytest.mark.parametrize("kind", ["adalora", "bitfit", "linear_probe", "pissa", "prefix", "ptuning"])
def test_other_methods_resume_to_the_same_bits(bench: Bench, kind: str) -> None:
    whole = finish(bench, kind, "whole")
    interrupted(bench, kind, "cut", after=2)
    resumed = finish(bench, kind, "cut")
    assert resumed.training.resumed_from_epoch == 2
    np.testing.assert_array_equal(whole.predict("test"), resumed.predict("test"))
    assert whole.trace == resumed.trace


def test_a_loss_that_is_no_number_stops_the_run(bench: Bench) -> None:
    run = bench.run("full", epochs=3, learning_rate=1e30, max_grad_norm=1e30)
    with pytest.raises(Diverged) as caught:
        prepare(run, bench.splits).fit(bench.folder("a"), accuracy, show_bar=False)
    assert 1 < caught.value.step <= 24
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["full", "adalora"])
def test_a_trial_that_goes_on_from_rung_to_rung_is_the_one_run_whole(bench: Bench, kind: str) -> None:
    whole = finish(bench, kind, "whole")
    for epochs in (1, 3, None):
        run = bench.run(kind, **options(kind))
        run = run.model_copy(update={"request": run.request.model_copy(update={"stop_after": epochs})})
        trainee = prepare(run, bench.splits)
        trainee.fit(bench.folder("rungs"), accuracy, show_bar=False)
        trainee.predict("validation")
        assert trainee.training.epochs == len(trainee.training.history) == (epochs or EPOCHS)
        assert trainee.training.steps == whole.training.history[(epochs or EPOCHS) - 1].step
    assert trainee.training.resumed_from_epoch == 3
    for split in ("validation", "test"):
        np.testing.assert_array_equal(whole.predict(split), trainee.predict(split))
    assert whole.trace == trainee.trace
    for one, other in zip(trainee.training.history, whole.training.history, strict=True):
        assert one.model_copy(update={"elapsed_s": 0.0}) == other.model_copy(update={"elapsed_s": 0.0})
    assert trainee.cost.train_s == pytest.approx(trainee.training.history[-1].elapsed_s), "counted over all rungs"


def test_a_trial_that_has_come_further_than_it_is_to_stop_stays_as_it_is(bench: Bench) -> None:
    finish(bench, "linear_probe", "a")
    run = bench.run("linear_probe", **options("linear_probe"))
    run = run.model_copy(update={"request": run.request.model_copy(update={"stop_after": 1})})
    trainee = prepare(run, bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert trainee.training.epochs == EPOCHS
