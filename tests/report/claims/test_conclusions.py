"""Conclusions: each condition on records made for it, and a linter over every sentence in every language."""

import dataclasses
import string
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sample
from bakeoff.data.schema import Split
from bakeoff.errors import UnknownName
from bakeoff.experiment.model import Constraints
from bakeoff.report.claims.conclusions import draw_conclusions, said
from bakeoff.report.claims.resolution import unsettled
from bakeoff.report.text import slots
from bakeoff.report.text.language import LANGUAGES
from bakeoff.report.text.locale import locale
from bakeoff.report.text.sentence import sentence
from bakeoff.runs.record import Failure
from bakeoff.stats.compare import Verdict, compare
from bakeoff.stats.inputs import Contender
from bakeoff.stats.power import Needed
from bakeoff.study.collect import Collection, Excluded, Row
from prose import DIGITS, FORBIDDEN, hold, plain, replaced, texts
from studies import SEEDS, bare, cheaper, demo, scripted, whole

# Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_templates_hold_no_digit_and_no_forbidden_phrase(language):
    for key, template in locale(language).templates.items():
        literal = "".join(text for text, *_ in string.Formatter().parse(template))
        assert not DIGITS.search(literal), key
        assert not FORBIDDEN[language].search(literal), key
        assert template.endswith("."), key


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_says_the_same(language):
    def gaps(template):
        return {name for _, name, *_ in string.Formatter().parse(template) if name}

    own, english = locale(language).templates, locale("en").templates
    assert own.keys() == english.keys()
    assert {key: gaps(text) for key, text in own.items()} == {key: gaps(text) for key, text in english.items()}
    assert language == "en" or not {key for key in own if own[key] == english[key]}


def test_an_unknown_language():
    with pytest.raises(UnknownName, match=f"Known: {', '.join(sorted(LANGUAGES))}"):
        locale("xx")


@pytest.mark.parametrize(
    ("slot", "shown"),
    [
        (slots.Count(1, "seed"), "1 seed"),
        (slots.Count(2000, "test item"), "2,000 test items"),
        (slots.Count(7), "7"),
        (slots.PValue(0.0000001), "< 0.001"),
        (slots.PValue(0.0321), "= 0.032"),
        (slots.Gap(0.0123), "1.2 pp"),
        (slots.Gap(0.0004), "0.04 pp"),
        (slots.Interval((-0.012, 0.03)), "[-1.2, +3.0] pp"),
        (slots.Names(("a", "b", "c_d")), "a, b and c_d"),
        (slots.Seeds((41,)), "seed 41"),
        (slots.Seeds((41, 42)), "seeds 41 and 42"),
        (slots.Settings({"rank": 8, "alpha": 32}), "rank 8 and alpha 32"),
        (slots.Quote("CUDA  out of\nmemory."), "CUDA out of memory"),
        (slots.Quote("x" * 300), "x" * 200 + "..."),
        (slots.Range((0.012, 0.021), slots.Gap), "1.2-2.1 pp"),
        (slots.Range((0.8, 0.8), slots.Fraction), "0.800"),
    ],
)
def test_english_forms(slot, shown):
    assert plain(locale("en").written(slot)) == shown


@pytest.mark.parametrize(
    ("slot", "shown"),
    [
        (slots.Count(1, "seed"), "1 значение seed"),
        (slots.Count(3, "run"), "3 запуска"),
        (slots.Count(5, "run"), "5 запусков"),
        (slots.Count(21, "comparison"), "21 сравнение"),
        (slots.Count(2000, "test item"), "2 000 тестовых примеров"),
        (slots.Count(12_002, "step"), "12 002 шага"),
        (slots.PValue(0.0000001), "< 0,001"),
        (slots.PValue(0.0321), "= 0,032"),
        (slots.Gap(0.0004), "0,04 п. п."),
        (slots.Interval((-0.012, 0.03)), "[-1,2; +3,0] п. п."),
        (slots.Names(("a", "b", "c_d")), "a, b и c_d"),
        (slots.Seeds((41, 42)), "seed 41 и 42"),
        (slots.Quote("CUDA  out of\nmemory."), "CUDA out of memory"),
        (slots.Range((0.012, 0.021), slots.Gap), "1,2-2,1 п. п."),
        (slots.Range((1273 * 2**20, 1351 * 2**20), slots.Size), "1 273-1 351 МиБ"),
        (slots.Range((2000, 3000), slots.Count), "2 000-3 000"),
        (slots.Setting(""), "нет"),
        (slots.Trials((("rank=2", 0.85), ("rank=4", 0.86))), "rank 2: 0,850; rank 4: 0,860"),
        (slots.Conditions((("device", ("cpu",), ("",)),)), "устройство cpu против нет"),
    ],
)
def test_russian_forms(slot, shown):
    assert plain(locale("ru").written(slot)) == shown


