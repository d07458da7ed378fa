"""What opens doors stands in no message and in no log of faults."""

from __future__ import annotations

import pytest

from bakeoff import cli
from bakeoff.errors import redacted


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no data 'https://me:s3cret@host/x.csv'", "no data 'https://***@host/x.csv'"),
        ("postgres://me@host/db and ftp://a:b@c/d", "postgres://***@host/db and ftp://***@c/d"),
        ("token hf_abcdefghijklmnopqrstuv is bad", "token *** is bad"),
        ("ghp_abcdefghijklmnopqrstuv", "***"),
        (
            "owner/name@revision, reviews@host, hf://owner/name@main",
            "owner/name@revision, reviews@host, hf://owner/name@main",
        ),
        ("hf_short and sk-learn stay", "hf_short and sk-learn stay"),
    ],
)
def test_a_message_hides_what_opens_doors(said: str, shown: str) -> None:
    assert redacted(said) == shown


def test_neither_the_console_nor_the_log_of_faults_has_it(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("BAKEOFF_CACHE", str(tmp_path))

    def fault(_words: list[str]) -> None:
        raise ZeroDivisionError("https://me:s3cret@host/x")

    monkeypatch.setattr(cli, "parse", fault)
    assert cli.main(["plan"]) == 70
    assert "s3cret" not in capsys.readouterr().err
    log = (tmp_path / "faults.log").read_text(encoding="utf-8")
    assert "https://***@host/x" in log
    assert "s3cret" not in log
