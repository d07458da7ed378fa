"""A failure has a kind from the moment it is seen."""

import pytest

import sample
from bakeoff.execution.kernels import raised
from bakeoff.study.diagnostics import OUTCOMES, outcome, outcomes_of


@pytest.mark.parametrize(
    ("name", "message", "found"),
    [
        ("OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB.", "memory"),
        ("RuntimeError", "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory", "memory"),
        ("MemoryError", "no message", "memory"),
        ("Diverged", "training diverged: the loss at step 3 is nan", "diverged"),
        ("NotImplementedError", "no", "unsupported"),
        ("ValueError", "something else", "failed"),
    ],
)
def test_an_exception_has_a_kind(name: str, message: str, found: str) -> None:
    failure = raised(name, message, where="train")
    assert failure.kind == found
    assert OUTCOMES[failure.kind]


def test_a_missing_reason_is_a_failure() -> None:
    run = sample.failed("full", kind="memory")
    assert outcome(run) == "memory"
    assert outcome(run.model_copy(update={"error": None})) == "failed"


def test_kinds_are_counted_the_most_frequent_first() -> None:
    runs = [sample.failed("full", kind=kind) for kind in ("failed", "time", "time")]
    assert list(outcomes_of(runs).items()) == [("time", 2), ("failed", 1)]
