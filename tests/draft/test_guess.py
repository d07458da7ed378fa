"""Which column is taken for the label, and how sure the words are about it."""

import pandas as pd
import pytest

from bakeoff.draft.guess import Guess, describe, guess_label

N = 60
VALUES = {
    "stars": [n % 5 + 1 for n in range(N)],
    "lang": ["en" if n % 3 else "de" for n in range(N)],
    "verdict": ["good" if n % 2 else "bad" for n in range(N)],
    "qqq": ["good" if n % 2 else "bad" for n in range(N)],
    "number": list(range(N)),
    "shelf": [f"shelf {n % 18}" for n in range(N)],
    "seller": [f"seller {n % 20}" for n in range(N)],
    "sentiment": ["good" if n % 2 else "bad" for n in range(N)],
}


def label(*names: str, given: str | None = None, **called: str) -> Guess:
    """Guess the label of texts with these columns beside them; called: columns that have another name here."""
    texts = pd.Series([f"this is text {n}" for n in range(N)], name="review")
    columns = [describe(texts), *(describe(pd.Series(VALUES[name], name=called.get(name, name))) for name in names)]
    return guess_label(columns, texts=["review"], given=given)


@pytest.mark.parametrize(
    "name",
    ["verdict", "polarity", "target", "category", "topic", "intent", "stance", "Sentiment", "news_topic", "label_2"],
)
def test_usual_names_of_labels_come_before_a_grade(name: str) -> None:
    found = label("stars", "verdict", verdict=name)
    assert (found.column, found.others, found.sure) == (name, ("stars",), False)
    assert found.in_words() == "a guess; it could also be stars"


@pytest.mark.parametrize("name", ["stars", "rating", "Grade", "score"])
def test_a_grade_comes_before_an_unknown_name_which_is_said_to_come_near(name: str) -> None:
    found = label("qqq", "stars", stars=name)
    assert (found.column, found.in_words()) == (name, "a guess; it could also be qqq")


def test_columns_with_few_values_are_listed_however_far_they_are() -> None:
    found = label("sentiment", "lang", "number")
    assert found.sure
    assert found.in_words() == "guessed; other columns with few values: lang"
    assert label("verdict", "stars", "lang").in_words() == (
        "a guess; it could also be stars; further columns with few values: lang"
    )


def test_nothing_comes_near_only_where_no_other_column_has_few_values() -> None:
    assert label("verdict", "number").in_words() == "guessed, nothing else comes near"
    assert label("sentiment", "lang", given="sentiment").in_words() == "as given"


def test_many_columns_are_counted_after_the_first() -> None:
    said = label("sentiment", "lang", "qqq", "shelf", "seller", "stars").in_words()
    assert said == "a guess; it could also be stars; further columns with few values: lang, qqq, shelf, seller"
    others = Guess("label", sure=True, few=("a", "b", "c", "d", "e", "f"))
    assert others.in_words() == "guessed; other columns with few values: a, b, c, d and 2 more"
