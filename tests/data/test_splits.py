"""From files to splits: layouts, labels, filters, sizes, and every way a user can get them wrong."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.data.schema import Data, Label, Split
from bakeoff.data.sources import LocatedData
from bakeoff.data.splits import load_splits
from bakeoff.errors import BadValue, InputError, UnknownName, Unparsable

HALVES = Split(train=0.5, validation=0.25, test=0.25)


def located(path: Path, layout: str = "table") -> LocatedData:
    return LocatedData(path.name, layout, {"all": path}, "0" * 64)


def table(folder: Path, rows: list[dict[str, Any]], suffix: str = ".jsonl") -> Path:
    path = folder / f"rows{suffix}"
    if suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    elif suffix == ".parquet":
        pd.DataFrame(rows).to_parquet(path)
    else:
        pd.DataFrame(rows).to_csv(path, index=False, sep="," if suffix == ".csv" else "\t")
    return path


def rows(n: int = 40) -> list[dict[str, Any]]:
    return [{"text": f"text number {i}, \u2028 here", "label": "ab"[i % 2], "grade": i % 5} for i in range(n)]


def data(**changes: Any) -> Data:
    return Data(**{"source": "rows", "split": HALVES, **changes})


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_every_format_gives_the_same_splits(tmp_path: Path, suffix: str) -> None:
    splits = load_splits(data(), located(table(tmp_path, rows(), suffix)))
    assert splits.label_names == ("a", "b")
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [20, 10, 10]
    assert splits.comparability_sha256() == load_splits(data(), located(table(tmp_path, rows()))).comparability_sha256()
    together = pd.concat([splits.train, splits.validation, splits.test])
    assert together["item_id"].is_unique
    assert list(splits.train.columns) == ["item_id", "text", "label"]
    assert splits.train["item_id"].astype(int).is_monotonic_increasing


def test_icwsm2014_lines(tmp_path: Path) -> None:
    path = tmp_path / "movies.txt"
    lines = [f"{i}\t{(-1) ** i * (i % 4 + 0.25)}\tit's \u201cfine\u201d\x85 {i}\twith a tab" for i in range(40)]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode())
    label = Label(column="score", bins=(0.0,), names=("negative", "positive"))
    splits = load_splits(data(label=label, where="abs(score) >= 0.5"), located(path, "icwsm2014"))
    assert splits.dropped == {"where": 10}
    assert splits.label_names == ("negative", "positive")
    assert splits.train["text"].str.contains("\x85").all()
    assert splits.train["text"].str.contains("\t").all()


def test_a_value_on_an_edge_goes_up(tmp_path: Path) -> None:
    label = Label(column="grade", bins=(2.0, 4.0), names=("low", "mid", "high"))
    whole = data(label=label, split=Split(train=20, validation=10, test=10))
    splits = load_splits(whole, located(table(tmp_path, rows())))
    by_id = pd.concat([splits.train, splits.validation, splits.test]).set_index("item_id")["label"]
    assert [by_id[str(i)] for i in range(5)] == [0, 0, 1, 1, 2]


def test_mapping_drops_null_and_orders_classes(tmp_path: Path) -> None:
    mapping = {0: "bad", 1: "bad", 2: None, 3: "good", 4: "good"}
    label = Label(column="grade", mapping=mapping, names=("good", "bad"))
    splits = load_splits(data(label=label), located(table(tmp_path, rows())))
    assert splits.dropped == {"label 2": 8}
    assert splits.label_names == ("good", "bad")
    assert splits.facts()["train"].labels == {"good": 8, "bad": 8}


def test_rows_without_text_or_label_are_dropped_and_counted(tmp_path: Path) -> None:
    holes = [*rows(), {"text": "  ", "label": "a"}, {"text": None, "label": "a"}, {"text": "x", "label": None}]
    assert load_splits(data(), located(table(tmp_path, holes))).dropped == {"no text": 2, "no label": 1}


def test_words_that_look_missing_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "".join(f"{word},{i % 2}\n" for i, word in enumerate(["NA", "null", "None"] * 8)))
    splits = load_splits(data(), located(path))
    assert splits.dropped == {}
    assert splits.label_names == ("0", "1")


def test_grades_with_gaps_keep_their_names(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "".join(f"t{i},{i % 2 + 1}\n" for i in range(20)) + "t,\n")
    splits = load_splits(data(), located(path))
    assert splits.label_names == ("1", "2")
    assert splits.dropped == {"no label": 1}


def test_own_splits(tmp_path: Path) -> None:
    path = table(tmp_path, rows())
    files = {"train": path, "validation": path, "test": path}
    whole = Data(source={"train": "a.csv", "validation": "b.csv", "test": "c.csv"})
    splits = load_splits(whole, LocatedData("x", "table", files, "0"))
    assert splits.overlap() == {"train/validation": 40, "train/test": 40, "validation/test": 40}
    assert splits.test["item_id"][0] == "test-0"


def test_facts(tmp_path: Path) -> None:
    same = [{"text": "one two three", "label": "ab"[i % 2]} for i in range(40)]
    facts = load_splits(data(), located(table(tmp_path, same))).facts()["test"]
    assert (facts.n, facts.duplicates, facts.words_median, facts.words_max) == (10, 9, 3.0, 3)


def test_comparability_follows_texts_and_labels(tmp_path: Path) -> None:
    before = load_splits(data(), located(table(tmp_path, rows()))).comparability_sha256()
    changed = [{**row, "text": row["text"] + "!"} for row in rows()]
    assert load_splits(data(), located(table(tmp_path, changed))).comparability_sha256() != before
    assert load_splits(data(max_length=99), located(table(tmp_path, rows()))).comparability_sha256() == before


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"text": "txet"}, UnknownName, "did you mean 'text'"),
        ({"label": "lable"}, UnknownName, "did you mean 'label'"),
        ({"where": "abs(score) > 1"}, BadValue, "columns: text, label, grade"),
        ({"where": "grade >"}, BadValue, "cannot be evaluated"),
        ({"where": "grade"}, BadValue, "not a condition"),
        ({"where": "@rows"}, BadValue, "cannot be evaluated"),
        ({"where": "grade > 9"}, BadValue, "true for none of the 40 rows"),
        ({"label": Label(bins=(1.0,), names=("x", "y"))}, BadValue, "'a' in column 'label' is not a number"),
        ({"label": Label(column="grade", mapping={0: "x", 1: "y"})}, BadValue, "the value '2'"),
        ({"label": Label(column="grade", mapping=dict.fromkeys(range(5), "x"))}, BadValue, "only one class, x"),
        (
            {"label": Label(names=("x", "y", "z"))},
            BadValue,
            "x, y, z are not the values of column 'label', which holds a, b",
        ),
        ({"split": Split(train=30, validation=30, test=30)}, BadValue, "asks for 90 texts where 40 are left"),
        ({"split": Split(train=20, validation=0.001, test=10)}, BadValue, "less than one"),
        (
            {"label": "grade", "split": Split(train=30, validation=3, test=5)},
            BadValue,
            "no room for the class '3', which has 8 of 40",
        ),
        ({"label": Label(column="grade", bins=(2.0, 9.0), names=("x", "y", "z"))}, BadValue, "has the class 'z'"),
    ],
)
def test_bad_settings_are_one_line(tmp_path: Path, changes: dict[str, Any], error: type[InputError], says: str) -> None:
    with pytest.raises(error) as caught:
        load_splits(data(**changes), located(table(tmp_path, rows())))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"text,label\n\xff\xfe,a\n", "not UTF-8"),
        ("a.csv", b"", "a.csv: the file is empty"),
        ("a.csv", b"text,label\n", "the file holds no rows"),
        ("a.csv", b"\n\n", "No columns"),
        ("a.jsonl", b"\n", "the file holds no rows"),
        ("a.txt", b"one;a\ntwo\n", "a.txt, line 2: no semicolon"),
        ("a.csv", b"text,label,label\nx,a,b\n", "two columns are called 'label'"),
        ("a.csv", b"text,label\nx,a,b\n", "more fields than the header"),
        ("a.csv", b"text,label\nx,a\nx,a,b\n", "line 3, saw 3"),
        ("a.csv", b'text,label\n"x,a\n', "a.csv, line 2: a quote begins a field"),
        ("a.jsonl", b'{"text": "x", "label": "a"}\n{"text":\n', "a.jsonl, line 2: not JSON"),
        ("a.jsonl", b"[1]\n", "not a JSON object"),
        ("a.parquet", b"PAR1nonsense", "a.parquet"),
    ],
)
def test_broken_files_are_one_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unparsable) as caught:
        load_splits(data(), located(tmp_path / name))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_broken_icwsm2014(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1\t2.0\n")
    with pytest.raises(Unparsable, match="id TAB rating TAB text"):
        load_splits(data(), located(tmp_path / "a.txt", "icwsm2014"))


def own(folder: Path, **tables: list[dict[str, Any]]) -> LocatedData:
    """Lay out a source with splits of its own."""
    files = {}
    for split, content in tables.items():
        (folder / split).mkdir(parents=True)
        files[split] = table(folder / split, content)
    return LocatedData("own", "table", files, "0" * 64)


def told(n: int, salt: str) -> list[dict[str, Any]]:
    return [{"text": f"{salt} {i}", "label": "ab"[i % 2], "film": f"{salt[:1]}{i // 5}"} for i in range(n)]


def test_own_splits_are_kept_whole_or_drawn_from(tmp_path: Path) -> None:
    source = own(tmp_path, train=told(40, "train"), validation=told(20, "validation"), test=told(20, "test"))
    whole = load_splits(Data(source="own"), source)
    assert [len(whole[name]) for name in ("train", "validation", "test")] == [40, 20, 20]
    some = load_splits(Data(source="own", split=Split(train=10, test=0.5)), source)
    assert [len(some[name]) for name in ("train", "validation", "test")] == [10, 20, 10]
    assert some.validation.equals(whole.validation)
    assert some.train["item_id"].isin(whole.train["item_id"]).all()
    assert some.facts()["train"].labels == {"a": 5, "b": 5}
    assert [(facts.source_split, facts.source_n) for facts in some.facts().values()] == [
        ("train", 40),
        ("validation", 20),
        ("test", 20),
    ]
    other = load_splits(Data(source="own", split=Split(train=30, validation=6, test=0.5)), source)
    assert other.test.equals(some.test), "whatever the other sizes are"
    with pytest.raises(BadValue, match=r"asks for 41 texts where the source's own has 40$"):
        load_splits(Data(source="own", split=Split(train=41)), source)


def test_validation_texts_come_from_train_where_there_are_none(tmp_path: Path) -> None:
    source = own(tmp_path, train=told(40, "train"), test=told(20, "test"))
    splits = load_splits(Data(source="own"), source)
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [36, 4, 20]
    assert splits.overlap() == {"train/validation": 0, "train/test": 0, "validation/test": 0}
    assert splits.facts()["validation"].source_split == "train"
    fewer = load_splits(Data(source="own", split=Split(train=10, validation=4)), source)
    assert fewer.validation.equals(splits.validation), "whatever the size of train is"


@pytest.mark.parametrize("missing", ["train", "test"])
def test_a_source_without_train_or_test_is_refused(tmp_path: Path, missing: str) -> None:
    parts = {name: told(20, name) for name in ("train", "validation", "test") if name != missing}
    with pytest.raises(BadValue, match=f"it has no {missing} split"):
        load_splits(Data(source="own"), own(tmp_path, **parts))


def test_groups_in_two_own_splits_are_counted(tmp_path: Path) -> None:
    splits = load_splits(
        Data(source="own", split=Split(group="film")), own(tmp_path, train=told(40, "train"), test=told(20, "test"))
    )
    films = {split: {row.text.split()[1] for row in splits[split].itertuples()} for split in ("train", "validation")}
    drawn = {int(i) // 5 for i in films["validation"]}
    assert splits.shared_groups() == {
        "train/validation": 0,
        "train/test": len({0, 1, 2, 3} - drawn),
        "validation/test": len({0, 1, 2, 3} & drawn),
    }, "t0 to t3 are films of train (or of the validation texts drawn from it) and of test"
    assert [facts.groups for facts in splits.facts().values()] == [8 - len(drawn), len(drawn), 4]


def test_a_column_that_one_file_lacks_is_told_with_the_file(tmp_path: Path) -> None:
    other = [{"body": row["text"], "label": row["label"]} for row in told(20, "test")]
    source = own(tmp_path, train=told(40, "train"), test=other)
    said = r"^split test \(rows.jsonl\): data\.text: unknown column 'text'; .*Known: body, label$"
    with pytest.raises(UnknownName, match=said):
        load_splits(Data(source="own"), source)
    with pytest.raises(BadValue, match=r"^split test \(rows.jsonl\): data\.where: .*; columns: body, label$"):
        load_splits(Data(source="own", text="label", where="film != 't0'"), source)


def test_a_column_may_be_called_item_id(tmp_path: Path) -> None:
    path = table(tmp_path, [{**row, "item_id": 7 if i == 3 else i // 4} for i, row in enumerate(rows(80))], ".csv")
    plain = load_splits(data(), located(path))
    kept = load_splits(data(where="item_id != 7"), located(path))
    ids = [
        set(pd.concat([some[name] for name in ("train", "validation", "test")])["item_id"]) for some in (plain, kept)
    ]
    assert len(plain.train) == 40
    assert ids[0] == {str(i) for i in range(80)}
    assert {"3", *(str(i) for i in range(28, 32))}.isdisjoint(ids[1])
    grouped = load_splits(data(split=Split(group="item_id")), located(path))
    assert set(grouped.shared_groups().values()) == {0}
    assert grouped.facts()["train"].groups > 5


def test_rows_can_be_chosen_by_their_place(tmp_path: Path) -> None:
    splits = load_splits(data(where="index >= 20"), located(table(tmp_path, rows())))
    assert splits.dropped == {"where": 20}
    assert splits.train["item_id"].astype(int).min() >= 20


def test_columns_of_categories_are_read_as_their_values(tmp_path: Path) -> None:
    frame = pd.DataFrame({**pd.DataFrame(rows()), "film": [None, *["x"] * 19, *["y"] * 20], "one": "x"})
    frame["text"] = frame["text"].where(frame.index != 5)
    path = tmp_path / "rows.parquet"
    frame.to_parquet(path)
    plain = load_splits(data(label="film"), located(path))
    frame.astype("category").to_parquet(path)
    coded = load_splits(data(label="film"), located(path))
    assert coded.dropped == plain.dropped == {"no text": 1, "no label": 1}
    assert coded.comparability_sha256() == plain.comparability_sha256()
    with pytest.raises(BadValue, match="there is only one class, x"):
        load_splits(data(label="one"), located(path))
    with pytest.raises(BadValue, match="2 groups are left for 3 splits"):
        load_splits(data(split=Split(group="film")), located(path))


def test_one_test_text_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """All runs were made, and no report could be."""
    asked = Split(train=20, validation=5, test=1, stratify=False)
    pd.DataFrame(rows()).to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(BadValue, match=r"^data.split.test: a single test text tells nothing of others; ask for two"):
        load_splits(data(split=asked), located(tmp_path / "rows.csv"))


def test_rows_without_a_group_are_dropped_and_counted(tmp_path: Path) -> None:
    lost = [{**row, "film": None if i < 3 else row["film"]} for i, row in enumerate(told(100, "x"))]
    splits = load_splits(data(split=Split(group="film")), located(table(tmp_path, lost)))
    assert splits.dropped == {"no group": 3}
    with pytest.raises(UnknownName, match=r"data\.split\.group: unknown column 'flim'; did you mean 'film'"):
        load_splits(data(split=Split(group="flim")), located(table(tmp_path, lost)))


def test_where_nothing_is_left_the_reasons_are_told(tmp_path: Path) -> None:
    path = table(tmp_path, [{**row, "film": None} for row in rows(8)])
    with pytest.raises(BadValue, match=r"no text with a label is left; rows were left out: no group \(8\)"):
        load_splits(data(split=Split(group="film")), located(path))


def test_repeats_are_left_out_and_counted(tmp_path: Path) -> None:
    again = [{"text": "train 0", "label": "a"}, {"text": "train 0", "label": "b"}, {"text": "test 1", "label": "a"}]
    train = [*told(40, "train"), *again, {"text": "validation 2", "label": "b"}]
    validation = [*told(20, "validation"), {"text": "test 3", "label": "b"}]
    source = own(
        tmp_path, train=train, validation=validation, test=[*told(20, "test"), {"text": "test 0", "label": "b"}]
    )
    plain = load_splits(Data(source="own"), source)
    assert plain.dropped == {}
    assert (plain.facts()["train"].duplicates, plain.facts()["train"].contradictory) == (2, 1)
    splits = load_splits(Data(source="own", deduplicate=True), source)
    assert splits.dropped == {
        "repeated text": 1,
        "repeated text with another label": 2,
        "train text also in validation": 1,
        "train text also in test": 1,
        "validation text also in test": 1,
    }
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [40, 20, 20]
    assert set(splits.overlap().values()) == {0}
    assert splits.test["item_id"].tolist() == [f"test-{i}" for i in range(20)]


def test_a_class_that_deduplicating_takes_away_is_told_with_its_number(tmp_path: Path) -> None:
    again = [{"text": "text number 0, \u2028 here", "label": "c"}] * 7
    source = located(table(tmp_path, [*rows(), *again]))
    said = r"no training text has the class 'c'; `deduplicate` left out 7 of its texts; .* `deduplicate: false`$"
    with pytest.raises(BadValue, match=said):
        load_splits(data(deduplicate=True), source)
    unlucky = own(tmp_path, train=told(40, "train"), test=[*told(20, "test"), *again])
    with pytest.raises(BadValue, match=r"has the class 'c'; draw more texts or drop the class$"):
        load_splits(Data(source="own"), unlucky)


def test_a_test_split_of_one_group_is_refused(tmp_path: Path) -> None:
    films = [{**row, "film": "a" if i < 20 else f"b{i}"} for i, row in enumerate(rows(80))]
    said = (
        r"^data\.split\.group: the 20 texts of the test split have 1 value of column 'film' between them; one says "
        "nothing of others: ask for more test texts, or leave `group` out$"
    )
    whole = own(tmp_path, train=films[20:], test=films[:20])
    with pytest.raises(BadValue, match=said):
        load_splits(Data(source="own", split=Split(group="film")), whole)
    assert len(load_splits(Data(source="own"), whole).test) == 20
    few = [{**row, "film": f"f{i // 20}"} for i, row in enumerate(rows(80))]
    with pytest.raises(BadValue, match=said):
        load_splits(
            data(split=Split(train=0.5, validation=0.25, test=0.25, group="film")), located(table(tmp_path, few))
        )
    none = own(tmp_path / "lost", train=films[20:], test=[{**row, "film": None} for row in films[:20]])
    assert load_splits(Data(source="own", split=Split(group="film")), none).facts()["test"].groups == 20


def test_sizes_that_are_left_out(tmp_path: Path) -> None:
    source = located(table(tmp_path, rows(200)))
    sizes = {
        (): [140, 30, 30],
        (("train", 100),): [100, 30, 30],
        (("validation", 20), ("test", 0.3)): [120, 20, 60],
        (("test", 50),): [120, 30, 50],
    }
    for given, wanted in sizes.items():
        splits = load_splits(data(split=Split(**dict(given))), source)
        assert [len(splits[name]) for name in ("train", "validation", "test")] == wanted
    with pytest.raises(BadValue, match=r"the shares add up to more than one: train 0.8, validation 0.15, test 0.2"):
        load_splits(data(split=Split(train=0.8, test=0.2)), source)
    with pytest.raises(BadValue, match="leaves none for train"):
        load_splits(data(split=Split(validation=100, test=100)), source)


EMOTION = Path(__file__).resolve().parents[3] / "shared" / "data" / "emotion"


@pytest.mark.skipif(not EMOTION.is_dir() and "CI" not in os.environ, reason=f"{EMOTION} is not here")
def test_the_original_emotion_files() -> None:
    from bakeoff.data.sources import locate_data
    from bakeoff.system.workspace import Workspace

    names = ("sadness", "joy", "love", "anger", "fear", "surprise")
    source = locate_data(str(EMOTION), workspace=Workspace(EMOTION))
    whole = load_splits(Data(source="x", label=Label(names=names)), source)
    some = load_splits(Data(source="x", label=Label(names=names), split=Split(train=4000)), source)
    assert [len(whole[name]) for name in ("train", "validation", "test")] == [16000, 2000, 2000]
    assert (len(some.train), some.test.equals(whole.test), some.label_names) == (4000, True, names)
    assert whole.facts()["test"].labels["sadness"] == 581


DRAWN = {"train": 20, "validation": 20, "test": 20, "resample": "train"}


def shares(frame: pd.DataFrame) -> dict[int, int]:
    return {int(kind): int(n) for kind, n in frame["label"].value_counts().items()}


def test_each_seed_draws_its_own_training_texts_alike_for_all_methods(tmp_path: Path) -> None:
    source = located(table(tmp_path, rows(120)))
    splits = load_splits(data(split=Split(**DRAWN), label="grade", where="grade != 4"), source)
    draws = {seed: splits.for_seed(seed) for seed in (41, 42, 43)}
    for seed, drawn in draws.items():
        assert len(drawn.train) == 20
        assert shares(drawn.train) == shares(splits.train), "as of all texts"
        assert drawn.train.equals(load_splits(data(split=Split(**DRAWN), label="grade", where="grade != 4"), source)
                                  .for_seed(seed).train)  # fmt: skip
        assert drawn.train["item_id"].astype(int).is_monotonic_increasing
        assert not drawn.train["item_id"].isin(pd.concat([splits.validation, splits.test])["item_id"]).any()
        assert drawn.test.equals(splits.test)
        assert drawn.overlap()["train/test"] == 0
        assert drawn.facts()["train"].pool_n == 56, "96 rows are kept, and 40 validate and test"
        assert drawn.comparability_sha256() == splits.comparability_sha256()
    assert len({drawn.facts()["train"].item_ids_sha256 for drawn in draws.values()}) == 3
    assert len({drawn.facts()["test"].item_ids_sha256 for drawn in draws.values()}) == 1
    seen = pd.concat([splits.for_seed(seed).train for seed in range(40)])["item_id"]
    assert seen.nunique() == 56, "every text can be drawn"


def test_what_is_drawn_from_and_how_count_for_who_may_stand_in_one_table(tmp_path: Path, monkeypatch) -> None:
    source = located(table(tmp_path, rows(120)))
    plain, drawn = (load_splits(data(split=Split(**{**DRAWN, "resample": how})), source) for how in (None, "train"))
    assert plain.train.equals(drawn.train)
    assert plain.for_seed(7) is plain
    assert plain.facts()["train"].pool_n is None
    assert plain.comparability_sha256() != drawn.comparability_sha256()
    before = drawn.comparability_sha256()
    monkeypatch.setattr("bakeoff.data.splits.draw_again", lambda labels, split, *, size, **_: np.arange(size))
    assert drawn.comparability_sha256() != before


def test_draws_keep_groups_whole(tmp_path: Path) -> None:
    made = [{**row, "film": f"film {i // 6}"} for i, row in enumerate(rows(240))]
    split = Split(train=60, validation=48, test=48, group="film", resample="train")
    splits = load_splits(data(split=split), located(table(tmp_path, made)))
    sets = []
    for seed in range(5):
        drawn = splits.for_seed(seed)
        assert len(drawn.train) == pytest.approx(60, abs=3)
        assert drawn.shared_groups()["train/test"] == drawn.shared_groups()["train/validation"] == 0
        assert drawn.facts()["train"].groups == drawn.groups["train"].nunique() == len(drawn.train) / 6
        sets.append(frozenset(drawn.train["item_id"]))
    assert len(set(sets)) == 5


def test_draws_from_the_own_train_split_of_a_source(tmp_path: Path) -> None:
    source = own(tmp_path, train=told(40, "train"), test=told(20, "test"))
    splits = load_splits(Data(source="own", split=Split(train=0.4, validation=4, resample="train")), source)
    drawn = splits.for_seed(1)
    assert (len(drawn.train), drawn.facts()["train"].pool_n) == (16, 36)
    assert drawn.facts()["train"].source_split == "train"
    assert drawn.overlap()["train/validation"] == 0


def test_seeds_without_texts_to_draw_from_are_refused_with_what_would_do(tmp_path: Path) -> None:
    says = (
        r"^data\.split\.resample: train has {} of the 40 texts that validation and test leave, so that all seeds would "
        r"draw much the same; ask for fewer, for example `train: 20`: each seed draws its own half then$"
    )
    source = own(tmp_path, train=told(40, "train"), validation=told(20, "v"), test=told(20, "test"))
    for size, told_as in ((None, 40), (37, 37)):
        with pytest.raises(BadValue, match=says.format(told_as)):
            load_splits(Data(source="own", split=Split(train=size, resample="train")), source)
    assert load_splits(Data(source="own", split=Split(train=36, resample="train")), source).pool is not None


def test_a_draw_without_a_class_is_refused(tmp_path: Path) -> None:
    made = [{"text": f"text {i}", "label": "rare" if i < 3 else "common"} for i in range(200)]
    source = located(table(tmp_path, made))
    sizes = {"train": 20, "validation": 50, "test": 50, "stratify": False, "resample": "train"}
    splits = next(
        found for seed in range(99) if (found := attempt(data(split=Split(**sizes, seed=seed)), source)) is not None
    )
    with pytest.raises(BadValue, match="no training text has the class 'rare'"):
        list(map(splits.for_seed, range(99)))


def attempt(asked: Data, source: LocatedData) -> Any:
    try:
        return load_splits(asked, source)
    except BadValue:
        return None
