from __future__ import annotations

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bakeoff.report.pages.display import Prose
from bakeoff.report.pages.stitch import messages_of, speaks, stitch
from bakeoff.report.text.language import speaking

WIDGET = "application/vnd.jupyter.widget-view+json"


def shown(text: str) -> nbformat.NotebookNode:
    return new_output("display_data", data=Prose(text)._repr_mimebundle_())


def cell(source: str, *outputs, tag: str | None = None) -> nbformat.NotebookNode:
    return new_code_cell(
        source,
        outputs=list(outputs),
        execution_count=7,
        metadata={"tags": [tag] if tag else [], "papermill": {"start_time": "2026-01-01"}},
    )


def prose(source: str, tag: str | None = None) -> nbformat.NotebookNode:
    return new_markdown_cell(source, metadata={"tags": [tag] if tag else []})


@pytest.fixture
def compare():
    return new_notebook(
        cells=[
            prose("# Title"),
            cell("experiment = 'demo'", tag="parameters"),
            cell("comparison.summary()", shown("the summary"), new_output("stream", text="noise")),
            prose("## Appendix", tag="appendix"),
            cell("comparison.environment()", shown("the environment"), tag="appendix"),
            prose("## Conclusions"),
            cell("comparison.answer()", shown("the answer")),
            prose("### What each search tried"),
            cell("comparison.trials()"),
        ],
        metadata={"papermill": {"duration": 1.5}, "kernelspec": {"name": "python3", "display_name": "p"}},
    )


@pytest.fixture
def train():
    return new_notebook(
        cells=[
            prose("# Training"),
            cell("seed = 41", shown("parameter"), tag="parameters"),
            cell("seed = 42", shown("injected"), tag="injected-parameters"),
            cell("import bakeoff", shown("set up"), tag="setup"),
            cell("splits = load()", shown("data"), tag="data"),
            prose("# Curve", tag="train"),
            cell(
                "fit()",
                new_output("stream", text="step 1"),
                new_output("display_data", data={"text/html": "<progress value=1></progress>"}),
                new_output("display_data", data={WIDGET: {}, "text/plain": "bar", "text/html": "x"}),
                new_output("execute_result", data={"text/plain": "<Thing at 0x7f01>"}, execution_count=7),
                shown("# Curves\n\nthe curve"),
                tag="train",
            ),
            cell("result()", shown("the result"), tag="result"),
        ]
    )


def texts(nb: nbformat.NotebookNode) -> list[str]:
    found = []
    for each in nb.cells:
        found += [each.source] if each.cell_type == "markdown" else []
        found += [output.data["text/markdown"] for output in each.get("outputs", [])]
    return found


def test_comparison_then_methods_then_appendix(compare, train):
    assert texts(stitch(compare, [("lora", "lora-s41-0123abcd", train)])) == [
        "# Title",
        "the summary",
        "## Conclusions",
        "the answer",
        "## Methods, one by one",
        "### lora",
        "### Curve",
        "### Curves\n\nthe curve",
        "the result",
        "## Appendix",
        "the environment",
    ]


def test_headings_of_a_method_go_below_its_own(compare, train):
    train.cells[5].source = "## Curve"
    assert "#### Curve" in texts(stitch(compare, [("lora", "r", train)]))


def test_code_of_the_comparison_is_hidden_and_of_training_kept(compare, train):
    code = [each for each in stitch(compare, [("lora", "r", train)]).cells if each.cell_type == "code"]
    hidden = {each.source for each in code if each.metadata.get("jupyter", {}).get("source_hidden")}
    assert hidden == {"comparison.summary()", "comparison.answer()", "comparison.environment()"}
    assert {each.source for each in code} - hidden == {"fit()", "result()"}


def test_sections_are_anchored_at_their_run(compare, train):
    stitched = stitch(compare, [("lora", "lora-s41-0123abcd", train)])
    anchors = [each.metadata["bakeoff"]["anchor"] for each in stitched.cells if "bakeoff" in each.metadata]
    assert anchors == ["lora-s41-0123abcd"]


def test_without_sections_there_is_no_heading_for_them(compare):
    assert not any("Methods" in text for text in texts(stitch(compare, [])))


def test_failed_cell_keeps_its_reason_without_paths(compare, train):
    error = new_output("error", ename="ValueError", evalue="no such thing", traceback=["/tmp/ipykernel_12/3.py"])
    train.cells[6].outputs = [error]
    outputs = [output for each in stitch(compare, [("l", "r", train)]).cells for output in each.get("outputs", [])]
    found = [output for output in outputs if output.output_type == "error"]
    assert [(output.ename, output.evalue, output.traceback) for output in found] == [
        ("ValueError", "no such thing", [])
    ]


def test_stitch_is_pure_valid_and_deterministic(compare, train):
    before = copy.deepcopy((compare, train))
    again = copy.deepcopy(train)
    for place, each in enumerate(again.cells):  # what differs from one execution to the next
        each["id"] = f"other-{place}"
        each.metadata["papermill"] = {"start_time": "2027-02-02"}
    first = stitch(compare, [("lora", "r", train)])
    second = stitch(compare, [("lora", "r", again)])
    nbformat.validate(first)
    assert nbformat.writes(first) == nbformat.writes(second)
    assert (compare, train) == before
    assert len({each["id"] for each in first.cells}) == len(first.cells)


def test_hostile_title_is_text(compare, train, hostile):
    heading = next(text for text in texts(stitch(compare, [(hostile, "r", train)])) if text.startswith("### "))
    assert "<script>" not in heading


def test_text_of_notebooks_follows_the_language_and_unknown_text_stays():
    compare = new_notebook(cells=[prose("## Errors\n\nMy own\nremark.\n\n## Data", tag=None)])
    train = new_notebook(cells=[prose("## Result\n\nMeasured once,\nat the end.", tag="result")])
    sections = [("lora", "lora-s41-0123abcd", train)]
    assert stitch(compare, []).cells[0].source == compare.cells[0].source
    with speaking("ru"):
        stitched = stitch(compare, sections, heading="Методы")
    assert stitched.cells[0].source == "## Ошибки\n\nMy own\nremark.\n\n## Данные"
    assert stitched.cells[-1].source == "#### Результат\n\nИзмерено один раз, в конце."


def test_messages_are_paragraphs_headings_and_list_items():
    assert messages_of("## A\n\nOne\ntwo.\n\n- **x** is\n  this.\n- y") == [
        "## A",
        "One two.",
        "- **x** is this.",
        "- y",
    ]


def test_a_notebook_without_tables_and_figures_speaks_english(train):
    assert speaks(train) == "en"
    html = '<div class="scroll" lang="ru" role="region">'
    shown = [new_output("display_data", data={"text/html": html})]
    assert speaks(new_notebook(cells=[cell("x", tag="result"), new_code_cell("y", outputs=shown)])) == "ru"
