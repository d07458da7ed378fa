"""From the parameters of `train.ipynb` to a request: checked, since papermill only warns about a misspelt one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.entries import MethodEntry
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.methods.registry import TABLE, method
from bakeoff.runs.choice import current_choice
from bakeoff.runs.run import Request, Role
from bakeoff.system.workspace import Workspace, find_workspace

__all__ = ["changes_of", "check_names", "declared_names", "experiment_of", "requested", "workspace_of_params"]


OWN = ("params", "method", "seed", "role", "stop_after", "changes")
INJECTED = "# Parameters"
WHERE = "notebooks/train.ipynb"


def hyperparameters(experiment: Experiment | None = None) -> list[str]:
    """Return every hyperparameter of every method by name, with those of an experiment's own methods."""
    own = {entry.kind for entry in experiment.methods.values()} if experiment else set()
    return sorted({field for kind in {*TABLE, *own} for field in method(kind).Config.model_fields})


def declared_names(experiment: Experiment | None = None) -> list[str]:
    """Return the parameters `train.ipynb` declares, with those that an experiment's own methods add."""
    return [*OWN, *hyperparameters(experiment)]


def check_names(history: Sequence[str], experiment: Experiment | None = None) -> None:
    """Raise UnknownName for a name assigned in a parameters cell that neither the notebook nor a method declares.

    history: the sources of the cells executed so far, in order; only the last parameters cell and the last one that
    papermill injected count, so that a mended typing error in Jupyter is forgiven
    """
    cells = [[source for source in history if source.lstrip().startswith(INJECTED)][-1:]]
    cells.append([source for source in history if {"params", "method"} <= set(_assigned(source))][-1:])
    declared = declared_names(experiment)
    for name in (name for sources in cells for source in sources for name in _assigned(source)):
        if name not in declared:
            raise UnknownName(name, name, declared, kind="parameter", where=WHERE)


def _assigned(source: str) -> Iterable[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics; not a parameters cell
        return []
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    targets += [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def workspace_of_params(given: Mapping[str, Any]) -> Workspace:
    """Return the workspace around the current folder, else the one of the file that the parameter `params` names.

    A notebook knows not where it lies: of the checkout that bakeoff runs from it would take another's experiment.
    """
    return find_workspace(of=_text(given, "params"), checkout=False)


def experiment_of(given: Mapping[str, Any], *, workspace: Workspace) -> Experiment:
    """Read the experiment that the parameters `params` and `changes` name."""
    file = workspace.experiment_file(_text(given, "params"))
    changes = changes_of(given.get("changes"), where=WHERE)
    return load_experiment(file, shown_as=workspace.relative(file), changes=changes, root=workspace.root)


def requested(given: Mapping[str, Any], experiment: Experiment, *, workspace: Workspace) -> Request:
    """Turn the values of the parameters (None: not given) into a request.

    A hyperparameter that the experiment sweeps and nobody names takes the value its sweep chose, or, before the
    sweep has run, the method's own default.
    """
    entry = experiment.entry(_text(given, "method"))
    named = {name: given[name] for name in hyperparameters(experiment) if given.get(name) is not None}
    for name in named:
        if name not in entry.method.Config.model_fields:
            known = entry.method.Config.model_fields
            raise UnknownName(name, name, known, kind=f"parameter of method {entry.name!r}", where=WHERE)
    role = _role(given.get("role"), entry)
    overrides = {**_settled(entry, experiment, workspace), **named}
    return Request(
        method=entry.name,
        seed=_seed(given.get("seed"), experiment.sweep_seed if role == "sweep" else experiment.seeds[0]),
        role=role,
        overrides={name: value for name, value in overrides.items() if entry.options.get(name) != value},
        stop_after=_stop(given.get("stop_after"), entry, role),
    )


def changes_of(value: Any, *, where: str) -> tuple[str, ...]:
    """Return the changes to an experiment file that a notebook's parameter names; a single one may stand alone.

    Raises BadValue where it is neither None, nor text, nor a list of texts.
    """
    found = [value] if isinstance(value, str) else value or ()
    if not isinstance(found, list | tuple) or not all(isinstance(change, str) for change in found):
        hint = 'for example ["data.split.train=4000"]'
        raise BadValue("changes", f"{value!r} is not a list of changes", where=where, hint=hint)
    return tuple(found)


def _settled(entry: MethodEntry, experiment: Experiment, workspace: Workspace) -> dict[str, Any]:
    if not entry.sweep:
        return {}
    choice = current_choice(experiment, entry.name, workspace=workspace)
    usual = {name: entry.method.Config.model_fields[name].default for name in entry.sweep}
    defaults = {**usual, **entry.declared}
    return {**defaults, **(choice.chosen if choice else {})}


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise BadValue(name, f"{value!r} is not a name", where=WHERE)
    return value


def _seed(value: Any, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
        raise BadValue("seed", f"{value!r} is not a whole number from 0 to 4294967295", where=WHERE)
    return value


def _stop(value: Any, entry: MethodEntry, role: Role) -> int | None:
    if value is None:
        return None
    if role != "sweep" or not entry.rungs:
        reason = f"{value!r} cannot be used: only a trial of a search by halving stops early"
        raise BadValue("stop_after", reason, where=WHERE, hint="leave it out")
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadValue("stop_after", f"{value!r} is not a whole number above 0", where=WHERE)
    return value


def _role(value: Any, entry: MethodEntry) -> Role:
    if value in (None, "candidate", "baseline"):
        return "candidate"
    if value == "sweep" and entry.sweep:
        return "sweep"
    reason = f"{value!r} cannot be used: only a method with a list of values can be a trial of a sweep"
    raise BadValue("role", reason, where=WHERE, hint="leave it out, or write sweep")
