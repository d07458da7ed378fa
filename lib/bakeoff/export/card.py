"""The model card of an exported model: what its record holds and nothing beyond."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bakeoff.data.hub import HUB_ID as HUB_DATA
from bakeoff.report.text.escape import escape_markdown
from bakeoff.runs.record import Inputs, Record, Sweep
from bakeoff.system.own import is_reference

__all__ = ["model_card"]


HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
SHOWN = {"accuracy": "accuracy", "macro_f1": "macro-F1", "weighted_f1": "weighted F1", "mcc": "Matthews correlation"}
CONFIGURATION = ", configuration "
"""What `sources` puts between the name of a hub data set and that of its configuration."""
HUB_METRICS = {"accuracy": "accuracy", "macro_f1": "f1"}
LOADING = {
    "model": """\
from transformers import AutoModelForSequenceClassification, AutoTokenizer

model = AutoModelForSequenceClassification.from_pretrained({folder})
tokenizer = AutoTokenizer.from_pretrained({folder})""",
    "adapter": """\
from peft import PeftConfig, PeftModel
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

adapter = PeftConfig.from_pretrained({folder})
base = AutoModelForSequenceClassification.from_pretrained(
    adapter.base_model_name_or_path,
    revision=adapter.revision,
    config=AutoConfig.from_pretrained({folder}),  # with the names of the classes
    ignore_mismatched_sizes=True,  # a head that the base may bring is replaced
)
model = PeftModel.from_pretrained(base, {folder}).eval()
tokenizer = AutoTokenizer.from_pretrained({folder})""",
    "own": """\
from pathlib import Path

from bakeoff import load_trained

logits = load_trained(Path({folder}))(["a text", "another text"])""",
}
LOADING["merged"] = LOADING["model"]
FORMS = {
    "model": "A whole model in the format of transformers.",
    "merged": "A whole model in the format of transformers: the adapter is worked into the weights of its base.",
    "adapter": "An adapter of peft; the base model has to be at hand, where `adapter_config.json` names it.",
    "own": "A model in bakeoff's own format, which bakeoff loads: transformers or peft alone would not give the same"
    " logits.",
}


def model_card(record: Record, *, form: str, checked: int | None, folder: str) -> str:
    """Return the text of README.md. checked: texts whose logits were compared, None where none were."""
    inputs = record.inputs
    assert inputs is not None  # an ok record has them  # noqa: S101
    parts = [
        f"---\n{_front(record, inputs, form)}\n---",
        f"# {escape_markdown(record.method)}, seed {record.seed}",
        f"{escape_markdown(record.summary)} Trained by bakeoff in the experiment {escape_markdown(record.experiment)}.",
        FORMS[form] + _needs(record, form),
        f"```python\n{LOADING[form].format(folder=json.dumps(folder, ensure_ascii=False))}\n```",
        f"Classes, in the order of the logits: {', '.join(map(escape_markdown, inputs.label_names))}.",
        "## Results\n\n" + "\n".join(_results(record, inputs)),
        "## Limits\n\n" + "\n".join(f"- {line}" for line in _limits(record, inputs, checked)),
        "## How it was made\n\n" + "\n".join(f"- {line}" for line in _made(record, inputs)),
        f"```\n{record.command}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _needs(record: Record, form: str) -> str:
    """Say which module of the user's own has to be at hand to load the model; nothing where none has."""
    if form != "own" or not is_reference(record.kind):
        return ""
    module = record.kind.partition(":")[0].replace(".", "/")
    given = "`load_trained(..., workspace=Workspace(Path(ROOT)))`, with `Workspace` of `bakeoff.system.workspace`"
    return f" It needs `{module}.py` in the workspace: {given}."


def _front(record: Record, inputs: Inputs, form: str) -> str:
    """Return the YAML that hubs read; a language or licence that nobody recorded is not stated."""
    from huggingface_hub import EvalResult, ModelCardData

    base = (inputs.model_id or "").removeprefix("hf://").partition("@")[0]
    on_hub = inputs.model_revision and HUB_ID.fullmatch(base)  # a folder here may be spelled alike and has no revision
    measured = record.test.metrics if record.test else {}
    results = [
        EvalResult(
            task_type="text-classification", metric_type=HUB_METRICS[name], metric_name=SHOWN[name],
            metric_value=measured[name], **_dataset(inputs),
        )
        for name in HUB_METRICS
        if name in measured
    ]  # fmt: skip
    return ModelCardData(
        pipeline_tag="text-classification",
        tags=["bakeoff", record.kind],
        library_name={"own": None, "adapter": "peft"}.get(form, "transformers"),
        base_model=base if on_hub else None,
        model_name=record.run_id if results else None,
        eval_results=results or None,
    ).to_yaml()


