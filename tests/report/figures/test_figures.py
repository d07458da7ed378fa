"""The figures of a report: right numbers, no clashing labels, the same bytes each time, nothing left behind."""

import dataclasses
import itertools
import re

import matplotlib as mpl
import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.text import Text

import sample
from bakeoff.metrics.calibration import reliability
from bakeoff.metrics.classification import metric_named
from bakeoff.report.figures import comparison as figures
from bakeoff.report.figures import costs, training
from bakeoff.report.figures import single_run as training_figures
from bakeoff.report.figures.comparison import look
from bakeoff.report.figures.confusion import confusion
from bakeoff.report.figures.costs import _ticks as axis_ticks
from bakeoff.report.figures.costs import costs_figure, front
from bakeoff.report.figures.curves import learning_curve, mean_curve, sweep_curve
from bakeoff.report.figures.forest import Gap, forest
from bakeoff.report.figures.labels import fit, fit_each, spread, text_size
from bakeoff.report.figures.ranks import rank_axes, rank_figure
from bakeoff.report.figures.style import figure_of, marks, new_axes, new_grid, widen
from bakeoff.report.figures.tradeoff import Point, tradeoff
from bakeoff.report.mistakes import matrices
from bakeoff.report.mistakes.agreement import agreement_figure
from bakeoff.report.mistakes.matrices import confusion_figure
from bakeoff.report.mistakes.reliability import reliability_figure
from bakeoff.report.pages import svg
from bakeoff.report.pages.display import Figure, Undrawn
from bakeoff.report.pages.lettering import drawn_text
from bakeoff.report.tables.limits import milliseconds
from bakeoff.report.text import numbers
from bakeoff.report.text.escape import clean
from bakeoff.stats.grids.across import Cell, across
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import costless
from bakeoff.study.flips import agreement
from bakeoff.study.sweeps import sweep_results
from published import AUC
from views import view


@pytest.fixture(scope="module")
def collection():
    return sample.collection()


@pytest.fixture(scope="module")
def drawn(collection):
    return {
        "costs": costs_figure(collection),
        "differences": figures.difference_figure(collection, sample.comparison(collection)),
        "learning": training.learning_figure(collection),
        "sweep": training.sweep_figure(collection, sweep_results(collection)[0]),
        "confusion": confusion_figure(collection),
    }


def test_every_figure_says_in_words_what_it_shows(drawn, collection) -> None:
    for name, figure in drawn.items():
        assert figure.caption.endswith("."), name
        assert len(figure.alt) > 30, name
    for row in collection.rows:  # what has no cost stands in no panel, nor in words or legend
        told = str(np.mean(row.quality("accuracy")))[:8]
        assert (told in drawn["costs"].csv) is not costless(row)
    assert "majority" not in drawn["costs"].svg


def test_the_same_records_give_the_same_bytes(drawn, collection) -> None:
    assert costs_figure(collection).svg == drawn["costs"].svg
    assert confusion_figure(collection).svg == drawn["confusion"].svg


def test_a_users_own_style_changes_nothing_and_is_kept(drawn, collection) -> None:
    with mpl.rc_context({"font.size": 30, "axes.grid": False}):
        again = costs_figure(collection)
        assert mpl.rcParams["font.size"] == 30
    assert again.svg == drawn["costs"].svg


def test_nothing_is_left_open(collection) -> None:
    before = plt.get_fignums()
    confusion_figure(collection)
    costs_figure(collection)
    assert plt.get_fignums() == before


def test_nothing_to_draw_is_none() -> None:
    found = sample.empty()
    assert costs_figure(found) is None
    assert figures.difference_figure(found, sample.comparison(found)) is None
    assert training.learning_figure(found) is None
    assert confusion_figure(found) is None


