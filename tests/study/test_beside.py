"""Probabilities and classes against the reference: right values, families, temperatures, what is left out."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss, log_loss, recall_score

import sample
import views
from bakeoff.metrics.calibration import probabilities
from bakeoff.report.claims.beside import calibrated, classwise
from bakeoff.report.text.locale import locale
from bakeoff.study.beside import QUALITIES_OF_CHANCES, recalls
from bakeoff.study.collect import Collection
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace

TEST, VALIDATION = 1500, 3000
CLASSES = ("sadness", "joy", "love")
FACTOR = {"full": 1.0, "lora": 3.0, "linear_probe": 1.0}


def drawn(rng, items, factor, skill):
    """Return gold and logits that are calibrated once they are divided by `factor`."""
    true = skill * rng.normal(size=(items, 3))
    p = probabilities(true)
    gold = (rng.random(items)[:, None] > p.cumsum(axis=1)).sum(axis=1)
    return gold, factor * true


def study(folder, *, validation=True, spoiled=None, certain=None) -> StudyData:
    """Write the predictions of three methods with known temperatures; return the study.

    spoiled: a method without scores; certain: one that is right everywhere, by margins in the hundreds
    """
    found = sample.collection(names=CLASSES)
    rows = tuple(row for row in found.rows if row.name in FACTOR)
    found = Collection(found.experiment, rows, (), {}, ())
    workspace = Workspace(folder)
    kept = []
    for row in rows:
        runs = []
        for run in row.records:
            seed = sum(map(ord, row.name)) + run.seed
            parts = []
            for split, items in (("test", TEST), ("validation", VALIDATION)):
                shared = np.random.default_rng(items)
                gold, logits = drawn(shared, items, FACTOR[row.name], 2.0)
                own = np.random.default_rng([seed, items]).normal(size=logits.shape)
                logits = logits + (0.01 if row.name != "linear_probe" else 1.5) * own
                if row.name == certain:
                    logits = np.eye(3)[gold] * (250 + own)
                parts.append(pd.DataFrame({
                    "split": split, "item_id": [f"{place:05d}" for place in range(items)], "gold": gold,
                    "predicted": logits.argmax(axis=1), "logits": list(logits.astype(np.float32)),
                }))  # fmt: skip
            frame = pd.concat(parts if validation else parts[:1], ignore_index=True)
            if row.name == spoiled:
                frame = frame.drop(columns="logits")
            place = workspace.run_folder(run.experiment, run.run_id)
            place.path.mkdir(parents=True)
            frame.to_parquet(place.predictions)
            test = parts[0]
            right = float((test["gold"] == test["predicted"]).mean())
            quality = run.test.model_copy(update={"metrics": {**run.test.metrics, "accuracy": right}})
            runs.append(run.model_copy(update={"test": quality}))
        kept.append(dataclasses.replace(row, records=tuple(runs)))
    return StudyData(dataclasses.replace(found, rows=tuple(kept)), workspace=workspace)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> StudyData:
    return study(tmp_path_factory.mktemp("beside"))


def kept(made, name, split="test"):
    """Read what runs kept, by hand: gold (N,) and logits of each seed."""
    (row,) = [row for row in made.collection.rows if row.name == name]
    frames = [pd.read_parquet(made.workspace.run_folder(r.experiment, r.run_id).predictions) for r in row.records]
    parts = [frame[frame["split"] == split] for frame in frames]
    return parts[0]["gold"].to_numpy(), [np.stack(part["logits"].tolist()) for part in parts]


def test_means_are_those_of_scikit_learn_and_intervals_hold_them(made):
    for one in made.calibration.methods:
        gold, logits = kept(made, one.name)
        chances = [probabilities(z) for z in logits]
        assert one.before["log_loss"].mean == pytest.approx(np.mean([log_loss(gold, p) for p in chances]))
        brier = [brier_score_loss(gold, p, labels=[0, 1, 2], scale_by_half=False) for p in chances]
        assert one.before["brier"].mean == pytest.approx(np.mean(brier))
        for metric in QUALITIES_OF_CHANCES:
            found = one.before[metric]
            assert 0 <= found.low < found.mean < found.high


def test_the_known_temperature_is_found_and_mends_what_was_too_sure(made):
    by_name = {one.name: one for one in made.calibration.methods}
    assert by_name["full"].temperatures == pytest.approx([1.0] * 3, abs=0.1)
    assert by_name["lora"].temperatures == pytest.approx([3.0] * 3, abs=0.25)
    lora = by_name["lora"]
    assert lora.before["ece"].mean > 0.1
    assert lora.after["ece"].mean < 0.05
    gold, logits = kept(made, "lora")
    scaled = [log_loss(gold, probabilities(z / t)) for z, t in zip(logits, lora.temperatures, strict=True)]
    assert lora.after["log_loss"].mean == pytest.approx(np.mean(scaled))
    assert lora.after["log_loss"].mean < lora.before["log_loss"].mean


def test_one_family_of_all_methods_in_all_metrics_but_the_declared_one(made):
    against = made.calibration.against
    assert [(one.what, one.name) for one in against] == [
        (metric, name) for metric in QUALITIES_OF_CHANCES for name in ("linear_probe", "lora")
    ]
    assert {one.comparisons for one in against} == {6}
    from statsmodels.stats.multitest import multipletests

    raw = [one.difference.p for one in against]
    assert [one.p for one in against] == pytest.approx(multipletests(raw, method="holm")[1].tolist())
    asked = made.experiment.compare.model_copy(update={"metric": "brier"})
    experiment = made.experiment.model_copy(update={"compare": asked})
    other = StudyData(dataclasses.replace(made.collection, experiment=experiment), workspace=made.workspace)
    assert {one.what for one in other.calibration.against} == {"log_loss", "ece"}


def test_what_the_tests_bear_out_is_said_with_its_direction_and_unit(made):
    runs = {row.name: tuple(run.run_id for run in row.records) for row in made.collection.rows}
    said = [
        locale("en").say(sentence) for one in calibrated(made.calibration.against, runs) for sentence in one.sentences
    ]
    (higher,) = [text for text in said if text.startswith("Higher ECE than **full**")]
    assert "**lora**" in higher
    assert "\N{NO-BREAK SPACE}pp, [+" in higher
    (nats,) = [text for text in said if text.startswith("Higher log loss than **full**")]
    assert "\N{NO-BREAK SPACE}nats, [+" in nats
    none = [dataclasses.replace(one, p=1.0) for one in made.calibration.against]
    ((only,),) = [one.sentences for one in calibrated(none, runs)]
    assert locale("en").say(only) == (
        "In log loss, Brier and ECE, no method was shown to differ from **full**, after correction for 6 comparisons."
    )
    assert not list(calibrated((), runs))


def test_a_method_that_is_right_everywhere_by_wide_margins_ends_no_report(tmp_path):
    """The squares of its distances are 0 in floating point, and nothing was left to be uncertain of."""
    found = study(tmp_path, certain="full").calibration
    (sure,) = (one for one in found.methods if one.name == "full")
    assert sure.temperatures == (), "none is best where the loss falls without end"
    for name in ("brier", "log_loss"):
        assert sure.before[name].low == 0
        assert 0 <= sure.before[name].mean < 1e-9
        assert 0 < sure.before[name].high < 0.1


def test_without_validation_scores_there_is_no_temperature_and_without_scores_no_row(tmp_path):
    found = study(tmp_path / "a", validation=False).calibration
    assert all(one.temperatures == () and one.after == {} for one in found.methods)
    found = study(tmp_path / "b", spoiled="lora").calibration
    assert [one.name for one in found.methods] == ["linear_probe", "full"]
    assert {one.name for one in found.against} == {"linear_probe"}
    found = study(tmp_path / "c", spoiled="full").calibration
    assert found.against == ()


def test_recalls_are_those_of_scikit_learn_in_one_family_of_classes_and_methods(made):
    found = made.recalls
    assert [(one.what, one.name) for one in found] == [
        (name, method) for name in ("sadness", "joy", "love") for method in ("linear_probe", "lora")
    ]
    for one in found:
        for name, value in ((one.name, one.own), ("full", one.theirs)):
            gold, logits = kept(made, name)
            wanted = [recall_score(gold, z.argmax(axis=1), average=None)[CLASSES.index(one.what)]
                      for z in logits]  # fmt: skip
            assert value == pytest.approx(np.mean(wanted))
        assert one.difference.estimate == pytest.approx(one.own - one.theirs)
        assert one.p == pytest.approx(min(1, 6 * one.difference.p))
        low, high = one.at_once
        assert one.shown == (low > 0 or high < 0)
        assert low < one.difference.low


def test_classes_are_told_only_where_the_corrected_test_tells_them_apart(made):
    runs = {row.name: tuple(run.run_id for run in row.records) for row in made.collection.rows}
    said = [locale("en").say(sentence) for one in classwise(made.recalls, runs) for sentence in one.sentences]
    (text,) = said
    assert text.startswith("Classes of which **linear\\_probe** finds fewer test texts than **full** does (recall,")
    assert "\N{NO-BREAK SPACE}pp" in text
    none = [dataclasses.replace(one, p=0.05) for one in made.recalls]
    ((only,),) = [one.sentences for one in classwise(none, runs)]
    assert locale("en").say(only) == (
        "No trained method was shown to find more or fewer test texts of any class than **full** does, after "
        "correction for 6 comparisons."
    )


def test_a_share_is_written_as_one_whatever_metric_was_declared(tmp_path):
    found = sample.collection()
    asked = found.experiment.compare.model_copy(update={"metric": "log_loss"})
    found = dataclasses.replace(found, experiment=found.experiment.model_copy(update={"compare": asked}))
    shown = views.view(found, tmp_path)
    text = " ".join(one.text for one in shown.conclusions if one.kind == "recall")
    assert "fewer test texts" in text
    assert "\N{NO-BREAK SPACE}pp, [\N{MINUS SIGN}" in text
    assert "nats" not in text
    assert "\N{MINUS SIGN}" in str(shown.runs()[1])


def test_baselines_and_a_class_of_one_text_have_no_test_and_a_lost_reference_has_no_family(made, tmp_path):
    contenders = [
        dataclasses.replace(one, gold=np.where(np.arange(TEST) == 0, 2, one.gold % 2)) for one in made.contenders
    ]
    found = recalls(made.collection, contenders, made.comparison)
    assert {one.what for one in found} == {"sadness", "joy"}
    assert {one.comparisons for one in found} == {4}
    grouped = [dataclasses.replace(one, groups=np.where(one.gold == 0, 0, np.arange(TEST))) for one in made.contenders]
    assert {one.what for one in recalls(made.collection, grouped, made.comparison)} == {"joy", "love"}
    rest = [one for one in made.contenders if one.name != "full"]
    gone = dataclasses.replace(made.comparison, reference=None)
    assert recalls(made.collection, rest, gone) == ()
    shown = views.view(sample.collection(), tmp_path)
    assert {one.name for one in shown.study.recalls} == {"linear_probe", "prefix", "lora", "mamba"}


def test_equal_methods_are_seldom_said_to_find_more_of_a_class(made):
    """Any false claim in a report of 4 classes and 3 methods, all alike but for noise; at most .05 promised."""
    rng, wrong, worlds = np.random.default_rng(8), 0, 120
    template = made.contenders[0]
    row = made.collection.reference
    for _ in range(worlds):
        items = 400
        gold, ease = rng.integers(0, 3, items), rng.normal(size=items)
        contenders = []
        for name in ("full", "lora", "linear_probe"):
            run = 0.1 * rng.normal(size=(3, 1))
            right = ease + 0.7 * rng.normal(size=(3, items)) + run < 0.9
            predicted = np.where(right, gold, (gold + 1) % 3)
            contenders.append(dataclasses.replace(
                template, name=name, seeds=row.seeds, item_ids=np.arange(items), gold=gold, predicted=predicted,
                logits=None, groups=None,
            ))  # fmt: skip
        wrong += any(one.shown for one in recalls(made.collection, contenders, made.comparison))
    assert stats.binom.sf(wrong - 1, worlds, 0.05) > 0.01
