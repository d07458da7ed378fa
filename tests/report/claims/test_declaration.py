"""What is called declared before running was."""

import dataclasses

import pytest

import sample
from bakeoff.experiment.model import Compare
from bakeoff.report.claims.completeness import declared_before, redeclared
from prose import spoken


def collection(**changes):
    """Return the demo's collection under another declaration than its runs were made under."""
    return dataclasses.replace(sample.collection(), experiment=sample.experiment(compare=Compare(**changes)))


def test_it_was_declared_before_where_every_record_bears_it_out() -> None:
    assert declared_before(sample.collection())
    assert not list(redeclared(sample.collection()))
    assert not declared_before(sample.empty())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"metric": "macro_f1"}, "The metric is macro-F1 now; it was accuracy for 20 runs."),
        ({"reference": "lora"}, "The reference is lora now; it was full for 20 runs."),
        ({"alpha": 0.1}, "The level of the intervals is 90 % now; it was 95 % for 20 runs."),
        ({"equivalence_margin": 0.02}, "The margin is 2.0 pp now; it was 1.0 pp for 20 runs."),
    ],
)
def test_what_was_changed_afterwards_is_named(changes, said) -> None:
    found = collection(**changes)
    assert not declared_before(found)
    (text,) = spoken(redeclared(found))
    assert text == (
        "The comparison is the one asked for now; another was declared when its runs were made, for 20 runs. " + said
    )


def test_one_run_made_under_another_declaration_is_enough() -> None:
    found = sample.collection()
    rows = list(found.rows)
    at = next(number for number, row in enumerate(rows) if row.name == "lora")
    first, *rest = rows[at].records
    other = first.model_copy(update={"compare": Compare(alpha=0.01).model_dump(mode="json")})
    rows[at] = dataclasses.replace(rows[at], records=(other, *rest))
    mixed = dataclasses.replace(found, rows=tuple(rows))
    assert not declared_before(mixed)
    (statement,) = redeclared(mixed)
    assert (statement.kind, statement.runs) == ("warning", (other.run_id,))
    (text,) = spoken([statement])
    assert text.endswith("The level of the intervals is 95 % now; it was 99 % for 1 run.")


def test_a_record_that_does_not_say_leaves_it_open() -> None:
    found = sample.collection()
    rows = [
        dataclasses.replace(row, records=tuple(run.model_copy(update={"compare": None}) for run in row.records))
        for row in found.rows
    ]
    silent = dataclasses.replace(found, rows=tuple(rows))
    assert not declared_before(silent)
    assert not list(redeclared(silent))
