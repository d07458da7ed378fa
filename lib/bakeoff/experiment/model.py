"""The experiment file as a model: strict about keys, complete before anything runs.

`load_experiment` is the only way in. Its errors are one line: file and line, key, value, nearest valid name. A method's
own hyperparameters come from its class.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, PrivateAttr, field_validator

from bakeoff.data.schema import Data, Frozen
from bakeoff.errors import UnknownName
from bakeoff.experiment.entries import MethodEntry, Resources, method_entry, varied
from bakeoff.experiment.further import MAIN, Further, Slicing
from bakeoff.experiment.grid import Base, cell_names
from bakeoff.experiment.overrides import place_of
from bakeoff.experiment.search import Tune
from bakeoff.methods.registry import TABLE, kinds
from bakeoff.metrics.classification import COMPARABLE, METRICS
from bakeoff.metrics.ordinal import ORDINAL
from bakeoff.metrics.own import offers
from bakeoff.system.message import LANGUAGES
from bakeoff.system.workspace import as_read

__all__ = ["Compare", "Constraints", "Experiment", "Report"]


if TYPE_CHECKING:
    Language = str
else:
    Language = Literal[LANGUAGES]


def _as_comparable(part: dict[str, Any]) -> None:
    own = {"type": "string", "pattern": "^[\\w.]+:\\w+$"}
    part["anyOf"] = [{"enum": [*COMPARABLE, *ORDINAL, *sorted(offers(METRICS))]}, own]
    del part["type"]


class Compare(Frozen):
    """What is compared and how sure one has to be; declared before anything runs."""

    metric: str = Field(
        "accuracy",
        description="what the verdicts are about; one of your own as my_module:my_metric",
        json_schema_extra=_as_comparable,
    )
    reference: str = Field("full", description="the method every other is held against")
    alpha: float = Field(0.05, ge=1e-12, lt=0.5, description="family-wise error rate")
    equivalence_margin: float = Field(
        0.01,
        gt=0,
        allow_inf_nan=False,
        description="a difference this small does not matter, in units of the metric; 0.01 of a share is one point",
    )
    seeds_at_most: int | None = Field(
        None,
        ge=1,
        description="seeds that may be added up to; reports on the way share `alpha`; left out: those of `seeds`",
        examples=[10],
    )


class Constraints(Frozen):
    """Limits a method has to stay within in every run to be recommended; declared before anything runs."""

    train_minutes: float | None = Field(None, gt=0, description="training time of a run, in minutes", examples=[5])
    peak_memory_gb: float | None = Field(
        None, gt=0, description="peak memory in training, a GB being 1024 MiB", examples=[4]
    )
    trainable_share: float | None = Field(
        None, gt=0, le=1, description="trained parameters by all of the model's", examples=[0.01]
    )
    artifact_mb: float | None = Field(
        None, gt=0, description="size of what is saved, an MB being 1024 KiB", examples=[5]
    )
    inference_ms: float | None = Field(
        None, gt=0, description="time to predict one test text, in milliseconds", examples=[2]
    )


class Report(Frozen):
    """How the report introduces itself."""

    title: str | None = Field(
        None, description="its heading; left out: made from the name", examples=["Ways to sort mail"]
    )
    language: Language = Field("en", description="of sentences, tables and figures")
    pdf: Literal["short", "full"] = Field(
        "short", description="short: without the methods one by one and the appendix; full: all that the HTML holds"
    )


class Experiment(Frozen):
    """A whole experiment file.

    name: what its folder of reports is called, the file's stem unless the file says otherwise; changes: settings
    changed from the command line, as they were typed

    >>> experiment = bakeoff.load_experiment("params/demo.yaml")
    >>> experiment.name, experiment.compare.metric, list(experiment.methods)[:2]
    ('demo', 'accuracy', ['majority', 'tfidf'])
    """

    name: str = Field(
        description="what its folder in reports/ is called; left out: the file's name without .yaml", examples=["mail"]
    )
    file: Path
    changes: tuple[str, ...] = ()
    data: Data = Field(description="what the texts are; required, with `source`, unless each of `datasets` has one")
    task: Literal["nominal", "ordinal"] = Field(
        "nominal",
        description="ordinal: the classes have an order, that of the names in `data.label`; tables of metrics then "
        "have QWK, MAE and Spearman's correlation, too",
    )
    model: str = Field(
        description="the base model that every method starts from: bundled:, a folder, a hub id, a .json file; "
        "required unless `models` names several",
        examples=["bundled:minilm-l6"],
    )
    tokenizer: str | None = Field(
        None,
        description="what `model` reads texts with; left out: its own tokenizer",
        examples=["google-bert/bert-base-uncased"],
    )
    datasets: dict[str, Data] | None = Field(
        None,
        description="data sets by name, each with the keys of `data` that differ there: with `models` a grid, of which "
        "each cell is a comparison of its own",
        examples=[{"films": {"source": "films.csv"}, "mail": {"source": "mail.csv"}}],
    )
    models: dict[str, Base] | None = Field(
        None,
        description="base models, listed or by name, in place of `model`; with `datasets` a grid",
        examples=[["bundled:minilm-l6", "bundled:distilbert-small"]],
    )
    cell: str | None = Field(
        None,
        description="the cell of the grid that the report's other sections are about; left out: the first",
        examples=["films/minilm-l6"],
    )
    seeds: tuple[int, ...] = Field(
        min_length=1,
        description="every method is trained once with each; three are the fewest for claims about methods",
        examples=[[41, 42, 43]],
    )
    train_sizes: tuple[int, ...] | None = Field(
        None,
        min_length=2,
        description="numbers of texts to train on: every method is trained with each, of a seed's own texts the fewer "
        "a part of the more; settings are chosen at the largest",
        examples=[[100, 300, 1000, 2000]],
    )
    tuning_seed: int | None = Field(
        None,
        ge=0,
        lt=2**32,
        description="sweeps choose with this seed, which is none of `seeds`; left out: one less than the smallest",
        examples=[40],
    )
    store: str | None = Field(
        None,
        description="shared storage that runs and reports are kept in: s3://, gs://, az:// or file:///; `--store` "
        "overrides it; left out: the workspace alone",
        examples=["s3://team/studies"],
    )
    defaults: dict[str, Any] = Field(default_factory=dict)
    tune: Tune | None = Field(
        None,
        description="searches settings of every trained method on validation; `tune` of a method overrides it",
        examples=[{"trials": 8}],
    )
    methods: dict[str, MethodEntry] = Field(min_length=1)
    tests: dict[str, Further] = Field(
        default_factory=dict,
        description="further test sets by name: a source, or a mapping with what of it differs from `data`; every "
        "compared run predicts them beside the data's own test split, which is called main",
        examples=[{"tweets": "bundled:icwsm2014/tweets"}],
    )
    slices: tuple[Slicing, ...] = Field(
        (),
        description="slices of the test texts that methods are scored on: `length`, in words, or a column; with edges "
        "for numbers, as in {length: [10, 30]}",
        examples=[["length", "topic"]],
    )
    compare: Compare = Compare()
    constraints: Constraints = Constraints()
    report: Report = Report()
    resources: Resources = Resources()
    _text: str | None = PrivateAttr(None)

    @property
    def unrecorded(self) -> tuple[str, ...]:
        """Metrics of the report that no run records, so that they are computed from kept predictions."""
        shown = (*(ORDINAL if self.task == "ordinal" else ()), self.compare.metric)
        return tuple(name for name in dict.fromkeys(shown) if name not in METRICS)

    @field_validator("seeds", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("train_sizes", mode="before")
    @classmethod
    def _sizes(cls, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple) or not all(type(size) is int and size > 0 for size in value):
            raise ValueError("it should be a list of whole numbers of texts, as in [100, 300, 1000]")
        if doubled := [size for size in value if value.count(size) > 1]:
            raise ValueError(f"{doubled[0]} is listed twice")
        if len(value) == 1:
            raise ValueError("one size alone shows nothing over sizes; write it as data.split.train")
        return tuple(value)

    @field_validator("slices", mode="before")
    @classmethod
    def _slices(cls, value: Any) -> Any:
        found = [Slicing.model_validate(one) for one in value] if isinstance(value, list | tuple) else value
        if isinstance(found, list) and len({(one.name, one.column) for one in found}) != len(found):
            raise ValueError("each cut of the texts is listed once")
        return tuple(found) if isinstance(found, list) else found

    @field_validator("tests", mode="before")
    @classmethod
    def _without_main(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if value.get(MAIN) is not None:
            raise ValueError(f"{MAIN} is the data's own test split; leave it out, or give this set another name")
        return {name: further for name, further in value.items() if name != MAIN}

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) != len(value) or not all(0 <= seed < 2**32 for seed in value):
            raise ValueError("seeds are distinct whole numbers from 0 to 4294967295")
        return value

    @property
    def sweep_seed(self) -> int:
        """The seed that trials of sweeps run with: none of those that are compared."""
        return (min(self.seeds) - 1) % 2**32 if self.tuning_seed is None else self.tuning_seed

    @property
    def data_set(self) -> str | None:
        """The name of this cell's data set; None where `datasets` names none."""
        return cell_names(self.datasets, self.models).get(self.cell or "", (None, None))[0]

    @property
    def base_name(self) -> str | None:
        """The name of this cell's base model; None where `models` names none."""
        return cell_names(self.datasets, self.models).get(self.cell or "", (None, None))[1]

    def spelled(self, setting: str) -> str:
        """Return the dotted key of the file that a key of this cell's data or base model is in."""
        head, dot, rest = setting.partition(".")
        if self.data_set and head == "data":
            return f"datasets.{self.data_set}{dot}{rest}"
        if self.base_name and setting in ("model", "tokenizer"):
            return f"models.{self.base_name}"
        return setting

    def seeds_of(self, entry: MethodEntry) -> tuple[int, ...]:
        """Return the seeds that a method is run with: the first alone where another would change nothing."""
        model, _ = self.base_of(entry)
        differs = varied(entry.method, self.data.split, varies=entry.varies, model=model)
        return self.seeds if differs else self.seeds[:1]

    def entry(self, name: str) -> MethodEntry:
        """Return a method entry of this file, or the plain method of that kind where the file has none."""
        if name in self.methods:
            return self.methods[name]
        if name not in TABLE and name not in kinds():
            raise UnknownName("method", name, {*self.methods, *kinds()}, kind="method", where=self.file.name)
        return method_entry(name, {}, self.defaults, where=lambda _: self.file.name)

    def base_of(self, entry: MethodEntry) -> tuple[str, str | None]:
        """Return the names of the base model an entry uses and of its tokenizer, None where the model brings it.

        The file's tokenizer belongs to the file's model: an entry with a model of its own does not inherit it.
        """
        return (entry.model, entry.tokenizer) if entry.model else (self.model, entry.tokenizer or self.tokenizer)

    def read_from(self, text: str) -> Self:
        """Remember the text of the file that this was read from; return it."""
        self._text = text
        return self

    @property
    def as_read(self) -> dict[str, str]:
        """The settings of the environment by which a process reads the file as it was, whatever becomes of it."""
        return as_read(self.file, self._text)

    def place(self, key: str, *, file: str) -> str:
        """Return where a dotted key has its value from: a change from the command line, else the file."""
        return place_of(self.changes, key) or file
