"""A report is checked by doing it again: what agrees agrees to the bit, and what was changed is named by its stage."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import sample
from bakeoff import cli
from bakeoff.errors import BadValue, MissingFile, UnknownName
from bakeoff.execution.local import run
from bakeoff.experiment.load import load_experiment
from bakeoff.report.build import build_report
from bakeoff.runs.record import Epoch, Kept, read_record, write_record
from bakeoff.runs.verified import Check, Level, keep_level, read_verified, results_at_hand, worst
from bakeoff.study.looks import read_looks
from bakeoff.system.digests import sha256_of
from bakeoff.system.workspace import RunFolder, Workspace
from bakeoff.verify.elsewhere import judged, tolerance
from bakeoff.verify.rerender import _held
from bakeoff.verify.rerun import held
from bakeoff.verify.stages import STAGES, first_apart
from bakeoff.verify.target import Target, chosen_runs, find_target
from own_code import CLASSICAL, HELPER, write_metric
from studies import scripted
from tiny import make_texts

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENT = """
data: {{source: texts.csv, label: mood, split: {{train: 40, validation: 20, test: 24}}, max_length: 16}}
model: {model}
seeds: [1]
compare: {{reference: majority}}
defaults: {{epochs: 1, batch_size: 8, threads: 1}}
methods: {{majority: {{}}, full: {{learning_rate: 1e-3}}}}
"""


PLANTED = {
    "HF_TOKEN": "hf_PlantedPlantedPlanted",
    "DATABASE_URL": "postgres://me:PlantedPassword@host/db",
    "AWS_SECRET_ACCESS_KEY": "Planted/Secret+Key",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny_bert) -> Workspace:
    """Return a workspace with two runs and their report."""
    root = tmp_path_factory.mktemp("verified")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "params").mkdir()
    rows = [f"{text} #{place},{label}" for place, (text, label) in enumerate(make_texts(90))]
    (root / "texts.csv").write_text("\n".join(["text,mood", *rows]) + "\n", encoding="utf-8")
    (root / "params" / "tiny.yaml").write_text(EXPERIMENT.format(model=tiny_bert), encoding="utf-8")
    workspace = Workspace(root)
    experiment = load_experiment(root / "params" / "tiny.yaml", shown_as="params/tiny.yaml", root=root)
    with pytest.MonkeyPatch.context() as patch:
        for name, secret in PLANTED.items():
            patch.setenv(name, secret)
        summary = run(experiment, workspace)
        assert summary.exit_status == 0, summary
        build_report(experiment, workspace)
    return workspace


@pytest.fixture
def workspace(made, tmp_path, monkeypatch) -> Workspace:
    """Return a copy that a test may spoil."""
    root = tmp_path / "copy"
    shutil.copytree(made.root, root)
    monkeypatch.chdir(root)
    return Workspace(root)


def checks(workspace: Workspace, level: int) -> dict[str, tuple[str, str | None]]:
    found = read_verified(workspace.report_folder("tiny")).levels[str(level)].checks
    return {check.name.partition("-s")[0]: (check.result, check.stage) for check in found}


def folder_of(workspace: Workspace, method: str) -> RunFolder:
    (path,) = workspace.runs_folder("tiny").glob(f"{method}-s1-*")
    return RunFolder(path)


def state_of(workspace: Workspace) -> dict[str, bytes]:
    """Return every file of the report's folder but what `verify` writes."""
    home = workspace.report_folder("tiny")
    files = (path for path in home.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in files if path.name != "verify.json"}


