"""Betweenness of edges: against paths listed one by one, NetworkX, and published values."""

import networkx as nx
import numba
import numpy as np
import oracles_paths as oracle
import pytest
from cases import ASYMMETRIC, CASES, random_case
from test_betweenness import PENDANT, SMALL, large

import influence.progress
from influence.centrality.edge_betweenness import edge_betweenness
from influence.errors import InfluenceError, UsageError
from influence.graph import Graph


def of(graph, **options):
    """Return {(u, v): value} of all arcs."""
    values = edge_betweenness(graph, **options).values
    assert np.isfinite(values).all()
    return dict(zip(zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), strict=True), values, strict=True))


def of_networkx(found, graph):
    """Return one value for each edge, in both directions where undirected."""
    return {arc: found[arc] if arc in found else found[arc[::-1]] for arc in of(graph)}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", [*list(CASES.values())[:12], *PENDANT])
def test_paths_listed_one_by_one(case, weighted):
    _, wanted = oracle.betweenness(case.n, oracle.lengths(case, weighted=weighted))
    if not case.directed:
        wanted = {(u, v): (value + wanted[v, u]) / 2 for (u, v), value in wanted.items()}
    found = of(case.graph(), distance="weight" if weighted else None, normalized=False)
    assert found == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "case", [ASYMMETRIC, *PENDANT, random_case(3, n=10, m=25), random_case(4, n=10, directed=False)]
)
def test_paths_between_some(case, weighted):
    sources, targets = [0, 3, 5], [0, 2, 4, 6]
    _, wanted = oracle.betweenness(case.n, oracle.lengths(case, weighted=weighted), sources=sources, targets=targets)
    if not case.directed:
        wanted = {(u, v): (value + wanted[v, u]) / 2 for (u, v), value in wanted.items()}
    distance = "weight" if weighted else None
    found = of(case.graph(), sources=sources, targets=targets, normalized=False, distance=distance)
    assert found == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("case", [*SMALL, *PENDANT])
def test_networkx(case, loops, weight):
    graph, theirs = case.graph(loops=loops), case.networkx(loops=loops)
    for k, normalized in [(None, True), (None, False), (1, True), (3, False), (case.n, True)]:
        if k is None or 1 <= k <= case.n:
            wanted = nx.edge_betweenness_centrality(theirs, k=k, normalized=normalized, weight=weight, seed=7)
            found = of(graph, k=k, seed=7, normalized=normalized, distance=weight)
            assert found == pytest.approx(of_networkx(wanted, graph), abs=1e-9), (k, normalized)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("case", [*PENDANT, CASES["cycle"], CASES["path undirected"]])
def test_networkx_subset_where_predecessors_have_as_many_paths(case, normalized):
    graph = case.graph()
    wanted = nx.edge_betweenness_centrality_subset(case.networkx(), [0, 1, 1], [2, 3], normalized=normalized)
    found = of(graph, sources=[0, 1, 1], targets=[2, 3], normalized=normalized)
    assert found == pytest.approx(of_networkx(wanted, graph), abs=1e-9)


def test_networkx_subset_divides_equally_and_the_definition_does_not():
    # 0 → {1, 2} → 3 and 0 → 4 → 5, both on to 6 → 7: of three paths to 7, two lead through 3
    ends = [(0, 1), (0, 2), (1, 3), (2, 3), (0, 4), (4, 5), (3, 6), (5, 6), (6, 7)]
    found = of(Graph.from_edges(*np.array(ends).T), sources=[0], targets=[7], normalized=False)
    assert found[3, 6] == pytest.approx(2 / 3)
    assert nx.edge_betweenness_centrality_subset(nx.DiGraph(ends), [0], [7])[3, 6] == pytest.approx(1 / 2)


def test_karate_club():
    # the algorithm of Girvan and Newman (2002) first removes the edge between members 1 and 32
    club = nx.karate_club_graph()
    found = edge_betweenness(Graph.from_edges(*np.array(club.edges()).T, directed=False), normalized=False)
    assert found.to_polars().row(0) == (0, 31, pytest.approx(71.39285714285712))


@pytest.mark.parametrize("weight", [None, "weight"])
def test_the_same_bytes_on_any_threads_and_in_any_slices(weight, monkeypatch):
    graph = large(False)
    wanted = edge_betweenness(graph, distance=weight).values.tobytes()
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        assert edge_betweenness(graph, distance=weight).values.tobytes() == wanted
    finally:
        numba.set_num_threads(threads)
    monkeypatch.setattr(influence.progress, "_SLICE", 0.0)
    assert edge_betweenness(graph, distance=weight).values.tobytes() == wanted


def test_errors():
    graph = Graph.from_edges([0, 1], [1, 2], [0.0, 1.0])
    with pytest.raises(UsageError, match="edge betweenness needs lengths"):
        edge_betweenness(graph, distance="weight")
    with pytest.raises(UsageError, match="k must lie in"):
        edge_betweenness(graph, k=9)
    source = np.concatenate([[3 * i, 3 * i, 3 * i + 1, 3 * i + 2] for i in range(1100)])
    target = np.concatenate([[3 * i + 1, 3 * i + 2, 3 * i + 3, 3 * i + 3] for i in range(1100)])
    with pytest.raises(InfluenceError, match="a float can count"):
        edge_betweenness(Graph.from_edges(source, target), sources=[0])
