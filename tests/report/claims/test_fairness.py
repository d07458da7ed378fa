"""What was not equal between the compared methods is said, with the values; and the tables behind it."""

import dataclasses

import pytest

import sample
from bakeoff.report.claims.fairness import unequal
from bakeoff.report.tables.fairness import conditions_table, effort_table
from prose import replaced, spoken

DASH = "\N{EN DASH}"


@pytest.fixture(scope="module")
def collection():
    """Three candidates and a baseline, without sweeps, so that nothing differs but the method."""
    found = sample.collection()
    rows = tuple(row for row in found.rows if row.name in ("tfidf", "full", "prefix", "lora"))
    return replaced(dataclasses.replace(found, rows=rows, sweeps={}), "lora", sweep=None)


@pytest.fixture(scope="module")
def comparison(collection):
    return sample.comparison(collection, resamples=0)


def training(name: str, **changes):
    return {"training": sample.training(name, 41).model_copy(update=changes)}


@pytest.mark.parametrize("params", [{}, {"class_weights": "none"}], ids=["no such setting", "none"])
def test_equal_conditions_need_no_word(collection, comparison, params) -> None:
    assert not list(unequal(replaced(collection, "lora", params=params), comparison))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (training("lora", epochs=5, steps=315), "equally often: 3 epochs with full and prefix; 5 epochs with lora."),
        (
            training("lora", steps=100),
            "numbers of optimizer steps: 189 steps with full and prefix; 100 steps with lora.",
        ),
        (training("lora", effective_batch=8), "numbers of texts: 32 texts with full and prefix; 8 texts with lora."),
        (training("lora", dtype="float32"), "number formats: bfloat16 with full and prefix; float32 with lora."),
        (training("lora", truncated_share=0.25), "what was read of them: 0 % with full and prefix; 25 % with lora."),
        (training("lora", pooling="mean"), "in different ways: pooler with full and prefix; mean with lora."),
        ({"params": {"class_weights": "balanced"}}, "differently: none with full and prefix; balanced with lora."),
    ],
    ids=["epochs", "steps", "batch", "dtype", "cut", "pooling", "weights"],
)
def test_what_differs_is_said_with_its_values(collection, comparison, changes, says) -> None:
    (text,) = spoken(unequal(replaced(collection, "lora", **changes), comparison))
    assert text.startswith("Not everything but the method was equal between the trained methods. ")
    assert text.endswith(says)
    assert ("optimizer steps" in text) == ("optimizer steps" in says)


def test_lengths_that_differ_are_said(collection, comparison) -> None:
    inputs = sample.inputs("lora", ("negative", "positive")).model_copy(update={"max_length": 128})
    (text,) = spoken(unequal(replaced(collection, "lora", inputs=inputs), comparison))
    assert text.endswith("up to unequal lengths: 256 tokens with full and prefix; 128 tokens with lora.")


def test_trials_that_differ_are_said(collection, comparison) -> None:
    (text,) = spoken(unequal(replaced(collection, "lora", sweep=sample.sweep()), comparison))
    assert text.endswith("unequally often: 1 trial with full and prefix; 4 trials with lora.")


def test_a_tuned_baseline_is_held_against_methods_that_were_not(collection, comparison) -> None:
    tuned = replaced(collection, "tfidf", sweep=sample.sweep())
    (statement,) = unequal(tuned, comparison)
    (text,) = spoken([statement])
    assert text.endswith("unequally often: 4 trials with tfidf; 1 trial with full, prefix and lora.")
    assert any(run.startswith("tfidf") for run in statement.runs)


def test_other_base_models_make_it_a_comparison_of_models(collection, comparison) -> None:
    inputs = sample.inputs("mamba", ("negative", "positive"))
    (text,) = spoken(unequal(replaced(collection, "lora", inputs=inputs), comparison))
    assert text.endswith(
        "They started from different base models: bundled:minilm-l6, pretrained, with full and prefix; "
        "bundled:mamba2-small, random weights, with lora. Comparing lora with full compares models as well as methods."
    )


def test_what_cannot_be_compared_is_not_held_together(collection) -> None:
    inputs = sample.inputs("lora", ("negative", "positive")).model_copy(update={"comparability_sha256": "other"})
    found = replaced(collection, "lora", inputs=inputs, **training("lora", epochs=5))
    assert not list(unequal(found, sample.comparison(found, resamples=0)))


def test_the_ledger_shows_every_method() -> None:
    found = sample.collection()
    shown = {row[0]: dict(zip(table.header, row, strict=True)) for table in [effort_table(found)] for row in table.rows}
    assert (
        shown["lora"] | {"steps": "189", "trials": "4", "number format": "bfloat16", "class weights": "none"}
        == shown["lora"]
    )
    assert shown["full"]["trials"] == "1"
    assert shown["untrained"]["trials"] == shown["untrained"]["epochs"] == DASH
    assert (shown["tfidf"]["epochs"], shown["tfidf"]["steps"], shown["tfidf"]["texts seen"]) == (DASH, DASH, "2,000")
    where = {row[0]: row[1:] for row in conditions_table(found).rows}
    assert where["mamba (from scratch)"][:2] == ("bundled:mamba2-small", "random")
    assert where["full"][:4] == ("bundled:minilm-l6", "pretrained", "Intel(R) Xeon(R) Platinum 8481C", "2")
    assert where["full"][-1] == "93\N{NO-BREAK SPACE}%"
    assert effort_table(sample.empty()) is conditions_table(sample.empty()) is None


def test_class_weights_are_shown_of_every_method_that_has_them() -> None:
    found = replaced(sample.collection(), "tfidf", params={"class_weights": "balanced"})
    found = replaced(found, "full", params={"class_weights": "none"})
    table = effort_table(found)
    shown = {row[0]: row[table.header.index("class weights")] for row in table.rows}
    assert (shown["tfidf"], shown["full"], shown["majority"]) == ("balanced", "none", DASH)


def test_padding_is_a_range_over_the_seeds() -> None:
    found = sample.collection()
    row = next(row for row in found.rows if row.name == "full")
    first, *rest = row.records
    mixed = dataclasses.replace(row, records=(first.model_copy(update=training("full", tokens_real=156_000)), *rest))
    table = effort_table(dataclasses.replace(found, rows=(mixed,), sweeps={}))
    (shown,) = table.rows
    assert shown[table.header.index("padding")] == "0\N{EN DASH}3.8\N{NO-BREAK SPACE}%"


def test_runs_of_one_method_that_differ_show_all_they_have() -> None:
    found = sample.collection()
    row = next(row for row in found.rows if row.name == "full")
    first, *rest = row.records
    mixed = dataclasses.replace(row, records=(first.model_copy(update=training("full", dtype="float32")), *rest))
    (shown,) = effort_table(dataclasses.replace(found, rows=(mixed,), sweeps={})).rows
    assert "float32, bfloat16" in shown
