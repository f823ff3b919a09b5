"""Onion layers against their definition, NetworkX and published examples."""

import networkx as nx
import numpy as np
import pytest
from cases import CASES, random_case

from influence.centrality.core_number import core_number
from influence.centrality.onion import onion_layers
from influence.errors import UsageError
from influence.graph import Graph


def layers_by_definition(ties):
    """Hébert-Dufresne's: ``ties[u, v]`` counts how often v keeps u; everyone of at most k goes at once."""
    ties = ties.astype(np.int64)
    np.fill_diagonal(ties, 0)
    inside, layer, k, found = np.ones(len(ties), bool), 0, 0, np.zeros(len(ties), int)
    while inside.any():
        left = (ties * inside[:, None]).sum(0)
        k, layer = max(k, left[inside].min()), layer + 1
        gone = inside & (left <= k)
        found[gone] = layer
        inside &= ~gone
    return found


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_definition(name, loops):
    case = CASES[name]
    some = case.dense(loops=loops) > 0
    for direction in ("total", "in", "out"):
        ties = {"in": some, "out": some.T, "total": some + 0 + some.T}[direction] if case.directed else some
        found = onion_layers(case.graph(loops=loops), direction=direction)
        assert found.values.tolist() == layers_by_definition(ties).tolist(), direction


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.directed])
def test_networkx(name):
    wanted = nx.onion_layers(CASES[name].networkx())
    assert onion_layers(CASES[name].graph()).values.tolist() == [wanted[v] for v in range(CASES[name].n)]


def test_networkx_larger():
    case = random_case(3, n=300, m=1500, directed=False)
    wanted = nx.onion_layers(case.networkx())
    found = onion_layers(case.graph()).values
    assert found.tolist() == [wanted[v] for v in range(case.n)]
    core = core_number(case.graph()).values
    assert (np.diff(core[np.argsort(found, kind="stable")]) >= 0).all()  # a higher layer is in no lower core


def test_published():
    """The Havel–Hakimi graph of degrees 0, 1, 2, 2, 2, 2, 3: layers in NetworkX's documentation of the 2016 method."""
    ends = nx.havel_hakimi_graph([0, 1, 2, 2, 2, 2, 3]).edges()
    graph = Graph.from_edges(*zip(*ends, strict=True), n_nodes=7, directed=False)
    assert onion_layers(graph).values.tolist() == [2, 4, 4, 4, 3, 4, 1]


def test_a_lattice_and_a_tree_of_the_same_core():
    """A complete binary tree of height h falls away in h + 1 layers, a ring at once (2016, figure 1)."""
    tree = nx.balanced_tree(2, 4)
    graph = Graph.from_edges(*zip(*tree.edges(), strict=True), directed=False)
    depth = nx.single_source_shortest_path_length(tree, 0)
    assert onion_layers(graph).values.tolist() == [5 - depth[v] for v in range(31)]
    ring = Graph.from_edges(range(9), [*range(1, 9), 0], directed=False)
    assert set(onion_layers(ring).values) == {1}


def test_refused():
    with pytest.raises(UsageError, match="direction"):
        onion_layers(Graph.from_edges([0], [1]), direction="sideways")
