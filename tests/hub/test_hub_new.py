"""An experiment file drafted from a data set of a hub: which of its configurations is the user's to say."""

from pathlib import Path

import pytest

from bakeoff import cli
from bakeoff.experiment.load import load_experiment
from hubcache import emotion_files, lay_out


def test_a_set_with_several_configurations_is_asked_for_one(
    hub: Path, workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    files = emotion_files()
    files["README.md"] = files["README.md"].replace(b"  default: true\n", b"")
    lay_out(hub, "some/emotions", files)
    for folder in ("notebooks", "params"):
        (workspace.root / folder).mkdir()
    (workspace.root / "notebooks" / "train.ipynb").touch()
    monkeypatch.chdir(workspace.root)
    asked = ["new", "mine", "--data", "some/emotions", "--no-calibration"]
    assert cli.main(asked) == 2
    assert "--config: missing: some/emotions has split, unsplit" in capsys.readouterr().err
    assert cli.main([*asked, "--config", "splt"]) == 2
    assert "--config: unknown configuration 'splt'; did you mean 'split'?" in capsys.readouterr().err
    assert cli.main([*asked, "--config", "split"]) == 0
    found = load_experiment(workspace.root / "params" / "mine.yaml")
    assert (found.data.source, found.data.config) == ("some/emotions", "split")
    assert "texts: train 60, validation 30, test 30" in capsys.readouterr().out
