"""How the values of slots are written, in the language being spoken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bakeoff.report.text import numbers as notation
from bakeoff.report.text import slots
from bakeoff.report.text.escape import MISSING, escape_markdown
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import listed, msg, msgn, tr, tr_in, trn

__all__ = ["written"]


_COUNTED = {
    "group": msgn("{number} group", "{number} groups"),
    "comparison": msgn("{number} comparison", "{number} comparisons"),
    "epoch": msgn("{number} epoch", "{number} epochs"),
    "run": msgn("{number} run", "{number} runs"),
    "step": msgn("{number} step", "{number} steps"),
    "labelled text": msgn("{number} labelled text", "{number} labelled texts"),
    "other method": msgn("{number} other method", "{number} other methods"),
    "training text": msgn("{number} training text", "{number} training texts"),
    "text": msgn("{number} text", "{number} texts"),
    "token": msgn("{number} token", "{number} tokens"),
    "trial": msgn("{number} trial", "{number} trials"),
    "seed": msgn("{number} seed", "{number} seeds"),
    "test item": msgn("{number} test item", "{number} test items"),
    "test text": msgn("{number} test text", "{number} test texts"),
}
_LIMITS = {
    "artifact_mb": msg("a saved size of at most {most}"),
    "inference_ms": msg("at most {most} to predict a text"),
    "peak_gpu_memory_gb": msg("a peak GPU memory in training of at most {most}"),
    "peak_memory_gb": msg("a peak memory in training of at most {most}"),
    "train_minutes": msg("at most {most} of training"),
    "trainable_share": msg("at most {most} of the parameters trained"),
}
_MEASURES: dict[str, tuple[str, Callable[[float], str], float]] = {
    "artifact_mb": (msg("saved {value}"), notation.size, 1),
    "inference_ms": (msg("a text {value}"), notation.duration, 0.001),
    "peak_gpu_memory_gb": (msg("peak GPU memory {value}"), notation.size, 1),
    "peak_memory_gb": (msg("peak memory {value}"), notation.size, 1),
    "search": (msg("search for settings {value}"), notation.duration, 1),
    "train_minutes": (msg("training {value}"), notation.duration, 1),
    "trainable_share": (msg("trained {value}"), notation.share, 1),
}
"""What a limit bounds: its words, the writer of its values, the factor from the unit of records to the writer's."""

_ENTRIES = {
    "cpu_model": msg("processor {own} against {theirs}"),
    "device": msg("device {own} against {theirs}"),
    "device_name": msg("accelerator {own} against {theirs}"),
    "processes": msg("processes {own} against {theirs}"),
    "runs_at_a_time": msg("runs at a time {own} against {theirs}"),
    "threads": msg("threads {own} against {theirs}"),
}
_SPLITS = {"test": msg("test texts"), "validation": msg("validation texts")}
_GOALS = {
    "better": msg("which is better"),
    "better.models": msg("which of these models is better"),
    "either": msg("which is better or that they are equivalent"),
    "either.models": msg("which of these models is better or that they are equivalent"),
}
_LONGEST_QUOTE = 200


def written(slot: slots.Slot[Any]) -> str:
    """Return what a slot says, in the language being spoken."""
    match slot:
        case slots.Count(number, str(noun)):
            return _count(number, noun)
        case slots.Range(values, form):
            return notation.range_of(values, _FORMS[form])
        case slots.Where(seeds, total):
            return "" if seeds is None else _where(seeds, total)
        case _:
            return _FORMS[type(slot)](slot.value)


def _count(number: int, noun: str) -> str:
    return trn(*_COUNTED[noun], number, number=notation.whole(number))


def _p(value: float) -> str:
    shown = notation.p_value(value)
    return shown if shown[0] in "<>" else f"=\N{NO-BREAK SPACE}{shown}"


def _percent(value: float) -> str:
    """Round to whole per cent, but never up to all of something."""
    whole = min(round(100 * value), 99) if value < 1 else round(100 * value)
    return f"{whole}\N{NO-BREAK SPACE}%"


def _name(name: str) -> str:
    return f"**{escape_markdown(name)}**"


def _names(names: Sequence[str]) -> str:
    return listed([_name(name) for name in names])


def _settings(settings: Mapping[str, Any]) -> str:
    return listed([f"{escape_markdown(key)} {escape_markdown(value)}" for key, value in settings.items()])


def _trials(trials: Sequence[tuple[str, float | None]]) -> str:
    scores = [MISSING if score is None else notation.fraction(score) for _, score in trials]
    names = [escape_markdown(name.replace("=", " ")) for name, _ in trials]
    return tr_in("between numbers", ", ").join(map("{}: {}".format, names, scores))


