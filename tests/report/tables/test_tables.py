"""The tables of a report: what they say, and that every number in them is that of a record."""

import csv
import dataclasses
import html.parser
import io

import numpy as np
import pytest

import sample
from bakeoff.data.schema import Data, Split
from bakeoff.report.pages.table import table_html
from bakeoff.report.tables import appendix, notes
from bakeoff.report.tables import data as datacard
from bakeoff.report.tables import runs as tables
from bakeoff.report.tables.summary import additional_table, summary_files, summary_table, terminal_table
from bakeoff.report.text.numbers import duration, fraction, interval, parameters, points, score, size
from bakeoff.stats.compare import Verdict
from bakeoff.study.collect import Row
from bakeoff.study.frames import summary_values
from bakeoff.study.sweeps import sweep_results
from columns import column


@pytest.fixture(scope="module")
def collection():
    return sample.collection(failing={"prefix": (42,)})


@pytest.fixture(scope="module")
def comparison(collection):
    return sample.comparison(collection)


def test_summary_has_every_method_the_best_first(collection, comparison) -> None:
    shown = summary_table(collection, comparison)
    names = [row[0].removesuffix(" (from scratch)") for row in shown.rows]
    assert sorted(names) == sorted(sample.FACTS)
    means = {row.name: np.mean(row.quality("accuracy")) for row in collection.rows}
    assert names == sorted(names, key=lambda name: -means[name])
    assert "mamba (from scratch)" in column(shown, "accuracy")


def test_summary_shows_the_mean_in_per_cent(collection, comparison) -> None:
    (full,) = [row for row in collection.rows if row.name == "full"]
    shown = column(summary_table(collection, comparison), "accuracy")["full"]
    assert shown == f"{100 * np.mean(full.quality('accuracy')):.1f} %"


def test_summary_has_difference_interval_and_finding(collection, comparison) -> None:
    table = summary_table(collection, comparison)
    shown, found = column(table, "difference to full, pp"), column(table, "finding")
    assert (shown["full"], found["full"]) == ("\N{EN DASH}", "reference")
    assert shown["majority"].startswith("\N{MINUS SIGN}")
    pair = next(pair for pair in comparison.against_reference if pair.first == "lora")
    assert shown["lora"] == (
        f"{points(pair.difference.estimate, unit=False)} {interval(pair.difference.low, pair.difference.high)}"
    )
    assert [found[name] for name in ("majority", "lora", "prefix")] == ["worse", "not settled", "worse, as trained"]


def test_summary_costs_are_means_of_the_records(collection, comparison) -> None:
    table = summary_table(collection, comparison)
    for row in collection.rows:
        times, peaks, speed = (
            row.cost(field) for field in ("train_s", "peak_rss_train_bytes", "inference_ms_per_item")
        )
        label = "mamba (from scratch)" if row.name == "mamba" else row.name
        search = sum(run.cost.train_s for run in collection.sweeps.get(row.method, ()))
        wanted = {
            "training": duration(np.mean(times) if times else None),
            "with search": duration(np.mean(times) + search if times else None),
            "peak memory": size(np.mean(peaks) if peaks else None),
            "a text": duration(np.mean(speed) / 1000 if speed else None),
        }
        assert {name: column(table, name)[label] for name in wanted} == {
            name: text.replace("\xa0", " ") for name, text in wanted.items()
        }
    assert column(table, "parameters")["full"] == "22.7 M"
    assert column(table, "parameters")["lora"] == "148 k"
    alone = dataclasses.replace(collection, sweeps={})
    assert "with search" not in summary_table(alone, comparison).header


def test_summary_marks_baselines_and_what_is_level_with_the_best(collection, comparison) -> None:
    table = summary_table(collection, comparison)
    kinds = dict(zip([row[0] for row in table.rows], table.looks.rows, strict=True))
    assert (kinds["full"], kinds["lora"], kinds["majority"], kinds["linear_probe"]) == (
        "level",
        "level",
        "baseline",
        "",
    )


