"""What has changed between two reports: settings, methods, verdicts, numbers; none is status 0."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from bakeoff import cli
from bakeoff.diff.changes import changes
from bakeoff.diff.side import find_side
from bakeoff.errors import Unparsable
from bakeoff.system import digests
from written import write_report


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write_report(tmp_path_factory.mktemp("diff"))


@pytest.fixture
def other(made, tmp_path) -> Path:
    """Return a copy of the report's folder that a test may change."""
    return shutil.copytree(made[1], tmp_path / "other")


def changed(file: Path, change) -> None:
    """Rewrite a table or report.json; change: is given what it holds, and changes it or returns another table."""
    if file.suffix == ".json":
        held = json.loads(file.read_text(encoding="utf-8"))
        change(held)
        file.write_text(json.dumps(held), encoding="utf-8")
    else:
        frame = pd.read_csv(file)
        made = change(frame)
        (frame if made is None else made).to_csv(file, index=False)


def sides(made, other: Path):
    return [find_side(str(path), lambda: made[0]) for path in (made[1], other)]


def test_a_report_and_its_records_are_the_same(made, other, monkeypatch, capsys) -> None:
    monkeypatch.chdir(made[0].root)
    assert cli.main(["diff", "reports/groups", str(other / "report.json")]) == 0
    assert capsys.readouterr().out == "The same settings, methods, verdicts and numbers.\n"
    assert cli.main(["diff", str(other), "params/groups.yaml"]) == 0


def test_every_kind_of_change_is_found(made, other, monkeypatch, capsys, tmp_path) -> None:
    def settings(state) -> None:
        state["declared"]["compare.alpha"] = 0.1
        state["declared"]["methods.full.options.epochs"] = 9
        del state["declared"]["data.max_length"]
        state["inputs"]["records"] = "0"

    def summary(frame):
        place = frame.index[frame["method"] == "full"][0]
        frame.loc[place, "macro_f1_test_mean"] += 0.0123
        frame.loc[place, "train_s_mean"] *= 2
        return frame[frame["method"] != "tfidf"]

    def pairs(frame) -> None:
        frame.loc[0, "verdict"] = "worse"

    changed(other / "report.json", settings)
    changed(other / "summary.csv", summary)
    changed(other / "pairs.csv", pairs)
    found = changes(*sides(made, other))
    assert {(one.name, one.before, one.after) for one in found.settings} == {
        ("compare.alpha", 0.05, 0.1), ("methods.full.options.epochs", 2, 9), ("data.max_length", 32, None),
    }  # fmt: skip
    assert found.inputs == ("records",)
    assert [(one.name, one.before, one.after) for one in found.methods] == [("tfidf", "there", None)]
    first = pd.read_csv(made[1] / "pairs.csv").loc[0]
    (verdict,) = found.verdicts
    assert (verdict.name, verdict.against, verdict.before, verdict.after) == (
        first["first"], first["second"], first["verdict"], "worse",
    )  # fmt: skip
    assert [(one.what, one.name) for one in found.numbers] == [("full", "macro_f1_test_mean")]
    assert [(one.what, one.name) for one in found.costs] == [("full", "train_s_mean")]

    monkeypatch.chdir(made[0].root)
    page = tmp_path / "diff.html"
    assert cli.main(["diff", "reports/groups", str(other), "--html", str(page)]) == 1
    out = capsys.readouterr().out
    assert "Made from other inputs: records." in out
    assert any(line.split() == ["full", "macro-F1", *line.split()[2:6], "+1.23", "pp"] for line in out.splitlines())
    assert "+100.0\N{NO-BREAK SPACE}%" in out
    html = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    captions = [one.get_text() for one in html.select("caption")]
    assert captions == [
        "Settings that differ.", "Methods that only one of the two has.", "Verdicts that differ.",
        "Numbers that differ.", "Costs that differ.",
    ]  # fmt: skip
    assert "compare.alpha" in html.get_text()


