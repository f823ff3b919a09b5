"""Transitivity against a dense matrix, NetworkX and published values."""

import networkx as nx
import numpy as np
import pytest
from cases import CASES, random_case
from oracles_local import ends, same_however_run

from influence.centrality.transitivity import transitivity
from influence.graph import Graph


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_networkx_and_dense(name, loops):
    case = CASES[name]
    found = transitivity(case.graph(loops=loops))
    assert found == pytest.approx(nx.transitivity(case.networkx(loops=loops)), abs=1e-15)
    a = (case.dense() != 0).astype(int)
    pairs = sum(d * (d - 1) for d in a.sum(1))
    assert found == pytest.approx(np.trace(a @ a @ a.T) / pairs if pairs else 0.0, abs=1e-15)


def test_published():
    """Karate: 0.2557 (KONECT, Zachary; NetworkX and igraph say the same)."""
    assert transitivity(Graph.from_edges(*ends(nx.karate_club_graph()), directed=False)) == pytest.approx(
        0.2557, abs=5e-5
    )
    assert transitivity(Graph.from_edges(*ends(nx.complete_graph(9)), directed=False)) == 1.0


@pytest.mark.parametrize("directed", [False, True])
def test_same_however_run(directed):
    graph = random_case(6, n=100, m=1500, directed=directed).graph()
    assert same_however_run(lambda: transitivity(graph))
