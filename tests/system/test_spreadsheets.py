"""No cell of a csv file we write is a formula; numbers stay numbers; answers come back to their texts."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from bakeoff.system import spreadsheets
from bakeoff.system.spreadsheets import MARKS, as_text, csv_of, guarded, unguarded


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert as_text(text) == f"'{text}"
    assert unguarded(as_text(text), {text}) == text


@pytest.mark.parametrize("value", ["plain", "", "'quoted", "1=2", -1, -0.5, None, True])
def test_everything_else_stays(value: object) -> None:
    assert as_text(value) is value


def test_numbers_stay_numbers_and_cells_stay_cells() -> None:
    frame = pd.DataFrame({"=name": ["=1+1", "full", None], "difference": [-0.5, 0.25, None], "n": [-1, 2, 3]})
    content = guarded(frame).to_csv(index=False, lineterminator="\n")
    assert content == "'=name,difference,n\n'=1+1,-0.5,-1\nfull,0.25,2\n,,3\n"
    read = pd.read_csv(io.StringIO(content))
    assert read["difference"].tolist()[:2] == [-0.5, 0.25]
    for line in content.splitlines():
        name = line.split(",")[0]
        assert name[:1] not in MARKS
    assert frame.columns[0] == "=name"  # the table itself is left as it is


def test_an_apostrophe_that_is_part_of_a_text_is_left_to_it() -> None:
    assert unguarded("'=x", {"'=x", "=x"}) == "'=x"
    assert unguarded("'=x", {"=x"}) == "=x"
    assert unguarded("'x", {"x"}) == "'x"


def test_csv_is_written_in_one_way_only() -> None:
    """What a table holds may come from the data, whichever table it is."""
    package = Path(spreadsheets.__file__).parents[1]
    written = {
        path.relative_to(package).as_posix() for path in package.rglob("*.py") if ".to_csv(" in path.read_text("utf-8")
    }
    assert written == {"system/spreadsheets.py", "diff/side.py"}  # which reads it again at once


def test_a_table_is_written_without_formulas() -> None:
    assert csv_of(pd.DataFrame({"=a": ["=1+1", "b"], "c": [-1, 2]})) == "'=a,c\n'=1+1,-1\nb,2\n"


def test_columns_of_any_name_are_put_in_place() -> None:
    frame = pd.DataFrame({"self": ["=1", "b"], 0: ["c", "=2"]})
    assert guarded(frame).to_numpy().tolist() == [["'=1", "c"], ["b", "'=2"]]
    assert list(spreadsheets.with_columns(frame, {"self": frame[0]})) == ["self", 0]
    assert frame["self"].tolist() == ["=1", "b"]  # the table itself is left as it is
