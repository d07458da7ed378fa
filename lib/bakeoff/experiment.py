"""The experiment file as a model: strict about keys, complete before anything runs.

`load_experiment` is the only way in. Its errors are one line: file and line, key, value, nearest valid name.
Imports `errors`, `method` and `workspace`; a method's own hyperparameters come from its class.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bakeoff.errors import BadValue, InputError, UnknownName, Unparsable
from bakeoff.method import Method, method

__all__ = ["Compare", "Data", "Experiment", "Label", "MethodEntry", "Report", "Split", "load_experiment"]

Size = Annotated[int | float, Field(gt=0)]
Scalar = str | int | float


class Frozen(BaseModel):
    """Base of the file's sections: immutable, no key that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Label(Frozen):
    """Which column holds the label and how its values become classes."""

    column: str = Field("label", description="column with the label or grade")
    bins: tuple[float, ...] | None = Field(None, description="edges of a grade; a value on an edge goes up")
    mapping: dict[Scalar, str | None] | None = Field(None, description="value to class name; null drops the row")
    names: tuple[str, ...] | None = Field(None, description="class names in order")

    @field_validator("bins", "names", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.bins is not None and self.mapping is not None:
            raise ValueError("give bins or a mapping, not both")
        if self.bins is not None and list(self.bins) != sorted(set(self.bins)):
            raise ValueError("bins must rise")
        if self.bins is not None and (self.names is None or len(self.names) != len(self.bins) + 1):
            raise ValueError(f"{len(self.bins)} bins make {len(self.bins) + 1} classes; give as many names")
        return self


class Split(Frozen):
    """How many texts go where; whole numbers are counts, numbers below one are shares."""

    train: Size = 0.7
    validation: Size = 0.15
    test: Size = 0.15
    stratify: bool = Field(True, description="keep the class shares of the whole in each split")
    seed: int = Field(42, ge=0)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        sizes = (self.train, self.validation, self.test)
        if any(isinstance(size, float) and size >= 1 for size in sizes):
            raise ValueError("a share is below one; write counts without a decimal point")
        if sum(size for size in sizes if isinstance(size, float)) > 1 + 1e-9:
            raise ValueError(f"the shares {sizes} add up to more than one")
        return self


class Data(Frozen):
    """What the texts are."""

    source: str | dict[Literal["train", "validation", "test"], str]
    text: str = Field("text", description="column with the text")
    label: Label = Field(default_factory=Label)
    where: str | None = Field(None, description="rows to keep, in the expression language of pandas.DataFrame.query")
    split: Split | None = Field(None, description="left out: the splits the source has")
    max_length: int = Field(256, ge=8, description="tokens; longer texts are cut")

    @field_validator("label", mode="before")
    @classmethod
    def _column_alone(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _splits_known(self) -> Self:
        if isinstance(self.source, str) and self.split is None:
            raise ValueError("a single source has no splits of its own; add `split: {train: ..., validation: ...}`")
        if isinstance(self.source, dict) and set(self.source) != {"train", "validation", "test"}:
            raise ValueError("name the files of all three splits: train, validation, test")
        if isinstance(self.source, dict) and self.split is not None:
            raise ValueError("the source names its splits already; leave `split` out")
        return self


class Compare(Frozen):
    """What is compared and how sure one has to be; declared before anything runs."""

    metric: Literal["accuracy", "macro_f1"] = "accuracy"
    reference: str = Field("full", description="the method every other is held against")
    alpha: float = Field(0.05, gt=0, lt=0.5, description="family-wise error rate")
    equivalence_margin: float = Field(0.01, gt=0, lt=1, description="a difference this small does not matter")


class Report(Frozen):
    """How the report introduces itself."""

    title: str | None = None
    language: Literal["en"] = "en"


class MethodEntry(Frozen):
    """One line of `methods`: a method kind, a base model, and its hyperparameters.

    options holds every hyperparameter fixed to one value, sweep those given as a list of values to choose from.
    """

    name: str
    kind: str
    model: str | None
    options: dict[str, Any]
    sweep: dict[str, tuple[Any, ...]]

    @property
    def method(self) -> type[Method]:
        return method(self.kind)


class Experiment(Frozen):
    """A whole experiment file; `name` is the file's stem."""

    name: str
    file: Path
    data: Data
    model: str
    seeds: tuple[int, ...] = Field(min_length=1)
    defaults: dict[str, Any] = Field(default_factory=dict)
    methods: dict[str, MethodEntry] = Field(min_length=1)
    compare: Compare = Compare()
    report: Report = Report()

    @field_validator("seeds", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) != len(value) or min(value, default=0) < 0:
            raise ValueError("seeds are distinct whole numbers from 0 up")
        return value

    def entry(self, name: str) -> MethodEntry:
        """Return a method entry of this file, or the plain method of that kind where the file has none."""
        from bakeoff.method import TABLE

        if name in self.methods:
            return self.methods[name]
        if name not in TABLE:
            raise UnknownName("method", name, {*self.methods, *TABLE}, kind="method", where=str(self.file.name))
        return method_entry(name, {}, self.defaults, where=self.file.name)

    @property
    def title(self) -> str:
        return self.report.title or f"Comparison of fine-tuning methods: {self.name}"


def load_experiment(file: Path, *, shown_as: str | None = None) -> Experiment:
    """Read and validate an experiment file.

    shown_as: how error messages spell the file (default: as given)
    Raises Unparsable, UnknownName or BadValue; nothing is written anywhere.
    """
    shown = shown_as or str(file)
    tree = _parse(file, shown)
    entries = tree.pop("methods", None)
    if not isinstance(entries, dict) or not entries:
        raise BadValue("methods", "name at least one method", where=shown, hint="for example `methods: {full: {}}`")
    where = _places(tree, shown)
    defaults = tree.get("defaults") or {}
    _check_defaults(defaults, _places(defaults, shown))
    methods = {
        str(name): method_entry(str(name), dict(body or {}), defaults, where=_places(entries, shown)(str(name)))
        for name, body in entries.items()
    }
    try:
        found = Experiment(name=file.stem, file=file, methods=methods, **_plain(tree))
    except ValidationError as error:
        raise _one_line(error, Experiment, where) from None
    if found.compare.reference not in methods:
        raise UnknownName("compare.reference", found.compare.reference, methods, kind="method", where=where("compare"))
    return found


def method_entry(name: str, body: dict[str, Any], defaults: dict[str, Any], *, where: str) -> MethodEntry:
    """Validate one entry of `methods` against the hyperparameters of its kind."""
    kind, model = body.pop("kind", name), body.pop("model", None)
    found = method(str(kind), what=f"methods.{name}", where=where)
    fields = found.Config.model_fields
    for key in body:
        if key not in fields:
            raise UnknownName(f"methods.{name}.{key}", key, [*fields, "kind", "model"], kind="key", where=where)
    if model is not None and not (isinstance(model, str) and found.neural):
        raise BadValue(
            f"methods.{name}.model", f"{model!r} cannot be used: {kind} wants no base model of that type", where=where
        )
    sweep = {key: tuple(_plain(value)) for key, value in body.items() if isinstance(value, list)}
    fixed = {key: _plain(value) for key, value in body.items() if key not in sweep}
    options = {**{key: value for key, value in defaults.items() if key in fields and key not in sweep}, **fixed}
    for key, values in sweep.items():
        if not values:
            raise BadValue(f"methods.{name}.{key}", "an empty list leaves nothing to choose from", where=where)
        for value in values:
            check_options(name, found, {**options, key: value}, where=where)
    checked = check_options(name, found, options, where=where)
    return MethodEntry(
        name=name, kind=str(kind), model=model, options={key: checked[key] for key in options}, sweep=sweep
    )


def check_options(name: str, found: type[Method], options: dict[str, Any], *, where: str | None) -> dict[str, Any]:
    """Return the full hyperparameters of a method with `options` applied; raises UnknownName or BadValue."""
    try:
        return found.Config(**options).model_dump()
    except ValidationError as error:
        raise _one_line(error, found.Config, lambda _: where, prefix=f"methods.{name}.") from None


def _check_defaults(defaults: Any, where: Any) -> None:
    from bakeoff.method import TrainingConfig

    if not isinstance(defaults, dict):
        raise BadValue("defaults", f"{defaults!r} is not a mapping of hyperparameters", where=where("defaults"))
    try:
        TrainingConfig(**_plain(defaults))
    except ValidationError as error:
        raise _one_line(error, TrainingConfig, where, prefix="defaults.") from None


def _parse(file: Path, shown: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        # YAML 1.2 reads 1e-4 as a number, and the round-trip loader remembers lines and refuses duplicate keys.
        tree = YAML(typ="rt").load(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Unparsable(shown, f"not UTF-8 text (byte {error.start})") from None
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise Unparsable(f"{shown}{line}", " ".join(str(problem).split())) from None
    if not isinstance(tree, dict):
        raise Unparsable(shown, "not an experiment file: its top level is not a mapping")
    return tree


def _places(tree: Any, shown: str) -> Any:
    """Return a function from a key path to "file, line n"."""

    def where(path: str) -> str:
        node: Any = tree
        line: int | None = None
        for part in path.split("."):
            if not hasattr(node, "lc") or not isinstance(node, dict) or part not in node:
                break
            line, node = node.lc.key(part)[0] + 1, node[part]
        return f"{shown}, line {line}" if line else shown

    return where


def _plain(value: Any) -> Any:
    """Strip the loader's own types, which pydantic would refuse in strict mode."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _one_line(error: ValidationError, model: type[BaseModel], where: Any, *, prefix: str = "") -> InputError:
    """Turn pydantic's first complaint into one of ours."""
    first = error.errors()[0]
    names = [str(part) for part in first["loc"] if isinstance(part, str | int)]
    key = prefix + ".".join(names)
    place = where(".".join(names))
    if first["type"] == "extra_forbidden":
        return UnknownName(key, names[-1], _fields_at(model, names[:-1]), kind="key", where=place)
    if first["type"] == "missing":
        return BadValue(key, "missing", where=place)
    message = first["msg"].removeprefix("Value error, ")
    value = "" if isinstance(first["input"], dict | BaseModel) else f"{first['input']!r} cannot be used: "
    return BadValue(key or "experiment", f"{value}{message[0].lower()}{message[1:]}", where=place)


def _fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        inner = _models_in(model.model_fields[part].annotation) if part in model.model_fields else []
        if not inner:
            break
        model = inner[0]
    hidden = {"name", "file"} if model is Experiment else set()
    return [name for name in model.model_fields if name not in hidden]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    from typing import get_args

    options = get_args(annotation) or (annotation,)
    return [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
