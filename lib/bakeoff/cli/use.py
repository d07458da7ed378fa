"""`bakeoff export`, `predict` and `texts`: what leaves for other programs, and for models elsewhere."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bakeoff.cli.command import Command, experiment_arguments, open_experiment, say
from bakeoff.errors import BadValue

if TYPE_CHECKING:
    from bakeoff.export.lookup import Finished
    from bakeoff.runs.record import Record
    from bakeoff.system.workspace import Workspace

__all__ = ["EXPORT", "PREDICT", "TEXTS"]


RUN_HELP = "run id, the beginning of one, or method@seed; EXPERIMENT/ before it where several have one"
STORE_HELP = "where the run came from, if its model was left there"
WRITTEN = {
    "model": "a model for AutoModelForSequenceClassification",
    "merged": "a model for AutoModelForSequenceClassification, with the adapter worked into the weights of its base",
    "adapter": "an adapter for PeftModel on its base model",
    "own": "transformers or peft alone would not give the same logits, so it is in bakeoff's own format: its README.md"
    " says how to load it",
}


def _found(options: argparse.Namespace) -> tuple[Finished, Workspace]:
    """Find the run that a command line names; with a store, bring its model if that was left there."""
    from bakeoff.export.lookup import find_run
    from bakeoff.system.workspace import find_workspace

    workspace = find_workspace()
    if not options.store:
        return find_run(options.run_id, workspace), workspace
    from bakeoff.storage.address import open_store
    from bakeoff.storage.mirror import Mirror

    objects = open_store(options.store)

    def bring(record: Record) -> None:
        objects.check()
        Mirror(objects, record.experiment, workspace).runs.bring(record.run_id, models=True)

    return find_run(options.run_id, workspace, bring=bring), workspace


def _export(options: argparse.Namespace) -> int:
    from bakeoff.export.folder import export

    found, workspace = _found(options)
    done = export(found, Path(options.folder), workspace, merge=options.merge, check=not options.no_check)
    checked = "not checked" if done.checked is None else f"logits checked on {done.checked} texts"
    say(f"{found.record.run_id}: {WRITTEN[done.form]}")
    say(f"written: {done.folder} ({checked})")
    return 0


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN_ID", help=RUN_HELP)
    parser.add_argument("folder", metavar="FOLDER", help="a new or empty folder")
    parser.add_argument("--merge", action="store_true", help="work an adapter into the weights of its base model")
    parser.add_argument("--no-check", action="store_true", help="leave out the comparison with the run's predictions")
    parser.add_argument("--store", metavar="ADDRESS", help=STORE_HELP)


def _predict(options: argparse.Namespace) -> int:
    from bakeoff.export.classify import answers, json_answers, text_lines
    from bakeoff.system.imports import printing_aside
    from bakeoff.training.artifacts import load_trained

    found, workspace = _found(options)
    assert found.record.inputs is not None  # an ok record has them  # noqa: S101
    logits, names = load_trained(found.folder.model, workspace=workspace), found.record.inputs.label_names
    if sys.stdin.isatty():
        print("reading texts from the keyboard, one a line; Ctrl-D ends them", file=sys.stderr)  # noqa: T201
    # Texts are UTF-8 whatever the terminal is.
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    said, to = (json_answers if options.jsonl else answers)(text_lines(sys.stdin.buffer), names, logits), sys.stdout
    with printing_aside():
        for line in said:
            to.write(line + "\n")
    to.flush()
    return 0


def _predict_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN_ID", help=RUN_HELP)
    said = "texts come from standard input, one a line of at most 1 MiB"
    parser.add_argument("texts", nargs="?", choices=["-"], help=said)
    parser.add_argument("--jsonl", action="store_true", help='JSON lines in ({"text": ...}) and out')
    parser.add_argument("--store", metavar="ADDRESS", help=STORE_HELP)


def _texts(options: argparse.Namespace) -> int:
    import pandas as pd

    from bakeoff.data.filtering import PAIR
    from bakeoff.data.sources import locate_data
    from bakeoff.data.splits import load_splits
    from bakeoff.system.atomic import atomic_path
    from bakeoff.system.names import check_new
    from bakeoff.system.spreadsheets import csv_of

    experiment, workspace = open_experiment(options)
    data, file = experiment.data, Path(options.output)
    if file.suffix not in SUFFIXES:
        raise BadValue("--output", f"{file.name!r} does not end in {' or '.join(SUFFIXES)}")
    check_new(file, "--output")
    splits = load_splits(data, locate_data(data.source, workspace=workspace, config=data.config))
    frame = splits[options.split]
    parts = [text.split(PAIR) for text in frame["text"]]
    columns = {name: [part[number] for part in parts] for number, name in enumerate(data.texts)}
    table = pd.DataFrame({"item_id": frame["item_id"], **columns})
    try:
        with atomic_path(file) as scratch:
            if file.suffix == ".csv":
                scratch.write_text(csv_of(table), encoding="utf-8", newline="\n")
            else:
                table.to_json(scratch, orient="records", lines=True, force_ascii=False)
    except OSError as error:
        raise BadValue("--output", f"{file} cannot be written ({error.strerror})") from None
    said = f"written: {file} ({len(table):,} {options.split} texts, without their labels)"
    say(said)
    return 0


def _texts_arguments(parser: argparse.ArgumentParser) -> None:
    experiment_arguments(parser)
    parser.add_argument("--output", metavar="FILE", required=True, help="a new csv or jsonl file")
    parser.add_argument("--split", choices=["test", "validation"], default="test", help="which texts (default: test)")


SUFFIXES = (".csv", ".jsonl")
EXPORT = Command(_export, arguments=_export_arguments)
PREDICT = Command(_predict, arguments=_predict_arguments)
TEXTS = Command(_texts, arguments=_texts_arguments)
