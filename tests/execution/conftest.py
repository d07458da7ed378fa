"""A workspace with a notebook built in memory, toy methods and a tiny data file."""

from __future__ import annotations

import pytest

import toy_methods
from bakeoff.methods.registry import TABLE
from bakeoff.runs import fingerprint
from toys import Toys


@pytest.fixture(scope="module", autouse=True)
def _toy_methods():
    before, hashed = dict(TABLE), fingerprint.definitions_sha256
    toy_methods.install()
    yield
    TABLE.clear()
    TABLE.update(before)
    fingerprint.definitions_sha256 = hashed


@pytest.fixture(autouse=True)
def _cold(request, monkeypatch):
    """Start kernels cold but where forked ones are the subject: toys import next to nothing."""
    if "warm" not in request.module.__name__:
        monkeypatch.setenv("BAKEOFF_WARM_KERNELS", "off")


@pytest.fixture
def toys(tmp_path, monkeypatch) -> Toys:
    monkeypatch.chdir(tmp_path)
    return Toys(tmp_path)


@pytest.fixture(scope="module")
def module_toys(tmp_path_factory) -> Toys:
    return Toys(tmp_path_factory.mktemp("toys"))
