"""Closeness against dense distances, NetworkX and published values."""

import functools

import networkx as nx
import numba
import numpy as np
import oracles_distances as oracles
import pytest
from cases import CASES, random_case
from hypothesis import given, settings
from hypothesis import strategies as st

from influence.centrality import spreads
from influence.centrality.closeness import closeness
from influence.errors import UsageError
from influence.graph import Graph

#: More sources than a batch holds, hubs, nodes that no hub reaches.
LARGER = {
    "directed": random_case(1, n=700, m=1400),
    "undirected": random_case(2, n=700, m=1500, directed=False),
    "dense": random_case(3, n=600, m=9000),
    "hubs": random_case(4, n=60, m=200),
}


@functools.cache
def of_larger(name, turned):
    """Return NetworkX's values, once."""
    graph = LARGER[name].networkx()
    found = nx.closeness_centrality(nx.reverse_view(graph) if turned and graph.is_directed() else graph)
    return [found[node] for node in range(LARGER[name].n)]


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("distance", [None, "weight", "inverse"])
@pytest.mark.parametrize("name", CASES)
def test_dense_distances(name, distance, loops):
    case = CASES[name]
    away = oracles.distances(oracles.lengths_of(case, loops=loops, distance=distance))
    graph = case.graph(loops=loops)
    for improved in (True, False):
        found = closeness(graph, distance=distance, wf_improved=improved).values
        assert found == pytest.approx(oracles.closeness(away, improved=improved), abs=1e-12)
        found = closeness(graph, distance=distance, wf_improved=improved, direction="out").values
        assert found == pytest.approx(oracles.closeness(away.T, improved=improved), abs=1e-12)


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("improved", [True, False])
@pytest.mark.parametrize("distance", [None, "weight"])
@pytest.mark.parametrize("name", CASES)
def test_networkx(name, distance, improved, loops):
    case = CASES[name]
    wanted = nx.closeness_centrality(case.networkx(loops=loops), distance=distance, wf_improved=improved)
    found = closeness(case.graph(loops=loops), distance=distance, wf_improved=improved).values
    assert found == pytest.approx([wanted[node] for node in range(case.n)], abs=1e-12)


@pytest.mark.parametrize("least", [(1, 1, 1), (10**9, 1, 1), (10**9, 10**9, 1), (10**9,) * 3, spreads._LEAST])
@pytest.mark.parametrize("name", LARGER)
def test_however_sources_are_dealt_to_hubs(name, least, monkeypatch):
    """Batches of sources at most 1, 2 or 3 hops from a hub, or around none."""
    monkeypatch.setattr(spreads, "_LEAST", least)
    graph = LARGER[name].graph()
    assert closeness(graph).values == pytest.approx(of_larger(name, False), rel=1e-13)
    assert closeness(graph, direction="out").values == pytest.approx(of_larger(name, True), rel=1e-13)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("n", [64, 400, 700])
def test_long_ways(n, directed):
    """A path is longer than a byte counts, or than the table of counts has levels."""
    graph = Graph.from_edges(np.arange(n - 1), np.arange(1, n), directed=directed)
    place = np.arange(n)
    far = place * (place + 1) / 2 + (0 if directed else (n - 1 - place) * (n - place) / 2)
    reach = place if directed else np.full(n, n - 1)
    wanted = np.divide(reach * reach / (n - 1), far, out=np.zeros(n), where=far > 0)
    assert closeness(graph).values == pytest.approx(wanted, rel=1e-13)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("length", [3, 300])
