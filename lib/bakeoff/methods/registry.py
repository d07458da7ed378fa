"""The table of methods by name; a method's file is imported when it is asked for."""

from __future__ import annotations

import importlib

from bakeoff.errors import UnknownName
from bakeoff.methods.base import Method

__all__ = ["TABLE", "method"]


TABLE: dict[str, str] = {
    "adalora": "bakeoff.methods.lowrank.adalora:Adalora",
    "bitfit": "bakeoff.methods.weights.bitfit:Bitfit",
    "c3a": "bakeoff.methods.transforms.c3a:C3a",
    "delora": "bakeoff.methods.lowrank.delora:Delora",
    "dora": "bakeoff.methods.lowrank.dora:Dora",
    "fourierft": "bakeoff.methods.transforms.fourierft:Fourierft",
    "full": "bakeoff.methods.weights.full:Full",
    "gralora": "bakeoff.methods.lowrank.gralora:Gralora",
    "hira": "bakeoff.methods.lowrank.hira:Hira",
    "hra": "bakeoff.methods.transforms.hra:Hra",
    "ia3": "bakeoff.methods.transforms.ia3:Ia3",
    "linear_probe": "bakeoff.methods.weights.linear_probe:LinearProbe",
    "ln_tuning": "bakeoff.methods.weights.ln_tuning:LnTuning",
    "loha": "bakeoff.methods.transforms.loha:Loha",
    "lokr": "bakeoff.methods.transforms.lokr:Lokr",
    "lora": "bakeoff.methods.lowrank.lora:Lora",
    "majority": "bakeoff.methods.baselines.majority:Majority",
    "miss": "bakeoff.methods.transforms.miss:Miss",
    "oft": "bakeoff.methods.transforms.oft:Oft",
    "pissa": "bakeoff.methods.lowrank.pissa:Pissa",
    "prefix": "bakeoff.methods.prompts.prefix:Prefix",
    "prompt": "bakeoff.methods.prompts.prompt:Prompt",
    "ptuning": "bakeoff.methods.prompts.ptuning:Ptuning",
    "randlora": "bakeoff.methods.lowrank.randlora:Randlora",
    "road": "bakeoff.methods.transforms.road:Road",
    "rslora": "bakeoff.methods.lowrank.rslora:Rslora",
    "tfidf": "bakeoff.methods.baselines.tfidf:Tfidf",
    "top_layers": "bakeoff.methods.weights.top_layers:TopLayers",
    "untrained": "bakeoff.methods.baselines.untrained:Untrained",
    "vblora": "bakeoff.methods.lowrank.vblora:Vblora",
    "vera": "bakeoff.methods.lowrank.vera:Vera",
    "waveft": "bakeoff.methods.transforms.waveft:Waveft",
}


def method(kind: str, *, what: str = "method", where: str | None = None) -> type[Method]:
    """Return the method class called `kind`; raises UnknownName, which lists the known ones."""
    if kind not in TABLE:
        raise UnknownName(what, kind, TABLE, kind="method", where=where)
    module, _, name = TABLE[kind].partition(":")
    found: type[Method] = getattr(importlib.import_module(module), name)
    return found
