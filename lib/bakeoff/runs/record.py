"""What a run leaves behind; units are in names (`_s`, `_bytes`, `_ms`), shares are fractions, missing is None."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from bakeoff.data.schema import Part, SplitFacts
from bakeoff.errors import RecordError
from bakeoff.experiment.messages import checked
from bakeoff.runs.run import Identity, Request, Role
from bakeoff.system.atomic import atomic_path
from bakeoff.system.cores import uncollected
from bakeoff.system.digests import bytes_of
from bakeoff.system.message import Message

__all__ = [
    "SCHEMA_VERSION",
    "Cost",
    "Epoch",
    "Failure",
    "Inputs",
    "Kept",
    "Quality",
    "Record",
    "Sweep",
    "Trace",
    "Training",
    "read_record",
    "read_records",
    "write_record",
]
SCHEMA_VERSION: Literal[1] = 1


class Failure(Part):
    """Why a run has no result. type: exception name; where: tag of the notebook cell; kind: what a table calls it."""

    type: str
    message: str
    where: str | None = None
    kind: Literal["diverged", "failed", "killed", "memory", "time", "unsupported"] = "failed"


class Epoch(Part):
    """The state after one epoch.

    train_loss: mean over its steps; validation_loss: log loss on validation; elapsed_s: training only, all attempts
    """

    epoch: int
    step: int
    train_loss: float
    validation_loss: float | None = None
    validation: dict[str, float]
    elapsed_s: float


class Sweep(Part):
    """How the hyperparameters of this run were chosen.

    grid: what was tried, drawn: point by point rather than every combination; chosen: the values; trials: run ids
    validation: "rank=8" -> value of the metric; at_edge: chosen values at the end of their list; stopped: by halving,
    "rank=8" -> epochs
    """

    metric: str
    grid: dict[str, tuple[Any, ...]]
    drawn: bool = False
    chosen: dict[str, Any]
    validation: dict[str, float]
    at_edge: tuple[str, ...]
    trials: tuple[str, ...]
    stopped: dict[str, int] = Field(default_factory=dict)


class Training(Part):
    """What the fit loop did. tokens_real: without padding, over all epochs; tokens_padded: with it.

    settled: hyperparameters that were left out, or "auto", and that base model or texts decided, as they were used
    epochs, steps: of the fit loop, None where a head was learnt without it; iterations: of that head's own optimizer
    converged: by the method's own optimizer, None where it has none; at_edge: settled values at an end of those tried
    """

    epochs: int | None
    steps: int | None
    samples_seen: int
    tokens_real: int | None = None
    tokens_padded: int | None = None
    truncated_share: float | None = None
    effective_batch: int | None = None
    dtype: str | None = None
    pooling: str | None = None
    settled: dict[str, Any] = Field(default_factory=dict)
    iterations: int | None = None
    converged: bool | None = None
    at_edge: dict[str, tuple[float, float]] = Field(default_factory=dict)
    resumed_from_epoch: int | None = None
    history: tuple[Epoch, ...] = ()


class Quality(Part):
    """Metrics on one split. per_class: class name -> {precision, recall, f1, support}; confusion[gold][predicted]."""

    metrics: dict[str, float]
    per_class: dict[str, dict[str, float]]
    confusion: tuple[tuple[int, ...], ...]


class Cost(Part):
    """What it took.

    params_added: parameters the method put on top of the base model; artifact_bytes: of the saved model or adapter;
    train_s: the fit loop without validation; test_s: predicting the test texts once they are tokenised;
    peak_rss_*: VmHWM of this process, else the most of a look every 20 ms; gpu_*: None without a GPU;
    inference_ms_per_item: from the test texts to their scores, tokenising included, over their number, in batches of
    eval_batch_size texts or eval_batch_tokens tokens with padding; *_cpu_s: processor time of all threads in those
    vectors_from_cache: splits whose text vectors an earlier run had made; what that took then counts as this run's own
    layers_run_once: of the encoder, below the first that is trained, where training kept what they make of each text
    """

    params_trainable: int | None = None
    params_total: int | None = None
    params_added: int | None = None
    artifact_bytes: int | None = None
    load_s: float | None = None
    tokenize_s: float | None = None
    train_s: float | None = None
    train_cpu_s: float | None = None
    validation_s: float | None = None
    test_s: float | None = None
    train_tokens_per_s: float | None = None
    inference_ms_per_item: float | None = None
    inference_cpu_s: float | None = None
    eval_batch_size: int | None = None
    eval_batch_tokens: int | None = None
    vectors_from_cache: str | None = None
    layers_run_once: int | None = None
    rss_after_load_bytes: int | None = None
    peak_rss_train_bytes: int | None = None
    peak_rss_eval_bytes: int | None = None
    gpu_peak_allocated_train_bytes: int | None = None
    gpu_peak_reserved_train_bytes: int | None = None
    gpu_peak_allocated_eval_bytes: int | None = None
    gpu_peak_reserved_eval_bytes: int | None = None


class Trace(Part):
    """Hashes along the way, to find the first stage at which two runs part."""

    initial_weights_sha256: str | None = None
    batch_order_sha256: str | None = None
    losses: dict[str, float] = Field(default_factory=dict)
    final_weights_sha256: str | None = None
    predictions_sha256: str


class Kept(Part):
    """A file that a run keeps."""

    bytes: int
    sha256: str


class Record(Part):
    """Everything one run leaves behind; see the parts. `summary` is the method's own one-line description.

    changes: to the experiment file, as typed after --set; command: makes this very run, changes and all; compare: what
    the experiment declared about the comparison when the run was made, which does not change the run itself; files:
    predictions and model by their paths in the run's folder, empty in records of the first versions

    >>> record = bakeoff.read_records("reports/demo/runs")[0]
    >>> record.experiment, record.status, record.test.metrics["accuracy"] > 0
    ('demo', 'ok', True)
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str
    experiment: str
    request: Request
    method: str
    kind: str
    summary: str
    role: Role
    seed: int
    params: dict[str, Any]
    params_sha256: str
    identity: Identity
    command: str
    changes: tuple[str, ...] = ()
    compare: dict[str, Any] | None = None
    status: Literal["ok", "failed", "diverged"]
    error: Failure | None = None
    trained: bool
    deterministic: bool
    sweep: Sweep | None = None
    inputs: Inputs | None = None
    training: Training | None = None
    validation: Quality | None = None
    test: Quality | None = None
    cost: Cost | None = None
    environment: dict[str, Any] = Field(default_factory=dict)
    trace: Trace | None = None
    files: dict[str, Kept] = Field(default_factory=dict)

    @property
    def stopped_after(self) -> int | None:
        """The epochs of a trial that was stopped before its last one and may go on; None for any other run."""
        done = len(self.training.history) if self.training and self.request.stop_after else 0
        return done if self.status == "ok" and 0 < done < self.params["epochs"] else None

    def reaches(self, epochs: int | None) -> bool:
        """Return whether it was trained for so many epochs, None for all of them."""
        return self.stopped_after is None or (epochs is not None and self.stopped_after >= epochs)

    def ahead_of(self, sweep: Collection[str]) -> bool:
        """Return whether it predicted the test texts before the choice of its method's hyperparameters was locked.

        sweep: hyperparameters that the experiment file leaves to be chosen, none where it fixes them all
        """
        chosen = self.sweep.chosen if self.sweep else {}
        return self.status == "ok" and self.role != "sweep" and not set(sweep) <= chosen.keys()


