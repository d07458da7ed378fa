"""What a method of the user's own does beside its work; what of it is refused is one line, and no fault of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bakeoff import cli
from own_code import CLASSICAL, forget

YAML = """\
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}}
model: models/none
seeds: [1]
methods: {majority: {}, mine: {kind: "mine:Length"}}
compare: {reference: majority}
"""
FIELD = """
from typing import Any

from pydantic import Field, field_validator
from bakeoff.methods.config import Config
"""


@pytest.fixture(autouse=True)
def _forget():
    yield
    forget()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("notebooks", "params"):
        (tmp_path / folder).mkdir()
    for name in ("compare", "train"):
        (tmp_path / "notebooks" / f"{name}.ipynb").touch()
    (tmp_path / "data.csv").write_text("text,label\n" + "".join(f"good {n},1\nbad {n},0\n" for n in range(8)))
    (tmp_path / "params" / "demo.yaml").write_text(YAML)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(root: Path, *, above: str = "", below: str = "") -> None:
    """Write a method of one's own with lines before and after it."""
    (root / "mine.py").write_text(f"{above}\n{CLASSICAL}\n{below}\n", encoding="utf-8")


def config(*lines: str) -> dict[str, str]:
    """Return what makes a configuration of these lines the method's."""
    body = "".join(f"    {line}\n" for line in lines)
    return {"above": f"{FIELD}\nclass Odd(Config):\n{body}", "below": "Length.Config = Odd"}


