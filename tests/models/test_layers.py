"""Which layers are changed, and what fits them, on architectures that are laid out unlike BERT."""

from typing import Any

import pytest
from transformers import AutoConfig

from bakeoff.errors import BadValue
from bakeoff.methods.compatibility import instead, outline, refusal
from bakeoff.methods.config import EvaluationConfig
from bakeoff.methods.registry import method
from bakeoff.models import layers as targets
from bakeoff.models.base import Base
from bakeoff.models.layers import fitting, numbers_for
from bakeoff.models.tiny import tiny_config

SHAPE = {"vocab_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "max_position_embeddings": 64}
DECODER = {**SHAPE, "hidden_size": 32, "intermediate_size": 64, "num_key_value_heads": 2}
COMPRESSED = {**SHAPE, "hidden_size": 32, "kv_lora_rank": 8, "qk_rope_head_dim": 8, "n_routed_experts": 4}
OTHERS: dict[str, dict[str, Any]] = {
    "codegen": {"n_embd": 32, "n_layer": 3, "n_head": 4, "rotary_dim": 4, "vocab_size": 64},
    "ctrl": {"n_embd": 32, "n_layer": 3, "n_head": 4, "dff": 64, "vocab_size": 64},
    "deepseek_v2": {**COMPRESSED, "q_lora_rank": None},
    "deepseek_v3": {**COMPRESSED, "q_lora_rank": 16},
    "flaubert": {"emb_dim": 32, "n_layers": 3, "n_heads": 4, "vocab_size": 64},
    "gte": {**SHAPE, "hidden_size": 32, "intermediate_size": 64},
    "mpnet": {**SHAPE, "hidden_size": 32, "intermediate_size": 64},
    "gpt_neox": {**SHAPE, "hidden_size": 32, "intermediate_size": 64},
    "opt": {**SHAPE, "hidden_size": 32, "ffn_dim": 64, "word_embed_proj_dim": 16},
    "phi3": {**DECODER, "pad_token_id": 0},
    "rwkv": {"hidden_size": 32, "attention_hidden_size": 32, "num_hidden_layers": 2, "vocab_size": 64},
    "squeezebert": {**SHAPE, "hidden_size": 32, "embedding_size": 32, "intermediate_size": 64},
    "xlm": {"emb_dim": 32, "n_layers": 3, "n_heads": 4, "vocab_size": 64},
    "xlnet": {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64, "vocab_size": 64},
}


def laid_out(model_type: str) -> Base:
    return outline(AutoConfig.for_model(model_type, **OTHERS[model_type]), EvaluationConfig())


def parts(base: Base, *, layers: int) -> set[str]:
    """Return what training the top layers changes: the layers by their numbers, and modules around them."""
    kind: Any = method("top_layers")()
    names = kind.names(base, method("top_layers").Config(layers=layers))
    found = set()
    for name in names:
        _, _, inside = name.partition(f"{targets.blocks(base)[0]}.")
        found.add(inside.partition(".")[0] if inside else name.rpartition(".")[0])
    return found


@pytest.mark.parametrize(
    ("model_type", "expected"),
    [
        ("opt", {"1", "2", "decoder.project_out", "decoder.final_layer_norm"}),
        ("gte", {"1", "2", "pooler.dense"}),
        ("mpnet", {"1", "2"}),
    ],
)
def test_top_layers_are_the_layers_and_what_is_above_them(model_type: str, expected: set[str]) -> None:
    assert parts(laid_out(model_type), layers=2) == expected


@pytest.mark.parametrize(
    ("model_type", "expected"),
    [
        ("codegen", ("qkv_proj",)),
        ("ctrl", ("Wq", "Wv")),
        ("deepseek_v2", ("q_proj", "kv_b_proj")),
        ("deepseek_v3", ("q_b_proj", "kv_b_proj")),
        ("gpt_neox", ("query_key_value",)),
        ("mpnet", ("q", "v")),
        ("opt", ("q_proj", "v_proj")),
        ("phi3", ("qkv_proj",)),
        ("xlm", ("q_lin", "v_lin")),
    ],
)
def test_adapters_find_their_layers_by_themselves(model_type: str, expected: tuple[str, ...]) -> None:
    assert targets.chosen(laid_out(model_type), None) == expected
    config = AutoConfig.for_model(model_type, **OTHERS[model_type])
    for kind in ("lora", "adalora", "oft"):
        assert refusal(kind, method(kind).Config(), config) is None


@pytest.mark.parametrize("model_type", ["flaubert", "xlm"])
def test_layers_spread_over_several_lists_are_refused(model_type: str) -> None:
    with pytest.raises(BadValue, match="has no list of layers with weights of their own"):
        targets.blocks(laid_out(model_type))


def test_only_numbers_that_fit() -> None:
    assert numbers_for([(384, 1536)], "sides") == [n for n in range(1, 385) if 384 % n == 0]
    among = numbers_for([(384, 1536)], "inputs")
    assert fitting("size", None, among, usual=256) == {"size": 192}
    assert fitting("size", 384, among, usual=256) == {"size": 384}
    with pytest.raises(BadValue, match="size: 256 does not fit the target layers; 192 fits"):
        fitting("size", 256, among, usual=256)
    with pytest.raises(BadValue, match="size: no number up to 32 fits the target layers; 37 fits"):
        fitting("size", None, numbers_for([(37, 64)], "inputs")[1:], usual=32)
    with pytest.raises(BadValue, match="size: 2 does not fit the target layers") as refused:
        fitting("size", 2, [], usual=32)
    assert refused.value.alternatives == ("lora",)


@pytest.mark.parametrize(("kernels", "layers"), [(False, ("in_proj", "x_proj")), (True, ("in_proj",))])
def test_kernels_leave_mamba_a_default(kernels: bool, layers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "has_kernels", lambda: kernels)
    config = tiny_config("mamba", vocab_size=64)
    assert targets.chosen(outline(config, EvaluationConfig()), None) == layers
    assert refusal("lora", method("lora").Config(), config) is None
    error = refusal("lora", method("lora").Config(target_modules=("x_proj",)), config)
    assert (error is not None) == kernels


def test_a_kernel_that_cannot_be_imported_takes_no_layer(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from bakeoff.models.ssm import has_kernels

    (tmp_path / "mamba_ssm.py").write_text("raise ImportError('built for another CUDA')")
    monkeypatch.syspath_prepend(tmp_path)
    has_kernels.cache_clear()
    assert not has_kernels()
    has_kernels.cache_clear()


@pytest.mark.parametrize(
    ("model_type", "kind", "says"),
    [
        ("xlnet", "prefix", "full works here"),
        ("xlnet", "top_layers", None),
        ("xlm", "top_layers", "lora works here"),
        ("rwkv", "prefix", "full works here"),
        ("squeezebert", "prefix", "full works here"),
        ("gpt_neox", "prefix", None),
        ("phi3", "bitfit", "ln_tuning or lora works here"),
    ],
)
def test_what_is_said_to_work_instead_does(model_type: str, kind: str, says: str | None) -> None:
    config = AutoConfig.for_model(model_type, **OTHERS[model_type])
    error = refusal(kind, method(kind).Config(), config)
    assert (error and error.hint) == says
    named = says.removesuffix(" works here").split(" or ") if says else []
    assert all(refusal(name, method(name).Config(), config) is None for name in named)


def test_a_hint_names_those_that_work_only() -> None:
    assert instead(laid_out("xlnet"), "ia3", "bitfit", "lora") == "bitfit works here"
    assert instead(laid_out("xlnet"), "ia3") == "full works here"
