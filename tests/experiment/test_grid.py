"""`datasets` and `models` of one file: which cells there are, what each is, and what is refused."""

from __future__ import annotations

import pytest

from bakeoff.errors import InputError
from bakeoff.experiment.cells import cells_of, elsewhere, seat, seat_of, selected
from bakeoff.experiment.load import load_experiment

YAML = """\
data: {label: grade, split: {train: 60, validation: 20, test: 20}}
datasets:
  films: {source: films.csv}
  mail: {source: mail.csv, text: body, label: {column: spam, names: [ham, spam]}, split: {test: 40}}
models: [models/small, models/large]
seeds: [1, 2]
methods: {tfidf: {}, linear_probe: {}, other: {kind: linear_probe, model: models/own}}
compare: {reference: tfidf}
"""
FILMS = "  films: {source: films.csv}\n"
MODELS = "models: [models/small, models/large]\n"


@pytest.fixture
def load(tmp_path):
    def loaded(text: str = YAML, *changes: str):
        file = tmp_path / "grid.yaml"
        file.write_text(text, encoding="utf-8")
        return load_experiment(file, shown_as="params/grid.yaml", changes=changes)

    return loaded


def test_cells_are_each_data_set_with_each_model_and_the_first_is_the_experiment(load) -> None:
    experiment = load()
    names = [cell.name for cell in cells_of(experiment)]
    assert names == ["films/small", "films/large", "mail/small", "mail/large"]
    assert (experiment.cell, experiment.data_set, experiment.base_name) == ("films/small", "films", "small")
    assert [(cell.experiment.data.source, cell.experiment.model) for cell in cells_of(experiment)] == [
        (source, model) for source in ("films.csv", "mail.csv") for model in ("models/small", "models/large")
    ]


def test_a_data_set_has_what_it_overrides_and_the_rest_of_data(load) -> None:
    films, mail = (load().datasets[name] for name in ("films", "mail"))
    assert (films.text, films.label.column, films.split.test) == ("text", "grade", 20)
    assert (mail.text, mail.label.names, mail.split.test, mail.split.train) == ("body", ("ham", "spam"), 40, 60)


def test_a_cell_is_the_file_with_one_change(load) -> None:
    for cell in cells_of(load())[1:]:
        assert cell.experiment.changes == (f"cell={cell.name}",)
        assert load(YAML, *cell.experiment.changes) == cell.experiment


def test_another_cell_can_be_the_experiment(load) -> None:
    experiment = load(YAML, "cell=mail/large")
    assert [cell.name for cell in cells_of(experiment)] == ["mail/large", "films/small", "films/large", "mail/small"]
    assert (experiment.data.source, experiment.model) == ("mail.csv", "models/large")


def test_one_axis_is_a_grid_too(load) -> None:
    over_data = load(YAML.replace(MODELS, "model: models/small\ntokenizer: models/large\n"))
    assert [cell.name for cell in cells_of(over_data)] == ["films", "mail"]
    assert {cell.experiment.base_of(cell.experiment.entry("linear_probe")) for cell in cells_of(over_data)} == {
        ("models/small", "models/large")
    }
    text = YAML.replace("data: {", "data: {source: films.csv, ").replace(YAML[YAML.index("datasets") :], "")
    named = "models: {a: models/small, b: {model: models/large, tokenizer: models/small}}\n"
    over_models = load(text + named + YAML[YAML.index("seeds") :])
    assert [cell.name for cell in cells_of(over_models)] == ["a", "b"]
    assert cells_of(over_models)[1].experiment.tokenizer == "models/small"


def test_a_method_without_a_base_model_knows_its_data_alone(load) -> None:
    experiment = load(YAML, "cell=mail/large")
    assert [seat(experiment, name) for name in experiment.methods] == ["mail", "mail/large", "mail"]
    assert seat(load(YAML.replace(MODELS, "model: m\n")), "linear_probe") == "films"


def test_a_record_tells_its_cell(load) -> None:
    experiment = load()
    mail = {"sha256": "0" * 64, **experiment.datasets["mail"].model_dump(mode="json")}
    assert seat_of(experiment, "linear_probe", {"data": mail, "model": {"id": "models/large"}}) == "mail/large"
    assert seat_of(experiment, "linear_probe", {"data": mail, "model": None}) == "mail"
    assert seat_of(experiment, "linear_probe", {"data": None, "model": None}) == ""


@pytest.mark.parametrize(
    ("only", "methods", "cells"),
    [
        ((), 3, 4),
        (("tfidf",), 1, 4),
        (("mail",), 3, 2),
        (("mail/large",), 3, 1),
        (("large", "tfidf"), 1, 2),
        (("films/small", "mail"), 3, 3),
    ],
)
def test_what_is_asked_for_by_name(load, only, methods, cells) -> None:
    found = selected(load(), only)
    assert (len(found.methods), len(found.cells)) == (methods, cells)


