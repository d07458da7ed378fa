"""The kitchen that tests of trained models work in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from kitchen import Kitchen


@pytest.fixture(scope="session")
def kitchen(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_bert: Path,
    tiny_distilbert: Path,
    tiny_mamba: Path,
    tiny_model: Callable[[str], Path],
) -> Kitchen:
    """Return a workspace with three classes and tiny models."""
    models = {"bert": tiny_bert, "distilbert": tiny_distilbert, "mamba": tiny_mamba, "gpt2": tiny_model("gpt2")}
    return Kitchen(tmp_path_factory.mktemp("kitchen"), models)
