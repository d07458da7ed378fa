"""Every architecture: complete, the head fresh, padding without effect, the right token read."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from bakeoff.methods.config import EvaluationConfig
from bakeoff.models.base import Base, encoder_of, head_of, is_causal, load_base
from bakeoff.models.hashing import tensors_sha256
from bakeoff.models.pooling import PooledClassifier
from bakeoff.models.sources import locate_model
from bakeoff.models.tiny import ARCHITECTURES
from bakeoff.system.workspace import Workspace
from bakeoff.training.reading.batches import encode
from tiny import save_tiny, save_tokenizer

TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}
"""Of logits of size one in float32: sums over padded rows are added up in another order."""
CAUSAL = ["mamba", "mamba2", "gpt2", "llama", "qwen2", "qwen3"]
# The others count places from the first one, or read their first place, padding or not; bakeoff pads on the right.
LEFT = ["mamba", "mamba2", "llama", "qwen2", "qwen3"]
TEXTS = [
    "the film is good",
    "a very dull plot and the ending was awful",
    "grim",
    "it was not a great scene and not bad",
]
everywhere = pytest.mark.parametrize("kind", sorted(ARCHITECTURES))


def base_of(folder: Path, *, seed: int = 1, **config) -> Base:
    located = locate_model(str(folder), workspace=Workspace(folder.parent))
    base = load_base(located, label_names=("a", "b", "c"), seed=seed, pooling=EvaluationConfig(**config).pooling)
    base.model.eval()
    return base


def tokens_of(base: Base, text: str) -> list[int]:
    return base.tokenizer(text)["input_ids"]


def logits_of(base: Base, rows: list[list[int]], *, left: bool = False, fill: int = 0) -> torch.Tensor:
    longest = max(map(len, rows))
    padding = [[fill] * (longest - len(row)) for row in rows]
    ids = [pad + row if left else row + pad for row, pad in zip(rows, padding, strict=True)]
    ones = [[1] * len(row) for row in rows]
    zeros = [[0] * len(pad) for pad in padding]
    mask = [pad + one if left else one + pad for one, pad in zip(ones, zeros, strict=True)]
    with torch.no_grad():
        return base.model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).logits


def changed_last(row: list[int]) -> list[int]:
    """Change the last word: behind it stands [SEP], which a real text would end with too."""
    return [*row[:-2], row[-2] + 1, row[-1]]


@pytest.mark.parametrize(
    ("kind", "side"), [*((kind, "right") for kind in sorted(ARCHITECTURES)), *((kind, "left") for kind in LEFT)]
)
def test_padding_changes_nothing(tiny_model: Callable[[str], Path], kind: str, side: str) -> None:
    base = base_of(tiny_model(kind))
    rows = [tokens_of(base, text) for text in TEXTS]
    together = logits_of(base, rows, left=side == "left")
    alone = torch.cat([logits_of(base, [row]) for row in rows])
    torch.testing.assert_close(together, alone, **TOLERANCE)
    assert (alone[0] - alone[1]).abs().max() > 100 * TOLERANCE["atol"], "logits that all agree would show nothing"


@everywhere
def test_the_last_token_counts(tiny_model: Callable[[str], Path], kind: str) -> None:
    base = base_of(tiny_model(kind))
    row = tokens_of(base, TEXTS[0])
    short = [row[:-1], [*row[:-2], row[-2] + 1]]  # without [SEP]: the word is the last real token
    for one, other in ([row, changed_last(row)], short):
        logits = logits_of(base, [one, other])
        assert (logits[0] - logits[1]).abs().max() > 100 * TOLERANCE["atol"]
        assert (logits_of(base, [one]) - logits_of(base, [other])).abs().max() > 100 * TOLERANCE["atol"]


@pytest.mark.parametrize("kind", CAUSAL)
def test_ids_at_padded_places_change_nothing(tiny_model: Callable[[str], Path], kind: str) -> None:
    base = base_of(tiny_model(kind))
    rows = [tokens_of(base, text) for text in TEXTS]
    first, second = logits_of(base, rows, fill=0), logits_of(base, rows, fill=9)
    torch.testing.assert_close(first, second, rtol=0, atol=0)


@pytest.mark.parametrize("kind", CAUSAL)
def test_texts_that_end_with_the_padding_id(tmp_path: Path, kind: str) -> None:
    """Where a tokenizer without padding ends texts with its end token, that last token is real all the same."""
    folder = save_tiny(tmp_path / kind, kind)
    save_tokenizer(folder, pad_token=None, eos_token="[SEP]")
    base = base_of(folder)
    assert base.tokenizer.pad_token == "[SEP]"
    assert base.model.config.pad_token_id == base.tokenizer.pad_token_id == 3
    row = tokens_of(base, TEXTS[0])
    assert row[-1] == 3
    with torch.no_grad():
        states = encoder_of(base.model)(input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row)).long())
    head = base.model.classifier if isinstance(base.model, PooledClassifier) else base.model.score
    expected = head(states.last_hidden_state[:, -1])
    both = logits_of(base, [row, tokens_of(base, TEXTS[1])], fill=3)
    torch.testing.assert_close(both[:1], expected.detach(), **TOLERANCE)


@everywhere
def test_the_base_is_whole_and_the_head_fresh(tiny_model: Callable[[str], Path], kind: str) -> None:
    from safetensors.torch import load_file

    folder = tiny_model(kind)
    one, same, other = base_of(folder), base_of(folder), base_of(folder, seed=2)
    assert one.weights_sha256 == same.weights_sha256 == other.weights_sha256
    held = load_file(folder / "model.safetensors")
    state = one.encoder.state_dict()
    assert state.keys() <= held.keys()
    assert all("pooler." in name for name in held.keys() - state.keys()), "a head without a pooler leaves it out"
    assert tensors_sha256(state) == tensors_sha256({name: held[name] for name in state})
    below = {id(weight) for weight in one.encoder.parameters()}
    above = {name: weight for name, weight in one.model.named_parameters() if id(weight) not in below}
    assert any(weight.shape == (3, 32) for weight in above.values())
    drawn = {name for name, weight in above.items() if weight.ndim == 2}
    for name, weight in above.items():
        assert torch.equal(weight, same.model.get_parameter(name))
        if name in drawn:
            assert not torch.equal(weight, other.model.get_parameter(name))


@everywhere
def test_what_the_head_is(tiny_model: Callable[[str], Path], kind: str) -> None:
    base = base_of(tiny_model(kind))
    assert is_causal(base.encoder) == (kind in CAUSAL)
    assert (base.pooling == "last") == (kind in CAUSAL)
    if "mamba" in kind:
        assert head_of(base.model) == "linear on the last token"
    else:
        assert head_of(base.model).endswith("ForSequenceClassification")
    assert head_of(base_of(tiny_model(kind), pooling="mean").model) == "linear on the mean of the tokens"


@pytest.mark.parametrize("kind", ["gpt2", "llama", "qwen2", "qwen3"])
def test_causal_heads_agree_with_those_of_transformers(tiny_model: Callable[[str], Path], tmp_path: Path, kind) -> None:
    """Where padding has an id of its own both find the same token, so that a saved model means the same elsewhere."""
    from transformers import AutoModelForSequenceClassification

    base = base_of(tiny_model(kind))
    base.model.save_pretrained(tmp_path / "saved")
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path / "saved").eval()
    assert type(plain).__name__ == type(base.model).__name__
    batch = base.tokenizer(TEXTS, padding=True, return_tensors="pt")
    batch.pop("token_type_ids", None)
    with torch.no_grad():
        torch.testing.assert_close(plain(**batch).logits, base.model(**batch).logits, **TOLERANCE)


@everywhere
def test_longest_input(tiny_model: Callable[[str], Path], kind: str) -> None:
    base = base_of(tiny_model(kind))
    # Of 66 places the RoBERTa family leaves out those up to the padding id, here the first one.
    assert base.positions == (None if "mamba" in kind else 65 if "roberta" in kind else 64)
    if base.positions:  # the longest input that is said to fit does
        assert logits_of(base, [[2] * base.positions]).shape == (1, 3)


def test_a_text_the_tokenizer_makes_nothing_of(tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    folder = save_tiny(tmp_path / "gpt2", "gpt2")
    core = PreTrainedTokenizerFast.from_pretrained(folder)
    core.backend_tokenizer.post_processor = None
    encoded = encode(["", "good"], tokenizer=core, accepted=frozenset({"input_ids", "attention_mask"}), max_length=8)
    assert encoded.columns == {"input_ids": [[0], [4]], "attention_mask": [[1], [1]]}
