"""Golden sentences: records with known verdicts give exactly these sentences, in both languages."""

from __future__ import annotations

import dataclasses
import functools

import pytest
from prose import plain
from test_conclusions import cheaper, demo, scripted

from bakeoff.experiment import Constraints
from bakeoff.reporting.collect import Collection
from bakeoff.reporting.conclusions import draw_conclusions
from bakeoff.reporting.planning import Needed
from bakeoff.reporting.uncertainty import Part, Uncertainty
from bakeoff.reporting.verdicts import Comparison, Pair, Verdict

NOTHING = Needed(seeds=None, items=None)
KNOWN = Uncertainty((Part(0.008**2, 1e9),))
EQUIVALENT, NEGLIGIBLE, OPEN = Verdict.EQUIVALENT, Verdict.BETTER_NEGLIGIBLE, Verdict.INCONCLUSIVE


def given(comparison: Comparison, verdict: Verdict | None = None, more: Needed = NOTHING) -> Comparison:
    """Return a comparison with numbers and verdicts set by hand, so that sentences hang on conditions and words alone.

    verdict: of every pair; by default, differences of more than a point are BETTER
    """

    def judged(pair: Pair) -> Pair:
        estimate = round(pair.difference.estimate, 3)
        found = dataclasses.replace(
            pair.difference, estimate=estimate, uncertainty=KNOWN, low=estimate - 0.016, high=estimate + 0.016
        )
        said = verdict or (Verdict.BETTER if abs(estimate) > 0.01 else OPEN)
        numbers = {"p_holm": 0.6212 if said is OPEN else 0.0004, "p_equivalence_holm": 0.0321}
        needed = more if said is OPEN else None
        return dataclasses.replace(pair, difference=found, verdict=said, needed=needed, agrees=True, **numbers)

    methods = [
        dataclasses.replace(one, item_se=0.008, seed_sd=0.004 if one.seed_sd is not None else None)
        for one in comparison.methods
    ]
    pairs, against = (tuple(map(judged, pairs)) for pairs in (comparison.pairs, comparison.against_reference))
    return dataclasses.replace(comparison, methods=tuple(methods), pairs=pairs, against_reference=against)


@functools.cache
def case(name: str) -> tuple[Collection, Comparison]:
    """Return the records of a case and their verdicts."""
    found, comparison = demo()
    if name == "one seed":
        found, comparison = demo(seeds=(41,), failing={"lora": (41,)}, missing=("mamba",))
    if name == "limits":
        limits = {"constraints": Constraints(train_minutes=1.5, artifact_mb=5)}
        found = dataclasses.replace(found, experiment=found.experiment.model_copy(update=limits))
    verdicts = {
        "equivalent": (EQUIVALENT, 0.85),
        "negligible": (NEGLIGIBLE, 0.843),
        "open": (OPEN, 0.855),
    }
    if name not in verdicts:
        return found, given(comparison)
    verdict, accuracy = verdicts[name]
    comparison = given(scripted(0.85, accuracy), verdict, Needed(seeds=15, items=8200))
    return cheaper(comparison), comparison


