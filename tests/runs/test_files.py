"""What a run keeps beside its record, and what of it is noticed when it changes."""

import pytest

import sample
from bakeoff.errors import RecordError
from bakeoff.runs.files import check_files, check_predictions, keep_files, read_whole
from bakeoff.runs.predictions import read_predictions
from bakeoff.runs.record import write_record
from bakeoff.system.workspace import RunFolder


@pytest.fixture
def kept(tmp_path):
    """Return a record and its folder with predictions and a model of two files."""
    folder = RunFolder(tmp_path / sample.record("full", 41).run_id)
    (folder.model / "deeper").mkdir(parents=True)
    folder.predictions.write_bytes(b"predictions")
    (folder.model / "model.safetensors").write_bytes(b"weights")
    (folder.model / "deeper/tokenizer.json").write_bytes(b"{}")
    record = sample.record("full", 41).model_copy(update={"files": keep_files(folder)})
    write_record(record, folder.record)
    return record, folder


def test_everything_kept_is_known_by_its_path(kept) -> None:
    record, folder = kept
    assert list(record.files) == ["model/deeper/tokenizer.json", "model/model.safetensors", "predictions.parquet"]
    assert record.files["model/model.safetensors"].bytes == 7
    assert read_whole(folder) == record
    check_files(record, folder, hashes=True)


@pytest.mark.parametrize("name", ["model/deeper/tokenizer.json", "model/model.safetensors"])
def test_a_missing_or_shorter_file_of_the_model_is_noticed(kept, name) -> None:
    record, folder = kept
    (folder.path / name).write_bytes(b"")
    with pytest.raises(RecordError, match="not the file that its record tells of"):
        read_whole(folder)
    (folder.path / name).unlink()
    with pytest.raises(RecordError, match="missing beside its record"):
        read_whole(folder)
    check_predictions(record, folder)


def test_one_bit_of_a_model_is_noticed_where_its_bytes_are_read(kept) -> None:
    record, folder = kept
    (folder.model / "model.safetensors").write_bytes(b"weightz")
    check_files(record, folder)
    with pytest.raises(RecordError, match="not the file that its record tells of"):
        check_files(record, folder, hashes=True)


def test_other_predictions_are_noticed(kept) -> None:
    record, folder = kept
    folder.predictions.write_bytes(b"predictionz")
    for read in (lambda: read_whole(folder), lambda: read_predictions(record, folder)):
        with pytest.raises(RecordError, match="not the file that its record tells of"):
            read()
    folder.predictions.unlink()
    with pytest.raises(RecordError, match="no predictions beside the record"):
        read_whole(folder)


def test_a_record_of_an_early_version_tells_of_no_files(kept) -> None:
    record, folder = kept
    (folder.model / "model.safetensors").unlink()
    check_files(record.model_copy(update={"files": {}}), folder, hashes=True)


def test_a_failed_run_keeps_nothing(tmp_path) -> None:
    check_files(sample.failed("full"), RunFolder(tmp_path))
