"""How the values of slots are written, in the language being spoken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bakeoff.report.text import numbers as notation
from bakeoff.report.text.escape import escape_markdown
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import listed, msg, msgn, tr, tr_in, trn
from bakeoff.report.text.sentence import Form, Slot

__all__ = ["FORMS"]


_COUNTED = {
    "group": msgn("{number} group", "{number} groups"),
    "comparison": msgn("{number} comparison", "{number} comparisons"),
    "epoch": msgn("{number} epoch", "{number} epochs"),
    "run": msgn("{number} run", "{number} runs"),
    "step": msgn("{number} step", "{number} steps"),
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
    "peak_gpu_memory_gb": msg("a peak of GPU memory in training of at most {most}"),
    "peak_memory_gb": msg("a peak of memory in training of at most {most}"),
    "train_minutes": msg("at most {most} of training"),
    "trainable_share": msg("at most {most} of the parameters trained"),
}
_MEASURES: dict[str, tuple[str, Form]] = {
    "artifact_mb": (msg("saved {value}"), "size"),
    "inference_ms": (msg("a text {value}"), "milliseconds"),
    "peak_gpu_memory_gb": (msg("peak of GPU memory {value}"), "size"),
    "peak_memory_gb": (msg("peak of memory {value}"), "size"),
    "train_minutes": (msg("training {value}"), "duration"),
    "trainable_share": (msg("trained {value}"), "share"),
}
_ENTRIES = {
    "cpu_model": msg("processor {own} against {theirs}"),
    "device": msg("device {own} against {theirs}"),
    "device_name": msg("accelerator {own} against {theirs}"),
    "runs_at_a_time": msg("runs at a time {own} against {theirs}"),
    "threads": msg("threads {own} against {theirs}"),
}
_SPLITS = {"test": msg("test texts"), "validation": msg("validation texts")}
_GOALS = {
    "better": msg("which is better"),
    "better.models": msg("which of the models trained here is better"),
    "either": msg("which is better or that they are equivalent"),
    "either.models": msg("which of the models trained here is better or that they are equivalent"),
}
_SCALED: dict[str, tuple[Callable[..., str], float]] = {
    "duration": (notation.duration, 1),
    "milliseconds": (notation.duration, 0.001),
    "parameters": (notation.parameters, 1),
    "size": (notation.size, 1),
}
_LONGEST_QUOTE = 200


def _count(slot: Slot) -> str:
    number = notation.whole(slot.value)
    if slot.noun is None:
        return number
    return trn(*_COUNTED[slot.noun], slot.value, number=number)


def _p(value: float) -> str:
    shown = notation.p_value(value)
    return shown if shown[0] in "<>" else f"=\N{NO-BREAK SPACE}{shown}"


def _percent(value: float) -> str:
    """Round to whole per cent, but never up to all of something."""
    whole = min(round(100 * value), 99) if value < 1 else round(100 * value)
    return f"{whole}\N{NO-BREAK SPACE}%"


def _name(name: str) -> str:
    return f"**{escape_markdown(name)}**"


def _range(ends: tuple[tuple[Form, Any], tuple[Form, Any]]) -> str:
    (form, low), (_, high) = ends
    if form in _SCALED:
        written, factor = _SCALED[form]
        return notation.range_of([factor * low, factor * high], written)
    return notation.range_of([low, high], lambda value: FORMS[form](Slot(form, value)))


def _settings(settings: dict[str, Any]) -> str:
    return listed([f"{escape_markdown(key)} {escape_markdown(value)}" for key, value in settings.items()])


def _trials(trials: Sequence[tuple[str, float]]) -> str:
    shown = [f"{escape_markdown(name.replace('=', ' '))}: {notation.fraction(score)}" for name, score in trials]
    return tr_in("between numbers", ", ").join(shown)


def _seeds(seeds: Sequence[int]) -> str:
    return trn("seed {numbers}", "seeds {numbers}", len(seeds), numbers=listed([str(seed) for seed in seeds]))


def _where(found: tuple[Sequence[int], int, int] | None) -> str:
    if found is None:
        return ""
    seeds, runs, total = found
    return tr(
        " with {seeds}, in {runs} of {total}", seeds=_seeds(seeds), runs=notation.whole(runs),
        total=_count(Slot("count", total, "run")),
    )  # fmt: skip


def _short(text: str) -> str:
    """Cut a quotation that would drown the sentence, and its full stop, which the sentence has itself."""
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."


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


def _groups(groups: Sequence[tuple[Slot, Sequence[str]]]) -> str:
    return "; ".join(
        tr("{value} with {names}", value=FORMS[slot.form](slot), names=listed([_name(name) for name in names]))
        for slot, names in groups
    )


def _corrected(groups: Sequence[tuple[Sequence[str], int]]) -> str:
    return "; ".join(
        tr(
            "{names} (after correction for {comparisons})",
            names=listed([_name(name) for name in names]),
            comparisons=_count(Slot("count", number, "comparison")),
        )
        for names, number in groups
    )


def _compared(methods: Sequence[tuple[str, float, float, tuple[float, float], float, int]]) -> str:
    return "; ".join(
        tr(
            "{name} ({mean}; {estimate}, {interval}; p {p} after correction for {comparisons})",
            name=_name(name), mean=notation.fraction(mean), estimate=FORMS["points"](Slot("points", estimate)),
            interval=FORMS["interval"](Slot("interval", ends)), p=_p(p),
            comparisons=_count(Slot("count", number, "comparison")),
        )
        for name, mean, estimate, ends, p, number in methods
    )  # fmt: skip


def _limits(limits: Sequence[tuple[str, float]]) -> str:
    return listed(
        [tr(_LIMITS[key], most=FORMS[_MEASURES[key][1]](Slot(_MEASURES[key][1], most))) for key, most in limits]
    )


def _measures(measures: Sequence[tuple[str, float, float]]) -> str:
    shown = [(_MEASURES[key], low, high) for key, low, high in measures]
    values = [tr(text, value=_range(((form, low), (form, high)))) for (text, form), low, high in shown]
    return tr_in("between numbers", ", ").join(values)


def _within(methods: Sequence[tuple[str, float, Sequence[tuple[str, float, float]]]]) -> str:
    return "; ".join(
        f"{_name(name)} ({notation.fraction(mean)}; {_measures(values)})" for name, mean, values in methods
    )


FORMS: dict[Form, Callable[[Slot], str]] = {
    "base": lambda slot: _base(slot.value),
    "chance": lambda slot: notation.chance(slot.value),
    "compared": lambda slot: _compared(slot.value),
    "conditions": lambda slot: _conditions(slot.value),
    "corrected": lambda slot: _corrected(slot.value),
    "count": _count,
    "duration": lambda slot: notation.duration(slot.value),
    "fraction": lambda slot: notation.fraction(slot.value),
    "gap": lambda slot: notation.gap(slot.value),
    "goal": lambda slot: tr(_GOALS[slot.value]),
    "groups": lambda slot: _groups(slot.value),
    "interval": lambda slot: notation.in_unit(notation.interval(*slot.value)),
    "level": lambda slot: notation.level(slot.value),
    "limits": lambda slot: _limits(slot.value),
    "measures": lambda slot: _measures(slot.value),
    "metric": lambda slot: metric_name(slot.value),
    "milliseconds": lambda slot: notation.duration(slot.value / 1000),
    "name": lambda slot: _name(slot.value),
    "names": lambda slot: listed([_name(name) for name in slot.value]),
    "p": lambda slot: _p(slot.value),
    "pairs": lambda slot: _pairs(slot.value),
    "parameters": lambda slot: notation.parameters(slot.value),
    "percent": lambda slot: _percent(slot.value),
    "points": lambda slot: notation.points(slot.value),
    "quote": lambda slot: escape_markdown(_short(str(slot.value))),
    "range": lambda slot: _range(slot.value),
    "seeds": lambda slot: _seeds(slot.value),
    "setting": lambda slot: _setting(slot.value),
    "settings": lambda slot: _settings(slot.value),
    "share": lambda slot: notation.share(slot.value),
    "size": lambda slot: notation.size(slot.value),
    "split": lambda slot: tr(_SPLITS[slot.value]),
    "trials": lambda slot: _trials(slot.value),
    "where": lambda slot: _where(slot.value),
    "within": lambda slot: _within(slot.value),
}
