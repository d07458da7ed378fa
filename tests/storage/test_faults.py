"""Two drivers on one store that fails: no half-finished run is ever read as finished, no finished run is lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

import sample
from bakeoff.errors import RecordError, StoreFailed
from bakeoff.runs.files import check_files, keep_files, read_whole
from bakeoff.runs.record import Record, write_record
from bakeoff.storage.address import open_store
from bakeoff.storage.leases import SKEW_S, TTL_S, Lease, Leases
from bakeoff.storage.manifest import Manifest, key_of, opened, sealed
from bakeoff.storage.mirror import Mirror
from bakeoff.storage.objects import Objects
from bakeoff.storage.runs import WHOLE, StoredRuns, mark_of
from bakeoff.storage.shared import SharedPlan
from bakeoff.system.digests import sha256_of
from bakeoff.system.workspace import RunFolder, Workspace
from faulty_store import NO_END, FaultyStore, World

RUNS = ("majority-s1-0", "full-s1-1", "full-s2-2", "lora-s1-3")
SCHEDULES = 200


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost with the power in these tests, so nothing waits for the disk."""
    for module in ("bakeoff.system.atomic", "bakeoff.storage.runs"):
        monkeypatch.setattr(f"{module}.fsync", lambda _: None)


class Made:
    """Every end that a run has come to anywhere: run id -> record to the byte -> content of its files."""

    def __init__(self) -> None:
        self.ends: dict[str, dict[str, dict[str, bytes]]] = defaultdict(dict)
        self.whole: set[str] = set()
        self.seen: set[str] = set()

    def run(self, folder: RunFolder, *, by: str, failing: bool = False, stopped: int | None = None) -> None:
        """Leave behind what a run does; the same run made twice takes other times, so its record has other bytes."""
        shutil.rmtree(folder.path, ignore_errors=True)
        folder.model.mkdir(parents=True)
        run_id, number = folder.path.name, sum(map(len, self.ends.values()))
        folder.predictions.write_bytes(f"predictions of {run_id}, {stopped}".encode())
        (folder.model / "weights").write_bytes(f"weights of {run_id} by {by} {number}".encode())
        folder.notebook.write_bytes(f"notebook of {run_id} by {by} {number}".encode())
        record = FAILED if failing else STOPPED[stopped] if stopped else WHOLE_RUN
        files = {} if failing else keep_files(folder)
        command = f"{by} {number}"
        write_record(record.model_copy(update={"run_id": run_id, "files": files, "command": command}), folder.record)
        kept = {p.relative_to(folder.path).as_posix(): p.read_bytes() for p in folder.path.rglob("*") if p.is_file()}
        text = kept.pop("record.json").decode()
        self.ends[run_id][text] = kept
        if not failing and not stopped:
            self.whole.add(text)


SMALL = {"validation": None, "test": None, "inputs": None, "environment": {}, "trace": None}
FAILED = sample.failed("full").model_copy(update=SMALL)
WHOLE_RUN = sample.record("full").model_copy(update=SMALL)


def _stopped(epochs: int) -> Record:
    training = WHOLE_RUN.training
    assert training
    cut = training.model_copy(update={"history": training.history[:epochs]})
    asked = WHOLE_RUN.request.model_copy(update={"stop_after": epochs})
    return WHOLE_RUN.model_copy(update={"training": cut, "request": asked})


STOPPED = {epochs: _stopped(epochs) for epochs in (1, 2)}