@pytest.mark.parametrize(
    ("form", "low", "high", "ticks"),
    [
        (numbers.size, 4e3, 1e8, ["10 KiB", "10 MiB"]),
        (numbers.size, 893 * 2**20, 1312 * 2**20, ["900 MiB", "1,300 MiB"]),
        (numbers.size, 3e9, 4e10, ["3,000 MiB", "30 GiB"]),
        (numbers.size, 410 * 2**20, 1640 * 2**20, ["500 MiB", "1,500 MiB"]),
        (numbers.duration, 31, 210, ["40 s", "3 min"]),
        (numbers.duration, 200, 9000, ["10 min", "100 min"]),
        (milliseconds, 0.5, 30, ["1 ms", "10 ms"]),
        (milliseconds, 2.4, 2.7, ["2.4 ms", "2.7 ms"]),
        (numbers.parameters, 770, 2.2e7, ["1,000", "10 M"]),
    ],
)
def test_numbers_on_axes_of_costs_are_round_in_their_unit(form, low, high, ticks) -> None:
    found = [numbers.tick(form(place)) for place in axis_ticks(low, high, form)]
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in found] == ticks


def test_no_axis_of_costs_has_a_decimal_that_tells_nothing(drawn) -> None:
    text = re.sub(r"<[^<>]+>", "\n", drawn["costs"].svg)
    assert re.search(r"\d\N{NO-BREAK SPACE}(KiB|MiB)", text)
    assert not re.search(r"\.0\N{NO-BREAK SPACE}", text)
    assert re.search(r"\d\N{NO-BREAK SPACE}ms", text), "times to predict that are nearly alike have a number, too"


def test_figures_survive_failures_and_a_single_seed() -> None:
    found = sample.collection(seeds=(41,), failing={"lora": (41,)}, missing=("mamba",))
    assert "lora" not in costs_figure(found).csv
    assert "as trained" in figures.difference_figure(found, sample.comparison(found)).csv
    assert training.learning_figure(found) is not None


def test_marks_are_fixed_by_order_and_tell_methods_apart() -> None:
    names = [f"m{n}" for n in range(25)]
    found = marks(names)
    assert len(set(found.values())) == len(names)
    assert marks(names[:8]) == {name: found[name] for name in names[:8]}


def points(near: float = 0.0) -> list[Point]:
    names = list(sample.FACTS)
    look = marks(names)
    rng = np.random.default_rng(0)
    return [
        Point(name, tuple(0.84 + near * rng.random(3)), tuple(1e5 * (1 + near * rng.random(3))), look[name])
        for name in names
    ]


def texts_of(ax):
    """Return the boxes of the labels, by their text, without the lines that lead to them."""
    renderer = ax.figure.canvas.get_renderer()
    ax.figure.canvas.draw()
    return {text.get_text(): Text.get_window_extent(text, renderer) for text in ax.texts if text.get_text()}


@pytest.mark.parametrize("near", [0.0, 0.002, 0.02, 0.2])
def test_labels_of_points_that_nearly_coincide_do_not_overlap(near: float) -> None:
    ax = tradeoff(new_axes(3.0), points(near), xlabel="x", ylabel="y", ticks={1e5: "100 k"}, log=True)
    boxes = texts_of(ax)
    assert len(boxes) == 8
    for (one, a), (other, b) in itertools.combinations(boxes.items(), 2):
        # The box of a text has empty edges; letters touch only beyond two pixels.
        assert not a.padded(-2).overlaps(b.padded(-2)), (one, other)


def test_free_methods_are_lines_with_names_apart() -> None:
    look = marks(["a", "b", "c"])
    shown = [
        Point("a", (0.500,), (), look["a"]),
        Point("b", (0.501,), (0.0,), look["b"]),
        Point("c", (0.9,), (10.0,), look["c"]),
    ]
    ax = tradeoff(new_axes(3.0, right=1), shown, xlabel="x", ylabel="y", ticks={10.0: "10"}, log=True)
    boxes = texts_of(ax)
    assert not boxes["a"].overlaps(boxes["b"])
    assert len([line for line in ax.lines if line.get_linestyle() == "--"]) == 2


def test_the_line_of_costs_joins_what_nothing_beats() -> None:
    assert front([(3, 0.9), (1, 0.5), (2, 0.4), (3, 0.8), (4, 0.9)]) == [1, 0]


