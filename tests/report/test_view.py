"""What compare.ipynb shows, from records and predictions on disk."""

import dataclasses
import shlex
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_output
from pypdf import PdfReader

import sample
from bakeoff.experiment.model import Compare, Report
from bakeoff.report.build import export
from bakeoff.report.pages.display import Figure, Prose
from bakeoff.report.pages.links import RUNS, anchor_of
from bakeoff.report.pages.stitch import stitch
from bakeoff.report.pages.table import Table
from bakeoff.report.sections import notebook_of
from bakeoff.report.view import ComparisonView
from bakeoff.study.study import StudyData, with_predictions
from bakeoff.system.workspace import Workspace
from prose import plain
from views import NOTEBOOK, view, write


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> ComparisonView:
    return view(sample.collection(failing={"prefix": (42,)}), tmp_path_factory.mktemp("demo"))


def cells() -> list[str]:
    """Return the result cells of the notebook, in order."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    tags = {"result", "appendix"}
    return [cell.source for cell in notebook.cells if cell.cell_type == "code" and tags & set(cell.metadata.tags)]


def shown(comparison: ComparisonView, sources: Sequence[str] | None = None) -> list[object]:
    """Evaluate result cells of the notebook, all by default; return what they show."""
    found: list[object] = []

    def show(*items: object) -> None:
        found.extend(items)

    for source in cells() if sources is None else sources:
        last = eval(source, {"comparison": comparison, "display": show})
        found += [last] if last is not None else []
    return found


CASES = {
    "everything": {},
    "one seed, a failure, a method missing": {
        "seeds": (41,), "failing": {"lora": (41,)}, "missing": ("mamba",),
    },
    "no reference": {"missing": ("full",)},
    "six classes": {"names": ("sadness", "joy", "love", "anger", "fear", "surprise")},
    "only a baseline": {"missing": tuple(name for name in sample.FACTS if name != "majority")},
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_cell_shows_something_in_every_form(case: str, tmp_path: Path) -> None:
    for item in shown(view(sample.collection(**CASES[case]), tmp_path)):
        assert isinstance(item, Table | Figure | Prose)
        assert item._repr_mimebundle_()["text/plain"].strip()


@pytest.mark.parametrize("chosen", [{"rank": 8}, {"rank": 7}, {}], ids=["of the grid", "of no run", "of nothing"])
@pytest.mark.parametrize("others", [(), ("full",), tuple(name for name in sample.FACTS if name != "lora")], ids=len)
def test_a_choice_whose_run_is_still_to_come_stops_no_report(
    chosen: dict[str, int], others: tuple[str, ...], tmp_path: Path
) -> None:
    choice = sample.sweep().model_copy(update={"chosen": chosen})
    trials = tuple(
        run.model_copy(update={"params": {**run.params, "alpha": 16}})
        for run in (sample.record("lora", 40, role="sweep", rank=rank) for rank in sample.RANKS)
    )
    found = dataclasses.replace(
        sample.collection(missing=("lora", *others)), choices={"lora": choice}, sweeps={"lora": trials}
    )
    comparison = view(found, tmp_path)
    assert len(shown(comparison)) > 10
    if len(others) < len(sample.FACTS) - 1:
        assert "alpha 16" in plain(str(comparison.words()))
    written(comparison, tmp_path)


def test_nothing_run_yet_is_said_plainly(tmp_path: Path) -> None:
    items = shown(view(sample.empty(), tmp_path))
    assert not [item for item in items if isinstance(item, Figure)]
    assert "No run of this experiment, as its file, data and code are now, has finished yet" in str(items[0])


def test_the_answer_names_the_best(demo: ComparisonView) -> None:
    assert str(demo.answer()).split("\n\n")[1].startswith("**full** scored highest, ")


def test_every_conclusion_is_shown_once(demo: ComparisonView) -> None:
    prose = "\n".join(str(item) for item in shown(demo) if isinstance(item, Prose))
    for conclusion in demo.conclusions:
        assert prose.count(conclusion.text) == 1, conclusion.kind


def written(comparison: ComparisonView, folder: Path) -> tuple[Path, Path]:
    """Export the whole report of a comparison; return where HTML and PDF are."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and {"result", "appendix"} & set(cell.metadata.tags):
            items = shown(comparison, [cell.source])
            cell.outputs = [new_output("display_data", data=item._repr_mimebundle_()) for item in items]
    sections = [
        (title, run.run_id, notebook_of(run, metric=comparison.experiment.compare.metric))
        for title, run in comparison.section_records()
    ]
    return export(stitch(notebook, sections), folder, title=comparison.title(), facts=comparison.facts())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_link_of_a_report_leads_somewhere(case: str, tmp_path: Path) -> None:
    page, _ = written(view(sample.collection(**CASES[case]), tmp_path), tmp_path)
    html = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    ids = [element["id"] for element in html.select("[id]")]
    assert len(ids) == len(set(ids))
    targets = {unquote(link["href"]) for link in html.select("a[href]")}
    assert {target for target in targets if not target.startswith("#")} == set()
    assert {target[1:] for target in targets} <= set(ids)
    assert html.select(".runs")


