"""TF-IDF weighted n-grams and logistic regression: the strongest thing that needs no neural network."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from typing_extensions import override

from bakeoff.methods.base import ClassicalMethod, Scorer
from bakeoff.methods.config import Config

__all__ = ["Tfidf", "TfidfScorer", "analyzer_for"]


VOCABULARY, WEIGHTS = "vocabulary.json", "weights.npz"
LETTER = re.compile(r"[^\W\d_]")
UNSPACED = re.compile(
    "[\u0e00-\u0eff"  # Thai, Lao
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana, and the signs that repeat a character
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"  # Chinese characters
)
"""Letters of scripts that put no space between words."""
TEXTS, MOST = 2_000, 0.5
Analyzer = Literal["words", "characters"]


class TfidfScorer(Scorer):
    """A fitted vocabulary with its weights.

    features: n-gram -> column; idf: (F,); weights: (C or 1, F); bias: (C or 1,), one row where there are two classes
    """

    def __init__(
        self,
        features: dict[str, int],
        *,
        idf: np.ndarray[Any, Any],
        weights: np.ndarray[Any, Any],
        bias: np.ndarray[Any, Any],
        ngrams: int,
        sublinear: bool,
        analyzer: Analyzer = "words",
        iterations: int = 0,
    ) -> None:
        self.features, self.idf, self.weights, self.bias = features, idf, weights, bias
        self.ngrams, self.sublinear, self.iterations = ngrams, sublinear, iterations
        self.settled = {"analyzer": analyzer}

    @override
    def scores(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """Return logits; of two classes the first one's is zero."""
        vectorizer = _vectorizer(
            self.ngrams, self.settled["analyzer"], sublinear=self.sublinear, vocabulary=self.features
        )
        vectorizer.idf_ = self.idf
        values = np.asarray(vectorizer.transform(texts) @ self.weights.T) + self.bias
        if values.shape[1] == 1:
            values = np.hstack([np.zeros_like(values), values])
        return np.asarray(values, dtype=np.float32)

    @override
    def save(self, folder: Path) -> None:
        """Write the n-grams in column order, and the numbers beside them."""
        words = sorted(self.features, key=self.features.__getitem__)
        head = {"ngrams": self.ngrams, "sublinear": self.sublinear, **self.settled, "features": words}
        (folder / VOCABULARY).write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8", newline="\n")
        np.savez_compressed(folder / WEIGHTS, idf=self.idf, weights=self.weights, bias=self.bias)

    @property
    @override
    def parameters(self) -> int:
        """Weights and biases of the regression."""
        return int(self.weights.size + self.bias.size)


class Tfidf(ClassicalMethod):
    """Counts n-grams, of characters where a script does not separate words, and fits one regression."""

    kind = "tfidf"
    summary = "TF-IDF and logistic regression: n-grams, no neural network."
    seeded = False
    baseline = True
    libraries = ("scipy",)

    class Config(Config):
        """Hyperparameters of the features and the regression."""

        also_searched: ClassVar = {"inverse_penalty": (0.05, 20.0)}

        analyzer: Literal["auto", "words", "characters"] = Field(
            "auto",
            description="what n-grams are of; auto: of characters where most letters of the training texts are "
            "Chinese, Japanese, Thai, Lao or Khmer, else of words",
        )
        ngrams: Literal[1, 2, 3] = Field(2, description="longest run of words, or characters, taken as one feature")
        min_texts: int = Field(1, ge=1, description="texts a feature has to stand in")
        sublinear: bool = Field(True, description="count a word's repetitions by their logarithm")
        inverse_penalty: float = Field(1.0, gt=0, description="larger lets weights grow further (C of scikit-learn)")
        max_iterations: int = Field(1000, ge=1, description="steps of the optimizer at most")
        class_weights: Literal["none", "balanced"] = Field(
            "none", description="balanced: each class counts alike in the training loss"
        )

    @override
    def fit(
        self, texts: Sequence[str], labels: np.ndarray[Any, Any], *, n_classes: int, config: Any, seed: int
    ) -> TfidfScorer:
        """Fit on all training texts; lbfgs draws no random numbers."""
        from sklearn.linear_model import LogisticRegression

        analyzer = analyzer_for(texts) if config.analyzer == "auto" else config.analyzer
        vectorizer = _vectorizer(config.ngrams, analyzer, sublinear=config.sublinear, min_df=config.min_texts)
        table = vectorizer.fit_transform(texts)
        regression = LogisticRegression(
            C=config.inverse_penalty,
            max_iter=config.max_iterations,
            class_weight="balanced" if config.class_weights == "balanced" else None,
        )
        regression.fit(table, labels)
        features = {str(word): int(column) for word, column in vectorizer.vocabulary_.items()}
        return TfidfScorer(
            features,
            idf=vectorizer.idf_,
            weights=regression.coef_,
            bias=regression.intercept_,
            ngrams=config.ngrams,
            sublinear=config.sublinear,
            analyzer=analyzer,
            iterations=int(regression.n_iter_.max()),
        )

    @override
    def load(self, folder: Path) -> TfidfScorer:
        """Read vocabulary and weights."""
        head = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        features = {word: column for column, word in enumerate(head["features"])}
        with np.load(folder / WEIGHTS, allow_pickle=False) as held:
            return TfidfScorer(
                features,
                idf=held["idf"],
                weights=held["weights"],
                bias=held["bias"],
                ngrams=head["ngrams"],
                sublinear=head["sublinear"],
                analyzer=head.get("analyzer", "words"),
            )


def analyzer_for(texts: Sequence[str]) -> Analyzer:
    """Return what n-grams are of: characters where most letters are of scripts that do not separate words.

    texts: of which 2,000 at most are looked at, from all over
    """
    sample = " ".join(texts[:: max(1, len(texts) // TEXTS)])
    return "characters" if len(UNSPACED.findall(sample)) > MOST * len(LETTER.findall(sample)) else "words"


def _vectorizer(ngrams: int, analyzer: Analyzer, *, sublinear: bool, **settings: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if analyzer == "characters":
        return TfidfVectorizer(analyzer="char", ngram_range=(1, ngrams), sublinear_tf=sublinear, **settings)
    # Words of one letter and signs carry sentiment, too; the default pattern drops them.
    pattern = r"(?u)\w+(?:'\w+)?|[!?]"
    return TfidfVectorizer(ngram_range=(1, ngrams), sublinear_tf=sublinear, token_pattern=pattern, **settings)
