"""HyperBall: harmonic centrality, closeness and reach of all nodes at once, estimated by counters of their balls."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from influence.centrality.components import connected_components
from influence.centrality.distances import outward, shortest_path_lengths
from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.hyperball import first_registers, grow_balls
from influence.progress import claim_memory, rounds

__all__ = ["HyperBall", "hyperball"]

Floats = npt.NDArray[np.float64]

_LEAST, _MOST = 6, 16


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class HyperBall(NodeValues):
    """Estimates for every node by the sizes of its balls; ``values`` are those of harmonic centrality.

    Attributes
    ----------
    closeness : ndarray of float64, shape (n_nodes,)
        As Wasserman and Faust scale it.
    reach : ndarray of float64, shape (n_nodes,)
        How many other nodes reach the node (or are reached); exact in an undirected graph.
    neighbourhood : ndarray of float64, shape (steps + 1,)
        Pairs of nodes at a distance of at most 0, 1, 2, …, each node paired with itself too.
    standard_error : float
        Relative, of the size of a ball: 1.04 / √registers. That of a node's value is mostly less; neighbours err
        alike, and differences that are smaller say nothing.
    """

    closeness: Floats
    reach: Floats
    neighbourhood: Floats
    standard_error: float

    def columns(self) -> Mapping[str, npt.NDArray[np.float64]]:
        """Return harmonic centrality, closeness and reach."""
        return {"harmonic": self.values, "closeness": self.closeness, "reach": self.reach}

    def effective_diameter(self, part: float = 0.9) -> float:
        """Return the distance within which this part of the pairs lie that reach each other, interpolated.

        Parameters
        ----------
        part : float
            In (0, 1].
        """
        if not 0.0 < part <= 1.0:
            raise UsageError(f"part must lie in (0, 1], not {part!r}")
        pairs = self.neighbourhood
        wanted = part * pairs[-1]
        at = int(np.searchsorted(pairs, wanted))
        if at == 0:
            return 0.0
        return float(at - 1 + (wanted - pairs[at - 1]) / (pairs[at] - pairs[at - 1]))


def hyperball(graph: Graph, *, p: int = 8, direction: str = "in", seed: int = 0) -> HyperBall:
    """Return estimates of harmonic centrality, closeness and reach of all nodes by HyperBall.

    The ball B_t(u) of the nodes within t hops of u is the union of its neighbours' balls of t − 1 hops, and a
    HyperLogLog counter of 2ᵖ registers holds a set so that unions are maxima: H(u) ≈ Σ_t (|B_t| − |B_{t−1}|) / t.
    A ball's size has a relative standard error of 1.04 / √2ᵖ: 13 % at p = 6, 6.5 % at 8, 3.3 % at 10. Balls of one hop
    are counted. The sizes of some last balls are known: of components, and in a directed graph of what reaches a hub.
    A ball that is the fraction f of such a one shares f of its relative error, which is taken off; values are mostly
    a few times better for it. Estimates rank the top only roughly: :func:`top_harmonic` is exact.

    Parameters
    ----------
    p : int
        log₂ of the registers of a counter, 6 … 16; memory is 2ᵖ⁺¹ bytes a node.
    direction : {"in", "out"}
        Distances to the node along the edges, or from it.
    seed : int
        Of the hash; the same seed gives the same bytes on any number of threads.

    Raises
    ------
    UsageError
        ``p``, ``direction`` or ``seed`` is out of range.

    References
    ----------
    Boldi and Vigna, "In-core computation of geometric centralities with HyperBall", ICDM Workshops 2013.
    Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog", AofA 2007, for counters and their error.
    Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv 1702.01284, 2017, section 4.

    Examples
    --------
    >>> found = hyperball(Graph.from_edges([0, 1, 2], [1, 2, 3], directed=False), p=10)
    >>> found.values.round(1).tolist()
    [1.8, 2.5, 2.5, 1.8]
    """
    if isinstance(p, bool) or not isinstance(p, (int, np.integer)) or not _LEAST <= p <= _MOST:
        raise UsageError(f"p must be a whole number in {_LEAST} … {_MOST}, not {p!r}")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
        raise UsageError(f"seed must be a whole number of 0 or more below 2⁶⁴, not {seed!r}")
    away = outward(direction)
    n, registers = graph.n_nodes, 1 << int(p)
    claim_memory("HyperBall", n * (2 * registers + 8 * 8))
    offsets, nodes = (graph.out_offsets, graph.out_targets) if away else (graph.in_offsets, graph.in_sources)
    before, after = (np.empty((n, registers), np.uint8) for _ in range(2))
    first_registers(np.uint64(seed), int(p), before)
    known = _Known.of(graph, away)
    tops = np.full((2, registers), 255, np.uint8)
    if known.within.any():
        before.max(axis=0, out=tops[0], where=known.within[:, None], initial=0)
    top = np.where(known.settled, np.int32(0), np.int32(1))
    marks_before, marks_after = np.ones(n, np.uint8), np.zeros(n, np.uint8)
    size = (1.0 + _others(graph, away)).astype(np.float64)
    sums, changed = np.zeros((4, n)), np.zeros(64, np.int64)
    empty = _empty(registers)
    pairs = [float(n)]
    for step in rounds(n, "HyperBall"):
        grow_balls(
            offsets, nodes, before, after, marks_before, marks_after, tops, top, empty, step + 1, size, sums, changed
        )
        if not changed.any():
            break
        pairs.append(float(size.sum()))
        before, after = after, before
        marks_before, marks_after = marks_after, marks_before
    return _result(graph, known, sums, size, np.array(pairs, np.float64), 1.04 / registers**0.5)


@dataclasses.dataclass(frozen=True)
class _Known:
    """The last balls whose sizes are known: those of components, or in a directed graph that of a hub.

    Attributes
    ----------
    within : ndarray of bool
        The nodes of the greatest of these balls.
    settled : ndarray of bool
        Whose last ball that is.
    holder : ndarray of int64
        A node whose last ball is known and holds a node's balls, or all but little of them; -1 where there is none.
    whole : ndarray of float64
        How many nodes the holder's last ball has.
    exact : ndarray of bool
        Whether the node's own last ball is the holder's.
    """

    within: npt.NDArray[np.bool_]
    settled: npt.NDArray[np.bool_]
    holder: npt.NDArray[np.int64]
    whole: Floats
    exact: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, graph: Graph, away: bool) -> _Known:
        n = graph.n_nodes
        if not graph.directed:
            found = connected_components(graph)
            label, greatest = found.values, found.values == 0
            _, first = np.unique(label, return_index=True)
            return cls(greatest, greatest, first[label], found.sizes[label].astype(np.float64), np.ones(n, np.bool_))
        hub = int(np.argmax(graph.in_degree * graph.out_degree)) if n else 0
        within = shortest_path_lengths(graph, hub, direction="out" if away else "in") >= 0 if n else np.zeros(0, bool)
        beyond = shortest_path_lengths(graph, hub, direction="in" if away else "out") >= 0 if n else np.zeros(0, bool)
        same = within & beyond
        size = float(np.count_nonzero(within))
        return cls(within, same, np.where(within | beyond, hub, -1), np.full(n, size), same)


def _result(graph: Graph, known: _Known, sums: Floats, size: Floats, pairs: Floats, error: float) -> HyperBall:
    """Put the sizes of balls together: the sums go one step past the last at which anything grew."""
    n = graph.n_nodes
    # A ball that is the fraction f of another it lies in shares f of its relative error: exactly so for the counters of
    # which HyperLogLog's are the rounded form, minima of exponential variables.
    off = np.where(known.holder >= 0, size[known.holder] / known.whole - 1.0, 0.0)
    share = off / np.maximum(known.whole, 1.0)
    whole = np.where(known.exact, known.whole, np.maximum(1.0, size - share * size * size))
    last = pairs.size
    total = sums[0] - share * sums[1]
    inner = sums[2] - share * sums[3]
    harmonic = np.maximum(0.0, inner + whole / (last + 1) - 1.0)
    reach = whole - 1.0
    farness = np.maximum(reach, (last + 1) * whole - total - 1.0)
    closeness = np.divide(reach, farness, out=np.zeros(n), where=farness > 0)
    if n > 1:
        closeness *= reach / (n - 1)
    return HyperBall("harmonic", harmonic, graph.ids, closeness, reach, pairs, error)


def _others(graph: Graph, away: bool) -> npt.NDArray[np.int64]:
    """Return how many other nodes are next to each."""
    degree = graph.out_degree if away else graph.in_degree
    source = graph.edge_sources()
    loops = source[source == graph.out_targets]
    if loops.size:
        degree[loops] -= 1
    return degree


def _empty(registers: int) -> Floats:
    """Return m σ(C / m) for 0 … m registers of 0, where σ(x) = x + Σ_k x^(2^k) 2^(k − 1)."""
    x = np.arange(registers) / registers
    total, power, factor = x.copy(), x.copy(), 1.0
    while power.any():
        power = power * power
        total += power * factor
        factor *= 2.0
        power[power < 1e-300] = 0.0
    return np.concatenate([registers * total, [np.inf]])
