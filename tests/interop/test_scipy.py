"""Sparse matrices and back, against dense ones."""

import networkx as nx
import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from influence.errors import UsageError
from influence.graph import Graph
from influence.interop import from_scipy, to_scipy
from influence.io import IdIndex


@st.composite
def dense(draw):
    n = draw(st.integers(0, 6))
    cells = draw(st.lists(st.sampled_from([0.0, 0.0, 1.0, -2.0, 0.5]), min_size=n * n, max_size=n * n))
    return np.array(cells).reshape(n, n)


FORMATS = ("csr", "csc", "coo")
KINDS = [sp.csr_array, sp.csc_array, sp.coo_array, sp.lil_array, sp.csr_matrix, sp.coo_matrix]


@given(dense(), st.sampled_from(KINDS), st.sampled_from(FORMATS))
def test_a_round_trip(matrix, kind, format):
    graph = from_scipy(kind(matrix))
    assert graph.n_edges == np.count_nonzero(matrix)
    made = to_scipy(graph, format=format)
    assert made.format == format
    assert np.array_equal(made.toarray(), matrix)
    without = to_scipy(from_scipy(kind(matrix), self_loops=False)).toarray()
    assert np.array_equal(without, matrix - np.diag(np.diag(matrix)))


@given(dense(), st.sampled_from(KINDS), st.sampled_from(FORMATS))
def test_a_symmetric_round_trip(matrix, kind, format):
    both = matrix + matrix.T
    graph = from_scipy(kind(both), directed=False)
    assert not graph.directed
    assert np.array_equal(to_scipy(graph, format=format).toarray(), both)
    assert graph.n_edges == np.count_nonzero(np.triu(both))


@given(dense())
def test_an_asymmetric_matrix_is_no_undirected_graph(matrix):
    if not np.array_equal(matrix, matrix.T):
        with pytest.raises(UsageError, match=r"matrix \+ matrix.T"):
            from_scipy(sp.csr_array(matrix), directed=False)


def test_as_networkx_reads_it():
    matrix = sp.coo_array(([2, 3, 4, 0], ([0, 0, 2, 1], [1, 1, 0, 2])), shape=(4, 4))
    graph = from_scipy(matrix)
    assert (
        to_scipy(graph).toarray().tolist()
        == nx.to_numpy_array(nx.from_scipy_sparse_array(matrix.tocsr(), create_using=nx.DiGraph)).tolist()
    )
    assert graph.n_edges == 3  # an entry stored as zero is an edge
    assert from_scipy(matrix, merge="max").weight.tolist() == [3.0, 0.0, 4.0]
    assert to_scipy(graph).nnz == 3


def test_a_copy_can_be_written():
    graph = Graph.from_edges([0], [1], [2.0])
    for format in FORMATS:
        to_scipy(graph, format=format).data[:] = 5.0
    assert graph.weight.tolist() == [2.0]


def test_kinds_of_numbers_and_ids():
    ids = IdIndex.of(pl.Series(["a", "b"]))
    graph = from_scipy(sp.csr_array(np.array([[False, True], [False, False]])), ids=ids)
    assert graph.weight.tolist() == [1.0]
    assert graph.ids is ids


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.eye(2), "csr_array"),
        (sp.csr_array((2, 3)), "square"),
        (sp.csr_array(np.eye(2, dtype=complex)), "real numbers"),
        (sp.csr_array([[0.0, np.nan], [0.0, 0.0]]), "not finite"),
    ],
)
def test_what_is_no_adjacency_is_refused(matrix, words):
    with pytest.raises(UsageError, match=words):
        from_scipy(matrix)


def test_an_unknown_format():
    with pytest.raises(UsageError, match="csr, csc or coo"):
        to_scipy(Graph.from_edges([0], [1]), format="dia")
