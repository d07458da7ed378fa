"""Encoders whose answer for a text hangs on its neighbours in a batch are refused, all others are left as they are."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModel

from bakeoff.errors import BadValue
from bakeoff.methods.compatibility import refusal
from bakeoff.methods.registry import method
from bakeoff.models import padding
from bakeoff.models.base import Base, load_base
from bakeoff.models.padding import check_padding
from bakeoff.models.sources import locate_model
from bakeoff.models.tiny import ARCHITECTURES
from bakeoff.system.workspace import Workspace
from tiny import WORDS, save_tiny, save_tokenizer

SHAPE = {**ARCHITECTURES["bert"], "vocab_size": 4 + len(WORDS)}
NARROW = {"embedding_size": 16, "intra_bottleneck_size": 16, "true_hidden_size": 16}
CHUNKS = {"lsh_attn_chunk_length": 4, "local_attn_chunk_length": 4, "num_buckets": 2, "axial_pos_shape": [8, 8]}
OTHERS: dict[str, dict[str, Any]] = {
    "big_bird": SHAPE,
    "canine": {**SHAPE, "local_transformer_stride": 16, "num_hash_buckets": 64},
    "convbert": {**SHAPE, "embedding_size": 32},
    "funnel": {"vocab_size": 30, "block_sizes": [1, 1], "d_model": 32, "n_head": 4, "d_head": 8, "d_inner": 64},
    "mobilebert": {**SHAPE, **NARROW},
    "nystromformer": {**SHAPE, "num_landmarks": 8, "segment_means_seq_len": 16},
    "reformer": {**SHAPE, **CHUNKS, "axial_pos_embds_dim": [16, 16], "attention_head_size": 8},
    "yoso": SHAPE,
}


def made(model_type: str) -> Any:
    torch.manual_seed(7)
    return AutoModel.from_config(AutoConfig.for_model(model_type, pad_token_id=0, **OTHERS[model_type]))


def loaded(folder: Path) -> Base:
    located = locate_model(str(folder), workspace=Workspace(folder.parent))
    return load_base(located, label_names=("a", "b"), seed=1)


def saved(model: Any, folder: Path) -> Path:
    model.save_pretrained(folder)
    save_tokenizer(folder)
    return folder


def test_what_is_known_to_mix_padding_in_is_refused_without_weights() -> None:
    assert sorted(padding.MIXING) == ["canine", "convbert", "funnel", "nystromformer", "reformer", "yoso"]
    for model_type in sorted(padding.MIXING):
        config = AutoConfig.for_model(model_type, **OTHERS[model_type])
        error = refusal("full", method("full").Config(), config)
        assert error is not None
        assert f"is a {model_type}, which mixes padding in: results would depend on the batch" in str(error)


def test_an_encoder_without_a_mask_is_refused_without_weights() -> None:
    error = refusal("full", method("full").Config(), AutoConfig.for_model("fnet"))
    assert error is not None
    assert "cannot be told which tokens are padding" in str(error)


@pytest.mark.parametrize("model_type", ["convbert", "nystromformer", "reformer", "yoso"])
def test_one_that_is_not_known_is_found_by_what_it_computes(
    model_type: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(padding, "MIXING", set())
    with pytest.raises(
        BadValue, match=r"mixes padding in \(.* when padded\)|cannot read a short text beside"
    ) as caught:
        loaded(saved(made(model_type), tmp_path / model_type))
    assert caught.value.what == "model"
    assert "\n" not in str(caught.value)


def test_weights_decide_where_the_architecture_does_not(tmp_path: Path) -> None:
    """MobileBERT reads a token's neighbours, which is harmless as long as the padding token's vector is zero."""
    model = made("mobilebert")
    assert loaded(saved(model, tmp_path / "zero")).architecture == "MobileBertModel"
    with torch.no_grad():
        model.embeddings.word_embeddings.weight[0] = 1.0
    with pytest.raises(BadValue, match="mixes padding in"):
        loaded(saved(model, tmp_path / "ones"))


@pytest.mark.parametrize("model_type", sorted(ARCHITECTURES))
def test_the_others_pass_and_nothing_is_changed(model_type: str, tmp_path: Path) -> None:
    base = loaded(save_tiny(tmp_path / model_type, model_type))
    encoder = base.encoder.train()
    before, stream = copy.deepcopy(encoder.state_dict()), torch.get_rng_state()
    check_padding(encoder, base.tokenizer, name=model_type, positions=base.positions)
    assert torch.equal(stream, torch.get_rng_state())
    assert encoder.training
    assert all(torch.equal(one, before[name]) for name, one in encoder.state_dict().items())
    twin, masks = padding._twin(encoder).eval(), []
    twin.register_forward_pre_hook(
        lambda _, args, given: masks.append(given["attention_mask"].clone()), with_kwargs=True
    )
    assert padding._strays(twin, base.tokenizer, base.positions) < padding.TOLERANCE / 100
    assert [bool((mask == 0).any()) for mask in masks] == [False, True], "alone, and padded"


def test_an_encoder_that_changes_itself_is_left_as_it_is(tmp_path: Path) -> None:
    base = loaded(saved(made("big_bird"), tmp_path / "bird"))
    assert base.encoder.attention_type == "block_sparse"


@pytest.mark.parametrize("positions", [2, 3, 7])
def test_it_needs_no_more_places_than_there_are(positions: int, tiny_bert: Path) -> None:
    base = loaded(tiny_bert)
    lengths = []
    base.encoder.register_forward_pre_hook(
        lambda _, __, given: lengths.append(given["input_ids"].shape[1]), with_kwargs=True
    )
    check_padding(base.encoder, base.tokenizer, name="bert", positions=positions)
    assert max(lengths) == positions
    assert min(lengths) < positions
