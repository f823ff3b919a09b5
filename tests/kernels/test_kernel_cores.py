"""Cores and s-cores of small graphs, worked by hand, cut anywhere."""

import numpy as np
import pytest

from influence.graph import Graph
from influence.kernels.cores import loop_arcs, peel, peel_strength

#: A triangle 0 1 2 with the tail 2 3 4, node 5 alone and a loop on 1.
GRAPH = Graph.from_edges(
    [0, 0, 1, 2, 3, 1], [1, 2, 2, 3, 4, 1], [1.0, 2.0, 4.0, 8.0, 3.0, 9.0], n_nodes=6, directed=False, self_loops=True
)
ROWS = (GRAPH.out_offsets, GRAPH.out_targets)


def test_loops():
    assert loop_arcs(*ROWS).tolist() == [-1, 3, -1, -1, -1, -1]


@pytest.mark.parametrize("step", [1, 4, 6])
@pytest.mark.parametrize("both", [False, True])
def test_peel(step, both):
    n = GRAPH.n_nodes
    degree = ((1 + both) * (GRAPH.out_degree - (loop_arcs(*ROWS) >= 0))).astype(np.int32)
    layer, queue, waiting = np.empty(n, np.int32), np.empty(n + 1, np.int32), np.arange(n + 1, dtype=np.int32)
    state = np.array([-1, 0, 0, 0, n, 0])
    for stop in range(step, n + step, step):
        peel(*ROWS, *ROWS, both, degree, layer, queue, waiting, state, min(stop, n))
    assert degree.tolist() == [k * (1 + both) for k in (2, 2, 2, 1, 1, 0)]
    assert queue.tolist()[:3] == [5, 4, 3]
    assert layer.tolist() == [1, 2, 3, 4, 4, 4]


@pytest.mark.parametrize("step", [1, 4, 6])
@pytest.mark.parametrize("both", [False, True])
def test_peel_strength(step, both):
    n = GRAPH.n_nodes
    strength = (1.0 + both) * np.array([3.0, 5.0, 14.0, 11.0, 3.0, 0.0])
    found, heap, place, state = np.empty(n), np.empty(n, np.int32), np.empty(n, np.int32), np.zeros(2, np.int64)
    for stop in range(step, n + step, step):
        peel_strength(
            *(*ROWS, GRAPH.weight, *ROWS, GRAPH.weight, both, strength, found, heap, place, state, min(stop, n))
        )
    # 5, then 0 (3), which leaves 1 with 4 and 2 with 12; 4 (3), which leaves 3 with 8; 1 (4), 2 (8), 3
    assert found.tolist() == [(1 + both) * s for s in (3.0, 4.0, 8.0, 8.0, 3.0, 0.0)]
    assert heap.tolist() == [3, 2, 1, 4, 0, 5]  # who left stands behind, the first at the end


def test_a_larger_heap():
    """Against removing the weakest again and again."""
    rng = np.random.default_rng(1)
    graph = Graph.from_edges(*rng.integers(0, 40, (2, 160)), rng.integers(1, 9, 160).astype(float), directed=False)
    n = graph.n_nodes
    matrix = np.zeros((n, n))
    matrix[graph.edge_sources(), graph.out_targets] = graph.weight
    inside, level, wanted = np.ones(n, bool), 0.0, np.zeros(n)
    while inside.any():
        strength = np.where(inside, matrix @ inside, np.inf)
        v = int(np.argmin(strength))
        level = max(level, strength[v])
        wanted[v], inside[v] = level, False
    found, heap, place, state = np.empty(n), np.empty(n, np.int32), np.empty(n, np.int32), np.zeros(2, np.int64)
    rows = (graph.out_offsets, graph.out_targets, graph.weight)
    peel_strength(*rows, *rows, False, matrix.sum(1), found, heap, place, state, n)
    assert found.tolist() == wanted.tolist()
