"""The few calls the notebooks make.

`train.ipynb`: `open_run` and then one method of `TrainingRun` per step. `compare.ipynb`: `open_comparison`. Here the
rooms meet: `tuning` trains, `reporting` measures and draws, `record` keeps.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bakeoff.errors import BadValue, RunBusy
from bakeoff.experiment.model import Experiment
from bakeoff.methods.registry import method
from bakeoff.notebook.parameters import check_names, declared_names, experiment_of, requested, workspace_of_params
from bakeoff.report.text.language import in_its_language
from bakeoff.runs.commands import command
from bakeoff.runs.files import FROM_RECORD
from bakeoff.runs.fingerprint import differences
from bakeoff.runs.record import Record, Sweep, write_record
from bakeoff.runs.run import Run, resolve
from bakeoff.system.atomic import atomic_path, own
from bakeoff.system.digests import canonical
from bakeoff.system.workspace import Workspace

if TYPE_CHECKING:
    from bakeoff.report.pages.display import Figure, Prose
    from bakeoff.report.pages.table import Table

__all__ = ["TrainingRun", "open_run"]


def open_run(namespace: Mapping[str, Any]) -> TrainingRun:
    """Start the run that the notebook's parameters ask for.

    namespace: `globals()` of the notebook, after its parameters cell
    Raises InputError, a single line, for a parameter that is not declared or cannot be used; nothing is written then.
    """
    from bakeoff.system.cores import wait_without_spinning

    wait_without_spinning()  # before anything loads torch
    workspace = workspace_of_params(namespace)
    experiment = experiment_of(namespace, workspace=workspace)
    check_names(namespace.get("In", []), experiment)
    given = {name: _plain(namespace.get(name)) for name in declared_names(experiment)}
    request = requested(given, experiment, workspace=workspace)
    run = resolve(request, experiment, workspace=workspace)
    return TrainingRun(run, experiment, workspace=workspace)


def _plain(value: Any) -> Any:
    """Return a number of numpy's as one of Python's."""
    return value.item() if getattr(value, "shape", None) == () else value


BEFORE = {"splits": "load_data", "trainee": "build_model", "predictions": "finish"}
"""What a step leaves for later ones -> the step."""


@in_its_language
class TrainingRun:
    """One method, one seed, step by step; each step shows what it did, in the language of the experiment's report."""

    def __init__(self, run: Run, experiment: Experiment, *, workspace: Workspace) -> None:
        from filelock import FileLock, Timeout

        self.run, self.experiment, self.workspace = run, experiment, workspace
        self.language = experiment.report.language
        self.command = command(run, workspace.relative(experiment.file))
        self.folder = workspace.run_folder(run.experiment, run.run_id)
        self.record: Record | None = None
        self._begun = self._restored = False
        self.folder.path.mkdir(parents=True, exist_ok=True)
        # One lock per process: Run All a second time in the same kernel is not another process.
        self._lock = FileLock(self.folder.lock, is_singleton=True)
        try:
            # Released by the system when the kernel ends, however it ends; others hold it for an instant to look.
            self._lock.acquire(timeout=2)
        except Timeout:
            raise RunBusy(run.run_id) from None

    def __getattr__(self, name: str) -> Any:
        if name in BEFORE:
            raise BadValue("train.ipynb", f"{BEFORE[name]}() comes first", hint="run its cells from the top")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def settings(self) -> Table:
        """Show what is about to run."""
        from bakeoff.report.tables.single_run import settings_table

        folder = self.workspace.relative(self.folder.path)
        return settings_table(self.run, folder=folder, unchosen=self._unchosen())

    def load_data(self) -> Table:
        """Read the data, split them, count them."""
        from bakeoff.data.splits import load_splits
        from bakeoff.report.tables.single_run import splits_table

        self.splits = load_splits(self.run.data, self.run.located_data).for_seed(self.run.seed)
        splits = self.splits
        return splits_table(
            splits.facts(),
            data=self.run.data,
            dropped=splits.dropped,
            overlap=splits.overlap(),
            shared_groups=splits.shared_groups(),
        )

    def build_model(self) -> Table:
        """Load the untouched base model and put the method on it."""
        from bakeoff.report.tables.single_run import model_table
        from bakeoff.training.run import prepare

        self.trainee = prepare(self.run, self.splits)
        self._check_unchanged()
        return model_table(self.run, cost=self.trainee.cost, summary=method(self.run.kind).summary)

    def _check_unchanged(self) -> None:
        """Raise BadValue where data, model or code that were read are not those that the run is known by any more."""
        now = resolve(self.run.request, self.experiment, workspace=self.workspace)
        if now.run_id != self.run.run_id:
            changed = "; ".join(differences(self.run.identity, now.identity))
            hint = "leave the files alone while a run begins; the same command makes it anew"
            raise BadValue("run", f"{changed} while it was being read", subject=self.run.run_id, hint=hint)

    def fit(self) -> None:
        """Train, or go on from the last whole epoch of a run that was cut off.

        Called again in the same kernel, it starts over from untouched weights (or from that epoch).
        """
        from bakeoff.training.run import evaluate

        if self._restore():
            return
        if self._begun:
            self.build_model()
        self._begun = True
        self.trainee.fit(self.folder, evaluate, on_progress=self._progress)

    def _restore(self) -> bool:
        """Take up the result that a killed attempt left, where only its notebook is to be finished."""
        from bakeoff.runs.files import read_whole
        from bakeoff.runs.predictions import read_split_logits

        self._restored = os.environ.get(FROM_RECORD) == self.run.run_id
        if self._restored:
            self.record = read_whole(self.folder)
            self.predictions = read_split_logits(self.folder)
        return self._restored

    def _progress(self, epoch: int, epochs: int, step: int, steps: int, loss: float | None) -> None:
        state = {"epoch": epoch, "epochs": epochs, "step": step, "steps": steps, "loss": loss, "stage": "train"}
        scratch = self.folder.progress.with_suffix(".tmp")
        # Only shown: where the disk is full, or Windows has the file open to be read just now, the next step says it.
        with suppress(OSError):
            own(scratch).write_text(canonical(state), encoding="utf-8", newline="\n")
            scratch.replace(self.folder.progress)

    def finish(self) -> Table:
        """Predict, keep the model and write the record, last of all."""
        from bakeoff.report.tables.single_run import quality_table
        from bakeoff.runs.files import keep_files
        from bakeoff.runs.predictions import write_predictions
        from bakeoff.training.run import assemble

        if self._restored:
            self._test_further(later=True)
            self._tidy()
            return quality_table(self._finished())
        sweep = self._sweep()  # a choice locked from here on is too late for these predictions
        splits = ("validation",) if self.run.role == "sweep" else ("validation", "test")
        self.predictions = {split: self.trainee.predict(split) for split in splits if self.trainee.knows(split)}
        self.trainee.save(self.folder.model)
        with atomic_path(self.folder.predictions) as scratch:
            scored = all(map(self.trainee.scored, self.predictions))
            write_predictions(self.predictions, self.splits, scratch, scored=scored)
        record = assemble(
            self.run,
            self.splits,
            self.trainee,
            predictions=self.predictions,
            command=self.command,
            compare=self.experiment.compare,
            sweep=sweep,
        )
        self.record = record.model_copy(update={"files": keep_files(self.folder)})
        # An executed notebook of an earlier attempt tells of that one; papermill writes this one's anew.
        self.folder.notebook.unlink(missing_ok=True)
        write_record(self.record, self.folder.record)
        self._test_further(later=False)
        self._tidy()
        return quality_table(self.record)

    def _test_further(self, *, later: bool) -> None:
        """Predict the further test sets that have no predictions yet, by the model that is kept: now or later alike."""
        from bakeoff.runs.further import WITHOUT_TESTS, declared_tests, lacking, read_test, write_further
        from bakeoff.training.artifacts import load_trained

        if os.environ.get(WITHOUT_TESTS) or not self.experiment.tests:
            return
        record, file = self._finished(), self.workspace.relative(self.experiment.file)
        declared = declared_tests(self.experiment, workspace=self.workspace)
        open_ = lacking(record, self.folder, declared)
        if not open_:
            return
        self.__dict__.pop("trainee", None)  # one model in memory is enough
        logits, trained = load_trained(self.folder.model, workspace=self.workspace), self.splits.train["text"].tolist()
        for one in map(declared.__getitem__, open_):
            texts = read_test(one, self.splits.label_names, experiment=self.experiment, file=file)
            found = logits(texts.frame["text"].tolist())
            write_further(self.folder, record, one, texts, found, trained=trained, later=later)

    def _sweep(self) -> Sweep | None:
        """Return the sweep that chose this run's hyperparameters, if one did and was locked before this run."""
        from bakeoff.runs.choice import current_choice

        choice = current_choice(self.experiment, self.run.method, workspace=self.workspace)
        chose_this = choice and all(self.run.params.get(name) == value for name, value in choice.chosen.items())
        return choice.sweep() if choice and chose_this and self.run.role != "sweep" else None

    def _unchosen(self) -> tuple[str, ...]:
        """Return the hyperparameters of a candidate that its method's sweep has yet to choose."""
        from bakeoff.runs.choice import current_choice

        swept = () if self.run.role == "sweep" else tuple(self.experiment.entry(self.run.method).sweep)
        return () if swept and current_choice(self.experiment, self.run.method, workspace=self.workspace) else swept

    def _tidy(self) -> None:
        """Drop what only an unfinished run needs; a trial that was stopped may go on."""
        import shutil

        if self._finished().stopped_after is None:
            shutil.rmtree(self.folder.checkpoint, ignore_errors=True)
        self.folder.progress.unlink(missing_ok=True)
        self._lock.release(force=True)

    def learning_curve(self) -> Figure | Prose:
        """Show loss and validation quality by epoch, or say that there are no epochs."""
        from bakeoff.report.figures.single_run import learning_curves
        from bakeoff.report.pages.display import Prose
        from bakeoff.report.text.language import tr

        metric = self.experiment.compare.metric
        training = self.record.training if self.record else self.trainee.training
        drawn = learning_curves(training.history if training else (), method=self.run.method, metric=metric)
        return drawn or Prose(tr("This method is not trained by epochs, so there is no learning curve."))

    def confusion_matrix(self) -> Figure | Prose:
        """Show which classes were taken for which."""
        from bakeoff.report.figures.single_run import confusion_figure

        return confusion_figure(self._finished())

    def misclassified(self, n: int = 8) -> Table | Prose:
        """Show texts the model got wrong, the most confident mistakes first."""
        from bakeoff.report.tables.single_run import misclassified_table

        names, blind = self.splits.label_names, method(self._finished().kind).blind
        split = "validation" if self.run.role == "sweep" else "test"
        frame, logits = self.splits[split], self.predictions[split]
        return misclassified_table(frame, logits, names=names, split=split, blind=blind, n=n)

    def against_baselines(self) -> Table:
        """Hold this run against the baselines that have been run on the same data."""
        from bakeoff.report.tables.single_run import baselines_table
        from bakeoff.runs.record import read_records

        record = self._finished()
        runs = self.workspace.runs_folder(self.run.experiment)
        return baselines_table(record, read_records(runs, unreadable=lambda _: None))

    def _finished(self) -> Record:
        if self.record is None:
            raise RuntimeError("run the cell with run.finish() first")
        return self.record