@pytest.mark.slow
def test_the_report_and_its_runs_are_the_same_again_and_a_later_report_says_so(workspace, capsys) -> None:
    """Level 0, level 1, then the report with its line: it is the same again as well, though it names the check."""
    before, home = state_of(workspace), workspace.report_folder("tiny")
    assert cli.main(["verify", "reports/tiny"]) == 0
    assert set(checks(workspace, 0).values()) == {("IDENTICAL", None)}
    assert set(checks(workspace, 0)) >= {"report.html", "report.pdf", "summary.csv", "summary.tex"}
    assert cli.main(["verify", "params/tiny.yaml", "--runs", "full-s1", "--runs", "majority@1"]) == 0
    assert checks(workspace, 1) == {"full": ("IDENTICAL", None), "majority": ("IDENTICAL", None)}
    assert "IDENTICAL: 2 of 2 agree\nwritten: reports/tiny/verify.json\n" in capsys.readouterr().out
    assert state_of(workspace) == before
    assert len(read_looks(home)) == 1

    # Written before the runs were made again, it does not know of that, and is the same again nevertheless.
    assert cli.main(["verify", "reports/tiny", "--level", "0"]) == 0
    assert cli.main(["report", "params/tiny.yaml"]) == 0
    html = (home / "report.html").read_text(encoding="utf-8")
    assert "Made again as a check" in html
    assert "2 of 2 runs made again, the same bits in 2" in html
    assert cli.main(["verify", "reports/tiny"]) == 0
    assert "up to date" in (cli.main(["report", "params/tiny.yaml"]), capsys.readouterr().out)[1]


@pytest.mark.slow
def test_a_record_that_tells_of_another_order_of_batches_is_found_out(workspace) -> None:
    folder = folder_of(workspace, "full")
    record = read_record(folder.record)
    trace = record.trace.model_copy(update={"batch_order_sha256": "0" * 64, "predictions_sha256": "1" * 64})
    write_record(record.model_copy(update={"trace": trace}), folder.record)
    assert cli.main(["verify", "reports/tiny", "--level", "1", "--runs", "full"]) == 1
    assert checks(workspace, 1) == {"full": ("DIVERGED", "batch order")}


def test_no_secret_of_the_environment_is_kept(made, tmp_path, monkeypatch) -> None:
    """Neither in logs, records, notebooks, report nor in an exported model."""
    from pypdf import PdfReader

    monkeypatch.chdir(made.root)
    for name, secret in PLANTED.items():
        monkeypatch.setenv(name, secret)
    out = tmp_path / "out"
    assert cli.main(["export", "majority@1", str(out)]) == 0
    files = [path for root in (made.root, out) for path in root.rglob("*") if path.is_file()]
    assert {"log.txt", "record.json", "notebook.ipynb", "report.html", "compare.log"} <= {path.name for path in files}
    pages = PdfReader(made.report_folder("tiny") / "report.pdf").pages
    contents = {str(path): path.read_bytes() for path in files}
    contents["pdf"] = "\n".join(page.extract_text() for page in pages).encode()
    for place, content in contents.items():
        assert b"Planted" not in content, place


def test_another_data_file_cannot_be_compared(workspace, capsys) -> None:
    file = workspace.root / "texts.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("#3,", "#three,"), encoding="utf-8")
    assert cli.main(["verify", "reports/tiny", "--runs", "full"]) == 4
    assert checks(workspace, 1) == {"full": ("NOT_COMPARABLE", "data")}
    assert "content of the data changed" in capsys.readouterr().out


def test_an_edited_module_of_the_user_s_own_is_named(workspace) -> None:
    """A method's file and what it imports of the workspace count; what else lies there does not."""
    root, file = workspace.root, workspace.root / "params" / "tiny.yaml"
    (root / "my_helper.py").write_text(HELPER, encoding="utf-8")
    (root / "my_length.py").write_text(
        CLASSICAL.replace("import json\n", "import json\n\nimport my_helper\n", 1), "utf-8"
    )
    text = file.read_text(encoding="utf-8").replace("methods: {", "methods: {mine: {kind: 'my_length:Length'}, ")
    file.write_text(text, encoding="utf-8")
    experiment = load_experiment(file, shown_as="params/tiny.yaml", root=root)
    assert run(experiment, workspace, only=["mine"]).exit_status == 0
    (root / "beside.py").write_text("raise SystemExit\n", encoding="utf-8")
    assert cli.main(["verify", "reports/tiny", "--runs", "mine"]) == 0
    assert checks(workspace, 1) == {"mine": ("IDENTICAL", None)}
    (root / "my_helper.py").write_text(HELPER.replace("SHARE = 2", "SHARE = 33"), encoding="utf-8")
    assert cli.main(["verify", "reports/tiny", "--runs", "mine"]) == 4
    assert checks(workspace, 1) == {"mine": ("NOT_COMPARABLE", "code")}


