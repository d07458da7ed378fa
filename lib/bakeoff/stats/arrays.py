"""A comparison of plain arrays: nothing on disk, no experiment."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bakeoff.errors import BadValue, UnknownName, shown
from bakeoff.metrics.classification import LARGEST_LOGIT, comparable
from bakeoff.metrics.metric import Metric
from bakeoff.metrics.ordinal import ORDINAL
from bakeoff.stats.compare import Comparison
from bakeoff.stats.compare import compare as compare_contenders
from bakeoff.stats.inputs import Contender

__all__ = ["compare"]

Given = npt.NDArray[Any]
MOST_CLASSES = 10_000
LEAST_ALPHA = 1e-12


def compare(
    predictions: Mapping[str, npt.ArrayLike],
    *,
    gold: npt.ArrayLike,
    reference: str | None = None,
    metric: str = "accuracy",
    alpha: float = 0.05,
    margin: float = 0.01,
    groups: npt.ArrayLike | None = None,
    deterministic: str | Collection[str] = (),
) -> Comparison:
    """Compare methods by their predictions on the same test items; return a verdict on every pair.

    predictions: method -> predicted classes (S, N), a row per seed, row s of every method under the same seed; classes
    are whole numbers, which metrics of an order and of one's own get as they are (less the lowest, if that is below 0),
    or texts, which the latter get as places in the alphabet's order. Or, of every method, logits or log-probabilities
    (S, N, C), which AUROC and log loss need; the classes are then the columns, from 0. gold: (N,) true classes
    groups: (N,) items of one value were drawn together (all reviews of a film)
    reference: method that the others are held against as a family of its own; alpha: family-wise error rate
    metric: of bakeoff, of an installed package, or `my_module:my_metric` of the workspace
    margin: a difference within +-margin does not matter, in units of the metric
    deterministic: methods that another seed would not change; they have one row
    Raises BadValue for arrays of the wrong shape or kind, UnknownName for a reference or metric nobody knows.

    >>> import bakeoff, numpy as np
    >>> rng = np.random.default_rng(0); gold = rng.integers(0, 2, 1000)
    >>> full = np.where(rng.random((5, 1000)) < 0.90, gold, 1 - gold)
    >>> lora = np.where(rng.random((5, 1000)) < 0.80, gold, 1 - gold)
    >>> result = bakeoff.compare({"full": full, "lora": lora}, gold=gold, reference="full")
    >>> result["lora", "full"].verdict
    <Verdict.BETTER: 'better'>
    >>> result.to_frame()[["first", "second", "verdict"]]
      first second verdict
    0  full   lora  better
    """
    row = comparable(metric, what="metric", where=None)
    truth = _array("gold", gold, shapes=("(N,)",))
    found, deterministic = _arrays(predictions), _named(deterministic)
    _check(found, truth, deterministic)
    if reference is not None and reference not in found:
        raise UnknownName("reference", reference, found, kind="method")
    _check_between("alpha", alpha, 0.5, least=LEAST_ALPHA)
    _check_between("margin", margin, 1.0 if row.unit == "pp" else math.inf)
    _check_metric(row, truth, found)
    drawn = None if groups is None else _groups(groups, len(truth))
    contenders = [
        replace(one, groups=drawn, deterministic=one.name in deterministic) for one in _contenders(truth, found)
    ]
    return compare_contenders(contenders, metric=metric, reference=reference, alpha=alpha, margin=margin)


def _contenders(truth: Given, found: Mapping[str, Given]) -> list[Contender]:
    """Return a contender per method; its class numbers are the columns of logits, where there are any."""
    logits = {name: given for name, given in found.items() if given.ndim == 3}  # noqa: PLR2004 - (S, N, C)
    codes, classes = (truth, found) if logits else _numbered(truth, found)
    return [
        Contender(
            name=name, seeds=tuple(range(len(given))), item_ids=np.arange(len(truth)), gold=codes,
            predicted=given.argmax(axis=2) if name in logits else given, logits=logits.get(name),
        )
        for name, given in classes.items()
    ]  # fmt: skip


def _arrays(predictions: Mapping[str, npt.ArrayLike]) -> dict[str, Given]:
    if not isinstance(predictions, Mapping):
        raise BadValue("predictions", f"{shown(predictions)} is no mapping of methods to arrays")
    return {name: _array(name, given, shapes=("(S, N)", "(S, N, C)")) for name, given in predictions.items()}


def _named(methods: str | Collection[str]) -> Collection[str]:
    if not isinstance(methods, Collection):
        raise BadValue("deterministic", f"{shown(methods)} names no methods", hint="give a list of names")
    return {methods} if isinstance(methods, str) else methods


def _array(name: str, given: npt.ArrayLike, *, shapes: tuple[str, ...]) -> Given:
    """Return an array of one of the shapes: of finite numbers in three dimensions, else of whole numbers or texts."""
    try:
        found = np.asarray(given)
    except ValueError:
        raise BadValue(name, f"rows of different lengths, not an array {shapes[0]}") from None
    except (TypeError, RuntimeError) as error:  # of a tensor of which numpy knows no such thing
        way = "for a tensor, tensor.detach().float().cpu().numpy()"
        raise BadValue(name, f"no array can be made of it: {shown(error)}", hint=way) from None
    if np.ma.is_masked(given):
        raise BadValue(name, "values that a mask hides", hint="whole numbers or texts, none missing")
    if found.ndim not in [len(shape.strip("(,)").split(",")) for shape in shapes]:
        hint = "one seed is one row: predictions[None, :]" if shapes[0] == "(S, N)" and found.ndim == 1 else None
        raise BadValue(name, f"an array of shape {found.shape}, not {' or '.join(shapes)}", hint=hint)
    if found.ndim == 3:  # noqa: PLR2004 - (S, N, C)
        if found.dtype.kind not in "iuf" or not np.isfinite(found).all():
            raise BadValue(name, "logits that are not all finite numbers")
        if np.abs(found, dtype=np.float64).max(initial=0.0) > LARGEST_LOGIT:
            raise BadValue(name, f"logits beyond {LARGEST_LOGIT:g}, whose log loss no test can reckon with")
        return found
    kind = pd.api.types.infer_dtype(found.ravel(), skipna=False)
    if kind in ("integer", "boolean"):
        with suppress(OverflowError):
            return found.astype(np.int64)
    elif kind == "string":
        return found.astype(str)
    kind = kind if found.dtype == object else str(found.dtype)
    raise BadValue(name, f"{kind} values, not classes", hint="whole numbers or texts, none missing")


def _check(found: Mapping[str, Given], truth: Given, deterministic: Collection[str]) -> None:
    if len(found) < 2:  # noqa: PLR2004 - a comparison is of two
        raise BadValue("predictions", f"{len(found)} of the two or more methods that a comparison needs")
    if len(truth) < 2:  # noqa: PLR2004 - one item has no noise
        raise BadValue("gold", f"{len(truth)} of the two or more items that a comparison needs")
    for name, given in found.items():
        if given.shape[1] != len(truth):
            raise BadValue(name, f"predictions for {given.shape[1]} items, gold has {len(truth)}")
        if not len(given):
            raise BadValue(name, "no seed, so no predictions")
        if _kind(given) != _kind(truth):
            raise BadValue(name, f"{_kind(given)}, but gold has {_kind(truth)}")
        if given.ndim == 3 and not (truth.min() >= 0 and truth.max() < given.shape[2]):  # noqa: PLR2004 - (S, N, C)
            raise BadValue("gold", f"classes outside the {given.shape[2]} columns of the logits of {name}")
    _check_columns(found)
    for name in deterministic:
        if name not in found:
            raise UnknownName("deterministic", name, found, kind="method")


def _check_columns(found: Mapping[str, Given]) -> None:
    columns = {given.shape[2] for given in found.values() if given.ndim == 3}  # noqa: PLR2004 - (S, N, C)
    if len(columns) > 1:
        raise BadValue("predictions", f"logits of {' and of '.join(map(str, sorted(columns)))} classes")


def _check_metric(metric: Metric, truth: Given, found: Mapping[str, Given]) -> None:
    if metric.name in ORDINAL and _kind(truth) == "texts":
        raise BadValue("gold", f"texts, but {metric.name} is about classes in an order", hint="give whole numbers")
    for name, given in found.items() if metric.needs_logits else ():
        if given.ndim != 3:  # noqa: PLR2004 - (S, N, C)
            raise BadValue(name, f"classes only; {metric.name} needs logits", hint="an array (S, N, C)")
        if math.isnan(metric(truth, given[0])):
            raise BadValue("gold", f"{metric.name} is not defined for these classes")


def _kind(given: Given) -> str:
    return "whole numbers" if given.dtype.kind in "iubf" else "texts"


def _check_between(name: str, value: float, most: float, *, least: float = 0.0) -> None:
    if not (isinstance(value, Real) and least < value < most):
        told = f"between {least:g} and {most}" if most < math.inf else "above 0"
        raise BadValue(name, f"{value!r} is no number {told}")


def _numbered(truth: Given, found: Mapping[str, Given]) -> tuple[Given, dict[str, Given]]:
    """Return gold and each method's predictions as class numbers, none below 0, in one order and as far apart."""
    parts = [truth, *found.values()]
    every = np.concatenate([part.ravel() for part in parts])
    lowest = min(int(every.min()), 0) if _kind(truth) == "whole numbers" else None
    if lowest is not None and int(every.max()) - lowest < MOST_CLASSES:
        codes = every - lowest
    else:
        codes = pd.factorize(every, sort=True)[0]
    gold, *rows = np.split(codes, np.cumsum([part.size for part in parts])[:-1])
    return gold, {name: row.reshape(given.shape) for (name, given), row in zip(found.items(), rows, strict=True)}


def _groups(given: npt.ArrayLike, items: int) -> Given:
    found = np.asarray(given)
    if found.shape != (items,):
        raise BadValue("groups", f"an array of shape {found.shape}, not ({items},)")
    if pd.isna(found).any():
        raise BadValue("groups", "missing values", hint="an item that belongs to no other is a group of its own")
    if len(pd.unique(found)) == 1:
        raise BadValue("groups", "all items are of one group, which tells nothing of others")
    return found
