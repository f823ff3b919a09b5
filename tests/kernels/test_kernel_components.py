"""Components of small graphs, each way of finding them on its own."""

import numpy as np
import pytest

from influence.graph import Graph
from influence.kernels.components import (
    NEVER,
    busiest,
    link,
    pull_reached,
    push_reached,
    renumber,
    root_of_each,
    tarjan,
    trim,
)

#: The ring 0 1 2 leads by 3 to the ring 4 5, on which 6 hangs; 7 has a loop, 8 has nothing.
GRAPH = Graph.from_edges([0, 1, 2, 2, 3, 4, 5, 5, 7], [1, 2, 0, 3, 4, 5, 4, 6, 7], n_nodes=9, self_loops=True)
OUT, IN = (GRAPH.out_offsets, GRAPH.out_targets), (GRAPH.in_offsets, GRAPH.in_sources)


def test_busiest():
    assert busiest(OUT[0], IN[0], 1) == 2  # 2 out, 1 in; also 4 and 5: the first
    assert busiest(OUT[0], IN[0], 2) == 2
    assert busiest(np.array([0, 3, 3, 5, 6]), np.array([0, 0, 1, 3, 4]), 2) == 2


def test_pull():
    stamp = np.zeros(9, np.uint8)
    stamp[3] = 1
    assert pull_reached(*IN, *OUT, False, stamp, 2, 0, 9) == 1  # 4 looks at 3; 5 must not look at 4 yet
    assert stamp.tolist() == [0, 0, 0, 1, 2, 0, 0, 0, NEVER]
    assert pull_reached(*IN, *OUT, False, stamp, 3, 0, 6) == 1
    assert pull_reached(*IN, *OUT, False, stamp, 4, 0, 9) == 1
    assert stamp.tolist() == [0, 0, 0, 1, 2, 3, 4, 0, NEVER]
    assert pull_reached(*IN, *OUT, True, stamp, 5, 0, 9) == 1  # 2 leads to 3
    assert stamp[2] == 5


@pytest.mark.parametrize("budget", [1, 100])
def test_push(budget):
    stamp, queue, state = np.zeros(9, np.uint8), np.empty(9, np.int32), np.array([0, 1])
    stamp[3], queue[0] = 1, 3
    for _ in range(20):
        push_reached(*OUT, stamp, queue, state, 7, budget)
    assert stamp.tolist() == [0, 0, 0, 1, 7, 7, 7, 0, 0]
    assert state.tolist() == [4, 4]


@pytest.mark.parametrize("known", [[], [4, 5], [0, 1, 2, 3, 4, 5, 6]])
def test_link(known):
    stamp, parent = np.zeros(9, np.uint8), np.arange(9, dtype=np.int32)
    stamp[8] = NEVER
    first = known[0] if known else 0
    stamp[known], parent[known] = 1, first
    for start, stop in ((0, 4), (4, 9)):
        link(*OUT, *IN, True, stamp, first, parent, start, stop)
    assert root_of_each(parent).tolist() == [0, 0, 0, 0, 0, 0, 0, 7, 8]


def test_renumber():
    labels, sizes = renumber(np.array([5, 2, 5, 9, 2, 5], np.int32), 10)
    assert (labels.tolist(), sizes.tolist()) == ([0, 1, 0, 2, 1, 0], [3, 2, 1])


def test_trim():
    kind = np.zeros(9, np.uint8)
    kind[3] = 1
    trim(*OUT, *IN, kind, 0, 9)
    assert kind.tolist() == [0, 0, 0, 4, 0, 0, 4, 4, 4]
    kind = np.zeros(9, np.uint8)
    kind[4] = 1  # 5 leads to one of its kind, and only another kind leads to it
    trim(*OUT, *IN, kind, 0, 9)
    assert kind.tolist() == [0, 0, 0, 4, 4, 4, 4, 4, 4]


@pytest.mark.parametrize("budget", [1, 2, 1000])
@pytest.mark.parametrize("kinds", [[0] * 9, [3, 3, 3, 4, 0, 0, 4, 0, 4], [0, 0, 0, 1, 2, 2, 0, 0, 0]])
def test_tarjan(budget, kinds):
    kind = np.array(kinds, np.uint8)
    rank, path, stack = np.zeros(9, np.int32), np.empty(9, np.int32), np.empty(9, np.int32)
    cursor, lower, state = np.empty(9, np.int64), np.empty(9, np.uint8), np.array([1, 10, 0, 0, 0])
    calls = 1
    while not tarjan(*OUT, kind, rank, path, cursor, lower, stack, state, budget):
        calls += 1
    assert renumber(rank, 11)[0].tolist() == [0, 0, 0, 1, 2, 2, 3, 4, 5]
    assert calls == 1 or budget < 1000
