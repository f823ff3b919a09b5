"""Distances in a graph: from one node to all, and the farthest of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import overload

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.centrality.spreads import distance_counts, worth_counting
from influence.centrality.weights import Distance, lengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.bfs import bfs, search_sums
from influence.kernels.dijkstra import dijkstra
from influence.progress import claim_memory, slices

__all__ = ["Sums", "eccentricity", "hop_sums", "length_sums", "node_set", "outward", "shortest_path_lengths"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LOT = 1 << 18  # nodes of the searches side by side: a lot of them must not take long


@overload
def shortest_path_lengths(
    graph: Graph, source: int, *, distance: None = None, cutoff: float | None = None, direction: str = "out"
) -> npt.NDArray[np.int32]: ...
@overload
def shortest_path_lengths(
    graph: Graph,
    source: int,
    *,
    distance: str | npt.ArrayLike,
    cutoff: float | None = None,
    direction: str = "out",
) -> Floats: ...
def shortest_path_lengths(
    graph: Graph,
    source: int,
    *,
    distance: Distance = None,
    cutoff: float | None = None,
    direction: str = "out",
) -> npt.NDArray[np.int32] | Floats:
    """Return the distance from a node to every node.

    d(s, v) = the least Σ of lengths along a path s → v; without ``distance`` every edge is one hop.

    Parameters
    ----------
    source : int
        Number of the node.
    distance : {"weight", "inverse"} or array_like of float, shape (n_arcs,), optional
        Lengths of the edges, 0 or more: the weights, one over them, or in the order of the out-rows. None counts hops.
    cutoff : float, optional
        Nodes farther than this count as not reached.
    direction : {"out", "in"}
        Along the edges, or against them: the distances from every node to the source.

    Returns
    -------
    ndarray of int32 or float64, shape (n_nodes,)
        Hops, -1 where no path leads; or lengths, infinite where none does.

    Raises
    ------
    UsageError
        There is no such node, a length is negative, or ``direction`` is unknown.

    References
    ----------
    Dijkstra, "A note on two problems in connexion with graphs", Numerische Mathematik 1, 1959, for lengths.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1], [1, 2, 2], [1.0, 5.0, 2.0], n_nodes=4)
    >>> shortest_path_lengths(g, 0).tolist()
    [0, 1, 1, -1]
    >>> shortest_path_lengths(g, 0, distance="weight").tolist()
    [0.0, 1.0, 3.0, inf]
    """
    if isinstance(source, bool) or not isinstance(source, (int, np.integer)) or not 0 <= source < graph.n_nodes:
        raise UsageError(f"source must be the number of a node, 0 … {graph.n_nodes - 1}, not {source!r}")
    if cutoff is not None and not cutoff >= 0:
        raise UsageError(f"cutoff must be 0 or more, not {cutoff!r}")
    away = outward(direction)
    found = lengths(graph, "a shortest path", distance, zero=True)
    if found is None:
        n = graph.n_nodes
        depth, order, parent = (np.empty(n, np.int32) for _ in range(3))
        bfs(*_rows(graph, away), int(source), n if cutoff is None else int(min(cutoff, n)), depth, order, parent)
        return depth
    paths = _Paths(graph, away, found, 1, np.inf if cutoff is None else float(cutoff))
    paths.run(np.array([source], np.int32))
    dist: Floats = paths.dist[0]
    return dist


@dataclasses.dataclass(frozen=True)
class Sums:
    """Over the chosen nodes that each of some nodes reaches, or is reached by, itself left out.

    Attributes
    ----------
    reach : ndarray of int64
        Their number.
    farness, harmonic : ndarray of float64
        The sum of their distances, and of one over those above 0.
    last : ndarray of int64
        Hops to the farthest node, chosen or not.
    strength : ndarray of float64
        The sum of the mean strengths along the paths, where asked for.
    """

    reach: Ints
    farness: Floats
    harmonic: Floats
    last: Ints
    strength: Floats

    @classmethod
    def zeros(cls, size: int) -> Sums:
        """Return sums of nothing."""
        return cls(*(np.zeros(size, kind) for kind in (np.int64, float, float, np.int64, float)))

    @classmethod
    def of_counts(cls, counts: npt.NDArray[np.int32]) -> Sums:
        """Return the sums by how many lie at each distance, shape (levels, k)."""
        sums = cls.zeros(counts.shape[1])
        # from far to near
        for level in range(len(counts) - 1, 0, -1):
            here = counts[level]
            np.add(sums.reach, here, out=sums.reach)
            np.add(sums.farness, here * float(level), out=sums.farness)
            np.add(sums.harmonic, here / level, out=sums.harmonic)
            np.maximum(sums.last, (here > 0) * level, out=sums.last)
        return sums


def hop_sums(
    graph: Graph, label: str, nodes: Ints, *, outward: bool, chosen: npt.NDArray[np.bool_] | None = None
) -> Sums:
    """Return sums of hops, for all nodes at once or by a search from each, whatever is less work.

    Parameters
    ----------
    label : str
        What is being done, for whoever follows the progress.
    nodes : ndarray of int64, shape (k,)
    outward : bool
        Distances from the node, not to it.
    chosen : ndarray of bool, shape (n_nodes,), optional
        Whose distances are summed; all by default.
    """
    chosen = np.ones(graph.n_nodes, np.bool_) if chosen is None else chosen
    if worth_counting(graph, nodes.size):
        counts = distance_counts(graph, label, outward=outward, sources=chosen)
        if counts is not None:
            return Sums.of_counts(counts if nodes.size == graph.n_nodes else counts[:, nodes])
    sums = Sums.zeros(nodes.size)
    at_once = _at_once(graph, nodes.size)
    claim_memory(label, at_once * graph.n_nodes * 8)
    rows, work = _rows(graph, outward), [np.empty((at_once, graph.n_nodes), np.int32) for _ in range(2)]
    for start, stop in slices(-(-nodes.size // at_once), label):
        for lot in range(start, stop):
            part = slice(lot * at_once, (lot + 1) * at_once)
            search_sums(
                *rows, nodes[part].astype(np.int32), chosen.astype(np.uint8), *work, np.empty(1, np.int32),
                sums.reach[part], sums.farness[part], sums.harmonic[part], sums.last[part],
            )  # fmt: skip
    return sums


def length_sums(
    graph: Graph,
    label: str,
    found: Floats,
    nodes: Ints,
    *,
    outward: bool,
    chosen: npt.NDArray[np.bool_] | None = None,
    strength: Floats | None = None,
) -> Sums:
    """Return sums of lengths by Dijkstra's algorithm from each node; see :func:`hop_sums`.

    Parameters
    ----------
    found : ndarray of float64, shape (n_arcs,)
        Lengths in the order of the out-rows.
    strength : ndarray of float64, shape (n_arcs,), optional
        In the same order, where the mean strengths along the paths are asked for.
    """
    sums = Sums.zeros(nodes.size)
    chosen = np.ones(graph.n_nodes, np.bool_) if chosen is None else chosen
    paths = _Paths(graph, outward, found, _at_once(graph, nodes.size), np.inf, chosen, strength)
    for at, size in paths.all(label, nodes):
        part = slice(at, at + size)
        for total, lot in zip((sums.reach, sums.farness, sums.harmonic, sums.strength), paths.sums, strict=True):
            total[part] = lot[:size]
    return sums


def lengths_to(graph: Graph, label: str, found: Floats, sources: Ints, *, outward: bool) -> Floats:
    """Return Σ of one over the distances from the sources to each node, by Dijkstra's algorithm from the sources."""
    paths = _Paths(graph, not outward, found, _at_once(graph, sources.size), np.inf)
    total = np.zeros(graph.n_nodes)
    for _, size in paths.all(label, sources):
        for dist in paths.dist[:size]:
            np.add(total, np.divide(1.0, dist, out=np.zeros_like(dist), where=dist > 0), out=total)
    return total


