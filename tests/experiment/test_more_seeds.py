"""More seeds within the declared plan are written into the file, and nothing else of it changes."""

import pytest

from bakeoff.errors import BadValue
from bakeoff.experiment.load import load_experiment
from bakeoff.experiment.more_seeds import add_seeds

FILE = """\
data: {{source: "bundled:icwsm2014/movies", text: text, label: label}}  # seeds: [1]
model: bundled:minilm-l6
seeds: {seeds}  # as many as time allows
methods: {{full: {{}}, lora: {{}}}}
compare: {{seeds_at_most: {most}}}
"""


@pytest.fixture
def written(tmp_path):
    def write(seeds="[41, 42, 43]", most="5", end="\n"):
        file = tmp_path / "mine.yaml"
        file.write_bytes(FILE.format(seeds=seeds, most=most).replace("\n", end).encode())
        return file

    return write


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_seeds_are_added_behind_the_others(written, end):
    file = written(end=end)
    before = file.read_bytes()
    assert add_seeds(load_experiment(file), 2, shown="mine.yaml") == (41, 42, 43, 44, 45)
    assert file.read_bytes() == before.replace(b"[41, 42, 43]", b"[41, 42, 43, 44, 45]")
    assert load_experiment(file).seeds == (41, 42, 43, 44, 45)


@pytest.mark.parametrize(
    ("seeds", "most", "said"),
    [
        ("[41, 42, 43]", "4", "at most 1 more"),
        ("[41, 42, 43]", "3", "none are left"),
        ("[41, 42, 43]", "null", "declare compare.seeds_at_most"),
        ("[41,\n  42]", "5", "write seeds: [41, 42, 43, 44]"),
    ],
)
def test_what_goes_beyond_the_plan_is_refused_and_nothing_is_written(written, seeds, most, said):
    file = written(seeds.replace("\n", "  # the first\n"), most)
    before = file.read_bytes()
    with pytest.raises(BadValue, match=said.replace("[", r"\[")):
        add_seeds(load_experiment(file), 2, shown="mine.yaml")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("seeds", "more"), [("[1, 2]", (4, 5)), ("[1, 4294967295]", (2, 4)), ("[4, 4294967294]", (4294967295, 5))]
)
def test_seeds_that_a_file_cannot_have_are_passed_over(written, seeds, more):
    """The seed of searches, or one past the largest, made the file one that no command could use."""
    file = written(seeds)
    file.write_text(f"tuning_seed: 3\n{file.read_text()}")
    assert add_seeds(load_experiment(file), 2, shown="mine.yaml")[2:] == more
    assert load_experiment(file).seeds[2:] == more


def test_where_no_numbers_are_left_nothing_is_said_to_be_written(written):
    file = written("[4294967294, 4294967295]")
    with pytest.raises(BadValue, match="there are no 2 more whole numbers above 4294967294"):
        add_seeds(load_experiment(file), 2, shown="mine.yaml")


def test_seeds_from_the_command_line_are_not_those_of_the_file(written):
    with pytest.raises(BadValue, match="write seeds"):
        add_seeds(load_experiment(written(), changes=["seeds=[1, 2]"]), 1, shown="mine.yaml")


def test_a_plan_of_fewer_seeds_than_there_are_is_none(written):
    with pytest.raises(BadValue, match=r"2 is less than the 3 of `seeds`"):
        load_experiment(written(most="2"))
