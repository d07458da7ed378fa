"""One vector per text out of token states, and the classifier head that reads it.

Every way counts real tokens by the attention mask, so padding on either side changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

__all__ = ["POOLINGS", "Float32Linear", "LastRealToken", "PooledClassifier", "draw_head", "pool", "read_last_token"]


def _cls(states: Tensor, mask: Tensor) -> Tensor:
    """Take the first real token."""
    first = mask.to(torch.int64).argmax(dim=1)
    return states[torch.arange(len(states), device=states.device), first]


def _last(states: Tensor, mask: Tensor) -> Tensor:
    """Take the last real token: the only one that has seen the whole text in a causal model."""
    places = torch.arange(mask.shape[1], device=mask.device)
    last = (mask.to(torch.int64) * (places + 1)).argmax(dim=1)
    return states[torch.arange(len(states), device=states.device), last]


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    """Average over real tokens (Reimers and Gurevych, 2019, section 3)."""
    weights = mask.to(torch.float32).unsqueeze(-1)
    return (states.float() * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


POOLINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"cls": _cls, "last": _last, "mean": _mean}


def pool(states: Tensor, mask: Tensor, how: str) -> Tensor:
    """Return (B, H) text vectors.

    states: (B, T, H); mask: (B, T') with 1 for real tokens, T' >= T where virtual tokens stand in front; how: a key
    of POOLINGS
    """
    return POOLINGS[how](states, mask[:, -states.shape[1] :])


class Float32Linear(nn.Linear):
    """A linear layer that computes in float32 even under autocast.

    The last layer is tiny, and logits rounded to eight bits of precision tie.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the name the base class gives it
        """Return float32 (..., out_features)."""
        with torch.autocast(input.device.type, enabled=False):
            return nn.functional.linear(input.float(), self.weight, self.bias)


def draw_head(layer: nn.Linear, encoder: Any, generator: torch.Generator) -> None:
    """Initialise a layer as transformers does classifier heads: normal weights of the encoder's range, no bias."""
    nn.init.normal_(layer.weight, std=getattr(encoder.config, "initializer_range", 0.02), generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


class Logits(dict[str, Tensor]):
    """Model output that answers `.logits` and `["logits"]`, as outputs of transformers do."""

    @property
    def logits(self) -> Tensor:
        return self["logits"]


class PooledClassifier(nn.Module):
    """An encoder, a pooling, dropout and one linear layer.

    encoder: any model of transformers without a head; pooling: "pooler" or a key of POOLINGS
    frozen: the encoder takes no gradient and stays in evaluation mode, so that its dropout is off
    head: what turns text vectors (B, H) into logits (B, n_labels); left out: a linear layer, whose weights are whatever
    torch draws until `draw_head` draws them from a seed
    """

    def __init__(
        self,
        encoder: Any,
        *,
        pooling: str,
        n_labels: int,
        dropout: float = 0.1,
        frozen: bool = False,
        head: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.encoder, self.pooling, self.frozen = encoder, pooling, frozen
        self.dropout = nn.Dropout(dropout)
        self.classifier = Float32Linear(encoder.config.hidden_size, n_labels) if head is None else head
        if frozen:
            encoder.requires_grad_(requires_grad=False)

    @property
    def config(self) -> Any:
        """The encoder's configuration, where peft and the Trainer look for it."""
        return self.encoder.config

    @property
    def device(self) -> torch.device:
        """Where the weights are, for peft."""
        return next(self.parameters()).device

    def train(self, mode: bool = True) -> PooledClassifier:
        """Switch dropout on or off; a frozen encoder's stays off."""
        super().train(mode)
        if self.frozen:
            self.encoder.eval()
        return self

    def vectors(self, *, attention_mask: Tensor, **kwargs: Any) -> Tensor:
        """Return float32 text vectors (B, H); mask: (B, T); other arguments, token ids first, go to the encoder."""
        return self.views((self.pooling,), attention_mask=attention_mask, **kwargs)[self.pooling]

    def views(self, poolings: Sequence[str], *, attention_mask: Tensor, **kwargs: Any) -> dict[str, Tensor]:
        """Return pooling -> text vectors as `vectors` makes them, all from one pass through the encoder."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            output = self.encoder(attention_mask=attention_mask, **_given(kwargs))
            return {
                how: cast("Tensor", output.pooler_output).float()
                if how == "pooler"
                else pool(output.last_hidden_state, attention_mask, how).float()
                for how in poolings
            }

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        past_key_values: Any = None,
        inputs_embeds: Tensor | None = None,
        vectors: Tensor | None = None,
        **kwargs: Any,
    ) -> Logits:
        """Return float32 logits (B, C), from tokens and mask (B, T) or from text vectors (B, H) made before.

        Tokens are ids or, where peft puts virtual ones in front, their embeddings; past_key_values is peft's, too.
        """
        if vectors is None:
            tokens = {"input_ids": input_ids, "inputs_embeds": inputs_embeds, "past_key_values": past_key_values}
            vectors = self.vectors(attention_mask=cast("Tensor", attention_mask), **tokens, **kwargs)
        return Logits(logits=self.classifier(self.dropout(vectors)))

    def save_pretrained(self, folder: Path, *, save_original_format: bool = False) -> None:
        """Write config.json and model.safetensors (encoder and head), as transformers does.

        save_original_format: of files from before transformers 5, which ours has none of
        """
        if save_original_format:
            raise ValueError("a head of ours has no earlier format")
        from safetensors.torch import save_file

        self.encoder.config.save_pretrained(folder)
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


class LastRealToken:
    """A forward pass for the heads that transformers puts on causal models.

    Theirs takes the last id that is not the padding id, which is not the last token of a text where padding and end of
    text share an id, nor where the tokenizer had no padding token. This one goes by the mask; the weights are the same.
    It also reads one token per text instead of all.
    """

    def forward(
        self: Any,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        past_key_values: Any = None,
        inputs_embeds: Tensor | None = None,
        **kwargs: Any,
    ) -> Logits:
        """Return float32 logits (B, C); arguments as those of PooledClassifier."""
        tokens = {"input_ids": input_ids, "inputs_embeds": inputs_embeds, "past_key_values": past_key_values}
        output = self.base_model(attention_mask=attention_mask, **_given(tokens | kwargs))
        return Logits(logits=self.score(pool(output.last_hidden_state, cast("Tensor", attention_mask), "last")))


def read_last_token(model: Any) -> None:
    """Make a causal classifier of transformers find the last real token by the mask, in place."""
    kind = type(model)
    model.__class__ = type(kind.__name__, (LastRealToken, kind), {"__module__": kind.__module__})


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments an encoder has to be told: peft and the loop pass some that are empty or for the loss."""
    return {name: value for name, value in arguments.items() if value is not None and name != "labels"}
