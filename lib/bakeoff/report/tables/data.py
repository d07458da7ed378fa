"""Tables of the data: origin, splits, what was dropped."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.data.schema import SplitFacts
from bakeoff.report.pages.table import Table
from bakeoff.report.tables.runs import facts_table
from bakeoff.report.text.escape import MISSING
from bakeoff.report.text.language import msg, numeral, tr, tr_in
from bakeoff.report.text.numbers import share, whole
from bakeoff.runs.record import Inputs, Record
from bakeoff.study.collect import Collection

__all__ = ["SPLITS", "dropped_because", "origin_of", "origin_table", "shared_inputs", "split_name", "splits_table"]


_LICENCES = {
    "bundled:icwsm2014/": msg(
        "MIT licence. Texts and ratings by Hutto and Gilbert (ICWSM 2014), fetched from the package index as part "
        "of vaderSentiment 0.5, not part of this project"
    ),
}
_UNKNOWN_LICENCE = msg("not known to this program: see the source")


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
    group = collection.experiment.data.split.group
    told = {
        split_name(split): _facts(split, facts, inputs.label_names, group) for split, facts in inputs.splits.items()
    }
    names = list(dict.fromkeys(name for facts in told.values() for name in facts))
    return Table(
        {split: [facts.get(name) for name in names] for split, facts in told.items()},
        labels=(tr("split"), names),
        caption=tr("The texts by split."),
        note=" ".join([tr(_COUNTED), *_disagreement(collection), *_drawn(collection)]),
    )


_COUNTED = msg(
    "Words: separated by white space. Duplicates: texts that stand in the split more than once, counted beyond the "
    "first. Contradictory: those with another label than the first."
)


def _facts(split: str, facts: SplitFacts, names: tuple[str, ...], group: str | None) -> dict[str, str]:
    classes = {
        tr(
            "of class {name}", name=name
        ): f"{whole(facts.labels.get(name, 0))} ({share(facts.labels.get(name, 0) / facts.n)})"
        for name in names
        if facts.n
    }
    return {
        tr("texts"): whole(facts.n),
        tr("from"): origin_of(split, facts),
        **classes,
        **({tr("values of {group}", group=group): whole(facts.groups)} if group and facts.groups is not None else {}),
        tr("words in a text, median"): whole(facts.words_median),
        tr("words, 95 % have at most"): whole(facts.words_p95),
        tr("words, longest text"): whole(facts.words_max),
        tr("duplicates"): whole(facts.duplicates),
        tr("contradictory"): MISSING if facts.contradictory is None else whole(facts.contradictory),
    }


def _disagreement(collection: Collection) -> list[str]:
    kinds = {run.inputs.comparability_sha256 for run in _runs(collection) if run.inputs}
    return [tr("Not all runs saw the same texts: these are those of the first run.")] if len(kinds) > 1 else []


def _drawn(collection: Collection) -> list[str]:
    """Say whose training texts a table shows, where each seed drew its own."""
    first = next((run.seed for run in _runs(collection) if run.inputs), None)
    if collection.drawn is None or first is None:
        return []
    pool = whole(collection.drawn[1])
    return [
        tr("Each seed drew its own training texts, from {pool}; those of seed {seed} are shown.", pool=pool, seed=first)
    ]


def origin_table(collection: Collection) -> Table | None:
    """Show source, licence, overlap between splits, rows left out, and texts cut at the length limit."""
    inputs = shared_inputs(collection)
    if inputs is None:
        return None
    data = collection.experiment.data
    # The source's own splits may share what only splits drawn here keep together.
    group, split_groups = data.split.group, any(inputs.shared_groups.values())
    known = (text for start, text in _LICENCES.items() if inputs.data_id.startswith(start))
    kept = {
        tr("encoding"): data.encoding if data.encoding != "utf-8" else None,
        tr("repeated texts"): tr("left out") if data.deduplicate else None,
        tr("kept together"): tr("texts with the same {group}", group=group) if group and not split_groups else None,
    }
    facts = {
        tr("source"): inputs.data_id,
        tr("revision"): inputs.data_revision or MISSING,
        tr("SHA-256 of the files"): inputs.data_sha256,
        tr("licence"): tr(next(known, _UNKNOWN_LICENCE)),
        tr("label"): _label(collection),
        tr("rows kept"): data.where or tr("all"),
        **{name: value for name, value in kept.items() if value},
        **{_dropped(reason): whole(n) for reason, n in inputs.dropped.items() if n},
        **{tr("texts of {later} also in {earlier}", **_pair(pair)): whole(n) for pair, n in inputs.overlap.items()},
        **{
            tr("values of {group} in {later} also in {earlier}", group=group, **_pair(pair)): whole(n)
            for pair, n in inputs.shared_groups.items()
        },
        tr("cut, of the training texts"): _truncated(collection),
    }
    caption = tr("Where the texts come from and what was done to them.")
    return facts_table(facts, caption=caption, note=" ".join(_drawn(collection)) or None)


def _dropped(reason: str) -> str:
    if reason == "where":
        return tr("rows left out by that")
    return tr("rows left out: {reason}", reason=dropped_because(reason))


def _label(collection: Collection) -> str:
    label = collection.experiment.data.label
    if label.bins is not None and label.names is not None:
        return tr(
            "{column}, cut at {edges} into {names}; a value on an edge goes up",
            column=label.column,
            edges=tr_in("between numbers", ", ").join(numeral(f"{edge:g}") for edge in label.bins),
            names=", ".join(label.names),
        )
    if label.mapping is not None:
        told = (
            tr("{value} to {name}", value=value, name=name) if name else tr("{value} left out", value=value)
            for value, name in label.mapping.items()
        )
        return f"{label.column}: {'; '.join(told)}"
    return label.column


def _pair(pair: str) -> dict[str, str]:
    """Return the names of two splits, the earlier first in `pair`."""
    earlier, _, later = pair.partition("/")
    return {"earlier": split_name(earlier), "later": split_name(later)}


def _truncated(collection: Collection) -> str:
    """Say what share of the texts was longer than a limit, by model and limit in the order of their methods."""
    shares: dict[tuple[str, int], float] = {}
    for run in _runs(collection):
        cut = run.training.truncated_share if run.training else None
        if cut is not None and run.inputs and run.inputs.model_id:
            shares.setdefault((run.inputs.model_id, run.inputs.max_length), cut)
    said = (
        tr("{share} for {model}, at {limit} tokens", share=share(cut), model=model, limit=whole(limit))
        for (model, limit), cut in shares.items()
    )
    return "; ".join(said) or MISSING


SPLITS = {"train": msg("train"), "validation": msg("validation"), "test": msg("test")}
"""What tables call the splits, to be translated."""


def origin_of(split: str, facts: SplitFacts) -> str:
    """Say which of the source's splits the texts are from; a dash where the record does not say."""
    if facts.source_split is None or facts.source_n is None:
        return MISSING
    if facts.pool_n is not None:
        return tr("drawn by the seed, from {there} texts", there=whole(facts.pool_n))
    there = whole(facts.source_n)
    if facts.source_split == "all":
        return tr("drawn from {there} texts", there=there)
    if facts.source_split != split:
        return tr("drawn from the source's {split} split of {there}", split=facts.source_split, there=there)
    if facts.n == facts.source_n:
        return tr("the source's own")
    return tr("drawn from the source's own {there}", there=there)


def split_name(split: str) -> str:
    """Return what tables call a split."""
    return tr(SPLITS.get(split, split))


_REASONS = {
    "no text": msg("no text"),
    "no label": msg("no label"),
    "no group": msg("no group"),
    "repeated text": msg("repeated text"),
    "repeated text with another label": msg("repeated text with another label"),
    "train text also in validation": msg("train text also in validation"),
    "train text also in test": msg("train text also in test"),
    "validation text also in test": msg("validation text also in test"),
}
_NAMING = {"label": msg("label {name}"), "split": msg("split {name}")}


def dropped_because(reason: str) -> str:
    """Return why rows were left out, as a record says it, in the language being spoken."""
    kind, _, name = reason.partition(" ")
    return tr(_NAMING[kind], name=name) if kind in _NAMING and name else tr(_REASONS.get(reason, reason))
