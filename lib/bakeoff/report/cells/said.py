"""What may be said of methods over several numbers of training texts, each sentence by the tests at each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from bakeoff.report.text.escape import escape_markdown
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import listed, tr, trn
from bakeoff.report.text.numbers import fraction, interval, level, points, whole
from bakeoff.stats.compare import Comparison
from bakeoff.stats.uncertainty import CONFIDENCE
from bakeoff.study.sizes import Gain, Sizes, Turn, changes_order, crossing, turns

__all__ = ["said_of_sizes"]


MOST_PAIRS = 6


def said_of_sizes(sizes: Sizes, *, reference: str, metric: str, searched: bool) -> list[str]:
    """Return paragraphs of Markdown; searched: settings of some method were chosen by trials."""
    if not sizes.at:
        return [tr("No run at any number of training texts has finished yet.")]
    names = list(dict.fromkeys(name for one in sizes.at for name in one.contenders))
    held = {pair: turns(sizes.comparisons, *pair) for pair in combinations(names, 2)}
    return [
        *_grounds(sizes, searched=searched),
        _leading(sizes, metric),
        *_until(held, reference),
        *_crossings(held, sizes.comparisons),
        *_gained(sizes, metric),
    ]


def _grounds(sizes: Sizes, *, searched: bool) -> Iterator[str]:
    text = tr(
        "Every method was trained with {sizes} texts. Each seed drew its own, the fewer a part of the more, and the "
        "test texts are the same. What is said of one number of texts is held to a level of {level}. All that is "
        "said here then claims anything falsely with a chance of at most {alpha}.",
        sizes=listed([whole(size) for size in sizes.declared]), level=level(sizes.level), alpha=level(sizes.alpha),
    )  # fmt: skip
    if searched:
        most = whole(sizes.declared[-1])
        text += " " + tr(
            "Settings that were searched were chosen with {texts} texts and used with fewer, too.", texts=most
        )
    yield text
    missing = [whole(size) for size in sizes.declared if size not in sizes.comparisons]
    if missing:
        yield tr("No run has finished yet with {sizes} texts.", sizes=listed(missing))
    few = [
        whole(one.texts) for one in sizes.at
        if any(pair.scope == "models" and pair.difference for pair in one.comparison.pairs)
    ]  # fmt: skip
    if few:
        yield tr(
            "With {sizes} texts, too few seeds have finished to tell their noise from a difference between methods. "
            "What is said there is about the models trained here.",
            sizes=listed(few),
        )


def _leading(sizes: Sizes, metric: str) -> str:
    """Say which method has the highest mean at each size, and what it is shown to be better than."""
    found = [_lead(one.texts, one.comparison) for one in sizes.at]
    return tr("The best mean {metric}: {found}.", metric=metric_name(metric), found="; ".join(found))


def _lead(texts: int, comparison: Comparison) -> str:
    best = max(comparison.methods, key=lambda one: comparison.sign * one.mean)
    pairs = [comparison[best.name, one.name] for one in comparison.methods if one.name != best.name]
    open_ = [pair.second for pair in pairs if pair.better != best.name]
    said = {"texts": whole(texts), "best": _bold(best.name), "mean": fraction(best.mean)}
    if not pairs:
        return tr("with {texts} texts {best} ({mean})", **said)
    if not open_:
        return tr("with {texts} texts {best} ({mean}), better than every other", **said)
    names = listed([_bold(name) for name in open_])
    return tr("with {texts} texts {best} ({mean}), not shown to be better than {names}", **said, names=names)


def _until(held: Mapping[tuple[str, str], Sequence[Turn]], reference: str) -> Iterator[str]:
    """Answer how many texts it takes until a method and the reference part."""
    against = {pair: found for pair, found in held.items() if reference in pair and found}
    never: list[str] = []
    alike: list[str] = []
    for (first, second), found in against.items():
        other = second if first == reference else first
        if len(found) == 1 and not found[0].better:
            (alike if found[0].equivalent else never).append(other)
        else:
            yield " ".join(filter(None, [_onset(found, other, reference), _course(found, other, reference)]))
    if alike:
        yield tr(
            "Equivalent to {reference} within the margin at every number of texts: {names}.",
            names=listed([_bold(name) for name in alike]), reference=_bold(reference),
        )  # fmt: skip
    if never:
        yield tr(
            "From how many texts on one of the two is better is not settled for {names} against {reference}. No "
            "number of texts tested here shows it.",
            names=listed([_bold(name) for name in never]), reference=_bold(reference),
        )  # fmt: skip


def _onset(found: Sequence[Turn], other: str, reference: str) -> str:
    """Say from which size on the one that is better at the largest is."""
    last = found[-1]
    if last.better is None:
        pair = {"a": _bold(other), "b": _bold(reference), "texts": whole(last.texts[-1])}
        if last.equivalent:
            return tr("{a} and {b} are equivalent within the margin with {texts} texts.", **pair)
        return tr("Which of {a} and {b} is better with {texts} texts is not settled.", **pair)
    said = {
        "a": _bold(last.better), "b": _bold(reference if last.better == other else other),
        "texts": whole(last.texts[0]),
    }  # fmt: skip
    if len(found) == 1:
        return tr("{a} beats {b} at every number of texts tested, from {texts} on.", **said)
    return tr("{a} beats {b} from {texts} texts on.", **said)


def _course(found: Sequence[Turn], other: str, reference: str) -> str:
    """Say how the two stand at smaller sizes; nothing where that is one and the same everywhere."""
    if len(found) == 1:
        return ""
    parts = "; ".join(map(_stand, found))
    return tr("({a} against {b}: {parts}.)", a=_bold(other), b=_bold(reference), parts=parts)


def _stand(turn: Turn) -> str:
    if turn.better:
        return tr("{name} better with {texts}", name=_bold(turn.better), texts=_span(turn.texts))
    known = tr("equivalent with {texts}", texts=_span(turn.texts))
    return known if turn.equivalent else tr("not settled with {texts}", texts=_span(turn.texts))


def _span(texts: Sequence[int]) -> str:
    ends = dict.fromkeys((texts[0], texts[-1]))
    return "\N{EN DASH}".join(whole(size) for size in ends)


def _crossings(held: Mapping[tuple[str, str], Sequence[Turn]], comparisons: Mapping[int, Comparison]) -> Iterator[str]:
    """Say which curves cross, and of which that is not settled."""
    open_, shown = [], False
    for pair, found in held.items():
        place = crossing(found)
        if place:
            shown = True
            before, after = (next(turn for turn in found if size in turn.texts).better for size in place)
            yield tr(
                "The curves of {a} and {b} cross between {fewer} and {more} texts: {a} is better with {fewer}, "
                "{b} with {more}.",
                a=_bold(str(before)), b=_bold(str(after)), fewer=whole(place[0]), more=whole(place[1]),
            )  # fmt: skip
        elif changes_order(comparisons, *pair):
            open_.append(pair)
    if open_:
        named = [tr("{a} and {b}", a=_bold(a), b=_bold(b)) for a, b in open_[:MOST_PAIRS]]
        more = len(open_) - len(named)
        rest = [trn("{number} more pair", "{number} more pairs", more, number=whole(more))] if more else []
        yield tr(
            "Whether these curves cross is not settled, as their means change order but the tests do not show both "
            "orders: {pairs}.",
            pairs="; ".join([*named, *rest]),
        )
    elif not shown and held:
        yield tr("The means of no two methods change order over these numbers of texts.")


def _gained(sizes: Sizes, metric: str) -> Iterator[str]:
    """Say what the last step in the number of texts gained each trained method, for each doubling."""
    if not sizes.gains:
        return
    more = max(one.more for one in sizes.gains)
    last = [one for one in sizes.gains if one.more == more]
    yield tr(
        "From {fewer} to {more} texts, each doubling of their number gained in mean {metric}, with {confidence} "
        "intervals (each for itself): {gains}.",
        fewer=whole(last[0].fewer), more=whole(more), metric=metric_name(metric), confidence=level(CONFIDENCE),
        gains="; ".join(map(_gain, last)),
    )  # fmt: skip
    rising = [one.method for one in last if one.low > 0]
    if rising:
        names = listed([_bold(name) for name in rising])
        yield trn(
            "{names} was still gaining there: more labels can be expected to help it.",
            "{names} were still gaining there: more labels can be expected to help them.",
            len(rising), names=names,
        )  # fmt: skip
    else:
        yield tr("No method is shown to have gained in that step.")


def _gain(one: Gain) -> str:
    return f"{_bold(one.method)} {points(one.estimate)} {interval(one.low, one.high)}"


def _bold(name: str) -> str:
    return f"**{escape_markdown(name)}**"