class Driver:
    """One driver on the store, with a workspace of its own."""

    def __init__(self, name: str, root: Path, fs: FaultyStore, made: Made, clock: list[float]) -> None:
        self.name, self.root, self.fs, self.made, self.clock, self.rng = name, root, fs, made, clock, fs.world.rng
        self.starts = 0
        self.start()

    def start(self) -> None:
        """Start anew, as another process."""
        self.starts += 1
        objects = Objects(self.fs, "bucket/prefix", address="faulty://bucket/prefix", sleep=lambda _: None)
        self.mirror = Mirror(objects, "demo", Workspace(self.root))
        owner = f"{self.name}{self.starts}"
        self.mirror.leases = Leases(objects.below("demo/leases"), owner=owner, now=lambda: self.clock[0])
        self.plan = SharedPlan(self.mirror, clock=lambda: self.clock[0], models=True)

    def finished(self, run_id: str) -> bool:
        folder = self.mirror.runs.folder(run_id)
        with suppress(RecordError):
            return folder.record.exists() and mark_of(read_whole(folder)) == WHOLE
        return False

    def step(self) -> None:
        """Do the next thing, whatever it comes to; now and then die at it."""
        self.clock[0] += self.rng.choice([1.0, 5.0, 60.0, 130.0])
        with suppress(StoreFailed):
            self.plan.look()
            if self.rng.random() < 0.15:
                self.mirror.bring(RUNS, models=True)
            open_ = [run_id for run_id in RUNS if not self.finished(run_id)]
            if open_ and self.plan.claim(run_id := self.rng.choice(open_)):
                self.work(run_id)
            elif self.rng.random() < 0.3:
                self.plan.keep_up()
        if self.rng.random() < 0.12:
            if self.rng.random() < 0.5:
                shutil.rmtree(self.root, ignore_errors=True)
            self.start()

    def work(self, run_id: str) -> None:
        folder = self.mirror.runs.folder(run_id)
        draw = self.rng.random()
        if draw < 0.1:  # killed in mid-run
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.attempt.touch()
            folder.predictions.write_bytes(b"half of the predi")
            return
        stopped = self.rng.choice([1, 2]) if draw < 0.25 else None
        self.made.run(folder, by=self.name, failing=0.25 < draw < 0.35, stopped=stopped)
        if self.rng.random() < 0.2:
            self.fs.left = self.rng.randrange(12)  # the driver dies somewhere in there
        self.plan.ended(run_id)
        self.fs.left = NO_END


def check(world: World, made: Made) -> None:
    """Look at the store as it lies there: what is told to be finished is so, and what once was still is."""
    finished = set()
    for run_id in RUNS:
        place = f"bucket/prefix/demo/runs/{run_id}"
        manifest = opened(world.objects.get(f"{place}/{WHOLE}"))
        if manifest is None:
            continue
        finished.add(run_id)
        kept = made.ends[run_id][manifest.record or ""]
        assert manifest.record in made.whole
        assert kept.keys() == manifest.files.keys()
        for name, one in manifest.files.items():
            assert world.objects[f"{place}/files/{key_of(name, one)}"] == kept[name], f"{run_id}: {name}"
    assert made.seen <= finished
    made.seen |= finished


def schedule(seed: int, root: Path) -> int:
    """Let two drivers work through a store that fails; return how many ends the runs came to."""
    world, made, clock = World(Random(seed)), Made(), [1000.0]
    depth = [0]

    def meanwhile(other: int) -> None:
        if depth[0] == 0 and world.rng.random() < 0.02:
            depth[0] = 1
            drivers[other].step()
            depth[0] = 0

    clients = [FaultyStore(world, rate=0.06, between=lambda other=1 - n: meanwhile(other)) for n in (0, 1)]
    drivers = [Driver(f"driver{n}", root / str(n), fs, made, clock) for n, fs in enumerate(clients)]
    for _ in range(24):
        drivers[world.rng.randrange(2)].step()
        check(world, made)
    last = Driver("last", root / "last", FaultyStore(world), made, clock)
    for _ in range(20):
        clock[0] += TTL_S + SKEW_S + 1
        last.plan.look()
        for run_id in RUNS:
            if not last.finished(run_id) and last.plan.claim(run_id):
                made.run(last.mirror.runs.folder(run_id), by="last")
                last.plan.ended(run_id)
        check(world, made)
        if all(map(last.finished, RUNS)):
            break
    assert made.seen == set(RUNS)
    elsewhere = Driver("reader", root / "elsewhere", FaultyStore(world), made, clock)
    elsewhere.mirror.bring(models=True)
    for run_id in RUNS:
        record = read_whole(elsewhere.mirror.runs.folder(run_id))
        check_files(record, elsewhere.mirror.runs.folder(run_id), hashes=True)
        assert mark_of(record) == WHOLE
    return sum(map(len, made.ends.values()))


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_two_hundred_random_schedules(quick_folder: Path) -> None:
    ends = []
    for seed in range(SCHEDULES):
        root = quick_folder / str(seed)
        try:
            ends.append(schedule(seed, root))
        except BaseException as error:
            error.add_note(f"schedule {seed}")
            raise
        shutil.rmtree(root, ignore_errors=True)
    assert sum(ends) > 5 * SCHEDULES  # of four runs each: some were made again