@pytest.mark.parametrize(
    ("slot", "shown"),
    [
        (slots.Count(1, "run"), "1 Lauf"),
        (slots.Count(21, "comparison"), "21 Vergleiche"),
        (slots.Count(2000, "test item"), "2.000 Testbeispiele"),
        (slots.Interval((-0.012, 0.03)), "[-1,2; +3,0] PP"),
        (slots.Names(("a", "b", "c_d")), "a, b und c_d"),
        (slots.Seeds((41, 42)), "Seeds 41 und 42"),
        (slots.Range((1273 * 2**20, 1351 * 2**20), slots.Size), "1.273-1.351 MiB"),
        (slots.Setting(""), "keine"),
        (slots.Trials((("rank=2", 0.85), ("rank=4", 0.86))), "rank 2: 0,850; rank 4: 0,860"),
        (slots.Where((41,), 3), " mit Seed 41 (insgesamt 3 Läufe, davon betroffen 1)"),
    ],
)
def test_german_forms(slot, shown):
    assert plain(locale("de").written(slot)) == shown


def test_names_cannot_break_out_of_the_prose():
    text = locale("en").say(sentence("missing.runs", a=slots.Name("**[x](y)** <b>"), seeds=slots.Seeds((1,))))
    assert "[x](y)" not in text
    assert "<b>" not in text


# Conditions ------------------------------------------------------------------------------------------------------


def test_what_seeds_tell_of_noise_is_told_of_the_method_with_the_fewest():
    found = sample.collection(failing={"prefix": (42,)})
    (said,) = texts(found, sample.comparison(found), "noise")
    assert "With 2 seeds, the true standard deviation" in said
    assert "No collapse in 2 seeds excludes only" in said


def test_the_demo_reads_in_order():
    found, comparison = demo()
    kinds = [one.kind for one in draw_conclusions(found, comparison)]
    assert kinds[:3] == ["resolution", "noise", "lead"]
    assert kinds.count("reference") == 7
    order = ["resolution", "noise", "lead", "highest", "sight", "reference", "unsettled", "baseline", "sweep", "cost"]
    assert [kind for kind in dict.fromkeys(kinds) if kind in order] == order


def test_every_conclusion_names_runs_that_exist():
    found, comparison = demo()
    known = {record.run_id for row in (*found.rows, *found.additional) for record in row.records}
    known |= {record.run_id for trials in found.sweeps.values() for record in trials}
    for one in draw_conclusions(found, comparison):
        assert set(one.runs) <= known | set(sample.sweep().trials)
        assert one.runs or one.kind in ("left_out", "missing")


def test_resolution_and_highest_of_the_demo():
    found, comparison = demo()
    (resolution,) = texts(found, comparison, "resolution")
    assert resolution.startswith("Depending on the pair of trained methods, a true gap of ")
    assert "with a chance of 80 %" in resolution
    (highest,) = texts(found, comparison, "highest")
    best = comparison.method("full")
    spread = f"({best.minimum:.3f}-{best.maximum:.3f} over 3 seeds)"
    assert highest.startswith(f"full had the highest mean accuracy on the test items: {best.mean:.3f} {spread}. ")
    assert highest.endswith("The data do not separate full from lora (after correction for 7 comparisons).")


def test_prose_and_tables_cannot_disagree():
    found, comparison = demo()
    for row in found.rows:
        assert comparison.method(row.name).by_seed == pytest.approx(row.quality("accuracy"))


def test_each_method_stands_against_the_reference_with_estimate_interval_and_p():
    found, comparison = demo()
    pairs = sorted(comparison.against_reference, key=lambda pair: pair.first in sample.BASELINES)
    for text, pair in zip(texts(found, comparison, "reference"), pairs, strict=True):
        assert pair.first in text.split(": ")[0]
        assert f"{100 * pair.difference.estimate:+.1f} pp" in text
        low, high = 100 * pair.difference.low, 100 * pair.difference.high
        assert f"(95 % interval [{low:+.1f}, {high:+.1f}] pp; p " in text
        assert text.count("after correction for 7 comparisons") == 1


@pytest.mark.parametrize(
    ("accuracy", "beginning"),
    [
        (0.95, "m1 was better than full: +"),
        (0.75, "m1 was worse than full: -"),
        (0.85, "m1 and full are equivalent within the margin of 1.0 pp: "),
        (0.857, "m1 was ahead of full, but by less than the margin of 1.0 pp: +"),
        (0.843, "m1 was behind full, but by less than the margin of 1.0 pp: -"),
    ],
)
def test_words_for_each_verdict(accuracy, beginning):
    comparison = scripted(0.85, accuracy)
    assert texts(bare(comparison), comparison, "reference")[0].startswith(beginning)
    assert not texts(bare(comparison), comparison, "unsettled", "cross_check")


