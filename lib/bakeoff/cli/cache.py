"""`bakeoff cache`: text vectors of frozen base models that later runs find ready."""

from __future__ import annotations

import argparse
import time

from bakeoff.cli.command import Command, console, say

__all__ = ["CACHE"]


def _cache(options: argparse.Namespace) -> int:
    from bakeoff.system.store import SETTING, vector_store

    store, to = vector_store(), console()
    if options.clear:
        to.print(f"dropped: {_size(store.clear())}", markup=False, highlight=False)
        return 0
    held = store.entries()
    for one in held:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.used))
        to.print(f"{one.key[:12]}  {_size(one.bytes):>10}  last used {when}", markup=False, highlight=False)
    total, limit = _size(sum(one.bytes for one in held)), _size(store.limit) if store.limit else "nothing"
    told = f"{len(held)} kept, {total} of {limit} ({SETTING}), in {store.folder}"
    say(told)
    return 0


def _size(number: int) -> str:
    return f"{number / 2**20:.1f} MiB"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clear", action="store_true", help="drop all of it")


CACHE = Command(_cache, _arguments)
