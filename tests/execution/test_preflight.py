"""What is refused before anything runs: a method that cannot work on its base model, in one line."""

from pathlib import Path

import pytest

from bakeoff.errors import BadValue
from bakeoff.execution.preflight import preflight
from bakeoff.experiment.load import load_experiment
from bakeoff.system.workspace import Workspace
from tiny import make_texts


def workspace_with(root: Path, methods: str, model: Path) -> Workspace:
    for folder in ("notebooks", "params", "reports"):
        (root / folder).mkdir(parents=True)
    rows = "\n".join(f"{text},{label}" for text, label in make_texts(60))
    (root / "texts.csv").write_text(f"text,label\n{rows}\n", encoding="utf-8")
    (root / "params" / "small.yaml").write_text(
        "data: {source: texts.csv, split: {train: 20, validation: 20, test: 20}, max_length: 16}\n"
        f"model: {model}\nseeds: [1]\nmethods:\n{methods}",
        encoding="utf-8",
    )
    return Workspace(root)


def checked(workspace: Workspace, **options: list[str]) -> None:
    file = workspace.root / "params" / "small.yaml"
    preflight(load_experiment(file, shown_as="params/small.yaml"), workspace, **options)


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ("  prefix: {}\n", r"methods\.prefix: .*attention layers.*Mamba2Model.*lora works here"),
        ("  mine: {kind: top_layers, layers: 9}\n", r"methods\.mine\.layers: .*has 2"),
        ("  lora: {target_modules: [query]}\n", r"methods\.lora\.target_modules: .*no layer 'query'.*in_proj"),
    ],
)
def test_a_method_that_cannot_work_is_refused_with_the_reason(
    methods: str, expected: str, tmp_path: Path, tiny_mamba: Path
) -> None:
    workspace = workspace_with(tmp_path, f"  full: {{}}\n{methods}", tiny_mamba)
    with pytest.raises(BadValue, match=expected) as caught:
        checked(workspace)
    assert str(caught.value).startswith("params/small.yaml: ")
    assert caught.value.exit_status == 2
    assert not list((tmp_path / "reports").iterdir())


def test_what_can_run_passes_and_what_is_not_asked_for_is_not_looked_at(tmp_path: Path, tiny_mamba: Path) -> None:
    workspace = workspace_with(tmp_path, "  full: {}\n  lora: {}\n  prefix: {}\n", tiny_mamba)
    checked(workspace, only=["lora"])
    with pytest.raises(BadValue):
        checked(workspace, only=["prefix"])


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        (
            "  prompt: {virtual_tokens: 49}\n",
            r"^params/small.yaml: data\.max_length: for prompt, 16 tokens and 49 .*; 15 fit",
        ),
        ("  mine: {kind: full, max_length: 65}\n", r"methods\.mine\.max_length: 65 tokens are more than the 64 places"),
    ],
)
def test_texts_that_do_not_fit_are_refused(methods: str, expected: str, tmp_path: Path, tiny_bert: Path) -> None:
    checked(workspace_with(tmp_path / "a", "  full: {}\n  prompt: {virtual_tokens: 48}\n", tiny_bert))
    with pytest.raises(BadValue, match=expected):
        checked(workspace_with(tmp_path / "b", f"  full: {{}}\n{methods}", tiny_bert))


@pytest.mark.parametrize(("model_type", "own"), [("convbert", True), ("convbert", False), ("fnet", False)])
def test_a_model_whose_results_would_depend_on_the_batch(
    model_type: str, own: bool, tmp_path: Path, tiny_bert: Path
) -> None:
    file = tmp_path / "shape.json"
    file.write_text(f'{{"model_type": "{model_type}", "tokenizer": "{tiny_bert}"}}', encoding="utf-8")
    methods, key = (f"  full: {{model: {file}}}\n", "methods.full.model") if own else ("  full: {}\n", "model")
    workspace = workspace_with(tmp_path / "work", methods, tiny_bert if own else file)
    with pytest.raises(BadValue, match=rf"^params/small\.yaml: {key}: .*: results would depend on the batch; name "):
        checked(workspace)
