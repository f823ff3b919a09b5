"""Shortest paths counted from every source of a few small graphs, against paths counted level by level."""

import numpy as np
import pytest

from influence.kernels.brandes import MANY, betweenness_lanes, edge_lanes, relabel
from influence.kernels.brandes_weighted import pop, push, weighted_lanes

#: A loop, a double way, a node apart, a hub: some layers are pulled and some pushed.
GRAPHS = {
    "one node": np.zeros((1, 1), int),
    "asymmetric": np.array([[1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]]),
    "random": (np.random.default_rng(1).random((12, 12)) < 0.25).astype(int),
    "hubs": np.array([[int(i != j and (i < 2 or j < 2 or i == j + 1)) for j in range(12)] for i in range(12)]),
}


def rows(matrix, dtype=np.uint32):
    """Return offsets and neighbours."""
    return np.r_[0, np.cumsum(matrix.astype(bool).sum(1))].astype(np.int64), np.nonzero(matrix)[1].astype(dtype)


def plain(matrix):
    """Return sums over ordered pairs of nodes inside and arcs along, from the numbers of walks of each length."""
    n = len(matrix)
    far, paths, walks = np.full((n, n), -1), np.zeros((n, n)), np.eye(n)
    for length in range(n):
        new = (far < 0) & (walks > 0)
        far[new], paths[new] = length, walks[new]
        walks = walks @ matrix
    nodes, arcs = np.zeros(n), np.zeros((n, n))
    for s in range(n):
        for t in range(n):
            if s != t and paths[s, t]:
                for v in range(n):
                    if v not in (s, t) and far[s, v] >= 0 and far[v, t] >= 0 and far[s, v] + far[v, t] == far[s, t]:
                        nodes[v] += paths[s, v] * paths[v, t] / paths[s, t]
                    for w in np.flatnonzero(matrix[v]):
                        if far[s, v] >= 0 and far[w, t] >= 0 and far[s, v] + 1 + far[w, t] == far[s, t]:
                            arcs[v, w] += paths[s, v] * paths[w, t] / paths[s, t]
    return nodes, arcs[np.nonzero(matrix)]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", GRAPHS)
def test_nodes_and_arcs(name, threads):
    matrix = GRAPHS[name]
    n, m = len(matrix), int(matrix.sum())
    wanted_nodes, wanted_arcs = plain(matrix)
    out, into = rows(matrix), rows(matrix.T)
    asked = np.arange(n), np.ones(n), *out
    target, reached = np.ones(n, np.uint8), np.zeros(n, np.int64)
    queue, paths = np.empty((threads, n + 1), np.uint32), np.empty((threads, n))
    zeros = np.zeros((threads, n)), np.zeros((threads, n))
    starts, pushed = np.empty((threads, n + 2), np.int32), np.empty((threads, n + 1), np.bool_)
    nodes, arcs = np.zeros((3, n)), np.zeros((3, m))
    for part in ((0, 1), (1, n)):
        work = queue, paths, zeros[0], np.empty((threads, n)), zeros[1], starts, pushed, reached
        betweenness_lanes(*part, *asked, *into, target, False, *work, nodes)
        edge_lanes(*part, *asked, *into, target, queue, paths, *zeros, starts, pushed, reached, arcs)
    assert nodes.sum(0) == pytest.approx(wanted_nodes) and arcs.sum(0) == pytest.approx(wanted_arcs)
    assert not zeros[0].any() and not zeros[1].any() and MANY not in reached
    for edges, wanted in ((False, wanted_nodes), (True, wanted_arcs)):
        total = np.zeros((3, wanted.size))
        heap, place, far = (
            np.empty((threads, n), np.int32),
            np.full((threads, n), -1, np.int32),
            np.full((threads, n), np.inf),
        )
        first, tight = np.empty((threads, n + 1), np.int64), np.empty((threads, m), np.int64)
        work = queue, heap, place, far, paths, np.empty((threads, n)), first, tight, reached
        weighted_lanes(0, n, *asked, np.full(m, 0.5), 1e-12, target, False, edges, *work, total)
        assert total.sum(0) == pytest.approx(wanted)
        assert (place == -1).all() and np.isinf(far).all()


def test_relabel():
    offsets, targets = rows(GRAPHS["asymmetric"], np.int32)
    order = np.array([3, 0, 4, 1, 2])
    number = np.argsort(order).astype(np.uint32)
    wanted, _ = rows(GRAPHS["asymmetric"][np.ix_(order, order)])
    moved, arcs = np.empty(targets.size, np.uint32), np.empty(targets.size, np.int64)
    relabel(order, number, offsets, targets, wanted, moved, arcs, True)
    source = np.repeat(np.arange(5), np.diff(wanted))
    assert (GRAPHS["asymmetric"][order[source], order[moved]] == 1).all()
    assert targets[arcs].tolist() == order[moved].tolist() and sorted(arcs) == list(range(targets.size))


def test_the_heap_gives_the_nearest_first():
    rng = np.random.default_rng(2)
    n = 60
    heap, place, far, size = np.empty(n, np.int32), np.full(n, -1, np.int32), np.full(n, np.inf), 0
    for v in rng.permutation(n):
        size = push(heap, place, far, size, v, rng.random())
    for v in range(0, n, 3):
        size = push(heap, place, far, size, v, far[v] * rng.random())
    wanted = np.argsort(far, kind="stable").tolist()
    found = []
    for left in range(n, 0, -1):
        found.append(int(pop(heap, place, far, left)))
    assert size == n and found == wanted and (place == -2).all()
