"""Rows of an embedding table that texts name: trained alone, they come out as if all were."""

import pytest
import torch
from torch import nn

from bakeoff.methods.config import TrainingConfig
from bakeoff.models.weights import LANES, NamedRows, named_rows, trainable
from bakeoff.training.run import prepare
from bench import Bench, accuracy


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_all_rows_or_some_come_to_the_same_bits(bench: Bench, decay: float, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    for rows in ("all", "named"):
        monkeypatch.setenv("BAKEOFF_EMBEDDING_ROWS", rows)
        settings = {"epochs": 3, "gradient_accumulation": 2, "weight_decay": decay}
        run = bench.run("full", max_grad_norm=0.1, **settings)  # all gradients are clipped
        found[rows] = prepare(run, bench.splits)
        found[rows].fit(bench.folder(rows), accuracy, show_bar=False)
        found[rows].predict("test")
    assert found["all"].trace == found["named"].trace
    assert found["all"].cost.params_trainable == found["named"].cost.params_trainable
    saved = [torch.load(bench.folder(rows).checkpoint / "epoch-3" / "tensors.pt")["weights"] for rows in found]
    tables = [next(v for name, v in one.items() if name.endswith("word_embeddings.weight")) for one in saved]
    assert len(tables[0]) > len(tables[1])  # else nothing was spared


@pytest.mark.parametrize(("kind", "options"), [("bitfit", {}), ("lora", {}), ("linear_probe", {"solver": "adamw"})])
def test_where_rows_are_not_trained_the_table_stays_whole(bench: Bench, kind: str, options: dict[str, object]) -> None:
    trainee = prepare(bench.run(kind, **options), bench.splits)
    trainee.fit(bench.folder(kind), accuracy, show_bar=False)
    state = bench.folder(kind).checkpoint / f"epoch-{trainee.config.epochs}" / "state.json"
    assert '"embedding_rows": null' in state.read_text(encoding="utf-8")


class Tied(nn.Module):
    """A table that a second module shares, or that is too narrow."""

    def __init__(self, width: int, *, tied: bool) -> None:
        super().__init__()
        self.table = nn.Embedding(9, width)
        self.out = nn.Linear(width, 9)
        if tied:
            self.out.weight = self.table.weight

    def get_input_embeddings(self) -> nn.Module:
        return self.table


@pytest.mark.parametrize(("width", "tied", "offered"), [(16, False, True), (16, True, False), (12, False, False)])
def test_shared_and_narrow_tables_stay_whole(width: int, tied: bool, offered: bool) -> None:
    model = Tied(width, tied=tied)
    assert (named_rows(model, model, torch.tensor([1])) is not None) == offered
    model.requires_grad_(requires_grad=False)
    assert named_rows(model, model, torch.tensor([1])) is None


@pytest.mark.parametrize("padding", [None, 0, 7])
def test_a_table_is_itself_again_with_what_was_learnt(padding: int | None) -> None:
    model, other = (nn.Embedding(9, LANES, padding_idx=padding) for _ in range(2))
    other.load_state_dict(model.state_dict())
    weight, ids = model.weight, torch.tensor([[7, 3, 3], [5, 7, 7]])
    for table, rows in ((model, NamedRows(model, ids)), (other, None)):
        if rows:
            rows.__enter__()
            assert list(trainable(model)["weight"].shape) == [3, LANES]
        optimizer = torch.optim.AdamW(table.parameters(), lr=0.1, weight_decay=TrainingConfig().weight_decay)
        for _ in range(3):
            table(ids).square().sum().backward()
            optimizer.step()
            optimizer.zero_grad()
            if rows:
                with rows.whole():
                    assert table(torch.tensor([8])).shape == (1, LANES)
        if rows:
            rows.__exit__()
    assert model.weight is weight
    assert type(model) is nn.Embedding
    assert vars(model).keys() == vars(other).keys()
    assert torch.equal(model.weight, other.weight)
