"""The figures of a search: every trial in its place, legible for one method and for ten."""

from __future__ import annotations

import numpy as np
import pytest

import sample
import tuned
from bakeoff.report.figures.comparison import look
from bakeoff.report.figures.rates import expected_figure, rates_axes, rates_figure
from bakeoff.report.figures.style import figure_of, styled
from bakeoff.report.text.language import speaking
from bakeoff.study.sweeps import noise_of, searches

NAMES = ("full", "lora", "prefix", "bitfit", "dora", "pissa", "ia3", "vera", "top_layers", "ln_tuning")


def study(number=2, **given):
    return tuned.study(dict.fromkeys(NAMES[:number], (0.85, 0.8)), seeds=(41,), **given)[0]


def drawn(found):
    return styled(rates_axes)(None, found, searches(found))


@pytest.mark.parametrize("number", [1, 3, 10])
def test_each_method_has_its_line_and_its_name(number):
    found = study(number)
    ax = drawn(found)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert sorted(names) == sorted(NAMES[:number])
    lines = {line.get_label(): line for line in ax.lines}
    rates, scores = lines["full"].get_data()
    assert list(rates) == sorted(tuned.RATES)
    assert sorted(scores) == pytest.approx(sorted(searches(found)[0].scores))
    assert ax.get_xscale() == "log"
    assert len(ax.get_xticks()) >= 3
    figure = figure_of(ax)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.get_legend().get_texts()]
    width = figure.get_size_inches()[0] * figure.dpi
    assert all(box.x1 <= width for box in boxes), "names stay on the page"
    assert all(a.y0 >= b.y1 - 1 or b.y0 >= a.y1 - 1 for k, a in enumerate(boxes) for b in boxes[k + 1 :])


def test_the_chosen_trial_is_filled():
    ax = drawn(study(1))
    (point,) = [line for line in ax.lines if line.get_markersize() == 6.5]
    assert point.get_xdata()[0] == 9e-5
    none = drawn(study(1, decided=False))
    assert not [line for line in none.lines if line.get_markersize() == 6.5]


def test_points_of_several_settings_are_not_joined():
    found = study(2, keys=("learning_rate", "rank"))
    assert {line.get_linestyle() for line in drawn(found).lines} == {"None"}
    assert "other settings vary" in rates_figure(found).caption


def test_trials_without_a_result_are_left_out():
    ax = drawn(study(1, lost=(0, 3)))
    assert len({line.get_label(): line for line in ax.lines}["full"].get_xdata()) == 6
    assert rates_figure(study(1, lost=tuple(range(7)))) is not None, "one trial is a point"
    assert expected_figure(study(1, lost=tuple(range(7)))) is None


def test_noise_is_drawn_for_metrics_of_the_predicted_classes():
    found = study(1)
    assert "noise of one validation set" in rates_figure(found).caption
    trial = found.sweeps["full"][0]
    texts = np.sum(trial.validation.confusion)
    right = np.trace(trial.validation.confusion) / texts
    assert noise_of(trial, "accuracy") == pytest.approx(np.sqrt(right * (1 - right) / (texts - 1)))
    assert 0 < noise_of(trial, "macro_f1") < 1
    assert noise_of(trial, "log_loss") is None


def test_nothing_is_drawn_where_nothing_is_tuned():
    found = sample.collection()
    assert rates_figure(found) is None
    assert expected_figure(found) is None


def test_words_and_bytes():
    found = study(3)
    first, second = rates_figure(found), rates_figure(found)
    assert first.svg == second.svg
    assert "full: best 0.800 at 9e-5" in first.alt
    figure = expected_figure(found)
    assert figure.svg == expected_figure(found).svg
    assert "0.800 of 8" in figure.alt
    with speaking("ru"):
        assert "9e-5" in rates_figure(found).alt
        assert "скорости обучения" in rates_figure(found).caption


def test_rows_at_declared_settings_have_their_method_s_colour():
    marked = look(study(10))
    assert len({marked[name].colour for name in NAMES}) == 10
    assert marked["lora_default"].colour == marked["lora"].colour
    assert marked["lora_default"].marker != marked["lora"].marker
    assert np.unique([marked[name].marker for name in NAMES]).size == 10


def test_halving_is_drawn_at_its_first_rung_with_what_was_trained_whole_apart():
    found = tuned.halved(study(2))
    ax = drawn(found)
    line = {one.get_label(): one for one in ax.lines}["full"]
    search = searches(found)[0]
    assert len(line.get_xdata()) == 8
    assert sorted(line.get_ydata()) == pytest.approx(sorted(search.comparable))
    assert len(search.comparable) == 8
    whole = [one for one in ax.lines if one.get_linestyle() == "None" and one.get_markersize() == 4.2]
    assert len(whole) == 4, "two of each method"
    assert min(ax.get_ylim()) < min(search.comparable)
    assert "Small points: after the first rung" in rates_figure(found).caption
    assert "(full 1/4, lora 1/4)" in expected_figure(found).caption
    assert "halving" not in expected_figure(study(2)).caption
