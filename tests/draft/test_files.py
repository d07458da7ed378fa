"""Files as people have them: each is read, or is one line that says what to do."""

import gzip
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bakeoff import cli
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import Splits, load_splits
from bakeoff.draft.file import Wish
from bakeoff.draft.new import new_experiment
from bakeoff.errors import InputError
from bakeoff.experiment.load import load_experiment
from bakeoff.system.workspace import Workspace

TEXTS = [f"the lamp of day {n} works, I think; not badly at all" for n in range(60)]
KINDS = ["good" if n % 2 else "bad" for n in range(60)]
ROWS = list(zip(TEXTS, KINDS, strict=True))


def csv_of(rows: list[Any], columns: list[str] | None = None, **settings: Any) -> bytes:
    frame = pd.DataFrame(rows, columns=columns or ["text", "label"])
    return frame.to_csv(index=False, **settings).encode()


def drafted(root: Path, source: Any, **wish: Any) -> tuple[Splits, str]:
    """Draft an experiment, read its data as a run does, and return that with the file's text."""
    workspace = Workspace(root)
    done = new_experiment(Wish("mine", source, model="models/tiny", calibration=False, **wish), workspace)
    data = load_experiment(done.file).data
    splits = load_splits(data, locate_data(data.source, workspace=workspace))
    assert set(done.survey.classes.counts) == set(splits.label_names)
    return splits, done.file.read_text(encoding="utf-8")


def texts_in(splits: Splits) -> set[str]:
    return {text for split in ("train", "validation", "test") for text in splits[split]["text"]}


def zipped(name: str, content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(f"folder/{name}", content)
        archive.writestr(f"__MACOSX/folder/._{name}", b"x")
    return held.getvalue()


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


PLAIN = csv_of(ROWS)
RECORDS = [{"text": text, "label": kind} for text, kind in ROWS]
READ: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "columns without a name": ("a.csv", b"v1,v2,,,\n" + b"".join(f'{k},"{t}",,,\n'.encode() for t, k in ROWS), {}),
    "names that are there twice": ("a.csv", csv_of([(t, k, 1, 2) for t, k in ROWS], ["text", "label", "n", "n"]), {}),
    "what tells Excel the separator": ("a.csv", b"sep=;\r\n" + csv_of(ROWS, sep=";"), {}),
    "a header with commas": ("a.csv", csv_of(ROWS, ["comment, free, long", "kind"], sep=";"), {}),
    "a separator of one's own": ("a.csv", csv_of(ROWS, sep="^"), {"separator": "^"}),
    "no header": ("a.csv", PLAIN.split(b"\n", 1)[1], {"header": False}),
    "no header, tabs": ("a.tsv", csv_of(ROWS, sep="\t").split(b"\n", 1)[1], {"header": False}),
    "UTF-16": ("a.csv", PLAIN.decode().encode("utf-16"), {}),
    "UTF-16, big-endian": ("a.csv", ("\ufeff" + PLAIN.decode()).encode("utf-16-be"), {}),
    "tabs in a txt": ("a.txt", csv_of(ROWS, sep="\t"), {}),
    "fastText": ("a.txt", "".join(f"__label__{kind} {text}\n" for text, kind in ROWS).encode(), {}),
    "a list of objects": ("a.json", json.dumps(RECORDS, indent=1).encode(), {}),
    "a wrapped list": ("a.json", json.dumps({"version": "1.0", "data": RECORDS}).encode(), {}),
    "columns as lists": ("a.json", json.dumps({"text": TEXTS, "label": KINDS}).encode(), {}),
    "lines of objects called json": ("a.json", lines(RECORDS), {}),
    "nested fields": ("a.jsonl", lines([{"review": {"body": t}, "meta": {"kind": k}} for t, k in ROWS]), {}),
    "lists of one label": ("a.jsonl", lines([{"text": t, "labels": [k]} for t, k in ROWS]), {}),
    "gzip": ("a.csv.gz", gzip.compress(PLAIN), {}),
    "gzipped lines": ("a.jsonl.gz", gzip.compress(lines(RECORDS)), {}),
    "zip": ("a.zip", zipped("b.csv", PLAIN), {}),
    "codes beside empty lines": ("a.csv", b"\n\n" + PLAIN, {}),
}


@pytest.mark.parametrize("kind", READ)
def test_it_is_read(root: Path, kind: str) -> None:
    name, content, wish = READ[kind]
    (root / name).write_bytes(content)
    splits, _ = drafted(root, name, **wish)
    assert set(splits.label_names) == {"good", "bad"}
    assert texts_in(splits) == set(TEXTS)


