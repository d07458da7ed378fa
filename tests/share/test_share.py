"""A shared report says nothing of the machine it was made on, and standard tools read what it says of itself."""

from __future__ import annotations

import html
import io
import json
import platform
import re
import shutil
import sys
import zipfile
from pathlib import Path
from urllib.parse import quote, unquote

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bakeoff import cli
from bakeoff.runs.record import Record, read_record
from bakeoff.share.scrub import scrubber
from bakeoff.system.digests import sha256_of
from written import write_report

HOST, USER, TOKEN, PASSWORD = "annas-laptop", "annakarenina", "hf_PlantedPlantedPlanted", "planted-password-1877"
PLANTED = (HOST, USER, TOKEN, PASSWORD, "/home/", r"C:\Users", "C:\\\\Users")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a report with something private in every kind of file."""
    root = tmp_path_factory.mktemp("share")
    workspace, folder = write_report(root)
    private = (
        f"{root}/params/groups.yaml /home/{USER}/models/x C:\\Users\\{USER}\\x of {HOST}, by {USER} with {TOKEN}, "
        f"https://me:{PASSWORD}@host/x {PASSWORD} {sys.prefix}/lib"
    )
    for path in (folder / "report.html", root / "params" / "groups.yaml"):
        path.write_text(path.read_text(encoding="utf-8") + f"\n# {private}\n", encoding="utf-8")
    run = next(iter(sorted((folder / "runs").glob("lora-*"))))
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    record["command"] += f" -p model {private}"
    (run / "record.json").write_text(json.dumps(record), encoding="utf-8")
    cell = new_code_cell(private, outputs=[new_output("stream", name="stdout", text=private)])
    nbformat.write(new_notebook(cells=[cell]), run / "notebook.ipynb")
    frame = pd.read_parquet(folder / "records.parquet")
    frame.loc[0, "command"] = private
    frame.to_parquet(folder / "records.parquet", index=False)
    state = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    state["outputs"] |= {name: sha256_of(folder / name) for name in ("report.html", "records.parquet")}
    (folder / "report.json").write_text(json.dumps(state), encoding="utf-8")
    return workspace, folder


@pytest.fixture
def shared(made, tmp_path, monkeypatch) -> Path:
    """Share the report as its user on its machine would; return the zip."""
    monkeypatch.chdir(made[0].root)
    monkeypatch.setattr(platform, "node", lambda: f"{HOST}.example.org")
    monkeypatch.setenv("LOGNAME", USER)
    monkeypatch.setenv("DATABASE_PASSWORD", PASSWORD)
    assert cli.main(["share", "reports/groups", "--output", str(tmp_path / "study.zip")]) == 0
    return tmp_path / "study.zip"


def several(value) -> list:
    return value if isinstance(value, list) else [value]


def contents(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_nothing_private_is_in_any_file(made, shared) -> None:
    root = str(made[0].root)
    for name, content in contents(shared).items():
        texts = [name, content.decode("utf-8", "replace")]
        if name.endswith(".parquet"):
            frame = pd.read_parquet(io.BytesIO(content))
            texts += [str(one) for column in frame for one in frame[column] if isinstance(one, str)]
        for text in texts:
            assert [word for word in (*PLANTED, root, sys.prefix) if word in text] == [], name


def test_report_records_notebooks_and_experiment_file_are_in_it(made, shared, capsys) -> None:
    found = contents(shared)
    runs = {path.name for path in (made[1] / "runs").iterdir() if path.is_dir()}
    assert {name.split("/")[1] for name in found if name.startswith("runs/")} == runs
    assert {"report.html", "summary.csv", "pairs.csv", "records.parquet", "params/groups.yaml"} <= {*found}
    assert [name for name in found if name.endswith("notebook.ipynb")]
    assert "params/groups.yaml" in found["report.html"].decode()
    assert "report.pdf" not in found, "its text cannot be scrubbed"


def test_records_are_still_records_and_the_zip_can_be_held_against_the_report(made, shared, tmp_path, capsys) -> None:
    with zipfile.ZipFile(shared) as archive:
        archive.extractall(tmp_path / "out")
    files = sorted((tmp_path / "out" / "runs").glob("*/record.json"))
    assert len([read_record(file) for file in files]) == len(files) == 10
    assert cli.main(["diff", str(shared), "reports/groups"]) == 0
    told = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert "report.pdf" not in told["outputs"]


@pytest.mark.parametrize("user", ["seed", "cells", "lora", "runs", "text", "groups"])
def test_a_user_called_like_a_word_of_the_files_spoils_none(made, tmp_path, monkeypatch, user: str) -> None:
    monkeypatch.chdir(made[0].root)
    monkeypatch.setenv("LOGNAME", user)
    monkeypatch.setenv("DATABASE_PASSWORD", PASSWORD)
    assert cli.main(["share", "reports/groups", "--output", str(tmp_path / "study.zip")]) == 0
    found = contents(tmp_path / "study.zip")
    records = [Record.model_validate_json(content) for name, content in found.items() if name.endswith("record.json")]
    assert {"lora", "full"} <= {record.method for record in records}
    assert all(json.loads(content)["cells"] for name, content in found.items() if name.endswith(".ipynb"))


def test_the_same_report_gives_the_same_bytes(made, shared, tmp_path) -> None:
    assert cli.main(["share", "params/groups.yaml", "--output", str(tmp_path / "again.zip")]) == 0
    assert (tmp_path / "again.zip").read_bytes() == shared.read_bytes()


def test_a_pdf_goes_along_where_the_page_names_nothing_private(tmp_path, monkeypatch, capsys) -> None:
    workspace, _ = write_report(tmp_path / "plain")
    monkeypatch.chdir(workspace.root)
    assert cli.main(["share", "reports/groups"]) == 0
    assert "left out" not in capsys.readouterr().out
    assert contents(Path("groups.zip"))["report.pdf"].startswith(b"%PDF")


def test_half_a_report_is_not_shared_and_an_old_one_is_called_so(tmp_path, monkeypatch, capsys) -> None:
    """As after a kill between its page and its tables, and after runs that came later."""
    workspace, folder = write_report(tmp_path / "plain")
    monkeypatch.chdir(workspace.root)
    page = (folder / "report.html").read_bytes()
    (folder / "report.html").write_bytes(page.replace(b"report", b"rapport"))
    assert cli.main(["share", "reports/groups"]) == 2
    said = "report.html: not the file that was written with this report; `bakeoff report params/groups.yaml` writes it"
    assert capsys.readouterr().err.startswith(f"bakeoff: {said} anew")
    assert not Path("groups.zip").exists()
    (folder / "report.html").write_bytes(page)
    shutil.rmtree(next((folder / "runs").glob("lora-*")))
    assert cli.main(["share", "reports/groups"]) == 0
    assert "the report is of an earlier state; changed since: records, " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reports/groups", "--output", "study.tar"], "--output: 'study.tar' does not end in .zip"),
        (["reports/groups", "--output", "folder.zip"], "--output: folder.zip is a folder; name a file"),
        (
            ["reports/groups", "--output", "other.zip"],
            "--output: other.zip is there already, and would be written over; name a new file",
        ),
        (
            ["reports/groups", "--license", "MIT"],
            "--license: 'MIT' is no address, such as https://spdx.org/licenses/MIT",
        ),
        (["reports/groups", "--license", "javascript:alert(1)//://x"], "--license: 'javascript:alert(1)//://x' is no"),
        (
            ["reports/groups", "--license", "https://me:s3cret@host/licence"],
            "--license: holds a password or a token, which whoever gets the report would read",
        ),
        (["reports/grups"], "reports/grups: no such experiment file"),
    ],
)
def test_what_cannot_be_used_is_one_line(made, monkeypatch, capsys, words: list[str], said: str) -> None:
    monkeypatch.chdir(made[0].root)
    Path("folder.zip").mkdir(exist_ok=True)
    with zipfile.ZipFile("other.zip", "w") as archive:
        archive.writestr("reviews.csv", "text,label\n")
    assert cli.main(["share", *words]) == 2
    assert capsys.readouterr().err.startswith(f"bakeoff: {said}")


def test_names_are_replaced_as_words_only_and_common_ones_never(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(platform, "node", lambda: "vm")
    monkeypatch.setenv("LOGNAME", "root")
    assert scrubber(tmp_path)("the root of vm") == "the root of vm"
    monkeypatch.setattr(platform, "node", lambda: HOST)
    scrub = scrubber(tmp_path)
    assert scrub(f"{HOST}, {HOST}s, my-{HOST}") == f"host, {HOST}s, my-{HOST}"
    assert scrub.left(HOST) == [HOST]


def test_a_path_is_hidden_however_it_is_spelled(tmp_path) -> None:
    """By HTML, JSON, Python and addresses, in a workspace whose name has what each of them spells otherwise."""
    root = tmp_path / "Frau Müller & Söhne's (2)"
    scrub = scrubber(root)
    for spelled in (str, html.escape, json.dumps, ascii, repr, quote, lambda path: json.dumps(html.escape(path))):
        told = scrub(f"in {spelled(f'{root}/texts.csv')} of {spelled(str(root))}")
        assert "ller" not in told, told
        assert "texts.csv" in told
        assert not scrub.left(told)
    assert scrub.left(quote(str(root)))


@pytest.mark.parametrize("end", ["...", "\N{HORIZONTAL ELLIPSIS}", '"'])
def test_a_path_that_was_cut_is_hidden_as_well(tmp_path, end: str) -> None:
    root = tmp_path / "geheimprojekt-mueller" / "studie"
    root.mkdir(parents=True)
    hide = scrubber(root, ["file:///srv/klinik/ablage/x", "/srv/klinik/geheim/patienten.csv"])
    for cut in (f"{root}"[:-9], f"{root}"[:-20], "/srv/klinik/geheim/pat", "/srv/klinik/gehe"):
        text = f'"it failed: data.source={cut}{end}'
        said = hide(text)
        assert said.startswith('"it failed: data.source=(cut)')
        assert not hide.left(said)
        assert hide.left(text)
    assert "klinik" not in hide("store: file:///srv/klinik/ablage/x")
    assert hide("/srv/klinik/garten/x") == "/srv/klinik/garten/x"


def test_what_an_experiment_names_out_of_its_workspace_is_hidden_but_for_its_last_part(tmp_path) -> None:
    named = ["/srv/ward 7/patients.csv", "/data/texts.csv", "/", "bundled:minilm-l6", "text", "x" * 5000, "\0", "../x"]
    scrub = scrubber(tmp_path / "study", named)
    assert scrub("/srv/ward 7/patients.csv, /srv/ward%207, a/b, text, /data") == (
        "<elsewhere>/patients.csv, <elsewhere>, a/b, text, /data"
    )
    assert scrub("/data/texts.csv") == "<elsewhere>/texts.csv"


# metadata ------------------------------------------------------------------------------------------------------------


def test_the_crate_names_every_file_and_every_run_as_its_profile_demands(made, shared) -> None:
    """What roc-validator calls required of RO-Crate 1.1 and Process Run Crate 0.5, and more of actions.

    It fetches contexts from the network and wants another version of rich, so its rules are spelled out here.
    """
    found = contents(shared)
    told = json.loads(found["ro-crate-metadata.json"])
    entities = {one["@id"]: one for one in told["@graph"]}
    assert len(entities) == len(told["@graph"])
    head, root = entities["ro-crate-metadata.json"], entities["./"]
    assert (head["about"], head["conformsTo"]) == ({"@id": "./"}, {"@id": "https://w3id.org/ro/crate/1.1"})
    for key in ("name", "description", "datePublished", "license"):
        assert root[key]
    assert any(one["@id"].startswith("https://w3id.org/ro/wfrun/process/") for one in several(root["conformsTo"]))
    assert {unquote(one["@id"]) for one in root["hasPart"]} == {*found} - {"ro-crate-metadata.json"}
    actions = [one for one in told["@graph"] if one["@type"] == "CreateAction"]
    assert len(actions) == len([name for name in found if name.endswith("record.json")])
    assert {one["@id"] for one in root["mentions"]} == {one["@id"] for one in actions}
    for action in actions:
        assert entities[action["instrument"]["@id"]]["@type"] == "SoftwareApplication"
        assert re.match(r"\d{4}-\d\d-\d\dT", action["endTime"])
        assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
        assert {one["@id"] for one in (*several(action["object"]), *several(action["result"]))} <= {*entities}
    references = re.findall(r'\{"@id": "([^"]+)"\}', json.dumps(told["@graph"]))
    assert {one for one in references if one not in entities} <= {"https://w3id.org/ro/crate/1.1"}
    sizes = {unquote(key): one["contentSize"] for key, one in entities.items() if one["@type"] == "File"}
    assert sizes == {name: str(len(one)) for name, one in found.items() if name != "ro-crate-metadata.json"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what mlcroissant uses
def test_the_tables_are_a_valid_croissant_data_set_and_are_read_as_one(shared, tmp_path) -> None:
    import mlcroissant

    with zipfile.ZipFile(shared) as archive:
        archive.extractall(tmp_path / "set")
    dataset = mlcroissant.Dataset(jsonld=str(tmp_path / "set" / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    first = next(iter(dataset.records("predictions")))
    assert first["predictions/method"] in (b"majority", "majority")
    frame = pd.read_parquet(tmp_path / "set" / "predictions.parquet")
    assert {one.name for one in dataset.metadata.record_sets[1].fields} == {*frame.columns}


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_a_hostile_folder_has_no_file_of_this_machine_shared(tmp_path, monkeypatch) -> None:
    """Whoever shares the report of another gives away nothing by the names and links in it."""
    workspace, folder = write_report(tmp_path / "study")
    secret = "the key of somebody"
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("keys.json", "log.txt", "record.json", "picture.svg", "picture.png"):
        (outside / name).write_text(json.dumps(secret), encoding="utf-8")
    pd.DataFrame({"word": [secret]}).to_parquet(outside / "words.parquet")
    state = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    named = ("words.parquet", "keys.json", "picture.svg", "picture.png", "report.pdf")
    state["outputs"] |= {f"../../../outside/{name}": "0" for name in named}
    state["outputs"] |= {str(outside / name): "0" for name in named}
    state["outputs"] |= {"figures/picture.svg": "0", "figures/picture.png": "0"}
    (folder / "report.json").write_text(json.dumps(state), encoding="utf-8")
    (folder / "choices").mkdir(exist_ok=True)
    (folder / "figures").mkdir(exist_ok=True)
    run = next(iter((folder / "runs").glob("lora-*")))
    links = {"choices/keys.json": "keys.json", "summary.tex": "log.txt", "looks.jsonl": "log.txt"}
    links |= {f"figures/picture.{kind}": f"picture.{kind}" for kind in ("svg", "png")}
    links |= {f"runs/{run.name}/epochs.jsonl": "log.txt", "predictions.parquet": "words.parquet"}
    for name, target in links.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(outside / target)
    monkeypatch.chdir(workspace.root)
    assert cli.main(["share", "reports/groups", "--output", str(tmp_path / "study.zip")]) == 0
    found = contents(tmp_path / "study.zip")
    assert "report.html" in found
    assert [name for name in found if ".." in name or name.startswith("/")] == []
    assert [name for name, content in found.items() if secret.encode() in content] == []
    assert not {*links} & {*found}


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_a_link_to_a_report_is_followed_and_one_in_it_is_left_out_with_a_line(tmp_path, monkeypatch, capsys) -> None:
    """Where runs lie on another disk: nothing was said of them, but that they had changed."""
    workspace, folder = write_report(tmp_path / "plain")
    monkeypatch.chdir(workspace.root)
    (folder / "runs").rename(tmp_path / "runs")
    (folder / "runs").symlink_to(tmp_path / "runs")
    assert cli.main(["share", "reports/groups", "--output", "linked.zip"]) == 0
    said = capsys.readouterr().out
    assert "(a link leads to them, out of the report's folder)" in said
    assert "changed since" not in said
    (folder / "runs").unlink()
    (tmp_path / "runs").rename(folder / "runs")
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert cli.main(["share", "reports/groups", "--output", "whole.zip"]) == 0
    assert "left out" not in capsys.readouterr().out
    found = contents(Path("whole.zip"))
    assert [name for name in found if name.endswith("record.json")]
    assert not [name for name in contents(Path("linked.zip")) if name.endswith("record.json")]


@pytest.mark.parametrize("word", ["training", "metadata", "accuracy", "untrained", "conformsTo"])
def test_a_secret_that_is_a_word_of_the_files_spoils_none(tmp_path, monkeypatch, capsys, word: str) -> None:
    workspace, _ = write_report(tmp_path / "plain")
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("APP_DB_PASSWORD", word)
    status = cli.main(["share", "reports/groups"])
    said = capsys.readouterr().err
    if status:
        assert said.endswith(
            "unset a variable (..._PASSWORD, ..._KEY, ..._TOKEN) that holds a common word; nothing is written\n"
        )
        assert not Path("groups.zip").exists()
    else:
        assert word != "conformsTo"
        for name, content in contents(Path("groups.zip")).items():
            if name.endswith("record.json"):
                Record.model_validate_json(content)
