"""Harmonic centrality against dense distances, NetworkX and published values."""

import functools

import networkx as nx
import numba
import numpy as np
import oracles_distances as oracles
import pytest
from cases import CASES, random_case, reference

from influence.centrality import spreads
from influence.centrality.harmonic import harmonic
from influence.errors import UsageError
from influence.graph import Graph

LARGER = {
    "directed": random_case(5, n=700, m=1300),
    "undirected": random_case(6, n=650, m=1500, directed=False),
}


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("distance", [None, "weight", "inverse"])
@pytest.mark.parametrize("name", CASES)
def test_dense_distances(name, distance, loops):
    case = CASES[name]
    away = oracles.distances(oracles.lengths_of(case, loops=loops, distance=distance))
    graph = case.graph(loops=loops)
    assert harmonic(graph, distance=distance).values == pytest.approx(oracles.harmonic(away), abs=1e-12)
    found = harmonic(graph, distance=distance, direction="out").values
    assert found == pytest.approx(oracles.harmonic(away.T), abs=1e-12)
    if case.n > 1:
        found = harmonic(graph, distance=distance, normalized=True).values
        assert found == pytest.approx(np.array(oracles.harmonic(away)) / (case.n - 1), abs=1e-12)


@pytest.mark.parametrize("distance", [None, "weight"])
@pytest.mark.parametrize(
    ("nodes", "sources"), [(None, None), ([0, 3], None), (None, [1, 2]), ([2], [0, 1, 3]), ([], [])]
)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.n > 3])
def test_networkx(name, nodes, sources, distance):
    case = CASES[name]
    wanted = nx.harmonic_centrality(case.networkx(loops=True), nbunch=nodes, sources=sources, distance=distance)
    found = harmonic(case.graph(loops=True), distance=distance, nodes=nodes, sources=sources).values
    assert np.flatnonzero(np.isfinite(found)).tolist() == sorted(wanted)
    assert found[sorted(wanted)] == pytest.approx([wanted[node] for node in sorted(wanted)], abs=1e-12)


@functools.cache
def of_larger(name):
    """Return most of the nodes, and what NetworkX has for these as sources, once."""
    case = LARGER[name]
    sources = np.random.default_rng(1).choice(case.n, 530, replace=False)
    wanted = nx.harmonic_centrality(case.networkx(), sources=sources.tolist())
    return sources, [wanted[node] for node in range(case.n)]


@pytest.mark.parametrize("least", [(1, 1, 1), (10**9, 10**9, 1), spreads._LEAST])
@pytest.mark.parametrize("name", LARGER)
def test_some_sources_of_many(name, least, monkeypatch):
    monkeypatch.setattr(spreads, "_LEAST", least)
    sources, wanted = of_larger(name)
    assert harmonic(LARGER[name].graph(), sources=sources).values == pytest.approx(wanted, rel=1e-13)


@pytest.mark.parametrize("distance", [None, "weight"])
def test_some_nodes(distance):
    graph = LARGER["directed"].graph()
    every = harmonic(graph, distance=distance).values
    found = harmonic(graph, distance=distance, nodes=[4, 2]).values
    assert found[[4, 2]].tolist() == every[[4, 2]].tolist()
    assert np.isfinite(found).sum() == 2


def test_long_ways():
    """A directed path of 300: 1 + 1/2 + … + 1/u."""
    found = harmonic(Graph.from_edges(np.arange(299), np.arange(1, 300))).values
    assert found == pytest.approx(np.concatenate([[0.0], np.cumsum(1 / np.arange(1.0, 300))]), rel=1e-13)


@pytest.mark.parametrize("options", [{}, {"nodes": [2]}, {"sources": [0]}])
def test_nodes_at_one_place_do_not_count(options):
    """Edges of length 0, as NetworkX has it."""
    graph = Graph.from_edges([0, 1, 2], [1, 2, 0], n_nodes=3)
    other = nx.DiGraph([(0, 1, {"d": 0.0}), (1, 2, {"d": 4.0}), (2, 0, {"d": 1.0})])
    given = {{"nodes": "nbunch"}.get(name, name): value for name, value in options.items()}
    wanted = nx.harmonic_centrality(other, distance="d", **given)
    found = harmonic(graph, distance=[0.0, 4.0, 1.0], **options).values
    assert {int(v): found[v] for v in np.flatnonzero(np.isfinite(found))} == wanted


def test_distances_are_those_to_the_node():
    graph = CASES["chain"].graph()
    assert harmonic(graph).values.tolist() == [0.0, 1.0, 1.5]
    assert harmonic(graph, direction="out").values.tolist() == [1.5, 1.0, 0.0]


def test_nodes_alike_have_the_same_value_to_the_last_digit():
    """Turning a ring with equal spokes moves every node to its next: no sum may hang on the order of sources."""
    ring = np.arange(600)
    graph = Graph.from_edges(
        np.concatenate([ring, ring]), np.concatenate([(ring + 1) % 600, 600 + ring]), directed=False
    )
    values = harmonic(graph).values
    assert (np.unique(values[:600]).size, np.unique(values[600:]).size) == (1, 1)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "directed"), [("karate", False), ("les_miserables", False), ("law_firm_advice", True)]
)
def test_reference_centralities(name, directed, data_folder):
    """Harmonic centralities of the small classic graphs (reference_centralities.csv)."""
    wanted = reference(name, "harmonic", data_folder)
    number = {node: place for place, node in enumerate(wanted)}
    rows = (data_folder / "small-ground-truth" / f"{name}_edges.csv").read_text(encoding="utf-8").splitlines()[1:]
    ends = [row.split(",")[:2] for row in rows]
    graph = Graph.from_edges(
        [number[u] for u, _ in ends], [number[v] for _, v in ends], n_nodes=len(number), directed=directed
    )
    assert harmonic(graph).values == pytest.approx(list(wanted.values()), abs=1e-9)


def test_karate():
    """Zachary's club without weights: the values of reference_centralities.csv, which are fractions."""
    edges = np.array(nx.karate_club_graph().edges())
    found = harmonic(Graph.from_edges(edges[:, 0], edges[:, 1], directed=False)).values
    assert found[[0, 1, 2, 3]] == pytest.approx([139 / 6, 115 / 6, 21.0, 53 / 3], abs=1e-12)
    assert found.argmax() == 33


@pytest.mark.parametrize("options", [{}, {"distance": "weight"}, {"distance": "weight", "sources": [1, 2, 3]}])
def test_threads_and_slices_do_not_change_a_byte(options, monkeypatch):
    graph = LARGER["undirected"].graph() if not options else random_case(7, n=80, m=300).graph()
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(harmonic(graph, **options).values.tobytes())
    finally:
        numba.set_num_threads(before)
    for module in ("spreads", "distances"):
        monkeypatch.setattr(f"influence.centrality.{module}.slices", lambda total, label: iter([(0, total)]))
    found.append(harmonic(graph, **options).values.tobytes())
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "back"}, "direction"),
        ({"distance": [1.0, np.nan]}, "harmonic centrality needs lengths"),
        ({"sources": [7]}, "sources must lie in 0 … 2"),
        ({"nodes": ["a"]}, "nodes must be numbers of nodes"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        harmonic(Graph.from_edges([0, 1], [1, 2]), **options)