def test_broom(length, directed):
    """Many sources around a hub, from where it is a long way on, there and back."""
    bristles = np.arange(length, length + 400)
    path = np.arange(length - 1)
    source = np.concatenate([path, bristles, [length - 1]])
    target = np.concatenate([path + 1, np.zeros(400, int), [length - 1 - length // 2]])
    graph = Graph.from_edges(source, target, directed=directed)
    other = (nx.DiGraph if directed else nx.Graph)(zip(source.tolist(), target.tolist(), strict=True))
    wanted = nx.closeness_centrality(other)
    assert closeness(graph).values == pytest.approx([wanted[node] for node in range(graph.n_nodes)], rel=1e-13)


def test_krackhardt_kite():
    """Fernando and Garth are closest, 0.643: Krackhardt, "Assessing the political landscape", ASQ 35, 1990, p. 352."""
    kite = nx.krackhardt_kite_graph()
    edges = np.array(kite.edges())
    found = closeness(Graph.from_edges(edges[:, 0], edges[:, 1], directed=False)).values
    assert np.argsort(-found, kind="stable")[:2].tolist() == [5, 6]
    assert found.round(3).tolist() == [0.529, 0.529, 0.5, 0.6, 0.5, 0.643, 0.643, 0.6, 0.429, 0.31]


def test_florentine_families():
    """The Medici have 0.560 (14 / 25): Jackson, "Social and Economic Networks", 2008, section 2.2.4."""
    families = nx.florentine_families_graph()
    names = sorted(families)
    edges = np.array([[names.index(u), names.index(v)] for u, v in families.edges()])
    found = closeness(Graph.from_edges(edges[:, 0], edges[:, 1], directed=False)).values
    assert names[int(found.argmax())] == "Medici"
    assert found.max() == pytest.approx(0.560, abs=1e-12)


def test_distances_are_those_to_the_node():
    graph = CASES["star in"].graph()
    assert closeness(graph).values.tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert closeness(graph, direction="out").values.tolist() == [0.0, 0.25, 0.25, 0.25, 0.25]
    assert closeness(graph.reverse()).values.tolist() == closeness(graph, direction="out").values.tolist()


@pytest.mark.parametrize("distance", [None, "weight"])
def test_some_nodes(distance):
    case = LARGER["directed"]
    graph = case.graph()
    every = closeness(graph, distance=distance).values
    for nodes in ([3], [5, 0, 5], list(range(300))):
        found = closeness(graph, distance=distance, nodes=nodes).values
        assert np.flatnonzero(np.isfinite(found)).tolist() == sorted(set(nodes))
        # one search a node or all at once: the same whole numbers
        assert found[nodes].tolist() == every[nodes].tolist()
    assert np.isnan(closeness(graph, nodes=[]).values).all()


def test_lengths_of_nothing():
    """Two nodes at one place, as NetworkX has it: nothing to divide by, then 2 nodes at 0 and 3."""
    graph = Graph.from_edges([0, 1], [1, 2], n_nodes=3)
    assert closeness(graph, distance=[0.0, 3.0]).values.tolist() == [0.0, 0.0, pytest.approx(1 / 3)]
    other = nx.DiGraph([(0, 1, {"d": 0.0}), (1, 2, {"d": 3.0})])
    assert list(nx.closeness_centrality(other, distance="d").values()) == [0.0, 0.0, pytest.approx(1 / 3)]


@st.composite
def edges(draw):
    n = draw(st.integers(1, 7))
    node = st.integers(0, n - 1)
    return n, draw(st.lists(st.tuples(node, node), max_size=16)), draw(st.booleans())


@settings(max_examples=60)
@given(edges())
def test_any_graph(drawn):
    n, pairs, directed = drawn
    graph = Graph.from_edges([u for u, _ in pairs], [v for _, v in pairs], n_nodes=n, directed=directed)
    other = (nx.DiGraph if directed else nx.Graph)(pairs)
    other.add_nodes_from(range(n))
    wanted = nx.closeness_centrality(other)
    assert closeness(graph).values == pytest.approx([wanted[node] for node in range(n)], abs=1e-13)


@pytest.mark.parametrize("distance", [None, "weight"])
def test_threads_and_slices_do_not_change_a_byte(distance, monkeypatch):
    graph = LARGER["hubs" if distance else "undirected"].graph()
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(closeness(graph, distance=distance).values.tobytes())
    finally:
        numba.set_num_threads(before)
    for module in ("spreads", "distances"):
        monkeypatch.setattr(f"influence.centrality.{module}.slices", lambda total, label: iter([(0, total)]))
    found.append(closeness(graph, distance=distance).values.tobytes())
    assert len(set(found)) == 1


def test_relabelling_permutes_the_values():
    case = LARGER["undirected"]
    new = np.random.default_rng(0).permutation(case.n)
    moved = Graph.from_edges(new[case.source], new[case.target], n_nodes=case.n, directed=False)
    assert closeness(moved).values[new].tolist() == closeness(case.graph()).values.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "both"}, "direction must be 'in' or 'out', not 'both'"),
        ({"distance": "cost"}, "distance"),
        ({"distance": [1.0, -1.0]}, "0 or more; the edge 1 → 2 has -1"),
        ({"distance": [1.0]}, "one length for each of 2 arcs"),
        ({"nodes": [3]}, "nodes must lie in 0 … 2"),
        ({"nodes": [-1]}, "nodes must lie"),
        ({"nodes": [0.5]}, "numbers of nodes"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        closeness(Graph.from_edges([0, 1], [1, 2]), **options)


def test_negative_weights_are_refused():
    graph = Graph.from_edges([0, 1], [1, 2], [1.0, -1.0])
    assert closeness(graph).values.tolist() == [0.0, 0.5, pytest.approx(2 / 3)]
    with pytest.raises(UsageError, match="closeness needs lengths"):
        closeness(graph, distance="weight")
