"""A finished run's model in a folder of its own, in the form that most programs load, checked, with a model card.

Imported by `cli`.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from bakeoff.errors import BadValue
from bakeoff.handover.card import model_card
from bakeoff.handover.check import Handful, compare, handful, network_logits
from bakeoff.handover.finished import Finished
from bakeoff.method import method
from bakeoff.workspace import Workspace

if TYPE_CHECKING:
    from bakeoff.tuning.artifacts import Trained

__all__ = ["Exported", "Form", "export"]

Form = Literal["adapter", "model", "own"]


@dataclass(frozen=True)
class Exported:
    """What was written.

    form: a whole model of transformers, an adapter of peft, or bakeoff's own folder
    checked: texts whose logits were held against the run's, None where that was left out
    """

    folder: Path
    form: Form
    checked: int | None


def export(found: Finished, folder: Path, workspace: Workspace, *, merge: bool = False, check: bool = True) -> Exported:
    """Write a model folder, whole or not at all.

    merge: work an adapter into the weights of its base; check: hold the result against the run's predictions
    Raises InputError, RecordError where the exported model would not predict what the run did.
    """
    folder = folder.absolute()  # `.` has no name
    _refuse_what_is_there(folder)
    known = handful(found, workspace) if check else None
    with _whole_or_not(folder) as scratch:
        neural = method(found.record.kind).neural
        if merge and not neural:
            raise BadValue("--merge", f"{found.record.kind} is no adapter", hint="leave --merge out")
        form = _network(found, scratch, known, merge=merge) if neural else _own(found, scratch, known)
        card = model_card(found.record, form=form, checked=len(known.texts) if known else None, folder=folder.name)
        (scratch / "README.md").write_text(card, encoding="utf-8")
    return Exported(folder, form, len(known.texts) if known else None)


def _refuse_what_is_there(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise BadValue("FOLDER", f"{folder} is not empty", hint="name a new folder")
    if folder.exists() and not folder.is_dir():
        raise BadValue("FOLDER", f"{folder} is a file", hint="name a new folder")
    if folder == Path.cwd():
        raise BadValue("FOLDER", f"{folder} is the current folder, which cannot be replaced", hint="name a new folder")


@contextmanager
def _whole_or_not(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the one asked for, which takes its place when all went well."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        reason = f"{folder} cannot be made ({error.strerror})"
        raise BadValue("FOLDER", reason, hint="name a folder where files may be written") from None
    try:
        yield scratch
        scratch.chmod(0o755)
        if folder.is_dir():
            folder.rmdir()
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _network(found: Finished, scratch: Path, known: Handful | None, *, merge: bool) -> Form:
    from bakeoff.handover.standard import is_adapter, merged, standard_model
    from bakeoff.tuning.artifacts import load_network
    from bakeoff.tuning.loading import quiet

    held = load_network(found.folder.model)
    adapter = is_adapter(held.model)
    if merge and not adapter:
        raise BadValue("--merge", f"{found.record.method} is no adapter that could be merged", hint="leave --merge out")
    ours = network_logits(held.model, held, known.texts, dtype="float32") if known else None
    if adapter and not merge:
        _write_adapter(held, scratch, kind=found.record.kind)
    else:
        with quiet():
            model = merged(held.model, kind=found.record.kind) if merge else held.model
            standard = standard_model(model, held.base.label_names)
            if standard is None:
                return _own(found, scratch, known)
            _write_model(standard, held, scratch)
    if known is not None and ours is not None:
        with quiet():
            loaded = _load_adapter(scratch) if adapter and not merge else _load_model(scratch)
        held_against = network_logits(loaded, held, known.texts, dtype="float32")
        compare(held_against, ours, dtype="float32", folder=found.folder.model, exact=True)
        as_run = network_logits(loaded, held, known.texts, dtype=held.dtype)
        compare(as_run, known.logits, dtype=held.dtype, folder=found.folder.model)
    return "adapter" if adapter and not merge else "model"


def _write_model(model: Any, held: Trained, folder: Path) -> None:
    model.config.problem_type = "single_label_classification"
    model.to("cpu").save_pretrained(folder)
    _write_tokenizer(held, folder)


def _write_adapter(held: Trained, folder: Path, *, kind: str) -> None:
    """Write the adapter with the name of its base, and that base's configuration with the names of the classes."""
    from bakeoff.tuning.methods import NeuralMethod

    # As the method keeps it: what it is put on has to be the untouched base.
    cast("type[NeuralMethod]", method(kind))().save(held.model, folder)
    config = folder / "adapter_config.json"
    tree = json.loads(config.read_text(encoding="utf-8"))
    bare = held.model.get_base_model().config
    tree["base_model_name_or_path"] = tree.get("base_model_name_or_path") or bare._name_or_path
    if not Path(tree["base_model_name_or_path"]).exists():  # of a hub: the very commit it was trained on
        tree["revision"] = getattr(bare, "_commit_hash", None)
    config.write_text(json.dumps(tree, indent=2, sort_keys=True) + "\n", encoding="utf-8")
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


def _own(found: Finished, scratch: Path, known: Handful | None) -> Form:
    """Copy the run's own model folder, which `load_trained` of bakeoff reads."""
    from bakeoff.tuning.artifacts import load_trained

    shutil.copytree(found.folder.model, scratch, dirs_exist_ok=True)
    if known is not None:
        training = found.record.training
        dtype = training.dtype if training else None
        compare(load_trained(scratch)(known.texts), known.logits, dtype=dtype, folder=found.folder.model)
    return "own"
