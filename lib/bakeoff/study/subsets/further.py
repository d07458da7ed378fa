"""An experiment's methods on its further test sets: scores, drops from the data's own test split, turns of order.

Drops are one family over all methods and sets, and so is what a method loses beyond the reference; verdicts on each
set are held to its part of the error rate (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from bakeoff.errors import InputError, RecordError
from bakeoff.metrics.classification import metric_named
from bakeoff.metrics.metric import Metric
from bakeoff.runs.further import FurtherRecord, declared_tests, read_further
from bakeoff.stats.compare import Comparison, compare
from bakeoff.stats.inputs import Contender, measure
from bakeoff.stats.sequential import rounded_level
from bakeoff.stats.subsets import difference_between, score_between
from bakeoff.study.collect import Row
from bakeoff.study.looks import read_looks
from bakeoff.study.study import StudyData
from bakeoff.study.subsets.changes import Change, Score, held_together, score_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AtTest", "Furthers", "furthers_of"]


@dataclass(frozen=True)
class AtTest:
    """What was found on one further test set.

    record: what a run says of it; trained_on: fewest and most of its texts that stand among a run's training texts
    scores, main: by method, here and on the data's own test split, of the same runs
    """

    name: str
    record: FurtherRecord
    trained_on: tuple[int, int]
    contenders: Mapping[str, Contender]
    comparison: Comparison
    scores: Mapping[str, Score]
    main: Mapping[str, Score]


@dataclass(frozen=True)
class Furthers:
    """Methods on every further test set that a run has predicted.

    declared: all sets; level: of the tests on each; drops: changes of score from the data's own test split; beyond:
    changes of the difference to the reference; without: method -> sets that none of its compared runs has predicted;
    dropped: sets that an earlier report saw and this does not, which count among the comparisons; undefined: method ->
    sets on which the metric has no value for it
    """

    declared: tuple[str, ...]
    at: tuple[AtTest, ...]
    main: Comparison
    level: float
    alpha: float
    drops: tuple[Change, ...]
    beyond: tuple[Change, ...]
    without: Mapping[str, tuple[str, ...]]
    dropped: tuple[str, ...] = ()
    undefined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def turns(self) -> Iterator[tuple[str, str, str, bool]]:
        """Yield the better on the own test split, the other, the set, and whether both tests show the order to turn.

        Pairs whose means keep their order are none.
        """
        for one in self.at:
            names = [summary.name for summary in one.comparison.methods]
            for a, b in combinations(names, 2):
                here, there = one.comparison[a, b], self.main[a, b]
                if here.difference is None or there.difference is None:
                    continue
                if here.difference.estimate * there.difference.estimate < 0:
                    ahead, behind = (a, b) if there.difference.estimate > 0 else (b, a)
                    yield ahead, behind, one.name, there.better == ahead and here.better == behind

    def to_frame(self) -> pd.DataFrame:
        """Return one row per set and method, in units of the metric; a change is positive for the better."""
        import pandas as pd

        return pd.DataFrame([row for one in self.at for row in self._rows(one)], columns=_COLUMNS)

    def _rows(self, one: AtTest) -> Iterator[tuple[object, ...]]:
        changes = {change.method: change for change in self.drops if change.what == one.name}
        against = {pair.first: pair for pair in one.comparison.against_reference}
        for method in one.comparison.methods:
            score, main, change = one.scores[method.name], one.main[method.name], changes.get(method.name)
            pair = against.get(method.name)
            held = pair.difference if pair else None
            yield (
                one.name, one.record.facts.n, method.name, len(method.seeds), score.mean, score.low, score.high,
                main.mean, *((change.gap.estimate, change.low, change.high, change.p, change.comparisons)
                             if change else (None,) * 5),
                *((pair.second, held.estimate, held.low, held.high, pair.p_holm, pair.finding, self.level)
                  if pair and held else (None,) * 7),
            )  # fmt: skip


_COLUMNS = [
    "test_set", "texts", "method", "seeds", "mean", "low", "high", "mean_on_main", "change", "change_low",
    "change_high", "p_corrected", "comparisons", "reference", "difference", "difference_low", "difference_high",
    "p_holm", "verdict", "level",
]  # fmt: skip


def furthers_of(study: StudyData) -> Furthers | None:
    """Compare the methods of a study on every further test set that its file names; None where it names none."""
    names = tuple(study.experiment.tests)
    if not names:
        return None
    alpha, asked = study.comparison.alpha, study.experiment.compare
    earlier = read_looks(study.workspace.report_folder(study.experiment.name))
    dropped = tuple(dict.fromkeys(name for look in earlier for name in look.tests if name not in names))
    level = rounded_level(alpha / (len(names) + len(dropped)))
    main = {one.name: one for one in study.contenders}
    at: list[AtTest] = []
    without, undefined = dict[str, list[str]](), dict[str, list[str]]()
    keys = _keys(study)
    for name in names:
        found = {row.name: _contender(row, main[row.name], name, study, keys) for row in study.collection.rows
                 if row.name in main}  # fmt: skip
        records = {method: said for method, (_, said) in found.items() if said}
        for method in found.keys() - records.keys():
            without.setdefault(method, []).append(name)
        here = {method: one for method, (one, _) in found.items() if one and _defined(one, metric_named(asked.metric))}
        for method in records.keys() - here.keys():
            undefined.setdefault(method, []).append(name)
        if here:
            comparison = compare(
                [*here.values()], metric=asked.metric, reference=asked.reference, alpha=level,
                margin=asked.equivalence_margin, resamples=0, plans=False,
                dropped=len(study.account.dropped) if study.account else 0,
            )  # fmt: skip
            said = [one for method in here for one in records[method]]
            at.append(AtTest(
                name, said[0], (min(one.trained_on for one in said), max(one.trained_on for one in said)), here,
                comparison, _scores(here.values(), comparison), _scores(_same_runs(main, here), comparison),
            ))  # fmt: skip
    drops, beyond = _changes(at, main, study.comparison, more=len(dropped))
    return Furthers(
        names, tuple(at), study.comparison, level, alpha, drops, beyond,
        _sets(without), dropped, _sets(undefined),
    )  # fmt: skip


def _sets(found: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {method: tuple(sets) for method, sets in found.items()}


def _keys(study: StudyData) -> dict[str, str]:
    """Return set -> how it is read now; nothing where the sets are not on this machine."""
    try:
        return {name: one.key for name, one in declared_tests(study.experiment, workspace=study.workspace).items()}
    except InputError:
        return {}


def _contender(
    row: Row, main: Contender, name: str, study: StudyData, keys: Mapping[str, str]
) -> tuple[Contender | None, list[FurtherRecord]]:
    """Return a method on a further set by those of its runs that have predicted it, and what they say of the set."""
    found: dict[int, tuple[FurtherRecord, pd.DataFrame]] = {}
    for run in row.records:
        folder = study.workspace.run_folder(study.experiment.name, run.run_id)
        try:
            said, frame = read_further(run, folder, name)
        except RecordError:
            continue
        first = next(iter(found.values()), None)
        same = first is None or said.texts_sha256 == first[0].texts_sha256
        if said.key == keys.get(name, said.key) and same:
            found[run.seed] = said, frame
    if not found:
        return None, []
    frames: list[Any] = [frame for _, frame in found.values()]
    first = frames[0]
    known = first["group"].notna().all()
    logits = study_metric(study).needs_logits
    return replace(
        main,
        seeds=tuple(found),
        item_ids=first["item_id"].to_numpy(),
        gold=first["gold"].to_numpy(),
        predicted=np.stack([frame["predicted"].to_numpy() for frame in frames]),
        comparability=f"{main.comparability} {next(iter(found.values()))[0].texts_sha256}",
        groups=first["group"].to_numpy(dtype=np.int64) if known else None,
        logits=np.stack([np.stack(frame["logits"].tolist()) for frame in frames]) if logits else None,
    ), [said for said, _ in found.values()]


def _defined(one: Contender, metric: Metric) -> bool:
    """Return whether a metric has a value for each of a method's runs, as it has to on the main texts."""
    given = one.logits if metric.needs_logits else one.predicted
    return given is not None and all(math.isfinite(metric(one.gold, row)) for row in given)


