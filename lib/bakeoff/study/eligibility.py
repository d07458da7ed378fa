"""Which records belong to an experiment file as it stands, and why the others do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from bakeoff.errors import InputError, MissingAsset
from bakeoff.experiment.model import Experiment
from bakeoff.runs.fingerprint import changes_between
from bakeoff.runs.record import Record
from bakeoff.runs.run import Request, Resolver, Run
from bakeoff.system.message import Message

__all__ = ["in_grid", "in_search", "newest", "why_not"]


def _expected(settled: Resolver, request: Request) -> Run | None:
    """Resolve a request as of now; None where data or model are not on this machine, which is no fault of a record."""
    try:
        return settled(request)
    except InputError as error:
        if isinstance(error, MissingAsset) or error.setting in ("data.source", "model", "tokenizer"):
            return None
        raise


def why_not(settled: Resolver, record: Record) -> str | None:
    """Say why a record does not belong to the experiment file as it stands; None if it does.

    settled: of that experiment
    Library versions and code are left out of this: a report may be written where they differ.
    """
    try:
        expected = _expected(settled, record.request)
    except InputError as error:
        return Message("no longer in the experiment file ({what}: {reason})", what=error.what, reason=error.reason)
    if expected is None:
        now = _as_written(settled.experiment, record.request)
        was = {"method": record.identity.get("method"), "data": {**record.identity["data"], "sha256": None}}
        changed = changes_between(was, now)
    else:
        changed = changes_between(_settings(record.identity), _settings(expected.identity))
    if not changed:
        return None
    return Message(
        "made under other settings: {changes}", changes=Message.together([_said(*change) for change in changed])
    )


def _said(key: str, was: object, now: object) -> str:
    """Say what changed, as `run.differences` does, in the language being spoken."""
    if key.endswith("sha256"):
        return Message("content of the {part} changed", part=key.partition(".")[0])
    before, after = (Message("unset") if value is None else str(value) for value in (was, now))
    return Message("{name}: {was} is now {now}", name=key.removeprefix("method."), was=before, now=after)


def _as_written(experiment: Experiment, request: Request) -> dict[str, Any]:
    """Return what the experiment file alone says of a run, where the contents of data and model cannot be read."""
    entry = experiment.entry(request.method)
    params = entry.method.Config(**{**entry.options, **request.overrides}).model_dump(mode="json")
    data = experiment.data.model_dump(mode="json")
    return {"method": {"kind": entry.kind, **params}, "data": {"sha256": None, **data}}


def _settings(identity: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in identity.items() if key not in ("versions", "code")}


def newest(records: list[Record], settled: Resolver) -> tuple[list[Record], dict[str, str]]:
    """Keep one record per thing asked for: the one this code would make, else the one finished last.

    Returns the kept ones, and run id -> reason for the others.
    """
    same: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        same[f"{record.request.method} {record.seed} {record.role} {record.params_sha256}"].append(record)
    kept: list[Record] = []
    left: dict[str, str] = {}
    for group in same.values():
        expected = _expected(settled, group[0].request) if len(group) > 1 else None
        now = expected.run_id if expected else None
        *older, best = sorted(group, key=lambda r: (r.run_id == now, str(r.environment.get("finished_at", ""))))
        kept.append(best)
        left |= {record.run_id: Message("superseded by {run}", run=best.run_id) for record in older}
    return kept, left


def in_grid(experiment: Experiment, record: Record) -> bool:
    """Return whether a trial is a point of the sweep that the file declares, with the seed that sweeps run with."""
    entry = experiment.methods.get(record.method)
    return (
        entry is not None
        and record.seed == experiment.sweep_seed
        and record.request.overrides.keys() == entry.sweep.keys()
        and {key: record.params[key] for key in entry.sweep} in entry.points
    )


def in_search(experiment: Experiment, record: Record) -> bool:
    """Return whether a trial has a place in the search as the file has it: one that was stopped, in halving alone."""
    return in_grid(experiment, record) and bool(record.stopped_after is None or experiment.methods[record.method].rungs)
