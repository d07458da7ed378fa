from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import zlib
from base64 import b64encode
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from bakeoff import cli
from bakeoff.cli import command
from bakeoff.cli.parser import COMMANDS
from bakeoff.errors import RunFailed
from bakeoff.execution.attempt import Summary
from bakeoff.methods.registry import TABLE

ROOT = Path(__file__).resolve().parents[2]
FULL = "(No space left on device); make room there, then the same command goes on"
YAML = """\
data: {source: data.csv, split: {train: 4, validation: 2, test: 2}, max_length: 32}
model: models/tiny
seeds: [1, 2]
methods: {majority: {}, full: {}, lora: {rank: [2, 4]}}
"""


@pytest.fixture
def root(tmp_path, monkeypatch, tiny_bert):
    for folder in ("notebooks", "params"):
        (tmp_path / folder).mkdir()
    shutil.copytree(tiny_bert, tmp_path / "models" / "tiny")
    for name in ("compare", "train"):
        (tmp_path / "notebooks" / f"{name}.ipynb").touch()
    (tmp_path / "data.csv").write_text("text,label\n" + "".join(f"good {n},1\nbad {n},0\n" for n in range(8)))
    (tmp_path / "params" / "demo.yaml").write_text(YAML)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys):
    """Call the command; return its status and what it printed."""

    def called(*argv):
        status = cli.main(list(argv))
        out, err = capsys.readouterr()
        return status, out, err

    return called


@pytest.fixture
def executed(monkeypatch):
    """Stand in for the execution; return the arguments it was called with."""
    calls = []

    def execute(experiment, workspace, **options):
        calls.append({"experiment": experiment.name, **options})
        return Summary(finished=9, total=9)

    monkeypatch.setattr("bakeoff.execution.local.execute", execute)
    return calls


@pytest.fixture
def reported(monkeypatch):
    calls = []

    def build_report(experiment, workspace, **asked):
        calls.append(experiment.name)
        folder = workspace.report_folder(experiment.name)
        return SimpleNamespace(
            shown=(folder / "report.html", folder / "report.pdf"),
            removed=(),
            fresh=False,
            summary="the table [x]",
            undrawn=("Figure not drawn (learning curves): ValueError: no room",),
        )

    monkeypatch.setattr("bakeoff.report.build.build_report", build_report)
    return calls


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], f"bakeoff: no command given; commands: {', '.join(COMMANDS)}"),
        (["rnu"], f"bakeoff: unknown command 'rnu'; did you mean 'run'? Known: {', '.join(COMMANDS)}"),
        (["run", "--no-reprt"], "bakeoff run: unknown option '--no-reprt'; did you mean '--no-report'? Known: "),
        (["plan", "--no-report"], "bakeoff plan: unknown option '--no-report'"),
        (["--verson"], "bakeoff: unknown option '--verson'; did you mean '--version'?"),
        (
            ["run", "params/demo.yaml", "another"],
            "bakeoff run: 'another' is one word too many; see `bakeoff run --help`",
        ),
        (["run", "--only"], "--only: expected one argument"),
        (["run", "--one", ""], "--one: is empty; give a value, or leave it out"),
        (["run", "--store="], "--store: is empty; give a value, or leave it out"),
        (
            ["run", "--one", "lora seed 41", "--more-seeds", "2"],
            "--one: is one run on this machine; leave --more-seeds",
        ),
        (["run", "--limit", "soon"], "--limit: 'soon' is not a number of minutes above 0"),
        (["run", "--limit", "-1"], "--limit: '-1' is not a number of minutes above 0"),
        (["run", "--jobs", "0"], "--jobs: '0' is not a whole number above 0"),
        (["run", "--jobs", "-1"], "--jobs: '-1' is not a whole number above 0"),
        (["run", "--jobs", "1.5"], "--jobs: '1.5' is not a whole number above 0"),
        (["run", "--jobs", "two"], "--jobs: 'two' is not a whole number above 0"),
        (["plan", "--jobs", "2"], "bakeoff plan: unknown option '--jobs'"),
        (["run", "--limit", "nan"], "--limit: 'nan' is not a number of minutes above 0"),
        (["run", "params/dmo.yaml"], "params/dmo.yaml: no such experiment file; did you mean 'params/demo.yaml'?"),
        (["plan", "params"], "params: a folder, not an experiment file"),
        (
            ["plan", "--only", "fulll"],
            "--only: unknown method 'fulll'; did you mean 'full'? Known: full, lora, majority",
        ),
        (
            ["run", "--only", "fulll"],
            "--only: unknown method 'fulll'; did you mean 'full'? Known: full, lora, majority",
        ),
        (["plan", "--set"], "--set: expected one argument"),
        (["plan", "--set", "sedes=[1]"], "--set sedes=[1]: sedes: unknown key 'sedes'; did you mean 'seeds'?"),
        (["run", "--set", "data.source=gone.csv"], "--set data.source=gone.csv: data.source gone.csv: no such file"),
        (["run", "--set", "data.split.train=4000"], "--set data.split.train=4000: data.split"),
        (["plan", "--set", "methods.lora=null", "--only", "lora"], "--only: unknown method 'lora'"),
        (["methods", "--set", "seeds=[1]"], "bakeoff methods: unknown option '--set'"),
        (["plan", "two\nlines"], "two\\nlines: no such experiment file"),
    ],
)
def test_bad_input_is_one_line_and_status_2(root, call, argv, said):
    before = sorted(root.rglob("*"))
    status, out, err = call(*argv)
    assert (status, out) == (2, "")
    assert said in err
    assert err.startswith("bakeoff: ")
    assert err.count("\n") == 1
    assert sorted(root.rglob("*")) == before, "nothing is written"


