"""Files as people have them: encodings, separators, quotes, line ends, `text;label` lines."""

import codecs
import gzip
import json
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from bakeoff.data.csv_files import read_separated
from bakeoff.data.filtering import usable_rows
from bakeoff.data.masks import holds
from bakeoff.data.readers import read_file
from bakeoff.data.schema import Data
from bakeoff.errors import BadValue, Unparsable

RUSSIAN = "Тихая история про трамвай, который никуда не спешил и всё равно приехал вовремя."


def read(folder: Path, name: str, content: bytes, **settings: Any) -> pd.DataFrame:
    path = folder / name
    path.write_bytes(content)
    return read_file(path, Data.model_validate({"source": name, **settings}))


def test_the_last_semicolon_separates_text_and_label(tmp_path: Path) -> None:
    content = "one; two;joy\r\n\r\n\u2028 three;fear \n;joy\nfour;\n".encode()
    frame = read(tmp_path, "a.txt", content)
    assert frame["text"].tolist() == ["one; two", "\u2028 three", "", "four"]
    assert frame["label"].tolist()[:3] == ["joy", "fear", "joy"]
    assert frame["label"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize(("separator", "name"), [(",", "a.csv"), (";", "a.csv"), ("\t", "a.tsv"), ("|", "A.CSV")])
def test_csv_as_spreadsheets_write_it(tmp_path: Path, end: str, mark: bytes, separator: str, name: str) -> None:
    rows = [
        ["text", "label"],
        [f'"say ""hi""{separator} {end}and, go; on"', "a"],
        ["plain", "b"],
    ]
    content = end.join(separator.join(row) for row in rows) + end
    frame = read(tmp_path, name, mark + content.encode())
    assert list(frame.columns) == ["text", "label"]
    assert frame["text"].tolist() == [f'say "hi"{separator} {end}and, go; on', "plain"]


def test_a_separator_that_is_named_is_used(tmp_path: Path) -> None:
    content = b"text:label,or grade\none, two:a\n"
    assert list(read(tmp_path, "a.csv", content, separator=":").columns) == ["text", "label,or grade"]


def test_texts_that_look_like_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    frame = read(tmp_path, "a.csv", b"text,label\n007,1\n1e5,2\ntrue,2\n,1\n")
    assert frame["text"].tolist()[:3] == ["007", "1e5", "true"]
    assert frame["label"].tolist() == [1, 2, 2, 1]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (["1.1", "1.10", "1.2"], ["1.1", "1.10", "1.2"]),
        (["0123", "123"], ["0123", "123"]),
        (["1e1", "10"], ["1e1", "10"]),
        (["12345678901234567", "12345678901234568", ""], ["12345678901234567", "12345678901234568", None]),
        (["nan", "1"], ["nan", "1"]),
        (["2", " -10"], [2, -10]),
        (["1.0", "", "2"], [1.0, None, 2.0]),
        (["2.5", "0.25"], [2.5, 0.25]),
        (["True", "false"], [True, False]),
        (["True", ""], [True, None]),
    ],
)
def test_codes_that_are_written_differently_are_different(tmp_path: Path, written: list[str], found: list[Any]) -> None:
    content = "text,label,film,year\n" + "".join(f"x,{one},{one},007\n" for one in written)
    frame = read(tmp_path, "a.csv", content.encode(), split={"group": "film"})
    for column in ("label", "film"):
        assert [None if pd.isna(value) else value for value in frame[column]] == found
        assert [type(value) for value in frame[column].dropna()] == [type(one) for one in found if one is not None]
    assert frame["year"].tolist() == [7] * len(written), "a column for `where` holds numbers"


def test_grades_that_go_into_bins_are_numbers_however_they_are_written(tmp_path: Path) -> None:
    label = {"column": "label", "bins": [3.0], "names": ["low", "high"]}
    assert read(tmp_path, "a.csv", b"text,label\nx,3.50\ny,01\n", label=label)["label"].tolist() == [3.5, 1.0]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt"])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_another_encoding_is_named_with_the_fix(tmp_path: Path, name: str, encoding: str) -> None:
    text = f"{RUSSIAN} " * 3
    content = {
        "a.csv": "text,label\n" + f'"{text}",a\n' * 5,
        "a.jsonl": f'{{"text": "{text}", "label": "a"}}\n' * 5,
        "a.txt": f"{text};a\n" * 5,
    }[name].encode(encoding)
    with pytest.raises(Unparsable) as caught:
        read(tmp_path, name, content)
    said = str(caught.value)
    assert f"looks like {encoding}" in said
    assert f"`data.encoding: {encoding}`" in said
    assert f"`iconv -f {encoding} -t utf-8 {name}`" in said
    assert "\n" not in said
    assert not any(word in said for word in RUSSIAN.split())
    frame = read(tmp_path, name, content, encoding=encoding)
    assert frame["text"].str.strip().tolist() == [text.strip()] * 5


