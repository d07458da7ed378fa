"""One contract over every method: build, count, train, save, load, same logits."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from bakeoff.methods.registry import method
from bakeoff.models.hashing import tensors_sha256
from bakeoff.models.weights import trainable
from bakeoff.training.artifacts import load_trained
from bakeoff.training.learner import Trainee
from bakeoff.training.neural import NeuralTrainee
from bakeoff.training.run import prepare
from bakeoff.training.trainer import Loop
from bench import KINDS, SAMPLE, SAMPLE_NEURAL, SAMPLE_TRAINED, Bench, accuracy


def fitted(bench: Bench, kind: str, name: str = "a", **options) -> Trainee:
    trainee = prepare(bench.run(kind, **options), bench.splits)
    trainee.fit(bench.folder(name), accuracy, show_bar=False)
    return trainee


@pytest.mark.parametrize("kind", SAMPLE)
def test_trains_saves_and_comes_back(bench: Bench, kind: str) -> None:
    trainee = fitted(bench, kind)
    logits = trainee.predict("test")
    assert logits.shape == (30, 2)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()
    model = bench.folder("a").model
    trainee.save(model)
    assert not list(model.rglob("*.bin"))
    assert not list(model.rglob("*.pkl"))
    again = load_trained(model)(bench.splits.test["text"].tolist())
    np.testing.assert_array_equal(again, logits)
    cost = trainee.cost
    assert cost.artifact_bytes
    assert cost.test_s is not None
    assert cost.inference_ms_per_item is not None
    assert cost.params_total is not None
    assert cost.params_trainable is not None
    assert cost.params_trainable <= cost.params_total
    assert trainee.trace.predictions_sha256
    assert trainee.training.samples_seen in {0, 60, 120}


@pytest.mark.parametrize("kind", SAMPLE)
def test_same_seed_same_bits(bench: Bench, kind: str) -> None:
    first, second = fitted(bench, kind, "a"), fitted(bench, kind, "b")
    np.testing.assert_array_equal(first.predict("test"), second.predict("test"))
    assert first.trace == second.trace


@pytest.mark.parametrize("kind", SAMPLE_NEURAL)
def test_another_seed_another_head_on_the_same_base(bench: Bench, kind: str) -> None:
    first, second = (prepare(bench.run(kind, seed=seed), bench.splits) for seed in (1, 2))
    assert first.trace.initial_weights_sha256 != second.trace.initial_weights_sha256
    assert first.inputs == second.inputs


def test_every_method_starts_from_the_same_untouched_base(bench: Bench) -> None:
    before = {kind: prepare(bench.run(kind), bench.splits).inputs["base_weights_sha256"] for kind in SAMPLE_NEURAL}
    assert len(set(before.values())) == 1
    pooled = prepare(bench.run("full", pooling="mean"), bench.splits).inputs["base_weights_sha256"]
    assert pooled in before.values()


def test_every_method_starts_from_the_same_head(bench: Bench) -> None:
    heads = set()
    for kind in SAMPLE_NEURAL:
        model = prepare(bench.run(kind), bench.splits).model
        heads |= {
            tensors_sha256({"w": w})
            for name, w in model.state_dict().items()
            if name.endswith("r.weight") and w.shape == (2, 32)
        }
    assert len(heads) == 1


@pytest.mark.parametrize("kind", [kind for kind in SAMPLE_TRAINED if kind != "full"])
def test_frozen_weights_do_not_move(bench: Bench, kind: str) -> None:
    trainee = prepare(bench.run(kind), bench.splits)
    frozen = lambda: {n: p.detach().clone() for n, p in trainee.model.named_parameters() if not p.requires_grad}  # noqa: E731
    moving = {name: value.detach().clone() for name, value in trainable(trainee.model).items()}
    before = frozen()
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    assert tensors_sha256(frozen()) == tensors_sha256(before)
    assert all(not torch.equal(moving[name], value) for name, value in trainable(trainee.model).items())


@pytest.mark.parametrize("kind", SAMPLE_TRAINED)
def test_gradients_only_where_they_belong(bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, bool]] = []
    step = Loop.training_step

    def watched(self, model, *args, **kwargs):
        loss = step(self, model, *args, **kwargs)
        assert torch.isfinite(loss)
        seen.append({name: p.grad is not None for name, p in model.named_parameters()})
        return loss

    monkeypatch.setattr(Loop, "training_step", watched)
    trainee = fitted(bench, kind)
    expected = {name: name in trainable(trainee.model) for name in dict(trainee.model.named_parameters())}
    assert seen
    assert all(one == expected for one in seen)


@pytest.mark.parametrize("kind", SAMPLE_TRAINED)
def test_learns(bench: Bench, kind: str) -> None:
    history = fitted(bench, kind, epochs=4, learning_rate=2e-2 if kind != "full" else 5e-3).training.history
    assert history[-1].train_loss < history[0].train_loss


@pytest.mark.parametrize("kind", SAMPLE)
def test_saves_no_more_than_it_changed(bench: Bench, kind: str) -> None:
    trainee = fitted(bench, kind)
    trainee.save(bench.folder("a").model)
    weights = sum(path.stat().st_size for path in bench.folder("a").model.glob("*.safetensors"))
    if isinstance(trainee, NeuralTrainee):
        changed = trainee.cost.params_trainable or 66
        kept = 2 if kind == "pissa" else 1  # it keeps what it started from, too
        assert weights <= 4 * kept * changed + 16384


@pytest.mark.parametrize("kind", [kind for kind in SAMPLE_TRAINED if kind != "prefix"])
def test_works_on_a_state_space_model(bench: Bench, kind: str) -> None:
    trainee = fitted(bench, kind, model="mamba")
    logits = trainee.predict("test")
    trainee.save(bench.folder("a").model)
    assert trainee.training.pooling == "last"
    assert trainee.inputs["model_pretrained"] is False
    np.testing.assert_array_equal(load_trained(bench.folder("a").model)(bench.splits.test["text"].tolist()), logits)


@pytest.mark.parametrize("kind", SAMPLE_TRAINED)
@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_works_with_every_pooling(bench: Bench, kind: str, pooling: str) -> None:
    trainee = fitted(bench, kind, pooling=pooling)
    logits = trainee.predict("test")
    assert trainee.training.pooling == pooling
    trainee.save(bench.folder("a").model)
    np.testing.assert_array_equal(load_trained(bench.folder("a").model)(bench.splits.test["text"].tolist()), logits)


@pytest.mark.parametrize("kind", [kind for kind in SAMPLE_TRAINED if kind != "prefix"])
def test_works_on_distilbert(bench: Bench, kind: str) -> None:
    assert fitted(bench, kind, model="distilbert").predict("test").shape == (30, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_declares_itself(kind: str) -> None:
    found = method(kind)
    assert found.kind == kind
    assert found.summary.endswith(".")
    assert found.Config.model_config["frozen"]


def test_training_loads_no_network_and_leaves_the_base_file_alone(bench: Bench, tiny_bert: Path) -> None:
    digest = hashlib.sha256((tiny_bert / "model.safetensors").read_bytes()).hexdigest()
    fitted(bench, "full")
    assert hashlib.sha256((tiny_bert / "model.safetensors").read_bytes()).hexdigest() == digest
