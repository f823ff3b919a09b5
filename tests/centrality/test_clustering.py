"""Clustering coefficients against their formula, NetworkX and published values."""

import networkx as nx
import numpy as np
import oracles_local
import pytest
from cases import CASES, Case, random_case
from oracles_local import ends, in_order, same_however_run
from test_triangles import SNAP, snap

from influence.centrality.clustering import average_clustering, clustering
from influence.errors import UsageError
from influence.graph import Graph


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_networkx_and_formula(name, weighted, loops):
    case = CASES[name]
    found = clustering(case.graph(loops=loops), weighted=weighted).values
    wanted = nx.clustering(case.networkx(loops=loops), weight="weight" if weighted else None)
    assert found == pytest.approx(in_order(wanted, case.n), abs=1e-13)
    wanted = oracles_local.clustering(case.dense(loops=loops), directed=case.directed, weighted=weighted)
    assert found == pytest.approx(wanted, abs=1e-13)


@pytest.mark.parametrize("directed", [False, True])
def test_signed_weights_as_networkx_has_them(directed):
    case = random_case(8, n=16, m=90, directed=directed)
    case = Case(16, case.source, case.target, [w - 0.8 for w in case.weight], directed)
    found = clustering(case.graph(), weighted=True).values
    assert (found < 0).any()
    assert found == pytest.approx(in_order(nx.clustering(case.networkx(), weight="weight"), 16), abs=1e-13)


@pytest.mark.parametrize("count_zeros", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["asymmetric", "asymmetric undirected", "random undirected", "dense directed"])
def test_average(name, weighted, count_zeros):
    case = CASES[name]
    weight = "weight" if weighted else None
    wanted = nx.average_clustering(case.networkx(), weight=weight, count_zeros=count_zeros)
    found = average_clustering(case.graph(), weighted=weighted, count_zeros=count_zeros)
    assert found == pytest.approx(wanted, rel=1e-13)


def test_published():
    """Karate: 0.5706 (KONECT, Zachary). Ring lattices: 3 (K - 2) / 4 (K - 1) (Watts and Strogatz 1998)."""
    karate = Graph.from_edges(*ends(nx.karate_club_graph()), directed=False)
    assert average_clustering(karate) == pytest.approx(0.5706, abs=5e-5)
    for k in (4, 6, 10):
        ring = Graph.from_edges(*ends(nx.watts_strogatz_graph(50, k, 0.0)), directed=False)
        assert clustering(ring).values == pytest.approx(np.full(50, 3 * (k - 2) / (4 * (k - 1))))


@pytest.mark.data
@pytest.mark.parametrize("name", SNAP)
def test_published_averages(name, data_folder):
    assert average_clustering(snap(name, data_folder)) == pytest.approx(SNAP[name][1], abs=5e-5)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_same_bytes_however_run(directed, weighted):
    graph = random_case(6, n=100, m=1500, directed=directed).graph()
    assert same_however_run(lambda: clustering(graph, weighted=weighted).values)


def test_errors():
    with pytest.raises(UsageError, match="needs a node"):
        average_clustering(CASES["empty"].graph())
    with pytest.raises(UsageError, match="count_zeros"):
        average_clustering(CASES["chain"].graph(), count_zeros=False)
    with pytest.raises(UsageError, match="greatest weight"):
        clustering(Graph.from_edges([0, 1, 2], [1, 2, 0], [0.0, 0.0, 0.0]), weighted=True)
