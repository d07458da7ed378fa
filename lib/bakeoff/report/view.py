"""What `compare.ipynb` shows, one method per thing, and what the report needs besides.

Everything is computed from a collection, once. Where there is nothing to show, a method says so or returns None.
"""

from __future__ import annotations

from functools import cached_property

from bakeoff.report import introduction
from bakeoff.report.cells.sections import grid_section, sizes_section
from bakeoff.report.claims.conclusions import Conclusion, draw_conclusions
from bakeoff.report.figures import comparison as figures
from bakeoff.report.figures import rates, training
from bakeoff.report.figures.costs import costs_figure
from bakeoff.report.mistakes.matrices import confusion_figure
from bakeoff.report.mistakes.parting import parting
from bakeoff.report.mistakes.reliability import reliability_figure
from bakeoff.report.pages.display import Figure, Prose
from bakeoff.report.pages.links import basis
from bakeoff.report.pages.paragraphs import Answer, Paragraph, Paragraphs
from bakeoff.report.pages.table import Table
from bakeoff.report.subsets.further import tests_section
from bakeoff.report.subsets.slices import slices_section
from bakeoff.report.tables import appendix, search
from bakeoff.report.tables import data as datacard
from bakeoff.report.tables import fairness as ledger
from bakeoff.report.tables import runs as tables
from bakeoff.report.tables.calibration import calibration_tables
from bakeoff.report.tables.confused import confused_table
from bakeoff.report.tables.pairs import noise_table, open_table, pair_tables, unmet_table
from bakeoff.report.tables.summary import additional_table, overview, summary_files
from bakeoff.report.text.escape import escape_markdown
from bakeoff.report.text.labels import shown_name
from bakeoff.report.text.language import in_its_language, msg, tr
from bakeoff.runs.commands import report_command
from bakeoff.runs.record import Record
from bakeoff.stats.compare import Comparison
from bakeoff.study.grid import OverGrid, grid_of
from bakeoff.study.sizes import Sizes, sizes_of
from bakeoff.study.study import StudyData
from bakeoff.study.sweeps import searches, sweep_results

__all__ = ["ComparisonView"]


Shown = Table | Figure | Prose

_WARNED = ("interim", "scope", "looks", "absent")
_ANSWER = (*_WARNED, "lead", "advice", "sight")
_DIFFERENCES = ("highest", "reference", "fairness", "tuning", "baseline")
_CLASSES, _LIMITS = ("recall",), ("recommendation", "limit")
_COST = ("sweep", "cost")
_WORDS = ("resolution", "noise", "chances", *_DIFFERENCES, "unsettled", "unmet", "cross_check", *_COST, "calibration")
"""What tables and figures hold as well: told in words for who wants the runs behind each."""
_NOT_YET = msg("Nothing to show yet.")