def write_record(record: Record, file: Path) -> None:
    """Write a record whole or not at all."""
    with atomic_path(file) as scratch:
        scratch.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8", newline="\n")


def read_record(file: Path, *, placed: bool = False) -> Record:
    """Read and validate one record; raises RecordError with what is wrong. placed: in a folder that is called as it."""
    try:
        record = Record.model_validate_json(bytes_of(file))
    except OSError as error:
        reason = "no record: the run has not finished" if not file.exists() else f"cannot be read ({error.strerror})"
        raise RecordError(file, reason) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise RecordError(file, f"{'.'.join(map(str, first['loc'])) or 'record'}: {first['msg']}") from None
    if placed and file.parent.name != record.run_id:  # a copy
        raise RecordError(file, Message("the record of another run, {run}", run=record.run_id))
    return record


@uncollected()
@checked
def read_records(runs: str | Path, *, unreadable: Callable[[RecordError], None] | None = None) -> list[Record]:
    """Read every record below a runs folder (`reports/<experiment>/runs`), by run id; without such a folder none.

    unreadable: told of each bad record, which then stops nothing; left out, the first one raises its RecordError

    >>> [record.seed for record in bakeoff.read_records("reports/demo/runs") if record.method == "lora"]
    [41, 42, 43]
    """
    found = []
    for file in sorted(Path(runs).glob("*/record.json")):
        try:
            found.append(read_record(file, placed=True))
        except RecordError as error:
            if unreadable is None:
                raise
            unreadable(error)
    return found


class Inputs(Part):
    """What went in. overlap: "train/test" -> texts of the later split in the earlier one too; shared_groups: likewise.

    tokenizer_*: None where the model brings its own; pad_token: what fills up batches; head: class of transformers, or
    what ours reads; mixer: what computes the layers of a state-space model, None elsewhere
    unknown_share, single_letter_share: of the tokens read, those for signs unknown to the tokenizer, and for a letter
    dropped: reason -> rows left out; max_length: tokens; comparability_sha256: what two runs in one table must share
    """

    data_id: str
    data_revision: str | None
    data_sha256: str
    label_names: tuple[str, ...]
    splits: dict[str, SplitFacts]
    overlap: dict[str, int]
    shared_groups: dict[str, int] = Field(default_factory=dict)
    dropped: dict[str, int]
    max_length: int
    model_id: str | None = None
    model_revision: str | None = None
    model_architecture: str | None = None
    model_pretrained: bool | None = None
    base_weights_sha256: str | None = None
    tokenizer_id: str | None = None
    tokenizer_revision: str | None = None
    pad_token: str | None = None
    unknown_share: float | None = None
    single_letter_share: float | None = None
    head: str | None = None
    mixer: str | None = None
    comparability_sha256: str
