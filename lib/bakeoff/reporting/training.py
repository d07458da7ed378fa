"""What `train.ipynb` shows of one run: its settings, data, model, quality and mistakes.

Plain functions from values to `Table` and `Figure`; only `notebook` calls them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bakeoff.experiment import Data
from bakeoff.record import Cost, Record, SplitFacts
from bakeoff.reporting.metrics import METRICS, probabilities
from bakeoff.reporting.notation import duration, fraction, parameters, share, size, whole
from bakeoff.reporting.table import Table
from bakeoff.run import Run

__all__ = [
    "baselines_table",
    "misclassified_table",
    "model_table",
    "quality_table",
    "settings_table",
    "splits_table",
]

Floats = npt.NDArray[np.float32]
LONGEST_TEXT = 240  # characters of a text that a table of mistakes shows


def _pairs(rows: Mapping[str, str], *, caption: str, note: str | None = None) -> Table:
    frame = pd.DataFrame({"": list(rows.values())}, index=pd.Index(list(rows), name=""))
    return Table(frame, caption=caption, note=note)


def settings_table(run: Run, *, folder: str) -> Table:
    """Show what is about to run and where it will leave its record."""
    rows = {
        "method": run.method if run.method == run.kind else f"{run.method} (kind: {run.kind})",
        "seed": str(run.seed),
        "part in the comparison": run.role,
        "data": run.located_data.id,
        "model": run.located_model.id if run.located_model else "none",
        **{name: "by itself" if value is None else str(value) for name, value in sorted(run.params.items())},
        "folder": folder,
    }
    return _pairs(rows, caption=f"Run {run.run_id}")


def splits_table(facts: Mapping[str, SplitFacts], *, data: Data, dropped: Mapping[str, int]) -> Table:
    """Show texts, classes and lengths by split."""
    frame = pd.DataFrame(
        {
            "texts": [whole(split.n) for split in facts.values()],
            **{
                name: [whole(split.labels[name]) for split in facts.values()]
                for name in next(iter(facts.values())).labels
            },
            "words, median": [whole(split.words_median) for split in facts.values()],
            "words, longest": [whole(split.words_max) for split in facts.values()],
        },
        index=pd.Index(list(facts), name="split"),
    )
    left_out = "; ".join(f"{reason}: {whole(count)}" for reason, count in dropped.items() if count)
    note = f"Rows left out: {left_out}." if left_out else None
    return Table(frame, caption=f"The texts, cut at {data.max_length} tokens where a model reads tokens.", note=note)


def model_table(run: Run, *, cost: Cost, summary: str) -> Table:
    """Show what the method trains and on top of what."""
    model = run.located_model
    if model is None:
        base = "none: this method reads the texts themselves"
    else:
        base = f"{model.id}, {'pretrained' if model.pretrained else 'trained from scratch: its weights start random'}"
    trainable, total = cost.params_trainable, cost.params_total
    rows = {
        "method": summary,
        "base model": base,
        "trainable parameters": parameters(trainable),
        "parameters in all": parameters(total),
        "trainable share": share(trainable / total if trainable is not None and total else None),
    }
    return _pairs(rows, caption="What is trained.")


def quality_table(record: Record) -> Table:
    """Show every metric on every split that was predicted, and what the run took."""
    splits = {name: quality for name, quality in (("validation", record.validation), ("test", record.test)) if quality}
    direction = {name: "higher" if metric.higher_is_better else "lower" for name, metric in METRICS.items()}
    names = [name for name in METRICS if any(name in quality.metrics for quality in splits.values())]
    columns: dict[str, list[str]] = {"better when": [direction[name] for name in names]}
    for split, quality in splits.items():
        columns[split] = [fraction(quality.metrics.get(name)) for name in names]
    frame = pd.DataFrame(columns, index=pd.Index(names, name="metric"))
    return Table(frame, caption=f"Quality of {record.run_id}.", note=_taken(record.cost))


def _taken(cost: Cost | None) -> str | None:
    if cost is None:
        return None
    facts = {
        "training": duration(cost.train_s) if cost.train_s is not None else None,
        "prediction of the test texts": duration(cost.test_s) if cost.test_s is not None else None,
        "peak memory in training": size(cost.peak_rss_train_bytes) if cost.peak_rss_train_bytes else None,
        "saved": size(cost.artifact_bytes) if cost.artifact_bytes else None,
    }
    said = "; ".join(f"{name} {value}" for name, value in facts.items() if value)
    return f"{said[:1].upper()}{said[1:]}." if said else None


def misclassified_table(frame: pd.DataFrame, logits: Floats, *, names: Sequence[str], split: str, n: int) -> Table:
    """Show the `n` most confident mistakes.

    frame: columns text and label, (N,) rows; logits: (N, C) in the same order
    """
    chances = probabilities(logits)
    predicted, gold = chances.argmax(axis=1), frame["label"].to_numpy()
    wrong = np.flatnonzero(predicted != gold)
    # A stable order for ties: the item id, which no seed changes.
    order = sorted(wrong, key=lambda i: (-chances[i, predicted[i]], str(frame["item_id"].iloc[i])))[:n]
    shown = pd.DataFrame(
        {
            "text": [_short(str(frame["text"].iloc[i])) for i in order],
            "labelled": [names[int(gold[i])] for i in order],
            "predicted": [names[int(predicted[i])] for i in order],
            "confidence": [fraction(float(chances[i, predicted[i]])) for i in order],
        }
    )
    caption = f"{whole(len(wrong))} of {whole(len(gold))} {split} texts were misclassified; the most confident of them."
    return Table(shown, caption=caption)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"


def baselines_table(record: Record, others: Iterable[Record]) -> Table:
    """Hold a run against the baselines run on the same texts."""
    comparable = [
        other
        for other in others
        if other.role == "baseline"
        and other.status == "ok"
        and other.run_id != record.run_id
        and other.inputs
        and record.inputs
        and other.inputs.comparability_sha256 == record.inputs.comparability_sha256
    ]
    split = "test" if record.test else "validation"
    rows = [*sorted(comparable, key=lambda other: other.run_id), record]
    measured: list[dict[str, Any]] = [getattr(row, split).metrics if getattr(row, split) else {} for row in rows]
    frame = pd.DataFrame(
        {
            name: [fraction(metrics.get(metric)) for metrics in measured]
            for name, metric in (("accuracy", "accuracy"), ("macro-F1", "macro_f1"))
        },
        index=pd.Index([row.run_id for row in rows], name="run"),
    )
    note = None if comparable else "No baseline has been run on these texts yet; `bakeoff run` runs them all."
    return Table(frame, caption=f"This run and the baselines on the {split} texts.", note=note)
