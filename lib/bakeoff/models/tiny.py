"""Tiny settings of every architecture that bakeoff is held to, for the support matrix and the tests.

A model made from them has random weights: it shows what fits together, never how good anything is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PretrainedConfig

__all__ = ["ARCHITECTURES", "tiny_config"]


# Weights far wider than those of a fresh model, so that two layers of it tell texts apart.
WIDE = {"initializer_range": 0.2}
# As many heads as divide 32 evenly into an even width, which rotary positions need.
ENCODER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, **WIDE}
DECODER = {**ENCODER, "num_key_value_heads": 2}
POSITIONS = {"max_position_embeddings": 64}
# RoBERTa counts positions from the one after the padding id.
ROBERTA = {**ENCODER, "max_position_embeddings": 66}

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "bert": {**ENCODER, **POSITIONS},
    "distilbert": {"dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 4, **POSITIONS, **WIDE},
    "roberta": ROBERTA,
    "xlm-roberta": ROBERTA,
    "electra": {**ENCODER, **POSITIONS, "embedding_size": 16},
    "albert": {**ENCODER, **POSITIONS, "embedding_size": 16},
    "deberta-v2": {
        **ENCODER,
        **POSITIONS,
        "relative_attention": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_biased_input": False,
    },
    "modernbert": {**ENCODER, **POSITIONS, "local_attention": 8, "global_attn_every_n_layers": 2},
    "mamba": {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8, "time_step_rank": 4, **WIDE},
    "mamba2": {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_heads": 4,
        "head_dim": 16,
        "n_groups": 1,
        "state_size": 8,
        "chunk_size": 8,
        **WIDE,
    },
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, **WIDE},
    "llama": {**DECODER, **POSITIONS},
    "qwen2": {**DECODER, **POSITIONS},
    "qwen3": {**DECODER, **POSITIONS, "head_dim": 8},
}


def tiny_config(model_type: str, *, vocab_size: int, pad_token_id: int = 0) -> PretrainedConfig:
    """Return the configuration of a model of two layers and 32 hidden units; `model_type` is a key of ARCHITECTURES.

    Other special tokens are left out: their usual ids lie beyond a tiny vocabulary.
    """
    from transformers import AutoConfig

    others = dict.fromkeys(("bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"))
    tokens = {"pad_token_id": pad_token_id, **others}
    return AutoConfig.for_model(model_type, vocab_size=vocab_size, **tokens, **ARCHITECTURES[model_type])
