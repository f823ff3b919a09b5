"""IMRank: a ranking that agrees with the marginal influence that it implies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.kernels.imrank import by_rank, hand_up
from influence.progress import rounds
from influence.reach.model import Cascade, arc_chance

__all__ = ["imrank"]


def imrank(cascade: Cascade, *, k: int = 50, value: npt.ArrayLike | None = None, max_rounds: int = 100) -> NodeValues:
    """Rank nodes by marginal influence, again and again until the first k stay the same.

    From the last node of the ranking to the first, the influence that a node has collected goes to those who lead to
    it and are ranked before it: to the first with the chance of her arc, of what is left to the second, and so on
    (last-to-first allocation). Sorted by what they end with, nodes make the next ranking. The first ranking is by
    expected number of people reached in one step.

    Parameters
    ----------
    cascade : Cascade
        An independent cascade; of another kind, the chances of its arcs are taken as if it were.
    k : int
    value : array_like of float, shape (n_nodes,), optional
        What each node counts; 1 by default.
    max_rounds : int

    Returns
    -------
    NodeValues
        ``imrank``: the marginal influence of each node in the last ranking.

    Raises
    ------
    UsageError
        ``k`` or ``max_rounds`` is below 1.

    References
    ----------
    Cheng, Shen, Huang, Chen and Cheng, "IMRank: influence maximization via finding self-consistent ranking", SIGIR
    2014, algorithms 1 and 2.

    Examples
    --------
    >>> from influence.graph import Graph
    >>> from influence.reach import constant
    >>> g = Graph.from_edges([0, 0, 3, 3], [1, 2, 2, 4])
    >>> imrank(constant(g, 0.5), k=2).values.tolist()
    [2.0, 0.5, 0.25, 1.75, 0.5]
    """
    if k < 1 or max_rounds < 1:
        raise UsageError(f"k and max_rounds must be 1 or more, not {k!r} and {max_rounds!r}")
    graph = cascade.graph
    n, m = graph.n_nodes, graph.n_arcs
    chance = arc_chance(cascade)
    own = np.ones(n) if value is None else np.array(value, np.float64)
    rows, place = graph.in_offsets, np.empty(n, np.int64)
    sources, live = np.empty(m, np.int32), np.empty(m)
    influence = own + np.bincount(graph.edge_sources(), chance * own[graph.out_targets], minlength=n)
    first: npt.NDArray[np.int64] | None = None
    for _ in rounds(max_rounds, "IMRank"):
        order = np.argsort(-influence, kind="stable")
        if first is not None and np.array_equal(order[:k], first):
            break
        first = order[:k]
        rank = np.empty(n, np.int64)
        rank[order] = np.arange(n)
        by_rank(graph.out_offsets, graph.out_targets, chance, order, rank, rows, place, sources, live)
        influence = own.copy()
        hand_up(order, rows, place, sources, live, influence)
    return NodeValues("imrank", influence, graph.ids)