def _dataset(inputs: Inputs) -> dict[str, Any]:
    """Say what was tested on, in the fields of a hub; a split only where all of its texts and no others were."""
    facts = inputs.splits["test"]
    source, _, config = inputs.data_id.partition(CONFIGURATION)
    hub = HUB_DATA.fullmatch(source) if inputs.data_revision else None  # a folder here has no revision
    whole = facts.n == facts.source_n and all(reason.startswith("split ") for reason in inputs.dropped)
    return {
        "dataset_name": inputs.data_id,
        "dataset_type": hub["name"] if hub else inputs.data_id,
        "dataset_config": config if hub and config else None,
        "dataset_split": "test" if facts.source_split == "test" and whole else None,
        "dataset_revision": inputs.data_revision,
    }


def _results(record: Record, inputs: Inputs) -> Iterator[str]:
    if record.test is None:
        yield "A trial of a sweep: the test texts were not looked at."
        return
    n = inputs.splits["test"].n
    yield f"On {n:,} test texts of {escape_markdown(inputs.data_id)}, this one model:"
    yield ""
    yield "| metric | value |"
    yield "|---|---:|"
    for name, words in SHOWN.items():
        if name in record.test.metrics:
            yield f"| {words} | {record.test.metrics[name]:.3f} |"
    yield ""
    yield "| class | precision | recall | F1 | test texts |"
    yield "|---|---:|---:|---:|---:|"
    for name, row in record.test.per_class.items():
        values = " | ".join(f"{row[key]:.3f}" for key in ("precision", "recall", "f1"))
        yield f"| {escape_markdown(name)} | {values} | {int(row['support']):,} |"


def _limits(record: Record, inputs: Inputs, checked: int | None) -> Iterator[str]:
    if not record.deterministic:
        yield f"One seed ({record.seed}): another seed gives another model, and these numbers say nothing of it."
    yield "The numbers hold for texts like the test texts; nothing was measured on others."
    yield "The language of the texts is not recorded."
    if inputs.model_pretrained is False:
        yield "The base model's weights were drawn at random: nothing was learnt before this training."
    for pair, n in inputs.overlap.items():
        if n:
            first, _, later = pair.partition("/")
            yield f"{n:,} of the {inputs.splits[later].n:,} {later} texts stand in {first}, too."
    if inputs.model_id:
        cut = record.training.truncated_share if record.training else None
        share = f" ({cut:.1%} of the training texts were)" if cut else ""
        yield f"Texts are cut at {record.params.get('max_length') or inputs.max_length} tokens{share}."
    yield (
        "The exported model was not held against the run's predictions."
        if checked is None
        else f"The exported model gives the run's logits on {checked} of its texts, within floating-point tolerance."
    )


def _made(record: Record, inputs: Inputs) -> Iterator[str]:
    yield f"run `{record.run_id}`, code and versions in its record"
    revision = f", revision {escape_markdown(inputs.data_revision)}" if inputs.data_revision else ""
    yield f"data {escape_markdown(inputs.data_id)}{revision}, sha256 `{inputs.data_sha256}`"
    counts = ", ".join(f"{split} {facts.n:,}" for split, facts in inputs.splits.items())
    yield f"texts: {counts}"
    if inputs.model_id:
        revision = f", revision {escape_markdown(inputs.model_revision)}" if inputs.model_revision else ""
        weights = f", sha256 of its weights `{inputs.base_weights_sha256}`" if inputs.base_weights_sha256 else ""
        yield f"base model {escape_markdown(inputs.model_id)}{revision}{weights}"
    settings = ", ".join(f"{key} {value}" for key, value in sorted(record.params.items()) if value is not None)
    if settings:
        yield f"settings: {escape_markdown(settings)}"
    if record.sweep is not None:
        yield escape_markdown(_chosen(record.sweep))


def _chosen(sweep: Sweep) -> str:
    """Say what a sweep chose, among how many trials with a result, and which others were as good."""
    chosen = ", ".join(f"{key} {value}" for key, value in sweep.chosen.items())
    scored = len(sweep.validation)
    failed = len(sweep.trials) - scored
    without = f" ({failed} more ended without a result)" if failed else ""
    best = max(sweep.validation.values())
    _, *tied = [name for name, score in sweep.validation.items() if score == best]  # the first of them is chosen
    others = f"; {' and '.join(tied)} gave the same {SHOWN.get(sweep.metric, sweep.metric)}" if tied else ""
    return f"chosen on validation among {scored} trial{'s' * (scored != 1)}{without}: {chosen}{others}"