def test_words_for_what_is_not_settled():
    comparison = scripted(0.85, 0.855, jitter=0.3)
    (text,) = texts(bare(comparison), comparison, "reference")
    assert text.startswith("The data do not settle m1 against full: ")
    (more,) = texts(bare(comparison), comparison, "unsettled")
    assert more.startswith("m1 against full: about ")
    assert "would settle which is better" in more


def test_a_bootstrap_that_disagrees_is_said_to_and_no_more():
    few = scripted(0.85, 0.75)
    pairs = tuple(dataclasses.replace(pair, agrees=False) for pair in few.pairs)
    assert not texts(bare(few), dataclasses.replace(few, pairs=pairs), "cross_check")  # three seeds have ten draws
    comparison = scripted(0.85, 0.75, seeds=(1, 2, 3, 4, 5))
    pairs = tuple(dataclasses.replace(pair, agrees=False) for pair in comparison.pairs)
    (text,) = texts(bare(comparison), dataclasses.replace(comparison, pairs=pairs), "cross_check")
    assert text == (
        "A bootstrap does not agree with the tests about full against m1. Before any correction, one of the two leaves "
        "out a difference of zero and the other does not. The verdicts follow the tests."
    )


def test_one_seed_speaks_of_models():
    comparison = scripted(0.85, 0.75, seeds=(41,))
    found = bare(comparison)
    (scope,) = texts(found, comparison, "scope")
    assert scope.startswith("With 1 seed per method")
    assert texts(found, comparison, "reference")[0].startswith("As trained here, m1 scored lower than full: ")
    (resolution,) = texts(found, comparison, "resolution")
    assert "between two models trained here is found" in resolution
    assert "Neither noise between seeds nor a correction" in resolution
    assert "better than every other method" not in " ".join(texts(found, comparison))
    assert not texts(found, comparison, "noise")


def test_better_than_every_other_takes_all_pairs_and_three_seeds():
    (text,) = texts(bare(c := scripted(0.95, 0.85, 0.75)), c, "highest")
    assert text.endswith("full was better than every other method: m1 and m2 (after correction for 2 comparisons).")
    (text,) = texts(bare(c := scripted(0.95, 0.85, 0.9499)), c, "highest")
    assert "every other" not in text
    assert "full was better than m1" in text or "m2 was better than m1" in text


def test_methods_that_share_the_highest_mean():
    comparison = scripted(0.85, 0.85, jitter=0)
    (text,) = texts(bare(comparison), comparison, "highest")
    assert text.startswith("full and m1 shared the highest mean accuracy on the test items: 0.")


def test_failed_and_missing_runs_are_said():
    found, comparison = demo(failing={"prefix": (43,)}, missing=("mamba",))
    assert "prefix diverged with seed 43: RuntimeError: loss is not finite." in texts(found, comparison, "failed")
    missing = texts(found, comparison, "missing")
    assert "mamba has not been run with seeds 41, 42 and 43." in missing
    assert any(text.startswith("prefix is compared by what it finished, seeds 41 and 42,") for text in missing)
    (scope,) = texts(found, comparison, "scope")
    assert scope.startswith("prefix finished too few seeds")


def test_seeds_that_failed_alike_are_said_together_and_the_answer_names_who_is_absent():
    found, comparison = demo(failing={"prefix": SEEDS}, missing=("mamba",))
    assert texts(found, comparison, "failed") == [
        "prefix diverged with seeds 41, 42 and 43: RuntimeError: loss is not finite."
    ]
    assert texts(found, comparison, "absent") == ["Without a result, and so not compared: prefix and mamba."]
    assert not texts(*demo(), "absent")


def test_runs_that_cannot_be_used_are_not_called_missing():
    found, comparison = demo(failing={"prefix": (43,)})
    rows = [dataclasses.replace(row, failures=(), unusable=(43,)) if row.failures else row for row in found.rows]
    missing = texts(dataclasses.replace(found, rows=tuple(rows)), comparison, "missing")
    assert missing[0] == (
        "prefix finished with seed 43, but what it left there cannot be used; the reasons stand with what was left out."
    )
    assert missing[1].startswith("prefix is compared by what it finished, seeds 41 and 42,")
    assert len(missing) == 2


