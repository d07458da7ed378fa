"""Who works on which run: leases with an owner and an expiry, so that drivers on one store share a plan.

A lease saves work and carries no result: should two drivers hold one at once, a run is made twice, and either result is
whole.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from bakeoff.storage.objects import Objects
from bakeoff.system.digests import from_json

__all__ = ["TTL_S", "Lease", "Leases"]


TTL_S = 90.0
"""How long a lease stands without a heartbeat."""
SKEW_S = 30.0
"""How far the clocks of two machines may be apart without a run being made twice."""


@dataclass(frozen=True)
class Lease:
    """owner: host, process and a random part; expires: seconds since 1970 by the owner's clock."""

    owner: str
    expires: float


class Leases:
    """The leases that one driver holds, and those of others. now: seconds since 1970."""

    def __init__(
        self, objects: Objects, *, owner: str | None = None, ttl_s: float = TTL_S, now: Callable[[], float] = time.time
    ) -> None:
        self.owner = owner or f"{platform.node()}-{os.getpid()}-{uuid4().hex[:8]}"
        self.ttl_s, self._objects, self._now = ttl_s, objects, now

    def claim(self, name: str) -> bool:
        """Take the lease of a run if nobody holds it; return whether it is this driver's now."""
        if self._objects.create(name, self._mine()):
            return True
        found = self.read(name)
        if found and found.owner != self.owner and self.stands(found):
            return False
        self._objects.write(name, self._mine())
        current = self.read(name)  # of two that take over the same one, the later is read
        return current is not None and current.owner == self.owner

    def renew(self, name: str) -> bool:
        """Put off the expiry of a lease that is this driver's; return whether it still is."""
        found = self.read(name)
        if found is None or found.owner != self.owner:
            return False
        self._objects.write(name, self._mine())
        return True

    def release(self, name: str) -> None:
        """Give up a lease if it is this driver's."""
        found = self.read(name)
        if found and found.owner == self.owner:
            self._objects.drop(name)

    def read(self, name: str) -> Lease | None:
        """Return the lease of a run; None where there is none that can be read."""
        try:
            tree = from_json(self._objects.read(name) or b"")
            return Lease(str(tree["owner"]), float(tree["expires"]))
        except (ValueError, KeyError, TypeError):
            return None

    def stands(self, lease: Lease) -> bool:
        """Return whether a lease has not run out.

        One that would stand for longer than any is given was written by a clock that was wrong, and would keep a run
        from everybody for as long.
        """
        return -SKEW_S < lease.expires - self._now() < self.ttl_s + SKEW_S

    def held_by_others(self) -> dict[str, Lease]:
        """Return the leases of other drivers that stand, by run id, as far as the store lists them."""
        found = {name: self.read(name) for name in self._objects.names()}
        return {name: one for name, one in found.items() if one and one.owner != self.owner and self.stands(one)}

    def _mine(self) -> bytes:
        return json.dumps({"owner": self.owner, "expires": self._now() + self.ttl_s}).encode()
