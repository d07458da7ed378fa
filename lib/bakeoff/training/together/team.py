"""The processes that train one model together, as each of them sees the others.

Each takes its part of every batch; gradients are added up, so that all take the same optimizer step. They are added
here rather than by DistributedDataParallel, which knows from the outputs of a forward pass what will have a gradient: a
method may add a penalty beside it, and outputs of any kind.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn

from bakeoff.errors import BakeoffError

__all__ = ["ALONE", "PeerLost", "ProcessDied", "ProcessFailed", "Team", "join"]


AT_ONCE = 2**24
"""Numbers that are sent at once at most: more would be more memory, fewer more waiting."""
PATIENCE = timedelta(days=7)
"""Whoever started the processes ends them all as soon as one is lost, so nobody has to give up waiting by himself."""
LOOPBACK = "GLOO_SOCKET_IFNAME"
Item = TypeVar("Item")


class PeerLost(BakeoffError):
    """Another process could not be reached, most often since it has ended: what ended it is the reason."""


class ProcessFailed(BakeoffError):
    """An error in one of the processes that train one model together. rank: its number, from 0; size: how many."""

    def __init__(self, rank: int, size: int, *, kind: str, message: str) -> None:
        self.rank, self.size, self.kind = rank, size, kind
        super().__init__(f"training process {rank + 1} of {size}: {kind}: {message}")


class ProcessDied(BakeoffError):
    """The end of one of the processes that train one model together, without a word. status: negative for a signal."""

    def __init__(self, rank: int, size: int, *, status: int) -> None:
        self.rank, self.size, self.status = rank, size, status
        name = next((one.name for one in signal.Signals if one == -status), f"exit status {status}")
        often = "memory that ran out is the usual cause" if name == "SIGKILL" else "log.txt may say more"
        super().__init__(f"training process {rank + 1} of {size} was ended by {name}; {often}")


@dataclass(frozen=True)
class Team:
    """The processes that train together. rank: this one's number, from 0; size: how many there are."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether it is this one that writes files and tells of progress."""
        return self.rank == 0

    def part(self, rows: Any) -> Any:
        """Return which of some rows, a list or an array, this process works on; each row is somebody's."""
        return rows[self.rank :: self.size]

    def parts(self, rows: Any) -> list[Any]:
        """Return what each of the processes works on that has anything to."""
        return [rows[rank :: self.size] for rank in range(min(self.size, len(rows)))]

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Put into each tensor the sum of what the processes hold in it; they hold the same ones, in the same order."""
        if self.size == 1:
            return
        with torch.no_grad():
            for group in _groups(tensors):
                flat = torch.cat([one.reshape(-1) for one in group])
                with _reached():
                    distributed.all_reduce(flat)
                for one, summed in zip(group, flat.split([one.numel() for one in group]), strict=True):
                    one.copy_(summed.view_as(one))

    def add_up_gradients(self, model: nn.Module) -> None:
        """Give each parameter the sum of its gradients; none has one where it had none in any process."""
        if self.size == 1:
            return
        trained = [one for one in model.parameters() if one.requires_grad]
        there = torch.tensor([one.grad is not None for one in trained], dtype=torch.int32)
        with _reached():
            distributed.all_reduce(there)
        wanted = [one for one, count in zip(trained, there.tolist(), strict=True) if count]
        for one in wanted:
            if one.grad is None:
                one.grad = torch.zeros_like(one)
        self.add_up([one.grad for one in wanted if one.grad is not None])

    def gathered(self, value: Item) -> list[Item]:
        """Return what each process has in the place of `value`, by rank."""
        if self.size == 1:
            return [value]
        held: list[Any] = [None] * self.size
        with _reached():
            distributed.all_gather_object(held, value)
        return held

    def agree(self, facts: dict[str, Any]) -> None:
        """Raise RuntimeError where these are not the same in all processes, which would then train different models."""
        for other in self.gathered(facts):
            if parting := [name for name, value in facts.items() if other.get(name) != value]:
                raise RuntimeError(f"the processes that train together differ in {' and '.join(parting)}")


ALONE = Team()


def join(rank: int, size: int, meeting: Path) -> Team:
    """Meet the other processes; returns when all are there. meeting: a file that is made for it."""
    # It is about a Trainer that leaves the adding up to DistributedDataParallel.
    logging.getLogger("transformers.training_args").addFilter(lambda said: "parallel_mode" not in said.getMessage())
    if sys.platform == "linux":
        os.environ.setdefault(LOOPBACK, "lo")  # else the name of the machine has to lead somewhere
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    with _reached():
        store = distributed.FileStore(str(meeting), size)  # type: ignore[attr-defined]
        distributed.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=PATIENCE)
    return Team(rank, size)


def _groups(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Cut tensors into groups that are sent at once: of one type on one device, in their order."""
    group: list[Tensor] = []
    for one in tensors:
        same = not group or (one.dtype, one.device) == (group[0].dtype, group[0].device)
        if group and (not same or sum(map(Tensor.numel, group)) + one.numel() > AT_ONCE):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise PeerLost(str(error)) from error
