"""LoRA: low-rank updates beside frozen weight matrices (Hu et al., 2022)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.method import TrainingConfig
from bakeoff.tuning.methods import NeuralMethod

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.tuning.models import Base

__all__ = ["Lora", "LoraConfig"]

# Query and value projections, as in section 4.2 of the paper; state-space models have one input projection instead.
TARGETS: tuple[tuple[str, ...], ...] = (
    ("query", "value"),
    ("q_lin", "v_lin"),
    ("q_proj", "v_proj"),
    ("query_proj", "value_proj"),
    ("q", "v"),
    ("Wqkv",),
    ("query_key_value",),
    ("c_attn",),
    ("in_proj",),
)


class LoraConfig(TrainingConfig):
    """Hyperparameters of LoRA; updates are scaled by alpha / rank."""

    learning_rate: float = Field(1e-3, gt=0, description="peak learning rate of AdamW")
    rank: int = Field(8, ge=1, description="rank of the updates")
    alpha: int = Field(32, ge=1, description="numerator of the updates' scale")
    dropout: float = Field(0.05, ge=0, lt=1, description="share of an update's inputs hidden in training")
    target_modules: tuple[str, ...] | None = Field(
        None, min_length=1, description="names of the layers to update; left out: query and value projections"
    )

    @field_validator("target_modules", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return tuple(value.split(",")) if isinstance(value, str) else value


class Lora(NeuralMethod):
    """Trains two thin matrices beside each target layer, and the head."""

    kind: ClassVar[str] = "lora"
    summary: ClassVar[str] = "LoRA: low-rank updates of the query and value projections and a new head are trained."
    libraries: ClassVar[tuple[str, ...]] = ("peft",)
    Config: ClassVar[type[LoraConfig]] = LoraConfig

    @override
    def check(self, base: Base, config: LoraConfig) -> None:
        """Refuse layers that the architecture does not have."""
        targets(base, config)

    @override
    def build(self, base: Base, config: LoraConfig) -> nn.Module:
        """Return a peft model over the base."""
        from peft import LoraConfig as Settings

        from bakeoff.tuning.adapters import wrap

        return wrap(
            base,
            Settings(
                task_type="SEQ_CLS",
                r=config.rank,
                lora_alpha=config.alpha,
                lora_dropout=config.dropout,
                bias="none",
                target_modules=list(targets(base, config)),
            ),
        )

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the adapter and the head."""
        from bakeoff.tuning.adapters import save_adapter

        save_adapter(model, folder)

    @override
    def load(self, folder: Path, base: Base, config: LoraConfig) -> nn.Module:
        """Put the saved adapter on the base."""
        from bakeoff.tuning.adapters import load_adapter

        return load_adapter(base, folder)


def targets(base: Base, config: LoraConfig) -> tuple[str, ...]:
    """Return the layers to update; raises BadValue where the architecture has none of that name."""
    from bakeoff.tuning.adapters import layer_names

    names = layer_names(base.encoder)
    if config.target_modules is None:
        found = next((kind for kind in TARGETS if set(kind) <= names), None)
        if found is None:
            raise BadValue(
                "target_modules",
                f"{base.architecture} has no query and value projections known to bakeoff",
                hint=f"name layers yourself: {', '.join(sorted(names))}",
            )
        return found
    for name in config.target_modules:
        if name not in names:
            raise BadValue(
                "target_modules",
                f"{base.architecture} has no layer {name!r}",
                hint=f"it has {', '.join(sorted(names))}",
            )
    return config.target_modules
