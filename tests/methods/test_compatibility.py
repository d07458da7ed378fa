"""Methods x architectures: what is said to work does, to the last bit after saving; what does not is refused first."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bakeoff.errors import BadValue
from bakeoff.methods.compatibility import matrix_lines, refusal, support_matrix
from bakeoff.methods.registry import method
from bakeoff.models.base import Base, load_base
from bakeoff.models.sources import LocatedModel
from bakeoff.models.tiny import ARCHITECTURES
from bakeoff.models.weights import trainable
from bakeoff.training.machine import autocast
from bakeoff.training.neural import build
from bakeoff.training.reading.batches import Encoded, encode, predict
from bench import NEURAL
from tiny import make_texts, save_tiny

COMBINATIONS = [(kind, architecture) for kind in NEURAL for architecture in ARCHITECTURES]

# What must not be refused, so that refusing everything cannot pass.
EVERYWHERE = {
    *("adalora", "dora", "fourierft", "full", "gralora", "hira", "ia3", "linear_probe", "ln_tuning", "lora", "pissa"),
    *(
        "embeddings_knn",
        "mlp_head",
        "prompt",
        "ptuning",
        "randlora",
        "rslora",
        "setfit",
        "static",
        "untrained",
        "vblora",
        "vera",
        "waveft",
    ),
}
REMEMBERING = {"embeddings_knn"}  # which has nothing to train
BY_PAIRS = {"setfit"}  # which trains its encoder by pairs of texts, not in the fit loop
SHORT = {"zero_shot": {"template": "{text} it", "label_words": {"negative": "b", "positive": "g"}}}  # few places
LINEAR_ONLY = ("c3a", "delora", "hra", "loha", "lokr", "miss", "oft", "road")
NOT_ON = {
    "bitfit": {"llama", "modernbert", "qwen3"},
    "prefix": {"albert", "deberta-v2", "distilbert", "mamba", "mamba2", "modernbert"},
    "top_layers": {"albert"},
    "zero_shot": set(ARCHITECTURES) - {"gpt2", "mamba"},  # it asks a causal model whose output layer is its embedding
} | {kind: {"gpt2"} for kind in LINEAR_ONLY}


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a folder with a tiny random model of every architecture."""
    place = tmp_path_factory.mktemp("architectures")
    return {name: save_tiny(place / name, name) for name in ARCHITECTURES}


def located(folder: Path) -> LocatedModel:
    return LocatedModel(folder.name, str(folder), "0" * 64, pretrained=True)


def loaded(folder: Path, config: Any) -> Base:
    return load_base(located(folder), label_names=("negative", "positive"), seed=1, pooling=config.pooling)


def texts(base: Base) -> Encoded:
    rows = [text for text, _ in make_texts(6)]
    return encode(rows, tokenizer=base.tokenizer, accepted=base.inputs, max_length=32)


def step(model: Any, batch: dict[str, torch.Tensor], labels: torch.Tensor, *, companion: Any) -> None:
    """Train for one step and see that gradients stand exactly where they belong."""
    before = {name: one.detach().clone() for name, one in model.named_parameters()}
    moving = trainable(model)
    optimizer = torch.optim.AdamW(moving.values(), lr=1e-2)
    torch.manual_seed(0)
    loss = torch.nn.functional.cross_entropy(model.train()(**batch).logits, labels)
    if companion is not None:
        loss = loss + companion.penalty()
    loss.backward()
    assert torch.isfinite(loss)
    assert {name for name, one in model.named_parameters() if one.grad is not None} == set(moving)
    assert all(torch.isfinite(one.grad).all() for one in moving.values())
    optimizer.step()
    if companion is not None:
        companion.after_step(1)
    still = {name for name, one in model.named_parameters() if torch.equal(one, before[name])}
    assert still & set(moving) <= without_slope(moving)
    assert set(before) - set(moving) <= still


def without_slope(moving: dict[str, torch.nn.Parameter]) -> set[str]:
    """Return parameters whose gradient is zero in the first step: the other factor of a product starts at zero."""
    return {name for name, one in moving.items() if not one.grad.any()}


@pytest.mark.parametrize(("kind", "architecture"), COMBINATIONS)
def test_works_or_is_refused(kind: str, architecture: str, folders: dict[str, Path], tmp_path: Path) -> None:
    config = method(kind).Config(**SHORT.get(kind, {}))
    found: Any = method(kind)()
    base = loaded(folders[architecture], config)
    error = refusal(kind, config, located(folders[architecture]))
    if error is not None:
        with pytest.raises(BadValue) as caught:
            build(found, base, config, max_length=32)
        assert str(caught.value) == str(error)
        return
    inputs = texts(base)
    model = build(found, base, config, max_length=32)
    if method(kind).trained and kind not in REMEMBERING | BY_PAIRS:
        step(model, inputs.batch(range(6)), torch.tensor([0, 1] * 3), companion=found.accompany(model, config, steps=4))
        assert sum(one.numel() for one in trainable(model).values()) > 0
    logits = predict(model, inputs, batch_size=4, dtype="float32")
    found.save(model.eval(), tmp_path)
    again = found.load(tmp_path, loaded(folders[architecture], config), config)
    assert not again.training
    assert predict(again, inputs, batch_size=4, dtype="float32").tobytes() == logits.tobytes()
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".safetensors"}


