"""The one way in to an experiment file: read, held to its rules, with changes from the command line.

Errors are one line: file and line, key, value, nearest valid name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.cells import settled
from bakeoff.experiment.entries import MethodEntry, default_entry, drawn, method_entry
from bakeoff.experiment.grid import read_grid
from bakeoff.experiment.messages import Where, checked, complaint, shown
from bakeoff.experiment.model import Experiment
from bakeoff.experiment.overrides import apply_changes
from bakeoff.experiment.search import Tune, read_tune
from bakeoff.experiment.yaml_file import YamlFile, read_yaml
from bakeoff.methods.config import TrainingConfig
from bakeoff.metrics.classification import COMPARABLE, METRICS, comparable
from bakeoff.metrics.ordinal import ORDINAL
from bakeoff.system.digests import bytes_of, from_json
from bakeoff.system.names import NAME, reserved
from bakeoff.system.own import look_in
from bakeoff.system.workspace import Workspace

__all__ = ["load_experiment", "read_defaults", "read_methods", "read_name", "read_sections", "refuse_namesake"]


LONGEST_TEST = 24


def read_sections(source: YamlFile, known: Collection[str]) -> dict[str, Any]:
    """Return the file's sections; one that is there and empty counts as left out. Raises UnknownName."""
    for key in source.content:
        if key not in known:
            raise UnknownName(str(key), key, known, kind="key", where=source.where([key]))
    return {key: value for key, value in source.content.items() if value is not None}


def read_name(given: Any, file: Path, where: Where) -> str:
    """Return what the experiment is called: as the file says, else its stem; raises BadValue."""
    rule = "letters, digits, . _ + - only, a letter first"
    if given is None and not NAME.fullmatch(file.stem):
        raise BadValue(f"file name {file.name!r}", f"the experiment is called after it: {rule}")
    if given is not None and not (isinstance(given, str) and NAME.fullmatch(given)):
        raise BadValue("name", f"{shown(given)} cannot be used: {rule}", where=where(["name"]))
    name = given or file.stem
    if (reason := reserved(name)) is not None:
        what, place = ("name", where(["name"])) if given else (f"file name {file.name!r}", None)
        raise BadValue(
            what, f"the experiment cannot be called {name}: {reason}", where=place, hint="choose another name"
        )
    return name