def test_a_figure_turns_with_its_page_and_keeps_its_text(drawn) -> None:
    """Ink and lines take the page's colours, text stays text, and no id or style reaches beyond the figure."""
    for name, figure in drawn.items():
        page = BeautifulSoup(figure.to_html(), "html.parser")
        assert page.svg["role"] == "img", name
        assert len(page.select("svg text")) > 5, name
        assert "currentcolor" in str(page.svg).lower(), name
        assert not page.select("svg style"), name
        ids = [one["id"] for one in page.select("[id]")]
        assert len(ids) == len(set(ids)), name
        assert all(one.startswith(page.figure["id"]) for one in ids), name
        assert figure.csv.count("\n") > 2, name


@pytest.mark.parametrize("paper", ["#fcfcfa", "#15181c"])
def test_marks_stand_out_from_a_light_page_and_from_a_dark_one(paper: str) -> None:
    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    for mark in marks([f"m{n}" for n in range(10)]).values():
        low, high = sorted((luminance(mark.colour), luminance(paper)))
        assert (high + 0.05) / (low + 0.05) >= 3, mark


def test_a_linear_cost_begins_at_zero() -> None:
    ax = tradeoff(new_axes(3.0), points(0.1), xlabel="x", ylabel="y", ticks={0.0: "0"}, log=False)
    assert ax.get_xlim()[0] == 0


@given(st.lists(st.floats(0, 100), max_size=12), st.floats(0.1, 8))
def test_spread_keeps_apart_in_order_and_inside(wanted: list[float], gap: float) -> None:
    found = spread(wanted, gap=gap, low=0, high=100)
    ordered = [found[place] for place in sorted(range(len(wanted)), key=lambda place: (wanted[place], place))]
    assert all(after - before >= gap - 1e-6 for before, after in itertools.pairwise(ordered))
    assert all(-1e-6 <= value <= 100 + 1e-6 for value in found)


def test_spread_leaves_alone_what_is_apart() -> None:
    assert spread([1, 50, 20], gap=5, low=0, high=100) == pytest.approx([1, 50, 20])


def test_forest_draws_intervals_and_band_in_points() -> None:
    look = marks(["a", "b"])
    gaps = [
        Gap("a", -0.01, -0.03, 0.01, "not settled", look["a"]),
        Gap("b", -0.9, -0.95, -0.85, "worse", look["b"], yardstick=True),
    ]
    ax = forest(new_axes(2.0, left=1, right=1.5), gaps, margin=0.01, xlabel="pp")
    low, high = ax.get_xlim()
    assert high > 2
    assert -50 < low < -3, "a far baseline does not set the scale"
    written = " ".join(text.get_text() for text in ax.texts)
    assert "\N{MINUS SIGN}90.0" in written, "its number stands beside it"


def test_curves_show_each_run_and_their_mean() -> None:
    runs = [[0.5, 0.6, 0.7], [0.6, 0.7]]
    assert mean_curve(runs) == pytest.approx([0.55, 0.65])
    ax = learning_curve(new_axes(2.0), runs, mark=marks(["a"])["a"], title="a")
    assert [len(line.get_xdata()) for line in ax.lines] == [3, 2, 2]
    assert all(tick == int(tick) for tick in ax.get_xticks())


def test_a_sweep_marks_its_choice_and_its_gaps() -> None:
    scores = {"2": 0.8, "4": None, "8": 0.85}
    ax = sweep_curve(new_axes(2.0), scores, chosen="8", mark=marks(["a"])["a"], xlabel="rank", ylabel="accuracy")
    written = [text.get_text() for text in ax.texts]
    assert "0.850\nchosen" in written
    assert "no result" in written


def test_a_confusion_matrix_has_counts_and_shares() -> None:
    (ax,) = new_grid(1, columns=1, cell=(2, 2))
    confusion(ax, [[9, 1], [0, 0]], names=["a", "b"], title="t")
    written = [text.get_text() for text in ax.texts]
    assert written[0] == "9\n90\N{NO-BREAK SPACE}%"
    assert written[2] == "0\n0\N{NO-BREAK SPACE}%"


