"""LeaderRank against the walk on the graph with its ground node, by elimination, NetworkX's PageRank and by hand."""

import networkx as nx
import numba
import numpy as np
import pytest
from cases import CASES, random_case

from influence.centrality.leaderrank import leaderrank
from influence.errors import UsageError
from influence.graph import Graph

NAMES = [name for name in CASES if CASES[name].n]


def grounded(matrix, ground=1.0, bias=0.0):
    """Return LeaderRank from the stationary distribution of the n + 1 nodes, solved as a linear system."""
    n = len(matrix)
    whole = np.zeros((n + 1, n + 1))
    whole[:n, :n] = matrix
    whole[:n, n] = ground
    whole[n, :n] = matrix.sum(axis=0) ** bias if bias else 1.0
    moves = whole / whole.sum(axis=1, keepdims=True)
    system = np.vstack([moves.T - np.eye(n + 1), np.ones(n + 1)])
    x = np.linalg.lstsq(system, np.append(np.zeros(n + 1), 1.0), rcond=None)[0]
    rank = x[:n] + x[n] / n
    return rank * n / rank.sum()


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_dense_solution(name, weighted, loops):
    case = CASES[name]
    matrix = case.dense(loops=loops)
    matrix = matrix if weighted else (matrix != 0).astype(float)
    for ground, bias in ((1.0, 0.0), (0.2, 0.0), (5.0, 1.0), (1.0, 0.5)):
        if bias and not matrix.any():
            continue
        found = leaderrank(case.graph(loops=loops), weighted=weighted, ground=ground, bias=bias, tolerance=1e-12)
        wanted = grounded(matrix, ground, bias)
        assert found.values == pytest.approx(wanted, rel=1e-10)
        assert found.converged
        assert np.abs(found.values / wanted - 1.0).max() <= found.error_bound + 1e-12


@pytest.mark.parametrize("name", ["asymmetric", "random directed", "dense undirected"])
def test_networkx_with_a_ground_node(name):
    """PageRank of the grounded graph, nearly without damping, is the walk that LeaderRank is."""
    peer = nx.DiGraph(CASES[name].networkx().to_directed().edges())
    n = CASES[name].n
    peer.add_edges_from(edge for u in range(n) for edge in ((u, "ground"), ("ground", u)))
    found = nx.pagerank(peer, alpha=1 - 1e-12, tol=1e-15, max_iter=100_000, weight=None)
    rank = np.array([found[u] for u in range(n)]) + found["ground"] / n
    assert leaderrank(CASES[name].graph()).values == pytest.approx(rank * n / rank.sum(), rel=1e-8)


def test_example_by_hand():
    """Two followers of 0: with g = 3 a follower has 1 and 0 has 2, and each gets 1 of the ground's."""
    found = leaderrank(Graph.from_edges([1, 2], [0, 0]), tolerance=1e-14)
    assert found.values == pytest.approx([9 / 7, 6 / 7, 6 / 7], rel=1e-13)


def test_without_edges_all_are_alike():
    """The walk to the ground and back has period 2 there; the solution is plain."""
    found = leaderrank(Graph.from_edges([], [], n_nodes=4))
    assert found.values == pytest.approx([1.0] * 4)
    assert found.iterations <= 2


@pytest.mark.parametrize("most", [2, 4, 8, 16])
def test_bound_holds_for_every_value_when_stopped_early(most):
    case = random_case(11, n=40, m=200)
    found = leaderrank(case.graph(), max_iterations=most, tolerance=1e-14)
    off = np.abs(found.values / grounded((case.dense() != 0).astype(float)) - 1.0).max()
    assert not found.converged
    assert off <= found.error_bound


def test_score_flows_along_the_edges():
    graph = CASES["star in"].graph()
    assert leaderrank(graph).values.argmax() == 0
    assert leaderrank(graph.reverse()).values.argmin() == 0
    assert leaderrank(graph, weighted=True).values.sum() == pytest.approx(5.0)


def test_threads_do_not_change_a_byte():
    graph = random_case(5, n=9000, m=90_000).graph()
    before, found = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(leaderrank(graph, weighted=True).values.tobytes())
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ground": 0.0}, "ground must be above 0"),
        ({"ground": float("nan")}, "ground"),
        ({"bias": -1.0}, "bias must be 0 or more"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        leaderrank(Graph.from_edges([0, 1], [1, 2]), **options)
    with pytest.raises(UsageError, match="no node has any"):
        leaderrank(Graph.from_edges([], [], n_nodes=2), bias=1.0)


def test_negative_weights_are_refused():
    with pytest.raises(UsageError, match="negative weights"):
        leaderrank(Graph.from_edges([0, 1], [1, 2], [1.0, -1.0]), weighted=True)


def test_empty_graph():
    assert leaderrank(Graph.from_edges([], [])).values.size == 0
