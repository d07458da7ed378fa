"""TF-IDF learns texts of any script, by words where spaces separate them and by characters where none do."""

from pathlib import Path

import numpy as np
import pytest

from bakeoff.errors import BadValue
from bakeoff.methods.baselines.nbsvm import Nbsvm
from bakeoff.methods.baselines.tfidf import Tfidf
from bakeoff.methods.ngrams import NgramScorer, analyzer_for

LIKED = {
    "Chinese": ("房间很干净服务很好下次还来", "太差了再也不会来了前台态度恶劣"),
    "Japanese": ("部屋はとてもきれいでまた来たいです", "サービスが悪くて二度と行きません"),
    "Thai": ("ห้องสะอาดมากพนักงานบริการดี", "แย่มากจะไม่มาอีกแล้ว"),
    "Lao": ("ຫ້ອງສະອາດຫຼາຍບໍລິການດີ", "ບໍ່ດີເລີຍຈະບໍ່ມາອີກ"),
    "Khmer": ("បន្ទប់ស្អាតណាស់សេវាកម្មល្អ", "អន់ណាស់ខ្ញុំនឹងមិនមកទៀតទេ"),
}
SPACED = {
    "English": "the room was clean", "Russian": "номер был чистый", "Korean": "방이 아주 깨끗해요",
    "Hindi": "कमरा बहुत साफ था",
    "Arabic": "الغرفة نظيفة جدا", "none": "12 34 !?", "mixed": "great room 很好 and the food, too",
}  # fmt: skip


def fitted(texts: list[str], labels: list[int], **settings: object) -> NgramScorer:
    config = Tfidf.Config(**settings)
    return Tfidf().fit(texts, np.array(labels), n_classes=2, config=config, seed=0)


@pytest.mark.parametrize("language", LIKED)
def test_two_sentences_without_spaces_are_told_apart(language: str, tmp_path: Path) -> None:
    texts, labels = [f"{LIKED[language][n % 2]}{n}" for n in range(40)], [n % 2 for n in range(40)]
    scorer = fitted(texts[:20], labels[:20])
    scores = scorer.scores(texts[20:])
    assert scores.argmax(axis=1).tolist() == labels[20:]
    assert scorer.settled == {"analyzer": "characters"}
    scorer.save(tmp_path)
    assert np.array_equal(Tfidf().load(tmp_path).scores(texts[20:]), scores)


@pytest.mark.parametrize("language", SPACED)
def test_where_spaces_separate_words_features_are_words(language: str) -> None:
    assert analyzer_for([SPACED[language]] * 3) == "words"


def test_the_analyzer_is_what_is_asked_for() -> None:
    texts, labels = ["good film", "bad film", "a good one", "a bad one"], [1, 0, 1, 0]
    assert set(fitted(texts, labels, ngrams=1).features) == {"good", "bad", "film", "a", "one"}
    assert "oo" in fitted(texts, labels, analyzer="characters").features
    chinese = [LIKED["Chinese"][n % 2] for n in range(4)]
    assert set(fitted(chinese, labels, analyzer="words").features) == set(LIKED["Chinese"])


def test_a_model_saved_before_there_was_a_choice_reads_words(tmp_path: Path) -> None:
    scorer = fitted(["good film", "bad film"], [1, 0], analyzer="words")
    scorer.save(tmp_path)
    file = tmp_path / "vocabulary.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"analyzer": "words", ', ""), encoding="utf-8")
    assert np.array_equal(Tfidf().load(tmp_path).scores(["a good film"]), scorer.scores(["a good film"]))


def test_characters_of_words_do_not_reach_over_spaces() -> None:
    texts, labels = ["good film", "bad film"], [1, 0]
    within = fitted(texts, labels, analyzer="word_characters", ngrams=3).features
    across = fitted(texts, labels, analyzer="characters", ngrams=3).features
    assert {"goo", " fi", "lm "} <= set(within)
    assert "d f" in across
    assert "d f" not in within


@pytest.mark.parametrize("kind", [Tfidf, Nbsvm])
def test_texts_of_signs_alone_are_read_by_characters(kind: type[Tfidf | Nbsvm]) -> None:
    texts, labels = ["\N{ROCKET}\N{SPARKLES}", "\N{CRYING FACE}\N{SKULL}"] * 10, [1, 0] * 10
    given = {"n_classes": 2, "seed": 0}
    scorer = kind().fit(texts, np.array(labels), config=kind.Config(), **given)
    assert scorer.settled["analyzer"] == "characters"
    assert scorer.scores(texts).argmax(axis=1).tolist() == labels
    with pytest.raises(
        BadValue, match="analyzer: the training texts have no n-gram of this kind; `analyzer: characters`"
    ):
        kind().fit(texts, np.array(labels), config=kind.Config(analyzer="words"), **given)
