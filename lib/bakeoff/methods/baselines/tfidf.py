"""TF-IDF weighted n-grams and logistic regression: the strongest thing that needs no neural network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field
from typing_extensions import override

from bakeoff.methods.base import ClassicalMethod
from bakeoff.methods.ngrams import NgramConfig, NgramScorer, analyzer_for, table_of, vectorizer_of

__all__ = ["Tfidf"]


class Tfidf(ClassicalMethod):
    """Counts n-grams, of characters where a script does not separate words, and fits one regression."""

    kind = "tfidf"
    summary = "TF-IDF and logistic regression: n-grams, no neural network."
    seeded = False
    baseline = True
    libraries = ("scipy",)
    modules = ("sklearn.feature_extraction.text", "sklearn.linear_model")

    class Config(NgramConfig):
        """Hyperparameters of the features and the regression."""

        sublinear: bool = Field(True, description="count a word's repetitions by their logarithm")

    @override
    def fit(
        self, texts: Sequence[str], labels: np.ndarray[Any, Any], *, n_classes: int, config: Any, seed: int
    ) -> NgramScorer:
        """Fit on all training texts; lbfgs draws no random numbers."""
        from sklearn.linear_model import LogisticRegression

        analyzer = analyzer_for(texts) if config.analyzer == "auto" else config.analyzer
        vectorizer = vectorizer_of(config.ngrams, analyzer, sublinear=config.sublinear, min_df=config.min_texts)
        table = table_of(vectorizer, texts)
        regression = LogisticRegression(
            C=config.inverse_penalty,
            max_iter=config.max_iterations,
            class_weight="balanced" if config.class_weights == "balanced" else None,
        )
        regression.fit(table, labels)
        features = {str(word): int(column) for word, column in vectorizer.vocabulary_.items()}
        scorer = NgramScorer(
            features,
            idf=vectorizer.idf_,
            weights=regression.coef_,
            bias=regression.intercept_,
            ngrams=config.ngrams,
            sublinear=config.sublinear,
            analyzer=analyzer,
            iterations=int(regression.n_iter_.max()),
        )
        scorer.converged = scorer.iterations < config.max_iterations
        return scorer

    @override
    def load(self, folder: Path) -> NgramScorer:
        """Read vocabulary and weights."""
        return NgramScorer.load(folder)