def test_summary_draws_intervals_on_the_axis_of_the_trained_methods(collection, comparison) -> None:
    table = summary_table(collection, comparison)
    drawn = table.looks.pictures["difference to full, pp"]
    names = [row[0] for row in table.rows]
    trained = [
        pair.difference
        for pair in comparison.against_reference
        if pair.difference and next(row for row in collection.rows if row.name == pair.first).any.role != "baseline"
    ]
    assert drawn.axis == (min(one.low for one in trained), max(comparison.margin, *(one.high for one in trained)))
    pair = next(pair for pair in comparison.against_reference if pair.first == "lora")
    assert drawn.ends[names.index("lora")] == (pair.difference.low, pair.difference.estimate, pair.difference.high)
    assert drawn.held == {names.index("full")}
    assert "arrow" not in drawn.html(names.index("lora"))
    assert "arrow" in dataclasses.replace(drawn, axis=(-0.001, 0.001)).html(names.index("majority"))


def test_limits_know_what_each_row_takes_and_steps_are_values_of_the_table(collection, comparison) -> None:
    table = summary_table(collection, comparison)
    told = table.looks.script
    assert [limit["name"] for limit in told["limits"]] == ["with search", "peak memory", "saved", "a text"]
    assert told["names"] == [row[0].removesuffix(" (from scratch)") for row in table.rows]
    for limit in told["limits"]:
        cells = {row[0]: row[table.header.index(limit["name"])] for row in table.rows}.values()
        texts = {text for _, text in limit["steps"]}
        assert texts == {cell for cell, value in zip(cells, limit["values"], strict=True) if value is not None}


def test_summary_counts_runs_and_failures(collection, comparison) -> None:
    shown = column(summary_table(collection, comparison), "runs")
    assert shown["prefix"] == "2 of 3\n1 diverged"
    assert "runs" not in summary_table(sample.collection(), sample.comparison(sample.collection())).header
    assert shown["full"] == "3"
    assert shown["majority"] == "1"


def test_ranks_and_groups_are_in_the_csv_and_follow_the_verdicts(collection, comparison) -> None:
    values = summary_values(collection, comparison).set_index("method")
    ranks = {name: (values.rank_best[name], values.rank_worst[name]) for name in ("full", "lora", "tfidf")}
    assert ranks == {"full": (1, 2), "lora": (1, 2), "tfidf": (5, 5)}
    pairs = tuple(
        dataclasses.replace(pair, verdict=Verdict.NOT_SETTLED)
        if {pair.first, pair.second} in ({"full", "prefix"}, {"lora", "linear_probe"}, {"lora", "prefix"})
        else pair
        for pair in comparison.pairs
    )
    shown = summary_values(collection, dataclasses.replace(comparison, pairs=pairs)).set_index("method")["group"]
    assert (shown["full"], shown["lora"], shown["prefix"]) == ("a", "a b", "a b")
    assert shown["linear_probe"] == "b", "told from tfidf, as the family of baselines has it"


def test_summary_names_base_models_where_there_are_several(collection, comparison) -> None:
    assert (
        "Base models: bundled:minilm-l6, weights pretrained (untrained, linear_probe, full, prefix, lora); "
        "bundled:mamba2-small, weights random (mamba)."
    ) in summary_table(collection, comparison).note
    one = dataclasses.replace(collection, rows=tuple(row for row in collection.rows if row.name != "mamba"))
    assert "Base models" not in summary_table(one, comparison).note


def test_summary_says_one_class_beside_a_collapsed_method(collection, comparison) -> None:
    quality = sample.record("majority").test
    rows = [
        dataclasses.replace(row, records=tuple(run.model_copy(update={"test": quality}) for run in row.records))
        if row.name == "lora"
        else row
        for row in collection.rows
    ]
    table = summary_table(dataclasses.replace(collection, rows=tuple(rows)), comparison)
    shown = column(table, "accuracy")
    assert shown["lora"].endswith("\none class")
    assert "one class" not in shown["majority"]
    assert "One class: a trained method" in table.note
    assert "One class" not in summary_table(collection, comparison).note


def test_summary_says_where_time_and_memory_come_from_several_machines(collection, comparison) -> None:
    said = "not all measured under the same conditions"
    assert said not in summary_table(collection, comparison).note
    rows = [
        dataclasses.replace(
            row, records=tuple(run.model_copy(update={"environment": {"threads": 8}}) for run in row.records)
        )
        if row.name == "lora"
        else row
        for row in collection.rows
    ]
    assert said in summary_table(dataclasses.replace(collection, rows=tuple(rows)), comparison).note


