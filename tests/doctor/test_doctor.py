"""The doctor: each thing it looks at, well and unwell, and what it says to do."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError

from bakeoff import cli
from bakeoff.doctor import machine, places
from bakeoff.doctor.finding import Finding, bytes_spelled
from bakeoff.execution.plan import plan
from bakeoff.experiment.load import load_experiment
from bakeoff.runs.record import Failure
from bakeoff.system.starter import make_workspace
from bakeoff.system.workspace import Workspace

GIB = 2**30


def one(found) -> Finding:
    (finding,) = found
    return finding


@pytest.mark.slow
def test_a_sound_place_has_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert cli.main(["doctor", "--no-hub"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("FAULT")] == []
    about = [line[6:26].strip() for line in lines[:-1] if line[:6].strip()]
    assert about[:8] == ["Python", "packages", "torch", "device", "cores", "memory", "workspace", "reports folder"]
    assert about[-4:] == ["disk", "hub", "fonts", "kernels"] or "pip" in about
    assert lines[-1] == "runs can be made"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_look_that_fails_is_a_fault_and_the_others_are_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken():
        raise ImportError("libcuda\nis not here")

    monkeypatch.setattr(machine, "devices", broken)
    monkeypatch.setattr(machine, "kernels", lambda: iter(()))
    monkeypatch.setattr(machine, "fonts", lambda: iter(()))
    assert cli.main(["doctor", "--no-hub"]) == 3
    said = capsys.readouterr().out
    assert "FAULT devices             ImportError: libcuda\\nis not here\n" in said
    assert "cores" in said
    assert said.endswith("runs would fail: see what to do above\n")


def test_an_experiment_that_is_not_there_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "params/dmeo.yaml"]) == 2
    assert "no such experiment file; did you mean 'params/demo.yaml'?" in capsys.readouterr().err


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(machine.python()).state == "ok"
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    assert one(machine.python()).todo == "install Python 3.11 or newer"
    assert one(machine.python()).fault


def test_packages_are_held_against_requirements_and_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    really = machine.installed
    monkeypatch.setattr(machine, "installed", lambda name: None if name == "peft" else really(name))
    found = one(machine.packages())
    assert found.fault
    assert "peft" in found.said
    assert "(not there)" in found.said
    monkeypatch.setattr(machine, "installed", lambda name: "0.1" if name == "pandas" else really(name))
    assert "pandas>=3.1 (0.1)" in one(machine.packages()).said
    monkeypatch.setattr(machine, "installed", lambda name: "999.0" if name == "rich" else really(name))
    found = one(machine.packages())
    assert found.state == "note"
    assert "rich 999.0, not " in found.said
    assert "--constraint" in found.todo
    monkeypatch.setattr(machine, "installed", lambda name: "2.13.0+cu130" if name == "torch" else really(name))
    assert one(machine.packages()).state == "ok"


def test_no_lock_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "shipped", lambda _: None)
    assert one(machine.packages()).state == "ok"


def test_a_gpu_that_torch_cannot_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr(machine, "gpu_there", lambda: False)
    build, device = machine.devices()
    assert (build.about, device.state) == ("torch", "ok")
    monkeypatch.setattr(machine, "gpu_there", lambda: True)
    _, device = machine.devices()
    assert device.state == "note"
    assert "GPU that this torch cannot use" in device.said


def test_little_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory_there", lambda: 8 * GIB)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=GIB))
    assert one(machine.memory()).said == "1.0 GiB free of 8.0 GiB; a run may take 4.0 GiB"
    assert "--jobs 1" in one(machine.memory()).todo
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=64 * GIB))
    assert one(machine.memory()) == Finding("memory", "8.0 GiB free of 8.0 GiB")


def test_scripts_without_a_font_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = "中क"
    monkeypatch.setattr(
        "bakeoff.report.pages.fonts.fallback", lambda signs: SimpleNamespace(unshown="".join({*signs} & {*lacking}))
    )
    found = one(machine.fonts())
    assert found.said.endswith("; none for Devanagari, Chinese")
    assert "fonts-noto-cjk" in found.todo
    assert not found.fault


def test_a_kernel_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = Failure(type="KernelDied", message="the kernel process ended by itself")
    dead = SimpleNamespace(start=lambda: None, wait=lambda _: True, failure=failure)
    monkeypatch.setattr("bakeoff.execution.kernels.Execution", lambda *_, **__: dead)
    found = one(machine.kernels())
    assert found.fault
    assert "KernelDied: the kernel process ended by itself" in found.said
    assert "ipykernel" in found.todo


def test_no_workspace_and_half_a_workspace(tmp_path: Path) -> None:
    assert "bakeoff init my-study" in one(places.home(None)).todo
    make_workspace(tmp_path)
    assert one(places.home(Workspace(tmp_path))) == Finding("workspace", str(tmp_path))
    (tmp_path / "notebooks" / "train.ipynb").write_text("mine")
    assert "not of this version: notebooks/train.ipynb" in one(places.home(Workspace(tmp_path))).said
    (tmp_path / "notebooks" / "compare.ipynb").unlink()
    found = one(places.home(Workspace(tmp_path)))
    assert found.fault
    assert "without notebooks/compare.ipynb" in found.said


def test_folders_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path / "not" / "yet"))
    found = list(places.folders(Workspace(tmp_path)))
    assert {finding.state for finding in found} == {"ok"}
    assert found[0].about == "reports folder"
    assert not (tmp_path / "not").exists()
    (tmp_path / "file").touch()
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path / "file" / "cache"))
    (cache,) = [finding for finding in places.folders(None) if finding.about == "cache folder"]
    assert cache.fault
    assert "BAKEOFF_CACHE" in cache.todo


def test_the_disk_is_held_against_the_plan(
    hollow_workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = hollow_workspace
    (tmp_path / "models" / "tiny" / "model.safetensors").write_bytes(b"x" * GIB_PART)
    file = tmp_path / "params" / "few.yaml"
    file.write_text("data: {source: data.csv}\nmodel: models/tiny\nseeds: [1, 2]\nmethods: {majority: {}, full: {}}\n")
    found = plan(load_experiment(file, root=tmp_path), workspace)
    need = places.bytes_needed(found)
    assert (2 + 4) * GIB_PART <= need - 3 * places.BESIDE <= (2 + 4 * 64) * GIB_PART + 10_000
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=need - 1))
    short = one(places.disk(workspace, found))
    assert short.fault
    assert f"runs to do may take {bytes_spelled(need)}" in short.said
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100 * GIB))
    assert one(places.disk(workspace, found)).state == "ok"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=GIB))
    assert one(places.disk(None, None)).state == "note"


GIB_PART = 3_000_000
SECRET = "hf_abcdefghijklmnop"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch):
    """A hub that answers and a token in the environment."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: SECRET)
    monkeypatch.setattr("huggingface_hub.get_session", lambda: SimpleNamespace(head=lambda *_, **__: None))