@in_its_language
class ComparisonView:
    """The comparison of an experiment's runs, ready to be shown in the language of its report."""

    def __init__(self, study: StudyData) -> None:
        """Show a study; what it holds is read and compared by itself."""
        self.study, self.workspace = study, study.workspace
        self.experiment, self.language, self.collection = study.experiment, study.language, study.collection

    @property
    def metric(self) -> str:
        """The metric that methods are compared by."""
        return self.experiment.compare.metric

    @property
    def comparison(self) -> Comparison:
        """Verdicts on every pair of the declared methods."""
        return self.study.comparison

    @cached_property
    def conclusions(self) -> list[Conclusion]:
        """What the records say, in sentences; none while nothing has finished."""
        if not self.study.contenders:
            return []
        study = self.study
        return draw_conclusions(
            self.collection, self.comparison, account=study.account, beside=(study.calibration.against, study.recalls),
            language=self.language,
        )  # fmt: skip

    # the answer ----------------------------------------------------------------------------------------------------

    def question(self) -> Prose:
        """Say in a sentence what was compared on what."""
        return introduction.question(self.collection)

    def answer(self) -> Prose:
        """Say what the comparison found, in the fewest sentences."""
        if not self.conclusions:
            return Prose(introduction.nothing(self.collection))
        return Answer(self._found(_WARNED), self._found(("lead",)), self._found(("advice", "sight")))

    def summary(self) -> Table:
        """Show the table of methods."""
        return overview(self.collection, self.comparison, head=self._head())

    def additional(self) -> Table | None:
        """Show runs outside the declared comparison."""
        return additional_table(self.collection)

    def failures(self) -> Table | None:
        """Show the runs that ended without a result."""
        return tables.failures_table(self.collection)

    def differences(self) -> Figure | Prose | None:
        """Draw differences to the reference."""
        return figures.difference_figure(self.collection, self.comparison)

    @cached_property
    def _sizes(self) -> Sizes | None:
        return sizes_of(self.study)

    def sizes(self) -> list[Shown]:
        """Show methods by number of training texts; nothing where the file names one number."""
        return sizes_section(self.study, self._sizes)

    @cached_property
    def _grid(self) -> OverGrid | None:
        return grid_of(self.study)

    def grid(self) -> list[Shown]:
        """Show methods over the cells of the grid; nothing where the file names one data set and one base model."""
        rest = introduction.rest(self.experiment, self.workspace)
        return grid_section(self.study, self._grid, rest=rest)

    def tests(self) -> list[Shown]:
        """Show methods on further test sets and on slices of their own; nothing where the file names none."""
        return [*tests_section(self.study, metric=self.metric), *slices_section(self.study, metric=self.metric)]

    def costs(self) -> Shown:
        """Draw quality against parameters, time, memory, size and the time for a text."""
        return costs_figure(self.collection) or Prose(tr(_NOT_YET))

    def limits(self) -> Prose | None:
        """Say which methods stay within the limits that the experiment declares."""
        return Paragraphs(found) if (found := self._found(_LIMITS)) else None

    def effort(self) -> Shown:
        """Show what each method was given to learn with."""
        return ledger.effort_table(self.collection) or Prose(tr(_NOT_YET))

    def learning_curves(self) -> Shown:
        """Draw the validation metric by epoch."""
        return training.learning_figure(self.collection) or Prose(tr("No run has been trained by epochs yet."))

    def search(self) -> list[Shown]:
        """Show what was searched for all tuned methods together, and what it was worth."""
        found = self.collection
        shown = (rates.rates_figure(found), search.search_table(found), search.tuned_table(found, self.comparison))
        return [item for item in shown if item]

    def trials(self) -> list[Shown]:
        """Show each search: as a figure and a table."""
        found, tuned = self.collection, {one.method for one in searches(self.collection)}
        shown: list[Shown | None] = [rates.expected_figure(found)]
        for one in sweep_results(found):
            figure = None if one.method in tuned else training.sweep_figure(found, one)
            shown += [figure, tables.sweep_table(one)]
        return [item for item in shown if item]

    def confusion_matrices(self) -> Shown:
        """Draw one confusion matrix per method."""
        return confusion_figure(self.collection) or Prose(tr(_NOT_YET))

    def confused_classes(self) -> list[Shown]:
        """List which classes were taken for which, where there are more than a matrix shows."""
        table = confused_table(self.collection)
        return [] if table is None else [table]

    def quality(self) -> Shown:
        """Show every metric of every method."""
        return tables.quality_table(self.collection) or Prose(tr(_NOT_YET))

    def calibration(self) -> list[Shown]:
        """Show how good the probabilities of each method are, before and after a temperature."""
        found = self.study.calibration
        drawn = reliability_figure(found, figures.look(self.collection))
        numbers = calibration_tables(self.collection, found, alpha=self.comparison.alpha)
        return [*([drawn] if drawn else []), *numbers] or [Prose(tr(_NOT_YET))]

    def classes(self) -> Prose:
        """Say of which classes a method finds more or fewer texts than the reference."""
        return self._said(_CLASSES, otherwise=msg("No method can be held against the reference yet."))

    def flips(self) -> list[Shown]:
        """Show where methods part: on how many texts two agree, and texts that one of two gets right."""
        return parting(self.study)

    # doubts and data -----------------------------------------------------------------------------------------------

    def unsettled(self) -> list[Shown]:
        """Show the pairs that the data do not settle, with what would settle them, and baselines not beaten."""
        shown = (open_table(self.collection, self.comparison), unmet_table(self.collection, self.comparison))
        return [table for table in shown if table]

    def doubts(self) -> Prose | None:
        """Say what a reader should be wary of."""
        told = {*_ANSWER, *_CLASSES, *_LIMITS, *_WORDS}
        rest = [(one.text, basis(one.runs, self.collection)) for one in self.conclusions if one.kind not in told]
        return Paragraphs(rest) if rest else None

    def words(self) -> Prose:
        """Say in sentences what tables and figures show, with the runs behind each."""
        return self._said(_WORDS, otherwise=_NOT_YET)

    def noise(self) -> Table | None:
        """Show seed noise and test-set noise of each method, and what they leave of its difference."""
        return noise_table(self.collection, self.comparison)

    def splits(self) -> Shown:
        """Show what is in each split."""
        return datacard.splits_table(self.collection) or Prose(tr(_NOT_YET))

    def origin(self) -> Shown:
        """Show where the texts come from."""
        return datacard.origin_table(self.collection) or Prose(tr(_NOT_YET))

    # appendix ------------------------------------------------------------------------------------------------------

    def settings(self) -> list[Shown]:
        """Show methods, models and settings."""
        shown = (appendix.models_table(self.collection), *appendix.settings_tables(self.collection))
        return [table for table in shown if table] or [Prose(tr(_NOT_YET))]

    def conditions(self) -> Shown:
        """Show from what each method started, and where it was measured."""
        return ledger.conditions_table(self.collection) or Prose(tr(_NOT_YET))

    def pairs(self) -> list[Shown]:
        """Show every pair of methods with all that was computed of it."""
        return [*pair_tables(self.collection, self.comparison)] or [Prose(tr(_NOT_YET))]

    def environment(self) -> Shown:
        """Show machine and libraries."""
        return appendix.environment_table(self.collection) or Prose(tr(_NOT_YET))

    def commands(self) -> Shown:
        """Show the command behind every row."""
        whole_report = report_command(self.experiment, self.workspace.relative(self.experiment.file))
        return appendix.commands_table(self.collection, whole_report=whole_report) or Prose(tr(_NOT_YET))

    def runs(self) -> list[Shown]:
        """Show every run and every class."""
        shown = (tables.runs_table(self.collection), tables.classes_table(self.collection, self.study.recalls))
        return [table for table in shown if table] or [Prose(tr(_NOT_YET))]

    def excluded(self) -> Shown:
        """Show the records that were left out."""
        return tables.excluded_table(self.collection) or Prose(tr("None."))

    # for the report ------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return what the report is called."""
        return introduction.title(self.experiment)

    def facts(self) -> dict[str, str]:
        """Return the few facts that stand under the report's title."""
        return introduction.facts(self.collection)

    def section_records(self) -> list[tuple[str, Record]]:
        """Return title and run of each method's own section: its first finished run, else its first failure."""
        return [
            (name if row.any.deterministic else tr("{name}, seed {seed}", name=name, seed=row.any.seed), row.any)
            for name, row in ((shown_name(row), row) for row in self.collection.rows)
            if row.records or row.failures
        ]

    def summary_files(self) -> dict[str, str]:
        """Return name -> text of the summary's files: csv, md, tex and txt, and every pair as csv."""
        return summary_files(self.collection, self.comparison, head=self._head())

    def _head(self) -> str:
        """Return what stands above the table in summary.md: the title, the facts, the answer."""
        facts = ", ".join(escape_markdown(value) for value in self.facts().values())
        return "\n\n".join([f"### {escape_markdown(self.title())}", facts, str(self.answer()), ""])

    def _said(self, kinds: tuple[str, ...], *, otherwise: str) -> Prose:
        """Return the conclusions of some kinds as a list, in their order, with links to the runs behind each."""
        found = self._found(kinds)
        return Paragraphs(found) if found else Prose(tr(otherwise))

    def _found(self, kinds: tuple[str, ...]) -> list[Paragraph]:
        """Return the conclusions of some kinds in their order."""
        return [(one.text, basis(one.runs, self.collection)) for one in self.conclusions if one.kind in kinds]