def test_the_faults_are_there(tmp_path: Path) -> None:
    """A store that is this bad does show through plain calls."""
    world = World(Random(1))
    fs = FaultyStore(world, rate=0.06)
    file = tmp_path / "file"
    file.write_bytes(bytes(range(200)))
    failed = torn = 0
    for number in range(400):
        try:
            fs.put_file(str(file), f"bucket/{number}")
        except OSError:
            failed += 1
        torn += len(world.objects.get(f"bucket/{number}", b"")) not in (0, 200)
    assert failed > 20
    assert torn > 5


def test_a_file_that_is_not_as_it_was_sent_counts_as_not_there(tmp_path: Path) -> None:
    world, made, said = World(Random(1)), Made(), []
    driver = Driver("a", tmp_path / "a", FaultyStore(world), made, [0.0])
    assert driver.plan.claim(RUNS[1])
    made.run(driver.mirror.runs.folder(RUNS[1]), by="a")
    driver.plan.ended(RUNS[1])
    (key,) = [name for name in world.objects if name.endswith("-weights")]
    world.objects[key] = b"W" + world.objects[key][1:]
    other = Driver("b", tmp_path / "b", FaultyStore(world), made, [0.0])
    other.mirror.runs.told = said.append
    other.mirror.bring(models=True)
    assert not other.finished(RUNS[1])
    (line,) = said
    assert "model/weights in the store is missing or not as it was written; the run counts as not there" in line
    assert other.plan.claim(RUNS[1])
    made.run(other.mirror.runs.folder(RUNS[1]), by="b")
    other.plan.ended(RUNS[1])
    check(world, made)
    text = other.mirror.runs.folder(RUNS[1]).record.read_text(encoding="utf-8")
    manifest = opened(world.objects[f"bucket/prefix/demo/runs/{RUNS[1]}/{WHOLE}"])
    assert manifest is not None
    assert manifest.record == text


def test_models_stay_in_the_store_where_nobody_asks_for_them(tmp_path: Path) -> None:
    world, made = World(Random(1)), Made()
    driver = Driver("a", tmp_path / "a", FaultyStore(world), made, [0.0])
    made.run(driver.mirror.runs.folder(RUNS[1]), by="a")
    assert driver.mirror.runs.publish(RUNS[1])
    other = Driver("b", tmp_path / "b", FaultyStore(world), made, [0.0])
    other.mirror.bring()
    folder = other.mirror.runs.folder(RUNS[1])
    assert not folder.model.exists()
    assert read_whole(folder).run_id == RUNS[1]
    folder.stored.unlink()
    assert not other.finished(RUNS[1])


def test_a_driver_that_died_is_waited_for_and_its_epoch_gone_on_from(tmp_path: Path) -> None:
    world, made, clock = World(Random(1)), Made(), [0.0]
    first, second = (Driver(name, tmp_path / name, FaultyStore(world), made, clock) for name in "ab")
    assert first.plan.claim(RUNS[1])
    folder = first.mirror.runs.folder(RUNS[1])
    for epoch in (1, 2):
        shutil.rmtree(folder.checkpoint, ignore_errors=True)
        (folder.checkpoint / f"epoch-{epoch}").mkdir(parents=True)
        (folder.checkpoint / f"epoch-{epoch}" / "state.json").write_text(str(epoch), encoding="utf-8")
        first.plan.keep_up()
    assert not second.plan.claim(RUNS[1])
    clock[0] += TTL_S - 1
    assert not second.plan.look()
    first.plan.keep_up()
    clock[0] += TTL_S - 1
    assert not second.plan.look()  # its heart beats
    clock[0] += SKEW_S + 10
    assert second.plan.look()
    assert second.plan.claim(RUNS[1])
    theirs = second.mirror.runs.folder(RUNS[1]).checkpoint
    assert [path.name for path in theirs.iterdir()] == ["epoch-2"]
    assert sha256_of(theirs / "epoch-2" / "state.json") == sha256_of(folder.checkpoint / "epoch-2" / "state.json")
    assert len([name for name in world.objects if "/checkpoint/" in name]) == 1  # the first is gone
    made.run(second.mirror.runs.folder(RUNS[1]), by="b")
    second.plan.ended(RUNS[1])
    assert not [name for name in world.objects if "checkpoint" in name or "/leases/" in name]


