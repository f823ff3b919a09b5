"""H-index of nodes, once or repeated until it is the core number."""

from __future__ import annotations

import dataclasses

import numba
import numpy as np

from influence.centrality.result import NodeValues
from influence.centrality.triangles import proper_degree, rows_of_work, starts
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.local import h_round, mark_around
from influence.progress import claim_memory, rounds

__all__ = ["HIndex", "h_index"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class HIndex(NodeValues):
    """H-index of every node.

    Attributes
    ----------
    steps : int
        Rounds taken.
    settled : bool
        Whether the last of them changed nothing, so that no further round would.
    """

    steps: int
    settled: bool


def h_index(graph: Graph, *, steps: int | None = 1, direction: str = "in") -> HIndex:
    """Return the largest h of each node such that h of its neighbours have degree h or more.

    h⁰ is the degree, and hᵏ⁺¹ of a node the largest h such that h of its neighbours have hᵏ ≥ h. The values fall
    with k, until they are the core numbers. Self-loops do not count.

    Parameters
    ----------
    steps : int, optional
        k; None goes on until nothing changes.
    direction : {"in", "out"}
        In a directed graph, whose degree and which neighbours: sources and their in-degrees, or targets and their
        out-degrees.

    Raises
    ------
    UsageError
        ``steps`` is negative, or the direction unknown.

    References
    ----------
    Lü, Zhou, Zhang and Stanley, "The H-index of a network node and its relation to degree and coreness", Nature
    Communications 7 (2016), equations 1 to 3.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 0, 1, 3], [1, 2, 3, 2, 4], directed=False)
    >>> h_index(g).values.tolist()
    [2, 2, 2, 1, 1]
    """
    if steps is not None and steps < 0:
        raise UsageError(f"steps must be 0 or more, or None to go on until nothing changes, not {steps!r}")
    if direction not in ("in", "out"):
        raise UsageError(f"direction must be 'in' or 'out', not {direction!r}")
    incoming = direction == "in"
    offsets = graph.in_offsets if incoming else graph.out_offsets
    neighbours = graph.in_sources if incoming else graph.out_targets
    # who looks at a node: those in whose rows it stands
    back_offsets = graph.out_offsets if incoming else graph.in_offsets
    back = graph.out_targets if incoming else graph.in_sources
    n = graph.n_nodes
    values = proper_degree(offsets, neighbours)
    lanes, most = numba.get_num_threads(), int(values.max(initial=0))
    claim_memory("h-index", 8 * lanes * (most + 1) + 25 * n)
    tally = np.zeros((lanes, most + 1), np.int64)
    following, waiting, todo = values.copy(), np.zeros(n, np.bool_), np.arange(n, dtype=np.int32)
    taken, settled = 0, False
    for _ in rounds(n + 1 if steps is None else steps, "h-index"):
        lengths = np.diff(offsets)[todo] if todo.size < n else np.diff(offsets)
        for bounds in rows_of_work(starts(lengths + 1), "h-index", lanes):
            h_round(offsets, neighbours, todo, bounds, values, tally, following)
        changed = todo[following[todo] != values[todo]]
        taken += 1
        if not changed.size:
            settled = True
            break
        values[changed] = following[changed]
        mark_around(back_offsets, back, changed, waiting)
        todo = np.flatnonzero(waiting).astype(np.int32)
        waiting[todo] = False
    return HIndex("h_index", values, graph.ids, taken, settled)
