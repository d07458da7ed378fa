"""Holds an exported model against the predictions that its run left behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from bakeoff.data.schema import Data
from bakeoff.data.sources import locate_data
from bakeoff.errors import BadValue, InputError, RecordError
from bakeoff.export.lookup import Finished
from bakeoff.system.workspace import Workspace

if TYPE_CHECKING:
    from bakeoff.training.artifacts import Trained
    from bakeoff.training.reading.batches import Logits

__all__ = ["Handful", "compare", "handful", "network_logits"]


TEXTS = 32
CLOSE = {"float32": 1e-3, "bfloat16": 5e-2}
"""Differences of logits, over the largest one, that another batch or processor can make in either number format."""
SAME = 1e-4
"""Of two forms of one model in float32, on the same batch."""


@dataclass(frozen=True)
class Handful:
    """Some predicted texts of a run. texts: as its model saw them; logits: (N, C) as it left them."""

    texts: list[str]
    logits: Logits


def handful(found: Finished, workspace: Workspace) -> Handful:
    """Return a handful of the run's texts, read from its data; raises InputError where these are not as they were."""
    told = found.record.identity["data"]
    names = ("source", "config", "encoding", "separator", "header", "text")
    try:
        data = Data(**{name: told[name] for name in names if told.get(name) is not None})
    except ValidationError:
        raise _not_there("its record does not tell of them") from None
    try:
        located = locate_data(data.source, workspace=workspace, config=data.config)
    except InputError as error:
        raise _not_there(f"{error.what}: {error.reason}") from None
    if located.sha256 != told.get("sha256"):
        raise _not_there(f"{located.id} has changed since the run")
    from bakeoff.data.filtering import texts_of
    from bakeoff.data.readers import read_tables

    table = pd.concat(list(read_tables(located, data).values()))
    if not {*data.texts} <= {*table}:
        raise _not_there("its record tells of other columns")
    texts = texts_of(table, data)
    split = "validation" if found.record.role == "sweep" else "test"
    kept = pd.read_parquet(found.folder.predictions)
    rows = kept[kept["split"] == split].head(TEXTS)
    logits = np.stack([np.asarray(row, dtype=np.float32) for row in rows["logits"]])
    return Handful([str(text) for text in texts.loc[rows["item_id"]]], logits)


def _not_there(why: str) -> BadValue:
    return BadValue("check", f"the run's texts are needed for it, and {why}", hint="--no-check leaves it out")


def compare(exported: Logits, expected: Logits, *, dtype: str | None, folder: Path, exact: bool = False) -> None:
    """Raise RecordError where logits (N, C) are not those expected, within what the number format allows."""
    scale = max(1.0, float(np.abs(expected).max()))
    allowed = scale * (SAME if exact else CLOSE.get(dtype or "float32", CLOSE["float32"]))
    gap = float(np.abs(exported - expected).max())
    if not gap <= allowed:
        other = "the trained model" if exact else "the predictions the run kept"
        reason = f"the exported model's logits differ by {gap:.2g} from those of {other}; nothing was exported"
        raise RecordError(folder, reason)


def network_logits(model: Any, held: Trained, texts: list[str], *, dtype: str) -> Logits:
    """Return the logits of any classifier for texts that are read as the trained model reads them."""
    from bakeoff.training.reading.batches import predict

    return predict(model, held.encode(texts), batch_size=held.config.eval_batch_size, dtype=dtype)
