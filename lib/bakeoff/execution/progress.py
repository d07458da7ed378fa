"""What a person sees while runs are executed: bars on a terminal, one line per run elsewhere.

The kernel says where it is in a small JSON file; it is read here and nowhere taken for a result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from statistics import fmean
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from bakeoff.execution.attempt import Outcome
from bakeoff.execution.plan import Plan
from bakeoff.execution.resources import Durations
from bakeoff.execution.state import Item
from bakeoff.metrics.classification import METRICS
from bakeoff.runs.record import Record
from bakeoff.system.digests import bytes_of, from_json
from bakeoff.system.workspace import RunFolder

__all__ = ["Bars", "Lines", "Watcher", "read_progress", "scores_so_far", "spoken", "watcher", "where_it_is"]


MARKS = {"ok": "[green]done[/]", "failed": "[red]FAILED[/]", "diverged": "[red]DIVERGED[/]", "busy": "[yellow]BUSY[/]"}


class Watcher:
    """Whoever is told how runs get on, around all of them; this one tells nobody."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def side_by_side(self, jobs: int) -> None:
        """Show how many runs go on at a time."""

    def begin(self, item: Item, plan: Plan) -> None:
        """Show that a run starts."""

    def tick(self, item: Item, state: dict[str, Any], seconds: float) -> None:
        """Show where a run is; state as in `RunFolder.progress`, seconds since it started."""

    def end(self, outcome: Outcome, plan: Plan) -> None:
        """Show how a run ended."""

    def round_ended(self, plan: Plan) -> None:
        """Show what all methods have reached so far, while searches or other seeds are to come."""

    def say(self, text: str) -> None:
        """Show a message."""


class Lines(Watcher):
    """One line per run, for logs, CI and make."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ended: set[str] = set()
        self._current: set[str] = set()

    def begin(self, item: Item, plan: Plan) -> None:  # noqa: ARG002
        """Count a run that goes on."""
        self._current.add(item.name)

    def end(self, outcome: Outcome, plan: Plan) -> None:
        """Print how a run ended, as one line."""
        self._ended.add(outcome.item.name)
        self._current.discard(outcome.item.name)
        done = len(self._ended)
        total = done + len(self._current) + len(_left(plan, besides=self._ended | self._current))
        self._console.print(rf"\[{done}/{total}] {line(outcome)}", soft_wrap=True)

    def round_ended(self, plan: Plan) -> None:
        """Print the scores so far."""
        self._console.print(scores_so_far(plan))

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(escape(text), soft_wrap=True)


class Bars(Watcher):
    """Live bars: all runs with the time left, and below it each run that goes on with epoch, step and loss."""

    def __init__(self, console: Console, durations: Durations) -> None:
        self._console, self._durations = console, durations
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[note]}"))
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._all: TaskID = self._progress.add_task("runs", total=None, note="")
        self._bars: dict[str, TaskID] = {}
        self._current: dict[str, tuple[Item, float]] = {}
        self._jobs = 1
        self._plan: Plan | None = None
        self._ended: set[str] = set()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def side_by_side(self, jobs: int) -> None:
        """Note by how many the time left is divided."""
        self._jobs = jobs

    def begin(self, item: Item, plan: Plan) -> None:
        """Show a run's own bar."""
        self._plan = plan
        self._bars[item.name] = self._progress.add_task(escape(item.name), total=1.0, note="starting")
        self._overall(item, 0.0)

    def tick(self, item: Item, state: dict[str, Any], seconds: float) -> None:
        """Move a run's bar and the one of all."""
        self._progress.update(self._bars[item.name], completed=share_done(state), note=where_it_is(state))
        self._overall(item, seconds)

    def end(self, outcome: Outcome, plan: Plan) -> None:
        """Print how a run ended above the bars."""
        self._plan = plan
        self._durations.add(outcome)
        self._ended.add(outcome.item.name)
        self._current.pop(outcome.item.name, None)
        self._progress.remove_task(self._bars.pop(outcome.item.name))
        self._progress.console.print(line(outcome), soft_wrap=True)

    def round_ended(self, plan: Plan) -> None:
        """Print the scores so far above the bars."""
        self._progress.console.print(scores_so_far(plan))

    def say(self, text: str) -> None:
        """Print a line."""
        self._progress.console.print(escape(text), soft_wrap=True)

    def _overall(self, item: Item, seconds: float) -> None:
        self._current[item.name] = item, seconds
        left = _left(self._plan, besides=self._ended | self._current.keys()) if self._plan else []
        remaining = self._durations.left(self._current.values(), left, jobs=self._jobs)
        about = f", about {spoken(remaining)} left" if remaining is not None else ""
        done = len(self._ended)
        total = done + len(self._current) + len(left)
        self._progress.update(self._all, completed=done, total=total, note=f"{done} of {total}{about}")


