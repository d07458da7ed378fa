"""The address of a store: read, checked, opened."""

from __future__ import annotations

import importlib.util
from typing import Any

from bakeoff.errors import BadValue, MissingAsset, UnknownName, redacted
from bakeoff.storage.objects import Objects

__all__ = ["DRIVERS", "open_store"]


DRIVERS = {"az": "adlfs", "file": None, "gs": "gcsfs", "s3": "s3fs"}
"""Kind of store -> the package that reaches it, None where fsspec does by itself."""
EXTRA = {"s3fs": "bakeoff[s3]"}
FORM = "write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or file:///FOLDER"


def open_store(address: str, *, setting: str = "--store") -> Objects:
    """Return the objects at an address; nothing is asked of the store yet.

    setting: where the address comes from
    Raises BadValue or UnknownName for an address that is none, MissingAsset where the package for its kind is missing.
    """
    kind, separator, place = address.partition("://")
    if not separator:
        raise BadValue(setting, f"{redacted(address)!r} is no address of a store", hint=FORM)
    if kind not in DRIVERS:
        raise UnknownName(setting, kind, DRIVERS, kind="kind of store")
    if "@" in place or "?" in place:
        hint = "leave it to the environment or a profile (AWS_ACCESS_KEY_ID, AWS_PROFILE), and name the place alone"
        raise BadValue(setting, "holds a user, a password or a query, which would be shown and kept", hint=hint)
    if not place.strip("/") or (kind != "file" and place.startswith("/")):
        raise BadValue(setting, f"{address!r} names no {'folder' if kind == 'file' else 'bucket'}", hint=FORM)
    if kind == "file" and not place.startswith("/"):
        raise BadValue(setting, f"{address!r} is not from the root", hint="three slashes: file:///shared/runs")
    driver = DRIVERS[kind]
    if driver and importlib.util.find_spec(driver) is None:
        package = EXTRA.get(driver, driver)
        raise MissingAsset(setting, f"{kind}:// needs {driver}", hint=f"`pip install '{package}'` brings it")
    import fsspec

    fs = fsspec.filesystem(kind, skip_instance_cache=True, **_options(kind))
    root = fs._strip_protocol(address.rstrip("/"))
    return Objects(fs, root, address=address.rstrip("/"))


def _options(kind: str) -> dict[str, Any]:
    """Return the settings of a driver: listings are asked for anew each time, and no request waits for ever."""
    if kind == "file":
        return {"auto_mkdir": True}
    waits = {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 2}}
    return {"use_listings_cache": False, **({"config_kwargs": waits} if kind == "s3" else {})}
