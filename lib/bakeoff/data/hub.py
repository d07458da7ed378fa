"""Data sets of a model hub: pinned to a commit, fetched into the hub's own cache, read from there without a network.

Only data files and the card are fetched; code from a hub is never run. What the cache holds is used as it is, so that
an experiment does not change under its runs; a deleted cache brings the newest commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bakeoff.errors import BadValue, MissingAsset, UnknownName, Unparsable

__all__ = ["HUB_FILE", "HUB_ID", "HubSet", "hub_file", "hub_set"]


HUB_ID = re.compile(r"(?P<name>\w[\w.-]*/\w[\w.-]*)(@(?P<revision>[\w.%/-]+))?")
HUB_FILE = re.compile(r"hf://datasets/(?P<name>[^/@]+/[^/@]+)(@(?P<revision>[^/]+))?/(?P<path>.+)")
DATA_FILES = ("*.csv", "*.tsv", "*.json", "*.jsonl", "*.parquet")
LOCAL_FILE, OWN = "{fix} uses a file of your own", ("data.source", "FILE")


@dataclass(frozen=True)
class HubSet:
    """One configuration of a data set on this machine.

    folder: the snapshot of the commit; parts: split, as the hub names it -> its files; config: None without any
    """

    folder: Path
    commit: str
    parts: dict[str, tuple[Path, ...]]
    config: str | None


def hub_file(source: str, *, where: str | None = None) -> tuple[Path, str]:
    """Return `hf://datasets/owner/name[@revision]/path` as a file and its commit; raises MissingAsset."""
    from huggingface_hub import constants, hf_hub_download, try_to_load_from_cache

    match = HUB_FILE.fullmatch(source)
    if match is None or ".." in source.split("/"):
        raise BadValue("data.source", f"{source!r} does not name a file of a hub data set", where=where)
    name, path, revision = match["name"], match["path"], unquote(match["revision"] or "") or None
    with _plainly(source, name, path, where=where):
        cached = try_to_load_from_cache(name, path, revision=revision, repo_type="dataset")
        if not isinstance(cached, str):
            cached = hf_hub_download(
                name, path, revision=revision, repo_type="dataset", local_files_only=constants.HF_HUB_OFFLINE
            )
    return Path(cached), Path(cached).parents[path.count("/")].name


def hub_set(source: str, config: str | None, *, where: str | None = None) -> HubSet:
    """Return `owner/name[@revision]` as files by split; raises UnknownName, BadValue or MissingAsset."""
    match = HUB_ID.fullmatch(source)
    if match is None:
        raise BadValue("data.source", f"{source!r} is not owner/name", where=where)
    name, revision = match["name"], unquote(match["revision"] or "") or None
    found = _cached(name, revision, config, source, where)
    if found is None:
        from huggingface_hub import constants

        with _plainly(source, name, where=where):
            if constants.HF_HUB_OFFLINE:
                raise FileNotFoundError
            folder = _fetched(name, revision, config, source, where)
        found = _held(folder, config, source, where)
    if found is None:
        raise MissingAsset(
            source, "its card names data files that the hub does not have", where=where, hint=LOCAL_FILE, fix=OWN
        )
    return found


def _cached(name: str, revision: str | None, config: str | None, source: str, where: str | None) -> HubSet | None:
    """Return what the cache holds whole, None where something has to be fetched."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        card = snapshot_download(
            name, revision=revision, repo_type="dataset", allow_patterns=["README.md"], local_files_only=True
        )
        folder = Path(card)
        if not (folder / "README.md").is_file():  # a single file was fetched before, not the data set
            return None
        _no_script([path.name for path in folder.glob("*.py")], name, source, where)
        wanted = _wanted(folder, config, source, where)
        # Asked once more, the library compares the files with the listing it keeps of the commit.
        snapshot_download(name, revision=folder.name, repo_type="dataset", allow_patterns=wanted, local_files_only=True)
    except (LocalEntryNotFoundError, HFValidationError):
        return None
    return _held(folder, config, source, where)


@lru_cache
def _fetched(name: str, revision: str | None, config: str | None, source: str, where: str | None) -> Path:
    """Fetch the card, then the files it names for the configuration (all data files where it names none)."""
    from huggingface_hub import HfApi, snapshot_download

    facts = HfApi().dataset_info(name, revision=revision, timeout=10)
    _no_script([sibling.rfilename for sibling in facts.siblings or ()], name, source, where)
    # The revision as it was asked for: so the cache remembers which commit it stood for.
    folder = Path(snapshot_download(name, revision=revision, repo_type="dataset", allow_patterns=["README.md"]))
    wanted = _wanted(folder, config, source, where)
    snapshot_download(name, revision=folder.name, repo_type="dataset", allow_patterns=wanted)
    return folder


