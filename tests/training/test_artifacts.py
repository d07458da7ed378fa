"""Loading what was kept, and refusing what cannot be loaded truthfully."""

import json
import os
from pathlib import Path

import pytest

from bakeoff.errors import BadValue, InputError, RecordError
from bakeoff.system.workspace import Workspace
from bakeoff.training.artifacts import load_trained, make_portable
from bakeoff.training.run import prepare
from bench import Bench, accuracy
from tiny import save_tiny


def saved(bench: Bench, kind: str, **options) -> Path:
    trainee = prepare(bench.run(kind, **options), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    trainee.save(bench.folder("a").model)
    return bench.folder("a").model


def test_a_full_model_loads_with_transformers_alone(bench: Bench) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = saved(bench, "full")
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    assert model.config.id2label == {0: "negative", 1: "positive"}
    logits = model(**AutoTokenizer.from_pretrained(folder)(["a good film"], return_tensors="pt")).logits
    assert logits.detach().numpy() == pytest.approx(load_trained(folder)(["a good film"]), abs=1e-5)


@pytest.mark.parametrize("kind", ["full", "lora", "top_layers", "tfidf"])
def test_everybody_may_read_what_was_kept(bench: Bench, kind: str) -> None:
    before = os.umask(0o022)
    try:
        folder = saved(bench, kind)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    assert folder.stat().st_mode & 0o777 == 0o755


def test_an_adapter_names_its_base(bench: Bench, tiny_bert: Path) -> None:
    folder = saved(bench, "lora")
    assert json.loads((folder / "bakeoff.json").read_text())["base"]["id"] == str(tiny_bert)
    assert not (folder / "model.safetensors").exists()
    assert not (folder / "README.md").exists()


def test_an_adapter_s_own_files_do_not_hang_on_where_its_base_lies(bench: Bench, tiny_bert: Path) -> None:
    folder = saved(bench, "lora")
    for file in folder.glob("adapter*"):
        assert str(tiny_bert).encode() not in file.read_bytes()


def test_an_adapter_lists_its_layers_in_one_order(bench: Bench) -> None:
    """Whatever the hashes of the process are that writes it."""
    written = json.loads((saved(bench, "lora") / "adapter_config.json").read_text())["target_modules"]
    assert len(written) > 1
    assert written == sorted(written)


def test_an_adapter_on_another_base_is_refused(bench: Bench, tmp_path: Path) -> None:
    folder = saved(bench, "lora")
    other = save_tiny(tmp_path / "other", initializer_range=0.5)
    tree = json.loads((folder / "bakeoff.json").read_text())
    tree["base"]["id"] = str(other)
    (folder / "bakeoff.json").write_text(json.dumps(tree))
    with pytest.raises(RecordError, match="other weights"):
        load_trained(folder)


def test_tokenizer_and_length_come_back(bench: Bench, tmp_path: Path) -> None:
    from tiny import save_tokenizer

    save_tokenizer(tmp_path / "other", pad_token=None, eos_token="[SEP]")
    options = {"model": "bert", "tokenizer": str(tmp_path / "other"), "max_length": 32}
    run = bench.run("linear_probe", **options)
    trainee = prepare(run.model_copy(update={"params": {**run.params, "max_length": 8}}), bench.splits)
    trainee.fit(bench.folder("a"), accuracy, show_bar=False)
    logits = trainee.predict("test")
    assert trainee.inputs["max_length"] == 8
    assert trainee.inputs["tokenizer_id"] == str(tmp_path / "other")
    assert (trainee.inputs["pad_token"], trainee.inputs["mixer"]) == ("[SEP]", None)
    assert trainee.inputs["head"] == "linear on the encoder's pooler"
    assert max(trainee.encoded["test"].lengths) == 8
    trainee.save(bench.folder("a").model)
    again = load_trained(bench.folder("a").model)(bench.splits.test["text"].tolist())
    assert again.tolist() == logits.tolist()


def test_settings_of_another_version_are_one_line(bench: Bench) -> None:
    folder = saved(bench, "linear_probe")
    tree = json.loads((folder / "bakeoff.json").read_text())
    tree["params"]["gone"] = 1
    (folder / "bakeoff.json").write_text(json.dumps(tree))
    with pytest.raises(RecordError, match="not those that linear_probe takes now"):
        load_trained(folder)


def test_a_base_named_from_the_workspace_is_found_there_or_by_its_whole_path(bench: Bench, tmp_path: Path) -> None:
    folder = saved(bench, "linear_probe")
    tree = json.loads((folder / "bakeoff.json").read_text())
    place = Path(tree["base"]["id"])
    tree["base"]["id"] = place.name
    (folder / "bakeoff.json").write_text(json.dumps(tree))
    with pytest.raises(InputError, match=place.name):
        load_trained(folder)
    workspace = Workspace(place.parent)
    expected = load_trained(folder, workspace=workspace)(["a good film"]).tolist()
    make_portable(folder, workspace=workspace)
    assert load_trained(folder)(["a good film"]).tolist() == expected


@pytest.mark.parametrize("kind", ["majority", "tfidf", "full"])
def test_texts_are_a_list_of_texts(bench: Bench, kind: str) -> None:
    logits = load_trained(saved(bench, kind))
    assert logits([]).shape == (0, 2)
    assert logits(text for text in ("a good film", "a bad one")).shape == (2, 2)
    for given, told in [("good film", "'good film' is no list"), (None, "'None' is no list"), (["a", 3], "'3' is no")]:
        with pytest.raises(BadValue, match=f"^texts: {told}"):
            logits(given)


def test_not_a_model_folder(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"no readable bakeoff\.json$"):
        load_trained(tmp_path)


def test_saving_again_replaces(bench: Bench) -> None:
    folder = saved(bench, "linear_probe")
    before = sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in saved(bench, "linear_probe").iterdir()) == before


def test_saving_again_measures_the_same_size(bench: Bench) -> None:
    """The tokenizer of an earlier save is no part of what an adapter takes."""
    trainee = prepare(bench.run("lora"), bench.splits)
    sizes = []
    for _ in range(2):
        trainee.save(bench.folder("a").model)
        sizes.append(trainee.artifact_bytes)
    assert sizes[0] == sizes[1]


MANIFESTS = {
    "deep": "[" * 9999,
    "long number": '{"seed": ' + "9" * 9999 + "}",
    "a list": "[1]",
    "nothing": "{}",
    "bytes": "\x00",
    "no base": '{"kind": "full", "seed": 1, "params": {}, "label_names": ["a", "b"]}',
    "a base of words": '{"kind": "full", "seed": 1, "params": {}, "label_names": ["a", "b"], "base": "x"}',
    "a kind of numbers": '{"kind": 7, "seed": 1, "params": {}, "label_names": ["a", "b"]}',
    "settings of words": '{"kind": "lora", "seed": 1, "params": "x", "label_names": ["a", "b"]}',
    "weights of nowhere": '{"kind": "tfidf", "seed": 1, "params": {}, "label_names": ["a", "b"]}',
    "counts of nowhere": '{"kind": "majority", "seed": 1, "params": {}, "label_names": ["a", "b"]}',
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_damaged_model_folder_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "bakeoff.json").write_text(MANIFESTS[name], encoding="utf-8")
    (tmp_path / "weights.npz").write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(RecordError) as caught:
        load_trained(tmp_path, workspace=Workspace(tmp_path))
    assert "\n" not in str(caught.value)
