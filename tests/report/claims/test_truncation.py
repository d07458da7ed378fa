"""Where many texts are longer than what is read of them, the answer says so."""

import pytest

import sample
from bakeoff.report.claims.data import cut
from prose import replaced, spoken


def collection(longer, *names):
    found = sample.collection(seeds=(41,), missing=tuple(set(sample.FACTS) - {"majority", *names}))
    training = sample.record("full").training.model_copy(update={"truncated_share": longer})
    for name in ("full", "lora"):
        found = replaced(found, name, training=training)
    return found


@pytest.mark.parametrize("longer", [None, 0.0, 0.19])
def test_few_cut_texts_need_no_word(longer) -> None:
    assert not list(cut(collection(longer, "full", "lora")))
    assert not list(cut(sample.empty()))


def test_who_reads_how_much_is_said_once() -> None:
    one = "full and lora read at most 256 tokens of a text; 96 % of the training texts are longer."
    assert spoken(cut(collection(0.96, "full", "lora"))) == [one]


SENTENCES = {
    "en": "full read at most 256 tokens of a text; 20 % of the training texts are longer. Whole texts were given to "
    "tfidf.",
    "ru": "full: из текста читается не больше чем 256 токенов; доля более длинных обучающих текстов — 20 %. Тексты "
    "целиком даются методам: tfidf.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_who_was_given_whole_texts_is_named(language) -> None:
    (text,) = spoken(cut(collection(0.2, "full", "tfidf")), language)
    assert text == SENTENCES[language]
