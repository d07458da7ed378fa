"""A trained network as transformers or peft load it: written, read back, and held against the trained one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from bakeoff.errors import BadValue
from bakeoff.export.check import Handful, compare, network_logits
from bakeoff.export.standard import is_adapter, merged, reads_alike, standard_model
from bakeoff.methods.adapters import silence
from bakeoff.methods.registry import method
from bakeoff.models.loading import quiet
from bakeoff.runs.record import Record
from bakeoff.system.digests import bytes_of, from_json

if TYPE_CHECKING:
    from bakeoff.training.artifacts import Trained
    from bakeoff.training.reading.batches import Logits

__all__ = ["Standard", "check_network", "write_network"]


Standard = Literal["adapter", "merged", "model"]


def write_network(held: Trained, folder: Path, record: Record, *, merge: bool) -> Standard | None:
    """Write a model or an adapter with its tokenizer and say which; None, and nothing written, where neither would do.

    An adapter on weights that were drawn at random is worked into them without being asked to: no file holds those.
    Raises BadValue where `merge` asks for what cannot be.
    """
    adapter, alike = is_adapter(held.model), reads_alike(held)
    if merge:
        _check_merge(held, record.method, adapter=adapter, alike=alike)
    if not alike:
        return None
    if adapter and not merge and held.base.pretrained:
        _write_adapter(held, folder, kind=record.kind)
        return "adapter"
    with quiet():
        try:
            model = merged(held.model, kind=record.kind) if adapter else held.model
        except BadValue:
            if merge:
                raise
            return None
        standard = standard_model(model, held.base.label_names)
        if standard is None:
            return None
        standard.config.problem_type = "single_label_classification"
        standard.to("cpu").save_pretrained(folder)
        _write_tokenizer(held, folder)
    return "merged" if adapter else "model"


def _check_merge(held: Trained, name: str, *, adapter: bool, alike: bool) -> None:
    """Raise BadValue where there is nothing to merge, or the merged model would not read what the trained one reads."""
    if not hasattr(held.model, "peft_config"):
        reason = "is no adapter that could be merged"
    elif not adapter:
        reason = "would have, merged, a head that no class of transformers has"
    elif not alike:
        reason = "was trained on texts that end in the padding token, which heads of transformers pass over"
    else:
        return
    raise BadValue("--merge", f"{name} {reason}", hint="leave --merge out")


def check_network(form: Standard, held: Trained, folder: Path, known: Handful, *, ours: Logits, run: Path) -> None:
    """Raise RecordError where the folder's model gives other logits than the trained one (ours) or the run's."""
    with silence():
        loaded = _load_adapter(folder) if form == "adapter" else _load_model(folder)
    compare(network_logits(loaded, held, known.texts, dtype="float32"), ours, dtype="float32", folder=run, exact=True)
    compare(network_logits(loaded, held, known.texts, dtype=held.dtype), known.logits, dtype=held.dtype, folder=run)


def _write_adapter(held: Trained, folder: Path, *, kind: str) -> None:
    """Write the adapter with the name of its base, and that base's configuration with the names of the classes."""
    from bakeoff.methods.base import NeuralMethod

    # As the method keeps it: what it is put on has to be the untouched base.
    cast("type[NeuralMethod]", method(kind))().save(held.model, folder)
    config = folder / "adapter_config.json"
    tree = from_json(bytes_of(config))
    bare = held.model.get_base_model().config
    tree["base_model_name_or_path"] = tree.get("base_model_name_or_path") or bare._name_or_path
    # Of a hub: the very commit it was trained on. A model of this machine has a whole path.
    if not Path(tree["base_model_name_or_path"]).is_absolute():
        tree["revision"] = getattr(bare, "_commit_hash", None)
    config.write_text(json.dumps(tree, indent=2, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    bare.save_pretrained(folder)
    _write_tokenizer(held, folder)


def _write_tokenizer(held: Trained, folder: Path) -> None:
    """Write the tokenizer so that `truncation=True` cuts where the run did."""
    held.base.tokenizer.model_max_length = held.max_length
    held.base.tokenizer.save_pretrained(folder)


def _load_model(folder: Path) -> Any:
    from transformers import AutoModelForSequenceClassification

    return AutoModelForSequenceClassification.from_pretrained(folder).eval()


def _load_adapter(folder: Path) -> Any:
    from peft import PeftConfig, PeftModel
    from transformers import AutoConfig, AutoModelForSequenceClassification

    adapter = PeftConfig.from_pretrained(str(folder))
    base = AutoModelForSequenceClassification.from_pretrained(
        adapter.base_model_name_or_path,
        revision=adapter.revision,
        config=AutoConfig.from_pretrained(folder),
        ignore_mismatched_sizes=True,
    )
    return PeftModel.from_pretrained(base, folder).eval()
