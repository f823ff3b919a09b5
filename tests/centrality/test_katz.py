"""Katz centrality against the dense solution, NetworkX and a worked example; its bounds against the truth."""

import networkx as nx
import numba
import numpy as np
import pytest
from cases import CASES, random_case

from influence.centrality.katz import katz
from influence.centrality.linear import Rows, spectral_bounds
from influence.errors import UsageError
from influence.graph import Graph

RNG = np.random.default_rng(0)
NAMES = [name for name in CASES if CASES[name].n]


def dense_of(case, *, weighted, loops=False):
    matrix = case.dense(loops=loops)
    return matrix if weighted else (matrix != 0).astype(float)


def radius(matrix):
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def solution(matrix, alpha, beta=1.0):
    """Return x = α Aᵀ x + β by elimination."""
    n = len(matrix)
    return np.linalg.solve(np.eye(n) - alpha * matrix.T, np.broadcast_to(np.asarray(beta, float), n))


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_dense_solution_and_networkx(name, weighted, loops):
    case = CASES[name]
    matrix, graph, peer = (
        dense_of(case, weighted=weighted, loops=loops),
        case.graph(loops=loops),
        case.networkx(loops=loops),
    )
    largest = radius(matrix)
    alpha = 0.8 / largest if largest > 1e-9 else 0.3
    beta = np.random.default_rng(1).random(case.n) + 0.1
    for own in (1.0, 2.5, beta):
        found = katz(graph, alpha=alpha, beta=own, weighted=weighted, normalized=False, tolerance=1e-12)
        wanted = solution(matrix, alpha, own)
        assert found.values == pytest.approx(wanted, rel=1e-11)
        assert found.converged
        given = own if np.ndim(own) == 0 else dict(enumerate(own))
        weight = "weight" if weighted else None
        scaled = katz(graph, alpha=alpha, beta=own, weighted=weighted, tolerance=1e-12).values
        of_peer = nx.katz_centrality(peer, alpha, given, weight=weight, tol=1e-13, max_iter=10_000)
        assert scaled == pytest.approx([of_peer[u] for u in range(case.n)], abs=1e-11)
        if case.n > 1:
            direct = nx.katz_centrality_numpy(peer, alpha, given, weight=weight)
            assert scaled == pytest.approx([direct[u] for u in range(case.n)], abs=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_outgoing_walks_are_those_of_the_reversed_graph(name):
    case = CASES[name]
    matrix = dense_of(case, weighted=True)
    alpha = 0.5 / max(radius(matrix), 0.1)
    found = katz(case.graph(), alpha=alpha, incoming=False, weighted=True, normalized=False).values
    assert found == pytest.approx(solution(matrix.T, alpha), rel=1e-8)


@pytest.mark.parametrize("beta", [[0, 0, 1, 0, 0, 3, 0, 0], [1, -2, 3, -1, 0, 0.5, 0, 2], [0] * 8, -1.0, 0.0])
@pytest.mark.parametrize("normalized", [True, False])
def test_any_beta(beta, normalized):
    case = CASES["asymmetric"]
    matrix = dense_of(case, weighted=True)
    for tolerance in (1e-2, 1e-5, 1e-12):
        found = katz(case.graph(), alpha=0.2, beta=beta, weighted=True, normalized=normalized, tolerance=tolerance)
        wanted = solution(matrix, 0.2, beta)
        if normalized:
            wanted = wanted / (np.linalg.norm(wanted) or 1.0)
        off = np.abs(found.values - wanted).max()
        assert found.converged
        assert off <= found.error_bound * np.abs(found.values).max() + 1e-15
        assert found.error_bound <= tolerance


@pytest.mark.parametrize("start", [None, "random", "far"])
@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("most", [6, 10, 16, 24])
def test_bound_holds_for_every_value_when_stopped_early(most, normalized, start):
    case = random_case(11, n=40, m=200)
    matrix = dense_of(case, weighted=False)
    alpha = 0.6 / radius(matrix)
    wanted = solution(matrix, alpha)
    begin = {None: None, "random": RNG.random(40), "far": np.full(40, 50.0)}[start]
    found = katz(case.graph(), alpha=alpha, normalized=normalized, start=begin, max_iterations=most, tolerance=1e-14)
    if normalized:
        wanted /= np.linalg.norm(wanted)
    off = np.abs(found.values / wanted - 1.0).max()
    assert found.iterations == most
    assert not found.converged
    assert off <= found.error_bound
    assert found.error_bound < 100 * off + 1e-3 or (start == "far" and most == 6 and found.error_bound == np.inf)


@pytest.mark.parametrize("most", range(5, 60))
def test_leaps_keep_the_bound(most):
    """The iteration goes ahead where changes shrink evenly; whenever it is stopped, the bound holds and tells."""
    case = random_case(2, n=60, m=500)
    matrix = dense_of(case, weighted=True)
    alpha = 0.9 / radius(matrix)
    wanted = solution(matrix, alpha)
    found = katz(case.graph(), alpha=alpha, weighted=True, normalized=False, max_iterations=most, tolerance=1e-13)
    assert np.abs(found.values / wanted - 1.0).max() <= found.error_bound + 1e-14
    if most > 55:
        assert found.error_bound < 1e-9  # without leaps 0.9 ** 56 = 3e-3


def test_example_by_hand():
    """0 → 1 ⇄ 2, α = ½: x₁ = ½ x₀ + ½ x₂ + 1 and x₂ = ½ x₁ + 1, so x₁ = 8/3 and x₂ = 7/3."""
    graph = Graph.from_edges([0, 1, 2], [1, 2, 1])
    found = katz(graph, alpha=0.5, normalized=False, tolerance=1e-14).values
    assert found == pytest.approx([1.0, 8 / 3, 7 / 3], rel=1e-13)


def test_values_that_networkx_tests_for():
    """A path of three at α = 0.1, as in NetworkX's own tests."""
    found = katz(Graph.from_edges([0, 1], [1, 2], directed=False), alpha=0.1, tolerance=1e-14).values
    assert found == pytest.approx([0.5598852584152165, 0.6107839182711449, 0.5598852584152162], abs=1e-13)


def test_walks_are_counted():
    """On a chain the value is Σ α^k over the walks that end there."""
    graph = Graph.from_edges([0, 1, 2], [1, 2, 3])
    found = katz(graph, alpha=2.0, normalized=False)
    assert found.values.tolist() == [1.0, 3.0, 7.0, 15.0]  # no cycle: any α converges
    assert found.error_bound == 0.0


def test_default_alpha_is_safe_and_useful():
    for name in NAMES:
        for weighted in (False, True):
            matrix = dense_of(CASES[name], weighted=weighted)
            found = katz(CASES[name].graph(), weighted=weighted)
            largest = radius(matrix)
            assert found.converged
            assert found.alpha * largest <= 0.85 + 1e-12
            if largest > 1e-9:
                assert found.alpha * largest > 0.4
            assert found.values == pytest.approx(katz(CASES[name].graph(), alpha=found.alpha, weighted=weighted).values)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_spectral_bounds(seed, directed):
    case = random_case(seed, n=30, m=[20, 60, 200][seed % 3], directed=directed)
    largest = radius(case.dense(loops=bool(seed % 2)))
    graph = case.graph(loops=bool(seed % 2))
    low, high = spectral_bounds(Rows.of(graph, graph.weight), symmetric=not directed)
    assert low <= largest * (1 + 1e-12) + 1e-9
    assert high >= largest * (1 - 1e-12)
    assert high <= 1.5 * largest or largest < 1.0
    assert low >= 0.3 * largest


@pytest.mark.parametrize("name", [name for name in NAMES if radius(CASES[name].dense()) > 0.1])
def test_divergent_alpha_is_refused_with_the_largest_safe_one(name):
    matrix = dense_of(CASES[name], weighted=True)
    largest = radius(matrix)
    for alpha in (1.01 / largest, 3.0 / largest, 1e6):
        with pytest.raises(UsageError, match="diverges") as error:
            katz(CASES[name].graph(), alpha=alpha, weighted=True)
        safe = float(str(error.value).rsplit(" ", 1)[1])
        assert 0.5 < safe * largest <= 1.0 + 1e-9
    close = katz(CASES[name].graph(), alpha=0.98 / largest, weighted=True, tolerance=1e-8, normalized=False)
    assert close.values == pytest.approx(solution(matrix, 0.98 / largest), rel=1e-7)


def test_exactly_one_over_the_eigenvalue_diverges():
    with pytest.raises(UsageError, match=r"at least 1; take a factor below 1$"):
        katz(Graph.from_edges([0, 1, 2], [1, 2, 0]), alpha=1.0)


def test_the_default_of_networkx_diverges_on_a_star_and_is_refused():
    leaves = np.arange(1, 201)
    with pytest.raises(UsageError, match=r"take a factor below 0\.07"):
        katz(Graph.from_edges(leaves * 0, leaves, directed=False), alpha=0.1)  # the eigenvalue is √200 = 14.1


def test_threads_do_not_change_a_byte():
    case = random_case(5, n=9000, m=90_000)
    before, found = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(katz(case.graph(), weighted=True).values.tobytes())
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": -0.1}, "alpha must be 0 or more"),
        ({"alpha": float("nan")}, "alpha"),
        ({"beta": [1.0]}, "beta must hold 3 finite numbers"),
        ({"beta": float("inf")}, "beta must be finite"),
        ({"start": [1.0]}, "start must hold 3 finite numbers"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        katz(Graph.from_edges([0, 1], [1, 2]), **options)


def test_negative_weights_are_refused_when_they_count():
    graph = Graph.from_edges([0, 1], [1, 2], [1.0, -1.0])
    with pytest.raises(UsageError, match="negative weights"):
        katz(graph, weighted=True)
    assert katz(graph, alpha=0.5, normalized=False).values.tolist() == [1.0, 1.5, 1.75]


def test_empty_graph():
    assert katz(Graph.from_edges([], [])).values.size == 0
