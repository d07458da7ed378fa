"""Metrics of the user's own whose parts contradict each other, or that do more than to measure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bakeoff.errors import BadValue
from bakeoff.metrics.classification import comparable
from bakeoff.metrics.items import item_scores
from bakeoff.metrics.metric import Metric
from bakeoff.system.own import look_in
from own_code import METRIC, PRICES, forget

GOLD, ANSWERS = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0])
HEAD = """\
from dataclasses import replace
import numpy as np
from bakeoff.metrics.metric import Items, Metric


def share(gold):
    return np.full(len(gold), 1 / len(gold))


def right(gold, given):
    return (gold == given) * 1.0


mean = lambda g, p: (g == p).mean()
fair = Metric("fair", mean, True, False, "share", "Share of right answers.", Items(right, share))
"""


@pytest.fixture(autouse=True)
def root(tmp_path: Path):
    for folder in ("notebooks", "params"):
        (tmp_path / folder).mkdir()
    (tmp_path / "notebooks" / "train.ipynb").touch()
    (tmp_path / "my_prices.py").write_text(PRICES)
    look_in(tmp_path)
    yield tmp_path
    forget()


def metric(root: Path, source: str, name: str) -> Metric:
    (root / "faces.py").write_text(source, encoding="utf-8")
    return comparable(f"faces:{name}", what="metric", where=None)


def test_parts_that_agree_are_a_metric(root: Path) -> None:
    fair = metric(root, HEAD, "fair")
    assert item_scores(fair, gold=GOLD, given=ANSWERS[None]).mean() == fair(GOLD, ANSWERS) == 0.75
    assert fair.items is not None
    assert fair.items.shares(GOLD).sum() == 1


def test_pseudovalues_need_not_have_the_metric_as_their_mean(root: Path) -> None:
    biased = "items=Items(lambda g, p: right(g, p) + 0.1, share, lambda g, p, w: w @ right(g, p) / w.sum(axis=1))"
    odd = metric(root, f"{HEAD}odd = replace(fair, {biased})\n", "odd")
    assert item_scores(odd, gold=GOLD, given=ANSWERS[None]).mean() == pytest.approx(odd(GOLD, ANSWERS) + 0.1)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            "function=lambda g, p: __import__('random').random()",
            r"cannot be computed: ValueError: .* for the same answers",
        ),
        ("function=lambda g, p: 1e308", r"cannot be computed: ValueError: 1e\+308 is too large to be compared"),
        (
            "items=Items(lambda g, p: np.full(len(g), 7.0), share)",
            "the mean of its items.scores is 7 where the metric is",
        ),
        (
            "items=Items(lambda g, p: right(g, p)[1:], share)",
            "its items.scores gives no finite number for each of 4 texts",
        ),
        (
            "items=Items(lambda g, p: np.full(len(g), np.nan), share)",
            "its items.scores gives no finite number for each",
        ),
        ("items=Items(lambda g, p: ['a'] * len(g), share)", "its items.scores gives no finite number for each"),
        (
            "items=Items(right, lambda g: -share(g))",
            "its items.shares add up to -1; shares are of one, none below zero",
        ),
        ("items=Items(right, lambda g: 2 * share(g))", "its items.shares add up to 2"),
        (
            "items=Items(right, share, lambda g, p, w: w @ np.zeros(len(g)))",
            "its items.resampled at equal weights is 0 where the metric is 0.75",
        ),
        (
            "items=Items(right, share, lambda g, p, w: w)",
            "its items.resampled gives no finite number for each of 1 resample$",
        ),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(root: Path, changed: str, told: str) -> None:
    odd = metric(root, f"{HEAD}odd = replace(fair, {changed})\n", "odd")
    assert odd.items is not None
    with pytest.raises(BadValue, match=f"^faces:odd: {told}"):
        odd(GOLD, ANSWERS), item_scores(odd, gold=GOLD, given=ANSWERS[None]), odd.items.shares(GOLD)


@pytest.mark.parametrize("label", [r"a\x1b[31m", r"\ud800", "  "])
def test_a_label_that_is_no_word_is_refused(root: Path, label: str) -> None:
    with pytest.raises(BadValue, match=r"^metric: faces:wrong_cost is no metric: label (holds|should be)"):
        metric(root, METRIC.replace('label="cost"', f'label="{label}"'), "wrong_cost")


def test_what_looks_like_a_metric_and_is_none_is_refused(root: Path) -> None:
    hollow = "class Hollow(Metric):\n    def __init__(self): ...\nodd = Hollow()\n"
    with pytest.raises(BadValue, match=r"^metric: faces:odd is no metric: AttributeError"):
        metric(root, HEAD + hollow, "odd")


def test_what_it_prints_is_no_answer_and_no_stream_is_lost(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    deed = "print('aside'); import sys; sys.stdout.close(); return"
    cost = metric(root, METRIC.replace("    return", f"    {deed}"), "wrong_cost")
    assert cost(GOLD, ANSWERS) == 0.25
    print("here")  # noqa: T201
    assert capfd.readouterr().out == "here\n"
