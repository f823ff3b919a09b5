"""Strong components in the order in which NetworkX lists them."""

import networkx as nx
import numpy as np
import pytest

from influence.graph import Graph
from influence.kernels.finishing import finishing_order


@pytest.mark.parametrize("seed", range(20))
def test_the_order_is_that_of_tarjan(seed):
    rng = np.random.default_rng(seed)
    source, target = rng.integers(0, 40, 50), rng.integers(0, 40, 50)
    graph = Graph.from_edges(source, target, n_nodes=40)
    theirs = nx.DiGraph()
    theirs.add_nodes_from(range(40))
    theirs.add_edges_from(zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), strict=True))
    wanted = list(nx.strongly_connected_components(theirs))
    label = np.empty(40, np.int32)
    names = rng.permutation(len(wanted))
    for name, component in zip(names, wanted, strict=True):
        label[list(component)] = name
    order = finishing_order(graph.out_offsets, graph.out_targets, label, len(wanted))
    assert order.tolist() == names.tolist()


def test_no_nodes():
    empty = np.empty(0, np.int32)
    assert finishing_order(np.zeros(1, np.int64), empty, empty, 0).size == 0
