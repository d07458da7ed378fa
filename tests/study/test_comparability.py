"""When time and memory of methods may be compared, and what is said where they may not."""

import pytest

import sample
from bakeoff.report.tables.notes import apart_note
from bakeoff.study.collect import Row
from bakeoff.study.comparability import LEAST_SHARE, ROOM, doubt, shares, unlike

TEXTS = sample.TEST


def run(*, got=0.93, answered=0.91, **changes):
    """Return a run of two threads; got, answered: its shares of processor time in training and in the test."""
    found = sample.record("full")
    worked = None if got is None else got * 2 * found.cost.train_s
    read = None if answered is None else answered * 2 * found.cost.inference_ms_per_item * TEXTS / 1000
    cost = found.cost.model_copy(update={"train_cpu_s": worked, "inference_cpu_s": read})
    return found.model_copy(update={"environment": {**found.environment, **changes}, "cost": cost})


def row(name, *runs):
    return Row(name, "full", runs)


def test_the_same_machine_has_nothing_unlike() -> None:
    assert unlike([run()], [run(), run()]) == ()


def test_what_differs_is_named_with_both_values() -> None:
    assert unlike([run(threads=4)], [run()]) == (("threads", ("4",), ("2",)),)
    assert unlike([run(), run(threads=4)], [run()]) == (("threads", ("2", "4"), ("2",)),)


def test_processes_that_train_count_and_one_does_where_none_is_recorded() -> None:
    assert unlike([run(processes=1)], [run()]) == ()
    assert unlike([run(processes=2)], [run()]) == (("processes", ("2",), ("1",)),)
    assert shares([run(got=0.75, processes=2)]) == pytest.approx([0.375])
    assert shares([run(answered=0.5, processes=2)], "inference_ms_per_item") == pytest.approx([0.5])


def test_a_share_is_processor_time_over_what_the_threads_could_have_used() -> None:
    assert shares([run(got=0.75)]) == pytest.approx([0.75])
    assert shares([run(answered=0.5)], "inference_ms_per_item") == pytest.approx([0.5])
    assert shares([run(got=0.75, threads=1)]) == pytest.approx([1.5])
    assert shares([run(got=None), run(device="cuda")]) == []
    assert shares([run().model_copy(update={"cost": None})]) == []


@pytest.mark.parametrize("field", ["train_s", "inference_ms_per_item"])
def test_times_need_shares_alike_in_every_run_and_not_low(field) -> None:
    def of(share):
        return run(got=share, answered=share)

    assert doubt([of(1.0), of(ROOM + 0.001), of(0.95)], field) is None
    assert doubt([of(1.0), of(ROOM - 0.001), of(0.95)], field) == "unlike"
    assert doubt([of(LEAST_SHARE + 0.001)] * 2, field) is None
    assert doubt([of(LEAST_SHARE - 0.001)] * 2, field) == "low"


def test_the_load_average_decides_nothing() -> None:
    assert doubt([run(load_average=[9.8, 4, 4]), run(load_average=[1.0, 1, 1])], "train_s") is None
    assert doubt([run(load_average=[2.0, 1, 1]), run(load_average=[2.0, 1, 1], got=0.4)], "train_s") == "unlike"


def test_an_older_record_does_not_say_what_it_got() -> None:
    assert doubt([run(), run(got=None)], "train_s") == "unknown"
    assert doubt([run(), run(got=None)], "inference_ms_per_item") is None


def test_memory_hangs_on_the_machine_alone_and_parameters_on_nothing() -> None:
    assert doubt([run(), run(got=0.2)], "peak_rss_train_bytes") is None
    assert doubt([run(), run(threads=4)], "peak_rss_train_bytes") == "machine"
    assert doubt([run(), run(threads=4)], "train_s") == "machine"
    assert doubt([run(), run(threads=4)], "params_trainable") is None


def test_on_a_gpu_the_processor_says_nothing() -> None:
    gpu = {"device": "cuda", "device_name": "H100"}
    assert doubt([run(**gpu), run(got=0.2, **gpu)], "train_s") is None
    assert doubt([run(**gpu), run()], "train_s") == "machine"


def test_every_row_is_held_against_every_other() -> None:
    """Each is near enough to the first, and the two others are apart."""
    rows = [row("a", run(got=0.90)), row("b", run(got=0.95)), row("c", run(got=0.84))]
    assert apart_note(rows[:2], "train_s") == apart_note([rows[0], rows[2]], "train_s") == []
    assert apart_note(rows, "train_s") == [
        "Training times cannot all be compared: of their processor time, the runs got between 84\N{NO-BREAK SPACE}% "
        "and 95\N{NO-BREAK SPACE}%."
    ]


def test_a_note_says_why_and_once() -> None:
    said = apart_note([row("a", run()), row("b", run(threads=4))], "train_s", "peak_rss_train_bytes")
    assert said == ["Times and memory were not all measured under the same conditions; the appendix has them."]
    (said,) = apart_note([row("a", run(answered=0.3)), row("b", run(answered=0.31))], "inference_ms_per_item")
    assert said.startswith("Times to predict a text cannot be compared: of their processor time, the runs got only 30")
    (said,) = apart_note([row("a", run(got=None)), row("b", run())], "train_s")
    assert said == "Training times are not compared: how much processor time the runs got was not recorded."


def test_one_row_and_baselines_need_no_note() -> None:
    assert apart_note([row("a", run(got=0.9), run(got=0.2))], "train_s") == []
    baseline = run(got=0.2).model_copy(update={"role": "baseline"})
    assert apart_note([row("a", run()), row("b", baseline)], "train_s") == []
