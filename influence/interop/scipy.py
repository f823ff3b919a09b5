"""Sparse matrices, and back."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from influence.errors import UsageError
from influence.graph import Graph
from influence.io import IdIndex

__all__ = ["from_scipy", "to_scipy"]


def from_scipy(
    matrix: Any, *, directed: bool = True, self_loops: bool = True, merge: str = "sum", ids: IdIndex | None = None
) -> Graph:
    """Return the graph with an edge u → v for every entry (u, v) of a matrix, weighing what it says.

    An entry that is stored as zero is an edge of weight 0; ``matrix.eliminate_zeros()`` takes such away.

    Parameters
    ----------
    matrix : scipy.sparse array or matrix, shape (n, n)
        Of any format.
    directed : bool
        If not, the matrix must be symmetric, and the entries (u, v) and (v, u) are one edge.
    self_loops : bool
        Keep the diagonal.
    merge : {"sum", "max", "min", "count"}
        Weight of entries that are stored several times.
    ids : IdIndex, optional
        Who the rows are, in id order.

    Raises
    ------
    UsageError
        It is no square sparse matrix of finite real numbers, or not symmetric where it must be.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> g = from_scipy(sp.coo_array(([2.0, 1.0], ([0, 1], [1, 2])), shape=(3, 3)))
    >>> g, g.weight.tolist()
    (<Graph of 3 nodes and 2 edges>, [2.0, 1.0])
    """
    import scipy.sparse as sp

    if not sp.issparse(matrix):
        raise UsageError(f"{type(matrix).__name__} is no sparse matrix; pass scipy.sparse.csr_array(matrix)")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise UsageError(f"an adjacency matrix is square, not of shape {matrix.shape}")
    if matrix.dtype.kind not in "biuf":
        raise UsageError(f"a matrix of {matrix.dtype} holds no weights; pass real numbers")
    entries = matrix.tocoo()
    graph = Graph.from_edges(
        entries.row,
        entries.col,
        entries.data,
        n_nodes=matrix.shape[0],
        ids=ids,
        merge=merge,
        self_loops=self_loops,
    )
    if directed:
        return graph
    opposite = graph.weight[graph.in_edges]
    same_rows = np.array_equal(graph.out_offsets, graph.in_offsets)
    if not (same_rows and np.array_equal(graph.out_targets, graph.in_sources)):
        raise UsageError("the matrix has an entry without its opposite; pass directed=True, or matrix + matrix.T")
    if not np.array_equal(graph.weight, opposite):
        arc = int(np.flatnonzero(graph.weight != opposite)[0])
        u, v = int(graph.edge_sources()[arc]), int(graph.out_targets[arc])
        raise UsageError(
            f"the matrix is not symmetric: {graph.weight[arc]:g} at ({u}, {v}) and {opposite[arc]:g} at ({v}, {u}); "
            "pass directed=True, or matrix + matrix.T"
        )
    return graph.undirected(merge="max")


def to_scipy(graph: Graph, *, format: Literal["csr", "csc", "coo"] = "csr") -> Any:
    """Return the adjacency matrix: entry (u, v) is the weight of u → v; an undirected graph's is symmetric.

    Parameters
    ----------
    format : {"csr", "csc", "coo"}

    Returns
    -------
    scipy.sparse array of float64, shape (n_nodes, n_nodes)
        A copy. An edge of weight 0 is stored as zero.

    Raises
    ------
    UsageError
        The format is unknown.

    Examples
    --------
    >>> to_scipy(Graph.from_edges([0, 1], [1, 2], [2.0, 1.0])).toarray().tolist()
    [[0.0, 2.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    import scipy.sparse as sp

    shape = (graph.n_nodes, graph.n_nodes)
    if format == "csr":
        return sp.csr_array((graph.weight, graph.out_targets, graph.out_offsets), shape=shape, copy=True)
    if format == "csc":
        weight = graph.weight[graph.in_edges]
        return sp.csc_array((weight, graph.in_sources, graph.in_offsets), shape=shape, copy=True)
    if format == "coo":
        return sp.coo_array((graph.weight, (graph.edge_sources(), graph.out_targets)), shape=shape, copy=True)
    raise UsageError(f"format must be csr, csc or coo, not {format!r}")
