"""How numbers are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.report.text.language import speaking
from bakeoff.report.text.numbers import (
    chance,
    duration,
    fraction,
    interval,
    level,
    p_value,
    parameters,
    points,
    range_of,
    share,
    size,
    whole,
)

GAP = "\N{NO-BREAK SPACE}"


def spaced(text: str) -> str:
    return text.replace(GAP, " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("form", [chance, duration, fraction, p_value, parameters, points, share, size, whole])
def test_missing_is_a_dash(form) -> None:
    assert form(None) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        (fraction, 0.8464, "0.846"),
        (fraction, 1.0, "1.000"),
        (fraction, -0.0002, "0.000"),
        (chance, 0.934, "93 %"),
        (chance, 0.9999, "> 99 %"),
        (chance, 0.0, "< 1 %"),
        (points, -0.0084, "\N{MINUS SIGN}0.8 pp"),
        (points, 0.021, "+2.1 pp"),
        (points, -0.0002, "0.0 pp"),
        (p_value, 0.0, "< 0.001"),
        (p_value, 0.00099, "< 0.001"),
        (p_value, 0.0321, "0.032"),
        (p_value, 0.9999, "> 0.999"),
        (p_value, 1.0, "1.000"),
        (duration, 0.00097, "< 1 ms"),
        (duration, 0.0012, "1.2 ms"),
        (duration, 0.42, "0.42 s"),
        (duration, 38.4, "38 s"),
        (duration, 190, "3.2 min"),
        (duration, 9000, "2.5 h"),
        (size, 30, "30 B"),
        (size, 607_000, "593 KiB"),
        (size, 91_000_000, "87 MiB"),
        (size, 1312 * 2**20, "1,312 MiB"),
        (size, 12 * 2**30, "12 GiB"),
        (parameters, 770, "770"),
        (parameters, 4614, "4,614"),
        (parameters, 147_842, "148 k"),
        (parameters, 22_713_986, "22.7 M"),
        (parameters, 999_700, "1 M"),
        (parameters, 1_240_000_000, "1.24 B"),
        (share, 1.0, "100 %"),
        (share, 0.0033, "0.33 %"),
        (share, 3.39e-05, "0.0034 %"),
        (share, 8.8e-08, "< 0.0001 %"),
        (share, 0.0, "0 %"),
        (whole, 2000, "2,000"),
    ],
)
def test_examples(form, value, shown) -> None:
    assert spaced(form(value)) == shown


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        (fraction, 0.8464, "0,846"),
        (fraction, None, "\N{EN DASH}"),
        (chance, 0.934, "93 %"),
        (chance, 0.9999, "> 99 %"),
        (chance, 0.0, "< 1 %"),
        (points, -0.0084, "\N{MINUS SIGN}0,8 п. п."),
        (points, 0.0, "0,0 п. п."),
        (p_value, 0.0, "< 0,001"),
        (p_value, 0.9999, "> 0,999"),
        (p_value, 0.0321, "0,032"),
        (duration, 0.00097, "< 1 мс"),
        (duration, 0.42, "0,42 с"),
        (duration, 190, "3,2 мин"),
        (duration, 9000, "2,5 ч"),
        (size, 30, "30 Б"),
        (size, 607_000, "593 КиБ"),
        (size, 1312 * 2**20, "1 312 МиБ"),
        (size, 12 * 2**30, "12 ГиБ"),
        (parameters, 4614, "4 614"),
        (parameters, 147_842, "148 тыс."),
        (parameters, 22_713_986, "22,7 млн"),
        (parameters, 1_240_000_000, "1,24 млрд"),
        (share, 0.0033, "0,33 %"),
        (share, 8.8e-08, "< 0,0001 %"),
        (whole, 2_000_000, "2 000 000"),
    ],
)
def test_russian_examples(form, value, shown) -> None:
    with speaking("ru"):
        assert spaced(form(value)) == shown


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        (fraction, 0.8464, "0,846"),
        (points, -0.0084, "\N{MINUS SIGN}0,8 PP"),
        (p_value, 0.0, "< 0,001"),
        (duration, 190, "3,2 min"),
        (size, 1312 * 2**20, "1.312 MiB"),
        (parameters, 4614, "4.614"),
        (parameters, 147_842, "148 Tsd."),
        (parameters, 22_713_986, "22,7 Mio."),
        (parameters, 1_240_000_000, "1,24 Mrd."),
        (share, 0.0033, "0,33 %"),
        (whole, 2_000_000, "2.000.000"),
    ],
)
def test_german_examples(form, value, shown) -> None:
    with speaking("de"):
        assert spaced(form(value)) == shown


def test_german_ranges_keep_their_thousands() -> None:
    with speaking("de"):
        assert spaced(range_of([2000, 3000], whole)) == "2.000\N{EN DASH}3.000"
        assert spaced(range_of([0.012, 0.021], points)) == "+1,2\N{EN DASH}+2,1 PP"
        assert interval(-0.021, 0.005) == "[\N{MINUS SIGN}2,1; +0,5]"


def test_russian_ranges_keep_their_thousands() -> None:
    with speaking("ru"):
        assert spaced(range_of([2000, 3000], whole)) == "2 000\N{EN DASH}3 000"
        assert spaced(range_of([1024 * 2**20, 1312 * 2**20], size)) == "1 024\N{EN DASH}1 312 МиБ"
        assert spaced(range_of([0.012, 0.021], points)) == "+1,2\N{EN DASH}+2,1 п. п."
        assert interval(-0.021, 0.005) == "[\N{MINUS SIGN}2,1; +0,5]"


def test_an_interval_has_true_minus_signs() -> None:
    assert interval(-0.021, 0.005) == "[\N{MINUS SIGN}2.1, +0.5]"


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.0003, 0.021, "[+0.03, +2.1]"),
        (-0.021, -0.000004, "[-2.1, -0.0004]"),
        (-0.00049, 0.0005, "[-0.05, +0.1]"),
        (0.0, 1e-12, "[0.0, 0.0]"),
    ],
)
def test_an_end_of_an_interval_does_not_round_to_zero(low, high, shown) -> None:
    assert interval(low, high).replace("\N{MINUS SIGN}", "-") == shown


@given(st.floats(1e-8, 1))
def test_an_interval_shows_on_which_side_of_zero_its_ends_lie(end: float) -> None:
    assert interval(end, 1.0).startswith("[+")
    assert interval(-1.0, -end).split(", ")[1].startswith("\N{MINUS SIGN}")


@pytest.mark.parametrize(("alpha", "shown"), [(0.05, "95 %"), (0.005, "99.5 %"), (0.025, "97.5 %"), (0.001, "99.9 %")])
def test_a_level_is_exact(alpha, shown) -> None:
    assert spaced(level(1 - alpha)) == shown


def test_a_range_names_its_unit_once() -> None:
    assert spaced(range_of([42, 38, 40], duration)) == "38\N{EN DASH}42 s"
    assert spaced(range_of([70, 198], duration)) == "1.2\N{EN DASH}3.3 min"
    assert spaced(range_of([0.4, 198], duration)) == "0.4\N{EN DASH}198 s"
    assert spaced(range_of([900 * 2**10, 1.2 * 2**20], size)) == "0.88\N{EN DASH}1.2 MiB"
    assert spaced(range_of([770, 14_000], parameters)) == "0.77\N{EN DASH}14 k"
    assert spaced(range_of([227e6, 1.24e9], parameters)) == "0.227\N{EN DASH}1.24 B"
    assert range_of([0.5, 0.5001], fraction) == "0.500"
    assert range_of([], fraction) == "\N{EN DASH}"


@given(st.floats(1e-12, 1, exclude_max=True))
def test_a_p_value_is_never_zero_nor_one(p: float) -> None:
    assert p_value(p) not in ("0.000", "1.000")


@given(st.floats(0, 1e15))
def test_everything_fits_a_cell(value: float) -> None:
    for form in (duration, parameters, size):
        assert len(form(value)) <= 20
