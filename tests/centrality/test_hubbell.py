"""The Hubbell index against the dense solution, an example by hand and the network value."""

import networkx as nx
import numpy as np
import oracles
import pytest
from cases import CASES, random_case

from influence.centrality.hubbell import hubbell
from influence.errors import UsageError
from influence.graph import Graph
from influence.value.network import network_value

NAMES = [name for name in CASES if CASES[name].n]


def shares(matrix, scaling):
    """Return W, W[t, s] the share of s's status that t has, for a factor of 1."""
    total = matrix.sum(axis=1)
    if scaling == "source":
        return np.array([row / t if t > 0 else row for row, t in zip(matrix, total, strict=True)]).T
    return matrix.T / (total.max() or 1.0) if scaling == "largest" else matrix.T


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("scaling", ["source", "largest", "none"])
@pytest.mark.parametrize("name", NAMES)
def test_dense_solution(name, scaling, weighted, loops):
    case = CASES[name]
    matrix = case.dense(loops=loops)
    w = shares(matrix if weighted else (matrix != 0).astype(float), scaling)
    factor = 0.7 / max(float(np.abs(np.linalg.eigvals(w)).max()), 1.0)
    rng = np.random.default_rng(2)
    for own in (1.0, rng.random(case.n) + 0.1, np.arange(float(case.n)), rng.normal(size=case.n)):
        found = hubbell(
            case.graph(loops=loops), exogenous=own, factor=factor, scaling=scaling, weighted=weighted, tolerance=1e-12
        )
        wanted = oracles.hubbell(factor * w, np.broadcast_to(own, case.n))
        assert found.values == pytest.approx(wanted, abs=1e-11 * max(1.0, np.abs(wanted).max()))
        assert np.abs(found.values - wanted).max() <= found.error_bound * np.abs(wanted).max() + 1e-13
        assert found.converged


def test_example_by_hand():
    """0 ⇄ 1 and 0 → 2, halves: x₀ = 1 + x₁/2, x₁ = 1 + x₀/4, x₂ = 1 + x₀/4."""
    found = hubbell(Graph.from_edges([0, 0, 1], [1, 2, 0]), tolerance=1e-14)
    assert found.values == pytest.approx([12 / 7, 10 / 7, 10 / 7], rel=1e-13)


@pytest.mark.parametrize("name", ["asymmetric", "random directed", "dense undirected"])
def test_as_networkx_without_scaling(name):
    """Without scaling it is the Katz centrality with α for the factor and e for β."""
    case = CASES[name]
    own = np.random.default_rng(0).random(case.n)
    peer = nx.katz_centrality_numpy(case.networkx(), 0.02, dict(enumerate(own)), normalized=False, weight="weight")
    found = hubbell(case.graph(), exogenous=own, factor=0.02, scaling="none", tolerance=1e-13)
    assert found.values == pytest.approx([peer[u] for u in range(case.n)], rel=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_network_value_is_the_index_with_the_edges_turned_round(seed):
    graph = random_case(seed).graph()
    money = np.random.default_rng(seed).random(graph.n_nodes)
    into = np.bincount(graph.out_targets, graph.weight, minlength=graph.n_nodes)
    value = network_value(graph, 0.6 * graph.weight / into[graph.out_targets], money)
    assert hubbell(graph.reverse(), exogenous=money, factor=0.6, tolerance=1e-13).values == pytest.approx(
        value.gross, rel=1e-11
    )


def test_what_diverges_is_refused():
    graph = Graph.from_edges([0, 1], [1, 0], [2.0, 2.0])
    with pytest.raises(UsageError, match=r"diverges with a factor of 0\.5: .* below 0\.5$"):
        hubbell(graph, scaling="none")
    with pytest.raises(UsageError, match="diverges with a factor of 1"):
        hubbell(graph, factor=1.0)
    assert hubbell(graph, factor=0.25, scaling="none").values == pytest.approx([2.0, 2.0])


def test_what_has_not_settled_says_so():
    found = hubbell(CASES["random directed"].graph(), max_iterations=3)
    assert not found.converged
    assert found.error_bound > 1e-9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factor": 0.0}, "factor must be above 0"),
        ({"factor": float("nan")}, "factor"),
        ({"scaling": "both"}, "scaling must be"),
        ({"exogenous": [1.0]}, "exogenous must hold 3 finite numbers"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        hubbell(Graph.from_edges([0, 1], [1, 2]), **options)


def test_negative_weights_are_refused():
    with pytest.raises(UsageError, match="negative weights"):
        hubbell(Graph.from_edges([0, 1], [1, 2], [1.0, -1.0]))


def test_empty_graph():
    assert hubbell(Graph.from_edges([], [])).values.size == 0
