"""Slices of the test texts: cut anew from the data, scored, and tested on methods whose accuracies are known."""

import numpy as np
import pytest

from bakeoff.errors import InputError
from bakeoff.experiment.further import Slicing
from bakeoff.experiment.load import load_experiment
from bakeoff.report.subsets.slices import SLICES_FILE, said_of_slices, slice_tables
from bakeoff.runs.slices import Cut, Level, cuts_of
from bakeoff.stats.compare import compare
from bakeoff.stats.inputs import Contender
from bakeoff.study.subsets.slices import on_slices
from bakeoff.system.workspace import Workspace
from prose import FORBIDDEN, plain

YAML = """\
data: {source: texts.csv, split: {train: 40, validation: 20, test: 60}}
model: none
seeds: [1]
methods: {majority: {}, tfidf: {}}
compare: {reference: tfidf}
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("slices")
    (root / "params").mkdir()
    rows = [
        f"{'word ' * (1 + n % 9)}{n},{'ab'[n % 2]},{['news', 'mail', ''][n % 3]},{n / 10},{n},same" for n in range(120)
    ]
    (root / "texts.csv").write_text("text,label,kind,price,id,one\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (root / "params" / "cut.yaml").write_text(YAML, encoding="utf-8")
    return Workspace(root)


def loaded(workspace: Workspace, slices: str):
    file = workspace.root / "params" / "cut.yaml"
    return load_experiment(file, shown_as="params/cut.yaml", changes=[f"slices={slices}"], root=workspace.root)


def cut(workspace: Workspace, slices: str):
    return cuts_of(loaded(workspace, slices), workspace=workspace)[1]


def test_length_makes_thirds_of_the_test_texts(workspace: Workspace) -> None:
    (found,) = cut(workspace, "[length]")
    assert len(found.of) == 60
    counts = np.bincount(list(found.of.values()))
    assert len(counts) == 3
    assert counts.min() >= 10
    assert found.levels[0].low is None
    assert found.levels[0].high == found.levels[1].low
    lengths = {item: 2 + int(item) % 9 for item in found.of}
    edges = [level.high for level in found.levels[:-1]]
    assert all(found.of[item] == np.digitize(words, edges) for item, words in lengths.items())


def test_columns_make_slices_by_value_or_by_edges(workspace: Workspace) -> None:
    kind, price, length = cut(workspace, "[kind, {price: [3, 6]}, {length: [5]}]")
    assert [level.value for level in kind.levels] == ["mail", "news", None]
    assert all(kind.of[item] == [1, 0, 2][int(item) % 3] for item in kind.of)
    assert [(level.low, level.high) for level in price.levels] == [(None, 3), (3, 6), (6, None)]
    assert all(place == (int(item) >= 30) + (int(item) >= 60) for item, place in price.of.items())
    assert [(level.low, level.high) for level in length.levels] == [(None, 5), (5, None)]


@pytest.mark.parametrize(
    ("slices", "said"),
    [
        ("[knid]", "slices: unknown column 'knid'; did you mean 'kind'?"),
        ("[id]", "has 60 values among the test texts, 12 at most make slices; numbers can have edges: {id: [1, 10]}"),
        ("[one]", "has one value for all test texts"),
        ("[{kind: [3]}]", "holds no numbers"),
        ("[{price: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}]", "make 13 slices, 12 at most are shown"),
    ],
)
def test_what_makes_no_slices_is_refused_in_one_line(workspace: Workspace, slices, said) -> None:
    with pytest.raises(InputError) as refused:
        cut(workspace, slices)
    assert said in str(refused.value)
    assert str(refused.value).startswith("--set slices=")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("slices", "said"),
    [
        ("[kind, kind]", "each cut of the texts is listed once"),
        ("kind", "it should be a list"),
        ("[{price: [3, 2]}]", "edges must rise"),
        ("[{price: cheap}]", "slices"),
        ("[{price: [1], kind: [2]}]", "a slicing is `length`, the name of a column"),
        ("[3]", "a slicing is `length`, the name of a column"),
    ],
)
def test_slices_that_are_spelled_wrongly_are_refused_in_one_line(workspace: Workspace, slices, said) -> None:
    with pytest.raises(InputError) as refused:
        loaded(workspace, slices)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def made(shares, *, texts=(600, 600, 30), seeds=(1, 2, 3), alpha=0.05, names=("short", "long", "odd")):
    """Methods with these accuracies by slice; items are hard or easy for all alike."""
    rng = np.random.default_rng(5)
    place = np.repeat(np.arange(len(texts)), texts)
    gold, ease = rng.integers(0, 2, len(place)), rng.random(len(place))
    items = np.array([f"{n}" for n in range(len(place))])
    contenders = [
        Contender(name, seeds, items, gold, np.where(
            ease + 0.02 * rng.normal(size=(len(seeds), len(place))) < np.array(own)[place], gold, 1 - gold))
        for name, own in shares.items()
    ]  # fmt: skip
    comparison = compare(contenders, metric="accuracy", reference="full", alpha=alpha, margin=0.01, resamples=0)
    levels = tuple(Level(value=name) for name in names[: len(texts)])
    cut_ = Cut(Slicing(column="kind"), levels, dict(zip(items.tolist(), place.tolist(), strict=True)))
    return on_slices(contenders, [cut_], comparison)


def said(found) -> str:
    return " ".join(map(plain, said_of_slices(found, metric="accuracy")))


def test_a_difference_that_depends_on_the_slice_is_said_to() -> None:
    found = made({"full": (0.8, 0.8, 0.8), "weak": (0.8, 0.5, 0.8)})
    text = said(found)
    assert "Against full, weak does worse on kind: long than on all other texts: their difference changes by -" in text
    assert "By kind: too few texts for claims: odd." in text
    assert "On kind: long, accuracy is worse than on all other texts for weak -" in text
    assert not FORBIDDEN["en"].search(text)
    changes = {(one.method, one.what): one for one in found.beyond}
    assert changes.keys() == {("weak", "0, 0"), ("weak", "0, 1")}
    assert changes["weak", "0, 1"].gap.estimate == pytest.approx(-0.3, abs=0.05)


def test_none_found_is_said_too() -> None:
    text = said(made({"full": (0.8, 0.8, 0.8), "twin": (0.8, 0.8, 0.8)}))
    assert "By kind: no method's difference to full is shown to depend on the slice." in text
    assert "By kind: no method is shown to score otherwise on one slice than on the others." in text


def test_of_two_slices_one_test_says_all() -> None:
    found = made({"full": (0.8, 0.8), "weak": (0.8, 0.5)}, texts=(600, 600))
    assert [one.what for one in found.beyond] == ["0, 0"]
    assert found.beyond[0].comparisons == 1


def test_a_small_slice_is_shown_without_an_interval() -> None:
    found = made({"full": (0.8, 0.8, 0.8), "weak": (0.8, 0.5, 0.8)})
    scores, differences = slice_tables(found, methods=["full", "weak"], metric="accuracy")
    assert scores.header == ["method", "short (600 texts)", "long (600 texts)", "odd (30 texts)"]
    assert "\n" in scores.rows[0][1]
    assert "\n" not in scores.rows[0][3]
    assert differences.rows[0][3] == "–"
    head, *rows = scores.carried[SLICES_FILE].splitlines()
    assert head.startswith("slices,value,from,below,texts,claims,method,mean")
    assert len(rows) == 6


def test_a_value_of_the_data_is_no_formula_in_the_csv() -> None:
    found = made({"full": (0.8, 0.8), "weak": (0.8, 0.5)}, texts=(600, 600), names=("=1+1", "@SUM(A1)"))
    rows = slice_tables(found, methods=["full", "weak"], metric="accuracy")[0].carried[SLICES_FILE].splitlines()[1:]
    assert {row.split(",")[1] for row in rows} == {"'=1+1", "'@SUM(A1)"}


def test_intervals_of_all_at_once_are_wider_the_more_there_are() -> None:
    few = made({"full": (0.8, 0.8), "weak": (0.8, 0.5)}, texts=(600, 600))
    more = made({"full": (0.8, 0.8), "weak": (0.8, 0.5), "next": (0.7, 0.7)}, texts=(600, 600))
    first, second = (one.cuts[0].slices[0].scores["full"] for one in (few, more))
    assert second.high - second.low > first.high - first.low


def test_no_interval_reaches_beyond_what_there_can_be() -> None:
    found = made({"full": (0.99, 0.99), "never": (0.0, 0.0)}, texts=(60, 60), seeds=(1, 2))
    ends = [(one.low, one.high) for slice_ in found.cuts[0].slices for one in slice_.scores.values()]
    assert all(0 <= low <= high <= 1 for low, high in ends)
    assert all(-1 <= low <= high <= 1 for one in found.cuts[0].slices for _, low, high in one.differences.values())


def test_equal_methods_interact_no_more_often_than_declared() -> None:
    """The whole path over many made-up studies: three methods that are alike everywhere, two slices and a rest."""
    rng, shown = np.random.default_rng(12), 0
    place = np.repeat([0, 1, 2], 60)
    items = np.array([f"{n}" for n in range(180)])
    of = dict(zip(items.tolist(), place.tolist(), strict=True))
    cut_ = Cut(Slicing(column="kind"), tuple(Level(value=one) for one in "abc"), of)
    for _ in range(80):
        gold, ease = rng.integers(0, 2, 180), rng.normal(size=180)
        contenders = [
            Contender(name, (1, 2, 3), items, gold, np.where(
                ease + 0.8 * rng.normal(size=(3, 180)) + 0.1 * rng.normal(size=(3, 1)) < 0.9, gold, 1 - gold))
            for name in ("full", "lora", "probe")
        ]  # fmt: skip
        comparison = compare(
            contenders, metric="accuracy", reference="full", alpha=0.05, margin=0.01, resamples=0, plans=False
        )
        shown += any(one.shown for one in on_slices(contenders, [cut_], comparison).beyond)
    assert shown / 80 < 0.06