def _seeds(seeds: Sequence[int]) -> str:
    return trn("seed {numbers}", "seeds {numbers}", len(seeds), numbers=listed([str(seed) for seed in seeds]))


def _where(seeds: Sequence[int], total: int) -> str:
    return tr(
        " with {seeds}, in {runs} of {total}", seeds=_seeds(seeds), runs=notation.whole(len(seeds)),
        total=_count(total, "run"),
    )  # fmt: skip


def _quote(text: str) -> str:
    """Cut a quotation that would drown the sentence, and its full stop, which the sentence has itself."""
    text = " ".join(str(text).split()).rstrip(".")
    return escape_markdown(text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}...")


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return listed([tr("{a} against {b}", a=_name(a), b=_name(b)) for a, b in pairs])


def _base(base: tuple[str, bool]) -> str:
    name, pretrained = base
    text = msg("{name}, pretrained,") if pretrained else msg("{name}, random weights,")
    return tr(text, name=escape_markdown(name))


def _conditions(entries: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> str:
    return "; ".join(tr(_ENTRIES[key], own=_known(own), theirs=_known(theirs)) for key, own, theirs in entries)


def _known(values: Sequence[str]) -> str:
    return listed([_setting(value) for value in values])


def _setting(value: str) -> str:
    return escape_markdown(value) or tr("none")


def _groups(groups: Sequence[tuple[slots.Slot[Any], Sequence[str]]]) -> str:
    return "; ".join(tr("{value} with {names}", value=written(slot), names=_names(names)) for slot, names in groups)


def _corrected(groups: Sequence[tuple[Sequence[str], int]]) -> str:
    return "; ".join(
        tr("{names} (after correction for {comparisons})", names=_names(names), comparisons=_count(n, "comparison"))
        for names, n in groups
    )


def _compared(methods: Sequence[slots.Against]) -> str:
    return "; ".join(
        tr(
            "{name} ({mean}; {estimate}, {interval}; p {p} after correction for {comparisons})",
            name=_name(one.name), mean=notation.fraction(one.mean), estimate=notation.points(one.estimate),
            interval=_interval(one.interval), p=_p(one.p), comparisons=_count(one.comparisons, "comparison"),
        )
        for one in methods
    )  # fmt: skip


def _interval(ends: tuple[float, float]) -> str:
    return notation.in_unit(notation.interval(*ends))


def _limits(limits: Sequence[tuple[str, float]]) -> str:
    shown = [(_LIMITS[key], *_MEASURES[key][1:], most) for key, most in limits]
    return listed([tr(text, most=form(factor * most)) for text, form, factor, most in shown])


def _measures(measures: Sequence[slots.Measured]) -> str:
    shown = [(*_MEASURES[one.key], one) for one in measures]
    values = [
        tr(text, value=notation.range_of([factor * one.low, factor * one.high], form))
        for text, form, factor, one in shown
    ]
    return tr_in("between numbers", ", ").join(values)


def _within(methods: Sequence[tuple[str, float, Sequence[slots.Measured]]]) -> str:
    return "; ".join(
        f"{_name(name)} ({notation.fraction(mean)}; {_measures(values)})" for name, mean, values in methods
    )


_FORMS: dict[type[slots.Slot[Any]], Callable[[Any], str]] = {
    slots.Base: _base,
    slots.Chance: notation.chance,
    slots.Compared: _compared,
    slots.Conditions: _conditions,
    slots.Corrected: _corrected,
    slots.Count: notation.whole,
    slots.Duration: notation.duration,
    slots.Fraction: notation.fraction,
    slots.Gap: notation.gap,
    slots.Goal: lambda goal: tr(_GOALS[goal]),
    slots.Groups: _groups,
    slots.Interval: _interval,
    slots.Level: notation.level,
    slots.Limits: _limits,
    slots.Measures: _measures,
    slots.Metric: metric_name,
    slots.Metrics: lambda metrics: listed([metric_name(metric) for metric in metrics]),
    slots.Name: _name,
    slots.Names: _names,
    slots.PValue: _p,
    slots.Pairs: _pairs,
    slots.Parameters: notation.parameters,
    slots.Percent: _percent,
    slots.Points: notation.points,
    slots.Quote: _quote,
    slots.Score: notation.score,
    slots.Seeds: _seeds,
    slots.Setting: _setting,
    slots.Settings: _settings,
    slots.Share: notation.share,
    slots.Size: notation.size,
    slots.Split: lambda split: tr(_SPLITS[split]),
    slots.Trials: _trials,
    slots.Within: _within,
}
