"""How many coefficients of a weight update are trained, and where: what FourierFT and WaveFT have in common.

Imported by functions of method files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bakeoff.tuning.models import Base
from bakeoff.tuning.targets import shapes

__all__ = ["coefficients"]


def coefficients(base: Base, names: Sequence[str], *, frequencies: int, scale: float) -> dict[str, Any]:
    """Return what peft is to be told: the smallest target weight limits their number, the seed draws their places."""
    room = min(inputs * outputs for inputs, outputs in shapes(base, names))
    return {
        "n_frequency": min(frequencies, room),
        "scaling": scale,
        "random_loc_seed": base.seed,
        "target_modules": list(names),
    }
