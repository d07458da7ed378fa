"""`bakeoff.compare`: plain arrays in, verdicts out, one line for what cannot be used."""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bakeoff.errors import BadValue, InputError, UnknownName
from bakeoff.metrics.classification import COMPARABLE, comparable, metric_named
from bakeoff.metrics.metric import Metric
from bakeoff.metrics.ordinal import ORDINAL
from bakeoff.stats.arrays import compare
from bakeoff.stats.compare import Verdict
from bakeoff.system.own import look_in
from own_code import forget, write_metric

RNG = np.random.default_rng(3)
GOLD = RNG.integers(0, 3, 600)


def predicted(accuracy: float, seeds: int = 4) -> np.ndarray:
    return np.where(RNG.random((seeds, len(GOLD))) < accuracy, GOLD, (GOLD + 1) % 3)


def comparable_of(name: str) -> Metric:
    return comparable(name, what="metric", where=None)


FULL, LORA = predicted(0.9), predicted(0.75)
LOGITS = np.eye(3)[FULL] + RNG.normal(0, 0.1, (*FULL.shape, 3))


def test_a_pair_is_told_as_asked_whichever_is_better() -> None:
    result = compare({"full": FULL, "lora": LORA}, gold=GOLD, reference="full")
    there, back = result["full", "lora"], result["lora", "full"]
    assert (there.verdict, there.better, back.better) == (Verdict.BETTER, "full", "full")
    assert there.difference.estimate == -back.difference.estimate
    assert there.difference.estimate == pytest.approx((FULL == GOLD).mean() - (LORA == GOLD).mean())


def test_the_frame_has_a_row_per_pair_with_what_the_pair_holds() -> None:
    result = compare({"full": FULL, "lora": LORA, "tfidf": LORA[:1]}, gold=GOLD, deterministic=["tfidf"])
    frame = result.to_frame()
    assert len(frame) == 3
    first = result["full", "lora"]
    row = frame.set_index(["first", "second"]).loc["full", "lora"]
    assert (row.estimate, row.low, row.high) == (first.difference.estimate, first.difference.low, first.difference.high)
    assert (row.p_holm, row.verdict, row.seeds) == (first.p_holm, "better", 4)


def test_classes_may_be_texts_and_the_numbers_do_not_matter() -> None:
    names = np.array(["bad", "fair", "good"])
    plain = compare({"full": FULL, "lora": LORA}, gold=GOLD, metric="macro_f1")
    spelled = compare({"full": names[FULL], "lora": names[LORA].tolist()}, gold=names[GOLD], metric="macro_f1")
    assert spelled["full", "lora"].difference.estimate == pytest.approx(plain["full", "lora"].difference.estimate)


@pytest.mark.parametrize(
    "metric", sorted(name for name in {*COMPARABLE, *ORDINAL} if not comparable_of(name).needs_logits)
)
def test_numbers_of_classes_keep_their_order_and_distance(metric: str) -> None:
    """Whatever class comes first, whatever number the lowest has, and where a class never occurs."""
    levels = np.array([0, 1, 2, 4, 5])
    gold = levels[RNG.integers(0, 5, 200)]
    near = np.clip(gold + RNG.integers(-1, 2, (3, 200)), 0, 5)
    far = levels[RNG.integers(0, 5, (3, 200))]
    again = np.argsort(-gold, kind="stable")
    for start in (0, 1, -2):
        for order in (slice(None), again):
            given = {"near": near[:, order] + start, "far": (far[:, order] + start).astype(object)}
            found = compare(given, gold=gold[order] + start, metric=metric)
            assert found.method("near").mean == pytest.approx(
                np.mean([comparable_of(metric)(gold, row) for row in near])
            )
            assert found.method("far").mean == pytest.approx(np.mean([comparable_of(metric)(gold, row) for row in far]))


