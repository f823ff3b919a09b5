"""Eigenvector centrality against dense eigenvectors, NetworkX and published values; what has none is refused."""

import csv

import networkx as nx
import numba
import numpy as np
import pytest
from cases import CASES, random_case, reference

from influence.centrality.eigenvector import eigenvector
from influence.errors import InfluenceError, UsageError
from influence.graph import Graph

CYCLIC = [
    "cycle",
    "asymmetric",
    "path undirected",
    "bipartite undirected",
    "asymmetric undirected",
    "random directed",
    "random undirected",
    "dense directed",
    "dense undirected",
    "integer weights",
]


def dense_of(case, *, weighted, loops=False):
    matrix = case.dense(loops=loops)
    return matrix if weighted else (matrix != 0).astype(float)


def limit(matrix, start=None):
    """Return what 2^40 rounds of power iteration on Aᵀ + I lead to, by squaring, and the eigenvalue."""
    n = len(matrix)
    power = matrix.T + np.eye(n)
    for _ in range(40):
        power = power @ power
        power /= power.max()
    x = power @ (np.ones(n) if start is None else np.asarray(start, float))
    x /= np.linalg.norm(x)
    return x, float(np.linalg.norm(matrix.T @ x))


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CYCLIC)
def test_dense_eigenvector_and_networkx(name, weighted, loops):
    case = CASES[name]
    graph, peer = case.graph(loops=loops), case.networkx(loops=loops)
    matrix = dense_of(case, weighted=weighted, loops=loops)
    wanted, largest = limit(matrix)
    found = eigenvector(graph, weighted=weighted, tolerance=1e-12)
    assert found.values == pytest.approx(wanted, abs=1e-9)
    assert found.eigenvalue == pytest.approx(largest, rel=1e-9)
    low, high = found.eigenvalue_bounds
    assert low <= largest * (1 + 1e-12)
    assert largest <= high * (1 + 1e-12)
    assert low > 0.99 * largest
    weight = "weight" if weighted else None
    of_peer = nx.eigenvector_centrality(peer, max_iter=100_000, tol=1e-13, weight=weight)
    assert found.values == pytest.approx([of_peer[u] for u in range(case.n)], abs=1e-7)
    connected = nx.is_strongly_connected(peer) if case.directed else nx.is_connected(peer)
    if connected:
        direct = nx.eigenvector_centrality_numpy(peer, weight=weight)
        assert found.values == pytest.approx([direct[u] for u in range(case.n)], abs=1e-9)
        assert high < 1.0001 * largest


@pytest.mark.parametrize("name", CYCLIC)
def test_outgoing_is_that_of_the_reversed_graph(name):
    wanted, _ = limit(dense_of(CASES[name], weighted=True).T)
    found = eigenvector(CASES[name].graph(), weighted=True, incoming=False, tolerance=1e-12)
    assert found.values == pytest.approx(wanted, abs=1e-9)


def test_score_flows_along_the_edges():
    """1 ⇄ 2 → 0: who is pointed at has a share, and 3, who points only, has none."""
    graph = Graph.from_edges([1, 2, 2, 3], [2, 1, 0, 1], n_nodes=4)
    third = 1 / np.sqrt(3)
    assert eigenvector(graph).values == pytest.approx([third, third, third, 0.0], abs=1e-9)
    assert eigenvector(graph, incoming=False).values == pytest.approx([0.0, third, third, third], abs=1e-9)


def test_bipartite_graphs_settle():
    """A star of n leaves: the centre has 1/√2, each leaf 1/√(2n), and the eigenvalue is √n."""
    leaves = np.arange(1, 1001)
    found = eigenvector(Graph.from_edges(leaves * 0, leaves, directed=False))
    assert found.values[0] == pytest.approx(np.sqrt(0.5), rel=1e-9)
    assert found.values[1:] == pytest.approx(np.sqrt(0.5 / 1000), rel=1e-9)
    assert found.eigenvalue_bounds == pytest.approx((np.sqrt(1000),) * 2, rel=1e-8)
    assert found.iterations < 60


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_unit_of_weight_does_not_matter(unit):
    case = CASES["dense directed"]
    graph = Graph.from_edges(case.source, case.target, np.array(case.weight) * unit, n_nodes=case.n)
    found, plain = eigenvector(graph, weighted=True), eigenvector(case.graph(), weighted=True)
    assert found.values == pytest.approx(plain.values, rel=1e-8)
    assert found.eigenvalue == pytest.approx(plain.eigenvalue * unit)


