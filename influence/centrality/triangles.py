"""Triangles of every node, and what they weigh."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.local import count_transitive
from influence.kernels.triangles import (
    count_triangles,
    degree_order,
    lower_rows,
    lower_sizes,
    triangle_work,
    weigh_triangles,
)
from influence.progress import claim_memory, slices

__all__ = [
    "proper_degree",
    "rows_of_work",
    "starts",
    "transitive_triples",
    "triangle_counts",
    "triangle_weights",
    "triangles",
]

#: Of floating-point sums; not the number of threads, which must not be seen in the digits.
LANES = 16
_FIRST = 1 << 20  # steps of the first slice: a few milliseconds

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def triangles(graph: Graph) -> NodeValues:
    """Return the number of triangles that each node is a corner of.

    T_i = ½ Σ_jk a_ij a_jk a_ki. Self-loops make no triangles, and weights do not matter.

    Raises
    ------
    UsageError
        The graph is directed: take ``graph.undirected()``.

    References
    ----------
    Latapy, "Main-memory triangle computations for very large (sparse (power-law)) graphs", Theoretical Computer
    Science 407 (2008), the forward algorithm.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 3], directed=False)
    >>> triangles(g).values.tolist()
    [1, 1, 1, 0]
    """
    if graph.directed:
        raise UsageError("triangles are of undirected graphs; take graph.undirected() for those without directions")
    return NodeValues("triangles", triangle_counts(graph), graph.ids)


@dataclasses.dataclass(frozen=True, eq=False)
class _Lower:
    """The edges of an undirected graph by falling degree: see the kernels."""

    order: npt.NDArray[np.int32]
    lower_start: Ints
    lower: npt.NDArray[np.int32]
    lower_weight: Floats
    upper_start: Ints
    upper: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]
    steps: Ints  # of all labels before each, shape (n + 1,)

    @classmethod
    def of(cls, graph: Graph, weight: Floats) -> _Lower:
        n, label = graph.n_nodes, "triangles"
        claim_memory(label, graph.n_arcs * (10 if weight.size else 6) + 64 * n)
        order, place_of = degree_order(graph.out_offsets)
        sizes = np.empty(n, np.int64), np.empty(n, np.int64)
        lower_sizes(graph.out_offsets, graph.out_targets, order, place_of, *sizes)
        lower_start, upper_start = starts(sizes[0]), starts(sizes[1])
        m = int(lower_start[-1])
        lower, upper, place = np.empty(m, np.int32), np.empty(m, np.int32), np.empty(m, np.int32)
        lower_weight = np.empty(m if weight.size else 0)
        filled = np.zeros(n, np.int32)
        # a slice of labels holds what its rows do: the hubs come first
        arcs = starts(sizes[0] + sizes[1] + 1)
        for start, stop in rows_of_work(arcs, label, 1):
            lower_rows(
                graph.out_offsets, graph.out_targets, weight, order, place_of, start, stop, filled,
                lower_start, lower, lower_weight, upper_start, upper, place,
            )  # fmt: skip
        work = np.empty(n, np.int64)
        triangle_work(lower_start, upper_start, place, work)
        return cls(order, lower_start, lower, lower_weight, upper_start, upper, place, starts(work))


def starts(sizes: Ints) -> Ints:
    """Return where each row starts, and the end, shape (rows + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def rows_of_work(steps: Ints, label: str, lanes: int) -> Iterator[Ints]:
    """Cut rows into slices, and each slice into lanes of about the same work.

    Parameters
    ----------
    steps : ndarray of int64, shape (rows + 1,)
        Work before each row, and all of it; each row has some.

    Yields
    ------
    bounds : ndarray of int64, shape (lanes + 1,)
        Lane t takes rows bounds[t] … bounds[t + 1] - 1.
    """
    for begin, end in slices(int(steps[-1]), label, first=_FIRST):
        start, stop = np.searchsorted(steps[:-1], [begin, end])
        if start < stop:
            cuts = np.linspace(steps[start], steps[stop], lanes + 1)
            bounds = np.clip(np.searchsorted(steps, cuts), start, stop).astype(np.int64)
            bounds[0], bounds[-1] = start, stop
            yield bounds


def triangle_counts(graph: Graph) -> Ints:
    """Return the triangles of each node of an undirected graph, shape (n_nodes,)."""
    n = graph.n_nodes
    rows = _Lower.of(graph, np.empty(0))
    lanes = numba.get_num_threads()
    claim_memory("triangles", 9 * lanes * n)
    marks, counts = np.zeros((lanes, n), np.uint8), np.zeros((lanes, n), np.int64)
    for bounds in rows_of_work(rows.steps, "triangles", lanes):
        count_triangles(rows.lower_start, rows.lower, rows.upper_start, rows.upper, rows.place, bounds, marks, counts)
    found = np.empty(n, np.int64)
    found[rows.order] = counts.sum(axis=0)
    return found


def triangle_weights(graph: Graph, weight: Floats) -> Floats:
    """Return Σ x_ij x_jk x_ki over the triangles i, j, k of each node i of an undirected graph, shape (n_nodes,).

    Parameters
    ----------
    weight : ndarray of float64, shape (n_arcs,)
        The x, in the order of the out-rows, the same for the two arcs of an edge.
    """
    n = graph.n_nodes
    rows = _Lower.of(graph, weight)
    claim_memory("triangles", 16 * LANES * n)
    marks, sums = np.zeros((LANES, n)), np.zeros((LANES, n))
    for start, stop in rows_of_work(rows.steps, "triangles", 1):
        weigh_triangles(
            rows.lower_start, rows.lower, rows.lower_weight, rows.upper_start, rows.upper, rows.place,
            start, stop, marks, sums,
        )  # fmt: skip
    found = np.empty(n)
    total = sums[0]
    for lane in sums[1:]:
        total += lane
    found[rows.order] = total
    return found


def proper_degree(offsets: Ints, targets: npt.NDArray[np.int32]) -> Ints:
    """Return the length of each row without self-loops, shape (n_nodes,)."""
    n = offsets.size - 1
    degree = np.diff(offsets)
    source = np.repeat(np.arange(n, dtype=np.int32), degree)
    loops = source[source == targets]  # at most one a node: parallel edges are merged
    degree[loops] -= 1
    return degree


def transitive_triples(graph: Graph) -> int:
    """Return how many arcs of a directed graph join two targets of a node, over all nodes, without self-loops."""
    n, lanes = graph.n_nodes, numba.get_num_threads()
    claim_memory("transitivity", lanes * n + 24 * n + 16 * graph.n_arcs)
    length = graph.out_degree
    work = 1 + np.bincount(graph.edge_sources(), length[graph.out_targets] + 2, minlength=n).astype(np.int64)
    marks, counts = np.zeros((lanes, n), np.bool_), np.zeros(lanes, np.int64)
    for bounds in rows_of_work(starts(work), "transitivity", lanes):
        count_transitive(graph.out_offsets, graph.out_targets, bounds, marks, counts)
    return int(counts.sum())
