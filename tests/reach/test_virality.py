"""Trees of spread against plain Python, and structural virality of the shapes in its paper."""

import math
import random

import numpy as np
import oracles_logs as oracle
import pytest

from influence.graph import Graph
from influence.reach.virality import cascades


def line(graph, order, window=5):
    return cascades(graph, order, [0] * len(order), list(range(len(order))), window=window)


def tree(parents):
    """Return the cascade in which node i + 1 follows ``parents[i]`` and nobody else."""
    n = len(parents) + 1
    graph = Graph.from_edges(parents, list(range(1, n)), n_nodes=n)
    return line(graph, list(range(n)), window=n)


@pytest.mark.parametrize("n", [2, 5, 40])
def test_broadcast_and_chain(n):
    """Goel et al. 2016, section 3: a broadcast of n has ν = 2 - 2/n, which tends to 2; a chain has (n + 1) / 3."""
    star, chain = tree([0] * (n - 1)), tree(list(range(n - 1)))
    assert (star.size.tolist(), star.depth.tolist()) == ([n], [1])
    assert star.virality.tolist() == pytest.approx([2 - 2 / n])
    assert (chain.size.tolist(), chain.depth.tolist()) == ([n], [n - 1])
    assert chain.virality.tolist() == pytest.approx([(n + 1) / 3])


def test_trees_of_any_shape_lie_between_broadcast_and_chain():
    for seed in range(20):
        rng = random.Random(seed)
        n = rng.randint(3, 30)
        found = tree([rng.randrange(i + 1) for i in range(n - 1)])
        assert 2 - 2 / n - 1e-12 <= found.virality[0] <= (n + 1) / 3 + 1e-12


@pytest.mark.parametrize("seed", range(30))
def test_against_plain_python(seed):
    rng = random.Random(seed)
    arcs = set(rng.sample([(u, v) for u in range(8) for v in range(8) if u != v], 20))
    rows = [(rng.randrange(8), rng.randrange(3), rng.randint(0, 15)) for _ in range(30)]
    graph = Graph.from_edges([u for u, _ in arcs], [v for _, v in arcs], n_nodes=8)
    found = cascades(graph, *zip(*rows, strict=True), window=6)
    columns = (found.starter, found.item, found.size, found.depth, found.virality)
    given = sorted(zip(*(c.tolist() for c in columns), strict=True))
    expected = oracle.trees(rows, arcs, 6)
    assert [row[:4] for row in given] == [row[:4] for row in expected]
    assert [row[4] for row in given] == pytest.approx([row[4] for row in expected])


def test_tables():
    graph = Graph.from_edges([0, 0, 3], [1, 2, 4])
    person, item, time = [0, 1, 2, 0, 3, 4, 3], [0, 0, 0, 1, 2, 2, 3], [0, 1, 2, 0, 5, 6, 9]
    found = cascades(graph, person, item, time, window=5)
    assert len(found) == 4
    assert found.to_polars()["size"].to_list() == [3, 2, 1, 1]
    table = found.starters()
    assert table.columns == [
        "starter", "cascades", "followed", "spread", "mean_size", "largest", "deepest", "most_viral",
    ]  # fmt: skip
    assert table.rows()[0] == (0, 2, 2, 1, 2.0, 3, 1, pytest.approx(4 / 3))
    assert table.rows()[1] == (3, 2, 1, 1, 1.5, 2, 1, 1.0)
    assert "4 cascades, 2 of more" in repr(found)


def test_nothing():
    found = cascades(Graph.from_edges([], [], n_nodes=2), [], [], [], window=1)
    assert len(found) == 0
    assert found.starters().height == 0
    assert "0 cascades" in repr(found)


def test_long_chains_do_not_overflow():
    n = 200_000
    found = tree(np.arange(n - 1).tolist())
    assert math.isclose(found.virality[0], (n + 1) / 3, rel_tol=1e-12)
