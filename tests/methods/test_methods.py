"""What single methods promise beyond the contract."""

from typing import Any

import numpy as np
import pytest
import torch

from bakeoff.methods.registry import method
from bakeoff.models.base import load_base
from bakeoff.models.weights import trainable
from bakeoff.training.neural import NeuralTrainee
from bakeoff.training.reading.batches import predict
from bakeoff.training.run import prepare
from bench import Bench, accuracy


def fitted(bench: Bench, kind: str, *, name: str = "a", **options: Any) -> NeuralTrainee:
    trainee = prepare(bench.run(kind, **options), bench.splits)
    trainee.fit(bench.folder(name), accuracy, show_bar=False)
    assert isinstance(trainee, NeuralTrainee)
    return trainee


def test_pissa_starts_where_the_base_stands(bench: Bench) -> None:
    plain = prepare(bench.run("untrained"), bench.splits).predict("test")
    np.testing.assert_allclose(prepare(bench.run("pissa"), bench.splits).predict("test"), plain, atol=1e-5)


def test_pissa_is_kept_as_a_lora_that_peft_puts_on_the_untouched_base(bench: Bench) -> None:
    from bakeoff.methods.adapters import load_adapter

    trainee = fitted(bench, "pissa", rank=4)
    logits = trainee.predict("test")
    folder = bench.folder("a").model
    trainee.save(folder)
    base = load_base(
        trainee.run.located_model, label_names=bench.splits.label_names, seed=1, pooling=trainee.config.pooling
    )
    model = load_adapter(base, folder)
    assert model.peft_config["default"].r == 8
    plain = predict(model, trainee.encoded["test"], batch_size=64, dtype="float32")
    np.testing.assert_allclose(plain, logits, atol=1e-5)
    assert {one.shape[0] for name, one in trainable(trainee.model).items() if "lora_A" in name} == {4}


def test_adalora_ends_with_the_mean_rank_asked_for(bench: Bench) -> None:
    trainee = fitted(bench, "adalora", epochs=4, rank=4, initial_rank=8, interval=1)
    values = [one for name, one in trainee.model.named_parameters() if "lora_E" in name]
    kept = sum(int(one.count_nonzero()) for one in values)
    assert kept == 4 * len(values)
    assert sum(one.numel() for one in values) == 8 * len(values)


def test_adalora_holds_singular_vectors_at_right_angles(bench: Bench) -> None:
    def skew(weight: float) -> float:
        trainee = fitted(bench, "adalora", name=str(weight), orthogonality=weight, learning_rate=1e-2, epochs=4)
        parts = [one.detach() for name, one in trainee.model.named_parameters() if "lora_A" in name]
        return sum(float(torch.linalg.matrix_norm(one @ one.T - torch.eye(len(one)))) for one in parts)

    assert skew(1.0) < 0.5 * skew(0.0)


def test_the_penalty_is_no_part_of_the_losses_that_are_kept(bench: Bench) -> None:
    without = fitted(bench, "adalora", orthogonality=0.0).trace
    with_one = fitted(bench, "adalora", name="b", orthogonality=5.0).trace
    assert with_one.losses["1"] == without.losses["1"]
    assert with_one.losses["last"] != without.losses["last"]


def test_virtual_tokens_made_by_a_network_are_kept_without_it(bench: Bench) -> None:
    from safetensors.torch import load_file

    trainee = fitted(bench, "ptuning", virtual_tokens=5)
    trainee.predict("test")
    trainee.save(bench.folder("a").model)
    saved = load_file(bench.folder("a").model / "adapter_model.safetensors")
    assert saved["prompt_embeddings"].shape == (5, 32)
    assert not [name for name in saved if "mlp" in name]


def test_top_layers_leaves_the_lower_ones(bench: Bench) -> None:
    names = trainable(prepare(bench.run("top_layers", layers=1), bench.splits).model)
    assert any("layer.1." in name for name in names)
    assert not any("layer.0." in name or "embeddings" in name for name in names)
    assert {name.partition(".")[0] for name in names} == {"bert", "classifier"}
    assert any("pooler" in name for name in names)


@pytest.mark.parametrize("kind", ["bitfit", "full", "top_layers"])
def test_a_pooler_that_nobody_reads_is_not_counted_as_trained(bench: Bench, kind: str) -> None:
    names = trainable(prepare(bench.run(kind, pooling="mean"), bench.splits).model)
    assert names
    assert not any("pooler" in name for name in names)


def test_full_says_that_it_trains_what_predictions_use(bench: Bench) -> None:
    left = {}
    for pooling in ("pooler", "mean"):
        model = prepare(bench.run("full", pooling=pooling), bench.splits).model
        left[pooling] = {name for name, _ in model.named_parameters()} - trainable(model).keys()
    assert left == {"pooler": set(), "mean": {"encoder.pooler.dense.weight", "encoder.pooler.dense.bias"}}
    assert "every weight of the base model that predictions use" in method("full").summary


def settled(bench: Bench, kind: str, **options: Any) -> dict[str, Any]:
    return prepare(bench.run(kind, **options), bench.splits).training.settled


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("c3a", {"block_size": 32}),
        ("fourierft", {"frequencies": 1000}),
        ("lora", {}),
        ("miss", {"rank": 32}),
        ("oft", {"block_size": 32}),
        ("road", {"group_size": 32}),
        ("vblora", {"vector_length": 32}),
        ("waveft", {"frequencies": 1024}),
    ],
)
def test_what_was_left_out_is_recorded_as_used(bench: Bench, kind: str, sizes: dict[str, int]) -> None:
    assert settled(bench, kind) == {"target_modules": ["query", "value"], **sizes}
    assert settled(bench, kind, target_modules=("query",), **sizes) == {}


def test_random_matrices_follow_the_seed(bench: Bench) -> None:
    one, same, other = (prepare(bench.run("vera", seed=seed), bench.splits).model for seed in (1, 1, 2))
    drawn = [next(value for name, value in model.named_buffers() if "vera_A" in name) for model in (one, same, other)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_predicting_leaves_trainable_what_was(bench: Bench) -> None:
    trainee = prepare(bench.run("full"), bench.splits)
    before = set(trainable(trainee.model))
    trainee.predict("test")
    assert set(trainable(trainee.model)) == before


def test_every_adapter_shares_the_names_of_its_hyperparameters() -> None:
    for kind in ("adalora", "delora", "dora", "gralora", "hira", "loha", "lora", "pissa", "rslora", "vblora", "vera"):
        assert {"rank", "target_modules"} <= set(method(kind).Config.model_fields)
