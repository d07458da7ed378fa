"""Languages: whole catalogues, right plurals, numbers and lists, and nothing leaks out of a block."""

from __future__ import annotations

import re
import string
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

import messages
from bakeoff.errors import UnknownName
from bakeoff.report.pages.display import Figure
from bakeoff.report.pages.table import Table
from bakeoff.report.text.language import (
    ENGLISH,
    LANGUAGES,
    in_its_language,
    language,
    listed,
    numeral,
    speaking,
    tr,
    tr_in,
    trn,
)
from prose import MOST_WORDS, sentences, words_of

OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})


def forms(text) -> tuple[str, ...]:
    return text if isinstance(text, tuple | list) else (text,)


def gaps(text: str) -> set[str]:
    return {name for _, name, *_ in string.Formatter().parse(text) if name}


def read(code: str):
    return [message for message in messages.read(code) if message.id]


# catalogues -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_has_every_message_and_no_other(code: str) -> None:
    known = {(message.context, message.id) for message in read(code)}
    said = {(message.context, message.id) for message in messages.collected(code) if message.id}
    hint = "run tests/support/messages.py and translate what is new"
    assert said - known == set(), hint
    assert known - said == set(), hint
    assert messages.catalogue_file(code).read_bytes() == messages.updated(code), hint


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated_with_its_gaps(code: str) -> None:
    plurals = messages.read(code).num_plurals
    for message in read(code):
        assert not message.fuzzy
        assert len(forms(message.string)) == (plurals if isinstance(message.id, tuple) else 1), message.id
        for text in forms(message.string):
            assert text, message.id
            assert gaps(text) == gaps(forms(message.id)[-1]), text


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_a_sentence_is_short(code: str) -> None:
    """Whatever a report says, wherever it says it: one idea a sentence."""
    english = code == ENGLISH
    said = messages.read(OTHERS[0] if english else code)
    texts = {text for message in said if message.id for text in forms(message.id if english else message.string)}
    long = {one: len(words_of(one)) for text in texts for one in sentences(text) if len(words_of(one)) > MOST_WORDS}
    assert len(texts) > 500
    assert not long


ALLOWED = {
    "AUROC", "Accuracy", "ECE", "F1", "GPU", "MAE", "MCC", "MIT", "Macro-F1", "PDF", "QWK", "SHA-256", "Seed",
    "Spearman", "accuracy", "log", "macro-F1", "n", "p", "seed",
}  # fmt: skip
NAMES = {
    "AdaLoRA", "BitFit", "Brier", "C3A", "DeLoRA", "Debian", "DoRA", "FourierFT", "Gilbert", "GraLoRA", "HRA", "HiRA",
    "Hutto", "IA", "ICWSM", "LN", "LoHa", "LoKr", "LoRA", "Log", "MiSS", "NB-SVM", "Noto", "OFT", "P-tuning", "PiSSA",
    "Prefix", "Prompt", "Python", "RandLoRA", "RoAd", "SetFit", "TF-IDF", "VB-LoRA", "VeRA", "WaveFT", "bakeoff",
    "linear", "loss", "precision", "probing", "recall", "rsLoRA", "run", "tuning", "vaderSentiment",
}  # fmt: skip


def test_russian_is_written_in_russian() -> None:
    """Latin letters are names: of methods, metrics, programs, people."""
    latin = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
    for message in read("ru"):
        for text in forms(message.string):
            literal = "".join(part for part, *_ in string.Formatter().parse(text))
            assert set(latin.findall(literal)) <= ALLOWED | NAMES, text


def test_messages_in_the_sources_are_found(tmp_path) -> None:
    source = tmp_path / "module.py"
    source.write_text(
        'a = tr("one {n}", n=1)\nb = f"{tr_in(\'place\', \'two\')}"\nc = msgn("x", "xs"), msg("long "\n"text")\n'
        "d = trn(*c, 3), tr(c), other('no')\n",
        encoding="utf-8",
    )
    assert messages.said(source) == [(None, "one {n}"), ("place", "two"), (None, ("x", "xs")), (None, "long text")]