def _wanted(folder: Path, config: str | None, source: str, where: str | None) -> list[str]:
    patterns = _patterns(folder, config, source, where)[1]
    return [one for many in patterns.values() for one in many] or [*DATA_FILES]


def _held(folder: Path, config: str | None, source: str, where: str | None) -> HubSet | None:
    """Return the files of a configuration in a snapshot, None where a pattern of its card finds none."""
    from fsspec.implementations.local import LocalFileSystem

    chosen, patterns = _patterns(folder, config, source, where)
    if not patterns:
        from datasets.data_files import EmptyDatasetError, get_data_patterns

        try:
            patterns = get_data_patterns(folder.as_posix())
        except EmptyDatasetError:
            return None
    here = LocalFileSystem()
    parts = {}
    for split, wanted in patterns.items():
        found = {one: [Path(p) for p in here.glob(f"{folder.as_posix()}/{one}") if Path(p).is_file()] for one in wanted}
        if not any(found.values()) or (chosen and not all(found.values())):
            return None
        parts[str(split)] = tuple(sorted({path for paths in found.values() for path in paths}))
    return HubSet(folder, folder.name, parts, chosen)


def _patterns(
    folder: Path, config: str | None, source: str, where: str | None
) -> tuple[str | None, dict[str, list[str]]]:
    """Return the configuration and, by split, the patterns of its files; empty where the card has no configurations."""
    configs = {str(one.get("config_name")): one for one in _head(folder).get("configs") or ()}
    if config is not None and config not in configs:
        if not configs:
            raise BadValue("data.config", f"{config!r}: {source} has no configurations", where=where)
        raise UnknownName("data.config", config, configs, kind="configuration", where=where)
    usual = [name for name, one in configs.items() if len(configs) == 1 or name == "default" or one.get("default")]
    if config is None and configs and len(usual) != 1:
        raise BadValue("data.config", f"missing: {source} has {', '.join(configs)}", where=where)
    chosen = config or (usual[0] if usual else None)
    files = configs[chosen].get("data_files") if chosen else None
    files = [files] if isinstance(files, str) else files or []
    patterns: dict[str, list[str]] = {}
    for one in files:
        split, path = (one["split"], one["path"]) if isinstance(one, dict) else ("train", one)
        patterns.setdefault(split, []).extend([path] if isinstance(path, str) else path)
    return chosen, patterns


def _head(folder: Path) -> dict[str, Any]:
    """Return the YAML head of a snapshot's README.md, empty where there is none."""
    from huggingface_hub.repocard import REGEX_YAML_BLOCK
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    file = folder / "README.md"
    head = REGEX_YAML_BLOCK.search(file.read_text(encoding="utf-8")) if file.is_file() else None
    try:
        content = YAML(typ="safe").load(head.group(2)) if head else None
    except YAMLError:
        raise Unparsable(str(file), "its head is not YAML") from None
    return content if isinstance(content, dict) else {}


def _no_script(names: list[str], name: str, source: str, where: str | None) -> None:
    scripts = [one for one in names if one == f"{name.rpartition('/')[2]}.py"]
    if scripts:
        hint = f"name one of its files: hf://datasets/{name}/FILE (jsonl, csv, tsv or parquet)"
        reason = f"it is loaded by a script, {scripts[0]}, and code from a hub is never run"
        raise BadValue("data.source", reason, subject=source, where=where, hint=hint)


@contextmanager
def _plainly(source: str, name: str, path: str = "", *, where: str | None) -> Iterator[None]:
    """Turn what the hub's library raises into one line that says what to do."""
    from huggingface_hub import constants, errors

    command = f"`hf download --repo-type dataset {name}{f' {path}' if path else ''}`"
    try:
        yield
    except errors.GatedRepoError:
        hint = "accept its terms on the hub and log in with `hf auth login`"
        raise MissingAsset(source, "the hub gives it to known users only", where=where, hint=hint) from None
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.RemoteEntryNotFoundError) as error:
        kinds = {errors.RevisionNotFoundError: "revision", errors.RemoteEntryNotFoundError: "file"}
        missing = kinds.get(type(error), "data set and there is no such folder here")
        raise MissingAsset(source, f"the hub has no such {missing}", where=where, hint=LOCAL_FILE, fix=OWN) from None
    except errors.HFValidationError as error:
        raise BadValue("data.source", str(error), subject=source, where=where) from None
    # What its HTTP library raises where nothing answers is no OSError.
    except (OSError, errors.HTTPError) as error:  # type: ignore[attr-defined]
        why = (
            "HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else f"the hub did not answer ({type(error).__name__})"
        )
        reason = f"neither a folder here nor in this machine's hub cache, and {why}"
        hint = f"where a network is, {command} fetches it; {LOCAL_FILE}"
        raise MissingAsset(source, reason, where=where, hint=hint, fix=OWN) from None
