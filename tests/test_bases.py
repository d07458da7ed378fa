import pytest

from bakeoff.bases import locate_model
from bakeoff.errors import InputError, MissingFile, UnknownName
from bakeoff.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def test_bundled_names_are_known(workspace):
    with pytest.raises(UnknownName, match="did you mean 'bundled:minilm-l6'"):
        locate_model("bundled:minilm", workspace=workspace)


def test_a_local_model_folder(workspace):
    folder = workspace.root / "models" / "tiny"
    folder.mkdir(parents=True)
    with pytest.raises(MissingFile, match=r"the folder has no config.json"):
        locate_model("models/tiny", workspace=workspace)
    (folder / "config.json").write_text("{}")
    found = locate_model("models/tiny", workspace=workspace)
    assert (found.id, found.pretrained) == ("models/tiny", True)
    (folder / "README.md").write_text("no part of the model")
    assert locate_model("models/tiny", workspace=workspace) == found
    (folder / "vocab.txt").write_text("word")
    assert locate_model("models/tiny", workspace=workspace).sha256 != found.sha256


@pytest.mark.parametrize("name", ["no/such/model", "nobody/nothing", "", "../..", "a b", "x" * 200])
def test_a_model_nobody_has(workspace, monkeypatch, name):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError) as caught:
        locate_model(name, workspace=workspace, where="x.yaml")
    assert "\n" not in str(caught.value)


def test_the_embedded_models_are_here(workspace):
    small = locate_model("bundled:mamba2-small", workspace=workspace)
    assert not small.pretrained, "trained from scratch, and labelled so"
    large = locate_model("bundled:minilm-l6", workspace=workspace)
    assert (large.pretrained, large.revision) == (True, "0.1.0")
