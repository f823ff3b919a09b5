"""The k nodes of greatest closeness or harmonic centrality, exactly, without those of all."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality.closeness import closeness
from influence.centrality.components import connected_components
from influence.centrality.distances import outward
from influence.centrality.harmonic import harmonic
from influence.centrality.reaching import reach_counts
from influence.centrality.spreads import SourceSearch
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.lanes import LANES
from influence.kernels.top_closeness import cut_searches, hub_bits, sum_over, two_hops
from influence.progress import claim_memory, slices

if TYPE_CHECKING:
    import polars as pl

    from influence.io import IdIndex

__all__ = ["TopNodes", "top_closeness", "top_harmonic"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LOT = LANES  # searches in one
_AT_ONCE = 8  # searches side by side, where ways are long
_SMALL = 1 << 13  # nodes of a graph where all at once is as fast
_HUB = 256  # a hub is next to more than one in so many
_HUBS = 2048
_GIVE_UP = 64  # where more than one node in so many must be searched from, all at once is less work
_SAFE = 1.0 - 1e-9  # a bound is rounded otherwise than a value


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class TopNodes:
    """The nodes of greatest value, falling, ties by id.

    Attributes
    ----------
    name : str
        What is measured.
    nodes : ndarray of int64, shape (k,)
    values : ndarray of float64, shape (k,)
        Exact.
    ids : IdIndex or None
    searched : int
        How many nodes were searched from; how long it took hangs on that.
    """

    name: str
    nodes: Ints
    values: Floats
    ids: IdIndex | None
    searched: int

    def to_polars(self) -> pl.DataFrame:
        """Return a table: id and value, by value falling, ties by id."""
        import polars as pl

        ids = pl.Series("id", self.nodes) if self.ids is None else self.ids.ids(self.nodes).alias("id")
        return pl.DataFrame([ids, pl.Series(self.name, self.values)])

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>\n{self.to_polars()}"

    def _repr_html_(self) -> str:
        return self.to_polars()._repr_html_()


def top_closeness(graph: Graph, k: int = 10, *, wf_improved: bool = True, direction: str = "in") -> TopNodes:
    """Return the k nodes of greatest closeness, with exact values.

    Nodes are searched from, 512 at once, in the order of an upper bound: by the nodes within one and two hops, and by
    how many there can be at three at most, all others being farther. It ends once no bound is high enough.

    Parameters
    ----------
    k : int
        Of nodes with the same value at the end, those of the least id are listed.
    wf_improved, direction
        As for :func:`closeness`.

    Raises
    ------
    UsageError
        ``k`` is below 1 or ``direction`` is unknown.

    References
    ----------
    Borassi, Crescenzi and Marino, "Fast and simple computation of top-k closeness centralities", arXiv 1507.01490.
    Bergamini et al., "Computing top-k closeness centrality faster in unweighted graphs", TKDD 13(5), 2019.

    Examples
    --------
    >>> top_closeness(Graph.from_edges([0, 1, 2, 3], [1, 2, 3, 4], directed=False), 2).nodes.tolist()
    [2, 1]
    """
    return _top(graph, k, direction, wf_improved, "closeness")


def top_harmonic(graph: Graph, k: int = 10, *, direction: str = "in") -> TopNodes:
    """Return the k nodes of greatest harmonic centrality, with exact values; see :func:`top_closeness`.

    Parameters
    ----------
    k : int
        Of nodes with the same value at the end, those of the least id are listed.
    direction
        As for :func:`harmonic`.

    Raises
    ------
    UsageError
        ``k`` is below 1 or ``direction`` is unknown.

    References
    ----------
    Bergamini et al., "Computing top-k closeness centrality faster in unweighted graphs", TKDD 13(5), 2019.

    Examples
    --------
    >>> top_harmonic(Graph.from_edges([0, 1, 2], [1, 2, 3]), 2).values.round(4).tolist()
    [1.8333, 1.5]
    """
    return _top(graph, k, direction, False, "harmonic")


def _top(graph: Graph, k: int, direction: str, improved: bool, name: str) -> TopNodes:
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise UsageError(f"k must be a whole number of 1 or more, not {k!r}")
    away = outward(direction)
    n = graph.n_nodes
    size = min(int(k), n)
    if n > _SMALL and size * _GIVE_UP <= n:
        search = _TopSearch(graph, away, size, improved, name)
        if search.run():
            nodes = search.order[np.lexsort((search.order, -search.values))][:size]
            return TopNodes(name, nodes, -np.sort(-search.values)[:size], graph.ids, search.order.size)
    if name == "harmonic":
        values = harmonic(graph, direction=direction).values
    else:
        values = closeness(graph, direction=direction, wf_improved=improved).values
    nodes = np.argsort(-values, kind="stable")[:size]
    return TopNodes(name, nodes, values[nodes], graph.ids, n)


class _TopSearch:
    """Searches in the order of upper bounds, until no bound reaches the k-th value."""

    def __init__(self, graph: Graph, away: bool, size: int, improved: bool, name: str) -> None:
        n = graph.n_nodes
        forward, backward = (graph.out_offsets, graph.out_targets), (graph.in_offsets, graph.in_sources)
        self.rows = (*forward, *backward) if away else (*backward, *forward)
        self.size, self.improved, self.name, self.directed = size, improved, name, graph.directed
        self.n = n
        self.whole = _whole(graph, away)
        loops = graph.out_targets[graph.out_targets == graph.edge_sources()]
        self.loops = np.bincount(loops, minlength=n)
        self.order, self.values = np.zeros(0, np.int64), np.zeros(0)
        self.sources = SourceSearch(graph, name, outward=away)

    @property
    def least(self) -> float:
        """The k-th value so far."""
        if self.values.size < self.size:
            return -np.inf
        return float(np.partition(self.values, -self.size)[-self.size]) * _SAFE

    def run(self) -> bool:
        """Find the k nodes; give up, and say so, where bounds leave too many to search from."""
        degree = np.diff(self.rows[0])
        near = degree - self.loops
        # at two hops there are no more nodes than one hop further arcs lead
        arcs = self._over(near)
        bound = self._bound(near, arcs)
        first = np.argsort(-bound, kind="stable")[: max(self.size, _LOT)]
        self._search(first, bound[first])
        bound[first] = -np.inf
        left = np.flatnonzero(bound >= self.least)
        hub, bits = self._hubs(degree)
        rest = self._over(np.where(hub < 0, near, 0))
        for whole in (False, True):
            # first over hubs only, whose bits are at hand, and by arcs for the others
            within = self._two_hops(left, hub, bits, whole)
            second = within - 1 - near[left] + (0 if whole else rest[left])
            bound = self._bound(near[left], second, left)
            kept = bound >= self.least
            left, bound, second = left[kept], bound[kept], second[kept]
        ball = np.minimum(1 + near + arcs, self.n)
        ball[left] = 1 + near[left] + second
        bound = self._bound(near[left], second, left, self._third(near, ball)[left])
        left, bound = left[bound >= self.least], bound[bound >= self.least]
        order = np.argsort(-bound, kind="stable")
        return self._search(left[order], bound[order])

    def _search(self, nodes: Ints, bound: Floats) -> bool:
        """Search from nodes in order, many at once, until a bound is too low; False if there have been too many."""
        for start, stop in slices(-(-nodes.size // _LOT), self.name):
            for lot in range(start, stop):
                part = nodes[lot * _LOT : (lot + 1) * _LOT]
                if bound[lot * _LOT] < self.least:
                    return True
                counts = self.sources.counts(part)
                if counts is None:
                    return self._search_singly(nodes[lot * _LOT :], bound[lot * _LOT :])
                self.order = np.concatenate([self.order, part])
                self.values = np.concatenate([self.values, self._values(counts)])
        return True

    def _values(self, counts: Ints) -> Floats:
        """Return values by the numbers of nodes at each distance, as they are computed for all nodes."""
        reach = counts.sum(axis=0)
        if self.name == "harmonic":
            sums: Floats = np.zeros(reach.size)
            for level in range(len(counts) - 1, 0, -1):  # from far to near
                sums += counts[level] / level
            return sums
        far = np.arange(len(counts)) @ counts
        values: Floats = np.divide(reach, far, out=np.zeros(reach.size), where=far > 0)
        return values * (reach / (self.n - 1)) if self.improved else values

    def _search_singly(self, nodes: Ints, bound: Floats) -> bool:
        """Search a few at a time, each no farther than its value can still be high enough: where ways are long."""
        values, empty = np.empty(_AT_ONCE), np.empty(1, np.int32)
        depth, queue = (np.empty((_AT_ONCE, self.n), np.int32) for _ in range(2))
        for start, stop in slices(-(-nodes.size // _AT_ONCE), self.name):
            for lot in range(start, stop):
                part = nodes[lot * _AT_ONCE : (lot + 1) * _AT_ONCE]
                if bound[lot * _AT_ONCE] < self.least:
                    return True
                if self.order.size > self.n // _GIVE_UP + 4 * _AT_ONCE:
                    return False
                cut_searches(
                    *self.rows, part.astype(np.int32), self.whole[part], self.name == "harmonic", self.improved,
                    self.least, depth, queue, empty, values,
                )  # fmt: skip
                self.order = np.concatenate([self.order, part])
                self.values = np.concatenate([self.values, values[: part.size]])
        return True

    def _over(self, values: Ints) -> Ints:
        """Return the sums of values over the neighbours of each node."""
        sums = np.empty(self.n, np.int64)
        sum_over(*self.rows[:2], values, sums)
        return sums

    def _hubs(self, degree: Ints) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
        """Return each hub's row of bits, -1 for other nodes, and the rows: its neighbours."""
        hubs = np.argsort(-degree, kind="stable")[:_HUBS]
        hubs = hubs[degree[hubs] * _HUB > self.n].astype(np.int32)
        words = (self.n + 63) // 64
        claim_memory(self.name, hubs.size * words * 8)
        bits = np.zeros((hubs.size, words), np.uint64)
        hub_bits(*self.rows[:2], hubs, bits)
        hub = np.full(self.n, -1, np.int32)
        hub[hubs] = np.arange(hubs.size)
        return hub, bits

    def _two_hops(self, asked: Ints, hub: npt.NDArray[np.int32], bits: npt.NDArray[np.uint64], whole: bool) -> Ints:
        """Return how many nodes lie within two hops of some nodes, themselves included, or within one and over hubs."""
        found = np.zeros(asked.size, np.int64)
        tables = np.empty((numba.get_num_threads(), bits.shape[1]), np.uint64)
        numbers = asked.astype(np.int32)
        for begin, end in slices(asked.size, self.name, first=256):
            two_hops(*self.rows[:2], hub, bits, numbers, begin, end, whole, tables, found)
        return found

    def _third(self, near: Ints, ball: Ints) -> Ints:
        """Return at most how many nodes lie at three hops, from at most how many lie within two of each node.

        They lie within two hops of a neighbour. So does, without directions, the node with its own neighbours.
        """
        within = self._over(ball) + near + 1
        if not self.directed:
            within -= near * (near + 1)
        return np.asarray(np.maximum(within - ball, 0))

    def _bound(self, first: Ints, second: Ints, nodes: Ints | None = None, third: Ints | None = None) -> Floats:
        """Return an upper bound where at most so many are at one, two and three hops, and the others farther."""
        reach = self.whole - 1 if nodes is None else self.whole[nodes] - 1
        second = np.minimum(second, reach - first)
        rest = reach - first - second
        third = rest if third is None else np.minimum(third, rest)
        fourth = rest - third
        if self.name == "harmonic":
            bound: Floats = first + second / 2 + third / 3 + fourth / 4
            return bound
        far = first + 2 * second + 3 * third + 4 * fourth
        bound = np.divide(reach, far, out=np.zeros(reach.size), where=far > 0)
        return bound * (reach / max(1, self.n - 1)) if self.improved else bound


def _whole(graph: Graph, away: bool) -> Ints:
    """Return how many nodes each node reaches (or is reached by), itself included."""
    if graph.directed:
        return reach_counts(graph if away else graph.reverse(), "reach") + 1
    found = connected_components(graph)
    whole: Ints = found.sizes[found.values]
    return whole