def test_every_conclusion_leads_to_its_runs(demo: ComparisonView, tmp_path: Path) -> None:
    page, document = written(demo, tmp_path)
    html = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    every = {run.run_id for row in demo.collection.rows for run in row.records}
    links = [[link["href"] for link in item.select("a")] for item in html.select(".said li, .answer > div > span")]
    wanted = [
        [f"#{RUNS}"] if set(one.runs) == every else [f"#{anchor_of(run)}" for run in dict.fromkeys(one.runs)]
        for one in demo.conclusions
    ]
    assert sorted(map(sorted, links)) == sorted(map(sorted, wanted))
    pages = PdfReader(document).pages
    inside = [note.get_object() for page in pages for note in page.get("/Annots", ())]
    assert len(inside) > len([one for one in demo.conclusions if one.runs])
    told = " ".join("".join(page.extract_text() for page in pages).split())
    assert "(6 runs: lora, full)" in told
    assert "(all 19 runs)" in told


def test_the_same_records_give_the_same_bytes(demo: ComparisonView, tmp_path: Path) -> None:
    first = [path.read_bytes() for path in written(demo, tmp_path)]
    again = ComparisonView(StudyData(demo.collection, workspace=demo.workspace))
    assert [path.read_bytes() for path in written(again, tmp_path)] == first


def test_facts_sections_and_files_serve_the_report(demo: ComparisonView) -> None:
    assert demo.facts()["Finished runs"] == "19 of 20 runs"
    titles = [title for title, _ in demo.section_records()]
    assert (titles[0], titles[-1]) == ("majority", "mamba (from scratch), seed 41")
    assert {*demo.summary_files()} == {*(f"summary.{end}" for end in ("csv", "md", "tex", "txt")), "pairs.csv"}


def test_the_title_is_the_files_or_names_the_experiment(demo: ComparisonView) -> None:
    assert demo.title() == demo.experiment.report.title
    experiment = demo.experiment.model_copy(update={"report": Report()})
    untitled = ComparisonView(
        StudyData(dataclasses.replace(demo.collection, experiment=experiment), workspace=demo.workspace)
    )
    assert untitled.title() == "Comparison of fine-tuning methods: demo"


def test_changes_from_the_command_line_are_said_once_where_the_comparison_is_introduced(demo: ComparisonView) -> None:
    assert "command line" not in str(demo.question())
    changes = ("data.split.train=20", "report.title=<b>*Mine*</b>")
    experiment = demo.experiment.model_copy(update={"changes": changes})
    found = dataclasses.replace(demo.collection, experiment=experiment)
    changed = ComparisonView(StudyData(found, workspace=demo.workspace))
    assert changed.facts() == demo.facts()
    assert "Changed from the command line: data.split.train=20; " in str(changed.question())
    assert "<b>" not in str(changed.question())
    assert "Declared before running" in str(changed.question())
    command = shlex.join(["--set", changes[0], "--set", changes[1]])
    assert changed.commands().rows[0][1].endswith(command)


