"""Which run a person means."""

import shutil

import pytest

from bakeoff.errors import BadValue, RecordError, UnknownName
from bakeoff.export.lookup import find_run
from bakeoff.system.workspace import Workspace
from kitchen import Kitchen


def test_by_id_by_its_beginning_by_method_and_seed(kitchen: Kitchen) -> None:
    run_id = kitchen.run("tfidf")
    kitchen.run("full")
    for name in (run_id, f"small/{run_id}", "tfidf-s1", "small/tfidf", "tfidf@1", "small/tfidf@1"):
        assert find_run(name, kitchen.workspace).record.run_id == run_id


def test_a_name_of_several_runs_lists_them(kitchen: Kitchen) -> None:
    first, second = kitchen.run("full"), kitchen.run("full", 2)
    with pytest.raises(BadValue, match="'full-s' could be 2 runs") as caught:
        find_run("full-s", kitchen.workspace)
    assert first in str(caught.value)
    assert second in str(caught.value)
    assert find_run("full@2", kitchen.workspace).record.run_id == second


@pytest.mark.parametrize("name", ["fulll-s1", "full@7", ""])
def test_an_unknown_name_is_answered_with_near_ones(kitchen: Kitchen, name: str) -> None:
    run_id = kitchen.run("full")
    with pytest.raises(UnknownName, match=run_id):
        find_run(name, kitchen.workspace)


def test_a_broken_record_of_another_method_is_not_in_the_way(kitchen: Kitchen) -> None:
    run_id = kitchen.run("tfidf")
    broken = kitchen.workspace.run_folder("small", "other-s1-00000000")
    broken.path.mkdir()
    broken.record.write_text("{", encoding="utf-8")
    try:
        assert find_run("tfidf@1", kitchen.workspace).record.run_id == run_id
        with pytest.raises(RecordError, match="other-s1-00000000"):
            find_run("other@1", kitchen.workspace)
    finally:
        shutil.rmtree(broken.path)


def test_before_any_run(tmp_path) -> None:
    with pytest.raises(BadValue, match="no run has finished yet"):
        find_run("full@1", Workspace(tmp_path))