def test_another_split_and_other_settings_cannot_be_compared(workspace) -> None:
    file = workspace.root / "params" / "tiny.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("test: 24", "test: 24, seed: 7"), encoding="utf-8")
    assert cli.main(["verify", "reports/tiny", "--runs", "full"]) == 4
    assert checks(workspace, 1) == {"full": ("NOT_COMPARABLE", "split")}
    file.write_text(text.replace("1e-3", "2e-3"), encoding="utf-8")
    assert cli.main(["verify", "reports/tiny", "--runs", "full"]) == 4
    assert checks(workspace, 1) == {"full": ("NOT_COMPARABLE", "settings")}
    file.write_text(text.replace("full: {", "lora: {"), encoding="utf-8")
    assert cli.main(["verify", "reports/tiny", "--runs", "full"]) == 4


@pytest.mark.parametrize(
    ("name", "stage"), [("predictions.parquet", "predictions"), ("model/model.safetensors", "final weights")]
)
def test_a_file_that_was_exchanged_is_named(workspace, capsys, name, stage) -> None:
    file = folder_of(workspace, "full").path / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    assert cli.main(["verify", "reports/tiny", "--runs", "full"]) == 1
    assert checks(workspace, 1) == {"full": ("DIVERGED", stage)}
    assert name in capsys.readouterr().out


@pytest.mark.slow
def test_answers_that_were_exchanged_with_their_hash_are_found_out(workspace, capsys) -> None:
    """Two texts have one another's answer, so that every score stays, and the record tells of the file as it is."""
    folder = folder_of(workspace, "full")
    frame = pd.read_parquet(folder.predictions)
    test, right = frame["split"] == "test", frame["gold"] == frame["predicted"]
    one = frame.index[test & right][0]
    other = frame.index[test & ~right & (frame["gold"] == frame["gold"][one])][0]
    frame.loc[[one, other], "predicted"] = frame.loc[[other, one], "predicted"].to_numpy()
    frame.to_parquet(folder.predictions, index=False)
    kept = {
        folder.predictions.name: Kept(bytes=folder.predictions.stat().st_size, sha256=sha256_of(folder.predictions))
    }
    record = read_record(folder.record)
    write_record(record.model_copy(update={"files": {**record.files, **kept}}), folder.record)
    assert cli.main(["verify", "reports/tiny", "--runs", "full"]) == 1
    assert checks(workspace, 1) == {"full": ("DIVERGED", "predictions")}
    assert "predictions.parquet holds other answers" in capsys.readouterr().out


@pytest.mark.slow
def test_what_report_json_no_longer_tells_of_is_checked_all_the_same(workspace) -> None:
    home = workspace.report_folder("tiny")
    state = json.loads((home / "report.json").read_text(encoding="utf-8"))
    figure = next(name for name in state["outputs"] if name.endswith(".svg"))
    for name in ("report.html", figure):
        file = home / name
        file.write_text(file.read_text(encoding="utf-8").replace("full", "best"), encoding="utf-8")
    left = {name: sha256 for name, sha256 in state["outputs"].items() if name.endswith((".csv", ".txt"))}
    (home / "report.json").write_text(json.dumps({**state, "formats": ["csv"], "outputs": left}), encoding="utf-8")
    assert cli.main(["verify", "reports/tiny"]) == 1
    found = read_verified(home).levels["0"].checks
    apart = {check.name: check.stage for check in found if check.result != "IDENTICAL"}
    assert apart == {"report.html": "report", figure: "report"}


@pytest.mark.parametrize("key", ["seed", "params"])
def test_a_record_at_odds_with_its_run_id_is_named(workspace, key) -> None:
    folder = folder_of(workspace, "full")
    record = read_record(folder.record)
    changed = {"seed": 2} if key == "seed" else {"params": {**record.params, "epochs": 3}}
    write_record(record.model_copy(update=changed), folder.record)
    assert cli.main(["verify", "reports/tiny", "--runs", folder.path.name]) == 1
    assert checks(workspace, 1) == {"full": ("DIVERGED", "record")}


