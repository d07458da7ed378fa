"""What a node of a cluster does for a run: in the workspace that it sees, or through a store in a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bakeoff.execution.attempt import Outcome
from bakeoff.execution.engines.on_node import Order, execute_order
from bakeoff.execution.engines.parcel import pack
from bakeoff.execution.plan import plan
from bakeoff.runs.files import read_whole
from bakeoff.storage.address import open_store
from bakeoff.storage.mirror import Mirror
from toys import Toys


def order_of(toys: Toys, *, store: str | None = None) -> Order:
    item = next(item for item in plan(toys.experiment, toys.workspace).items if item.request.method == "steady")
    assert item.run
    return Order(item, item.run, toys.file, (), toys.workspace.root, store=store)


def test_a_run_goes_through_a_store_where_a_node_does_not_see_the_workspace(toys: Toys, tmp_path: Path) -> None:
    address = (tmp_path / "store").as_uri()
    order = order_of(toys, store=address)
    files = pack(order.run, toys.experiment, toys.workspace)
    assert {"data.csv", "notebooks/train.ipynb", "params/toy.yaml", "models/tiny/config.json"} <= files.keys()
    for folder in ("notebooks", "params", "models"):
        shutil.rmtree(toys.workspace.root / folder)
    outcome = execute_order(order, files, node="n1")
    assert isinstance(outcome, Outcome), outcome
    assert outcome.status == "ok"
    folder = toys.workspace.run_folder("toy", order.run.run_id)
    assert not folder.path.exists()
    mirror = Mirror(open_store(address), "toy", toys.workspace)
    assert mirror.runs.bring(order.run.run_id)
    assert read_whole(folder).run_id == order.run.run_id
    again = execute_order(order, files, node="n2")
    assert isinstance(again, Outcome)
    assert again.reason == "finished by another process"


def test_a_node_that_cannot_make_the_run_says_so(toys: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    order = order_of(toys)
    (toys.workspace.root / "data.csv").write_text("text,label\nother,1\nworse,0\n" * 8, encoding="utf-8")
    said = execute_order(order, {}, node="n1")
    assert isinstance(said, str)
    assert f"would make another run than {order.run.run_id}: packages, code or data differ there" in said
    toys.file.unlink()
    said = execute_order(order, {}, node="n1")
    assert isinstance(said, str)
    assert "does not see" in said
