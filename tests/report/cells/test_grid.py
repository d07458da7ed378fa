"""What is said, tabled and drawn over the cells of a grid, on made-up methods whose accuracies are known."""

import numpy as np
import pytest

from bakeoff.report.cells.grid_said import heading, said_of_grid
from bakeoff.report.cells.grid_tables import FILE, grid_tables
from bakeoff.report.figures.ranks import rank_figure
from bakeoff.report.text.language import speaking
from bakeoff.stats.compare import compare
from bakeoff.stats.inputs import Contender
from bakeoff.study.grid import AtCell, OverGrid, over_cells
from made_cells import LEVELS, SEEDS, cell
from made_cells import grid as made
from prose import plain

TWO = {name: (name, None) for name in ("set0", "set1")}


def said(grid) -> str:
    return " ".join(plain(text) for text in said_of_grid(grid, metric="accuracy"))


def tables(grid):
    return grid_tables(grid, methods=list(LEVELS), reference="full", metric="accuracy")


@pytest.fixture(scope="module")
def four():
    return made(4)


@pytest.fixture(scope="module")
def nine():
    return made(9, models=("small",))


def test_four_data_sets_allow_no_claim_and_their_ranks_are_shown(four) -> None:
    text = said(four)
    assert "8 cells (4 data sets and 2 base models)" in text
    assert "4 data sets allow no claim over data sets: the signed-rank test of 6 pairs takes at least 8" in text
    assert "Mean ranks over 4 data sets, 1 the best: full 1.00; lora 2.00; probe 3.00; nbsvm 4.00." in text
    assert "count once. Scores and differences are first averaged" in text
    assert "told apart" not in text
    assert " better than" not in text.partition("allow no claim")[2]
    _, ranks, pairs = tables(four)
    assert ranks.rows[0][:2] == ("full", "1.00")
    assert pairs.header == ["pair", "ahead on", "mean difference", "varies by", "on a next data set"], "and no verdict"
    assert all("[" in one for row in pairs.rows for one in row[2:])
    assert not four.found.possible


def test_enough_data_sets_allow_claims(nine) -> None:
    text = said(nine)
    assert "Over 9 data sets, full is better than nbsvm: ahead on 9 of 9 (corrected p 0.0" in text
    assert "allow no claim" not in text
    assert "count once" not in text, "one base model is averaged with no other"
    *_, pairs = tables(nine)
    assert {row[-1].split("\n")[0] for row in pairs.rows} <= {"better", "not told apart"}
    assert next(row for row in pairs.rows if row[0] == "full − nbsvm")[-1].startswith("better\np 0.0")
    assert rank_figure(nine.found).caption.startswith("Mean rank over 9 data sets")


def test_two_data_sets_have_a_difference_and_no_interval() -> None:
    *_, pairs = tables(made(2, models=()))
    assert all("[" not in one for row in pairs.rows for one in row)
    assert pairs.rows[0][2].endswith("pp")


def test_two_models_on_one_data_set_are_not_two_data_sets() -> None:
    grid = made(1, models=tuple(f"model{n}" for n in range(9)))
    text = said(grid)
    assert "All cells are on one data set: what holds there says nothing of other data sets." in text
    assert "Over 9" not in text
    assert len(tables(grid)) == 1
    assert heading(grid) == "Over base models"


def test_the_table_says_who_is_not_shown_to_be_worse_in_each_cell(four) -> None:
    scores, *_ = tables(four)
    assert scores.header == ["cell", "full", "lora", "probe", "nbsvm"]
    assert [row[0] for row in scores.rows] == [*four.declared]
    for row in scores.rows:
        assert row[1].endswith("best")
        assert "\n" not in row[2], "not shown to be worse"
        assert row[4].endswith("\nworse")


def test_worse_is_who_any_other_is_shown_to_be_better_than() -> None:
    """The best by its mean may have too much noise between seeds to be shown better than anybody."""
    rng = np.random.default_rng(3)
    gold, ease = rng.integers(0, 2, 800), rng.random(800)
    levels = {"noisy": (0.75, 0.99, 0.93), "full": (0.85,) * 3, "nbsvm": (0.5,) * 3}
    found = [
        Contender(name, SEEDS, np.arange(800), gold, np.stack([np.where(ease < one, gold, 1 - gold) for one in own]))
        for name, own in levels.items()
    ]
    verdicts = compare(found, metric="accuracy", reference="full", alpha=0.01, margin=0.01, resamples=0, plans=False)
    one = AtCell("set0", "set0", None, verdicts)
    assert (one.best, one.clear) == ("noisy", False)
    assert verdicts["noisy", "nbsvm"].better is None
    assert [one.stands(name) for name in levels] == ["best", "open", "worse"]
    assert one.stands("nobody") is None


def test_who_shares_the_best_mean_of_a_cell_leads_there_as_well() -> None:
    """It went to the first of the file: the other led nowhere, with the very same score."""
    gold = np.arange(100) % 2
    right = {"first": 78, "second": 78, "third": 60}
    found = [
        Contender(name, SEEDS, np.arange(100), gold, np.stack([np.where(np.arange(100) < one, gold, 1 - gold)] * 3))
        for name, one in right.items()
    ]
    verdicts = compare(found, metric="accuracy", reference="third", alpha=0.01, margin=0.01, resamples=0, plans=False)
    one = AtCell("set0", "set0", None, verdicts)
    assert one.leaders == ("first", "second")
    assert [one.stands(name) for name in right][:2] == ["best", "best"]
    grid = OverGrid({"set0": ("set0", None)}, (one,), level=0.01, alpha=0.05, found=None)
    assert grid.leaders == {"first": ("set0",), "second": ("set0",)}
    assert "It shares that mean with second in 1 cell." in said(grid)


