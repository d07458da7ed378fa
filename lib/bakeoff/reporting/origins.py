"""Words for splits, for where their texts come from, and for why rows of the source were left out.

Imported by `datacard` and `training`.
"""

from __future__ import annotations

from bakeoff.record import SplitFacts
from bakeoff.reporting.escape import MISSING
from bakeoff.reporting.language import msg, tr
from bakeoff.reporting.notation import whole

__all__ = ["SPLITS", "dropped_because", "origin_of", "split_name"]

SPLITS = {"train": msg("train"), "validation": msg("validation"), "test": msg("test")}
"""What tables call the splits, to be translated."""


def origin_of(split: str, facts: SplitFacts) -> str:
    """Say which of the source's splits the texts are from; a dash where the record does not say."""
    if facts.source_split is None or facts.source_n is None:
        return MISSING
    there = whole(facts.source_n)
    if facts.source_split == "all":
        return tr("drawn from {there} texts", there=there)
    if facts.source_split != split:
        return tr("drawn from the source's {split} split of {there}", split=facts.source_split, there=there)
    if facts.n == facts.source_n:
        return tr("the source's own")
    return tr("drawn from the source's own {there}", there=there)


def split_name(split: str) -> str:
    """Return what tables call a split."""
    return tr(SPLITS.get(split, split))


_REASONS = {
    "no text": msg("no text"),
    "no label": msg("no label"),
    "no group": msg("no group"),
    "repeated text": msg("repeated text"),
    "repeated text with another label": msg("repeated text with another label"),
    "train text also in validation": msg("train text also in validation"),
    "train text also in test": msg("train text also in test"),
    "validation text also in test": msg("validation text also in test"),
}
_NAMING = {"label": msg("label {name}"), "split": msg("split {name}")}


def dropped_because(reason: str) -> str:
    """Return why rows were left out, as a record says it, in the language being spoken."""
    kind, _, name = reason.partition(" ")
    return tr(_NAMING[kind], name=name) if kind in _NAMING and name else tr(_REASONS.get(reason, reason))