def test_it_speaks_the_language_of_the_reports(made, other, monkeypatch, capsys, tmp_path) -> None:
    """Text and page are Russian to the last word but names and settings, with Russian numbers."""

    def spoken(state) -> None:
        state["language"] = "ru"
        state["declared"]["compare.alpha"] = 0.1
        state["inputs"] = dict.fromkeys(state["inputs"], "0")

    def summary(frame):
        place = frame.index[frame["method"] == "full"][0]
        frame.loc[place, ["macro_f1_test_mean", "train_s_mean", "runs"]] += [-0.0123, 1000, 1]
        return frame[frame["method"] != "tfidf"]

    changed(other / "report.json", spoken)
    changed(other / "summary.csv", summary)
    changed(other / "pairs.csv", lambda frame: frame.assign(verdict="not settled"))
    monkeypatch.chdir(made[0].root)
    page = tmp_path / "diff.html"
    assert cli.main(["diff", "reports/groups", str(other), "--html", str(page)]) == 1
    out = capsys.readouterr().out
    html = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert html.html["lang"] == "ru"
    for element in html.select("script, style"):
        element.decompose()
    assert "\N{MINUS SIGN}1,23" in out
    assert "не установлено" in out
    known = {*pd.read_csv(made[1] / "summary.csv")["method"], "macro-F1", "compare.alpha", "bakeoff", "CSV", "LaTeX",
             "Markdown"}  # fmt: skip
    for text in (out.partition("\nwritten: ")[0], html.main.get_text(" ")):
        words = re.findall(r"[A-Za-z][\w.-]*", text.replace(str(other), "").replace("reports/groups", ""))
        assert {*words} <= known, {*words} - known


def test_verdicts_are_held_together_whichever_method_stands_first(made, other) -> None:
    def turned(frame) -> None:
        frame["first"], frame["second"] = frame["second"].copy(), frame["first"].copy()
        words = {"better": "worse", "worse": "better", "better, negligibly": "worse, negligibly"}
        frame["verdict"] = [words.get(one, one) for one in frame["verdict"]]

    changed(other / "pairs.csv", turned)
    assert not changes(*sides(made, other)).verdicts
    assert {"better", "worse"} & {*pd.read_csv(other / "pairs.csv")["verdict"]}


def test_settings_of_a_method_that_is_gone_are_not_listed(made, other) -> None:
    def gone(state) -> None:
        state["declared"] = {key: v for key, v in state["declared"].items() if not key.startswith("methods.tfidf.")}

    changed(other / "report.json", gone)
    changed(other / "summary.csv", lambda frame: frame[frame["method"] != "tfidf"])
    found = changes(*sides(made, other))
    assert (found.settings, len(found.methods)) == ((), 1)


def test_a_report_of_an_earlier_version_has_no_settings_to_compare(made, other, monkeypatch, capsys) -> None:
    changed(other / "report.json", lambda state: state.pop("declared"))
    monkeypatch.chdir(made[0].root)
    assert cli.main(["diff", str(other), "reports/groups"]) == 0
    assert "Settings are not compared" in capsys.readouterr().out


def test_a_page_is_written_over_no_other_file(made, monkeypatch, capsys) -> None:
    monkeypatch.chdir(made[0].root)
    assert cli.main(["diff", "reports/groups", "reports/groups", "--html", "params/groups.yaml"]) == 2
    assert capsys.readouterr().err == "bakeoff: --html: 'params/groups.yaml' does not end in .html\n"
    before = made[1].joinpath("report.html").read_bytes()
    page = "reports/groups/report.html"
    assert cli.main(["diff", "reports/groups", "reports/groups", "--html", page]) == 2
    told = f"bakeoff: --html: {page} is there already, and would be written over; name a new file\n"
    assert capsys.readouterr().err == told
    assert made[1].joinpath("report.html").read_bytes() == before
    for _ in range(2):  # one of its own is written anew
        assert cli.main(["diff", "reports/groups", "reports/groups", "--html", "page.html"]) == 0