def test_holds_a_floor() -> None:
    matrix = support_matrix()
    refused = {kind: {name for name, reason in row.items() if reason} for kind, row in matrix.items()}
    assert {kind for kind in refused if not refused[kind]} == EVERYWHERE
    assert {kind: names for kind, names in refused.items() if names} == NOT_ON
    assert all(list(row) == list(ARCHITECTURES) for row in matrix.values())


def test_the_matrix_and_a_model_on_disk_are_judged_alike(folders: dict[str, Path]) -> None:
    for kind, row in support_matrix().items():
        for name in ("bert", "gpt2", "mamba"):
            error = refusal(kind, method(kind).Config(), located(folders[name]))
            assert (error is None) == (row[name] is None)


def test_every_reason_is_printed_with_its_number() -> None:
    lines = matrix_lines()
    reasons = {reason for row in support_matrix().values() for reason in row.values() if reason}
    assert len(lines) == 2 + len(support_matrix()) + len(reasons)
    assert lines[0].split() == list(ARCHITECTURES)
    for number, line in enumerate(lines[-len(reasons) :], start=1):
        assert line.split()[0] == str(number)


def test_refusal_reads_no_weights(folders: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((folders["bert"] / "config.json").read_bytes())
    bare = dataclasses.replace(located(folders["bert"]), path=str(tmp_path))
    assert refusal("lora", method("lora").Config(), bare) is None
    error = refusal("lora", method("lora").Config(target_modules=("q_proj",)), bare)
    assert error is not None
    assert error.what == "target_modules"
    assert "query" in str(error)


@pytest.mark.parametrize(
    ("kind", "options", "what"),
    [
        ("top_layers", {"layers": 3}, "layers"),
        ("pissa", {"rank": 33}, "rank"),
        ("adalora", {"rank": 12}, "initial_rank"),
        ("c3a", {"block_size": 24}, "block_size"),
        ("c3a", {"block_size": 16}, None),
        ("fourierft", {"frequencies": 1025}, "frequencies"),
        ("miss", {"rank": 64}, "rank"),
        ("oft", {"block_size": 3}, "block_size"),
        ("road", {"group_size": 6}, "group_size"),
        ("vblora", {"vector_length": 64}, "vector_length"),
        ("waveft", {"frequencies": 2592}, "frequencies"),
        ("adalora", {"initial_share": 0.5, "final_share": 0.5}, "final_share"),
        ("linear_probe", {"pooling": "last"}, None),
    ],
)
def test_hyperparameters_that_do_not_fit_are_named(
    kind: str, options: dict[str, Any], what: str | None, folders: dict[str, Path]
) -> None:
    error = refusal(kind, method(kind).Config(**options), located(folders["bert"]))
    assert (error and error.what) == what


@pytest.mark.parametrize("kind", NEURAL)
def test_works_in_bfloat16(kind: str, folders: dict[str, Path], tmp_path: Path) -> None:
    """What a GPU takes by itself: matrix products in bfloat16, weights and logits in float32."""
    config, found = method(kind).Config(**SHORT.get(kind, {})), method(kind)()
    base = loaded(folders["gpt2" if kind == "zero_shot" else "bert"], config)
    inputs = texts(base)
    model = build(found, base, config, max_length=32)
    if trainable(model) and kind not in BY_PAIRS:
        with autocast(torch.device("cpu"), "bfloat16"):
            logits = model.train()(**inputs.batch(range(6))).logits
        torch.nn.functional.cross_entropy(logits.float(), torch.tensor([0, 1] * 3)).backward()
        moving = trainable(model)
        assert all(one.dtype == torch.float32 and torch.isfinite(one.grad).all() for one in moving.values())
        torch.optim.AdamW(moving.values(), lr=1e-2).step()
    scores = predict(model, inputs, batch_size=4, dtype="bfloat16")
    assert np.isfinite(scores).all()
    found.save(model.eval(), tmp_path)
    again = found.load(tmp_path, loaded(folders["bert"], config), config)
    assert predict(again, inputs, batch_size=4, dtype="bfloat16").tobytes() == scores.tobytes()


@pytest.mark.parametrize("name", ["out_proj", "dt_proj"])
def test_layers_that_a_state_space_model_passes_by_are_refused(name: str, folders: dict[str, Path]) -> None:
    error = refusal("lora", method("lora").Config(target_modules=(name,)), located(folders["mamba"]))
    assert error is not None
    assert "in_proj" in str(error)
