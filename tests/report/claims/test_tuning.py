"""What is said of tuned methods: which row is which, what tuning gained, and where two change places."""

from __future__ import annotations

import pytest

import tuned
from bakeoff.report.claims.conclusions import draw_conclusions
from prose import plain
from studies import demo


def said(found, *, language="en", kind="tuning"):
    return [plain(one.text) for one in draw_conclusions(*found, language=language) if one.kind == kind]


SETTLED = {"full": (0.84, 0.74), "lora": (0.794, 0.80)}
"""With declared settings lora is far ahead, tuned full is."""


def test_what_tuning_gained_and_turned():
    (text,) = said(tuned.study(SETTLED))
    assert text == (
        "Rows with the settings that the experiment declares, not tuned: full_default and lora_default. Tuned, better "
        "than with the declared settings: full (after correction for 3 comparisons). Tuned, worse than with the "
        "declared settings: lora (after correction for 6 comparisons). By mean accuracy on the validation items over "
        "the compared seeds, tuning turned which of two is ahead (first the one that was ahead with the declared "
        "settings): lora against full. The tests on the test items bear out both orders: lora against full."
    )
    (text,) = said(tuned.study(SETTLED), language="ru")
    assert text.startswith("Строки с настройками, заданными в эксперименте, без подбора: full_default и lora_default.")
    assert text.endswith("Проверки на тестовых примерах подтверждают оба порядка: lora против full.")


def test_a_turn_that_the_tests_do_not_settle():
    (text,) = said(tuned.study({"full": (0.84, 0.80), "lora": (0.838, 0.802)}))
    assert "The tests on the test items do not settle that the order turned: lora against full." in text
    assert "bear out" not in text


def test_one_half_of_a_turn_is_not_enough():
    """The order with declared settings is settled, that of the tuned ones is not."""
    (text,) = said(tuned.study({"full": (0.841, 0.74), "lora": (0.84, 0.80)}))
    assert "do not settle that the order turned: lora against full" in text


def test_an_order_that_stays():
    (text,) = said(tuned.study({"full": (0.85, 0.84), "lora": (0.80, 0.79)}))
    assert text.endswith("the order of full and lora is the same tuned and as declared.")


def test_the_order_is_that_of_validation():
    validation = {"full": 0.84, "full_default": 0.74, "lora": 0.79, "lora_default": 0.70}
    (text,) = said(tuned.study(SETTLED, validation=validation))
    assert "the order of full and lora is the same" in text


def test_equal_means_have_no_order():
    (text,) = said(tuned.study({"full": (0.85, 0.80), "lora": (0.84, 0.80)}))
    assert "turned which of two" not in text


def test_worse_and_equivalent():
    (text,) = said(tuned.study({"full": (0.80, 0.85), "lora": (0.80, 0.80)}))
    assert "Tuned, worse than with the declared settings: full" in text


def test_few_seeds_speak_of_models():
    (text,) = said(tuned.study(SETTLED, seeds=(41,)))
    assert "As trained here, higher tuned than with the declared settings: full" in text
    assert "do not settle that the order turned: lora against full" in text, "no claim about methods from one seed"


def test_one_method_has_no_order():
    (text,) = said(tuned.study({"full": (0.85, 0.80)}))
    assert "order" not in text


def test_nothing_is_said_where_nothing_is_tuned():
    assert said(demo()) == []


def test_the_choice_is_told_without_the_list_of_all_trials():
    first, second = said(tuned.study(SETTLED), kind="sweep")
    assert first.startswith(
        "For full, learning_rate 9e-05 was chosen by accuracy on the validation items, the best of 8 trials. The test "
        "items had no part in it."
    )
    assert "seed 40" in second


@pytest.mark.parametrize("lost", [(), (0, 1, 2)])
def test_trials_stand_in_the_ledger_of_what_was_unequal(lost):
    (text,) = said(tuned.study(SETTLED, lost=lost), kind="fairness")
    assert "8 trials with full and lora; 1 trial with full_default and lora_default" in text


def test_of_a_search_by_halving_the_stopped_are_told():
    collection, comparison = tuned.study(SETTLED)
    found = tuned.halved(collection), comparison
    told = " ".join(said(found, kind="sweep"))
    assert "the best of 2 trials trained to the end. Successive halving stopped the others before" in told
    assert "successive halving" not in " ".join(said((collection, comparison), kind="sweep"))
    assert "последовательное отсеивание" in " ".join(said(found, language="ru", kind="sweep"))
