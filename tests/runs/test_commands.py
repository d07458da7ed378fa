from __future__ import annotations

import shlex

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook

from bakeoff.experiment.load import load_experiment
from bakeoff.notebook.parameters import experiment_of, requested
from bakeoff.runs import commands
from bakeoff.runs.commands import command, report_command
from bakeoff.runs.run import Request, resolve

YAML = """\
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/tiny
seeds: [1, 2]
methods:
  full: {}
  lora: {rank: [2, 4]}
"""
PARAMETERS = ("params", "method", "seed", "role", "changes", "rank", "dropout", "learning_rate", "target_modules")
CHANGES = ("data.split.train=3", 'report.title=It\'s "mine": 50% \\ $HOME', "compare={reference: lora, alpha: 1e-2}")


@pytest.fixture
def workspace(hollow_workspace):
    (hollow_workspace.root / "params" / "x.yaml").write_text(YAML)
    return hollow_workspace


@pytest.fixture
def settle(workspace):
    def settled(method, *, changes=(), role="candidate", **overrides):
        experiment = load_experiment(workspace.root / "params" / "x.yaml", changes=changes)
        request = Request(method=method, seed=1, role=role, overrides=overrides)
        return resolve(request, experiment, workspace=workspace)

    return settled


@pytest.fixture
def read_back(tmp_path):
    """Return what papermill's own command line makes of a command's words."""

    def given(words):
        from papermill.cli import papermill

        assert words[:3] == ["papermill", "notebooks/train.ipynb", "out.ipynb"]
        source = "\n".join(f"{name} = None" for name in PARAMETERS)
        metadata = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
        cell = new_code_cell(source, metadata={"tags": ["parameters"]})
        notebook, out = tmp_path / "train.ipynb", tmp_path / "out.ipynb"
        nbformat.write(new_notebook(cells=[cell], metadata=metadata), notebook)
        arguments = [str(notebook), str(out), *words[3:], "--prepare-only", "--no-progress-bar"]
        result = CliRunner().invoke(papermill, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return dict(nbformat.read(out, as_version=4).metadata.papermill.parameters)

    return given


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"rank": 4, "dropout": 0.25, "learning_rate": 1e-05},
        {"target_modules": ["query", "value"]},
        {"schedule": "cosine", "rank": 2},
    ],
)
def test_the_command_gives_papermill_exactly_these_values(settle, read_back, overrides):
    run = settle("lora", **{"rank": 2, **overrides})
    given = read_back(shlex.split(command(run, "params/x.yaml")))
    assert given == {"params": "params/x.yaml", "method": "lora", "seed": 1, **run.request.overrides}


@pytest.mark.parametrize("text", ["007", "1e5", "true", "None", "nan", "-x"])
def test_text_that_papermill_would_take_for_something_else_is_marked(text):
    assert commands._given("name", text) == ["-r", "name", text]


def test_a_trial_says_so_in_its_command(settle):
    assert command(settle("lora", role="sweep", rank=2), "params/x.yaml").endswith("-p rank 2 -p role sweep")


def test_the_command_of_a_changed_experiment_makes_the_same_run(settle, read_back, workspace):
    changes = (*CHANGES, "report.title=\x7f \u2028 \U0001f600")  # what YAML wants spelled out
    run = settle("full", changes=changes)
    given = read_back(shlex.split(command(run, "params/x.yaml")))
    assert given["changes"] == list(changes)
    experiment = experiment_of(given, workspace=workspace)
    request = requested(given, experiment, workspace=workspace)
    assert experiment.changes == changes
    again = resolve(request, experiment, workspace=workspace)
    assert (again.run_id, again.identity) == (run.run_id, run.identity)
    assert again.run_id != settle("full").run_id


def test_the_command_of_a_report_names_the_changes(workspace):
    from bakeoff.cli.parser import parse

    experiment = load_experiment(workspace.root / "params" / "x.yaml", changes=CHANGES)
    words = shlex.split(report_command(experiment, "params/x.yaml"))
    assert words[0] == "bakeoff"
    options = parse(words[1:])
    assert (options.experiment, tuple(options.changes)) == ("params/x.yaml", CHANGES)
    plain = load_experiment(workspace.root / "params" / "x.yaml")
    assert report_command(plain, "params/x.yaml") == "bakeoff run params/x.yaml"
