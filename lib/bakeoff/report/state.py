"""What is written down of a report: what it was made from, and the hashes of its files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bakeoff.experiment.model import Experiment
from bakeoff.report.outputs import is_output
from bakeoff.report.pages.fonts import fallback
from bakeoff.system.digests import bytes_of, from_json, sha256_of

__all__ = ["STATE", "declared_of", "is_fresh", "known_inputs", "others", "read_state"]


STATE = "report.json"


def declared_of(experiment: Experiment) -> dict[str, Any]:
    """Return dotted key -> value of what an experiment declares, so that two reports can be held together."""
    declared = experiment.model_dump(mode="json", exclude={"file", "changes", "report"}, fallback=str)
    return dict(_flat(declared, ""))


def _flat(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    elif value not in (None, {}, [], ()):
        yield key, value


def read_state(folder: Path) -> dict[str, Any]:
    """Return what is written down of the report in a folder; nothing without one, or in a file of another shape."""
    with suppress(OSError, ValueError):
        known = from_json(bytes_of(folder / STATE))
        if isinstance(known, dict) and isinstance(known.get("outputs"), dict):
            return known
    return {}


def known_inputs(told: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return by what two states are of the same inputs."""
    return told.get("inputs_sha256"), told.get("made_again")


def others(
    known: Mapping[str, Any], folder: Path, *, but: Collection[str], experiment: Experiment, same: bool
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the hashes of the files in other formats that stay, being of the same state; remove those of another."""
    kept, removed = {}, []
    for name, sha256 in known.get("outputs", {}).items():
        if name in but or not is_output(name, experiment):
            continue
        if same and (folder / name).is_file():
            kept[name] = str(sha256)
        elif (folder / name).is_file():
            (folder / name).unlink()
            removed.append(name)
    return kept, tuple(removed)


def is_fresh(
    known: Mapping[str, Any],
    made_from: Mapping[str, Any],
    folder: Path,
    *,
    wanted: Sequence[str],
    formats: Sequence[str],
) -> bool:
    """Return whether all that is asked for is there, as it was written, of the same inputs."""
    if not known or known_inputs(known) != known_inputs(made_from) or not {*formats} <= {*known.get("formats", ())}:
        return False
    unshown, outputs = str(known.get("unshown", "")), known["outputs"]
    asked = {*wanted, *(name for name in outputs if name.rpartition(".")[2] in formats)}
    try:
        return (
            all(sha256_of(folder / name) == outputs[name] for name in asked)
            and (not unshown or fallback([unshown]).unshown == unshown)  # a font may have come since
        )
    except (OSError, KeyError, TypeError, ValueError):  # one is missing, or a folder
        return False