@pytest.mark.parametrize("command", ["run", "plan", "report", "status"])
def test_a_bad_experiment_file_is_one_line_for_every_command(root, call, command):
    (root / "params" / "demo.yaml").write_text(YAML.replace("rank", "rnak"))
    before = sorted(root.rglob("*"))
    status, out, err = call(command)
    assert (status, out) == (2, "")
    said = "bakeoff: params/demo.yaml, line 4: methods.lora.rnak: unknown key 'rnak'; did you mean 'rank'? Known: "
    assert err.startswith(said)
    assert err.count("\n") == 1
    assert sorted(root.rglob("*")) == before


def test_missing_data_are_one_line(root, call):
    (root / "data.csv").unlink()
    status, _, err = call("run")
    assert (status, err.count("\n")) == (2, 1)
    assert "data.source data.csv: no such file" in err
    assert not (root / "reports").exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("{source: data.csv, text: txt, split: {train: 4, validation: 2, test: 2}}", "'txt'"),
        ("{source: data.csv, label: lable, split: {train: 4, validation: 2, test: 2}}", "did you mean 'label'"),
        ("{source: data.csv, where: 'label >', split: {train: 4, validation: 2, test: 2}}", "data.where"),
        ("{source: data.csv, split: {train: 4000, validation: 2, test: 2}}", "data.split"),
        ("{source: data.csv, label: {mapping: {7: seven}}, split: {train: 4, validation: 2, test: 2}}", "data.label"),
    ],
)
def test_data_that_do_not_fit_are_noticed_before_anything_runs(root, call, data, said):
    lines = [f"data: {data}", *YAML.splitlines()[1:]]
    (root / "params" / "demo.yaml").write_text("\n".join(lines))
    before = sorted(root.rglob("*"))
    status, out, err = call("run")
    assert (status, out) == (2, "")
    assert err.startswith("bakeoff: params/demo.yaml: ")
    assert said in err
    assert err.count("\n") == 1
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("script", ["commands", "array", "snakemake"])
def test_no_script_is_printed_of_runs_that_could_only_fail(root, call, script):
    (root / "params" / "demo.yaml").write_text(f"{YAML}slices: [city]\n")
    status, out, err = call("plan", f"--{script}")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "slices: unknown column 'city'" in err


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_condition_that_would_run_a_program_is_one_line(root, call, command):
    there = "label.__class__.__init__.__globals__['sys'].modules['os']"
    before = sorted(root.rglob("*"))
    status, out, err = call(command, "--set", f"data.where={there}.system('id > RCE') == 0 or label == label")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("bakeoff: --set data.where=label.__class__")
    assert "data.where: " in err
    assert "nothing is read or called by a dot" in err
    assert len(err) <= 420, "the place is cut, too"
    assert sorted(root.rglob("*")) == before


