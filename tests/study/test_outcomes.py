"""Failures are recognised by status, type and message."""

import pytest

import sample
from bakeoff.study.diagnostics import OUTCOMES, outcome, outcomes_of


@pytest.mark.parametrize(
    ("kind", "message", "found"),
    [
        ("OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB.", "memory"),
        ("RuntimeError", "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory", "memory"),
        ("MemoryError", "no message", "memory"),
        ("KernelDied", "the kernel process was ended by SIGKILL; memory that ran out is the usual cause", "killed"),
        ("TimeLimit", "stopped after 60 s, its time limit", "time"),
        ("Diverged", "training diverged: the loss at step 3 is nan", "diverged"),
        ("Unsupported", "ia3 cannot work on mamba2: it has no feed-forward layers", "unsupported"),
        ("NotImplementedError", "no", "unsupported"),
        ("BadValue", "method: vera does not work on Mamba2Model: no such layers", "unsupported"),
        ("ValueError", "something else", "failed"),
    ],
)
def test_a_failure_has_a_kind(kind: str, message: str, found: str) -> None:
    run = sample.failed("full", kind=kind, message=message)
    assert outcome(run) == found
    assert OUTCOMES[found]


def test_the_status_comes_first_and_a_missing_reason_is_a_failure() -> None:
    run = sample.failed("full", kind="RuntimeError", message="out of memory")
    assert outcome(run.model_copy(update={"status": "diverged"})) == "diverged"
    assert outcome(run.model_copy(update={"error": None})) == "failed"


def test_kinds_are_counted_the_most_frequent_first() -> None:
    runs = [sample.failed("full", kind=kind, message="no") for kind in ("ValueError", "TimeLimit", "TimeLimit")]
    assert list(outcomes_of(runs).items()) == [("time", 2), ("failed", 1)]
