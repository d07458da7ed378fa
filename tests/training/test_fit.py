"""The fit loop's own promises: progress, schedules, accumulation, precision, and silence."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from bakeoff.errors import Diverged
from bakeoff.metrics.classification import score_all
from bakeoff.training.run import prepare
from bakeoff.training.trainer import Loop, Watcher
from bench import Bench, accuracy


def fitted(bench: Bench, name: str = "a", *, seen=None, **options):
    trainee = prepare(bench.run("full", **options), bench.splits)
    trainee.fit(bench.folder(name), accuracy, on_progress=seen, show_bar=False)
    return trainee


def test_progress_is_told_to_the_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from bakeoff.training import progress

    monkeypatch.setattr(progress, "INTERVAL_S", 0.0)
    seen = []
    fitted(bench, seen=lambda *state: seen.append(state), epochs=2)
    assert [state[:4] for state in seen] == [(1 if step <= 8 else 2, 2, step, 16) for step in range(1, 17)]
    assert all(np.isfinite(state[4]) for state in seen)


def test_progress_is_told_seldom(bench: Bench) -> None:
    seen = []
    fitted(bench, seen=lambda *state: seen.append(state), epochs=1)
    assert len(seen) <= 4
    assert seen[-1][2] == 8


def test_a_bar_is_shown_where_wanted_and_nothing_else(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    fitted(bench, epochs=1)
    assert capfd.readouterr() == ("", "")
    trainee = prepare(bench.run("full", epochs=1), bench.splits)
    trainee.fit(bench.folder("b"), accuracy)
    out, err = capfd.readouterr()
    assert out == ""
    assert "training" in err
    assert "8/8" in err


@pytest.mark.parametrize(
    ("schedule", "expected"), [("constant", [1.0] * 8), ("linear", [1 - n / 8 for n in range(8)]), ("cosine", None)]
)
def test_schedules(bench: Bench, schedule: str, expected, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = []
    step = Loop.training_step

    def watched(self, *args, **kwargs):
        rates.append(self.optimizer.param_groups[0]["lr"] / 1e-3)
        return step(self, *args, **kwargs)

    monkeypatch.setattr(Loop, "training_step", watched)
    fitted(bench, epochs=1, schedule=schedule, learning_rate=1e-3)
    wanted = expected or [0.5 * (1 + np.cos(np.pi * n / 8)) for n in range(8)]
    np.testing.assert_allclose(rates, wanted, atol=1e-9)


def test_accumulated_batches_are_one_large_batch(bench: Bench) -> None:
    """Also where the last batch is smaller: 60 texts in batches of 8 leave 4."""
    trainee = prepare(bench.run("full", epochs=1, batch_size=8, gradient_accumulation=8), bench.splits)
    whole = prepare(bench.run("full", epochs=1, batch_size=60), bench.splits)
    for one in (trainee, whole):
        for module in one.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        one.fit(bench.folder(str(id(one))), accuracy, show_bar=False)
    assert trainee.training.steps == whole.training.steps == 1
    assert trainee.training.effective_batch == 64
    assert trainee.trace.losses["1"] == pytest.approx(whole.trace.losses["1"], rel=1e-5)
    np.testing.assert_allclose(trainee.predict("test"), whole.predict("test"), atol=1e-2)


def test_bfloat16_is_used_where_asked_for(bench: Bench) -> None:
    seen = set()
    trainee = prepare(bench.run("full", epochs=1, dtype="bfloat16"), bench.splits)
    layer = trainee.model.bert.encoder.layer[0].attention.self.query
    layer.register_forward_hook(lambda module, args, output: seen.add(output.dtype))
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert seen == {torch.bfloat16}
    assert trainee.training.dtype == "bfloat16"
    assert {p.dtype for p in trainee.model.parameters()} == {torch.float32}
    assert trainee.predict("test").dtype == np.float32


def test_history_is_on_disk_as_it_is_in_the_record(bench: Bench) -> None:
    trainee = fitted(bench, epochs=3)
    lines = bench.folder("a").epochs.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [epoch.model_dump() for epoch in trainee.training.history]
    assert trainee.training.samples_seen == 180
    assert set(trainee.trace.losses) == {"1", "10", "last"}


def test_a_training_text_is_truncated_and_counted(bench: Bench) -> None:
    trainee = fitted(bench, max_length=8, epochs=1)
    assert 0 < trainee.training.truncated_share < 1


def unequal(bench: Bench) -> Bench:
    """Return the bench with three texts of one class for each of the other in training."""
    train = bench.splits.train
    kept = train[(train["label"] == 0) | (train.groupby("label").cumcount() % 3 == 0)].reset_index(drop=True)
    return dataclasses.replace(bench, splits=dataclasses.replace(bench.splits, train=kept))


@pytest.mark.parametrize("parts", [1, 4])
def test_balanced_class_weights_are_those_of_torch_and_scikit_learn(
    bench: Bench, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over one optimizer step: the weighted losses of its texts, over their number, and the gradient of that."""
    from sklearn.utils.class_weight import compute_class_weight

    bench = unequal(bench)
    labels = torch.tensor(bench.splits.train["label"].tolist())
    weights = torch.tensor(compute_class_weight("balanced", classes=np.arange(2), y=labels.numpy())).float()
    size = -(-len(labels) // parts)
    options = {"epochs": 1, "batch_size": size, "gradient_accumulation": parts, "class_weights": "balanced"}
    trainee = prepare(bench.run("full", **options, max_grad_norm=1e9), bench.splits)
    for module in trainee.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    trainee._ready("train")
    logits = trainee.model(**trainee.encoded["train"].batch(range(len(labels)))).logits
    expected = torch.nn.functional.cross_entropy(logits, labels, weight=weights, reduction="sum") / len(labels)
    head = trainee.model.classifier.weight
    (slope,) = torch.autograd.grad(expected, head)
    seen = []
    monkeypatch.setattr(Watcher, "on_pre_optimizer_step", lambda *_, **__: seen.append(head.grad.clone()))
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert trainee.training.steps == len(seen) == 1
    assert trainee.trace.losses["1"] == pytest.approx(expected.item(), rel=1e-4)
    torch.testing.assert_close(seen[0], slope, rtol=1e-3, atol=1e-5)


def test_validation_loss_is_never_weighted(bench: Bench) -> None:
    bench = unequal(bench)
    trainee = prepare(bench.run("full", epochs=1, class_weights="balanced"), bench.splits)
    trainee.fit(bench.folder("a"), lambda gold, said, logits: score_all(gold, said, logits=logits), show_bar=False)
    gold, logits = torch.tensor(bench.splits.validation["label"].tolist()), trainee.predict("validation")
    expected = torch.nn.functional.cross_entropy(torch.from_numpy(logits), gold).item()
    assert trainee.training.history[-1].validation_loss == pytest.approx(expected, rel=1e-5)


def test_balanced_tfidf_is_that_of_scikit_learn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.linear_model import LogisticRegression

    bench, seen = unequal(bench), []
    fit = LogisticRegression.fit

    def watched(self, table, labels):
        seen.append(self.class_weight)
        return fit(self, table, labels)

    monkeypatch.setattr(LogisticRegression, "fit", watched)
    shares = []
    for weights in ("none", "balanced"):
        trainee = prepare(bench.run("tfidf", class_weights=weights), bench.splits)
        trainee.fit(bench.folder(weights), accuracy, show_bar=False)
        shares.append(trainee.predict("test").argmax(axis=1).mean())
    assert seen == [None, "balanced"]
    assert shares[1] >= shares[0]


def test_weights_that_the_last_step_of_an_epoch_spoils_stop_the_run(bench: Bench) -> None:
    """Its loss was seen before the step: what shows it is that validation logits are no numbers."""
    trainee = prepare(bench.run("full", epochs=2, batch_size=60, learning_rate=1e30, max_grad_norm=1e30), bench.splits)
    with pytest.raises(Diverged) as caught:
        trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert caught.value.step == 1
    assert not list(bench.folder("a").checkpoint.glob("epoch-*"))