def test_an_order_that_turns_is_named_with_its_cells() -> None:
    change = {("set1", "small", "probe"): 0.97, ("set1", "large", "probe"): 0.97}
    text = said(made(4, change=change))
    assert "full is shown to be better than probe in set0/small, set0/large" in text
    assert "and worse in set1/small and set1/large: the order depends on the cell." in text
    assert "Which method has the best mean accuracy differs: full in 6 cells and probe in 2 cells." in text
    assert "No two methods are shown to change order between cells." in said(made(4))


def test_a_method_without_a_result_in_a_cell_has_no_rank_and_a_dash() -> None:
    grid = made(4, change={("set2", "small", "probe"): None})
    assert "Without a rank, since a result is missing in some cell: probe." in said(grid)
    scores, ranks, _ = tables(grid)
    row = next(row for row in scores.rows if row[0] == "set2/small")
    assert row[3] == "–"
    assert [row[0] for row in ranks.rows] == ["full", "lora", "nbsvm"]


def test_missing_cells_few_seeds_and_unlike_classes_are_named() -> None:
    grid = made(4, seeds=(1, 2), declared=("set4/small",))
    text = said(grid)
    assert "No method has a result in set4/small." in text
    assert "In set0/small, set0/large, set1/small, set1/large, set2/small, set2/large and 2 more, too few seeds" in text
    mixed = [cell(f"set{n}", None, LEVELS, level=0.025, classes=2 + 4 * n) for n in range(2)]
    grid = over_cells(TWO, mixed, reference="full", level=0.025, alpha=0.05)
    assert "The data sets have 2 to 6 classes" in said(grid)
    assert heading(grid) == "Over data sets"
    nothing = over_cells(TWO, [], reference="full", level=0.025, alpha=0.05)
    assert said(nothing) == "No cell of the grid has a result yet."
    assert tables(nothing) == []


def test_a_grid_of_one_method_or_without_its_reference_is_shown() -> None:
    alone = over_cells(TWO, [cell(name, None, {"lora": 0.8}, level=0.025) for name in TWO],
                       reference="full", level=0.025, alpha=0.05)  # fmt: skip
    assert alone.found is None
    assert said(alone)
    assert len(tables(alone)) == 1
    headless = made(4, change={(f"set{n}", model, "full"): None for n in range(4) for model in ("small", "large")})
    assert headless.found.reference is None
    assert len(tables(headless)) == 3


def test_a_metric_whose_lower_values_are_better_keeps_its_sign() -> None:
    def lossy(data):
        rng = np.random.default_rng(0)
        gold = rng.integers(0, 2, 300)
        found = [
            Contender(name, SEEDS, np.arange(300), gold, np.stack([gold] * 3), logits=np.stack(
                [np.eye(2)[gold] * sharp + 0.3 * rng.normal(size=(300, 2)) for _ in SEEDS]))
            for name, sharp in (("full", 2.0), ("lora", 1.0))
        ]  # fmt: skip
        return AtCell(data, data, None, compare(
            found, metric="log_loss", reference="full", alpha=0.025, margin=0.01, resamples=0, plans=False
        ))  # fmt: skip

    grid = over_cells(TWO, list(map(lossy, TWO)), reference="full", level=0.025, alpha=0.05)
    assert grid.leaders == {"full": tuple(TWO)}
    _, ranks, _ = grid_tables(grid, methods=["full", "lora"], reference="full", metric="log_loss")
    assert [row[0] for row in ranks.rows] == ["full", "lora"]
    assert not any(row[2].startswith("−") for row in ranks.rows)
    assert grid.to_frame()["rank"].tolist() == [1, 2, 1, 2]


def test_the_csv_has_a_row_for_each_cell_and_method(four) -> None:
    scores, *_ = tables(four)
    head, *rows = scores.carried[FILE].splitlines()
    assert head.startswith("cell,data_set,model,method,seeds,mean,seed_sd,rank,standing,reference,difference")
    assert [row.split(",")[:4] for row in rows[:4]] == [["set0/small", "set0", "small", name] for name in LEVELS]
    assert len(rows) == 8 * 4


def test_all_of_it_is_said_in_russian(four, nine) -> None:
    latin = "abcdefghijklmnopqrstuvwxyz"
    change = {("set1", "small", "probe"): 0.97, ("set2", "small", "nbsvm"): None}
    grids = [four, nine, made(4, change=change, seeds=(1, 2), declared=("set9/small",)), made(1)]
    english = [len(said_of_grid(grid, metric="accuracy")) for grid in grids]
    with speaking("ru"):
        texts = [said_of_grid(grid, metric="accuracy") for grid in grids]
        shown = [f"{one.caption} {one.note} {one.header}" for grid in grids for one in tables(grid)]
        shown += [cell for grid in grids for one in tables(grid)[2:] for row in one.rows for cell in row[1:]]
        figure = rank_figure(nine.found)
        assert heading(four) != "Over data sets and base models"
    assert [len(one) for one in texts] == english
    for text in [*(plain(text) for own in texts for text in own), *shown, figure.caption]:
        words = text
        for name in (*LEVELS, "accuracy", "Accuracy", "set", "small", "large", "model", "p", "seed"):
            words = words.replace(name, "")
        assert not set(words.lower()) & set(latin), text
