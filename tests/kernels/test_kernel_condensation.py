"""Strong components in order: every arc between them leads to an earlier one."""

import numpy as np
import pytest

from influence.graph import Graph
from influence.kernels.condensation import sinks_first


@pytest.mark.parametrize("seed", range(5))
def test_arcs_lead_to_earlier_ones(seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 6, 30).astype(np.int32)
    label[:6] = np.arange(6)
    height = rng.permutation(6)
    source, target = rng.integers(0, 30, 80), rng.integers(0, 30, 80)
    down = height[label[source]] >= height[label[target]]
    graph = Graph.from_edges(source[down], target[down], n_nodes=30)
    order = sinks_first(graph.out_offsets, graph.out_targets, graph.in_offsets, graph.in_sources, label, 6)
    assert sorted(order.tolist()) == list(range(6))
    place = np.argsort(order)
    ends = label[graph.edge_sources()], label[graph.out_targets]
    assert (place[ends[0]] >= place[ends[1]]).all()
    assert (place[ends[0]] > place[ends[1]]).any()


def test_ties_by_label():
    graph = Graph.from_edges([2], [0], n_nodes=3)
    label = np.arange(3, dtype=np.int32)
    order = sinks_first(graph.out_offsets, graph.out_targets, graph.in_offsets, graph.in_sources, label, 3)
    assert order.tolist() == [0, 1, 2]