def test_start_chooses_among_parts_that_are_alike():
    """Two pairs: the iteration keeps what each starts with; by default both alike, as NetworkX has it."""
    graph = Graph.from_edges([0, 2], [1, 3], directed=False)
    assert eigenvector(graph).values == pytest.approx([0.5] * 4)
    found = eigenvector(graph, start=[3.0, 3.0, 4.0, 4.0]).values
    assert found == pytest.approx(np.array([3.0, 3.0, 4.0, 4.0]) / np.sqrt(50))


def test_nothing_is_ever_negative():
    for seed in range(10):
        graph = random_case(seed, m=120).graph()
        assert eigenvector(graph).values.min() >= 0.0


@pytest.mark.parametrize(
    "graph",
    [
        Graph.from_edges([], [], n_nodes=0),
        Graph.from_edges([], [], n_nodes=3),
        Graph.from_edges([], [], n_nodes=3, directed=False),
        Graph.from_edges([0, 1], [1, 2]),
        Graph.from_edges(np.arange(300), np.arange(1, 301)),
        Graph.from_edges(np.zeros(50, np.int64), np.arange(1, 51)),
    ],
    ids=["empty", "no edges", "no undirected edges", "chain", "long chain", "star"],
)
def test_what_has_no_eigenvalue_but_0_is_refused(graph):
    with pytest.raises(UsageError, match="not defined for a graph without"):
        eigenvector(graph)


def test_zero_weights_are_no_edges():
    graph = Graph.from_edges([0, 1], [1, 0], [1.0, 0.0])
    with pytest.raises(UsageError, match="without a cycle"):
        eigenvector(graph, weighted=True)
    assert eigenvector(graph).values == pytest.approx([np.sqrt(0.5)] * 2)


def test_what_does_not_settle_says_so():
    """Two cycles in a row share an eigenvalue: the second gains on the first for ever, ever more slowly."""
    graph = Graph.from_edges([0, 1, 1, 2, 3], [1, 0, 2, 3, 2])
    with pytest.raises(InfluenceError, match="not settled after 500 iterations"):
        eigenvector(graph, max_iterations=500)


def test_karate_has_the_published_eigenvalue():
    """Zachary's club: the spectral norm is 6.7257 in the KONECT collection."""
    graph = nx.karate_club_graph()
    ends = np.array(graph.edges())
    found = eigenvector(Graph.from_edges(ends[:, 0], ends[:, 1], directed=False))
    assert found.values[[33, 0]] == pytest.approx([0.373371, 0.355483], abs=1e-5)
    assert found.eigenvalue == pytest.approx(6.7257, abs=1e-4)


@pytest.mark.data
@pytest.mark.parametrize("name", ["karate", "les_miserables", "krackhardt_kite", "florentine_families"])
def test_reference_centralities(data_folder, name):
    wanted = reference(name, "eigenvector_l2", data_folder)
    if not wanted:
        pytest.skip(f"no values of {name}")
    number = {node: place for place, node in enumerate(wanted)}
    with (data_folder / "small-ground-truth" / f"{name}_edges.csv").open(newline="", encoding="utf-8") as lines:
        edges = [(number[row["source"]], number[row["target"]]) for row in csv.DictReader(lines)]
    graph = Graph.from_edges([u for u, _ in edges], [v for _, v in edges], merge="max", directed=False)
    assert eigenvector(graph).values == pytest.approx(list(wanted.values()), abs=2e-5)


def test_threads_do_not_change_a_byte():
    graph = random_case(5, n=9000, m=90_000).graph()
    before, found = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(eigenvector(graph, weighted=True).values.tobytes())
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


@pytest.mark.parametrize("start", [[1.0], [0.0, 0.0], [1.0, -1.0], [np.nan, 1.0]])
def test_refused(start):
    with pytest.raises(UsageError, match="start must hold 2 numbers"):
        eigenvector(Graph.from_edges([0, 1], [1, 0]), start=start)


def test_negative_weights_are_refused():
    with pytest.raises(UsageError, match="negative weights"):
        eigenvector(Graph.from_edges([0, 1], [1, 0], [1.0, -1.0]), weighted=True)