def eccentricity(graph: Graph, *, direction: str = "out") -> NodeValues:
    """Return the distance of each node to the farthest node, in hops; the greatest is the diameter.

    e(v) = max_u d(v, u).

    Parameters
    ----------
    direction : {"out", "in"}
        Distances from the node along the edges, or to it.

    Returns
    -------
    NodeValues of float64
        Infinite where some node is out of reach.

    Raises
    ------
    UsageError
        ``direction`` is unknown.

    Examples
    --------
    >>> eccentricity(Graph.from_edges([0, 1, 2], [1, 2, 3], directed=False)).values.tolist()
    [3.0, 2.0, 2.0, 3.0]
    """
    sums = hop_sums(graph, "eccentricity", np.arange(graph.n_nodes), outward=outward(direction))
    return NodeValues("eccentricity", np.where(sums.reach == graph.n_nodes - 1, sums.last, np.inf), graph.ids)


def outward(direction: str) -> bool:
    """Return whether distances are counted from the node along the edges."""
    if direction not in ("in", "out"):
        raise UsageError(f"direction must be 'in' or 'out', not {direction!r}")
    return direction == "out"


def node_set(graph: Graph, name: str, nodes: npt.ArrayLike | None) -> npt.NDArray[np.bool_]:
    """Return which nodes are meant: all by default, else those whose numbers are given, each once.

    Raises
    ------
    UsageError
        A number is that of no node.
    """
    if nodes is None:
        return np.ones(graph.n_nodes, np.bool_)
    chosen = np.zeros(graph.n_nodes, np.bool_)
    numbers = np.asarray(nodes)
    if numbers.ndim != 1 or (numbers.size and numbers.dtype.kind not in "iu"):
        raise UsageError(f"{name} must be numbers of nodes, not {nodes!r}")
    if numbers.size:
        if numbers.min() < 0 or numbers.max() >= graph.n_nodes:
            raise UsageError(f"{name} must lie in 0 … {graph.n_nodes - 1}")
        chosen[numbers] = True
    return chosen


