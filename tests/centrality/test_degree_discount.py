"""Degree discount against its definition, counted anew for every choice."""

import networkx as nx
import oracles_local
import pytest
from cases import CASES, random_case
from oracles_local import ends, same_however_run

from influence.centrality.degree_discount import degree_discount
from influence.errors import UsageError
from influence.graph import Graph


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("p", [0.0, 0.01, 0.25, 1.0])
@pytest.mark.parametrize("name", CASES)
def test_definition(name, p, loops):
    case = CASES[name]
    found = degree_discount(case.graph(loops=loops), p=p)
    arcs = zip(case.source, case.target, strict=True)
    wanted = oracles_local.degree_discount(arcs, case.n, p, case.directed)
    assert found.nodes.tolist() == [node for node, _ in wanted]
    assert found.scores == pytest.approx([score for _, score in wanted], rel=1e-15)


def test_published():
    """Algorithm 4 of Chen et al. 2009 for two hubs who know each other: 5 − 2 − (5 − 1) p for the second."""
    edges = [(0, 1), *((0, leaf) for leaf in range(2, 7)), *((1, leaf) for leaf in range(7, 11)), (11, 12), (11, 13)]
    found = degree_discount(Graph.from_edges(*zip(*edges, strict=True), directed=False), k=3, p=0.1)
    assert found.nodes.tolist() == [0, 1, 11]
    assert found.scores == pytest.approx([6.0, 5 - 2 - 4 * 0.1, 2.0])


def test_first_is_the_greatest_degree():
    karate = nx.karate_club_graph()
    found = degree_discount(Graph.from_edges(*ends(karate), directed=False), k=2)
    assert (found.nodes.tolist(), found.scores.tolist()) == ([33, 0], [17.0, 16.0])
    assert len(degree_discount(Graph.from_edges([0], [1]), k=9)) == 2


@pytest.mark.parametrize("directed", [False, True])
def test_same_bytes_however_run(directed):
    graph = random_case(6, n=100, m=900, directed=directed).graph()
    assert same_however_run(lambda: degree_discount(graph).nodes)
    assert same_however_run(lambda: degree_discount(graph, p=0.3).scores)


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_chances_are_chances(p):
    with pytest.raises(UsageError, match="chance"):
        degree_discount(CASES["chain"].graph(), p=p)


def test_negative_size_is_refused():
    with pytest.raises(UsageError, match="k must"):
        degree_discount(CASES["chain"].graph(), k=-2)
