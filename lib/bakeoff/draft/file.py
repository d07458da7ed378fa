"""The drafted experiment file, with its comments."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from keyword import iskeyword
from typing import Any

from bakeoff.draft.classes import IMBALANCED
from bakeoff.draft.scale import FEWEST_SEEDS, SEEDS, TRIALS, Extent, Scale
from bakeoff.draft.spelling import spelled
from bakeoff.draft.survey import Survey
from bakeoff.errors import shown
from bakeoff.methods.registry import method
from bakeoff.stats.difference import LEAST_SEEDS
from bakeoff.stats.power import reachable_margin

__all__ = ["EMBEDDED", "METHODS", "Wish", "draft", "remarks", "spelled"]


WIDTH = 44
ALPHA, MARGIN = 0.05, 0.01
DRAWS = 2  # times the training texts that there have to be for seeds to draw their own
MOST_SHOWN = 8
LEAST_ITEMS = 50  # of the test, for a forecast
METHODS: dict[str, tuple[dict[str, Any], str]] = {
    "majority": ({}, "always the most frequent class"),
    "tfidf": ({}, "words and word pairs, logistic regression, no network"),
    "untrained": ({}, "the model with a random head: where every trained method starts"),
    "linear_probe": ({}, "the model frozen, a linear layer on top"),
    "full": ({}, "every weight"),
    "prefix": ({"learning_rate": 1e-2, "virtual_tokens": 10}, "learnt keys and values before every layer's"),
    "lora": (
        {"learning_rate": 2e-3, "rank": [4, 16], "alpha": 32},
        "a list is a sweep: the value is chosen on validation",
    ),
}


REFERENCES = ("full", "lora", "prefix", "linear_probe", "tfidf", "majority")
"""What the others are held against: the first that can be run."""


def draft(seen: Survey, wish: Wish, *, threads: int | None, refused: Mapping[str, str], extent: Extent) -> str:
    """Return the text of the experiment file.

    threads: of each run, None for all cores; refused: method -> why this model cannot do it; it becomes a comment
    """
    if extent.sizes:
        seen = replace(seen, sizes=dict(extent.sizes))
    seeds, scale = SEEDS[: extent.scale.seeds], extent.scale
    few = "one is too few" if len(seeds) < FEWEST_SEEDS else "three are the fewest"
    why = f"{few} for claims about methods; five {extent.five or 'say more'}"
    compared = len(METHODS.keys() - refused.keys() - {*scale.without}) - 1
    lines = [*_head(seen, wish), *(f"# {line}" for line in extent.given_up), *_data(seen, wish)]
    lines += [*_model(seen, wish.model), _line(f"seeds: {spelled(list(seeds))}", why)]
    lines += _rest(seen, threads, refused, scale)
    return "\n".join([*lines, *_reach(seen, compared=compared, seeds=len(seeds)), ""])


def _head(seen: Survey, wish: Wish) -> Iterator[str]:
    rows = ", ".join(f"{n:,}" if split == "all" else f"{split} {n:,}" for split, n in seen.splits.items())
    yield f"# Drafted by `bakeoff new` from {shown(_source(wish))}: rows {rows}. Every line may be changed."
    file = f"params/{wish.name}.yaml"
    yield f"# `bakeoff plan {file}` lists the runs; `bakeoff run {file}` makes them and the report."
    for remark in remarks(seen, model=None):
        yield f"# - {remark}"


def _source(wish: Wish) -> str:
    return ", ".join(wish.source.values() if isinstance(wish.source, Mapping) else [str(wish.source)])


def _line(setting: str, why: str = "") -> str:
    return f"{setting:<{WIDTH}}  # {why}" if why else setting


def _data(seen: Survey, wish: Wish) -> Iterator[str]:
    classes, texts = seen.classes, seen.texts
    yield "data:"
    yield from (f"  {key}: {spelled(given)}" for key, given in wish.reading.items())
    text = seen.text.columns if seen.text.second else seen.text.column
    pair = "a pair of texts, " if seen.text.second else ""
    yield _line(f"  text: {spelled(text)}", pair + seen.text.in_words())
    yield _line(f"  label: {spelled(classes.label)}", seen.label.in_words())
    yield from (f"  # {note}" for note in (*classes.notes, classes.alternative) if note)
    if classes.same:
        one = {**{name: name for name in classes.counts}, **(classes.label.get("mapping") or {}), **classes.same}
        yield f"  # label: {spelled({**classes.label, 'mapping': one})}"
    if texts.hollow and not seen.text.second:
        yield f"  # where: {spelled(without(seen))}"
    if classes.where:
        yield f"  where: {spelled(classes.where)}"
    if texts.duplicates or texts.overlap:
        yield _line("  deduplicate: true", "repeated texts are left out, and those of train that stand in test")
    if seen.split is not None:
        sizes = {"column": seen.split, **seen.sizes}
        yield _line(f"  split: {spelled(sizes)}", "the column that says which split a row is in")
    elif not seen.sizes:
        yield "  # the source's own splits are used; `split: {train: 2000}` would draw so many texts from one,"
        yield "  # and with `resample: train` beside it, each seed would draw its own, which the report then counts"
    else:
        shares = ", ".join(f"{split}: {size}" for split, size in seen.sizes.items())
        drawn = ", resample: train" if _redrawn(seen) else ""
        yield _line(f"  split: {{{shares}, stratify: true, seed: 42{drawn}}}", _size_remark(seen))
        if drawn:
            yield "  # resample: each seed draws its own training texts, so that the report counts those as well"
    if seen.group:
        said = f"add `group: {spelled(seen.group)}` to split, and no value of that column is in two splits"
        yield f"  # column {shown(seen.group)} repeats its values, as films do in reviews: {said}"
    yield _line(f"  max_length: {seen.max_length}", _length_remark(seen))


def _redrawn(seen: Survey) -> bool:
    """Return whether so many texts are left beside the drafted splits that seeds can draw their own from them."""
    sizes = seen.sizes
    if seen.own_splits or not isinstance(sizes.get("train"), int):
        return False
    return seen.left - sizes["validation"] - sizes["test"] >= DRAWS * sizes["train"]


def without(seen: Survey) -> str:
    """Return the condition that leaves out texts which look like missing ones."""
    name = seen.text.column
    place = name if name.isidentifier() and not iskeyword(name) else f"`{name}`"
    also = f"({seen.classes.where}) and " if seen.classes.where else ""
    return f"{also}{place} not in {list(seen.texts.hollow)!r}"


def _size_remark(seen: Survey) -> str:
    train = seen.sizes.get("train")
    if train is None:
        return "the source's own train and test; validation texts are a share of train"
    if isinstance(train, float):
        return "shares of the texts; whole numbers are counts"
    return f"counts, of {seen.left:,} texts: more texts take more time"


def _length_remark(seen: Survey) -> str:
    how = "" if seen.counted else " (told from words)"
    if seen.tokens_p95 <= seen.max_length:
        return f"tokens; 95 of 100 texts have {seen.tokens_p95} or fewer{how}; longer ones are cut"
    return f"tokens; longer texts are cut, and more than 5 of 100 are: the 95th percentile is {seen.tokens_p95}{how}"


def _model(seen: Survey, model: str) -> Iterator[str]:
    yield _line(f"model: {spelled(model)}", "bundled:, a hub id, or a folder in Hugging Face format")
    yield from (f"# {remark}" for remark in model_remarks(seen, model))


def _rest(seen: Survey, threads: int | None, refused: Mapping[str, str], scale: Scale) -> Iterator[str]:
    yield f"defaults: {spelled(_defaults(seen, threads))}"
    yield from _tune(scale, [name for name in METHODS if name not in {*refused, *scale.without}])
    yield "methods:"
    for name, (options, why) in METHODS.items():
        if name in refused:
            yield f"  # {name}: {shown(refused[name], limit=160)}"
            continue
        swept = {key: value for key, value in options.items() if isinstance(value, list)}
        fixed = {} if scale.swept else {key: max(value) for key, value in swept.items()}
        said = f"{spelled(swept)} would be a sweep: the value is chosen on validation" if fixed else why
        left_out = "# " if name in scale.without else ""
        yield _line(f"  {left_out}{name}: {spelled({**options, **fixed})}", said)
    reference = next(name for name in REFERENCES if name not in {*refused, *scale.without})
    compare = {"metric": _metric(seen), "reference": reference, "alpha": ALPHA, "equivalence_margin": MARGIN}
    yield _line(f"compare: {spelled(compare)}", "declared before anything runs")


def _tune(scale: Scale, methods: Iterable[str]) -> Iterator[str]:
    """Search for the learning rate of every method that has one to be found, where there are any."""
    if any("learning_rate" in method(name).Config.search_space() for name in methods):
        tune = spelled({"trials": scale.trials or TRIALS, "over": ["learning_rate"]})
        said = "each trained method's rate is the best of so many on validation"
        yield _line(f"tune: {tune}", said) if scale.trials else _line(f"# tune: {tune}", f"would see to it: {said}")


def _metric(seen: Survey) -> str:
    return "macro_f1" if seen.classes.ratio >= IMBALANCED else "accuracy"


def _reach(seen: Survey, *, compared: int, seeds: int) -> Iterator[str]:
    """Say within which margin this design can show equal methods to be equivalent, where it is not the drafted one."""
    size = seen.sizes.get("test", seen.splits.get("test", 0))
    items = round(size * seen.left) if isinstance(size, float) else size
    if _metric(seen) != "accuracy" or items < LEAST_ITEMS or compared < 1:
        return
    ends = {
        n: reachable_margin(items=items, seeds=n, comparisons=compared, alpha=ALPHA)
        for n in (seeds, len(SEEDS))
        if n >= LEAST_SEEDS
    }
    if ends.get(seeds, math.inf) > MARGIN:
        told = " and ".join(f"{margin:.3f} with {n}" for n, margin in ends.items())
        yield f"# equivalence: {items:,} test texts show equal methods to be so within about {told} seeds, no less"


def _defaults(seen: Survey, threads: int | None) -> dict[str, Any]:
    settings: dict[str, Any] = {"epochs": 3, "batch_size": 32, "learning_rate": 1e-4}
    if threads is not None:
        settings["threads"] = threads
    if seen.classes.ratio >= IMBALANCED:
        settings["class_weights"] = "balanced"
    return settings


def remarks(seen: Survey, *, model: str | None) -> list[str]:
    """Say what was seen that a person should know before running, one sentence each. model: None leaves it out."""
    classes, texts = seen.classes, seen.texts
    largest, smallest = next(iter(classes.counts)), list(classes.counts)[-1]
    said = [f"{len(classes.counts)} classes: " + _counted(classes.counts)]
    said += list(classes.notes)
    if classes.ratio >= IMBALANCED:
        how = f"{shown(largest)} has {classes.ratio:.1f} times the texts of {shown(smallest)}"
        said.append(f"{how}: the metric is macro-F1, and rare classes weigh more in training")
    for n, what in ((seen.no_text, "text"), (seen.no_label, "label")):
        if n:
            said.append(f"rows without a {what}, which are left out: {n:,}")
    if texts.hollow:
        held = ", ".join(f"{shown(repr(text), limit=30)} {n:,}" for text, n in list(texts.hollow.items())[:MOST_SHOWN])
        line = "" if seen.text.second else "; the file has a line that leaves them out"
        said.append(f"texts that look like missing ones: {sum(texts.hollow.values()):,} ({held}){line}")
    if seen.split:
        said.append(f"column {shown(seen.split)} says which split a row is in, and is used so")
    if texts.duplicates:
        said.append(f"texts that repeat an earlier one: {texts.duplicates:,}")
    if texts.contradictions:
        said.append(f"texts that stand under more than one label: {texts.contradictions:,}")
    for pair, n in texts.overlap.items():
        first, _, later = pair.partition("/")
        said.append(f"texts of {later} that stand in {first}, too: {n:,}")
    return said + (model_remarks(seen, model) if model else [])


def model_remarks(seen: Survey, model: str) -> list[str]:
    """Say where the embedded model does not fit the language of the texts."""
    if model != EMBEDDED or seen.texts.english:
        return []
    hint = "name a model that was trained on their language"
    if seen.texts.script != "LATIN":
        return [f"most letters of the texts are {seen.texts.script.title()}; {EMBEDDED} knows English only: {hint}"]
    return [f"the texts do not look like English, and {EMBEDDED} knows English only: {hint}"]


def _counted(counts: Mapping[str, int], *, most: int = 8) -> str:
    first = [f"{shown(name, limit=30)} {n:,}" for name, n in list(counts.items())[:most]]
    return ", ".join(first) + (f" and {len(counts) - most} more" if len(counts) > most else "")


EMBEDDED = "bundled:minilm-l6"


@dataclass(frozen=True)
class Wish:
    """What was asked for.

    source, model: a name, or a path from the current folder or from the root; several sources are files of splits, by
    their names or by the split each stands for; config: of a hub data set; text: the column, or two of a pair, guessed
    where empty; label: guessed where None; encoding, separator, header: of text files, as the settings of `data`;
    minutes: that all runs together may take
    """

    name: str
    source: str | Mapping[str, str] | tuple[str, ...]
    config: str | None = None
    text: tuple[str, ...] = ()
    label: str | None = None
    model: str = EMBEDDED
    encoding: str | None = None
    separator: str | None = None
    header: bool = True
    force: bool = False
    calibration: bool = True
    minutes: float = 60.0

    @property
    def reading(self) -> dict[str, Any]:
        """The settings of `data` that say how its files are read, where they are not the usual ones."""
        source = dict(self.source) if isinstance(self.source, Mapping) else self.source
        named = {"source": source, "config": self.config, "encoding": self.encoding, "separator": self.separator}
        given = {key: value for key, value in named.items() if value}
        return given if self.header else {**given, "header": False}
