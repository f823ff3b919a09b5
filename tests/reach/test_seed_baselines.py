"""Rules of thumb against themselves written slowly, and all of them judged."""

import networkx as nx
import numpy as np
import pytest
from worlds import random_small

from influence.errors import UsageError
from influence.graph import Graph
from influence.reach import Cascade, compare_seeds, constant, imrank, weighted_cascade
from influence.reach.baselines import BASELINES, baseline, degree_discount, single_discount, top


def slow_discount(arcs, n, k, value, *, single):
    seeds = []
    for _ in range(k):

        def score(v):
            safe, brings = 1.0, 0.0 if single else value[v]
            for a, b, p in arcs:
                if a in seeds and b == v:
                    safe *= 1.0 - p
                if a == v and b not in seeds and b != v:
                    brings += 1.0 if single else p * value[b]
            return brings if single else safe * brings

        seeds.append(max((v for v in range(n) if v not in seeds), key=lambda v: (round(score(v), 12), -v)))
    return seeds


@pytest.mark.parametrize("seed", range(6))
def test_discounts(seed):
    small = random_small(seed, n=8, m=20)
    value = np.random.default_rng(seed).uniform(0.5, 2.0, small.n)
    cascade = small.cascade()
    ones = np.ones(small.n)
    assert single_discount(cascade, 8).tolist() == slow_discount(small.arcs, 8, 8, ones, single=True)
    assert degree_discount(cascade, 8).tolist() == slow_discount(small.arcs, 8, 8, ones, single=False)
    assert degree_discount(cascade, 5, value=value).tolist() == slow_discount(small.arcs, 8, 5, value, single=False)


def slow_imrank(arcs, n, order):
    """One sweep of last-to-first allocation (Cheng et al. 2014, algorithm 2)."""
    influence = [1.0] * n
    chance = {(u, v): p for u, v, p in arcs}
    for i in range(n - 1, 0, -1):
        v = order[i]
        for u in order[:i]:
            p = chance.get((u, v), 0.0)
            influence[u] += p * influence[v]
            influence[v] *= 1.0 - p
    return influence


@pytest.mark.parametrize("seed", range(6))
def test_imrank(seed):
    small = random_small(seed, n=8, m=20)
    found = imrank(small.cascade(), k=3, max_rounds=1)
    first = [1.0 + sum(p for u, _, p in small.arcs if u == v) for v in range(8)]
    order = sorted(range(8), key=lambda v: (-round(first[v], 12), v))
    assert found.values == pytest.approx(slow_imrank(small.arcs, 8, order))
    # what is handed up is all there is
    assert imrank(small.cascade(), k=3).values.sum() == pytest.approx(8.0)


def test_imrank_settles():
    settled = imrank(weighted_cascade(Graph.from_edges([0, 0, 1, 2, 3], [1, 2, 3, 3, 4])), k=5)
    values = settled.values.tolist()
    order = sorted(range(5), key=lambda v: (-values[v], v))
    arcs = [(0, 1, 1.0), (0, 2, 1.0), (1, 3, 0.5), (2, 3, 0.5), (3, 4, 1.0)]
    assert values == pytest.approx(slow_imrank(arcs, 5, order))
    with pytest.raises(UsageError, match="must be 1 or more"):
        imrank(constant(Graph.from_edges([0], [1]), 0.5), k=0)


def test_every_rule():
    graph = nx.gnp_random_graph(60, 0.08, seed=1, directed=True)
    source, target = np.array(graph.edges()).T
    cascade = constant(Graph.from_edges(source, target, n_nodes=60), 0.2)
    for name in BASELINES:
        seeds = baseline(cascade, name, 5)
        assert seeds.dtype == np.int32
        assert len(set(seeds.tolist())) == 5
    degree = sorted(range(60), key=lambda v: (-graph.out_degree(v), v))[:5]
    assert baseline(cascade, "degree", 5).tolist() == degree
    rank = nx.pagerank(graph.reverse(), tol=1e-12, max_iter=1000)
    assert baseline(cascade, "PageRank", 5).tolist() == sorted(rank, key=lambda v: -rank[v])[:5]
    assert baseline(cascade, "VoteRank", 5).tolist()[0] == max(range(60), key=lambda v: (graph.out_degree(v), -v))
    with pytest.raises(UsageError, match="there is no baseline 'luck'"):
        baseline(cascade, "luck", 5)
    with pytest.raises(UsageError, match="k is 61, but there are 60 people"):
        baseline(cascade, "degree", 61)


