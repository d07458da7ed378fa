"""What an entry of `methods` says of its base: a model, and a tokenizer that belongs to it."""

import pytest

from bakeoff.errors import BadValue, UnknownName
from bakeoff.experiment.load import load_experiment
from bakeoff.runs.run import Request, resolve
from bakeoff.system.workspace import Workspace

YAML = """\
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/one
seeds: [1]
methods:
  full: {}
  mamba: {kind: full, model: models/two}
  other: {kind: full, model: models/two, tokenizer: models/words}
  tfidf: {}
"""


@pytest.fixture
def workspace(tmp_path):
    for folder in ("notebooks", "params", "models/one", "models/two", "models/words"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("one/config.json", "one/model.safetensors", "two/config.json", "two/model.safetensors"):
        (tmp_path / "models" / file).write_text(file if file.endswith("s") else "{}")
    (tmp_path / "models/words/tokenizer.json").write_text("{}")
    (tmp_path / "data.csv").write_text("text,label\ngood,1\n")
    return Workspace(tmp_path)


def load(workspace, text):
    file = workspace.root / "params" / "x.yaml"
    file.write_text(text)
    return load_experiment(file)


def base(workspace, text, method):
    run = resolve(Request(method=method, seed=1), load(workspace, text), workspace=workspace)
    return run.identity["model"]


def test_each_model_has_its_own_tokenizer(workspace):
    plain = {method: base(workspace, YAML, method) for method in ("full", "mamba", "other", "tfidf")}
    assert plain["tfidf"] is None
    assert set(plain["full"]) == set(plain["mamba"]) == {"id", "sha256"}
    assert plain["other"]["tokenizer"]["id"] == "models/words"
    given = YAML + "tokenizer: models/words\n"
    assert base(workspace, given, "full")["tokenizer"]["id"] == "models/words"
    assert base(workspace, given, "mamba") == plain["mamba"], "the file's tokenizer belongs to the file's model"
    assert base(workspace, given, "other") == plain["other"]
    assert base(workspace, YAML.replace("full: {}", "full: {tokenizer: models/words}"), "full")["tokenizer"]


def test_another_tokenizer_is_another_run(workspace):
    def run_id(text):
        return resolve(Request(method="full", seed=1), load(workspace, text), workspace=workspace).run_id

    given = YAML + "tokenizer: models/words\n"
    before = run_id(given)
    assert before == run_id(given) != run_id(YAML)
    (workspace.root / "models/words/tokenizer.json").write_text('{"other": 1}')
    assert run_id(given) != before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "tfidf: {}",
            "tfidf: {tokenizer: models/words}",
            "methods.tfidf.tokenizer: 'models/words' cannot be used: tfidf",
        ),
        ("full: {}", "full: {tokenizer: 5}", "line 5: methods.full.tokenizer: 5 is not the name of a tokenizer"),
        ("full: {}", "full: {model: [a]}", "line 5: methods.full.model: ['a'] is not the name of a model"),
        ("seeds:", "tokenizer: [a]\nseeds:", "line 3: tokenizer: ['a']"),
    ],
)
def test_what_cannot_be_a_tokenizer(workspace, old, new, says):
    with pytest.raises(BadValue) as caught:
        load(workspace, YAML.replace(old, new))
    assert says in str(caught.value)


def test_null_is_no_value_of_a_sweep(workspace):
    with pytest.raises(BadValue, match=r"line 5: methods\.full\.max_length: null cannot be chosen"):
        load(workspace, YAML.replace("full: {}", "full: {max_length: [64, null]}"))


def test_the_key_is_known(workspace):
    with pytest.raises(UnknownName, match="did you mean 'tokenizer'"):
        load(workspace, YAML.replace("full: {}", "full: {tokeniser: models/words}"))
