"""Methods that learn nothing and misbehave on demand, for kernels and for the tests that plan them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import psutil
from filelock import FileLock

from bakeoff.experiment.model import Experiment
from bakeoff.methods.base import Method
from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.registry import TABLE
from bakeoff.notebook.parameters import experiment_of
from bakeoff.runs import fingerprint
from bakeoff.runs.choice import read_choice
from bakeoff.runs.commands import command
from bakeoff.runs.record import Epoch, Failure, Quality, Record, Sweep, Trace, Training, write_record
from bakeoff.runs.run import Request, Run, resolve
from bakeoff.system.workspace import Workspace, find_workspace

KINDS = {"toy": "toy_methods:Toy", "frozen_toy": "toy_methods:FrozenToy", "yardstick": "toy_methods:Yardstick"}


class ToyConfig(TrainingConfig):
    rank: int = 8
    behaviour: Literal[
        "ok", "raise", "die", "diverge", "hang", "silent", "late", "abort", "nan", "meet", "linger", "epochs", "hungry"
    ] = "ok"


class Toy(Method):
    kind = "toy"
    summary = "Pretends to train."
    neural = True
    libraries: ClassVar = ("rich",)
    Config = ToyConfig

    def check(self, base: Any, config: Any) -> None:
        """Work on any base model."""

    def build(self, base: Any, config: Any) -> None:
        """Build nothing: what a run does is in `ToyRun`."""


class FrozenToy(Toy):
    kind = "frozen_toy"
    trained = False


class YardstickConfig(TrainingConfig):
    strength: float = 1.0


class Yardstick(Method):
    kind = "yardstick"
    summary = "Says the same to everything."
    neural = False
    seeded = False
    baseline = True
    Config = YardstickConfig


class Diverged(Exception):
    """What a fit loop raises when its loss is no number."""


def install() -> None:
    """Add the methods; leave the code of the real ones out of run ids, so that editing it disturbs no test."""
    TABLE.update(KINDS)
    fingerprint.definitions_sha256 = lambda path: (path.name,)


def leave(run: Run, workspace: Workspace, *, params: str = "params/toy.yaml", **changes: Any) -> Record:
    """Write what a finished run leaves behind."""
    accuracy = changes.pop("accuracy", 0.5)
    quality = Quality(metrics={"accuracy": accuracy, "macro_f1": accuracy}, per_class={}, confusion=())
    found = TABLE[run.kind]
    record = Record(
        run_id=run.run_id,
        experiment=run.experiment,
        request=run.request,
        method=run.method,
        kind=run.kind,
        summary=found,
        role=run.role,
        seed=run.seed,
        params=run.params,
        params_sha256=run.params_sha256,
        identity=run.identity,
        command=command(run, params),
        changes=run.changes,
        status="ok",
        trained=True,
        deterministic=False,
        validation=quality,
        test=None if run.role == "sweep" else quality,
        trace=Trace(predictions_sha256="0"),
        environment={"finished_at": datetime.now(UTC).isoformat(), "pid": os.getpid()},
    ).model_copy(update=changes)
    folder = workspace.run_folder(run.experiment, run.run_id)
    folder.path.mkdir(parents=True, exist_ok=True)
    if record.status == "ok":
        folder.predictions.write_bytes(b"predictions")
    write_record(record, folder.record)
    return record


def trained(accuracy: float, epochs: int, *, began: int | None = None) -> Training:
    """Return what a fit loop tells of itself whose accuracy is the same after every epoch."""
    history = tuple(
        Epoch(epoch=n + 1, step=n + 1, train_loss=1.0, validation={"accuracy": accuracy}, elapsed_s=1.0)
        for n in range(epochs)
    )
    return Training(epochs=epochs, steps=epochs, samples_seen=epochs, history=history, resumed_from_epoch=began)


def locked(run: Run, experiment: Experiment, workspace: Workspace) -> Sweep | None:
    """Return the sweep that a run names as having chosen its values."""
    choice = read_choice(experiment, run.method, workspace=workspace)
    return choice.sweep() if choice and run.role != "sweep" else None


def failure(text: str = "no luck", kind: str = "ValueError") -> Failure:
    return Failure(type=kind, message=text, where="train")


class ToyRun:
    """What the test notebook's cells call."""

    def __init__(self, given: dict[str, Any]) -> None:
        install()
        self.workspace = find_workspace()
        self.experiment = experiment_of(given, workspace=self.workspace)
        entry = self.experiment.entry(given["method"])
        overrides = {"rank": given["rank"]} if given["rank"] is not None else {}
        role = "candidate" if given["role"] in (None, "baseline") else given["role"]
        stop = given.get("stop_after")
        request = Request(method=entry.name, seed=given["seed"], role=role, overrides=overrides, stop_after=stop)
        self.run = resolve(request, self.experiment, workspace=self.workspace)
        self.folder = self.workspace.run_folder(self.run.experiment, self.run.run_id)
        self.folder.path.mkdir(parents=True, exist_ok=True)
        self.lock = FileLock(self.folder.lock)
        self.lock.acquire(timeout=0)

    def epoch(self, n: int) -> None:
        with self.folder.epochs.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"epoch": n}) + "\n")
        self.folder.checkpoint.mkdir(exist_ok=True)
        (self.folder.checkpoint / "state").write_text(str(n))
        state = {"epoch": n, "epochs": 3, "step": n, "steps": 3, "loss": 0.5, "stage": "train"}
        self.folder.progress.write_text(json.dumps(state))

    def fit(self) -> None:
        sys.stdout.write(f"training as {os.getpid()}\n")
        sys.stdout.flush()
        (self.workspace.root / "kernel.pid").write_text(str(os.getpid()))
        (self.folder.path / "kernel.pid").write_text(str(os.getpid()))
        behaviour = self.run.params.get("behaviour", "ok")
        if behaviour == "raise":
            raise ValueError("the toy broke\nand this is more about it")
        if behaviour == "diverge":
            raise Diverged("the loss is not a number after step 3")
        if behaviour == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if behaviour == "abort":
            os.write(2, b"terminate called after throwing\n")
            os.abort()
        if behaviour == "meet":
            self.meet()
        if behaviour == "hungry":
            import resource

            taken = psutil.Process().memory_info().vms + 2**28
            resource.setrlimit(resource.RLIMIT_AS, (taken, taken))
            bytearray(2**30)
        if behaviour == "epochs":
            for n in range(1, 4):
                self.awaited(f"epoch-{n}")
                self.epoch(n)
                (self.folder.checkpoint / f"epoch-{n}").mkdir()
        if behaviour == "hang":
            self.epoch(1)
            self.awaited("go")

    def awaited(self, name: str) -> None:
        """Wait until a test makes a file of that name."""
        deadline = time.monotonic() + 120
        while not (self.workspace.root / name).exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    def meet(self) -> None:
        """Wait for a second run to be here at the same time."""
        (self.folder.path / "here").touch()
        deadline = time.monotonic() + 120
        while len(list(self.folder.path.parent.glob("*/here"))) < 2:
            if time.monotonic() > deadline:
                raise TimeoutError("alone")
            time.sleep(0.05)

    def finish(self) -> None:
        if self.run.params.get("behaviour") == "silent":
            return
        sweep = locked(self.run, self.experiment, self.workspace)
        accuracy = {2: 0.6, 4: 0.8, 8: 0.8}.get(self.run.params.get("rank", 0), 0.5)
        seen = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "BAKEOFF_JOBS")}
        environment = {"finished_at": datetime.now(UTC).isoformat(), "pid": os.getpid(), **seen}
        epochs = self.run.request.stop_after or self.run.params["epochs"]
        training = trained(accuracy, epochs, began=self.begun())
        leave(self.run, self.workspace, accuracy=accuracy, sweep=sweep, environment=environment, training=training)
        if epochs < self.run.params["epochs"]:
            self.epoch(epochs)
        else:
            shutil.rmtree(self.folder.checkpoint, ignore_errors=True)

    def begun(self) -> int | None:
        """Return the epoch that an earlier rung ended with."""
        state = self.folder.checkpoint / "state"
        return int(state.read_text()) if state.is_file() else None

    def show(self) -> None:
        behaviour = self.run.params.get("behaviour")
        if behaviour == "late":
            raise RuntimeError("cannot draw")
        if behaviour == "linger":
            linger()


def linger() -> None:
    """Stay busy with papermill's last question after it is answered, as happens on a machine with much to do."""
    from IPython import get_ipython

    handlers = get_ipython().kernel.shell_handlers
    answer = handlers["kernel_info_request"]

    async def slowly(*request: Any) -> None:
        await answer(*request)
        time.sleep(1)

    handlers["kernel_info_request"] = slowly
