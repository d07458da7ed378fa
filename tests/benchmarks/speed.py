"""Time training, prediction and all that stands around them, and write it into RESULTS.md: `make bench`.

    python tests/benchmarks/speed.py --quick                  # a few texts, one round: no more than a look
    python tests/benchmarks/speed.py --parts machine methods  # these sections alone

Every ratio is of two measurements taken in turn by one process; the median of three rounds is kept. Seconds of one
thread are the processor's, so that other programs lengthen them little; those of several are a clock's.
The plain way is a script such as `../shared/bench/plain_trainer.py`, which prints its seconds as one JSON line and
reads "text;label" files; without it there are no ratios to it, and --data has to name a folder of such files
(train.txt, test.txt).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

import overheads
import rates
from bakeoff.training.machine import conditions
from results import put, table
from ways import EPOCHS, KEPT, METHODS

HERE = Path(__file__).resolve().parent
PLAIN = HERE.parents[2] / "shared" / "bench" / "plain_trainer.py"
SWITCHES = ("embedding rows", "batches by tokens")
GIGA = 1e9


def child(asked: argparse.Namespace, *arguments: str, plain: bool = False) -> dict[str, Any]:
    """Measure in a process of its own, with as many threads as are asked for."""
    command = [sys.executable, str(HERE / "ways.py"), "--data", str(asked.data), "--rounds", str(asked.rounds)]
    command += ["--train", str(asked.items), "--test", str(asked.items), "--threads", str(asked.threads), *arguments]
    command += ["--plain", str(asked.plain)] if plain and asked.plain.is_file() else []
    env = {**os.environ, "OMP_NUM_THREADS": str(asked.threads)}
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def machine(asked: argparse.Namespace) -> str:
    """Say what the machine can do."""
    rows = []
    for threads in sorted({1, torch.get_num_threads()}):
        torch.set_num_threads(threads)
        for dtype in (torch.float32, torch.bfloat16):
            rate = rates.product_rate(dtype, repeats=1 if asked.quick else 5)
            rows.append([f"{threads}", str(dtype).removeprefix("torch."), f"{rate / GIGA:.0f}"])
    moved = rates.bandwidth(repeats=2 if asked.quick else 5)
    shapes = f"{rates.TOKENS} tokens, {rates.WIDTH} and {rates.INNER} wide"
    told = f"Products of a layer of MiniLM ({shapes}), forward and back:"
    memory = f"Memory: {moved / GIGA:.1f} GB/s, read and written."
    return f"{told}\n\n{table(['threads', 'numbers', 'GFLOP/s'], rows)}\n\n{memory}"


def methods(asked: argparse.Namespace) -> str:
    """Compare training and prediction with the plain way."""
    sets = [METHODS] if asked.quick else [(one,) for one in METHODS]
    found = [child(asked, "--methods", *one, plain=True) for one in sets]
    rounds = {name: held for one in found for name, held in one["methods"].items()}
    told = (
        f"Numbers of products: {found[0]['dtype']}. Share of the rate: FLOP of real tokens, without padding. "
        f"One epoch; the plain way's linear probe takes {EPOCHS['linear_probe']}, as the notebook written by hand, "
        "ours is solved."
    )
    head = ["s", "tokens/s", "of the rate", "plain way, s", "plain / ours"]
    trained = [[name, *_row(held, "train_s", "tokens", "work"), *_memory(held)] for name, held in rounds.items()]
    predicted = [
        [name, *_row(held, "test_s", "test_tokens", "test_work")] for name, held in rounds.items() if name != KEPT
    ]
    memory = ["peak MiB", "plain way, MiB"]
    return "\n\n".join([told, table(["training", *head, *memory], trained), table(["prediction", *head], predicted)])


def _row(rounds: list[dict[str, Any]], seconds: str, tokens: str, work: str) -> list[str]:
    def median(what: Callable[[dict[str, Any]], float]) -> float:
        return statistics.median(what(one) for one in rounds)

    row = [
        f"{median(lambda one: one['ours'][seconds]):.2f}",
        f"{median(lambda one: one['ours'][tokens] / one['ours'][seconds]):,.0f}",
        f"{median(lambda one: one['ours'][work] / one['ours'][seconds] / one['rate']):.0%}",
    ]
    if "plain" not in rounds[0]:
        return [*row, "-", "-"]
    ratio = median(lambda one: one["plain"][seconds] / one["ours"][seconds])
    return [*row, f"{median(lambda one: one['plain'][seconds]):.2f}", f"{ratio:.2f}"]


def _memory(rounds: list[dict[str, Any]]) -> list[str]:
    peaks = [[one[way]["peak"] for one in rounds if way in one] for way in ("ours", "plain")]
    return [f"{statistics.median(held) / 2**20:,.0f}" if held else "-" for held in peaks]


def settings(asked: argparse.Namespace) -> str:
    """Compare settings of speed, off and on in turn."""
    found = child(asked, "--switches", *SWITCHES)["switches"]
    rows = []
    for what, rounds in found.items():
        off, on = (statistics.median(one[key] for one in rounds) for key in ("without", "with"))
        ratio = statistics.median(one["without"] / one["with"] for one in rounds)
        rows.append([what, f"{off:.2f}", f"{on:.2f}", f"{ratio:.2f}"])
    return table(["setting", "without, s", "with, s", "ratio"], rows)


def operators(asked: argparse.Namespace) -> str:
    """Say what training fully spends the processor's time on."""
    found = child(asked, "--profile")["profile"]
    return table(["operator, training fully", "share"], [[f"`{name}`", f"{share:.1%}"] for name, share in found])


