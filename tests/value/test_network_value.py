"""Network value against a dense solve, and the laws that always hold."""

import math

import numba
import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from influence.errors import UsageError
from influence.graph import Graph
from influence.value.network import network_value


@st.composite
def problems(draw, most=7, norm=0.75):
    """Draw (graph, weight, own, matrix): directed, weighted, asymmetric, with cycles, loners and negative shares."""
    n = draw(st.integers(1, most))
    pairs = [(u, v) for u in range(n) for v in range(n) if u != v]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3 * n)) if pairs else []
    matrix = np.zeros((n, n))
    for u, v in edges:
        matrix[u, v] = draw(st.floats(-0.3, 1.0))
    column = np.abs(matrix).sum(axis=0)
    matrix *= np.minimum(1.0, norm / np.maximum(column, 1e-300))
    worth = st.floats(0.0, 1e6).map(lambda c: round(c, 6))  # money is not subnormal
    own = np.array(draw(st.lists(worth, min_size=n, max_size=n)))
    return *problem(matrix, edges), own, matrix


def problem(matrix, edges=None):
    """Return the graph and the weights of a matrix with W[u, v] for u → v."""
    edges = list(np.argwhere(matrix)) if edges is None else edges
    source, target = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    graph = Graph.from_edges(source, target, n_nodes=len(matrix))
    return graph, matrix[graph.edge_sources(), graph.out_targets]


def strong(n, seed, density=0.05):
    rng = np.random.default_rng(seed)
    matrix = rng.random((n, n)) * (rng.random((n, n)) < density)
    np.fill_diagonal(matrix, 0.0)
    column = matrix.sum(axis=0)
    return matrix * (0.75 / np.maximum(column, 0.75)), rng.lognormal(3.0, 2.0, n)


@settings(max_examples=40)
@given(problems())
def test_is_the_dense_solution(drawn):
    graph, weight, own, matrix = drawn
    value = network_value(graph, weight, own)
    gross = oracles.hubbell(matrix, own)
    scale = max(1.0, own.sum())
    assert np.abs(value.gross - gross).max() <= 1e-11 * scale
    assert np.abs(value.network - (gross - own)).max() <= 1e-11 * scale
    assert np.abs(value.direct - matrix @ own).max() <= 1e-12 * scale
    assert np.abs(value.conserved - oracles.conserved(matrix, own)).max() <= 1e-11 * scale
    assert value.norm == pytest.approx(np.abs(matrix).sum(axis=0).max(), rel=1e-12)


@settings(max_examples=40)
@given(problems(), st.sampled_from([0.5, 1e-1, 1e-2, 1e-4, 1e-8]))
def test_the_bound_holds(drawn, tolerance):
    graph, weight, own, matrix = drawn
    value = network_value(graph, weight, own, tolerance=tolerance)
    error = np.abs(value.gross - oracles.hubbell(matrix, own)).sum()
    rounding = 1e-14 * len(own) * max(1.0, own.sum())
    assert error <= value.error_bound + rounding
    assert value.residual <= tolerance * own.sum()
    assert value.error_bound == pytest.approx(value.residual / (1.0 - value.norm))


def test_the_bound_is_not_idle():
    matrix, own = strong(60, 1)
    graph, weight = problem(matrix)
    value = network_value(graph, weight, own, tolerance=0.3)
    error = np.abs(value.gross - oracles.hubbell(matrix, own)).sum()
    assert 0.01 * value.error_bound < error <= value.error_bound
    exact = network_value(graph, weight, own)
    assert exact.error_bound <= 4.1e-13 * own.sum()
    assert exact.iterations > value.iterations


@settings(max_examples=40)
@given(problems())
def test_conserved_value_adds_up_to_own_value(drawn):
    graph, weight, own, _ = drawn
    value = network_value(graph, weight, own)
    total = math.fsum(own)
    gap = abs(math.fsum(value.conserved) - total)
    assert gap <= value.residual + 1e-13 * total
    assert gap <= 1e-12 * total


def test_conserved_value_adds_up_when_stopped_early():
    matrix, own = strong(60, 2)
    graph, weight = problem(matrix)
    value = network_value(graph, weight, own, tolerance=0.2)
    gap = abs(math.fsum(value.conserved) - math.fsum(own))
    assert 0 < value.residual <= 0.2 * own.sum()
    assert gap <= value.residual * (1 + 1e-12)


@settings(max_examples=40)
@given(problems())
def test_contributions_add_up(drawn):
    graph, weight, own, _ = drawn
    value = network_value(graph, weight, own)
    influencer = graph.edge_sources()
    parts = weight * value.gross[graph.out_targets]
    for person in range(graph.n_nodes):
        total = math.fsum(parts[influencer == person])
        assert total == pytest.approx(value.network[person], rel=1e-9, abs=1e-11 * max(1.0, own.sum()))


