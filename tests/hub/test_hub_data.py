"""Data sets of a hub, from its cache and without a network: files by configuration, classes by name, refusals."""

from collections import Counter
from pathlib import Path

import pytest
from hubcache import CARD, EMOTIONS, commit_of, emotion_rows, kinopoisk_rows, lay_out, parquet

from bakeoff.errors import BadValue, InputError, MissingAsset, UnknownName, Unparsable
from bakeoff.experiment import Data, Label, Split
from bakeoff.sources import locate_data
from bakeoff.tuning.data import Splits, load_splits
from bakeoff.workspace import Workspace

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
        split=Split(train=0.5, validation=0.25, test=0.25, group="movie_name"),
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
        ("nobody/nothing", None, MissingAsset, "`hf download --repo-type dataset nobody/nothing` fetches it; `--set"),
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