def test_version(call):
    assert call("--version") == (0, f"bakeoff {version('bakeoff')}\n", "")


def test_methods_lists_every_method_and_hyperparameter(call):
    status, out, _ = call("methods")
    assert status == 0
    for kind in TABLE:
        assert f"\n{kind}  " in f"\n{out}"
    assert "rank of the updates" in out
    assert "learning_rate" in out
    (row,) = [line for line in out.splitlines() if line.startswith("prefix ") and " yes" in line]
    assert "- " in row, "prefix tuning does not work everywhere"
    assert "attention layers that take keys from outside" in out


def test_methods_shows_one_with_all_its_hyperparameters(call):
    status, out, _ = call("methods", "lora")
    assert status == 0
    assert {"rank", "class_weights", "epochs"} <= {
        line.split()[0] for line in out.splitlines() if line.startswith("  ")
    }
    assert "tfidf" not in out
    status, _, err = call("methods", "lroa")
    assert (status, err.count("\n")) == (2, 1)
    assert "did you mean 'lora'?" in err


def test_plan_prints_every_run_with_its_state(root, call):
    status, out, err = call("plan")
    assert (status, err) == (0, "")
    assert "lora seed 0 rank=2 (trial)" in out
    assert "for the choice of rank on validation (2 of 2 trials left)" in out
    assert "7 runs: 0 finished, 5 to execute (0 of them to be redone), 2 waiting for a sweep's choice" in out
    assert not (root / "reports").exists()


def test_plan_of_one_method(root, call):
    _, out, _ = call("plan", "params/demo.yaml", "--only", "full", "--only", "majority")
    assert "lora" not in out
    assert "3 runs" in out


def test_status_of_nothing(root, call):
    assert call("status")[:2] == (0, "no runs of demo yet; `bakeoff run` makes them\n")
    assert not (root / "reports").exists()


def test_run_executes_then_reports(root, call, executed, reported):
    status, out, _ = call("run", "--only", "full", "--limit", "1.5")
    assert status == 0
    assert (executed[0]["only"], executed[0]["limit_s"], reported) == (["full"], 90.0, ["demo"])
    assert executed[0]["jobs"] is None
    assert out.splitlines() == [
        "9 of 9 runs finished, nothing to execute",
        "the table [x]",
        "Figure not drawn (learning curves): ValueError: no room",
        "written: reports/demo/report.html",
        "written: reports/demo/report.pdf",
    ]


def test_run_without_a_report(root, call, executed, reported):
    assert call("run", "--no-report", "--jobs", "3")[0] == 0
    assert executed[0]["jobs"] == 3
    assert reported == []


def test_run_with_failures_still_reports_and_ends_with_status_1(root, call, reported, monkeypatch):
    summary = Summary(finished=1, total=2, without_result={"full seed 1": "ValueError: no [bold]"})
    monkeypatch.setattr("bakeoff.execution.local.execute", lambda *_, **__: summary)
    status, out, _ = call("run")
    assert (status, reported) == (1, ["demo"])
    assert "no result: full seed 1: ValueError: no [bold]" in out


def test_an_interrupted_run_writes_no_report(root, call, reported, monkeypatch):
    monkeypatch.setattr("bakeoff.execution.local.execute", lambda *_, **__: Summary(total=2, interrupted=True))
    status, out, _ = call("run")
    assert (status, reported) == (130, [])
    assert out.splitlines()[-1] == "interrupted; the same command goes on from here"