def test_a_comparison_set_on_the_command_line_is_not_called_declared(demo: ComparisonView) -> None:
    experiment = demo.experiment.model_copy(update={"changes": ("compare.alpha=0.2",)})
    changed = ComparisonView(
        StudyData(dataclasses.replace(demo.collection, experiment=experiment), workspace=demo.workspace)
    )
    assert "On the command line: methods are compared" in str(changed.question())
    assert "Declared before running" not in str(changed.question())


def test_runs_made_under_another_declaration_are_owned_up_to(demo: ComparisonView) -> None:
    experiment = demo.experiment.model_copy(update={"compare": Compare(equivalence_margin=0.02)})
    changed = ComparisonView(
        StudyData(dataclasses.replace(demo.collection, experiment=experiment), workspace=demo.workspace)
    )
    assert "As the experiment file has it now: methods are compared" in str(changed.question())
    assert "The margin is 2.0 pp now; it was 1.0 pp for" in plain(str(changed.doubts()))
    assert "As the experiment file has it now" not in str(demo.question())


def test_times_that_cannot_be_compared_are_called_so_wherever_they_stand(demo: ComparisonView) -> None:
    rows = list(demo.collection.rows)
    at = next(number for number, row in enumerate(rows) if row.name == "lora")
    slow = sample.cost("lora", 41).model_copy(update={"train_cpu_s": 30.0, "inference_cpu_s": 1.0})
    runs = tuple(run.model_copy(update={"cost": slow}) for run in rows[at].records)
    rows[at] = dataclasses.replace(rows[at], records=runs)
    busy = ComparisonView(StudyData(dataclasses.replace(demo.collection, rows=tuple(rows)), workspace=demo.workspace))
    said = "Training times cannot all be compared: of their processor time, the runs got between"
    for seen, shown in ((busy, True), (demo, False)):
        (listed, *_) = seen.runs()
        assert [said in place for place in (seen.summary().note, seen.costs().caption, listed.note)] == [shown] * 3
        assert ("Times to predict a text cannot all be compared" in listed.note) is shown
        assert "tokenising included" in listed.note


def test_texts_are_shown_only_where_they_are_those_of_the_runs(demo: ComparisonView) -> None:
    asked: list[str] = []

    def texts(comparability: str) -> dict[str, str]:
        asked.append(comparability)
        return {f"{place:05d}": f"text {place}" for place in range(sample.TEST)}

    counted, *rest = ComparisonView(StudyData(demo.collection, workspace=demo.workspace, texts=texts)).flips()
    tables = [one for one in rest if isinstance(one, Table)]
    assert asked == [sample.sha("comparable")]
    assert str(counted).startswith("Of 2,000 test texts: ")
    assert [table.caption for table in tables] == [
        "Test texts that full gets right and lora wrong.",
        "Test texts that lora gets right and full wrong.",
    ]
    assert tables[0].rows[0][0].startswith("text ")
    assert ", 3 of 3" in tables[0].rows[0][2]
    ids = next(one for one in demo.flips() if isinstance(one, Table))
    assert ids.header[0] == "item"


def test_the_same_records_give_the_same_comparison(demo: ComparisonView) -> None:
    again = ComparisonView(StudyData(demo.collection, workspace=demo.workspace))
    assert again.conclusions == demo.conclusions


def test_predictions_in_any_order_give_the_same_contender(tmp_path: Path) -> None:
    found, workspace = sample.collection(missing=tuple(sample.FACTS)[1:]), Workspace(tmp_path)
    write(found, workspace)
    _, (before,) = with_predictions(found, workspace)
    file = workspace.run_folder("demo", found.rows[0].records[0].run_id).predictions
    pd.read_parquet(file).sample(frac=1, random_state=0).to_parquet(file)
    _, (after,) = with_predictions(found, workspace)
    assert np.array_equal(before.item_ids, after.item_ids)
    assert np.array_equal(before.predicted, after.predicted)


