"""Lines of text in, lines with a label and its probability out, a batch at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from bakeoff.data.filtering import PAIR
from bakeoff.errors import Unparsable, shown
from bakeoff.metrics.classification import probabilities
from bakeoff.system.digests import from_json

if TYPE_CHECKING:
    from bakeoff.training.reading.batches import Logits

__all__ = ["answers", "json_answers", "text_lines"]


BATCH = 256
ROOM = 2**20
"""Characters of a batch: of that many short texts there are 256, of long ones fewer."""
LONGEST = 2**20
"""Bytes of a line. One that never ends would fill the memory."""
OTHER_THAN_JSON = "nested too deeply, or a number of too many digits"
Model = Callable[[Sequence[str]], "Logits"]


def text_lines(stream: IO[bytes]) -> Iterator[str]:
    """Return the lines of a stream of UTF-8; only a line feed ends one. Raises Unparsable, which names the line."""
    number = 0
    while line := stream.readline(LONGEST + 2):  # with what ends it, and the carriage return before that
        number += 1
        if len(line.removesuffix(b"\n").removesuffix(b"\r")) > LONGEST:
            hint = "each line is a text of its own; end texts with a line feed, or cut what no model reads"
            raise Unparsable(f"standard input, line {number}", f"longer than {LONGEST:,} bytes (1 MiB)", hint=hint)
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            reason = f"not UTF-8 (byte {error.start + 1} is 0x{line[error.start]:02x})"
            hint = "`iconv -f CP1252 -t UTF-8` converts Western European texts, -f CP1251 Cyrillic ones"
            raise Unparsable(f"standard input, line {number}", reason, hint=hint) from None


def answers(lines: Iterable[str], names: Sequence[str], logits: Model) -> Iterator[str]:
    """Return "label TAB probability" per line of text; a blank line gives an empty one.

    names: of the classes; logits: from texts to (N, C)
    """
    plain = (line.rstrip("\r\n") for line in lines)
    for found in _each(plain, logits):
        if found is None:
            yield ""
        else:
            best = int(found.argmax())
            yield f"{shown(names[best], limit=10_000)}\t{found[best]:.4f}"


def json_answers(lines: Iterable[str], names: Sequence[str], logits: Model) -> Iterator[str]:
    """Return a JSON object per line, with label, probability and those of all classes; null where there is no text.

    lines: JSON, either a string, a list of the two of a pair, or an object with such under "text"; raises Unparsable,
    which names the line
    """
    texts = (_text(line, number) for number, line in enumerate(lines, start=1))
    for found in _each(texts, logits):
        if found is None:
            yield json.dumps({"label": None, "probability": None, "probabilities": None})
        else:
            best = int(found.argmax())
            every = {name: round(float(p), 6) for name, p in zip(names, found, strict=True)}
            tree = {"label": names[best], "probability": round(float(found[best]), 6), "probabilities": every}
            yield json.dumps(tree, ensure_ascii=False)


def _each(texts: Iterable[str], logits: Model) -> Iterator[np.ndarray[Any, Any] | None]:
    for batch in _batches(texts):
        rows = [row for row, text in enumerate(batch) if text.strip()]
        known = dict(zip(rows, probabilities(logits([batch[row] for row in rows])), strict=True)) if rows else {}
        yield from (known.get(row) for row in range(len(batch)))


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if len(batch) == BATCH or size >= ROOM:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _text(line: str, number: int) -> str:
    if not line.strip():
        return ""
    try:
        tree = from_json(line)
    except ValueError as error:
        said = f"not JSON: {error.msg}" if isinstance(error, json.JSONDecodeError) else OTHER_THAN_JSON
        raise Unparsable(f"standard input, line {number}", said) from None
    found = tree.get("text", ...) if isinstance(tree, dict) else tree
    if isinstance(found, list) and len(found) == 2 and all(isinstance(one, str) for one in found):  # noqa: PLR2004
        found = PAIR.join(one.replace(PAIR, " ") for one in found)
    if found is not None and not isinstance(found, str):
        raise Unparsable(f"standard input, line {number}", 'neither a string nor an object with a string under "text"')
    try:
        (found or "").encode()
    except UnicodeEncodeError:
        raise Unparsable(f"standard input, line {number}", "half of a surrogate pair is no character") from None
    return found or ""
