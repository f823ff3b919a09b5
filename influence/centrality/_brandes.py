"""What the betweenness of nodes and of edges share: which paths count, the drive over the sources, the scale."""

from __future__ import annotations

import dataclasses
import random

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality.weights import Distance, lengths
from influence.errors import InfluenceError, UsageError
from influence.graph import Graph
from influence.kernels.brandes import MANY, betweenness_lanes, edge_lanes, relabel
from influence.kernels.brandes_weighted import weighted_lanes
from influence.progress import claim_memory, slices

__all__ = ["SLACK", "Ends", "Rows", "accumulate", "path_lengths", "scale"]

#: Lengths of two paths that differ by less than this part are taken for equal: sums of floats in another order.
SLACK = 1e-12
_LANE_BYTES = 1 << 28

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Ends:
    """Between which nodes the paths lead that count.

    Attributes
    ----------
    sources : ndarray of int64
        A source listed twice counts twice.
    targets : ndarray of int64 or None
        Every node where None.
    pivots : bool
        Whether the sources stand for all nodes.
    """

    sources: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64] | None
    pivots: bool

    @classmethod
    def checked(
        cls,
        n: int,
        sources: npt.ArrayLike | None,
        targets: npt.ArrayLike | None,
        k: int | None,
        seed: int | random.Random,
    ) -> Ends:
        """Check what was asked for, and draw the pivots.

        Raises
        ------
        UsageError
            A node is outside the graph, k is not in 1 … n, or both k and a subset are given.
        """
        if k is None:
            start = np.arange(n) if sources is None else _nodes(sources, "sources", n)
            return cls(start, None if targets is None else _nodes(targets, "targets", n), False)
        if sources is not None or targets is not None:
            raise UsageError("k draws the sources itself: leave out either k or sources and targets")
        if not 1 <= k <= n:
            raise UsageError(f"k must lie in 1 … {n}, the number of nodes, not {k!r}")
        drawn = seed if hasattr(seed, "sample") else random.Random(seed)  # noqa: S311 - as NetworkX draws them
        return cls(np.array(drawn.sample(range(n), k), np.int64), None, k < n)


