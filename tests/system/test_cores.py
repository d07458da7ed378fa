"""Who uses which cores."""

import os

import pytest

from bakeoff.system.cores import available_cores, kernel_settings, runs_at_a_time, wait_without_spinning


def test_waiting_threads_do_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    wait_without_spinning()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    wait_without_spinning()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_cores_are_those_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.cpu_count", lambda logical: 16 if logical else 8)
    monkeypatch.setattr("joblib.cpu_count", lambda: 3)
    assert available_cores() == 3, "by affinity, or of a container"
    monkeypatch.setattr("joblib.cpu_count", lambda: 16)
    assert available_cores() == 8
    monkeypatch.setattr("psutil.cpu_count", lambda logical: None)
    monkeypatch.setattr("joblib.cpu_count", lambda: 1)
    assert available_cores() == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen on this system")
def test_one_core_is_one() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert available_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_kernel_gets_pools_as_wide_as_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert kernel_settings(2, jobs=3) == {
        "OMP_WAIT_POLICY": "PASSIVE",
        "OMP_NUM_THREADS": "2",
        "MKL_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "BAKEOFF_JOBS": "3",
    }
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert kernel_settings(None, jobs=1) == {"BAKEOFF_JOBS": "1"}, "what the user has set stands"


@pytest.mark.parametrize(("said", "number"), [(None, 1), ("", 1), ("3", 3), ("0", 1), ("-2", 1), ("many", 1)])
def test_runs_at_a_time(monkeypatch: pytest.MonkeyPatch, said: str | None, number: int) -> None:
    if said is None:
        monkeypatch.delenv("BAKEOFF_JOBS", raising=False)
    else:
        monkeypatch.setenv("BAKEOFF_JOBS", said)
    assert runs_at_a_time() == number


@pytest.mark.parametrize("given", ["", "abc", "1.5"])
def test_a_number_of_cores_that_is_none_is_none(monkeypatch, given):
    """`export LOKY_MAX_CPU_COUNT=$SLURM_CPUS_PER_TASK` outside of a job ended every command."""
    usual = available_cores()
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", given)
    assert available_cores() == usual