REFUSED: dict[str, tuple[str, bytes, list[str]]] = {
    "a row as header": ("a.csv", PLAIN.split(b"\n", 1)[1], ["the first line looks like a row", "'bad'", "--no-header"]),
    "lists written out": (
        "a.csv",
        csv_of([(t, "[0, 1]" if n % 3 else "[1]") for n, t in enumerate(TEXTS)]),
        ["--label: column 'label' holds several labels in 40 rows", "`data.where: \"not contains(label, ',')\"`"],
    ),
    "joined labels": (
        "a.csv",
        csv_of([(t, ["joy", "anger", "joy|anger"][n % 3]) for n, t in enumerate(TEXTS)], ["text", "how felt"]),
        ["holds several labels in 20 rows", "not contains(`how felt`, '|')", "`mapping` or `names` says so"],
    ),
    "lists": (
        "a.jsonl",
        lines([{"text": t, "tags": [k, "x"] if n % 2 else [k]} for n, (t, k) in enumerate(ROWS)]),
        ["--label: column 'tags' holds several labels in 30 rows", "leave those rows out"],
    ),
    "fastText with several": (
        "a.txt",
        "".join(f"__label__{kind} __label__new {text}\n" for text, kind in ROWS).encode(),
        ["--label: column 'label' holds several labels in 60 rows"],
    ),
    "a column for each label": (
        "a.csv",
        csv_of(
            [(t, n % 2, (n // 2) % 2, n % 3 // 2) for n, t in enumerate(TEXTS)], ["text", "toxic", "rude", "threat"]
        ),
        ["toxic, rude, threat look like a column for each label", "several labels", "`--label toxic`"],
    ),
    "a column for each class": (
        "a.csv",
        csv_of([(t, *(int(n % 3 == k) for k in range(3))) for n, t in enumerate(TEXTS)], ["text", "a", "b", "c"]),
        ["a, b, c look like a column for each class", "bring one column with the name of the class"],
    ),
    "columns of one name": (
        "a.csv",
        csv_of([(t, k, k) for t, k in ROWS], ["text", "label", "label"]),
        ["two columns are called 'label'", "give them different names"],
    ),
    "several files in a zip": ("a.zip", b"", ["it holds 2 files, and one is read: a.csv, b.csv", "unpack it"]),
    "a zip that is none": ("a.zip", b"PK nonsense", ["a.zip: it cannot be unpacked"]),
    "a gz that is none": ("a.csv.gz", b"text,label\n", ["a.csv.gz: it cannot be unpacked"]),
    "a picture in a zip": ("a.zip", zipped("a.png", b"x"), ["it holds a file that is not read: .png"]),
    "JSON without rows": ("a.json", b'{"a": 1}', ["neither a list of objects nor an object with one such list"]),
    "broken JSON": ("a.json", b'[\n{"text": }]', ["a.json, line 2: not JSON"]),
    "lines without semicolons": (
        "a.txt",
        b"one;a\ntwo\nthree\n",
        ["a.txt, line 2: no semicolon in 2 lines", "__label__x text"],
    ),
    "bytes here and there": (
        "a.csv",
        ("text,label\n" + "\n".join(f"{t} é,{k}" for t, k in ROWS)).encode() + b"\n\xe9,a\n\xe8,b\n",
        [
            "a.csv, line 62: a byte that is no UTF-8",
            "1 more such lines",
            "`iconv -c -f utf-8 -t utf-8 a.csv > mended-a.csv`",
        ],
    ),
    "another encoding": (
        "a.csv",
        b"text,label\nplain,a\n" + "".join(f"{t} niño,{k}\n" for t, k in ROWS).encode("cp1252"),
        ["a.csv, line 3: not UTF-8 text", "59 more such lines", "`--encoding cp1252`"],
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_it_is_refused_with_what_to_do(root: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, content, said = REFUSED[kind]
    (root / name).write_bytes(content)
    if kind == "several files in a zip":
        with zipfile.ZipFile(root / name, "w") as archive:
            archive.writestr("a.csv", PLAIN)
            archive.writestr("b.csv", PLAIN)
    assert cli.main(["new", "mine", "--data", name, "--no-calibration"]) == 2
    told = capsys.readouterr().err
    assert all(one in told for one in said), told
    assert told.count("\n") == 1
    assert list((root / "params").iterdir()) == []


def test_a_list_with_several_labels_in_the_column_named_is_refused_with_the_number_of_rows(root: Path) -> None:
    rows = [{"text": text, "tags": [kind, "x"] if n % 2 else [kind]} for n, (text, kind) in enumerate(ROWS)]
    (root / "a.jsonl").write_bytes(lines(rows))
    with pytest.raises(InputError, match=r"^--label: column 'tags' holds .*several labels in 30 rows"):
        drafted(root, "a.jsonl", label="tags")


@pytest.mark.parametrize(
    "names", [["a place, a town", "a town", "a village"], ["Paris, France", "Lyon, France", "Rome"]]
)
def test_commas_in_names_of_classes_do_not_make_labels_of_them(root: Path, names: list[str]) -> None:
    (root / "a.csv").write_bytes(csv_of([(text, names[n % 3]) for n, text in enumerate(TEXTS)]))
    assert set(drafted(root, "a.csv")[0].label_names) == set(names)


def test_joined_labels_are_classes_where_the_file_says_so(root: Path) -> None:
    from bakeoff.data.schema import Data

    names = ["joy", "anger", "joy,anger"]
    (root / "a.csv").write_bytes(csv_of([(text, names[n % 3]) for n, text in enumerate(TEXTS)]))
    label = {"column": "label", "names": names}
    data = Data.model_validate({"source": "a.csv", "label": label})
    assert load_splits(data, locate_data("a.csv", workspace=Workspace(root))).label_names == tuple(names)


@pytest.mark.parametrize("header", [True, False])
def test_an_excel_workbook_is_read(root: Path, header: bool) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    codes = ["007" if kind == "good" else "7" for kind in KINDS]
    frame = pd.DataFrame({"text": TEXTS, "label": codes, "stars": range(60)})
    with pd.ExcelWriter(root / "a.xlsx") as writer:
        frame.to_excel(writer, sheet_name="reviews", index=False, header=header)
        pd.DataFrame().to_excel(writer, sheet_name="empty")
        writer.book.create_chartsheet("chart").add_chart(openpyxl.chart.BarChart())
    splits, _ = drafted(
        root, "a.xlsx", header=header, **({} if header else {"text": ("column_1",), "label": "column_2"})
    )
    assert set(splits.label_names) == {"007", "7"}
    assert texts_in(splits) == set(TEXTS)


def test_without_its_library_a_workbook_is_one_line(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "a.xlsx").write_bytes(zipped("x.xml", b"<x/>"))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert cli.main(["new", "mine", "--data", "a.xlsx", "--no-calibration"]) == 2
    assert "`pip install 'bakeoff[excel]'` brings it" in capsys.readouterr().err


def test_a_workbook_with_several_tables_is_refused(root: Path) -> None:
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter(root / "a.xlsx") as writer:
        for name in ("one", "two"):
            pd.DataFrame(RECORDS).to_excel(writer, sheet_name=name, index=False)
    with pytest.raises(InputError, match="several sheets hold rows: one, two"):
        drafted(root, "a.xlsx")


@pytest.mark.parametrize("splits", [True, False])
def test_folders_of_classes_are_read(root: Path, splits: bool) -> None:
    for split in ("train", "test") if splits else ("",):
        for n, (text, kind) in enumerate(ROWS):
            place = root / "films" / split / kind
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{n}.txt").write_text(f"{split} {text}\n", encoding="utf-8")
    if splits:
        (root / "films" / "train" / "unsup").mkdir()
        (root / "films" / "train" / "unsup" / "0.txt").write_text("of no class", encoding="utf-8")
    found, _ = drafted(root, "films")
    assert found.label_names == ("bad", "good")
    assert len(found.train) + len(found.validation) == (60 if splits else 51)
    assert found.dropped == ({"no label": 1} if splits else {})


@pytest.mark.parametrize(
    "source",
    ["files", ["files/train_data.csv", "files/my-test.csv"], ["train=files/train_data.csv", "test=files/my-test.csv"]],
)
def test_files_of_splits_are_known_by_their_names(root: Path, source: Any) -> None:
    (root / "files").mkdir()
    (root / "files" / "train_data.csv").write_bytes(PLAIN)
    (root / "files" / "my-test.csv").write_bytes(csv_of([(f"other {text}", kind) for text, kind in ROWS]))
    splits, _ = drafted(root, source)
    assert (len(splits.train) + len(splits.validation), len(splits.test)) == (60, 60)


@pytest.mark.parametrize("second", ["b.csv", "train2.csv"])
def test_several_files_that_are_no_splits_are_refused(root: Path, second: str) -> None:
    for name in ("train.csv", second):
        (root / name).write_bytes(PLAIN)
    with pytest.raises(InputError, match=r"^--data: given 2 times, and .*--data train=a.csv --data test=b.csv"):
        drafted(root, ["train.csv", second])


def test_a_column_that_says_the_split_is_used(root: Path) -> None:
    splits_of = [("train", "Test", "dev")[min(n % 5, 2) if n % 5 < 2 else 0 if n % 5 < 4 else 2] for n in range(60)]
    rows = [(*row, split) for row, split in zip(ROWS, splits_of, strict=True)]
    (root / "a.csv").write_bytes(csv_of(rows, ["text", "label", "part"]))
    splits, text = drafted(root, "a.csv")
    assert "split: {column: part}" in text
    assert set(splits.test["text"]) == {text for text, split in zip(TEXTS, splits_of, strict=True) if split == "Test"}


def test_texts_that_look_like_missing_ones_are_counted_and_a_line_leaves_them_out(root: Path) -> None:
    hollow = ["nan", "None", "-", "\u200b", "N/A"]
    (root / "a.csv").write_bytes(csv_of([*ROWS, *((text, "good") for text in hollow)]))
    _, text = drafted(root, "a.csv")
    assert "texts that look like missing ones: 5 ('nan' 1, 'None' 1, '-' 1" in text
    ready(root, text, "  # where: ")
    data = load_experiment(root / "params" / "mine.yaml").data
    splits = load_splits(data, locate_data("a.csv", workspace=Workspace(root)))
    assert splits.dropped == {"where": 5}
    assert not texts_in(splits) & set(hollow)


def test_classes_that_differ_by_case_or_form_are_named_and_a_line_makes_one_of_them(root: Path) -> None:
    names = ["caf\u00e9", "Caf\u00e9", "cafe\u0301", "tea", " TEA", "\uff54ea"]
    (root / "a.csv").write_bytes(csv_of([(f"{text} {n}", names[n % 6]) for n, text in enumerate(TEXTS * 2)]))
    _, text = drafted(root, "a.csv")
    assert "classes that differ by spaces, case or Unicode form only" in text
    (root / "params" / "mine.yaml").write_text(
        "\n".join(line for line in text.splitlines() if not line.startswith("  label: ")), encoding="utf-8"
    )
    ready(root, (root / "params" / "mine.yaml").read_text(encoding="utf-8"), "  # label: ")
    data = load_experiment(root / "params" / "mine.yaml").data
    splits = load_splits(data, locate_data("a.csv", workspace=Workspace(root)))
    assert set(splits.label_names) == {"caf\u00e9", "tea"}


def ready(root: Path, text: str, line: str) -> None:
    """Use a line that the draft offers in a comment."""
    assert line in text
    (root / "params" / "mine.yaml").write_text(text.replace(line, line.replace("# ", "")), encoding="utf-8")


def test_classes_too_small_to_split_are_named_with_the_line_that_leaves_them_out(root: Path) -> None:
    from bakeoff.data.schema import Data

    (root / "a.csv").write_bytes(csv_of([*ROWS, ("rare one", "legal"), ("rare two", "it's")]))
    located = locate_data("a.csv", workspace=Workspace(root))
    with pytest.raises(InputError) as caught:
        load_splits(Data(source="a.csv"), located)
    said = str(caught.value)
    assert "no room for the class \"it's\", which has 1 of 62 texts, nor for 'legal'" in said
    condition = said.partition('`data.where: "')[2].partition('"`')[0]
    assert "it's" in condition


def test_all_classes_are_kept(root: Path) -> None:
    rows = [(f"{text} of kind {kind}", f"kind {kind:03}") for kind in range(150) for text in TEXTS[:12]]
    (root / "a.csv").write_bytes(csv_of(rows))
    splits, text = drafted(root, "a.csv")
    assert len(splits.label_names) == 150
    assert "where:" not in text


def test_more_classes_than_a_report_holds_are_cut_with_a_word(root: Path) -> None:
    rows = [(f"{text} of kind {kind}", f"kind {kind:03}") for kind in range(210) for text in TEXTS[:10]]
    (root / "a.csv").write_bytes(csv_of(rows))
    splits, text = drafted(root, "a.csv", label="label", text=("text",))
    assert len(splits.label_names) == 200
    assert "210 classes are too many; the 200 most frequent are kept" in text
