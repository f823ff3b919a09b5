"""Build a graph once, in one place, and never change it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.kernels.csr import count_pairs, merge_pairs, symmetrise, transpose

if TYPE_CHECKING:
    from influence.io import IdIndex

__all__ = ["Graph"]

_MERGES = ("sum", "max", "min", "count")


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.setflags(write=False)
    return array


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Graph:
    """A graph as compressed rows, out and in.

    Parallel edges are merged when it is built, self-loops are dropped or kept as asked, and the arrays are
    read-only. An undirected edge is stored as two arcs, one each way, a self-loop as one. An arc keeps one number in
    all of its arrays: its position among the out-rows; ``in_edges`` leads from a position among the in-rows to it.

    Attributes
    ----------
    out_offsets : ndarray of int64, shape (n_nodes + 1,)
    out_targets : ndarray of int32, shape (n_arcs,)
        Ascending in each row.
    in_offsets : ndarray of int64, shape (n_nodes + 1,)
        In an undirected graph ``out_offsets`` itself, as the next is ``out_targets``.
    in_sources : ndarray of int32, shape (n_arcs,)
        Ascending in each row.
    in_edges : ndarray of int64, shape (n_arcs,)
        In an undirected graph, where each arc's opposite is.
    weight : ndarray of float64, shape (n_arcs,)
        In the order of the out-rows.
    ids : IdIndex or None
        Who the nodes are; node numbers are in id order.
    directed : bool

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 2, 0], [1, 2, 1, 1], n_nodes=3)
    >>> g.n_nodes, g.n_edges
    (3, 3)
    >>> g.out_targets.tolist(), g.weight.tolist()
    ([1, 2, 1], [2.0, 1.0, 1.0])
    >>> g.in_sources.tolist()
    [0, 2, 0]
    """

    out_offsets: npt.NDArray[np.int64]
    out_targets: npt.NDArray[np.int32]
    in_offsets: npt.NDArray[np.int64]
    in_sources: npt.NDArray[np.int32]
    in_edges: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]
    ids: IdIndex | None = None
    directed: bool = True

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.out_offsets.size) - 1

    @property
    def n_arcs(self) -> int:
        """Number of arcs stored: one for a directed edge or a self-loop, two for an undirected edge."""
        return int(self.out_targets.size)

    @property
    def n_edges(self) -> int:
        """Number of edges after merging."""
        return self.n_arcs if self.directed else (self.n_arcs + self.n_loops) // 2

    @property
    def n_loops(self) -> int:
        """Number of self-loops."""
        return int(np.count_nonzero(self.edge_sources() == self.out_targets))

    def __repr__(self) -> str:
        kind = "edges" if self.directed else "undirected edges"
        return f"<Graph of {self.n_nodes:,} nodes and {self.n_edges:,} {kind}>"

    @property
    def out_degree(self) -> npt.NDArray[np.int64]:
        """Number of distinct targets of each node, shape (n_nodes,)."""
        return np.diff(self.out_offsets)

    @property
    def in_degree(self) -> npt.NDArray[np.int64]:
        """Number of distinct sources of each node, shape (n_nodes,)."""
        return np.diff(self.in_offsets)

    def edge_sources(self) -> npt.NDArray[np.int32]:
        """Return the source of each arc, in the order of the out-rows, shape (n_arcs,)."""
        return np.repeat(np.arange(self.n_nodes, dtype=np.int32), self.out_degree)

    def reverse(self) -> Graph:
        """Return the graph with every edge turned round; an undirected graph is its own."""
        if not self.directed:
            return self
        edges = np.empty(self.n_arcs, np.int64)
        edges[self.in_edges] = np.arange(self.n_arcs)
        weight = _frozen(self.weight[self.in_edges])
        return Graph(
            self.in_offsets, self.in_sources, self.out_offsets, self.out_targets, _frozen(edges), weight, self.ids
        )

    def undirected(self, *, merge: str = "sum") -> Graph:
        """Return the graph without directions; an undirected graph is its own.

        Parameters
        ----------
        merge : {"sum", "max", "min"}
            Weight of an edge that led both ways; one that led one way keeps its own.

        Raises
        ------
        UsageError
            ``merge`` is unknown.

        Examples
        --------
        >>> g = Graph.from_edges([0, 1, 1], [1, 0, 2], [1.0, 4.0, 2.0]).undirected()
        >>> g.n_edges, g.out_targets.tolist(), g.weight.tolist()
        (2, [1, 0, 2, 1], [5.0, 5.0, 2.0, 2.0])
        """
        if merge not in ("sum", "max", "min"):
            raise UsageError(f"merge must be one of sum, max, min, not {merge!r}")
        if not self.directed:
            return self
        offsets, targets, weight, opposite = symmetrise(
            self.out_offsets,
            self.out_targets,
            self.in_offsets,
            self.in_sources,
            self.in_edges,
            self.weight,
            ("sum", "max", "min").index(merge),
        )
        return self._both_ways(offsets, targets, weight, opposite, self.ids)

    @classmethod
    def from_edges(
        cls,
        source: npt.ArrayLike,
        target: npt.ArrayLike,
        weight: npt.ArrayLike | None = None,
        *,
        n_nodes: int | None = None,
        ids: IdIndex | None = None,
        merge: str = "sum",
        self_loops: bool = False,
        directed: bool = True,
    ) -> Graph:
        """Build a graph from edges in any order.

        Parameters
        ----------
        source, target : array_like of int, shape (m,)
            Node numbers from 0.
        weight : array_like of float, shape (m,), optional
            Finite; 1 for every edge by default.
        n_nodes : int, optional
            One more than the largest node number by default, or the number of ids.
        ids : IdIndex, optional
            Who the nodes are.
        merge : {"sum", "max", "min", "count"}
            Weight of parallel edges after merging.
        self_loops : bool
            Keep them; dropped by default.
        directed : bool
            If not, (u, v) and (v, u) are the same edge.

        Raises
        ------
        UsageError
            Lengths differ, a node number is outside the graph, a weight is not finite, or ``merge`` is unknown.
        """
        edges = _Edges.checked(source, target, weight, n_nodes, ids, merge, self_loops)
        if not directed:
            edges = edges.sorted_ends()
            # Each pair is merged once and then mirrored, so that both arcs have the same weight to the last digit.
            return cls._of_edges(edges, ids, merge).undirected()
        return cls._of_edges(edges, ids, merge)

    @classmethod
    def _of_edges(cls, edges: _Edges, ids: IdIndex | None, merge: str) -> Graph:
        if edges.values is not None and merge != "count":
            return cls._with_groups(edges, ids, merge)[0]
        offsets, targets, count = count_pairs(edges.source, edges.target, edges.n)
        return cls._of_rows(offsets, targets, np.ones(targets.size) if merge in ("max", "min") else count, ids)

    @classmethod
    def with_groups(
        cls,
        source: npt.ArrayLike,
        target: npt.ArrayLike,
        weight: npt.ArrayLike | None = None,
        *,
        n_nodes: int | None = None,
        ids: IdIndex | None = None,
        merge: str = "sum",
        self_loops: bool = False,
    ) -> tuple[Graph, npt.NDArray[np.int64]]:
        """Build a graph as :meth:`from_edges` does, and say which edge each given edge became.

        Returns
        -------
        graph : Graph
        group : ndarray of int64, shape (m,)
            Edge of the graph for each given edge, -1 for a dropped self-loop.
        """
        edges = _Edges.checked(source, target, weight, n_nodes, ids, merge, self_loops)
        graph, group = cls._with_groups(edges, ids, merge)
        if edges.kept is not None:
            everyone = np.full(edges.given, -1, np.int64)
            everyone[edges.kept] = group
            group = everyone
        return graph, group

    @classmethod
    def _with_groups(cls, edges: _Edges, ids: IdIndex | None, merge: str) -> tuple[Graph, npt.NDArray[np.int64]]:
        offsets, targets, group = merge_pairs(edges.source, edges.target, edges.n)
        return cls._of_rows(offsets, targets, _merge(group, edges.values, targets.size, merge), ids), group

    @classmethod
    def _both_ways(
        cls,
        offsets: npt.NDArray[np.int64],
        targets: npt.NDArray[np.int32],
        weight: npt.NDArray[np.float64],
        opposite: npt.NDArray[np.int64],
        ids: IdIndex | None,
    ) -> Graph:
        for array in (offsets, targets, weight, opposite):
            _frozen(array)
        return cls(offsets, targets, offsets, targets, opposite, weight, ids, directed=False)

    @classmethod
    def _of_rows(
        cls,
        offsets: npt.NDArray[np.int64],
        targets: npt.NDArray[np.int32],
        weight: npt.NDArray[np.float64],
        ids: IdIndex | None,
    ) -> Graph:
        in_offsets, in_sources, in_edges = transpose(offsets, targets)
        for array in (offsets, targets, in_offsets, in_sources, in_edges, weight):
            _frozen(array)
        return cls(offsets, targets, in_offsets, in_sources, in_edges, weight, ids)


@dataclasses.dataclass(frozen=True)
class _Edges:
    """Edges that a graph can be built of."""

    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    values: npt.NDArray[np.float64] | None
    n: int
    given: int
    kept: npt.NDArray[np.int64] | None  # of the given ones, where self-loops were dropped

    def sorted_ends(self) -> _Edges:
        """Return the edges with the lesser node as their source."""
        low, high = np.minimum(self.source, self.target), np.maximum(self.source, self.target)
        return dataclasses.replace(self, source=low, target=high)

    @classmethod
    def checked(
        cls,
        source: npt.ArrayLike,
        target: npt.ArrayLike,
        weight: npt.ArrayLike | None,
        n_nodes: int | None,
        ids: IdIndex | None,
        merge: str,
        self_loops: bool,
    ) -> _Edges:
        src = _nodes(source, "source")
        dst = _nodes(target, "target")
        if src.shape != dst.shape:
            raise UsageError(f"source has {src.size:,} entries and target {dst.size:,}: they must match")
        if merge not in _MERGES:
            raise UsageError(f"merge must be one of {', '.join(_MERGES)}, not {merge!r}")
        least = 1 + max(int(src.max()), int(dst.max())) if src.size else 0  # as int: a narrow dtype may overflow
        n = int(n_nodes if n_nodes is not None else len(ids) if ids is not None else least)
        if ids is not None and len(ids) != n:
            raise UsageError(f"{len(ids):,} ids for {n:,} nodes: they must match")
        if src.size and (n < least or min(src.min(), dst.min()) < 0):
            raise UsageError(f"node numbers must lie in 0 … {n - 1}")
        if n >= 2**31:
            raise UsageError(f"{n:,} nodes are more than 2³¹ - 1")
        values = None
        if weight is not None:
            values = np.ascontiguousarray(weight, dtype=np.float64)
            if values.shape != src.shape:
                raise UsageError(f"{values.size:,} weights for {src.size:,} edges: they must match")
            if not np.isfinite(values).all():
                raise UsageError(f"weight {int(np.flatnonzero(~np.isfinite(values))[0])} is not finite")
        src32, dst32 = src.astype(np.int32, copy=False), dst.astype(np.int32, copy=False)
        kept = None
        if not self_loops:
            distinct = src32 != dst32
            if not distinct.all():
                kept = np.flatnonzero(distinct)
                src32, dst32 = src32[kept], dst32[kept]
                values = values if values is None else values[kept]
        return cls(src32, dst32, values, n, src.size, kept)


def _nodes(values: npt.ArrayLike, name: str) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise UsageError(f"{name} must have one dimension, not {array.ndim}")
    if array.size == 0:
        return array.astype(np.int32)
    if array.dtype.kind not in "iu":
        raise UsageError(f"{name} must hold whole numbers, not {array.dtype}")
    return array


def _merge(
    group: npt.NDArray[np.int64], values: npt.NDArray[np.float64] | None, n_edges: int, merge: str
) -> npt.NDArray[np.float64]:
    if merge == "count" or (values is None and merge == "sum"):
        return count_by(group, n_edges).astype(np.float64)
    if values is None:
        return np.ones(n_edges)
    if merge == "sum":
        return sum_by(group, values, n_edges)
    start = -np.inf if merge == "max" else np.inf
    merged = np.full(n_edges, start)
    (np.maximum if merge == "max" else np.minimum).at(merged, group, values)
    return merged
