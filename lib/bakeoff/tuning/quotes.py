"""What quotes mean in a csv or tsv file: marks around a field, or characters of the texts.

Imported by `separated`. A reader takes a quote at the start of a field for an opening one, looks for
the next that closes it, however many rows on, and makes one text of what lies between without a word.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from typing import Literal

from bakeoff.errors import Unparsable

__all__ = ["quoting"]

LINE_END = re.compile(r"\r\n|\r|\n")
QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')


def quoting(name: str, content: str, separator: str) -> Literal[0, 3]:
    """Return the csv module's constant for how to read a file.

    QUOTE_NONE, quotes being characters of the texts, where a quote begins a field without quoting it and the file is
    tab-separated and fits its header line by line; QUOTE_MINIMAL where no quote does so.
    name: of the file, for errors
    Raises Unparsable for such a quote in any other file, naming its line.
    """
    lone = _lone_quote(content, separator)
    if lone is None:
        return csv.QUOTE_MINIMAL
    lines = [line for line in LINE_END.split(content) if line.strip(" ")]
    if separator == "\t" and '"' not in lines[0] and len({line.count("\t") for line in lines}) == 1:
        return csv.QUOTE_NONE
    number = 1 + sum(1 for _ in LINE_END.finditer(content, 0, lone))
    reason = "a quote begins a field and none closes it at its end, so that several rows could be taken for one"
    hint = 'a text with quotes stands in quotes, its own doubled: """Wow"" was all I said"'
    if separator == "\t":
        hint += "; else every line needs as many tabs as the header"
    raise Unparsable(f"{name}, line {number}", reason, hint=hint)


def _lone_quote(content: str, separator: str) -> int | None:
    """Return where a quote stands that begins a field without quoting it, None for none."""
    ends = f"{separator}\r\n"
    several: list[tuple[int, int]] = []
    at = content.find('"')
    while at >= 0:
        after = at + 1
        if at == 0 or content[at - 1] in ends:  # anywhere else it is a character like others
            field = QUOTED.match(content, at)
            if field is None or (field.end() < len(content) and content[field.end()] not in ends):
                return at
            after = field.end()
            if LINE_END.search(content, at, after):
                several.append((at, after))
        at = content.find('"', after)
    return _swallowing(content, several, separator) if several else None


def _swallowing(content: str, fields: list[tuple[int, int]], separator: str) -> int | None:
    """Return where the first of the fields starts whose lines look like rows, None for none.

    fields: start and end of quoted fields of several lines
    Lines look like rows where each has as many separators as the header and, in one column, a value that lines
    outside such fields have there, too: a class, say.
    """
    lines = LINE_END.split(content)
    starts = [0, *(end.end() for end in LINE_END.finditer(content))]
    width = next(line for line in lines if line.strip(" ")).count(separator)
    taken = {start: range(bisect_right(starts, start) - 1, bisect_right(starts, end - 1)) for start, end in fields}
    suspects = {
        start: [lines[number].split(separator) for number in numbers]
        for start, numbers in taken.items()
        if all(lines[number].count(separator) == width for number in numbers)
    }
    if not suspects:
        return None
    inside = {number for numbers in taken.values() for number in numbers}
    known: list[set[str]] = [set() for _ in range(width + 1)]
    for number, line in enumerate(lines):
        if number not in inside and line.count(separator) == width:
            for values, value in zip(known, line.split(separator), strict=True):
                values.add(value.strip())
    for values in known:
        values.discard("")
    alike = (
        start
        for start, rows in suspects.items()
        if any(values.issuperset(row[place].strip() for row in rows) for place, values in enumerate(known))
    )
    return next(alike, None)