def test_an_unknown_name_is_answered_with_the_nearest(load) -> None:
    with pytest.raises(InputError, match=r"unknown method or cell 'mail/larg'; did you mean 'mail/large'\?"):
        selected(load(), ["mail/larg"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("films.csv}", "films.csv, lable: x}", "line 3: datasets.films.lable: unknown key 'lable'; did you"),
        ("source: films.csv", "text: review", "line 3: datasets.films.source: missing"),
        ("label: grade", "label: {bins: [1]}", "line 1: data.label: 1 bins make 2 classes; give as many names"),
        ("test: 40", "test: -40", "line 4: datasets.mail.split.test: -40 cannot be used: it should be above 0"),
        ("test: 20", "test: -20", "line 1: data.split.test: -20 cannot be used"),
        ("text: body", "text: spam", "line 4: datasets.mail.label: 'spam' is the column with the text"),
        ("films: {source: films.csv}", "films: films.csv", "datasets.films: 'films.csv' is no mapping of keys"),
        ("  films:", "  tfidf:", "datasets.tfidf: a method has this name already; choose another name"),
        ("  films:", "  MAIL:", "datasets.mail: a data set has this name already"),
        ("  films:", "  small:", "line 5: models: 'models/small' gives no name of its own to call its cells by"),
        ("  films:", "  a/b:", "datasets.a/b: cannot be the name of a data set; a letter, then letters"),
        ("  films:", "  con:", "datasets.con: cannot be the name of a data set: con is the name of a device"),
        ("mail.csv, text: body, label: {column: spam, names: [ham, spam]}", "films.csv",
         "datasets.mail: the same texts and labels as films, which would count twice; leave one out"),
        ("mail.csv, text: body, label: {column: spam, names: [ham, spam]}", "./films.csv",
         "datasets.mail: the same texts and labels as films, which would count twice; leave one out"),
        (FILMS, "", "line 2: datasets: one alone makes no grid; write it as `data`"),
        (", models/large]", "]", "line 5: models: one alone makes no grid; write it as `model`"),
        ("large]", "small]", "line 5: models: 'models/small' is listed twice"),
        ("models/large]", "other/small]", "models: 'other/small' gives no name of its own to call its cells by"),
        ("[models/small, models/large]", "{a: models/small, b: models/small}", "models.b: the same model as a"),
        ("[models/small, models/large]", "{a: x, b: {modle: y}}", "models.b.modle: unknown key 'modle'"),
        ("[models/small, models/large]", "{a: x, b: 3}", "models.b: 3 is not the name of a model"),
        ("[models/small, models/large]", "models/small", "models: 'models/small' is no list; list them, or name each"),
        ("seeds:", "model: models/small\nseeds:", "line 6: model: `models` names the base models"),
        ("seeds:", "cell: mail/larg\nseeds:", "line 6: cell: unknown cell 'mail/larg'; did you mean 'mail/large'?"),
        ("seeds:", "train_sizes: [10, 20]\nseeds:", "train_sizes: it cannot be combined with `datasets` or `models`"),
        ("datasets:", "cell: x\nother:", "unknown key 'other'"),
    ],
)  # fmt: skip
def test_what_is_no_grid_is_refused_in_one_line(load, old, new, said) -> None:
    assert YAML.count(old) == 1 or old == "  films:"
    with pytest.raises(InputError) as refused:
        load(YAML.replace(old, new))
    assert said in str(refused.value)
    assert str(refused.value).startswith("params/grid.yaml, line ")
    assert "\n" not in str(refused.value)


def test_a_cell_without_a_grid_is_refused(load) -> None:
    plain = "data: {source: x.csv}\nmodel: m\nseeds: [1, 2]\nmethods: {tfidf: {}}\ncompare: {reference: tfidf}\n"
    with pytest.raises(InputError, match="line 6: cell: the file has no grid"):
        load(plain + "cell: films\n")


def test_a_change_on_the_command_line_is_named_where_it_is_at_fault(load) -> None:
    with pytest.raises(InputError, match=r"--set datasets.mail.split.test=0: datasets.mail.split.test: 0"):
        load(YAML, "datasets.mail.split.test=0")
    assert load(YAML, "data.split.train=30").datasets["mail"].split.train == 30


def test_a_method_with_a_base_of_its_own_is_of_no_model_of_the_grid_even_where_that_has_it(load) -> None:
    """Its runs were of the cell with that model, and so of none."""
    for cell in cells_of(load(YAML.replace("models/own", "models/large"))):
        data = {"sha256": "0", **cell.experiment.data.model_dump(mode="json")}
        identity = {"data": data, "model": {"id": "models/large", "tokenizer": None}}
        assert not elsewhere(cell.experiment, "other", identity)
        assert seat_of(cell.experiment, "other", identity) == cell.experiment.data_set
        assert elsewhere(cell.experiment, "linear_probe", identity) is (cell.experiment.base_name != "large")


def test_models_that_differ_in_their_tokenizer_alone_are_told_apart(load) -> None:
    models = "models: {one: models/m, two: {model: models/m, tokenizer: models/t}}\n"
    for cell in cells_of(load(YAML.replace(MODELS, models))):
        data = {"sha256": "0", **cell.experiment.data.model_dump(mode="json")}
        for tokenizer, name in ((None, "one"), ({"id": "models/usual"}, "one"), ({"id": "models/t"}, "two")):
            identity = {"data": data, "model": {"id": "models/m", "tokenizer": tokenizer}}
            assert elsewhere(cell.experiment, "linear_probe", identity) is (cell.experiment.base_name != name)


def test_a_method_with_a_tokenizer_of_its_own_is_the_same_with_one_model_whatever_its_tokenizer(load) -> None:
    """The grid was refused as if all its methods were the same there."""
    models = "models: {one: models/m, two: {model: models/m, tokenizer: models/t}}\n"
    own = "methods: {own: {kind: linear_probe, tokenizer: models/t}, "
    for cell in cells_of(load(YAML.replace(MODELS, models).replace("methods: {", own))):
        data = {"sha256": "0", **cell.experiment.data.model_dump(mode="json")}
        identity = {"data": data, "model": {"id": "models/m", "tokenizer": {"id": "models/t"}}}
        assert not elsewhere(cell.experiment, "own", identity)
        assert seat_of(cell.experiment, "own", identity) == seat(cell.experiment, "own")
        assert seat(cell.experiment, "own").endswith("one")
        assert seat(cell.experiment, "linear_probe") == cell.name
