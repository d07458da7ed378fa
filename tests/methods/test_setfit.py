"""SetFit: which pairs are drawn, what they do to the vectors, and that the whole comes back from disk."""

import numpy as np
import pytest
import torch

from bakeoff.methods.features.setfit import Setfit, _loss, _rate, draw_pairs
from bakeoff.methods.frozen import Texts
from bakeoff.training.artifacts import load_trained
from bakeoff.training.learner import Trainee
from bakeoff.training.run import prepare
from bench import Bench, accuracy

LABELS = np.array([0, 0, 0, 1, 1, 2])
SHORT = {"dtype": "float32", "threads": 1, "most_pairs": 96, "learning_rate": 1e-3, "inverse_penalty": 0.1}


def fitted(bench: Bench, name: str = "a", seed: int = 1, **options: object) -> Trainee:
    trainee = prepare(bench.run("setfit", seed=seed, **{**SHORT, **options}), bench.splits)
    trainee.fit(bench.folder(name), accuracy, show_bar=False)
    return trainee


def test_pairs_are_alike_where_their_labels_are() -> None:
    pairs = draw_pairs(LABELS, 4, most=1000, seed=0)
    assert len(pairs) == 4 * (2 * 6 - 1)  # the one text of the third class is like no other
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert ((LABELS[pairs[:, 0]] == LABELS[pairs[:, 1]]) == pairs[:, 2]).all()
    assert np.bincount(pairs[:, 0]).tolist() == [8, 8, 8, 8, 8, 4]
    assert np.array_equal(pairs, draw_pairs(LABELS, 4, most=1000, seed=0))
    assert not np.array_equal(pairs, draw_pairs(LABELS, 4, most=1000, seed=1))
    assert len(draw_pairs(LABELS, 4, most=7, seed=0)) == 7


def test_the_rate_rises_for_a_tenth_and_falls_to_nothing() -> None:
    rates = [_rate(step, 20) for step in range(20)]
    assert rates[:3] == pytest.approx([0.5, 1.0, 1.0])
    assert rates[-1] == pytest.approx(1 / 18)


def test_the_loss_is_the_squared_error_of_cosines() -> None:
    vectors = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]])

    class Model:
        @staticmethod
        def vectors(rows: torch.Tensor) -> torch.Tensor:
            return vectors[rows]

    texts = Texts(labels=np.zeros(3, int), batch=lambda rows: {"rows": torch.tensor(rows)}, precision=torch.no_grad)
    pairs = np.array([[0, 1, 1], [0, 2, 0], [1, 2, 0]])
    meant = ((1 - 0.5**0.5) ** 2 + 0 + 0.5) / 3
    assert float(_loss(Model(), pairs, texts)) == pytest.approx(meant)


def test_pairs_draw_the_texts_of_a_class_together(bench: Bench) -> None:
    def apart(trainee: Trainee) -> float:
        vectors, labels = trainee.vectors["train"].values.numpy(), bench.splits.train["label"].to_numpy()  # type: ignore[attr-defined]
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        same = labels[:, None] == labels[None, :]
        cosines = unit @ unit.T
        return float(cosines[same].mean() - cosines[~same].mean())

    few, many = (fitted(bench, f"{n}", most_pairs=n, learning_rate=5e-3) for n in (2, 800))
    assert apart(few) + 0.05 < apart(many)


def test_a_run_comes_back_from_disk_with_all_its_weights(bench: Bench) -> None:
    trainee = fitted(bench)
    logits = trainee.predict("test")
    trainee.save(bench.folder("a").model)
    np.testing.assert_array_equal(load_trained(bench.folder("a").model)(bench.splits.test["text"].tolist()), logits)
    assert trainee.training.pooling == "mean"
    assert trainee.cost.params_trainable == trainee.cost.params_total
    assert trainee.trace.initial_weights_sha256 != trainee.trace.final_weights_sha256
    np.testing.assert_array_equal(fitted(bench, "b").predict("test"), logits)
    assert not np.array_equal(fitted(bench, "c", seed=2).predict("test"), logits)


@pytest.mark.parametrize(("model", "pooling"), [("mamba", "last"), ("distilbert", "cls")])
def test_works_on_other_architectures_and_vectors(bench: Bench, model: str, pooling: str) -> None:
    assert fitted(bench, model=model, pooling=pooling).predict("test").shape == (30, 2)


def test_its_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="greater than"):
        Setfit.Config(learning_rate=0)