def test_where_two_encodings_are_as_likely_both_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unparsable) as caught:
        read(tmp_path, "a.csv", "text,label\nniño,a\n".encode("cp1252"))
    assert str(caught.value) == (
        "a.csv, line 2: not UTF-8 text (byte 13); it looks like cp1252 or cp1250; say `data.encoding: cp1252`, "
        "or `iconv -f cp1252 -t utf-8 a.csv`, and see whether its letters are right"
    )


def test_a_damaged_file_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    content = ("text,label\n" + f"{RUSSIAN.replace(',', '')},a\n" * 3).encode() + b"\xd0,a\n"
    said = r"^a\.csv, line 5: a byte that is no UTF-8, where nearly all of the file is \(byte \d+\); mend what is"
    with pytest.raises(Unparsable, match=said):
        read(tmp_path, "a.csv", content)


def test_the_wrong_encoding_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(Unparsable, match=r"not utf-16 text"):
        read(tmp_path, "a.csv", b"text,label\nx,a\n\xd8", encoding="utf-16")


def test_parquet_with_columns_of_one_name_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table([pa.array(["x"]), pa.array(["a"]), pa.array(["b"])], names=["text", "label", "label"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(Unparsable, match="two columns are called 'label'"):
        read_file(tmp_path / "a.parquet", Data(source="a.parquet"))


def test_a_workbook_with_columns_of_one_name_is_refused_where_one_is_used(tmp_path: Path) -> None:
    table = pd.DataFrame([["x", "a", "b", 1, 2]], columns=["text", "label", "label", "other", "other"])
    pytest.importorskip("openpyxl")
    table.to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.raises(Unparsable, match=r"^a\.xlsx: two columns are called 'label'"):
        read_file(tmp_path / "a.xlsx", Data(source="a.xlsx"))
    found = read_file(tmp_path / "a.xlsx", Data(source="a.xlsx", label={"column": "other.1"}))
    assert found.columns.tolist() == ["text", "label", "label.1", "other", "other.1"]


def test_a_column_that_a_parquet_file_has_as_its_index_is_a_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["x", "y"], "label": ["a", "b"], "film": ["f", "g"]}, index=[5, 7])
    for index, columns in ((["film"], ["film", "text", "label"]), (None, ["text", "label", "film"])):
        (frame.set_index(index) if index else frame).to_parquet(tmp_path / "a.parquet")
        found = read_file(tmp_path / "a.parquet", Data(source="a.parquet"))
        assert list(found.columns) == columns
        assert found["text"].tolist() == ["x", "y"]


