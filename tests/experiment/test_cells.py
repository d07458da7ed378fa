"""One file names several experiments: which they are, and what is refused."""

from __future__ import annotations

import pytest

from bakeoff.errors import BadValue
from bakeoff.experiment.cells import cells_of, searched_in
from bakeoff.experiment.load import load_experiment

YAML = """\
data: {{source: data.csv, split: {{{split}validation: 20, test: 20}}}}
model: none
seeds: [1, 2]
train_sizes: {sizes}
methods: {{majority: {{}}, tfidf: {{}}}}
compare: {{reference: tfidf}}
"""


@pytest.fixture
def load(tmp_path):
    def loaded(sizes: str, *, split: str = "", changes=()):
        file = tmp_path / "sized.yaml"
        file.write_text(YAML.format(sizes=sizes, split=split), encoding="utf-8")
        return load_experiment(file, shown_as="params/sized.yaml", changes=changes)

    return loaded


def texts(experiment) -> list[int]:
    return [cell.experiment.data.split.train for cell in cells_of(experiment)]


def test_the_largest_size_is_the_experiment_and_the_others_follow_rising(load) -> None:
    experiment = load("[300, 1000, 100]")
    assert texts(experiment) == [1000, 100, 300]
    assert [cell.name for cell in cells_of(experiment)] == ["", "100 texts", "300 texts"]
    assert {cell.experiment.data.split.resample for cell in cells_of(experiment)} == {"train"}


def test_a_cell_differs_in_its_size_alone_and_is_the_file_with_one_change(load) -> None:
    experiment = load("[300, 1000]")
    _, cell = cells_of(experiment)
    again = load("[300, 1000]", changes=cell.experiment.changes)
    assert again == cell.experiment
    back = experiment.model_copy(update={"data": cell.experiment.data, "changes": cell.experiment.changes})
    assert back == cell.experiment
    assert cell.experiment.changes == ("data.split.train=300",)


def test_the_declared_size_is_the_experiment_where_it_is_one_of_them(load) -> None:
    experiment = load("[100, 300, 1000]", split="train: 300, ")
    assert texts(experiment) == [300, 100, 1000]
    assert searched_in(experiment).data.split.train == 1000, "settings are chosen at the largest whatever is reported"


def test_a_file_without_sizes_is_one_experiment(load) -> None:
    experiment = load("null", split="train: 300, ")
    assert texts(experiment) == [300]
    assert experiment.data.split.resample is None
    assert searched_in(experiment) is experiment


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ("[100]", "[100] cannot be used: one size alone shows nothing over sizes; write it as data.split.train"),
        ("[100, 100]", "[100, 100] cannot be used: 100 is listed twice"),
        ("[100, 0.5]", "it should be a list of whole numbers of texts, as in [100, 300, 1000]"),
        ("[100, 300.0]", "it should be a list of whole numbers of texts, as in [100, 300, 1000]"),
        ("[100, true]", "it should be a list of whole numbers of texts, as in [100, 300, 1000]"),
        ("[-5, 100]", "it should be a list of whole numbers of texts, as in [100, 300, 1000]"),
        ("[]", "it should be a list of at least 2"),
        ("100", "it should be a list of whole numbers of texts, as in [100, 300, 1000]"),
    ],
)
def test_what_are_no_sizes_is_refused_in_one_line(load, sizes, said) -> None:
    with pytest.raises(BadValue) as refused:
        load(sizes)
    assert said in str(refused.value)
    assert str(refused.value).startswith("params/sized.yaml, line 4: train_sizes: ")
    assert "\n" not in str(refused.value)


def test_a_declared_size_that_is_none_of_them_is_refused(load) -> None:
    with pytest.raises(BadValue, match="200 is none of `train_sizes`; list it there"):
        load("[100, 300]", split="train: 200, ")
