"""Files meant to hang or to break their reader are refused in one line, at once."""

import time

import pytest

from bakeoff.errors import InputError
from bakeoff.experiment.yaml_file import read_value, read_yaml

LAUGHS = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
HOSTILE = {
    "billion laughs": (LAUGHS, "its aliases make more than 100,000 values of it"),
    "laughs as mappings": (
        "a0: &a0 {x: 1, y: 2}\n" + "".join(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}\n" for n in range(1, 30)),
        "its aliases make more than 100,000 values of it",
    ),
    "deep lists": ("a: " + "[" * 3000, "nested too deeply"),
    "deep mappings": ("a: " + "{a: " * 3000, "nested too deeply"),
    "a list as a key": ("? [a, b]\n: 1\n", "a key is a list or a mapping"),
    "a merged list": ("a: &a [1, 2]\nb:\n  <<: *a\n", ""),
    "many digits": ("seeds: [0x" + "f" * 6000 + "]\n", "a number of too many digits"),
    "many decimal digits": ("seeds: [" + "9" * 6000 + "]\n", ""),
    "long": ("a: " + "x" * 1_000_001, "longer than 1,000,000 characters"),
    "control characters": ("a: \x07\n", ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_line_at_once(tmp_path, name) -> None:
    text, reason = HOSTILE[name]
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    began = time.process_time()
    with pytest.raises(InputError) as caught:
        read_yaml(file, shown="x.yaml")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert time.process_time() - began < 10


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_is_one_line_or_a_text(name) -> None:
    text = HOSTILE[name][0].partition(": ")[2].strip()
    if text.startswith(("[", "{")):
        with pytest.raises(InputError, match=r"^[^\n]{,300}$"):
            read_value(text, shown="--set")
    else:
        assert str(read_value(text, shown="--set")) == text


@pytest.mark.parametrize(
    ("text", "content"),
    [("a: &a [*a]\n", {"a": [None]}), ("a: !!python/object/apply:os.system [id]\n", {"a": ["id"]})],
)
def test_what_would_be_code_or_endless_elsewhere_is_data(tmp_path, text, content) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    assert read_yaml(file, shown="x.yaml").content == content


def test_aliases_as_people_use_them_are_read(tmp_path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: &shared {epochs: 3}\nb: *shared\nc: {<<: *shared, rank: 2}\n", encoding="utf-8")
    assert read_yaml(file, shown="x.yaml").content == {
        "a": {"epochs": 3},
        "b": {"epochs": 3},
        "c": {"epochs": 3, "rank": 2},
    }


def test_an_anchor_that_is_used_again_says_nothing_on_the_terminal(tmp_path, recwarn) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: &x 3\nb: &x 4\nc: *x\n", encoding="utf-8")
    assert read_yaml(file, shown="x.yaml").content == {"a": 3, "b": 4, "c": 4}
    assert not recwarn.list


def test_the_tag_of_a_text_is_read_and_others_are_refused(tmp_path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("name: !!str 7\n", encoding="utf-8")
    assert read_yaml(file, shown="x.yaml").content == {"name": "7"}
    file.write_text("name: !mine 7\n", encoding="utf-8")
    with pytest.raises(InputError, match="'!mine' is a tag"):
        read_yaml(file, shown="x.yaml")
