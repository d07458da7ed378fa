"""Data sets of a hub, from its cache and without a network: files by configuration, classes by name, refusals."""

from collections import Counter
from pathlib import Path

import pytest

from bakeoff.data.schema import Data, Label, Split
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import Splits, load_splits
from bakeoff.errors import BadValue, InputError, MissingAsset, UnknownName, Unparsable
from bakeoff.system.workspace import Workspace
from hubcache import CARD, EMOTIONS, commit_of, emotion_rows, kinopoisk_rows, lay_out, parquet

REVIEWS = "hf://datasets/blinoff/kinopoisk/kinopoisk.jsonl"


def loaded(data: Data, workspace: Workspace) -> Splits:
    return load_splits(data, locate_data(data.source, workspace=workspace, config=data.config))


def test_a_configuration_gives_its_own_splits(hub: Path, workspace: Workspace) -> None:
    data = Data(source="dair-ai/emotion", config="split", label=Label(names=EMOTIONS))
    located = locate_data(data.source, workspace=workspace, config=data.config)
    assert (located.layout, located.revision) == ("hub", commit_of("dair-ai/emotion"))
    assert located.id == "dair-ai/emotion, configuration split"
    splits = load_splits(data, located)
    assert splits.label_names == EMOTIONS
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [60, 30, 30]
    wanted = emotion_rows(30, salt="test")
    assert splits.test["text"].tolist() == [row["text"] for row in wanted]
    assert splits.test["label"].tolist() == [row["label"] for row in wanted]
    assert splits.test["item_id"][1] == "test-1"
    assert {facts.source_split for facts in splits.facts().values()} == {"train", "validation", "test"}


def test_without_names_classes_are_those_of_the_card(hub: Path, workspace: Workspace) -> None:
    splits = loaded(Data(source="dair-ai/emotion"), workspace)
    assert splits.label_names == tuple(sorted(EMOTIONS))
    assert all(splits.label_names[row.label] in row.text for row in splits.train.itertuples())


def test_a_set_with_one_split_is_divided(hub: Path, workspace: Workspace) -> None:
    data = Data(source="dair-ai/emotion", config="unsplit", split=Split(train=60, validation=24, test=36))
    splits = loaded(data, workspace)
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [60, 24, 36]
    assert splits.facts()["test"].source_n == 120


def test_configurations_differ_in_their_hash(hub: Path, workspace: Workspace) -> None:
    one, other = (locate_data("dair-ai/emotion", workspace=workspace, config=c) for c in ("split", "unsplit"))
    assert one.sha256 != other.sha256
    assert locate_data("dair-ai/emotion", workspace=workspace) == one, "the default"


def test_a_revision_is_a_branch_or_a_commit(hub: Path, workspace: Workspace) -> None:
    plain = locate_data("dair-ai/emotion", workspace=workspace)
    for revision in ("main", commit_of("dair-ai/emotion")):
        assert locate_data(f"dair-ai/emotion@{revision}", workspace=workspace).sha256 == plain.sha256
    with pytest.raises(MissingAsset, match="HF_HUB_OFFLINE"):
        locate_data("dair-ai/emotion@other", workspace=workspace)


def test_one_file_of_a_hub_data_set(hub: Path, workspace: Workspace) -> None:
    label = Label(column="grade10", bins=(5.0,), names=("bad", "good"))
    split = Split(train=0.6, validation=0.2, test=0.2)
    splits = loaded(Data(source=REVIEWS, text="content", label=label, split=split), workspace)
    rows = [row for row in kinopoisk_rows(60) if row["content"]]
    without = sum(row["grade10"] in ("", None) for row in rows)
    assert splits.dropped == {"no text": 5, "no label": without}
    counts = sum((Counter(facts.labels) for facts in splits.facts().values()), Counter())
    expected = Counter("good" if float(row["grade10"]) >= 5 else "bad" for row in rows if row["grade10"])
    assert counts.total() in range(expected.total() - 3, expected.total() + 1), "shares round down"
    by_id = {f"{i}": row for i, row in enumerate(kinopoisk_rows(60))}
    for item in splits.train.itertuples():
        assert (float(by_id[item.item_id]["grade10"]) >= 5) == (item.label == 1)


def test_the_reviews_by_film_without_the_neutral_ones(hub: Path, workspace: Workspace) -> None:
    mapping = {"Good": "Good", "Bad": "Bad", "Neutral": None}
    data = Data(
        source=REVIEWS,
        text="content",
        label=Label(column="grade3", mapping=mapping),
        split=Split(train=0.25, validation=0.25, test=0.5, group="movie_name"),
    )
    located = locate_data(data.source, workspace=workspace)
    assert located.revision == commit_of("blinoff/kinopoisk")
    splits = load_splits(data, located)
    assert splits.dropped == {"no text": 5, "label Neutral": 6}
    assert set(splits.shared_groups().values()) == {0}
    assert all(min(facts.labels.values()) for facts in splits.facts().values())


