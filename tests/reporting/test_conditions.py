"""When time and memory of two methods may be compared."""

import sample

from bakeoff.reporting.conditions import asked_load, same_load, unlike


def run(**changes):
    found = sample.record("full")
    return found.model_copy(update={"environment": {**found.environment, **changes}})


def test_the_same_machine_has_nothing_unlike() -> None:
    assert unlike([run()], [run(), run()]) == ()


def test_what_differs_is_named_with_both_values() -> None:
    assert unlike([run(threads=4)], [run()]) == (("threads", ("4",), ("2",)),)
    assert unlike([run(), run(threads=4)], [run()]) == (("threads", ("2", "4"), ("2",)),)


def test_a_load_counts_as_equal_within_one_thread_or_a_quarter_of_what_was_asked_for() -> None:
    assert same_load([run(load_average=[2.0, 1, 1])], [run(load_average=[3.0, 1, 1])])
    assert not same_load([run(load_average=[2.0, 1, 1])], [run(load_average=[3.1, 1, 1])])
    many = {"threads": 32}
    assert asked_load([run(**many)]) == 32
    assert same_load([run(load_average=[32.0, 1, 1], **many)], [run(load_average=[39.0, 1, 1], **many)])


def test_an_unknown_load_stops_nothing() -> None:
    assert same_load([run(load_average=None)], [run()])
