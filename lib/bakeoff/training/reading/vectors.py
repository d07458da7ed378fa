"""Text vectors of a frozen encoder, kept for every run that reads the same texts in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from bakeoff.models.base import Base
from bakeoff.runs.fingerprint import NEURAL_LIBRARIES, base_identity, installed
from bakeoff.runs.run import Run
from bakeoff.system.digests import canonical_sha256
from bakeoff.system.store import vector_store
from bakeoff.training.cost import Meter
from bakeoff.training.machine import conditions
from bakeoff.training.reading.batches import Encoded, Rows, Vectors

__all__ = ["Taken", "Views", "facts_of", "packed", "ready_or_made", "unpacked"]


PEAKS = ("rss", "gpu_allocated", "gpu_reserved")
Views = dict[str, Vectors]
"""Pooling -> the text vectors of a split."""


@dataclass(frozen=True)
class Taken:
    """What making text vectors took: seconds, seconds of processor time, peak memory in bytes by kind."""

    seconds: float
    worked: float
    peaks: dict[str, int]


def ready_or_made(
    facts: dict[str, Any], make: Callable[[], Views], *, lengths: Rows, meter: Meter, phase: str
) -> tuple[Views, bool]:
    """Return text vectors, and whether an earlier run made them; new ones are kept.

    facts: all that they and the time for them depend on; lengths: (N,) tokens per text
    The meter counts for the phase what it takes to make them, or took the run that did.
    """
    key, store = canonical_sha256(facts), vector_store()
    found = store.read(key)
    if found is not None:
        views, taken = unpacked(found, lengths=lengths)
        meter.charge(phase, seconds=taken.seconds, worked=taken.worked, peaks=taken.peaks)
        return views, True
    before = (meter.seconds[phase], meter.worked[phase])
    with meter.phase(phase):
        views = make()
    spent = (meter.seconds[phase] - before[0], meter.worked[phase] - before[1])
    store.write(key, packed(views, Taken(*spent, dict(meter.peaks[phase]))))
    return views, False


def facts_of(
    run: Run, base: Base, encoded: Encoded, *, read: Sequence[Any], changed_by: str, own: bool
) -> dict[str, Any]:
    """Say all that text vectors, and the time for them, depend on: base, texts, number format, batches, machine.

    read: how the encoder reads; changed_by: what made the encoder another one, "" for that of the base
    own: by code that may be anywhere
    """
    code = run.identity.get("code", {})
    assert run.located_model is not None  # as for every neural method  # noqa: S101
    return {
        "base": [base.weights_sha256, base_identity(run.located_model)],
        "texts": [encoded.columns, encoded.fill, encoded.left],
        "read": list(read),
        "machine": conditions(),
        "libraries": {name: installed(name) for name in NEURAL_LIBRARIES},
        "code": [code.get("models"), code.get("training"), changed_by, code if own else None],
    }


def packed(views: dict[str, Vectors], taken: Taken) -> bytes:
    """Return text vectors by pooling, and what they took, as the bytes of a safetensors file."""
    from safetensors.numpy import save

    first = next(iter(views.values()))
    cost = [taken.seconds, taken.worked, *(taken.peaks.get(kind, np.nan) for kind in PEAKS)]
    told = {"cost": np.array(cost, dtype=np.float64), "padded": np.array([first.padded])}
    made: bytes = save({**{f"by {how}": one.values.numpy() for how, one in views.items()}, **told})
    return made


def unpacked(content: bytes, *, lengths: Rows) -> tuple[dict[str, Vectors], Taken]:
    """Return what `packed` was given. lengths: (N,) tokens per text."""
    from safetensors.numpy import load

    held = load(content)
    seconds, worked, *peaks = held.pop("cost").tolist()
    padded = int(held.pop("padded")[0])
    known = {kind: int(peak) for kind, peak in zip(PEAKS, peaks, strict=True) if not np.isnan(peak)}
    arrays = {name.removeprefix("by "): torch.from_numpy(one.copy()) for name, one in held.items()}
    views = {how: Vectors(one, lengths=lengths, padded=padded) for how, one in arrays.items()}
    return views, Taken(seconds, worked, known)
