"""Metadata of a shared report as a Process Run Crate (RO-Crate 1.1): each run is an action with its inputs."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from bakeoff.runs.record import Record

__all__ = ["FILE", "ro_crate"]


FILE = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
CRATE, PROCESS = "https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5"
SOFTWARE = "https://pypi.org/project/bakeoff/"
TYPES = {
    ".ipynb": "application/x-ipynb+json", ".jsonl": "application/jsonl", ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet", ".tex": "application/x-tex", ".yaml": "application/yaml",
}  # fmt: skip
STATES = {"ok": "CompletedActionStatus"}

Entity = dict[str, Any]


def ro_crate(
    files: Mapping[str, int], records: Sequence[Record], *, title: str, experiment_file: str, license_url: str | None
) -> Entity:
    """Return the metadata of a crate.

    files: name in the crate -> bytes; records: of the runs whose folders are in it; license_url: None where whoever
    shares it said nothing
    """
    made = sorted(str(run.environment.get("finished_at", "")) for run in records)
    inputs = {one["@id"]: one for run in records for one in _inputs(run)}
    actions = [_action(run, files, experiment_file) for run in records]
    root: Entity = {
        "@id": "./", "@type": "Dataset", "name": title,
        "description": f"A comparison of ways to fine-tune a text classifier, with the records of {len(records)} runs.",
        "datePublished": (made or [""])[-1] or "1970-01-01",
        "license": {"@id": license_url or "#license"},
        "conformsTo": [{"@id": PROCESS}],
        "hasPart": [{"@id": quote(name)} for name in sorted(files)],
        "mentions": [{"@id": one["@id"]} for one in actions],
    }  # fmt: skip
    graph = [
        {"@id": FILE, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": CRATE}},
        root,
        {"@id": PROCESS, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        _license(license_url),
        {
            "@id": SOFTWARE, "@type": "SoftwareApplication", "name": "bakeoff", "url": SOFTWARE,
            "softwareVersion": version("bakeoff"),
        },
        *actions, *inputs.values(), *(_file(name, size) for name, size in sorted(files.items())),
    ]  # fmt: skip
    return {"@context": CONTEXT, "@graph": [{key: _alone(value) for key, value in one.items()} for one in graph]}


def _alone(value: Any) -> Any:
    """Return the one value of a list of one, as RO-Crate recommends."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _license(url: str | None) -> Entity:
    told = {"name": url or "No licence stated", "description": "The licence of this crate."}
    if not url:
        told["description"] = "Whoever shared this crate stated no licence; ask before using it."
    return {"@id": url or "#license", "@type": "CreativeWork", **told}


def _file(name: str, size: int) -> Entity:
    end = f".{name.rpartition('.')[2]}"
    kind = TYPES.get(end) or mimetypes.types_map.get(end, "application/octet-stream")
    return {"@id": quote(name), "@type": "File", "name": name, "encodingFormat": kind, "contentSize": str(size)}


def _inputs(run: Record) -> Iterable[Entity]:
    if run.inputs is None:
        return
    data, model = run.inputs.data_id, run.inputs.model_id
    told = f"The data of the runs, sha256 {run.inputs.data_sha256}; not in this crate."
    yield {"@id": _named("data", data), "@type": "Dataset", "name": data, "description": told}
    if model:
        told = f"A base model, sha256 of its weights {run.inputs.base_weights_sha256}; not in this crate."
        yield {"@id": _named("model", model), "@type": "CreativeWork", "name": model, "description": told}


def _named(kind: str, name: str) -> str:
    return f"#{kind}-{quote(name, safe='')}"


def _action(run: Record, files: Mapping[str, int], experiment_file: str) -> Entity:
    results = [name for name in sorted(files) if name.startswith(f"runs/{run.run_id}/")]
    told: Entity = {
        "@id": f"#{quote(run.run_id)}", "@type": "CreateAction",
        "name": f"{run.method}, seed {run.seed}", "description": run.command,
        "instrument": {"@id": SOFTWARE},
        "object": [{"@id": quote(experiment_file)}, *({"@id": one["@id"]} for one in _inputs(run))],
        "result": [{"@id": quote(name)} for name in results],
        "actionStatus": f"http://schema.org/{STATES.get(run.status, 'FailedActionStatus')}",
    }  # fmt: skip
    if ended := run.environment.get("finished_at"):
        told["endTime"] = ended
    return {**told, "error": f"{run.error.type}: {run.error.message}"} if run.error else told