def test_many_classes_have_no_numbers() -> None:
    (ax,) = new_grid(1, columns=1, cell=(3, 3))
    confusion(ax, np.eye(20, dtype=int).tolist(), names=[f"class {n}" for n in range(20)], title="t")
    assert not ax.texts


def test_axes_are_taken_and_returned() -> None:
    ax = new_axes(2.0)
    assert sweep_curve(ax, {"1": 0.5}, chosen=None, mark=marks(["a"])["a"], xlabel="x", ylabel="y") is ax


# names as people have them


HOSTILE = (
    "$10-$20",
    r"$\frac{1}$",
    "\x1b[31mred",
    "a_b ^2 100 % {x} #1 & \\",
    "tab\there\x0bend",
    "half\ud800",
    "<b>&amp;",
)
LONG = "strongly recommended film", "not recommended to anyone"
PHRASE = "a class whose name goes on and on until nobody remembers how it began, a hundred characters or so in"


def few(found, methods: int):
    return dataclasses.replace(found, rows=found.rows[:methods])


def panels_of(figure) -> list[tuple[float, float]]:
    """Return width and height in inches of each panel as laid out."""
    size = figure.get_size_inches()
    return [tuple(ax.get_position().size * size) for ax in figure.axes]


@pytest.fixture
def kept(monkeypatch):
    """Every matplotlib figure that goes to a file, as it is drawn."""
    figures_drawn = []
    draw = svg.letter

    def letter(figure) -> None:
        draw(figure)
        figures_drawn.append(figure)

    monkeypatch.setattr(svg, "letter", letter)
    return figures_drawn


@pytest.mark.parametrize("methods", [1, 3, 10])
@pytest.mark.parametrize("length", [9, 23, 33, 100])
@pytest.mark.parametrize("classes", [2, 3, 4, 60])
def test_long_class_names_leave_the_matrices_their_room(classes: int, length: int, methods: int) -> None:
    names = [f"{place:02d} {PHRASE}"[:length] for place in range(classes)]
    axes = matrices._matrices(methods, names)
    for width, height in panels_of(axes[0].get_figure(root=True)):
        assert min(width, height) > 0.55, (width, height)
    for ax in axes:
        confusion(ax, np.eye(classes, dtype=int).tolist(), names=names, title="t")
    for axis in (axes[-1].xaxis, axes[0].yaxis):
        shown = [label.get_text() for label in axis.get_ticklabels()]
        assert len(set(shown)) == len(shown), "no two alike"
        assert shown[0].startswith(("00", "1: 00"))