def around(asked: argparse.Namespace) -> str:
    """Time what stands around the runs."""
    records = 20 if asked.quick else 2000
    first, after = overheads.planning(records)
    rows = [
        [f"first plan beside {records:,} records (processor)", f"{first:.3f}"],
        ["plan after an ended run (processor)", f"{after:.3f}"],
        ["report of a synthetic study of 5 methods", f"{overheads.report_seconds():.1f}"],
    ]
    added, work = overheads.per_run(1, 2) if asked.quick else overheads.per_run(3, 9)
    rows.append(["one more run of `untrained`, beyond loading, tokenising and predicting", f"{added - work:.2f}"])
    return table(["beside the work", "s"], rows)


PARTS = {
    "machine": ("What the machine can do", machine),
    "methods": ("Training and prediction against the plain way", methods),
    "settings": ("Settings of speed, off and on", settings),
    "operators": ("Where the time of a step goes", operators),
    "around": ("Beside the work", around),
}


def main() -> None:
    """Measure, and write each section as soon as it is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="few texts, one round")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="sections to measure anew")
    parser.add_argument("--plain", type=Path, default=PLAIN, metavar="FILE", help="script of the plain way")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of train.txt and test.txt")
    parser.add_argument("--items", type=int, help="texts to train with, and to predict")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    asked.items = asked.items or (96 if asked.quick else 640)
    asked.rounds = asked.rounds or (1 if asked.quick else 3)
    asked.data = asked.data or asked.plain.parent.parent / "data" / "emotion"
    if not (asked.data / "train.txt").is_file():
        raise SystemExit(f"--data: no train.txt in {asked.data}; name a folder with train.txt and test.txt")
    for part in asked.parts:
        title, measure = PARTS[part]
        load = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
        put(title, f"{conditions_of(asked)}{load}.\n\n{measure(asked)}")
        sys.stdout.write(f"{title}: written\n")
        sys.stdout.flush()


def conditions_of(asked: argparse.Namespace) -> str:
    told = conditions()
    extent = (
        f"{asked.items} texts, batches of 32, one epoch, MiniLM, {asked.threads} thread(s), {asked.rounds} round(s)"
    )
    look = ", `--quick`: no more than a look" if asked.quick else ""
    return f"{datetime.now(UTC):%Y-%m-%d}, {told['cpu_model']}, {told['cpu_capability']}; {extent}{look}"


if __name__ == "__main__":
    main()
