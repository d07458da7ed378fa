"""Evaluates the condition of `data.where` on the columns of a table, vector by vector."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from bakeoff.data.where import (
    ARITHMETIC,
    COMPARISONS,
    FUNCTIONS,
    LARGEST,
    LISTS,
    Condition,
    brief,
    near_to,
    parsed,
    refuse,
)
from bakeoff.errors import BadValue

__all__ = ["holds"]

TEXT = pd.StringDtype("python", na_value=np.nan)
LARGEST_INT64 = 2.0**63
LARGE = "number too large"
"""Kind of a column whose numbers no array holds to the last digit: Python's own are compared, and nothing else."""
EXACT = 2**53
"""From here on a float does not hold every whole number, and a column with a gap holds floats."""


@dataclass(frozen=True)
class Value:
    """What a part of a condition comes to: a column, or the constant of a literal.

    kind: number, text, truth (NaN where missing), mixed (numbers and texts), empty (all missing), or a type's name
    """

    kind: str
    data: Any
    constant: bool = False


def holds(table: pd.DataFrame, expression: str) -> pd.Series:
    """Return for each row whether the condition is true for it; `index` is its number, from 0. Raises BadValue."""
    condition = parsed(expression)
    found = _Evaluation(condition, table.reset_index(drop=True)).of(condition.tree)
    if found.kind != "truth" or found.constant:
        reason = f"{brief(expression)} is not a condition that is true or false for each row"
        raise BadValue("data.where", reason, hint="compare a column, for example `score > 0`")
    return found.data.eq(1).set_axis(table.index)  # type: ignore[no-any-return]


def _column(column: pd.Series) -> Value:
    """Return what a column holds; whole numbers get 64 bits, texts Python's own rules of case."""
    if column.isna().all():
        return Value("empty", pd.Series(np.nan, index=column.index))
    kind = pd.api.types.infer_dtype(column, skipna=True)
    missing = bool(column.isna().any())
    if kind == "boolean":
        return Value("truth", column.map({True: 1.0, False: 0.0}) if missing else column.astype(bool))
    if kind == "string":
        return Value("text", column.astype(TEXT))
    if kind in ("integer", "floating", "mixed-integer-float"):
        try:
            if missing and kind == "integer" and any(abs(value) >= EXACT for value in column.dropna()):
                raise OverflowError
            whole = kind == "integer" and not missing
            if whole and int(column.max()) >= LARGEST_INT64:
                raise OverflowError
            plain = isinstance(column.dtype, np.dtype) and column.dtype.kind == "f"
            return Value("number", column if plain else column.astype(np.int64 if whole else np.float64))
        except (OverflowError, TypeError, ValueError):
            return Value(LARGE, column.astype(object).where(column.notna(), np.nan))
    return Value("mixed" if kind in ("mixed-integer", "mixed") else kind, column)


def _equal(value: Any, constant: Any) -> bool:
    return (
        isinstance(value, str | int | float)
        and isinstance(value, bool) == isinstance(constant, bool)
        and (value == constant)
    )


def _among(column: Value, constants: list[Any]) -> pd.Series:
    if column.kind == "mixed":
        return column.data.map(lambda value: any(_equal(value, one) for one in constants)).astype(bool)  # type: ignore[no-any-return]
    return column.data.isin(constants)  # type: ignore[no-any-return]


def _alike(left: Value, right: Value) -> bool:
    kinds = {left.kind, right.kind}
    return "empty" in kinds or kinds <= {"number", "truth", LARGE} or kinds == {"text"}


