"""The tables of a shared report as a Croissant data set: what each column holds, for tools that read such metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas.api import types

__all__ = ["FILE", "croissant"]


FILE = "croissant.json"
CONFORMS = "http://mlcommons.org/croissant/1.0"
TERMS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"}, "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{term: f"cr:{term}" for term in TERMS},
}  # fmt: skip
TITLES = {"records": "Every run: settings, metrics, costs.", "predictions": "Every prediction of a test text."}


def croissant(
    tables: Mapping[str, tuple[pd.DataFrame, bytes]], *, title: str, published: str, license_url: str | None
) -> dict[str, Any]:
    """Return the metadata of tables. tables: name without .parquet -> what it holds, and the bytes of its file."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": title,
        "description": "The records and predictions behind a comparison of ways to fine-tune a text classifier.",
        "conformsTo": CONFORMS,
        "datePublished": published,
        "license": license_url or "No licence stated",
        "url": "https://pypi.org/project/bakeoff/",
        "version": "1.0.0",
        "distribution": [_distribution(name, content) for name, (_, content) in tables.items()],
        "recordSet": [_record_set(name, frame) for name, (frame, _) in tables.items()],
    }


def _distribution(name: str, content: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject", "@id": f"{name}.parquet", "name": f"{name}.parquet",
        "description": TITLES[name], "contentUrl": f"{name}.parquet", "contentSize": f"{len(content)} B",
        "encodingFormat": "application/x-parquet", "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip


def _record_set(name: str, frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet", "@id": name, "name": name, "description": TITLES[name],
        "field": [_field(name, str(column), frame[column]) for column in frame.columns],
    }  # fmt: skip


def _field(table: str, column: str, values: pd.Series[Any]) -> dict[str, Any]:
    many = column == "probabilities"
    return {
        "@type": "cr:Field", "@id": f"{table}/{column}", "name": column, "description": column.replace("_", " "),
        "dataType": "sc:Float" if many else _kind(values),
        **({"repeated": True} if many else {}),
        "source": {"fileObject": {"@id": f"{table}.parquet"}, "extract": {"column": column}},
    }  # fmt: skip


def _kind(values: pd.Series[Any]) -> str:
    if types.is_bool_dtype(values):
        return "sc:Boolean"
    if types.is_integer_dtype(values):
        return "sc:Integer"
    return "sc:Float" if types.is_float_dtype(values) else "sc:Text"
