"""Looks are written down by reports, and the next report knows of them, in both languages."""

import dataclasses
import json
from contextlib import suppress

import numpy as np
import pytest

import sample
from bakeoff.errors import RecordError
from bakeoff.report.claims.resolution import looked
from bakeoff.stats.inputs import Contender
from bakeoff.stats.sequential import Look, account
from bakeoff.study.looks import keep_look, look_at, read_looks, taking_look
from prose import spoken

LOOK = Look(("full", "lora"), 3, 2000, "accuracy", "full", "a", 3)


def look(**changes) -> Look:
    return dataclasses.replace(LOOK, **changes)


def test_looks_are_kept_in_order_and_the_same_one_once(tmp_path) -> None:
    assert read_looks(tmp_path) == []
    for one in (LOOK, LOOK, look(seeds=5), LOOK, None):
        keep_look(tmp_path, one)
    assert read_looks(tmp_path) == [LOOK, look(seeds=5)]


@pytest.mark.parametrize("before", [[], [LOOK]])
def test_a_report_that_ends_in_an_error_has_shown_nothing_and_took_no_look(tmp_path, before) -> None:
    """The first report that was written counted those that were never there."""
    for one in before:
        keep_look(tmp_path, one)
    for error, kept in ((ValueError, before), (KeyboardInterrupt, [*before, look(seeds=5)])):
        with suppress(error), taking_look(tmp_path, look(seeds=5)):
            raise error
        assert read_looks(tmp_path) == kept


WORDS = json.dumps({**dataclasses.asdict(LOOK), "seeds": "3"})


@pytest.mark.parametrize("line", ["{", "[]", '{"seeds": 3}', '{"methods": 3}', WORDS, "[" * 9999, "9" * 9999])
def test_what_is_no_look_is_named_by_its_line(tmp_path, line) -> None:
    keep_look(tmp_path, LOOK)
    with (tmp_path / "looks.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(RecordError, match="line 2 is no look"):
        read_looks(tmp_path)


def test_a_look_is_what_the_report_sees() -> None:
    experiment = sample.experiment()
    contenders = [
        Contender(name, (41, 42), np.arange(9), np.zeros(9, dtype=int), np.zeros((2, 9), dtype=int), comparability="a")
        for name in ("lora", "full")
    ]
    found = look_at(experiment, contenders)
    assert found == look(seeds=2, items=9, seeds_at_most=len(experiment.seeds))
    assert look_at(experiment, []) is None


def said(now, *before, language="en"):
    return " ".join(spoken(looked(account(now, before, alpha=0.05), alpha=0.05), language))


def test_the_only_report_says_nothing_of_looks() -> None:
    assert said(LOOK) == said(LOOK, LOOK) == said(look(seeds=2)) == ""


@pytest.mark.parametrize(
    ("language", "planned", "beyond", "changed", "dropped"),
    [
        (
            "en",
            "Up to 10 were declared, and 5 seeds are in. Tests and intervals of this report are held to a level "
            "of 0.981 %. All reports on the way together then claim anything falsely with a chance of at most 5 %.",
            "An earlier report was to be the last: it declared at most 3, and 5 seeds are in. Tests and "
            "intervals are held to a level of 2.5 % instead of 5 %. All reports so far together may claim something "
            "falsely with a chance of up to 7.5 %.",
            "After an earlier report, the metric, the reference or the test texts were changed: this is one of "
            "2 comparisons. Tests and intervals are held to a level of 2.5 % instead of 5 %. All reports so far "
            "together may claim something falsely with a chance of up to 7.5 %.",
            "Counted among the comparisons, from an earlier report: prefix.",
        ),
        (
            "ru",
            "Объявлено не более 10, сейчас есть 5 значений seed. Проверки и интервалы этого отчёта взяты на уровне "
            "0,981 %. Тогда все отчёты на этом пути вместе утверждают что-либо ложное с вероятностью не более 5 %.",
            "Последним должен был быть более ранний отчёт: в нём объявлено не более 3, а сейчас есть 5 значений seed. "
            "Проверки и интервалы взяты на уровне 2,5 % вместо 5 %. Все отчёты до сих пор вместе могут утверждать "
            "что-либо ложное с вероятностью до 7,5 %.",
            "После более раннего отчёта изменились метрика, опорный метод или тестовые тексты: вместе с прежними это "
            "2 сравнения. Проверки и интервалы взяты на уровне 2,5 % вместо 5 %. Все отчёты до сих пор вместе могут "
            "утверждать что-либо ложное с вероятностью до 7,5 %.",
            "Среди сравнений считаются и методы более раннего отчёта: prefix.",
        ),
    ],
)
def test_what_later_reports_are_held_to_is_said(language, planned, beyond, changed, dropped) -> None:
    plan = look(seeds_at_most=10)
    assert said(dataclasses.replace(plan, seeds=5), plan, language=language) == planned
    assert said(look(seeds=5, seeds_at_most=5), LOOK, language=language) == beyond
    assert said(look(metric="macro_f1"), LOOK, language=language) == changed
    assert said(LOOK, look(methods=("full", "lora", "prefix")), language=language) == dropped


def test_a_look_is_one_line_of_json(tmp_path) -> None:
    keep_look(tmp_path, LOOK)
    (line,) = (tmp_path / "looks.jsonl").read_text().splitlines()
    assert json.loads(line)["seeds_at_most"] == 3