def test_what_cannot_be_checked_is_one_line(workspace, capsys) -> None:
    for words in (
        ["reports/tiny", "--runs", "lora"],
        ["reports/tiny", "--runs", "full", "--level", "0"],
        ["params"],
        ["reports/tini"],
        ["tiny.zip"],
        ["reports/tiny", "--level", "9"],
    ):
        assert cli.main(["verify", *words]) == 2, words
        error = capsys.readouterr().err
        assert error.startswith("bakeoff: ")
        assert len(error.splitlines()) == 1
    (workspace.report_folder("tiny") / "report.json").unlink()
    assert cli.main(["verify", "reports/tiny"]) == 2
    assert "no report yet; `bakeoff report params/tiny.yaml`" in capsys.readouterr().err


def test_the_experiment_of_a_report_is_found_without_its_state(workspace) -> None:
    (workspace.report_folder("tiny") / "report.json").write_text("[1]", encoding="utf-8")
    target = find_target("reports/tiny", workspace)
    assert workspace.relative(target.experiment.file) == "params/tiny.yaml"
    assert len(chosen_runs(target, [])) == 2
    with pytest.raises(UnknownName, match="--runs"):
        chosen_runs(target, ["full-s2"])
    with pytest.raises(BadValue, match="not the folder of a report"):
        find_target("notebooks", workspace)
    (workspace.root / "params" / "tiny.yaml").rename(workspace.root / "params" / "other.yaml")
    with pytest.raises(MissingFile, match="no experiment file"):
        find_target("reports/tiny", workspace)


# stages ------------------------------------------------------------------------------------------------------------


def planted(stage: str):
    """Return a record that differs from `sample.record("full")` at a stage and at all after it."""
    record = sample.record("full")
    names = list(STAGES)
    rest = names[names.index(stage) :]
    inputs, trace = {}, {}
    if "data" in rest:
        inputs["data_sha256"] = "f" * 64
    if "split" in rest:
        inputs["comparability_sha256"] = "f" * 64
    if "base model" in rest:
        inputs["base_weights_sha256"] = "f" * 64
    for name in ("initial weights", "batch order", "final weights"):
        if name in rest:
            trace[f"{name.replace(' ', '_')}_sha256"] = "f" * 64
    if "predictions" in rest:
        trace["predictions_sha256"] = "f" * 64
    changed = {
        "inputs": record.inputs.model_copy(update=inputs),
        "trace": record.trace.model_copy(update=trace),
    }
    if "scores" in rest:
        changed["test"] = record.test.model_copy(update={"metrics": {"accuracy": 0.1}})
    if "facts" in rest:
        changed["cost"] = record.cost.model_copy(update={"params_trainable": 1})
    if "losses" in rest:
        first = Epoch(epoch=1, step=1, train_loss=0.123456789, validation={}, elapsed_s=1.0)
        changed["training"] = record.training.model_copy(update={"history": (first,)})
    return record.model_copy(update=changed)


@pytest.mark.parametrize("stage", STAGES)
def test_the_first_stage_that_differs_is_named(stage) -> None:
    before, after = sample.record("full"), planted(stage)
    assert first_apart(before, after) == stage
    check = held(before, after)
    assert (check.result, check.stage) == ("DIVERGED", stage)
    elsewhere = after.model_copy(update={"environment": {**after.environment, "cpu_model": "another one"}})
    check = held(before, elsewhere)
    assert (check.result, check.stage) == ("NOT_COMPARABLE", stage)
    assert "cpu_model" in check.why


def test_times_and_memory_are_no_stage() -> None:
    before = sample.record("full")
    after = before.model_copy(update={"cost": before.cost.model_copy(update={"train_s": 1e6})})
    assert first_apart(before, after) is None
    assert held(before, after).result == "IDENTICAL"


