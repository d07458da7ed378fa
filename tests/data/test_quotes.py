"""Quotes that begin a text without quoting it: kept in tab-separated files, refused where they could hide rows."""

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.data.csv_files import quoting
from bakeoff.data.readers import read_file
from bakeoff.data.schema import Data
from bakeoff.errors import Unparsable

SPOKEN = [
    ('"Loved it, she said', "good"),
    ("plain one", "bad"),
    ('He said "so so"', "good"),
    ('"Hated it, he said', "bad"),
    ('"Wow" was all', "good"),
    ('"Well quoted"', "bad"),
]


def read(folder: Path, name: str, content: str, **settings: Any) -> pd.DataFrame:
    path = folder / name
    path.write_bytes(content.encode())
    return read_file(path, Data(source=name, **settings))


def lines(rows: list[tuple[str, ...]], separator: str, end: str = "\n") -> str:
    return end.join(separator.join(row) for row in [("text", "label"), *rows]) + end


@pytest.mark.parametrize("name", ["a.tsv", "a.csv"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("n", [1, 4, 5, 6])
def test_quotes_of_tab_separated_texts_are_texts(tmp_path: Path, name: str, end: str, n: int) -> None:
    frame = read(tmp_path, name, lines(SPOKEN[:n], "\t", end))
    assert list(frame.itertuples(index=False, name=None)) == SPOKEN[:n]


def test_a_quotation_over_two_rows_is_two_rows(tmp_path: Path) -> None:
    rows = [("fine", "good"), ('"I loved it.', "good"), ('It was great."', "good"), ("dull", "bad")]
    assert list(read(tmp_path, "a.tsv", lines(rows, "\t")).itertuples(index=False, name=None)) == rows
    with pytest.raises(Unparsable, match=r"a\.csv, line 3: a quote begins a field"):
        read(tmp_path, "a.csv", lines(rows, ","))
    turned = [row[::-1] for row in rows]
    with pytest.raises(Unparsable, match=r"a\.csv, line 3: a quote begins a field"):
        read(tmp_path, "a.csv", lines(turned, ",").replace("text,label", "label,text"))


def test_quoted_fields_of_a_tab_separated_file_are_read_as_such(tmp_path: Path) -> None:
    rows = [("one", "a"), ('say "hi"', "b"), ("with\ttab", "a"), ("two\nlines\tand tab", "b")]
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(tmp_path / "b.tsv", sep="\t", index=False)
    frame = read(tmp_path, "a.tsv", (tmp_path / "b.tsv").read_text())
    assert list(frame.itertuples(index=False, name=None)) == rows


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (lines(SPOKEN[:4:3], ";"), 2),
        (lines([("one", "a"), *SPOKEN[4:5]], ","), 3),
        (lines([('"two\r\nlines"', "a"), ('"never closed', "a")], ",", "\r\n"), 4),
        (lines([('"said \\"no\\", and went"', "a")], ","), 2),
        (lines([("a\tb", "a"), ('"lone', "a"), ('"lone', "b")], "\t"), 3),
        ('"text"\t"label"\n"Wow" was all\ta\n', 2),
    ],
)
def test_rows_that_could_be_hidden_are_refused_with_their_line(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(Unparsable) as caught:
        read(tmp_path, "a.csv", content)
    said = str(caught.value)
    assert said.startswith(f"a.csv, line {line}: a quote begins a field")
    assert 'its own doubled: """Wow""' in said
    assert not any(word in said for word in ("Loved", "never", "lone", "went")), "texts stay out of errors"


texts = st.text(st.sampled_from('ab ",;\t\n.'), max_size=12)


@given(rows=st.lists(st.tuples(texts, st.sampled_from(["good", "bad"])), min_size=1, max_size=12), tab=st.booleans())
def test_what_a_writer_quotes_is_never_refused_nor_taken_for_texts(rows: list[tuple[str, str]], tab: bool) -> None:
    separator = "\t" if tab else ","
    content = pd.DataFrame(rows, columns=["text", "label"]).to_csv(sep=separator, index=False)
    assert quoting("a", content, separator) == 0


def test_texts_of_several_lines_with_separators_stay_whole(tmp_path: Path) -> None:
    rows = [
        ("Dear all,\nI liked it, really.\nBye", "good"),
        ("a, b\nc d", "bad"),
        ("Sound,5\nPicture,4", "good"),
        ("short", "bad"),
    ]
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(tmp_path / "b.csv", index=False)
    frame = read(tmp_path, "a.csv", (tmp_path / "b.csv").read_text())
    assert list(frame.itertuples(index=False, name=None)) == rows


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_hundred_thousand_texts_of_several_lines_take_seconds(separator: str) -> None:
    rows = [(f'{i}, "so"{separator}\nand more, {i}', "ab"[i % 2]) for i in range(100_000)]
    content = pd.DataFrame(rows, columns=["text", "label"]).to_csv(sep=separator, index=False)
    start = time.process_time()
    assert quoting("a", content, separator) == 0
    assert time.process_time() - start < 5
