"""What came of checking a report's claims, on disk: `verify.json` beside the report, one part for each level."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from bakeoff.data.schema import Part
from bakeoff.system.atomic import atomic_path
from bakeoff.system.digests import bytes_of, sha256_of

__all__ = ["FILE", "Check", "Level", "Outcome", "keep_level", "read_verified", "results_at_hand", "worst"]


FILE = "verify.json"
Outcome = Literal["IDENTICAL", "EQUIVALENT", "DIVERGED", "NOT_COMPARABLE"]
ORDER: tuple[Outcome, ...] = ("IDENTICAL", "EQUIVALENT", "NOT_COMPARABLE", "DIVERGED")
AGAIN = "1"
"""The level at which runs are made again."""


class Check(Part):
    """One file, run, method or pair that was held against what it was.

    stage: the first at which the two part, None where they do not; why: in words; record_sha256: of the record that was
    checked, for a run
    """

    name: str
    result: Outcome
    stage: str | None = None
    why: str = ""
    record_sha256: str | None = None


class Level(Part):
    """What was checked at one level. where: facts of the machine and libraries that checked."""

    checks: tuple[Check, ...]
    where: dict[str, str] = Field(default_factory=dict)

    @property
    def result(self) -> Outcome:
        """The worst of its checks."""
        return worst([check.result for check in self.checks])


class Verified(Part):
    """All that was checked of one report, by level: "0", "1", "2"."""

    schema_version: Literal[1] = 1
    levels: dict[str, Level] = Field(default_factory=dict)


def worst(results: Collection[Outcome]) -> Outcome:
    """Return the worst of some results; NOT_COMPARABLE where there is none."""
    return max(results, key=ORDER.index, default="NOT_COMPARABLE")


def read_verified(folder: Path) -> Verified:
    """Return what was checked of the report in a folder; nothing where its file is missing or cannot be used."""
    try:
        return Verified.model_validate_json(bytes_of(folder / FILE))
    except (OSError, ValidationError):
        return Verified()


def keep_level(folder: Path, level: int, found: Level) -> Level:
    """Write down what was checked at a level; return it with earlier checks of other runs whose records still stand."""
    before = read_verified(folder)
    names = {check.name for check in found.checks}
    standing = before.levels.get(str(level), Level(checks=())).checks if level else ()
    kept = [one for one in standing if one.name not in names and _stands(one, folder)]
    merged = found.model_copy(update={"checks": tuple(sorted((*kept, *found.checks), key=lambda one: one.name))})
    levels: Mapping[str, Level] = {**before.levels, str(level): merged}
    with atomic_path(folder / FILE) as scratch:
        told = Verified(levels=dict(sorted(levels.items()))).model_dump_json(indent=1, exclude_none=True)
        scratch.write_text(told + "\n", encoding="utf-8", newline="\n")
    return merged


def results_at_hand(folder: Path) -> dict[str, Outcome]:
    """Return what came of the runs that were made again, by run id, as far as their records are still the same."""
    level = read_verified(folder).levels.get(AGAIN)
    return {check.name: check.result for check in level.checks if _stands(check, folder)} if level else {}


def _stands(check: Check, folder: Path) -> bool:
    try:
        return sha256_of(folder / "runs" / check.name / "record.json") == check.record_sha256
    except OSError:
        return False
