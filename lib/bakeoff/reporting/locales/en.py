"""English. Templates hold no digit: every number a reader sees comes out of a slot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bakeoff.reporting import notation
from bakeoff.reporting.escape import escape_markdown
from bakeoff.reporting.quantities import metric_name
from bakeoff.reporting.sentences import Form, Slot

__all__ = ["FORMS", "TEMPLATES"]

_TEST = "{estimate} in {metric} ({confidence} interval {interval}; p {p} after correction for {comparisons})"

TEMPLATES = {
    # limits, about what could be seen at all
    "resolution.one": "With {items} and {seeds}, a comparison of two trained methods finds a true gap of {gap} in "
    "{metric} with a chance of {power}, before any correction for the number of comparisons. Smaller gaps can easily "
    "go unseen.",
    "resolution.range": "With {items} and {seeds}, a comparison of two trained methods finds a true gap of {gap} in "
    "{metric}, depending on the pair, with a chance of {power}, before any correction for the number of comparisons. "
    "Smaller gaps can easily go unseen.",
    "scope.all": "With {seeds} per method, noise between seeds cannot be told from a difference between methods. What "
    "follows is about the models trained here, not about the methods: another seed could turn it.",
    "scope.methods": "{names} finished too few seeds to tell noise between seeds from a difference between methods. "
    "What is said of them is about the models trained here, not about the methods.",
    "scope.pairs": "For {pairs}, too few seeds are shared to tell noise between seeds from a difference between "
    "methods. What is said of these pairs is about the models trained here, not about the methods.",
    "noise": "Between seeds, the {metric} of a trained method has a standard deviation of {seed_sd}; the choice of "
    "test items alone gives its mean a standard error of {item_se}.",
    # findings, about which is better
    "highest": "{best} had the highest mean {metric} on the test items: {mean} ({range} over {seeds}).",
    "highest.shared": "{names} shared the highest mean {metric} on the test items: {mean}.",
    "highest.single": "{best} had the highest {metric} on the test items: {mean}.",
    "standing.every": "{best} was better than every other method, after correction for {comparisons}.",
    "standing.methods": "{best} was better than {names}, after correction for {comparisons}.",
    "standing.models": "As trained here, {best} scored higher than {names}, after correction for {comparisons}.",
    "standing.same": "{best} is equivalent to {names}, within {margin}.",
    "standing.open": "The data do not separate {best} from {names}.",
    "reference.methods.up": "{a} was better than {b}: " + _TEST + ".",
    "reference.methods.down": "{a} was worse than {b}: " + _TEST + ".",
    "reference.models.up": "As trained here, {a} scored higher than {b}: " + _TEST + ".",
    "reference.models.down": "As trained here, {a} scored lower than {b}: " + _TEST + ".",
    "reference.negligible.up": "{a} was ahead of {b}, but by less than the margin of {margin}: " + _TEST + ".",
    "reference.negligible.down": "{a} was behind {b}, but by less than the margin of {margin}: " + _TEST + ".",
    "reference.equivalent": "{a} and {b} are equivalent within the margin of {margin}: {estimate} in {metric} "
    "({confidence} interval {interval}; p {p} against a larger difference, after correction for {comparisons}).",
    "reference.open": "The data do not settle {a} against {b}: " + _TEST + ".",
    "reference.corrected": "The data do not settle {a} against {b}: " + _TEST + ". The interval leaves out zero, but "
    "the difference does not outlast the correction.",
    "not_comparable.settings": "{a} is not compared with {b}: the two ran under different conditions.",
    "not_comparable.items": "{a} is not compared with {b}: the two were tested on different items.",
    "not_comparable.labels": "{a} is not compared with {b}: their test items carry different labels.",
    "not_comparable.seeds": "{a} is not compared with {b}: they have no seed in common.",
    # limits, about what is left open
    "unsettled.both": "If the gap between {a} and {b} stays as it looks now, about {more_seeds} instead of {seeds}, or "
    "about {more_items} instead of {items}, would settle which is better or that they are equivalent.",
    "unsettled.seeds": "If the gap between {a} and {b} stays as it looks now, about {more_seeds} instead of {seeds} "
    "would settle which is better or that they are equivalent; more test items alone would not.",
    "unsettled.items": "If the gap between {a} and {b} stays as it looks now, about {more_items} instead of {items} "
    "would settle which is better or that they are equivalent; more seeds alone would not.",
    "unsettled.fixed": "If the gap between {a} and {b} stays as it looks now, about {more_items} instead of {items} "
    "would settle which is better or that they are equivalent.",
    "unsettled.trained": "If the gap between {a} and {b} stays as it looks now, about {more_items} instead of {items} "
    "would settle which of the models trained here is better. What is true of the methods takes more seeds.",
    "unsettled.neither": "If the gap between {a} and {b} stays as it looks now, neither more seeds nor more test items "
    "alone would settle which is better; it takes both.",
    "cross_check": "A bootstrap does not agree with the tests about {pairs}: one leaves out zero, the other does not. "
    "These are borderline cases.",
    # caveats, about baselines
    "baseline.beaten": "Better than the baseline {b} (mean {metric} {mean}), after correction for {comparisons}: "
    "{names}.",
    "baseline.majority": "Nothing here shows that {a} learned more than which class is the most frequent: its mean "
    "{metric} is {mean_a}, that of {b} {mean_b}; " + _TEST + ".",
    "baseline.below": "{a} was worse than the baseline {b}: mean {metric} {mean_a} against {mean_b}; " + _TEST + ".",
    "baseline.other": "{a} was not shown to be better than the baseline {b}: mean {metric} {mean_a} against {mean_b}; "
    + _TEST + ".",
    # economies
    "sweep": "For {a}, {chosen} was chosen by {metric} on the validation items: {tried}. The test items had no part in "
    "it. One run per value is enough to choose by, not to call one value better than another.",
    "sweep.edge": "The chosen {chosen} lies at the end of what was tried; better values may lie beyond.",
    "cost.parameters": "{a} trained {own} parameters, {share} of the {theirs} that {b} trained.",
    "cost.epochs": "They did not see the training texts equally often: {own} with {a}, {theirs} with {b}.",
    "cost.elsewhere": "Time and memory of {a} and {b} were not measured under the same conditions "
    "(machine, threads, runs at a time) and are not compared.",
    "cost.time.less": "It saves time: training took {own} against {theirs}.",
    "cost.time.more": "It takes longer: training took {own} against {theirs}.",
    "cost.time.overlap": "Training took {own} against {theirs}; the ranges overlap.",
    "cost.time.single": "Training took {own} against {theirs}, too few runs to call one faster.",
    "cost.memory.less": "It saves memory: the peak in training was {own} against {theirs}.",
    "cost.memory.more": "It takes more memory: the peak in training was {own} against {theirs}.",
    "cost.memory.overlap": "The peak of memory in training was {own} against {theirs}; the ranges overlap.",
    "cost.memory.single": "The peak of memory in training was {own} against {theirs}, too few runs to call one "
    "smaller.",
    "cost.gpu.less": "It saves GPU memory: the peak in training was {own} against {theirs}.",
    "cost.gpu.more": "It takes more GPU memory: the peak in training was {own} against {theirs}.",
    "cost.gpu.overlap": "The peak of GPU memory in training was {own} against {theirs}; the ranges overlap.",
    "cost.gpu.single": "The peak of GPU memory in training was {own} against {theirs}, too few runs to call one "
    "smaller.",
    # caveats, about what must not be missed
    "collapsed": "{a} gave every test item one class ({classes}) in {runs} of {total}: training collapsed there, and "
    "its numbers have to be read with that in mind.",
    "unstable": "{a} varies far more between seeds than the others do: its {metric} has a standard deviation of {own}, "
    "theirs is about {others}. What is said about it rests on {seeds} and is less certain than its p values suggest.",
    "scratch.beside": "{names}: trained from random weights, beside methods that start from pretrained ones. The gap "
    "between them says nothing about architectures, nor about pretrained models of that kind.",
    "scratch.alone": "{names}: trained from random weights. Nothing here is about pretrained models.",
    "overlap": "Test texts that also stand among the training texts: {shared} of {total}. All methods were tested on "
    "them alike.",
    "missing.reference": "{b}, the method the others were to be held against, has no finished run.",
    "missing.runs": "{a} has not been run with {seeds}.",
    "missing.seeds": "{a} is compared by what it finished, {seeds}, and with each other method by the seeds both have.",
    "failed": "{a} failed with {seeds}: {type}: {message}.",
    "failed.diverged": "{a} diverged with {seeds}: {type}: {message}.",
    "failed.unknown": "{a} failed with {seeds}, for a reason that was not recorded.",
    "additional": "Run beside the declared comparison, and not part of any verdict: {names}.",
    "excluded": "Left out: {run}, {reason}.",
}  # fmt: skip

_PLURALS = {
    "comparison": "comparisons",
    "epoch": "epochs",
    "run": "runs",
    "seed": "seeds",
    "test item": "test items",
    "test text": "test texts",
}
_SMALL_GAP = 0.001
_LONGEST_QUOTE = 200


def _gap(value: float) -> str:
    """Write a size without a sign; one below a tenth of a point keeps a digit that tells."""
    digits = 2 if 0 < value < _SMALL_GAP else 1
    return f"{100 * value:.{digits}f}\N{NO-BREAK SPACE}pp"


def _count(slot: Slot) -> str:
    number = notation.whole(slot.value)
    if slot.noun is None:
        return number
    return f"{number} {slot.noun if slot.value == 1 else _PLURALS[slot.noun]}"


def _p(value: float) -> str:
    shown = notation.p_value(value)
    return shown if shown[0] in "<>" else f"=\N{NO-BREAK SPACE}{shown}"


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _name(name: str) -> str:
    return f"**{escape_markdown(name)}**"


def _range(ends: tuple[tuple[Form, Any], tuple[Form, Any]]) -> str:
    (form, low), (_, high) = ends
    return notation.range_of([low, high], lambda value: FORMS[form](Slot(form, value)))


def _settings(settings: dict[str, Any]) -> str:
    return _joined([f"{escape_markdown(key)} {escape_markdown(value)}" for key, value in settings.items()])


def _trials(trials: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{escape_markdown(name.replace('=', ' '))}: {notation.fraction(score)}" for name, score in trials)


def _seeds(seeds: Sequence[int]) -> str:
    return f"{'seed' if len(seeds) == 1 else 'seeds'} {_joined([str(seed) for seed in seeds])}"


def _short(text: str) -> str:
    """Cut a quotation that would drown the sentence, and its full stop, which the sentence has itself."""
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return _joined([f"{_name(a)} against {_name(b)}" for a, b in pairs])


FORMS: dict[Form, Callable[[Slot], str]] = {
    "count": _count,
    "duration": lambda slot: notation.duration(slot.value),
    "fraction": lambda slot: notation.fraction(slot.value),
    "gap": lambda slot: _gap(slot.value),
    "interval": lambda slot: f"{notation.interval(*slot.value)}\N{NO-BREAK SPACE}pp",
    "metric": lambda slot: metric_name(slot.value),
    "name": lambda slot: _name(slot.value),
    "names": lambda slot: _joined([_name(name) for name in slot.value]),
    "p": lambda slot: _p(slot.value),
    "pairs": lambda slot: _pairs(slot.value),
    "parameters": lambda slot: notation.parameters(slot.value),
    "points": lambda slot: notation.points(slot.value),
    "quote": lambda slot: escape_markdown(_short(str(slot.value))),
    "range": lambda slot: _range(slot.value),
    "seeds": lambda slot: _seeds(slot.value),
    "settings": lambda slot: _settings(slot.value),
    "share": lambda slot: notation.share(slot.value),
    "size": lambda slot: notation.size(slot.value),
    "trials": lambda slot: _trials(slot.value),
}
