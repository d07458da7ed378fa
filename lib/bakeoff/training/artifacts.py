"""The folder a trained model is kept in: its weights, its tokenizer, and `bakeoff.json` saying what they are.

`load_trained` is the way back.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ValidationError

from bakeoff.errors import BadValue, MissingFile, RecordError, shown
from bakeoff.experiment.messages import checked
from bakeoff.methods.registry import method
from bakeoff.runs.run import Run
from bakeoff.system.digests import bytes_of, from_json
from bakeoff.system.own import look_in
from bakeoff.system.workspace import Workspace, find_workspace, workspace_of

if TYPE_CHECKING:
    from bakeoff.models.base import Base
    from bakeoff.training.reading.batches import Encoded, Logits

__all__ = ["Trained", "load_network", "load_trained", "make_portable", "write_manifest"]


MANIFEST = "bakeoff.json"


def write_manifest(
    folder: Path, run: Run, label_names: Sequence[str], *, base: Base | None, max_length: int | None, dtype: str | None
) -> None:
    """Say what is in a model folder and what it has to be put on."""
    tree: dict[str, Any] = {
        "kind": run.kind,
        "run_id": run.run_id,
        "seed": run.seed,
        "params": run.params,
        "label_names": list(label_names),
    }
    if base is not None and run.located_model is not None:
        located, tokenizer = run.located_model, run.located_model.tokenizer
        tree |= {
            "base": {
                "id": base.id,
                "revision": located.revision,
                "weights_sha256": base.weights_sha256,
                "tokenizer": {"id": tokenizer.id, "revision": tokenizer.revision} if tokenizer else None,
            },
            "max_length": max_length,
            "dtype": dtype,
        }
    _write(folder, tree)


def make_portable(folder: Path, *, workspace: Workspace) -> None:
    """Let the manifest of a copied model folder name a base model in the workspace by its whole path."""
    tree = _manifest(folder)
    base = tree.get("base") or {}
    for named in (base, base.get("tokenizer") or {}):
        place = workspace.root / named.get("id", "")
        # Of a hub or bundled where there is a revision: a folder here may be spelled alike.
        if named.get("revision") is None and named and place.exists():
            named["id"] = str(place.resolve())
    _write(folder, tree)


@checked
def load_trained(
    folder: str | Path, *, workspace: Workspace | str | Path | None = None
) -> Callable[[Sequence[str]], Logits]:
    """Return a function from texts to logits (N, C) float32, the same a run's own predictions came from.

    workspace: where relative names of base models count from; left out: the one the folder lies in
    Raises RecordError where the folder is not one of ours or its base model is not the one it was trained on,
    MissingAsset where the base model is not on this machine; the function raises BadValue for what is no list of texts.

    >>> logits = bakeoff.load_trained("majority-classifier")  # made by `bakeoff export majority majority-classifier`
    >>> logits(["a text", "another text"]).shape
    (2, 2)
    """
    folder, home = Path(folder), workspace_of(workspace, of=folder) if workspace else None
    tree = _method_at_hand(folder, home)
    if not method(tree["kind"]).neural:
        scorer: Any = method(tree["kind"])()
        return _of_list(_read(folder, lambda: scorer.load(folder)).scores, len(tree["label_names"]))
    return _of_list(_load_neural(folder, tree, home), len(tree["label_names"]))


def _of_list(logits: Callable[[Sequence[str]], Logits], classes: int) -> Callable[[Sequence[str]], Logits]:
    """Return logits of a list of texts, which may be empty; of anything else the function raises BadValue."""

    def checked(texts: Sequence[str]) -> Logits:
        if isinstance(texts, str) or not isinstance(texts, Iterable):
            raise BadValue("texts", f"{shown(texts)!r} is no list of texts", hint='give one, such as ["a text"]')
        given = list(texts)
        if (odd := next((one for one in given if not isinstance(one, str)), "")) != "":
            raise BadValue("texts", f"{shown(odd)!r} is no text")
        return logits(given) if given else np.zeros((0, classes), dtype=np.float32)

    return checked


class _Source(BaseModel):
    id: str
    revision: str | None = None


class _Base(_Source):
    weights_sha256: str
    tokenizer: _Source | None = None


class _Manifest(BaseModel):
    """What a manifest has to say, of whatever age."""

    kind: str
    params: dict[str, Any]
    label_names: tuple[str, ...]
    seed: int
    base: _Base | None = None
    max_length: int | None = None
    dtype: str | None = None


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        tree: dict[str, Any] = from_json(bytes_of(folder / MANIFEST))
        _Manifest.model_validate(tree)
    except (OSError, ValueError):  # pydantic's errors are ValueErrors
        below = f"; a run's model is in {folder / 'model'}" if (folder / "model" / MANIFEST).is_file() else ""
        raise RecordError(folder, f"no readable {MANIFEST}{below}") from None
    return tree


def _method_at_hand(folder: Path, workspace: Workspace | None) -> dict[str, Any]:
    """Return the manifest; a method of the user's own is looked for in the workspace."""
    tree = _manifest(folder)
    look_in((workspace or _home(folder)).root)
    return tree


