"""Text vectors that an earlier run made: the same bits, the same price."""

import numpy as np
import pytest

from bakeoff.cli import main
from bakeoff.models.base import load_base
from bakeoff.system.store import vector_store
from bakeoff.training.reading.batches import predict
from bakeoff.training.run import prepare
from bench import Bench, accuracy


@pytest.fixture
def kept(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """Return the cache in a folder of its own."""
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BAKEOFF_VECTOR_CACHE", "1")
    return vector_store()


def made(bench: Bench, kind: str = "linear_probe", **options):
    options = {"solver": "lbfgs", **options} if kind == "linear_probe" else options
    trainee = prepare(bench.run(kind, **options), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    for split in ("validation", "test"):
        trainee.predict(split)
    return trainee


def test_runs_find_ready_what_others_made(bench: Bench, kept, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = made(bench), made(bench, seed=2)
    assert first.cost.vectors_from_cache is None
    assert second.cost.vectors_from_cache == "train validation test"
    monkeypatch.setenv("BAKEOFF_VECTOR_CACHE", "off")
    without = made(bench, seed=2)
    assert without.cost.vectors_from_cache is None
    assert first.trace.predictions_sha256 == second.trace.predictions_sha256 == without.trace.predictions_sha256
    assert second.trace == without.trace
    assert first.training == second.training == without.training


def test_what_was_found_ready_costs_what_it_cost(bench: Bench, kept) -> None:
    first, second = made(bench), made(bench)
    for phase in ("train vectors", "validation vectors"):
        assert second.meter.seconds[phase] == first.meter.seconds[phase] > 0
        assert second.meter.worked[phase] == first.meter.worked[phase]
        assert second.meter.peak("rss", phase) == first.meter.peak("rss", phase)
    assert second.cost.train_s > first.meter.seconds["train vectors"]


def test_other_texts_bases_and_formats_are_made_anew(bench: Bench, kept) -> None:
    made(bench)
    count = len(kept.entries())
    assert count == 3
    assert made(bench, "embeddings_knn").cost.vectors_from_cache == "train validation test"
    for options in ({"model": "distilbert"}, {"max_length": 8}, {"dtype": "bfloat16"}, {"eval_batch_size": 7}):
        assert made(bench, **options).cost.vectors_from_cache is None, options
    assert len(kept.entries()) == count + 4 * 3


def test_a_damaged_entry_is_made_anew(bench: Bench, kept) -> None:
    first = made(bench)
    for file in kept.folder.iterdir():
        file.write_bytes(file.read_bytes()[:-3] + b"bad")
    again = made(bench)
    assert again.cost.vectors_from_cache is None
    assert again.trace == first.trace


def test_the_command_lists_and_drops(bench: Bench, kept, capsys: pytest.CaptureFixture[str]) -> None:
    made(bench)
    assert main(["cache"]) == 0
    told = capsys.readouterr().out
    assert told.count("last used") == 3
    assert "3 kept, " in told
    assert main(["cache", "--clear"]) == 0
    assert "dropped: " in capsys.readouterr().out
    assert kept.entries() == []


@pytest.mark.parametrize("kind", ["linear_probe", "untrained"])
def test_networks_on_a_frozen_encoder_read_what_others_made(bench: Bench, kept, kind: str) -> None:
    """A head that AdamW trains, and one that nothing trains, read the same text vectors as a head that is solved."""
    made(bench)
    options = {"solver": "adamw", "epochs": 1} if kind == "linear_probe" else {}
    ready = made(bench, kind, **options)
    kept.clear()
    without = made(bench, kind, **options)
    assert ready.cost.vectors_from_cache == ("train validation test" if kind == "linear_probe" else "validation test")
    assert without.cost.vectors_from_cache is None
    assert ready.trace == without.trace
    assert ready.cost.test_s > 0


def test_an_untrained_head_of_the_architecture_gives_what_the_architecture_gives(bench: Bench, kept) -> None:
    run = bench.run("untrained")
    trainee = prepare(run, bench.splits)
    base = load_base(run.located_model, label_names=bench.splits.label_names, seed=run.seed)
    assert type(base.model).__name__ == "BertForSequenceClassification"
    trainee._ready("test")
    own = predict(base.model, trainee.encoded["test"], batch_size=None, dtype="float32")
    np.testing.assert_allclose(trainee.predict("test"), own, atol=1e-6)