def test_every_metric_is_listed_with_its_direction(collection) -> None:
    table = tables.quality_table(collection)
    assert table.header[1:] == [
        "accuracy (higher)", "macro-F1 (higher)", "weighted F1 (higher)", "MCC (higher)", "AUROC (higher)",
        "average precision (higher)", "log loss (lower)", "Brier (lower)", "ECE (lower)",
    ]  # fmt: skip
    full = next(row for row in collection.rows if row.name == "full")
    assert column(table, "log loss (lower)")["full"] == fraction(np.mean(full.quality("log_loss")))
    assert tables.quality_table(sample.empty()) is None


def test_summary_links_to_the_run_a_section_shows(collection, comparison) -> None:
    table = summary_table(collection, comparison)
    assert table.links["full"] == next(row for row in collection.rows if row.name == "full").any.run_id


def test_a_method_without_a_result_is_a_row_of_dashes() -> None:
    found = sample.collection(failing={"lora": (41, 42, 43)}, missing=("mamba",))
    table = summary_table(found, sample.comparison(found))
    assert column(table, "accuracy")["lora"] == "\N{EN DASH}\ndiverged"
    assert column(table, "accuracy")["mamba"] == "\N{EN DASH}"
    assert column(table, "training")["lora"] == "\N{EN DASH}"
    assert column(table, "runs")["lora"] == "0 of 3\n3 diverged"
    assert table.numeric[table.header.index("accuracy")]
    assert "Without a result so far: mamba." in str(table.note)


def test_nothing_run_yet_is_all_dashes() -> None:
    found = sample.empty()
    table = summary_table(found, sample.comparison(found))
    assert {cell for row in table.rows for cell in row[1:]} == {"\N{EN DASH}", "0 of 3"}


def test_without_the_reference_there_is_no_difference() -> None:
    found = sample.collection(missing=("full",))
    table = summary_table(found, sample.comparison(found))
    assert set(column(table, "difference to full, pp").values()) == {"\N{EN DASH}"}
    assert "Edge" not in table.note


def test_additional_runs_stand_apart(collection, comparison) -> None:
    table = additional_table(collection)
    assert [row[0] for row in table.rows] == ["lora (seed 7)"]
    assert "take no part in the comparison" in table.caption
    assert "seed 7" not in str(summary_table(collection, comparison))
    assert additional_table(dataclasses.replace(collection, additional=())) is None


def test_csv_has_full_precision_and_units(collection, comparison) -> None:
    rows = list(csv.DictReader(io.StringIO(summary_files(collection, comparison)["summary.csv"])))
    assert [row["method"] for row in rows] == list(sample.FACTS)
    full = next(row for row in collection.rows if row.name == "full")
    told = next(row for row in rows if row["method"] == "full")
    assert float(told["accuracy_test_mean"]) == pytest.approx(np.mean(full.quality("accuracy")), rel=1e-15)
    assert float(told["train_s_max"]) == max(full.cost("train_s"))
    assert told["difference_to_reference_pp"] == ""
    lora = next(row for row in rows if row["method"] == "lora")
    pair = next(pair for pair in comparison.against_reference if pair.first == "lora")
    assert float(lora["difference_to_reference_pp"]) == 100 * pair.difference.estimate
    assert (lora["verdict"], lora["better"]) == ("not settled", "")
    assert float(lora["difference_half_width_pp"]) == 100 * pair.difference.half_width
    assert float(lora["detectable_gap_pp"]) == 100 * pair.difference.detectable(comparisons=pair.comparisons)
    own = comparison.method("lora")
    assert (float(lora["seed_sd_pp"]), float(lora["item_se_pp"])) == (100 * own.seed_sd, 100 * own.item_se)
    assert (lora["group"], lora["compared_by"]) == ("a", "accuracy")
    assert next(row for row in rows if row["method"] == "tfidf")["seed_sd_pp"] == ""


