"""Everything wrong that can be given to bakeoff, as rows of one table: what is typed or lies on disk, and what is said.

    python tests/torture/battery.py    # says which rows are not as they should be

A row is refused in one line of at most 300 characters that names the file or option, the key and the value, with
status 2, and leaves nothing behind; a row of a damaged state is told in words, with status 0.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from bakeoff import cli
from bakeoff.experiment.json_schema import experiment_schema
from bakeoff.methods.config import TrainingConfig
from bakeoff.methods.registry import TABLE

LONGEST = 300
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
SECONDS = 10
YAML = """\
data: {source: data.csv, label: {column: label}, split: {train: 4, validation: 2, test: 2}, max_length: 32}
model: models/tiny
seeds: [1, 2]
methods: {majority: {}, full: {}, lora: {}, tfidf: {}}
"""
Lay = Callable[[Path], None]


@dataclass(frozen=True)
class Row:
    """One wrong thing. argv: the command; said: what the line names; lay: puts what is wrong on disk beforehand."""

    name: str
    argv: tuple[str, ...]
    said: tuple[str, ...] = ()
    lay: Lay | None = field(default=None, compare=False)
    status: int = 2


def lay_out(root: Path) -> None:
    """Make a workspace with a tiny model and eight texts of each of two classes."""
    from tiny import save_tiny

    for folder in ("notebooks", "params", "models"):
        (root / folder).mkdir(parents=True)
    save_tiny(root / "models" / "tiny")
    for name in ("compare", "train"):
        shutil.copy(Path(__file__).resolve().parents[2] / "notebooks" / f"{name}.ipynb", root / "notebooks")
    (root / "data.csv").write_text("text,label\n" + "".join(f"good {n},1\nbad {n},0\n" for n in range(8)), "utf-8")
    (root / "params" / "demo.yaml").write_text(YAML, "utf-8")


# keys of an experiment file with values of other types ---------------------------------------------------------------

OF_TYPE = {
    "string": ("word",),
    "integer": ("3",),
    "number": ("0.5",),
    "boolean": ("true",),
    "array": (),
    "object": (),
}
NEVER = ("[{a: b}]", '"\\uD800"')
ENDLESS = "9" * 5000
NESTED = "{a: {b: c}}"
TAKEN = {"target_modules": ("word", ENDLESS), "label_words": ("[{a: b}]",), "initial_scale": ("-1",)}
"""Values that are right for a key, whatever its types say: one name, a sweep of mappings, a scale of either sign."""
OPEN = {"methods", "defaults", "tests", "data.label.mapping", "datasets", "models", "slices"}
"""Keys whose own keys or items are anybody's: what is refused there is what stands in it."""


