"""Every pair of methods with its numbers, and those that could not be compared with the reason."""

import dataclasses

import pytest
from scipy.stats import t

import sample
from bakeoff.report.tables.pairs import pair_tables, unmet_table
from bakeoff.report.text.numbers import chance, gap, interval, level, p_value, points
from bakeoff.stats.compare import Verdict


@pytest.fixture(scope="module")
def found():
    collection = sample.collection(failing={"prefix": (42,)})
    return collection, sample.comparison(collection)


def test_every_pair_stands_in_the_table_of_its_family(found) -> None:
    against, beside, others = pair_tables(*found)
    assert against.rows[0][:2] == ("majority", "full")
    assert [len(table.rows) for table in (against, beside, others)] == [7, 12, 9]
    for row in beside.rows:
        assert len({*row[:2]} & {*sample.BASELINES}) == 1
    pairs = [frozenset(row[:2]) for table in (against, beside, others) for row in table.rows]
    assert len(set(pairs)) == len(found[1].pairs) == len(pairs)


def test_a_row_holds_what_was_computed_of_its_pair(found) -> None:
    collection, comparison = found
    pair = next(pair for pair in comparison.against_reference if pair.first == "lora")
    one = pair.difference
    (row,) = [row for row in pair_tables(collection, comparison)[0].rows if row[0] == "lora"]
    assert row[2:] == (
        f"{points(one.estimate)}\n{interval(one.low, one.high)}",
        gap(one.detectable(comparisons=pair.comparisons)), gap(one.least_margin(comparisons=pair.comparisons)),
        p_value(pair.p_holm), p_value(pair.p_equivalence_holm),
        f"{chance(pair.chances.better)}\n{chance(pair.chances.within)}", "not settled",
    )  # fmt: skip


def test_notes_say_for_how_many_comparisons_p_is_corrected(found) -> None:
    against, beside, others = pair_tables(*found)
    assert "Holm's correction for 7 comparisons with the reference" in against.note
    assert beside.note == "Here p is after Holm's correction for 15 comparisons of a baseline with another method."
    assert others.note == "Here p is after Holm's correction for all 28 pairs."
    assert "With fewer than 3 seeds in common" in against.note


def test_what_cannot_be_compared_is_a_row_of_dashes_with_the_reason(found) -> None:
    collection, comparison = found
    nothing = {
        "difference": None,
        "verdict": Verdict.NOT_COMPARABLE,
        "chances": None,
        "p_holm": None,
        "p_equivalence_holm": None,
    }
    cut = tuple(dataclasses.replace(pair, reason="items", **nothing) for pair in comparison.against_reference)
    against, *_ = pair_tables(collection, dataclasses.replace(comparison, against_reference=cut))
    assert against.rows[0][2:] == (*["\N{EN DASH}"] * 6, "not comparable\nother test texts")
    assert "Holm" not in against.note.partition("Detectable gap")[0].partition("Least margin")[0]
    assert "Here p is" not in against.note


def test_an_equivalent_pair_shows_the_interval_that_lies_within_the_margin(found) -> None:
    collection, comparison = found
    same = tuple(dataclasses.replace(pair, verdict=Verdict.EQUIVALENT) for pair in comparison.against_reference)
    against, *_ = pair_tables(collection, dataclasses.replace(comparison, against_reference=same))
    inner = interval(*same[0].difference.inner)
    assert against.rows[0][2].endswith(f"\n{level(0.9)}: {inner}")


def test_a_verdict_that_rests_on_fewer_seeds_says_so(found) -> None:
    collection, comparison = found
    fewer = tuple(dataclasses.replace(pair, declared=5) for pair in comparison.against_reference)
    against, *_ = pair_tables(collection, dataclasses.replace(comparison, against_reference=fewer))
    assert {row[0]: row[-1] for row in against.rows}["lora"] == "not settled, 3 of 5 seeds"


def test_without_pairs_there_are_no_tables() -> None:
    alone = sample.collection(missing=tuple(name for name in sample.FACTS if name != "full"))
    assert pair_tables(alone, sample.comparison(alone)) == []


def test_unmet_baselines_say_how_far_few_seeds_are_the_reason(found) -> None:
    """A method ahead by the test of the pair alone, which three seeds cannot show after correction."""
    collection, comparison = found
    assert "Few seeds" not in str(unmet_table(collection, comparison))
    ahead = comparison["lora", "tfidf"].difference
    changed = tuple(
        dataclasses.replace(pair, verdict=Verdict.NOT_SETTLED, difference=dataclasses.replace(pair.difference, p=0.004))
        if {pair.first, pair.second} == {"lora", "tfidf"}
        else pair
        for pair in comparison.pairs
    )
    table = unmet_table(collection, dataclasses.replace(comparison, pairs=changed))
    assert ahead.seed_variance is not None
    assert table.note == (
        "Few seeds are what limits this: with 3 seeds, a gap may have to be 18 times its standard error. With 5 it "
        "would be 7 times."
    )
    assert 17 < t.ppf(1 - 0.05 / 15 / 2, 2) < 18
    assert 6 < t.ppf(1 - 0.05 / 15 / 2, 4) < 7
