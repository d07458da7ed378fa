"""Fetching from a hub, for real, over HTTP from a server on this machine: what is asked for, pinned and kept."""

import os
import subprocess
import sys
from pathlib import Path

from hubcache import commit_of, emotion_files, kinopoisk_files
from hubserver import serve

CODE = """
import sys
from pathlib import Path
from bakeoff.errors import BakeoffError
from bakeoff.data.sources import locate_data
from bakeoff.data.schema import Data
from bakeoff.data.splits import load_splits
from bakeoff.system.workspace import Workspace
source, config = sys.argv[1], sys.argv[2] or None
try:
    data = Data(source=source, config=config, **eval(sys.argv[3]))
    found = locate_data(source, workspace=Workspace(Path.cwd()), config=config)
    splits = load_splits(data, found)
    print(found.revision, *(len(splits[name]) for name in ("train", "validation", "test")))
except BakeoffError as error:
    print(type(error).__name__, error)
"""


def fetch(
    folder: Path, endpoint: str, source: str, config: str = "", *, offline: bool = False, settings: str = "{}"
) -> str:
    """Locate and read a source in a process of its own; returns the line it prints."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HUB_CACHE": str(folder / "hub"),
        "HF_HUB_OFFLINE": str(int(offline)),
        "HF_HUB_DISABLE_XET": "1",
        "HF_TOKEN_PATH": str(folder / "none"),
        "NO_PROXY": "*",
    }
    command = [sys.executable, "-c", CODE, source, config, settings]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_only_the_configuration_is_fetched_once_and_read_offline(tmp_path: Path) -> None:
    wanted = f"{commit_of('dair-ai/emotion')} 60 30 30"
    with serve({"dair-ai/emotion": emotion_files(60)}) as (endpoint, asked):
        assert fetch(tmp_path, endpoint, "dair-ai/emotion", "split") == wanted
        got = [path for path in asked if path.startswith("GET") and "/resolve/" in path]
        assert any(path.endswith("README.md") for path in got)
        assert sum(".parquet" in path for path in got) == 3
        assert not any("unsplit" in path for path in got)
        asked.clear()
        assert fetch(tmp_path, endpoint, "dair-ai/emotion", "split") == wanted
        assert asked == [], "what the cache holds is used as it is"
    assert fetch(tmp_path, endpoint, "dair-ai/emotion", "split", offline=True) == wanted
    missing = fetch(tmp_path, endpoint, "dair-ai/emotion", "unsplit", offline=True)
    assert missing.startswith("MissingAsset dair-ai/emotion: neither a folder here nor in this machine's hub cache")
    unreached = fetch(tmp_path, endpoint, "dair-ai/emotion", "unsplit")
    assert "the hub did not answer" in unreached


def test_one_file_and_refusals(tmp_path: Path) -> None:
    review = "hf://datasets/blinoff/kinopoisk/kinopoisk.jsonl"
    settings = '{"text": "content", "label": "grade3"}'
    with serve({"blinoff/kinopoisk": kinopoisk_files(60)}) as (endpoint, asked):
        found = fetch(tmp_path, endpoint, review, settings=settings)
        assert found == f"{commit_of('blinoff/kinopoisk')} 38 8 8"
        assert not any(path.endswith(".py") for path in asked)
        asked.clear()
        said = fetch(tmp_path, endpoint, "blinoff/kinopoisk")
        assert "code from a hub is never run" in said
        assert not any("/resolve/" in path for path in asked)
        assert "no such data set" in fetch(tmp_path, endpoint, "nobody/nothing")
        assert "no such file" in fetch(tmp_path, endpoint, review.replace("kinopoisk.jsonl", "other.jsonl"))
