"""One class for (nearly) all texts: when it counts as a collapse, and how it is said."""

import dataclasses

import pytest

import sample
from bakeoff.report.claims.training import collapsed
from bakeoff.runs.record import Quality
from bakeoff.study.diagnostics import one_class
from prose import replaced, spoken


def quality(*confusion, auroc: float | None = 0.52) -> Quality:
    right = sum(row[place] for place, row in enumerate(confusion))
    accuracy = right / sum(map(sum, confusion))
    measured = {"accuracy": accuracy, "macro_f1": accuracy, **({} if auroc is None else {"auroc": auroc})}
    return Quality(metrics=measured, per_class={}, confusion=confusion)


def run(test=None, validation=None, **changes):
    return sample.record("full").model_copy(update={"test": test, "validation": validation, **changes})


@pytest.mark.parametrize(
    ("confusion", "found"),
    [
        (((100, 0), (100, 0)), ("negative", 200)),
        (((100, 0), (98, 2)), ("negative", 198)),
        (((100, 0), (97, 3)), None),
        (((0, 3), (0, 297)), ("positive", 300)),  # the majority class has 99 % itself, yet nothing else was ever given
        (((1, 2), (0, 297)), None),
        (((0, 0), (0, 300)), None),  # there is one class only
    ],
)
def test_when_a_run_has_collapsed(confusion, found) -> None:
    one = one_class(run(test=quality(*confusion)))
    assert (one and (one.name, one.given)) == found


def test_a_run_without_test_is_judged_on_validation() -> None:
    assert one_class(run(validation=quality((5, 0), (5, 0)))).split == "validation"
    assert one_class(run()) is None


@pytest.fixture(scope="module")
def collection():
    return sample.collection()


def test_nothing_collapsed_nothing_said(collection) -> None:
    assert not list(collapsed(collection))


def with_quality(collection, name, *qualities: Quality):
    """The collection with these test results of one row's runs, in the order of its seeds."""
    rows = [
        dataclasses.replace(
            row,
            records=tuple(
                one.model_copy(update={"test": test}) for one, test in zip(row.records, qualities, strict=True)
            ),
        )
        if row.name == name
        else row
        for row in collection.rows
    ]
    return dataclasses.replace(collection, rows=tuple(rows))


def test_runs_are_named_by_seed(collection) -> None:
    kept = [quality((1000, 0), (1000 - right, right)) for right in (0, 5, 900)]
    (text,) = spoken(collapsed(with_quality(collection, "full", *kept)))
    assert text.startswith("full gave all test texts one class (negative) with seed 41, in 1 of 3 runs: ")
    assert "full gave 1,995 of 2,000 test texts one class (negative) with seed 42, in 1 of 3 runs: " in text
    assert "43" not in text


GAVE = "full gave all test texts one class (negative) with seed 41, in 1 of 3 runs"
GAVE_DE = (
    "full ordnete alle Testtexte einer einzigen Klasse zu (negative) mit Seed 41 (insgesamt 3 Läufe, davon betroffen 1)"
)
GAVE_RU = "full: все тестовые тексты отнесены к одному классу (negative; seed 41; всего 3 запуска, из них так — 1)"
SENTENCES = {
    0.45: {
        "en": f"{GAVE}: training collapsed there. That its scores order the texts by class is not shown either "
        "(AUROC 0.450; chance is one half).",
        "de": f"{GAVE_DE}: Das Training kollabierte dort. Dass die Scores die Texte nach Klassen ordnen, ist ebenfalls "
        "nicht gezeigt (AUROC 0,450; Zufall ist ein halb).",
        "ru": f"{GAVE_RU}. Обучение при этом выродилось в один класс. "
        "Не показано и то, что оценки упорядочивают тексты по классам (AUROC 0,450; случайный порядок даёт одну "
        "вторую).",
    },
    0.95: {
        "en": f"{GAVE}. Its scores still order the texts by class (AUROC 0.950; chance is one half). Only the "
        "class given counts in accuracy, not that order. A decision threshold chosen on the validation texts may put "
        "it to use.",
        "de": f"{GAVE_DE}. Die Scores ordnen die Texte dennoch nach Klassen (AUROC 0,950; Zufall ist ein halb). In "
        "Accuracy zählt nur die vergebene Klasse, nicht diese Ordnung. Eine auf den Validierungstexten gewählte "
        "Entscheidungsschwelle kann sie nutzbar machen.",
        "ru": f"{GAVE_RU}. "
        "При этом оценки метода упорядочивают тексты по классам (AUROC 0,950; случайный порядок даёт одну вторую). "
        "В accuracy учитывается только присвоенный класс, а не этот порядок. Порог решения, подобранный на "
        "валидационных текстах, возможно, позволит его использовать.",
    },
    None: {
        "en": f"{GAVE}; its numbers have to be read with that in mind.",
        "de": f"{GAVE_DE}; die Zahlen dieser Methode sind mit diesem Vorbehalt zu lesen.",
        "ru": f"{GAVE_RU}; числа этого метода читайте с этой оговоркой.",
    },
}


@pytest.mark.parametrize("auroc", SENTENCES)
@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_training_collapsed_only_where_the_scores_order_nothing(collection, auroc, language) -> None:
    well = quality((900, 100), (100, 900))
    found = with_quality(collection, "full", quality((1000, 0), (1000, 0), auroc=auroc), well, well)
    assert spoken(collapsed(found), language) == [SENTENCES[auroc][language]]


def test_runs_of_which_other_things_are_known_are_said_apart(collection) -> None:
    one = ((1000, 0), (1000, 0))
    found = with_quality(collection, "full", quality(*one, auroc=0.8), quality(*one, auroc=0.4), quality(*one))
    (text,) = spoken(collapsed(found))
    assert "with seeds 42 and 43, in 2 of 3 runs: training collapsed there." in text
    assert "(AUROC 0.400-0.520; chance is one half)" in text
    assert "with seed 41, in 1 of 3 runs. Its scores still order the texts by class (AUROC 0.800; " in text


def test_a_trained_baseline_is_warned_about_and_the_majority_is_not(collection) -> None:
    flat = quality((1000, 0), (1000, 0))
    (text,) = spoken(collapsed(replaced(collection, "tfidf", test=flat)))
    assert text.startswith("tfidf gave all test texts one class (negative): training collapsed there. ")
    assert not list(collapsed(replaced(collection, "untrained", test=flat)))


def test_trials_of_a_sweep_are_named_by_their_values(collection) -> None:
    first, *rest = collection.sweeps["lora"]
    fallen = first.model_copy(update={"validation": quality((500, 0), (500, 0))})
    (text,) = spoken(collapsed(dataclasses.replace(collection, sweeps={"lora": (fallen, *rest)})))
    assert text == (
        "In the sweep of lora, trials that gave all or nearly all validation texts one class (accuracy on "
        "validation): rank 2: 0.500, of 4 trials."
    )