def study_metric(study: StudyData) -> Metric:
    """Return the declared metric."""
    return metric_named(study.experiment.compare.metric)


def _same_runs(main: Mapping[str, Contender], here: Mapping[str, Contender]) -> list[Contender]:
    """Return the methods on the own test split by the runs that have predicted the other set as well."""
    return [_of_seeds(main[name], one.seeds) for name, one in here.items()]


def _of_seeds(one: Contender, seeds: Sequence[int]) -> Contender:
    rows = [one.seeds.index(seed) for seed in seeds]
    logits = None if one.logits is None else one.logits[rows]
    return replace(one, seeds=tuple(seeds), predicted=one.predicted[rows], logits=logits)


def _scores(found: Any, comparison: Comparison) -> dict[str, Score]:
    metric = metric_named(comparison.metric)
    return {one.name: score_of(measure(one, metric=metric), metric, level=0.05) for one in found}


def _changes(
    at: Sequence[AtTest], main: Mapping[str, Contender], comparison: Comparison, *, more: int
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return what each method's score changes by on each set, and its difference to the reference."""
    metric, reference = metric_named(comparison.metric), comparison.reference
    there = {name: measure(one, metric=metric) for name, one in main.items()}
    drops, beyond = [], []
    for one in at:
        here = {name: measure(found, metric=metric) for name, found in one.contenders.items()}
        for name, measured in here.items():
            if gap := score_between(measured, there[name]):
                drops.append((name, one.name, gap))
            if reference in here and name != reference and _one_table(comparison, name, reference):
                pairs = [(side[name], side[reference]) for side in (here, there)]
                if gap := difference_between(*pairs):
                    beyond.append((name, one.name, gap))
    methods = len(main)
    return (
        held_together(drops, alpha=comparison.alpha, more=more * methods, stepwise=False),
        held_together(beyond, alpha=comparison.alpha, more=more * max(methods - 1, 0), stepwise=True),
    )


def _one_table(comparison: Comparison, name: str, reference: str | None) -> bool:
    return reference is not None and comparison[name, reference].difference is not None
