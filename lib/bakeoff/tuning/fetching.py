"""Where files of models and tokenizers come from, and what is said when they cannot be had.

Imported by `loading` and `tokenizer`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bakeoff.bases import LocatedModel, LocatedTokenizer
from bakeoff.errors import MissingAsset

__all__ = ["fetching", "origin"]


def origin(located: LocatedModel | LocatedTokenizer) -> dict[str, Any]:
    """Return the arguments of `from_pretrained` that say where to read: this disk, or a pinned revision of the hub."""
    local = Path(located.path).exists()
    revision = located.revision if located.revision and not local else "main"
    return {"revision": revision, "trust_remote_code": False, "local_files_only": local}


@contextmanager
def fetching(name: str, what: str) -> Iterator[None]:
    """Turn the ways in which transformers fails to read a model or tokenizer into MissingAsset, in one line."""
    try:
        yield
    except (OSError, ValueError, ImportError, KeyError) as error:
        if "trust_remote_code" in str(error):
            raise MissingAsset(
                name,
                f"its {what} needs code from the hub, and code from a hub is never run",
                hint="name a model of an architecture that transformers itself has",
            ) from None
        if "safetensors" in str(error) and "no file named" in str(error):
            raise MissingAsset(
                name,
                "it has no *.safetensors, and weights in other formats could run code",
                hint="name a revision that has them, or convert it where you trust it: "
                "AutoModel.from_pretrained(MODEL).save_pretrained(FOLDER)",
            ) from None
        first = str(error).strip().split("\n\n")[0]
        raise MissingAsset(name, f"its {what} cannot be read: {' '.join(first.split())}") from None
