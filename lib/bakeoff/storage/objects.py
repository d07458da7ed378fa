"""Whole objects by key, in any file system of fsspec: written, seen to be there, read, asked again where that fails.

Of a store this much is assumed: what a read returns was once written under that key, in part at the worst. Nothing is
renamed, listings may be late, and a request that failed may have been carried out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bakeoff.errors import StoreFailed, redacted

__all__ = ["Objects"]


Result = TypeVar("Result")
WAITS_S = (0.2, 0.5, 1.0, 3.0)
"""Between attempts at one request."""


class Objects:
    """The objects below one place of a store.

    fs: of fsspec; root: the place as that spells it; address: as a person does
    """

    def __init__(self, fs: Any, root: str, *, address: str, sleep: Callable[[float], object] = time.sleep) -> None:
        self.fs, self.root, self.address, self._sleep = fs, root.rstrip("/"), address, sleep

    def below(self, name: str) -> Objects:
        """Return the objects below a name."""
        return Objects(self.fs, f"{self.root}/{name}", address=f"{self.address}/{name}", sleep=self._sleep)

    @property
    def folder(self) -> Path | None:
        """Where the objects lie on this machine, None where they lie elsewhere."""
        kinds = (self.fs.protocol,) if isinstance(self.fs.protocol, str) else self.fs.protocol
        return Path(self.root) if "file" in kinds else None

    def read(self, key: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""
        content: bytes | None = self._asked(lambda: self.fs.cat_file(self._path(key)), absent=None)
        return content

    def write(self, key: str, content: bytes) -> None:
        """Write a small object and read it back, until it is what was written."""

        def once() -> None:
            self.fs.pipe_file(self._path(key), content)
            if self.fs.cat_file(self._path(key)) != content:
                raise OSError("what was written is not what is read")

        self._asked(once)

    def create(self, key: str, content: bytes) -> bool:
        """Write a small object unless there is one; return whether it is this one that is there."""

        def once() -> bool:
            try:
                self.fs.pipe_file(self._path(key), content, mode="create")
            except FileExistsError:
                return False
            except NotImplementedError:
                if self.fs.exists(self._path(key)):
                    return False
                self.fs.pipe_file(self._path(key), content)
            return True

        # One that failed may have been carried out; of two that both succeed where a store cannot tell, one is read.
        self._asked(once)
        return self.read(key) == content

    def send(self, key: str, file: Path) -> None:
        """Write a file's content as an object, until its size is right; what it holds is for readers to check."""
        size = file.stat().st_size

        def once() -> None:
            self.fs.put_file(str(file), self._path(key))
            if self.fs.info(self._path(key))["size"] != size:
                raise OSError("what was written has another size")

        self._asked(once)

    def fetch(self, key: str, file: Path) -> bool:
        """Write an object's content into a file; return whether there is such an object."""

        def once() -> bool:
            self.fs.get_file(self._path(key), str(file))
            return True

        return bool(self._asked(once, absent=False))

    def names(self, key: str = "") -> list[str]:
        """Return the names below a key, as far as the store lists them by now."""
        found = self._asked(lambda: self.fs.ls(self._path(key), detail=False, refresh=True), absent=[])
        return sorted({str(path).rstrip("/").rsplit("/", 1)[-1] for path in found})

    def drop(self, key: str) -> None:
        """Remove an object if it is there."""
        self._asked(lambda: self.fs.rm_file(self._path(key)), absent=None)

    def check(self) -> None:
        """Raise StoreFailed where the store does not answer, refuses, or has no such bucket."""
        if not self.names() and self.folder is None:
            bucket = self.root.partition("/")[0]
            self._asked(lambda: self.fs.ls(bucket, detail=False, refresh=True))

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}" if key else self.root

    def _asked(self, request: Callable[[], Result], **otherwise: Any) -> Any:
        """Make a request until it succeeds; absent: what to return where there is no such object."""
        for seconds in (*WAITS_S, None):
            try:
                return request()
            except (FileNotFoundError, NotADirectoryError) as error:  # nothing lies below a file of somebody's
                if "absent" in otherwise:
                    return otherwise["absent"]
                raise StoreFailed(self.address, _reason(error)) from error
            except PermissionError as error:
                raise StoreFailed(self.address, _reason(error)) from error
            except Exception as error:
                if seconds is None or type(error).__name__ in FINAL:
                    raise StoreFailed(self.address, _reason(error)) from error
            self._sleep(seconds)
        raise AssertionError


FINAL = {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError"}
"""Errors of drivers after which asking again is no use."""


def _reason(error: Exception) -> str:
    """Say in one line what a driver complains of, without what opens doors."""
    said = redacted(" ".join(str(error).split()) or type(error).__name__)[:200]
    if type(error).__name__ in FINAL:
        return f"no credentials that can be used ({said})"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"no such bucket or folder ({said})"
    if isinstance(error, PermissionError):
        return f"no permission ({said})"
    return f"does not answer as it should ({type(error).__name__}: {said})"