def test_a_diverged_run_and_one_without_a_reason():
    error = Failure(type="Diverged", message="loss is nan", where="train", kind="diverged")
    runs = (
        sample.failed("full", 41).model_copy(update={"status": "diverged", "error": error}),
        sample.failed("full", 42).model_copy(update={"error": None}),
    )
    found = Collection(sample.experiment(), (Row("full", "full", (), runs),), (), {}, ())
    comparison = compare([], metric="accuracy", reference="full", alpha=0.05, margin=0.01)
    assert texts(found, comparison) == [
        "full diverged with seed 41: Diverged: loss is nan.",
        "full failed with seed 42, for a reason that was not recorded.",
    ]


def test_a_missing_reference_is_said():
    found, comparison = demo(missing=("full",))
    assert "full, the method the others were to be held against, has no finished run." in texts(found, comparison)
    assert not texts(found, comparison, "reference", "cost")


def test_nothing_run_yet():
    comparison = compare([], metric="accuracy", reference="full", alpha=0.05, margin=0.01)
    *most, last = sample.FACTS
    assert texts(sample.empty(), comparison) == [f"Not run with seeds 41, 42 and 43: {', '.join(most)} and {last}."]


def test_what_is_still_to_come_is_said_first_and_once():
    found, comparison = demo()
    rows = tuple(dataclasses.replace(row, records=row.records[:1], missing=SEEDS[1:]) for row in found.rows)
    said = [*draw_conclusions(dataclasses.replace(found, rows=rows), comparison)]
    assert said[0].kind == "interim"
    done, total = len(rows), 3 * len(rows)
    assert said[0].text.startswith(
        f"Not all runs are in: {done} of {total} runs. Everything here is about what is in, and"
    )
    assert len([one for one in said if one.kind == "missing"]) == 1
    assert not texts(found, comparison, "interim")


def test_incomparable_methods_are_said_to_be():
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 2, 50)
    made = [
        Contender(name, SEEDS, np.arange(50), gold, rng.integers(0, 2, (3, 50)), comparability=name)
        for name in ("full", "m1")
    ]
    for reference, says in (("full", "m1 is not compared with full: the two did not see the same texts"),
                            ("gone", "is not compared with")):  # fmt: skip
        comparison = compare(made, metric="accuracy", reference=reference, alpha=0.05, margin=0.01, resamples=0)
        (text,) = texts(bare(comparison), comparison, "reference")
        assert says in text


def test_what_was_left_out_is_said_with_its_reason():
    found, comparison = demo()
    left = texts(found, comparison, "left_out")
    assert "Run beside the declared comparison, and not part of any verdict: lora (seed 7)." in left
    assert "Left out: full-s41-00000000, made under other settings: learning_rate: 0.0001 is now 5e-05." in left


def test_collapse_to_one_class_is_a_warning():
    found, comparison = demo()
    quality = sample.record("majority").test
    found = replaced(found, "full", test=quality)
    assert any(
        text.startswith(
            "full gave all test texts one class (negative) with seeds 41, 42 and 43, in 3 of 3 runs: training"
        )
        for text in texts(found, comparison, "warning")
    )


def test_a_method_no_better_than_the_majority_is_a_warning():
    rng = np.random.default_rng(0)
    found = whole()
    gold = sample.gold()
    made = [
        Contender("majority", (41,), np.arange(2000), gold, np.zeros((1, 2000), dtype=int), False, True),
        Contender("full", SEEDS, np.arange(2000), gold, rng.integers(0, 2, (3, 2000))),
    ]
    comparison = compare(made, metric="accuracy", reference="full", alpha=0.05, margin=0.01, resamples=0)
    warned = [text for text in texts(found, comparison, "unmet") if "most frequent" in text]
    assert warned[0].startswith(
        "full is not shown to be better than the most frequent class for every text (majority): "
    )
    assert "95 % interval" in warned[0]


def test_trained_from_scratch_is_a_warning():
    found, comparison = demo()
    assert any("mamba: trained from random weights" in text for text in texts(found, comparison, "warning"))
    alone, comparison = demo(missing=("full", "lora", "prefix", "linear_probe"))
    assert any(text.endswith("Nothing here is about pretrained models.") for text in texts(alone, comparison))


def test_an_unstable_method_is_a_warning():
    stable, wild = [(0.85, 0.851, 0.849)] * 4, (0.6, 0.85, 0.9)
    summaries = [
        SimpleNamespace(name=f"m{k}", trained=True, by_seed=values, seed_sd=float(np.std(values, ddof=1)))
        for k, values in enumerate([*stable, wild])
    ]
    from bakeoff.report.claims.training import unstable

    (found,) = unstable(SimpleNamespace(methods=summaries, metric="accuracy"), {one.name: () for one in summaries})
    text = plain(said(found, locale("en")).text)
    assert text.startswith("m4 varies far more between seeds than the others do. Its accuracy has")
    assert text.endswith("count that noise, of which 3 seeds tell little.")
    assert not list(unstable(SimpleNamespace(methods=summaries[:-1], metric="accuracy"), {}))