@settings(max_examples=40)
@given(problems())
def test_doubling_own_value_doubles_every_value(drawn):
    graph, weight, own, _ = drawn
    once, twice = network_value(graph, weight, own), network_value(graph, weight, 2.0 * own)
    for name in ("gross", "network", "direct", "conserved"):
        assert (2.0 * getattr(once, name)).tolist() == getattr(twice, name).tolist()


@settings(max_examples=40)
@given(problems(), st.randoms(use_true_random=False))
def test_relabelling_permutes(drawn, random):
    graph, weight, own, matrix = drawn
    order = list(range(len(own)))
    random.shuffle(order)
    other_graph, other_weight = problem(matrix[np.ix_(order, order)])
    once, other = network_value(graph, weight, own), network_value(other_graph, other_weight, own[order])
    assert other.network == pytest.approx(once.network[order], rel=1e-12, abs=1e-12 * max(1.0, own.sum()))


@settings(max_examples=40)
@given(problems(), st.floats(0.0, 1e6))
def test_an_isolated_newcomer_changes_nobody(drawn, worth):
    graph, weight, own, matrix = drawn
    n = len(own)
    larger = np.zeros((n + 1, n + 1))
    larger[:n, :n] = matrix
    other = network_value(*problem(larger, np.stack([graph.edge_sources(), graph.out_targets], 1)), np.r_[own, worth])
    once = network_value(graph, weight, own)
    # exactly but for the iteration, which stops relative to what everybody is worth
    allowed = once.error_bound + other.error_bound + 1e-13 * own.sum()
    assert np.abs(other.network[:n] - once.network).sum() <= allowed
    assert other.network[n] == 0.0
    assert other.gross[n] == other.conserved[n] == worth


def test_the_direction_of_the_edges_decides():
    # 0 is heard by three who buy a lot; 4 listens to two
    matrix = np.zeros((6, 6))
    matrix[0, [1, 2, 3]] = 0.25
    matrix[[1, 5], 4] = 0.25
    own = np.array([1.0, 100.0, 50.0, 20.0, 10.0, 5.0])
    value = network_value(*problem(matrix), own)
    assert value.network.tolist() == pytest.approx([0.25 * (100 + 2.5) + 12.5 + 5, 2.5, 0, 0, 0, 2.5])
    turned = network_value(*problem(matrix.T.copy()), own)
    assert np.argmax(value.network) == 0
    assert turned.network[0] == 0.0
    assert turned.network.tolist() == pytest.approx((oracles.hubbell(matrix.T, own) - own).tolist())


def test_nobody_and_no_edges():
    nobody = network_value(Graph.from_edges([], [], n_nodes=0), np.empty(0), np.empty(0))
    assert nobody.gross.shape == (0,)
    alone = network_value(Graph.from_edges([], [], n_nodes=3), np.empty(0), np.array([1.0, 0.0, 2.0]))
    assert alone.network.tolist() == [0.0, 0.0, 0.0]
    assert alone.conserved.tolist() == [1.0, 0.0, 2.0]
    worthless = network_value(Graph.from_edges([0], [1]), np.array([0.5]), np.zeros(2))
    assert worthless.gross.tolist() == [0.0, 0.0]
    assert worthless.error_bound == 0.0


@pytest.mark.parametrize("shares", [(0.5, 0.5), (1.0, 0.0), (0.9, -0.2), (math.nan, 0.1), (math.inf, 0.0)])
def test_refuses_shares_that_reach_one(shares):
    graph = Graph.from_edges([0, 1], [2, 2])
    with pytest.raises(UsageError, match="must stay below 1"):
        network_value(graph, np.array(shares), np.ones(3))


def test_accepts_shares_just_below_one():
    graph = Graph.from_edges([0, 1], [1, 0])
    value = network_value(graph, np.array([0.97, 0.97]), np.array([1.0, 0.0]))
    assert value.gross == pytest.approx([1 / (1 - 0.97**2), 0.97 / (1 - 0.97**2)], rel=1e-10)


def test_refuses_shapes_that_do_not_match():
    graph = Graph.from_edges([0, 1], [2, 2])
    with pytest.raises(UsageError, match="3 weights and 3 own values for 2 edges and 3 nodes"):
        network_value(graph, np.zeros(3), np.ones(3))
    with pytest.raises(UsageError, match="must match"):
        network_value(graph, np.zeros(2), np.ones(2))


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")
def test_threads_change_no_byte():
    rng = np.random.default_rng(4)
    n = 5000  # five blocks of rows
    graph = Graph.from_edges(rng.integers(0, n, 40_000), rng.integers(0, n, 40_000), n_nodes=n)
    weight = rng.random(graph.n_edges)
    weight *= 0.74 / np.bincount(graph.out_targets, weight, n).max()
    own = rng.lognormal(0, 2, n)
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = network_value(graph, weight, own)
        numba.set_num_threads(2)
        two = network_value(graph, weight, own)
    finally:
        numba.set_num_threads(before)
    for name in ("gross", "network", "direct", "conserved"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert one.residual == two.residual
