"""A base model's own files, looked at before the first run: whole weights, and a model that reads text."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from bakeoff.errors import BadValue, BakeoffError, shown
from bakeoff.models.sources import LocatedModel
from bakeoff.system.digests import bytes_of, from_json

__all__ = ["check_base"]


ADAPTER = "adapter_config.json"
INDEX = "model.safetensors.index.json"
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
MOST_LAYERS = 2_000
WIDTHS = ("hidden_size", "n_embd", "d_model", "dim", "vocab_size", "intermediate_size")
MOST_WIDE = 10_000_000
"""Bounds far above any model there is: a slip of the pen would fill the memory before anything else noticed."""
MOST_NAMES = 100_000
MOST_PARAMETERS = 20_000_000_000
AGAIN = "copy or fetch the folder again"


@lru_cache
def check_base(located: LocatedModel) -> None:
    """Raise BadValue for a model on this disk that no run could load; only the heads of its files are read."""
    path = Path(located.path)
    if path.is_dir():
        if (path / ADAPTER).exists():  # transformers puts it over the weights, unasked
            hint = "merge the two (merge_and_unload of peft) and save that, or take the adapter away"
            raise _refused(f"{ADAPTER} lies beside its weights, which it would be put over", hint)
        _check_configuration(path / "config.json")
        held = [_read_head(path / file, names) for file, names in _wanted(path).items()]
        _check_weights(_laid_out(located), {key: shape for one in held for key, shape in one.items()})
    elif path.is_file():
        _check_configuration(path)
        _laid_out(located)


def _refused(reason: str, hint: str | None = AGAIN) -> BadValue:
    return BadValue("model", reason, hint=hint)


def _check_configuration(file: Path) -> None:
    try:
        tree = from_json(bytes_of(file))
    except (OSError, ValueError) as error:
        raise _refused(f"its {file.name} cannot be read ({type(error).__name__})") from None
    if not isinstance(tree, dict):
        raise _refused(f"its {file.name} is no JSON object")
    for keys, most in ((LAYERS, MOST_LAYERS), (WIDTHS, MOST_WIDE)):
        for key in keys:
            value = 1 if tree.get(key) is None else tree[key]  # null where an architecture works it out
            if not isinstance(value, int) or not 0 < value <= most:
                raise _refused(f"{key} of its {file.name} is {shown(value)}, no number from 1 to {most:,}", hint=None)

    if isinstance(names := tree.get("num_labels"), int) and names > MOST_NAMES:
        raise _refused(f"num_labels of its {file.name} is {names:,}, more than {MOST_NAMES:,}", hint=None)
    if tree.get("quantization_config"):
        raise _refused("its weights are quantised, and such are not trained here", "name the model that it was made of")


def _wanted(folder: Path) -> dict[str, set[str]]:
    """Return weight files by name, with the tensors that an index wants of each; all there are where it has none."""
    index = folder / INDEX
    if not index.exists():
        return {path.name: set() for path in folder.glob("*.safetensors")}
    try:
        told = from_json(bytes_of(index))["weight_map"]
        pairs = [(str(tensor), str(file)) for tensor, file in told.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise _refused(f"{INDEX} is no index of weights") from None
    found: dict[str, set[str]] = {}
    for tensor, file in pairs:
        if Path(file).name != file or not file.endswith(".safetensors"):
            hint = "an index names *.safetensors of its own folder"
            raise _refused(f"{INDEX} names {shown(file)!r}", hint=hint)
        found.setdefault(file, set()).add(tensor)
    return found


def _read_head(file: Path, names: set[str]) -> dict[str, tuple[int, ...]]:
    """Return the shapes in the head of a weight file, which tells how long the whole is, too.

    names: tensors that have to be in it
    """
    from safetensors import SafetensorError, safe_open

    if not file.is_file():
        raise _refused(f"{file.name} is not there")
    try:
        with safe_open(file, framework="numpy") as held:
            there = {key: tuple(held.get_slice(key).get_shape()) for key in held.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise _refused(f"{file.name} is no whole safetensors file ({shown(error)})") from None
    if not there:
        raise _refused(f"{file.name} holds no weights")
    if lacking := sorted(names - there.keys()):
        raise _refused(f"{file.name} lacks {len(lacking)} of its weights, {shown(lacking[0])} among them")
    return there


def _check_weights(encoder: Any, there: dict[str, tuple[int, ...]]) -> None:
    """Refuse weights of other shapes than the configuration describes, and files that lack some of the encoder's.

    encoder: laid out without numbers; there: shapes by name. A library that reads weights under other names than its
    model has leaves names here that the model does not know: what lacks is then left to the loading.
    """
    from transformers.conversion_mapping import get_checkpoint_conversion_mapping

    # Its files have other names, or other shapes.
    if any(map(get_checkpoint_conversion_mapping, (encoder.config.model_type, type(encoder).__name__))):
        return
    prefix = f"{encoder.base_model_prefix}."
    held = {key.removeprefix(prefix): shape for key, shape in there.items()}
    described = {key: tuple(one.shape) for key, one in encoder.named_parameters() if "pooler." not in key}
    for key, shape in described.items():
        if held.get(key, shape) != shape:
            reason = f"{key} is {_written(held[key])} in its files, and {_written(shape)} by its config.json"
            raise _refused(reason, "the two are of different models: copy both from one place")
    known = encoder.state_dict().keys()
    parts = {key.split(".")[0] for key in known}
    strange = any(key not in known for key in held if key.split(".")[0] in parts)
    lacking = sorted(described.keys() - held.keys())
    if lacking and not strange:
        raise _refused(f"its files lack {len(lacking)} of its weights, {shown(lacking[0])} among them")


def _written(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a number"


def _laid_out(located: LocatedModel) -> Any:
    """Return the encoder without numbers; refuse models of pictures or sound, and settings that none can be built from.

    Raises BadValue.
    """
    from transformers import MODEL_MAPPING

    from bakeoff.methods.compatibility import outline
    from bakeoff.methods.config import EvaluationConfig
    from bakeoff.models.loading import quiet, read_configuration

    try:
        with quiet():
            config: Any = read_configuration(located)
        made = MODEL_MAPPING.get(type(config), None)
        read = getattr(made, "main_input_name", "input_ids")
        laid_out = outline(located, EvaluationConfig()) if read == "input_ids" else None
    except BakeoffError:
        raise
    except Exception as error:  # noqa: BLE001  a file of somebody's decides how far into a library it gets
        reason = " ".join(str(error).split())
        raise _refused(f"no model can be built from its config.json ({shown(reason, limit=120)})", hint=None) from None
    size = sum(one.numel() for one in laid_out.model.parameters()) if laid_out else 0
    if size > MOST_PARAMETERS:
        raise _refused(f"its config.json describes {size:,} parameters, more than {MOST_PARAMETERS:,}", hint=None)
    if read != "input_ids":
        raise _refused(f"{located.id} is a {config.model_type}, which reads {read} and no text", "name a model of text")
    return laid_out.encoder if laid_out else None
