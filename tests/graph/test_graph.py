"""Building a graph: merging, loops, both directions, and what is refused."""

import numpy as np
import oracles
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.errors import InfluenceError, UsageError
from influence.graph import Graph
from influence.graph.arrays import count_by, sum_by
from influence.io import IdIndex

SOURCE = [3, 0, 0, 3, 2, 0, 3]
TARGET = [1, 2, 1, 1, 2, 1, 0]
WEIGHT = [2.0, -1.0, 4.0, 0.5, 7.0, 3.0, 1.0]


def matrix_of(graph):
    """Return M[u, v] as read from the out-rows."""
    matrix = np.zeros((graph.n_nodes, graph.n_nodes))
    for u in range(graph.n_nodes):
        for e in range(graph.out_offsets[u], graph.out_offsets[u + 1]):
            assert matrix[u, graph.out_targets[e]] == 0
            matrix[u, graph.out_targets[e]] = graph.weight[e]
    return matrix


def matrix_of_in_rows(graph):
    """Return M[u, v] as read from the in-rows."""
    matrix = np.zeros((graph.n_nodes, graph.n_nodes))
    for v in range(graph.n_nodes):
        for p in range(graph.in_offsets[v], graph.in_offsets[v + 1]):
            assert matrix[graph.in_sources[p], v] == 0
            matrix[graph.in_sources[p], v] = graph.weight[graph.in_edges[p]]
    return matrix


@pytest.mark.parametrize("self_loops", [False, True])
@pytest.mark.parametrize("merge", ["sum", "max", "min", "count"])
def test_merging(merge, self_loops):
    graph = Graph.from_edges(SOURCE, TARGET, WEIGHT, n_nodes=5, merge=merge, self_loops=self_loops)
    wanted = oracles.merged(SOURCE, TARGET, WEIGHT, merge)
    if not self_loops:
        del wanted[2, 2]
    edges = list(zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), strict=True))
    assert edges == sorted(wanted)
    assert graph.weight.tolist() == [wanted[edge] for edge in edges]
    assert (graph.n_nodes, graph.n_edges) == (5, len(wanted))
    assert (matrix_of(graph) == matrix_of_in_rows(graph)).all()


@pytest.mark.parametrize(("merge", "weight"), [("sum", 2.0), ("count", 2.0), ("max", 1.0), ("min", 1.0)])
def test_merging_without_weights(merge, weight):
    graph = Graph.from_edges([0, 0], [1, 1], merge=merge)
    assert graph.weight.tolist() == [weight]
    assert graph.weight.dtype == np.float64


def test_default_is_to_sum_and_to_drop_loops():
    graph = Graph.from_edges([0, 0, 1], [1, 1, 1], [1.5, 2.5, 9.0])
    assert matrix_of(graph).tolist() == [[0.0, 4.0], [0.0, 0.0]]


def test_direction():
    """One edge 2 → 0 of three nodes; a transposed build would turn each of these round."""
    graph = Graph.from_edges([2], [0], n_nodes=3)
    assert graph.out_degree.tolist() == [0, 0, 1]
    assert graph.in_degree.tolist() == [1, 0, 0]
    assert graph.out_offsets.tolist() == [0, 0, 0, 1]
    assert graph.in_offsets.tolist() == [0, 1, 1, 1]
    assert (graph.out_targets.tolist(), graph.in_sources.tolist()) == ([0], [2])
    assert graph.edge_sources().tolist() == [2]


@st.composite
def edge_lists(draw):
    n = draw(st.integers(1, 6))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node, st.sampled_from([-2.0, 0.0, 0.5, 1.0, 3.0])), max_size=20))
    return n, [u for u, _, _ in edges], [v for _, v, _ in edges], [w for _, _, w in edges]


@given(edge_lists(), st.booleans())
def test_both_ways_hold_the_dense_matrix(case, self_loops):
    n, source, target, weight = case
    graph, group = Graph.with_groups(source, target, weight, n_nodes=n, self_loops=self_loops)
    wanted = oracles.dense(n, source, target, weight)
    if not self_loops:
        np.fill_diagonal(wanted, 0.0)
    assert (matrix_of(graph) == wanted).all()
    assert (matrix_of_in_rows(graph) == wanted).all()
    sources = graph.edge_sources()
    for u, v, e in zip(source, target, group, strict=True):
        assert (e == -1) == (u == v and not self_loops)
        if e >= 0:
            assert (sources[e], graph.out_targets[e]) == (u, v)
    assert graph.out_degree.sum() == graph.in_degree.sum() == graph.n_edges


@given(edge_lists())
def test_reverse(case):
    n, source, target, weight = case
    graph = Graph.from_edges(source, target, weight, n_nodes=n)
    turned = graph.reverse()
    assert (matrix_of(turned) == matrix_of(graph).T).all()
    assert (matrix_of_in_rows(turned) == matrix_of(graph).T).all()
    # the same arrays as a graph that is built the other way round, and back again
    for one, other in ((turned, Graph.from_edges(target, source, weight, n_nodes=n)), (turned.reverse(), graph)):
        for name in ("out_offsets", "out_targets", "in_offsets", "in_sources", "in_edges", "weight"):
            assert (getattr(one, name) == getattr(other, name)).all()