@pytest.mark.parametrize(("classes", "across"), [(2, 4), (3, 4), (4, 3), (5, 3), (12, 3)])
def test_matrices_stand_side_by_side_on_the_page(classes: int, across: int) -> None:
    """Three of 2.1 inches are a little more than 6.3 to a computer: six stood one below the other, beyond the page."""
    axes = matrices._matrices(6, [f"class {place}" for place in range(classes)])
    rows = {round(ax.get_position().y0, 3) for ax in axes}
    assert len(rows) == -(-6 // across)
    _, height = axes[0].get_figure(root=True).get_size_inches()
    assert height < 8


@pytest.mark.parametrize(
    "names", [LONG, (PHRASE[:99] + "a", PHRASE[:99] + "b"), tuple(f"{n} {PHRASE}"[:100] for n in range(20))]
)
def test_long_class_names_cost_no_figure_and_are_whole_in_words(names: tuple[str, ...]) -> None:
    found = few(sample.collection(names=names), 3)
    drawn = confusion_figure(found)
    assert isinstance(drawn, Figure)
    assert all(name in drawn.csv for name in names)
    assert ("found least often" in drawn.caption) == (len(names) == 20)
    alone = training_figures.confusion_figure(found.rows[0].records[0])
    assert isinstance(alone, Figure)
    told = [name for name in names if name in alone.alt]
    assert len(told) == (12 if len(names) == 20 else len(names)), "of many classes those that are drawn"


@pytest.mark.parametrize("classes", [2, 3, 12, 77])
def test_errors_are_counted_over_every_seed(classes: int) -> None:
    """Kinds of error for few classes, a matrix for more, recall for many: the numbers are those of all runs."""
    names = tuple(f"class {place}" for place in range(classes))
    found = few(sample.collection(names=names), 6)
    drawn = confusion_figure(found)
    assert isinstance(drawn, Figure)
    runs = found.rows[-1].records
    total = np.sum([run.test.confusion for run in runs], axis=0)
    assert (matrices.summed(found.rows[-1]) == total).all()
    head, *lines = drawn.csv.splitlines()
    last = [line for line in lines if line.startswith(f"{found.rows[-1].name},")]
    if classes <= 12:
        assert head == "method,true class,predicted class,texts"
        assert sum(int(line.rsplit(",", 1)[1]) for line in last) == total.sum() == len(runs) * sample.TEST
    else:
        assert head == "method,class,recall on test"
        assert [float(line.rsplit(",", 1)[1]) for line in last] == pytest.approx(np.diag(total) / total.sum(axis=1))


def test_a_long_name_is_wrapped_then_cut() -> None:
    assert fit("short", room=1.0) == "short"
    shown = fit(PHRASE, room=1.0, lines=2)
    assert shown.count("\n") == 1
    assert shown.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert all(text_size(line, unit=1.0)[0] / 72 <= 1.0 for line in shown.split("\n"))
    assert fit_each([PHRASE + "a", PHRASE + "b"], room=1.0)[1].startswith("2: ")


@given(st.text(min_size=1), st.floats(0.3, 2), st.integers(1, 3))
def test_any_name_can_be_fitted(name: str, room: float, lines: int) -> None:
    assert len(fit(name, room=room, lines=lines).split("\n")) <= lines


def hostile_figures(found):
    """Draw every figure with class and method names as hostile as can be."""
    renamed = {row.name: f"{row.name} {HOSTILE[place % len(HOSTILE)]}" for place, row in enumerate(found.rows)}
    look = marks(list(renamed))
    shown = [Point(renamed[name], (0.8, 0.9), (10.0,) if n else (), look[name]) for n, name in enumerate(renamed)]
    tradeoff_ax = tradeoff(
        new_axes(3.0), shown, xlabel=HOSTILE[0], ylabel=HOSTILE[1], ticks={10.0: HOSTILE[2]}, log=True
    )
    gaps = [Gap(renamed[name], 0.1, 0.0, 0.2, HOSTILE[2], look[name]) for name in renamed]
    forest_ax = forest(new_axes(4.0, left=2, right=1.75), gaps, margin=0.01, xlabel=HOSTILE[1])
    one = marks(["a"])["a"]
    curve_ax = learning_curve(new_axes(2.0), [[0.5, 0.6]], mark=one, title=HOSTILE[1])
    scores = dict.fromkeys(HOSTILE, 0.5)
    sweep_ax = sweep_curve(new_axes(2.0), scores, chosen=HOSTILE[0], mark=one, xlabel=HOSTILE[1], ylabel=HOSTILE[2])
    return [
        *(Figure(figure_of(ax), caption="c", alt="a") for ax in (tradeoff_ax, forest_ax, curve_ax, sweep_ax)),
        confusion_figure(found),
        training_figures.confusion_figure(found.rows[0].records[0]),
        costs_figure(found),
        figures.difference_figure(found, sample.comparison(found)),
        training.learning_figure(found),
        *(training.sweep_figure(found, one) for one in sweep_results(found)),
        training_figures.learning_curves(
            found.rows[4].records[0].training.history, method=HOSTILE[1], metric="accuracy"
        ),
    ]


def test_every_text_of_every_figure_is_shown_as_written(kept) -> None:
    found = sample.collection(names=HOSTILE)
    drawn = hostile_figures(found)
    assert all(isinstance(one, Figure) for one in drawn)
    assert len(kept) == sum(1 + (one.narrow is not None) for one in drawn)
    texts = [text for figure in kept for text in figure.findobj(Text)]
    assert not [text.get_text() for text in texts if text.get_parse_math()]
    said = [text.get_text() for text in texts]
    assert said == [drawn_text(text) for text in said]
    for name in ("$10-$20", r"$\frac{1}$", "\N{REPLACEMENT CHARACTER}[31mred", "a_b ^2 100 % {x} #1 & \\"):
        assert [text for text in said if name in text], name
    for one in drawn:
        forms = one._repr_mimebundle_()
        for form in forms.values():
            assert form == clean(form)


def test_a_figure_that_raises_is_a_sentence_with_its_reason(collection, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no *room* for \x1b" + "x" * 500)

    monkeypatch.setattr(figures, "forest", broken)
    for name in ("share_curve", "sweep_curve"):
        monkeypatch.setattr(training, name, broken)
    monkeypatch.setattr(matrices, "_error_bars", broken)
    monkeypatch.setattr(costs, "_panel", broken)
    comparison, (sweep,) = sample.comparison(collection), sweep_results(collection)
    found = {
        "quality against cost": costs_figure(collection),
        "differences to the reference": figures.difference_figure(collection, comparison),
        "learning curves": training.learning_figure(collection),
        "choice of a setting": training.sweep_figure(collection, sweep),
        "confusion matrices": confusion_figure(collection),
    }
    for name, one in found.items():
        assert isinstance(one, Undrawn)
        assert one.sentence.startswith(
            f"Figure not drawn ({name}): ValueError: no *room* for \N{REPLACEMENT CHARACTER}xxx"
        )
        assert len(one.sentence) < 300
        assert r"no \*room\* for" in one.markdown


def test_a_figure_whose_file_would_be_broken_is_not_kept(collection, monkeypatch) -> None:
    monkeypatch.setattr(svg, "_UNDATED", {"Date": None, "Creator": None, "Title": "\x0b"})
    monkeypatch.setattr(svg.re, "sub", lambda _pattern, _new, text, **_: text)
    found = confusion_figure(collection)
    assert isinstance(found, Undrawn)
    assert "ParseError" in found.sentence


def grid_of(scores, names):
    pairs = dict.fromkeys(itertools.combinations(names, 2), 0.01)
    return across([
        Cell(f"d{row}", "small", dict(zip(names, values, strict=True)), pairs)
        for row, values in enumerate(np.asarray(scores).tolist())
    ])  # fmt: skip


def test_mean_ranks_are_drawn_with_groups_that_no_test_tells_apart() -> None:
    """Demsar 2006, figure 1: C4.5 stands apart from the best two, C4.5+cf from nobody."""
    shown = rank_figure(grid_of(AUC, ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")))
    assert "C4.5+m+cf 1.96; C4.5+m 2.00; C4.5+cf 2.89; C4.5 3.14" in shown.alt
    assert "C4.5+m+cf, C4.5+m and C4.5+cf; C4.5+m+cf, C4.5+cf and C4.5" in shown.alt
    assert "14 data sets" in shown.caption
    assert "1.25" in shown.caption
    assert rank_figure(grid_of(AUC[:1], "abcd")) is None


@pytest.mark.parametrize("methods", [2, 3, 20])
def test_mean_ranks_of_few_and_many_methods_stay_legible(methods) -> None:
    names = ["a name of somebody's own making that is far too long for any figure", *map(str, range(methods - 1))]
    rng = np.random.default_rng(0)
    grid = grid_of(np.linspace(0.2, 0, methods) + rng.normal(0, 0.02, (24, methods)), names)
    ax = rank_axes(None, grid, marks(names))
    figure = figure_of(ax)
    figure.draw_without_rendering()
    width = figure.bbox.width
    rows = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(box.x0 >= 0 for box in rows)
    assert all(not one.overlaps(other) for one, other in itertools.combinations(rows, 2))
    lines = [line.get_window_extent() for line in ax.lines if not line.get_clip_on()]
    assert len(lines) == 2 * len(grid.groups())
    assert all(box.x1 <= width for box in lines)
    assert rank_figure(grid).svg == rank_figure(grid).svg


# what is drawn of the same records in more than one way --------------------------------------------------------------


def test_a_narrow_screen_has_a_drawing_of_its_own_that_fits_it(drawn) -> None:
    for name, figure in drawn.items():
        if figure.narrow is None:
            assert svg.width_of(figure.svg) <= 72 * 3.0, name
            continue
        assert svg.width_of(figure.narrow) <= 320 / 1.47, f"{name}: type of 7.5 points has 11 pixels at 360"
        page = BeautifulSoup(figure.to_html(), "html.parser")
        assert len(page.select("figure > .drawn.narrow svg[aria-label]")) == 1
        ids = [one["id"] for one in page.select("[id]")]
        assert len(ids) == len(set(ids)), name


def test_the_parts_of_a_figure_say_whose_they_are(drawn, collection) -> None:
    names = {row.name for row in collection.rows}
    for name, figure in drawn.items():
        found = set(re.findall(r' data-method="([^"]+)"', figure.svg))
        assert found <= names, name
        assert name in {"sweep", "confusion"} or len(found) > 3, name


def test_agreement_is_the_share_of_texts_that_runs_give_the_same_class() -> None:
    def contender(name, predicted):
        given = np.asarray(predicted)
        return Contender(
            name=name, seeds=tuple(range(len(given))), item_ids=np.array(["b", "a", "c", "d"]), gold=np.zeros(4, int),
            predicted=given, trained=True, deterministic=False, declared=len(given), comparability="same",
        )  # fmt: skip

    one = contender("one", [[0, 0, 1, 1], [0, 0, 1, 0]])
    two = contender("two", [[0, 1, 1, 1]])
    found = agreement([one, two])
    assert found[0, 0] == 0.75
    assert found[0, 1] == found[1, 0] == pytest.approx((0.75 + 0.5) / 2)
    assert np.isnan(found[1, 1])


def test_the_heat_map_names_every_method_and_the_least_agreement(tmp_path) -> None:
    study = view(sample.collection(), tmp_path).study
    figure = agreement_figure(study.collection, study.contenders, look(study.collection))
    texts = set(re.findall(r"<text[^>]*>([^<]+)</text>", figure.svg))
    assert {row.name for row in study.collection.rows} <= texts
    assert "Least: " in figure.alt
    reliable = reliability_figure(study.calibration, look(study.collection))
    assert reliable.svg.count("ECE") >= len(study.calibration.methods)
    for one in study.calibration.methods:
        assert sum(part.share for part in one.bins) == pytest.approx(1)
    assert agreement_figure(study.collection, study.contenders[:1], look(study.collection)) is None


def test_bins_hold_every_answer_once() -> None:
    gold, scores = np.array([0, 0, 1, 1]), np.array([[2.0, 0.0], [0.0, 2.0], [0.0, 2.0], [0.0, 0.1]])
    counts, sure, right = reliability(gold, scores)
    assert counts.sum() == 4
    filled = counts > 0
    assert right[filled].tolist() == [1.0, pytest.approx(2 / 3)]
    assert np.nansum(counts * np.abs(sure - right)) / 4 == pytest.approx(metric_named("ece")(gold, scores))


def test_lines_join_rows_that_nothing_tells_apart_where_methods_are_many(drawn) -> None:
    found = sample.collection()
    comparison = sample.comparison(found)
    assert "Lines at the right" not in drawn["differences"].caption
    with pytest.MonkeyPatch.context() as few:
        few.setattr(figures, "_MANY", 2)
        caption = figures.difference_figure(found, comparison).caption
    apart = {frozenset((one.first, one.second)) for one in comparison.pairs if one.relation in ("better", "worse")}
    gaps, groups = figures._with_ties(figures.gaps_of(found, comparison), found, comparison)
    names = [gap.mark.name for gap in gaps]
    assert comparison.reference in names
    for group in groups:
        pairs = {frozenset(pair) for pair in itertools.combinations([names[place] for place in group], 2)}
        assert not pairs & apart
    assert ("Lines at the right" in caption) == bool(groups)


def test_a_scale_shows_more_than_one_text() -> None:
    ax = new_axes(2.0)
    ax.plot([1, 2], [0.900, 0.901])
    widen(ax)
    low, high = ax.get_ylim()
    assert high - low == pytest.approx(0.04)
