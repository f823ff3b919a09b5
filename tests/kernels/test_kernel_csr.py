"""Edges to rows: every property that the counting sorts promise, on graphs that can fail."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.kernels.csr import count_pairs, merge_pairs, transpose


@st.composite
def edge_lists(draw):
    n = draw(st.integers(1, 7))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node), max_size=25))
    return n, [u for u, _ in edges], [v for _, v in edges]


def int32(values):
    return np.array(values, np.int32)


def check_merge(n, source, target):
    offsets, targets, group = merge_pairs(int32(source), int32(target), n)
    distinct = sorted(set(zip(source, target, strict=True)))
    rows = [int(np.searchsorted(offsets, e, side="right")) - 1 for e in range(targets.size)]
    assert list(zip(rows, targets.tolist(), strict=True)) == distinct
    assert (offsets[0], offsets[-1]) == (0, len(distinct))
    assert offsets.tolist() == [sum(u < row for u, _ in distinct) for row in range(n + 1)]
    assert [distinct[g] for g in group] == list(zip(source, target, strict=True))
    assert (offsets.dtype, targets.dtype, group.dtype) == (np.int64, np.int32, np.int64)
    rows, columns, count = count_pairs(int32(source), int32(target), n)
    assert (rows.tolist(), columns.tolist()) == (offsets.tolist(), targets.tolist())
    assert count.tolist() == [list(zip(source, target, strict=True)).count(pair) for pair in distinct]
    assert (rows.dtype, columns.dtype, count.dtype) == (np.int64, np.int32, np.float64)
    return offsets, targets


def check_transpose(n, offsets, targets):
    in_offsets, sources, edges = transpose(offsets, targets)
    source_of = np.repeat(np.arange(n), np.diff(offsets))
    assert sorted(edges.tolist()) == list(range(targets.size))
    assert (sources == source_of[edges]).all()
    for v in range(n):
        row = slice(in_offsets[v], in_offsets[v + 1])
        assert (targets[edges[row]] == v).all()
        assert (np.diff(sources[row]) > 0).all()
    assert in_offsets[-1] == targets.size
    assert (in_offsets.dtype, sources.dtype, edges.dtype) == (np.int64, np.int32, np.int64)


@given(edge_lists())
def test_rows_both_ways(case):
    n, source, target = case
    check_transpose(n, *check_merge(n, source, target))


@pytest.mark.parametrize(
    ("n", "edges"),
    [
        (0, []),
        (1, []),
        (1, [(0, 0), (0, 0)]),
        (4, [(3, 0)]),  # empty rows before and after
        (5, [(1, 0), (1, 0), (0, 1), (4, 1), (4, 0), (4, 1), (2, 2)]),  # doubles, a loop, a dangling and a lonely node
    ],
)
def test_rows_of_named_graphs(n, edges):
    source, target = [u for u, _ in edges], [v for _, v in edges]
    check_transpose(n, *check_merge(n, source, target))


def test_out_rows_are_rows_of_the_source():
    # one edge 0 -> 2: a transposed build would put it under 2
    offsets, targets, _ = merge_pairs(int32([0]), int32([2]), 3)
    assert (offsets.tolist(), targets.tolist()) == ([0, 1, 1, 1], [2])
    in_offsets, sources, edges = transpose(offsets, targets)
    assert (in_offsets.tolist(), sources.tolist(), edges.tolist()) == ([0, 0, 0, 1], [0], [0])


@given(edge_lists(), st.randoms(use_true_random=False))
def test_order_of_edges_does_not_matter(case, random):
    n, source, target = case
    order = list(range(len(source)))
    random.shuffle(order)
    one = merge_pairs(int32(source), int32(target), n)
    other = merge_pairs(int32([source[e] for e in order]), int32([target[e] for e in order]), n)
    assert (one[0] == other[0]).all()
    assert (one[1] == other[1]).all()
    assert (one[2][order] == other[2]).all()


@given(edge_lists())
def test_transposing_twice_gives_the_rows_back(case):
    n, source, target = case
    offsets, targets, _ = merge_pairs(int32(source), int32(target), n)
    in_offsets, sources, edges = transpose(offsets, targets)
    again = transpose(in_offsets, sources)
    assert (again[0] == offsets).all()
    assert (again[1] == targets).all()
    assert (edges[again[2]] == np.arange(targets.size)).all()


@given(edge_lists())
def test_groups_add_up_as_a_dense_matrix_does(case):
    n, source, target = case
    offsets, targets, group = merge_pairs(int32(source), int32(target), n)
    matrix = np.zeros((n, n))
    rows = np.repeat(np.arange(n), np.diff(offsets))
    matrix[rows, targets] = np.bincount(group, minlength=targets.size)
    assert (matrix == oracles.dense(n, source, target)).all()


def test_given_edges_are_left_alone():
    source, target = int32([2, 0, 1, 0]), int32([0, 1, 1, 1])
    merge_pairs(source, target, 3)
    assert (source.tolist(), target.tolist()) == ([2, 0, 1, 0], [0, 1, 1, 1])
