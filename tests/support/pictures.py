"""Make the pictures of the documentation's gallery, from reports of the tutorial's experiment on its real model.

Run by `make pictures`: it does what the tutorial says in build/pictures, which takes some minutes the first time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from docpages import DOCS, ROOT, blocks
from readme import picture

PLACE = ROOT / "build" / "pictures"
SECTIONS = {
    "differences": "open-questions",
    "costs": "costs",
    "training": "training",
    "errors": "errors",
    "fairness": "fairness",
}
"""What a picture is called, and the place of the report at its top."""


def command(*words: str) -> None:
    """Run a command of the environment in the workspace of the pictures."""
    folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(words, cwd=PLACE, env={**os.environ, "PATH": folders}, check=True)


def tutorial() -> Path:
    """Do what the tutorial says, as far as its report; return the report."""
    shutil.copytree(ROOT / "notebooks", PLACE / "notebooks", dirs_exist_ok=True)
    (PLACE / "params").mkdir(exist_ok=True)
    (program,) = [block for block in blocks(DOCS / "tutorial.md") if block.marks.get("file") == "make_reviews.py"]
    (PLACE / program.marks["file"]).write_text(program.text, encoding="utf-8")
    command("python", program.marks["file"])
    command("bakeoff", "new", "shop", "--data", "reviews.csv", "--no-calibration", "--force")
    command("bakeoff", "run", "params/shop.yaml")
    return PLACE / "reports" / "shop" / "report.html"


def main() -> None:
    """Take every picture, the Russian first screen last."""
    report, folder = tutorial(), DOCS / "pictures"
    folder.mkdir(exist_ok=True)
    for name, place in SECTIONS.items():
        picture(report, folder / f"{name}.png", at=place, height=900)
    command("bakeoff", "report", "params/shop.yaml", "--set", "report.language=ru")
    picture(report, folder / "russian.png", height=900)


if __name__ == "__main__":
    main()
