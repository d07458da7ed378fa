"""Metrics for code of one's own: behind the interface of evaluate, with nothing fetched."""

import doctest
from pathlib import Path

import evaluate
import numpy as np
import pytest

from bakeoff import metrics
from bakeoff.errors import UnknownName
from bakeoff.metrics.classification import METRICS

GOLD = np.random.default_rng(3).integers(0, 4, 300)
LOGITS = np.random.default_rng(4).normal(size=(300, 4)) + 1.5 * np.eye(4)[GOLD]
NAMES = sorted(METRICS)


@pytest.mark.parametrize("name", NAMES)
def test_evaluate_gives_the_same_each_time(name: str) -> None:
    metric, loaded = METRICS[name], metrics.load(name)
    given = LOGITS if metric.needs_logits else LOGITS.argmax(axis=1)
    for upto in (300, 200):
        found = loaded.compute(predictions=given[:upto], references=GOLD[:upto])
        assert found == {name: metric(GOLD[:upto], given[:upto])}
    loaded.add_batch(predictions=LOGITS[:100], references=GOLD[:100])
    loaded.add_batch(predictions=LOGITS[100:], references=GOLD[100:])
    assert loaded.compute() == {name: metric(GOLD, given)}


def test_all_of_them_combine_on_logits() -> None:
    both = evaluate.combine([metrics.load(name) for name in NAMES])
    found = both.compute(predictions=LOGITS, references=GOLD)
    assert found == {name: METRICS[name](GOLD, LOGITS if METRICS[name].needs_logits else LOGITS.argmax(axis=1))
                     for name in NAMES}  # fmt: skip


def test_an_unknown_metric_is_one_line() -> None:
    with pytest.raises(UnknownName, match="did you mean 'macro_f1'"):
        metrics.load("macro-f1")


def test_what_a_metric_cannot_use_is_an_error() -> None:
    with pytest.raises(ValueError, match="match the expected format"):
        metrics.load("log_loss").compute(predictions=[0, 1], references=[0, 1])


def test_a_trainer_of_ones_own_takes_them(tiny_bert: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments

    both = evaluate.combine([metrics.load("macro_f1"), metrics.load("log_loss")])
    trainer = Trainer(
        model=AutoModelForSequenceClassification.from_pretrained(tiny_bert, num_labels=2),
        args=TrainingArguments(output_dir=str(tmp_path), report_to="none", use_cpu=True, disable_tqdm=True),
        eval_dataset=[{"input_ids": [2, 5 + at, 3], "labels": at % 2} for at in range(8)],
        compute_metrics=lambda given: both.compute(predictions=given.predictions, references=given.label_ids),
    )
    first, second = trainer.evaluate(), trainer.evaluate()
    assert first["eval_log_loss"] == pytest.approx(first["eval_loss"], rel=1e-5)
    assert second["eval_macro_f1"] == first["eval_macro_f1"]


def test_its_examples_run() -> None:
    assert not doctest.testmod(metrics).failed