def _frozen(array: Floats) -> Floats:
    array.setflags(write=False)
    return array


def _at_once(graph: Graph, searches: int) -> int:
    """Return how many searches to run side by side; nothing hangs on it but how long each lot takes."""
    rounds = int(np.clip(_LOT // max(1, graph.n_nodes), 1, 8))
    return min(numba.get_num_threads() * rounds, max(1, searches))


def _rows(graph: Graph, away: bool) -> tuple[Ints, npt.NDArray[np.int32], Ints, npt.NDArray[np.int32]]:
    """Return the rows along which a search goes, and those it came by."""
    forward, backward = (graph.out_offsets, graph.out_targets), (graph.in_offsets, graph.in_sources)
    return (*forward, *backward) if away else (*backward, *forward)


class _Paths:
    """Dijkstra's algorithm from some nodes at a time, in the same arrays."""

    def __init__(
        self,
        graph: Graph,
        away: bool,
        found: Floats,
        lanes: int,
        cutoff: float,
        chosen: npt.NDArray[np.bool_] | None = None,
        strength: Floats | None = None,
    ) -> None:
        n = graph.n_nodes
        claim_memory("shortest paths", lanes * n * (24 if strength is None else 36))
        self.averaging = strength is not None
        along = _frozen(np.empty(0)) if strength is None else strength
        if away:
            self.rows = (graph.out_offsets, graph.out_targets, found)
        else:
            self.rows = (graph.in_offsets, graph.in_sources, _frozen(found[graph.in_edges]))
            along = _frozen(along[graph.in_edges]) if self.averaging else along
        self.cutoff, self.strength = cutoff, along
        self.chosen = np.ones(n, np.uint8) if chosen is None else chosen.astype(np.uint8)
        self.dist = np.empty((lanes, n))
        self.work = tuple(np.empty((lanes, n), np.int32) for _ in range(4))
        self.path = np.empty((lanes, n if self.averaging else 1))
        self.hops = np.empty(self.path.shape, np.int32)
        self.sums = np.zeros(lanes, np.int64), np.zeros(lanes), np.zeros(lanes), np.zeros(lanes)

    def run(self, sources: npt.NDArray[np.int32]) -> None:
        dijkstra(
            *self.rows, sources, self.cutoff, self.chosen, self.strength, self.averaging, self.dist, *self.work,
            self.path, self.hops, *self.sums,
        )  # fmt: skip

    def all(self, label: str, sources: Ints) -> Iterator[tuple[int, int]]:
        """Run from all sources, and yield after each lot where it begins and how many they are."""
        lanes = self.dist.shape[0]
        for start, stop in slices(-(-sources.size // lanes), label):
            for lot in range(start, stop):
                part = sources[lot * lanes : (lot + 1) * lanes]
                self.run(part.astype(np.int32))
                yield lot * lanes, part.size
