"""HITS against dense eigenvectors, NetworkX and an example by hand."""

import networkx as nx
import numba
import numpy as np
import pytest
from cases import CASES, random_case

from influence.centrality.hits import hits
from influence.errors import InfluenceError, UsageError
from influence.graph import Graph

NAMES = [name for name in CASES if CASES[name].dense().any()]


def limit(matrix):
    """Return what a start of ones leads to, its part in the eigenspace of the largest eigenvalue, adding up to 1."""
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    space = vectors[:, values > values[-1] * (1 - 1e-9)]
    a = np.abs(space @ space.T @ np.ones(len(matrix)))
    return a / a.sum()


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_dense_eigenvectors(name, weighted, loops):
    case = CASES[name]
    matrix = case.dense(loops=loops)
    matrix = matrix if weighted else (matrix != 0).astype(float)
    a = limit(matrix)
    found = hits(case.graph(loops=loops), weighted=weighted, tolerance=1e-13)
    assert found.authority == pytest.approx(a, abs=1e-10)
    h = matrix @ a
    assert found.hub == pytest.approx(h / h.sum(), abs=1e-10)
    assert found.singular_value == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-9)
    apart = hits(case.graph(loops=loops), weighted=weighted, normalized=False, tolerance=1e-13)
    a /= np.linalg.norm(a)
    assert apart.authority == pytest.approx(a, abs=1e-10)
    assert apart.hub == pytest.approx(matrix @ a, abs=1e-9)


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_networkx(name, loops):
    case = CASES[name]
    matrix = case.dense(loops=loops)
    singular = np.linalg.svd(matrix, compute_uv=False)
    if case.n < 3 or singular[1] > 0.999 * singular[0]:
        pytest.skip("NetworkX starts anywhere, and here the answer depends on the start")
    hub, authority = nx.hits(case.networkx(loops=loops), max_iter=10_000, tol=1e-14)
    found = hits(case.graph(loops=loops), tolerance=1e-13)
    assert found.hub == pytest.approx([hub[u] for u in range(case.n)], abs=1e-9)
    assert found.authority == pytest.approx([authority[u] for u in range(case.n)], abs=1e-9)
    hub, authority = nx.hits(case.networkx(loops=loops), max_iter=10_000, tol=1e-14, normalized=False)
    found = hits(case.graph(loops=loops), tolerance=1e-13, normalized=False)
    assert found.hub == pytest.approx([abs(hub[u]) for u in range(case.n)], abs=1e-9)
    assert found.authority == pytest.approx([abs(authority[u]) for u in range(case.n)], abs=1e-9)


def test_example_by_hand():
    """0 → 1, 0 → 2, 1 → 2: authorities 1 : φ and hubs φ : 1, with φ² = φ + 1."""
    found = hits(Graph.from_edges([0, 0, 1], [1, 2, 2]))
    golden = (1 + np.sqrt(5)) / 2
    assert found.authority == pytest.approx([0.0, 1 / (1 + golden), golden / (1 + golden)], abs=1e-9)
    assert found.hub == pytest.approx([golden / (1 + golden), 1 / (1 + golden), 0.0], abs=1e-9)
    assert found.singular_value == pytest.approx(golden)


def test_example_of_langville_and_meyer():
    """Langville and Meyer, "A survey of eigenvector methods for web information retrieval", SIAM Review 47, 2005."""
    graph = Graph.from_edges([0, 0, 1, 2, 4, 4, 5], [2, 4, 0, 4, 3, 2, 4], n_nodes=6)
    found = hits(graph)
    assert found.authority == pytest.approx([0.0, 0.0, 0.366025, 0.133975, 0.5, 0.0], abs=1e-6)
    assert found.hub == pytest.approx([0.366025, 0.0, 0.211325, 0.0, 0.211325, 0.211325], abs=1e-6)


def test_the_denser_of_two_bipartite_cores_wins():
    """Kleinberg 1999, section 3: the iteration keeps the principal eigenvector, and nothing of the lesser community."""
    big = [(h, a) for h in range(4) for a in range(4, 8)]
    small = [(h, a) for h in range(8, 10) for a in range(10, 12)]
    edges = np.array(big + small)
    found = hits(Graph.from_edges(edges[:, 0], edges[:, 1]))
    assert found.authority == pytest.approx([0] * 4 + [0.25] * 4 + [0] * 4, abs=1e-9)
    assert found.hub == pytest.approx([0.25] * 4 + [0] * 8, abs=1e-9)


def test_a_graph_without_edges_has_zeros():
    for n in (0, 1, 4):
        found = hits(Graph.from_edges([], [], n_nodes=n))
        assert found.hub.tolist() == found.authority.tolist() == [0.0] * n
    assert hits(Graph.from_edges([0, 1], [1, 2], [0.0, 0.0])).hub.tolist() == [0.0] * 3


@pytest.mark.parametrize("n", [2, 3, 50])
def test_cycles_are_all_alike(n):
    """Every start is an eigenvector there; NaN elsewhere."""
    found = hits(Graph.from_edges(np.arange(n), (np.arange(n) + 1) % n))
    assert found.hub == pytest.approx([1 / n] * n)
    assert found.authority == pytest.approx([1 / n] * n)


@pytest.mark.parametrize("unit", [1e-120, 1.0, 1e120])
def test_unit_of_weight_does_not_matter(unit):
    case = CASES["dense directed"]
    graph = Graph.from_edges(case.source, case.target, np.array(case.weight) * unit, n_nodes=case.n)
    assert hits(graph).hub == pytest.approx(hits(case.graph()).hub, rel=1e-8)


def test_columns():
    found = hits(Graph.from_edges([0, 0, 1], [1, 2, 2]))
    assert found.to_polars().columns == ["id", "authority", "hub"]
    assert found.to_polars()["id"].to_list() == [2, 1, 0]


def test_start():
    graph = Graph.from_edges([0, 2], [1, 3])
    assert hits(graph, start=[0.0, 1.0, 0.0, 3.0]).authority == pytest.approx([0.0, 0.25, 0.0, 0.75])
    with pytest.raises(InfluenceError, match="nobody points at"):
        hits(graph, start=[1.0, 0.0, 0.0, 0.0])
    with pytest.raises(UsageError, match="start must hold 4 numbers"):
        hits(graph, start=[1.0])


def test_what_has_not_settled_says_so():
    with pytest.raises(InfluenceError, match="not settled after 2 iterations"):
        hits(CASES["asymmetric"].graph(), max_iterations=2)


def test_negative_weights_are_refused():
    graph = Graph.from_edges([0, 1], [1, 2], [1.0, -1.0])
    with pytest.raises(UsageError, match="negative weights"):
        hits(graph)
    assert hits(graph, weighted=False).authority == pytest.approx([0.0, 0.5, 0.5])


def test_threads_do_not_change_a_byte():
    graph = random_case(5, n=9000, m=90_000).graph()
    before, found = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            ranks = hits(graph)
            found.append(ranks.hub.tobytes() + ranks.authority.tobytes())
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]
