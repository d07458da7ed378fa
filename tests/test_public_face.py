"""What `import bakeoff` offers, and what it costs."""

import subprocess
import sys

import pytest

import bakeoff

CODE = """
import sys, bakeoff
print(sorted(name for name in ("torch", "pandas", "matplotlib", "numpy", "pydantic") if name in sys.modules))
"""


def test_importing_bakeoff_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_sorted() -> None:
    assert bakeoff.__all__ == sorted(bakeoff.__all__, key=lambda name: (not name[:1].isupper(), name))
    assert all(getattr(bakeoff, name).__doc__ for name in bakeoff.__all__)
    assert set(bakeoff.__all__) <= set(dir(bakeoff))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'compear'"):
        _ = bakeoff.compear


def test_models_exported_by_earlier_versions_still_load() -> None:
    from bakeoff.tuning.artifacts import load_trained

    assert load_trained is bakeoff.load_trained
