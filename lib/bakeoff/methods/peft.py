"""Methods that peft knows: adapters of named layers, and tokens in front of a text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field, field_validator
from typing_extensions import override

from bakeoff.errors import BadValue
from bakeoff.methods.base import NeuralMethod
from bakeoff.methods.config import TrainingConfig

if TYPE_CHECKING:
    from torch import nn

    from bakeoff.models.base import Base

__all__ = ["Fitted", "LayerConfig", "LayerMethod", "PeftMethod", "VirtualTokensMethod"]


class PeftMethod(NeuralMethod):
    """Wraps the base as peft does; keeps the adapter and the head in peft's own format."""

    libraries = ("peft",)
    peft_config: ClassVar[str]
    """Name of peft's class of settings."""
    peft_names: ClassVar[Mapping[str, str]] = {}
    """Hyperparameter -> the setting of peft that it is."""
    peft_settings: ClassVar[Mapping[str, Any]] = {}
    """Settings of peft that no hyperparameter changes."""
    peft_seed: ClassVar[str | None] = None
    """Setting of peft that takes the run's seed, where random numbers are drawn and not kept."""

    @abstractmethod
    def placed(self, base: Base, config: Any) -> dict[str, Any]:
        """Return the settings of peft that depend on the base."""

    def settings(self, base: Base, config: Any) -> Any:
        """Return peft's configuration; the head is added to it."""
        import peft

        values = {**dict(config), **self.settled(base, config)}
        named = {theirs: values[ours] for ours, theirs in self.peft_names.items()}
        seed = {self.peft_seed: base.seed} if self.peft_seed else {}
        make = getattr(peft, self.peft_config)
        return make(**self.peft_settings, **named, **seed, **self.placed(base, config))

    @override
    def build(self, base: Base, config: Any) -> nn.Module:
        """Return a peft model over the base."""
        from bakeoff.methods.adapters import wrap

        return wrap(base, lambda: self.settings(base, config), kind=self.kind)

    @override
    def save(self, model: Any, folder: Path) -> None:
        """Write the adapter and the head."""
        from bakeoff.methods.adapters import save_adapter

        save_adapter(model, folder)

    @override
    def load(self, folder: Path, base: Base, config: Any) -> nn.Module:
        """Put the saved adapter on the base."""
        from bakeoff.methods.adapters import load_adapter

        return load_adapter(base, folder)


class VirtualTokensMethod(PeftMethod):
    """Puts as many learnt tokens in front of every text as `virtual_tokens` says."""

    @override
    def check(self, base: Base, config: Any) -> None:
        """Refuse architectures that take no word vectors in place of token ids."""
        if "inputs_embeds" not in base.inputs:
            raise BadValue("method", f"{base.architecture} takes no word vectors", alternatives=("lora",))

    @override
    def placed(self, base: Base, config: Any) -> dict[str, Any]:
        """Return the width of word vectors, which may be less than that of the encoder's states.

        peft asks for layers and heads, too, which only prefixes have to fit.
        """
        width = int(base.encoder.get_input_embeddings().embedding_dim)
        return {"token_dim": width, "num_layers": 1, "num_attention_heads": 1}

    @override
    def extra_positions(self, config: Any) -> int:
        """Return the virtual tokens: position tables count them."""
        return int(config.virtual_tokens)


class LayerConfig(TrainingConfig):
    """What methods that change named layers share; adapters drawn at random bear a high learning rate."""

    most: ClassVar[int] = 10_000
    learning_rate: float = Field(1e-3, gt=0, description="peak learning rate of AdamW")
    target_modules: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="names of the layers to change; left out: those usual for the architecture",
        examples=[["query", "value"]],
    )

    @field_validator("target_modules", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return tuple(value.split(",")) if isinstance(value, str) else value


class Fitted(NamedTuple):
    """A hyperparameter that divides the sides of all target layers, or counts weights that each of them has.

    usual: the most it is where it is left out; least, step: of its values
    """

    name: str
    of: Literal["inputs", "outputs", "sides", "weights"]
    usual: int
    least: int = 1
    step: int = 1


class LayerMethod(PeftMethod):
    """Puts something on the linear layers that `target_modules` names, by default query and value projections."""

    fitted: ClassVar[Fitted | None] = None
    """A hyperparameter that has to fit the layers."""
    conv1d: ClassVar[bool] = True
    """It also works on GPT-2's layers, which peft calls Conv1D."""

    def targets(self, base: Base, config: Any) -> tuple[str, ...]:
        """Return the names of the layers to change; raises BadValue where the architecture has none of that name."""
        from bakeoff.models.layers import chosen

        return chosen(base, config.target_modules)

    def sizes(self, base: Base, config: Any) -> dict[str, int]:
        """Return what has to fit the layers, as it is used; raises BadValue where it does not."""
        from bakeoff.models.layers import fitting, numbers_for, shapes

        if self.fitted is None:
            return {}
        name, of, usual, least, step = self.fitted
        among = numbers_for(shapes(base, self.targets(base, config)), of)
        if (least, step) != (1, 1):
            among = [number for number in among if number >= least and number % step == 0]
        return fitting(name, getattr(config, name), among, usual=usual)

    @override
    def check(self, base: Base, config: Any) -> None:
        """Refuse layers that the architecture does not have, or that the method cannot change."""
        from bakeoff.models.layers import check_layers

        check_layers(base, self.targets(base, config), kind=self.kind, conv1d=self.conv1d)
        self.sizes(base, config)

    @override
    def placed(self, base: Base, config: Any) -> dict[str, Any]:
        """Return the layers to change."""
        return {"target_modules": list(self.targets(base, config))}

    @override
    def settled(self, base: Base, config: Any) -> dict[str, Any]:
        """Return the target layers and what has to fit them."""
        used = {"target_modules": list(self.targets(base, config)), **self.sizes(base, config)}
        return {name: value for name, value in used.items() if getattr(config, name) is None}
