"""A writer that is killed at any moment leaves the store as it was, or as it was to be."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from store_tables import random_frames, same_contents

from influence.errors import DataError
from influence.io import tables_from_frames
from influence.store import DirectoryStore, pointer

CHILD = Path(__file__).with_name("kill_child.py")
FIRST, SECOND = 1, 2  # the seeds of what is loaded first and then

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the writer needs flock")


def frames(seed, events):
    return tables_from_frames(**random_frames(seed, people=events, events=events))


def start(folder, seed, events, at=-1):
    process = subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), str(seed), str(events), str(at)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(CHILD.parent), *sys.path])},
    )
    line = process.stdout.readline()
    assert line == "ready\n", process.communicate()
    return process


class Scene:
    """A store that is empty (a load) or holds a load (an append), and what it may hold after a kill."""

    def __init__(self, folder, kind, events):
        self.folder, self.events, self.kind = folder, events, kind
        self.before = folder / "before"
        self.seed = FIRST if kind == "load" else SECOND
        if kind == "append":
            DirectoryStore(self.before).append(frames(FIRST, events))
        whole = DirectoryStore(folder / "whole")
        for seed in (FIRST, SECOND)[: 1 if kind == "load" else 2]:
            whole.append(frames(seed, events))
        self.new = whole.tables()
        self.old = DirectoryStore(self.before).tables() if kind == "append" else None
        self.generations = (0, 1) if kind == "load" else (1, 2)
        self.number = 0

    def fresh(self):
        """Return a store as it was before, in a folder of its own."""
        self.number += 1
        path = self.folder / f"store{self.number}"
        if self.kind == "append":
            shutil.copytree(self.before, path)
        return path

    def judge(self, path):
        """Return ``old`` or ``new``; whatever else the store is fails. Then the next writer must make it new."""
        store = DirectoryStore(path)
        try:
            generation = store.info.generation
        except DataError as error:
            assert self.kind == "load", error
            assert any(words in str(error) for words in ("no such folder", "empty folder", "nothing was loaded")), error
            generation = 0
        old, new = self.generations
        assert generation in (old, new)
        if generation:
            assert same_contents(store.tables(), self.new if generation == new else self.old)
            store.verify()
        done = store.append(frames(self.seed, self.events))
        assert done.generation == new
        assert bool(done.added) is (generation == old)
        assert same_contents(store.tables(), self.new)
        store.verify()
        state = pointer.read_state(path)
        there = {entry.name for entry in (path / "data").iterdir()}
        assert there == {entry.name for entry in state.files} | set(state.previous)
        assert {entry.name for entry in path.iterdir()} == {"data", "lock", "store.json"}
        shutil.rmtree(path)
        return "old" if generation == old else "new"


def kill_at_operations(tmp_path, kind, wanted):
    """Kill at operations on files, all of them or some; return how often each state was seen."""
    scene = Scene(tmp_path, kind, events=120)
    alive = start(scene.fresh(), scene.seed, scene.events)
    total = int(alive.communicate()[0].split()[0])
    assert alive.returncode == 0
    places = (
        range(1, total + 1)
        if wanted is None
        else sorted({round(1 + (total - 1) * i / (wanted - 1)) for i in range(wanted)})
    )
    seen = []
    for at in places:
        path = scene.fresh()
        process = start(path, scene.seed, scene.events, at)
        process.communicate()
        assert process.returncode == 9
        seen.append(scene.judge(path))
    assert seen == sorted(seen, key=["old", "new"].index)  # there is one moment at which it changes
    return Counter(seen), total


def kill_at_random(tmp_path, kind, times, seed):
    """Kill for real at random moments of the writing."""
    scene = Scene(tmp_path, kind, events=40_000)
    alive = start(scene.fresh(), scene.seed, scene.events)
    took = float(alive.communicate()[0].split()[1])
    draw = random.Random(seed)
    seen = Counter()
    for _ in range(times):
        path = scene.fresh()
        process = start(path, scene.seed, scene.events)
        time.sleep(draw.random() * took * 1.15)
        process.kill()
        process.communicate()
        seen[scene.judge(path)] += 1
    return seen, took


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["load", "append"])
def test_killed_at_some_operations(tmp_path, kind):
    seen, _ = kill_at_operations(tmp_path, kind, 3)
    assert set(seen) == {"old", "new"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["load", "append"])
def test_killed_at_every_operation(tmp_path, kind):
    seen, total = kill_at_operations(tmp_path, kind, None)
    print(kind, total, "operations:", dict(seen))
    assert set(seen) == {"old", "new"}
    assert sum(seen.values()) == total


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["load", "append"])
def test_killed_at_random_moments(tmp_path, kind):
    seen, took = kill_at_random(tmp_path, kind, 30, seed=7)
    print(kind, f"{took:.2f} s:", dict(seen))
    assert sum(seen.values()) == 30
