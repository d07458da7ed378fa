"""A workspace whose runs, real ones of tiny models, are made once, when they are asked for."""

import json
from pathlib import Path

from ruamel.yaml import YAML

from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.train import TrainingRun
from bakeoff.runs.run import Request, resolve
from bakeoff.system.workspace import Workspace
from tiny import make_texts, save_tokenizer

SHORT = {"epochs": 2, "batch_size": 8, "learning_rate": 5e-3, "dtype": "float32", "threads": 1}
METHODS = {
    "tfidf": {},
    "untrained": {"dtype": "float32", "threads": 1},
    "full": {},
    "half": {"kind": "full", "dtype": "bfloat16"},
    "lora": {},
    "vera": {},
    "prefix": {},
    "linear_probe": {"pooling": "pooler"},
    "cls_probe": {"kind": "linear_probe", "model": "distilbert", "pooling": "cls"},
    "mean_probe": {"kind": "linear_probe", "pooling": "mean"},
    "mamba": {"kind": "full", "model": "mamba"},
    "pissa": {},
    "causal_prompt": {"kind": "prompt", "model": "gpt2"},
    "zero": {"kind": "zero_shot", "model": "gpt2", "template": "{text} is", "max_length": 20},
    "causal_lora": {"kind": "lora", "model": "gpt2"},
    "drawn_lora": {"kind": "lora", "model": "drawn-distilbert"},
    "drawn_prefix": {"kind": "prefix", "model": "drawn-gpt2"},
    "ended_full": {"kind": "full", "model": "gpt2", "tokenizer": "ended"},
    "ended_lora": {"kind": "lora", "model": "gpt2", "tokenizer": "ended"},
}
DRAWN = {
    "drawn-distilbert": {"model_type": "distilbert", "dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 2},
    "drawn-gpt2": {"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 64},
}
"""Configurations whose weights are drawn anew each time, named from the workspace's root."""


class Kitchen:
    """A workspace whose runs are made when they are asked for."""

    def __init__(self, root: Path, models: dict[str, Path]) -> None:
        for folder in ("notebooks", "params"):
            (root / folder).mkdir()
        (root / "notebooks" / "train.ipynb").write_text("{}", encoding="utf-8")
        lines = ["text,label", *(f"{text},{label}" for text, label in [*make_texts(120), ("the film is it", "a | b")])]
        lines += ["the plot was,a | b"] * 9
        (root / "texts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        for name, shape in DRAWN.items():
            tree = {**shape, "tokenizer": str(models["bert"])}
            (root / f"{name}.json").write_text(json.dumps(tree), encoding="utf-8")
        save_tokenizer(root / "ended", pad_token=None, eos_token="[SEP]")  # the last token of a text is the padding one
        models = {**models, **{name: Path(f"{name}.json") for name in DRAWN}}
        methods = {name: dict(body) for name, body in METHODS.items()}
        for body in methods.values():
            if "model" in body:
                body["model"] = str(models[body["model"]])
        split = {"train": 80, "validation": 20, "test": 30}
        tree = {
            "data": {"source": "texts.csv", "split": split, "max_length": 24},
            "model": str(models["bert"]),
            "seeds": [1, 2],
            "defaults": SHORT,
            "methods": methods,
        }
        YAML().dump(tree, root / "params" / "small.yaml")
        self.workspace = Workspace(root)
        self.experiment = load_experiment(root / "params" / "small.yaml")
        self.ids: dict[tuple[str, int], str] = {}

    def run(self, method: str, seed: int = 1) -> str:
        """Return the id of a finished run."""
        if (method, seed) not in self.ids:
            settled = resolve(Request(method=method, seed=seed), self.experiment, workspace=self.workspace)
            run = TrainingRun(settled, self.experiment, workspace=self.workspace)
            run.load_data()
            run.build_model()
            run.fit()
            run.finish()
            self.ids[method, seed] = settled.run_id
        return self.ids[method, seed]