@pytest.mark.parametrize("names", [("nan", "null"), ("true", "false"), ("inf", "NA")])
def test_methods_may_be_called_as_csv_spells_what_is_missing(made, other, monkeypatch, capsys, names) -> None:
    for file in ("summary.csv", "pairs.csv"):
        text = (other / file).read_text(encoding="utf-8")
        first, second = pd.read_csv(io.StringIO(text)).iloc[:, 0].unique()[:2]
        for old, new in zip((first, second), names, strict=True):
            text = re.sub(rf"(?m)(^|,){re.escape(old)}(?=,|$)", rf"\g<1>{new}", text)
        (other / file).write_text(text, encoding="utf-8")
    monkeypatch.chdir(made[0].root)
    assert cli.main(["diff", str(other), str(other)]) == 0
    assert cli.main(["diff", "reports/groups", str(other)]) == 1
    out = capsys.readouterr().out
    assert all(re.search(rf"(?m)^ *{name} ", out) for name in names)


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_a_damaged_zip_is_one_line_however_it_is_packed(made, tmp_path, packed: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", packed) as archive:
        for name in ("report.json", "summary.csv", "pairs.csv"):
            archive.write(made[1] / name, name)
    content = bytearray((tmp_path / "x.zip").read_bytes())
    content[60:300] = bytes(one ^ 0x5A for one in content[60:300])
    (tmp_path / "x.zip").write_bytes(bytes(content))
    with pytest.raises(Unparsable, match=r"x\.zip: (not a zip file|it cannot be unpacked)"):
        find_side(str(tmp_path / "x.zip"), lambda: made[0])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty", "empty: no report: it has no report.json; `bakeoff report` writes it"),
        ("broken", "broken: report.json is not what a report writes"),
        ("gone.zip", "gone.zip: no such file"),
        ("no.zip", "no.zip: not a zip file, or one that is cut off"),
        ("bomb.zip", "bomb.zip: larger than"),
        ("deep", "deep: not what a report writes"),
        ("cut", "cut: pairs.csv is not what a report writes: it has no column verdict"),
        ("twice", "twice: summary.csv is not what a report writes: a row for each method"),
        ("word", "word: summary.csv is not what a report writes: train_s_mean holds what is no number"),
        ("truth", "truth: summary.csv is not what a report writes: runs holds what is no number"),
        ("endless", "endless: summary.csv is not what a report writes: accuracy_test_mean holds what is no number"),
        ("lost", "lost: summary.csv is not what a report writes: it has no column compared_by"),
        ("params/grups.yaml", "params/grups.yaml: no such experiment file; did you mean 'params/groups.yaml'?"),
    ],
)
def test_what_is_no_report_is_one_line(made, monkeypatch, capsys, name: str, said: str) -> None:
    monkeypatch.chdir(made[0].root)
    Path("empty").mkdir(exist_ok=True)
    shutil.copytree("reports/groups", "broken", dirs_exist_ok=True, ignore=shutil.ignore_patterns("runs"))
    Path("broken/report.json").write_text("[1]", encoding="utf-8")
    shutil.copytree("broken", "deep", dirs_exist_ok=True)
    Path("deep/report.json").write_text("[" * 9999, encoding="utf-8")
    Path("no.zip").write_bytes(b"PK")
    for place in ("cut", "twice", "lost", "word", "truth", "endless"):
        shutil.copytree("reports/groups", place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("runs"))
    changed(Path("cut/pairs.csv"), lambda frame: frame.drop(columns="verdict"))
    changed(Path("twice/summary.csv"), lambda frame: pd.concat([frame.head(1)] * 2))
    changed(
        Path("word/summary.csv"),
        lambda frame: frame.astype({"train_s_mean": object}).replace(
            {"train_s_mean": {frame["train_s_mean"][0]: "long"}}
        ),
    )
    changed(Path("truth/summary.csv"), lambda frame: frame.assign(runs=True))
    changed(Path("endless/summary.csv"), lambda frame: frame.assign(accuracy_test_mean=np.inf))
    changed(Path("lost/summary.csv"), lambda frame: frame.drop(columns="compared_by"))
    monkeypatch.setattr(digests, "MOST_BYTES", 10_000)
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", b" " * 10_001)
    assert cli.main(["diff", "reports/groups", name]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"bakeoff: {said}")
    assert err.count("\n") == 1


def test_a_report_of_others_runs_nothing_of_ones_own(made, other, monkeypatch, capsys) -> None:
    """The name of a metric of one's own is that of a module of the workspace: no zip chooses which is run."""
    (made[0].root / "thing.py").write_text("raise SystemExit('run')\n", encoding="utf-8")
    for place, by in ((other, 0.5), (shutil.copytree(other, other.parent / "second"), 0.25)):
        changed(
            place / "summary.csv",
            lambda frame, by=by: frame.assign(compared_by="thing:thing", **{"thing:thing_test_mean": by}),
        )
    changed(other / "report.json", lambda state: state.update(language=["ru"], inputs={"a\x1b[31mb": "0"}))
    monkeypatch.chdir(made[0].root)
    assert cli.main(["diff", str(other), str(other.parent / "second")]) == 1
    out = capsys.readouterr().out
    assert re.search(r"full +thing:thing +0\.500 +0\.250 +.0\.25", out)
    assert "a\\x1b[31mb" in out
    assert "\x1b" not in out
    (made[0].root / "thing.py").unlink()


@pytest.mark.parametrize(("flag", "method", "said"), [(1, 0, "its files are encrypted"), (0, 97, "a way that is not")])
def test_a_zip_that_cannot_be_opened_says_why(made, tmp_path, flag: int, method: int, said: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in ("report.json", "summary.csv", "pairs.csv"):
            archive.write(made[1] / name, name)
    content = (tmp_path / "x.zip").read_bytes()
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for place in [one.start() for one in re.finditer(re.escape(head), content)]:
            told = flag.to_bytes(2, "little") + method.to_bytes(2, "little")
            content = content[: place + flags] + told + content[place + flags + 4 :]
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(Unparsable, match=said):
        find_side(str(tmp_path / "x.zip"), lambda: made[0])