def test_class_names_in_the_schema_of_a_parquet_file_are_the_classes(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"]), "n": Value("int64")})
    table = Dataset.from_dict({"text": ["x", "y", "z"], "label": [1, 0, -1], "n": [1, 0, 1]}, features=features)
    table.to_parquet(tmp_path / "a.parquet")
    found = read_file(tmp_path / "a.parquet", Data(source="a.parquet"))
    assert found["label"].tolist()[:2] == ["pos", "neg"]
    assert found["label"].isna().tolist() == [False, False, True]
    assert found["n"].tolist() == [1, 0, 1]


def test_a_hundred_thousand_rows_are_read_and_split_in_seconds(tmp_path: Path) -> None:
    from bakeoff.data.sources import LocatedData
    from bakeoff.data.splits import load_splits

    path = tmp_path / "a.csv"
    lines = [f'"text {i}, of a few more words than that",{"ab"[i % 2]},{i % 9000}' for i in range(100_000)]
    path.write_text("text,label,who\n" + "\n".join(lines), encoding="utf-8")
    start = time.process_time()
    settings = Data.model_validate({"source": "a.csv", "deduplicate": True, "split": {"group": "who"}})
    splits = load_splits(settings, LocatedData("a.csv", "table", {"all": path}, "0"))
    assert time.process_time() - start < 10
    assert abs(len(splits.train) - 70_000) < 30


def test_half_a_surrogate_pair_is_refused_and_a_whole_one_is_text(tmp_path: Path) -> None:
    whole = b'{"text": "\\ud83d\\ude00", "label": 1}\n'
    assert read(tmp_path, "a.jsonl", whole)["text"].tolist() == ["\U0001f600"]
    with pytest.raises(Unparsable, match="line 2: half of a surrogate pair"):
        read(tmp_path, "a.jsonl", whole + b'{"text": "\\uD83D", "label": 1}\n')


def test_a_column_may_be_called_self(tmp_path: Path) -> None:
    data = Data.model_validate({"source": "a.csv", "text": "self"})
    (tmp_path / "a.csv").write_bytes(b"self,label\ngood,1\nbad,0\n")
    frame = read_file(tmp_path / "a.csv", data, every=True)
    assert usable_rows(frame, data, Counter(), drawn=True)["self"].tolist() == ["good", "bad"]


@pytest.mark.parametrize("names", [[0, 1], [("a", "text"), ("a", "label")]])
def test_names_of_columns_that_are_no_texts_to_pandas_are_texts_here(tmp_path: Path, names: list[Any]) -> None:
    frame = pd.DataFrame([["x", "y"]])
    frame.columns = pd.MultiIndex.from_tuples(names) if isinstance(names[0], tuple) else pd.Index(names)
    frame.to_parquet(tmp_path / "a.parquet")
    assert list(read(tmp_path, "a.parquet", (tmp_path / "a.parquet").read_bytes())) == list(map(str, names))


@pytest.mark.parametrize(
    ("key", "notes"),
    [
        (b"pandas", b"{}"),
        (b"pandas", b"[1]"),
        (b"pandas", b"{"),
        (b"huggingface", b"{"),
        (b"huggingface", b'{"info": {"features": {"label": {"_type": "ClassLabel", "names": ["a"]}}}}'),
    ],
)
def test_a_parquet_file_with_damaged_notes_of_itself_is_one_line(tmp_path: Path, key: bytes, notes: bytes) -> None:
    table = pa.table({"text": ["x"], "label": [7]}).replace_schema_metadata({key: notes})
    parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(Unparsable, match=r"^a\.parquet: ") as caught:
        read(tmp_path, "a.parquet", (tmp_path / "a.parquet").read_bytes())
    assert "\n" not in str(caught.value)


def test_fields_of_objects_that_are_called_as_another_column_are_refused(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"a.b": [1], "a": [{"b": 2}]}), tmp_path / "a.parquet")
    with pytest.raises(Unparsable, match=r"^a\.parquet: two columns are called 'a\.b'$"):
        read(tmp_path, "a.parquet", (tmp_path / "a.parquet").read_bytes())


def test_objects_whose_keys_are_all_their_own_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    rows = ({"text": "x", "label": 1, "votes": {f"user{row}-{n}": 1 for n in range(10)}} for row in range(3_000))
    content = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    with pytest.raises(Unparsable, match=r"^a\.jsonl: its objects have more than 16,6.. different keys"):
        read(tmp_path, "a.jsonl", content)


