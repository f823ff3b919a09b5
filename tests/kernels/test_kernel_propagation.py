"""One round of labels that spread, worked by hand."""

import numpy as np
import pytest

from influence.graph import Graph
from influence.kernels.propagation import propagate

#: Without the compiler, numpy warns where the mixing of random numbers is meant to wrap around.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")


def test_a_round():
    graph = Graph.from_edges([0, 0, 1, 2, 3], [1, 2, 2, 3, 4], [1.0, 2.0, 3.0, 1.0, 0.0], n_nodes=6, directed=False)
    rows = (graph.out_offsets, graph.out_targets)
    label, active = np.arange(6, dtype=np.int32), np.ones(6, np.uint8)
    order, near, touched = np.arange(6, dtype=np.int32), np.zeros(6), np.empty(6, np.int32)
    changed = [
        propagate(*rows, graph.weight, *rows, label, order, active, near, touched, np.uint64(1), start, start + 1)
        for start in range(6)
    ]
    # 0 takes 2 (2 > 1), 1 takes 2 (4 > 0), 2 keeps its own, which now has 5; 3 takes 2; 4 has no tie of weight
    assert label.tolist() == [2, 2, 2, 2, 4, 5]
    assert changed == [1, 1, 0, 1, 0, 0]
    assert active.tolist() == [1, 0, 1, 0, 0, 0]  # 1 woke 0, 3 woke 2 and 4, who looked after that
    assert not near.any()


def test_lots_differ():
    graph = Graph.from_edges([0, 0, 0], [1, 2, 3], directed=False)
    rows = (graph.out_offsets, graph.out_targets)
    drawn = []
    for key in range(40):
        label, near = np.arange(4, dtype=np.int32), np.zeros(4)
        order, active = np.zeros(1, np.int32), np.ones(4, np.uint8)
        propagate(*rows, graph.weight, *rows, label, order, active, near, np.empty(4, np.int32), np.uint64(key), 0, 1)
        drawn.append(int(label[0]))
    assert set(drawn) == {1, 2, 3}
