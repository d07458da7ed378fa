"""Answers made elsewhere: matched to the test texts, each once; all that is wrong with a file is one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.cli.parser import parse
from bakeoff.errors import BadValue, InputError
from bakeoff.execution.preflight import preflight
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.export.lookup import find_run
from bakeoff.notebook.train import TrainingRun
from bakeoff.report.build import view
from bakeoff.runs.run import Request, Run, resolve
from bakeoff.system.workspace import Workspace
from tiny import make_texts

NAMES = ("bad", "good")


class Place:
    """A workspace with 60 texts, ids of the user's own among them, and answers to be written."""

    def __init__(self, root: Path) -> None:
        for folder in ("notebooks", "params", "reports"):
            (root / folder).mkdir()
        (root / "notebooks" / "train.ipynb").write_text("{}", encoding="utf-8")
        rows = [
            (f"{n:03}", f"{text} {n}", NAMES[int(label == "positive")])
            for n, (text, label) in enumerate(make_texts(60))
        ]
        pd.DataFrame(rows, columns=["review", "text", "label"]).to_csv(root / "texts.csv", index=False)
        self.root, self.workspace = root, Workspace(root)
        self.data = pd.read_csv(root / "texts.csv", dtype=str)
        self.entry = "{kind: imported, file: answers.csv}"

    def experiment(self, entry: str | None = None) -> Experiment:
        file = self.root / "params" / "small.yaml"
        file.write_text(
            "data: {source: texts.csv, split: {train: 20, validation: 20, test: 20}}\nmodel: unused\nseeds: [1, 2]\n"
            f"methods:\n  majority: {{}}\n  tfidf: {{}}\n  api: {entry or self.entry}\ncompare: {{reference: tfidf}}\n",
            encoding="utf-8",
        )
        return load_experiment(file, shown_as="params/small.yaml", root=self.root)

    def run(self, method: str = "api", entry: str | None = None) -> Run:
        return resolve(Request(method=method, seed=1), self.experiment(entry), workspace=self.workspace)

    def made(self, method: str, entry: str | None = None) -> TrainingRun:
        run = TrainingRun(self.run(method, entry), self.experiment(entry), workspace=self.workspace)
        run.load_data()
        run.build_model()
        run.fit()
        run.finish()
        return run

    def told(self, split: str = "test") -> pd.DataFrame:
        """Return what `bakeoff texts` writes, with the right answers beside it."""
        file = self.root / "out.csv"
        file.unlink(missing_ok=True)
        options = parse(["texts", str(self.root / "params" / "small.yaml"), "--split", split, "--output", str(file)])
        assert options.run(options) == 0
        frame = pd.read_csv(file, dtype=str)
        assert list(frame) == ["item_id", "text"]
        return frame.merge(self.data, on="text")

    def write(self, frame: pd.DataFrame, name: str = "answers.csv") -> None:
        file = self.root / name
        if file.suffix == ".parquet":
            frame.to_parquet(file)
        elif file.suffix == ".jsonl":
            frame.to_json(file, orient="records", lines=True)
        else:
            frame.to_csv(file, index=False)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    found = Place(tmp_path)
    (tmp_path / "answers.csv").write_text("item_id,label\n", encoding="utf-8")
    found.experiment()
    return found


@pytest.mark.parametrize("name", ["answers.csv", "answers.jsonl", "answers.parquet"])
def test_right_answers_are_right_in_every_kind_of_file(place: Place, name: str) -> None:
    place.write(place.told().sample(frac=1, random_state=0), name)
    record = place.made("api", f"{{kind: imported, file: {name}}}").record
    assert record is not None
    assert record.test is not None
    assert record.test.metrics["accuracy"] == 1
    assert "log_loss" not in record.test.metrics
    assert (record.validation, record.cost, record.trained, record.deterministic) == (None, None, False, True)
    assert "logits" not in pd.read_parquet(place.workspace.run_folder("small", record.run_id).predictions)
    with pytest.raises(BadValue, match="made elsewhere"):
        find_run(record.run_id, place.workspace)


@pytest.mark.parametrize(("odd", "told"), [(["bad", "good"], r"\['bad', 'good'\]. is no class"), ([], "there is none")])
def test_answers_in_lists_are_read_where_each_has_one(place: Place, odd: object, told: str) -> None:
    """As a language model writes them; a list of two or none ended the command with a fault of its own."""
    frame = place.told()
    frame["label"] = [[one] for one in frame["label"]]
    place.write(frame, "answers.jsonl")
    entry = "{kind: imported, file: answers.jsonl}"
    record = place.made("api", entry).record
    assert record is not None
    assert record.test is not None
    assert record.test.metrics["accuracy"] == 1
    frame["label"] = [odd if n == 3 else one for n, one in enumerate(frame["label"])]
    place.write(frame, "answers.jsonl")
    with pytest.raises(BadValue, match=f"1 answers are of no class.*{told}"):
        preflight(place.experiment(entry), place.workspace)