def read_defaults(given: Any, where: Where) -> dict[str, Any]:
    """Return the hyperparameters every method starts from; raises UnknownName or BadValue."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise BadValue("defaults", f"{given!r} is not a mapping of hyperparameters", where=where(["defaults"]))
    for key in given:
        if key not in TrainingConfig.model_fields:
            place = where(["defaults", key])
            raise UnknownName(f"defaults.{key}", key, TrainingConfig.model_fields, kind="key", where=place)
        if isinstance(given[key], list):
            reason = f"{shown(given[key])} cannot be used: a list of values is a sweep of one method"
            hint = f"write it under methods.NAME.{key}"
            raise BadValue(f"defaults.{key}", reason, where=where(["defaults", key]), hint=hint)
    try:
        TrainingConfig(**given)
    except ValidationError as error:
        raise complaint(error, TrainingConfig, where=where, prefix=["defaults"]) from None
    return given


def read_methods(
    given: Any, defaults: Mapping[str, Any], source: YamlFile, *, tune: Tune | None = None
) -> dict[str, MethodEntry]:
    """Return the methods by name, in the file's order, rows at declared settings behind the tuned ones.

    tune: of the whole file
    Raises UnknownName or BadValue.
    """
    if not isinstance(given, dict) or not given:
        place = source.where(["methods"])
        raise BadValue("methods", "name at least one method", where=place, hint="for example `methods: {full: {}}`")
    found: dict[str, MethodEntry] = {}
    for name, body in given.items():
        place = source.where(["methods", name])
        if not isinstance(name, str) or not NAME.fullmatch(name):
            hint = "a letter, then letters, digits, . _ + -"
            raise BadValue(f"methods.{name}", "cannot be the name of a method", where=place, hint=hint)
        if (reason := reserved(name)) is not None:
            raise BadValue(f"methods.{name}", f"cannot be the name of a method: {reason}", where=place)
        if name.lower() in (other.lower() for other in found):
            raise BadValue(f"methods.{name}", "another method's name differs in case only", where=place)
        found[name] = method_entry(name, {} if body is None else body, defaults, where=source.where, tune=tune)
    return _with_defaults(found, given, defaults, source)


def _with_defaults(
    found: Mapping[str, MethodEntry], given: Mapping[str, Any], defaults: Mapping[str, Any], source: YamlFile
) -> dict[str, MethodEntry]:
    """Put behind each tuned method the one at its declared settings, where that is asked for."""
    rows: dict[str, MethodEntry] = {}
    taken = {name.lower(): name for name in found}
    for name, entry in found.items():
        rows[name] = entry
        if entry.tuning is None or not entry.tuning.also_default:
            continue
        row = f"{name}_default"
        if row.lower() in taken or not NAME.fullmatch(row):
            reason, hint = f"the row of {name} at its declared settings is called {row}", "choose another name"
            other = taken.get(row.lower(), name)
            raise BadValue(f"methods.{other}", reason, where=source.where(["methods", other]), hint=hint)
        rows[row] = default_entry(entry, given[name] or {}, defaults)
    return rows


def _refuse_idle(tune: Tune | None, methods: Mapping[str, MethodEntry], where: Where) -> None:
    """Raise UnknownName for a range of the file's that no method has, BadValue where nothing at all is tuned."""
    if tune is None:
        return
    known = {key for entry in methods.values() for key in entry.method.Config.model_fields}
    for key in tune.over or {}:
        if key not in known:
            raise UnknownName(f"tune.over.{key}", key, known, kind="key", where=where(["tune", "over", key]))
    if not any(entry.tuning for entry in methods.values()):
        reason = "no method of this file has one of these ranges to be tuned in" if tune.over else "no method is tuned"
        raise BadValue("tune", reason, where=where(["tune"]), hint="leave it out")
    if tune.search == "halving" and not any(entry.rungs for entry in methods.values()):
        reason = "no tuned method is trained for several epochs, so that nothing would be stopped"
        raise BadValue("tune.search", reason, where=where(["tune", "search"]), hint="leave it out")


def _check_tests(found: Experiment, where: Where) -> None:
    """Raise BadValue for a name of a further test set that is none, InputError for settings its data cannot have."""
    for key in ("tests", "slices"):
        if getattr(found, key) and found.cell is not None:
            reason = f"data sets and models of a grid have each their own test texts, and no {key} beside"
            raise BadValue(key, reason, where=where([key]), hint="leave it out, or leave the grid out")
    for name, further in found.tests.items():
        place, rule = where(["tests", name]), f"letters, digits, . _ + - only, a letter first, {LONGEST_TEST} at most"
        if not NAME.fullmatch(name) or len(name) > LONGEST_TEST or reserved(name):
            raise BadValue(f"tests.{name}", "cannot be the name of a test set", where=place, hint=rule)
        if name.lower() in (other.lower() for other in found.tests if other != name):
            raise BadValue(f"tests.{name}", "another test set's name differs in case only", where=place)
        try:
            own = further.of(found.data)
        except ValidationError as error:
            raise complaint(error, type(found.data), where=where, prefix=["tests", name]) from None
        if own.label.column in own.texts:
            raise BadValue(f"tests.{name}.label", f"{own.label.column!r} is the column with the text", where=place)


