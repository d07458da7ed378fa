"""Jobs written down for those who run them: a shell, SLURM, Snakemake."""

from __future__ import annotations

import json
import math
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from secrets import token_hex

from bakeoff.execution.batch.stages import Job
from bakeoff.execution.batch.stages import stages as stages_of
from bakeoff.execution.plan import Plan
from bakeoff.execution.resources import Needs
from bakeoff.experiment.model import Experiment
from bakeoff.runs.commands import typed
from bakeoff.runs.record import read_records
from bakeoff.system.workspace import Workspace

__all__ = ["commands", "script", "slurm_script", "snakefile"]


Stages = Sequence[Sequence[Job]]
ARRAY = 1000
"""Tasks of one array: SLURM takes a thousand unless its administrator allows more (MaxArraySize)."""


def script(kind: str, found: Plan, workspace: Workspace, *, store: str | None = None) -> Iterator[str]:
    """Yield the lines of what is printed of a plan: commands, an array, a Snakefile; a comment if nothing is missing.

    kind: what stands behind the dashes of the option; store: address of one that the jobs work on
    """
    experiment = found.experiment
    workspace.notebook("train")
    records = read_records(workspace.runs_folder(experiment.name), unreadable=lambda _: None)
    missing = stages_of(found, records)
    written = {"commands": commands, "array": slurm_script, "snakemake": snakefile}[kind]
    yield from written(missing, experiment, workspace, store=store) if missing else ["# nothing to execute"]


def commands(
    stages: Stages, experiment: Experiment, workspace: Workspace, *, store: str | None = None
) -> Iterator[str]:
    """Yield a line for each job, which can be typed anywhere, and a comment above each stage."""
    place = "cd /d" if sys.platform == "win32" else "cd"
    start = f"{place} {typed([os.fspath(workspace.root)])} && "
    for number, stage in enumerate(stages, 1):
        if len(stages) > 1:
            yield f"# stage {number} of {len(stages)}: {_what(stage)}"
        for job in stage:
            yield start + typed([*_run(experiment, workspace, store), job.name])


def slurm_script(
    stages: Stages, experiment: Experiment, workspace: Workspace, *, store: str | None = None
) -> Iterator[str]:
    """Yield the lines of a script that submits each stage to SLURM as an array, after the one before it.

    `bash FILE` submits; what follows FILE goes to every sbatch. In a job the same file executes its run.
    """
    jobs = [job for stage in stages for job in stage]
    command, report = shlex.join(_run(experiment, workspace, store)), shlex.join(_report(experiment, workspace, store))
    logs, runs = workspace.report_folder(experiment.name) / "slurm", "1 run" if len(jobs) == 1 else f"{len(jobs)} runs"
    yield from (
        "#!/bin/bash",
        f"# {runs} of {workspace.relative(experiment.file)} as arrays of SLURM, and the report in the end.",
        "# Submit: bash THIS_FILE; options of sbatch may follow, as in: bash THIS_FILE --partition=gpu --time=2:00:00",
        "set -eo pipefail",
        "",
        "runs=(",
        *(f"  {shlex.quote(job.name)}" for job in jobs),
        ")",
        "",
        'script=$(realpath "$0")',
        f"cd {shlex.quote(os.fspath(workspace.root))}",
        'if [ "${1:-}" = task ]; then',
        f'  exec {command} "${{runs[$2 + SLURM_ARRAY_TASK_ID]}}"',
        'elif [ "${1:-}" = report ]; then',
        f"  exec {report}",
        # SLURM's copy of a script that is submitted, by its name.
        'elif [ "${0##*/}" = slurm_script ] && [ -n "${SLURM_JOB_ID:-}" ]; then',
        '  echo "this file submits its arrays itself: start it with bash, not with sbatch" >&2',
        "  exit 2",
        "fi",
        "",
        f"mkdir -p {shlex.quote(os.fspath(logs))}",
        f"common=(--parsable --requeue --open-mode=append --job-name={shlex.quote('bakeoff-' + experiment.name)})",
        'submit() { local id; id=$(sbatch "${common[@]}" "$@"); echo "${id%%;*}"; }',
        'options=("$@")',
        "after=()",
    )
    first = 0
    for number, stage in enumerate(stages, 1):
        yield from ("", f"# stage {number} of {len(stages)}: {_what(stage)}", "ids=()")
        for needs, start, size in _arrays(stage):
            log = f"--output={shlex.quote(os.fspath(logs / '%A_%a.log'))}"
            options = f'--array=0-{size - 1} {" ".join(_slurm(needs))} {log} "${{after[@]}}" "${{options[@]}}"'
            yield f'ids+=("$(submit {options} "$script" task {first + start})")'
        yield 'after=("--dependency=afterany:$(IFS=:; echo "${ids[*]}")")'
        first += len(stage)
    log = f"--output={shlex.quote(os.fspath(logs / 'report.log'))}"
    yield from ("", f'submit {log} "${{after[@]}}" "${{options[@]}}" "$script" report')


