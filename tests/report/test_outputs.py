"""The files beside a report: tables with verdicts, every record and prediction, figures; parts of a report."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import golden_reports
import sample
from bakeoff import cli
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import load_splits
from bakeoff.errors import BadValue, UnknownName
from bakeoff.report.build import build_report
from bakeoff.report.outputs import FORMATS, chosen_formats, is_output, outputs_of, part_name, part_of
from bakeoff.report.text.labels import verdict_words
from bakeoff.report.text.language import tr
from bakeoff.stats.compare import Verdict
from bakeoff.stats.pairs import FINDINGS, Pair
from bakeoff.study.archive import records_frame
from bakeoff.study.looks import read_looks
from bakeoff.study.study import StudyData
from bakeoff.system.workspace import Workspace

FIGURES = ("differences-to-the-reference", "quality-against-cost", "confusion-matrices")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Path]:
    """Return a workspace and the folder of its report: two seeds, three classes, macro-F1."""
    root = tmp_path_factory.mktemp("outputs")
    world = golden_reports.WORLDS["groups"]
    workspace, experiment = golden_reports.lay_out(world, "groups", "en", root)
    splits = load_splits(experiment.data, locate_data(experiment.data.source, workspace=workspace))
    golden_reports.Maker(world, experiment, workspace, splits).write_all()
    assert not build_report(experiment, workspace).fresh
    return workspace, workspace.report_folder("groups")


@pytest.fixture
def study(made: tuple[Workspace, Path]) -> StudyData:
    return StudyData.open("params/groups.yaml", workspace=made[0])


def test_a_report_is_all_its_files_and_each_is_written_down_with_its_hash(made, study) -> None:
    told = json.loads((made[1] / "report.json").read_text(encoding="utf-8"))
    assert {*outputs_of(study.experiment)} < {*told["outputs"]}
    assert all((made[1] / name).is_file() and is_output(name, study.experiment) for name in told["outputs"])
    assert told["formats"] == [*FORMATS]
    assert build_report(study.experiment, made[0]).fresh


def test_no_report_is_written_over_that_of_another_file_of_its_name(made, monkeypatch, capsys) -> None:
    workspace, home = made
    before = {path: path.read_bytes() for path in home.iterdir() if path.is_file()}
    (workspace.root / "params" / "more").mkdir()
    text = (workspace.root / "params" / "groups.yaml").read_text(encoding="utf-8")
    (workspace.root / "params" / "more" / "groups.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(workspace.root)
    for command in ("report", "run"):
        assert cli.main([command, "params/more/groups.yaml"]) == 2
        said = (
            "params/more/groups.yaml: the report of 'params/groups.yaml', a file of the same name, stands in its place"
        )
        assert said in capsys.readouterr().err
    assert {path: path.read_bytes() for path in home.iterdir() if path.is_file()} == before
    (workspace.root / "params" / "more" / "groups.yaml").unlink()
    (workspace.root / "params" / "more").rmdir()


def test_a_loser_is_called_worse_in_every_table(made, study) -> None:
    summary, pairs = (pd.read_csv(made[1] / name).set_index("method" if name[0] == "s" else ["first", "second"])
                      for name in ("summary.csv", "pairs.csv"))  # fmt: skip
    for pair in study.comparison.against_reference:
        assert summary.loc[pair.first, "verdict"] == FINDINGS[pair.relation]
    lost = summary[summary["better"] == "lora"]
    assert len(lost)
    assert {*lost["verdict"]} <= {"worse", "worse, negligibly"}
    assert len(pairs) == len(study.comparison.pairs) == 15
    for names, row in pairs.iterrows():
        assert (row.verdict.partition(",")[0] == "better") == (row.better == names[0])
        assert (row.verdict.partition(",")[0] == "worse") == (row.better == names[1])
    assert {*pairs["metric"]} == {"macro_f1"}


def test_findings_are_the_words_of_tables() -> None:
    for verdict in Verdict:
        for estimate in (0.1, -0.1):
            shown = sample.comparison(sample.collection(), resamples=0).pairs[0]
            pair = Pair(first="a", second="b", family="reference", verdict=verdict, difference=shown.difference)
            pair = pair if estimate > 0 else pair.flipped()
            assert pair.finding == verdict_words(pair) == tr(FINDINGS[pair.relation])


def test_every_record_is_a_row(made, study) -> None:
    found = pd.read_parquet(made[1] / "records.parquet")
    runs = [run for row in study.collection.rows for run in row.records]
    assert [*found["run_id"]] == [run.run_id for run in runs]
    assert [*found["test_macro_f1"]] == [run.test.metrics["macro_f1"] for run in runs]
    assert [*found["train_s"]] == [run.cost.train_s for run in runs]
    assert {*found["part"]} == {"compared"}


def test_records_of_any_shape_fit_a_table() -> None:
    """Failures without scores, trials, and a hyperparameter that is a number here and a word there."""
    found = sample.collection(failing={"prefix": (41,)})
    full = next(row for row in found.rows if row.name == "full")
    full.records[0].params["batch_size"] = "auto"
    frame = records_frame(found)
    assert {"compared", "additional", "trial"} == {*frame["part"]}
    failed = frame[frame["status"] == "failed"]
    assert failed["test_accuracy"].isna().all()
    assert "RuntimeError: loss is not finite" in [*failed["error"]]
    assert {'"auto"', "32"} <= {*frame["param_batch_size"].dropna()}
    assert frame["param_rank"].dtype == "Int64"


def test_every_prediction_is_a_row_with_names_of_classes_and_without_texts(made, study) -> None:
    found = pd.read_parquet(made[1] / "predictions.parquet")
    runs = {run.run_id: run for row in study.collection.rows for run in row.records}
    assert {*found["run_id"]} == {*runs}
    for name, part in found.groupby("run_id"):
        run = runs[name]
        assert part["right"].mean() == pytest.approx(run.test.metrics["accuracy"])
        assert {*part["gold"]} <= {*run.inputs.label_names}
        chances = np.stack(part["probabilities"].tolist())
        assert np.allclose(chances.sum(axis=1), 1)
        assert np.allclose(chances.max(axis=1), part["confidence"])
    assert [*found.columns] == [
        "method", "run_id", "seed", "item_id", "gold", "predicted", "right", "confidence", "probabilities", "group",
    ]  # fmt: skip


def test_figures_are_files_in_two_formats(made) -> None:
    from PIL import Image

    there = {path.name for path in (made[1] / "figures").iterdir()}
    assert {f"{name}.{end}" for name in FIGURES for end in ("svg", "png")} <= there
    for name in FIGURES:
        svg = ElementTree.fromstring((made[1] / "figures" / f"{name}.svg").read_text(encoding="utf-8"))
        width, height = (float(svg.attrib[side].removesuffix("pt")) for side in ("width", "height"))
        with Image.open(made[1] / "figures" / f"{name}.png") as image:
            assert image.size == pytest.approx((width * 200 / 72, height * 200 / 72), abs=2)
            assert len(image.convert("L").getcolors()) > 8, "an empty image"


def test_summary_md_is_fit_for_a_pull_request(made) -> None:
    text = (made[1] / "summary.md").read_text(encoding="utf-8")
    head, table = text.split("\n| method |")
    assert head.startswith("### Two seeds, groups, three classes, macro-F1\n\n")
    assert "scored highest" in head
    assert table.count("\n| ") == 7
    assert table.rstrip().endswith("</details>")
    assert len(text) < 65_536, "the most that a comment on a pull request holds"


# formats and parts ---------------------------------------------------------------------------------------------------


@pytest.fixture
def here(made, tmp_path, monkeypatch) -> Workspace:
    """Return a copy that a test may change, as the current folder."""
    import shutil

    shutil.copytree(made[0].root, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return Workspace(tmp_path / "copy")


def test_one_format_leaves_others_of_the_same_state_and_removes_those_of_another(here, capsys) -> None:
    home = here.report_folder("groups")
    pdf = (home / "report.pdf").read_bytes()
    (home / "summary.csv").unlink()
    assert cli.main(["report", "params/groups.yaml", "--format", "csv"]) == 0
    assert "written: reports/groups/summary.csv" in capsys.readouterr().out
    assert (home / "report.pdf").read_bytes() == pdf
    assert cli.main(["report", "params/groups.yaml", "--format", "html,pdf"]) == 0
    assert "up to date: reports/groups/report.pdf" in capsys.readouterr().out
    assert cli.main(["report", "params/groups.yaml", "--set", "compare.alpha=0.1", "--format", "md,csv"]) == 0
    assert "removed, being of an earlier state: report.html, report.pdf" in capsys.readouterr().out
    assert not (home / "report.pdf").exists()
    assert not [*(home / "figures").glob("*.svg")]
    assert (home / "summary.md").is_file()


def test_some_methods_in_another_language_are_a_report_beside_the_first(here, capsys) -> None:
    home = here.report_folder("groups")
    before = {name: (home / name).read_bytes() for name in ("report.html", "report.json", "summary.csv")}
    words = ["report", "params/groups.yaml", "--only", "full,lora", "--language", "ru", "--format", "html,csv"]
    assert cli.main(words) == 0
    part = home / "parts" / "full+lora.ru"
    assert "written: reports/groups/parts/full+lora.ru/report.html" in capsys.readouterr().out
    assert [*pd.read_csv(part / "summary.csv")["method"]] == ["full", "lora"]
    page = (part / "report.html").read_text(encoding="utf-8")
    assert re.search(r'<html lang="ru">', page)
    assert before == {name: (home / name).read_bytes() for name in before}
    assert not (part / "report.pdf").exists()
    assert [look.methods for look in read_looks(home)][1:] == [("full", "lora")], "it is a look like any other"
    assert cli.main(words) == 0
    assert "up to date" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "htm"], "--format: unknown format 'htm'; did you mean 'html'? Known: csv, html, "),
        (["--language", "rus"], "--language: unknown language 'rus'; did you mean 'ru'? Known: "),
        (["--only", "lora,ful"], "groups.yaml: --only: unknown method 'ful'; did you mean 'full'? Known: "),
        (
            ["--only", "full"],
            "--only: leaves out 'lora', the reference that methods are held against; say `--only ",
        ),
    ],
)
def test_a_bad_name_is_one_line(made, monkeypatch, capsys, words: list[str], said: str) -> None:
    monkeypatch.chdir(made[0].root)
    assert cli.main(["report", "params/groups.yaml", *words]) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"bakeoff: {said}")
    assert err.count("\n") == 1
    assert out == ""


def test_a_part_is_named_by_its_methods_and_language() -> None:
    assert part_name(["full", "lora", "full"], None) == "full+lora"
    assert part_name([], "ru") == "ru"
    long = part_name([f"method {number}" for number in range(40)], "ru")
    assert re.fullmatch(r"[\w+.-]{1,70}", long)
    assert long != part_name([f"method {number}" for number in range(41)], "ru")


def test_what_a_part_changes() -> None:
    experiment = sample.experiment()
    assert part_of(experiment, [*experiment.methods], "en") == ()
    assert part_of(experiment, ["full", "lora"], None)[0] == "methods.majority=null"
    with pytest.raises(UnknownName):
        part_of(experiment, ["nobody"], None)
    with pytest.raises(BadValue):
        part_of(experiment, ["lora"], None)
    assert chosen_formats([]) == FORMATS
    assert chosen_formats(["pdf", "html"]) == ("html", "pdf")


def test_no_file_outside_a_report_is_taken_for_one_of_its() -> None:
    experiment = sample.experiment()
    for name in ("../report.html", "figures/../report.yaml", "looks.jsonl", "figures/x.txt", "/etc/passwd"):
        assert not is_output(name, experiment)
    assert is_output("figures/differences-to-the-reference.svg", experiment)