def test_costs_have_both_raw_values_and_saving_needs_ranges_apart():
    found, comparison = demo()
    lora = next(text for text in texts(found, comparison, "cost") if text.startswith("lora"))
    assert lora.startswith(
        "lora trained 148 k parameters, 0.65 % of the 22.7 M that full trained. The data do not separate their mean "
        "accuracy (0.868 over 3 runs against 0.870 over 3 runs; after correction for 7 comparisons)."
    )
    assert "It saves time: training took 89-95 s against 2.0-2.2 min, about 27 % less (95 % interval 19-34 %)." in lora
    assert (
        "the peak in training was 866-920 MiB against 1,273-1,351 MiB, about 32 % less (95 % interval 24-39 %)." in lora
    )
    *_, alone = texts(found, comparison, "cost")
    assert alone == (
        "Each of 8 intervals of times and memory holds by itself, at 95 %. They are not corrected for their number."
    )
    assert "predict" not in lora  # both took as long, which the table of runs shows
    quick = sample.cost("lora", 41).model_copy(
        update={
            name: getattr(sample.cost("lora", 41), name) / 2 for name in ("inference_ms_per_item", "inference_cpu_s")
        }
    )
    fast = next(text for text in texts(replaced(found, "lora", cost=quick), comparison, "cost") if text[:4] == "lora")
    assert "It predicts faster: a test text took 1.3 ms against 2.5-2.7 ms, about 48 % less (95 % interval " in fast
    assert "A run together with the search for its settings took 7.7 min with lora (4 trials) and 2.1 min with" in lora
    unknown = dataclasses.replace(found, sweeps={"lora": found.sweeps["lora"][:3]})
    lora = next(text for text in texts(unknown, comparison, "cost") if text.startswith("lora"))
    assert "These times leave out the search for the settings: 4 trials with lora, 0 trials with full." in lora
    near = replaced(found, "lora", cost=sample.cost("full", 42))
    lora = next(text for text in texts(near, comparison, "cost") if text.startswith("lora"))
    assert "the ranges overlap" in lora
    assert "saves" not in lora


def test_costs_against_a_reference_without_parameters_name_both():
    found, comparison = demo()
    asked = found.experiment.compare.model_copy(update={"reference": "untrained"})
    found = dataclasses.replace(found, experiment=found.experiment.model_copy(update={"compare": asked}))
    begins = {0: "lora trained 148 k parameters, untrained none. ", None: "What follows holds lora against untrained. "}
    for trainable, beginning in begins.items():
        changes = {"params_trainable": trainable, "peak_rss_train_bytes": 10 * sample.MIB}
        known = replaced(found, "untrained", cost=sample.cost("untrained", 41).model_copy(update=changes))
        lora = next(text for text in texts(known, comparison, "cost") if "lora" in text)
        assert lora.startswith(f"{beginning}It takes more memory: the peak in training was 866-920 MiB against 10 MiB")
        hold(known, comparison)


def test_costs_of_single_runs_and_of_other_machines():
    found, comparison = demo(seeds=(41,))
    assert all("too few runs" in text for text in texts(found, comparison, "cost"))
    found, comparison = demo()
    elsewhere = replaced(found, "lora", environment={"device": "cuda", "device_name": "H100"})
    lora = next(text for text in texts(elsewhere, comparison, "cost") if text.startswith("lora"))
    assert "Time and memory of lora and full were not measured under the same conditions and are not compared: " in lora
    assert "device cuda against cpu; accelerator H100 against none" in lora
    assert "saves" not in lora


def got(share, name="lora"):
    """The costs of a run that got this share of the processor time of its two threads."""
    cost = sample.cost(name, 41)
    return cost.model_copy(update={"train_cpu_s": None if share is None else share * 2 * cost.train_s})


@pytest.mark.parametrize(
    ("share", "why"),
    [
        (0.55, "training got 55 % of its processor time against 93 %."),
        (None, "how much processor time training got was not recorded."),
    ],
)
def test_times_with_other_shares_of_the_processor_are_left_out_and_memory_is_not(share, why):
    found, comparison = demo()
    busy = replaced(found, "lora", cost=got(share))
    lora = next(text for text in texts(busy, comparison, "cost") if text.startswith("lora"))
    assert f"The times of lora and full are not compared: {why}" in lora
    assert "saves time" not in lora
    assert "It saves memory" in lora