def test_no_code_of_a_hub_is_run(hub: Path, workspace: Workspace) -> None:
    with pytest.raises(BadValue, match=r"kinopoisk\.py.*hf://datasets/blinoff/kinopoisk/FILE"):
        locate_data("blinoff/kinopoisk", workspace=workspace)


@pytest.mark.parametrize(
    ("source", "config", "kind", "says"),
    [
        ("dair-ai/emotion", "splti", UnknownName, "data.config: unknown configuration 'splti'; did you mean 'split'"),
        ("nobody/nothing", None, MissingAsset, "`hf download --repo-type dataset nobody/nothing` fetches it"),
        (
            REVIEWS.replace("kinopoisk.jsonl", "other.jsonl"),
            None,
            MissingAsset,
            "dataset blinoff/kinopoisk other.jsonl",
        ),
        ("hf://datasets/blinoff.jsonl", None, BadValue, "hf://datasets/owner/name/file"),
        ("hf://models/a/b/c.jsonl", None, BadValue, "hf://datasets/owner/name/file"),
    ],
)
def test_refusals_are_one_line(
    hub: Path, workspace: Workspace, source: str, config: str | None, kind: type[InputError], says: str
) -> None:
    with pytest.raises(kind) as caught:
        locate_data(source, workspace=workspace, config=config, where="x.yaml, line 2")
    assert says in str(caught.value)
    assert str(caught.value).startswith("x.yaml, line 2: ")
    assert "\n" not in str(caught.value)


def test_a_configuration_that_is_not_fetched_is_missed(hub: Path, workspace: Workspace) -> None:
    for path in hub.glob("*/snapshots/*/unsplit/*"):
        path.unlink()
    assert locate_data("dair-ai/emotion", workspace=workspace).parts.keys() == {"train", "validation", "test"}
    with pytest.raises(MissingAsset, match="neither a folder here nor in this machine's hub cache"):
        locate_data("dair-ai/emotion", workspace=workspace, config="unsplit")


def test_a_set_with_rows_missing_is_refused(hub: Path, workspace: Workspace) -> None:
    short = {"split/train-00000-of-00001.parquet": parquet(emotion_rows(50, salt="train"))}
    lay_out(hub, "dair-ai/emotion", short)
    with pytest.raises(MissingAsset, match="50 rows of 60 of its split train"):
        loaded(Data(source="dair-ai/emotion"), workspace)


def test_several_configurations_without_a_default(hub: Path, workspace: Workspace) -> None:
    card = CARD.format(train=1, validation=1, test=1, unsplit=1).replace("  default: true\n", "")
    lay_out(hub, "dair-ai/emotion", {"README.md": card.encode()})
    with pytest.raises(BadValue, match=r"data\.config: missing: dair-ai/emotion has split, unsplit"):
        locate_data("dair-ai/emotion", workspace=workspace)


def test_a_set_without_configurations_is_told_by_its_file_names(hub: Path, workspace: Workspace) -> None:
    rows = "text,label\n" + "".join(f'"one, {i}",{"ab"[i % 2]}\n' for i in range(20))
    files = {"README.md": b"no head\n", "data/train.csv": rows.encode(), "data/test.csv": rows.encode()}
    lay_out(hub, "some/csv", files)
    splits = loaded(Data(source="some/csv"), workspace)
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [18, 2, 20]
    assert splits.facts()["validation"].source_split == "train"


def test_labels_that_are_kept_back_are_no_class(hub: Path, workspace: Workspace) -> None:
    rows = emotion_rows(30, salt="test")
    rows[0]["label"] = -1
    lay_out(hub, "dair-ai/emotion", {"split/test-00000-of-00001.parquet": parquet(rows)})
    splits = loaded(Data(source="dair-ai/emotion"), workspace)
    assert splits.dropped == {"no label": 1}
    assert len(splits.test) == 29


def test_other_splits_are_left_out_and_counted(hub: Path, workspace: Workspace) -> None:
    rows = "".join(f'{{"text": "one {i}", "label": "{"ab"[i % 2]}"}}\n' for i in range(20)).encode()
    head = "---\nconfigs:\n- config_name: default\n  data_files:\n"
    parts = ("train", "test", "unsupervised")
    head += "".join(f"  - split: {part}\n    path: {part}.jsonl\n" for part in parts) + "---\n"
    lay_out(hub, "some/imdb", {"README.md": head.encode(), **{f"{part}.jsonl": rows for part in parts}})
    assert loaded(Data(source="some/imdb"), workspace).dropped == {"split unsupervised": 20}


def test_quotes_of_tab_separated_texts_are_texts(hub: Path, workspace: Workspace) -> None:
    texts = [f'"{start}, number {i}' for i in range(10) for start in ("Loved it", "Hated it")]
    rows = "text\tlabel\n" + "".join(f"{text}\t{'ab'[i % 2]}\n" for i, text in enumerate(texts))
    card = {"README.md": b"no head\n"}
    lay_out(hub, "some/tsv", {**card, "train.tsv": rows.encode(), "test.tsv": rows.encode()})
    assert loaded(Data(source="some/tsv"), workspace).test["text"].tolist() == texts
    lay_out(hub, "some/csv", {**card, "train.csv": rows.replace("\t", ",").encode(), "test.csv": b"text,label\n"})
    with pytest.raises(Unparsable, match=r"train\.csv, line 2: a quote begins a field"):
        loaded(Data(source="some/csv"), workspace)


