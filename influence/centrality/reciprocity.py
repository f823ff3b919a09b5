"""Reciprocity: the share of arcs that are answered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.local import count_mutual

__all__ = ["mutual_counts", "overall_reciprocity", "reciprocity"]


def reciprocity(graph: Graph) -> NodeValues:
    """Return the share of each node's arcs, in and out, that are answered by an arc the other way.

    r_i = 2 b_i / (in-degree + out-degree), with b_i the nodes tied to i both ways. NaN for nodes without arcs. A
    self-loop answers itself, as NetworkX has it.

    Raises
    ------
    UsageError
        The graph is undirected.

    Examples
    --------
    >>> g = Graph.from_edges([0, 1, 1], [1, 0, 2])
    >>> reciprocity(g).values.round(4).tolist()
    [1.0, 0.6667, 0.0]
    """
    _check(graph)
    arcs = graph.in_degree + graph.out_degree
    values = np.full(graph.n_nodes, np.nan)
    np.divide(2 * mutual_counts(graph, loops=True), arcs, out=values, where=arcs > 0)
    return NodeValues("reciprocity", values, graph.ids)


def overall_reciprocity(graph: Graph) -> float:
    """Return the share of all arcs that are answered by an arc the other way; a self-loop is not.

    Raises
    ------
    UsageError
        The graph is undirected, or has no arcs.

    References
    ----------
    Wasserman and Faust, *Social Network Analysis*, 1994, section 13.4.

    Examples
    --------
    >>> g = Graph.from_edges([0, 1, 1, 2], [1, 0, 2, 3])
    >>> overall_reciprocity(g)
    0.5
    """
    _check(graph)
    if not graph.n_arcs:
        raise UsageError("the reciprocity of a graph without edges is not defined")
    return int(mutual_counts(graph, loops=False).sum()) / graph.n_arcs


def mutual_counts(graph: Graph, *, loops: bool) -> npt.NDArray[np.int64]:
    """Return how many nodes each node has arcs both to and from, with or without itself, shape (n_nodes,)."""
    counts = np.empty(graph.n_nodes, np.int64)
    count_mutual(graph.out_offsets, graph.out_targets, graph.in_offsets, graph.in_sources, loops, counts)
    return counts


def _check(graph: Graph) -> None:
    if not graph.directed:
        raise UsageError("reciprocity is of directed graphs: every edge of this one goes both ways")