def test_times_are_left_out_where_all_got_little():
    found, comparison = demo()
    busy = replaced(replaced(found, "lora", cost=got(0.4)), "full", cost=got(0.41, "full"))
    lora = next(text for text in texts(busy, comparison, "cost") if text.startswith("lora"))
    assert "training got only 40 % of its processor time against 41 %. How long it waited" in lora
    assert "saves time" not in lora


@pytest.mark.parametrize(
    ("gap", "said"), [(0.001, "too near"), (0.09, "too near"), (0.12, "too few runs"), (0.2, "saves memory")]
)
def test_ranges_that_barely_part_say_nothing(gap, said):
    """Two runs of one computation differed by 4 % of memory."""
    found, comparison = demo()
    most = max(run.cost.peak_rss_train_bytes for row in found.rows if row.name == "full" for run in row.records)
    least = min(run.cost.peak_rss_train_bytes for row in found.rows if row.name == "full" for run in row.records)
    cost = sample.cost("lora", 41).model_copy(update={"peak_rss_train_bytes": int((1 - gap) * least)})
    lora = next(text for text in texts(replaced(found, "lora", cost=cost), comparison, "cost") if text[:4] == "lora")
    assert said in lora
    dear = cost.model_copy(update={"peak_rss_train_bytes": int((1 + gap) * most) + 1})
    lora = next(text for text in texts(replaced(found, "lora", cost=dear), comparison, "cost") if text[:4] == "lora")
    assert said.replace("saves", "takes more") in lora


def test_a_share_of_the_quality_needs_a_difference_that_the_test_sees():
    comparison = scripted(0.85, 0.75)
    text, *_ = texts(cheaper(comparison), comparison, "cost")
    own, theirs = comparison.method("m1").mean, comparison.method("full").mean
    assert text.startswith(
        f"m1 reached about {int(100 * own / theirs)} % of the mean accuracy of full ({own:.3f} over 3 runs against "
        f"{theirs:.3f} over 3 runs). It trained 148 k parameters, 0.65 % of 22.7 M."
    )
    comparison = scripted(0.85, 0.85)
    text, *_ = texts(cheaper(comparison), comparison, "cost")
    assert text.startswith("m1 is equivalent to full in mean accuracy, within 1.0 pp (")
    comparison = scripted(0.85, 0.855, jitter=0.3)
    text, *_ = texts(cheaper(comparison), comparison, "cost")
    assert ". The data do not separate their mean accuracy (" in text
    assert "reached" not in text


def test_no_share_of_the_quality_across_base_models_or_from_a_single_seed():
    comparison = scripted(0.85, 0.75)
    apart = cheaper(comparison, inputs=sample.inputs("mamba", ("negative", "positive")))
    text, *_ = texts(apart, comparison, "cost")
    assert text.startswith("m1 trained 148 k parameters, 0.65 % of the 22.7 M that full trained. ")
    comparison = scripted(0.85, 0.75, seeds=(41,))
    text, *_ = texts(cheaper(comparison), comparison, "cost")
    assert "reached" not in text


def test_a_share_of_the_quality_stands_beside_what_the_majority_has():
    found, comparison = demo()
    probe = next(text for text in texts(found, comparison, "cost") if text.startswith("linear_probe"))
    assert probe.startswith(
        "linear_probe gained about 81 % of what full gained over majority, which learns nothing, "
        "in mean accuracy (0.801 over 3 runs and 0.870 over 3 runs against 0.500). It trained 770 parameters"
    )
    sides = {"full", "majority"}
    level = [
        dataclasses.replace(pair, verdict=Verdict.NOT_SETTLED) if {pair.first, pair.second} == sides else pair
        for pair in comparison.pairs
    ]
    level = dataclasses.replace(comparison, pairs=tuple(level))
    probe = next(text for text in texts(found, level, "cost") if text.startswith("linear_probe"))
    assert probe.startswith("linear_probe trained 770 parameters, 0.0034 % of the 22.7 M that full")


def test_epochs_that_differ_are_said_beside_the_time():
    found, comparison = demo()
    probe = next(text for text in texts(found, comparison, "cost") if text.startswith("linear_probe"))
    assert "5 epochs with linear_probe, 3 epochs with full." in probe


def test_sweeps_are_chosen_on_validation():
    found, comparison = demo()
    (text,) = texts(found, comparison, "sweep")
    chosen = sample.sweep()
    assert text.startswith(
        f"For lora, rank {chosen.chosen['rank']} was chosen by accuracy on the validation items, the best of 4 trials ("
    )
    edge = chosen.model_copy(update={"at_edge": ("rank",)})
    (text,) = texts(replaced(found, "lora", sweep=edge), comparison, "sweep")
    assert text.endswith("lies at the end of what was tried; better values may lie beyond.")
    two = edge.model_copy(update={"grid": {"rank": (2, 4)}})
    (text,) = texts(replaced(found, "lora", sweep=two), comparison, "sweep")
    assert text.endswith("every compared seed. Of rank, only two values were tried.")