def test_a_run_that_fails_now_is_a_divergence_unless_the_machine_is_the_cause() -> None:
    before, failed = sample.record("full"), sample.failed("full", 41)
    assert (held(before, failed).result, held(before, failed).stage) == ("DIVERGED", "outcome")
    error = failed.error.model_copy(update={"kind": "memory"})
    assert held(before, failed.model_copy(update={"error": error})).result == "NOT_COMPARABLE"


# another machine ---------------------------------------------------------------------------------------------------


def test_means_within_the_noise_of_seeds_and_the_same_verdicts_are_equivalent() -> None:
    before = scripted(0.85, 0.70, 0.845)
    same = {check.name: check.result for check in judged(before, before)}
    assert {same[one] for one in ("full", "m1", "m2")} == {"IDENTICAL"}
    assert set(same.values()) == {"IDENTICAL", "EQUIVALENT"}
    assert len(same) == 6

    near = {check.name: check for check in judged(before, scripted(0.848, 0.698, 0.847, jitter=0.006))}
    assert {check.result for check in near.values()} == {"EQUIVALENT"}
    assert near["full / m1"].why == "BETTER (full)"

    far = {check.name: check for check in judged(before, scripted(0.85, 0.86, 0.845))}
    assert (far["m1"].result, far["m1"].stage) == ("DIVERGED", "scores")
    assert far["full / m1"].stage == "verdict"
    assert far["full"].result in ("IDENTICAL", "EQUIVALENT")


def test_the_tolerance_is_a_point_or_what_seeds_scatter() -> None:
    still, noisy = scripted(0.85, 0.80, jitter=0.0).methods[0], scripted(0.85, 0.80, jitter=0.2).methods[0]
    assert tolerance(still) == 0.01
    assert tolerance(noisy) == pytest.approx(max(0.01, 2 * noisy.seed_sd * (2 / 3) ** 0.5))
    assert tolerance(replace(noisy, seed_sd=0.05)) == pytest.approx(2 * 0.05 * (2 / 3) ** 0.5)
    assert tolerance(replace(noisy, seed_sd=None)) == 0.01


@pytest.mark.slow
def test_level_two_takes_other_code_and_libraries_but_no_other_data(workspace) -> None:
    folder = folder_of(workspace, "full")
    record = read_record(folder.record)
    identity = {**record.identity, "versions": {**record.identity["versions"], "torch": "2.0.0"}}
    write_record(record.model_copy(update={"identity": identity}), folder.record)
    assert cli.main(["verify", "reports/tiny", "--level", "1", "--runs", "full"]) == 4
    assert checks(workspace, 1) == {"full": ("NOT_COMPARABLE", "libraries")}
    assert cli.main(["verify", "reports/tiny", "--level", "2", "--runs", "full"]) == 0
    assert checks(workspace, 2) == {"full": ("IDENTICAL", None)}
    file = workspace.root / "texts.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("#3,", "#three,"), encoding="utf-8")
    assert cli.main(["verify", "reports/tiny", "--level", "2", "--runs", "full"]) == 4


@pytest.mark.slow
def test_a_report_that_came_without_its_predictions_is_checked_by_its_records(workspace, capsys) -> None:
    """As one that was shared: nothing diverged there, and nothing was said of what is missing."""
    for method in ("full", "majority"):
        folder = folder_of(workspace, method)
        folder.predictions.unlink()
        shutil.rmtree(folder.model)
    assert cli.main(["verify", "reports/tiny"]) == 4
    assert {result for result, _ in checks(workspace, 0).values()} <= {"NOT_COMPARABLE", "IDENTICAL"}
    assert cli.main(["verify", "reports/tiny", "--level", "1", "--runs", "full"]) == 0
    assert checks(workspace, 1) == {"full": ("IDENTICAL", None)}
    assert "by its record alone" in capsys.readouterr().out
    assert cli.main(["verify", "reports/tiny", "--level", "2", "--runs", "full"]) == 4
    assert checks(workspace, 2) == {"full": ("NOT_COMPARABLE", "predictions")}


