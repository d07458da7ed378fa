"""Methods that still improved in their last epoch: when it is said, and how."""

import dataclasses
import io

import pandas as pd
import pytest

import sample
from bakeoff.report.claims.training import rising, unconverged
from bakeoff.report.tables.summary import summary_files, summary_table
from bakeoff.runs.record import Epoch
from prose import spoken


def collection(*histories, metric="accuracy"):
    """One row whose runs have these values of a metric by epoch; accuracy stays where it is if it is another."""
    found = sample.collection()
    row = next(row for row in found.rows if row.name == "full")
    runs = [
        run.model_copy(update={"training": run.training.model_copy(update={"history": tuple(epochs(values, metric))})})
        for run, values in zip(row.records, histories, strict=True)
    ]
    compare = found.experiment.compare.model_copy(update={"metric": metric})
    return dataclasses.replace(
        found,
        rows=(dataclasses.replace(row, records=tuple(runs)),),
        experiment=found.experiment.model_copy(update={"compare": compare}),
    )


def epochs(values, metric):
    for place, value in enumerate(values, 1):
        measured = {"accuracy": 0.5, metric: value}
        yield Epoch(epoch=place, step=place, train_loss=0.5, validation=measured, elapsed_s=1.0)


SENTENCES = {
    "en": "full was still improving on validation in its last epoch (macro-F1 0.700 to 0.720, means over 3 seeds; 95 % "
    "interval of the gain [+0.8, +3.2] pp); more epochs may help it.",
    "ru": "full: в последней эпохе качество на валидации ещё росло (macro-F1: с 0,700 до 0,720, средние; "
    "3 значения seed; доверительный интервал 95 % для прироста: [+0,8; +3,2] п. п.); "
    "дополнительные эпохи, возможно, помогли бы.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_declared_metric_is_read_in_the_mean_over_the_seeds(language) -> None:
    found = collection([0.1, 0.69, 0.71], [0.1, 0.7, 0.725], [0.1, 0.71, 0.725], metric="macro_f1")
    assert spoken(rising(found), language) == [SENTENCES[language]]


@pytest.mark.parametrize(
    "last",
    [
        [0.50, 0.70, 0.705],  # too little
        [0.50, 0.70, 0.60],
        [0.50],  # one epoch tells nothing
        [],
    ],
)
def test_nothing_is_said_of_what_has_settled(last) -> None:
    assert not list(rising(collection(last, last, last)))


def test_a_gain_that_the_seeds_do_not_bear_out_is_not_said() -> None:
    assert not list(rising(collection([0.5, 0.75], [0.5, 0.52], [0.5, 0.49])))
    two = collection([0.5, 0.7], [0.5, 0.7], [0.5, 0.7])
    row = two.rows[0]
    assert not list(rising(dataclasses.replace(two, rows=(dataclasses.replace(row, records=row.records[:2]),))))


def test_every_run_has_to_be_known() -> None:
    assert list(rising(collection([0.5, 0.7], [0.5, 0.7], [0.5, 0.7])))
    assert not list(rising(collection([0.5, 0.7], [0.5, 0.7], [])))


UNCONVERGED = {
    "en": [
        "The optimizer of full ended before it had converged with seed 42, in 1 of 3 runs; more steps may change its "
        "numbers.",
        "full chose inverse_penalty 100.0 on validation, at the end of what it tried with seed 43, in 1 of 3 runs; a "
        "better value may lie beyond.",
    ],
    "ru": [
        "Оптимизатор full остановился, не сойдясь; seed 42; всего 3 запуска, из них так — 1. При большем числе шагов "
        "числа могут быть другими.",
        "full: на валидации выбрано значение на краю перебора (inverse_penalty 100.0); seed 43; всего 3 запуска, из "
        "них так — 1. Лучшее может лежать за ним.",
    ],
}


def ended(**changes):
    """The study with one run of full stopped early and another with its penalty at an edge."""
    found = sample.collection()

    def changed(run, **told):
        return run.model_copy(update={"training": run.training.model_copy(update=told)})

    rows = []
    for row in found.rows:
        if row.name == "full":
            one, two, three = row.records
            edge = {"settled": {"inverse_penalty": 100.0}, "at_edge": {"inverse_penalty": (1e-5, 100.0)}}
            records = (changed(one, converged=True), changed(two, converged=False), changed(three, **edge))
            rows.append(dataclasses.replace(row, records=records))
        else:
            rows.append(row)
    return dataclasses.replace(found, rows=tuple(rows))


@pytest.mark.parametrize("language", UNCONVERGED)
def test_an_optimizer_that_ended_early_is_named(language) -> None:
    assert spoken(unconverged(ended()), language) == UNCONVERGED[language]
    assert not list(unconverged(sample.collection()))


def test_the_summary_has_it_beside_the_number() -> None:
    found = ended()
    comparison = sample.comparison(found, resamples=0)
    files = summary_files(found, comparison)
    row = next(line for line in files["summary.txt"].splitlines() if line.startswith("full"))
    assert row.count("not converged") == 1
    assert "not converged" in files["summary.md"]
    assert "not converged" in files["summary.tex"]
    frame = pd.read_csv(io.StringIO(files["summary.csv"])).set_index("method")["converged"]
    assert (str(frame["full"]), str(frame["majority"])) == ("False", "nan")
    assert "Not converged: the optimizer ended before its optimum" in summary_table(found, comparison).note
    whole = sample.collection()
    assert "onverged" not in summary_table(whole, sample.comparison(whole, resamples=0)).note