class _Evaluation:
    """Evaluates a condition on the columns of a table; each kind of node has its method in `PARTS`."""

    def __init__(self, condition: Condition, table: pd.DataFrame) -> None:
        self.condition, self.table = condition, table

    def refuse(self, reason: str, hint: str | None = None) -> NoReturn:
        refuse(self.condition.expression, reason, hint)

    def of(self, node: ast.AST) -> Value:
        method = PARTS.get(type(node))
        return method(self, node) if method else self.refuse("a list stands on the right of `in` only")

    def name(self, node: ast.Name) -> Value:
        name = self.condition.quoted.get(node.id, node.id)
        places = [place for place, column in enumerate(self.table.columns) if str(column) == name]
        if not places and name != "index":
            self.refuse(f"unknown column {brief(name, limit=30)}", near_to(name, self.table.columns, "columns"))
        return _column(self.table.iloc[:, places[0]] if places else self.table.index.to_series())

    def constant(self, node: ast.Constant) -> Value:
        kind = "text" if isinstance(node.value, str) else "truth" if isinstance(node.value, bool) else "number"
        return Value(kind, node.value, constant=True)

    def truth(self, node: ast.AST) -> pd.Series:
        found = self.of(node)
        if found.kind != "truth" or found.constant:
            self.refuse(f"and, or, not join conditions, not a {found.kind}", "put brackets around each comparison")
        return found.data == 1  # type: ignore[no-any-return]

    def number(self, node: ast.AST, what: str) -> Value:
        found = self.of(node)
        if found.kind not in ("number", "empty"):
            self.refuse(f"{what} takes numbers, not a {found.kind}")
        return found

    def junction(self, node: ast.BoolOp) -> Value:
        truths = [self.truth(one) for one in node.values]  # noqa: PD011 - of a node, not of pandas
        return Value("truth", reduce(operator.and_ if isinstance(node.op, ast.And) else operator.or_, truths))

    def unary(self, node: ast.UnaryOp) -> Value:
        if not isinstance(node.op, ast.USub):
            return Value("truth", ~self.truth(node.operand))
        found = self.number(node.operand, "minus")
        return Value(found.kind, -found.data, found.constant)

    def arithmetic(self, node: ast.BinOp) -> Value:
        left, right = (self.number(side, "arithmetic") for side in (node.left, node.right))
        operate = ARITHMETIC[type(node.op)]
        constant = left.constant and right.constant
        try:
            found = operate(left.data, right.data)
        except ZeroDivisionError:
            self.refuse("a constant is divided by 0")
        if constant and not abs(found) <= LARGEST:
            self.refuse("a number beyond 1e18")
        if not constant and pd.api.types.is_integer_dtype(found):
            rough = operate(*(side.data * 1.0 for side in (left, right)))
            if rough.abs().max() >= LARGEST_INT64:
                self.refuse("a number beyond 64 bits")
        return Value("empty" if "empty" in (left.kind, right.kind) else "number", found, constant)

    def compare(self, node: ast.Compare) -> Value:
        """Evaluate a comparison, or a chain of them, which holds where each holds."""
        sides = [side if isinstance(side, LISTS) else self.of(side) for side in (node.left, *node.comparators)]
        return Value("truth", reduce(operator.and_, map(self.link, sides, node.ops, sides[1:])))

    def link(self, left: Value | ast.expr, operation: ast.cmpop, right: Value | ast.expr) -> pd.Series:
        if isinstance(operation, ast.In | ast.NotIn):
            if not isinstance(left, Value) or left.constant or not isinstance(right, LISTS):
                self.refuse("`in` asks for a column and a list", "column in ['a', 'b'], or contains(column, 'a')")
            among = self.among(left, right.elts)
            return ~among if isinstance(operation, ast.NotIn) else among
        if not isinstance(left, Value) or not isinstance(right, Value):
            self.refuse("a list is compared", "column in ['a', 'b']")
        return self.pair(operation, left, right)

    def pair(self, operation: ast.cmpop, left: Value, right: Value) -> pd.Series:
        if left.constant and right.constant:
            self.refuse("two constants are compared", "compare a column")
        if "mixed" in (left.kind, right.kind) and isinstance(operation, ast.Eq | ast.NotEq):
            column, constant = (right, left) if left.constant else (left, right)
            if constant.constant:
                equal = _among(column, [constant.data])
                return equal if isinstance(operation, ast.Eq) else ~equal
        if not _alike(left, right):
            self.refuse(f"{left.kind} is compared with {right.kind}", "number with number, text with text in quotes")
        if "empty" in (left.kind, right.kind):
            index = (right if left.constant else left).data.index
            return pd.Series(isinstance(operation, ast.NotEq), index=index)
        return COMPARISONS[type(operation)](left.data, right.data).astype(bool)  # type: ignore[no-any-return]

    def among(self, column: Value, elements: list[ast.expr]) -> pd.Series:
        constants = [self.of(one) for one in elements]
        for one in constants:
            if not one.constant:
                self.refuse("a list holds numbers and texts in quotes only")
            if column.kind != "mixed" and not _alike(column, one):
                self.refuse(
                    f"{column.kind} is compared with {one.kind}", "number with number, text with text in quotes"
                )
        return _among(column, [one.data for one in constants])

    def call(self, node: ast.Call) -> Value:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        takes, gives, apply = FUNCTIONS[name]
        given, *others = (self.of(one) for one in node.args)
        if given.constant or (takes != "column" and given.kind not in (takes, "empty")):
            what = "constant" if given.constant else given.kind
            self.refuse(f"{name} takes a column of {takes}s, not a {what}")
        if given.kind == "empty" and takes == "text":
            given = Value("text", given.data.astype(TEXT))
        return Value(gives, apply(given.data, *(one.data for one in others)))


PARTS: Mapping[type[ast.AST], Callable[[_Evaluation, Any], Value]] = {
    ast.BinOp: _Evaluation.arithmetic,
    ast.BoolOp: _Evaluation.junction,
    ast.Call: _Evaluation.call,
    ast.Compare: _Evaluation.compare,
    ast.Constant: _Evaluation.constant,
    ast.Name: _Evaluation.name,
    ast.UnaryOp: _Evaluation.unary,
}
