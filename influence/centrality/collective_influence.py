"""Collective influence: hubs that stand among hubs at a distance, and in what order to remove them."""

from __future__ import annotations

import dataclasses

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.centrality.selection import Selection, selection_size
from influence.centrality.triangles import proper_degree, rows_of_work, starts
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.balls import reach_and_remove, surface_influence, update_keys
from influence.kernels.voting import heap_build, heap_pop
from influence.progress import claim_memory, rounds

__all__ = ["collective_influence", "collective_influence_order"]

Ints = npt.NDArray[np.int64]


def collective_influence(graph: Graph, *, radius: int = 2) -> NodeValues:
    """Return the collective influence of each node.

    CI(i) = (k_i − 1) Σ_j (k_j − 1), over the j at just ``radius`` steps from i, k the degrees; 0 where k_i < 2.
    Weights and self-loops do not matter.

    Parameters
    ----------
    radius : int
        0 makes it (k_i − 1)².

    Raises
    ------
    UsageError
        The graph is directed (take ``graph.undirected()``), or the radius negative.

    References
    ----------
    Morone and Makse, "Influence maximization in complex networks through optimal percolation", Nature 524 (2015),
    equation 2.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1, 1, 2], [1, 2, 3, 4, 5], directed=False)
    >>> collective_influence(g, radius=1).values.tolist()
    [3, 2, 1, 0, 0, 0]
    """
    balls = _Balls.of(graph, radius)
    balls.measure(np.arange(graph.n_nodes, dtype=np.int32))
    return NodeValues("collective_influence", balls.values, graph.ids)


def collective_influence_order(graph: Graph, *, radius: int = 2, k: int | None = None, batch: int = 1) -> Selection:
    """Choose nodes by collective influence, each removed before the next is chosen.

    Of equals the lesser number goes first. Each removal changes the influence of all within ``radius`` + 1 steps:
    on a graph of hubs that is nearly everybody, so take a batch there.

    Parameters
    ----------
    radius : int
        As in :func:`collective_influence`.
    k : int, optional
        How many at most; all by default. The choice ends where nobody has any influence left.
    batch : int
        How many are chosen before influence is measured again.

    Returns
    -------
    Selection
        The scores are the influence of each when it was last measured.

    Raises
    ------
    UsageError
        The graph is directed, the radius or ``k`` negative, or the batch not positive.

    References
    ----------
    Morone, Min, Bo, Mari and Makse, "Collective influence algorithm to find influencers via optimal percolation in
    massively large social media", Scientific Reports 6 (2016).

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1, 1, 2], [1, 2, 3, 4, 5], directed=False)
    >>> chosen = collective_influence_order(g, radius=1)
    >>> chosen.nodes.tolist(), chosen.scores.tolist()
    ([0], [3])
    """
    if batch < 1:
        raise UsageError(f"batch must be 1 or more, not {batch!r}")
    n, most = graph.n_nodes, selection_size(graph, k)
    balls = _Balls.of(graph, radius)
    balls.measure(np.arange(n, dtype=np.int32))
    heap, where, size = np.empty(n, np.int32), np.empty(n, np.int32), np.zeros(1, np.int64)
    key = balls.values.copy()
    heap_build(heap, where, key, size)
    line, marks = np.empty(n, np.int32), np.zeros(n, np.bool_)
    chosen: list[int] = []
    scores: list[int] = []
    for _ in rounds(most, "collective influence"):
        before = len(chosen)
        for _ in range(min(batch, most - before)):
            if not size[0] or key[heap[0]] <= 0:
                break
            node = int(heap_pop(heap, where, key, size))
            chosen.append(node)
            scores.append(int(key[node]))
            reach_and_remove(graph.out_offsets, graph.out_targets, balls.degree, radius + 1, node, marks, line)
        if len(chosen) in (before, most):
            break
        around = np.flatnonzero(marks).astype(np.int32)
        marks[around] = False
        balls.measure(around)
        update_keys(heap, where, key, size, around, balls.values)
    return Selection("collective influence", np.array(chosen, np.int32), np.array(scores, np.int64), graph.ids)


@dataclasses.dataclass(frozen=True, eq=False)
class _Balls:
    graph: Graph
    radius: int
    degree: Ints  # among those left; -1 of who is removed
    work: Ints
    seen: npt.NDArray[np.bool_]
    queue: npt.NDArray[np.int32]
    values: Ints

    @classmethod
    def of(cls, graph: Graph, radius: int) -> _Balls:
        if graph.directed:
            raise UsageError("collective influence is of undirected graphs; take graph.undirected()")
        if radius < 0:
            raise UsageError(f"radius must be 0 or more, not {radius!r}")
        n, lanes = graph.n_nodes, numba.get_num_threads()
        claim_memory("collective influence", 5 * lanes * n + 50 * n + 16 * graph.n_arcs)
        degree = proper_degree(graph.out_offsets, graph.out_targets)
        work = degree + 1
        if radius > 1:
            work = work + np.bincount(graph.edge_sources(), work[graph.out_targets], minlength=n).astype(np.int64)
        return cls(
            graph,
            radius,
            degree,
            work,
            np.zeros((lanes, n), np.bool_),
            np.empty((lanes, n), np.int32),
            np.zeros(n, np.int64),
        )

    def measure(self, nodes: npt.NDArray[np.int32]) -> None:
        """Fill in the values of some nodes."""
        graph = self.graph
        for bounds in rows_of_work(starts(self.work[nodes]), "collective influence", self.seen.shape[0]):
            surface_influence(
                graph.out_offsets, graph.out_targets, self.degree, self.radius, nodes, bounds,
                self.seen, self.queue, self.values,
            )  # fmt: skip
