"""Linear probing: a linear classifier on frozen text vectors (Alain and Bengio, 2017), solved exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import Field, model_validator
from typing_extensions import override

from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.frozen import Head, LinearHeadMethod, Views

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.models.base import Base

__all__ = ["LinearProbe"]


LOOP: dict[str, Any] = {
    "epochs": 5,
    "batch_size": 32,
    "gradient_accumulation": 1,
    "learning_rate": 1e-3,
    "weight_decay": 0.0,
    "warmup_share": 0.0,
    "schedule": "linear",
    "max_grad_norm": 1.0,
    "processes": 1,
    "head_dropout": 0.1,
}
"""What solver adamw alone reads, with its values where they are left out; a head bears, and wants, a high rate."""
SMALL = 0.1
"""Norm of the training loss's gradient, over that at the weights zero, from which AdamW counts as not converged."""


class LinearProbe(LinearHeadMethod):
    """Fits one linear layer on the frozen encoder, whose own dropout is off."""

    kind = "linear_probe"
    summary = "Linear probe: the base model is frozen, a linear layer on its text vectors is trained."
    libraries = ("scipy",)

    class Config(TrainingConfig):
        """Hyperparameters of a linear probe; those of the fit loop are unset where the loop is not used."""

        solver: Literal["lbfgs", "adamw"] = Field(
            "lbfgs",
            description="lbfgs: logistic regression solved to its optimum, what is left open chosen on validation; "
            "adamw: the fit loop, for a number of epochs",
        )
        inverse_penalty: float | None = Field(
            None,
            gt=0,
            description="lbfgs: larger lets weights grow further (C of scikit-learn, on text vectors scaled to "
            "standard deviation one); left out: chosen on validation from 1e-5 to 100",
            examples=[0.01],
        )
        max_iterations: int = Field(2000, ge=1, description="lbfgs: steps of the optimizer at most")
        epochs: int | None = Field(
            None, ge=1, description="adamw: passes over the training texts; left out: 5", examples=[5]
        )  # type: ignore[assignment]
        batch_size: int | None = Field(
            None, ge=1, description="adamw: texts per forward pass; left out: 32", examples=[32]
        )  # type: ignore[assignment]
        gradient_accumulation: int | None = Field(  # type: ignore[assignment]
            None, ge=1, description="adamw: forward passes per optimizer step; left out: 1", examples=[1]
        )
        learning_rate: float | None = Field(
            None, gt=0, description="adamw: peak learning rate; left out: 0.001", examples=[0.001]
        )  # type: ignore[assignment]
        weight_decay: float | None = Field(
            None, ge=0, description="adamw: decoupled weight decay; left out: 0", examples=[0.01]
        )  # type: ignore[assignment]
        warmup_share: float | None = Field(  # type: ignore[assignment]
            None,
            ge=0,
            lt=1,
            description="adamw: share of the steps with rising learning rate; left out: 0",
            examples=[0.1],
        )
        schedule: Literal["linear", "cosine", "constant"] | None = Field(  # type: ignore[assignment]
            None, description="adamw: learning rate after warm-up; left out: linear", examples=["linear"]
        )
        max_grad_norm: float | None = Field(  # type: ignore[assignment]
            None, gt=0, description="adamw: gradients are clipped to this norm; left out: 1", examples=[1.0]
        )
        processes: int | None = Field(  # type: ignore[assignment]
            None, ge=1, le=128, description="adamw: processes that train together; left out: 1", examples=[2]
        )
        head_dropout: float | None = Field(
            None,
            ge=0,
            lt=1,
            description="adamw: share of the text vector's numbers hidden in training; left out: 0.1",
            examples=[0.1],
        )

        @classmethod
        @override
        def search_space(cls) -> dict[str, tuple[float, float]]:
            """Return nothing: lbfgs searches its penalty itself."""
            return {}

        @model_validator(mode="before")
        @classmethod
        def _of_its_solver(cls, given: Any) -> Any:
            """Fill in what the fit loop reads where it is used, and leave it unset where it is not."""
            if not isinstance(given, dict):
                return given
            own = {name: value for name, value in given.items() if name not in LOOP}
            if given.get("solver") != "adamw":
                if given.get("head_dropout") is not None:
                    raise ValueError("head_dropout is read with `solver: adamw` alone")
                return {**own, **dict.fromkeys(LOOP)}
            return {**own, **{n: usual if given.get(n) is None else given[n] for n, usual in LOOP.items()}}

    @classmethod
    @override
    def solves(cls, config: Config) -> bool:
        """Return whether L-BFGS finds the head."""
        return config.solver == "lbfgs"

    @classmethod
    @override
    def varies(cls, config: Config) -> bool:
        """Return whether a seed has a part in it: L-BFGS draws no random numbers, and the encoder is as it is."""
        return not cls.solves(config)

    @override
    def learn(self, views: Views, config: Config, *, seed: int) -> Head:
        """Solve the regression for every kind of vector and every penalty, and take the best on validation."""
        from bakeoff.methods.regression import best_regression

        return best_regression(
            views,
            inverse_penalty=config.inverse_penalty,
            max_iterations=config.max_iterations,
            balanced=config.class_weights == "balanced",
        ).head(config)

    @override
    def poolings(self, base: Base, config: Config) -> tuple[str, ...]:
        """Return the kinds of text vector to choose from; the fit loop, which cannot choose, reads the usual one."""
        found = super().poolings(base, config)
        return found if self.solves(config) else found[:1]

    @override
    def build(self, base: Base, config: Config) -> nn.Module:
        """Put a fresh linear layer, drawn from the run's seed, on the frozen encoder."""
        import torch

        from bakeoff.models.pooling import draw_head

        model: Any = super().build(base, config)
        model.dropout.p = config.head_dropout or 0.0
        draw_head(model.classifier, base.encoder, torch.Generator().manual_seed(base.seed))
        return cast("nn.Module", model)

    @override
    def converged(self, model: Any, vectors: Any, labels: Any) -> bool:
        """Return whether the gradient of the mean log loss is small against that at weights of zero."""
        from bakeoff.methods.regression import gradient_norm

        state = model.classifier.state_dict()
        weights, bias = (state[name].detach().cpu().numpy() for name in ("weight", "bias"))
        start = gradient_norm(0 * weights, 0 * bias, vectors, labels)
        return gradient_norm(weights, bias, vectors, labels) <= SMALL * start
