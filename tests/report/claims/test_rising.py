"""Methods that still improved in their last epoch: when it is said, and how."""

import dataclasses

import pytest

import sample
from bakeoff.report.claims.training import rising
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