def test_other_forms_hold_the_same_rows(collection, comparison) -> None:
    files = summary_files(collection, comparison)
    assert {*files} == {*(f"summary.{end}" for end in ("csv", "md", "tex", "txt")), "pairs.csv"}
    assert files["summary.md"].count("\n| ") == 2 + len(sample.FACTS)
    assert files["summary.tex"].count(r"\\") == 1 + len(sample.FACTS)
    assert all(len(line) <= 120 for line in files["summary.txt"].splitlines())
    assert "not settled" in str(terminal_table(collection, comparison))


def test_failures_name_reason_and_step(collection) -> None:
    (row,) = tables.failures_table(collection).rows
    assert row[:5] == ("prefix", "42", "diverged", "RuntimeError: loss is not finite", "train")
    assert tables.failures_table(sample.collection()) is None


def test_every_run_is_listed_with_its_id(collection) -> None:
    table = tables.runs_table(collection)
    told = [run.run_id for row in collection.rows for run in row.records]
    trials = [run.run_id for run in collection.sweeps["lora"]]
    by_hand = [run.run_id for row in collection.additional for run in row.records]
    assert [row[-1] for row in table.rows] == [*told, *trials, *by_hand]
    assert tables.runs_table(sample.empty()) is None


def test_classes_are_means_over_seeds(collection) -> None:
    full = next(row for row in collection.rows if row.name == "full")
    wanted = np.mean([run.test.per_class["positive"]["recall"] for run in full.records])
    rows = tables.classes_table(collection).rows
    place = next(n for n, row in enumerate(rows) if row[0] == "full") + 1
    assert rows[place][1] == "positive"
    assert rows[place][3] == fraction(wanted)


def test_precision_of_a_class_nobody_predicted_is_a_dash_and_seeds_are_counted_together() -> None:
    row = sample.row("full")
    right, none = ((900, 100), (200, 800)), ((1000, 0), (1000, 0))
    tests = [row.any.test.model_copy(update={"confusion": each}) for each in (right, none, none)]
    found = dataclasses.replace(sample.collection(), additional=(), sweeps={})

    def shown(*held) -> tuple[str, ...]:
        runs = tuple(run.model_copy(update={"test": test}) for run, test in zip(row.records, held, strict=False))
        one = dataclasses.replace(row, records=runs)
        return tables.classes_table(dataclasses.replace(found, rows=(one,))).rows[1][2:]

    assert shown(*tests) == (fraction(800 / 900), fraction(800 / 3000), fraction(1600 / 3900), "1,000")
    assert shown(*tests[1:]) == ("\N{EN DASH}", "0.000", "0.000", "1,000")


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_every_run_has_the_declared_metric_on_validation(collection, metric) -> None:
    compare = collection.experiment.compare.model_copy(update={"metric": metric})
    experiment = collection.experiment.model_copy(update={"compare": compare})
    table = tables.runs_table(dataclasses.replace(collection, experiment=experiment))
    spoken = {"accuracy": "accuracy", "macro_f1": "macro-F1"}
    assert [name for name in table.header if "validation" in name] == [f"{spoken[metric]} on validation"]
    assert [name for name in table.header if "on test" in name] == ["accuracy on test", "macro-F1 on test"]


def test_metrics_that_old_records_lack_are_a_dash(collection) -> None:
    def old(run):
        known = {name: value for name, value in run.test.metrics.items() if name != "auroc"}
        return run.model_copy(update={"test": run.test.model_copy(update={"metrics": known})})

    rows = tuple(
        dataclasses.replace(row, records=tuple(map(old, row.records))) if row.name == "full" else row
        for row in collection.rows
    )
    shown = column(tables.quality_table(dataclasses.replace(collection, rows=rows)), "AUROC (higher)")
    assert shown["full"] == "\N{EN DASH}"
    assert shown["majority"] == "0.500"


def test_sweep_marks_the_choice_and_says_what_was_not_consulted(collection) -> None:
    (sweep,) = sweep_results(collection)
    table = tables.sweep_table(sweep)
    assert [row[0] for row in table.rows if row[2] == "chosen"] == [sweep.chosen]
    assert "the test texts were not consulted" in table.note
    assert "may lie beyond" not in table.note
    edge = dataclasses.replace(sweep, at_edge=("rank",))
    assert "a better one may lie beyond" in tables.sweep_table(edge).note
    two = tables.sweep_table(dataclasses.replace(sweep, of_two=("rank",))).note
    assert "Of rank, only two values were tried." in two
    assert "may lie beyond" not in two


