"""Graphs without directions: both arcs stored, one edge counted, the same weight from both ends."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.errors import UsageError
from influence.graph import Graph

EDGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.floats(0.1, 5.0)), max_size=40)


def matrix_of(graph):
    matrix = np.zeros((graph.n_nodes, graph.n_nodes))
    matrix[graph.edge_sources(), graph.out_targets] = graph.weight
    return matrix


def check_shape(graph):
    source = graph.edge_sources()
    assert not graph.directed
    assert graph.in_offsets is graph.out_offsets
    assert graph.in_sources is graph.out_targets
    assert (source[graph.in_edges] == graph.out_targets).all()
    assert (graph.out_targets[graph.in_edges] == source).all()
    assert (graph.weight[graph.in_edges] == graph.weight).all()
    assert graph.n_edges == np.count_nonzero(source <= graph.out_targets)
    rows = np.split(graph.out_targets, graph.out_offsets[1:-1])
    assert all((np.diff(row) > 0).all() for row in rows)
    assert not any(
        array.flags.writeable for array in (graph.out_offsets, graph.out_targets, graph.in_edges, graph.weight)
    )


@given(EDGES, st.sampled_from(["sum", "max", "min"]), st.booleans())
def test_without_directions(edges, merge, loops):
    source, target, weight = (list(part) for part in zip(*edges, strict=True)) if edges else ([], [], [])
    directed = Graph.from_edges(source, target, weight, n_nodes=7, self_loops=loops)
    graph = directed.undirected(merge=merge)
    check_shape(graph)
    there, back = matrix_of(directed), matrix_of(directed).T
    both = (there > 0) & (back > 0)
    joined = {"sum": there + back, "max": np.maximum(there, back), "min": np.minimum(there, back)}[merge]
    wanted = np.where(both, joined, there + back)
    np.fill_diagonal(wanted, there.diagonal())
    assert (matrix_of(graph) == wanted).all()


@pytest.mark.parametrize("merge", ["sum", "max", "min", "count"])
def test_built_from_edges_in_either_order(merge):
    source, target, weight = [3, 1, 0, 2, 3, 1], [1, 3, 1, 2, 0, 3], [2.0, 0.5, 4.0, 7.0, 1.0, 3.0]
    graph = Graph.from_edges(source, target, weight, n_nodes=5, merge=merge, self_loops=True, directed=False)
    check_shape(graph)
    low, high = np.minimum(source, target).tolist(), np.maximum(source, target).tolist()
    wanted = oracles.merged(low, high, weight, merge)
    matrix = matrix_of(graph)
    assert (matrix == matrix.T).all()
    assert {(u, v): matrix[u, v] for u, v in np.argwhere(np.triu(matrix)).tolist()} == wanted
    assert (graph.n_edges, graph.n_arcs, graph.n_loops) == (4, 7, 1)
    assert "undirected" in repr(graph)


def test_an_undirected_graph_is_its_own_reverse():
    graph = Graph.from_edges([0, 1], [1, 2], directed=False)
    assert graph.reverse() is graph
    assert graph.undirected() is graph


def test_unknown_merge():
    with pytest.raises(UsageError, match="merge must be one of sum, max, min, not 'mean'"):
        Graph.from_edges([0], [1]).undirected(merge="mean")
