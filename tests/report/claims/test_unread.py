"""Where the base model's tokenizer hardly knows the texts, the answer says so."""

import pytest

import sample
from bakeoff.report.claims.data import unread
from prose import replaced, spoken


def collection(unknown, letters, *names):
    found = sample.collection(seeds=(41,), missing=tuple(set(sample.FACTS) - {"tfidf", *names}))
    shares = {"unknown_share": unknown, "single_letter_share": letters}
    for name in names:
        found = replaced(found, name, inputs=sample.record(name).inputs.model_copy(update=shares))
    return found


@pytest.mark.parametrize(("unknown", "letters"), [(None, None), (0.0, 0.0), (0.06, 0.29)])
def test_usual_texts_need_no_word(unknown, letters) -> None:
    assert not list(unread(collection(unknown, letters, "full", "lora")))
    assert not list(unread(sample.empty()))


SENTENCES = {
    "en": "The tokenizer of bundled:minilm-l6 hardly knows these texts: of its tokens, 34 % stand for unknown signs "
    "and 5.0 % for single letters. What is said of full and lora is said of a model that was made for other texts.",
    "ru": "Токенизатор модели bundled:minilm-l6 почти не знает этих текстов: среди его токенов доля неизвестных знаков "
    "— 34 %, отдельных букв — 5,0 %. Сказанное о методах (full и lora) "
    "относится к модели, созданной для других текстов.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_model_and_its_methods_are_named(language) -> None:
    (text,) = spoken(unread(collection(0.34, 0.05, "full", "lora")), language)
    assert text == SENTENCES[language]


def test_single_letters_are_enough() -> None:
    assert spoken(unread(collection(0.0, 0.3, "full")))
