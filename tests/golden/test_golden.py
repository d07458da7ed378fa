"""Reports and traces are those whose hashes are kept; golden.py shows what differs, and keeps new ones where meant."""

from __future__ import annotations

import pytest

import golden
import golden_traces

HINT = "python tests/support/golden.py --check --keep DIR shows how (fill DIR first at a commit that agrees)"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_report_of_fixed_records_is_as_kept(language: str) -> None:
    known = golden.kept()["reports"]
    differing = [name for name, content in golden.report("seeds", language) if golden.sha256(content) != known[name]]
    assert not differing, HINT


@pytest.mark.slow
@pytest.mark.parametrize("run", golden_traces.HANDFUL)
def test_a_trace_is_as_kept_on_a_known_machine(run: str) -> None:
    known = golden.kept().get(golden_traces.machine())
    made = dict(golden.traces(run))[f"traces/{run}.json"]
    if known is None:
        pytest.skip(f"no traces are kept for {golden_traces.machine()}")
    assert golden.sha256(made) == known[f"traces/{run}.json"], HINT


def test_a_difference_is_told_and_shown(tmp_path) -> None:
    name = "reports/w/en/summary.csv"
    assert golden.compare(name, b"a\n1\n", golden.sha256(b"a\n1\n"), tmp_path) is None
    assert golden.compare(name, b"a\n2\n", golden.sha256(b"a\n1\n"), tmp_path).splitlines()[-2:] == ["-1", "+2"]
    assert (tmp_path / f"{name}.new").read_bytes() == b"a\n2\n"
    assert golden.compare(name, b"a\n2\n", None, None) == f"{name}: no hash is kept"
