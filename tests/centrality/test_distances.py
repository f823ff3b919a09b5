"""Distances from one node, and eccentricities, against dense distances and NetworkX."""

import networkx as nx
import numpy as np
import oracles_distances as oracles
import pytest
from cases import CASES, random_case

from influence.centrality.distances import eccentricity, shortest_path_lengths
from influence.errors import UsageError
from influence.graph import Graph


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("distance", [None, "weight", "inverse"])
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.n])
def test_dense_distances(name, distance, loops):
    case = CASES[name]
    away = oracles.distances(oracles.lengths_of(case, loops=loops, distance=distance))
    if distance is None:
        away[np.isinf(away)] = -1
    graph = case.graph(loops=loops)
    for source in range(case.n):
        found = shortest_path_lengths(graph, source, distance=distance)
        assert found == pytest.approx(away[source], abs=1e-12)
        found = shortest_path_lengths(graph, source, distance=distance, direction="in")
        assert found == pytest.approx(away[:, source], abs=1e-12)


@pytest.mark.parametrize("cutoff", [0, 1, 2, 1e9])
@pytest.mark.parametrize("name", ["asymmetric", "random directed", "random undirected", "integer weights"])
def test_cutoffs_of_networkx(name, cutoff):
    graph, other = CASES[name].graph(), CASES[name].networkx()
    for source in range(CASES[name].n):
        wanted = nx.single_source_shortest_path_length(other, source, cutoff=cutoff)
        found = shortest_path_lengths(graph, source, cutoff=cutoff)
        assert {int(v): int(found[v]) for v in np.flatnonzero(found >= 0)} == dict(wanted)
        wanted = nx.single_source_dijkstra_path_length(other, source, cutoff=cutoff)
        found = shortest_path_lengths(graph, source, distance="weight", cutoff=cutoff)
        assert {int(v): found[v] for v in np.flatnonzero(np.isfinite(found))} == pytest.approx(dict(wanted))


def test_search_turns_round():
    """Of a dense graph most nodes are asked for a parent, and no node is missed or met twice."""
    case = random_case(3, n=500, m=9000)
    graph, other = case.graph(), case.networkx()
    for source in (0, 7, 499):
        wanted = nx.single_source_shortest_path_length(other, source)
        assert shortest_path_lengths(graph, source).tolist() == [wanted.get(v, -1) for v in range(500)]


def test_dtypes():
    graph = CASES["chain"].graph()
    assert shortest_path_lengths(graph, 0).dtype == np.int32
    assert shortest_path_lengths(graph, np.int64(2), distance="weight").tolist() == [np.inf, np.inf, 0.0]


@pytest.mark.parametrize("name", CASES)
def test_eccentricity(name):
    case = CASES[name]
    away = oracles.distances(oracles.lengths_of(case))
    graph = case.graph()
    assert eccentricity(graph).values.tolist() == [max(row) for row in away.tolist()]
    assert eccentricity(graph, direction="in").values.tolist() == [max(row) for row in away.T.tolist()]


def test_eccentricity_of_long_ways():
    graph = Graph.from_edges(np.arange(199), np.arange(1, 200), directed=False)
    assert eccentricity(graph).values.tolist() == [max(u, 199 - u) for u in range(200)]


def test_karate_has_diameter_5():
    """Of Zachary's club, diameter 5 and radius 3 (networkrepository.com, ucidata-zachary; NetworkX has the same)."""
    edges = np.array(nx.karate_club_graph().edges())
    found = eccentricity(Graph.from_edges(edges[:, 0], edges[:, 1], directed=False)).values
    assert (found.max(), found.min()) == (5.0, 3.0)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (3, {}, "source must be the number of a node, 0 … 2, not 3"),
        (-1, {}, "source"),
        ("a", {}, "source"),
        (True, {}, "source"),
        (0, {"cutoff": -1}, "cutoff must be 0 or more"),
        (0, {"cutoff": float("nan")}, "cutoff"),
        (0, {"direction": "up"}, "direction"),
        (0, {"distance": [1.0, -2.0]}, "shortest path needs lengths"),
    ],
)
def test_refused(source, options, message):
    with pytest.raises(UsageError, match=message):
        shortest_path_lengths(Graph.from_edges([0, 1], [1, 2]), source, **options)