def test_texts_are_numbered_by_the_alphabet_and_have_no_order(tmp_path: Path) -> None:
    for place in ("notebooks/train.ipynb", "params/own.yaml"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).touch()
    write_metric(tmp_path)
    look_in(tmp_path)
    names = np.array(["bad", "good"])
    gold = np.concatenate([[1], GOLD[1:] % 2])
    given = {"right": gold[None, :], "bold": np.ones((1, len(gold)), dtype=int)}
    numbers = compare(given, gold=gold, metric="my_metric:wrong_cost")
    texts = compare(
        {name: names[rows] for name, rows in given.items()}, gold=names[gold], metric="my_metric:wrong_cost"
    )
    forget()
    assert texts.method("bold").mean == numbers.method("bold").mean == 2 * (gold == 0).mean()
    with pytest.raises(BadValue, match="gold: texts, but mean_absolute_error is about classes in an order"):
        compare({name: names[rows] for name, rows in given.items()}, gold=names[gold], metric="mean_absolute_error")


@pytest.mark.parametrize("metric", ["log_loss", "auroc", "accuracy"])
def test_logits_give_every_metric(metric: str) -> None:
    worse = np.eye(3)[LORA] + RNG.normal(0, 0.1, (*LORA.shape, 3))
    result = compare({"full": LOGITS, "lora": worse}, gold=GOLD, metric=metric)
    score = metric_named(metric)
    given = [one if score.needs_logits else one.argmax(axis=1) for one in LOGITS]
    assert result.method("full").mean == pytest.approx(np.mean([score(GOLD, one) for one in given]))
    assert result["lora", "full"].better == "full"


def test_groups_count_as_wholes() -> None:
    groups = np.arange(len(GOLD)) // 10
    result = compare({"full": FULL, "lora": LORA}, gold=GOLD, groups=groups)
    assert result["full", "lora"].difference.units == len(GOLD) // 10


