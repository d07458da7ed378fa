"""An object store in memory that fails in the ways that real ones do, each drawn from a generator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from fsspec import AbstractFileSystem

NO_END = 10**9


class World:
    """What several clients of one store share. objects: path -> content; late: requests to be carried out once more."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.objects = rng, dict[str, bytes]()
        self.late: list[Callable[[], None]] = []
        self.listings: list[list[str]] = [[]]

    def passing(self) -> None:
        """Let a late request in now and then, and remember what a listing would say."""
        self.listings = [*self.listings[-40:], sorted(self.objects)]
        if self.late and self.rng.random() < 0.1:
            self.late.pop(self.rng.randrange(len(self.late)))()


class FaultyStore(AbstractFileSystem):
    """One client.

    rate: of requests that go wrong; between: called before each request, as others work meanwhile; left: requests until
    the store is out of reach
    """

    protocol = "faulty"
    cachable = False

    def __init__(self, world: World, *, rate: float = 0.0, between: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.world, self.rate, self.between, self.left = world, rate, between, NO_END

    def _request(self) -> bool:
        """Fail before anything is done, or say whether to fail once it is."""
        self.between()
        self.world.passing()
        self.left -= 1
        if self.left < 0 or self._goes_wrong():
            raise OSError("500 InternalError")
        return self._goes_wrong()

    def _goes_wrong(self) -> bool:
        return self.world.rng.random() < self.rate

    def _put(self, path: str, content: bytes) -> None:
        fails, rng = self._request(), self.world.rng
        if self._goes_wrong():
            self.world.objects[path] = content[: rng.randrange(len(content) + 1)]
            if rng.random() < 0.5:
                raise ConnectionError("cut off in mid-upload")
            return  # nobody is told
        self.world.objects[path] = content
        if self._goes_wrong():
            self.world.late.append(lambda: self.world.objects.__setitem__(path, content))
        if fails:
            raise TimeoutError("no answer")

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: object) -> None:
        if mode == "create":
            if self._request() or path in self.world.objects:
                raise FileExistsError(path)
            self.world.objects[path] = value
            if self._goes_wrong():
                raise TimeoutError("no answer")
            return
        self._put(path, value)

    def put_file(self, lpath: str, rpath: str, **_: object) -> None:
        self._put(rpath, Path(lpath).read_bytes())

    def cat_file(self, path: str, **_: object) -> bytes:
        if self._request():
            raise TimeoutError("no answer")
        if path not in self.world.objects:
            raise FileNotFoundError(path)
        return self.world.objects[path]

    def get_file(self, rpath: str, lpath: str, **_: object) -> None:
        content = self.cat_file(rpath)
        if self._goes_wrong():
            Path(lpath).write_bytes(content[: len(content) // 2])
            raise ConnectionError("cut off in mid-download")
        Path(lpath).write_bytes(content)

    def info(self, path: str, **_: object) -> dict[str, object]:
        return {"name": path, "size": len(self.cat_file(path)), "type": "file"}

    def ls(self, path: str, detail: bool = False, **_: object) -> list[str]:
        if self._request():
            raise TimeoutError("no answer")
        stale = self._goes_wrong() or self._goes_wrong()
        names = self.world.rng.choice(self.world.listings) if stale else sorted(self.world.objects)
        below = [name.removeprefix(f"{path}/").partition("/")[0] for name in names if name.startswith(f"{path}/")]
        return [f"{path}/{name}" for name in dict.fromkeys(below)]

    def rm_file(self, path: str) -> None:
        fails = self._request()
        self.world.objects.pop(path, None)
        if self._goes_wrong():
            self.world.late.append(lambda: self.world.objects.pop(path, None) and None)
        if fails:
            raise TimeoutError("no answer")
