"""A classifier that asks a causal model how likely words follow a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from bakeoff.models.pooling import Logits

__all__ = ["LabelWords"]


class LabelWords(nn.Module):
    """Scores a word for each class by its tokens' log-probabilities after prompt and text.

    encoder: a causal model without its head, whose head is its token embeddings; before, after: the prompt around a
    text; words: one for each class; mean: over the tokens of a word, else their sum; content_free: texts whose mean
    probabilities are divided by, none: nothing is
    Prompt, text and word are tokenised each for itself, and a text that is cut leaves the prompt whole.
    """

    def __init__(
        self,
        encoder: Any,
        *,
        tokenizer: Any,
        before: str,
        after: str,
        words: Sequence[str],
        mean: bool,
        content_free: Sequence[str],
    ) -> None:
        super().__init__()

        def pieces(text: str) -> list[int]:
            return list(tokenizer(text, add_special_tokens=False)["input_ids"]) if text else []

        self.encoder, self.words, self.mean = encoder, list(words), mean
        self.pad = int(tokenizer.pad_token_id)
        self.start, self.end = _around(tokenizer)
        self.before, self.after = [*self.start, *pieces(before)], pieces(after)
        self.options = [pieces(word) for word in self.words]
        self.empty = [pieces(text) for text in content_free]
        self.bias: Tensor | None = None

    @property
    def config(self) -> Any:
        """The encoder's configuration."""
        return self.encoder.config

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **_: Any) -> Logits:
        """Return float32 logits (B, C): log-probabilities of the classes among themselves, calibrated if asked."""
        rows = zip(input_ids.tolist(), attention_mask.tolist(), strict=True)
        texts = [self._bare([one for one, there in zip(ids, mask, strict=True) if there]) for ids, mask in rows]
        scores = self._scores(texts, input_ids.device)
        if self.empty:
            if self.bias is None or self.bias.device != scores.device:
                chances = self._scores(self.empty, input_ids.device).softmax(dim=1)
                self.bias = chances.mean(dim=0).log()
            scores = scores - self.bias
        return Logits(logits=scores.log_softmax(dim=1))

    def _bare(self, ids: list[int]) -> list[int]:
        """Return a text's tokens without those that its tokenizer puts at either end."""
        if self.start and ids[: len(self.start)] == self.start:
            ids = ids[len(self.start) :]
        return ids[: -len(self.end)] if self.end and ids[-len(self.end) :] == self.end else ids

    def _scores(self, texts: Sequence[list[int]], device: torch.device) -> Tensor:
        """Return (B, C): of each class's word its tokens' log-probabilities, summed or averaged."""
        prompts = [[*self.before, *text, *self.after] for text in texts]
        if all(len(option) == 1 for option in self.options):
            chances = self._chances(prompts, 1, device)
            return torch.stack([chances[:, 0, option[0]] for option in self.options], dim=1)
        return torch.stack([self._word(prompts, option, device) for option in self.options], dim=1)

    def _word(self, prompts: Sequence[list[int]], option: list[int], device: torch.device) -> Tensor:
        """Return (B,)."""
        chances = self._chances([[*one, *option[:-1]] for one in prompts], len(option), device)
        told = torch.tensor(option, device=device).expand(len(prompts), -1)
        found = chances.gather(2, told.unsqueeze(2)).squeeze(2)
        return found.mean(dim=1) if self.mean else found.sum(dim=1)

    def _chances(self, rows: Sequence[list[int]], last: int, device: torch.device) -> Tensor:
        """Return (B, K, V) float32 log-probabilities of what follows each of the last K tokens of each row."""
        longest, ends = max(map(len, rows)), torch.tensor([len(row) for row in rows], device=device)
        ids = torch.full((len(rows), longest), self.pad, device=device)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = torch.tensor(row, device=device)
        mask = (torch.arange(longest, device=device) < ends.unsqueeze(1)).long()
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        places = ends.unsqueeze(1) - last + torch.arange(last, device=device)
        read = states.gather(1, places.unsqueeze(2).expand(-1, -1, states.shape[2])).float()
        embeddings = cast("Tensor", self.encoder.get_input_embeddings().weight).float()
        with torch.autocast(device.type, enabled=False):
            chances: Tensor = (read @ embeddings.T).log_softmax(dim=2)
        return chances


def _around(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the tokens that a tokenizer puts before and after any text."""
    bare, whole = (list(tokenizer("a", add_special_tokens=special)["input_ids"]) for special in (False, True))
    first = next(place for place in range(len(whole)) if whole[place : place + len(bare)] == bare)
    return whole[:first], whole[first + len(bare) :]
