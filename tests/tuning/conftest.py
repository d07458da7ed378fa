"""The bench that tests of the torch side work on."""

from pathlib import Path

import pytest
from bench import Bench, make_bench


@pytest.fixture
def bench(tmp_path: Path, tiny_bert: Path, tiny_distilbert: Path, tiny_mamba: Path) -> Bench:
    """Return a workspace with a small experiment and three tiny models."""
    return make_bench(tmp_path, {"bert": tiny_bert, "distilbert": tiny_distilbert, "mamba": tiny_mamba})
