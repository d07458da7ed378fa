"""Multinomial logistic regression solved to its optimum, its penalty chosen on validation.

The objective is convex: mean log loss plus an L2 penalty, minimised by L-BFGS (scikit-learn). Text vectors are centred
and scaled by the training texts first, since a few dimensions of transformers' states are far larger than the others
(Timkey and van Schijndel, 2021), and the penalty is to weigh all alike; the result is a plain linear layer again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bakeoff.methods.frozen import Head, Views

__all__ = ["PENALTIES", "Chosen", "Regression", "best_regression", "gradient_norm", "regressions"]


PENALTIES = (*(float(f"{digit}e{power}") for power in range(-5, 2) for digit in (1, 3)), 100.0)
"""Inverse penalties that are tried, the strongest penalty first: 1e-5 to 100, two a decade."""
PATIENCE = 3
"""Penalties in a row without a better score on validation after which weaker ones are not tried."""
TOLERANCE = 1e-6
"""Largest entry of the gradient at which L-BFGS stops."""
Floats = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Regression:
    """A fitted linear classifier of text vectors. weights: (C, H) float32; bias: (C,) float32."""

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    inverse_penalty: float
    iterations: int
    converged: bool

    def logits(self, vectors: Floats) -> npt.NDArray[np.float32]:
        """Return (N, C) for vectors (N, H)."""
        return np.asarray(vectors, dtype=np.float32) @ self.weights.T + self.bias

    @property
    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """The state of a linear layer that computes the same."""
        return {"weight": self.weights, "bias": self.bias}


@dataclass(frozen=True)
class Chosen:
    """The best of several regressions on validation. edge: both ends of the penalties if its own is one of them."""

    pooling: str
    fitted: Regression
    edge: tuple[float, float] | None

    def head(self, config: Any) -> Head:
        """Return it as a head, with what was chosen of what the config leaves open."""
        settled: dict[str, Any] = {"pooling": self.pooling} if config.pooling == "auto" else {}
        if config.inverse_penalty is None:
            settled["inverse_penalty"] = self.fitted.inverse_penalty
        return Head(
            pooling=self.pooling,
            tensors=self.fitted.tensors,
            settled=settled,
            at_edge={"inverse_penalty": self.edge} if self.edge else {},
            iterations=self.fitted.iterations,
            converged=self.fitted.converged,
        )


def best_regression(
    views: Views, *, inverse_penalty: float | None, max_iterations: int, balanced: bool = False
) -> Chosen:
    """Fit every kind of vector with every penalty; return what is best on validation.

    inverse_penalty: the only one to fit, None: those of PENALTIES
    Of the penalties the log loss decides: it moves smoothly where a metric of a few hundred texts moves in steps, and
    keeps probabilities worth having. Of the kinds of vector the metric decides, and where it ties the log loss.
    """
    tried = PENALTIES if inverse_penalty is None else (inverse_penalty,)
    found: list[tuple[tuple[float, float], str, Regression]] = []
    for pooling, vectors in views.train.items():
        best, since = -np.inf, 0
        kept: tuple[tuple[float, float], str, Regression] | None = None
        for fitted in regressions(
            vectors, views.train_labels, tried, n_classes=views.n_classes, max_iterations=max_iterations,
            balanced=balanced,
        ):  # fmt: skip
            logits = fitted.logits(views.validation[pooling])
            score = -views.loss(logits)
            if kept is None or score > best:
                best, since, kept = score, 0, ((views.judge(logits), score), pooling, fitted)
            else:
                since += 1
            if since == PATIENCE:
                break
        found += [kept] if kept else []
    _, pooling, fitted = max(found, key=lambda one: one[0])
    ends = (tried[0], tried[-1])
    return Chosen(pooling, fitted, ends if len(tried) > 1 and fitted.inverse_penalty in ends else None)


def regressions(
    vectors: Floats,
    labels: Labels,
    penalties: Sequence[float],
    *,
    n_classes: int,
    max_iterations: int,
    balanced: bool = False,
) -> Iterator[Regression]:
    """Yield the regression of each inverse penalty (C of scikit-learn), each started from the one before.

    vectors: (N, H); labels: (N,); a class that no text has gets the logit of one text among N + 1
    """
    from sklearn.linear_model import LogisticRegression

    centre, scale = _standard(vectors)
    table, present = (np.asarray(vectors, dtype=np.float64) - centre) / scale, np.unique(labels)
    if len(present) == 1:
        weights, bias = _spread(np.zeros((1, len(centre))), np.zeros(1), present, n_classes, len(labels))
        yield from (Regression(weights, bias, float(one), iterations=0, converged=True) for one in penalties)
        return
    model = LogisticRegression(
        tol=TOLERANCE, max_iter=max_iterations, warm_start=True, class_weight="balanced" if balanced else None
    )
    for penalty in penalties:
        with _no_complaint():
            model.set_params(C=penalty).fit(table, labels)
        coefficients, intercepts = model.coef_, model.intercept_
        if len(present) == 2:  # noqa: PLR2004 - one row stands for two classes: as far up for one as down for the other
            coefficients = np.concatenate([-coefficients, coefficients]) / 2
            intercepts = np.concatenate([-intercepts, intercepts]) / 2
        coefficients = coefficients / scale
        weights, bias = _spread(coefficients, intercepts - coefficients @ centre, present, n_classes, len(labels))
        steps = int(model.n_iter_.max())
        yield Regression(weights, bias, float(penalty), iterations=steps, converged=steps < max_iterations)


def _standard(vectors: Floats) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return mean and standard deviation (H,) of vectors; one where all texts have the same number."""
    table = np.asarray(vectors, dtype=np.float64)
    scale = table.std(axis=0)
    return table.mean(axis=0), np.where(scale > 0, scale, 1.0)


def _spread(
    weights: Floats, bias: Floats, present: Labels, n_classes: int, texts: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Give every class a row; one without a text a fixed logit far below the others."""
    rows = np.zeros((n_classes, weights.shape[1]), dtype=np.float32)
    shifts = np.full(n_classes, float(bias.min()) - np.log(texts + 1), dtype=np.float32)
    rows[present], shifts[present] = weights, bias
    return rows, shifts


def _no_complaint() -> Any:
    """Leave out scikit-learn's warning of the limit of steps: the record says it."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    return warnings.catch_warnings(action="ignore", category=ConvergenceWarning)


def gradient_norm(weights: Floats, bias: Floats, vectors: Floats, labels: Labels) -> float:
    """Return the norm of the gradient of the mean log loss by weights (C, H) and bias (C,), without a penalty."""
    table = np.asarray(vectors, dtype=np.float64)
    logits = table @ np.asarray(weights, dtype=np.float64).T + bias
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    errors = chances / chances.sum(axis=1, keepdims=True)
    errors[np.arange(len(table)), labels] -= 1
    return float(np.sqrt(((errors.T @ table / len(table)) ** 2).sum() + (errors.mean(axis=0) ** 2).sum()))
