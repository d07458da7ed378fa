"""A small experiment in an S3 server on loopback: run from one workspace, reported from an empty folder elsewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import clusters
from bakeoff import cli
from bakeoff.runs.record import read_records
from bakeoff.storage.address import open_store
from bakeoff.system.starter import NOTEBOOKS, make_workspace
from tiny import make_texts

pytestmark = pytest.mark.slow
SERVER = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
input()
"""
EXPERIMENT = """
data: {source: texts.csv, label: mood, split: {train: 60, validation: 30, test: 40}}
model: models/none
seeds: [1]
compare: {reference: tfidf}
methods: {majority: {}, tfidf: {}}
"""
STORE = "s3://runs/team"
TABLES = ("summary.csv", "summary.md", "summary.tex", "summary.txt")


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    """An S3 server that ends with the tests, and the environment that leads to it."""
    command = [sys.executable, "-W", "ignore", "-c", SERVER]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin
    assert process.stdout
    port = int(process.stdout.readline())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "AKIANOBODY",
            "AWS_SECRET_ACCESS_KEY": "nobodys-secret-key",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        open_store(STORE).fs.mkdir("runs")
        yield
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


def lay_out(root: Path) -> Path:
    make_workspace(root, files=NOTEBOOKS)
    rows = [f"{text},{label}" for text, label in make_texts(140)]
    (root / "texts.csv").write_text("\n".join(["text,mood", *rows]) + "\n", encoding="utf-8")
    (root / "params" / "small.yaml").write_text(EXPERIMENT, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def first(server: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that the experiment was run from."""
    root = lay_out(tmp_path_factory.mktemp("first"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert cli.main(["run", "params/small.yaml", "--store", STORE]) == 0
    return root


def tables(root: Path) -> dict[str, bytes]:
    return {name: (root / "reports" / "small" / name).read_bytes() for name in TABLES}


def test_a_report_from_an_empty_folder_has_the_same_tables(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["report", "--store", STORE]) == 0
    assert "written: reports/small/report.html" in capsys.readouterr().out
    assert tables(tmp_path) == tables(first)
    assert (tmp_path / "params" / "small.yaml").read_text(encoding="utf-8") == EXPERIMENT
    assert not list((tmp_path / "reports" / "small" / "runs").glob("*/model"))
    looks = (first / "reports" / "small" / "looks.jsonl").read_bytes()
    assert (tmp_path / "reports" / "small" / "looks.jsonl").read_bytes() == looks  # the same state is no second look


def test_another_workspace_has_nothing_to_do(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(lay_out(tmp_path / "other"))
    assert cli.main(["plan", "params/small.yaml", "--store", STORE]) == 0
    assert "2 runs: 2 finished, 0 to execute" in capsys.readouterr().out
    assert cli.main(["run", "params/small.yaml", "--store", STORE, "--no-report"]) == 0
    assert "2 of 2 runs finished, nothing to execute" in capsys.readouterr().out
    assert cli.main(["status", "small", "--store", STORE]) == 0
    assert capsys.readouterr().out.count("done") == 2


def test_a_report_is_verified_elsewhere(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file names the store, so that no command has to; the report in it is rendered again to the same bytes."""
    root = lay_out(tmp_path / "other")
    file = root / "params" / "small.yaml"
    monkeypatch.chdir(root)
    assert cli.main(["verify", "params/small.yaml", "--store", STORE]) == 0
    assert "IDENTICAL" in capsys.readouterr().out
    file.write_text(f"{EXPERIMENT}store: {STORE}\n", encoding="utf-8")
    assert cli.main(["plan", "params/small.yaml"]) == 0
    assert "2 finished, 0 to execute" in capsys.readouterr().out
    file.write_text(f"{EXPERIMENT}store: nowhere\n", encoding="utf-8")
    assert cli.main(["plan", "params/small.yaml"]) == 2
    assert "store: 'nowhere' is no address of a store" in capsys.readouterr().err


def test_two_drivers_make_together_what_one_machine_makes(
    server: None, tmp_path: Path, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run is made by one of them, and both end with all: the same predictions, and the same summary.csv."""
    alone, *both = [clusters.lay_out(tmp_path / name, tiny_bert) for name in ("alone", "a", "b")]
    command = [sys.executable, "-P", "-m", "bakeoff", "run", "params/small.yaml", "--no-report", "--jobs", "1"]
    drivers = [
        subprocess.Popen([*command, "--store", "s3://runs/both"], cwd=place.root, stdout=subprocess.PIPE, text=True)
        for place in both
    ]
    monkeypatch.chdir(alone.root)
    assert cli.main(["run", "params/small.yaml", "--no-report"]) == 0
    said = [driver.communicate()[0] for driver in drivers]
    assert [driver.returncode for driver in drivers] == [0, 0], said
    made = [int(number) for text in said for number in re.findall(r"runs finished, (\d+) executed now", text)]
    assert sum(made) == len(clusters.results(alone)), said
    for place in both:
        assert clusters.results(place) == clusters.results(alone)
        assert clusters.tables(place) == clusters.tables(alone)


def test_jobs_work_on_a_store(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each in an empty folder with nothing but the data; the last finds nothing to do."""
    monkeypatch.chdir(lay_out(tmp_path / "printed"))
    store = ["--store", "s3://runs/jobs"]
    assert cli.main(["plan", "params/small.yaml", "--commands", *store]) == 0
    lines = capsys.readouterr().out.splitlines()
    jobs = [shlex.split(line.partition(" && ")[2]) for line in lines]
    assert len(jobs) == 2
    for number, words in enumerate([*jobs, jobs[0]]):
        assert words[:4] == [sys.executable, "-P", "-m", "bakeoff"]
        monkeypatch.chdir(lay_out(tmp_path / f"node{number}"))
        assert cli.main(words[4:]) == 0
        told = capsys.readouterr().out
        assert ("1 executed now" if number < len(jobs) else "nothing to execute") in told
    assert cli.main(["plan", "params/small.yaml", "--commands", *store]) == 0
    assert capsys.readouterr().out.strip() == "# nothing to execute"
    found = open_store("s3://runs/jobs").fs.find("runs/jobs")
    assert len([path for path in found if path.endswith("/record.json")]) == len(jobs)
    assert not [path for path in found if "/leases/" in path]


def test_what_is_in_the_store_holds_no_credentials(first: Path) -> None:
    objects = open_store(STORE)
    found = {str(path): objects.fs.cat_file(path) for path in objects.fs.find("runs/team")}
    assert not [path for path, content in found.items() if b"AKIANOBODY" in content or b"nobodys-secret" in content]
    assert not [path for path in found if "/leases/" in path or "/checkpoint" in path]
    names = [path.rsplit("/", 1)[-1] for path in found]
    assert names.count("record.json") == 2
    assert {"experiment.yaml", "report.html", "report.json"} <= set(names)
    assert len(read_records(first / "reports" / "small" / "runs")) == 2


def test_no_such_bucket_is_one_line(
    first: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(first)
    assert cli.main(["run", "params/small.yaml", "--store", "s3://nowhere/team"]) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("bakeoff: s3://nowhere/team: no such bucket or folder")