ODD: dict[str, tuple[dict[str, str], str]] = {
    "varies": (
        {"below": "Length.varies = classmethod(lambda cls, config: 1 / 0)"},
        "ZeroDivisionError: division by zero (mine.py, line ",
    ),
    "an exit": ({"below": "Length.varies = classmethod(lambda cls, config: exit(5))"}, "SystemExit: 5 (mine.py, line "),
    "an error that is no Exception": (
        {
            "above": "import asyncio\ndef gone(*_): raise asyncio.CancelledError",
            "below": "Length.varies = classmethod(gone)",
        },
        "CancelledError (mine.py, line ",
    ),
    "a range that falls": (
        config("a: float = Field(1.0, description='x')", "search_space = classmethod(lambda _: {'a': (5, 1)})"),
        "Length.Config.search_space() should give settings two numbers each, the lower first",
    ),
    "a range of one number": (
        config("a: float = Field(1.0, description='x')", "search_space = classmethod(lambda _: {'a': (1,)})"),
        "Length.Config.search_space() should give settings two numbers each, the lower first",
    ),
    "no ranges": (
        config("search_space = classmethod(lambda _: None)"),
        "Length.Config.search_space() should give settings two numbers each, the lower first",
    ),
    "a range of nothing": (
        config("search_space = classmethod(lambda _: {'b': (1, 2)})"),
        "Length.Config.search_space() should give settings two numbers each, the lower first",
    ),
    "chooses": (
        {"below": "Length.chooses = classmethod(lambda cls, config: {}['x'])"},
        "KeyError: 'x' (mine.py, line ",
    ),
    "file_of": (
        {"below": "Length.file_of = classmethod(lambda cls, config: 7)"},
        "Length.file_of() should return the name of a file, or None",
    ),
    "libraries": ({"below": "Length.libraries = 'numpy'"}, "Length.libraries should be names of distributions"),
    "modules": ({"below": "Length.modules = 'json'"}, "Length.modules should be names of modules"),
    "no libraries": ({"below": "Length.libraries = None"}, "Length.libraries should be names of distributions"),
    "an object": (
        config("a: Any = Field(object(), description='x')"),
        "the defaults of Length.Config cannot be used: ",
    ),
    "no number": (
        config("a: float = Field(float('nan'), description='x')"),
        "the defaults of Length.Config cannot be used: ",
    ),
    "half a pair": (
        config("a: str = Field('\\ud800', description='x')"),
        "the defaults of Length.Config cannot be used: ",
    ),
    "another type": (config("a: int = Field('x', description='x')"), "the defaults of Length.Config cannot be used: "),
    "chance": (
        config("a: float = Field(default_factory=__import__('random').random, description='x')"),
        "the defaults of Length.Config are not the same when they are made again",
    ),
    "an alias": (
        config("a: int = Field(1, alias='b', description='x')"),
        "Length.Config.a has an alias; settings go by their names",
    ),
    "another module": (
        {"below": "import sys\nsys.modules[__name__] = object()"},
        "unknown name in mine: 'Length'; there is none",
    ),
    "a class of its own kind": (
        {"below": "class Meta(type(Length)):\n    __hash__ = None\nclass Length(Length, metaclass=Meta):\n    'Odd.'"},
        "TypeError: unhashable type: 'Meta'",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_refused_at_the_key_that_asks_for_it(
    root: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    parts, told = ODD[name]
    written(root, **parts)
    assert cli.main(["plan"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("bakeoff: params/demo.yaml, line 4: methods.mine.kind: ")
    assert told in err
    assert len(err) <= 301


def test_settings_that_its_own_code_stumbles_over_are_its_own_fault(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(
        root,
        **config(
            "a: int = Field(1, description='x')",
            "@field_validator('a')",
            "@classmethod",
            "def known(cls, a): return {1: 1}[a]",
        ),
    )
    assert cli.main(["plan"]) == 0
    capsys.readouterr()
    assert cli.main(["plan", "--set", "methods.mine.a=2"]) == 2
    assert capsys.readouterr().err == (
        "bakeoff: code of your own: KeyError: 2 (mine.py, line 11); `bakeoff --debug ...` shows how it came to that\n"
    )
    with pytest.raises(KeyError):
        cli.main(["--debug", "plan", "--set", "methods.mine.a=2"])


@pytest.mark.parametrize("head", [b"\xef\xbb\xbf", b"# -*- coding: latin-1 -*-\nX = '\xe9'\n"])
def test_a_module_is_read_as_python_reads_it(root: Path, capsys: pytest.CaptureFixture[str], head: bytes) -> None:
    (root / "mine.py").write_bytes(head + CLASSICAL.encode())
    assert cli.main(["plan"]) == 0
    assert "mine-s1-" in capsys.readouterr().out


def test_a_module_that_is_no_file_is_not_offered(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "mine.py").mkdir()
    assert cli.main(["plan"]) == 2
    assert "there is no mine.py in " in capsys.readouterr().err


def test_descriptions_are_words_and_no_markup(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(root, below="Length.summary = 'From [/0, 1] to \\x1b[31m[b]that[/b].'")
    assert cli.main(["methods", "mine:Length"]) == 0
    assert "mine:Length  From [/0, 1] to [31m[b]that[/b]." in capsys.readouterr().out


def test_what_is_listed_of_the_workspace_is_only_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bakeoff.cli import catalogue

    written(root)
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "pipe.py")
    (root / "deep.py").write_text("x = " + "-" * 200_000 + "1\n")
    assert [kind for kind, _ in catalogue._in_the_workspace()] == ["mine:Length"]


@pytest.mark.parametrize(
    "deed",
    [
        "print('hello')",
        "sys.stdout.close()",
        "sys.stdout = None",
        "sys.stderr.close()",
        "sys.stdout.reconfigure(line_buffering=True)",
    ],
)
def test_what_it_prints_stands_in_no_answer_and_no_stream_is_lost(root: Path, deed: str) -> None:
    written(root, above=f"import sys\n{deed}")
    for argv in (["schema", "--method", "mine:Length"], ["plan", "--only", "nobody"]):
        done = subprocess.run([sys.executable, "-m", "bakeoff", *argv], capture_output=True, text=True, check=False)
        if argv[0] == "schema":
            assert json.loads(done.stdout)["properties"]
            assert done.stderr == ("hello\n" if "print" in deed else "")
        else:
            assert done.returncode == 2
            assert "nobody" in done.stderr.splitlines()[-1]
