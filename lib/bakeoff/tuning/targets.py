"""Which layers of an architecture a method changes.

Imported by `adapters` and the functions of method files.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence

from torch import nn

from bakeoff.errors import BadValue
from bakeoff.tuning.models import Base

__all__ = [
    "QUERY_VALUE",
    "blocks",
    "check_layers",
    "check_rank",
    "chosen",
    "ending",
    "fitting",
    "layer_names",
    "layers",
    "shapes",
]

# Query and value projections, as in section 4.2 of the LoRA paper; where queries, keys and values come out of one
# layer, that one. State-space models have no attention: what reads the token and what reads the state's input.
QUERY_VALUE: tuple[tuple[str, ...], ...] = (
    ("query", "value"),
    ("q_lin", "v_lin"),
    ("q_proj", "v_proj"),
    ("query_proj", "value_proj"),
    ("q", "v"),
    ("Wqkv",),
    ("query_key_value",),
    ("c_attn",),
    ("in_proj", "x_proj"),
    ("in_proj",),
)

# State-space code takes the weights of these layers, with or without the kernels of mamba-ssm, and calls no layer.
TAKEN = {"mamba": {"dt_proj", "out_proj"}, "falcon_mamba": {"dt_proj", "out_proj"}, "mamba2": {"out_proj"}}
TAKEN_BY_KERNELS = {"mamba": {"x_proj"}, "falcon_mamba": {"x_proj"}}


def layers(encoder: nn.Module) -> dict[str, nn.Module]:
    """Return the linear layers of an encoder by their full names."""
    from transformers.pytorch_utils import Conv1D

    return {name: module for name, module in encoder.named_modules() if isinstance(module, nn.Linear | Conv1D)}


def layer_names(encoder: nn.Module) -> set[str]:
    """Return the last part of the names of all linear layers of an encoder."""
    return {name.rpartition(".")[2] for name in layers(encoder)}


def shapes(base: Base, names: Sequence[str]) -> list[tuple[int, int]]:
    """Return inputs and outputs of every layer that one of the names ends."""
    found = [module for name, module in layers(base.encoder).items() if _ends(name, names)]
    return [
        (module.in_features, module.out_features) if isinstance(module, nn.Linear) else tuple(module.weight.shape)  # type: ignore[arg-type]
        for module in found
    ]


def fitting(limit: int, sizes: Sequence[int]) -> int:
    """Return the largest number up to `limit` that divides all sizes."""
    common = math.gcd(*sizes)
    return max(number for number in range(1, min(limit, common) + 1) if common % number == 0)


def chosen(base: Base, asked: Sequence[str] | None, usual: Sequence[tuple[str, ...]] = QUERY_VALUE) -> tuple[str, ...]:
    """Return the layers to change: those asked for, else the first of the usual sets that the architecture has."""
    names = layer_names(base.encoder)
    if asked is None:
        found = next((kind for kind in usual if all(ending(base, [name]) for name in kind)), None)
        if found is None:
            raise BadValue(
                "target_modules",
                f"{base.architecture} has none of the layers that are usual for this method",
                hint=f"name layers yourself: {', '.join(sorted(names))}",
            )
        return found
    for name in asked:
        if not ending(base, [name]):
            raise BadValue(
                "target_modules",
                f"{base.architecture} has no layer {name!r}",
                hint=f"it has {', '.join(sorted(names))}",
            )
    return tuple(asked)


def check_layers(base: Base, names: Sequence[str], *, kind: str, conv1d: bool) -> None:
    """Raise BadValue for layers whose weights the model reads without calling them, or of a class not provided for."""
    model_type = base.encoder.config.model_type
    fused = importlib.util.find_spec("mamba_ssm") is not None
    taken = TAKEN.get(model_type, set()) | (TAKEN_BY_KERNELS.get(model_type, set()) if fused else set())
    for name in names:
        if name.rpartition(".")[2] in taken:
            raise BadValue(
                "target_modules",
                f"{base.architecture} uses the weight of {name} without calling the layer, past any adapter",
                hint="target_modules: [in_proj] works here",
            )
    found = [module for name, module in layers(base.encoder).items() if _ends(name, names)]
    if not conv1d and not all(isinstance(module, nn.Linear) for module in found):
        raise BadValue(
            "method",
            f"{kind} changes linear layers only, and those of {base.architecture} are of another class (Conv1D)",
            hint="lora works here",
        )


def _ends(full: str, names: Sequence[str]) -> bool:
    return any(full == name or full.endswith(f".{name}") for name in names)


def ending(base: Base, names: Sequence[str]) -> list[str]:
    """Return the full names of the linear layers that end in one of the names."""
    return [name for name in layers(base.encoder) if _ends(name, names)]


def check_rank(base: Base, names: Sequence[str], rank: int) -> None:
    """Raise BadValue where a layer's weight has a smaller side than the rank."""
    least = min(min(shape) for shape in shapes(base, names))
    if rank > least:
        raise BadValue("rank", f"{rank} is more than the {least} that a target layer has", hint=f"{least} fits")


def blocks(base: Base) -> tuple[str, int]:
    """Return the name of the encoder's list of layers and their number; raises BadValue where they share weights."""
    config = base.encoder.config
    count = config.num_hidden_layers
    lists = [(name, len(one)) for name, one in base.encoder.named_modules() if isinstance(one, nn.ModuleList)]
    found = next((name for name, length in lists if length == count), None)
    if found is None or getattr(config, "num_hidden_groups", count) != count:
        raise BadValue(
            "method", f"{base.architecture} has no list of layers with weights of their own", hint="lora works here"
        )
    return found, count