@checked
def load_experiment(
    file: str | Path, *, shown_as: str | None = None, changes: Sequence[str] = (), root: Path | None = None
) -> Experiment:
    """Read and validate an experiment file.

    shown_as: how error messages spell the file (default: as given); changes: as for `--set`, made before validation;
    root: of the workspace that modules of the user's own lie in (default: the one that the file lies in)
    Raises MissingFile, Unparsable, UnknownName or BadValue; nothing is written anywhere.

    >>> experiment = bakeoff.load_experiment("params/demo.yaml", changes=["seeds=[1, 2, 3]"])
    >>> experiment.seeds, experiment.compare.reference
    ((1, 2, 3), 'full')
    """
    file = Path(file)
    look_in(root or file.resolve().parent)
    source = apply_changes(read_yaml(file, shown=shown_as or str(file)), changes)
    tree = read_sections(source, [key for key in Experiment.model_fields if key not in ("file", "changes")])
    name = read_name(tree.pop("name", None), file, source.where)
    defaults = read_defaults(tree.get("defaults"), source.where)
    tune = read_tune(tree["tune"], where=source.where) if "tune" in tree else None
    methods = read_methods(tree.pop("methods", None), defaults, source, tune=tune)
    _refuse_idle(tune, methods, source.where)
    try:
        given = {**read_grid(tree, source, methods=methods), "defaults": defaults, "tune": tune}
        found = Experiment(name=name, file=file.absolute(), changes=tuple(changes), methods=methods, **given)
    except ValidationError as error:
        raise complaint(error, Experiment, where=source.where) from None
    if found.data.label.column in found.data.texts:
        reason = f"{found.data.label.column!r} is the column with the text"
        raise BadValue("data.label", reason, where=source.where(["data", "label"]), hint="name another column")
    if found.sweep_seed in found.seeds:
        reason, hint = f"{found.sweep_seed} is one of `seeds`, which are compared", "name another one"
        raise BadValue("tuning_seed", reason, where=source.where(["tuning_seed"]), hint=hint)
    most = found.compare.seeds_at_most
    if most is not None and most < len(found.seeds):
        place = source.where(["compare", "seeds_at_most"])
        raise BadValue("compare.seeds_at_most", f"{most} is less than the {len(found.seeds)} of `seeds`", where=place)
    _check_metric(found, source.where)
    _check_order(found, source.where)
    if found.compare.metric not in METRICS and any(entry.rungs for entry in methods.values()):
        reason = "search: halving needs a metric that is measured after each epoch"
        place, hint = source.where(["compare", "metric"]), f"one of {', '.join(COMPARABLE)}, or another search"
        raise BadValue("compare.metric", reason, where=place, hint=hint)
    if found.compare.reference not in methods:
        place = source.where(["compare", "reference"])
        raise UnknownName("compare.reference", found.compare.reference, methods, kind="method", where=place)
    points = {name: drawn(entry, found.sweep_seed) for name, entry in methods.items()}
    _check_tests(found, source.where)
    return settled(found.read_from(source.text).model_copy(update={"methods": points}), source.where)


def refuse_namesake(experiment: Experiment, workspace: Workspace) -> None:
    """Raise BadValue where the report of another file of this name stands where this one's would be written."""
    with suppress(OSError, ValueError):  # no report, or none that can be read
        told = from_json(bytes_of(workspace.report_folder(experiment.name) / "report.json"))
        other = told.get("experiment") if isinstance(told, dict) else None
        there = workspace.root / other if isinstance(other, str) else None
        if there and there.is_file() and not there.samefile(experiment.file):
            reason = f"the report of {shown(other)}, a file of the same name, stands in its place"
            raise BadValue(workspace.relative(experiment.file), reason, hint="give one of the two another name")


def _check_metric(found: Experiment, where: Where) -> None:
    """Raise UnknownName or BadValue for a metric that compares nothing, and for a margin that is all of a share."""
    metric = comparable(found.compare.metric, what="compare.metric", where=where(["compare", "metric"]))
    margin = found.compare.equivalence_margin
    if metric.unit == "pp" and margin >= 1:
        reason, hint = f"{margin:g} is all that {metric.name} can differ by", "0.01 is one percentage point"
        place = where(["compare", "equivalence_margin"])
        raise BadValue("compare.equivalence_margin", reason, where=place, hint=hint)


def _check_order(found: Experiment, where: Where) -> None:
    """Raise BadValue where an order of classes is asked for and not given, or used and not asked for."""
    unordered = next((one for one in (found.data, *(found.datasets or {}).values()) if not one.label.ordered), None)
    if found.task == "ordinal" and unordered:
        reason, hint = f"the classes of {unordered.label.column} have no order", "list them in data.label.names"
        raise BadValue("task", reason, where=where(["task"]), hint=hint)
    if found.compare.metric in ORDINAL and found.task != "ordinal":
        reason, hint = f"{found.compare.metric} is about classes in an order", "say task: ordinal"
        raise BadValue("compare.metric", reason, where=where(["compare", "metric"]), hint=hint)
