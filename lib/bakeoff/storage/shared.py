"""A plan that several drivers work off together: what each asks the store before and after a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bakeoff.errors import StoreFailed
from bakeoff.experiment.model import Experiment
from bakeoff.storage.address import open_store
from bakeoff.storage.mirror import Mirror
from bakeoff.system.workspace import Workspace

__all__ = ["LOOK_S", "SharedPlan", "joined"]


LOOK_S = 5.0
"""How often the store is asked about runs that other drivers work on."""


def joined(experiment: Experiment, workspace: Workspace) -> SharedPlan | None:
    """Bring what the store that an experiment's file names has, put what is here into it, and take part in its plan.

    Returns None where the file names none; raises StoreFailed.
    """
    if experiment.store is None:
        return None
    objects, models = open_store(experiment.store, setting="store"), bool(experiment.tests)
    objects.check()
    mirror = Mirror(objects, experiment.name, workspace)
    mirror.bring(models=models)
    mirror.publish(experiment.file)
    return SharedPlan(mirror, models=models)


class SharedPlan:
    """One driver's part in a plan; within its context the leases it holds are kept up and checkpoints go to the store.

    told: is given a line where the store cannot be used for a while; clock: seconds, to wait by
    """

    def __init__(
        self,
        mirror: Mirror,
        *,
        told: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        models: bool = False,
    ) -> None:
        self.mirror, self.told, self._clock, self._models = mirror, told, clock, models
        self.elsewhere: set[str] = set()
        self._held: set[str] = set()
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._next_look, self._said = 0.0, ""
        self._keeper = threading.Thread(target=self._keep, name="leases", daemon=True)

    def claim(self, run_id: str) -> bool:
        """Return whether this driver may start a run now; what another has made of it, or begun, is brought first."""
        if run_id in self.elsewhere:
            return False
        try:
            if self._claimed(run_id):
                return True
        except StoreFailed as error:
            self._wait(error)
        self.elsewhere.add(run_id)
        return False

    def _claimed(self, run_id: str) -> bool:
        if not self.mirror.leases.claim(run_id):
            return False
        try:
            brought = self.mirror.runs.bring(run_id, models=self._models)
            if not brought:
                self.mirror.runs.bring_checkpoint(run_id)
        except BaseException:
            self._let_go(run_id)
            raise
        if brought:
            self.mirror.leases.release(run_id)
            self._next_look = 0.0  # which plans anew
            return False
        with self._lock:
            self._held.add(run_id)
        return True

    def _wait(self, error: StoreFailed) -> None:
        """Say once that the store cannot be used, and ask it again later."""
        self._next_look = self._clock() + LOOK_S
        if str(error) != self._said:
            self.told(f"{error}; asked again until it does")
        self._said = str(error)

    def ended(self, run_id: str) -> None:
        """Put a run that has ended into the store and let go of it; `Mirror.publish` makes up for one that failed."""
        try:
            with self._lock:
                if self.mirror.runs.publish(run_id):
                    self.mirror.runs.drop_checkpoint(run_id)
            self.release(run_id)
        except StoreFailed as error:
            self._wait(error)
        finally:
            with self._lock:
                self._held.discard(run_id)

    def release(self, run_id: str) -> None:
        """Give up a run's lease."""
        with self._lock:
            self._held.discard(run_id)
        self.mirror.leases.release(run_id)

    def _let_go(self, run_id: str) -> None:
        """Give up a run's lease as far as the store answers; else it runs out by itself."""
        with suppress(StoreFailed):
            self.release(run_id)

    def look(self) -> bool:
        """See what became of runs that others work on; return whether one has ended or is free."""
        if not self.elsewhere or self._clock() < self._next_look:
            return False
        self._next_look = self._clock() + LOOK_S
        news = False
        try:
            for run_id in sorted(self.elsewhere):
                lease = self.mirror.leases.read(run_id)
                if lease is None or not self.mirror.leases.stands(lease):
                    self.mirror.runs.bring(run_id, models=self._models)
                    self.elsewhere.discard(run_id)
                    news = True
        except StoreFailed as error:
            self._wait(error)
        return news

    def taken_choice(self, file: Path) -> bool:
        """Take a sweep's choice that another driver has locked; return whether it is another than the local one."""
        try:
            return self.mirror.bring_choice(file.name)
        except StoreFailed as error:  # from the same trials everybody chooses the same
            self._wait(error)
        return False

    def locked_choice(self, file: Path) -> None:
        """Tell the others of a choice that was locked here; `Mirror.publish` makes up for one that failed."""
        try:
            self.mirror.publish_choice(file)
        except StoreFailed as error:
            self._wait(error)

    def keep_up(self) -> None:
        """Put off the expiry of every lease that is held, and put new checkpoints into the store."""
        with self._lock:
            held = sorted(self._held)
        failed: list[StoreFailed] = []
        for step in (self._renew, self._publish_checkpoint):  # all leases first: checkpoints take their time
            for run_id in held:
                try:
                    step(run_id)
                except StoreFailed as error:
                    failed.append(error)
        if failed:
            raise failed[0]

    def _renew(self, run_id: str) -> None:
        if not self.mirror.leases.renew(run_id):
            self.told(f"{run_id}: its lease has run out, and another driver may make it as well")

    def _publish_checkpoint(self, run_id: str) -> None:
        with self._lock, suppress(OSError):  # the next epoch has just taken its place
            if run_id in self._held:
                self.mirror.runs.publish_checkpoint(run_id)

    def _keep(self) -> None:
        while not self._ended.wait(self.mirror.leases.ttl_s / 6):
            try:
                self.keep_up()
            except StoreFailed as error:
                self.told(f"{error}; runs go on meanwhile")

    def __enter__(self) -> Self:
        self._keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._keeper.join()
        for run_id in sorted(self._held):
            with suppress(StoreFailed):
                self._publish_checkpoint(run_id)
            self._let_go(run_id)
