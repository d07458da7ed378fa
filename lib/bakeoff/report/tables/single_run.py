"""What `train.ipynb` shows of one run: its settings, data, model, quality and mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bakeoff.data.schema import Data, SplitFacts
from bakeoff.metrics.classification import METRICS, probabilities
from bakeoff.report.pages.display import Prose
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.data import dropped_because, origin_of, split_name
from bakeoff.report.tables.flips import text_columns
from bakeoff.report.tables.runs import better
from bakeoff.report.text.labels import HEADLINE, metric_name
from bakeoff.report.text.language import msg, tr, tr_in
from bakeoff.report.text.measure import declared_metric
from bakeoff.report.text.numbers import duration, fraction, parameters, share, size, whole
from bakeoff.runs.record import Cost, Record
from bakeoff.runs.run import Run
from bakeoff.study.frames import QUALITIES

__all__ = ["baselines_table", "misclassified_table", "model_table", "quality_table", "settings_table", "splits_table"]


Floats = npt.NDArray[np.float32]
_ROLES = {"baseline": msg("baseline"), "candidate": msg("candidate"), "sweep": msg("sweep")}
LONGEST_TEXT = 240  # characters of a text that a table of mistakes shows


def _pairs(rows: Mapping[str, str], *, caption: str, note: str | None = None) -> Table:
    return Table({"": rows.values()}, labels=("", list(rows)), caption=caption, note=note)


def settings_table(run: Run, *, folder: str, unchosen: Sequence[str] = ()) -> Table:
    """Show what is about to run and where it will leave its record.

    unchosen: hyperparameters that a sweep has yet to choose, so that the run is not the one to be compared
    """
    rows = {
        tr("method"): run.method if run.method == run.kind else f"{run.method} ({tr('kind: {kind}', kind=run.kind)})",
        tr("seed"): str(run.seed),
        tr("part in the comparison"): tr(_ROLES[run.role]),
        **({tr("stops after epoch"): whole(run.request.stop_after)} if run.request.stop_after else {}),
        tr("data"): run.located_data.id,
        tr("model"): run.located_model.id if run.located_model else tr("none"),
        **{name: tr("not set") if value is None else str(value) for name, value in sorted(run.params.items())},
        tr("folder"): folder,
    }
    note = tr(
        "Not chosen on validation yet: {names}. This run stands beside the comparison. bakeoff run tries the "
        "values, locks its choice and only then makes the run that is compared.",
        names=", ".join(unchosen),
    )
    return _pairs(rows, caption=tr("Run {run}", run=run.run_id), note=note if unchosen else None)


def splits_table(
    facts: Mapping[str, SplitFacts],
    *,
    data: Data,
    dropped: Mapping[str, int],
    overlap: Mapping[str, int] | None = None,
    shared_groups: Mapping[str, int] | None = None,
) -> Table:
    """Show texts, classes, lengths and repeats by split, and where each split is from."""
    columns = {
        tr("texts"): [whole(split.n) for split in facts.values()],
        tr("from"): [origin_of(name, split) for name, split in facts.items()],
        **{name: [whole(split.labels[name]) for split in facts.values()] for name in next(iter(facts.values())).labels},
        tr("words, median"): [whole(split.words_median) for split in facts.values()],
        tr("words, longest"): [whole(split.words_max) for split in facts.values()],
        tr("repeated"): [whole(split.duplicates) for split in facts.values()],
    }
    notes = {
        tr("Rows left out"): {dropped_because(reason): n for reason, n in dropped.items()},
        tr("Texts in two splits"): _paired(overlap),
        tr("Values of {group} in two splits", group=data.split.group): _paired(shared_groups),
        tr("Repeated with another label"): {
            split_name(name): split.contradictory or 0 for name, split in facts.items()
        },
    }
    said = {name: "; ".join(f"{what}: {whole(n)}" for what, n in counts.items() if n) for name, counts in notes.items()}
    note = " ".join(f"{name}: {counted}." for name, counted in said.items() if counted) or None
    caption = tr("The texts, cut at {limit} tokens where a model reads tokens.", limit=data.max_length)
    return Table(columns, labels=(tr("split"), [*map(split_name, facts)]), caption=caption, note=note)


def _paired(counts: Mapping[str, int] | None) -> dict[str, int]:
    """Name the two splits of each count."""
    return {"/".join(map(split_name, pair.split("/"))): n for pair, n in (counts or {}).items()}


def model_table(run: Run, *, cost: Cost, summary: str) -> Table:
    """Show what the method trains and on top of what."""
    model = run.located_model
    if model is None:
        base = tr("none: this method reads the texts themselves")
    else:
        scratch = tr("trained from scratch: its weights start random")
        base = f"{model.id}, {tr_in('of a model', 'pretrained') if model.pretrained else scratch}"
    trainable, total = cost.params_trainable, cost.params_total
    rows = {
        tr("method"): tr(summary),
        tr("base model"): base,
        tr("trainable parameters"): parameters(trainable),
        tr("parameters in all"): parameters(total),
        tr("trainable share"): share(trainable / total if trainable is not None and total else None),
    }
    return _pairs(rows, caption=tr("What is trained."))


def quality_table(record: Record) -> Table:
    """Show every metric on every split that was predicted, and what the run took."""
    splits = {name: quality for name, quality in (("validation", record.validation), ("test", record.test)) if quality}
    shown = {*QUALITIES, declared_metric().name}
    names = [name for name in METRICS if name in shown and any(name in quality.metrics for quality in splits.values())]
    columns: dict[str, list[str]] = {tr("better when"): [better(name) for name in names]}
    for split, quality in splits.items():
        columns[split_name(split)] = [fraction(quality.metrics.get(name)) for name in names]
    labels = (tr("metric"), [metric_name(name) for name in names])
    return Table(columns, labels=labels, caption=tr("Quality of {run}.", run=record.run_id), note=_taken(record.cost))


def _taken(cost: Cost | None) -> str | None:
    if cost is None:
        return None
    facts = {
        tr("training"): duration(cost.train_s) if cost.train_s is not None else None,
        tr("prediction of the test texts"): duration(cost.test_s) if cost.test_s is not None else None,
        tr("peak memory in training"): size(cost.peak_rss_train_bytes) if cost.peak_rss_train_bytes else None,
        tr("saved"): size(cost.artifact_bytes) if cost.artifact_bytes else None,
    }
    said = "; ".join(f"{name} {value}" for name, value in facts.items() if value)
    return f"{said[:1].upper()}{said[1:]}." if said else None


def misclassified_table(
    frame: pd.DataFrame, logits: Floats, *, names: Sequence[str], split: str, blind: bool, n: int
) -> Table | Prose:
    """Show the `n` most confident mistakes, or say why a method has none that tell anything.

    frame: columns text and label, (N,) rows; logits: (N, C) in the same order
    """
    if blind:
        return Prose(tr("This method learned nothing from the texts, so its mistakes tell nothing about them."))
    chances = probabilities(logits)
    predicted, gold = chances.argmax(axis=1), frame["label"].to_numpy()
    if len(chances) > 1 and np.ptp(chances.max(axis=1)) == 0:
        return Prose(tr("This method is equally sure of every text, so none of its mistakes stands out."))
    wrong = np.flatnonzero(predicted != gold)
    # A stable order for ties: the item id, which no seed changes.
    order = sorted(wrong, key=lambda i: (-chances[i, predicted[i]], str(frame["item_id"].iloc[i])))[:n]
    shown = {
        **text_columns([str(frame["text"].iloc[i]) for i in order], shorten=_short),
        tr("labelled"): [names[int(gold[i])] for i in order],
        tr("predicted"): [names[int(predicted[i])] for i in order],
        tr("confidence"): [fraction(float(chances[i, predicted[i]])) for i in order],
    }
    return Table(shown, caption=tr(_MISTAKES[split], wrong=whole(len(wrong)), total=whole(len(gold))))


_MISTAKES = {
    "test": msg("{wrong} of {total} test texts were misclassified; the most confident of them."),
    "validation": msg("{wrong} of {total} validation texts were misclassified; the most confident of them."),
}


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
    columns = {metric_name(one): [fraction(metrics.get(one)) for metrics in measured] for one in HEADLINE}
    note = None if comparable else tr("No baseline has been run on these texts yet; bakeoff run would run them all.")
    captions = {
        "test": msg("This run and the baselines on the test texts."),
        "validation": msg("This run and the baselines on the validation texts."),
    }
    return Table(columns, labels=(tr("run"), [row.run_id for row in rows]), caption=tr(captions[split]), note=note)
