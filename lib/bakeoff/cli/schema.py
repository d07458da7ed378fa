"""`bakeoff schema`: what may stand in an experiment file, for editors. Imported by `cli` only."""

from __future__ import annotations

import argparse
import json
import sys

from bakeoff.cli.command import Command

__all__ = ["SCHEMA"]


def _schema(_options: argparse.Namespace) -> int:
    from bakeoff.schema import experiment_schema

    sys.stdout.write(json.dumps(experiment_schema(), indent=1, ensure_ascii=False) + "\n")
    return 0


SCHEMA = Command("Print the JSON Schema of experiment files, by which editors complete and check them.", _schema)
