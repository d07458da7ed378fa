"""What is said of settings elsewhere is said of options here."""

import pytest

from bakeoff.draft.new import as_options
from bakeoff.errors import BadValue, InputError, MissingAsset, UnknownName


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadValue("data.config", "missing: a/b has x, y", where="params/n.yaml"), "--config: missing: a/b has x, y"),
        (UnknownName("data.text", "c", ["d"], kind="column"), "--text: unknown column 'c'; Known: d"),
        (
            MissingAsset(
                "data.source",
                "not here",
                subject="a/b",
                hint="{fix} uses a file of your own",
                fix=("data.source", "FILE"),
            ),
            "--data a/b: not here; `--data FILE` uses a file of your own",
        ),
        (
            BadValue("r.csv", "not UTF-8 text", hint="say {fix}, or `iconv`", fix=("data.encoding", "cp1251")),
            "r.csv: not UTF-8 text; say `--encoding cp1251`, or `iconv`",
        ),
        (BadValue("data.where", "no", where="file, line 3"), "file, line 3: data.where: no"),
    ],
)
def test_settings_become_options(error: InputError, said: str) -> None:
    with pytest.raises(type(error)) as caught, as_options():
        raise error
    assert str(caught.value) == said
