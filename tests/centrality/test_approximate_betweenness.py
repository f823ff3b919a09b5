"""Betweenness from drawn paths: the guarantee over many seeds, the bounds against scipy, the paths each as likely."""

import importlib
import itertools
import math

import numba
import numpy as np
import pytest
from cases import ASYMMETRIC, CASES, random_case
from scipy import stats
from test_betweenness import PENDANT, large

import influence.progress
from influence.centrality.approximate_betweenness import _bounds, _Plan, approximate_betweenness
from influence.centrality.betweenness import betweenness
from influence.errors import InfluenceError, UsageError
from influence.graph import Graph

# the package may name the function as it names the module
module = importlib.import_module("influence.centrality.approximate_betweenness")
WEIGHTS = pytest.mark.parametrize("weight", [None, "weight"])
ALL = [*CASES.values(), *PENDANT]


@WEIGHTS
@pytest.mark.parametrize("case", ALL)
def test_every_value_is_within_epsilon(case, weight):
    # seeds are fixed, so this cannot fail by chance; the next test measures how often the bounds do
    graph = case.graph()
    exact = betweenness(graph, distance=weight).values
    found = approximate_betweenness(graph, epsilon=0.04, delta=0.01, seed=3, distance=weight)
    assert found.values == pytest.approx(exact, abs=0.04)
    assert (found.lower <= exact + 1e-12).all() and (exact <= found.upper + 1e-12).all()
    assert found.error_bound <= 0.04 and found.delta == 0.01 and found.separated is None


@pytest.mark.slow
@WEIGHTS
@pytest.mark.parametrize("case", [CASES["random undirected"], random_case(11, 12, 30)])
def test_bounds_fail_no_more_often_than_delta(case, weight):
    graph = case.graph(loops=True)
    exact = betweenness(graph, distance=weight).values
    missed = off = 0
    for seed in range(100):
        found = approximate_betweenness(graph, epsilon=0.1, delta=0.3, seed=seed, distance=weight)
        missed += bool(((exact < found.lower - 1e-12) | (exact > found.upper + 1e-12)).any())
        off += bool((abs(exact - found.values) > 0.1).any())
    # at most 30 of 100 are allowed, and 40 would be a chance of 2 % beyond
    assert off <= missed <= stats.binom.ppf(0.98, 100, 0.3)


def test_all_nodes_of_a_large_set_of_draws_agree_with_the_truth():
    # ten standard errors at 40,000 draws: a path drawn with the wrong chance, or an end counted, shows
    for case, weight in [(CASES["random directed"], None), (CASES["integer weights"], "weight"), (PENDANT[1], None)]:
        graph = case.graph()
        exact = betweenness(graph, distance=weight).values
        found = approximate_betweenness(graph, epsilon=0.01, seed=5, distance=weight)
        error = np.sqrt(exact * (1 - exact) / found.samples) + 1 / found.samples
        assert found.samples > 500
        assert (abs(found.values - exact) / error).max() < 4.5


@WEIGHTS
def test_equal_paths_are_equally_likely(weight):
    # 0 → 1 → {2, 3} → 4 → 5 and 0 → 6 → 7 → 8 → 5: two thirds through 1, a third through 2, 3 and 6
    source, target = [0, 1, 1, 2, 3, 4, 0, 6, 7, 8], [1, 2, 3, 4, 4, 5, 6, 7, 8, 5]
    graph = Graph.from_edges(source, target)
    found = approximate_betweenness(graph, epsilon=0.005, delta=0.01, distance=weight)
    assert found.values == pytest.approx(betweenness(graph).values, abs=0.005)
    turned = approximate_betweenness(graph.reverse(), epsilon=0.005, delta=0.01, distance=weight)
    assert turned.values == pytest.approx(betweenness(graph).values, abs=0.005)


@WEIGHTS
def test_paths_that_meet_in_several_middles(weight):
    # both searches can settle the same middle, and no path may then count twice
    for wide in (2, 3, 5):
        middles = range(4, 4 + wide)
        ends = [(0, 1), (2, 3), *((1, m) for m in middles), *((m, 2) for m in middles)]
        graph = Graph.from_edges(*np.array(ends).T, directed=False)
        found = approximate_betweenness(graph, epsilon=0.004, delta=0.01, distance=weight)
        assert found.values == pytest.approx(betweenness(graph).values, abs=0.004)


def test_no_draw_is_used_twice(monkeypatch):
    used = []

    draws = module._draws

    def recorded(*given):
        draw = draws(*given)
        return lambda first, stop: (used.append((first, stop)), draw(first, stop))[1]

    monkeypatch.setattr(module, "_draws", recorded)
    found = approximate_betweenness(ASYMMETRIC.graph(), epsilon=0.01, k=2)
    assert len(used) > 2 and used[0][0] == 0
    assert all(before[1] == after[0] for before, after in itertools.pairwise(used))
    assert used[-1][1] - used[0][1] == found.samples


def test_the_first_are_told_apart():
    graph = large(False)
    exact = betweenness(graph).values
    found = approximate_betweenness(graph, epsilon=0.001, k=3, seed=2)
    plain = approximate_betweenness(graph, epsilon=0.02, seed=2)
    assert found.separated and found.samples > 0
    first, others = np.argsort(-exact)[:3], np.argsort(-exact)[3:]
    assert set(np.argsort(-found.values)[:3]) == set(first)
    assert found.lower[first].min() >= found.upper[others].max()
    assert plain.separated is None