def test_more_seeds_that_are_interrupted_are_not_asked_for_twice(root, call, reported, monkeypatch):
    """The same command would write still more of them into the file."""
    file = root / "params" / "demo.yaml"
    file.write_text(f"{YAML}compare: {{seeds_at_most: 9, reference: full}}\n", encoding="utf-8")
    monkeypatch.setattr("bakeoff.execution.local.execute", lambda *_, **__: Summary(total=2, interrupted=True))
    status, out, err = call("run", "--more-seeds", "2")
    assert (status, err) == (130, "")
    *_, last = out.splitlines()
    told = "seeds 1, 2, 3, 4; the same command without --more-seeds goes on with them where this one ends early"
    assert f"written into params/demo.yaml: {told}" in out
    assert last == "interrupted; the same command without --more-seeds goes on from here"


def test_other_errors_of_ours_are_one_line_and_status_1(root, call, monkeypatch):
    def fail(*_, **__):
        raise RunFailed("compare", kind="ValueError", message="no")

    monkeypatch.setattr("bakeoff.report.build.build_report", fail)
    assert call("report") == (1, "", "bakeoff: compare: ValueError: no\n")


def test_an_interrupt_outside_a_run_is_one_line(root, call, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("bakeoff.report.build.build_report", stop)
    assert call("report") == (130, "", "bakeoff: interrupted\n")


def test_plan_of_a_changed_experiment(root, call):
    changes = ("--set", "seeds=[7]", "--set", "methods.lora=null", "--set", "methods.full.epochs=[1, 2]")
    status, out, err = call("plan", *changes)
    assert (status, err) == (0, "")
    assert "lora" not in out
    assert "full seed 6 epochs=2 (trial)" in out
    assert "4 runs: 0 finished, 3 to execute" in out


def test_every_command_on_an_experiment_works_on_the_changed_one(root, call, executed, reported):
    named = ("--set", "name=demo-offline")
    assert call("status", *named)[1] == "no runs of demo-offline yet; `bakeoff run` makes them\n"
    assert call("run", *named)[0] == 0
    assert call("report", *named)[0] == 0
    assert executed[0]["experiment"] == "demo-offline"
    assert reported == ["demo-offline", "demo-offline"]


def test_schema_prints_the_json_schema(call):
    import json

    from bakeoff.experiment.json_schema import experiment_schema

    status, out, err = call("schema")
    assert (status, err) == (0, "")
    assert json.loads(out) == experiment_schema()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(call, capsys, command):
    with pytest.raises(SystemExit) as caught:
        cli.main([command, "--help"])
    assert caught.value.code == 0
    assert f"usage: bakeoff {command}" in capsys.readouterr().out


def test_help_lists_every_command(call, capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    out = capsys.readouterr().out
    assert all(f"\n    {name} " in out for name in COMMANDS)


def test_a_command_is_imported_when_it_is_asked_for():
    code = (
        "import sys; from bakeoff.cli import main; main(['plan', 'no-such-file']);"
        "print([name for name in sys.modules if name.startswith('bakeoff.cli.')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "bakeoff.cli.runs" in result.stdout
    assert "bakeoff.cli.catalogue" not in result.stdout


def test_python_m_bakeoff(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "bakeoff", "rnu"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert result.returncode == 2
    assert result.stderr.startswith("bakeoff: bakeoff: unknown command 'rnu'; did you mean 'run'?")
    assert "Traceback" not in result.stderr


def test_a_reader_that_goes_away_makes_no_noise(root):
    command = f"{sys.executable} -m bakeoff methods | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=root)
    assert "Traceback" not in result.stderr


def test_a_file_that_cannot_be_used_is_one_line(root, call):
    (root / "reports").write_text("not a folder")
    status, _, err = call("run", "--no-report")
    assert status == 3
    assert err.count("\n") == 1
    assert "reports" in err


def test_a_lock_that_is_a_folder_is_one_line(root, call):
    (root / "reports" / "demo" / ".lock").mkdir(parents=True)
    status, out, err = call("run", "--no-report")
    assert (status, out, err.count("\n")) == (3, "", 1)
    assert "reports/demo/.lock" in err


@pytest.mark.skipif(sys.platform == "win32", reason="locks as POSIX has them")
def test_a_file_system_without_locks_is_one_line(root, call, monkeypatch):
    def refused(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refused)
    status, out, err = call("run", "--no-report")
    assert (status, out, err.count("\n")) == (3, "", 1)
    assert err.startswith("bakeoff: the file system has no locks: ")
    assert "BAKEOFF_REPORTS" in err


def test_a_full_disk_is_one_line_with_its_file(root, call, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "record.json")

    monkeypatch.setattr("bakeoff.execution.local.execute", full)
    said = f"the disk is full: record.json {FULL}"
    assert call("run") == (3, "", f"bakeoff: {said}\n")
    with pytest.raises(OSError, match="No space"):
        call("--debug", "run")


def test_the_unforeseen_is_one_line_and_a_log(root, call, monkeypatch):
    def broken(*_, **__):
        raise LookupError("nobody\nforesaw this")

    monkeypatch.setenv("BAKEOFF_CACHE", str(root / "cache"))
    monkeypatch.setattr("bakeoff.execution.local.execute", broken)
    status, _, err = call("run")
    log = root / "cache" / "faults.log"
    assert status == 70
    assert err.count("\n") == 1
    assert str(log) in err
    assert "LookupError" in err
    assert "in broken" in log.read_text(encoding="utf-8")
    with pytest.raises(LookupError):
        call("--debug", "run")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_standard_output_is_one_line(root):
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "bakeoff", "methods"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (3, f"bakeoff: the disk is full: standard output {FULL}\n")


def test_status_only_looks(root, call):
    folder = root / "reports" / "demo" / "runs" / "x"
    folder.mkdir(parents=True)
    lock = folder.with_name(".x.lock")
    lock.touch(mode=0o400)
    before = lock.stat().st_mtime_ns
    assert call("status")[0] == 0
    assert lock.stat().st_mtime_ns == before


def test_help_lists_the_exit_statuses(call, capsys):
    with pytest.raises(SystemExit):
        call("--help")
    assert "70 a fault of bakeoff's own" in " ".join(capsys.readouterr().out.split())


def test_a_long_table_is_that_of_a_short_one_printed_plainly(monkeypatch):
    rows = [(f"run {n}", f"id-{n}", "new" if n % 2 else "", "why" * (n % 3)) for n in range(20)]
    shown = []
    for most in (1000, 5):
        monkeypatch.setattr(command, "LONG", most)
        written = io.StringIO()
        command.print_table(Console(file=written, width=200), ("run", "id", "state", "why"), rows)
        shown.append([line.rstrip() for line in written.getvalue().splitlines()])
    assert shown[0] == shown[1]


ASKED_TO_END = """
import os, signal, sys
import bakeoff.cli as cli

def asked():
    os.kill(os.getpid(), signal.SIGTERM)

{when}
sys.argv = ["bakeoff", "methods"]
sys.exit(cli.main())
"""
WHEN = {
    "before the command is known": "cli.parse = lambda _: asked()",
    "twice": """
def parse(_):
    try:
        asked()
    finally:
        asked()
cli.parse = parse""",
    "in what it does": """
import bakeoff.methods.registry as registry
registry.kinds = lambda: asked()""",
}


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is asked to end there, it is ended")
@pytest.mark.parametrize("when", WHEN)
def test_sigterm_ends_a_command_as_ctrl_c_does_whenever_it_comes(root, when):
    command = [sys.executable, "-c", ASKED_TO_END.format(when=WHEN[when])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "bakeoff: interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is asked to end there, it is ended")
def test_sigterm_changes_nothing_once_the_work_is_done(root):
    command = [sys.executable, "-c", ASKED_TO_END.format(when="import atexit; atexit.register(asked)")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_memory_that_is_full_is_one_line(root, call, monkeypatch):
    def full(_):
        raise MemoryError

    monkeypatch.setattr(cli, "parse", full)
    status, _, err = call("plan")
    assert (status, err.count("\n")) == (3, 1)
    assert err.startswith("bakeoff: the memory is full; ")


@pytest.mark.skipif(sys.platform == "win32", reason="shells there close no streams")
@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("plan >&-", 0),
        ("plan <&- >&- 2>&-", 0),
        ("--version >&-", 0),
        ("plan gone.yaml 2>&-", 2),
        pytest.param(
            "plan gone.yaml 2>/dev/full", 2, marks=pytest.mark.skipif(sys.platform != "linux", reason="no such device")
        ),
    ],
)
def test_a_stream_that_is_closed_or_full_changes_no_exit_status(root, words, status):
    line = f"'{sys.executable}' -m bakeoff {words}"
    done = subprocess.run(["sh", "-c", line], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


def test_a_setting_of_a_process_that_is_none_is_read_as_none(root, call, monkeypatch):
    monkeypatch.setenv("BAKEOFF_AS_READ", b64encode(zlib.compress(b"7")).decode())
    assert call("plan")[0] == 0


def test_a_size_of_a_cache_beyond_all_disks_is_one_line(root, call, monkeypatch):
    monkeypatch.setenv("BAKEOFF_VECTOR_CACHE", "1e300")
    said = "bakeoff: BAKEOFF_VECTOR_CACHE: '1e300' is no size; write a number of gigabytes, or off\n"
    assert call("cache") == (2, "", said)


def test_a_backend_that_is_none_is_not_asked_for(root):
    """Figures would not be drawn, after all runs."""
    code = "import sys; from bakeoff import cli; sys.argv = ['bakeoff', '--version']; cli.main(); import matplotlib"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "MPLBACKEND": "nonsense"}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("argv", "status", "said"),
    [
        (("init", "loop"), 3, "loop': a link that leads to itself; name another place"),
        (("report", "--only", ","), 2, "--only: ',' names nothing; name one, or leave the option out"),
        (("report", "--format", ""), 2, "--format: '' names nothing; name one, or leave the option out"),
        (("run", "--on", "ray://"), 2, "--on: 'ray://' names no host; write ray://HOST:PORT, or ray for one here"),
        (
            ("new", "x", "--data", "data.csv", "--text", "a", "--text", "b", "--text", "c"),
            2,
            "--text: ['a', 'b', 'c'] cannot be used: it should be text or a list of at most 2",
        ),
        (("new", "taken", "--data", "data.csv", "--no-calibration", "--force"), 3, "params/taken.yaml: Is a directory"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="links there need rights")
def test_what_nobody_means_is_one_line_that_names_it(root, call, argv, status, said):
    (root / "loop").symlink_to("loop")
    (root / "params" / "taken.yaml").mkdir()
    found, _, err = call(*argv)
    assert (found, err.count("\n")) == (status, 1)
    assert said in err
    assert len(err) <= 301


def test_a_key_of_many_digits_is_a_key(root, call):
    assert call("plan", "--set", f"data.label.mapping.{'9' * 5000}=x")[0] == 0


@pytest.mark.parametrize("markup", [True, False])
def test_names_between_colons_are_letters(capsys, markup):
    command.console().print("mine:M: scores() of :x: and :heart:", markup=markup, highlight=False)
    assert capsys.readouterr().out == "mine:M: scores() of :x: and :heart:\n"


@pytest.mark.parametrize("only", [["majority,full"], ["majority", "--only", "full"], [" majority, full ,"]])
def test_only_takes_several_names_as_report_does(root, call, only):
    status, out, _ = call("plan", "--only", *only)
    assert status == 0
    assert {line.split()[0] for line in out.splitlines() if " seed " in line} == {"majority", "full"}


@pytest.mark.skipif(sys.platform == "win32", reason="no signals there")
def test_ctrl_c_while_the_command_is_imported_shows_no_traceback():
    code = """
import os, runpy, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "bakeoff.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
runpy.run_module("bakeoff", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
    nothing = code.replace("os.kill(os.getpid(), signal.SIGINT)", "pass").replace(
        "runpy.run", "sys.argv = ['b'] ; runpy.run"
    )
    done = subprocess.run([sys.executable, "-c", nothing], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no command given" in done.stderr


def test_python_without_docstrings_is_one_line(root):
    done = subprocess.run(
        [sys.executable, "-OO", "-m", "bakeoff", "methods"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stderr.startswith("bakeoff: Python was started without docstrings (-OO, PYTHONOPTIMIZE=2)")
    assert done.stderr.count("\n") == 1
