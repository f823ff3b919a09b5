"""Components: who is joined to whom, whatever the directions, and who can reach each other."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.components import (
    NEVER,
    busiest,
    link,
    pull_reached,
    push_reached,
    renumber,
    root_of_each,
    tarjan,
    trim,
)
from influence.progress import claim_memory, rounds, slices

__all__ = [
    "Components",
    "Partition",
    "connected_components",
    "strongly_connected_components",
    "weakly_connected_components",
]

_AT_ONCE = 1 << 24  # arcs of a first slice
_BUDGET = 1 << 23  # arcs that one thread follows in a slice
_ROUNDS = 100  # of pulling; stamps are bytes
_WORTH_PULLING = 32  # while more than one node in so many is found in a round


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Partition(NodeValues):
    """The part of the graph that every node belongs to.

    Parts are numbered from 0 by size falling; of parts of one size the one with the least node comes first.

    Attributes
    ----------
    values : ndarray of int32, shape (n_nodes,)
    sizes : ndarray of int64, shape (number of parts,)
        Nodes of each part.
    """

    rising: ClassVar[bool] = True

    sizes: npt.NDArray[np.int64]

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return each node's part and the size of that."""
        return {self.name: self.values, f"{self.name}_size": self.sizes[self.values]}


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Components(Partition):
    """The component of every node; 0 is the largest."""

    @property
    def n_components(self) -> int:
        """Number of components."""
        return int(self.sizes.size)


def connected_components(graph: Graph) -> Components:
    """Return the connected component of every node of an undirected graph.

    Returns
    -------
    Components

    Raises
    ------
    UsageError
        The graph is directed.

    Examples
    --------
    >>> g = Graph.from_edges([1, 2, 4], [2, 3, 0], n_nodes=6, directed=False)
    >>> found = connected_components(g)
    >>> found.values.tolist(), found.sizes.tolist()
    ([1, 0, 0, 0, 1, 2], [3, 2, 1])
    """
    if graph.directed:
        raise UsageError(
            "connected components are those of an undirected graph; of a directed one, take "
            "weakly_connected_components or strongly_connected_components"
        )
    return weakly_connected_components(graph)


def weakly_connected_components(graph: Graph) -> Components:
    """Return the component of every node, directions left aside.

    Two nodes share a component if a way leads from one to the other over edges taken in either direction.

    Returns
    -------
    Components

    References
    ----------
    The large component is found as in Beamer, Asanović and Patterson, "Direction-optimizing breadth-first search",
    SC 2012; the rest by sets joined, Tarjan, "Efficiency of a good but not linear set union algorithm",
    Journal of the ACM 22 (1975) 215–225.

    Examples
    --------
    >>> weakly_connected_components(Graph.from_edges([0, 2, 3], [1, 1, 4])).values.tolist()
    [0, 0, 0, 1, 1]
    """
    n = graph.n_nodes
    claim_memory("components", 24 * n)
    if not n:
        return _components(np.empty(0, np.int32), 0, graph)
    outwards = (graph.out_offsets, graph.out_targets)
    inwards = (graph.in_offsets, graph.in_sources)
    stamp, _ = _pull(graph, outwards, inwards, graph.directed, 1)
    main = _is_reached(stamp)
    first = int(np.argmax(main))
    parent = np.arange(n, dtype=np.int32)
    parent[main] = first
    for start, stop in slices(n, "components", first=_first(graph)):
        link(*outwards, *inwards, graph.directed, stamp, first, parent, start, stop)
    return _components(root_of_each(parent), n, graph)


