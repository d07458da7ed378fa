"""Pairs of texts on a small entailment set: whether the second text says the opposite of the first."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from transformers import AutoTokenizer

from bakeoff.data.filtering import PAIR
from bakeoff.data.schema import Data
from bakeoff.data.sources import LocatedData
from bakeoff.data.splits import Splits, load_splits
from bakeoff.errors import UnknownName
from bakeoff.export.classify import json_answers
from bakeoff.models.tokenizer import tokenized
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.single_run import misclassified_table
from bakeoff.training.reading.batches import encode
from bakeoff.training.run import prepare
from bench import Bench, accuracy
from tiny import NEUTRAL, save_tiny, save_tokenizer


def entailment(folder: Path, n: int = 240) -> LocatedData:
    """Write pairs of which one half contradict each other; neither text alone says which."""
    generator = np.random.default_rng(0)
    rows = []
    for number in range(n):
        first, other = ("good", "bad")[:: 1 if number % 2 else -1]
        agree = number // 2 % 2
        about = " ".join(generator.choice(NEUTRAL, size=2))
        second = first if agree else other
        rows.append((f"{about} {first}", f"{about} {second}", "yes" if agree else "no"))
    rows += [rows[0], (rows[0][0], "", "yes"), (rows[0][0], rows[2][1], rows[0][2])]
    path = folder / "pairs.csv"
    pd.DataFrame(rows, columns=["premise", "hypothesis", "agree"]).to_csv(path, index=False)
    return LocatedData("pairs.csv", "table", {"all": path}, "0")


def data(**changes: Any) -> Data:
    tree = {"source": "pairs.csv", "text": ["premise", "hypothesis"], "label": "agree", "max_length": 32}
    return Data.model_validate({**tree, **changes})


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Splits:
    return load_splits(data(), entailment(tmp_path_factory.mktemp("pairs")))


def test_repetitions_and_lengths_are_of_the_pair(tmp_path: Path) -> None:
    located = entailment(tmp_path)
    splits = load_splits(data(deduplicate=True), located)
    repeated = pd.read_csv(located.files["all"]).dropna()[["premise", "hypothesis"]].duplicated().sum()
    assert splits.dropped["no text"] == 1, "a pair lacks its second text"
    assert sum(n for reason, n in splits.dropped.items() if reason.startswith("repeated")) == repeated >= 1
    facts = splits.facts()["train"]
    assert (facts.words_median, facts.words_max) == (6, 6)


def test_a_column_of_a_pair_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'hypothesis'"):
        load_splits(data(text=["premise", "hypotesis"]), entailment(tmp_path))


def with_pairs(folder: Path) -> Any:
    """Return a tokenizer that knows pairs, as BERT's does."""
    from tokenizers.processors import TemplateProcessing

    save_tokenizer(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer._tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def test_an_encoder_reads_both_texts_with_what_stands_between_them(tmp_path: Path) -> None:
    tokenizer = with_pairs(tmp_path)
    accepted = frozenset(("input_ids", "attention_mask", "token_type_ids"))
    texts = [f"good film{PAIR}bad film", f"{'the ' * 30}good{PAIR}bad"]
    found = encode(texts, tokenizer=tokenizer, accepted=accepted, max_length=16)
    words = tokenizer.convert_ids_to_tokens(found.columns["input_ids"][0])
    assert words == ["[CLS]", "good", "film", "[SEP]", "bad", "film", "[SEP]"]
    assert found.columns["token_type_ids"][0] == [0, 0, 0, 0, 1, 1, 1]
    assert (len(found.columns["input_ids"][1]), found.truncated) == (16, 1)
    assert tokenizer.convert_ids_to_tokens(found.columns["input_ids"][1])[-2:] == ["bad", "[SEP]"], "the longer is cut"


def test_a_tokenizer_that_knows_no_pairs_has_a_line_break_between(tmp_path: Path) -> None:
    save_tokenizer(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    joined = tokenized(tokenizer, [f"good film{PAIR}bad film"])["input_ids"]
    assert joined == tokenizer(["good film\nbad film"])["input_ids"]


def test_texts_of_their_own_are_tokenised_as_ever(tmp_path: Path) -> None:
    tokenizer = with_pairs(tmp_path)
    assert tokenized(tokenizer, ["good film", "bad"]).data == tokenizer(["good film", "bad"]).data


def test_an_encoder_learns_what_neither_text_alone_says(bench: Bench, pairs: Splits) -> None:
    folder = save_tiny(bench.workspace.root / "models" / "pairs")
    with_pairs(folder).save_pretrained(folder)
    bench.models["pairs"] = folder
    trainee = prepare(bench.run("full", model="pairs", epochs=20, batch_size=8, learning_rate=3e-3), pairs)
    trainee.fit(bench.folder("pairs"), accuracy, show_bar=False)
    assert (trainee.predict("test").argmax(axis=1) == pairs.test["label"]).mean() >= 0.9
    for one in (0, 1):
        told = pairs.train["text"].str.split(PAIR).str[one].str.contains("good")
        shares = pairs.train["label"].groupby(told).mean()
        assert shares.between(0.4, 0.6).all(), "one text alone says nothing"


@pytest.mark.parametrize("kind", ["majority", "tfidf"])
def test_a_classical_method_reads_a_pair_as_one_text(bench: Bench, pairs: Splits, kind: str) -> None:
    trainee = prepare(bench.run(kind), pairs)
    trainee.fit(bench.folder(kind), accuracy, show_bar=False)
    assert trainee.predict("test").shape == (len(pairs.test), 2)
    if kind == "tfidf":
        assert {"good", "bad"} <= set(trainee.fitted.features)


def test_a_table_of_mistakes_has_a_column_for_each_text(pairs: Splits) -> None:
    frame = pairs.test.head(3)
    logits = np.where(frame["label"].to_numpy()[:, None] == [0, 1], [[-1.0], [-2.0], [-3.0]], 0.0).astype(np.float32)
    table = misclassified_table(frame, logits, names=("no", "yes"), split="test", blind=False, n=8)
    assert isinstance(table, Table)
    assert table.header[:2] == ["first text", "second text"]
    assert sorted(PAIR.join(map(str, row[:2])) for row in table.rows) == sorted(frame["text"])


def test_a_line_of_json_may_be_a_pair() -> None:
    seen: list[str] = []

    def logits(texts: Sequence[str]) -> np.ndarray:
        seen.extend(texts)
        return np.zeros((len(texts), 2), dtype=np.float32)

    list(json_answers(['["a", "b"]', '{"text": ["c", "d"]}', '"e"'], ["no", "yes"], logits))
    assert seen == [f"a{PAIR}b", f"c{PAIR}d", "e"]
