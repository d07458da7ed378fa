"""What a report says and shows of further test sets: scores there, what was lost from the own test split, turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bakeoff.report.pages.display import Prose
from bakeoff.report.pages.paragraphs import Paragraphs
from bakeoff.report.pages.table import Table
from bakeoff.report.text.escape import MISSING, escape_markdown
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import listed, tr, trn
from bakeoff.report.text.numbers import extended, fraction, interval, level, p_value, points, range_of, whole
from bakeoff.stats.uncertainty import CONFIDENCE
from bakeoff.study.study import StudyData
from bakeoff.study.subsets.changes import Change, Score
from bakeoff.study.subsets.further import AtTest, Furthers, furthers_of
from bakeoff.system.spreadsheets import csv_of

__all__ = ["TESTS_FILE", "bold", "capital", "further_tables", "held", "said_of_tests", "scored", "tests_section"]


TESTS_FILE = "application/vnd.bakeoff.tests+csv"
"""Form in which tests.csv leaves the kernel that compared."""
MOST_PAIRS = 6


def tests_section(study: StudyData, *, metric: str) -> list[Table | Prose]:
    """Return the section on further test sets; nothing where the file names none, or no run has finished."""
    found = furthers_of(study) if study.contenders else None
    if found is None:
        return []
    said = Paragraphs([(text, None) for text in said_of_tests(found, metric=metric)])
    tables = further_tables(found, methods=list(study.experiment.methods), metric=metric)
    return [Prose(f"## {tr('On further test sets')}"), said, *tables]


def said_of_tests(found: Furthers, *, metric: str) -> list[str]:
    """Return paragraphs of Markdown."""
    if not found.at and found.undefined:
        return [*_missing(found, metric)]
    if not found.at:
        return [tr("No run has predicted a further test set yet: `bakeoff run` does it by the models that are kept.")]
    return [
        _grounds(found),
        *_missing(found, metric),
        *(_lost(one, found, metric) for one in found.at),
        *_beyond(found),
        *_turned(found),
    ]


def _grounds(found: Furthers) -> str:
    text = tr(
        "The compared models have predicted further test sets, too; the data's own test split is called main here. "
        "Changes from main are held together over all methods and sets, at a level of {alpha}. Which of two methods "
        "is better on a set is held to a level of {level}.",
        alpha=level(found.alpha), level=level(found.level),
    )  # fmt: skip
    if found.dropped:
        names = listed([bold(name) for name in found.dropped])
        text += " " + tr("Counted among the comparisons, from an earlier report: {names}.", names=names)
    return " ".join([text, *map(_source, found.at)])


def _source(one: AtTest) -> str:
    facts, shared = one.record.facts, one.trained_on
    said = trn(
        "{name} has {number} text of {source}", "{name} has {number} texts of {source}", facts.n, name=bold(one.name),
        number=whole(facts.n), source=escape_markdown(one.record.data_id),
    )  # fmt: skip
    if shared[1] == 0:
        return tr("{set}, none of which stands among the training texts.", set=said)
    counts = range_of(shared, whole)
    return tr("{set}; of them, {counts} also stand among the training texts of a run.", set=said, counts=counts)


def _missing(found: Furthers, metric: str) -> Iterator[str]:
    for method, sets in found.without.items():
        yield tr(
            "{method} has no predictions for {sets}.", method=bold(method), sets=listed([bold(one) for one in sets])
        )
    for method, sets in found.undefined.items():
        names = listed([bold(one) for one in sets])
        yield tr(
            "{metric} is not defined for {method} on {sets}.",
            metric=capital(metric_name(metric)),
            method=bold(method),
            sets=names,
        )
    models = dict.fromkeys(one.method for one in found.drops if one.gap.scope == "models")
    if models:
        yield tr(
            "Too few seeds have finished to tell their noise from a change of a method. What is said of {names} is "
            "about the models trained here.",
            names=listed([bold(name) for name in models]),
        )


def _lost(one: AtTest, found: Furthers, metric: str) -> str:
    """Say on one set which methods lost quality, which gained, and of which neither is shown."""
    changes = [change for change in found.drops if change.what == one.name]
    shown = [change for change in changes if change.shown]
    lower, higher = ([change for change in shown if (change.gap.estimate < 0) is less] for less in (True, False))
    rest = [change for change in changes if not change.shown]
    said = {"set": bold(one.name), "metric": metric_name(metric)}
    parts = []
    if lower:
        parts.append(tr("On {set}, {metric} is worse than on main: {methods}.", methods=held(lower), **said))
    else:
        parts.append(tr("On {set}, no method is shown to have lost in {metric} from main.", **said))
    if higher:
        parts.append(tr("It is better than on main there: {methods}.", methods=held(higher)))
    if rest and shown:
        parts.append(tr("No change is shown for {methods}.", methods=held(rest)))
    elif rest:
        parts.append(tr("What changed from main is not settled: {methods}.", methods=held(rest)))
    return " ".join(parts)


def held(changes: Iterable[Change]) -> str:
    """Return methods, each with its change and an interval that holds for all of the family at once."""
    return "; ".join(f"{bold(one.method)} {points(one.gap.estimate)} {interval(one.low, one.high)}" for one in changes)


def _beyond(found: Furthers) -> Iterator[str]:
    """Say which methods lost more or less than the reference did."""
    if not found.beyond:
        return
    reference = bold(str(found.main.reference))
    shown = [one for one in found.beyond if one.shown]
    for change in shown:
        said = {
            "a": bold(change.method), "b": reference, "set": bold(change.what), "estimate": points(change.gap.estimate),
            "interval": interval(change.low, change.high), "p": p_value(change.p),
            "number": whole(change.comparisons),
        }  # fmt: skip
        if change.gap.estimate < 0:
            yield tr(
                "From main to {set}, {a} loses against {b}: their difference changes by {estimate} {interval} (p {p} "
                "after Holm's correction for {number} comparisons).",
                **said,
            )
        else:
            yield tr(
                "From main to {set}, {a} gains on {b}: their difference changes by {estimate} {interval} (p {p} after "
                "Holm's correction for {number} comparisons).",
                **said,
            )
    if not shown:
        yield tr("No method is shown to lose more than {b} does, or less, from main to a further set.", b=reference)


def _turned(found: Furthers) -> Iterator[str]:
    """Say of which methods the order turns, and of which that is not settled."""
    turns = list(found.turns())
    for ahead, behind, name, shown in turns:
        if shown:
            yield tr(
                "The order of {a} and {b} turns: {a} is better on main, {b} on {set}.",
                a=bold(ahead), b=bold(behind), set=bold(name),
            )  # fmt: skip
    open_ = [turn for turn in turns if not turn[3]]
    if open_:
        named = [tr("{a} and {b} on {set}", a=bold(a), b=bold(b), set=bold(name)) for a, b, name, _ in open_]
        more = len(named) - MOST_PAIRS
        rest = [trn("{number} more pair", "{number} more pairs", more, number=whole(more))] if more > 0 else []
        yield tr(
            "Whether the order of these turns is not settled: {pairs}. Their means change order, but the tests do "
            "not show both orders.",
            pairs="; ".join([*named[:MOST_PAIRS], *rest]),
        )
    elif not turns:
        yield tr("The means of no two methods change order from main to a further set.")


def further_tables(found: Furthers, *, methods: Sequence[str], metric: str) -> list[Table]:
    """Return a table for each further test set; the first carries the csv of all."""
    csv = csv_of(found.to_frame())
    tables = [(one, [name for name in methods if name in one.contenders]) for one in found.at]
    return [
        _table(one, shown, found, metric, carried={TESTS_FILE: csv} if one is found.at[0] else {})
        for one, shown in tables
    ]


def _table(one: AtTest, methods: list[str], found: Furthers, metric: str, *, carried: dict[str, object]) -> Table:
    changes = {change.method: change for change in found.drops if change.what == one.name}
    name = capital(metric_name(metric))
    return Table(
        {
            tr("main"): [scored(one.main[method]) for method in methods],
            one.name: [scored(one.scores[method]) for method in methods],
            tr("change"): [_changed(changes.get(method)) for method in methods],
            tr("p, corrected"): [p_value(changes[method].p) if method in changes else MISSING for method in methods],
        },
        labels=(tr("method"), methods),
        caption=trn(
            "{metric} on the further test set {set}, {number} text.", "{metric} on the further test set {set}, "
            "{number} texts.", one.record.facts.n, metric=name, set=one.name, number=whole(one.record.facts.n),
        ),
        note=tr(
            "Means over the seeds with a {confidence} interval of their own, over other seeds and texts. Changes have "
            "intervals that hold for all methods and sets at once, at {level}.",
            confidence=level(CONFIDENCE), level=level(1 - found.alpha),
        ),
        carried=carried,
    )  # fmt: skip


def scored(score: Score) -> str:
    """Return a mean with its interval below."""
    shown = fraction(score.mean)
    return extended(shown, f"{shown}\n{range_of((score.low, score.high), fraction)}")


def _changed(change: Change | None) -> str:
    if change is None:
        return MISSING
    shown = points(change.gap.estimate)
    return extended(shown, f"{shown}\n{interval(change.low, change.high)}")


def capital(text: str) -> str:
    """Return a text with its first letter a capital."""
    return text[:1].upper() + text[1:]


def bold(name: str) -> str:
    """Return a name as sentences show it."""
    return f"**{escape_markdown(name)}**"