def test_a_failed_trial_is_a_dash(collection) -> None:
    (sweep,) = sweep_results(collection)
    gone = dataclasses.replace(sweep, scores={**sweep.scores, "16": None}, chosen=None)
    table = tables.sweep_table(gone)
    assert table.rows[-1][1:3] == ("\N{EN DASH}", "failed")
    assert "Nothing has been chosen yet" in table.note


def test_data_card_counts_classes_and_says_where_texts_come_from(collection) -> None:
    splits = datacard.splits_table(collection)
    assert column(splits, "train")["of class negative"] == "1,000 (50 %)"
    assert column(splits, "test")["duplicates"] == "1"
    origin = column(datacard.origin_table(collection), "value")
    assert origin["source"] == "bundled:icwsm2014/movies"
    assert origin["licence"].startswith("MIT licence")
    assert origin["texts of test also in train"] == "4"
    assert origin["rows left out by that"] == "1,786"
    assert len(origin["SHA-256 of the files"]) == 64
    assert datacard.splits_table(sample.empty()) is None


def test_data_card_tells_own_splits_from_drawn_ones(collection) -> None:
    run = collection.rows[0].records[0]
    origins = {"train": ("train", 16000), "validation": ("train", 16000), "test": ("test", run.inputs.splits["test"].n)}
    splits = {
        name: facts.model_copy(
            update={"source_split": origins[name][0], "source_n": origins[name][1], "groups": 7, "contradictory": 1}
        )
        for name, facts in run.inputs.splits.items()
    }
    dropped = {"label <b>Neutral</b>": 145, "no text": 2}
    data = Data(source="x", deduplicate=True, split=Split(group="<i>film</i>"))
    told = with_inputs(collection, data, splits=splits, dropped=dropped, shared_groups={"train/test": 3})
    table = datacard.splits_table(told)
    assert column(table, "train")["from"] == "drawn from the source's own 16,000"
    assert column(table, "validation")["from"] == "drawn from the source's train split of 16,000"
    assert column(table, "test")["from"] == "the source's own"
    assert column(table, "test")["contradictory"] == "1"
    origin = datacard.origin_table(told)
    shown = column(origin, "value")
    assert shown["repeated texts"] == "left out"
    assert shown["values of <i>film</i> in test also in train"] == "3"
    assert "kept together" not in shown
    assert shown["rows left out: label <b>Neutral</b>"] == "145"
    for one in (table, origin):
        assert not {"<b>Neutral", "<i>film"} & set(one._repr_mimebundle_()["text/html"].split())
        assert "<b>Neutral" not in one._repr_mimebundle_()["text/html"]
        assert "<i>film" not in one._repr_mimebundle_()["text/html"]


def with_inputs(collection, data: Data, **changes):
    """The collection as if its data and the first run's inputs were these."""
    first, *rest = collection.rows
    run = first.records[0]
    records = (run.model_copy(update={"inputs": run.inputs.model_copy(update=changes)}),)
    rows = (dataclasses.replace(first, records=records), *rest)
    experiment = collection.experiment.model_copy(update={"data": data})
    return dataclasses.replace(collection, rows=rows, experiment=experiment)


def test_data_card_says_what_was_kept_together_where_it_was(collection) -> None:
    data = Data(source="x", split=Split(group="film"))
    for shared, said in (({"train/test": 0}, "texts with the same film"), ({"train/test": 1}, None)):
        table = datacard.origin_table(with_inputs(collection, data, shared_groups=shared))
        assert column(table, "value").get("kept together") == said


def test_data_card_gives_the_texts_cut_by_model_and_limit(collection) -> None:
    own = dataclasses.replace(
        collection,
        rows=tuple(
            dataclasses.replace(row, records=tuple(shorter(run) for run in row.records)) if row.name == "full" else row
            for row in collection.rows
        ),
    )
    said = column(datacard.origin_table(own), "value")["cut, of the training texts"]
    model = collection.rows[-2].records[0].inputs.model_id
    assert f"25 % for {model}, at 16 tokens" in said
    assert f"0 % for {model}, at {collection.rows[0].records[0].inputs.max_length} tokens" in said