def _write(folder: Path, tree: dict[str, Any]) -> None:
    (folder / MANIFEST).write_text(
        json.dumps(tree, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )


def _load_neural(folder: Path, tree: dict[str, Any], workspace: Workspace | None) -> Callable[[Sequence[str]], Logits]:
    held = _restore(folder, tree, workspace)

    def logits(texts: Sequence[str]) -> Logits:
        from bakeoff.training.reading.batches import predict

        return predict(held.model, held.encode(texts), batch_size=held.config.eval_batch_size, dtype=held.dtype)

    return logits


@dataclass(frozen=True)
class Trained:
    """A trained network and what it reads with; a forward pass of `model` under `dtype` gives the run's logits.

    base: what it was put on, changed by that; config: the method's settings
    """

    model: Any
    base: Base
    config: Any
    max_length: int
    dtype: str
    accepted: frozenset[str]

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return the texts as the run's model read its own."""
        from bakeoff.training.reading.batches import encode

        return encode(texts, tokenizer=self.base.tokenizer, accepted=self.accepted, max_length=self.max_length)


def load_network(folder: Path, *, workspace: Workspace | None = None) -> Trained:
    """Return the network a folder holds; raises what `load_trained` raises, RecordError for a method without one."""
    tree = _method_at_hand(folder, workspace)
    if not method(tree["kind"]).neural:
        raise RecordError(folder, f"{tree['kind']} is not a network")
    return _restore(folder, tree, workspace)


def _restore(folder: Path, tree: dict[str, Any], workspace: Workspace | None) -> Trained:
    from bakeoff.models.base import load_base
    from bakeoff.models.sources import locate_model, pinned
    from bakeoff.training.machine import device

    kind: Any = method(tree["kind"])()
    if tree.get("base") is None:
        raise RecordError(folder, f"its {MANIFEST} names no base model")
    try:
        config = type(kind).Config(**tree["params"])
    except ValidationError:
        raise RecordError(folder, f"its settings are not those that {tree['kind']} takes now") from None
    held, other = tree["base"], tree["base"].get("tokenizer")
    located = locate_model(
        pinned(held["id"], held["revision"]),
        workspace=workspace or _home(folder),
        tokenizer=pinned(other["id"], other["revision"]) if other else None,
    )
    base = load_base(located, label_names=tuple(tree["label_names"]), seed=tree["seed"], pooling=config.pooling)
    if base.weights_sha256 != held["weights_sha256"]:
        raise RecordError(folder, f"{base.id} has other weights now than those the model was trained on")
    accepted = base.inputs
    model = _read(folder, lambda: kind.load(folder, base, config)).to(device())
    return Trained(
        model=model,
        base=base,
        config=config,
        max_length=tree["max_length"],
        dtype=tree["dtype"],
        accepted=accepted,
    )


def _home(folder: Path) -> Workspace:
    """Return the workspace a folder lies in; an exported one needs none, its base has a whole path or is bundled."""
    try:
        return find_workspace(folder)
    except MissingFile:
        return Workspace(folder)


def _read(folder: Path, load: Callable[[], Any]) -> Any:
    """Return what is loaded; raises RecordError for any of the ways in which what a folder holds can be wrong."""
    from safetensors import SafetensorError

    try:
        return load()
    except (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, SafetensorError, TypeError, ValueError,
            zipfile.BadZipFile) as error:  # what torch, safetensors, numpy and peft raise  # fmt: skip
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RecordError(folder, f"the weights in it cannot be read: {shown(reason, limit=200)}") from None
