"""The language of `data.where`: a condition on columns with a grammar of its own, never run as Python.

A missing value equals nothing and has no order: `!=` and `not in` are true for it, every other comparison is false (as
in pandas); `isna` and `notna` ask for it.
"""

from __future__ import annotations

import ast
import operator
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bakeoff.errors import BadValue, nearest, shown

__all__ = [
    "ARITHMETIC",
    "COMPARISONS",
    "FUNCTIONS",
    "LARGEST",
    "LISTS",
    "Condition",
    "brief",
    "near_to",
    "parsed",
    "refuse",
]

LONGEST, DEEPEST, MOST_NODES = 4000, 30, 1000
LARGEST = 10**18
"""The largest number a condition may name."""
FUNCTIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {
    "abs": ("number", "number", lambda column: column.abs()),
    "contains": ("text", "truth", lambda column, part: column.str.contains(part, regex=False, na=False)),
    "endswith": ("text", "truth", lambda column, part: column.str.endswith(part, na=False)),
    "isna": ("column", "truth", lambda column: column.isna()),
    "len": ("text", "number", lambda column: column.str.len()),
    "lower": ("text", "text", lambda column: column.str.lower()),
    "notna": ("column", "truth", lambda column: column.notna()),
    "startswith": ("text", "truth", lambda column, part: column.str.startswith(part, na=False)),
    "strip": ("text", "text", lambda column: column.str.strip()),
    "upper": ("text", "text", lambda column: column.str.upper()),
}
"""Name -> what it takes, what it gives, how; those that ask a text for a truth take a text in quotes besides."""
ARITHMETIC: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARISONS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
LISTS = (ast.List, ast.Tuple, ast.Set)
JOINING = (ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.Invert, ast.USub, ast.Compare, ast.In, ast.NotIn)
GRAMMAR = {ast.Name, ast.Load, ast.Constant, ast.Call, ast.BinOp, *LISTS, *JOINING, *ARITHMETIC, *COMPARISONS}
PIECE = re.compile(r"""(`[^`]*`)|('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|([&|])|(['"`])|.""")
METHOD = re.compile(rf"(`[^`]+`|\b\w+)(?:\.str)?\.({'|'.join(FUNCTIONS)})\((\s*\))?")
OFFER = f"there are and, or, not, in, comparisons, + - * / // %, {', '.join(FUNCTIONS)}"


@dataclass(frozen=True)
class Condition:
    """An expression that keeps to the grammar. tree: its syntax; quoted: stand-in -> column that stood in backticks."""

    expression: str
    tree: ast.expr
    quoted: Mapping[str, str]


def parsed(expression: str) -> Condition:
    """Read an expression; raises BadValue for what the grammar does not have, and for one too long or too deep."""
    text = expression.strip()
    if len(text) > LONGEST:
        refuse(text, f"{len(text):,} characters, of which {LONGEST:,} are the most")
    if not text.isprintable():
        refuse(text, "it holds a line break or control character", "one line; in quotes, an escape such as '\\t'")
    code, quoted = _code(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape is the text it stands for
            tree = ast.parse(code.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        refuse(text, shown(error.msg) if isinstance(error, SyntaxError) else "it is nested too deeply", OFFER)
    level: list[ast.AST] = [tree]
    depth = nodes = 0
    while level:
        depth, nodes = depth + 1, nodes + len(level)
        if depth > DEEPEST or nodes > MOST_NODES:
            refuse(text, f"more than {DEEPEST} levels or {MOST_NODES:,} parts")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    for node in ast.walk(tree):
        _check(node, text)
    return Condition(text, tree, quoted)


def brief(text: str, *, limit: int = 60) -> str:
    """Quote an expression or a name, cut where it is long."""
    return shown(repr(text), limit=limit)


def refuse(expression: str, reason: str, hint: str | None = None) -> NoReturn:
    """Raise BadValue: one line with the beginning of the expression."""
    raise BadValue("data.where", f"{brief(expression)} cannot be evaluated: {reason}", hint=hint) from None


def _code(text: str) -> tuple[str, dict[str, str]]:
    """Return Python for what pandas reads: & is `and`, | is `or` (and as weak), any column may stand in backticks."""
    quoted: dict[str, str] = {}
    code, outside, prefix = "", "", "q"
    while prefix in text:
        prefix += "q"
    for piece in PIECE.finditer(text):
        column, literal, junction, unclosed = piece.groups()
        if unclosed:  # seen once: looking for the end from every one would take the square of the length
            refuse(text, f"{unclosed} is not closed")
        if column:
            quoted[f"{prefix}{len(quoted)}"] = column[1:-1]
            code += f" {prefix}{len(quoted) - 1} "
        else:
            code += {"&": " and ", "|": " or "}[junction] if junction else piece[0]
            outside += "" if literal else piece[0]
    if "@" in outside:
        refuse(text, "@ names nothing: there are columns only")
    if not unicodedata.is_normalized("NFKC", outside):
        refuse(text, "it has a letter that Python takes for another", "a column's name may stand in backticks")
    return code, quoted


def _check(node: ast.AST, text: str) -> None:
    """Raise BadValue for a node that the grammar does not have."""
    if isinstance(node, ast.Attribute):
        refuse(text, "nothing is read or called by a dot", _without_dots(text))
    if isinstance(node, ast.Pow):
        refuse(text, "there are no powers", "a square is x * x")
    if type(node) not in GRAMMAR:
        refuse(text, f"{type(node).__name__} is not part of a condition", OFFER)
    if isinstance(node, ast.Constant):
        _check_constant(node.value, text)
    if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
        _check_call(node, text)


def _check_constant(value: Any, text: str) -> None:
    if value is None:
        refuse(text, "None equals nothing", "isna(column) and notna(column) ask for missing values")
    if isinstance(value, int | float) and not abs(value) <= LARGEST:
        refuse(text, "a number beyond 1e18")
    if not isinstance(value, str | int | float) or (isinstance(value, str) and re.search("[\ud800-\udfff]", value)):
        refuse(text, "a constant that is no number and no text")


def _check_call(node: ast.Call, text: str) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        refuse(text, f"unknown function {brief(name, limit=30)}", near_to(name, FUNCTIONS, "functions"))
    takes, gives, _ = FUNCTIONS[name]
    parts = ", 'part'" if (takes, gives) == ("text", "truth") else ""
    texts = all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in node.args[1:])
    plain = takes != "column" or all(isinstance(one, ast.Name) for one in node.args)
    if node.keywords or len(node.args) != 1 + bool(parts) or not texts or not plain:
        refuse(text, f"{name} takes other arguments", f"{name}(column{parts})")


def _without_dots(text: str) -> str:
    """Return a hint with the methods of pandas as functions, where that alone makes a condition of the expression."""
    plain = METHOD.sub(lambda m: f"{m[2]}({m[1]}{')' if m[3] else ', '}", text)
    try:
        parsed(plain if plain != text else "")
    except BadValue:
        return f"functions: {', '.join(FUNCTIONS)}, as in len(text) > 20"
    return f"write {shown(plain, limit=80)}"


def near_to(name: str, known: Iterable[Any], kind: str) -> str:
    """Return a hint: the known name nearest to one that is not, and the first of all there are."""
    known = [str(one) for one in known]
    near = nearest(name, known)
    advice = f"did you mean {brief(near, limit=30)}? " if near else ""
    return f"{advice}{kind}: {shown(', '.join(known), limit=80)}"