ODD = ["NA", "null", "007", "000.50", "1e5", "Обычный текст; с точкой"]


@pytest.mark.parametrize(
    ("name", "separator", "settings"),
    [
        ("csv", ",", {}),
        ("csv", ";", {}),
        ("csv", ";", {"encoding": "cp1251"}),
        ("csv", "~", {"separator": "~"}),
        ("tsv", "\t", {"encoding": "cp1251"}),
    ],
)
def test_a_file_gives_the_same_splits_by_any_name(
    hub: Path, workspace: Workspace, name: str, separator: str, settings: dict[str, str]
) -> None:
    rows = [f'"{ODD[i % 6]}"{separator}{("NA", "0123", "123")[i % 3]}{separator}{i // 6}' for i in range(60)]
    content = "\n".join([separator.join(("text", "label", "film")), *rows]).encode(settings.get("encoding", "utf-8"))
    lay_out(hub, "some/rows", {"README.md": b"no head\n", f"train.{name}": content})
    (workspace.root / f"rows.{name}").write_bytes(content)
    split = Split(train=0.5, validation=0.25, test=0.25)
    sources = ("some/rows", f"hf://datasets/some/rows/train.{name}", f"rows.{name}")
    by_hub, by_file, local = (loaded(Data(source=one, split=split, **settings), workspace) for one in sources)
    assert by_hub.comparability_sha256() == by_file.comparability_sha256() == local.comparability_sha256()
    assert by_hub.label_names == ("0123", "123", "NA")
    assert by_hub.dropped == {}
    assert set(by_hub.train["text"]) == set(ODD)


def test_another_encoding_on_the_hub_is_told_with_the_fix(hub: Path, workspace: Workspace) -> None:
    content = ("text;label\n" + "Тихая история про трамвай;a\n" * 9).encode("cp1251")
    lay_out(hub, "some/rows", {"README.md": b"no head\n", "train.csv": content})
    with pytest.raises(
        Unparsable, match=r"^train\.csv, line 2: not UTF-8 .* looks like cp1251; say `data.encoding: cp1251`"
    ):
        loaded(Data(source="some/rows"), workspace)


CODED = """---
dataset_info:
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': quiet
          '1': loud
---
"""


@pytest.mark.parametrize("codes", [("0", "1"), ("0.0", "1.0"), ("quiet", "loud")])
def test_classes_of_a_csv_are_those_of_the_card(hub: Path, workspace: Workspace, codes: tuple[str, str]) -> None:
    rows = "text,label\n" + "".join(f"one {i},{codes[i % 2]}\n" for i in range(20))
    files = {"README.md": CODED.encode(), "train.csv": rows.encode(), "test.csv": f"{rows}kept back,-1\n".encode()}
    lay_out(hub, "some/coded", files)
    splits = loaded(Data(source="some/coded"), workspace)
    assert splits.label_names == ("loud", "quiet")
    assert splits.dropped == {"no label": 1}
    assert [splits.label_names[label] for label in splits.test["label"][:2]] == ["quiet", "loud"]
    lay_out(hub, "some/coded", {"train.csv": f"{rows}other,2\n".encode()})
    with pytest.raises(Unparsable, match=r"column 'label' holds values that are none of the 2 classes"):
        loaded(Data(source="some/coded"), workspace)
    lay_out(hub, "some/coded", {"train.csv": rows.replace("label", "verdict").encode()})
    with pytest.raises(Unparsable, match=r"its card tells of a column 'label', which its files do not have"):
        loaded(Data(source="some/coded"), workspace)


def test_files_of_one_split_are_read_as_one(hub: Path, workspace: Workspace) -> None:
    parts = [("a", "5"), ("b", "x"), ("a", "")]
    files = {
        f"data/train-{n}.csv": ("text,label,film\n" + f"one {n},{label},{film}\n" * 5).encode()
        for n, (label, film) in enumerate(parts)
    }
    test = b"text,label,film\none,a,5\none,b,x\n"
    lay_out(hub, "some/parts", {"README.md": b"no head\n", "data/test-0.csv": test, **files})
    data = Data(source="some/parts", where="film == '5' or film == 'x'", split=Split(validation=2))
    splits = loaded(data, workspace)
    assert splits.dropped == {"where": 5}, "5 is a word where another file has words in its column"
    assert sorted({*splits.train["item_id"], *splits.validation["item_id"]}) == sorted(f"train-{i}" for i in range(10))
    lay_out(hub, "some/parts", {"data/train-1.csv": b"text,grade,film\none,a,1\n"})
    with pytest.raises(Unparsable, match=r"train-1\.csv: its columns are not those of train-0\.csv"):
        loaded(data, workspace)