def test_a_rank_that_was_swept_alone_changed_the_scale_of_the_updates_too():
    found, comparison = demo()
    said = "All trials had alpha 32. It and the rank together scale what lora adds to the weights, so the trials differ"
    with_alpha = {**next(row for row in found.rows if row.name == "lora").any.params, "alpha": 32}
    told = replaced(found, "lora", params=with_alpha)
    (text,) = texts(told, comparison, "sweep")
    assert text.endswith(f"{said} in that scale, too.")
    hold(told, comparison)
    both = sample.sweep().model_copy(update={"grid": {"rank": (2, 4, 8), "alpha": (16, 32)}})
    for other in (replaced(found, "lora", params=with_alpha, sweep=both), found):
        assert said not in " ".join(texts(other, comparison, "sweep"))


def test_what_more_data_would_settle_is_the_nearer_of_the_two_and_within_reach():
    def plan(estimate, seeds, items, *, of=SEEDS):
        comparison = scripted(0.85, 0.855, jitter=0.3, seeds=of)
        changed = [
            dataclasses.replace(
                pair, difference=dataclasses.replace(pair.difference, estimate=estimate), needed=Needed(seeds, items)
            )
            for pair in comparison.against_reference
        ]
        comparison = dataclasses.replace(comparison, against_reference=tuple(changed))
        hold(bare(comparison), comparison)
        return texts(bare(comparison), comparison, "unsettled")[0].removeprefix("m1 against full: ")

    chance = "(if the gap stays, with a chance of 80 % after correction for 1 comparison)"
    assert plan(0.127, 9, None) == (
        f"about 9 seeds would settle which is better {chance}. More test items alone would not."
    )
    assert plan(0.005, 9, 40_001) == (
        f"about 9 seeds would settle which is better or that they are equivalent {chance}. By test "
        "items alone it would take far more than the 2,000 test items at hand."
    )
    assert plan(0.127, 61, 40_000) == (
        f"about 40,000 test items would settle which is better {chance}. By seeds alone it would "
        "take far more than the 3 seeds at hand."
    )
    assert (
        plan(0.127, 61, None)
        == plan(0.127, None, 40_001)
        == f"to settle which is better takes far more seeds, test items or both {chance}."
    )
    neither = "neither seeds nor test items alone would settle which is better (if the gap stays, after"
    assert plan(0.127, None, None).startswith(neither)
    assert plan(0.127, None, 40_001, of=(41,)) == (
        f"to settle which of these models is better takes far more than 2,000 test items {chance}. "
        "What is true of the methods takes more seeds."
    )


def test_open_pairs_of_trained_neighbours_in_mean_are_unsettled_too():
    comparison = scripted(0.75, 0.95, 0.855, 0.85, 0.6, jitter=0.3)
    pairs = [
        dataclasses.replace(pair, verdict=Verdict.NOT_SETTLED, needed=Needed(9, None)) for pair in comparison.pairs
    ]
    comparison = dataclasses.replace(comparison, pairs=tuple(pairs))
    told = " ".join(texts(bare(comparison), comparison, "unsettled"))
    assert "m2 against m3: " in told
    assert "m2 against m4: " not in told
    lower = dataclasses.replace(comparison, metric="mean_absolute_error")
    runs = {one.name: () for one in comparison.methods}
    pairs = {tuple(one.sentences[0].slots[part].value for part in "ab") for one in unsettled(lower, runs)}
    assert {("m2", "m3"), ("m2", "m4"), ("m3", "m4")} <= pairs, "the best has the lowest mean"


def test_a_plan_for_a_method_above_a_baseline_is_told_where_there_is_one():
    comparison = scripted(0.75, 0.95, 0.9, 0.7, 0.72, jitter=0.3)
    plans = {("m2", "m3"): Needed(5, None), ("m2", "m4"): Needed(500, None)}
    pairs = tuple(dataclasses.replace(pair, needed=plans.get((pair.first, pair.second))) for pair in comparison.pairs)
    comparison = dataclasses.replace(comparison, pairs=pairs, against_reference=())

    runs = {one.name: () for one in comparison.methods}

    def told(**yardsticks):
        every = [one.sentences[0].slots for one in unsettled(comparison, runs, **yardsticks)]
        return [(slots["a"].value, slots["b"].value, slots["more_seeds"].value) for slots in every]

    assert told(yardsticks={"m3", "m4"}) == [("m2", "m3", 5)]
    assert told() == []


