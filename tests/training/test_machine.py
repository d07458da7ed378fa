"""What a run ran on is plain JSON, whatever the machine says or does not say."""

import json
from datetime import datetime
from pathlib import Path

import pytest
import torch

from bakeoff.system.cores import available_cores, runs_at_a_time
from bakeoff.training import machine
from bakeoff.training import machine as module
from bakeoff.training.machine import environment


def test_it_is_json_with_what_counts() -> None:
    found = json.loads(json.dumps(environment()))
    assert found["packages"]["torch"] == torch.__version__
    assert found["threads"] == torch.get_num_threads()
    assert found["runs_at_a_time"] == runs_at_a_time()
    assert datetime.fromisoformat(found["finished_at"]).utcoffset().total_seconds() == 0
    assert found["device"] in {"cpu", "cuda"}


def test_unknown_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "CHECKOUT", tmp_path)
    monkeypatch.setattr(module, "shipped", lambda _: None)
    found = environment()
    assert (found["commit"], found["dirty"], found["lock_sha256"]) == (None, None, None)


def test_dtype_follows_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    monkeypatch.setattr(machine, "cpu_flags", lambda: frozenset({"avx2"}))
    assert machine.resolve_dtype("auto", cpu) == "float32"
    assert machine.resolve_dtype("bfloat16", cpu) == "bfloat16"
    monkeypatch.setattr(machine, "cpu_flags", lambda: frozenset({"avx512_bf16"}))
    assert machine.resolve_dtype("auto", cpu) == "bfloat16"
    assert machine.resolve_dtype("float32", cpu) == "float32"


def test_threads_can_be_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    try:
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        assert machine.set_up() == torch.get_num_threads() == 1
        monkeypatch.delenv("OMP_NUM_THREADS")
        assert machine.set_up() == available_cores()
    finally:
        torch.set_num_threads(before)
