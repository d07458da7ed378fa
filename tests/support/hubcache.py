"""Lays out a hub cache as `huggingface_hub` does: real folders, links and cards, rows of our own invention.

Names, columns, configurations and classes are those of the two data sets of the original experiments; not one text is.
"""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

EMOTIONS = ("sadness", "joy", "love", "anger", "fear", "surprise")
CARD = """\
---
language:
- en
license:
- other
task_categories:
- text-classification
pretty_name: Emotion
dataset_info:
- config_name: split
  features: &features
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': sadness
          '1': joy
          '2': love
          '3': anger
          '4': fear
          '5': surprise
  splits:
  - name: train
    num_bytes: 1
    num_examples: {train}
  - name: validation
    num_bytes: 1
    num_examples: {validation}
  - name: test
    num_bytes: 1
    num_examples: {test}
  download_size: 1
  dataset_size: 1
- config_name: unsplit
  features: *features
  splits:
  - name: train
    num_bytes: 1
    num_examples: {unsplit}
  download_size: 1
  dataset_size: 1
configs:
- config_name: split
  data_files:
  - split: train
    path: split/train-*
  - split: validation
    path: split/validation-*
  - split: test
    path: split/test-*
  default: true
- config_name: unsplit
  data_files:
  - split: train
    path: unsplit/train-*
---

# Made-up rows in the shape of a data set
"""
SCRIPT = 'raise RuntimeError("code from a hub was run")\n'
PLACES = ("the kitchen", "a late train", "my first garden", "the choir", "this long queue", "an empty harbour")
DEEDS = ("counting spoons", "painting a fence", "waiting for rain", "sorting buttons", "learning to whistle")
OPINIONS = ("Длинная сказка про чайник", "Тихая история про трамвай", "Шумный рассказ про огород")


def commit_of(repo: str) -> str:
    """Return the commit this cache pretends a data set has."""
    return hashlib.sha1(repo.encode()).hexdigest()


def lay_out_hub(cache: Path, *, rows: int = 60) -> Path:
    """Put both data sets into a hub cache folder and return it.

    rows: training texts of dair-ai/emotion (half as many for validation and test each) and of blinoff/kinopoisk
    """
    lay_out(cache, "dair-ai/emotion", emotion_files(rows))
    lay_out(cache, "blinoff/kinopoisk", kinopoisk_files(rows))
    return cache


def lay_out(cache: Path, repo: str, files: dict[str, bytes], *, revision: str = "main") -> Path:
    """Write one data set: blobs, a commit's snapshot that links to them, and the branch. Returns the snapshot."""
    folder = cache / f"datasets--{repo.replace('/', '--')}"
    snapshot = folder / "snapshots" / commit_of(repo)
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    (folder / "refs" / revision).write_text(snapshot.name, encoding="utf-8")
    (folder / "blobs").mkdir(exist_ok=True)
    for name, content in files.items():
        blob, link = folder / "blobs" / hashlib.sha256(content).hexdigest(), snapshot / name
        blob.write_bytes(content)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    return snapshot


def emotion_files(rows: int = 60) -> dict[str, bytes]:
    """Return the files of dair-ai/emotion, two configurations."""
    sizes = {"train": rows, "validation": rows // 2, "test": rows // 2}
    sizes["unsplit"] = sum(sizes.values())
    names = {split: f"split/{split}-00000-of-00001.parquet" for split in ("train", "validation", "test")}
    names["unsplit"] = "unsplit/train-00000-of-00001.parquet"
    card = CARD.format(**sizes).encode()
    tables = {names[split]: parquet(emotion_rows(n, salt=split)) for split, n in sizes.items()}
    return {"README.md": card, **tables}


def emotion_rows(n: int, *, salt: str) -> list[dict[str, Any]]:
    """Make up rows, classes in turn, coded as on the hub."""
    return [
        {
            "text": f"i feel {EMOTIONS[i % 6]} near {PLACES[i % 5]}; {DEEDS[i % 4]} {salt} {i}",
            "label": i % 6,
        }
        for i in range(n)
    ]


def parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return rows as the bytes of a parquet file."""
    stream = io.BytesIO()
    pd.DataFrame(rows).to_parquet(stream, index=False)
    return stream.getvalue()


def kinopoisk_files(rows: int = 60) -> dict[str, bytes]:
    """Return the files of blinoff/kinopoisk: a card without configurations, a loading script and the reviews."""
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in kinopoisk_rows(rows))
    card = "---\nlanguage:\n- ru\ntask_categories:\n- text-classification\n---\n"
    return {"README.md": card.encode(), "kinopoisk.py": SCRIPT.encode(), "kinopoisk.jsonl": f"{lines}\n".encode()}


def kinopoisk_rows(n: int) -> list[dict[str, Any]]:
    """Make up reviews, fifteen of each film.

    Of ten, seven are good, one neutral and two bad; grade10 is a number, the same as text, empty or missing; every
    twelfth review has no text.
    """
    grades = (9, 8, 10, 7, 9, 8, 10, 5, 2, 3)
    rows = []
    for i in range(n):
        grade = grades[i % 10]
        rows.append(
            {
                "part": ("top250", "bottom100")[i % 2],
                "movie_name": f"Фильм {i // 15}",
                "review_id": f"review_{i}",
                "author": f"author {i % 7}",
                "date": "1 января 2001",
                "title": "",
                "grade3": "Good" if grade > 6 else "Neutral" if grade > 4 else "Bad",
                "grade10": (grade, str(grade), float(grade), "", None)[i % 5 if i % 3 == 0 else i % 2],
                "content": (None if i % 24 else "") if i % 12 == 0 else f"{OPINIONS[i % 3]}; номер {i}:\n\n«да»",
            }
        )
    return rows
