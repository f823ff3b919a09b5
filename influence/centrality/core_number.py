"""Core numbers: how deep in the graph a node lies, by number of neighbours or by strength."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.kernels.cores import loop_arcs, peel, peel_strength
from influence.progress import claim_memory, slices

__all__ = ["core_number", "s_core"]

Direction = Literal["total", "in", "out"]
_DIRECTIONS = ("total", "in", "out")
_Rows = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], bool]  # whether its arcs are in the order of the weights
_FIRST = 1 << 18  # nodes of the first slice


def core_number(graph: Graph, *, direction: Direction = "total") -> NodeValues:
    """Return the core number of every node: the largest k such that it is in the k-core.

    The k-core is the largest part of the graph in which everybody has k or more neighbours in that part. A node's
    self-loop is left aside, since it ties the node to nobody else (NetworkX refuses such graphs); parallel edges are
    one, since a graph has them merged.

    Parameters
    ----------
    direction : {"total", "in", "out"}
        In a directed graph, whether k counts edges in and out together, so that two nodes that point at each other
        count twice (as NetworkX does), or those from inside the part into the node, or those out of it. The same in
        an undirected graph.

    Returns
    -------
    NodeValues
        Numbers of edges, int64, shape (n_nodes,).

    Raises
    ------
    UsageError
        ``direction`` is unknown.

    References
    ----------
    Seidman, "Network structure and minimum degree", Social Networks 5 (1983) 269–287.
    Batagelj and Zaveršnik, "An O(m) algorithm for cores decomposition of networks", arXiv cs/0310049 (2003).

    Examples
    --------
    A triangle, and one node that hangs on it:

    >>> g = Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 3], directed=False)
    >>> core_number(g).values.tolist()
    [2, 2, 2, 1]
    """
    core, _, _ = peeled(graph, direction)
    return NodeValues("core_number", core, graph.ids)


def s_core(graph: Graph, *, direction: Direction = "total") -> NodeValues:
    """Return the strength of the strongest s-core of every node.

    The s-core is the largest part of the graph in which everybody has strength s or more: weights of edges inside
    that part, added up. Where all weights are 1 it is the core number. Self-loops are left aside. Strengths are
    reduced by one edge after the other, so the last digits follow that order unless the weights are whole.

    Parameters
    ----------
    direction : {"total", "in", "out"}
        As in :func:`core_number`.

    Returns
    -------
    NodeValues
        In the unit of the weights, float64, shape (n_nodes,).

    Raises
    ------
    UsageError
        ``direction`` is unknown, or a weight is negative.

    References
    ----------
    Eidsaa and Almaas, "s-core network decomposition: a generalization of k-core analysis to weighted networks",
    Physical Review E 88, 062819 (2013).

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 3], [2.0, 3.0, 4.0, 9.0], directed=False)
    >>> s_core(g).values.tolist()
    [5.0, 5.0, 9.0, 9.0]
    """
    weight = strengths(graph, "the s-core")
    rows, more, both = _rows(graph, direction)
    n = graph.n_nodes
    claim_memory("s-cores", 24 * n + 8 * graph.n_arcs)
    weights = [weight if own else _read_only(weight[graph.in_edges]) for _, _, own in (rows, more)]
    strength = np.zeros(n)
    for (offsets, targets, _), of_arc in list(zip((rows, more), weights, strict=True))[: 1 + both]:
        loops = loop_arcs(offsets, targets)
        looped = np.flatnonzero(loops >= 0)
        strength += sum_by(targets, of_arc, n)
        strength[looped] -= of_arc[loops[looped]]
    found, heap, place = np.empty(n), np.empty(n, np.int32), np.empty(n, np.int32)
    state = np.zeros(2, np.int64)
    for _, stop in slices(n, "s-cores", first=_FIRST):
        peel_strength(*rows[:2], weights[0], *more[:2], weights[1], both, strength, found, heap, place, state, stop)
    return NodeValues("s_core", found, graph.ids)


def peeled(
    graph: Graph, direction: Direction
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the core number of every node, the nodes as they were removed, and the onion layer of each of those."""
    rows, more, both = _rows(graph, direction)
    n = graph.n_nodes
    claim_memory("core numbers", 24 * n)
    degree = np.zeros(n, np.int32)
    for offsets, targets, _ in (rows, more)[: 1 + both]:
        # An arc in the rows takes a neighbour from its target: it is counted in the rows the other way.
        back = graph.in_offsets if offsets is graph.out_offsets else graph.out_offsets
        degree += np.diff(back)
        degree -= loop_arcs(offsets, targets) >= 0
    layer, queue, waiting = np.empty(n, np.int32), np.empty(n + 1, np.int32), np.arange(n + 1, dtype=np.int32)
    state = np.array([-1, 0, 0, 0, n, 0])
    for _, stop in slices(n, "core numbers", first=_FIRST):
        peel(*rows[:2], *more[:2], both, degree, layer, queue, waiting, state, stop)
    return degree.astype(np.int64), queue[:n], layer


def _rows(graph: Graph, direction: str) -> tuple[_Rows, _Rows, bool]:
    """Return the rows of those who lose a neighbour when a node is removed, once or twice."""
    if direction not in _DIRECTIONS:
        raise UsageError(f"direction must be one of {', '.join(_DIRECTIONS)}, not {direction!r}")
    forward: _Rows = (graph.out_offsets, graph.out_targets, True)
    if not graph.directed or direction == "in":
        return forward, forward, False
    backward: _Rows = (graph.in_offsets, graph.in_sources, False)
    return (backward, backward, False) if direction == "out" else (forward, backward, True)


def _read_only(array: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    array.setflags(write=False)
    return array
