"""NB-SVM: log-count ratios by hand, the classifier's minimum by another optimizer, logits that softmax understands."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from bakeoff.methods.baselines.nbsvm import Nbsvm
from bakeoff.methods.ngrams import NgramScorer
from bakeoff.metrics.classification import METRICS

WORDS = ["good", "bad", "film", "plot", "fine", "dull"]


def corpus(n: int, classes: int = 2, seed: int = 0) -> tuple[list[str], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    texts = [" ".join([*rng.choice(WORDS, 3), *rng.choice([WORDS[label], "film"], 1)]) for label in labels]
    return texts, labels


def fitted(texts: list[str], labels: NDArray[np.int64], **settings: object) -> NgramScorer:
    config = Nbsvm.Config(**settings)
    return Nbsvm().fit(texts, labels, n_classes=int(labels.max()) + 1, config=config, seed=0)


def presence(texts: list[str], columns: list[str]) -> NDArray[np.float64]:
    return np.array([[float(word in text.split()) for word in columns] for text in texts])


def by_hand(
    table: NDArray[np.float64], positive: NDArray[np.bool_], *, beta: float, alpha: float
) -> NDArray[np.float64]:
    """Return the weights and, last, the bias of Wang and Manning's equations 1 to 6, minimised by BFGS."""
    p, q = alpha + table[positive].sum(axis=0), alpha + table[~positive].sum(axis=0)
    ratio = np.log((p / p.sum()) / (q / q.sum()))
    features, sign = table * ratio, np.where(positive, 1.0, -1.0)

    def objective(given: NDArray[np.float64]) -> float:
        margin = sign * (features @ given[:-1] + given[-1])
        return 0.5 * float(given @ given) + float((np.maximum(0, 1 - margin) ** 2).sum())

    found = minimize(objective, np.zeros(table.shape[1] + 1), method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-9})
    own = found.x[:-1]
    return np.append(ratio * ((1 - beta) * np.abs(own).mean() + beta * own), found.x[-1])


@pytest.mark.parametrize("beta", [0.25, 1.0])
def test_weights_are_those_of_the_paper_up_to_one_temperature(beta: float) -> None:
    texts, labels = corpus(40)
    scorer = fitted(texts, labels, ngrams=1, interpolation=beta, smoothing=0.5, max_iterations=10_000)
    columns = sorted(scorer.features, key=scorer.features.__getitem__)
    meant = by_hand(presence(texts, columns), labels == 1, beta=beta, alpha=0.5)
    got = np.append(scorer.weights[0], scorer.bias[0])
    temperature = np.linalg.norm(meant) / np.linalg.norm(got)
    np.testing.assert_allclose(got * temperature, meant, atol=2e-3)


def test_of_three_classes_each_is_held_against_the_others() -> None:
    texts, labels = corpus(60, classes=3)
    scorer = fitted(texts, labels, ngrams=1, max_iterations=10_000)
    columns = sorted(scorer.features, key=scorer.features.__getitem__)
    table = presence(texts, columns)
    meant = np.stack([by_hand(table, labels == one, beta=0.25, alpha=1.0) for one in range(3)])
    got = np.column_stack([scorer.weights, scorer.bias])
    np.testing.assert_allclose(got * np.linalg.norm(meant) / np.linalg.norm(got), meant, atol=2e-3)
    assert scorer.scores(texts).shape == (60, 3)


@pytest.mark.parametrize("loss", ["squared_hinge", "logistic"])
@pytest.mark.parametrize("classes", [2, 3])
def test_softmax_of_its_logits_is_better_than_knowing_the_shares(loss: str, classes: int) -> None:
    texts, labels = corpus(300, classes=classes)
    scores = fitted(texts[:200], labels[:200], loss=loss).scores(texts[200:])
    assert METRICS["accuracy"](labels[200:], scores.argmax(axis=1)) > 1.2 / classes
    assert METRICS["log_loss"](labels[200:], scores) < np.log(classes)


def test_no_fold_and_no_temperature_where_a_class_has_one_text() -> None:
    texts, labels = ["good film", "fine film", "bad plot"], np.array([0, 0, 1])
    assert fitted(texts, labels).scores(["bad plot"]).argmax() == 1


@pytest.mark.parametrize("analyzer", ["words", "characters", "word_characters"])
def test_comes_back_from_disk(analyzer: str, tmp_path: Path) -> None:
    texts, labels = corpus(40)
    scorer = fitted(texts, labels, analyzer=analyzer, ngrams=4)
    scorer.save(tmp_path)
    assert np.array_equal(Nbsvm().load(tmp_path).scores(texts), scorer.scores(texts))
    assert scorer.settled == {"analyzer": analyzer}
