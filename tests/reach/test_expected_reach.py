"""Reach of everybody against every world of small graphs: how often all bounds hold at once."""

import numba
import numpy as np
import pytest
from worlds import random_small

from influence.errors import UsageError
from influence.graph import Graph
from influence.reach import constant, expected_reach, weighted_cascade


def truth(small, **spread):
    return np.array([small.spread([v], **spread) for v in range(small.n)])


MODELS = {
    "cascade": {},
    "one hop": {"hops": 1},
    "negative opinion": {"quality": 0.7},
    "threshold": {"kind": "lt"},
}


@pytest.mark.parametrize("name", MODELS)
def test_bounds_hold(name):
    small = random_small(3, **MODELS[name])
    found = expected_reach(small.cascade(), target=0.05)
    expected = truth(small)
    assert (found.low <= expected + 1e-12).all()
    assert (expected <= found.high + 1e-12).all()
    assert found.stopped == "the target is met"
    counted = found.high > 0.1 * found.low.max()
    assert (np.abs(found.values - expected) <= 0.05 * found.values)[counted].all()


@pytest.mark.slow
def test_bounds_hold_as_often_as_said():
    """At 1 - delta = 70 % all bounds of 6 people at all looks hold at once; exact bounds hold more often."""
    failures = 0
    graphs = [(random_small(seed), truth(random_small(seed))) for seed in range(20)]
    for run in range(200):
        small, expected = graphs[run % 20]
        found = expected_reach(small.cascade(), delta=0.3, seed=run, max_samples=1 << 14)
        failures += bool((found.low > expected + 1e-12).any() or (found.high < expected - 1e-12).any())
    assert failures <= 60


def test_certain_people_are_exact():
    found = expected_reach(constant(Graph.from_edges([0], [1], n_nodes=3), 0.5))
    assert found.values[1:].tolist() == [1.0, 1.0]
    assert found.low[1:].tolist() == [1.0, 1.0]
    alone = expected_reach(constant(Graph.from_edges([], [], n_nodes=3), 0.5))
    assert alone.values.tolist() == [1.0] * 3


def test_value():
    small = random_small(4)
    value = np.array([0.0, 1.0, 30.0, 0.5, 3.0, 0.0])
    found = expected_reach(small.cascade(), value=value, target=0.05)
    expected = truth(small, value=value)
    assert (found.value_low <= expected + 1e-9).all()
    assert (expected <= found.value_high + 1e-9).all()
    people = truth(small)
    assert (found.low <= people + 1e-9).all()
    assert (people <= found.high + 1e-9).all()
    table = found.to_polars()
    assert table.columns == ["id", "reach", "low", "high", "reached_value", "value_low", "value_high"]


def test_without_herself():
    small = random_small(4)
    value = [0.0, 2.0, 7.0, 1.0, 0.5, 4.0]
    found = expected_reach(small.cascade(), value=value, count_herself=False, target=0.02)
    for v in range(small.n):
        people, worth = small.spread([v]) - 1.0, small.spread([v], value=value) - value[v]
        assert found.low[v] - 1e-9 <= people <= found.high[v] + 1e-9
        assert found.value_low[v] - 1e-9 <= worth <= found.value_high[v] + 1e-9


def test_top_stops_when_certain():
    stars = Graph.from_edges([0] * 40 + [41] * 20 + [62] * 10, [*range(1, 41), *range(42, 62), *range(63, 73)])
    found = expected_reach(constant(stars, 0.5), top=2)
    assert found.top.tolist() == [0, 41]
    assert found.stopped == "the best are certain"
    assert found.samples < 1 << 18
    tie = Graph.from_edges([0, 2], [1, 3])
    limited = expected_reach(constant(tie, 0.5), top=1, max_samples=50_000)
    assert limited.stopped == "max_samples"
    assert limited.samples == 50_000
    assert expected_reach(constant(tie, 0.5), top=4).top.size == 4


def test_above():
    rng = np.random.default_rng(1)
    graph = Graph.from_edges((300 * rng.random(2000) ** 3).astype(int), rng.integers(0, 300, 2000), n_nodes=300)
    near = expected_reach(weighted_cascade(graph), target=0.2)
    far = expected_reach(weighted_cascade(graph), target=0.2, above=2.0)
    assert far.samples > near.samples
    width = np.maximum(far.high - far.values, far.values - far.low)
    assert (width <= 0.2 * far.values)[far.high > 2.0].all()


def test_same_bytes():
    rng = np.random.default_rng(2)
    graph = Graph.from_edges(rng.integers(0, 200, 1500), rng.integers(0, 200, 1500), n_nodes=200)
    first = expected_reach(weighted_cascade(graph))
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        single = expected_reach(weighted_cascade(graph))
    finally:
        numba.set_num_threads(threads)
    for name in ("values", "low", "high"):
        assert getattr(first, name).tobytes() == getattr(single, name).tobytes()
    assert expected_reach(weighted_cascade(graph), seed=9).values.tolist() != first.values.tolist()


def test_clock():
    graph = Graph.from_edges([0, 2], [1, 3])
    found = expected_reach(constant(graph, 0.5), top=1, time_limit=1e-9)
    assert found.stopped == "the time limit"
    assert found.samples == 1 << 14


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delta": 0.0}, "delta must lie between 0 and 1"),
        ({"target": 1.0}, "target must lie between 0 and 1"),
        ({"above": 0.0}, "above must be over 0"),
        ({"top": 0}, "top must lie in 1 … 3, not 0"),
        ({"top": 4}, "top must lie in 1 … 3, not 4"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"max_samples": 0}, "max_samples must lie in"),
        ({"value": [1.0, -1.0, 0.0]}, "the value of node 1 is -1"),
    ],
)
def test_what_cannot_be_asked_for(options, words):
    with pytest.raises(UsageError, match=words):
        expected_reach(constant(Graph.from_edges([0, 1], [1, 2]), 0.5), **options)


def test_empty_graph():
    with pytest.raises(UsageError, match="the graph is empty"):
        expected_reach(constant(Graph.from_edges([], []), 0.5))
