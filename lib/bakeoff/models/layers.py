"""Which layers of an architecture a method changes."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain

from torch import nn

from bakeoff.errors import BadValue
from bakeoff.models.base import Base
from bakeoff.models.ssm import has_kernels

__all__ = [
    "QUERY_VALUE",
    "above",
    "blocks",
    "check_layers",
    "check_rank",
    "chosen",
    "ending",
    "fitting",
    "layer_names",
    "layers",
    "numbers_for",
    "shapes",
]


# Query and value projections, as in section 4.2 of the LoRA paper; where queries, keys and values come out of one
# layer, or keys and values out of what compresses them, that one. State-space models have no attention: what reads the
# token and what reads the state's input.
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
    ("qkv_proj",),
    ("Wq", "Wv"),
    ("q_b_proj", "kv_b_proj"),
    ("q_proj", "kv_b_proj"),
)

# State-space code takes the weights of these layers without calling them: dt_proj's always, those of the others in the
# kernels of mamba-ssm. peft puts most adapters on no out_proj, kernels or not, so that here none gets one.
TAKEN = {"mamba": {"dt_proj", "out_proj"}, "falcon_mamba": {"dt_proj", "out_proj"}, "mamba2": {"out_proj"}}
TAKEN_BY_KERNELS = {"mamba": {"x_proj"}, "falcon_mamba": {"x_proj"}}

# What some encoders register before the layers that it follows: OPT the first two, GTE and Nomic BERT the last.
REGISTERED_EARLY = {"final_layer_norm", "project_out", "pooler"}


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


def numbers_for(found: Sequence[tuple[int, int]], of: str) -> Sequence[int]:
    """Return the numbers that fit all shapes, smallest first: divisors of their inputs, outputs or sides, or weights.

    of: "inputs", "outputs" or "sides", which the numbers divide; "weights": up to as many as every layer has
    """
    if of == "weights":
        return range(1, min(inputs * outputs for inputs, outputs in found) + 1)
    sides = {"inputs": [shape[:1] for shape in found], "outputs": [shape[1:] for shape in found]}.get(of, found)
    common = math.gcd(*chain.from_iterable(sides))
    return [number for number in range(1, common + 1) if common % number == 0]


def fitting(name: str, asked: int | None, among: Sequence[int], *, usual: int) -> dict[str, int]:
    """Return a hyperparameter by its name, as it is used: what was asked for, else the largest that fits up to `usual`.

    among: the numbers that fit the target layers, smallest first; raises BadValue where there is none such
    """
    fits = among[: bisect_right(among, usual if asked is None else asked)]
    if fits and asked in {None, fits[-1]}:
        return {name: fits[-1]}
    nearest = fits[-1] if fits else next(iter(among), None)
    tried = f"no number up to {usual} fits" if asked is None else f"{asked} does not fit"
    reason = f"{tried} the target layers"
    if nearest is None:
        raise BadValue(name, reason, alternatives=("lora",))
    raise BadValue(name, reason, hint=f"{nearest} fits")


def chosen(base: Base, asked: Sequence[str] | None, usual: Sequence[tuple[str, ...]] = QUERY_VALUE) -> tuple[str, ...]:
    """Return the layers to change: those asked for, else the first of the usual sets that the architecture has."""
    names = layer_names(base.encoder)
    if asked is None:
        taken = _taken(base)
        free = (kind for kind in usual if not taken & set(kind))
        found = next((kind for kind in free if all(ending(base, [name]) for name in kind)), None)
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
    taken = _taken(base)
    for name in names:
        if name.rpartition(".")[2] in taken:
            raise BadValue(
                "target_modules",
                f"{base.architecture}, or a kernel for it, reads the weight of {name} without calling the layer, past "
                "any adapter",
                hint="target_modules: [in_proj] works here",
            )
    found = [module for name, module in layers(base.encoder).items() if _ends(name, names)]
    if not conv1d and not all(isinstance(module, nn.Linear) for module in found):
        raise BadValue(
            "method",
            f"{kind} changes linear layers only, and those of {base.architecture} are of another class (Conv1D)",
            alternatives=("lora",),
        )


def _taken(base: Base) -> set[str]:
    """Return the last names of layers that no adapter may stand on."""
    model_type = base.encoder.config.model_type
    by_kernels = TAKEN_BY_KERNELS.get(model_type, set())
    return TAKEN.get(model_type, set()) | (by_kernels if by_kernels and has_kernels() else set())


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
    """Return the name of the encoder's list of layers and their number.

    Raises BadValue where layers share weights, or are spread over several lists.
    """
    config = base.encoder.config
    count = config.num_hidden_layers
    modules = dict(base.encoder.named_modules())
    long = [name for name, one in modules.items() if isinstance(one, nn.ModuleList) and len(one) == count]
    outer = [name for name in long if not any(name.startswith(f"{other}.") for other in long)]
    if len(outer) != 1 or getattr(config, "num_hidden_groups", count) != count:
        raise BadValue(
            "method", f"{base.architecture} has no list of layers with weights of their own", alternatives=("lora",)
        )
    return outer[0], count


def above(base: Base, where: str) -> tuple[str, ...]:
    """Return the beginnings of the names of what follows the list of layers called `where`, pooler included.

    What is registered beside tables of relative positions belongs to them, and all layers read these.
    """
    found: list[str] = []
    parent, path = base.encoder, ""
    for part in where.split("."):
        children = [name for name, _ in parent.named_children()]
        if not any(name.startswith("rel") for name in children):
            after = {*children[children.index(part) + 1 :], *(REGISTERED_EARLY & set(children))}
            found += [f"{path}{name}." for name in children if name in after]
        parent, path = parent.get_submodule(part), f"{path}{part}."
    return tuple(found)
