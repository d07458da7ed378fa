"""The folder a trained model is kept in: its weights, its tokenizer, and `bakeoff.json` saying what they are.

Imported by `neural` and `classical`; `load_trained` is the way back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.errors import RecordError
from bakeoff.method import method
from bakeoff.run import Run

if TYPE_CHECKING:
    from bakeoff.tuning.models import Base
    from bakeoff.tuning.predict import Logits

__all__ = ["load_trained", "write_manifest"]

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
        tree |= {
            "base": {"id": base.id, "revision": run.located_model.revision, "weights_sha256": base.weights_sha256},
            "max_length": max_length,
            "dtype": dtype,
        }
    (folder / MANIFEST).write_text(json.dumps(tree, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_trained(folder: Path) -> Callable[[Sequence[str]], Logits]:
    """Return a function from texts to logits (N, C) float32, the same a run's own predictions came from.

    Raises RecordError where the folder is not one of ours or its base model is not the one it was trained on,
    MissingAsset where the base model is not on this machine.
    """
    try:
        tree = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RecordError(folder, f"no readable {MANIFEST}") from None
    if not method(tree["kind"]).neural:
        scorer: Any = method(tree["kind"])()
        loaded: Callable[[Sequence[str]], Logits] = scorer.load(folder).scores
        return loaded
    return _load_neural(folder, tree)


def _load_neural(folder: Path, tree: dict[str, Any]) -> Callable[[Sequence[str]], Logits]:
    from bakeoff.bases import locate_model
    from bakeoff.tuning.machine import device
    from bakeoff.tuning.models import load_base
    from bakeoff.tuning.predict import predict
    from bakeoff.tuning.tokens import encode
    from bakeoff.workspace import find_workspace

    kind: Any = method(tree["kind"])()
    config = type(kind).Config(**tree["params"])
    located = locate_model(tree["base"]["id"], workspace=find_workspace(folder))
    base = load_base(located, label_names=tuple(tree["label_names"]), seed=tree["seed"], config=config)
    if base.weights_sha256 != tree["base"]["weights_sha256"]:
        raise RecordError(folder, f"{base.id} has other weights now than those the model was trained on")
    accepted = base.inputs
    model = kind.load(folder, base, config).to(device())

    def logits(texts: Sequence[str]) -> Logits:
        encoded = encode(texts, tokenizer=base.tokenizer, accepted=accepted, max_length=tree["max_length"])
        return predict(model, encoded, batch_size=config.eval_batch_size, dtype=tree["dtype"])

    return logits
