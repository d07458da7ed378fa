"""NB-SVM: n-grams weighted by how much likelier a class makes them, and a linear classifier of them.

Wang and Manning (2012), Baselines and Bigrams: Simple, Good Sentiment and Topic Classification.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field
from typing_extensions import override

from bakeoff.methods.base import ClassicalMethod
from bakeoff.methods.ngrams import NgramConfig, NgramScorer, analyzer_for, table_of, vectorizer_of

__all__ = ["Nbsvm", "log_ratios"]


FOLDS, NATURAL = 5, 1.0
LOGARITHMS = (-4.0, 4.0)
"""Bounds of the logarithm of the temperature."""
Floats = np.ndarray[Any, np.dtype[np.float64]]


class Nbsvm(ClassicalMethod):
    """Fits one linear classifier a class, against all others, on features times their log-count ratios."""

    kind = "nbsvm"
    summary = "NB-SVM: n-grams weighted by naive Bayes and a linear classifier, no neural network."
    seeded = False
    baseline = True
    libraries = ("scipy",)
    modules = (
        "scipy.optimize", "sklearn.feature_extraction.text", "sklearn.linear_model", "sklearn.model_selection",
        "sklearn.svm",
    )  # fmt: skip

    class Config(NgramConfig):
        """Hyperparameters of the features and the classifier; the defaults are those of the paper."""

        loss: Literal["squared_hinge", "logistic"] = Field(
            "squared_hinge", description="squared_hinge: a support vector machine; logistic: a logistic regression"
        )
        smoothing: float = Field(1.0, gt=0, description="added to every count before ratios are taken")
        interpolation: float = Field(
            0.25, gt=0, le=1, description="share of the classifier's own weights; the rest is naive Bayes, as strong"
        )

    @override
    def fit(
        self, texts: Sequence[str], labels: np.ndarray[Any, Any], *, n_classes: int, config: Any, seed: int
    ) -> NgramScorer:
        """Fit on all training texts.

        Margins are no logits: all are divided by one number, the temperature that gives texts which a classifier has
        not seen (five folds of the training texts) their least log loss. It changes no prediction.
        """
        analyzer = analyzer_for(texts) if config.analyzer == "auto" else config.analyzer
        vectorizer = vectorizer_of(config.ngrams, analyzer, sublinear=None, min_df=config.min_texts)
        table = table_of(vectorizer, texts)
        weights, bias, iterations = _fitted(table, labels, n_classes, config)
        temperature = _temperature(table, labels, n_classes, config)
        return NgramScorer(
            {str(word): int(column) for word, column in vectorizer.vocabulary_.items()},
            idf=None,
            weights=weights / temperature,
            bias=bias / temperature,
            ngrams=config.ngrams,
            sublinear=None,
            analyzer=analyzer,
            iterations=iterations,
        )

    @override
    def load(self, folder: Path) -> NgramScorer:
        """Read vocabulary and weights."""
        return NgramScorer.load(folder)


def log_ratios(table: Any, positive: np.ndarray[Any, np.dtype[np.bool_]], *, smoothing: float) -> Floats:
    """Return the log-count ratio of each feature (F,): of its share among the features of positive and of other texts.

    table: (N, F) of 0 and 1, sparse; positive: (N,)
    """
    own, other = (smoothing + np.asarray(table[rows].sum(axis=0)).ravel() for rows in (positive, ~positive))
    return np.asarray(np.log(own / own.sum()) - np.log(other / other.sum()))


def _fitted(table: Any, labels: np.ndarray[Any, Any], n_classes: int, config: Any) -> tuple[Floats, Floats, int]:
    """Return weights (C or 1, F), biases (C or 1,) and the most iterations; of two classes the second's are enough."""
    found = [_against_all(table, labels == one, config) for one in (range(n_classes) if n_classes > 2 else (1,))]  # noqa: PLR2004
    weights, bias, iterations = zip(*found, strict=True)
    return np.stack(weights), np.asarray(bias), max(iterations)


def _against_all(table: Any, positive: Any, config: Any) -> tuple[Floats, float, int]:
    """Fit one class against all others; weights are drawn towards their mean magnitude, where only the ratios speak."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    ratios = log_ratios(table, positive, smoothing=config.smoothing)
    settings = {
        "C": config.inverse_penalty,
        "max_iter": config.max_iterations,
        "class_weight": "balanced" if config.class_weights == "balanced" else None,
    }
    # In the dual, a hundred times faster here: it draws the order of texts, the same one always.
    settings |= {"dual": True, "random_state": 0}
    hinge = config.loss == "squared_hinge"
    model = LinearSVC(**settings) if hinge else LogisticRegression(solver="liblinear", **settings)
    model.fit(table.multiply(ratios).tocsr(), positive)
    own = model.coef_[0]
    weights = (1 - config.interpolation) * np.abs(own).mean() + config.interpolation * own
    return ratios * weights, float(model.intercept_[0]), int(np.max(model.n_iter_))


def _temperature(table: Any, labels: np.ndarray[Any, Any], n_classes: int, config: Any) -> float:
    """Return what divides margins; 1 where a class has one text only."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax
    from sklearn.model_selection import StratifiedKFold

    folds = min(FOLDS, int(np.bincount(labels, minlength=n_classes).min()))
    if folds < 2:  # noqa: PLR2004
        return NATURAL
    margins = np.zeros((len(labels), n_classes))
    for seen, unseen in StratifiedKFold(folds).split(table, labels):
        weights, bias, _ = _fitted(table[seen], labels[seen], n_classes, config)
        margins[unseen, -len(bias) :] = table[unseen] @ weights.T + bias

    def loss(logarithm: float) -> float:
        return -float(log_softmax(margins / np.exp(logarithm), axis=1)[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=LOGARITHMS, method="bounded").x))