def test_a_settled_baseline_is_no_doubt():
    found, comparison = demo()
    worse = "mamba was worse than the baseline tfidf: "
    assert any(text.startswith(worse) for text in texts(found, comparison, "baseline"))
    assert not any(text.startswith(worse) for text in texts(found, comparison, "warning"))


def test_texts_in_two_splits_are_a_warning():
    found, comparison = demo()
    assert any(
        text.startswith("Test texts that also stand among the training texts: 4 of 2,000.")
        for text in texts(found, comparison, "warning")
    )


def test_groups_in_two_splits_are_a_warning_where_groups_were_to_be_kept_together():
    found, comparison = demo()
    first, *rest = found.rows
    shared = {"train/validation": 0, "train/test": 23, "validation/test": 0}
    inputs = first.any.inputs
    splits = {**inputs.splits, "test": inputs.splits["test"].model_copy(update={"groups": 25})}
    inputs = inputs.model_copy(update={"shared_groups": shared, "splits": splits})
    records = tuple(record.model_copy(update={"inputs": inputs}) for record in first.records)
    told = dataclasses.replace(found, rows=(dataclasses.replace(first, records=records), *rest))
    begins = "Values of film that stand among the test texts and among the training texts: 23 of the 25 in the test."
    assert not any(text.startswith(begins) for text in texts(told, comparison, "warning"))
    data = found.experiment.data.model_copy(update={"split": Split(group="film")})
    told = dataclasses.replace(told, experiment=found.experiment.model_copy(update={"data": data}))
    assert sum(text.startswith(begins) for text in texts(told, comparison, "warning")) == 1
    assert texts(told, comparison, "groups") == [
        "The 2,000 test texts come from 25 values of film. Texts of one value may resemble each other, yet the "
        "intervals count each text by itself. They may be too narrow for other values of film."
    ]
    assert not texts(found, comparison, "groups")
    hold(told, comparison)
    said = (
        "The 2,000 test texts come from 25 values of film. Texts of one value may resemble each other, so tests and "
        "intervals count whole values rather than texts. A plan for more test texts means more values of film, with as "
        "many texts each."
    )
    uneven = " They do not count alike in accuracy: they say about as much as 12 values of equal weight would."
    for effective, more in ((24.0, ""), (11.7, uneven)):
        methods = tuple(dataclasses.replace(one, groups=effective) for one in comparison.methods)
        together = dataclasses.replace(comparison, methods=methods)
        assert texts(told, together, "groups") == [said + more]
        hold(told, together)


# Properties ------------------------------------------------------------------------------------------------------


@settings(max_examples=15)
@given(
    st.dictionaries(st.sampled_from(sorted(sample.FACTS)), st.sets(st.sampled_from(SEEDS), min_size=1), max_size=4),
    st.sets(st.sampled_from(sorted(sample.FACTS)), max_size=4),
    st.sampled_from([(41,), (41, 42), SEEDS]),
)
def test_the_prose_holds_on_any_records(failing, missing, seeds):
    found, comparison = demo(seeds=seeds, failing={k: tuple(v) for k, v in failing.items()}, missing=tuple(missing))
    limits = Constraints(train_minutes=1.5, peak_memory_gb=1, trainable_share=0.01, artifact_mb=5, inference_ms=2.6)
    experiment = found.experiment.model_copy(update={"constraints": limits})
    hold(dataclasses.replace(found, experiment=experiment), comparison)


@settings(max_examples=40)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
    st.sampled_from([(41,), (41, 42), SEEDS, (1, 2, 3, 4, 5)]),
    st.integers(2, 120),
    st.sampled_from([0.0, 0.01, 0.5]),
    st.sampled_from(["accuracy", "macro_f1"]),
)
def test_the_prose_holds_on_any_verdicts(accuracies, seeds, n, jitter, metric):
    comparison = scripted(*accuracies, seeds=seeds, n=n, jitter=jitter, metric=metric)
    hold(bare(comparison), comparison)


def test_excluded_reasons_are_quoted_literally():
    found, comparison = demo()
    odd = Collection(found.experiment, found.rows, (), {}, (Excluded("x-s1-0", "a *b* [c](d) <script>"),))
    (one,) = [one for one in draw_conclusions(odd, comparison) if one.kind == "left_out"]
    assert "<script>" not in one.text
    assert plain(one.text) == "Left out: x-s1-0, a *b* [c](d) <script>."


def test_a_choice_whose_run_is_not_made_yet_is_told_without_it() -> None:
    found = dataclasses.replace(sample.collection(missing=("lora",)), choices={"lora": sample.sweep()})
    said = draw_conclusions(found, sample.comparison(found), language="en")
    assert [one for one in said if one.kind == "sweep"]
