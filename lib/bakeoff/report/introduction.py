"""How a report introduces itself: its title, the facts below it, and what was compared on what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bakeoff.experiment.cells import cells_of
from bakeoff.experiment.model import Experiment
from bakeoff.experiment.overrides import place_of
from bakeoff.report.claims.completeness import declared_before
from bakeoff.report.pages.display import Prose
from bakeoff.report.tables.data import shared_inputs
from bakeoff.report.text.escape import escape_markdown
from bakeoff.report.text.labels import metric_name
from bakeoff.report.text.language import msg, tr, trn
from bakeoff.report.text.numbers import gap, parameters, whole
from bakeoff.runs.commands import typed
from bakeoff.runs.record import Inputs, Record
from bakeoff.runs.verified import Outcome
from bakeoff.study.collect import Collection, full_parameters
from bakeoff.system.workspace import Workspace

__all__ = ["facts", "made_again", "nothing", "question", "rest", "title"]


NOTHING = msg(
    "No run of this experiment, as its file, data and code are now, has finished yet. `bakeoff run` makes what is "
    "missing."
)
UNUSABLE = msg("No finished run can be compared; what is left out, further down, says why.")


def title(experiment: Experiment) -> str:
    """Return what the report is called."""
    return experiment.report.title or tr("Comparison of fine-tuning methods: {name}", name=experiment.name)


def facts(collection: Collection) -> dict[str, str]:
    """Return the few facts that stand under the title."""
    experiment, inputs, rows = collection.experiment, shared_inputs(collection), collection.rows
    done, wanted = sum(len(row.records) for row in rows), sum(row.wanted for row in rows)
    runs = [run for row in rows for run in row.records]
    found = {
        tr("Methods"): trn("{number} method", "{number} methods", len(rows), number=whole(len(rows))),
        tr("Data"): inputs.data_id if inputs else str(experiment.data.source),
        tr("Texts"): _texts(inputs) if inputs else None,
        tr("Base model"): _model(collection),
        tr("Cell"): experiment.cell,
        tr("Seeds"): trn("{number} seed", "{number} seeds", len(experiment.seeds), number=len(experiment.seeds)),
        tr("Finished runs"): None if done == wanted else tr(
            "{done} of {total} runs", done=whole(done), total=whole(wanted)
        ),
        tr("Run"): _when_and_where(runs),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def made_again(collection: Collection, results: Mapping[str, Outcome]) -> dict[str, str]:
    """Return what stands under the title of runs that were made again to check the report; nothing where none was.

    results: by run id
    """
    runs = [record.run_id for row in collection.rows for record in row.records]
    found = [results[run_id] for run_id in runs if run_id in results]
    if not found:
        return {}
    counted = {"same": whole(found.count("IDENTICAL")), "checked": whole(len(found)), "total": whole(len(runs))}
    told = tr("{checked} of {total} runs made again, the same bits in {same}", **counted)
    return {tr("Made again as a check"): told}


def _texts(inputs: Inputs) -> str:
    return tr(
        "{train} training, {test} test texts, {classes} classes",
        train=whole(inputs.splits["train"].n), test=whole(inputs.splits["test"].n),
        classes=whole(len(inputs.label_names)),
    )  # fmt: skip


def _model(collection: Collection) -> str:
    """Return the base model with its size, where a run trained all of it."""
    name, full = collection.experiment.model, full_parameters(collection)
    return tr("{model}, {number} parameters", model=name, number=parameters(full)) if full else name


def _when_and_where(runs: Sequence[Record]) -> str | None:
    """Return the day of the last run and its machine, where all ran on one, and the version of bakeoff."""
    days = sorted(str(run.environment.get("finished_at", ""))[:10] for run in runs)
    machines = {(run.environment.get("logical_cores"), run.environment.get("cpu_model")) for run in runs}
    versions = {run.environment.get("packages", {}).get("bakeoff") for run in runs}
    devices = {str(run.environment.get("device_name") or "") for run in runs} - {""}
    if not days or not days[-1]:
        return None
    said = [days[-1]]
    if len(machines) == 1 and all(next(iter(machines))):
        ((cores, model),) = machines
        said.append(
            trn("{number} core of {model}", "{number} cores of {model}", int(cores or 1), number=cores, model=model)
        )
    said += sorted(devices)
    said += [f"bakeoff {one}" for one in versions if one and len(versions) == 1]
    return ", ".join(said)


def rest(experiment: Experiment, workspace: Workspace) -> str:
    """Say of which cell of a grid the report is beside what it says of all of them."""
    file, cell = workspace.relative(experiment.file), str(experiment.cell)
    command = typed(["bakeoff", "report", file, "--set", "cell=NAME"])
    return tr(
        "All that follows this section is about the cell {cell}; `{command}` makes the report about another.",
        cell=f"**{escape_markdown(cell)}**", command=command,
    )  # fmt: skip


def nothing(collection: Collection) -> str:
    """Say that there is nothing to compare, and what would change that."""
    return tr(UNUSABLE if any(row.unusable for row in collection.rows) else NOTHING)


def question(collection: Collection) -> Prose:
    """Say in a sentence what was compared on what."""
    experiment, inputs = collection.experiment, shared_inputs(collection)
    named = _named(experiment)
    if inputs is None:
        return Prose(f"{named}. {nothing(collection)}")
    compared = tr(
        "{methods} methods on {data} ({classes} classes), base model {model}. Texts: {train} to train on, {validation} "
        "for validation, {test} for the test.",
        methods=whole(len(collection.rows)),
        data=escape_markdown(inputs.data_id),
        classes=whole(len(inputs.label_names)),
        model=escape_markdown(experiment.model),
        **{split: whole(facts.n) for split, facts in inputs.splits.items()},
    )
    changes = escape_markdown("; ".join(experiment.changes))
    changed = [tr("Changed from the command line: {changes}.", changes=changes)] if changes else []
    return Prose(" ".join([f"{named}: {compared}", _seeds(experiment), _asked(collection), *changed]))


def _seeds(experiment: Experiment) -> str:
    """Name the compared seeds, and the one that searches choose with where there are any."""
    compared = ", ".join(map(str, experiment.seeds))
    if experiment.data.split.resample:
        said = tr("Compared are seeds {seeds}, each with training texts of its own.", seeds=compared)
    else:
        said = tr("Compared are seeds {seeds}.", seeds=compared)
    if not any(entry.sweep for entry in experiment.methods.values()):
        return said
    return f"{said} {tr('Settings were searched with seed {other}.', other=experiment.sweep_seed)}"


def _named(experiment: Experiment) -> str:
    name = f"**{escape_markdown(experiment.name)}**"
    if experiment.cell is None:
        return tr("Experiment {name}", name=name)
    cells, cell = whole(len(cells_of(experiment))), f"**{escape_markdown(experiment.cell)}**"
    return tr("Experiment {name}, a grid of {cells} cells; in {cell}", name=name, cells=cells, cell=cell)


def _asked(collection: Collection) -> str:
    """Say by what the methods are compared, and who said so when; before running only where every run bears it out."""
    asked, by_hand = collection.experiment.compare, place_of(collection.experiment.changes, "compare")
    when = tr("Declared before running") if declared_before(collection) else tr("As the experiment file has it now")
    return tr(
        "{when}: methods are compared by {metric}, with {reference} as the reference. A difference of up to {margin} "
        "does not matter.",
        when=tr("On the command line") if by_hand else when,
        metric=metric_name(asked.metric),
        reference=escape_markdown(asked.reference),
        margin=gap(asked.equivalence_margin),
    )
