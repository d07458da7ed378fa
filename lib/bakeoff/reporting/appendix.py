"""The appendix: settings, training, environment and the command behind every row.

Each function takes a collection and returns display tables. Only `reporting` imports this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from bakeoff.record import Record
from bakeoff.reporting.collect import Collection, Row
from bakeoff.reporting.escape import MISSING
from bakeoff.reporting.notation import share, whole
from bakeoff.reporting.quantities import shown_name
from bakeoff.reporting.table import Table
from bakeoff.reporting.tables import facts_table

__all__ = ["commands_table", "environment_table", "models_table", "settings_tables", "training_table"]

_COLUMNS_AT_ONCE = 6
_LISTED = 3  # different values of an environment entry that are written out
_VARYING = ("finished_at", "load_average")  # differ by nature


def _known(collection: Collection) -> list[Row]:
    return [row for row in collection.rows if row.records or row.failures]


def _runs(collection: Collection) -> list[Record]:
    return [run for row in collection.rows for run in (*row.records, *row.failures)]


def settings_tables(collection: Collection) -> list[Table]:
    """Show every hyperparameter of every method, so many methods to a table as fit a page."""
    rows = [row for row in _known(collection) if row.any.params]
    parts = [rows[start : start + _COLUMNS_AT_ONCE] for start in range(0, len(rows), _COLUMNS_AT_ONCE)]
    return [_settings(part) for part in parts]


def _settings(rows: list[Row]) -> Table:
    names = sorted({name for row in rows for name in row.any.params})
    data = {shown_name(row): [_setting(row.any.params, name) for name in names] for row in rows}
    return Table(
        pd.DataFrame(data, index=pd.Index(names, name="setting")),
        caption="Settings of the methods.",
        note="A dash: the method has no such setting.",
    )


def _setting(params: Mapping[str, Any], name: str) -> str:
    if name not in params:
        return MISSING
    value = params[name]
    if value is None:
        return "by itself"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def models_table(collection: Collection) -> Table | None:
    """Show what each method does and which model it starts from."""
    rows = _known(collection)
    if not rows:
        return None
    data = {
        "what it does": [row.any.summary for row in rows],
        "starts from": [_base(row.any) for row in rows],
    }
    names = [shown_name(row) for row in rows]
    hashes = _base_hashes(rows)
    return Table(
        pd.DataFrame(data, index=pd.Index(names, name="method")),
        caption="The methods and the models they start from.",
        note=f"SHA-256 of the weights before training: {hashes}." if hashes else None,
    )


def _base(run: Record) -> str:
    inputs = run.inputs
    if inputs is None or inputs.model_id is None:
        return "the texts alone"
    revision = f", revision {inputs.model_revision}" if inputs.model_revision else ""
    kind = "" if inputs.model_pretrained else ", random weights"
    return f"{inputs.model_id} ({inputs.model_architecture or 'architecture not recorded'}{revision}{kind})"


def _base_hashes(rows: list[Row]) -> str:
    """Name each pretrained model with its hash, and say where methods that share a model found different weights."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for run in row.records:
            if run.inputs and run.inputs.model_id and run.inputs.model_pretrained and run.inputs.base_weights_sha256:
                found.setdefault(run.inputs.model_id, set()).add(run.inputs.base_weights_sha256)
    return "; ".join(
        f"{model}: {next(iter(hashes))}" if len(hashes) == 1 else f"{model}: NOT the same in all runs"
        for model, hashes in found.items()
    )


def training_table(collection: Collection) -> Table | None:
    """Show what the training loop did, from each method's first finished run."""
    rows = [(row, row.records[0].training) for row in collection.rows if row.records and row.records[0].training]
    if not rows:
        return None
    data = {
        "epochs": [whole(done.epochs) for _, done in rows if done],
        "steps": [whole(done.steps) for _, done in rows if done],
        "texts seen": [whole(done.samples_seen) for _, done in rows if done],
        "texts a step": [whole(done.effective_batch) for _, done in rows if done],
        "padding": [_padding(done.tokens_real, done.tokens_padded) for _, done in rows if done],
        "texts cut": [share(done.truncated_share) for _, done in rows if done],
        "number format": [done.dtype or MISSING for _, done in rows if done],
        "pooling": [done.pooling or MISSING for _, done in rows if done],
    }
    return Table(
        pd.DataFrame(data, index=pd.Index([shown_name(row) for row, _ in rows], name="method")),
        caption="What the training loop did.",
        note="Padding: share of the tokens that only fill up batches. "
        "Pooling: how token states become one text vector.",
    )


def _padding(real: int | None, padded: int | None) -> str:
    return share(1 - real / padded) if real and padded else MISSING


def environment_table(collection: Collection) -> Table | None:
    """Show the machine and the libraries; an entry in which runs differ says so."""
    runs = _runs(collection)
    entries = [dict(_flat(run.environment)) for run in runs]
    names = sorted({name for entry in entries for name in entry})
    if not names:
        return None
    facts = {name: _environment([entry.get(name) for entry in entries]) for name in names}
    facts = {name: shown.removeprefix(_DIFFERS) if name in _VARYING else shown for name, shown in facts.items()}
    differing = [name for name, shown in facts.items() if shown.startswith(_DIFFERS) and name not in _VARYING]
    told = f"Not the same in all runs: {', '.join(differing)}." if differing else None
    return facts_table(facts, caption="Where the runs were made.", note=told, name="entry")


_DIFFERS = "differs: "


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", MISSING if value is None else str(value)


def _environment(values: list[str | None]) -> str:
    counts: dict[str, int] = {}
    for value in values:
        counts[value or MISSING] = counts.get(value or MISSING, 0) + 1
    if len(counts) == 1:
        return next(iter(counts))
    if len(counts) <= _LISTED:
        return _DIFFERS + "; ".join(f"{value} ({whole(n)} runs)" for value, n in sorted(counts.items()))
    return f"{_DIFFERS}{whole(len(counts))} values from {min(counts)} to {max(counts)}"


def commands_table(collection: Collection) -> Table | None:
    """Show the exact command that makes each row's runs."""
    rows = [row for row in (*collection.rows, *collection.additional) if row.records or row.failures]
    if not rows:
        return None
    runs = [sorted((*row.records, *row.failures), key=lambda run: run.seed) for row in rows]
    data = {
        "command": [own[0].command for own in runs],
        "seeds": ["any" if own[0].deterministic else ", ".join(str(run.seed) for run in own) for own in runs],
    }
    return Table(
        pd.DataFrame(data, index=pd.Index([shown_name(row) for row in rows], name="row")),
        caption="The command behind each row.",
        note="Run from the root of the repository; for another seed, change the number after seed.",
    )
