"""What tests of several rooms share: no network, threads that do not spin, tiny random models, a small experiment."""

import copy
import os

# Read when transformers and torch are first imported, so set before any test module is.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["BAKEOFF_VECTOR_CACHE"] = "off"  # what an earlier test made is no part of a test

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bakeoff.execution.warm import warm_kernels
from bakeoff.system.workspace import Workspace
from bench import Bench, make_bench
from chromium import FLAGS, find
from kitchen import Kitchen
from tiny import save_tiny, save_tiny_mamba

# How long an example takes hangs on what else the machine does, and a test that is green is green the next time.
settings.register_profile("bakeoff", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bakeoff")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first; measure no coverage where lines that others run too run thousands of times."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    for item in items:
        often = getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or "hundred_thousand" in item.name
        if often or item.path.parent.name in {"simulations", "golden"}:
            item.add_marker("no_cover")


@pytest.fixture(scope="session", autouse=True)
def _warm():
    """Import for all kernels of the session once."""
    with warm_kernels():
        yield


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a random BERT."""
    return save_tiny(tmp_path_factory.mktemp("models") / "tiny-bert")


@pytest.fixture(scope="session")
def tiny_distilbert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a random DistilBERT: no pooler, no keys from outside, other layer names."""
    return save_tiny(tmp_path_factory.mktemp("models") / "tiny-distilbert", "distilbert")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function from a key of ARCHITECTURES to the folder of such a model, made on first use."""

    @lru_cache
    def folder(model_type: str) -> Path:
        return save_tiny(tmp_path_factory.mktemp("models") / f"tiny-{model_type}", model_type)

    return folder


@pytest.fixture(scope="session")
def tiny_mamba(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Path:
    """File of a Mamba-2 that is drawn at random at the start of each run."""
    return save_tiny_mamba(tmp_path_factory.mktemp("models") / "tiny-mamba.json", tiny_bert)


@pytest.fixture
def hollow_workspace(tmp_path: Path) -> Workspace:
    """Return a workspace with data.csv and models/tiny, enough to resolve runs from; nothing in it can be trained."""
    for folder in ("notebooks", "params", "models/tiny"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "data.csv").write_text("text,label\ngood,1\n")
    (tmp_path / "models/tiny/config.json").write_text("{}")
    (tmp_path / "models/tiny/model.safetensors").touch()
    return Workspace(tmp_path)


@pytest.fixture(autouse=True)
def _same_draws(request, monkeypatch):
    """Start a module's RNG anew: what a test draws does not hang on which tests ran before it."""
    if hasattr(request.module, "RNG"):
        monkeypatch.setattr(request.module, "RNG", copy.deepcopy(request.module.RNG))


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium with a fresh profile."""
    found = find()
    if found is None:
        hint = "no chromium found: install it (apt install chromium) to see the report rendered"
        pytest.fail(hint) if os.environ.get("CI") else pytest.skip(hint)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def hostile() -> str:
    """What a text in a data set may hold, in every language a report is written in."""
    return (
        '<script>document.title="pwned"</script><img src=x onerror=alert(1)> &amp; </td></table> '
        '#panic("x") $x^2$ *b* _i_ `c` @ref <label> [l](javascript:alert) \\ ~ "q" \'s\' {{7*7}} {% x %} '
        "| pipe // comment /* c */ ]] -- ... = h + l"
    )


@pytest.fixture
def bench(tmp_path: Path, tiny_bert: Path, tiny_distilbert: Path, tiny_mamba: Path) -> Bench:
    """Return a workspace with a small experiment and three tiny models."""
    return make_bench(tmp_path, {"bert": tiny_bert, "distilbert": tiny_distilbert, "mamba": tiny_mamba})


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