def test_reverse_keeps_ids():
    ids = IdIndex.of(pl.Series(["a", "b"]))
    assert Graph.from_edges([0], [1], ids=ids).reverse().ids is ids


def test_groups_of_dropped_loops():
    graph, group = Graph.with_groups([1, 0, 1, 1], [1, 1, 0, 1])
    assert group.tolist() == [-1, 0, 1, -1]
    assert graph.n_edges == 2
    graph, group = Graph.with_groups([1, 0, 1, 1], [1, 1, 0, 1], self_loops=True)
    assert group.tolist() == [2, 0, 1, 2]
    assert graph.weight.tolist() == [1.0, 1.0, 2.0]


@pytest.mark.parametrize("turned", [False, True])
def test_arrays_are_read_only_and_fields_frozen(turned):
    graph = Graph.from_edges(SOURCE, TARGET, WEIGHT)
    graph = graph.reverse() if turned else graph
    for name in ("out_offsets", "out_targets", "in_offsets", "in_sources", "in_edges", "weight"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(graph, name)[:1] = 0
        with pytest.raises(AttributeError):
            setattr(graph, name, None)


def test_arrays_given_are_copied_and_stay_writable():
    source, target, weight = np.array(SOURCE, np.int32), np.array(TARGET, np.int32), np.array(WEIGHT)
    graph = Graph.from_edges(source, target, weight)
    before = matrix_of(graph)
    weight[:] = 99.0
    source[:] = 0
    target[:] = 0
    assert (matrix_of(graph) == before).all()
    lone = np.array([5.0])
    graph = Graph.from_edges([0], [1], lone)
    lone[0] = 6.0
    assert graph.weight.tolist() == [5.0]


def test_dtypes():
    for dtype in (np.int8, np.uint32, np.int64):
        graph = Graph.from_edges(np.array([0, 1], dtype), np.array([1, 0], dtype), np.array([1, 2]))
        for name in ("out_offsets", "in_offsets", "in_edges"):
            assert getattr(graph, name).dtype == np.int64
        assert graph.out_targets.dtype == graph.in_sources.dtype == graph.edge_sources().dtype == np.int32
        assert graph.weight.dtype == np.float64


def test_narrow_dtypes_do_not_overflow():
    for dtype in (np.int8, np.uint8, np.uint64):
        assert Graph.from_edges(np.array([0], dtype), np.array([127], dtype)).n_nodes == 128


def test_numbers_of_nodes():
    assert Graph.from_edges([], []).n_nodes == 0
    assert Graph.from_edges([0], [3]).n_nodes == 4
    assert Graph.from_edges([4], [4]).n_nodes == 5  # the loop is dropped, its node is not
    assert Graph.from_edges([], [], n_nodes=3).out_degree.tolist() == [0, 0, 0]
    ids = IdIndex.of(pl.Series(["x", "y", "z"]))
    graph = Graph.from_edges([0], [1], ids=ids)
    assert graph.n_nodes == 3
    assert graph.ids is ids
    assert repr(Graph.from_edges([0], [1], n_nodes=1234)) == "<Graph of 1,234 nodes and 1 edges>"


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0], [1, 2]), {}, "source has 1 entries and target 2"),
        (([0], [1]), {"merge": "mean"}, "merge must be one of sum, max, min, count, not 'mean'"),
        (([0], [3]), {"n_nodes": 3}, "0 … 2"),
        (([-1], [1]), {}, "node numbers must lie in"),
        (([0], [-2]), {"n_nodes": 3}, "node numbers must lie in"),
        (([0], [1], [1.0, 2.0]), {}, "2 weights for 1 edges"),
        (([0, 1], [1, 0], [1.0, np.nan]), {}, "weight 1 is not finite"),
        (([0, 1], [1, 0], [np.inf, 1.0]), {}, "weight 0 is not finite"),
        (([0.0], [1.0]), {}, "source must hold whole numbers, not float64"),
        (([0], [True]), {}, "target must hold whole numbers, not bool"),
        (([[0]], [1]), {}, "source must have one dimension, not 2"),
        (([0], [1]), {"ids": IdIndex.of(pl.Series(["a", "b"])), "n_nodes": 3}, "2 ids for 3 nodes"),
        (([0], [2]), {"ids": IdIndex.of(pl.Series(["a", "b"]))}, "0 … 1"),
        (([0], [2**31]), {}, "more than"),
    ],
)
def test_refused(arguments, options, message):
    with pytest.raises(UsageError, match=message) as caught:
        Graph.from_edges(*arguments, **options)
    assert isinstance(caught.value, InfluenceError)
    with pytest.raises(UsageError, match=message):
        Graph.with_groups(*arguments, **options)


def test_everything_after_weight_is_named():
    with pytest.raises(TypeError):
        Graph.from_edges([0], [1], None, 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(-1e6, 1e6)), max_size=30))
def test_sums_by_group(rows):
    group, values = np.array([g for g, _ in rows], np.int32), np.array([x for _, x in rows], np.float64)
    counts, sums = [0] * 7, [0.0] * 7
    for g, x in rows:
        counts[g] += 1
        sums[g] += x
    assert count_by(group, 7).tolist() == counts
    assert sum_by(group, values, 7).tolist() == sums
    assert (count_by(group, 7).dtype, sum_by(group, values, 7).dtype) == (np.int64, np.float64)
