"""A report says a declared metric right: its direction, its unit, its column."""

import dataclasses

import pyarrow as pa
import pytest

import sample
import views
from bakeoff.metrics.classification import COMPARABLE, METRICS
from bakeoff.study import study


def declared(metric, language="en"):
    found = sample.collection()
    asked = found.experiment.compare.model_copy(update={"metric": metric})
    report = found.experiment.report.model_copy(update={"language": language})
    experiment = found.experiment.model_copy(update={"compare": asked, "report": report})
    return dataclasses.replace(found, experiment=experiment)


def shown_in(metric, folder, language="en"):
    """Return a view, and the text of its conclusions."""
    shown = views.view(declared(metric, language), folder)
    return shown, " ".join(one.text for one in shown.conclusions)


def test_a_lower_log_loss_is_the_better_and_differences_have_its_sign_and_unit(tmp_path):
    shown, said = shown_in("log_loss", tmp_path)
    means = {one.name: one.mean for one in shown.comparison.methods}
    assert min(means.values()) > 0
    best = min(means, key=means.get)
    assert f"**{best}** had the lowest mean log loss" in said
    assert shown.comparison.pairs[0].first == best
    assert shown.comparison.pairs[0].difference.estimate > 0
    assert "nats" in said
    for word in ("pp in", "highest", "scored higher", "scored lower"):
        assert word not in said
    table = str(shown.summary())
    assert "log loss" in table
    assert "the lower value is the better" in shown.summary().note
    assert shown.differences() is not None


@pytest.mark.parametrize("metric", sorted(set(COMPARABLE) - {"log_loss"}))
def test_every_other_metric_has_the_best_mean_and_its_name(tmp_path, metric):
    shown, said = shown_in(metric, tmp_path)
    end = "highest" if METRICS[metric].higher_is_better else "lowest"
    assert f"had the {end} mean {METRICS[metric].label} on the test items" in said
    assert ("pp in" in said) is (METRICS[metric].unit == "pp")
    assert METRICS[metric].label in str(shown.summary())


def test_in_russian_lower_is_said_too(tmp_path):
    _, said = shown_in("log_loss", tmp_path, "ru")
    assert "Самое низкое среднее log loss" in said
    assert "нат" in said


@pytest.mark.parametrize("part", [slice(0, 1), "group"])
def test_runs_whose_test_texts_tell_nothing_of_others_are_left_out_with_the_reason(tmp_path, monkeypatch, part):
    """Runs of before these were refused; the report ended in an error for ever."""

    def read(*given, **options):
        table = real(*given, **options)
        if part == "group":
            return table.set_column(table.column_names.index("group"), "group", pa.array([1] * len(table), pa.int32()))
        return table.slice(0, 1)

    real = study.read_test
    monkeypatch.setattr(study, "read_test", read)
    shown, said = shown_in("accuracy", tmp_path)
    assert "a single test text or group, which tells nothing of others" in {
        str(one.reason) for one in shown.collection.excluded
    }
    assert said == ""
    assert "No finished run can be compared; what is left out, further down, says why." in str(shown.answer())


def test_runs_without_the_scores_a_metric_needs_are_left_out_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr("bakeoff.study.study.scores_of", lambda _: None)
    shown, _ = shown_in("auroc", tmp_path)
    assert {str(one.reason) for one in shown.collection.excluded[1:]} == {
        "predictions without the scores that AUROC needs"
    }
