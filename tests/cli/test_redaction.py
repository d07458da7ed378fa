"""What opens doors stands in no message and in no log of faults."""

from __future__ import annotations

import html
import json
import os
import sys
from functools import partial
from urllib.parse import quote

import pytest

from bakeoff import cli
from bakeoff.errors import BadValue, one_line, redacted


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
        ("no file /here/https:/me:s3cret@host/x.csv", "no file /here/https:/***@host/x.csv"),
        ("https://me:s3/cr@et@host/x", "https://***@host/x"),
        ("https://me:s3cr@et@host/x?mail=b@c", "https://***@host/x?mail=b@c"),
        (
            "GET https://host/x?a=1&access_token=s3cret&X-Amz-Signature=s3cret#end",
            "GET https://host/x?a=1&access_token=***&X-Amz-Signature=***#end",
        ),
        ('{"url": "https://host/?sig=s3cret\\"x"}', '{"url": "https://host/?sig=***\\"x"}'),
        ("https://host/?a=1&amp;token=s3cret&amp;b=2", "https://host/?a=1&amp;token=***&amp;b=2"),
        ("Authorization: Bearer abcdefghijklmnop1234", "Authorization: Bearer ***"),
        ("Authorization: Basic bWU6czNjcmV0czNjcmV0==", "Authorization: Basic ***"),
        ("key eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", "key ***"),
        ("http://127.0.0.1:8080/a/b@c and C:/me@x/y", "http://127.0.0.1:8080/a/b@c and C:/me@x/y"),
        ("a basic programming-language-1, data.where=key=1", "a basic programming-language-1, data.where=key=1"),
        ("hf_short and sk-learn stay", "hf_short and sk-learn stay"),
    ],
)
def test_a_message_hides_what_opens_doors(said: str, shown: str) -> None:
    assert redacted(said) == shown
    assert redacted(shown) == shown


SECRET = "Plant/ed+AwsKey" * 4


def test_what_the_environment_calls_a_secret_is_hidden_whatever_it_looks_like(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("MY_PASSWORD", "short")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path))
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "definitely")
    plain = f"short, {tmp_path}, definitely"
    assert redacted(f"{SECRET}, {plain}") == f"***, {plain}"


ODD = 'Pl"ant\\ed<1>&é'
LINES = "-----BEGIN KEY-----\nPlantedOne111\nPlantedTwo222\n-----END KEY-----\n"


@pytest.mark.parametrize(
    "name", ["MY_SECRET", "OPENAI_KEY", "KEY", "DB_PWD", "DB_PASS", "SSH_PASSPHRASE", "REDIS_AUTH"]
)
@pytest.mark.parametrize(
    "written",
    [
        str,
        repr,
        json.dumps,
        partial(json.dumps, ensure_ascii=False),
        html.escape,
        quote,
        lambda value: json.dumps(repr(value)),
        lambda value: json.dumps(html.escape(value)),
        lambda value: json.dumps(value.splitlines(keepends=True), indent=1),
        lambda value: f"{value.splitlines()[-2:]}",
    ],
)
def test_a_secret_is_hidden_however_it_is_spelled(monkeypatch, name: str, written) -> None:
    """In JSON of a notebook quotes and lines are spelled otherwise than in the variable itself."""
    for value in (ODD, LINES):
        monkeypatch.setenv(name, value)
        left = redacted(written(value))
        assert "Pl" not in left
        assert "ant" not in left


@pytest.mark.skipif(sys.platform == "win32", reason="variables are Unicode there")
def test_a_secret_that_is_no_utf_8_ends_no_message(monkeypatch) -> None:
    """Nothing was printed of what went wrong, and runs ended in a traceback."""
    monkeypatch.setitem(os.environb, b"X_PASSWORD", b"M\xfcllerstrasse12")
    monkeypatch.setitem(os.environb, b"Y_PASSWORD", "M\xfcllerstrasse13".encode())
    assert (
        redacted("one M\udcfcllerstrasse12, two M\xfcllerstrasse13, three M%FCllerstrasse12")
        == "one ***, two ***, three ***"
    )


def test_names_that_speak_of_no_secret_hide_nothing(monkeypatch) -> None:
    for name in ("PWD", "OLDPWD", "KEYBOARD", "HOTKEYS", "SSH_AUTH_SOCK", "BYPASS_ALL", "MONKEY"):
        monkeypatch.setenv(name, "/no/such/place")
    assert redacted("/no/such/place") == "/no/such/place"


@pytest.mark.parametrize("length", [100, 180, 230, 280, 400])
def test_a_message_that_is_cut_shows_no_half_of_a_secret(monkeypatch, length: int) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    said = f"{'x' * length} {SECRET}"
    for message in (
        str(BadValue("key", said)),
        str(BadValue(said, "reason", subject=said, where=said, hint=said)),
        one_line(said, limit=200),
    ):
        assert "Plant" not in message


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
