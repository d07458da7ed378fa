"""YAML on one line, as a drafted file has it."""

from __future__ import annotations

import io
import re
from typing import Any

__all__ = ["spelled"]


PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*([ ./-][A-Za-z0-9_]+)*")
WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"})


def spelled(value: Any) -> str:
    """Return one line of YAML in flow style; strings are quoted unless they are plain words."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.width = 2**30
    stream = io.StringIO()
    # under a key, because ruamel.yaml spells a pair in a list without its braces
    yaml.dump({"key": _node(value)}, stream)
    return stream.getvalue().removeprefix("key:").strip()


def _node(value: Any) -> Any:
    """Return a node in flow style with quoted strings."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, str):
        plain = PLAIN.fullmatch(value) and value.lower() not in WORDS
        return value if plain else DoubleQuotedScalarString(value)
    if not isinstance(value, dict | list | tuple):
        return value
    held: Any
    if isinstance(value, dict):
        held = CommentedMap()
        for key, item in value.items():
            held[_node(key)] = _node(item)
    else:
        held = CommentedSeq([_node(item) for item in value])
    held.fa.set_flow_style()
    return held