def types_of(part: dict[str, Any], parts: dict[str, Any]) -> set[str]:
    """Return the JSON types that a key takes."""
    if "$ref" in part:
        return types_of(parts[part["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in part:
        return set().union(*(types_of(one, parts) for one in part["anyOf"]))
    if "enum" in part or "const" in part:
        return {"string"}
    found = part.get("type", "object")
    return {found} if isinstance(found, str) else set(found)


def keys_of(part: dict[str, Any], parts: dict[str, Any], path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield every key below a part of the schema with its types; methods are left to `hyperparameters`."""
    while "$ref" in part:
        part = parts[part["$ref"].rpartition("/")[2]]
    for one in (part, *part.get("anyOf", ())):
        below = parts[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for key, inner in below.get("properties", {}).items():
            name = f"{path}.{key}" if path else key
            if name != "methods":
                yield name, types_of(inner, parts)
                if path.count(".") < 1:
                    yield from keys_of(inner, parts, name)


def hyperparameters(parts: dict[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Yield the settings of methods that not all of them have, each of the first method that has it so."""
    seen: set[tuple[str, frozenset[str]]] = set()
    for kind in TABLE:
        for key, inner in parts[f"entry.{kind}"].get("properties", {}).items():
            if key not in TrainingConfig.model_fields and key not in ("kind", "tune"):
                types = types_of(inner, parts)
                if (key, frozenset(types)) not in seen:
                    seen.add((key, frozenset(types)))
                    yield f"methods.{kind}.{key}", types


def wrong_types() -> Iterator[Row]:
    schema = experiment_schema()
    parts = schema["$defs"]
    for key, types in dict([*keys_of(schema, parts), *hyperparameters(parts)]).items():
        taken = types | ({"integer"} if "number" in types else set())
        values = [value for kind, found in OF_TYPE.items() if kind not in taken for value in found]
        values += [*NEVER, *([NESTED] if "object" not in types else []), *([ENDLESS] if "string" not in types else [])]
        for value in values if key not in OPEN else ('"\\uD800"',):
            if value in TAKEN.get(key.rpartition(".")[2], ()):
                continue
            change = f"{key}={value}"
            yield Row(f"{key}={value[:12]}", ("plan", "--set", change), (f"--set {change[:40]}",))


# names ---------------------------------------------------------------------------------------------------------------

NAMES = (
    "CON",
    "con",
    "PRN",
    "AUX",
    "NUL",
    "nul",
    "COM1",
    "LPT9",
    "aux.",
    "demo.",
    "CON.b",
    "a/b",
    "../x",
    "/x",
    "a\\\\b",
    ".hidden",
    "-x",
    "a b",
    "a:b",
    "a*b",
    "a?b",
    "a|b",
    "<a>",
    "1abc",
    "%PATH%",
    "$HOME",
    "~",
    "a;b",
    "a&b",
    "a{b}",
    "x" * 300,
    "é",
    "日本",
)
CLEARLY = ('""', '"\\uD800"', '"a\\nb"', '"a\\tb"', '"\\0"')


def names() -> Iterator[Row]:
    for name in (*NAMES, *CLEARLY):
        quoted = name if name.startswith('"') else f'"{name}"'
        yield Row(f"name={name[:12]}", ("plan", "--set", f"name={quoted}"), ("--set name=",))
        for section, body in (("methods", "{kind: full}"), ("tests", "data.csv"), ("datasets", "{source: data.csv}")):
            file = f"{YAML}tests: {{{quoted}: data.csv}}\n" if section == "tests" else None
            if section == "methods":
                file = YAML.replace("full: {}", f"full: {{}}, {quoted}: {body}")
            if section == "datasets":
                file = f"{YAML}datasets: {{{quoted}: {body}, other: {body}}}\n"
            assert file is not None
            yield Row(f"{section}.{name[:12]}", ("plan", "params/other.yaml"), ("params/other.yaml",), content(file))


def content(text: str | bytes, file: str = "params/other.yaml") -> Lay:
    def write(root: Path) -> None:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(text.encode() if isinstance(text, str) else text)

    return write


FILES = ("CON", "aux", "nul", "com1", "demo.", "1abc", "a b", "-x", "é", "a;b")


def file_names() -> Iterator[Row]:
    for name in FILES:
        file = f"params/{name}.yaml"
        yield Row(f"file {name}", ("plan", f"./{file}"), (f"{name}.yaml",), content(YAML, file))


# hyperparameters out of reason ---------------------------------------------------------------------------------------

ABSURD = ("1000000000000", "-1", ".inf", ".nan", "-.inf")
GRIDS = (
    ("methods.lora.rank", 100_000),
    ("methods.full.learning_rate", 100_000),
    ("seeds", 100_000),
    ("train_sizes", 100_000),
)


def out_of_reason() -> Iterator[Row]:
    parts = experiment_schema()["$defs"]
    common = ((f"defaults.{key}", types_of(inner, parts)) for key, inner in _common().items())
    for key, types in (*common, *hyperparameters(parts)):
        if types & {"number", "integer"}:
            for value in (one for one in ABSURD[1:] if one not in TAKEN.get(key.rpartition(".")[2], ())):
                yield Row(f"{key}={value}", ("plan", "--set", f"{key}={value}"), (f"--set {key}=",))
            if "number" not in types:
                yield Row(f"{key}=10^12", ("plan", "--set", f"{key}={ABSURD[0]}"), (f"--set {key}=",))
    for key, count in GRIDS:
        values = f"[{', '.join(str(n + 1) for n in range(count))}]"
        yield Row(f"{key} of {count} points", ("plan", "--set", f"{key}={values}"), (f"--set {key}=",))
    side = f"[{', '.join(str(n + 1) for n in range(320))}]"
    both = ("--set", f"methods.lora.rank={side}", "--set", f"methods.lora.alpha={side}")
    yield Row("grid of 320 x 320 points", ("plan", *both), ("methods.lora",))


RUNS = (
    ("methods.lora.rank", "1000000000000"),
    ("methods.lora.rank", f"[{', '.join(str(n + 1) for n in range(100_000))}]"),
    ("methods.mlp_head", "{width: 100000000}"),
    ("methods.prefix", "{virtual_tokens: 1000000}"),
    ("methods.ptuning", "{prompt_width: 100000000}"),
    ("defaults.batch_size", "100000000"),
    ("data.split.train", "1000000000000"),
)


def runs_out_of_reason() -> Iterator[Row]:
    """Things that `run` refuses before anything is allocated."""
    for key, value in RUNS:
        yield Row(f"run {key}={value[:24]}", ("run", "--set", f"{key}={value}"), (key,))


@cache
def _common() -> dict[str, Any]:
    found: dict[str, Any] = TrainingConfig.model_json_schema()["properties"]
    return found


# experiment files ----------------------------------------------------------------------------------------------------

BROKEN: dict[str, str | bytes] = {
    "empty": "",
    "a list": "[1, 2]",
    "a word": "word",
    "a number": "7",
    "null": "null",
    "tab": "data:\n\tsource: x",
    "open bracket": "methods: [",
    "open quote": 'name: "x',
    "two documents": f"{YAML}---\n{YAML}",
    "doubled key": f"{YAML}seeds: [3]\n",
    "not UTF-8": b"name: \xff\xfe",
    "UTF-16": YAML.encode("utf-16"),
    "zero bytes": b"\0" * 100,
    "deep": "a: " + "[" * 3000,
    "deep maps": "a: " + "{b: " * 500,
    "laughs": "a: &a [x,x]\n"
    + "".join(
        f"{b}: &{b} [{'*' + a + ','} *{a}]\n" for a, b in zip("abcdefghijklmnopqrs", "bcdefghijklmnopqrst", strict=True)
    ),
    "self": "a: &a [*a]",
    "list as key": "? [a, b]\n: c",
    "map as key": "? {a: b}\n: c",
    "merged list": "a: &a [1]\nb: {<<: *a}",
    "unknown anchor": "a: *b",
    "python tag": "a: !!python/object/apply:os.system [id]",
    "hex": "seeds: [0x" + "f" * 6000 + "]",
    "long": "# " + "x" * 1_000_001,
    "directive": "%YAML 9.9\n---\na: 1",
    "colon": "data: source: x",
    "control": b"name: \x07",
    "surrogate": 'name: "\\uD800"',
    "unknown key": f"{YAML}modle: x\n",
    "key in data": YAML.replace("source:", "sorce:"),
    "no methods": "data: {source: data.csv}\nmodel: models/tiny\nseeds: [1]\n",
    "no seeds": "\n".join(line for line in YAML.splitlines() if "seeds" not in line),
    "no model": "\n".join(line for line in YAML.splitlines() if "model:" not in line),
    "no data": "\n".join(YAML.splitlines()[1:]),
    "null methods": YAML.replace("methods: {majority: {}, full: {}, lora: {}, tfidf: {}}", "methods:"),
    "same seeds": YAML.replace("[1, 2]", "[1, 1]"),
    "negative seed": YAML.replace("[1, 2]", "[-1]"),
    "huge seed": YAML.replace("[1, 2]", f"[{2**32}]"),
    "unknown kind": YAML.replace("full: {}", "full: {kind: fulll}"),
    "unknown reference": f"{YAML}compare: {{reference: fulll}}\n",
    "unknown metric": f"{YAML}compare: {{metric: acuracy}}\n",
    "unknown language": f"{YAML}report: {{language: xx}}\n",
    "module outside": YAML.replace("full: {}", "full: {kind: '../evil:Method'}"),
    "no module": YAML.replace("full: {}", "full: {kind: 'nowhere:Method'}"),
    "stdlib": YAML.replace("full: {}", "full: {kind: 'os:system'}"),
    "alpha": f"{YAML}compare: {{alpha: 1.5}}\n",
    "margin": f"{YAML}compare: {{margin: -1}}\n",
    "case only": YAML.replace("full: {}", "full: {}, Full: {kind: full}"),
    "where code": YAML.replace("max_length: 32", 'where: "text.__class__ == 1"'),
    "where power": YAML.replace("max_length: 32", 'where: "9**9**9 > 0"'),
    "where call": YAML.replace("max_length: 32", 'where: "open(text) == 1"'),
}


def files() -> Iterator[Row]:
    for name, text in BROKEN.items():
        yield Row(f"file: {name}", ("plan", "params/other.yaml"), ("params/other.yaml",), content(text))


# the command line ----------------------------------------------------------------------------------------------------

WORDS: dict[tuple[str, ...], str] = {
    (): "command",
    ("rnu",): "rnu",
    ("--verson",): "--verson",
    ("run", "--no-reprt"): "--no-reprt",
    ("plan", "--jobs", "2"): "--jobs",
    ("run", "a", "b"): "b",
    ("run", "--only"): "--only",
    ("run", "--only", "fulll"): "fulll",
    ("plan", "--only", "x" * 9999): "--only",
    **{
        ("run", option, value): option
        for option in ("--jobs", "--more-seeds")
        for value in ("0", "-1", "1.5", "two", "nan", "", "9" * 9999, "½", "0x2")
    },
    **{
        ("run", option, value): option
        for option in ("--limit", "--minutes")
        for value in ("0", "-1", "soon", "nan", "inf", "", "1e999", "9" * 9999)
    },
    ("plan", "no.yaml"): "no.yaml",
    ("plan", "params"): "params",
    ("plan", ""): "''",
    ("plan", "x" * 9999): "no such",
    ("plan", "a\nb"): "no such",
    ("plan", "\ud800"): "no such",
    ("plan", "a\0b"): "no such",
    ("plan", "data.csv"): "data.csv",
    ("status", "no.yaml"): "no.yaml",
    ("report", "no.yaml"): "no.yaml",
    ("plan", "--set"): "--set",
    ("plan", "--set", "seeds"): "--set seeds",
    ("plan", "--set", "=1"): "--set =1",
    ("plan", "--set", "seeds="): "--set seeds=",
    ("plan", "--set", "sedes=[1]"): "sedes",
    ("plan", "--set", "a.b.c.d=1"): "--set a.b.c.d=1",
    ("plan", "--set", "seeds.x=1"): "seeds",
    ("plan", "--set", "methods.nope=null"): "nope",
    ("plan", "--set", "..=1"): "--set ..=1",
    ("plan", "--set", "x" * 9999 + "=1"): "--set xxx",
    ("plan", "--set", "seeds=[" + "[" * 3000): "--set seeds=",
    ("plan", "--set", "data.source=gone.csv"): "gone.csv",
    ("plan", "--set", "model=models/gone"): "gone",
    ("plan", "--set", "model=bundled:nope"): "nope",
    ("plan", "--set", "data.source=bundled:nope"): "nope",
    ("plan", "--set", "data.source=hf://a/b/../../x.csv"): "hf://",
    ("plan", "--set", "data.source=https://host/x.csv"): "is an address",
    ("plan", "--set", "data.source={train: s3://a/x.csv, test: data.csv}"): "is an address",
    ("new", "x", "--data", "https://me:pass@host/x.csv"): "***@host",
    ("plan", "--set", "data.source=" + "x" * 5000): "data.source",
    ("plan", "--set", "data.source=notes.docx"): "docx",
    ("plan", "--set", 'data.source="a\\0b"'): "data.source",
    ("plan", "--set", "model=" + "x" * 5000): "model",
    ("export", "nope", "folder"): "nope",
    ("export", "", "folder"): "''",
    ("export",): "RUN_ID",
    ("predict", "nope"): "nope",
    ("predict",): "RUN_ID",
    ("texts", "nope"): "--output",
    ("texts", "params/demo.yaml", "--output", "data.csv"): "there already",
    ("texts", "params/demo.yaml", "--output", "models.csv/x/" + "y" * 300 + ".csv"): "--output",
    ("texts", "params/demo.yaml", "--output", "t.docx"): "docx",
    ("diff", "params/demo.yaml", "params/demo.yaml", "--html", "data.csv"): "data.csv",
    ("run", "params/demo.yaml", "--store", "https://me:pass@host/x"): "https",
    ("run", "params/demo.yaml", "--store", "s3://me:pass@bucket/x"): "--store",
    ("verify", "reports/nope"): "nope",
    ("verify", "params"): "params",
    ("verify", "--level", "9"): "--level",
    ("verify", "--level", "x"): "--level",
    ("methods", "lroa"): "lroa",
    ("methods", "lora", "full"): "full",
    ("schema", "x"): "x",
    ("new",): "bakeoff new",
    ("new", "demo"): "--data",
    ("new", "CON", "--data", "data.csv"): "CON",
    ("new", "x", "--data", "gone.csv"): "gone.csv",
    ("new", "x", "--data", "params"): "params",
    ("new", "../x", "--data", "data.csv"): "../x",
    ("cache", "nope"): "nope",
    ("doctor", "--nope"): "--nope",
}


def words() -> Iterator[Row]:
    for argv, said in WORDS.items():
        yield Row(" ".join(argv)[:40].encode("unicode_escape").decode() or "nothing", argv, (said,))


# parameters of the notebook, and data: looked at by what a kernel and a run begin with ---------------------------

PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    **{f"params={value!r}"[:40]: ({"params": value}, "params") for value in (None, 3, "", [], {}, True, 1.5)},
    "params gone": ({"params": "gone.yaml"}, "gone.yaml"),
    "params a folder": ({"params": "params"}, "params"),
    "params long": ({"params": "x" * 9999}, "no such"),
    **{
        f"method={value!r}"[:40]: ({"method": value}, "method")
        for value in (None, 3, "", [], {}, True, "fulll", "x" * 9999, "a\nb")
    },
    **{
        f"seed={value!r}"[:40]: ({"seed": value}, "seed")
        for value in ("1", 1.5, -1, 2**32, True, [], {}, "007", 10**99)
    },
    **{f"role={value!r}"[:40]: ({"role": value}, "role") for value in ("sweep", "nope", 3, [], True, "x" * 9999)},
    **{f"stop_after={value!r}"[:40]: ({"stop_after": value}, "stop_after") for value in (1, "1", -1, True, [], 10**99)},
    **{
        f"changes={value!r}"[:40]: ({"changes": value}, "")
        for value in (3, {"a": 1}, [3], ["seeds"], ["sedes=1"], "x" * 9999, [None])
    },
    **{
        f"rank={value!r}"[:40]: ({"method": "lora", "rank": value}, "rank")
        for value in ("eight", 1.5, -1, 0, 10**12, [], {}, float("nan"), True)
    },
    **{
        f"epochs={value!r}"[:40]: ({"epochs": value}, "epochs")
        for value in ("three", 1.5, -1, 0, 10**12, [], float("inf"))
    },
    **{
        f"learning_rate={value!r}"[:40]: ({"learning_rate": value}, "learning_rate")
        for value in ("little", 0, -1.0, float("nan"), float("inf"), [], {})
    },
    "rank of full": ({"rank": 8}, "rank"),
    "dropout of majority": ({"method": "majority", "dropout": 0.1}, "dropout"),
}


def parameters() -> Iterator[Row]:
    for name, (given, said) in PARAMETERS.items():
        yield Row(f"-p {name}", ("-p", repr({"params": "params/demo.yaml", "method": "full", **given})), (said,))


LINES = [f"good {n},1\nbad {n},0\n" for n in range(8)]
HEAD, WHOLE = "text,label\n", "text,label\n" + "".join(LINES)
JSONL = "".join(json.dumps({"text": f"t {n}", "label": n % 2}) + "\n" for n in range(16))
DATA: dict[str, tuple[str, str | bytes]] = {
    "empty": ("d.csv", ""),
    "head only": ("d.csv", HEAD),
    "no columns": ("d.csv", "\n\n\n"),
    "one column": ("d.csv", WHOLE.replace(",", " ")),
    "other names": ("d.csv", WHOLE.replace("text,label", "body,mood")),
    "one class": ("d.csv", HEAD + "good,1\n" * 16),
    "too few": ("d.csv", HEAD + LINES[0]),
    "zero bytes": ("d.csv", b"\0" * 500),
    "binary": ("d.csv", bytes(range(256)) * 9),
    "zip as csv": ("d.csv", b"PK\x03\x04" + b"x" * 99),
    "gzip as csv": ("d.csv", b"\x1f\x8b\x08" + b"x" * 99),
    "open quote": ("d.csv", HEAD + '"' + "".join(LINES)),
    "ragged": ("d.csv", WHOLE + "a,b,c,d,e\n"),
    "no label": ("d.csv", HEAD + "good,\nbad,\n" * 8),
    "no text": ("d.csv", HEAD + ",1\n,0\n" * 8),
    "doubled column": ("d.csv", WHOLE.replace("text,label", "text,text")),
    "broken jsonl": ("d.jsonl", JSONL + "{"),
    "list jsonl": ("d.jsonl", "[1]\n" * 16),
    "deep jsonl": ("d.jsonl", '{"text": ' + "[" * 5000 + "\n"),
    "number jsonl": ("d.jsonl", '{"text": "a", "label": ' + "9" * 6000 + "}\n"),
    "text a map": ("d.jsonl", re.sub('"t [0-9]+"', '{"a": 1}', JSONL)),
    "text a list": ("d.jsonl", re.sub('"t [0-9]+"', "[1]", JSONL)),
    "label a map": ("d.jsonl", JSONL.replace('"label": 0', '"label": {"a": 1}')),
    "empty jsonl": ("d.jsonl", ""),
    "NaN label": ("d.jsonl", JSONL.replace('"label": 0', '"label": NaN')),
    "bytes jsonl": ("d.jsonl", b"\xff\xfe" * 99),
    "surrogate jsonl": ("d.jsonl", JSONL.replace("t 1", "\\ud800")),
    "json a word": ("d.json", '"x"'),
    "json broken": ("d.json", "{"),
    "json empty": ("d.json", ""),
    "json number": ("d.json", "7"),
    "json deep": ("d.json", "[" * 9999),
    "parquet garbage": ("d.parquet", b"PAR1" + b"x" * 99),
    "parquet empty": ("d.parquet", b""),
    "parquet cut": ("d.parquet", b"PAR1"),
    "csv as tsv": ("d.tsv", WHOLE),
    "zip broken": ("d.csv.zip", b"PK\x03\x04"),
    "gz broken": ("d.csv.gz", b"\x1f\x8b"),
    "unknown suffix": ("d.docx", WHOLE),
    "no suffix": ("d", WHOLE),
}


def sparse(bytes_: int, start: bytes = HEAD.encode()) -> Callable[[Path], None]:
    """A file that begins as it should and goes on with zeros that take no room."""

    def make(file: Path) -> None:
        file.write_bytes(start)
        os.truncate(file, bytes_)

    return make


def zipped(file: Path) -> None:
    """Put 1.2 GB into a zip of some 5 MB."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("d.csv", HEAD)
    content = file.read_bytes()
    file.write_bytes(content.replace(struct.pack("<I", len(HEAD)), struct.pack("<I", 2_000_000_000)))


def gzipped(file: Path) -> None:
    """Put 1.2 GB into a gz: one block of zeros again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(b"\0" * (4 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    file.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * 300 + packer.flush())


def repeated(file: Path) -> None:
    """Let one text of 100,000 characters stand for a million rows."""
    import pyarrow as pa
    from pyarrow import parquet

    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_000, pa.int32()), pa.array(["x" * 100_000]))
    parquet.write_table(pa.table({"text": texts, "label": pa.array([1] * 1_000_000)}), file)


def far(file: Path) -> None:
    """Write a sheet whose last cell is the last that there can be."""
    import openpyxl

    book = openpyxl.Workbook()
    for place, value in {"A1": "text", "B1": "label", "XFD1048576": "x"}.items():
        book.worksheets[0][place] = value
    book.save(file)


def entities(file: Path) -> None:
    """Write a sheet with a billion laughs."""
    far(file)
    with zipfile.ZipFile(file) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    sheet = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet><sheetData>&l9;</sheetData></worksheet>'
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {**held, "xl/worksheets/sheet1.xml": sheet.encode()}.items():
            archive.writestr(name, content)


def leading(target: str) -> Callable[[Path], None]:
    return lambda file: file.symlink_to(target)


HUGE: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "2 GB of nothing": ("d.csv", sparse(2_000_000_000), "larger than 1 GiB"),
    "200 MB of nothing": ("d.csv", sparse(200_000_000), "zero bytes"),
    "2 GB of parquet": ("d.parquet", sparse(2_000_000_000, b"PAR1"), "larger than 1 GiB"),
    "2 GB of json": ("d.jsonl", sparse(2_000_000_000, b"{"), "larger than 1 GiB"),
    "zip bomb": ("d.csv.zip", zipped, "larger than 1 GiB"),
    "gzip bomb": ("d.csv.gz", gzipped, "larger than 1 GiB"),
    "parquet bomb": ("d.parquet", repeated, "larger than 1 GiB"),
    "sheet bomb": ("d.xlsx", far, "a sheet of more than 50,000,000 cells"),
    "entities bomb": ("d.xlsx", entities, "Excel workbook"),
}
if sys.platform == "linux":
    HUGE |= {
        "without end": ("d.csv", leading("/proc/kmsg"), "empty"),
        "memory": ("d.csv", leading("/proc/self/mem"), "empty"),
        "a device": ("d.csv", leading("/dev/zero"), "no such file"),
        "a link to itself": ("d.csv", leading("d.csv"), "no such file"),
        "a pipe": ("d.csv", os.mkfifo, "no such file"),
    }


def huge() -> Iterator[Row]:
    for name, (file, make, said) in HUGE.items():
        yield Row(f"data: {name}", ("preflight", f"data.source=params/{file}"), (said,), made(make, f"params/{file}"))
    for name, lay in {"2 GB": sparse(2_000_000_000), "without end": leading("/proc/kmsg")}.items():
        if sys.platform == "linux":
            told = ("kmsg",) if name == "without end" else ("params/o.yaml",)
            yield Row(f"file: {name}", ("plan", "params/o.yaml"), told, made(lay, "params/o.yaml"))
            new = ("new", "x", "--data", "params/o.csv")
            yield Row(f"new: {name}", new, ("o.csv",), made(lay, "params/o.csv"))
            answers = ("preflight", "methods.majority={kind: imported, file: params/o.csv}")
            yield Row(f"answers: {name}", answers, ("o.csv",), made(lay, "params/o.csv"))


def made(make: Callable[[Path], None], file: str) -> Lay:
    return lambda root: make(root / file)


OF_THE_SETTING = {"no label", "no text", "unknown suffix", "no suffix"}
"""Rows that are told at the setting that names the file."""


def data_files() -> Iterator[Row]:
    for name, (file, text) in DATA.items():
        yield Row(
            f"data: {name}",
            ("preflight", f"data.source=params/{file}"),
            (f"--set data.source=params/{file}: " if name in OF_THE_SETTING else "params/demo.yaml: ",),
            content(text, f"params/{file}"),
        )


DAMAGES: dict[str, str | bytes] = {
    "empty": "",
    "cut": '{"schema',
    "a list": "[1]",
    "null": "null",
    "a number": "7",
    "bytes": b"\xff\xfe\x00",
    "deep": "[" * 9999,
    "zeros": b"\0" * 99,
    "another schema": '{"schema_version": 99}',
    "long number": "9" * 9999,
    "infinity": '{"schema_version": 1e999}',
    "surrogate": '{"schema_version": "\\ud800"}',
}
STATES = (
    "runs/majority-s1-00000000/record.json",
    "choices/lora.json",
    "report.json",
    "runs/full-s1-00000000/epochs.jsonl",
    "verify.json",
)


def damaged() -> Iterator[Row]:
    for state in STATES:
        for name, text in DAMAGES.items():
            for command in ("plan", "status"):
                file = f"reports/demo/{state}"
                yield Row(f"{command}: {state} {name}", (command,), (), content(text, file), status=0)


TABLES: tuple[Callable[[], Iterator[Row]], ...] = (
    wrong_types,
    names,
    file_names,
    out_of_reason,
    runs_out_of_reason,
    files,
    words,
    parameters,
    data_files,
    huge,
    damaged,
)


def rows() -> list[Row]:
    """Return the whole table; names of rows are made different."""
    found: dict[str, Row] = {}
    for table in TABLES:
        for row in table():
            name = row.name if row.name not in found else f"{row.name} {len(found)}"
            found[name] = Row(name, row.argv, row.said, row.lay, row.status)
    return list(found.values())


def tried(row: Row, root: Path) -> str | None:
    """Give a row to the command in this process; return what is not as it should be, None where all is.

    root: the workspace, which is the current folder
    """
    if row.lay is not None:
        row.lay(root)
    before, out, err = everything(root), io.StringIO(), io.StringIO()
    began = time.process_time()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            call = {"-p": opened, "preflight": looked_at}.get(next(iter(row.argv), ""))
            status = call(row.argv[1]) if call else cli.main(list(row.argv))
    except SystemExit as end:
        status = int(end.code or 0)
    took, line = time.process_time() - began, err.getvalue()
    after = everything(root)
    try:
        return wrong(row, status, line, out.getvalue(), took) or (None if before == after else f"left {after ^ before}")
    finally:
        clear(root)


def opened(given: str) -> int:
    """Open a run as the notebook does with these parameters; what it raises is what a kernel says."""
    from bakeoff.notebook.train import open_run

    return status_of(lambda: open_run(eval(given, {"nan": float("nan"), "inf": float("inf")})))


def looked_at(change: str) -> int:
    """Look at data and methods as a run does before it begins, with a change to the experiment file."""
    from bakeoff.execution.preflight import preflight
    from bakeoff.experiment.load import load_experiment
    from bakeoff.system.workspace import find_workspace

    workspace = find_workspace()
    file = workspace.root / "params" / "demo.yaml"

    def look() -> None:
        experiment = load_experiment(file, shown_as="params/demo.yaml", changes=[change], root=workspace.root)
        preflight(experiment, workspace, only=["majority"])

    return status_of(look)


def status_of(call: Callable[[], object]) -> int:
    from bakeoff.errors import InputError

    try:
        call()
    except InputError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_status
    return 0


def wrong(row: Row, status: int, line: str, out: str, took: float) -> str | None:
    if status != row.status:
        return f"status {status}: {(line or out)[:400]}"
    if row.status == 2 and (out or line.count("\n") != 1 or CONTROL.search(line[:-1])):
        return f"not one line: {out[:200]}{line[:400]}"
    if len(line) > LONGEST + 1:
        return f"{len(line)} characters: {line}"
    if missing := [said for said in row.said if said not in line + out]:
        return f"does not name {missing}: {(line + out)[:400]}"
    return f"{took:.1f} s" if took > SECONDS else None


def everything(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if "__pycache__" not in path.parts}


def clear(root: Path) -> None:
    """Take away what a row laid out."""
    for file in (root / "params").iterdir():
        if file.name != "demo.yaml":
            file.unlink()
    shutil.rmtree(root / "reports", ignore_errors=True)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="battery-") as scratch:
        root = Path(scratch) / "study"
        lay_out(root)
        os.chdir(root)
        table, faults, slowest = rows(), {}, (0.0, "")
        for row in table:
            began = time.process_time()
            fault = tried(row, root)
            slowest = max(slowest, (time.process_time() - began, row.name))
            if fault:
                faults[row.name] = fault
                print(f"{row.name}: {fault}".encode("ascii", "backslashreplace").decode(), flush=True)  # noqa: T201
        print(json.dumps({"rows": len(table), "faults": len(faults), "slowest": slowest}))  # noqa: T201
        os.chdir(scratch)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
