"""Collective influence against its definition and graphs where it can be told by hand."""

import networkx as nx
import numpy as np
import oracles_local
import pytest
from cases import CASES, random_case
from oracles_local import ends, same_however_run

from influence.centrality.collective_influence import collective_influence, collective_influence_order
from influence.errors import UsageError
from influence.graph import Graph


def undirected(case, *, loops=False):
    return case.graph(loops=loops).undirected(), nx.Graph(case.networkx())


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("radius", [0, 1, 2, 3])
@pytest.mark.parametrize("name", CASES)
def test_definition(name, radius, loops):
    graph, reference = undirected(CASES[name], loops=loops)
    wanted = oracles_local.collective(reference, radius)
    found = collective_influence(graph, radius=radius).values
    assert found.tolist() == [wanted[v] for v in range(graph.n_nodes)]


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("radius", [0, 1, 2])
@pytest.mark.parametrize("name", ["star in", "asymmetric undirected", "random undirected", "dense undirected"])
def test_order_by_measuring_everybody_anew(name, radius, batch):
    graph, reference = undirected(CASES[name], loops=True)
    chosen, scores = [], []
    while True:
        now = oracles_local.collective(reference, radius)
        picked = [v for v in sorted(now, key=lambda v: (-now[v], v))[:batch] if now[v] > 0]
        if not picked:
            break
        chosen += picked
        scores += [now[v] for v in picked]
        reference.remove_nodes_from(picked)
    found = collective_influence_order(graph, radius=radius, batch=batch)
    assert (found.nodes.tolist(), found.scores.tolist()) == (chosen, scores)
    assert collective_influence_order(graph, radius=radius, batch=batch, k=2).nodes.tolist() == chosen[:2]


@pytest.mark.parametrize("seed", range(3))
def test_order_on_a_sparse_graph(seed):
    """Where a removal lengthens paths, influence may rise: a node moves out to the surface."""
    reference = nx.gnm_random_graph(60, 80, seed=seed)
    graph = Graph.from_edges(*ends(reference), n_nodes=60, directed=False)
    found = collective_influence_order(graph, radius=2)
    for node, score in zip(found.nodes.tolist(), found.scores.tolist(), strict=True):
        now = oracles_local.collective(reference, 2)
        assert score == now[node] == max(now.values())
        reference.remove_node(node)
    assert max(oracles_local.collective(reference, 2).values()) == 0


def test_by_hand():
    """Morone and Makse 2015, equation 2, on Petersen's graph: 3 neighbours each, 6 nodes at two steps."""
    petersen = Graph.from_edges(*ends(nx.petersen_graph()), directed=False)
    for radius, surface in ((1, 3), (2, 6), (3, 0)):
        assert collective_influence(petersen, radius=radius).values.tolist() == [2 * surface * 2] * 10


def test_weak_nodes_between_hubs_count():
    """A node of degree 2 between two hubs goes before a hub of leaves, once the radius sees the hubs."""
    edges = [(0, 1), (0, 2), *((1, v) for v in range(3, 13)), *((2, v) for v in range(13, 23))]
    edges += [(23, v) for v in range(24, 36)]
    values = collective_influence(Graph.from_edges(*zip(*edges, strict=True), directed=False), radius=1).values
    assert values[0] == 1 * (10 + 10)
    assert values[23] == 0


def test_same_bytes_however_run():
    graph = random_case(6, n=100, m=300, directed=False).graph()
    assert same_however_run(lambda: collective_influence(graph).values)
    assert same_however_run(lambda: collective_influence_order(graph, k=20).nodes)


def test_nobody():
    assert collective_influence(CASES["empty"].graph().undirected()).values.size == 0
    found = collective_influence_order(CASES["no edges"].graph().undirected())
    assert (len(found), found.scores.dtype) == (0, np.int64)


def test_errors():
    graph = CASES["path undirected"].graph()
    with pytest.raises(UsageError, match="undirected"):
        collective_influence(CASES["chain"].graph())
    with pytest.raises(UsageError, match="radius"):
        collective_influence(graph, radius=-1)
    with pytest.raises(UsageError, match="batch"):
        collective_influence_order(graph, batch=0)
    with pytest.raises(UsageError, match="k must"):
        collective_influence_order(graph, k=-1)
