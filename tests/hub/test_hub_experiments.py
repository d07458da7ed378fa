"""The experiment files of the original experiments against the hub's layout: columns, classes, films, splits."""

from pathlib import Path

import pytest

from bakeoff.data.sources import locate_data
from bakeoff.data.splits import Splits, load_splits
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.system.workspace import Workspace
from hubcache import EMOTIONS, lay_out_hub

PARAMS = Path(__file__).resolve().parents[2] / "params"


@pytest.fixture
def large_hub(hub: Path) -> Path:
    """Return a cache with as many rows as sizes in the files may ask for."""
    return lay_out_hub(hub, rows=6000)


def read(name: str, workspace: Workspace) -> tuple[Experiment, Splits]:
    experiment = load_experiment(PARAMS / f"{name}.yaml")
    data = experiment.data
    located = locate_data(data.source, workspace=workspace, config=data.config)
    assert located.revision, "pinned to a commit"
    return experiment, load_splits(data, located)


def test_emotion_as_the_hub_lays_it_out(large_hub: Path, workspace: Workspace) -> None:
    _, splits = read("emotion", workspace)
    assert splits.label_names == EMOTIONS
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [6000, 3000, 3000]
    assert {facts.source_split for facts in splits.facts().values()} == {"train", "validation", "test"}
    assert all(splits.label_names[row.label] in row.text for row in splits.test.head(60).itertuples())


def test_kinopoisk_as_the_hub_lays_it_out(large_hub: Path, workspace: Workspace) -> None:
    _, splits = read("kinopoisk", workspace)
    assert set(splits.label_names) == {"Good", "Bad"}
    assert splits.dropped == {"no text": 500, "label Neutral": 600}
    assert set(splits.shared_groups().values()) == {0}
    assert all(min(facts.labels.values()) for facts in splits.facts().values())