def shorter(run):
    """The run as if a quarter of its texts had been cut at 16 tokens."""
    training = run.training.model_copy(update={"truncated_share": 0.25})
    return run.model_copy(update={"inputs": run.inputs.model_copy(update={"max_length": 16}), "training": training})


def test_data_card_says_where_runs_saw_other_texts(collection) -> None:
    first, *rest = collection.rows
    run = first.records[0]
    other = run.model_copy(update={"inputs": run.inputs.model_copy(update={"comparability_sha256": "other"})})
    mixed = dataclasses.replace(collection, rows=(dataclasses.replace(first, records=(other,)), *rest))
    assert "Not all runs saw the same texts" in datacard.splits_table(mixed).note


def test_settings_say_which_method_has_which(collection) -> None:
    shown = appendix.settings_tables(collection)[0]
    assert column(shown, "lora")["rank"] == str(sample.sweep().chosen["rank"])
    assert column(shown, "full")["rank"] == "\N{EN DASH}"


def test_settings_that_the_base_model_decided_are_in_brackets(collection) -> None:
    def with_none(run):
        settled = run.training.model_copy(update={"settled": {"target_modules": ["query", "value"]}})
        return run.model_copy(update={"params": {"target_modules": None, "alpha": None}, "training": settled})

    row = next(row for row in collection.rows if row.name == "lora")
    own = dataclasses.replace(row, records=tuple(map(with_none, row.records)))
    (table,) = appendix.settings_tables(dataclasses.replace(collection, rows=(own,)))
    shown = column(table, "lora")
    assert (shown["target_modules"], shown["alpha"]) == ("(query, value)", "not set")
    assert "In brackets" in table.note
    assert "In brackets" not in appendix.settings_tables(collection)[0].note


def test_models_say_from_scratch_and_hash_the_rest(collection) -> None:
    table = appendix.models_table(collection)
    assert "random weights" in column(table, "starts from")["mamba (from scratch)"]
    assert sample.sha("bundled:minilm-l6") in table.note
    assert "NOT" not in table.note


def test_other_base_weights_are_called_out(collection) -> None:
    row = next(row for row in collection.rows if row.name == "full")
    run = row.records[0]
    spoilt = run.model_copy(update={"inputs": run.inputs.model_copy(update={"base_weights_sha256": "0" * 64})})
    rows = tuple(dataclasses.replace(one, records=(spoilt,)) if one is row else one for one in collection.rows)
    assert "NOT the same" in appendix.models_table(dataclasses.replace(collection, rows=rows)).note


def test_environment_calls_out_differences(collection) -> None:
    row = next(row for row in collection.rows if row.name == "full")
    run = row.records[0]
    other = run.model_copy(update={"environment": {**run.environment, "threads": 4}})
    rows = tuple(dataclasses.replace(one, records=(other,)) if one is row else one for one in collection.rows)
    assert appendix.environment_table(collection).note is None
    table = appendix.environment_table(dataclasses.replace(collection, rows=rows))
    assert table.note == "Not the same in all runs: threads."
    assert column(table, "value")["threads"].startswith("differs: 2 (")


def test_a_run_that_failed_early_does_not_make_every_entry_of_the_environment_differ(collection) -> None:
    row = next(row for row in collection.rows if row.name == "full")
    failed = row.records[0].model_copy(update={"status": "failed", "environment": {"jobs": 1}})
    rows = tuple(dataclasses.replace(one, failures=(failed,)) if one is row else one for one in collection.rows)
    table, before = (
        appendix.environment_table(one) for one in (dataclasses.replace(collection, rows=rows), collection)
    )
    assert column(table, "value") == {**column(before, "value"), "jobs": column(table, "value")["jobs"]}


def test_every_row_has_its_command(collection) -> None:
    shown = column(appendix.commands_table(collection, whole_report="bakeoff run params/demo.yaml"), "command")
    assert next(iter(shown.items())) == ("the whole report", "bakeoff run params/demo.yaml")
    assert shown["full"] == "papermill notebooks/train.ipynb -p method full -p seed 41"
    assert "lora (seed 7)" in shown


