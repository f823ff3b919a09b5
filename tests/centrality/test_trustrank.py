"""TrustRank against a dense solution and NetworkX; what arrives along edges against a dense product."""

import networkx as nx
import numpy as np
import oracles
import pytest

from influence.centrality.trustrank import received, trustrank
from influence.errors import UsageError
from influence.graph import Graph


def random_graph(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 30)), int(rng.integers(0, 90))
    source, target, weight = rng.integers(0, n, m), rng.integers(0, n, m), rng.choice([0.0, 0.3, 1.0, 5.0], m)
    keep = source != target
    seeds = rng.random(n) < 0.3
    seeds[rng.integers(0, n)] = True
    return n, source[keep], target[keep], weight[keep], seeds


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("alpha", [0.5, 0.85])
def test_as_the_dense_solution(seed, alpha):
    n, source, target, weight, seeds = random_graph(seed)
    expected = oracles.pagerank(oracles.dense(n, source, target, weight), alpha, seeds.astype(float))
    found = trustrank(Graph.from_edges(source, target, weight, n_nodes=n), seeds, alpha=alpha, tolerance=1e-13)
    assert found.values == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_as_networkx(seed):
    n, source, target, weight, seeds = random_graph(seed)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    for u, v, w in zip(source.tolist(), target.tolist(), weight.tolist(), strict=True):
        if w:
            graph.add_edge(u, v, weight=w + graph.get_edge_data(u, v, {"weight": 0.0})["weight"])
    start = {u: float(seeds[u]) for u in range(n)}
    expected = nx.pagerank(graph, 0.85, personalization=start, dangling=start, tol=1e-13, max_iter=1000)
    found = trustrank(Graph.from_edges(source, target, weight, n_nodes=n), seeds, tolerance=1e-13).values
    assert found == pytest.approx([expected[u] for u in range(n)], abs=1e-10)


def test_trust_goes_to_whom_the_trusted_listen_to():
    """0, who is trusted, listens to 1; 2 listens to 0: that makes nobody trust 2."""
    values = trustrank(Graph.from_edges([0, 2], [1, 0], n_nodes=3), [True, False, False]).values
    assert values == pytest.approx([1 / 1.85, 0.85 / 1.85, 0.0], abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_received_is_what_comes_along_edges(seed):
    n, source, target, weight, _ = random_graph(seed)
    matrix = oracles.dense(n, source, target, weight)
    x = np.random.default_rng(seed).random(n)
    expected = np.zeros(n)
    for s in range(n):
        if matrix[s].sum() > 0:
            expected += x[s] * matrix[s] / matrix[s].sum()
    found = received(Graph.from_edges(source, target, weight, n_nodes=n), x)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seeds", [[False, False], [True], [1, 0], [[True, False]]])
def test_refused(seeds):
    with pytest.raises(UsageError, match="seeds must say true or false of 2 nodes, and true of one at least"):
        trustrank(Graph.from_edges([0], [1]), seeds)