def test_comparison():
    small = random_small(3)
    given = {"all": range(6), "two": [0, 1], "one": np.array([4])}
    found = compare_seeds(small.cascade(), given=given, samples=40_000)
    assert found.names[0] == "all"
    for name, low, reached, high in zip(found.names, found.low, found.reached, found.high, strict=True):
        assert low - 1e-9 <= small.spread(list(given[name])) <= high + 1e-9
        assert low <= reached <= high
    value = [0.0, 5.0, 1.0, 0.0, 2.0, 0.5]
    found = compare_seeds(small.cascade(), given=given, value=value, samples=40_000)
    for name, low, high in zip(found.names, found.low, found.high, strict=True):
        assert low - 1e-9 <= small.spread(list(given[name]), value=value) <= high + 1e-9
    table = compare_seeds(small.cascade(), 2, samples=1000).to_polars()
    assert set(table["chosen_by"]) == set(BASELINES)
    assert table.columns == ["chosen_by", "seeds", "reached", "low", "high", "seconds"]


def test_rules_obey_the_limits():
    rng = np.random.default_rng(3)
    graph = Graph.from_edges(rng.integers(0, 60, 400), rng.integers(0, 60, 400), n_nodes=60)
    hubs = np.argsort(-graph.out_degree, kind="stable")[:20]
    costs = rng.integers(1, 5, 60).astype(float)
    limits = {"exclude": hubs[1:], "include": hubs[:1], "costs": costs, "budget": 12.0}
    found = compare_seeds(constant(graph, 0.1), 6, scores={"number": np.arange(60.0)}, samples=1000, **limits)
    assert set(found.names) == {*BASELINES, "number"}
    for seeds in found.seeds.values():
        assert hubs[0] in seeds
        assert not set(seeds.tolist()) & set(hubs[1:].tolist())
        assert len(seeds) <= 6
        assert costs[seeds].sum() <= 12.0


def test_beyond_the_invited():
    small = random_small(3)
    given = {"a": [0, 1], "b": [4]}
    found = compare_seeds(small.cascade(), given=given, invited=[2, 3], samples=100_000)
    for name, reached, low, high in zip(found.names, found.reached, found.low, found.high, strict=True):
        assert low <= small.spread(given[name], invited=[2, 3]) <= high
        assert low <= reached <= high


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "there is nothing to compare"),
        ({"baselines": ["degree"]}, "give k"),
        ({"given": {"a": [7]}}, "the seeds 'a' must be node numbers in 0 … 2"),
        ({"given": {"a": []}}, "one at least"),
        ({"given": {"a": [0]}, "delta": 1.0}, "delta must lie"),
        ({"given": {"a": [0]}, "samples": 0}, "samples must lie"),
    ],
)
def test_what_cannot_be_compared(options, words):
    with pytest.raises(UsageError, match=words):
        compare_seeds(constant(Graph.from_edges([0, 1], [1, 2]), 0.5), **options)


def test_empty_graph():
    with pytest.raises(UsageError, match="the graph is empty"):
        compare_seeds(Cascade(Graph.from_edges([], []), []), given={"a": [0]})


def test_top():
    assert top(np.array([1, 5, 5, 2]), 3).tolist() == [1, 2, 3]
    with pytest.raises(UsageError, match="k must be a whole number of 1 or more"):
        top([1.0], 0)