@pytest.mark.parametrize(("encoding", "half"), [("utf-7", b"+2AA-"), ("unicode_escape", rb"\ud800")])
def test_half_a_surrogate_pair_of_another_encoding_is_refused(tmp_path: Path, encoding: str, half: bytes) -> None:
    with pytest.raises(Unparsable, match=r"^a\.csv, line 3: half of a surrogate pair is no character$"):
        read(tmp_path, "a.csv", b"text,label\nx,1\na " + half + b" b,0\n", encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_mark_says_what_a_file_is_in(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "a.csv", f"text,label\n{RUSSIAN[:9]},1\n".encode(encoding))["text"].tolist() == [RUSSIAN[:9]]


def test_a_separator_that_no_reader_has_is_not_taken_from_the_first_line(tmp_path: Path) -> None:
    frame = read(tmp_path, "a.csv", "sep=é\ntextélabel\nxé1\n".encode())
    assert frame["sep=é"].tolist() == ["textélabel", "xé1"]


LARGE = [2**53 + 1, 2**53, None, 2**60 + 1]


@pytest.mark.parametrize("form", ["parquet", "parquet.gz", "zip", "json", "jsonl"])
def test_large_whole_numbers_stay_different_in_a_column_with_a_gap(tmp_path: Path, form: str) -> None:
    """A float holds 53 bits: two users, or two classes, became one."""
    table = pa.table({"text": list("abcd"), "label": LARGE, "small": [1, 2, None, 3]})
    parquet.write_table(table, tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    rows = table.to_pylist()
    if form == "zip":
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("a.parquet", content)
        content = (tmp_path / "a.zip").read_bytes()
    elif form.startswith("json"):
        content = ("\n".join(map(json.dumps, rows)) if form == "jsonl" else json.dumps(rows)).encode()
    elif form.endswith("gz"):
        content = gzip.compress(content)
    (tmp_path / f"b.{form}").write_bytes(content)
    found = read_file(tmp_path / f"b.{form}", Data(source=f"b.{form}"))
    assert [None if pd.isna(value) else int(value) for value in found["label"]] == LARGE
    assert found["small"].dtype == float
    assert list(holds(found, f"label > {2**53}")) == [True, False, False, True]
    with pytest.raises(BadValue, match="arithmetic takes numbers, not a number too large"):
        holds(found, "label + 1 > 4")
    assert list(holds(found, "small > 1")) == [False, True, False, True]


def test_large_whole_numbers_of_a_csv_are_read_to_the_last_digit(tmp_path: Path) -> None:
    """One order among a hundred was to be left out, and half of them were; in columns with a gap even more."""
    numbers = [2**59 + n for n in range(40)]
    for name, gap in (("whole", False), ("gap", True)):
        lines = ["text,label,order", *(f"t{n},a,{'' if gap and n == 7 else one}" for n, one in enumerate(numbers))]
        found = read(tmp_path, f"{name}.csv", "\n".join(lines).encode())
        held = [one for n, one in enumerate(numbers) if not (gap and n == 7)]
        assert [int(one) for one in found["order"].dropna()] == held
    unsigned = pd.DataFrame({"order": pd.array(numbers, dtype="uint64")})
    for frame in (read(tmp_path, "again.csv", (tmp_path / "whole.csv").read_bytes()), unsigned):
        assert list(holds(frame, f"order != {numbers[3]}")).count(False) == 1
        assert list(holds(frame, f"order in [{numbers[3]}]")).count(True) == 1
    beyond = pd.DataFrame({"order": pd.array([1, 2**63, 2**63 + 1], dtype="uint64")})
    assert list(holds(beyond, f"order > {10**18}")) == [False, True, True]
    gaps = read(tmp_path, "again.csv", (tmp_path / "gap.csv").read_bytes())
    assert list(holds(gaps, f"order > {numbers[3]}")) == [n > 3 and n != 7 for n in range(40)]
    assert list(holds(gaps, f"order != {numbers[3]}")) == [n != 3 for n in range(40)], "a gap is not that number"
    assert list(holds(gaps, f"order in [{numbers[3]}, 1]")) == [n == 3 for n in range(40)]
    assert list(holds(gaps, f"{numbers[3]} < order < {numbers[6]}")) == [n in (4, 5) for n in range(40)]
    assert list(holds(gaps, "order == order")) == [n != 7 for n in range(40)], "as of any other numbers"
    mixed = read(tmp_path, "mixed.csv", b"text,label,score\na,a,1e17\nb,b,\nc,a,0.5\n")
    assert mixed["score"].dtype == float
    parts = read_separated([tmp_path / "whole.csv", tmp_path / "gap.csv"], Data(source="whole.csv"))
    assert [int(one) for one in parts["order"].dropna()] == [*numbers, *numbers[:7], *numbers[8:]]
    assert not isinstance(parts["order"].iloc[0], str), "numbers in both files are numbers"


def test_half_floats_are_numbers_as_others_are(tmp_path: Path) -> None:
    table = pa.table({"text": ["a", "b", "c"], "label": np.array([1, 2, 0.5], dtype=np.float16)})
    parquet.write_table(table, tmp_path / "a.parquet")
    found = read_file(tmp_path / "a.parquet", Data(source="a.parquet"))
    assert (found["label"].dtype, list(found["label"])) == (float, [1.0, 2.0, 0.5])
