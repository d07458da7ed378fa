"""One experiment, made four times: by `bakeoff run`, by its commands, by SLURM arrays and by Snakemake.

Predictions are the same to the last bit and tables the same but for what is measured of a run: seconds and memory.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bakeoff.system.workspace import Workspace
from clusters import lay_out, made, results, tables

SBATCH = Path(__file__).parent / "support" / "sbatch.py"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for bash"),
]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Workspace:
    """Return a workspace in which `bakeoff run` has made everything."""
    workspace = lay_out(tmp_path_factory.mktemp("alone"), tiny_bert)
    made(workspace, "run", "params/small.yaml", "--no-report")
    return workspace


@pytest.fixture
def empty(tmp_path: Path, tiny_bert: Path) -> Workspace:
    """Return such a workspace in which nothing has been run."""
    return lay_out(tmp_path / "a workspace", tiny_bert)


def test_commands_in_a_row_make_the_same(alone, empty):
    lines = made(empty, "plan", "params/small.yaml", "--commands")
    assert lines.count("--one") == len(results(alone))
    subprocess.run(["bash", "-e"], input=lines, text=True, check=True, capture_output=True, cwd="/")
    assert results(empty) == results(alone)
    assert tables(empty) == tables(alone)
    assert made(empty, "plan", "params/small.yaml", "--commands").strip() == "# nothing to execute"


def test_slurm_arrays_make_the_same(alone, empty, tmp_path):
    script, tools, spool = tmp_path / "small.sbatch", tmp_path / "bin", tmp_path / "spool"
    script.write_text(made(empty, "plan", "params/small.yaml", "--array"))
    tools.mkdir()
    spool.mkdir()
    (tools / "sbatch").write_text(f'#!/bin/sh\nexec {sys.executable} {SBATCH} "$@"\n')
    (tools / "sbatch").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "SPOOL": str(spool)}
    environment |= {"SLURM_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "1"}  # as in a terminal that SLURM has opened
    subprocess.run(["bash", script, "--partition=short"], env=environment, check=True, cwd="/")
    codes = (spool / "codes.txt").read_text().splitlines()
    assert [line for line in codes if "1" in line.partition(":")[2]] == []
    log = (spool / "log.txt").read_text().splitlines()
    assert all("--partition=short" in line for line in log)
    assert "--dependency=afterany:" in log[-1]
    assert results(empty) == results(alone)
    assert tables(empty) == tables(alone)
    submitted = shutil.copy(script, spool / "slurm_script")
    refused = subprocess.run(["bash", submitted], env=environment, capture_output=True, text=True, check=False)
    assert (refused.returncode, "start it with bash" in refused.stderr) == (2, True)


@pytest.mark.skipif(not importlib.util.find_spec("snakemake"), reason="snakemake is not installed")
def test_snakemake_makes_the_same(alone, empty, tmp_path):
    file = tmp_path / "Snakefile"
    file.write_text(made(empty, "plan", "params/small.yaml", "--snakemake"))
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "snakemake", "--snakefile", file, "--cores", "2"],
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert results(empty) == results(alone)
    assert tables(empty) == tables(alone)
    (marks,) = (empty.root / ".snakemake" / "bakeoff" / "small").iterdir()
    assert len(list(marks.iterdir())) == len(results(alone))
