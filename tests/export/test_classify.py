"""Lines in, lines out: places kept, batches streamed, probabilities those of softmax."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from bakeoff import cli
from bakeoff.errors import Unparsable
from bakeoff.export.classify import BATCH, LONGEST, answers, json_answers, text_lines
from kitchen import Kitchen

NAMES = ("no", "yes")


def by_length(texts):
    return np.array([[0.0, len(text)] for text in texts], dtype=np.float32)


def test_blank_lines_keep_their_place() -> None:
    assert list(answers(["\n", "ab\r\n", "  \n", "a"], NAMES, by_length)) == ["", "yes\t0.8808", "", "yes\t0.7311"]


def test_json_in_and_out() -> None:
    first, second, third = map(json.loads, json_answers(['{"text": "ab"}\n', "\n", '"a"'], NAMES, by_length))
    assert first["label"] == "yes"
    assert first["probabilities"]["no"] == pytest.approx(0.1192, abs=1e-4)
    assert second == {"label": None, "probability": None, "probabilities": None}
    assert third["probability"] == pytest.approx(0.7311, abs=1e-4)


@pytest.mark.parametrize("line", ["{", '{"txt": "a"}', "3"])
def test_json_that_is_none_names_the_line_and_not_its_text(line: str) -> None:
    with pytest.raises(Unparsable, match="line 2"):
        list(json_answers(['"a"', line], NAMES, by_length))


def test_a_byte_order_mark_is_no_part_of_the_first_text() -> None:
    assert list(text_lines(io.BytesIO("\ufeffa\nb".encode()))) == ["a\n", "b"]


def test_only_a_line_feed_ends_a_text() -> None:
    text = "a\rb\x0bc\u2028d"
    assert list(text_lines(io.BytesIO(f"{text}\r\ne".encode()))) == [f"{text}\r\n", "e"]


def test_texts_that_are_not_utf_8_are_refused_by_line() -> None:
    lines = text_lines(io.BytesIO("gut\nschön".encode("latin-1")))
    assert next(lines) == "gut\n"
    with pytest.raises(Unparsable, match=r"standard input, line 2: not UTF-8 \(byte 4 is 0xf6\); `iconv") as caught:
        next(lines)
    assert "sch" not in str(caught.value)


class Endless(io.RawIOBase):
    """One line that never ends."""

    read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        self.read += len(buffer)
        assert self.read < 4 * LONGEST, "read on and on"
        buffer[:] = b"a" * len(buffer)
        return len(buffer)


def test_a_line_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(Unparsable, match=r"standard input, line 1: longer than 1,048,576 bytes \(1 MiB\)") as caught:
        list(text_lines(io.BufferedReader(Endless())))
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_line_of_a_mebibyte_is_read(end: str) -> None:
    longest = "a" * LONGEST
    assert list(text_lines(io.BytesIO(f"{longest}{end}".encode()))) == [longest + end]
    with pytest.raises(Unparsable, match="line 1: longer"):
        next(text_lines(io.BytesIO(f"{longest}a{end}".encode())))


def test_a_batch_of_long_texts_is_a_small_one() -> None:
    """A tokenizer needs many times the memory of what it reads."""
    sizes = []

    def counted(texts):
        sizes.append(sum(map(len, texts)))
        return by_length(texts)

    assert len(list(answers(["a" * 300_000] * 20, NAMES, counted))) == 20
    assert max(sizes) <= LONGEST + 300_000


@pytest.mark.parametrize("said", [answers, json_answers])
def test_no_text_no_answer(said) -> None:
    assert list(said(text_lines(io.BytesIO()), NAMES, by_length)) == []


def test_half_a_surrogate_pair_is_one_line() -> None:
    with pytest.raises(Unparsable, match="line 1: half of a surrogate pair"):
        list(json_answers(['{"text": "\\ud800"}'], NAMES, by_length))


def test_batches_are_answered_before_all_lines_are_read() -> None:
    read = []

    def lines():
        for number in range(3 * BATCH):
            read.append(number)
            yield "a"

    first = next(answers(lines(), NAMES, by_length))
    assert first == "yes\t0.7311"
    assert len(read) == BATCH


def test_large_logits_give_a_probability() -> None:
    assert list(answers(["a" * 1000], NAMES, by_length)) == ["yes\t1.0000"]


@pytest.mark.parametrize("method", ["tfidf", "lora", "mamba"])
def test_the_command_prints_answers_and_nothing_else(kitchen: Kitchen, capsys, monkeypatch, method: str) -> None:
    run_id = kitchen.run(method)
    monkeypatch.chdir(kitchen.workspace.root)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a good film\n\nawful grim plot\n")))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out := io.BytesIO()))
    assert cli.main(["predict", run_id, "-"]) == 0
    good, blank, awful = out.getvalue().decode().removesuffix("\n").split("\n")
    assert blank == ""
    for line in (good, awful):
        label, probability = line.split("\t")
        assert label in ("a | b", "negative", "positive")
        assert 1 / 3 <= float(probability) <= 1


def test_a_reader_that_goes_away_makes_no_noise(kitchen: Kitchen) -> None:
    run_id = kitchen.run("tfidf")
    command = f"yes 'a good film' | head -20000 | {sys.executable} -m bakeoff predict {run_id} | head -1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, cwd=kitchen.workspace.root, env=os.environ
    )
    assert done.stdout.startswith("positive\t")
    assert done.stderr == ""
