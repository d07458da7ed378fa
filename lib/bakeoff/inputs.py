"""What went into a run: the parts of its record about the data and the base model.

Imported by `record`, which everything else takes them from. Imports nothing of bakeoff.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Inputs", "Part", "SplitFacts"]


class Part(BaseModel):
    """Base of a record's parts: immutable, nothing undeclared, every number finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SplitFacts(Part):
    """One split of the data.

    labels: class name -> number of texts; words_*: white-space separated words per text;
    duplicates: texts that stand in the split more than once, counted beyond the first; contradictory: those of them
    with another label than the first; source_split: which of the source's own splits the texts are from ("all": it
    has none of its own) and source_n: the texts that one had to give; groups: distinct values of the group column
    """

    n: int
    labels: dict[str, int]
    item_ids_sha256: str
    words_median: float
    words_p95: float
    words_max: int
    duplicates: int
    contradictory: int | None = None
    source_split: str | None = None
    source_n: int | None = None
    groups: int | None = None


class Inputs(Part):
    """What went in. overlap: "train/test" -> texts of the later split that stand in the earlier one too.

    shared_groups: the same for values of the group column, where there is one
    tokenizer_*: None where the model brings its own; pad_token: what fills up batches; head: class of transformers, or
    what ours reads; mixer: what computes the layers of a state-space model, None elsewhere
    dropped: reason -> rows left out; max_length: tokens; comparability_sha256: all that two runs must share to stand in
    one table
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
    head: str | None = None
    mixer: str | None = None
    comparability_sha256: str
