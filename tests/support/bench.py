"""A workspace with a small experiment on tiny models, and short ways to its runs."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakeoff.data.schema import Data, Label, Split
from bakeoff.data.sources import locate_data
from bakeoff.data.splits import Splits, load_splits
from bakeoff.methods.registry import TABLE, method
from bakeoff.models.sources import locate_model
from bakeoff.runs.run import Request, Run
from bakeoff.system.workspace import RunFolder, Workspace
from tiny import make_texts

KINDS = sorted(TABLE)
NEURAL = [kind for kind in KINDS if method(kind).neural]
TRAINED = [kind for kind in NEURAL if method(kind).trained]
# One of each way to change a base, for what is too slow to try on all; test_support.py tries all, for one step.
SAMPLE = [
    "adalora",
    "bitfit",
    "full",
    "linear_probe",
    "lora",
    "majority",
    "pissa",
    "prefix",
    "ptuning",
    "nbsvm",
    "tfidf",
    "untrained",
]
SAMPLE_NEURAL = [kind for kind in SAMPLE if kind in NEURAL]
SAMPLE_TRAINED = [kind for kind in SAMPLE if kind in TRAINED]
LOOP = {"epochs": 2, "batch_size": 8, "learning_rate": 5e-3, "dtype": "float32"}
SHORT: dict[str, dict[str, Any]] = {
    kind: {key: value for key, value in LOOP.items() if key in method(kind).Config.model_fields} for kind in TRAINED
} | {"untrained": {"dtype": "float32"}}
SHORT["linear_probe"]["solver"] = "adamw"


@dataclass(frozen=True)
class Bench:
    """A place to make runs in."""

    workspace: Workspace
    data: Data
    splits: Splits
    models: dict[str, Path]

    def run(
        self,
        kind: str,
        *,
        seed: int = 1,
        model: str = "bert",
        tokenizer: str | None = None,
        max_length: int = 32,
        **options: Any,
    ) -> Run:
        """Settle a run by hand, as `resolve` would."""
        path = self.models[model]
        data = self.data.model_copy(update={"max_length": max_length})
        given = {**SHORT.get(kind, {}), **options}
        return Run(
            request=Request(method=kind, seed=seed),
            experiment="small",
            kind=kind,
            params=method(kind).Config(**given).model_dump(),
            data=data,
            located_data=locate_data("texts.csv", workspace=self.workspace),
            located_model=locate_model(str(path), workspace=self.workspace, tokenizer=tokenizer),
            identity={},
            run_id=f"{kind}-s{seed}-00000000",
        )

    def folder(self, name: str) -> RunFolder:
        """Return a run folder, new on first use."""
        folder = RunFolder(self.workspace.root / "reports" / "small" / "runs" / name)
        folder.path.mkdir(parents=True, exist_ok=True)
        return folder


def make_bench(root: Path, models: dict[str, Path]) -> Bench:
    """Lay out a workspace with 120 texts."""
    for folder in ("notebooks", "params", "reports"):
        (root / folder).mkdir()
    (root / "notebooks" / "train.ipynb").write_text("{}", encoding="utf-8")
    with (root / "texts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        writer.writerows(make_texts(120))
    return open_bench(root, models)


def open_bench(root: Path, models: dict[str, Path]) -> Bench:
    """Return the bench that lies in a folder."""
    workspace = Workspace(root)
    data = Data(source="texts.csv", label=Label(), split=Split(train=60, validation=30, test=30), max_length=32)
    splits = load_splits(data, locate_data("texts.csv", workspace=workspace))
    return Bench(workspace, data, splits, models)


def accuracy(gold: Any, predicted: Any, logits: Any) -> dict[str, float]:
    """Evaluate as a notebook would."""
    assert logits.shape == (len(gold), 2)
    return {"accuracy": float((gold == predicted).mean())}
