from __future__ import annotations

import threading

from filelock import FileLock

from bakeoff.execution.plan import plan
from bakeoff.execution.status import statuses
from bakeoff.system.locks import free, terminable
from toy_methods import failure, leave


def items(toys):
    return plan(toys.experiment, toys.workspace).items


def shown(toys):
    return {status.run_id: (status.state, status.detail) for status in statuses("toy", workspace=toys.workspace)}


def test_nothing_yet(toys):
    assert shown(toys) == {}


def test_every_state(toys):
    done, failed, diverged, running, stopped, fresh = [item for item in items(toys) if item.run][:6]
    leave(done.run, toys.workspace, accuracy=0.75)
    leave(failed.run, toys.workspace, status="failed", error=failure("no luck"))
    leave(diverged.run, toys.workspace, status="diverged", error=failure("nan", "Diverged"))
    folders = [toys.workspace.run_folder("toy", item.run.run_id) for item in (running, stopped, fresh)]
    for folder in folders:
        folder.path.mkdir(parents=True)
    folders[0].progress.write_text('{"epoch": 1, "epochs": 3, "step": 2, "steps": 6, "loss": 0.5}')
    folders[1].checkpoint.mkdir()
    (folders[1].checkpoint / "state").touch()
    folders[1].epochs.write_text('{"epoch": 1}\n')
    with FileLock(folders[0].lock):
        found = shown(toys)
    assert found == {
        done.run.run_id: ("done", "validation accuracy 0.750"),
        failed.run.run_id: ("failed", "ValueError: no luck (in train)"),
        diverged.run.run_id: ("diverged", "Diverged: nan (in train)"),
        running.run.run_id: ("running", "epoch 1/3, step 2/6, loss 0.500"),
        stopped.run.run_id: ("stopped", "can go on after epoch 1"),
        fresh.run.run_id: ("stopped", "starts over"),
    }


def test_a_record_that_cannot_be_read(toys):
    folder = toys.workspace.run_folder("toy", "full-s1-0")
    folder.path.mkdir(parents=True)
    folder.record.write_text("{")
    assert shown(toys)["full-s1-0"][0] == "unreadable"


def test_looking_leaves_no_lock_files(toys):
    item = items(toys)[0]
    leave(item.run, toys.workspace)
    shown(toys)
    assert [path.name for path in toys.workspace.runs_folder("toy").iterdir()] == [item.run.run_id]


def test_free(toys):
    folder = toys.workspace.run_folder("toy", "full-s1-0")
    folder.path.mkdir(parents=True)
    assert free(folder)
    with FileLock(folder.lock):
        assert not free(folder)
        assert not free(folder, wait_s=0.2)
    assert free(folder)


def test_signals_are_left_alone_outside_the_main_thread():
    reached = []

    def work():
        with terminable():
            reached.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert reached == [True]
