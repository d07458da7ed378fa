"""Tokenizers: able to pad without a new embedding, padding on the right, and fit for their model."""

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import BPE, WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

from bakeoff.errors import BadValue, MissingAsset
from bakeoff.models.base import Base, load_base
from bakeoff.models.sources import locate_model
from bakeoff.models.tokenizer import check_room, read_tokenizer, tokenized
from bakeoff.system.workspace import Workspace
from tiny import WORDS, save_tiny, save_tokenizer


def base_of(folder: Path, tokenizer: Path | None = None) -> Base:
    located = locate_model(
        str(folder), workspace=Workspace(folder.parent), tokenizer=str(tokenizer) if tokenizer else None
    )
    return load_base(located, label_names=("a", "b"), seed=1)


@pytest.mark.parametrize(
    ("tokens", "pad", "number"),
    [
        ({}, "[PAD]", 0),
        ({"pad_token": None, "eos_token": "[SEP]"}, "[SEP]", 3),
        ({"pad_token": None}, "[UNK]", 1),
        ({"pad_token": None, "unk_token": None}, "[PAD]", 0),  # the first of the vocabulary
    ],
)
def test_a_padding_token_is_found(tmp_path: Path, tokens: dict, pad: str, number: int) -> None:
    folder = save_tiny(tmp_path / "gpt2", "gpt2")
    save_tokenizer(folder, side="left", **tokens)
    base = base_of(folder)
    assert (base.tokenizer.pad_token, base.tokenizer.pad_token_id) == (pad, number)
    assert base.tokenizer.padding_side == "right"
    assert len(base.tokenizer) == base.encoder.get_input_embeddings().num_embeddings, "no embedding is added"
    assert base.model.config.pad_token_id == number


def test_a_separate_tokenizer(tmp_path: Path, tiny_bert: Path) -> None:
    folder = save_tiny(tmp_path / "mamba", "mamba")
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (folder / file).unlink()
    with pytest.raises(MissingAsset, match="it has no tokenizer with a vocabulary; name one under `tokenizer`"):
        base_of(folder)
    save_tokenizer(tmp_path / "words")
    assert base_of(folder, tmp_path / "words").tokenizer("good")["input_ids"] == [2, 4, 3]
    assert base_of(folder, tiny_bert).tokenizer("good")["input_ids"] == [2, 4, 3]


def test_a_vocabulary_that_does_not_fit(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "small", vocab_size=20)
    with pytest.raises(BadValue, match=r"small: it makes token ids up to 29, and it has embeddings for 20 "):
        base_of(folder)
    save_tokenizer(tmp_path / "words")
    with pytest.raises(
        BadValue, match=r"words: it makes token ids up to 29, and .*small has embeddings for 20 tokens "
    ):
        base_of(folder, tmp_path / "words")


def test_a_tokenizer_that_cuts_words_at_random_is_read_without_chance(tmp_path: Path) -> None:
    """Each reading of a text, also of one to predict, drew other tokens, from no seed."""
    pieces = ["[PAD]", "[UNK]", *"abcdefgh", "ab", "cd", "ef", "gh", "abcd", "efgh"]
    merges = [("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"), ("ab", "cd"), ("ef", "gh")]
    core = Tokenizer(BPE({one: n for n, one in enumerate(pieces)}, merges, dropout=0.5, unk_token="[UNK]"))
    folder = save_tiny(tmp_path / "bert", vocab_size=len(pieces))
    PreTrainedTokenizerFast(tokenizer_object=core, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    tokenizer = read_tokenizer(locate_model(str(folder), workspace=Workspace(tmp_path)))
    assert {tuple(tokenized(tokenizer, ["abcdefgh"])["input_ids"][0]) for _ in range(20)} == {(14, 15)}


def test_a_library_that_panics_is_told_in_our_words(tmp_path: Path) -> None:
    """A panic of Rust is no Exception, and ended commands with a fault of their own."""
    folder = save_tiny(tmp_path / "bert")
    file = folder / "tokenizer.json"
    settings = json.loads(file.read_text("utf-8"))
    file.write_text(
        json.dumps({**settings, "normalizer": {"type": "Precompiled", "precompiled_charsmap": ""}}), "utf-8"
    )
    with pytest.raises(MissingAsset, match="its tokenizer cannot be read: "):
        read_tokenizer(locate_model(str(folder), workspace=Workspace(tmp_path)))
    split = {"type": "FixedLength", "length": 0}
    file.write_text(json.dumps({**settings, "pre_tokenizer": split}), "utf-8")
    tokenizer = read_tokenizer(locate_model(str(folder), workspace=Workspace(tmp_path)))
    with pytest.raises(BadValue, match=r"^tokenizer: it cannot read a text: "):
        tokenized(tokenizer, ["good film"])


def test_what_is_added_to_each_text_has_to_leave_room_for_it(tmp_path: Path) -> None:
    """Tokenizers cut nothing then, and every run failed on its longest text."""
    located = locate_model(str(save_tiny(tmp_path / "bert")), workspace=Workspace(tmp_path))
    settings = {"max_length": 3, "setting": "data.max_length"}
    check_room(read_tokenizer(located), located, **settings)
    with pytest.raises(
        BadValue, match=r"^data.max_length: the 2 tokens that .*bert adds to every text take all 2; more"
    ):
        check_room(read_tokenizer(located), located, **{**settings, "max_length": 2})


def test_a_text_that_a_tokenizer_has_no_token_for_is_told_in_our_words() -> None:
    core = Tokenizer(WordLevel({"[PAD]": 0, "good": 1}, unk_token="[UNK]"))
    core.pre_tokenizer = Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, pad_token="[PAD]")
    assert tokenized(tokenizer, ["good good"])["input_ids"] == [[1, 1]]
    with pytest.raises(
        BadValue, match=r"tokenizer: a text has what it does not know, .* save it with an unknown token"
    ):
        tokenized(tokenizer, ["good film"])


def test_what_the_files_say_is_what_is_read(tmp_path: Path) -> None:
    """AutoTokenizer reads this one as Qwen2's own kind and finds no word in it."""
    folder = save_tiny(tmp_path / "qwen2", "qwen2")
    tokenizer = read_tokenizer(locate_model(str(folder), workspace=Workspace(tmp_path)))
    assert tokenizer.convert_ids_to_tokens(tokenizer(" ".join(WORDS))["input_ids"]) == ["[CLS]", *WORDS, "[SEP]"]
