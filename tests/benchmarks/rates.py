"""What this machine can do: matrix products at the shapes of a small encoder, and moving memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

__all__ = ["bandwidth", "clock_of", "product_rate"]


TOKENS, WIDTH, INNER = 704, 384, 1536  # 32 texts of 22 tokens through MiniLM
PRODUCTS = {(WIDTH, WIDTH): 4, (WIDTH, INNER): 1, (INNER, WIDTH): 1}
"""(inputs, outputs) of a layer's products -> how many it has."""
MEBI = 1024**2


def clock_of(threads: int) -> Callable[[], float]:
    """Return what seconds are counted by: the processor's for one thread, which other programs do not lengthen."""
    return time.process_time if threads == 1 else time.perf_counter


def _seconds(work: Callable[[], object], *, repeats: int) -> float:
    clock = clock_of(torch.get_num_threads())
    work()
    found = []
    for _ in range(repeats):
        began = clock()
        work()
        found.append(clock() - began)
    return statistics.median(found)


def product_rate(dtype: torch.dtype, *, repeats: int = 5) -> float:
    """Return FLOP/s of a layer's products as a training step makes them: forward, for inputs and for weights."""
    flops = seconds = 0.0
    for (inputs, outputs), count in PRODUCTS.items():
        read, weight = torch.randn(TOKENS, inputs, dtype=dtype), torch.randn(outputs, inputs, dtype=dtype)
        back = torch.randn(TOKENS, outputs, dtype=dtype)
        for work in (
            lambda read=read, weight=weight: read @ weight.T,
            lambda back=back, weight=weight: back @ weight,
            lambda back=back, read=read: back.T @ read,
        ):
            seconds += count * _seconds(work, repeats=repeats)
            flops += count * 2.0 * TOKENS * inputs * outputs
    return flops / seconds


def bandwidth(*, repeats: int = 5, mebibytes: int = 256) -> float:
    """Return bytes/s that an update of one large array by another reads and writes."""
    one, other = torch.ones(mebibytes * MEBI // 4), torch.ones(mebibytes * MEBI // 4)
    return 3 * mebibytes * MEBI / _seconds(lambda: one.add_(other), repeats=repeats)
