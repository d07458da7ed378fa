"""State-space layers: the scans agree, the best at hand is taken, and what ran is named."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from bakeoff.models import ssm as mixers
from bakeoff.models.base import Base, load_base
from bakeoff.models.sources import locate_model
from bakeoff.models.ssm import mixer_of
from bakeoff.system.workspace import Workspace
from bakeoff.training.run import prepare
from bench import Bench, accuracy

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def base_of(folder: Path) -> Base:
    located = locate_model(str(folder), workspace=Workspace(folder.parent))
    return load_base(located, label_names=("a", "b"), seed=1)


@pytest.fixture
def without_mambapy(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "mambapy" else find(name))


@pytest.mark.parametrize(
    ("kind", "name"),
    [("mamba", "mambapy parallel scan"), ("mamba2", "chunked PyTorch"), ("bert", None), ("gpt2", None)],
)
def test_what_runs_is_named(tiny_model: Callable[[str], Path], kind: str, name: str | None) -> None:
    assert mixer_of(base_of(tiny_model(kind)).encoder, CPU) == name


@pytest.mark.usefixtures("without_mambapy")
def test_without_mambapy_tokens_go_one_by_one(tiny_model: Callable[[str], Path]) -> None:
    base = base_of(tiny_model("mamba"))
    assert not base.encoder.config.use_mambapy
    assert mixer_of(base.encoder, CPU) == "sequential PyTorch"


def test_kernels_are_named_on_a_gpu_only(tiny_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixers, "has_kernels", lambda: True)
    for kind in ("mamba", "mamba2"):
        encoder = base_of(tiny_model(kind)).encoder
        assert mixer_of(encoder, CUDA) == "mamba-ssm kernels"
        assert mixer_of(encoder, CPU) != "mamba-ssm kernels"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_training_repeats_itself(bench: Bench, tiny_model: Callable[[str], Path], dtype: str) -> None:
    bench.models["mamba-1"] = tiny_model("mamba")
    traces = []
    for name in ("a", "b"):
        trainee = prepare(bench.run("full", model="mamba-1", dtype=dtype), bench.splits)
        trainee.fit(bench.folder(name), accuracy, show_bar=False)
        trainee.predict("test")
        traces.append(trainee.trace)
    assert trainee.inputs["mixer"] == "mambapy parallel scan"
    assert traces[0] == traces[1]


def losses_and_gradients(base: Base) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    batch = base.tokenizer(["the film is good", "grim and dull and bad"] * 2, padding=True, return_tensors="pt")
    logits = base.model.eval()(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 0, 1])).backward()
    return logits.detach(), {name: weight.grad for name, weight in base.model.named_parameters()}


def test_the_scans_agree(tiny_model: Callable[[str], Path]) -> None:
    parallel, sequential = (base_of(tiny_model("mamba")) for _ in range(2))
    for name, module in sequential.encoder.named_modules():
        if name.endswith("mixer"):
            module.use_mambapy = False
    logits, gradients = losses_and_gradients(parallel)
    others, slopes = losses_and_gradients(sequential)
    torch.testing.assert_close(logits, others)
    assert set(gradients) == set(slopes)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, slopes[name], rtol=1e-4, atol=1e-6)
    again, _ = losses_and_gradients(base_of(tiny_model("mamba")))
    assert torch.equal(again, logits)
