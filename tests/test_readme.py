"""What the README says can be done; its table has the form the demo's records give; the support matrix is true."""

import re
import shlex
from pathlib import Path

import pytest

from bakeoff.cli import main
from bakeoff.experiment.load import load_experiment
from readme import MARK, MODELS, SHOWN, SUPPORT, support_table

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.replace("\\\n", " ").splitlines()
    if line.strip()
]


def test_it_leads_with_one_sentence_and_the_two_commands() -> None:
    title, sentence, *_ = [part for part in README.split("\n\n") if part.strip()]
    assert title == "# bakeoff"
    assert sentence.strip("*").count(".") == 1
    assert COMMANDS[:2] == ["make report", "make test"]


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_make_targets_exist(command: str) -> None:
    target = shlex.split(command)[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", [c for c in COMMANDS if "/bakeoff " in c])
def test_bakeoff_commands_parse(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([shlex.split(command)[1], "--help"])
    assert capsys.readouterr().out


def test_papermill_commands_name_declared_parameters() -> None:
    from bakeoff.notebook.parameters import declared_names

    given = [word for c in COMMANDS if "papermill" in c for word in re.findall(r"-p (\w+)|[{ ](\w+):", c)]
    names = {name for pair in given for name in pair if name}
    assert names
    assert names <= set(declared_names())


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 90


def test_the_table_has_a_row_and_a_command_for_every_method_of_the_demo() -> None:
    found = MARK.search(README)
    assert found
    header, _rule, *rows = found[0].split("\n")[1:-1]
    assert [cell.strip() for cell in header.strip("|").split("|")] == [*SHOWN, "command"]
    demo = load_experiment(ROOT / "params" / "demo.yaml")
    names = [row.strip("| ").split()[0].replace("\\", "") for row in rows]
    assert sorted(names) == sorted(demo.methods)
    for row, name in zip(rows, names, strict=True):
        assert f"papermill notebooks/train.ipynb out.ipynb -p params params/demo.yaml -p method {name} " in row


def test_the_picture_is_there() -> None:
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")


def test_the_support_matrix_is_what_the_methods_say_themselves() -> None:
    found = SUPPORT.search(MODELS.read_text("utf-8"))
    assert found
    assert found[0] == found[1] + support_table() + found[2]
