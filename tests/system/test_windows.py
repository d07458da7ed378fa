"""Windows and macOS: what their files, names, consoles and processors ask for, tried on a stand-in for them."""

import ast
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bakeoff import cli
from bakeoff.cli.command import any_console
from bakeoff.errors import BadValue
from bakeoff.experiment.load import load_experiment
from bakeoff.runs.commands import typed
from bakeoff.system import atomic, names
from bakeoff.system.names import reserved, too_long
from bakeoff.system.starter import make_workspace
from bakeoff.system.workspace import PACKAGE, Workspace
from bakeoff.training import machine
from tiny import make_texts

SUPPORT = Path(__file__).resolve().parents[1] / "support"
EXPERIMENT = """
data: {{source: texts.csv, label: mood, split: {{train: 60, validation: 30, test: 40}}, max_length: 32}}
model: {model}
seeds: [1]
defaults: {{epochs: 2, batch_size: 8, threads: 1}}
methods: {{tfidf: {{}}, full: {{learning_rate: 1e-3}}, lora: {{rank: [2, 4]}}}}
compare: {{reference: full}}
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> dict[str, object]:
    """Plan, train, keep and decide in a process that takes itself for Windows; return what it tells."""
    root = tmp_path_factory.mktemp("windows") / "study"
    make_workspace(root)
    rows = [f"{text},{label}" for text, label in make_texts(140)]
    (root / "texts.csv").write_text("\n".join(["text,mood", *rows]) + "\n", encoding="utf-8")
    (root / "params" / "few.yaml").write_text(EXPERIMENT.format(model=tiny_bert), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, SUPPORT / "as_windows.py", root], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_every_module_is_imported_and_runs_are_made_and_kept(told: dict) -> None:
    assert told["modules"] > 200
    assert told["statuses"] == {"tfidf": "ok", "full": "ok"}
    assert [name for name, state in told["states"].items() if state == "finished"] == ["tfidf seed 1", "full seed 1"]
    assert told["unreadable"] == []
    assert told["free"]


@pytest.mark.slow
def test_files_that_are_open_elsewhere_are_waited_for(told: dict) -> None:
    assert {name for name, left in told["left"].items() if left} == {"report.html"}
    assert told["open_elsewhere"].startswith("report.html: another program may have it open")
    assert told["hidden"] == []


@pytest.mark.slow
def test_files_have_the_same_bytes_as_elsewhere(told: dict) -> None:
    assert told["carriage"] == []


@pytest.mark.slow
def test_commands_are_those_of_its_prompt(told: dict) -> None:
    assert told["spelled"] == 'bakeoff run "C:\\my data\\few.yaml"'
    assert told["report"] == "bakeoff run params/few.yaml"
    assert all(words.startswith("papermill notebooks/train.ipynb out.ipynb") for words in told["commands"])
    assert not any("'" in words for words in told["commands"])


@pytest.mark.slow
def test_memory_and_processor_are_known_without_proc(told: dict) -> None:
    assert min(told["memory"]) > 50 * 2**20
    assert told["cpu"]
    assert "f16c" in told["flags"] or "asimd" in told["flags"]
    assert told["gpu"] is False or Path("/dev/nvidia0").exists()


@pytest.mark.slow
def test_paths_that_are_too_long_are_refused_before_anything_runs(told: dict) -> None:
    assert "characters too long for Windows (the run " in told["too_long"]
    assert "LongPathsEnabled" in told["too_long"]


@pytest.mark.parametrize("name", ["con", "Aux", "nul.v2", "COM1", "lpt9.x", "demo."])
def test_names_that_windows_reserves_are_refused(tmp_path: Path, name: str) -> None:
    assert reserved(name)
    file = tmp_path / "few.yaml"
    file.write_text(f"name: {name!r}\n{EXPERIMENT.format(model='bundled:minilm-l6')}", encoding="utf-8")
    with pytest.raises(BadValue, match=r"few.yaml, line 1: name: the experiment cannot be called .*Windows"):
        load_experiment(file)
    text = EXPERIMENT.format(model="bundled:minilm-l6").replace("{tfidf", f"{{{name!r}: {{kind: tfidf}}, tfidf")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadValue, match=r"cannot be the name of a method: .*Windows"):
        load_experiment(file)


@pytest.mark.parametrize("name", ["console", "auxiliary", "nul-2", "com10", "demo.v1", "a.con"])
def test_other_names_are_taken(name: str) -> None:
    assert reserved(name) is None


def test_paths_count_to_where_the_system_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Path("/" + "x" * 300)
    assert too_long(run) == 0
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(names, "_long_paths", lambda: False)
    assert too_long(run) == 301 + 1 + len(names.DEEPEST) - 259
    assert too_long(Path("/short")) == 0
    monkeypatch.setattr(names, "_long_paths", lambda: True)
    assert too_long(run) == 0


def test_quotes_are_those_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["bakeoff", "run", "two words.yaml", "--set", 'title="a b"']
    assert typed(words) == "bakeoff run 'two words.yaml' --set 'title=\"a b\"'"
    monkeypatch.setattr(sys, "platform", "win32")
    assert typed(words) == r'bakeoff run "two words.yaml" --set "title=\"a b\""'


def test_a_permission_is_waited_for_on_windows_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def refuse(source, target, **_):
        calls.append(target)
        raise PermissionError(13, "no", str(target))

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(atomic, "RETRIES_S", (0.0, 0.0))
    (tmp_path / "new").touch()
    with pytest.raises(PermissionError, match="no"):
        atomic.replace(tmp_path / "new", tmp_path / "old")
    assert len(calls) == 1
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(PermissionError, match="close it there"):
        atomic.replace(tmp_path / "new", tmp_path / "old")
    assert len(calls) == 4


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / name).touch()
    atomic.replace_folder(tmp_path / "new", tmp_path / "old")
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == [
        "old",
        "old/deep",
        "old/deep/new",
    ]


def test_macos_puts_files_on_the_platter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    asked = []
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda handle, what: asked.append(what))
    monkeypatch.setattr(os, "fsync", lambda _: asked.append("fsync"))
    monkeypatch.setattr(sys, "platform", "darwin")
    (tmp_path / "file").touch()
    atomic.fsync(tmp_path / "file")
    assert asked == [51]

    def unknown(*_):
        raise OSError

    monkeypatch.setattr(fcntl, "fcntl", unknown)
    atomic.fsync(tmp_path / "file")
    assert asked == [51, "fsync"]


def test_windows_can_ask_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    from bakeoff.system.locks import terminable

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR2, raising=False)
    with pytest.raises(KeyboardInterrupt), terminable():
        signal.raise_signal(signal.SIGUSR2)
    assert signal.getsignal(signal.SIGUSR2) is signal.SIG_DFL


def test_a_console_of_another_encoding_shows_what_it_can(tmp_path: Path) -> None:
    code = (
        "import sys; from bakeoff.cli.command import any_console, console; any_console();"
        r"print('\u2212 5 \u2013 \u2265 \u202f \u4e2d \u00e9'); console().print('\u2212 \u4e2d')"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert done.stderr.decode("cp1252") == ""
    assert done.stdout.decode("cp1252").split("\n")[:2] == [
        "- 5 \N{EN DASH} >=   ? \N{LATIN SMALL LETTER E WITH ACUTE}",
        "- ?",
    ]


def test_utf_8_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    any_console()
    sys.stdout.write("\N{MINUS SIGN}\n")
    assert capsys.readouterr().out == "\N{MINUS SIGN}\n"
    assert cli.main(["--version"]) == 0


def test_no_text_is_written_with_the_system_s_own_line_ends_or_encoding() -> None:
    """`write_text` and `open` to write name both; a file is the same bytes wherever it was made."""
    wrong = []
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            named = {keyword.arg for keyword in node.keywords}
            modes = {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
            writes = node.func.attr == "write_text" or (node.func.attr == "open" and modes & {"w", "a", "x"})
            if writes and not {"encoding", "newline"} <= named and "RESET" not in ast.unparse(node.func):
                wrong.append(f"{file.name}:{node.lineno}")
    assert wrong == []


def test_a_processor_is_known_from_torch_where_the_system_has_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = {"avx512_bf16": True, "avx512_f": True, "fma3": True, "amx_bf16": False, "cpu_name": "A processor"}
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "none")
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: known)
    machine.cpu_flags.cache_clear()
    try:
        assert machine.cpu_flags() == {"avx512_bf16", "avx512f", "fma"}
        assert machine.resolve_dtype("auto", machine.torch.device("cpu")) == "bfloat16"
        assert machine._cpu_model() == "A processor"
    finally:
        machine.cpu_flags.cache_clear()


def test_reports_can_lie_on_another_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path / "study")
    assert workspace.report_folder("demo") == tmp_path / "study" / "reports" / "demo"
    monkeypatch.setenv("BAKEOFF_REPORTS", str(tmp_path / "drive"))
    assert workspace.run_folder("demo", "a").path == tmp_path / "drive" / "demo" / "runs" / "a"
    assert workspace.relative(workspace.report_folder("demo")) == str(tmp_path / "drive" / "demo")
    monkeypatch.setenv("BAKEOFF_REPORTS", "elsewhere")
    assert workspace.reports == tmp_path / "study" / "elsewhere"


def test_the_workflow_has_three_systems_and_every_python_and_runs_what_developers_run() -> None:
    root = PACKAGE.parents[1]
    jobs = YAML(typ="safe").load((root / ".github" / "workflows" / "checks.yml").read_text("utf-8"))["jobs"]
    pythons = ["3.11", "3.12", "3.13", "3.14"]
    assert [jobs[name]["strategy"]["matrix"]["python"] for name in ("linux", "elsewhere")] == [pythons, pythons]
    assert jobs["elsewhere"]["strategy"]["matrix"]["system"] == ["windows-latest", "macos-latest"]
    assert any(step.get("run") == ".ci/run" for step in jobs["linux"]["steps"])
    page = (root / "docs" / "howto" / "windows.md").read_text("utf-8")
    said = {step["run"].removeprefix("python -m ") for step in jobs["elsewhere"]["steps"] if "run" in step}
    missing = [words for words in said if not words.startswith("bakeoff") and words not in page]
    assert missing == []