def told(found) -> str:
    return " ".join(f"{finding.state} {finding.said} {finding.todo}" for finding in found)


@pytest.mark.usefixtures("session")
def test_the_hub_and_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.HfApi, "whoami", lambda *_, **__: {"name": "somebody"})
    said = told(places.hub())
    assert "answers and takes the token" in said
    assert SECRET not in said

    def refuse(*_, **__):
        raise HfHubHTTPError.__new__(HfHubHTTPError)

    monkeypatch.setattr(huggingface_hub.HfApi, "whoami", refuse)
    said = told(places.hub())
    assert said.startswith("note")
    assert "does not take the token" in said
    assert SECRET not in said
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    assert "without a token" in told(places.hub())


@pytest.mark.usefixtures("session")
def test_a_hub_out_of_reach_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_, **__):
        raise ConnectionError(SECRET)

    monkeypatch.setattr("huggingface_hub.get_session", lambda: SimpleNamespace(head=unreachable))
    said = told(places.hub())
    assert "does not answer (ConnectionError)" in said
    assert "HTTPS_PROXY" in said
    assert "FAULT" not in said
    assert SECRET not in said
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set" in told(places.hub())


def test_an_environment_without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "find_spec", lambda _: None)
    assert "fetched by it" in told(places.hub(reach=False))