@pytest.mark.parametrize("key", ["review", "text"])
def test_a_column_of_the_data_or_the_text_itself_says_which(place: Place, key: str) -> None:
    frame = place.told()
    wrong = frame["label"].map({"bad": "good", "good": "bad"}).where(frame.index < 5, frame["label"])
    place.write(frame.assign(label=wrong)[[key, "label"]])
    record = place.made("api", f"{{kind: imported, file: answers.csv, key: {key}}}").record
    assert record is not None
    assert record.test is not None
    assert record.test.metrics["accuracy"] == 0.75


def test_probabilities_give_log_loss_and_validation_is_used_where_it_is_there(place: Place) -> None:
    frame = pd.concat([place.told(), place.told("validation")])
    chances = np.where(frame["label"] == "good", 0.75, 0.25)
    place.write(frame.assign(p_good=chances, p_bad=1 - chances)[["item_id", "p_good", "p_bad"]])
    record = place.made("api", "{kind: imported, file: answers.csv, probabilities: 'p_{label}'}").record
    assert record is not None
    assert record.test is not None
    assert record.validation is not None
    assert record.test.metrics["log_loss"] == pytest.approx(-np.log(0.75))
    assert record.validation.metrics["accuracy"] == 1


def test_answers_for_other_texts_are_passed_over(place: Place) -> None:
    """Be they of no class, for texts that take no part, or for some of the validation texts only."""
    validation = place.told("validation")[["review", "text", "label"]]
    asked = {*place.told()["text"], *validation["text"]}
    others, some = place.data[~place.data["text"].isin(asked)].assign(label="unsure"), validation[:5]
    for key in ("review", "text"):
        place.write(
            pd.concat([place.told()[["review", "text", "label"]], some, others])[[key, "label"]].drop_duplicates(key)
        )
        record = place.made("api", f"{{kind: imported, file: answers.csv, key: {key}}}").record
        assert record is not None
        assert record.test is not None
        assert (record.test.metrics["accuracy"], record.validation) == (1, None)


def test_a_key_that_texts_share_is_refused(place: Place) -> None:
    """Two answers counted as fifty."""
    shared = place.data.assign(topic=place.data["label"].map({"bad": "x", "good": "y"}))
    shared.to_csv(place.root / "texts.csv", index=False)
    place.write(pd.DataFrame({"topic": ["x", "y"], "label": ["bad", "good"]}))
    with pytest.raises(BadValue, match=r"'topic' is the same for 20 of 20 test texts, '[xy]' the first") as caught:
        preflight(place.experiment("{kind: imported, file: answers.csv, key: topic}"), place.workspace)
    assert caught.value.setting == "methods.api.key"


@pytest.mark.parametrize("begins", ["\t", "\r", "=", "\r\n", " +"])
def test_texts_with_breaks_and_signs_come_back_as_they_went(place: Place, begins: str) -> None:
    place.data["text"] = [f"{begins}{text}\rand on" for text in place.data["text"]]
    place.data.to_json(place.root / "texts.jsonl", orient="records", lines=True)
    experiment = place.root / "params" / "small.yaml"
    file = place.root / "out.csv"
    for key in ("text", "item_id"):
        (place.root / "answers.jsonl").touch()
        place.experiment(f"{{kind: imported, file: answers.jsonl, key: {key}}}")
        experiment.write_text(experiment.read_text().replace("texts.csv", "texts.jsonl"), encoding="utf-8")
        options = parse(["texts", str(experiment), "--output", str(file)])
        assert options.run(options) == 0
        frame = pd.read_csv(file, dtype=str)
        file.unlink()
        assert len(frame) == 20
        place.write(frame.assign(label="good"), "answers.jsonl")  # csv of pandas has no quotes around "\\r"
        preflight(load_experiment(experiment, root=place.root), place.workspace)


def test_of_equal_probabilities_the_label_decides(place: Place) -> None:
    place.write(place.told().assign(p_good=0.5, p_bad=0.5))
    record = place.made("api", "{kind: imported, file: answers.csv, probabilities: 'p_{label}'}").record
    assert record is not None
    assert record.test is not None
    assert record.test.metrics["accuracy"] == 1
    assert record.test.metrics["log_loss"] == pytest.approx(np.log(2), rel=1e-4)


