"""What a training kernel imports is in the fingerprint, or stands in a room that cannot change a number."""

import subprocess
import sys
from pathlib import Path

import pytest

from bakeoff.methods.registry import TABLE, method
from bakeoff.runs import fingerprint
from bakeoff.system.workspace import PACKAGE

# Rooms that a training kernel imports and that are in no fingerprint, and why that is right.
BESIDE = {
    "errors": "says what is wrong",
    "system": "files, hashes, cores: the number of threads is a setting of the run",
    "experiment": "its values are the settings of the run",
    "runs": "identity and record",
    "stats": "compares what was predicted",
    "study": "compares what was predicted",
    "report": "shows",
    "notebook": "calls the rooms in order",
}
CODE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from golden_traces import lay_out, trace
workspace = lay_out(Path(sys.argv[2]))
trace(sys.argv[3], workspace)
print(*(f"{name} {module.__file__}" for name, module in sys.modules.items() if name.startswith("bakeoff.")), sep="\\n")
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["lora", "tfidf"])
def test_nothing_a_kernel_imports_is_outside(kind: str, tmp_path: Path) -> None:
    support = Path(__file__).parents[1] / "support"
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(support), str(tmp_path), f"{kind}-s1"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith("bakeoff.")]
    counted = fingerprint.covered(method(kind))
    single = {entry.partition(":")[0] for entry in TABLE.values()}  # imported to be named, not to be run
    outside = {
        name
        for name, file in lines
        if Path(file) not in counted
        and name not in single
        and name.split(".")[1] not in BESIDE
        and Path(file).relative_to(PACKAGE.parent).as_posix() not in fingerprint.BESIDE
        and Path(file).name != "__init__.py"
    }
    assert len(lines) > 30
    assert outside == set()


def test_a_definition_that_moves_within_its_room_changes_nothing(tmp_path: Path) -> None:
    one, two, both, other = (tmp_path / f"{name}.py" for name in ("one", "two", "both", "other"))
    first, second = "X = 1\n", "def f():\n    from bakeoff.errors import BadValue\n    return X\n"
    one.write_text(f'"""One."""\nfrom bakeoff.errors import BadValue\n__all__ = ["X"]\n{first}')
    two.write_text(f'"""Two."""\nfrom bakeoff.data.one import X\n{second}')
    both.write_text(
        f'"""Both."""\n__all__ = ["X", "f"]\n{second.replace("bakeoff.errors", "bakeoff.problems")}\n{first}'
    )
    apart, together = (fingerprint._together(files) for files in ([one, two], [both]))
    assert apart == together
    other.write_text(both.read_text().replace("X = 1", "X = 2"))
    assert fingerprint._together([other]) != together