def test_groups_of_texts_are_known_where_all_runs_kept_them(tmp_path: Path) -> None:
    found, workspace = sample.collection(missing=("mamba",)), Workspace(tmp_path)
    write(found, workspace)
    assert all(one.groups is None for one in with_predictions(found, workspace)[1])
    files = sorted(tmp_path.glob("**/predictions.parquet"))
    films = pd.array(np.arange(sample.TEST) // 5, "Int32")
    for file in files:
        pd.read_parquet(file).assign(group=films).sample(frac=1, random_state=0).to_parquet(file)
    _, contenders = with_predictions(found, workspace)
    assert all(np.array_equal(one.groups, films) for one in contenders)
    known = ComparisonView(StudyData(found, workspace=workspace)).comparison
    assert {pair.difference.units for pair in known.pairs} == {sample.TEST // 5}
    pd.read_parquet(files[0]).assign(group=pd.array([None] * sample.TEST, "Int32")).to_parquet(files[0])
    assert all(one.groups is None for one in with_predictions(found, workspace)[1])


def spoilt(tmp_path: Path, spoil) -> str:
    """Spoil the predictions of the first seed of full fine-tuning; return why it was left out."""
    found, workspace = sample.collection(missing=("mamba",)), Workspace(tmp_path)
    write(found, workspace)
    run = next(row for row in found.rows if row.name == "full").records[0]
    spoil(workspace.run_folder("demo", run.run_id).predictions)
    kept, contenders = with_predictions(found, workspace)
    row = next(row for row in kept.rows if row.name == "full")
    assert (row.missing, row.unusable, row.wanted) == ((), (run.seed,), 3)
    assert run not in row.records
    assert next(one for one in contenders if one.name == "full").seeds == (42, 43)
    (reason,) = [one.reason for one in kept.excluded if one.run_id == run.run_id]
    return reason


def flip(file: Path) -> None:
    frame = pd.read_parquet(file)
    frame["predicted"] = 1 - frame["predicted"]
    frame.to_parquet(file)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (Path.unlink, "no predictions beside the record"),
        (lambda file: file.write_bytes(b"PAR1"), "unreadable predictions"),
        (flip, "predictions that do not give the accuracy of the record"),
    ],
    ids=["gone", "broken", "other"],
)
def test_a_run_without_usable_predictions_is_left_out_with_the_reason(tmp_path: Path, spoil, reason: str) -> None:
    assert spoilt(tmp_path, spoil).startswith(reason)


def test_runs_about_other_texts_do_not_mix(tmp_path: Path) -> None:
    found, workspace = sample.collection(missing=("mamba",)), Workspace(tmp_path)
    write(found, workspace)
    run = next(row for row in found.rows if row.name == "full").records[2]
    file = workspace.run_folder("demo", run.run_id).predictions
    frame = pd.read_parquet(file)
    frame["item_id"] = "x" + frame["item_id"]
    frame.to_parquet(file)
    kept, _ = with_predictions(found, workspace)
    assert "other texts" in next(one.reason for one in kept.excluded if one.run_id == run.run_id)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_report_whose_figures_cannot_be_drawn_has_everything_else(language: str, tmp_path: Path, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OverflowError("no room for <b>it</b>")

    for name in ("comparison.forest", "training.share_curve", "training.sweep_curve"):
        monkeypatch.setattr(f"bakeoff.report.figures.{name}", broken)
    monkeypatch.setattr("bakeoff.report.mistakes.matrices._error_bars", broken)
    monkeypatch.setattr("bakeoff.report.figures.costs._panel", broken)
    found = sample.collection()
    experiment = found.experiment.model_copy(update={"report": Report(language=language)})
    comparison = view(dataclasses.replace(found, experiment=experiment), tmp_path)
    page, document = written(comparison, tmp_path)
    html = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    said = {"en": "Figure not drawn (", "ru": "Рисунок не построен ("}[language]
    told = [one.get_text() for one in html.select("p") if one.get_text().startswith(said)]
    assert len(told) == 5, "costs, differences, curves, a sweep, errors"
    assert all(one.endswith("): OverflowError: no room for <b>it</b>") for one in told)
    assert len(html.select("table")) > 10
    paper = " ".join("".join(leaf.extract_text() for leaf in PdfReader(document).pages).split())
    assert paper.count("OverflowError: no room for <b>it</b>") == 5