# what is spoken -------------------------------------------------------------------------------------------------------


def test_english_is_spoken_unless_another_language_is() -> None:
    assert (language().code, tr("method"), numeral("1,234.5")) == ("en", "method", "1,234.5")
    with speaking("ru") as spoken:
        assert (spoken.code, language().code, tr("method")) == ("ru", "ru", "метод")
        with speaking("en"):
            assert tr("method") == "method"
        assert tr("method") == "метод"
        assert tr("nobody says {this}", this="yet") == "nobody says yet"
        assert tr("") == ""
    assert language().code == "en"


def test_an_error_ends_the_block_too() -> None:
    with pytest.raises(RuntimeError), speaking("ru"):
        raise RuntimeError
    assert language().code == "en"
    with pytest.raises(UnknownName, match=f"Known: {', '.join(sorted(LANGUAGES))}"), speaking("xx"):
        pass


@pytest.mark.parametrize(
    ("number", "en", "de", "ru"),
    [(1, "1 run", "1 Lauf", "1 запуск"), (2, "2 runs", "2 Läufe", "2 запуска"), (5, "5 runs", "5 Läufe", "5 запусков"),
     (11, "11 runs", "11 Läufe", "11 запусков"), (21, "21 runs", "21 Läufe", "21 запуск"),
     (112, "112 runs", "112 Läufe", "112 запусков"), (0, "0 runs", "0 Läufe", "0 запусков")],
)  # fmt: skip
def test_plurals(number: int, en: str, de: str, ru: str) -> None:
    for code, shown in (("en", en), ("de", de), ("ru", ru)):
        with speaking(code):
            assert trn("{number} run", "{number} runs", number, number=number) == shown


@pytest.mark.parametrize("code", OTHERS)
def test_every_number_has_its_form(code: str) -> None:
    """A catalogue's rule of plurals is that of the CLDR."""
    catalogue = messages.read(code)
    assert catalogue.plural_expr == messages.collected(code).plural_expr
    assert catalogue.num_plurals == messages.collected(code).num_plurals


def test_one_word_in_two_places() -> None:
    with speaking("ru"):
        assert (tr_in("bytes", "B"), tr_in("billion", "B")) == ("Б", "млрд")


def test_lists() -> None:
    assert [listed(list("abc"[:n])) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    for code, word in (("de", "und"), ("ru", "и")):
        with speaking(code):
            assert [listed(list("abc"[:n])) for n in (1, 2, 3)] == ["a", f"a {word} b", f"a, b {word} c"]


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from(sorted(LANGUAGES)))
def test_numbers_are_those_of_the_cldr(value: Decimal, code: str) -> None:
    with speaking(code) as spoken:
        expected = format_decimal(value, "#,##0.000", locale=spoken.locale)
        assert numeral(f"{value:,.3f}").replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}") == expected


def test_a_class_speaks_its_own_language() -> None:
    @in_its_language
    class Shop:
        language = "ru"

        def sign(self, *, of: str) -> str:
            """Say what is sold."""
            return f"{tr('method')} {of}"

        def _inside(self) -> str:
            return tr("method")

    assert (Shop().sign(of="x"), Shop()._inside()) == ("метод x", "method")
    assert Shop.sign.__doc__ == "Say what is sold."


def test_pieces_say_their_language_unless_it_is_english() -> None:
    from matplotlib import pyplot as plt

    def shown() -> list[str]:
        drawn, _ = plt.subplots()
        pieces = [Table({"a": [1]}, caption="c"), Figure(drawn, caption="c", alt="a")]
        return [piece._repr_mimebundle_()["text/html"] for piece in pieces]

    assert not any("lang=" in html for html in shown())
    with speaking("ru"):
        assert all(html.startswith(("<div", "<figure")) and ' lang="ru"' in html[:60] for html in shown())