def test_left_out_runs_have_a_reason(collection) -> None:
    (row,) = tables.excluded_table(collection).rows
    assert row[0] == "full-s41-00000000"
    assert row[1].startswith("made under other settings")


def test_foreign_text_is_shown_literally() -> None:
    name = "<script>alert(1)</script>"
    row = sample.row("full", names=(name, "b|c"))
    found = dataclasses.replace(sample.collection(), rows=(row,), additional=(), sweeps={})
    for table in (datacard.splits_table(found), tables.classes_table(found)):
        assert "<script>" not in table._repr_mimebundle_()["text/html"]


def test_a_gpu_changes_what_memory_means() -> None:
    row = sample.row("full")
    runs = tuple(
        run.model_copy(update={"cost": run.cost.model_copy(update={"gpu_peak_allocated_train_bytes": 2**30})})
        for run in row.records
    )
    found = dataclasses.replace(sample.collection(), rows=(Row("full", "full", runs),), additional=(), sweeps={})
    table = summary_table(found, sample.comparison(found))
    assert column(table, "peak GPU memory")["full"].replace("\xa0", " ") == "1,024 MiB"


class Cells(html.parser.HTMLParser):
    """Reads the cells of a table: attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []

    def handle_starttag(self, tag, attrs):
        if tag in ("td", "th"):
            self.found.append((dict(attrs), ""))

    def handle_data(self, data):
        if self.found:
            attributes, text = self.found[-1]
            self.found[-1] = attributes, text + data


def followed(cell: dict[str, str], records: dict[str, dict]) -> float:
    """Return the number that a cell's attributes lead to in the records that they name."""

    def values(name: str) -> list[float]:
        found = []
        for run in (cell.get(name) or "").split():
            value = records[run]
            for part in cell["data-field"].split("."):
                value = value[part]
            found.append(value)
        return [value for value in found if value is not None]

    less = np.mean(values("data-minus")) if cell.get("data-minus") else 0.0
    return float(np.mean(values("data-record")) - less + sum(values("data-plus")))


def test_every_number_of_the_summary_leads_to_the_records_it_was_taken_from(collection, comparison) -> None:
    table = summary_table(collection, comparison)
    runs = [run for row in collection.rows for run in row.records] + [
        trial for trials in collection.sweeps.values() for trial in trials
    ]
    records = {run.run_id: run.model_dump(mode="json") for run in runs}
    forms = {"cost.train_s": duration, "cost.inference_ms_per_item": lambda value: duration(value / 1000)}
    forms |= {"cost.params_trainable": parameters}
    reader, followed_ones = Cells(), 0
    reader.feed(table_html(table))
    for attributes, text in reader.found:
        said = text.replace("\xa0", " ").strip()
        path = attributes.get("data-field")
        if path is None:
            numbers = [sign for sign in said if sign.isdigit()]
            assert not numbers, f"{said}: a number that leads nowhere"
            continue
        if said.startswith("\N{EN DASH}"):  # nobody measured it
            continue
        if path == "status":
            assert said.startswith(str(len((attributes["data-record"] or "").split())))
            continue
        number = followed(attributes, records)
        difference = attributes.get("data-minus")
        form = (lambda value: points(value, unit=False)) if difference else forms.get(path, size)
        form = score if path.startswith("test.") and not difference else form
        near = {form(number + step).replace("\xa0", " ") for step in (-1e-9, 0.0, 1e-9)}  # a five at the end
        assert said.startswith(tuple(near)), (said, path, number)
        followed_ones += 1
    assert followed_ones >= 7 * (len(table.rows) - 1)


def test_no_finding_is_said_to_be_corrected_for_no_comparison(collection, comparison) -> None:
    nothing = dataclasses.replace(
        comparison,
        **{
            name: tuple(dataclasses.replace(one, difference=None) for one in getattr(comparison, name))
            for name in ("pairs", "against_reference")
        },
    )
    assert nothing.corrected_for("reference") == 0
    note = notes.summary_note(collection, nothing)
    assert "No difference could be computed yet." in note
    assert "0 comparisons" not in note
