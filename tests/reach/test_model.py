"""Models of spread: what they hold, and what they refuse."""

import numpy as np
import polars as pl
import pytest

from influence.errors import UsageError
from influence.graph import Graph
from influence.io import IdIndex
from influence.reach.model import (
    Cascade,
    constant,
    continuous_time,
    linear_threshold,
    trivalency,
    weighted_cascade,
)


def graph(**options):
    return Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 2], [2.0, 1.0, 3.0, 9.0], self_loops=True, **options)


def test_weighted_cascade_shares_what_leads_in_without_self_loops():
    assert weighted_cascade(graph()).probability.tolist() == [1.0, 0.5, 0.5, 0.0]
    assert weighted_cascade(graph(), weighted=True).probability.tolist() == [1.0, 0.25, 0.75, 0.0]
    assert linear_threshold(graph()).probability.tolist() == [1.0, 0.5, 0.5, 0.0]


def test_undirected_edges_work_both_ways():
    both = Graph.from_edges([0, 0], [1, 2], directed=False)
    assert weighted_cascade(both).probability.tolist() == [1.0, 1.0, 0.5, 0.5]


def test_constant_leaves_self_loops_out():
    assert constant(graph(), 0.25).probability.tolist() == [0.25, 0.25, 0.25, 0.0]


def test_trivalency_draws_thirds():
    wide = Graph.from_edges([0] * 6000, range(1, 6001))
    drawn = trivalency(wide, seed=3).probability
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == [0.001, 0.01, 0.1]
    assert np.abs(counts - 2000).max() < 200
    assert trivalency(wide, seed=3).probability.tolist() == drawn.tolist()
    assert trivalency(wide, seed=4).probability.tolist() != drawn.tolist()


def test_what_is_given_is_neither_changed_nor_shared():
    given = np.full(4, 0.5)
    cascade = Cascade(graph(), given)
    assert given.tolist() == [0.5] * 4
    given[0] = 7.0
    assert cascade.probability.tolist() == [0.5, 0.5, 0.5, 0.0]
    with pytest.raises(ValueError, match="read-only"):
        cascade.probability[0] = 1.0


def test_weights_of_a_threshold_may_round_over_1():
    star = Graph.from_edges([0, 1, 2], [3, 3, 3])
    assert Cascade(star, [0.1, 0.2, 0.7 + 1e-12], kind="lt").kind == "lt"


def named():
    return Graph.from_edges(
        [0, 0, 1, 2], [1, 2, 2, 2], ids=IdIndex.of(pl.Series(["ann", "bob", "eve"])), self_loops=True
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Cascade(named(), [0.5, 1.5, 0.1, 0.1]), "'ann' → 'eve' is 1.5"),
        (lambda: Cascade(graph(), [0.5, 0.5, -0.1, 0.1]), "node 1 → node 2 is -0.1"),
        (lambda: Cascade(graph(), [0.5, 0.5, float("nan"), 0.1]), "node 1 → node 2 is nan"),
        (lambda: Cascade(graph(), [0.5]), r"shape \(1,\).*4 arcs"),
        (lambda: Cascade(graph(), [0.5] * 4, kind="sir"), "kind must be one of"),
        (lambda: Cascade(graph(), [0.5] * 4, hops=-1), "hops"),
        (lambda: Cascade(graph(), [0.5] * 4, hops=1.5), "hops"),
        (lambda: Cascade(graph(), [0.5] * 4, quality=0.0), "quality"),
        (lambda: Cascade(graph(), [0.5] * 4, quality=1.1), "quality"),
        (lambda: Cascade(graph(), [0.5] * 4, horizon=1.0), "horizon goes with"),
        (lambda: Cascade(graph(), [0.5] * 4, rate=np.ones(4)), "rate goes with"),
        (lambda: Cascade(graph(), [0.5] * 4, kind="ct", rate=np.ones(4)), "needs a horizon"),
        (lambda: Cascade(graph(), [0.5] * 4, kind="ct", horizon=1.0), "needs the rate"),
        (lambda: Cascade(graph(), [0.5] * 4, kind="ct", rate=np.ones(4), horizon=1.0, hops=2), "hops does not go"),
        (lambda: continuous_time(graph(), rate=[1, 1, 0, 1], horizon=1.0), "rate of the arc node 1 → node 2 is 0"),
        (lambda: continuous_time(graph(), rate=1.0, horizon=float("inf")), "needs a horizon"),
        (lambda: linear_threshold(named(), weights=[1.0, 0.6, 0.5, 0.0]), "into 'eve' add up to 1.1"),
        (lambda: constant(graph(), 1.5), "p must lie"),
        (lambda: trivalency(graph(), seed=-1), "seed must be"),
        (lambda: weighted_cascade(Graph.from_edges([0], [1], [-1.0]), weighted=True), "weight of the arc .* is -1"),
    ],
)
def test_errors(make, words):
    with pytest.raises(UsageError, match=words):
        make()
