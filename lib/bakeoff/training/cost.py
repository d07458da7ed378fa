"""What a run takes: parameters, bytes, seconds, processor time, memory."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import nn

from bakeoff.models.weights import trainable

__all__ = ["ANSWER", "TOKENIZE", "TRAIN", "VALIDATION", "Meter", "combined", "counts", "folder_bytes", "resident_bytes"]


STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")
SAMPLED_S = 0.02
"""How often memory is read where the system has no peak of a phase."""
RESET_PEAK = "5"  # proc(5): resets the peak resident set size ("high water mark") to the current one


def count(parameters: Iterable[nn.Parameter]) -> int:
    """Return how many numbers a set of parameters holds, each parameter once."""
    return sum({id(parameter): parameter.numel() for parameter in parameters}.values())


def counts(model: nn.Module, encoder: nn.Module, *, base: Collection[int]) -> dict[str, int]:
    """Return how many numbers are trained, there in all, and put on top of the base model.

    base: the ids of the parameters that the encoder had before the method came
    """
    below = [one for one in encoder.parameters() if id(one) in base]
    named = [one for one in model.named_parameters() if ".original_module." not in one[0]]
    above = [one for _, one in named if id(one) not in base]
    return {
        "params_trainable": count(trainable(model).values()),
        "params_total": count([*below, *above]),
        "params_added": count(above),
    }


def folder_bytes(folder: Path) -> int:
    """Return the size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def resident_bytes(field: str = "VmRSS") -> int | None:
    """Return this process's memory now ("VmRSS") or its peak ("VmHWM"); None where the system does not say."""
    try:
        text = STATUS.read_text(encoding="ascii", errors="replace")
    except OSError:  # macOS and Windows
        return int(_this_process().memory_info().rss) if field == "VmRSS" else None
    found = re.search(rf"^{field}:\s*(\d+) kB$", text, re.MULTILINE)
    return int(found.group(1)) * 1024 if found else None


@cache
def _this_process() -> psutil.Process:
    return psutil.Process()


class _Sampler:
    """The most memory this process held between start and stop, read so often that only short peaks are missed."""

    def __init__(self) -> None:
        self._most, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._work, name="memory", daemon=True)

    def start(self) -> None:
        self._look()
        self._thread.start()

    def stop(self) -> int | None:
        self._over.set()
        self._thread.join()
        self._look()
        return self._most or None

    def _work(self) -> None:
        while not self._over.wait(SAMPLED_S):
            self._look()

    def _look(self) -> None:
        self._most = max(self._most, resident_bytes() or 0)


# Phases that are told together. Text vectors of a frozen encoder are made anew by each attempt at a run: only the last
# attempt's count, while training and validation add up.
TRAIN = ("train vectors", "train")
VALIDATION = ("validation vectors", "validation")
TOKENIZE = ("tokenize", "test tokenize")
ANSWER = ("test tokenize", "test")  # from texts to scores
ADDED = {"train", "validation"}


class Meter:
    """Seconds and peak memory by phase; phases do not nest, and a phase entered again adds to itself.

    seconds: phase -> monotonic seconds; worked: phase -> seconds of processor time, of all threads together;
    peaks: phase -> {"rss", "gpu_allocated", "gpu_reserved"} -> bytes
    Linux keeps the peak of a phase; where the system does not, memory is read every 20 ms.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.worked: dict[str, float] = defaultdict(float)
        self.peaks: dict[str, dict[str, int]] = defaultdict(dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a block and watch its memory."""
        sampler = None if _reset_peaks() else _Sampler()
        if sampler:
            sampler.start()
        start, work = time.monotonic(), time.process_time()
        try:
            yield
        finally:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            self.seconds[name] += time.monotonic() - start
            self.worked[name] += time.process_time() - work
            rss = sampler.stop() if sampler else resident_bytes("VmHWM")
            self._raise_peaks(name, _read_peaks(rss))

    def _raise_peaks(self, name: str, seen: dict[str, int]) -> None:
        held = self.peaks[name]
        for kind, value in seen.items():
            held[kind] = max(held.get(kind, 0), value)

    def charge(self, name: str, *, seconds: float, worked: float, peaks: Mapping[str, int]) -> None:
        """Count for a phase what its work took when it was done: by the run that made what this one found ready."""
        self.seconds[name] += seconds
        self.worked[name] += worked
        self._raise_peaks(name, dict(peaks))

    def spent(self, *phases: str) -> float | None:
        """Return the seconds of phases together, None where there was none of them."""
        return _together(self.seconds, phases)

    def processor(self, *phases: str) -> float | None:
        """Return the seconds of processor time of phases together, None where there was none of them.

        Of this process alone, in all its threads: waiting for a core, a disk or a GPU is no part of it, though some
        drivers wait for a GPU by asking it over and over, which is.
        """
        return _together(self.worked, phases)

    def peak(self, kind: str, *phases: str) -> int | None:
        """Return the largest peak over phases, None where none was seen."""
        return max((self.peaks[name][kind] for name in phases if kind in self.peaks.get(name, {})), default=None)

    def state(self) -> dict[str, dict[str, Any]]:
        """Return what a resumed run needs to go on counting."""
        peaks: dict[str, Any] = {name: dict(held) for name, held in self.peaks.items()}
        return {"seconds": dict(self.seconds), "worked": dict(self.worked), "peaks": peaks}

    def take(self, state: dict[str, dict[str, Any]]) -> None:
        """Take over the phases that others went through for this process, which had none of that name itself."""
        for name in state["seconds"].keys() - self.seconds.keys():
            self.seconds[name], self.worked[name] = state["seconds"][name], state["worked"][name]
            self._raise_peaks(name, state["peaks"].get(name, {}))

    def restore(self, state: dict[str, dict[str, object]]) -> None:
        """Add what earlier attempts took, but for what every attempt does anew, such as loading."""
        for held, before in ((self.seconds, state["seconds"]), (self.worked, state["worked"])):
            for name in ADDED & before.keys():
                held[name] += float(str(before[name]))
        for name, peaks in state["peaks"].items():
            if isinstance(peaks, dict):
                self._raise_peaks(name, peaks)


def combined(states: Sequence[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return the state of meters of processes that trained together: the work of all, the most memory of any.

    Seconds are those of the first, which all of them take.
    """
    first = states[0]
    worked = {name: sum(one["worked"].get(name, 0.0) for one in states) for name in first["worked"]}
    peaks = {
        name: {kind: max(one["peaks"].get(name, {}).get(kind, 0) for one in states) for kind in held}
        for name, held in first["peaks"].items()
    }
    return {"seconds": first["seconds"], "worked": worked, "peaks": peaks}


def _together(seconds: Mapping[str, float], phases: Sequence[str]) -> float | None:
    found = [seconds[name] for name in phases if name in seconds]
    return sum(found) if found else None


def _reset_peaks() -> bool:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    try:
        RESET.write_text(RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def _read_peaks(rss: int | None) -> dict[str, int]:
    seen = {} if rss is None else {"rss": rss}
    if torch.cuda.is_available():
        seen["gpu_allocated"] = torch.cuda.max_memory_allocated()
        seen["gpu_reserved"] = torch.cuda.max_memory_reserved()
    return seen