def test_what_cannot_be_told_apart_ends_at_epsilon():
    ring = Graph.from_edges(range(8), [*range(1, 8), 0], directed=False)
    found = approximate_betweenness(ring, epsilon=0.05, k=3)
    assert found.separated is False and found.error_bound <= 0.05
    assert approximate_betweenness(ring, epsilon=0.05, k=8).separated


def test_chernoff_bounds():
    count, drawn, surprise = np.array([0, 1, 7, 50, 99, 100]), 100, np.full(6, 3.0)
    low, high = _bounds(count, drawn, surprise)
    assert low[0] == 0.0 and high[-1] == 1.0
    assert high[0] == pytest.approx(1 - math.exp(-0.03)) and low[-1] == pytest.approx(math.exp(-0.03))
    for c, *bounds in zip(count.tolist(), low.tolist(), high.tolist(), strict=True):
        for q in bounds:
            if 0 < q < 1:
                distance = stats.entropy([c / drawn, 1 - c / drawn], [q, 1 - q])
                assert drawn * distance == pytest.approx(3.0, rel=1e-6)
    # no closer than the exact interval of Clopper and Pearson
    exact_low, exact_high = (
        stats.beta.ppf(math.exp(-3), count, 101 - count),
        stats.beta.isf(math.exp(-3), count + 1, 100 - count),
    )
    assert (low[1:] <= exact_low[1:]).all() and (high[:-1] >= exact_high[:-1]).all()


def test_chernoff_bounds_close_to_0_and_1():
    low, high = _bounds(np.array([1, 10**9 - 1]), 10**9, np.full(2, 40.0))
    assert 0 <= low[0] < 1e-9 < high[0] < 1e-7 and 1 - 1e-7 < low[1] < 1 - 1e-9 < high[1] <= 1
    low, high = _bounds(np.array([1, 1]), 2, np.full(2, 400.0))
    assert low == pytest.approx(0, abs=1e-9) and high == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("early", [False, True])
def test_delta_is_spent_once(early):
    plan = _Plan.of(np.array([0.0, 0.1, 0.5, 1.0]), 1e-3, 0.01, 0.2, early=early)
    assert plan.share.sum() == pytest.approx(1) and (plan.share >= 0.1 / 4).all()
    looks = np.array([2 * np.exp(-plan.surprise(look)).sum() for look in range(2000)])
    assert looks[0] == pytest.approx(0.1) and 0.1999 < looks.sum() <= 0.2
    assert all(plan.samples(look) < plan.samples(look + 1) for look in range(50))


@WEIGHTS
def test_the_same_on_any_threads_and_in_any_slices(weight, monkeypatch):
    graph = large(True)
    wanted = approximate_betweenness(graph, epsilon=0.02, distance=weight)
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        alone = approximate_betweenness(graph, epsilon=0.02, distance=weight)
    finally:
        numba.set_num_threads(threads)
    monkeypatch.setattr(influence.progress, "_SLICE", 0.001)
    cut = approximate_betweenness(graph, epsilon=0.02, distance=weight)
    for other in (alone, cut):
        assert other.samples == wanted.samples
        assert all(other.columns()[name].tobytes() == values.tobytes() for name, values in wanted.columns().items())
    seeded = approximate_betweenness(graph, epsilon=0.02, distance=weight, seed=1)
    assert seeded.values.tobytes() != wanted.values.tobytes()


def test_what_cannot_lie_between_is_zero():
    found = approximate_betweenness(CASES["star in"].graph())
    assert found.samples == 0 and not found.upper.any() and found.error_bound == 0
    assert approximate_betweenness(ASYMMETRIC.graph(), epsilon=0.1).upper[[4, 7]].tolist() == [0, 0]
    assert list(found.to_polars().columns) == ["id", "betweenness", "lower", "upper"]


def diamonds(rows):
    source = np.concatenate([[3 * i, 3 * i, 3 * i + 1, 3 * i + 2] for i in range(rows)])
    target = np.concatenate([[3 * i + 1, 3 * i + 2, 3 * i + 3, 3 * i + 3] for i in range(rows)])
    return Graph.from_edges(source, target, directed=False)


@WEIGHTS
def test_more_paths_than_a_float_counts(weight):
    with pytest.raises(InfluenceError, match=r"1\.8e308"):
        approximate_betweenness(diamonds(4000), epsilon=0.3, distance=weight)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"epsilon": 0.0}, "epsilon must lie in"),
        ({"epsilon": math.nan}, "epsilon must lie in"),
        ({"delta": 1.0}, "delta must lie in"),
        ({"k": 0}, "k must lie in 1 … 3"),
        ({"k": 4}, "not 4"),
        ({"seed": -1}, "seed must lie in"),
        ({"distance": "weight"}, "the edge 0 → 1 has 0"),
    ],
)
def test_errors(options, match):
    with pytest.raises(UsageError, match=match):
        approximate_betweenness(Graph.from_edges([0, 1], [1, 2], [0.0, 1.0]), **options)
