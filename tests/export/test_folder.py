"""Exported folders, loaded by transformers and peft for real, and the card that stands in them."""

import io
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from bakeoff import cli
from bakeoff.errors import BadValue, RecordError
from bakeoff.export.card import model_card
from bakeoff.export.folder import export
from bakeoff.export.lookup import Finished, find_run
from bakeoff.storage.address import open_store
from bakeoff.storage.mirror import Mirror
from bakeoff.system.workspace import RunFolder, Workspace
from kitchen import Kitchen

TEXTS = ["a good film", "the plot was very dull and the music is grim", "it"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "exported"


def exported(kitchen: Kitchen, method: str, out: Path, **options: bool) -> Finished:
    found = find_run(kitchen.run(method), kitchen.workspace)
    done = export(found, out, kitchen.workspace, **options)
    assert done.checked == 30
    return found


def logits_of(model: object, folder: Path, texts: list[str] = TEXTS) -> np.ndarray:
    """Run a model on texts, as its card says it is used."""
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        return model.eval()(**tokenizer(texts, return_tensors="pt", padding=True, truncation=True)).logits.numpy()


def ours(found: Finished, texts: list[str] = TEXTS) -> np.ndarray:
    from bakeoff.training.artifacts import load_trained

    return load_trained(found.folder.model)(texts)


@pytest.mark.parametrize("method", ["full", "untrained", "linear_probe", "cls_probe"])
def test_a_whole_model_loads_with_transformers_alone(kitchen: Kitchen, out: Path, method: str) -> None:
    from transformers import AutoModelForSequenceClassification

    found = exported(kitchen, method, out)
    model = AutoModelForSequenceClassification.from_pretrained(out)
    assert model.config.id2label == {0: "a | b", 1: "negative", 2: "positive"}
    assert model.config.label2id["positive"] == 2
    assert logits_of(model, out) == pytest.approx(ours(found), abs=1e-5)
    assert not (out / "bakeoff.json").exists()


@pytest.mark.parametrize("method", ["full", "lora", "tfidf"])
def test_everybody_may_read_what_was_exported(kitchen: Kitchen, out: Path, method: str) -> None:
    before = os.umask(0o027)
    try:
        exported(kitchen, method, out)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o640}
    assert out.stat().st_mode & 0o777 == 0o750


def test_random_matrices_that_are_not_kept_are_no_news(kitchen: Kitchen, out: Path, recwarn) -> None:
    exported(kitchen, "vera", out)
    assert (out / "adapter_config.json").exists()
    assert not recwarn.list


def test_a_model_trained_in_bfloat16(kitchen: Kitchen, out: Path) -> None:
    exported(kitchen, "half", out)


def test_the_card_of_an_adapter_loads_it(kitchen: Kitchen, out: Path, monkeypatch) -> None:
    from bakeoff.models.loading import quiet

    found = exported(kitchen, "lora", out)
    code = (out / "README.md").read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(out.parent)
    names: dict = {}
    with quiet():
        exec(code, names)
    assert logits_of(names["model"], out) == pytest.approx(ours(found), abs=1e-5)
    assert names["base"].config.id2label[0] == "a | b"


@pytest.mark.parametrize("method", ["lora", "pissa", "prefix"])
def test_an_adapter_loads_with_peft_on_its_base(kitchen: Kitchen, out: Path, tiny_bert: Path, method: str) -> None:
    from peft import AutoPeftModelForSequenceClassification
    from transformers import AutoConfig

    from bakeoff.models.loading import quiet

    found = exported(kitchen, method, out)
    assert json.loads((out / "adapter_config.json").read_text())["base_model_name_or_path"] == str(tiny_bert)
    assert not (out / "model.safetensors").exists()
    assert AutoConfig.from_pretrained(out).id2label[2] == "positive"
    with quiet():
        model = AutoPeftModelForSequenceClassification.from_pretrained(out, num_labels=3)
    assert logits_of(model, out) == pytest.approx(ours(found), abs=1e-5)


