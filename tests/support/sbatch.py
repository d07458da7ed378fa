"""Stands in for SLURM's sbatch: runs a job, or each task of an array, here and now, and tells its id.

Like the real one it knows its options, runs a copy of the script, and refuses to wait for jobs that it never saw.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

OPTIONS = ("array", "cpus-per-task", "dependency", "gres", "job-name", "mem", "open-mode", "output", "partition")


def main() -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for option in OPTIONS:
        parser.add_argument(f"--{option}")
    parser.add_argument("--parsable", action="store_true")
    parser.add_argument("--requeue", action="store_true")
    parser.add_argument("script")
    parser.add_argument("words", nargs="*")
    asked = parser.parse_args()
    spool = Path(os.environ["SPOOL"])
    number = len(list(spool.iterdir())) + 1
    known = {file.stem for file in spool.iterdir()}
    if asked.dependency:
        wanted = re.fullmatch(r"afterany((?::\d+)+)", asked.dependency)
        assert wanted, asked.dependency
        assert {*wanted[1].split(":")[1:]} <= known, f"{asked.dependency} of {known}"
    script = spool / f"{number}.sh"
    shutil.copyfile(asked.script, script)
    (spool / "log.txt").open("a").write(f"{sys.argv[1:]}\n")
    first, last = (int(end) for end in (asked.array or "0-0").split("-"))

    def task(place: int) -> int:
        environment = {**os.environ, "SLURM_JOB_ID": str(number)}
        if asked.array:
            environment["SLURM_ARRAY_TASK_ID"] = str(place)
        log = asked.output.replace("%A", str(number)).replace("%a", str(place))
        with Path(log).open("a") as stream:
            done = subprocess.run(
                ["bash", script, *asked.words], env=environment, stdout=stream, stderr=stream, check=False
            )
        return done.returncode

    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(task, range(first, last + 1)))
    (spool / f"{number}.sh").rename(spool / f"{number}.done")
    (spool / "codes.txt").open("a").write(f"{number}: {codes}\n")
    sys.stdout.write(f"{number};cluster\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
