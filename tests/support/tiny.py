"""Tiny random models, their tokenizer, and texts in their vocabulary, all made on the spot."""

import json
from pathlib import Path

WORDS = [
    *("good", "great", "fine", "lovely", "bright", "warm"),
    *("bad", "poor", "dull", "awful", "cold", "grim"),
    *("the", "a", "film", "plot", "is", "was", "and", "very", "not", "it", "scene", "actor", "music", "ending"),
]
POSITIVE, NEGATIVE, NEUTRAL = WORDS[:6], WORDS[6:12], WORDS[12:]


def make_texts(n: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return n (text, label) pairs whose label follows from one of their words; lengths from 2 to 21 words."""
    import numpy as np

    generator = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        label, telling = ("positive", POSITIVE) if number % 2 else ("negative", NEGATIVE)
        words = [*generator.choice(NEUTRAL, size=generator.integers(1, 21)), generator.choice(telling)]
        rows.append((" ".join(generator.permutation(words)), label))
    return rows


def save_tokenizer(folder: Path, *, side: str = "right", **tokens: str | None) -> None:
    """Build a WordPiece tokenizer over WORDS on the spot.

    tokens: special tokens that differ from BERT's, None to go without
    """
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: number for number, word in enumerate([*special, *WORDS])}
    core = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    core.normalizer = normalizers.BertNormalizer()
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=core,
        **{
            "pad_token": "[PAD]",
            "unk_token": "[UNK]",
            "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            **tokens,
        },
        model_max_length=64,
        padding_side=side,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)


def save_tiny(folder: Path, model_type: str = "bert", **changes: object) -> Path:
    """Save a random model of two layers and 32 hidden units, as safetensors, with its tokenizer.

    model_type: a key of ARCHITECTURES; changes: to its configuration
    """
    import torch
    from transformers import AutoModel

    from bakeoff.models.tiny import tiny_config

    config = tiny_config(model_type, vocab_size=4 + len(WORDS))
    config.update(changes)
    torch.manual_seed(7)
    AutoModel.from_config(config).save_pretrained(folder)
    save_tokenizer(folder)
    return folder


def save_tiny_mamba(file: Path, tokenizer: Path, **changes: object) -> Path:
    """Write a from-scratch configuration of a tiny Mamba-2 that borrows a tokenizer."""
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_heads": 2, "head_dim": 16, "n_groups": 1, "state_size": 8}
    tree = {"model_type": "mamba2", "tokenizer": str(tokenizer), "chunk_size": 8, "initializer_range": 0.1}
    file.write_text(json.dumps({**tree, **shape, **changes}), encoding="utf-8")
    return file
