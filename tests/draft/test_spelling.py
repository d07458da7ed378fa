"""Whatever data hold comes back from the file as it was."""

import io

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bakeoff.draft.file import spelled

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
KEYS = st.one_of(TEXT, st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False))


@given(st.dictionaries(KEYS, st.one_of(TEXT, st.none(), st.lists(TEXT, max_size=3)), max_size=4))
def test_one_line_that_reads_back(tree: dict) -> None:
    line = spelled({"label": tree})
    assert "\n" not in line
    assert YAML(typ="rt").load(io.StringIO(f"data:\n  x: {line}  # why\n"))["data"]["x"] == {"label": tree}


@given(TEXT)
def test_a_string_alone(text: str) -> None:
    assert YAML(typ="rt").load(f"x: {spelled(text)}  # why\n")["x"] == text