def test_a_merged_adapter_is_a_whole_model(kitchen: Kitchen, out: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    found = exported(kitchen, "lora", out, merge=True)
    assert not (out / "adapter_config.json").exists()
    model = AutoModelForSequenceClassification.from_pretrained(out)
    assert logits_of(model, out) == pytest.approx(ours(found), abs=1e-4)


def test_long_texts_are_cut_where_training_cut_them(kitchen: Kitchen, out: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    found = exported(kitchen, "full", out)
    long = ["the plot is very good " * 20, "the plot is very good " * 20 + "awful " * 20]
    logits = logits_of(AutoModelForSequenceClassification.from_pretrained(out), out, long)
    assert logits == pytest.approx(ours(found, long), abs=1e-5)
    (first, second) = AutoTokenizer.from_pretrained(out)(long, truncation=True)["input_ids"]
    assert first == second
    assert len(first) == 24


def test_an_adapter_on_weights_drawn_at_random_goes_into_them(kitchen: Kitchen, out: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    found = exported(kitchen, "drawn_lora", out)
    assert not (out / "adapter_config.json").exists()
    assert "the adapter is worked into the weights of its base" in (out / "README.md").read_text()
    model = AutoModelForSequenceClassification.from_pretrained(out)
    assert logits_of(model, out) == pytest.approx(ours(found), abs=1e-4)


def test_an_adapter_on_a_causal_model_reads_as_trained(kitchen: Kitchen, out: Path) -> None:
    exported(kitchen, "causal_lora", out)
    assert (out / "adapter_config.json").exists()


@pytest.mark.parametrize("method", ["ended_full", "ended_lora"])
@pytest.mark.parametrize("check", [True, False])
def test_texts_that_end_in_the_padding_token_are_read_by_bakeoff_only(
    kitchen: Kitchen, out: Path, method: str, check: bool
) -> None:
    found = find_run(kitchen.run(method), kitchen.workspace)
    assert export(found, out, kitchen.workspace, check=check).form == "own"


def test_a_merged_model_that_would_read_other_tokens_is_refused(kitchen: Kitchen, out: Path) -> None:
    found = find_run(kitchen.run("ended_lora"), kitchen.workspace)
    with pytest.raises(BadValue, match="end in the padding token"):
        export(found, out, kitchen.workspace, merge=True)


def test_logits_that_differ_lead_to_the_runs_own_folder(kitchen: Kitchen, out: Path, monkeypatch) -> None:
    """As they do where one of the texts ends in the padding token, which no probe can know."""
    monkeypatch.setattr("bakeoff.export.standard.reads_alike", lambda _: True)
    found = exported(kitchen, "ended_full", out)
    assert sorted(path.name for path in found.folder.model.iterdir()) == sorted(
        path.name for path in out.iterdir() if path.name != "README.md"
    )


def test_a_relative_base_is_found_from_elsewhere(kitchen: Kitchen, out: Path, monkeypatch) -> None:
    from bakeoff.training.artifacts import load_trained

    found = exported(kitchen, "drawn_prefix", out)
    assert json.loads((out / "bakeoff.json").read_text())["base"]["id"] == str(
        kitchen.workspace.root / "drawn-gpt2.json"
    )
    monkeypatch.chdir(out)
    assert load_trained(out)(TEXTS) == pytest.approx(ours(found), abs=1e-6)


@pytest.mark.parametrize("method", ["mamba", "tfidf", "mean_probe", "causal_prompt", "zero"])
def test_what_no_class_of_transformers_gives_is_loaded_by_bakeoff(kitchen: Kitchen, out: Path, method: str) -> None:
    from bakeoff.training.artifacts import load_trained

    found = exported(kitchen, method, out)
    assert load_trained(out)(TEXTS) == pytest.approx(ours(found), abs=1e-6)
    assert "load_trained" in (out / "README.md").read_text()


@pytest.mark.parametrize("method", ["full", "prefix", "tfidf"])
def test_what_cannot_be_merged_is_refused_and_nothing_is_left(kitchen: Kitchen, out: Path, method: str) -> None:
    found = find_run(kitchen.run(method), kitchen.workspace)
    with pytest.raises(BadValue, match="--merge"):
        export(found, out, kitchen.workspace, merge=True)
    assert list(out.parent.iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(kitchen: Kitchen, out: Path) -> None:
    out.mkdir()
    found = find_run(kitchen.run("tfidf"), kitchen.workspace)
    export(found, out, kitchen.workspace)
    with pytest.raises(BadValue, match="is not empty"):
        export(found, out, kitchen.workspace)
    with pytest.raises(BadValue, match="is a file"):
        export(found, out / "README.md", kitchen.workspace)


def test_an_empty_folder_behind_a_link_is_filled(kitchen: Kitchen, out: Path) -> None:
    place = out.parent / "place"
    place.mkdir()
    out.symlink_to(place)
    exported(kitchen, "tfidf", out)
    assert out.is_symlink()
    assert (place / "README.md").is_file()


def test_a_terminated_export_leaves_nothing(kitchen: Kitchen, out: Path, monkeypatch) -> None:
    found = find_run(kitchen.run("tfidf"), kitchen.workspace)
    monkeypatch.setattr("bakeoff.export.folder.model_card", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(KeyboardInterrupt):
        export(found, out, kitchen.workspace)
    assert list(out.parent.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(kitchen: Kitchen, out: Path, monkeypatch) -> None:
    found = find_run(kitchen.run("tfidf"), kitchen.workspace)
    out.mkdir()
    monkeypatch.chdir(out)
    with pytest.raises(BadValue, match="is the current folder"):
        export(found, Path(), kitchen.workspace)
    file = out / "file"
    file.touch()
    with pytest.raises(BadValue, match="cannot be made"):
        export(found, file / "model", kitchen.workspace)
    with pytest.raises(BadValue, match="is in the folder of a run"):
        export(found, found.folder.model / "out", kitchen.workspace)
    with pytest.raises(BadValue, match="bytes between two slashes"):
        export(found, out.parent / ("x" * 300), kitchen.workspace)
    monkeypatch.setattr("os.path.ismount", lambda path: Path(path) == out.parent / "disk")
    with pytest.raises(BadValue, match="is where a disk is mounted"):
        export(found, out.parent / "disk", kitchen.workspace)


def test_weights_that_cannot_be_read_are_one_line(kitchen: Kitchen, out: Path, tmp_path: Path) -> None:
    found = find_run(kitchen.run("full"), kitchen.workspace)
    broken = Finished(RunFolder(tmp_path / "broken"), found.record)
    shutil.copytree(found.folder.path, broken.folder.path)
    (broken.folder.model / "model.safetensors").write_bytes(b"cut off")
    with pytest.raises(RecordError, match="the weights in it cannot be read"):
        export(broken, out, kitchen.workspace)
    assert not out.exists()


def test_a_folder_spelled_like_a_hub_id_is_not_named_to_the_hub(kitchen: Kitchen) -> None:
    record = find_run(kitchen.run("full"), kitchen.workspace).record
    for revision, expected in ((None, False), ("0" * 40, True)):
        inputs = record.inputs.model_copy(update={"model_id": "models/mine", "model_revision": revision})
        card = model_card(record.model_copy(update={"inputs": inputs}), form="model", checked=None, folder="x")
        assert ("base_model: models/mine" in card) is expected


def test_a_model_that_does_not_predict_what_the_run_did_is_not_exported(kitchen: Kitchen, out: Path) -> None:
    found = find_run(kitchen.run("full", 2), kitchen.workspace)
    kept = pd.read_parquet(found.folder.predictions)
    changed = kept.assign(logits=[[*row[:-1], row[-1] + 0.5] for row in kept["logits"]])
    changed.to_parquet(found.folder.predictions, index=False)
    try:
        with pytest.raises(RecordError, match="nothing was exported"):
            export(found, out, kitchen.workspace)
        assert list(out.parent.iterdir()) == []
    finally:
        kept.to_parquet(found.folder.predictions, index=False)


def test_data_that_have_changed_leave_no_check_but_the_users_word(kitchen: Kitchen, out: Path) -> None:
    found = find_run(kitchen.run("tfidf"), kitchen.workspace)
    texts = kitchen.workspace.root / "texts.csv"
    aside = shutil.copy(texts, out.with_suffix(".aside"))
    try:
        texts.write_text("text,label\nx,y\n", encoding="utf-8")
        with pytest.raises(BadValue, match=r"texts\.csv has changed since the run; --no-check"):
            export(found, out, kitchen.workspace)
        assert export(found, out, kitchen.workspace, check=False).checked is None
    finally:
        shutil.copy(aside, texts)
    assert "was not held against the run's predictions" in (out / "README.md").read_text()


def test_the_card_says_what_the_record_says(kitchen: Kitchen, out: Path) -> None:
    found = exported(kitchen, "full", out)
    record = found.record
    card = (out / "README.md").read_text(encoding="utf-8")
    _, front, body = card.split("---\n", 2)
    tree = YAML(typ="safe").load(io.StringIO(front))
    (result,) = tree["model-index"][0]["results"]
    values = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert values == {"accuracy": record.test.metrics["accuracy"], "f1": record.test.metrics["macro_f1"]}
    assert result["dataset"]["name"] == "texts.csv"
    assert "language" not in tree
    assert "base_model" not in tree, "a folder on this machine is no hub id"
    assert f"| accuracy | {record.test.metrics['accuracy']:.3f} |" in body
    assert "On 30 test texts of texts.csv" in body
    assert "One seed (1)" in body
    assert record.inputs.data_sha256 in body
    assert record.command in body
    assert r"a \| b" in body, "names of classes are shown literally"


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
@pytest.mark.parametrize("place", ["keys.txt", "below", "model"])
def test_a_link_in_a_run_of_others_exports_nothing_of_this_machine(
    kitchen: Kitchen, out: Path, tmp_path: Path, place: str
) -> None:
    found = find_run(kitchen.run("tfidf"), kitchen.workspace)
    run, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    shutil.copytree(found.folder.path, run)
    shutil.copytree(run / "model", elsewhere)
    (elsewhere / "key").write_text("the key of somebody", encoding="utf-8")
    if place == "model":
        shutil.rmtree(run / "model")
        (run / "model").symlink_to(elsewhere)
    else:
        (run / "model" / place).symlink_to(elsewhere / "key" if place == "keys.txt" else elsewhere)
    with pytest.raises(RecordError, match="not a file of this run's own"):
        export(Finished(RunFolder(run), found.record), out, kitchen.workspace)
    assert not out.exists()


def test_a_model_that_stayed_in_a_store_is_brought_when_it_is_asked_for(
    kitchen: Kitchen, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store, run_id = (tmp_path / "shared").as_uri(), kitchen.run("tfidf")
    experiment = find_run(run_id, kitchen.workspace).record.experiment
    assert Mirror(open_store(store), experiment, kitchen.workspace).runs.publish(run_id)
    for place in ("notebooks/train.ipynb", "params/kitchen.yaml"):
        (tmp_path / "w" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "w" / place).touch()
    there = Workspace(tmp_path / "w")
    Mirror(open_store(store), experiment, there).bring()
    with pytest.raises(BadValue, match="left its model in the store that it came from; --store ADDRESS brings it"):
        find_run(run_id, there)
    monkeypatch.chdir(there.root)
    assert cli.main(["export", run_id, str(out), "--no-check", "--store", store]) == 0
    assert "written: " in capsys.readouterr().out
    assert ours(find_run(run_id, there)) == pytest.approx(ours(find_run(run_id, kitchen.workspace)))
