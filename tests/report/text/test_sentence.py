"""Sentences: each key that the code spells is one of the catalogue, and each slot has a writer."""

import ast
import re
from pathlib import Path

import pytest

from bakeoff import report
from bakeoff.report.text import forms
from bakeoff.report.text.english import TEMPLATES
from bakeoff.report.text.sentence import sentence
from bakeoff.report.text.slots import Range, Slot, Where

SPEAKERS = {"sentence": "", "_differs": "", "pair_said": r"\..+"}
"""Functions whose first argument is a key, and what they add to it."""


def spelled(node: ast.expr) -> list[str]:
    """Return a pattern for each key that an expression can be, with anything in the gaps of an f-string."""
    if isinstance(node, ast.IfExp):
        return [*spelled(node.body), *spelled(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".*" for part in node.values)]
    return [re.escape(node.value)] if isinstance(node, ast.Constant) else []


def patterns() -> list[str]:
    found = []
    for path in Path(report.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKERS:
                found += [key + SPEAKERS[node.func.id] for key in spelled(node.args[0])]
    return found


def test_each_key_in_the_code_is_one_of_the_catalogue():
    found = patterns()
    assert len(found) > 60
    assert not [pattern for pattern in found if not any(re.fullmatch(pattern, key) for key in TEMPLATES)]


def test_a_sentence_that_nobody_has_written():
    with pytest.raises(KeyError, match=r"standing\.nowhere"):
        sentence("standing.nowhere")


def test_each_slot_has_a_writer():
    assert {*Slot.__subclasses__()} == {*forms._FORMS, Range, Where}