def snakefile(
    stages: Stages, experiment: Experiment, workspace: Workspace, *, store: str | None = None
) -> Iterator[str]:
    """Yield the lines of a Snakefile: a rule for each kind of job, and the report as what is asked for.

    A mark in the workspace's .snakemake folder says that a job of this file has been done; the result is where it
    always is. Another file has marks of its own: it lists what is missing then, whatever an earlier one has done.
    """
    marks = f".snakemake/bakeoff/{experiment.name}/{token_hex(4)}"
    command, report = shlex.join(_run(experiment, workspace, store)), shlex.join(_report(experiment, workspace, store))
    waited = {mark for stage in stages for job in stage for mark in job.after}
    ends = [job.mark for stage in stages for job in stage if job.mark not in waited]
    groups = _groups(stages)
    yield from (
        f"# Runs of {workspace.relative(experiment.file)} for Snakemake: snakemake --snakefile THIS_FILE --cores 8",
        f"workdir: {_python(os.fspath(workspace.root))}",
        "",
        "AFTER = {",
        *(f"    {_python(name)}: {_python(list(after))}," for name, after in _barriers(groups).items()),
        "}",
        "",
        "def marks(names):",
        f"    return [{_python(marks + '/')} + name for name in names]",
        "",
        "wildcard_constraints:",
        '    run="[^/]+",',
        "",
        "rule report:",
        f"    input: marks({_python(ends)})",
        "    localrule: True",
        f"    shell: {_python(_masked(report))}",
    )
    for number, ((after, trial, needs), jobs) in enumerate(groups.items(), 1):
        runs = {job.mark: job.name for job in jobs}
        kept = ' || [ "$?" -eq 1 ]' if trial else ""  # one without a result is left out of its search
        yield from (
            "",
            f"RUNS_{number} = {{",
            *(f"    {_python(mark)}: {_python(name)}," for mark, name in runs.items()),
            "}",
            "",
            f"rule runs_{number}:",
            f"    input: marks(AFTER[{_python(_barrier(after))}])",
            f"    output: touch({_python(marks + '/{run}')})",
            f'    wildcard_constraints: run="|".join(RUNS_{number})',
            f"    params: one=lambda wildcards: RUNS_{number}[wildcards.run]",
            f"    threads: {needs.cpus}",
            *_snakemake(needs),
            f"    shell: {_python(_masked(command) + ' {params.one:q}' + kept)}",
        )


def _run(experiment: Experiment, workspace: Workspace, store: str | None) -> list[str]:
    return [*_bakeoff(experiment, workspace, "run", store), "--one"]


def _report(experiment: Experiment, workspace: Workspace, store: str | None) -> list[str]:
    return _bakeoff(experiment, workspace, "report", store)


def _bakeoff(experiment: Experiment, workspace: Workspace, command: str, store: str | None) -> list[str]:
    """Return a command of this very environment: that of a job may have another on its path, or none."""
    changes = [word for change in experiment.changes for word in ("--set", change)]
    # -P: a datasets.py in the workspace is not taken for the library of that name.
    kept = ["--store", store] if store else []
    return [sys.executable, "-P", "-m", "bakeoff", command, workspace.relative(experiment.file), *changes, *kept]


def _what(stage: Sequence[Job]) -> str:
    trials = sum(job.trial for job in stage)
    others = len(stage) - trials
    told = [f"{trials} trials"] if trials else []
    told += [f"{others} runs with what was chosen" if any(job.after for job in stage) else f"{others} runs"] * (
        others > 0
    )
    return " and ".join(told)


def _arrays(stage: Sequence[Job]) -> Iterator[tuple[Needs, int, int]]:
    """Yield the arrays of a stage: what its tasks need, where in the stage they begin, how many they are."""
    start = 0
    for place, job in enumerate(stage):
        ends = place + 1 == len(stage) or stage[place + 1].needs != job.needs or place + 1 - start == ARRAY
        if ends:
            yield job.needs, start, place + 1 - start
            start = place + 1


def _slurm(needs: Needs) -> Iterator[str]:
    yield f"--cpus-per-task={needs.cpus}"
    if needs.gpus:
        yield f"--gres=gpu:{math.ceil(needs.gpus)}"
    if needs.memory_gb:
        yield f"--mem={math.ceil(needs.memory_gb * 1024)}M"


def _snakemake(needs: Needs) -> Iterator[str]:
    if needs.gpus or needs.memory_gb:
        told = [f"gpu={math.ceil(needs.gpus)}"] if needs.gpus else []
        told += [f"mem_mb={math.ceil(needs.memory_gb * 1024)}"] if needs.memory_gb else []
        yield f"    resources: {', '.join(told)}"


Kind = tuple[tuple[str, ...], bool, Needs]


def _groups(stages: Stages) -> dict[Kind, list[Job]]:
    found: dict[Kind, list[Job]] = {}
    for stage in stages:
        for job in stage:
            found.setdefault((job.after, job.trial, job.needs), []).append(job)
    return found


def _barriers(groups: dict[Kind, list[Job]]) -> dict[str, tuple[str, ...]]:
    return {_barrier(after): after for after, *_ in groups}


def _barrier(after: tuple[str, ...]) -> str:
    return f"{after[0]} and {len(after) - 1} more" if after else "nothing"


def _python(value: str | list[str]) -> str:
    """Spell a value for Python: JSON, but that it splits letters beyond the first 65,536 in two."""
    return json.dumps(value, ensure_ascii=False).encode("ascii", "backslashreplace").decode("ascii")


def _masked(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
