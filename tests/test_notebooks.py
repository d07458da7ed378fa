"""The committed notebooks: thin, bare, with fixed ids, and declaring exactly the parameters there are."""

import ast
from pathlib import Path

import nbformat
import pytest

from bakeoff.errors import BadValue, UnknownName
from bakeoff.parameters import check_names, declared_names

NOTEBOOKS = [Path(__file__).resolve().parents[1] / "notebooks" / name for name in ("compare.ipynb", "train.ipynb")]
TAGS = {"appendix", "baselines", "data", "model", "parameters", "result", "setup", "train"}


def ids(path: Path) -> str:
    return path.stem


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_valid_and_bare(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in code_cells(path):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_cells_are_thin(path: Path) -> None:
    for cell in code_cells(path):
        # A declaration of parameters is as long as there are parameters.
        if "parameters" not in tags(cell):
            assert len(cell.source.splitlines()) <= 8, cell.id
        forbidden = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.AsyncFunctionDef)
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, forbidden)], cell.id


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_ids_are_words_and_tags_are_known(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert len({cell.id for cell in cells}) == len(cells)
    for cell in cells:
        assert cell.id.replace("-", "").isalpha(), cell.id
        assert set(tags(cell)) <= TAGS


def test_train_declares_every_parameter_with_an_explanation() -> None:
    (cell,) = [cell for cell in code_cells(NOTEBOOKS[1]) if "parameters" in tags(cell)]
    names = [line.partition("=")[0].partition(":")[0].strip() for line in cell.source.splitlines() if "=" in line]
    assert sorted(names) == sorted(declared_names())
    for line in cell.source.splitlines():
        comment = line.partition("#")[2]
        assert comment.strip()
        assert "=" not in comment, "papermill's inspection stumbles over it"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_papermill_can_list_the_parameters(path: Path) -> None:
    from papermill import inspect_notebook

    (cell,) = [cell for cell in code_cells(path) if "parameters" in tags(cell)]
    names = {line.partition("=")[0].partition(":")[0].strip() for line in cell.source.splitlines() if "=" in line}
    assert set(inspect_notebook(str(path))) == names


DECLARED = 'params = "params/demo.yaml"\nmethod = "lora"\nseed: int = None\n'


def test_a_misspelt_parameter_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"methud.*did you mean 'method'"):
        check_names([DECLARED, '# Parameters\nmethud = "lora"\n'])


def test_a_misspelt_parameter_in_the_cell_itself_is_found_and_can_be_mended() -> None:
    with pytest.raises(UnknownName, match="sead"):
        check_names([DECLARED + "sead = 3\n"])
    check_names([DECLARED + "sead = 3\n", "%time 1", DECLARED])


def test_known_parameters_pass() -> None:
    check_names(["", DECLARED, "# Parameters\nrank = 8\nseed = 7\n", "from bakeoff import notebook"])


@pytest.mark.parametrize("given", [{"method": 7}, {"seed": "x"}, {"seed": True}, {"seed": -1}, {"role": "boss"}])
def test_values_of_the_wrong_type_are_one_line(given: dict[str, object]) -> None:
    from bakeoff.parameters import requested
    from bakeoff.workspace import find_workspace

    workspace = find_workspace(NOTEBOOKS[0].parent)
    with pytest.raises(BadValue, match=next(iter(given))) as caught:
        requested({"params": "params/demo.yaml", "method": "full", **given}, workspace=workspace)
    assert "\n" not in str(caught.value)


def test_a_parameter_of_another_method_is_refused() -> None:
    from bakeoff.parameters import requested
    from bakeoff.workspace import find_workspace

    workspace = find_workspace(NOTEBOOKS[0].parent)
    with pytest.raises(UnknownName, match=r"rank.*full"):
        requested({"params": "params/demo.yaml", "method": "full", "rank": 8}, workspace=workspace)


def test_training_again_in_one_kernel_starts_from_untouched_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bert: Path
) -> None:
    """Run All twice in Jupyter gives the same record twice, not a model trained twice as long."""
    import shutil

    from bakeoff.notebook import open_run
    from tiny import make_texts

    shutil.copytree(NOTEBOOKS[0].parent, tmp_path / "notebooks")
    (tmp_path / "params").mkdir()
    rows = "\n".join(f"{text},{label}" for text, label in make_texts(60))
    (tmp_path / "texts.csv").write_text(f"text,label\n{rows}\n", encoding="utf-8")
    (tmp_path / "params" / "twice.yaml").write_text(
        f"data: {{source: texts.csv, split: {{train: 20, validation: 20, test: 20}}, max_length: 16}}\n"
        f"model: {tiny_bert}\nseeds: [1]\nmethods: {{full: {{epochs: 1, batch_size: 8, threads: 1}}}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path / "notebooks")
    traces = []
    for _ in range(2):
        run = open_run({"params": "params/twice.yaml", "method": "full"})
        run.load_data()
        run.build_model()
        run.fit()
        run.finish()
        traces.append(run.record.trace)
        run.fit()
        run.finish()
        traces.append(run.record.trace)
    assert traces == [traces[0]] * 4
