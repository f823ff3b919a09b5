"""CELF++ against plain greedy search in the same worlds, and against the best set of all."""

import itertools

import numpy as np
import pytest
from test_simulate import case, thresholds

from influence.errors import UsageError
from influence.graph import Graph
from influence.reach.celf import celf
from influence.reach.model import Cascade, constant, continuous_time
from influence.reach.simulate import expected_spread


def greedy(cascade, k, runs, value=None):
    """Look at everybody every time."""
    seeds, gains, base = [], [], 0.0
    for _ in range(k):
        best = (-1.0, 0)
        for u in range(cascade.graph.n_nodes):
            if u not in seeds:
                total = expected_spread(cascade, [*seeds, u], runs=runs, value=value).value_by_run.sum()
                best = max(best, (total - base, -u))
        seeds.append(-best[1])
        gains.append(best[0] / runs)
        base += best[0]
    return seeds, gains


@pytest.mark.parametrize("seed", range(6))
def test_same_seeds_as_plain_greedy_search(seed):
    graph, chance, _, _ = case(seed, n=14, m=40, top=0.5)
    lt_graph, weights, _, _ = thresholds(seed, n=14, m=40)
    for cascade in (
        Cascade(graph, chance),
        Cascade(graph, chance, hops=1),
        Cascade(lt_graph, weights, kind="lt"),
        continuous_time(graph, rate=1.0, horizon=1.0, probability=chance),
    ):
        found = celf(cascade, 5, runs=64)
        seeds, gains = greedy(cascade, 5, 64)
        assert found.seeds.tolist() == seeds
        assert found.gain.tolist() == pytest.approx(gains)
        assert (np.diff(found.gain) <= 1e-12).all()  # submodular in these worlds


def test_values_count():
    graph, chance, _, _ = case(3, n=14, m=40, top=0.5)
    value = np.arange(14) ** 2.0  # whole numbers, so that equal gains are equal
    found = celf(Cascade(graph, chance), 4, runs=64, value=value)
    assert found.seeds.tolist() == greedy(Cascade(graph, chance), 4, 64, value)[0]
    assert found.seeds.tolist() != celf(Cascade(graph, chance), 4, runs=64).seeds.tolist()


def test_lazy_search_simulates_fewer_sets():
    rng = np.random.default_rng(1)
    graph = Graph.from_edges(rng.integers(0, 80, 300), rng.integers(0, 80, 300), n_nodes=80)
    found = celf(constant(graph, 0.1), 10, runs=128)
    assert found.evaluations < 4 * 80 + 200 < 80 * 10
    assert found.spread == pytest.approx(expected_spread(constant(graph, 0.1), found.seeds, runs=128).people)


def test_within_the_guarantee_of_the_best_set():
    """1 - 1/e of the best (Nemhauser, Wolsey and Fisher 1978), in the worlds searched."""
    graph, chance, _, _ = case(9, n=10, m=30, top=0.5)
    cascade = Cascade(graph, chance)
    found = celf(cascade, 3, runs=64)
    best = max(expected_spread(cascade, list(s), runs=64).people for s in itertools.combinations(range(10), 3))
    assert (1 - 1 / np.e) * best <= found.spread <= best + 1e-9


def test_all_nodes():
    graph = Graph.from_edges([0, 1], [1, 2])
    found = celf(constant(graph, 1.0), 3, runs=5)
    assert found.to_polars().rows() == [(1, 0, 3.0, 3.0), (2, 1, 0.0, 3.0), (3, 2, 0.0, 3.0)]


@pytest.mark.parametrize(("k", "runs", "words"), [(0, 5, "k must lie"), (4, 5, "k must lie"), (1, 0, "runs must be")])
def test_errors(k, runs, words):
    with pytest.raises(UsageError, match=words):
        celf(constant(Graph.from_edges([0, 1], [1, 2]), 0.5), k, runs=runs)
