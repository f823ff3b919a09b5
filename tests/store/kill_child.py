"""Load tables into a store, and die at a given operation on its files: run by the tests of killed writers.

python kill_child.py STORE SEED EVENTS AT: dies without a word at operation AT, or prints how many there were.
"""

import io
import os
import sys
import time

from store_tables import random_frames

from influence.graph import Graph
from influence.io import tables_from_frames
from influence.store import DirectoryStore

WATCHED = {"open", "opened", "fsync", "os.mkdir", "os.rename", "os.remove", "os.truncate", "os.listdir", "os.scandir"}


def main():
    folder, seed, events, at = sys.argv[1], *map(int, sys.argv[2:])
    tables = tables_from_frames(**random_frames(seed, people=events, events=events))
    Graph.from_edges([0], [1])  # whatever is slow to start has started
    count = 0

    def step(event, _arguments=None):
        nonlocal count
        if event in WATCHED:
            count += 1
            if count == at:
                os._exit(9)

    real = os.fsync

    def fsync(handle):
        step("fsync")
        real(handle)
        step("fsync")  # between what is on the disk and what comes next

    opened = io.open

    def open_and_step(*arguments, **named):
        file = opened(*arguments, **named)
        step("opened")  # a file that was emptied or begun
        return file

    os.fsync, io.open = fsync, open_and_step
    print("ready", flush=True)
    sys.addaudithook(step)
    began = time.perf_counter()
    DirectoryStore(folder).append(tables)
    took = time.perf_counter() - began
    at = 0
    print(count, took, flush=True)


if __name__ == "__main__":
    main()
