from __future__ import annotations

import json
import math
import multiprocessing
import os
import signal

import pytest
from pydantic import ValidationError

from bakeoff.errors import RecordError
from bakeoff.runs.record import Epoch, Failure, Quality, Record, Trace, read_record, read_records, write_record
from bakeoff.runs.run import Request


def record(**changes):
    given = {
        "run_id": "full-s1-0123abcd",
        "experiment": "demo",
        "request": Request(method="full", seed=1),
        "method": "full",
        "kind": "full",
        "summary": "Trains all.",
        "role": "candidate",
        "seed": 1,
        "params": {"epochs": 3, "target_modules": ["query"]},
        "params_sha256": "0",
        "identity": {"data": {"split": {}}, "seed": 1},
        "command": "papermill",
        "status": "ok",
        "trained": True,
        "deterministic": False,
        "validation": Quality(metrics={"accuracy": 1 / 3}, per_class={}, confusion=((1, 2), (3, 4))),
        "trace": Trace(predictions_sha256="0", losses={"1": 0.1}),
    }
    return Record(**{**given, **changes})


def test_a_record_is_read_back_as_written(tmp_path):
    file = tmp_path / "run" / "record.json"
    write_record(record(), file)
    assert read_record(file) == record()
    assert file.read_text().endswith("}\n")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_number_is_infinite_or_none_at_all(value):
    with pytest.raises(ValidationError):
        Epoch(epoch=1, step=1, train_loss=value, validation={}, elapsed_s=1)
    with pytest.raises(ValidationError):
        Quality(metrics={"accuracy": value}, per_class={}, confusion=())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema_version": 2}, "schema_version: "),
        ({"undeclared": 1}, "undeclared: "),
        ({"status": "fine"}, "status: "),
        ({"seed": "one"}, "seed: "),
        ({"identity": {}}, "identity: it tells of no data"),
        ({"identity": {"data": 1e308}}, "identity: it tells of no data"),
        ({"identity": {"data": {"split": [1]}}}, "identity: it tells of no data"),
        ({"identity": {"data": {"split": {}}, "model": "x"}}, "identity: it tells of no base model"),
        ({"identity": {"data": {"split": {}}, "model": {"tokenizer": 1}}}, "identity: it tells of no base model"),
    ],
)
def test_a_record_of_another_shape_is_refused_with_the_reason(tmp_path, change, said):
    file = tmp_path / "record.json"
    content = {**json.loads(record().model_dump_json()), **change}
    file.write_text(json.dumps(content))
    with pytest.raises(RecordError, match=said) as caught:
        read_record(file)
    assert caught.value.path == file
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"run_id": "x"}', "\x00"])
def test_a_torn_record_is_refused(tmp_path, content):
    file = tmp_path / "record.json"
    file.write_text(content)
    with pytest.raises(RecordError):
        read_record(file)


def test_no_record_means_not_finished(tmp_path):
    with pytest.raises(RecordError, match="the run has not finished"):
        read_record(tmp_path / "record.json")


def test_a_bad_record_stops_no_good_one(tmp_path):
    for name in ("b", "a"):
        write_record(record(run_id=name), tmp_path / name / "record.json")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "record.json").write_text("{")
    (tmp_path / "unfinished").mkdir()
    bad: list[RecordError] = []
    assert [found.run_id for found in read_records(tmp_path, unreadable=bad.append)] == ["a", "b"]
    assert [error.path for error in bad] == [tmp_path / "c" / "record.json"]


def test_a_run_counts_once_and_in_its_own_folder(tmp_path):
    """Not from a copy of its folder, nor where two folders have one another's name."""
    from bakeoff.execution.records import KeptRecords

    for name, place in (("a", "a"), ("a", "a copy"), ("b", "c"), ("c", "b")):
        write_record(record(run_id=name, status="failed"), tmp_path / place / "record.json")
    bad: list[RecordError] = []
    assert [found.run_id for found in read_records(tmp_path, unreadable=bad.append)] == ["a"]
    assert {error.path.parent.name: error.reason for error in bad} == {
        "a copy": "the record of another run, a",
        "b": "the record of another run, c",
        "c": "the record of another run, b",
    }
    found, broken = KeptRecords().read(tmp_path)
    assert (list(found), sorted(broken)) == (["a"], ["a copy", "b", "c"])


def test_a_folder_that_is_not_there_holds_no_records(tmp_path):
    assert read_records(tmp_path / "none", unreadable=pytest.fail) == []


def test_a_failure_needs_no_numbers(tmp_path):
    failed = record(
        status="failed", error=Failure(type="ValueError", message="no", where="train"), validation=None, trace=None
    )
    write_record(failed, tmp_path / "record.json")
    assert read_record(tmp_path / "record.json").error.where == "train"


def _write_for_ever(file, started):
    n = 0
    while True:
        n += 1
        write_record(record(summary="x" * 200_000, seed=n), file)
        started.set()


def test_a_writer_killed_at_any_moment_leaves_a_whole_record(tmp_path):
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    writer = context.Process(target=_write_for_ever, args=(tmp_path / "record.json", started))
    writer.start()
    assert started.wait(30)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    assert len(read_record(tmp_path / "record.json").summary) == 200_000
