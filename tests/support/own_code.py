"""Modules as users write them: a method of their own, one that goes wrong, and what packages offer."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

HELPER = '"""What the method shares."""\n\n\nSHARE = 2\n'
METHOD = '''\
"""One layer in so many is trained."""

from __future__ import annotations

import my_helper
from pydantic import Field

from bakeoff.methods.base import SubsetMethod
from bakeoff.methods.config import TrainingConfig


class SparseConfig(TrainingConfig):
    """Its hyperparameters."""

    every: int = Field(my_helper.SHARE, ge=1, description="of how many layers one is trained")


class Sparse(SubsetMethod):
    """Sparse layers: one layer in so many is trained.

    The rest is for readers.
    """

    Config = SparseConfig

    def names(self, base, config):
        from bakeoff.models.layers import blocks
        from bakeoff.models.weights import used

        where, count = blocks(base)
        kept = tuple(f"{where}.{number}." for number in range(0, count, config.every))
        return [name for name in used(base) if name.startswith(kept)]
'''
CLASSICAL = '''\
"""The class whose texts are the shortest."""

import json

import numpy as np

from bakeoff.methods.base import ClassicalMethod, Scorer


class LengthScorer(Scorer):
    def __init__(self, means):
        self.means = means

    def scores(self, texts):
        lengths = np.array([len(text) for text in texts])[:, None]
        return -np.abs(lengths - np.array(self.means)[None]).astype(np.float32)

    def save(self, folder):
        (folder / "means.json").write_text(json.dumps(self.means))

    @property
    def parameters(self):
        return len(self.means)


class Length(ClassicalMethod):
    """Length: the class whose texts are about as long."""

    seeded = False

    def fit(self, texts, labels, *, n_classes, config, seed):
        lengths = np.array([len(text) for text in texts])
        return LengthScorer([float(lengths[labels == one].mean()) for one in range(n_classes)])

    def load(self, folder):
        return LengthScorer(json.loads((folder / "means.json").read_text()))
'''


def write_method(root: Path) -> str:
    """Write a method with a helper beside it; return what an experiment calls it."""
    (root / "my_method.py").write_text(METHOD, encoding="utf-8")
    (root / "my_helper.py").write_text(HELPER, encoding="utf-8")
    return "my_method:Sparse"


def offer(monkeypatch, group: str, *offers: tuple[str, str], package: str = "made-up") -> None:
    """Let an installed package offer things: (name, module:Name) each."""
    from bakeoff.system import own

    class Offered(EntryPoint):
        """An entry point that knows its package."""

        @property
        def dist(self):
            return SimpleNamespace(name=package, version="1.0")

    found = [Offered(name, value, group) for name, value in offers]
    monkeypatch.setattr(own, "entry_points", lambda group: [one for one in found if one.group == group])
    own.offered.cache_clear()
    own.written_in.cache_clear()


METRIC = '''\
"""What a wrong answer costs: to miss the first class is twice as bad as to miss another."""

import my_prices

from bakeoff.metrics.metric import Items, Metric


def cost(gold, predicted):
    return float(my_prices.of(gold, predicted).mean())


wrong_cost = Metric(
    "wrong_cost",
    cost,
    higher_is_better=False,
    needs_logits=False,
    label="cost",
    explanation="Cost: what wrong answers cost, per text.",
    unit="",
)
'''
SETS = """\
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from pydantic import BaseModel, Field, computed_field, field_serializer, field_validator

class Inner(BaseModel, frozen=True):
    words: frozenset[str]

class Told(BaseModel):
    words: set[str]
    order: list[str]

    @field_serializer("words")
    def _starred(self, value):
        return ["*" + word for word in value]

    @field_validator("words", mode="before")
    @classmethod
    def _plain(cls, value):
        return {word.removeprefix("*") for word in value}

@dataclass
class Held:
    words: set[str]

class Sets(Length):
    kind, summary = "sets", "A set among its settings."

    class Config(Length.Config):
        words: set[str] = Field({"a", "b", "c", "d", "e"}, description="x")
        nested: dict[str, list[frozenset[str]]] = Field({"x": [frozenset("abcdefgh")]}, description="x")
        deep: frozenset[frozenset[str]] = Field(frozenset({frozenset("abcde"), frozenset("fgh")}), description="x")
        pairs: set[tuple[str, frozenset[str]]] = Field({("a", frozenset("abcde"))}, description="x")
        held: Held = Field(Held(set("abcde")), description="x")
        queue: deque[set[str]] = Field(deque([set("abcde")]), description="x")
        inner: frozenset[Inner] = Field(frozenset({Inner(words=frozenset("abcde"))}), description="x")
        network: IPv4Network = Field(IPv4Network("10.0.0.0/8"), description="x")
        listed: set[str] = Field({"a", "bb"}, description="x")
        joined: tuple[int, ...] = Field((12, 3, 4), description="x")
        spelled: set[str] = Field(set("abcde"), description="x")
        told: Told = Field(Told(words=set("abcde"), order=["z", "a"]), description="x")
        verbose: bool = Field(False, description="x", exclude=True)

        @field_serializer("listed", when_used="json")
        def _listed(self, value):
            return ",".join(sorted(value))

        @field_validator("listed", mode="before")
        @classmethod
        def _split(cls, value):
            return set(value.split(",")) if isinstance(value, str) else value

        @field_serializer("spelled")
        def _starred(self, value):
            return ["*" + word for word in value]

        @field_validator("spelled", mode="before")
        @classmethod
        def _plain(cls, value):
            return {word.removeprefix("*") for word in value}

        @field_serializer("joined")
        def _written(self, value):
            return "-".join(map(str, value))

        @field_validator("joined", mode="before")
        @classmethod
        def _read(cls, value):
            return tuple(map(int, value.split("-"))) if isinstance(value, str) else value

        @computed_field
        @property
        def longest(self) -> int:
            return max(self.joined)

        @cached_property
        def table(self):
            return sorted(self.words)

        def model_post_init(self, context):
            self.table
"""
PRICES = """\
import numpy as np


def of(gold, predicted):
    return np.where(gold == predicted, 0.0, np.where(gold == 0, 2.0, 1.0))
"""


def write_metric(root: Path) -> str:
    """Write a metric with a helper beside it; return what an experiment calls it."""
    (root / "my_metric.py").write_text(METRIC, encoding="utf-8")
    (root / "my_prices.py").write_text(PRICES, encoding="utf-8")
    return "my_metric:wrong_cost"


def forget() -> None:
    """Let no module that a test wrote be found by the next one."""
    from bakeoff.system import own

    own._FINDER.make_room(dict.fromkeys(own._FINDER.places, Path("gone")))
    own._FINDER.places.clear()
    own._FINDER.start = None
    own.offered.cache_clear()
    own.written_in.cache_clear()
