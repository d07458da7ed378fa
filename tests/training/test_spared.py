"""Layers below the first that is trained run once, and training comes to the same."""

import pytest

from bakeoff.training.reading import spared
from bakeoff.training.run import prepare
from bench import Bench, accuracy


def trained(bench: Bench, kind: str = "top_layers", **options):
    trainee = prepare(bench.run(kind, epochs=3, **options), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    trainee.predict("test")
    return trainee


@pytest.mark.parametrize("model", ["bert", "distilbert", "mamba"])
def test_kept_layers_change_nothing_but_the_work(bench: Bench, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    runs: list[int] = []
    reached = spared.Trunk._reached
    monkeypatch.setattr(spared.Trunk, "_reached", lambda *given: runs.append(1) or reached(*given))
    kept = trained(bench, layers=1, model=model)
    assert kept.cost.layers_run_once == len(kept.base.encoder.get_submodule(spared.blocks(kept.base)[0])) - 1 > 0
    assert runs
    monkeypatch.setenv(spared.TRUNK, "off")
    whole = trained(bench, layers=1, model=model)
    assert whole.cost.layers_run_once is None
    assert kept.trace.initial_weights_sha256 == whole.trace.initial_weights_sha256
    assert kept.trace.batch_order_sha256 == whole.trace.batch_order_sha256
    assert kept.trace.losses == pytest.approx(whole.trace.losses, rel=1e-3)
    assert kept.logits["test"] == pytest.approx(whole.logits["test"], abs=2e-3)


def test_a_trunk_runs_once_a_text(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {}
    for switch in ("on", "off"):
        monkeypatch.setenv(spared.TRUNK, switch)
        trainee = prepare(bench.run("top_layers", epochs=3, layers=1), bench.splits)
        lowest = trainee.base.encoder.get_submodule(spared.blocks(trainee.base)[0])[0]
        read, during = [], []
        lowest.attention.register_forward_hook(
            lambda module, given, made, read=read, during=during: (during if module.training else read).append(1)
        )
        trainee.fit(bench.folder(switch), accuracy, show_bar=False)
        assert not during, "dropout is off below the first trained layer"
        counts[switch] = len(read)
    steps = 3 * trainee.training.steps // 3
    assert counts["off"] - counts["on"] >= steps - 2


def test_no_trunk_where_everything_is_trained_or_too_much_would_be_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("full", "bitfit", "lora", "prefix"):
        trainee = prepare(bench.run(kind), bench.splits)
        assert spared.trunk_of(trainee.model, trainee.base) is None, kind
    monkeypatch.setattr(spared, "MOST_BYTES", 1000)
    assert trained(bench, layers=1).cost.layers_run_once is None


def test_layers_that_take_more_from_below_than_states_run_in_every_step(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spared.Trunk, "_agrees", lambda *_: False)
    assert trained(bench, layers=1).cost.layers_run_once is None
