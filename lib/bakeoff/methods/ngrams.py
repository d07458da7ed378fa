"""N-grams of words or characters, and a linear model of them: what the methods without a neural network share."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.methods.base import Scorer
from bakeoff.methods.config import Config
from bakeoff.system.digests import bytes_of, from_json

__all__ = ["Analyzer", "NgramConfig", "NgramScorer", "analyzer_for", "table_of", "vectorizer_of"]


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
WORDS = r"(?u)\w+(?:'\w+)?|[!?]"
"""Words of one letter and signs carry sentiment, too; the default pattern of scikit-learn drops them."""
Analyzer = Literal["words", "characters", "word_characters"]
_OF_SKLEARN = {"characters": "char", "word_characters": "char_wb"}


class NgramConfig(Config):
    """Hyperparameters of n-grams and of a linear model of them."""

    also_searched: ClassVar = {"inverse_penalty": (0.05, 20.0)}

    analyzer: Literal["auto", "words", "characters", "word_characters"] = Field(
        "auto",
        description="what n-grams are of; word_characters: of the characters of a word and the spaces around it; auto: "
        "of characters where most letters of the training texts are Chinese, Japanese, Thai, Lao or Khmer, or all that "
        "they hold are signs, else of words",
    )
    ngrams: int = Field(2, ge=1, le=8, description="longest run of words, or characters, taken as one feature")
    min_texts: int = Field(1, ge=1, description="texts a feature has to stand in")
    inverse_penalty: float = Field(1.0, gt=0, description="larger lets weights grow further (C of scikit-learn)")
    max_iterations: int = Field(1000, ge=1, description="steps of the optimizer at most")
    class_weights: Literal["none", "balanced"] = Field(
        "none", description="balanced: each class counts alike in the training loss"
    )


class NgramScorer(Scorer):
    """A fitted vocabulary with its weights.

    features: n-gram -> column; idf: (F,), None where a feature counts once in any text that has it; weights: (C or 1,
    F); bias: (C or 1,), one row where there are two classes
    """

    def __init__(
        self,
        features: dict[str, int],
        *,
        idf: np.ndarray[Any, Any] | None,
        weights: np.ndarray[Any, Any],
        bias: np.ndarray[Any, Any],
        ngrams: int,
        sublinear: bool | None,
        analyzer: Analyzer = "words",
        iterations: int = 0,
    ) -> None:
        self.features, self.idf, self.weights, self.bias = features, idf, weights, bias
        self.ngrams, self.sublinear, self.iterations = ngrams, sublinear, iterations
        self.settled = {"analyzer": analyzer}

    @override
    def scores(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """Return logits; of two classes the first one's is zero."""
        vectorizer = vectorizer_of(
            self.ngrams, self.settled["analyzer"], sublinear=self.sublinear, vocabulary=self.features
        )
        if self.idf is not None:
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
        idf: dict[str, Any] = {} if self.idf is None else {"idf": self.idf}
        np.savez_compressed(folder / WEIGHTS, weights=self.weights, bias=self.bias, **idf)

    @classmethod
    def load(cls, folder: Path) -> NgramScorer:
        """Read vocabulary and weights."""
        head = from_json(bytes_of(folder / VOCABULARY))
        features = {word: column for column, word in enumerate(head["features"])}
        with np.load(folder / WEIGHTS, allow_pickle=False) as held:
            return cls(
                features,
                idf=held.get("idf"),
                weights=held["weights"],
                bias=held["bias"],
                ngrams=head["ngrams"],
                sublinear=head["sublinear"],
                analyzer=head.get("analyzer", "words"),
            )

    @property
    @override
    def parameters(self) -> int:
        """Weights and biases of the linear model."""
        return int(self.weights.size + self.bias.size)


def analyzer_for(texts: Sequence[str]) -> Analyzer:
    """Return what n-grams are of: characters where most letters are of scripts that do not separate words, or none is.

    texts: of which 2,000 at most are looked at, from all over
    """
    sample = " ".join(texts[:: max(1, len(texts) // TEXTS)])
    unspaced = len(UNSPACED.findall(sample)) > MOST * len(LETTER.findall(sample))
    return "characters" if unspaced or not re.search(WORDS, sample) else "words"


def table_of(vectorizer: Any, texts: Sequence[str]) -> Any:
    """Return the counts of n-grams that a vectorizer finds in training texts; raises BadValue where it finds none."""
    try:
        return vectorizer.fit_transform(texts)
    except ValueError as error:
        if "vocabulary" not in str(error) and "no terms" not in str(error):
            raise
        hint = "`analyzer: characters` reads all signs, `min_texts: 1` takes those of one text"
        raise BadValue("analyzer", "the training texts have no n-gram of this kind", hint=hint) from None


def vectorizer_of(ngrams: int, analyzer: Analyzer, *, sublinear: bool | None, **settings: Any) -> Any:
    """Return scikit-learn's vectorizer: of TF-IDF, or of presence (0 or 1) where `sublinear` is None."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    settings |= {"ngram_range": (1, ngrams)}
    settings |= {"token_pattern": WORDS} if analyzer == "words" else {"analyzer": _OF_SKLEARN[analyzer]}
    if sublinear is None:
        return CountVectorizer(binary=True, dtype=np.float64, **settings)
    return TfidfVectorizer(sublinear_tf=sublinear, **settings)
