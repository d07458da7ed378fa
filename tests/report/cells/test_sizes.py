"""What is said, tabled and drawn over numbers of training texts, on made-up methods whose accuracies are known."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.text import Text

from bakeoff.report.cells.figure import curves_of, size_axes, size_figure
from bakeoff.report.cells.said import said_of_sizes
from bakeoff.report.cells.tables import FILE, size_tables
from bakeoff.report.figures.style import figure_of
from bakeoff.report.text.language import speaking
from bakeoff.study.sizes import changes_order, crossing, turns
from made_cells import TEXTS
from made_cells import sizes as made
from prose import plain


def said(sizes, *, searched=False):
    return [plain(text) for text in said_of_sizes(sizes, reference="full", metric="accuracy", searched=searched)]


CROSSING = {
    "full": (0.50, 0.60, 0.80, 0.88),
    "probe": (0.65, 0.70, 0.74, 0.76),
    "lora": (0.50, 0.70, 0.85, 0.88),
    "twin": (0.50, 0.60, 0.80, 0.88),
}


@pytest.fixture(scope="module")
def crossed():
    return made(CROSSING)


def test_a_crossing_is_where_the_tests_turn(crossed) -> None:
    found = turns(crossed.comparisons, "full", "probe")
    assert [(turn.better, turn.texts) for turn in found] == [("probe", (100, 300)), ("full", (1000, 2000))]
    assert crossing(found) == (300, 1000)
    assert changes_order(crossed.comparisons, "full", "probe")
    assert crossing(turns(crossed.comparisons, "full", "lora")) is None


def test_each_question_has_its_sentence(crossed) -> None:
    text = " ".join(said(crossed))
    assert "full beats probe from 1,000 texts on. (probe against full: probe better with 100-300; full better" in text
    assert "The curves of probe and full cross between 300 and 1,000 texts: probe is better with 300, full with" in text
    assert "Which of lora and full is better with 2,000 texts is not settled. (lora against full: not settled" in text
    assert "with 100 texts probe (0.635), better than every other; with 300 texts probe" in text
    assert "held to a level of 1.25 %" in text
    assert "Settings that were searched" not in text
    assert "Settings that were searched were chosen with 2,000 texts" in " ".join(said(crossed, searched=True))


def test_what_is_equivalent_is_said_to_be() -> None:
    same = {"full": (0.5, 0.6, 0.7, 0.8), "twin": (0.5, 0.6, 0.7, 0.8), "late": (0.4, 0.6, 0.7, 0.8)}
    text = " ".join(said(made(same, jitter=0)))
    assert "Equivalent to full within the margin at every number of texts: twin." in text
    assert "late and full are equivalent within the margin with 2,000 texts. (late against full: full better" in text


def test_what_a_doubling_gained_is_by_doubling_and_has_an_interval(crossed) -> None:
    gains = {(one.method, one.more): one for one in crossed.gains}
    last, first = gains["full", 2000], gains["full", 300]
    assert last.estimate == pytest.approx(0.08, abs=0.01)
    assert first.estimate == pytest.approx(0.10 / np.log2(3), abs=0.01), "three times as many are more than a doubling"
    assert last.low < last.estimate < last.high
    assert "From 1,000 to 2,000 texts, each doubling of their number gained in mean accuracy" in " ".join(said(crossed))


def test_means_that_turn_without_a_test_are_not_settled() -> None:
    sizes = made({"full": (0.60, 0.62, 0.7, 0.8), "other": (0.603, 0.623, 0.697, 0.797)}, jitter=0.2, n=400)
    text = " ".join(said(sizes))
    assert "Whether these curves cross is not settled" in text
    assert "From how many texts on one of the two is better is not settled for other against full" in text
    assert "The curves of" not in text


def test_curves_that_keep_their_order_are_said_to() -> None:
    text = " ".join(said(made({"full": (0.5, 0.6, 0.7, 0.8), "low": (0.4, 0.5, 0.6, 0.7)})))
    assert "The means of no two methods change order" in text
    assert "full beats low at every number of texts tested, from 100 on." in text


def test_few_seeds_and_sizes_without_runs_are_named() -> None:
    text = " ".join(said(made({"full": (None, 0.6, 0.7, 0.8), "low": (None, 0.5, 0.6, 0.7)}, seeds=(1, 2))))
    assert "No run has finished yet with 100 texts." in text
    assert "With 300, 1,000 and 2,000 texts, too few seeds have finished" in text
    assert said(made({"full": (None,) * 4})) == ["No run at any number of training texts has finished yet."]


def test_a_method_that_one_size_lacks_is_a_dash_there(crossed) -> None:
    sizes = made({"full": (0.5, 0.6, 0.7, 0.8), "late": (None, None, 0.6, 0.7)})
    means, differences = size_tables(sizes, methods=["full", "late"], reference="full", metric="accuracy")
    assert means.rows[1][1:3] == ("–", "–")
    assert differences.rows[0][1] == "–"
    assert differences.rows[0][4].endswith("worse")
    assert said(sizes)


def test_the_csv_has_a_row_for_each_size_and_method(crossed) -> None:
    (means, _) = size_tables(crossed, methods=list(CROSSING), reference="full", metric="accuracy")
    head, *rows = means.carried[FILE].splitlines()
    assert head.startswith("train_texts,method,seeds,mean,low,high")
    assert [row.split(",")[:2] for row in rows] == [[str(size), name] for size in TEXTS for name in CROSSING]


def test_a_band_holds_its_mean_and_is_wider_than_the_seeds_alone(crossed) -> None:
    for one in crossed.at:
        for name, point in one.points.items():
            summary = one.comparison.method(name)
            assert point.mean == pytest.approx(summary.mean)
            assert point.low < min(summary.by_seed) <= max(summary.by_seed) < point.high


@pytest.mark.parametrize("methods", [2, 10, 12])
def test_every_curve_is_named_beside_its_end_and_no_name_lies_on_another(methods) -> None:
    names = ["full", *(f"a method with a long name {n}" for n in range(methods - 1))]
    sizes = made(dict.fromkeys(names, (0.5, 0.6, 0.7, 0.8)), n=200)
    ax = size_axes(None, curves_of(sizes, names), metric="accuracy")
    figure = figure_of(ax)
    figure.canvas.draw()
    boxes = sorted((Text.get_window_extent(text) for text in ax.texts), key=lambda box: box.y0)
    assert len(boxes) == methods
    assert all(below.y1 <= above.y0 + 2 for below, above in pairwise(boxes))
    assert max(box.x1 for box in boxes) <= figure.bbox.x1 + 1
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2,000", "1,000", "300", "100"]


def test_sizes_too_near_to_each_other_are_not_all_written() -> None:
    sizes = made({"full": (0.5, 0.6, 0.7, 0.8)}, texts=(100, 1900, 1950, 2000), n=200)
    ax = size_axes(None, curves_of(sizes, ["full"]), metric="accuracy")
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2,000", "100"]


def test_the_figure_says_in_words_what_it_shows(crossed) -> None:
    figure = size_figure(crossed, methods=list(CROSSING), metric="accuracy")
    assert figure.caption.endswith(".")
    assert "probe 0.6" in figure.alt
    assert size_figure(made({"full": (None,) * 4}), methods=["full"], metric="accuracy") is None


def test_all_of_it_is_said_in_russian(crossed) -> None:
    english = said(crossed)
    with speaking("ru"):
        russian = said(crossed, searched=True)
        tables = size_tables(crossed, methods=list(CROSSING), reference="full", metric="accuracy")
        figure = size_figure(crossed, methods=list(CROSSING), metric="accuracy")
    assert len(russian) == len(english)
    latin = "abcdefghijklmnopqrstuvwxyz"
    for text in [*russian, figure.caption, *(f"{table.caption} {table.note}" for table in tables)]:
        words = text
        for name in (*CROSSING, "accuracy", "Accuracy", "seed"):
            words = words.replace(name, "")
        assert not set(words.lower()) & set(latin), text