@dataclasses.dataclass(frozen=True)
class Rows:
    """The rows of a graph with its nodes numbered by falling degree, as the kernels take them.

    Attributes
    ----------
    order : ndarray of int64, shape (n_nodes,)
        Number in the graph.
    number : ndarray of uint32, shape (n_nodes,)
        Number here.
    arcs, in_arcs : ndarray of int64, shape (n_arcs,) or (0,)
        Where each arc is among the out-rows of the graph, and among the in-rows.
    """

    order: npt.NDArray[np.int64]
    number: npt.NDArray[np.uint32]
    out_offsets: npt.NDArray[np.int64]
    out_targets: npt.NDArray[np.uint32]
    in_offsets: npt.NDArray[np.int64]
    in_sources: npt.NDArray[np.uint32]
    arcs: npt.NDArray[np.int64]
    in_arcs: npt.NDArray[np.int64]

    @classmethod
    def of(cls, graph: Graph, *, arcs: bool) -> Rows:
        """Return the rows of a graph, numbered anew."""
        n, m = graph.n_nodes, graph.n_arcs
        order = np.argsort(-(graph.out_degree + graph.in_degree), kind="stable")
        number = np.empty(n, np.uint32)
        number[order] = np.arange(n, dtype=np.uint32)

        def rows(
            offsets: npt.NDArray[np.int64], targets: npt.NDArray[np.int32]
        ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
            placed = np.zeros(n + 1, np.int64)
            np.cumsum(np.diff(offsets)[order], out=placed[1:])
            moved, kept = np.empty(m, np.uint32), np.empty(m if arcs else 0, np.int64)
            relabel(order, number, offsets, targets, placed, moved, kept, arcs)
            return placed, moved, kept

        out = rows(graph.out_offsets, graph.out_targets)
        into = rows(graph.in_offsets, graph.in_sources) if graph.directed else out
        return cls(order, number, *out[:2], *into[:2], out[2], into[2])


def path_lengths(graph: Graph, measure: str, distance: Distance) -> Floats | None:
    """Return the length of each arc, or None where every arc is one hop.

    Raises
    ------
    UsageError
        A length is not above 0, or the two arcs of an undirected edge differ.
    """
    length = lengths(graph, measure, distance)
    if length is not None and not graph.directed and not np.array_equal(length, length[graph.in_edges]):
        raise UsageError(f"{measure} needs the same length both ways along an undirected edge")
    return length


def accumulate(
    graph: Graph, ends: Ends, length: Floats | None, measure: str, *, edges: bool, endpoints: bool
) -> Floats:
    """Return Σ over ordered pairs of the part of the shortest paths through each node, or along each arc.

    Raises
    ------
    InfluenceError
        There are more shortest paths between two nodes than a float can count.
    """
    n, m, weighted = graph.n_nodes, graph.n_arcs, length is not None
    size = m if edges else n
    # a function of the graph alone: the sums must not depend on the machine
    lanes = int(np.clip(_LANE_BYTES // (8 * max(1, size)), 4, 32))
    threads = min(numba.get_num_threads(), lanes)
    one = 53 * n + (16 * m if weighted else 0)
    claim_memory(measure, threads * one + 8 * lanes * size + (4 + 4 * graph.directed + 8 * edges + 16 * weighted) * m)
    rows = Rows.of(graph, arcs=edges or weighted)

    target = np.ones(n, np.uint8)
    if ends.targets is not None:
        target[:] = 0
        target[rows.number[ends.targets]] = 1
    folded = _Folded.of(graph, ends.sources, fold=ends.targets is None and not endpoints)
    sources = rows.number[folded.sources].astype(np.int64)
    reached, total = np.zeros(sources.size, np.int64), np.zeros((lanes, size))

    queue = np.empty((threads, n + 1), np.uint32)
    paths, inbox, layer = np.empty((threads, n)), np.zeros((threads, n)), np.zeros((threads, n))
    out, into = (rows.out_offsets, rows.out_targets), (rows.in_offsets, rows.in_sources)
    asked = (sources, folded.times)
    if length is not None:
        inbox[:] = np.inf
        heap, place = np.empty((threads, n), np.int32), np.full((threads, n), -1, np.int32)
        first, tight = np.empty((threads, n + 1), np.int64), np.empty((threads, m), np.int64)
        here = length[rows.arcs]
    else:
        starts, pushed = np.empty((threads, n + 2), np.int32), np.empty((threads, n + 1), np.bool_)
        back = np.empty((threads, 0 if edges else n))
    groups = -(-sources.size // lanes)
    for begin, end in slices(groups, measure):
        part = begin * lanes, min(sources.size, end * lanes)
        if length is not None:
            by_length = queue, heap, place, inbox, paths, layer, first, tight
            weighted_lanes(*part, *asked, *out, here, SLACK, target, endpoints, edges, *by_length, reached, total)
        elif edges:
            edge_lanes(*part, *asked, *out, *into, target, queue, paths, inbox, layer, starts, pushed, reached, total)
        else:
            work = queue, paths, inbox, back, layer, starts, pushed
            betweenness_lanes(*part, *asked, *out, *into, target, endpoints, *work, reached, total)
        if (reached[slice(*part)] == MANY).any():
            raise InfluenceError(
                f"{measure}: there are more shortest paths between two nodes than 1.8e308, the most a float can count; "
                "take approximate_betweenness, or lengths that tell the paths apart"
            )
    values = np.empty(size)
    values[rows.arcs if edges else rows.order] = total.sum(axis=0)
    return folded.unfold(graph, values, reached, edges=edges)


def scale(values: Floats, ends: Ends, n: int, *, directed: bool, normalized: bool, endpoints: bool) -> None:
    """Scale sums over ordered pairs in place, as NetworkX does.

    A pivot is no source of its own paths, so that the others make one fewer; with one pivot its value is unknown, NaN.
    """
    others = n if endpoints else n - 1
    if others < 2:
        return
    k = ends.sources.size if ends.pivots else others
    pairs = others - 1 if normalized else (1 if directed else 2) / others
    if not ends.pivots or endpoints:
        values *= 1 / (k * pairs)
        return
    own = values[ends.sources] / ((k - 1) * pairs) if k > 1 else np.nan
    values *= 1 / (k * pairs)
    values[ends.sources] = own


@dataclasses.dataclass(frozen=True)
class _Folded:
    """Sources with a single way on, which no other node leads to, stand aside for the node they lead to.

    Every path from such a source s goes on as one from its neighbour u, and none from u passes through s; so u counts
    once more. Only u itself, which s passes through and u does not, and the arcs between the two, come on top.

    Attributes
    ----------
    sources : ndarray of int64, shape (k,)
    times : ndarray of float64, shape (k,)
    aside : ndarray of int64
        Sources that stand aside, as often as listed.
    place : ndarray of int64
        Where in `sources` each of their neighbours is.
    """

    sources: npt.NDArray[np.int64]
    times: Floats
    aside: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]

    @classmethod
    def of(cls, graph: Graph, listed: npt.NDArray[np.int64], *, fold: bool) -> _Folded:
        none = np.empty(0, np.int64)
        if not fold or not graph.n_arcs:
            return cls(listed, np.ones(listed.size), none, none)
        single = np.flatnonzero((graph.out_degree == 1) & (graph.in_degree <= 1))
        onward = graph.out_targets[graph.out_offsets[single]].astype(np.int64)
        incoming = np.minimum(graph.in_offsets[single], graph.n_arcs - 1)
        alone = (graph.in_degree[single] == 0) | (graph.in_sources[incoming] == onward)
        alone &= onward != single
        to = np.full(graph.n_nodes, -1)
        to[single[alone]] = onward[alone]
        stands = to[listed] >= 0
        sources, place, count = np.unique(np.where(stands, to[listed], listed), return_inverse=True, return_counts=True)
        return cls(sources, count.astype(np.float64), listed[stands], place[stands])

    def unfold(self, graph: Graph, values: Floats, reached: npt.NDArray[np.int64], *, edges: bool) -> Floats:
        """Add to the values what those that stood aside had more, or less, than their neighbours."""
        returns = graph.in_degree[self.aside]  # 1 where the neighbour leads back
        if edges:
            there = graph.out_offsets[self.aside]
            np.add.at(values, there, (reached[self.place] - returns).astype(np.float64))
            back = graph.in_edges[graph.in_offsets[self.aside[returns == 1]]]
            np.subtract.at(values, back, 1.0)
        else:
            np.add.at(values, self.sources[self.place], (reached[self.place] - 1.0 - returns))
        return values


def _nodes(values: npt.ArrayLike, name: str, n: int) -> npt.NDArray[np.int64]:
    nodes = np.asarray(values)
    if nodes.ndim != 1 or (nodes.size and nodes.dtype.kind not in "iu"):
        raise UsageError(f"{name} must be a list of node numbers, not {values!r}")
    if nodes.size and (int(nodes.min()) < 0 or int(nodes.max()) >= n):
        raise UsageError(f"{name} must hold node numbers in 0 … {n - 1}")
    return nodes.astype(np.int64)