def strongly_connected_components(graph: Graph) -> Components:
    """Return the strong component of every node: two share it if each can reach the other along the edges.

    Returns
    -------
    Components

    References
    ----------
    Forward and backward from one node: Fleischer, Hendrickson and Pınar, "On identifying strongly connected components
    in parallel", IPDPS 2000; nodes that are their own are trimmed as in McLendon et al., Journal of Parallel and
    Distributed Computing 65 (2005) 901–910; the rest: Pearce, Information Processing Letters 116 (2016) 47–52.

    Examples
    --------
    >>> g = Graph.from_edges([0, 1, 2, 2, 3], [1, 2, 0, 3, 4])
    >>> strongly_connected_components(g).values.tolist()
    [0, 0, 0, 1, 2]
    """
    if not graph.directed:
        return weakly_connected_components(graph)
    n = graph.n_nodes
    claim_memory("strong components", 32 * n)
    if not n:
        return _components(np.empty(0, np.int32), 0, graph)
    outwards = (graph.out_offsets, graph.out_targets)
    inwards = (graph.in_offsets, graph.in_sources)
    kind = _reached(graph, outwards, inwards).astype(np.uint8)
    kind |= _reached(graph, inwards, outwards).astype(np.uint8) << 1
    for _ in range(2):
        for start, stop in slices(n, "strong components", first=_first(graph)):
            trim(*outwards, *inwards, kind, start, stop)
    rank, path, stack = np.zeros(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    cursor, lower = np.empty(n, np.int64), np.empty(n, np.uint8)
    state = np.array([1, n + 1, 0, 0, 0])
    # Each call takes its budget of arcs and nodes, and each of those is taken twice at most.
    for _ in rounds(2 + 2 * (graph.n_arcs + 2 * n) // _BUDGET, "strong components"):
        if tarjan(*outwards, kind, rank, path, cursor, lower, stack, state, _BUDGET):
            break
    return _components(rank, n + 2, graph)


_Rows = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]


def _first(graph: Graph) -> int:
    return 1 + graph.n_nodes * _AT_ONCE // (graph.n_arcs + _AT_ONCE)


def _pull(graph: Graph, forward: _Rows, backward: _Rows, both: bool, ways: int) -> tuple[npt.NDArray[np.uint8], int]:
    """Return who is reached from the busiest node before it gets slow, and the last round."""
    stamp = np.zeros(graph.n_nodes, np.uint8)
    pivot = busiest(graph.out_offsets, graph.in_offsets, ways)
    stamp[pivot] = 1
    for offsets, targets in (forward, backward) if both else (forward,):
        stamp[targets[offsets[pivot] : offsets[pivot + 1]]] = 1
    number = 1
    for _ in rounds(_ROUNDS, "components"):
        number += 1
        found = 0
        for start, stop in slices(graph.n_nodes, "components", first=_first(graph)):
            found += pull_reached(*backward, *forward, both, stamp, number, start, stop)
        if found * _WORTH_PULLING <= graph.n_nodes:
            break
    return stamp, number


def _reached(graph: Graph, forward: _Rows, backward: _Rows) -> npt.NDArray[np.bool_]:
    """Return who is reached from the busiest node along the forward rows."""
    stamp, number = _pull(graph, forward, backward, False, 2)
    latest = np.flatnonzero(stamp == number)
    queue = np.empty(graph.n_nodes, np.int32)
    queue[: latest.size] = latest
    state = np.array([0, latest.size])
    for _ in rounds(2 + (graph.n_arcs + graph.n_nodes) // _BUDGET, "components"):
        push_reached(*forward, stamp, queue, state, number, _BUDGET)
        if state[0] == state[1]:
            break
    return _is_reached(stamp)


def _is_reached(stamp: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    reached: npt.NDArray[np.bool_] = (stamp != 0) & (stamp != NEVER)
    return reached


def numbered(group: npt.NDArray[np.int32], n_groups: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return labels by size falling, then by least node, and the sizes."""
    met, sizes = renumber(group, n_groups)
    several = np.flatnonzero(sizes > 1)
    # Most parts have one member; these stand in the right order already.
    order = np.concatenate([several[np.argsort(-sizes[several], kind="stable")], np.flatnonzero(sizes == 1)])
    label = np.empty(order.size, np.int32)
    label[order] = np.arange(order.size, dtype=np.int32)
    return label[met], sizes[order]


def _components(group: npt.NDArray[np.int32], n_groups: int, graph: Graph) -> Components:
    labels, sizes = numbered(group, n_groups)
    return Components("component", labels, graph.ids, sizes)
