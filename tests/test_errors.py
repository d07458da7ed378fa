from __future__ import annotations

import pytest

from bakeoff import errors
from bakeoff.errors import (
    BadValue,
    BakeoffError,
    InputError,
    MissingAsset,
    MissingFile,
    RunFailed,
    UnknownName,
    Unparsable,
    nearest,
)


@pytest.mark.parametrize(
    ("name", "found"), [("rnak", "rank"), ("RANK", "rank"), ("zzz", None), ("", None), ("ephocs", "epochs")]
)
def test_nearest(name, found):
    assert nearest(name, ["rank", "epochs", "alpha"]) == found


def test_nearest_of_nothing():
    assert nearest("x", []) is None


def test_unknown_name_names_the_nearest_and_the_rest():
    error = UnknownName("methods.lora.rnak", "rnak", ["rank", "alpha"], kind="key", where="f.yaml, line 3")
    expected = "f.yaml, line 3: methods.lora.rnak: unknown key 'rnak'; did you mean 'rank'? Known: alpha, rank"
    assert str(error) == expected
    assert (error.name, error.known, error.where) == ("rnak", ["alpha", "rank"], "f.yaml, line 3")


def test_input_errors_end_with_status_2_and_the_others_with_1():
    assert {kind.exit_status for kind in (BadValue, UnknownName, MissingFile, MissingAsset, Unparsable)} == {2}
    assert {kind.exit_status for kind in (errors.RunBusy, errors.ExperimentBusy, RunFailed, errors.RecordError)} == {1}


def test_an_input_error_is_one_line_whatever_was_typed():
    assert "\n" not in str(BadValue("a\nb", "c\nd", where="e\r\nf", hint="g\nh"))


def test_a_notebook_shows_one_line_and_no_traceback():
    assert BadValue("seed", "no")._render_traceback_() == ["BadValue: seed: no"]


def test_run_failed_says_where():
    error = RunFailed("lora-s1", kind="ValueError", message="no", at="train")
    assert str(error) == "lora-s1: ValueError: no (in train)"


def test_the_tree_has_one_root_and_every_leaf_is_offered():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert all(issubclass(kind, BakeoffError) for kind in kinds)
    assert {kind.__name__ for kind in kinds} <= set(errors.__all__)
    assert issubclass(MissingAsset, InputError)