def test_the_report_has_it_in_its_tests_and_no_cost_of_it(place: Place) -> None:
    place.write(place.told())
    for method in ("majority", "tfidf", "api"):
        place.made(method)
    shown = view("params/small.yaml", workspace=place.workspace)
    table = shown.summary()
    (row,) = [row for row in table.rows if row[0] == "api"]
    assert row[-5:] == ("\N{EN DASH}",) * 5
    assert "What it took is not measured here: api." in table.note
    for name in dir(shown):
        found = getattr(type(shown), name, None)
        if not name.startswith("_") and callable(found) and found.__code__.co_argcount == 1:
            getattr(shown, name)()


def test_the_content_of_the_file_is_part_of_the_run(place: Place) -> None:
    place.write(place.told())
    first = place.run().run_id
    assert place.run().run_id == first
    place.write(place.told().iloc[::-1])
    assert place.run().run_id != first


Change = Callable[[pd.DataFrame], pd.DataFrame]
BROKEN: dict[str, tuple[str, Change, str, str]] = {
    "missing": ("", lambda f: f[3:], "file", r"3 of 20 test texts have no answer, '\d+' the first"),
    "doubled": ("", lambda f: pd.concat([f, f[:2]]), "file", r"2 texts are answered more than once, '\d+' the first"),
    "unknown": ("", lambda f: f.assign(item_id="9999"), "key", r"20 are of no text, '9999' the first"),
    "blank": ("", lambda f: f.assign(item_id=f["item_id"].where(f.index > 0)), "key", r"1 rows of the file have none"),
    "label": ("", lambda f: f.assign(label="goood"), "label", r"20 answers are of no class.*'goood'.*mean 'good'"),
    "empty": ("", lambda f: f.assign(label=f["label"].where(f.index > 0)), "label", r"1 answers.*there is none"),
    "no label": ("", lambda f: f.drop(columns="label"), "label", r"unknown column 'label'"),
    "no key": (", key: film", lambda f: f.assign(film=1), "key", r"unknown column of the data 'film'"),
    "no column": (", key: reviev", lambda f: f, "key", r"unknown column 'reviev'.*did you mean 'review'"),
    "pattern": (", probabilities: p_", lambda f: f, "probabilities", r"'p_' has no \{label\} in it"),
    "no class's": (", probabilities: 'p_{label}'", lambda f: f, "probabilities", r"unknown column 'p_bad'"),
    "sum": (
        ", probabilities: 'p_{label}'", lambda f: f.assign(p_bad=0.9, p_good=0.9), "probabilities",
        r"20 answers have no probabilities that sum up to one",
    ),
    "apart": (
        ", probabilities: 'p_{label}'", lambda f: f.assign(p_bad=0.9, p_good=0.1), "probabilities",
        r"\d+ answers are not the likeliest class",
    ),
    "a list": (", label: [label, text]", lambda f: f, "label", "nothing to choose"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_one_line_before_anything_runs(place: Place, what: str) -> None:
    more, change, key, says = BROKEN[what]
    place.write(change(place.told()))
    experiment = place.experiment(f"{{kind: imported, file: answers.csv{more}}}")
    with pytest.raises(InputError, match=says) as caught:
        preflight(experiment, place.workspace)
    assert caught.value.setting == f"methods.api.{key}"
    assert caught.value.exit_status == 2
    assert "\n" not in str(caught.value)
    assert not list((place.root / "reports").iterdir())


@pytest.mark.parametrize(
    ("entry", "says"),
    [("{kind: imported}", "no file of answers is named"), ("{kind: imported, file: none.csv}", "no such file")],
)
def test_a_file_has_to_be_named_and_there(place: Place, entry: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        place.run(entry=entry)
    assert str(caught.value).startswith("params/small.yaml")


def test_texts_are_written_without_labels_or_refused(place: Place) -> None:
    def said(output: str) -> Any:
        options = parse(["texts", "params/small.yaml", "--output", output])
        return options.run(options)

    assert said("lines.jsonl") == 0
    assert set(pd.read_json("lines.jsonl", lines=True)) == {"item_id", "text"}
    with pytest.raises(BadValue, match="does not end in"):
        said("texts.txt")
    before = Path("texts.csv").read_bytes()
    for there in ("texts.csv", "lines.jsonl"):
        with pytest.raises(BadValue, match="is there already, and would be written over"):
            said(there)
    assert Path("texts.csv").read_bytes() == before
    Path("folder.csv").mkdir()
    with pytest.raises(BadValue, match="is a folder"):
        said("folder.csv")
    with pytest.raises(BadValue, match="bytes between two slashes"):
        said("x" * 300 + ".csv")
