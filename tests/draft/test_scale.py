"""What is given up for time: in a fixed order, no more than needed, and said in the file."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bakeoff.draft.calibrate import Timing
from bakeoff.draft.file import Wish
from bakeoff.draft.new import Drafted, new_experiment
from bakeoff.draft.scale import WHOLE, Scale, fitting, smaller
from bakeoff.execution.plan import Plan, plan
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.model import Experiment
from bakeoff.system.workspace import Workspace

LARGE = {"train": 8_000, "validation": 2_000, "test": 2_000}
SMALL = {"train": 700, "validation": 150, "test": 150}


def test_the_order_is_fixed_and_ends_with_the_seeds_that_claims_need() -> None:
    assert [what for what, _ in smaller(LARGE)] == [
        "five seeds need",
        "8 learning rates of every tuned method need",
        "4 learning rates of every tuned method need",
        "three seeds with the sweep of lora's rank need",
        "8,000 training texts need",
        "4,000 training texts need",
        "prefix beside the others needs",
        "2,000 training texts need",
        "1,000 training texts need",
        "three seeds need",
    ]
    assert [what for what, _ in smaller(SMALL)][4:] == [
        "prefix beside the others needs",
        "700 training texts need",
        "three seeds need",
    ]
    least = WHOLE
    for _, step in smaller(LARGE):
        least = step(least)
    assert least == Scale(seeds=1, trials=0, swept=False, most=(500, 250, 500), without=("prefix",))
    assert least.sizes(LARGE) == {"train": 500, "validation": 250, "test": 500}
    assert least.sizes(SMALL) == {"train": 500, "validation": 150, "test": 150}


def seconds(scale: Scale) -> float:
    return scale.seeds * scale.sizes(LARGE)["train"] * (1.5 if scale.swept else 1.0) / 100


@pytest.mark.parametrize(
    ("most_s", "kept"),
    [
        (1000, WHOLE),
        (599, Scale(seeds=3)),
        (300, Scale(seeds=3, swept=False)),
        (120, Scale(seeds=3, swept=False, most=(4_000, 1_000, 2_000))),
        (1, Scale(seeds=1, swept=False, most=(500, 250, 500))),
    ],
)
def test_no_more_is_given_up_than_has_to_be(most_s: float, kept: Scale) -> None:
    scale, given_up = fitting(LARGE, seconds, most_s=most_s)
    assert scale == kept, "leaving prefix out changes nothing here, and so it stays"
    assert list(given_up.values()) == sorted(given_up.values(), reverse=True)
    assert all(needs > most_s for needs in given_up.values())
    assert (scale == WHOLE) == (not given_up)


def test_what_cannot_be_drafted_is_passed_over() -> None:
    def none_of_4000(scale: Scale) -> float | None:
        return None if scale.most == (4_000, 1_000, 2_000) else seconds(scale)

    scale, given_up = fitting(LARGE, none_of_4000, most_s=100)
    assert scale.most == (2_000, 500, 2_000)
    assert "4,000 training texts need" in given_up


TIMING = Timing(
    start=1.0, load=1.0, save=1.0, epoch=0.0, tokenize=0.0, train=0.002, predict=0.0, epochs=3, frozen=False
)


@pytest.fixture
def root(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Add 3,000 texts to the workspace, timed at 6 ms each in three epochs and two runs at a time."""
    lines = [f"the film was number {n} and it is what you think it is,{n % 2}" for n in range(3_000)]
    (root / "films.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")

    def timed(planned: Plan, _: object) -> tuple[dict[str, Timing], dict[str, str], dict[str, str]]:
        neural = {name: TIMING for name in planned.experiment.methods if name not in ("majority", "tfidf")}
        return {**neural, "majority": replace(TIMING, train=0.0), "tfidf": replace(TIMING, train=0.0)}, {}, {}

    monkeypatch.setattr("bakeoff.draft.new.calibrate", timed)
    monkeypatch.setattr("bakeoff.draft.estimate.this_many", lambda _: 2)
    return root


def drafted(root: Path, minutes: float) -> tuple[Drafted, Experiment, str]:
    done = new_experiment(Wish("mine", "films.csv", minutes=minutes, force=True), Workspace(root))
    found = load_experiment(done.file)
    assert len(plan(found, Workspace(root)).items) == done.runs
    return done, found, done.file.read_text(encoding="utf-8")


def test_more_minutes_buy_a_larger_comparison(root: Path) -> None:
    done, found, text = drafted(root, 60)
    assert done.given_up == ("Drafted for 60 minutes (--minutes): about 7 minutes by this machine's timing.",)
    assert len(found.seeds) == 5
    assert {name: len(entry.points) for name, entry in found.methods.items() if entry.tuning} == {
        "full": 8, "prefix": 8, "lora": 8,
    }  # fmt: skip
    assert set(found.methods["lora"].sweep) == {"learning_rate", "rank"}, "its list is drawn from as well"
    done, found, text = drafted(root, 3)
    assert len(found.seeds) == 3
    assert found.tune is None
    assert found.methods["lora"].sweep == {"rank": (4, 16)}
    assert "# - five seeds need 7 minutes\n# - 8 learning rates of every tuned method need" in text
    assert "# tune: {trials: 8, over: [learning_rate]}" in text
    assert text.count("# - ") == 4, "the classes, and what was given up"
    done, found, text = drafted(root, 1.4)
    assert len(found.seeds) == 3
    assert not found.methods["lora"].sweep
    assert "  lora: {learning_rate: 0.002, rank: 16, alpha: 32}" in text
    assert "  # prefix: {" in text
    assert "prefix" not in found.methods
    assert done.sizes == {"train": 1_000, "validation": 250, "test": 450}
    assert (found.data.split.train, found.data.split.test) == (1_000, 450)
    assert "# - prefix beside the others needs " in text
    assert done.estimate.seconds <= 84
    done, found, text = drafted(root, 0.1)
    assert len(found.seeds) == 1
    assert "and it takes about" in done.given_up[0]
    assert re.search(r"one is too few for claims about methods; five say more: \d\d runs, about 7 minutes here", text)


def test_the_source_s_own_splits_are_cut_as_well(root: Path) -> None:
    lines = (root / "films.csv").read_text(encoding="utf-8").splitlines()
    (root / "films").mkdir()
    for name, rows in {"train": lines[1:2401], "validation": lines[2401:2701], "test": lines[2701:]}.items():
        (root / "films" / f"{name}.csv").write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    done = new_experiment(Wish("own", "films", minutes=1.4), Workspace(root))
    assert done.sizes == {"train": 1_000, "validation": 250, "test": 300}
    assert load_experiment(done.file).data.split.train == 1_000
    assert "counts, of 3,000 texts" in done.file.read_text(encoding="utf-8")
