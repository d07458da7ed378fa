from __future__ import annotations

import pytest

from bakeoff.execution.local import execute
from toys import Toys


@pytest.fixture
def braced(tmp_path, monkeypatch):
    root = tmp_path / "a {folder} of {}"
    root.mkdir()
    monkeypatch.chdir(root)
    return Toys(root)


def test_braces_in_the_path_and_modules_in_the_root_disturb_no_run(braced):
    for name in ("datasets.py", "ipykernel_launcher.py", "nbformat.py"):
        (braced.workspace.root / name).write_text("raise SystemExit('hijacked')\n")
    braced.write("methods: {steady: {kind: toy}}\n")
    summary = execute(braced.experiment, braced.workspace, only=["steady"], jobs=2)
    assert summary.without_result == {}
    assert summary.finished == 2