SENTENCES = {
    ("demo", "resolution", 0): {
        "en": (
            "With 2,000 test items and 3 seeds, a comparison of two trained methods finds a true gap of 2.2 pp in"
            " accuracy with a chance of 80 %, before any correction for the number of comparisons. Smaller gaps "
            "can easily go unseen."
        ),
        "ru": (
            "При таких данных (2 000 тестовых примеров, 3 значения seed) сравнение двух обученных методов "
            "обнаруживает истинную разницу 2,2 п. п. по accuracy с вероятностью 80 % — до поправки на число "
            "сравнений. Меньшая разница легко может остаться незамеченной."
        ),
    },
    ("demo", "noise", 0): {
        "en": (
            "Between seeds, the accuracy of a trained method has a standard deviation of 0.4 pp; the choice of "
            "test items alone gives its mean a standard error of 0.8 pp."
        ),
        "ru": (
            "Шум обученного метода по accuracy: между seed — стандартное отклонение 0,4 п. п., а стандартная "
            "ошибка среднего 0,8 п. п. — от одного лишь выбора тестовых примеров."
        ),
    },
    ("demo", "highest", 0): {
        "en": (
            "full had the highest mean accuracy on the test items: 0.870 (0.862-0.878 over 3 seeds). full was "
            "better than majority, tfidf, untrained, linear_probe, prefix and mamba, after correction for 28 "
            "comparisons. The data do not separate full from lora."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах — у full: 0,870 (0,862-0,878; 3 значения seed). "
            "full лучше, чем majority, tfidf, untrained, linear_probe, prefix и mamba, с поправкой на 28 "
            "сравнений. Данные не отделяют full от lora."
        ),
    },
    ("demo", "reference", 0): {
        "en": (
            "linear_probe was worse than full: -6.9 pp in accuracy (95 % interval [-8.5, -5.3] pp; p < 0.001 "
            "after correction for 7 comparisons)."
        ),
        "ru": (
            "linear_probe хуже, чем full: -6,9 п. п. по accuracy (доверительный интервал 95 %: [-8,5; -5,3] п. "
            "п.; p < 0,001 с поправкой на 7 сравнений)."
        ),
    },
    ("demo", "reference", 2): {
        "en": (
            "The data do not settle lora against full: -0.2 pp in accuracy (95 % interval [-1.8, +1.4] pp; p = "
            "0.621 after correction for 7 comparisons)."
        ),
        "ru": (
            "По этим данным нельзя сказать, что лучше, lora или full: -0,2 п. п. по accuracy (доверительный "
            "интервал 95 %: [-1,8; +1,4] п. п.; p = 0,621 с поправкой на 7 сравнений)."
        ),
    },
    ("demo", "fairness", 0): {
        "en": (
            "Not everything but the method was equal between the trained methods. Settings were tried on "
            "validation unequally often: 1 trial with linear_probe, full, prefix and mamba; 4 trials with lora. "
            "They did not see the training texts equally often: 5 epochs with linear_probe; 3 epochs with full, "
            "prefix, lora and mamba. They started from different base models: bundled:minilm-l6, pretrained, with"
            " linear_probe, full, prefix and lora; bundled:mamba2-small, random weights, with mamba. Against "
            "full, a comparison of mamba is one of models as well as methods."
        ),
        "ru": (
            "Обученные методы отличались не только самим методом. Настройки подбирались на валидации неодинаковым"
            " числом проб: 1 проба — linear_probe, full, prefix и mamba; 4 пробы — lora. Число проходов по "
            "обучающим текстам было разным: 5 эпох — linear_probe; 3 эпохи — full, prefix, lora и mamba. Обучение"
            " начиналось с разных базовых моделей: bundled:minilm-l6, предобученные веса — linear_probe, full, "
            "prefix и lora; bundled:mamba2-small, случайные веса — mamba. Сравнение mamba с full — это сравнение "
            "не только методов, но и моделей."
        ),
    },
    ("demo", "unsettled", 0): {
        "en": (
            "If the gap between lora and full stays as it looks now, neither more seeds nor more test items alone"
            " would settle which is better; it takes both."
        ),
        "ru": (
            "Если разрыв между lora и full останется таким, как сейчас, то ни одни лишь дополнительные seed, ни "
            "одни лишь дополнительные тестовые примеры не решат, что лучше: нужно и то и другое."
        ),
    },
    ("demo", "baseline", 1): {
        "en": (
            "Better than the baseline tfidf (mean accuracy 0.767), after correction for 28 comparisons: "
            "linear_probe, full, prefix and lora."
        ),
        "ru": (
            "Лучше бейзлайна tfidf (среднее accuracy 0,767), с поправкой на 28 сравнений: linear_probe, full, "
            "prefix и lora."
        ),
    },
    ("demo", "sweep", 0): {
        "en": (
            "For lora, rank 8 was chosen by accuracy on the validation items from 4 trials: rank 2: 0.856, rank "
            "4: 0.848, rank 8: 0.866, rank 16: 0.866. The test items had no part in it. One run per value is "
            "enough to choose by, not to call one value better than another."
        ),
        "ru": (
            "Для lora выбрано rank 8 по accuracy на валидационных примерах (4 пробы): rank 2: 0,856; rank 4: "
            "0,848; rank 8: 0,866; rank 16: 0,866. Тестовые примеры в выборе не участвовали. Одного запуска на "
            "значение достаточно, чтобы выбрать, но не чтобы назвать одно значение лучше другого."
        ),
    },
    ("demo", "cost", 0): {
        "en": (
            "linear_probe reached about 92 % of the mean accuracy of full (0.801 over 3 runs against 0.870 over 3"
            " runs, where majority, which learns nothing from the texts, has 0.500); it trained 770 parameters, "
            "0.0034 % of 22.7 M. It saves time: training took 30-32 s against 2.0-2.2 min. They did not see the "
            "training texts equally often: 5 epochs with linear_probe, 3 epochs with full. It saves memory: the "
            "peak in training was 817-867 MiB against 1,273-1,351 MiB."
        ),
        "ru": (
            "linear_probe достигает примерно 92 % среднего accuracy у full (0,801 за 3 запуска против 0,870 за 3 "
            "запуска; у majority, где из текстов ничего не извлекается, 0,500); обучаемых параметров: 770 — "
            "0,0034 % от 22,7 млн у full. Времени нужно меньше: обучение заняло 30-32 с против 2,0-2,2 мин. Число"
            " проходов по обучающим текстам разное: 5 эпох у linear_probe, 3 эпохи у full. Памяти нужно меньше: "
            "пик при обучении 817-867 МиБ против 1 273-1 351 МиБ."
        ),
    },
    ("demo", "cost", 2): {
        "en": (
            "lora trained 148 k parameters, 0.65 % of the 22.7 M that full trained; the data do not separate "
            "their mean accuracy (0.868 over 3 runs against 0.870 over 3 runs). It saves time: training took "
            "89-95 s against 2.0-2.2 min. It saves memory: the peak in training was 866-920 MiB against "
            "1,273-1,351 MiB."
        ),
        "ru": (
            "Обучаемых параметров у lora: 148 тыс. — 0,65 % от 22,7 млн у full; по среднему accuracy данные их не"
            " разделяют (0,868 за 3 запуска против 0,870 за 3 запуска). Времени нужно меньше: обучение заняло "
            "89-95 с против 2,0-2,2 мин. Памяти нужно меньше: пик при обучении 866-920 МиБ против 1 273-1 351 "
            "МиБ."
        ),
    },
    ("demo", "warning", 0): {
        "en": (
            "mamba was worse than the baseline tfidf: mean accuracy 0.658 against 0.767; -11.0 pp in accuracy (95"
            " % interval [-12.6, -9.4] pp; p < 0.001 after correction for 28 comparisons)."
        ),
        "ru": (
            "mamba хуже бейзлайна tfidf: среднее accuracy 0,658 против 0,767; -11,0 п. п. по accuracy "
            "(доверительный интервал 95 %: [-12,6; -9,4] п. п.; p < 0,001 с поправкой на 28 сравнений)."
        ),
    },
    ("demo", "warning", 2): {
        "en": (
            "Test texts that also stand among the training texts: 4 of 2,000. All methods were tested on them alike."
        ),
        "ru": ("Тестовые тексты, которые есть и среди обучающих: 4 из 2 000. Все методы проверены на них одинаково."),
    },
    ("one seed", "scope", 0): {
        "en": (
            "With 1 seed per method, noise between seeds cannot be told from a difference between methods. What "
            "follows is about the models trained here, not about the methods: another seed could turn it."
        ),
        "ru": (
            "На каждый метод приходится 1 значение seed: шум между seed нельзя отличить от разницы между "
            "методами. Сказанное ниже относится к обученным здесь моделям, а не к методам: другой seed мог бы всё"
            " изменить."
        ),
    },
    ("one seed", "highest", 0): {
        "en": (
            "full had the highest accuracy on the test items: 0.878. As trained here, full scored higher than "
            "majority, tfidf, untrained, linear_probe and prefix, after correction for 15 comparisons."
        ),
        "ru": (
            "Самое высокое значение accuracy на тестовых примерах — у full: 0,878. Для обученных здесь моделей "
            "результат full выше, чем у majority, tfidf, untrained, linear_probe и prefix, с поправкой на 15 "
            "сравнений."
        ),
    },
    ("one seed", "reference", 0): {
        "en": (
            "As trained here, linear_probe scored lower than full: -6.9 pp in accuracy (95 % interval [-8.5, "
            "-5.3] pp; p < 0.001 after correction for 5 comparisons)."
        ),
        "ru": (
            "Для обученных здесь моделей результат linear_probe ниже, чем у full: -6,9 п. п. по accuracy "
            "(доверительный интервал 95 %: [-8,5; -5,3] п. п.; p < 0,001 с поправкой на 5 сравнений)."
        ),
    },
    ("one seed", "failed", 0): {
        "en": ("lora diverged with seed 41: RuntimeError: loss is not finite."),
        "ru": ("lora: обучение разошлось (seed 41): «RuntimeError: loss is not finite»."),
    },
    ("one seed", "missing", 0): {
        "en": ("mamba has not been run with seed 41."),
        "ru": ("Не запущено: mamba, seed 41."),
    },
    ("limits", "recommendation", 0): {
        "en": (
            "Within at most 90 s of training and a saved size of at most 5.0 MiB: prefix had the highest mean "
            "accuracy on the validation texts among the trained methods that stay within in all their finished "
            "runs, 0.801 over 3 runs; measured: training 81-87 s, saved 186 KiB. Also within, behind prefix: "
            "linear_probe (0.785; training 30-32 s, saved 4.0 KiB)."
        ),
        "ru": (
            "При ограничениях (обучение не дольше 90 с и сохраняемое не больше 5,0 МиБ) самое высокое среднее "
            "accuracy на валидационных текстах среди обученных методов, которые укладываются в них во всех "
            "завершённых запусках, — у prefix: 0,801 (3 запуска); измерено: обучение 81-87 с; сохраняется 186 "
            "КиБ. Тоже укладываются, но уступают prefix: linear_probe (0,785; обучение 30-32 с; сохраняется 4,0 "
            "КиБ)."
        ),
    },
    ("equivalent", "highest", 0): {
        "en": (
            "full had the highest mean accuracy on the test items: 0.853 (0.852-0.854 over 3 seeds). full is "
            "equivalent to m1, within 1.0 pp."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах — у full: 0,853 (0,852-0,854; 3 значения seed). "
            "Эквивалентность с full в пределах 1,0 п. п. показана для m1."
        ),
    },
    ("equivalent", "reference", 0): {
        "en": (
            "m1 and full are equivalent within the margin of 1.0 pp: 0.0 pp in accuracy (95 % interval [-1.6, "
            "+1.6] pp; p = 0.032 against a larger difference, after correction for 1 comparison)."
        ),
        "ru": (
            "m1 и full эквивалентны в пределах порога в 1,0 п. п.: 0,0 п. п. по accuracy (доверительный интервал "
            "95 %: [-1,6; +1,6] п. п.; p = 0,032 против большей разницы, с поправкой на 1 сравнение)."
        ),
    },
    ("negligible", "reference", 0): {
        "en": (
            "m1 was behind full, but by less than the margin of 1.0 pp: -0.5 pp in accuracy (95 % interval [-2.1,"
            " +1.1] pp; p < 0.001 after correction for 1 comparison)."
        ),
        "ru": (
            "m1 отстаёт от full, но меньше чем на порог в 1,0 п. п.: -0,5 п. п. по accuracy (доверительный "
            "интервал 95 %: [-2,1; +1,1] п. п.; p < 0,001 с поправкой на 1 сравнение)."
        ),
    },
    ("open", "unsettled", 0): {
        "en": (
            "If the gap between m1 and full stays as it looks now, about 15 seeds instead of 3, or about 8,200 "
            "test items instead of 2,000, would settle which is better or that they are equivalent."
        ),
        "ru": (
            "Если разрыв между m1 и full останется таким, как сейчас, то, чтобы решить, что лучше, или показать "
            "эквивалентность, нужно примерно 15 значений seed вместо 3 либо примерно 8 200 тестовых примеров "
            "вместо 2 000."
        ),
    },
}
"""Case, kind of conclusion and its place among those of its kind -> the text by language."""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("which", SENTENCES, ids=str)
def test_known_verdicts_give_exactly_these_sentences(which: tuple[str, str, int], language: str) -> None:
    name, kind, place = which
    drawn = [one.text for one in draw_conclusions(*case(name), language=language) if one.kind == kind]
    assert plain(drawn[place]) == SENTENCES[which][language]
