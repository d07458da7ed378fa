"""The data card: where the texts come from, what is in each split, and what was done to them.

Everything is read from the records' inputs, which the runs share; where runs disagree, the card says so. Only
`reporting` imports this.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from bakeoff.record import Inputs, Record, SplitFacts
from bakeoff.reporting.collect import Collection
from bakeoff.reporting.escape import MISSING
from bakeoff.reporting.notation import share, whole
from bakeoff.reporting.table import Table
from bakeoff.reporting.tables import facts_table

__all__ = ["origin_table", "shared_inputs", "splits_table"]

_LICENCES = {
    "bundled:icwsm2014/": "MIT licence; texts and ratings by Hutto and Gilbert (ICWSM 2014), fetched from the "
    "package index as part of vaderSentiment 0.5, not part of this project",
}
_DROPPED = {"where": "rows left out by that"}
_UNKNOWN_LICENCE = "not known to this program: see the source"


def shared_inputs(collection: Collection) -> Inputs | None:
    """Return the inputs of the comparison's first finished run, None where nothing has finished."""
    return next((run.inputs for run in _runs(collection) if run.inputs), None)


def _runs(collection: Collection) -> Iterator[Record]:
    for row in collection.rows:
        yield from row.records


def splits_table(collection: Collection) -> Table | None:
    """Show texts, classes, lengths and duplicates by split."""
    inputs = shared_inputs(collection)
    if inputs is None:
        return None
    columns = {split: _facts(facts, inputs.label_names) for split, facts in inputs.splits.items()}
    frame = pd.DataFrame(columns)
    frame.index.name = "split"
    return Table(
        frame,
        caption="The texts by split.",
        note="Words: separated by white space. Duplicates: texts that stand in the split more than once, counted "
        "beyond the first." + _disagreement(collection),
    )


def _facts(facts: SplitFacts, names: tuple[str, ...]) -> dict[str, str]:
    classes = {
        f"of class {name}": f"{whole(facts.labels.get(name, 0))} ({share(facts.labels.get(name, 0) / facts.n)})"
        for name in names
        if facts.n
    }
    return {
        "texts": whole(facts.n),
        **classes,
        "words in a text, median": whole(facts.words_median),
        "words, 95 % have at most": whole(facts.words_p95),
        "words, longest text": whole(facts.words_max),
        "duplicates": whole(facts.duplicates),
    }


def _disagreement(collection: Collection) -> str:
    kinds = {run.inputs.comparability_sha256 for run in _runs(collection) if run.inputs}
    return "" if len(kinds) < 2 else " Not all runs saw the same texts: these are those of the first run."  # noqa: PLR2004


def origin_table(collection: Collection) -> Table | None:
    """Show source, licence, overlap between splits, rows left out, and texts cut at the length limit."""
    inputs = shared_inputs(collection)
    if inputs is None:
        return None
    data = collection.experiment.data
    facts = {
        "source": inputs.data_id,
        "revision": inputs.data_revision or MISSING,
        "SHA-256 of the files": inputs.data_sha256,
        "licence": _licence(inputs.data_id),
        "label": _label(collection),
        "rows kept": data.where or "all",
        **{_DROPPED.get(reason, f"rows left out: {reason}"): whole(n) for reason, n in inputs.dropped.items() if n},
        **{f"texts of {_later(pair)} also in {_earlier(pair)}": whole(n) for pair, n in inputs.overlap.items()},
        f"cut at {whole(inputs.max_length)} tokens": _truncated(collection),
    }
    return facts_table(facts, caption="Where the texts come from and what was done to them.")


def _licence(source: str) -> str:
    return next((text for start, text in _LICENCES.items() if source.startswith(start)), _UNKNOWN_LICENCE)


def _label(collection: Collection) -> str:
    label = collection.experiment.data.label
    if label.bins is not None and label.names is not None:
        edges = ", ".join(f"{edge:g}" for edge in label.bins)
        return f"{label.column}, cut at {edges} into {', '.join(label.names)}; a value on an edge goes up"
    if label.mapping is not None:
        told = (f"{value} to {name}" if name else f"{value} left out" for value, name in label.mapping.items())
        return f"{label.column}: {'; '.join(told)}"
    return label.column


def _earlier(pair: str) -> str:
    return pair.partition("/")[0]


def _later(pair: str) -> str:
    return pair.partition("/")[2]


def _truncated(collection: Collection) -> str:
    """Say which share of the training texts each model's tokenizer cut, models in the order of their methods."""
    shares: dict[str, float] = {}
    for run in _runs(collection):
        cut = run.training.truncated_share if run.training else None
        if cut is not None and run.inputs and run.inputs.model_id:
            shares.setdefault(run.inputs.model_id, cut)
    return "; ".join(f"{share(cut)} of the texts for {model}" for model, cut in shares.items()) or MISSING
