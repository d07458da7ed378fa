"""What `train.ipynb` shows of one run."""

import numpy as np
import pandas as pd

from bakeoff.reporting.display import Prose, Table
from bakeoff.reporting.training import misclassified_table

FRAME = pd.DataFrame({"item_id": ["a", "b", "c"], "text": ["one", "two", "three"], "label": [0, 1, 1]})


def shown(logits):
    return misclassified_table(
        FRAME, np.array(logits, dtype=np.float32), names=("negative", "positive"), split="test", n=8
    )


def test_the_surest_mistakes_come_first() -> None:
    table = shown([[2, 0], [1, 0], [3, 0]])
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["three", "two"]


def test_a_method_that_is_equally_sure_of_everything_has_no_table_of_mistakes() -> None:
    assert isinstance(shown([[1, 0], [1, 0], [1, 0]]), Prose)