def watcher(console: Console, records: Iterable[Record] = ()) -> Watcher:
    """Return bars for a terminal, lines for anything else."""
    return Bars(console, Durations(records)) if console.is_terminal else Lines(console)


def read_progress(folder: RunFolder) -> dict[str, Any]:
    """Return where a kernel says it is; empty where it has said nothing or nothing that can be read."""
    try:
        state = from_json(bytes_of(folder.progress))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def scores_so_far(plan: Plan) -> Table:
    """Return what each method has scored so far on the test texts: numbers alone, for a claim would be a look."""
    metric = plan.experiment.compare.metric
    known = metric if metric in METRICS else "accuracy"  # one of the user's own is computed for the report
    grid = plan.experiment.cell is not None
    heading = ("runs", f"mean test {known}") if grid else ("seeds", f"test {known}")
    table = Table("method", *heading, "training", box=None, pad_edge=False)
    compared = [item for item in plan.items if item.request.role != "sweep" and (grid or not item.cell)]
    for name, entry in plan.experiment.methods.items():
        mine = [item for item in compared if item.request.method == name]
        runs = [item.record for item in mine if item.state == "finished" and item.record and item.record.test]
        scores = [run.test.metrics[known] for run in runs if run.test and known in run.test.metrics]
        times = [run.cost.train_s for run in runs if run.cost and run.cost.train_s]
        wanted = len(mine) if grid else len(plan.experiment.seeds_of(entry))
        table.add_row(
            escape(name),
            f"{len(runs)} of {wanted}",
            f"{fmean(scores):.3f}" if scores else "",
            spoken(fmean(times)) if times else "",
        )
    return table


def share_done(state: dict[str, Any]) -> float:
    """Return how much of a run's training is behind it, from 0 to 1."""
    step, steps = state.get("step"), state.get("steps")
    if isinstance(step, int) and isinstance(steps, int) and steps > 0:
        return min(step / steps, 1.0)
    return 0.0


def spoken(seconds: float) -> str:
    """Spell a duration the way a person says it."""
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"  # noqa: PLR2004
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"  # noqa: PLR2004


def line(outcome: Outcome) -> str:
    """Return the line, in rich markup, that tells how a run ended."""
    text = f"{MARKS[outcome.status]} {escape(outcome.item.name)}  {spoken(outcome.seconds)}"
    if outcome.reason:
        text += f"  {escape(outcome.reason)}"
    elif outcome.record and outcome.record.validation:
        scores = outcome.record.validation.metrics
        text += "".join(f"  validation {name} {scores[name]:.3f}" for name in ("accuracy",) if name in scores)
    return text


def where_it_is(state: dict[str, Any]) -> str:
    """Say in words where a kernel is."""
    parts = [str(state["stage"])] if state.get("stage") not in (None, "train") else []
    if state.get("epochs"):
        parts.append(f"epoch {state.get('epoch')}/{state['epochs']}")
    if state.get("steps"):
        parts.append(f"step {state.get('step')}/{state['steps']}")
    if isinstance(state.get("loss"), int | float):
        parts.append(f"loss {state['loss']:.3f}")
    return ", ".join(parts) or "starting"


def _left(plan: Plan, *, besides: Collection[str]) -> list[Item]:
    """Return the runs still to come; one that was tried and failed is no longer among them."""
    return [item for item in plan.items if (item.to_do or item.state == "waiting") and item.name not in besides]
