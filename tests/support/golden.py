"""Proof that a change of the code's shape leaves its results alone: hashes of reports and traces, kept in golden.json.

    python tests/support/golden.py --check            # what differs; exit status 1 if anything does
    python tests/support/golden.py --check --keep DIR # and show how, against the files that DIR keeps
    python tests/support/golden.py --write            # keep the hashes of now

With --keep, files that agree with their kept hash (all of them under --write) are put into DIR, and one that does not
is put beside as NAME.new and shown as a difference to it. --only PART limits the work to names that contain PART.
Reports are the same on every machine; traces are kept per processor and libraries, and compared where these are known.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # read when transformers is first imported
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
HERE = Path(__file__).resolve().parents[1] / "golden"
if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import golden_reports  # noqa: E402  after the settings above
import golden_traces  # noqa: E402

KEPT = HERE / "golden.json"
LINES, WIDTH = 80, 240


def reports(only: str = "") -> Iterator[tuple[str, bytes]]:
    """Return "reports/WORLD/LANGUAGE/FILE" and the normalised content, world by world."""
    for world, language in golden_reports.CASES:
        if only in f"reports/{world}/{language}/":
            yield from report(world, language)


def report(world: str, language: str) -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        root = Path(folder).resolve()
        for file, content in golden_reports.build(world, language, root).items():
            yield f"reports/{world}/{language}/{file}", golden_reports.normalised(file, content, root)


def traces(only: str = "") -> Iterator[tuple[str, bytes]]:
    """Return "traces/RUN.json" and the content, run by run."""
    wanted = [name for name in golden_traces.REQUESTS if only in f"traces/{name}.json"]
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        workspace = golden_traces.lay_out(Path(folder).resolve()) if wanted else None
        for name in wanted:
            with contextlib.redirect_stderr(io.StringIO()):  # progress bars
                made = golden_traces.trace(name, workspace)
            yield f"traces/{name}.json", json.dumps(made, indent=1, sort_keys=True).encode()


def kept() -> dict[str, dict[str, str]]:
    """Return the kept hashes: "reports" -> name -> sha256, and the same for the traces of each known machine."""
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def shown(name: str, content: bytes) -> list[str]:
    """Return a file as lines to compare, a PDF as its text."""
    if name.endswith(".pdf"):
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).splitlines()
    return content.decode("utf-8").splitlines()


def difference(name: str, before: bytes, now: bytes) -> str:
    """Return a unified difference, cut to what a screen shows."""
    lines = list(difflib.unified_diff(shown(name, before), shown(name, now), "kept", "now", lineterm="", n=1))
    cut = [line if len(line) <= WIDTH else f"{line[:WIDTH]}..." for line in lines[:LINES]]
    more = [f"... and {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    return "\n".join([*cut, *more]) or "(the same text; other bytes)"


def compare(name: str, content: bytes, known: str | None, folder: Path | None) -> str | None:
    """Return what there is to say of one file, None where it is as kept; known: its kept hash."""
    place = folder / name if folder else None
    if sha256(content) == known:
        keep(place, content)
        return None
    told = f"{name}: {'no hash is kept' if known is None else 'differs'}"
    if place:
        keep(place.with_name(f"{place.name}.new"), content)
        if place.is_file():
            told += "\n" + difference(name, place.read_bytes(), content)
    return told


def keep(place: Path | None, content: bytes) -> None:
    if place:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--check", action="store_true", help="compare with the kept hashes")
    asked.add_argument("--write", action="store_true", help="keep the hashes of now")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder of normalised files, to show differences")
    parser.add_argument("--only", default="", metavar="PART", help="part of a name, such as reports/seeds/ru or traces")
    given = parser.parse_args()
    everything, machine = kept(), golden_traces.machine()
    differing = 0
    for part, files in (("reports", reports(given.only)), (machine, traces(given.only))):
        if given.check and part == machine and part not in everything:
            print(f"traces: not compared, none are kept for {machine}")  # noqa: T201
            continue
        differing += go_through(files, everything.setdefault(part, {}), write=given.write, folder=given.keep)
    if given.write:
        KEPT.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 1 if differing else 0


def go_through(files: Iterator[tuple[str, bytes]], known: dict[str, str], *, write: bool, folder: Path | None) -> int:
    """Compare or keep files one after the other, say what differs, and return how many do."""
    differing, n, start = 0, 0, time.monotonic()
    for name, content in files:
        n += 1
        if write:
            known[name] = sha256(content)
            keep(folder / name if folder else None, content)
        elif told := compare(name, content, known.get(name), folder):
            differing += 1
            print(told, flush=True)  # noqa: T201
    done = "kept" if write else f"compared, {differing} differ"
    if n:
        print(f"{n} files {done}, {time.monotonic() - start:.0f} s", flush=True)  # noqa: T201
    return differing


if __name__ == "__main__":
    sys.exit(main())