WRONG = {
    "a row alone": (
        {"predictions": {"full": FULL[0], "lora": LORA}},
        "full: an array of shape (600,), not (S, N) or (S, N, C)",
    ),
    "other items": ({"predictions": {"full": FULL[:, 1:], "lora": LORA}}, "full: predictions for 599 items, gold has"),
    "ragged": ({"predictions": {"full": [[1, 2], [1]], "lora": LORA}}, "full: rows of different lengths"),
    "logits": ({"predictions": {"full": FULL + 0.5, "lora": LORA}}, "full: float64 values, not classes"),
    "no seed": ({"predictions": {"full": FULL[:0], "lora": LORA}}, "full: no seed"),
    "texts against numbers": ({"predictions": {"full": FULL.astype(str), "lora": LORA}}, "full: texts, but gold has"),
    "alone": ({"predictions": {"full": FULL}}, "predictions: 1 of the two or more methods"),
    "gold of two dimensions": ({"gold": FULL}, "gold: an array of shape (4, 600), not (N,)"),
    "unknown reference": ({"reference": "ful"}, "reference: unknown method 'ful'; did you mean 'full'?"),
    "unknown deterministic": ({"deterministic": ["x"]}, "deterministic: unknown method 'x'"),
    "unknown metric": ({"metric": "acuracy"}, "did you mean 'accuracy'?"),
    "metric without tests": (
        {"metric": "average_precision"},
        "metric: unknown metric to compare by 'average_precision'",
    ),
    "metric of logits": ({"metric": "auroc"}, "full: classes only; auroc needs logits"),
    "logits of too few classes": (
        {"predictions": {"full": LOGITS[:, :, :2], "lora": LOGITS}},
        "gold: classes outside the 2 columns of the logits of full",
    ),
    "logits that are no numbers": (
        {"predictions": {"full": LOGITS * np.nan, "lora": LOGITS}},
        "full: logits that are not all finite numbers",
    ),
    "logits beyond reckoning": (
        {"predictions": {"full": LOGITS * 1e160, "lora": LOGITS}, "metric": "log_loss"},
        "full: logits beyond 1e+30, whose log loss no test can reckon with",
    ),
    "masked": (
        {"predictions": {"full": np.ma.masked_array(FULL, mask=FULL > 0), "lora": LORA}},
        "full: values that a mask hides",
    ),
    "classes that a metric is not defined for": (
        {"predictions": {"full": LOGITS, "lora": LOGITS}, "gold": GOLD * 0, "metric": "auroc"},
        "gold: auroc is not defined",
    ),
    "logits of other classes": (
        {"predictions": {"full": LOGITS, "lora": np.dstack([LOGITS, LOGITS[:, :, :1]])}},
        "predictions: logits of 3 and of 4 classes",
    ),
    "objects beside texts": (
        {"predictions": {"full": FULL.astype(object), "lora": LORA.astype(str)}, "gold": GOLD.astype(str)},
        "full: whole numbers, but gold has texts",
    ),
    "missing": ({"gold": np.where(GOLD == 1, None, "a")}, "gold: mixed values, not classes"),
    "bytes": ({"gold": GOLD.astype("S1")}, "gold: |S1 values, not classes"),
    "missing groups": ({"groups": [None, *range(599)]}, "groups: missing values"),
    "groups": ({"groups": [1, 2]}, "groups: an array of shape (2,), not (600,)"),
    "one group": ({"groups": [1] * 600}, "groups: all items are of one group"),
    "almost no alpha": ({"alpha": 5e-324}, "alpha: 5e-324 is no number between 1e-12 and 0.5"),
    "alpha": ({"alpha": 5}, "alpha: 5 is no number between 1e-12 and 0.5"),
    "margin": ({"margin": -1}, "margin: -1 is no number between 0 and 1.0"),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_one_line(changes: dict, said: str) -> None:
    given = {"predictions": {"full": FULL, "lora": LORA}, "gold": GOLD, **changes}
    with pytest.raises(InputError) as caught:
        compare(given.pop("predictions"), **given)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pair_that_is_not_there_is_one_line() -> None:
    result = compare({"full": FULL, "lora": LORA}, gold=GOLD)
    with pytest.raises(UnknownName, match="did you mean 'lora'"):
        result["full", "lroa"]
    with pytest.raises(BadValue, match="full: compared with itself"):
        result["full", "full"]
    with pytest.raises(TypeError, match="'Comparison' object is not iterable"):
        list(result)


def test_a_metric_of_ones_own_lies_in_the_workspace(tmp_path: Path) -> None:
    for place in ("notebooks/train.ipynb", "params/own.yaml"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).touch()
    write_metric(tmp_path)
    look_in(tmp_path)
    gold = GOLD % 2
    result = compare({"right": gold[None, :], "wrong": 1 - gold[None, :]}, gold=gold, metric="my_metric:wrong_cost")
    forget()
    assert result.method("right").mean < result.method("wrong").mean
    assert result["right", "wrong"].better == "right"


PRICES = """
import numpy as np
from bakeoff.metrics.metric import Items, Metric

def _made(name, scale):
    prices = np.array([[0.0, 5.0], [1.0, 0.0]]) * scale
    price = lambda gold, predicted: prices[gold, predicted]
    shares = lambda gold: np.full(len(gold), 1 / len(gold))
    return Metric(
        name, lambda gold, predicted: price(gold, predicted).mean(), higher_is_better=False, needs_logits=False,
        label=name, explanation="a price", items=Items(scores=price, shares=shares), unit="",
    )

euros, cents, millions = _made("euros", 1.0), _made("cents", 100.0), _made("millions", 1e-6)
"""


@pytest.fixture
def prices(tmp_path: Path) -> Iterator[None]:
    for place in ("notebooks/train.ipynb", "params/own.yaml"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).touch()
    (tmp_path / "my_prices.py").write_text(PRICES, encoding="utf-8")
    look_in(tmp_path)
    yield
    sys.modules.pop("my_prices", None)


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize("seeds", [1, 3])
def test_verdicts_do_not_hang_on_the_unit_of_a_metric(seeds: int) -> None:
    """Its noise had a floor in units of right answers: in millions nothing was ever settled, in cents too much."""
    gold = GOLD[:300] % 2
    rng = np.random.default_rng(0)
    given = {
        name: np.where(rng.random((seeds, 300)) < right, gold, 1 - gold)
        for name, right in (("a", 0.9), ("b", 0.75), ("c", 0.9))
    }
    found = {
        name: compare(given, gold=gold, metric=f"my_prices:{name}", margin=0.3 * scale, reference="b")
        for name, scale in (("euros", 1), ("cents", 100), ("millions", 1e-6))
    }
    for name, scale in (("cents", 100), ("millions", 1e-6)):
        for pair in (("a", "b"), ("a", "c")):
            one, other = found["euros"][pair], found[name][pair]
            assert one.verdict == other.verdict
            ends = [scale * one.difference.low, scale * one.difference.high]
            assert [other.difference.low, other.difference.high] == pytest.approx(ends)
            assert other.p_equivalence_holm == pytest.approx(one.p_equivalence_holm)
        assert found[name].method("a").item_se == pytest.approx(scale * found["euros"].method("a").item_se)


def test_the_noise_of_a_mean_is_that_of_its_items_in_its_own_unit() -> None:
    """Log loss of nearly sure models: the least noise of 600 right and wrong answers is twenty times theirs."""
    logits = np.eye(3)[GOLD][None] * 9 + RNG.normal(0, 0.1, (2, len(GOLD), 3))
    found = compare({"a": logits, "b": LOGITS}, gold=GOLD, metric="log_loss").method("a")
    losses = -np.log(np.take_along_axis(_softmax(logits), GOLD[None, :, None], axis=2))[..., 0].mean(axis=0)
    assert found.item_se == pytest.approx(losses.std(ddof=1) / np.sqrt(len(GOLD)), rel=1e-6)
    assert found.item_se < 1e-4


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits)
    return powers / powers.sum(axis=2, keepdims=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"metric": None}, "metric: unknown metric 'None'"),
        ({"metric": "nonsense"}, "metric: unknown metric 'nonsense'"),
        ({"alpha": "0.05"}, "alpha: '0.05' is no number between 1e-12 and 0.5"),
        ({"metric": "log_loss", "margin": math.inf}, "margin: inf is no number above 0"),
    ],
)
def test_what_is_no_number_or_no_metric_is_one_line(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        compare({"full": FULL, "lora": LORA}, gold=GOLD, **changes)
    assert str(caught.value).startswith(said)
    assert "average_precision" not in str(caught.value)


def test_a_tensor_that_is_no_array_is_told_how_to_become_one() -> None:
    tensor = torch.zeros(2, len(GOLD), 3, dtype=torch.bfloat16)
    with pytest.raises(BadValue, match=r"full: no array can be made of it.*tensor\.detach\(\)\.float"):
        compare({"full": tensor, "lora": LORA}, gold=GOLD)


def test_a_rare_class_is_weighed_once_in_the_least_noise_of_mcc() -> None:
    """Its pseudovalues weigh the class already: with 1 % of the texts no difference was ever shown."""
    rng = np.random.default_rng(1)
    gold = (np.arange(2000) < 20).astype(int)
    given = {
        name: np.stack([np.where(gold & (rng.random(2000) < found), 1, 0) for _ in range(5)])
        for name, found in (("a", 0.9), ("b", 0.3))
    }
    pair = compare(given, gold=gold, metric="mcc", reference="b")["a", "b"]
    assert pair.difference.half_width < 0.25
    assert pair.verdict is Verdict.BETTER


def test_scores_that_are_all_the_same_have_no_noise_of_rounding() -> None:
    flat = np.zeros((3, 200, 2))
    other = np.eye(2)[np.arange(200) % 2][None].repeat(3, axis=0)
    found = compare({"flat": flat, "other": other}, gold=np.arange(200) % 2, metric="log_loss")
    assert found.method("flat").item_se == pytest.approx(1 / 202)
