"""Golden sentences of what an earlier report said without a test or an interval behind it, one case each."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

import sample
from bakeoff.experiment.model import Constraints
from bakeoff.report.claims.conclusions import draw_conclusions
from bakeoff.report.tables.pairs import noise_table, pair_tables
from bakeoff.report.text.language import speaking
from bakeoff.runs.record import Epoch
from bakeoff.stats.compare import Comparison, compare
from bakeoff.stats.inputs import Contender
from bakeoff.study.collect import Collection
from columns import column
from prose import plain, replaced
from studies import SEEDS, bare, scripted, whole


@functools.cache
def judged(seeds: tuple[int, ...] = SEEDS) -> tuple[Collection, Comparison]:
    """Return the study as it was measured: nothing in its comparison is set by hand."""
    found = whole(seeds)
    return found, sample.comparison(found, resamples=0)


def overturned() -> tuple[Collection, Comparison]:
    """Linear_probe, which the test shows behind, is highest on validation; a limit is declared."""
    found, comparison = judged()
    best = sample.quality("lora", 41, sample.VALIDATION, ("negative", "positive"))
    high = best.model_copy(update={"metrics": {**best.metrics, "accuracy": 0.99}})
    limits = found.experiment.model_copy(update={"constraints": Constraints(inference_ms=10)})
    return dataclasses.replace(replaced(found, "linear_probe", validation=high), experiment=limits), comparison


def improving() -> tuple[Collection, Comparison]:
    """Full gains in its last epoch, by 1.5 to 2.5 points; lora gains as much in one run and loses it in another."""
    found, comparison = judged()
    ends = {"full": ((0.69, 0.71), (0.70, 0.725), (0.71, 0.725)), "lora": ((0.69, 0.75), (0.70, 0.70), (0.71, 0.69))}
    rows = []
    for row in found.rows:
        runs = [
            run.model_copy(update={"training": run.training.model_copy(update={"history": history(values)})})
            if run.training
            else run
            for run, values in zip(row.records, ends.get(row.name, ((0.7, 0.7),) * 3), strict=False)
        ]
        rows.append(dataclasses.replace(row, records=tuple(runs)))
    return dataclasses.replace(found, rows=tuple(rows)), comparison


def history(values: tuple[float, ...]) -> tuple[Epoch, ...]:
    return tuple(
        Epoch(epoch=place, step=place, train_loss=0.5, validation={"accuracy": value}, elapsed_s=1.0)
        for place, value in enumerate(values, 1)
    )


def alike() -> tuple[Collection, Comparison]:
    comparison = scripted(0.85, 0.85, n=20_000, jitter=0.002)
    return bare(comparison), comparison


def lost() -> tuple[Collection, Comparison]:
    """Two of five runs of m1 ended without a result."""
    rng, items = np.random.default_rng(5), np.arange(2000)
    gold, ease = np.zeros(2000, dtype=int), rng.random(2000)
    made = [
        Contender(
            name,
            (41, 42, 43, 44, 45)[:finished],
            items,
            gold,
            np.array([(ease + 0.01 * rng.normal(size=2000) > right).astype(int) for _ in range(finished)]),
            declared=5,
        )
        for name, finished, right in (("full", 5, 0.85), ("m1", 3, 0.852), ("m2", 5, 0.8))
    ]
    comparison = compare(made, metric="accuracy", reference="full", alpha=0.05, margin=0.01, resamples=0)
    return bare(comparison), comparison


def drawn() -> tuple[Collection, Comparison]:
    """Each seed has drawn 500 training texts of its own out of 2,000, up to three of which stand in the test."""
    found, comparison = judged()
    rows = []
    for row in found.rows:
        runs = []
        for place, run in enumerate(row.records, 1):
            facts = run.inputs.splits["train"].model_copy(update={"n": 500, "pool_n": 2000})
            seen = {"splits": {**run.inputs.splits, "train": facts}, "overlap": {"train/test": place}}
            runs.append(run.model_copy(update={"inputs": run.inputs.model_copy(update=seen)}))
        rows.append(dataclasses.replace(row, records=tuple(runs)))
    return dataclasses.replace(found, rows=tuple(rows)), comparison


CASES = {
    "judged": judged,
    "overturned": overturned,
    "improving": improving,
    "alike": alike,
    "lost": lost,
    "drawn": drawn,
}


@functools.cache
def case(name: str) -> tuple[Collection, Comparison]:
    return CASES[name]()


@functools.cache
def concluded(name: str, language: str) -> list[str]:
    return [f"{one.kind}: {plain(one.text)}" for one in draw_conclusions(*case(name), language=language)]


SENTENCES = {
    "the test shows another method ahead of the one recommended": (
        "overturned",
        "recommendation",
        {
            "en": (
                "Within at most 10 ms to predict a text: linear_probe had the highest mean accuracy on the "
                "validation texts, 0.990 over 3 runs. Only trained methods compete that stay within in all their "
                "finished runs. Measured: a text 2.5-2.7 ms. Also within, not above linear_probe on validation, but "
                "ahead of it by the test after correction for 28 comparisons: lora (0.853; a text 2.5-2.7 ms). Also "
                "within, not above linear_probe on validation, but ahead of it by the test after correction for 7 "
                "comparisons: full (0.845; a text 2.5-2.7 ms). Not told apart from linear_probe, within the noise "
                "between seeds or by the test after correction for 28 comparisons: prefix (0.801; a text 2.5-2.7 "
                "ms). Also within, behind linear_probe on validation and by the test after correction for 28 "
                "comparisons: mamba."
            ),
            "ru": (
                "При ограничениях (предсказание для одного текста не дольше 10 мс) самое высокое среднее accuracy на "
                "валидационных текстах у linear_probe: 0,990 (3 запуска). Сравниваются обученные методы, которые "
                "укладываются во всех завершённых запусках. Измерено: на текст 2,5-2,7 мс. Тоже в пределах "
                "ограничений и на валидации не выше, чем у linear_probe, но по критерию с поправкой на 28 сравнений "
                "впереди: lora (0,853; на текст 2,5-2,7 мс). Тоже в пределах ограничений и на валидации не выше, чем "
                "у linear_probe, но по критерию с поправкой на 7 сравнений впереди: full (0,845; на текст 2,5-2,7 "
                "мс). Не удалось отличить от linear_probe в пределах шума между seed или по критерию с поправкой на "
                "28 сравнений: prefix (0,801; на текст 2,5-2,7 мс). Тоже в пределах ограничений, но с результатом "
                "хуже, чем у linear_probe, на валидации и по критерию с поправкой на 28 сравнений: mamba."
            ),
        },
    ),
    "a saving, of a method that was not searched for": (
        "judged",
        "cost",
        {
            "en": (
                "prefix gained about 85 % of what full gained over majority, which learns nothing, in mean accuracy "
                "(0.816 over 3 runs and 0.870 over 3 runs against 0.500). It trained 46.9 k parameters, 0.21 % of "
                "22.7 M. It saves time: training took 81-87 s against 2.0-2.2 min, about 33 % less (95 % interval "
                "26-40 %). It saves memory: the peak in training was 835-887 MiB against 1,273-1,351 MiB, about 34 % "
                "less (95 % interval 27-41 %)."
            ),
            "ru": (
                "prefix даёт примерно 85 % того прироста среднего accuracy, какой full даёт по сравнению с majority "
                "без обучения (0,816, 3 запуска, и 0,870, 3 запуска, против 0,500). Обучаемых параметров: 46,9 тыс. "
                "— 0,21 % от 22,7 млн у full. Времени нужно меньше: обучение заняло 81-87 с против 2,0-2,2 мин, "
                "меньше примерно на 33 % (доверительный интервал 95 %: 26-40 %). Памяти нужно меньше: пик при "
                "обучении 835-887 МиБ против 1 273-1 351 МиБ, меньше примерно на 34 % (доверительный интервал 95 %: "
                "27-41 %)."
            ),
        },
    ),
    "a saving, beside what the search took": (
        "judged",
        "cost",
        {
            "en": (
                "lora trained 148 k parameters, 0.65 % of the 22.7 M that full trained. The data do not separate "
                "their mean accuracy (0.868 over 3 runs against 0.870 over 3 runs; after correction for 7 "
                "comparisons). It saves time: training took 89-95 s against 2.0-2.2 min, about 27 % less (95 % "
                "interval 19-34 %). A run together with the search for its settings took 7.7 min with lora (4 "
                "trials) and 2.1 min with full (0 trials). It saves memory: the peak in training was 866-920 MiB "
                "against 1,273-1,351 MiB, about 32 % less (95 % interval 24-39 %)."
            ),
            "ru": (
                "Обучаемых параметров у lora: 148 тыс. — 0,65 % от 22,7 млн у full. По среднему accuracy данные не "
                "позволяют их различить (0,868, 3 запуска, против 0,870, 3 запуска; с поправкой на 7 сравнений). "
                "Времени нужно меньше: обучение заняло 89-95 с против 2,0-2,2 мин, меньше примерно на 27 % "
                "(доверительный интервал 95 %: 19-34 %). Запуск вместе с подбором настроек занял 7,7 мин у lora (4 "
                "пробных запуска) и 2,1 мин у full (0 пробных запусков). Памяти нужно меньше: пик при обучении "
                "866-920 МиБ против 1 273-1 351 МиБ, меньше примерно на 32 % (доверительный интервал 95 %: 24-39 %)."
            ),
        },
    ),
    "a gain in the last epoch that the seeds bear out": (
        "improving",
        "training",
        {
            "en": (
                "full was still improving on validation in its last epoch (accuracy 0.700 to 0.720, means over 3 "
                "seeds; 95 % interval of the gain [+0.8, +3.2] pp); more epochs may help it."
            ),
            "ru": (
                "full: в последней эпохе качество на валидации ещё росло (accuracy: с 0,700 до 0,720, средние; 3 "
                "значения seed; доверительный интервал 95 % для прироста: [+0,8; +3,2] п. п.); дополнительные эпохи, "
                "возможно, помогли бы."
            ),
        },
    ),
    "an equivalence, with the interval that lies within the margin": (
        "alike",
        "reference",
        {
            "en": (
                "m1 and full are equivalent within the margin of 1.0 pp: 0.0 pp in accuracy (95 % interval [-0.03, "
                "+0.04] pp, 90 % [-0.02, +0.03] pp; p < 0.001 against a larger difference, after correction for 1 "
                "comparison)."
            ),
            "ru": (
                "m1 и full эквивалентны в пределах допуска 1,0 п. п.: 0,0 п. п. по accuracy (доверительный интервал "
                "95 %: [-0,03; +0,04] п. п., 90 %: [-0,02; +0,03] п. п.; p < 0,001 для гипотезы о большей разнице, с "
                "поправкой на 1 сравнение)."
            ),
        },
    ),
    "two of five runs lost, in the pair": (
        "lost",
        "reference",
        {
            "en": (
                "The data do not settle m1 against full: +0.4 pp in accuracy (95 % interval [-0.5, +1.2] pp; p = "
                "0.212 after correction for 2 comparisons). This rests on 3 of 5 seeds: the runs without a result "
                "are not in it."
            ),
            "ru": (
                "По этим данным нельзя сказать, что лучше, m1 или full: +0,4 п. п. по accuracy (доверительный "
                "интервал 95 %: [-0,5; +1,2] п. п.; p = 0,212 с поправкой на 2 сравнения). Это опирается на 3 из "
                "объявленных (5 значений seed): запуски без результата сюда не входят."
            ),
        },
    ),
    "two of five runs lost, in the highest mean": (
        "lost",
        "highest",
        {
            "en": (
                "m1 had the highest mean accuracy on the test items: 0.859 (0.857-0.860 over 3 seeds). m1 was better "
                "than m2 (after correction for 3 comparisons). The data do not separate m1 from full (after "
                "correction for 2 comparisons). Verdicts on full and m2 rest on fewer than the 5 seeds that were "
                "declared: the runs without a result are not in them."
            ),
            "ru": (
                "Самое высокое среднее accuracy на тестовых примерах — у m1: 0,859 (0,857-0,860; 3 значения seed). "
                "m1 лучше, чем m2 (с поправкой на 3 сравнения). Данные не позволяют отличить m1 от full (с поправкой "
                "на 2 сравнения). Выводы о full и m2 опираются на меньшее число запусков, чем объявлено (5 значений "
                "seed): запуски без результата в них не входят."
            ),
        },
    ),
    "the noise between seeds, and what three of them know of it": (
        "judged",
        "noise",
        {
            "en": (
                "Between seeds, the accuracy of a trained method has a standard deviation of 0.4-1.4 pp. The choice "
                "of test items alone gives its mean a standard error of 0.6-0.9 pp. With 3 seeds, the true standard "
                "deviation between seeds may be anything from 52 % to 628 % of the one seen (95 % interval). No "
                "collapse in 3 seeds excludes only collapse in more than 63 % of a method's runs (95 % exact bound). "
                "Of rarer ones nothing is known. Intervals and tests count that other seeds and other test texts "
                "could have been drawn. They do not count other training texts: all runs learned from the same ones. "
                "Others would move the results further. For majority and tfidf, which no seed changes, they count "
                "other test texts alone, and so may be too narrow."
            ),
            "ru": (
                "У обученных методов 0,4-1,4 п. п. — стандартное отклонение accuracy между seed. Ещё 0,6-0,9 п. п. — "
                "стандартная ошибка среднего от одного лишь выбора тестовых примеров. При таком числе запусков (3 "
                "значения seed) истинное стандартное отклонение между seed может составлять от 52 % до 628 % "
                "наблюдаемого (доверительный интервал 95 %). Если ни один запуск не сорвался (3 значения seed), это "
                "исключает лишь срывы чаще чем в 63 % запусков метода (точная граница, 95 %). О более редких ничего "
                "не известно. Интервалы и проверки учитывают, что могли выпасть другие seed и другие тестовые "
                "тексты. Другие обучающие тексты они не учитывают: все запуски обучены на одних и тех же. С другими "
                "результаты разошлись бы сильнее. Для majority и tfidf (от seed не зависит) учтены только другие "
                "тестовые тексты, и интервалы могут быть слишком узкими."
            ),
        },
    ),
    "the gap that is found, and the one at the strictest step": (
        "judged",
        "resolution",
        {
            "en": (
                "Depending on the pair of trained methods, a true gap of 1.8-5.6 pp in accuracy is found with a "
                "chance of 80 % (2,000 test items, 3 seeds). That is before any correction for the number of "
                "comparisons. Smaller gaps can easily go unseen. At the strictest step of Holm's correction for 7 "
                "comparisons it takes a gap of 2.7-14.1 pp. At the strictest step of Holm's correction for 28 "
                "comparisons it takes a gap of 3.4-24.5 pp."
            ),
            "ru": (
                "Истинная разница 1,8-5,6 п. п. по accuracy, в зависимости от пары обученных методов, обнаруживается "
                "с вероятностью 80 % (2 000 тестовых примеров, 3 значения seed). Это до поправки на число сравнений. "
                "Меньшая разница легко может остаться незамеченной. Разница 2,7-14,1 п. п. нужна для этого на самом "
                "строгом шаге поправки Холма (7 сравнений). Разница 3,4-24,5 п. п. нужна для этого на самом строгом "
                "шаге поправки Холма (28 сравнений)."
            ),
        },
    ),
    "what intervals count where each seed draws its training texts": (
        "drawn",
        "noise",
        {
            "en": (
                "Between runs, which differ in seed and training texts, the accuracy of a trained method has a "
                "standard deviation of 0.4-1.4 pp. The choice of test items alone gives its mean a standard error of "
                "0.6-0.9 pp. With 3 seeds, the true standard deviation between runs may be anything from 52 % to 628 "
                "% of the one seen (95 % interval). No collapse in 3 seeds excludes only collapse in more than 63 % "
                "of a method's runs (95 % exact bound). Of rarer ones nothing is known. Intervals and tests count "
                "that other seeds, test texts and training texts could have been drawn. Each seed drew its own 500 "
                "training texts from 2,000, the same for every method. Two such draws have about 25 % of their texts "
                "in common. Training texts from elsewhere would move the results further."
            ),
            "ru": (
                "У обученных методов 0,4-1,4 п. п. — стандартное отклонение accuracy между запусками (у них разные "
                "seed и обучающие тексты). Ещё 0,6-0,9 п. п. — стандартная ошибка среднего от одного лишь выбора "
                "тестовых примеров. При таком числе запусков (3 значения seed) истинное стандартное отклонение между "
                "запусками может составлять от 52 % до 628 % наблюдаемого (доверительный интервал 95 %). Если ни "
                "один запуск не сорвался (3 значения seed), это исключает лишь срывы чаще чем в 63 % запусков метода "
                "(точная граница, 95 %). О более редких ничего не известно. Интервалы и проверки учитывают, что "
                "могли выпасть другие seed, другие тестовые и другие обучающие тексты. Обучающая выборка у каждого "
                "seed своя (500 обучающих текстов из 2 000) и одна для всех методов. У двух таких выборок примерно "
                "25 % текстов общие. С обучающими текстами из другого источника результаты разошлись бы сильнее."
            ),
        },
    ),
    "what the next run promises, with training texts of its own": (
        "drawn",
        "chances",
        {
            "en": (
                "Trained and tested anew, full would be ahead of lora with a chance of 55 %. With a chance of 56 %, "
                "the two would then lie within the margin of 1.0 pp. Anew means: another seed, other training texts "
                "from the same ones, and as many new test texts. Both count the noise between runs and that of test "
                "texts, each as uncertain as in the interval."
            ),
            "ru": (
                "Если обучить и проверить оба заново, full окажется впереди lora с вероятностью 55 %. Разница при "
                "этом останется в пределах допуска 1,0 п. п. с вероятностью 56 %. Заново — значит с другим seed, "
                "другими обучающими текстами из тех же и столькими же новыми тестовыми. Учтены шум между запусками и "
                "шум тестовых текстов, оба с той же неопределённостью, что и в интервале."
            ),
        },
    ),
    "test texts among those that seeds drew": (
        "drawn",
        "warning",
        {
            "en": (
                "Test texts that also stand among the training texts that a seed drew: at most 3 of 2,000. On "
                "these, memory alone gives right answers, more with one method than with another."
            ),
            "ru": (
                "Тестовые тексты, которые есть и среди обучающих текстов какого-либо seed: не больше 3 из 2 000. На "
                "них верный ответ даёт и одна лишь память, у одних методов чаще, чем у других."
            ),
        },
    ),
}
"""What was mended -> case, kind of conclusion, the text by language."""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("what", SENTENCES)
def test_what_is_said_stands_on_a_test_or_an_interval(what: str, language: str) -> None:
    name, kind, texts = SENTENCES[what]
    assert f"{kind}: {texts[language]}" in concluded(name, language)


def test_the_gap_at_the_strictest_step_is_the_larger_one() -> None:
    _, comparison = case("judged")
    free = {one.name for one in comparison.methods if one.trained and not one.fixed}
    pairs = [pair for pair in comparison.pairs if {pair.first, pair.second} <= free]
    assert len(pairs) == 10
    assert all(
        pair.difference.detectable(comparisons=pair.comparisons) > pair.difference.detectable_gap for pair in pairs
    )


def test_the_gap_at_the_strictest_step_is_given_for_each_number_of_comparisons() -> None:
    _, comparison = case("judged")
    free = {one.name for one in comparison.methods if one.trained and not one.fixed}
    (said,) = [text for text in concluded("judged", "en") if text.startswith("resolution: ")]
    for number, family in ((7, comparison.against_reference), (28, comparison.pairs)):
        gaps = [
            100 * pair.difference.detectable(comparisons=number)
            for pair in family
            if {pair.first, pair.second} <= free and pair.comparisons == number
        ]
        assert f"for {number} comparisons it takes a gap of {min(gaps):.1f}-{max(gaps):.1f} pp." in said


def test_a_gain_of_the_mean_that_one_run_does_not_have_is_not_said() -> None:
    assert not [one for one in concluded("improving", "en") if one.startswith("training") and "lora" in one]


CELLS = {
    ("alike", "m1", "difference"): "0.0 pp\n[-0.03, +0.04]\n90 %: [-0.02, +0.03]",
    ("alike", "m1", "разница"): "0,0 п. п.\n[-0,03; +0,04]\n90 %: [-0,02; +0,03]",
    ("lost", "m1", "verdict"): "not settled, 3 of 5 seeds",
    ("lost", "m1", "вердикт"): "не установлено, seed: 3 из 5",
}
"""Case, method and column of the table of pairs with the reference -> what stands there."""


@pytest.mark.parametrize("where", CELLS, ids=str)
def test_cells_hold_the_inner_interval_and_the_runs_behind(where: tuple[str, str, str]) -> None:
    name, method, heading = where
    with speaking("en" if heading.isascii() else "ru"):
        table = pair_tables(*case(name))[0]
    assert plain(column(table, heading)[method]) == CELLS[where]


NOISE = {"en": ("between seeds", "0.8 pp\n0.4-5.0 pp"), "ru": ("между seed", "0,8 п. п.\n0,4-5,0 п. п.")}


@pytest.mark.parametrize("language", NOISE)
def test_the_noise_between_seeds_stands_beside_its_interval(language: str) -> None:
    heading, said = NOISE[language]
    with speaking(language):
        assert plain(column(noise_table(*case("judged")), heading)["full"]) == said


@pytest.mark.parametrize(("language", "heading"), [("en", "between runs"), ("ru", "между запусками")])
def test_with_draws_of_their_own_it_is_noise_between_runs(language: str, heading: str) -> None:
    with speaking(language):
        noise, usual = (column(noise_table(*case(name)), title)["full"] for name, title in
                        (("drawn", heading), ("judged", NOISE[language][0])))  # fmt: skip
        assert noise == usual
        assert not any(NOISE[language][0] in title for title in noise_table(*case("drawn")).header)
