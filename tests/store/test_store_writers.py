"""One writer at a time, and readers whom no writer disturbs."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from store_tables import random_frames

from influence.errors import UsageError
from influence.io import tables_from_frames
from influence.store import DirectoryStore, LockedError, pointer


def follows(*pairs):
    return tables_from_frames(follows=pl.DataFrame(pairs, schema=["source", "target"], orient="row"))


@pytest.fixture
def store(tmp_path):
    store = DirectoryStore(tmp_path / "store", lock_timeout=0.2)
    store.append(follows((1, 2), (3, 2)))
    return store


@pytest.fixture
def holder(store):
    """Start a process that holds the lock until it is killed."""
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from influence.store.lock import writing\n"
        "with writing(Path(sys.argv[1]), 5):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store.path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_second_writer_is_told_who_the_first_is(store, holder):
    began = time.monotonic()
    with pytest.raises(
        LockedError, match=rf"process {holder.pid} on .*, since 20.*within 0\.2 s.*--lock-timeout"
    ) as told:
        store.append(follows((4, 2)))
    assert 0.2 <= time.monotonic() - began < 5
    assert told.value.exit_status == 4
    assert store.tables().follows.height == 2  # reading needs no lock
    assert store.graph().n_edges == 2
    with pytest.raises(LockedError):
        DirectoryStore(store.path, lock_timeout=0).append(follows((4, 2)))


def test_the_lock_of_a_dead_writer_is_no_obstacle(store, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert json.loads((store.path / "lock").read_text())["pid"] == holder.pid
    assert store.append(follows((4, 2))).generation == 2


def test_the_second_writer_waits(store, holder):
    threading.Timer(0.3, holder.kill).start()
    assert DirectoryStore(store.path, lock_timeout=30).append(follows((4, 2))).generation == 2


def test_a_holder_that_has_not_signed_yet(store, holder):
    (store.path / "lock").write_text("")
    with pytest.raises(LockedError, match="another process"):
        store.append(follows((4, 2)))


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf")])
def test_no_time_to_wait_that_is_none(tmp_path, timeout):
    with pytest.raises(UsageError, match="lock_timeout"):
        DirectoryStore(tmp_path, lock_timeout=timeout)


@pytest.mark.slow
def test_many_writers_lose_nothing(tmp_path):
    def write(writer):
        mine = DirectoryStore(tmp_path / "store", lock_timeout=60)
        for turn in range(4):
            mine.append(follows((writer, 100 + turn), (writer, 200 + turn)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    store = DirectoryStore(tmp_path / "store")
    assert store.verify().generation == 16
    assert sorted(store.tables().follows.rows()) == sorted(
        (writer, base + turn) for writer in range(4) for turn in range(4) for base in (100, 200)
    )


@pytest.mark.slow
def test_readers_see_whole_loads_while_a_writer_is_at_work(store):
    stop = threading.Event()
    seen = []

    def read():
        while not stop.is_set():
            rows, edges = store.tables().follows.height, store.graph().n_edges
            assert rows % 2 == 0
            assert edges % 2 == 0
            seen.append(edges)

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        for turn in range(30):
            DirectoryStore(store.path).append(follows((1000 + turn, 2), (2000 + turn, 2)))
        stop.set()
        reading.result()
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


class TestGarbage:
    def names(self, store):
        return {path.name for path in (store.path / "data").iterdir()}

    def test_a_reader_of_the_generation_before_keeps_its_files(self, store, monkeypatch):
        before = pointer.read_state(store.path)
        graph = store.graph()
        store.append(follows((4, 2)))
        assert {entry.name for entry in before.files} <= self.names(store)
        with monkeypatch.context() as patch:
            patch.setattr(pointer, "read_state", lambda _: before)
            assert store.graph().n_edges == 2
        store.append(follows((5, 2)))
        store.append(follows((6, 2)))
        gone = {entry.name for entry in before.files} - self.names(store)
        assert gone
        assert all(name.startswith("graph.") for name in gone)
        assert graph.out_targets.tolist() == [1, 1]  # what is mapped stays

    def test_a_reader_who_was_overtaken_reads_again(self, store, monkeypatch):
        stale = pointer.read_state(store.path)
        for turn in range(3):
            store.append(follows((4 + turn, 2)))
        real, calls = pointer.read_state, []

        def first_stale(folder):
            calls.append(1)
            return stale if len(calls) == 1 else real(folder)

        monkeypatch.setattr(pointer, "read_state", first_stale)
        assert store.graph().n_edges == 5
        assert len(calls) == 2

    def test_what_a_killed_writer_left_goes_and_what_is_not_ours_stays(self, store):
        data = store.path / "data"
        left = [
            "follows-000002-0123abcd.parquet",
            "graph.out_targets-000002-0123abcd.npy",
            "interactions.keys-000002-0123abcd.parquet",
        ]
        mine = ["notes.txt", "follows.parquet", "follows-000002.parquet"]
        for name in [*left, *mine]:
            (data / name).write_bytes(b"x")
        (store.path / "store.json.part").write_bytes(b"half")
        assert store.tables().follows.height == 2
        store.append(follows((4, 2)))
        assert not self.names(store) & set(left)
        assert set(mine) <= self.names(store)
        assert not (store.path / "store.json.part").exists()
        store.verify()

    def test_nothing_new_writes_nothing(self, store):
        before = {path: path.stat().st_mtime_ns for path in Path(store.path).rglob("*") if path.name != "lock"}
        store.append(follows((1, 2), (3, 2)))
        assert {path: path.stat().st_mtime_ns for path in before} == before

    def test_old_segments_are_not_read_when_more_is_loaded(self, store):
        store.append(tables_from_frames(**random_frames(1, events=50)))
        old = [
            entry
            for entry in pointer.read_state(store.path).files
            if "graph" not in entry.what and "keys" not in entry.what
        ]
        for entry in old:
            (store.path / "data" / entry.name).chmod(0)
            (store.path / "data" / entry.name).write_bytes(b"")
        assert store.append(tables_from_frames(**random_frames(2, events=50))).generation == 3
