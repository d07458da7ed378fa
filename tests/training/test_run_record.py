"""What stands in predictions.parquet."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.data.schema import Data, Split
from bakeoff.data.sources import LocatedData
from bakeoff.data.splits import Splits, load_splits
from bakeoff.runs.predictions import write_predictions

FILMS = [f"film {i % 23 % 12}" for i in range(120)]


def splits(folder: Path, group: str | None) -> Splits:
    path = folder / "reviews.csv"
    rows = {"text": [f"text {i}" for i in range(120)], "label": [i % 2 for i in range(120)], "film": FILMS}
    pd.DataFrame(rows).to_csv(path, index=False)
    split = Split(train=0.5, validation=0.25, test=0.25, group=group)
    located = LocatedData("reviews.csv", "table", {"all": path}, "0" * 64)
    return load_splits(Data(source="reviews.csv", split=split), located)


@pytest.mark.parametrize("group", ["film", None])
def test_predictions_tell_texts_of_one_group_from_others(tmp_path, group) -> None:
    made = splits(tmp_path, group)
    rng = np.random.default_rng(0)
    logits = {name: rng.normal(size=(len(made[name]), 2)).astype(np.float32) for name in ("validation", "test")}
    write_predictions(logits, made, tmp_path / "predictions.parquet")
    frame = pd.read_parquet(tmp_path / "predictions.parquet")
    assert list(frame.columns) == ["split", "item_id", "gold", "predicted", "logits", "group"]
    for name, own in frame.groupby("split"):
        assert own["item_id"].tolist() == made[str(name)]["item_id"].tolist()
        np.testing.assert_array_equal(np.stack(own["logits"].tolist()), logits[str(name)])
        np.testing.assert_array_equal(own["predicted"], logits[str(name)].argmax(axis=1))
        if group is None:
            assert own["group"].isna().all()
            continue
        films = [FILMS[int(place)] for place in own["item_id"]]
        assert len(set(zip(films, own["group"], strict=True))) == len(set(films)) == own["group"].nunique() > 1