# files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "made", "told", "changed", "expected"),
    [
        ("a\nb", "a\nb", "a\nb", [], ("IDENTICAL", None, "")),
        ("a\nb", "a\nb", "a\nb", ["code"], ("IDENTICAL", None, "")),
        ("a\nc", "a\nb", "a\nb", [], ("DIVERGED", "report", "not the file that was written")),
        ("a\nc", "a\nb", "a\nc", [], ("DIVERGED", "rendering", "rendered again it differs from line 2 on")),
        (
            "a",
            "a\nb",
            "a",
            ["records"],
            ("NOT_COMPARABLE", "records", "changed or left out since the report was written: records"),
        ),
        (None, "a", "a", [], ("DIVERGED", "report", "it is not there")),
        ("a", None, "a", [], ("DIVERGED", "rendering", "rendered again there is no such file")),
        (
            "a",
            None,
            "a",
            ["records"],
            ("NOT_COMPARABLE", "records", "changed or left out since the report was written: records"),
        ),
    ],
)
def test_a_file_is_held_against_what_was_written_and_what_is_rendered(
    tmp_path, there, made, told, changed, expected
) -> None:
    import hashlib

    home, scratch = tmp_path / "home", tmp_path / "scratch"
    for folder, content in ((home, there), (scratch, made)):
        folder.mkdir()
        if content is not None:
            (folder / "report.html").write_text(content, encoding="utf-8", newline="\n")
    outputs = {"report.html": hashlib.sha256(told.encode()).hexdigest()}
    target = Target(sample.experiment(), Workspace(tmp_path), home, {"outputs": outputs})
    check = _held("report.html", target, scratch, changed)
    assert (check.result, check.stage, check.why) == expected


def test_results_of_other_runs_and_levels_stay_as_long_as_their_records_do(tmp_path) -> None:
    for name in ("a", "b"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "record.json").write_text(name, encoding="utf-8")

    def level(name: str, result: str) -> Level:
        sha256 = sha256_of(tmp_path / "runs" / name / "record.json")
        return Level(checks=(Check(name=name, result=result, record_sha256=sha256),))

    keep_level(tmp_path, 0, Level(checks=(Check(name="report.html", result="IDENTICAL"),)))
    keep_level(tmp_path, 1, level("a", "IDENTICAL"))
    keep_level(tmp_path, 1, level("b", "DIVERGED"))
    assert results_at_hand(tmp_path) == {"a": "IDENTICAL", "b": "DIVERGED"}
    (tmp_path / "runs" / "b" / "record.json").write_text("made anew", encoding="utf-8")
    assert results_at_hand(tmp_path) == {"a": "IDENTICAL"}
    keep_level(tmp_path, 1, level("a", "IDENTICAL"))
    assert list(json.loads((tmp_path / "verify.json").read_text(encoding="utf-8"))["levels"]) == ["0", "1"]
    assert [check.name for check in read_verified(tmp_path).levels["1"].checks] == ["a"]
    (tmp_path / "verify.json").write_text("[1]", encoding="utf-8")
    assert results_at_hand(tmp_path) == {}


def test_the_worst_result_counts() -> None:
    assert worst(["IDENTICAL", "EQUIVALENT"]) == "EQUIVALENT"
    assert worst(["IDENTICAL", "NOT_COMPARABLE", "EQUIVALENT"]) == "NOT_COMPARABLE"
    assert worst(["NOT_COMPARABLE", "DIVERGED"]) == "DIVERGED"
    assert worst([]) == "NOT_COMPARABLE"


def test_metrics_that_no_run_records_are_no_part_of_what_is_made_again(workspace) -> None:
    """Such as one's own: every run was called another one."""
    metric = write_metric(workspace.root)
    file = workspace.root / "params" / "tiny.yaml"
    told = file.read_text(encoding="utf-8")
    file.write_text(told.replace("{reference: majority}", f"{{reference: majority, metric: '{metric}'}}"), "utf-8")
    found = chosen_runs(find_target("params/tiny.yaml", workspace), [])
    assert found
    for one in found:
        assert one == read_record(workspace.run_folder("tiny", one.run_id).record)
        assert metric not in one.test.metrics
