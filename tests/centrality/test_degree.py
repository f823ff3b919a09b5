"""Degree and strength against plain counts, NetworkX and published degrees."""

import networkx as nx
import numpy as np
import pytest
from cases import CASES, reference

from influence.centrality.degree import degree, strength
from influence.graph import Graph


def counted(case, loops, weights):
    """Return total, in and out by going through the edges one by one."""
    matrix = case.dense(loops=loops)
    total, into, out = [0.0] * case.n, [0.0] * case.n, [0.0] * case.n
    for u in range(case.n):
        for v in range(case.n):
            value = (matrix[u, v] if weights else 1.0) if matrix[u, v] else 0.0
            out[u] += value
            into[v] += value
            if case.directed or u <= v:
                total[u] += value
                total[v] += value
    return (total, into, out) if case.directed else (total, total, total)


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_counts_and_networkx(name, loops):
    case = CASES[name]
    graph, peer = case.graph(loops=loops), case.networkx(loops=loops)
    for found, weight in ((degree(graph), None), (strength(graph), "weight")):
        total, into, out = counted(case, loops, weight)
        assert found.values == pytest.approx(total)
        assert found.incoming == pytest.approx(into)
        assert found.outgoing == pytest.approx(out)
        assert found.values == pytest.approx([d for _, d in peer.degree(weight=weight)])
        if case.directed:
            assert found.incoming == pytest.approx([d for _, d in peer.in_degree(weight=weight)])
            assert found.outgoing == pytest.approx([d for _, d in peer.out_degree(weight=weight)])
    share = degree(graph, normalized=True)
    assert share.values == pytest.approx(list(nx.degree_centrality(peer).values()))
    if case.directed:
        assert share.incoming == pytest.approx(list(nx.in_degree_centrality(peer).values()))
        assert share.outgoing == pytest.approx(list(nx.out_degree_centrality(peer).values()))


def test_columns():
    edges = [0, 0, 1], [1, 2, 2]
    assert degree(Graph.from_edges(*edges)).to_polars().columns == ["id", "degree", "in_degree", "out_degree"]
    assert strength(Graph.from_edges(*edges)).to_polars().columns == ["id", "strength", "in_strength", "out_strength"]
    assert degree(Graph.from_edges(*edges, directed=False)).to_polars().columns == ["id", "degree"]


def test_whole_numbers_stay_whole():
    found = degree(Graph.from_edges([0, 0], [1, 2]))
    assert {part.dtype.kind for part in (found.values, found.incoming, found.outgoing)} == {"i"}


def test_negative_weights_add_up():
    found = strength(Graph.from_edges([0, 0], [1, 2], [2.0, -3.0]))
    assert found.outgoing.tolist() == [-1.0, 0.0, 0.0]


def test_kite_is_the_published_one():
    """Krackhardt 1990: Diane (3) has six ties, the most; Jane (9) has one."""
    ends = np.array(nx.krackhardt_kite_graph().edges())
    found = degree(Graph.from_edges(ends[:, 0], ends[:, 1], directed=False))
    assert found.values.tolist() == [4, 4, 3, 6, 3, 5, 5, 3, 2, 1]


@pytest.mark.data
def test_reference_centralities(data_folder):
    wanted = reference("karate", "in_degree", data_folder)
    ends = np.array(nx.karate_club_graph().edges())
    found = degree(Graph.from_edges(ends[:, 0], ends[:, 1], directed=False))
    assert found.values.tolist() == [wanted[str(u)] for u in range(34)]
