"""More seeds for an experiment, within its declared plan: `bakeoff run --more-seeds N` writes them into its file."""

from __future__ import annotations

import re
from itertools import chain, islice
from pathlib import Path

from bakeoff.errors import BadValue
from bakeoff.experiment.model import Experiment
from bakeoff.system.atomic import atomic_path

__all__ = ["add_seeds"]

_LIST = re.compile(r"^(seeds:\s*\[)[^\]#]*(\])", re.MULTILINE)


def add_seeds(experiment: Experiment, number: int, *, shown: str) -> tuple[int, ...]:
    """Write `number` more seeds behind those in the experiment's file, and return them all.

    They count on from the largest, then from the smallest, but for the seed of searches. Raises BadValue where that is
    more than `compare.seeds_at_most`, where none is declared or no numbers are left, and where the file does not list
    its seeds as [1, 2, 3]; nothing is written then.
    """
    most, seeds = experiment.compare.seeds_at_most, experiment.seeds
    if most is None:
        hint = "declare compare.seeds_at_most before the first report"
        raise BadValue("--more-seeds", "the experiment declares no plan of more seeds", where=shown, hint=hint)
    if len(seeds) + number > most:
        left = most - len(seeds)
        reason = f"{len(seeds)} seeds and {number} more are over compare.seeds_at_most, {most}"
        raise BadValue("--more-seeds", reason, where=shown, hint=f"at most {left} more" if left else "none are left")
    after = chain(range(max(seeds) + 1, 2**32), range(min(seeds) + 1, max(seeds)))
    more = (*seeds, *islice((one for one in after if one not in (*seeds, experiment.sweep_seed)), number))
    if len(more) < len(seeds) + number:
        reason = f"there are no {number} more whole numbers above {min(seeds)}"
        raise BadValue("--more-seeds", reason, where=shown, hint="write seeds of your choice into the file")
    text = Path(experiment.file).read_bytes().decode("utf-8")  # as it is, with its line ends
    written, found = _LIST.subn(rf"\g<1>{', '.join(map(str, more))}\g<2>", text)
    if found != 1 or any(change.partition("=")[0].strip() == "seeds" for change in experiment.changes):
        hint = f"write seeds: [{', '.join(map(str, more))}] there"
        raise BadValue("--more-seeds", "the file does not list its seeds as [1, 2, 3]", where=shown, hint=hint)
    with atomic_path(experiment.file) as scratch:
        scratch.write_bytes(written.encode("utf-8"))
    return more
