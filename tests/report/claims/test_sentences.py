"""Golden sentences: records with known verdicts give exactly these sentences, in both languages."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

from bakeoff.experiment.model import Constraints
from bakeoff.report.claims.conclusions import draw_conclusions
from bakeoff.stats.compare import Comparison, Pair, Verdict, compare
from bakeoff.stats.inputs import Contender
from bakeoff.stats.power import Needed
from bakeoff.stats.uncertainty import Part, Uncertainty
from bakeoff.study.collect import Collection
from prose import plain, replaced
from studies import SEEDS, bare, cheaper, demo, scripted

NOTHING = Needed(seeds=None, items=None)
EQUIVALENT, NEGLIGIBLE, OPEN = Verdict.EQUIVALENT, Verdict.BETTER_NEGLIGIBLE, Verdict.NOT_SETTLED


def known(reach: float) -> Uncertainty:
    """Return the noise, known for certain, with which a 95 % interval reaches that far."""
    return Uncertainty((Part((reach / 1.959964) ** 2, 1e9),))


def given(comparison: Comparison, verdict: Verdict | None = None, more: Needed = NOTHING) -> Comparison:
    """Return a comparison with numbers and verdicts set by hand, so that sentences hang on conditions and words alone.

    verdict: of every pair; by default, differences of more than a point are BETTER
    """

    def judged(pair: Pair) -> Pair:
        estimate = round(pair.difference.estimate, 3)
        said = verdict or (Verdict.BETTER if abs(estimate) > 0.01 else OPEN)
        reach = 0.004 if said in (EQUIVALENT, NEGLIGIBLE) else 0.016
        found = dataclasses.replace(
            pair.difference, estimate=estimate, uncertainty=known(reach), low=estimate - reach, high=estimate + reach
        )
        numbers = {"p_holm": 0.6212 if said is OPEN else 0.0004, "p_equivalence_holm": 0.0321}
        needed = more if said is OPEN else None
        return dataclasses.replace(pair, difference=found, verdict=said, needed=needed, agrees=True, **numbers)

    methods = [
        dataclasses.replace(one, item_se=0.008, seed_sd=0.004 if one.seed_sd is not None else None)
        for one in comparison.methods
    ]
    pairs, against = (tuple(map(judged, pairs)) for pairs in (comparison.pairs, comparison.against_reference))
    return dataclasses.replace(comparison, methods=tuple(methods), pairs=pairs, against_reference=against)


MADE = {
    "equivalent": ((0.85, 0.85), SEEDS, EQUIVALENT),
    "negligible": ((0.85, 0.843), SEEDS, NEGLIGIBLE),
    "open": ((0.85, 0.855), SEEDS, OPEN),
    "open below": ((0.85, 0.845), SEEDS, OPEN),
    "one seed, open below": ((0.85, 0.845), (41,), OPEN),
    "several open": ((0.85, 0.855, 0.848), SEEDS, OPEN),
    "one seed, several open": ((0.85, 0.845, 0.852), (41,), OPEN),
    "ahead of all": ((0.85, 0.9, 0.8), SEEDS, None),
    "one seed, equivalent": ((0.85, 0.85), (41,), EQUIVALENT),
    "one seed, negligible": ((0.85, 0.843), (41,), NEGLIGIBLE),
    "one seed, open": ((0.85, 0.845), (41,), OPEN),
}
"""Case -> accuracies of full, m1, ...; seeds; the verdict on every pair, None where differences give it."""


@functools.cache
def case(name: str) -> tuple[Collection, Comparison]:
    """Return the records of a case and their verdicts."""
    if name == "other seeds":
        return other_seeds()
    if name == "few groups":
        return few_groups()
    if name.startswith(("baseline", "majority")):
        kind, made = name.split(", ", 1)
        found, comparison = case(made)
        return replaced(found, "full", role="baseline", kind="majority" if kind == "majority" else "tfidf"), comparison
    if name == "lost":
        found, comparison = case("open")
        pairs, against = (
            tuple(dataclasses.replace(pair, declared=5) for pair in pairs)
            for pairs in (comparison.pairs, comparison.against_reference)
        )
        return found, dataclasses.replace(comparison, pairs=pairs, against_reference=against)
    if name in MADE:
        accuracies, seeds, verdict = MADE[name]
        comparison = given(scripted(*accuracies, seeds=seeds), verdict, Needed(seeds=15, items=8200))
        return cheaper(comparison), comparison
    found, comparison = demo()
    if name == "one seed":
        found, comparison = demo(seeds=(41,), failing={"lora": (41,)}, missing=("mamba",))
    if name == "limits":
        limits = {"constraints": Constraints(train_minutes=1.5, artifact_mb=5)}
        found = dataclasses.replace(found, experiment=found.experiment.model_copy(update=limits))
    return found, given(comparison)


def other_seeds() -> tuple[Collection, Comparison]:
    """Return two methods of which the one that missed a seed was better on those that both have."""
    gold = np.zeros(200, dtype=int)
    full = [np.arange(200) >= right for right in (160, 160, 199)]
    made = [
        Contender("full", SEEDS, np.arange(200), gold, np.array(full).astype(int), declared=3),
        Contender("m1", SEEDS[:2], np.arange(200), gold, np.array([np.arange(200) >= 172] * 2).astype(int)),
    ]
    comparison = compare(made, metric="accuracy", reference="full", alpha=0.05, margin=0.01, resamples=0)
    return bare(comparison), given(comparison)


def few_groups() -> tuple[Collection, Comparison]:
    """Return two methods that differ in the same way in each of the four groups that the test holds."""
    items, groups = np.arange(400), np.arange(400) // 100
    rng = np.random.default_rng(4)
    made = [
        Contender(
            name, SEEDS, items, np.zeros(400, dtype=int), (rng.random((3, 400)) < wrong).astype(int), groups=groups
        )
        for name, wrong in (("full", 0.1), ("m1", 0.2))
    ]
    comparison = compare(made, metric="accuracy", reference="full", alpha=0.05, margin=0.01, resamples=0)
    return bare(comparison), comparison


SENTENCES = {
    ("few groups", "resolution", 0): {
        "en": (
            "With 400 test items in 4 groups, each drawn without regard to the others, no gap in accuracy can be "
            "told from chance. An exact test of so few cannot find one, however large it is."
        ),
        "ru": (
            "400 тестовых примеров — это 4 группы, взятые независимо друг от друга. При таком их числе никакую "
            "разницу по accuracy нельзя отличить от случайности: точный критерий не покажет и самую большую."
        ),
    },
    ("few groups", "reference", 0): {
        "en": (
            "The data do not settle m1 against full: -10.5 pp in accuracy (95 % interval [-16.2, -4.8] pp; p = 0.125 "
            "after correction for 1 comparison). The interval leaves out zero, but is approximate. An exact test of "
            "the groups of texts in which the two differ does not follow it."
        ),
        "ru": (
            "По этим данным нельзя сказать, что лучше, m1 или full: -10,5 п. п. по accuracy (доверительный интервал "
            "95 %: [-16,2; -4,8] п. п.; p = 0,125 с поправкой на 1 сравнение). Ноль не входит в интервал, но "
            "интервал приближённый. Точный критерий по группам текстов, в которых ответы расходятся, этого не "
            "подтверждает."
        ),
    },
    ("few groups", "unsettled", 0): {
        "en": (
            "m1 against full: about 600 test items would settle which is better (if the gap stays, with a chance of "
            "80 % after correction for 1 comparison). More seeds alone would not."
        ),
        "ru": (
            "m1 против full: чтобы установить, что лучше, нужно примерно 600 тестовых примеров (если разница не "
            "изменится, с вероятностью 80 % и поправкой на 1 сравнение). Одних лишь дополнительных seed не хватит."
        ),
    },
    ("baseline, open below", "unmet", 0): {
        "en": (
            "m1 scored below the baseline full, but that is not settled: -0.4 pp in accuracy (0.849 against 0.853; "
            "95 % interval [-2.0, +1.2] pp; p = 0.621 after correction for 1 comparison)."
        ),
        "ru": (
            "m1 ниже бейзлайна full, но это не установлено: -0,4 п. п. по accuracy (0,849 против 0,853; "
            "доверительный интервал 95 %: [-2,0; +1,2] п. п.; p = 0,621 с поправкой на 1 сравнение)."
        ),
    },
    ("baseline, one seed, open below", "unmet", 0): {
        "en": (
            "As trained here, m1 scored below the baseline full, but that is not settled: -0.5 pp in accuracy (0.847 "
            "against 0.852; 95 % interval [-2.1, +1.1] pp; p = 0.621 after correction for 1 comparison)."
        ),
        "ru": (
            "Для обученных здесь моделей результат m1 ниже, чем у бейзлайна full, но это не установлено: -0,5 п. п. "
            "по accuracy (0,847 против 0,852; доверительный интервал 95 %: [-2,1; +1,1] п. п.; p = 0,621 с поправкой "
            "на 1 сравнение)."
        ),
    },
    ("demo", "resolution", 0): {
        "en": (
            "A true gap of 2.3 pp in accuracy between two trained methods is found with a chance of 80 % (2,000 test "
            "items, 3 seeds). That is before any correction for the number of comparisons. Smaller gaps can easily "
            "go unseen. At the strictest step of Holm's correction for 7 comparisons it takes a gap of 2.9 pp. At "
            "the strictest step of Holm's correction for 28 comparisons it takes a gap of 3.2 pp."
        ),
        "ru": (
            "Истинная разница 2,3 п. п. по accuracy между двумя обученными методами обнаруживается с вероятностью 80 "
            "% (2 000 тестовых примеров, 3 значения seed). Это до поправки на число сравнений. Меньшая разница легко "
            "может остаться незамеченной. Разница 2,9 п. п. нужна для этого на самом строгом шаге поправки Холма (7 "
            "сравнений). Разница 3,2 п. п. нужна для этого на самом строгом шаге поправки Холма (28 сравнений)."
        ),
    },
    ("demo", "noise", 0): {
        "en": (
            "Between seeds, the accuracy of a trained method has a standard deviation of 0.4 pp. The choice of test "
            "items alone gives its mean a standard error of 0.8 pp. With 3 seeds, the true standard deviation "
            "between seeds may be anything from 52 % to 628 % of the one seen (95 % interval). No collapse in 3 "
            "seeds excludes only collapse in more than 63 % of a method's runs (95 % exact bound). Of rarer ones "
            "nothing is known. Intervals and tests count that other seeds and other test texts could have been "
            "drawn. They do not count other training texts: all runs learned from the same ones. Others would move "
            "the results further. For majority and tfidf, which no seed changes, they count other test texts alone, "
            "and so may be too narrow."
        ),
        "ru": (
            "У обученных методов 0,4 п. п. — стандартное отклонение accuracy между seed. Ещё 0,8 п. п. — стандартная "
            "ошибка среднего от одного лишь выбора тестовых примеров. При таком числе запусков (3 значения seed) "
            "истинное стандартное отклонение между seed может составлять от 52 % до 628 % наблюдаемого "
            "(доверительный интервал 95 %). Если ни один запуск не сорвался (3 значения seed), это исключает лишь "
            "срывы чаще чем в 63 % запусков метода (точная граница, 95 %). О более редких ничего не известно. "
            "Интервалы и проверки учитывают, что могли выпасть другие seed и другие тестовые тексты. Другие "
            "обучающие тексты они не учитывают: все запуски обучены на одних и тех же. С другими результаты "
            "разошлись бы сильнее. Для majority и tfidf (от seed не зависит) учтены только другие тестовые тексты, и "
            "интервалы могут быть слишком узкими."
        ),
    },
    ("demo", "highest", 0): {
        "en": (
            "full had the highest mean accuracy on the test items: 0.870 (0.862-0.878 over 3 seeds). full was "
            "better than majority, tfidf, untrained, linear_probe, prefix and mamba (after correction for 7 "
            "comparisons). The data do not separate full from lora (after correction for 7 comparisons)."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах — у full: 0,870 (0,862-0,878; 3 значения seed). "
            "full лучше, чем majority, tfidf, untrained, linear_probe, prefix и mamba (с поправкой на 7 сравнений). "
            "Данные не позволяют отличить full от lora (с поправкой на 7 сравнений)."
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
            "prefix, lora and mamba. They made one vector of a text in different ways: pooler with linear_probe, "
            "full, prefix and lora; last with mamba. They started from different base models: bundled:minilm-l6, "
            "pretrained, with linear_probe, full, prefix and lora; bundled:mamba2-small, random weights, with "
            "mamba. Comparing mamba with full compares models as well as methods."
        ),
        "ru": (
            "Условия у обученных методов были неодинаковы. Число пробных запусков при подборе настроек на "
            "валидации было разным: 1 пробный запуск — linear_probe, full, prefix и mamba; 4 пробных запуска — "
            "lora. Число проходов по обучающим текстам было разным: 5 эпох — linear_probe; 3 эпохи — full, "
            "prefix, lora и mamba. Вектор текста получался по-разному: pooler — linear_probe, full, prefix и "
            "lora; last — mamba. Обучение начиналось с разных базовых моделей: bundled:minilm-l6, предобученные "
            "веса — linear_probe, full, prefix и lora; bundled:mamba2-small, случайные веса — mamba. Сравнение "
            "mamba с full — это сравнение не только методов, но и моделей."
        ),
    },
    ("demo", "unsettled", 0): {
        "en": (
            "lora against full: neither seeds nor test items alone would settle which is better or that they are "
            "equivalent (if the gap stays, after correction for 7 comparisons). It takes both."
        ),
        "ru": (
            "lora против full: чтобы установить, что лучше, или показать эквивалентность, не хватит одних лишь seed "
            "или одних лишь тестовых примеров (если разница не изменится, с поправкой на 7 сравнений). Нужно и то и "
            "другое."
        ),
    },
    ("demo", "baseline", 1): {
        "en": (
            "Better than the baseline tfidf (mean accuracy 0.767): linear_probe, prefix and lora (after correction "
            "for 15 comparisons); full (after correction for 7 comparisons)."
        ),
        "ru": (
            "Лучше бейзлайна tfidf (среднее accuracy 0,767): linear_probe, prefix и lora (с поправкой на 15 "
            "сравнений); full (с поправкой на 7 сравнений)."
        ),
    },
    ("demo", "sweep", 0): {
        "en": (
            "For lora, rank 8 was chosen by accuracy on the validation items, the best of 4 trials (rank 2: 0.856, "
            "rank 4: 0.848, rank 8: 0.866, rank 16: 0.866). The test items had no part in it. One run per value "
            "chooses; it does not show that one value is better than another. Another trial has the very same "
            "accuracy; of such trials the first that was tried is taken. They ran with seed 40, which no comparison "
            "counts; the chosen setting was trained anew with every compared seed."
        ),
        "ru": (
            "Для lora выбрано rank 8 по accuracy на валидационных примерах как лучшее (4 пробных запуска: rank 2: "
            "0,856; rank 4: 0,848; rank 8: 0,866; rank 16: 0,866). Тестовые примеры в выборе не участвовали. Один "
            "запуск на значение позволяет выбрать, но не показывает, что одно значение лучше другого. Точно "
            "такое же значение accuracy есть и у другого пробного запуска; из таких берётся тот, что был первым. "
            "Пробные "
            "запуски сделаны с seed 40, которое в сравнении не участвует; с выбранным значением каждый сравниваемый "
            "запуск обучен заново."
        ),
    },
    ("demo", "cost", 0): {
        "en": (
            "linear_probe gained about 81 % of what full gained over majority, which learns nothing, in mean "
            "accuracy (0.801 over 3 runs and 0.870 over 3 runs against 0.500). It trained 770 parameters, 0.0034 % "
            "of 22.7 M. It saves time: training took 30-32 s against 2.0-2.2 min, about 75 % less (95 % interval "
            "73-78 %). They did not see the training texts equally often: 5 epochs with linear_probe, 3 epochs with "
            "full. It saves memory: the peak in training was 817-867 MiB against 1,273-1,351 MiB, about 36 % less "
            "(95 % interval 29-42 %)."
        ),
        "ru": (
            "linear_probe даёт примерно 81 % того прироста среднего accuracy, какой full даёт по сравнению с "
            "majority без обучения (0,801, 3 запуска, и 0,870, 3 запуска, против 0,500). Обучаемых параметров: 770 — "
            "0,0034 % от 22,7 млн у full. Времени нужно меньше: обучение заняло 30-32 с против 2,0-2,2 мин, меньше "
            "примерно на 75 % (доверительный интервал 95 %: 73-78 %). Число проходов по обучающим текстам разное: 5 "
            "эпох у linear_probe, 3 эпохи у full. Памяти нужно меньше: пик при обучении 817-867 МиБ против 1 273-1 "
            "351 МиБ, меньше примерно на 36 % (доверительный интервал 95 %: 29-42 %)."
        ),
    },
    ("demo", "cost", 2): {
        "en": (
            "lora trained 148 k parameters, 0.65 % of the 22.7 M that full trained. The data do not separate their "
            "mean accuracy (0.868 over 3 runs against 0.870 over 3 runs; after correction for 7 comparisons). It "
            "saves time: training took 89-95 s against 2.0-2.2 min, about 27 % less (95 % interval 19-34 %). A run "
            "together with the search for its settings took 7.7 min with lora (4 trials) and 2.1 min with full (0 "
            "trials). It saves memory: the peak in training was 866-920 MiB against 1,273-1,351 MiB, about 32 % less "
            "(95 % interval 24-39 %)."
        ),
        "ru": (
            "Обучаемых параметров у lora: 148 тыс. — 0,65 % от 22,7 млн у full. По среднему accuracy данные не "
            "позволяют их различить (0,868, 3 запуска, против 0,870, 3 запуска; с поправкой на 7 сравнений). Времени "
            "нужно меньше: обучение заняло 89-95 с против 2,0-2,2 мин, меньше примерно на 27 % (доверительный "
            "интервал 95 %: 19-34 %). Запуск вместе с подбором настроек занял 7,7 мин у lora (4 пробных запуска) и "
            "2,1 мин у full (0 пробных запусков). Памяти нужно меньше: пик при обучении 866-920 МиБ против 1 273-1 "
            "351 МиБ, меньше примерно на 32 % (доверительный интервал 95 %: 24-39 %)."
        ),
    },
    ("demo", "baseline", 2): {
        "en": (
            "mamba was worse than the baseline tfidf: -11.0 pp in accuracy (0.658 against 0.767; 95 % interval "
            "[-12.6, -9.4] pp; p < 0.001 after correction for 15 comparisons)."
        ),
        "ru": (
            "mamba хуже бейзлайна tfidf: -11,0 п. п. по accuracy (0,658 против 0,767; доверительный интервал 95 %: "
            "[-12,6; -9,4] п. п.; p < 0,001 с поправкой на 15 сравнений)."
        ),
    },
    ("demo", "warning", 1): {
        "en": (
            "Test texts that also stand among the training texts: 4 of 2,000. On these, memory alone gives right "
            "answers, more with one method than with another."
        ),
        "ru": (
            "Тестовые тексты, которые есть и среди обучающих: 4 из 2 000. На них верный ответ даёт и одна лишь "
            "память, у одних методов чаще, чем у других."
        ),
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
            "majority, tfidf, untrained, linear_probe and prefix (after correction for 5 comparisons)."
        ),
        "ru": (
            "Самое высокое значение accuracy на тестовых примерах — у full: 0,878. Для обученных здесь моделей "
            "результат full выше, чем у majority, tfidf, untrained, linear_probe и prefix (с поправкой на 5 "
            "сравнений)."
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
            "accuracy on the validation texts, 0.801 over 3 runs. Only trained methods compete that stay within in "
            "all their finished runs. Measured: training 81-87 s, saved 186 KiB. Also within, behind prefix on "
            "validation and by the test after correction for 28 comparisons: linear_probe (0.785; training 30-32 s, "
            "saved 4.0 KiB). Trained methods that do not stay within, with their mean accuracy on validation and "
            "what was too much at least once: full (0.845; training 2.0-2.2 min, saved 87 MiB); lora (0.853; "
            "training 89-95 s); mamba (0.653; training 3.4-3.6 min, saved 36 MiB)."
        ),
        "ru": (
            "При ограничениях (обучение не дольше 90 с и размер на диске не больше 5,0 МиБ) самое высокое среднее "
            "accuracy на валидационных текстах у prefix: 0,801 (3 запуска). Сравниваются обученные методы, которые "
            "укладываются во всех завершённых запусках. Измерено: обучение 81-87 с; на диске 186 КиБ. Тоже в "
            "пределах ограничений, но с результатом хуже, чем у prefix, на валидации и по критерию с поправкой на 28 "
            "сравнений: linear_probe (0,785; обучение 30-32 с; на диске 4,0 КиБ). Обученные методы, которые не "
            "укладываются (для каждого указаны среднее accuracy на валидационных текстах и то, чего слишком много "
            "хотя бы в одном запуске): full (0,845; обучение 2,0-2,2 мин; на диске 87 МиБ); lora (0,853; обучение "
            "89-95 с); mamba (0,653; обучение 3,4-3,6 мин; на диске 36 МиБ)."
        ),
    },
    ("equivalent", "highest", 0): {
        "en": (
            "full and m1 shared the highest mean accuracy on the test items: 0.853. Within the margin of 1.0 pp, "
            "full is equivalent to m1 (after correction for 1 comparison)."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах разделили full и m1: 0,853. Эквивалентность с full "
            "в пределах допуска 1,0 п. п. показана для m1 (с поправкой на 1 сравнение)."
        ),
    },
    ("equivalent", "reference", 0): {
        "en": (
            "m1 and full are equivalent within the margin of 1.0 pp: 0.0 pp in accuracy (95 % interval [-0.4, +0.4] "
            "pp, 90 % [-0.3, +0.3] pp; p = 0.032 against a larger difference, after correction for 1 comparison)."
        ),
        "ru": (
            "m1 и full эквивалентны в пределах допуска 1,0 п. п.: 0,0 п. п. по accuracy (доверительный интервал 95 "
            "%: [-0,4; +0,4] п. п., 90 %: [-0,3; +0,3] п. п.; p = 0,032 для гипотезы о большей разнице, с поправкой "
            "на 1 сравнение)."
        ),
    },
    ("negligible", "reference", 0): {
        "en": (
            "m1 was behind full, but by less than the margin of 1.0 pp: -0.5 pp in accuracy (95 % interval [-0.9, "
            "-0.1] pp; p < 0.001 after correction for 1 comparison)."
        ),
        "ru": (
            "m1 отстаёт от full, но меньше чем на допуск 1,0 п. п.: -0,5 п. п. по accuracy (доверительный интервал "
            "95 %: [-0,9; -0,1] п. п.; p < 0,001 с поправкой на 1 сравнение)."
        ),
    },
    ("open", "unsettled", 0): {
        "en": (
            "m1 against full: about 15 seeds or 8,200 test items would settle which is better or that they are "
            "equivalent (if the gap stays, with a chance of 80 % after correction for 1 comparison)."
        ),
        "ru": (
            "m1 против full: чтобы установить, что лучше, или показать эквивалентность, нужно примерно 15 значений "
            "seed либо 8 200 тестовых примеров (если разница не изменится, с вероятностью 80 % и поправкой на 1 "
            "сравнение)."
        ),
    },
    ("ahead of all", "highest", 0): {
        "en": (
            "m1 had the highest mean accuracy on the test items: 0.899 (0.897-0.899 over 3 seeds). m1 was better "
            "than every other method: full (after correction for 2 comparisons); m2 (after correction for 3 "
            "comparisons)."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах — у m1: 0,899 (0,897-0,899; 3 значения seed). m1 "
            "лучше каждого из остальных методов: full (с поправкой на 2 сравнения); m2 (с поправкой на 3 "
            "сравнения)."
        ),
    },
    ("ahead of all", "cost", 0): {
        "en": (
            "m1 reached about 105 % of the mean accuracy of full (0.899 over 3 runs against 0.853 over 3 runs). It "
            "trained 148 k parameters, 0.65 % of 22.7 M. It saves time: training took 95 s against 2.0-2.2 min, "
            "about 25 % less (95 % interval 19-30 %). It saves memory: the peak in training was 920 MiB against "
            "1,273-1,351 MiB, about 30 % less (95 % interval 24-35 %)."
        ),
        "ru": (
            "m1 достигает примерно 105 % среднего accuracy у full (0,899, 3 запуска, против 0,853, 3 запуска). "
            "Обучаемых параметров: 148 тыс. — 0,65 % от 22,7 млн у full. Времени нужно меньше: обучение заняло 95 с "
            "против 2,0-2,2 мин, меньше примерно на 25 % (доверительный интервал 95 %: 19-30 %). Памяти нужно "
            "меньше: пик при обучении 920 МиБ против 1 273-1 351 МиБ, меньше примерно на 30 % (доверительный "
            "интервал 95 %: 24-35 %)."
        ),
    },
    ("negligible", "highest", 0): {
        "en": (
            "full had the highest mean accuracy on the test items: 0.853 (0.852-0.854 over 3 seeds). By less than "
            "the margin of 1.0 pp, full was ahead of m1 (after correction for 1 comparison)."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах — у full: 0,853 (0,852-0,854; 3 значения seed). "
            "full меньше чем на допуск 1,0 п. п. опережает m1 (с поправкой на 1 сравнение)."
        ),
    },
    ("negligible", "cost", 0): {
        "en": (
            "m1 reached about 99 % of the mean accuracy of full (0.847 over 3 runs against 0.853 over 3 runs). It "
            "trained 148 k parameters, 0.65 % of 22.7 M. It saves time: training took 95 s against 2.0-2.2 min, "
            "about 25 % less (95 % interval 19-30 %). It saves memory: the peak in training was 920 MiB against "
            "1,273-1,351 MiB, about 30 % less (95 % interval 24-35 %)."
        ),
        "ru": (
            "m1 достигает примерно 99 % среднего accuracy у full (0,847, 3 запуска, против 0,853, 3 запуска). "
            "Обучаемых параметров: 148 тыс. — 0,65 % от 22,7 млн у full. Времени нужно меньше: обучение заняло 95 с "
            "против 2,0-2,2 мин, меньше примерно на 25 % (доверительный интервал 95 %: 19-30 %). Памяти нужно "
            "меньше: пик при обучении 920 МиБ против 1 273-1 351 МиБ, меньше примерно на 30 % (доверительный "
            "интервал 95 %: 24-35 %)."
        ),
    },
    ("open", "highest", 0): {
        "en": (
            "m1 had the highest mean accuracy on the test items: 0.856 (0.855-0.857 over 3 seeds). The data do not "
            "separate m1 from full (after correction for 1 comparison)."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах — у m1: 0,856 (0,855-0,857; 3 значения seed). "
            "Данные не позволяют отличить m1 от full (с поправкой на 1 сравнение)."
        ),
    },
    ("one seed, equivalent", "resolution", 0): {
        "en": (
            "A true gap of 0.6 pp in accuracy between two models trained here is found with a chance of 80 % (2,000 "
            "test items, 1 seed). Neither noise between seeds nor a correction for the number of comparisons is "
            "counted. Smaller gaps can easily go unseen."
        ),
        "ru": (
            "Истинная разница 0,6 п. п. по accuracy между двумя обученными здесь моделями обнаруживается с "
            "вероятностью 80 % (2 000 тестовых примеров, 1 значение seed). Ни шум между seed, ни поправка на число "
            "сравнений здесь не учтены. Меньшая разница легко может остаться незамеченной."
        ),
    },
    ("one seed, equivalent", "highest", 0): {
        "en": (
            "m1 had the highest accuracy on the test items: 0.853. As trained here, within the margin of 1.0 pp, "
            "m1 is equivalent to full (after correction for 1 comparison)."
        ),
        "ru": (
            "Самое высокое значение accuracy на тестовых примерах — у m1: 0,853. Для обученных здесь моделей "
            "эквивалентность с m1 в пределах допуска 1,0 п. п. показана для full (с поправкой на 1 сравнение)."
        ),
    },
    ("one seed, equivalent", "reference", 0): {
        "en": (
            "As trained here, m1 and full are equivalent within the margin of 1.0 pp: +0.1 pp in accuracy (95 % "
            "interval [-0.3, +0.5] pp, 90 % [-0.2, +0.4] pp; p = 0.032 against a larger difference, after correction "
            "for 1 comparison)."
        ),
        "ru": (
            "Для обученных здесь моделей m1 и full эквивалентны в пределах допуска 1,0 п. п.: +0,1 п. п. по accuracy "
            "(доверительный интервал 95 %: [-0,3; +0,5] п. п., 90 %: [-0,2; +0,4] п. п.; p = 0,032 для гипотезы о "
            "большей разнице, с поправкой на 1 сравнение)."
        ),
    },
    ("one seed, negligible", "highest", 0): {
        "en": (
            "full had the highest accuracy on the test items: 0.852. As trained here, but by less than the margin "
            "of 1.0 pp, full scored higher than m1 (after correction for 1 comparison)."
        ),
        "ru": (
            "Самое высокое значение accuracy на тестовых примерах — у full: 0,852. Для обученных здесь моделей "
            "результат full выше, но меньше чем на допуск 1,0 п. п., чем у m1 (с поправкой на 1 сравнение)."
        ),
    },
    ("one seed, negligible", "reference", 0): {
        "en": (
            "As trained here, m1 scored lower than full, but by less than the margin of 1.0 pp: -0.6 pp in "
            "accuracy (95 % interval [-1.0, -0.2] pp; p < 0.001 after correction for 1 comparison)."
        ),
        "ru": (
            "Для обученных здесь моделей результат m1 ниже, чем у full, но меньше чем на допуск 1,0 п. п.: -0,6 п. "
            "п. по accuracy (доверительный интервал 95 %: [-1,0; -0,2] п. п.; p < 0,001 с поправкой на 1 сравнение)."
        ),
    },
    ("one seed, open", "highest", 0): {
        "en": (
            "full had the highest accuracy on the test items: 0.852. As trained here, full is not separated from "
            "m1 (after correction for 1 comparison)."
        ),
        "ru": (
            "Самое высокое значение accuracy на тестовых примерах — у full: 0,852. Для обученных здесь моделей "
            "данные не позволяют отличить full от m1 (с поправкой на 1 сравнение)."
        ),
    },
    ("one seed, open", "reference", 0): {
        "en": (
            "The data do not settle m1 against full, as trained here: -0.5 pp in accuracy (95 % interval [-2.1, "
            "+1.1] pp; p = 0.621 after correction for 1 comparison)."
        ),
        "ru": (
            "По этим данным нельзя сказать, у какой из обученных здесь моделей результат лучше, m1 или full: -0,5 "
            "п. п. по accuracy (доверительный интервал 95 %: [-2,1; +1,1] п. п.; p = 0,621 с поправкой на 1 "
            "сравнение)."
        ),
    },
    ("one seed, open", "unsettled", 0): {
        "en": (
            "m1 against full: about 8,200 test items would settle which of these models is better or that they are "
            "equivalent (if the gap stays, with a chance of 80 % after correction for 1 comparison). What is true of "
            "the methods takes more seeds."
        ),
        "ru": (
            "m1 против full: чтобы установить, какая из этих моделей лучше, или показать эквивалентность, нужно "
            "примерно 8 200 тестовых примеров (если разница не изменится, с вероятностью 80 % и поправкой на 1 "
            "сравнение). Чтобы судить о методах, нужно больше seed."
        ),
    },
    ("baseline, equivalent", "baseline", 0): {
        "en": (
            "m1 and the baseline full are equivalent within the margin of 1.0 pp: 0.0 pp in accuracy (0.853 against "
            "0.853; 95 % interval [-0.4, +0.4] pp, 90 % [-0.3, +0.3] pp; p = 0.032 against a larger difference, "
            "after correction for 1 comparison)."
        ),
        "ru": (
            "m1 и бейзлайн full эквивалентны в пределах допуска 1,0 п. п.: 0,0 п. п. по accuracy (0,853 против "
            "0,853; доверительный интервал 95 %: [-0,4; +0,4] п. п., 90 %: [-0,3; +0,3] п. п.; p = 0,032 для "
            "гипотезы о большей разнице, с поправкой на 1 сравнение)."
        ),
    },
    ("baseline, negligible", "baseline", 0): {
        "en": (
            "m1 was behind the baseline full, but by less than the margin of 1.0 pp: -0.5 pp in accuracy (0.847 "
            "against 0.853; 95 % interval [-0.9, -0.1] pp; p < 0.001 after correction for 1 comparison)."
        ),
        "ru": (
            "m1 отстаёт от бейзлайна full, но меньше чем на допуск 1,0 п. п.: -0,5 п. п. по accuracy (0,847 против "
            "0,853; доверительный интервал 95 %: [-0,9; -0,1] п. п.; p < 0,001 с поправкой на 1 сравнение)."
        ),
    },
    ("baseline, open", "unmet", 0): {
        "en": (
            "m1 was not shown to be better than the baseline full: +0.3 pp in accuracy (0.856 against 0.853; 95 % "
            "interval [-1.3, +1.9] pp; p = 0.621 after correction for 1 comparison)."
        ),
        "ru": (
            "Не показано, что m1 лучше бейзлайна full: +0,3 п. п. по accuracy (0,856 против 0,853; доверительный "
            "интервал 95 %: [-1,3; +1,9] п. п.; p = 0,621 с поправкой на 1 сравнение)."
        ),
    },
    ("majority, equivalent", "baseline", 0): {
        "en": (
            "m1 is equivalent to the most frequent class for every text (full), within 1.0 pp: 0.0 pp in accuracy "
            "(0.853 against 0.853; 95 % interval [-0.4, +0.4] pp, 90 % [-0.3, +0.3] pp; p = 0.032 against a larger "
            "difference, after correction for 1 comparison)."
        ),
        "ru": (
            "m1 эквивалентен самому частому классу для каждого текста (full) в пределах допуска 1,0 п. п.: 0,0 п. п. "
            "по accuracy (0,853 против 0,853; доверительный интервал 95 %: [-0,4; +0,4] п. п., 90 %: [-0,3; +0,3] п. "
            "п.; p = 0,032 для гипотезы о большей разнице, с поправкой на 1 сравнение)."
        ),
    },
    ("majority, open", "unmet", 0): {
        "en": (
            "m1 is not shown to be better than the most frequent class for every text (full): +0.3 pp in accuracy "
            "(0.856 against 0.853; 95 % interval [-1.3, +1.9] pp; p = 0.621 after correction for 1 comparison)."
        ),
        "ru": (
            "Не показано, что m1 лучше, чем самый частый класс для каждого текста (full): +0,3 п. п. по accuracy "
            "(0,856 против 0,853; доверительный интервал 95 %: [-1,3; +1,9] п. п.; p = 0,621 с поправкой на 1 "
            "сравнение)."
        ),
    },
    ("baseline, several open", "unmet", 0): {
        "en": (
            "Not shown to be better than the baseline full (mean accuracy 0.853; of each: mean, difference, 95 % "
            "interval): m1 (0.856; +0.3 pp, [-1.3, +1.9] pp; p = 0.621 after correction for 2 comparisons); m2 "
            "(0.851; -0.2 pp, [-1.8, +1.4] pp; p = 0.621 after correction for 2 comparisons)."
        ),
        "ru": (
            "Не показано превосходство над бейзлайном full (среднее accuracy 0,853; для каждого: среднее, разница, "
            "доверительный интервал 95 %): m1 (0,856; +0,3 п. п., [-1,3; +1,9] п. п.; p = 0,621 с поправкой на 2 "
            "сравнения); m2 (0,851; -0,2 п. п., [-1,8; +1,4] п. п.; p = 0,621 с поправкой на 2 сравнения)."
        ),
    },
    ("majority, several open", "unmet", 0): {
        "en": (
            "Not shown to be better than the most frequent class for every text (full, mean accuracy 0.853; of each: "
            "mean, difference, 95 % interval): m1 (0.856; +0.3 pp, [-1.3, +1.9] pp; p = 0.621 after correction for 2 "
            "comparisons); m2 (0.851; -0.2 pp, [-1.8, +1.4] pp; p = 0.621 after correction for 2 comparisons)."
        ),
        "ru": (
            "Не показано превосходство над самым частым классом для каждого текста (full, среднее accuracy 0,853; "
            "для каждого: среднее, разница, доверительный интервал 95 %): m1 (0,856; +0,3 п. п., [-1,3; +1,9] п. п.; "
            "p = 0,621 с поправкой на 2 сравнения); m2 (0,851; -0,2 п. п., [-1,8; +1,4] п. п.; p = 0,621 с поправкой "
            "на 2 сравнения)."
        ),
    },
    ("baseline, one seed, several open", "unmet", 0): {
        "en": (
            "As trained here, not shown to score higher than the baseline full (mean accuracy 0.852; of each: mean, "
            "difference, 95 % interval): m1 (0.847; -0.5 pp, [-2.1, +1.1] pp; p = 0.621 after correction for 2 "
            "comparisons); m2 (0.855; +0.3 pp, [-1.3, +1.9] pp; p = 0.621 after correction for 2 comparisons)."
        ),
        "ru": (
            "Для обученных здесь моделей не показано превосходство над бейзлайном full (среднее accuracy 0,852; для "
            "каждого: среднее, разница, доверительный интервал 95 %): m1 (0,847; -0,5 п. п., [-2,1; +1,1] п. п.; p = "
            "0,621 с поправкой на 2 сравнения); m2 (0,855; +0,3 п. п., [-1,3; +1,9] п. п.; p = 0,621 с поправкой на "
            "2 сравнения)."
        ),
    },
    ("majority, one seed, several open", "unmet", 0): {
        "en": (
            "As trained here, not shown to score higher than the most frequent class for every text (full, mean "
            "accuracy 0.852; of each: mean, difference, 95 % interval): m1 (0.847; -0.5 pp, [-2.1, +1.1] pp; p = "
            "0.621 after correction for 2 comparisons); m2 (0.855; +0.3 pp, [-1.3, +1.9] pp; p = 0.621 after "
            "correction for 2 comparisons)."
        ),
        "ru": (
            "Для обученных здесь моделей не показано превосходство над самым частым классом для каждого текста "
            "(full, среднее accuracy 0,852; для каждого: среднее, разница, доверительный интервал 95 %): m1 (0,847; "
            "-0,5 п. п., [-2,1; +1,1] п. п.; p = 0,621 с поправкой на 2 сравнения); m2 (0,855; +0,3 п. п., [-1,3; "
            "+1,9] п. п.; p = 0,621 с поправкой на 2 сравнения)."
        ),
    },
    ("baseline, ahead of all", "baseline", 0): {
        "en": ("Better than the baseline full (mean accuracy 0.853): m1 (after correction for 2 comparisons)."),
        "ru": ("Лучше бейзлайна full (среднее accuracy 0,853): m1 (с поправкой на 2 сравнения)."),
    },
    ("baseline, one seed, equivalent", "baseline", 0): {
        "en": (
            "As trained here, m1 and the baseline full are equivalent within the margin of 1.0 pp: +0.1 pp in "
            "accuracy (0.853 against 0.852; 95 % interval [-0.3, +0.5] pp, 90 % [-0.2, +0.4] pp; p = 0.032 against a "
            "larger difference, after correction for 1 comparison)."
        ),
        "ru": (
            "Для обученных здесь моделей m1 и бейзлайн full эквивалентны в пределах допуска 1,0 п. п.: +0,1 п. п. по "
            "accuracy (0,853 против 0,852; доверительный интервал 95 %: [-0,3; +0,5] п. п., 90 %: [-0,2; +0,4] п. "
            "п.; p = 0,032 для гипотезы о большей разнице, с поправкой на 1 сравнение)."
        ),
    },
    ("baseline, one seed, negligible", "baseline", 0): {
        "en": (
            "As trained here, m1 scored lower than the baseline full, but by less than the margin of 1.0 pp: -0.6 pp "
            "in accuracy (0.845 against 0.852; 95 % interval [-1.0, -0.2] pp; p < 0.001 after correction for 1 "
            "comparison)."
        ),
        "ru": (
            "Для обученных здесь моделей результат m1 ниже, чем у бейзлайна full, но меньше чем на допуск 1,0 п. п.: "
            "-0,6 п. п. по accuracy (0,845 против 0,852; доверительный интервал 95 %: [-1,0; -0,2] п. п.; p < 0,001 "
            "с поправкой на 1 сравнение)."
        ),
    },
    ("majority, one seed, open", "unmet", 0): {
        "en": (
            "As trained here, m1 is not shown to be better than the most frequent class for every text (full): -0.5 "
            "pp in accuracy (0.847 against 0.852; 95 % interval [-2.1, +1.1] pp; p = 0.621 after correction for 1 "
            "comparison)."
        ),
        "ru": (
            "Для обученных здесь моделей не показано, что m1 лучше, чем самый частый класс для каждого текста "
            "(full): -0,5 п. п. по accuracy (0,847 против 0,852; доверительный интервал 95 %: [-2,1; +1,1] п. п.; p "
            "= 0,621 с поправкой на 1 сравнение)."
        ),
    },
    ("demo", "chances", 0): {
        "en": (
            "Trained once more and tested on as many new texts, full would be ahead of lora with a chance of 55 %. "
            "With a chance of 56 %, the two would then lie within the margin of 1.0 pp. Both count the noise between "
            "seeds and that of test texts, each as uncertain as in the interval."
        ),
        "ru": (
            "Если обучить оба ещё раз и проверить на стольких же новых текстах, full окажется впереди lora с "
            "вероятностью 55 %. Разница при этом останется в пределах допуска 1,0 п. п. с вероятностью 56 %. Учтены "
            "шум между seed и шум тестовых текстов, оба с той же неопределённостью, что и в интервале."
        ),
    },
    ("lost", "highest", 0): {
        "en": (
            "m1 had the highest mean accuracy on the test items: 0.856 (0.855-0.857 over 3 seeds). The data do not "
            "separate m1 from full (after correction for 1 comparison). Verdicts on full rest on fewer than the 5 "
            "seeds that were declared: the runs without a result are not in them."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах — у m1: 0,856 (0,855-0,857; 3 значения seed). Данные"
            " не позволяют отличить m1 от full (с поправкой на 1 сравнение). Выводы о full опираются на меньшее число"
            " запусков, чем объявлено (5 значений seed): запуски без результата в них не входят."
        ),
    },
    ("lost", "reference", 0): {
        "en": (
            "The data do not settle m1 against full: +0.3 pp in accuracy (95 % interval [-1.3, +1.9] pp; p = 0.621 "
            "after correction for 1 comparison). This rests on 3 of 5 seeds: the runs without a result are not in it."
        ),
        "ru": (
            "По этим данным нельзя сказать, что лучше, m1 или full: +0,3 п. п. по accuracy (доверительный интервал 95"
            " %: [-1,3; +1,9] п. п.; p = 0,621 с поправкой на 1 сравнение). Это опирается на 3 из объявленных (5 "
            "значений seed): запуски без результата сюда не входят."
        ),
    },
    ("other seeds", "highest", 0): {
        "en": (
            "full had the highest mean accuracy on the test items: 0.865 (0.800-0.995 over 3 seeds). On shared seeds "
            "(seeds 41 and 42), m1 as trained here scored higher than full: +6.0 pp in accuracy (95 % interval "
            "[+4.4, +7.6] pp; p < 0.001 after correction for 1 comparison). This rests on 2 of 3 seeds: the runs "
            "without a result are not in it."
        ),
        "ru": (
            "Самое высокое среднее accuracy на тестовых примерах — у full: 0,865 (0,800-0,995; 3 значения seed). Для "
            "обученных здесь моделей на общих seed (seed 41 и 42) результат m1 выше, чем у full: +6,0 п. п. по "
            "accuracy (доверительный интервал 95 %: [+4,4; +7,6] п. п.; p < 0,001 с поправкой на 1 сравнение). Это "
            "опирается на 2 из объявленных (3 значения seed): запуски без результата сюда не входят."
        ),
    },
    ("one seed", "baseline", 0): {
        "en": (
            "As trained here, higher than the baseline majority (mean accuracy 0.500): linear_probe and prefix "
            "(after correction for 9 comparisons); full (after correction for 5 comparisons)."
        ),
        "ru": (
            "Для обученных здесь моделей результат выше, чем у бейзлайна majority (среднее accuracy 0,500): "
            "linear_probe и prefix (с поправкой на 9 сравнений); full (с поправкой на 5 сравнений)."
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
