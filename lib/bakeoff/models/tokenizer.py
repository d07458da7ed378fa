"""Reads tokenizers from disk or hub and makes them fit for batches and for the model they feed.

No code from a hub is ever run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bakeoff.data.filtering import PAIR
from bakeoff.errors import BadValue, MissingAsset
from bakeoff.models.sources import LocatedModel, LocatedTokenizer, fetching, origin, panicked

__all__ = ["check_room", "check_vocabulary", "largest_id", "read_tokenizer", "tokenized"]


# What may stand in for a padding token, in this order: a token the tokenizer has, so that no embedding is added. Which
# one does not matter to the numbers: padding is masked, and heads find the last real token by the mask.
STAND_INS = ("eos_token", "unk_token", "bos_token")

PLAIN = ("PreTrainedTokenizerFast", "TokenizersBackend")


def read_tokenizer(located: LocatedModel) -> Any:
    """Return the tokenizer of a model, or the one given for it, able to pad and padding on the right.

    On the right because models with absolute positions count from the first place, whatever stands in it.
    Raises MissingAsset.
    """
    source: LocatedModel | LocatedTokenizer = located.tokenizer or located
    with fetching(source.id, "tokenizer"):
        tokenizer = _kind(source).from_pretrained(source.path, use_fast=True, **origin(source))
    if set(tokenizer.get_vocab()) <= set(tokenizer.all_special_tokens):
        # What transformers makes up where there are no files of one.
        raise MissingAsset(source.id, "it has no tokenizer with a vocabulary", hint="name one under `tokenizer`")
    if tokenizer.pad_token is None:
        names = (getattr(tokenizer, name) for name in STAND_INS)
        first = min(tokenizer.get_vocab().items(), key=lambda item: item[1])[0]
        tokenizer.pad_token = next((name for name in names if name is not None), None) or str(first)
    tokenizer.padding_side = "right"
    kind: Any = getattr(getattr(tokenizer, "backend_tokenizer", None), "model", None)
    if getattr(kind, "dropout", None):  # else each reading of a text, also of one to predict, draws other tokens
        kind.dropout = None
    return tokenizer


BETWEEN = "\n"
"""Stands between the texts of a pair where a tokenizer has nothing to put there, as those of decoders."""


def tokenized(tokenizer: Any, texts: Sequence[str], **settings: Any) -> Any:
    """Tokenise texts; the two of a pair with what their model was trained to see between them, else a line break.

    texts: those of a pair have PAIR between them; settings: as the tokenizer takes them
    """
    try:
        return _tokenized(tokenizer, texts, settings)
    except BaseException as error:  # the library raises plain ones, and panics
        if isinstance(error, Exception) and "UNK" in str(error):
            reason = f"a text has what it does not know, and it has no token for such ({error})"
            raise BadValue("tokenizer", reason, hint="name another, or save it with an unknown token") from None
        if not panicked(error):
            raise
        raise BadValue("tokenizer", f"it cannot read a text: {error}", hint="name another") from None


def _tokenized(tokenizer: Any, texts: Sequence[str], settings: Mapping[str, Any]) -> Any:
    if not any(PAIR in text for text in texts):
        return tokenizer(list(texts), **settings)
    first, _, second = zip(*(text.partition(PAIR) for text in texts), strict=True)
    if tokenizer.num_special_tokens_to_add(pair=True) > tokenizer.num_special_tokens_to_add(pair=False):
        return tokenizer(list(first), list(second), **settings)
    return tokenizer([text.replace(PAIR, BETWEEN) for text in texts], **settings)


def _kind(source: LocatedModel | LocatedTokenizer) -> Any:
    """Return the class to read with: the plain one where the files ask for it.

    For some architectures, Qwen2 among them, AutoTokenizer of transformers 5.23 takes the architecture's own class over
    the one the files name, and reads a vocabulary of another kind as empty without a word.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast
    from transformers.models.auto.tokenization_auto import get_tokenizer_config

    where = {name: value for name, value in origin(source).items() if name != "trust_remote_code"}
    named = get_tokenizer_config(source.path, **where).get("tokenizer_class")
    return PreTrainedTokenizerFast if named in PLAIN else AutoTokenizer


def largest_id(tokenizer: Any) -> int:
    """Return the largest token id the tokenizer can make."""
    return int(max(tokenizer.get_vocab().values()))


def check_vocabulary(tokenizer: Any, encoder: Any, located: LocatedModel) -> None:
    """Raise BadValue where the tokenizer makes ids for which the model has no embedding."""
    try:
        rows, largest = int(encoder.get_input_embeddings().num_embeddings), largest_id(tokenizer)
    except (AttributeError, NotImplementedError, TypeError):
        reason = "it has no plain table of embeddings, which methods work on"
        raise BadValue("model", reason, subject=located.id, hint="name another model") from None
    if largest >= rows:
        key, there, hint = "model", "it", "resize its embeddings and save it again"
        if located.tokenizer is not None:
            key, there, hint = "tokenizer", located.id, "name the model's own"
        reason = f"it makes token ids up to {largest}, and {there} has embeddings for {rows} tokens only"
        raise BadValue(key, reason, subject=(located.tokenizer or located).id, hint=hint)


def check_room(tokenizer: Any, located: LocatedModel, *, max_length: int, setting: str) -> None:
    """Raise BadValue where what a tokenizer adds to every text leaves none of `max_length` tokens for the text."""
    added = int(tokenizer.num_special_tokens_to_add(pair=False))
    if added >= max_length:
        reason = f"the {added} tokens that {(located.tokenizer or located).id} adds to every text take all {max_length}"
        raise BadValue(setting, reason, hint=f"more than {added} leave room for text")