def test_a_run_that_could_not_be_brought_is_free_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, made, clock = World(Random(1)), Made(), [0.0]
    first, second = (Driver(name, tmp_path / name, FaultyStore(world), made, clock) for name in "ab")

    def failing(*_: object, **__: object) -> bool:
        raise StoreFailed("faulty://bucket", "does not answer")

    monkeypatch.setattr(first.mirror.runs, "bring", failing)
    said: list[str] = []
    first.plan.told = said.append
    assert not first.plan.claim(RUNS[1])
    assert said == ["faulty://bucket: does not answer; asked again until it does"]
    assert second.plan.claim(RUNS[1])


def test_every_lease_is_given_up_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint that cannot be sent, or a lease that cannot be given up, keeps no other run from being let go."""
    world, made = World(Random(1)), Made()
    driver = Driver("a", tmp_path / "a", FaultyStore(world), made, [0.0])
    with driver.plan:
        for run_id in RUNS:
            assert driver.plan.claim(run_id)
        release, publish = driver.mirror.leases.release, driver.mirror.runs.publish_checkpoint

        def fail(run_id: str) -> None:
            if run_id == RUNS[1]:
                raise StoreFailed("faulty://bucket", "does not answer")
            release(run_id)

        def refuse(run_id: str) -> int | None:
            if run_id == RUNS[0]:
                raise StoreFailed("faulty://bucket", "does not answer")
            return publish(run_id)

        monkeypatch.setattr(driver.mirror.leases, "release", fail)
        monkeypatch.setattr(driver.mirror.runs, "publish_checkpoint", refuse)
    assert [name for name in world.objects if "/leases/" in name] == [f"bucket/prefix/demo/leases/{RUNS[1]}"]


@pytest.mark.parametrize("expires", [10 * 365 * 86_400.0, float("inf"), float("nan"), -1e300])
def test_a_lease_by_a_clock_that_was_wrong_keeps_a_run_from_nobody(tmp_path: Path, expires: float) -> None:
    world, clock = World(Random(1)), [0.0]
    driver = Driver("a", tmp_path / "a", FaultyStore(world), Made(), clock)
    assert not driver.mirror.leases.stands(Lease("gone", expires))
    assert driver.mirror.leases.stands(Lease("here", TTL_S + SKEW_S / 2))  # a clock that is a little ahead


def test_one_lease_that_cannot_be_put_off_lets_the_others_run_out_no_sooner(tmp_path: Path) -> None:
    world, made, clock = World(Random(1)), Made(), [0.0]
    driver = Driver("a", tmp_path / "a", FaultyStore(world), made, clock)
    for run_id in RUNS[:2]:
        assert driver.plan.claim(run_id)
    renew = driver.mirror.leases.renew

    def fail(run_id: str) -> bool:
        if run_id == min(RUNS[:2]):
            raise StoreFailed("faulty://bucket", "does not answer")
        return renew(run_id)

    driver.mirror.leases.renew = fail  # type: ignore[method-assign]
    clock[0] += TTL_S
    with pytest.raises(StoreFailed):
        driver.plan.keep_up()
    kept = driver.mirror.leases.read(max(RUNS[:2]))
    assert kept is not None
    assert kept.expires == 2 * TTL_S


def two(tmp_path: Path) -> tuple[list[str], Mirror, Mirror, RunFolder]:
    """Return what is said, two workspaces on one store, and a run that the first has made."""
    said: list[str] = []
    fs, made = FaultyStore(World(Random(1))), Made()
    first, second = (
        Mirror(Objects(fs, "bucket", address="x://bucket"), "toy", Workspace(tmp_path / name), told=said.append)
        for name in "ab"
    )
    folder = first.runs.folder(RUNS[0])
    made.run(folder, by="a")
    return said, first, second, folder


def with_file(folder: RunFolder, name: str) -> None:
    (folder.model / name).write_bytes(b"x")
    record = Record.model_validate_json(folder.record.read_bytes())
    write_record(record.model_copy(update={"files": keep_files(folder)}), folder.record)


@pytest.mark.parametrize("name", [".hidden", "tab\u00a0le.json"])
def test_every_file_that_a_record_tells_of_is_in_the_store(tmp_path: Path, name: str) -> None:
    """A library that leaves `.gitattributes` beside its weights: the run was brought again and again, for ever."""
    said, first, second, folder = two(tmp_path)
    with_file(folder, name)
    assert first.runs.publish(RUNS[0])
    assert second.runs.bring(RUNS[0])
    assert not second.runs.bring(RUNS[0])
    assert read_whole(second.runs.folder(RUNS[0])).files.keys() == {
        f"model/{name}",
        "model/weights",
        "predictions.parquet",
    }
    assert not said


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="a second file system is needed")
def test_runs_behind_a_link_to_another_file_system_come_from_the_store(tmp_path: Path) -> None:
    """Nothing can be moved to it from beside the link, and the command ended there each time."""
    said, first, second, _ = two(tmp_path)
    assert first.runs.publish(RUNS[0])
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        if Path(elsewhere).stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("/dev/shm is on the same file system")
        home = second.runs.home
        if home.exists():
            home.rmdir()
        home.parent.mkdir(parents=True, exist_ok=True)
        home.symlink_to(elsewhere, target_is_directory=True)
        assert second.runs.bring(RUNS[0])
        assert read_whole(second.runs.folder(RUNS[0])).run_id == RUNS[0]
        assert [path.name for path in Path(elsewhere).iterdir()] == [RUNS[0]]
    assert not said


def test_a_run_in_the_store_without_a_file_of_its_record_counts_as_not_there(tmp_path: Path) -> None:
    """As an earlier version left it."""
    said, first, second, folder = two(tmp_path)
    with_file(folder, ".hidden")
    kept = folder.path / "predictions.parquet"
    manifest = Manifest.of({"predictions.parquet": kept}, record=folder.record.read_text(encoding="utf-8"))
    first.objects.below("runs").write(
        f"{RUNS[0]}/files/{key_of(kept.name, manifest.files[kept.name])}", kept.read_bytes()
    )
    first.objects.below("runs").write(f"{RUNS[0]}/{WHOLE}", sealed(manifest))
    shutil.copytree(folder.path, second.runs.folder(RUNS[0]).path)
    own = second.runs.folder(RUNS[0])
    record = Record.model_validate_json(own.record.read_bytes())
    write_record(record.model_copy(update={"command": "another"}), own.record)
    assert not second.runs.bring(RUNS[0])
    assert second.runs.publish(RUNS[0]), "the whole one takes its place"
    assert said == [f"{RUNS[0]}: the store lacks files that its record tells of; the run counts as not there"]
    assert read_whole(own).command == "another"
    assert first.runs.bring(RUNS[0])
    assert read_whole(folder).command == "another"


@pytest.mark.skipif(os.name == "nt", reason="no such file there")
def test_a_name_that_other_systems_have_not_is_told_and_not_sent(tmp_path: Path) -> None:
    said, first, second, folder = two(tmp_path)
    with_file(folder, "a\nb")
    assert not first.runs.publish(RUNS[0])
    assert said[0].startswith(
        f"{RUNS[0]}: not put into the store: 'model/a\\nb' is a link out of its folder, or a name"
    )
    assert not second.runs.bring(RUNS[0])


def test_a_name_as_long_as_a_folder_holds_is_no_hindrance(tmp_path: Path) -> None:
    _, _, second, folder = two(tmp_path)
    name = "w" * 240 + ".json"
    with_file(folder, name)
    files = StoredRuns(open_store((tmp_path / "store").as_uri()), folder.path.parent)
    other = StoredRuns(files.objects, second.runs.home)
    assert files.publish(RUNS[0])
    assert other.bring(RUNS[0])
    assert (other.folder(RUNS[0]).model / name).read_bytes() == b"x"


def test_answers_to_a_test_set_that_was_edited_are_put_into_the_store(tmp_path: Path) -> None:
    """They were made anew by everybody: the store kept those to the set as it had been."""
    said, first, second, folder = two(tmp_path)
    folder.tests.mkdir()
    (folder.tests / "more.parquet").write_bytes(b"before")
    assert first.runs.publish(RUNS[0])
    (folder.tests / "more.parquet").write_bytes(b"after")
    assert first.runs.publish(RUNS[0])
    assert second.runs.bring(RUNS[0])
    assert (second.runs.folder(RUNS[0]).tests / "more.parquet").read_bytes() == b"after"
    assert not said
