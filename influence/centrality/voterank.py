"""VoteRank: nodes elected one after another, each by voters who have not been served yet."""

from __future__ import annotations

import numpy as np

from influence.centrality.selection import Selection, selection_size
from influence.graph import Graph
from influence.graph.arrays import count_by
from influence.kernels.voting import elect, heap_build
from influence.progress import claim_memory, slices

__all__ = ["voterank"]


def voterank(graph: Graph, *, k: int | None = None) -> Selection:
    """Choose nodes by VoteRank: the one with most votes each time, whose voters then have less to give.

    Every node starts with a voting ability of 1 and gives it to each of its neighbours; in a directed graph to those
    who have an arc to it. The node with most votes is elected; it votes no more, and the ability of its neighbours
    (those its arcs lead to) falls by one over the mean (out-)degree, but not below 0. Weights do not matter.

    Votes are counted in whole parts, so that nodes with equal votes are equal: the one with the lesser number goes
    first. NetworkX adds the same votes up in rounded numbers, and may order such nodes by what was lost.

    Parameters
    ----------
    k : int, optional
        How many at most; all by default. The choice ends where no votes are left.

    Returns
    -------
    Selection
        The scores are the votes at the time of each election.

    Raises
    ------
    UsageError
        ``k`` is negative.

    References
    ----------
    Zhang, Chen, Dong and Zhao, "Identifying a set of influential spreaders in complex networks", Scientific Reports 6
    (2016), 27823.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 0, 1], [1, 2, 3, 4], directed=False)
    >>> chosen = voterank(g)
    >>> chosen.nodes.tolist(), chosen.scores.tolist()
    ([0, 1], [3.0, 1.0])
    """
    n, most = graph.n_nodes, selection_size(graph, k)
    claim_memory("VoteRank", 60 * n)
    votes_given = graph.out_degree
    if not graph.directed:
        source = graph.edge_sources()
        # a loop is two of an undirected node's ends, and the voter of both
        votes_given = votes_given + count_by(source[source == graph.out_targets], n)
    # an ability of 1 is `whole` parts, and the loss of 1 / (whole / n) is n of them
    whole = int(votes_given.sum())
    ability, score = np.full(n, whole, np.int64), votes_given * whole
    heap, where, key, size = np.empty(n, np.int32), np.empty(n, np.int32), score.copy(), np.zeros(1, np.int64)
    heap_build(heap, where, key, size)
    chosen, votes, found = np.empty(n, np.int32), np.empty(n, np.int64), 0
    for start, stop in slices(most, "VoteRank"):
        found = elect(
            graph.in_offsets, graph.in_sources, graph.out_offsets, graph.out_targets, graph.directed, n,
            ability, score, heap, where, key, size, chosen, votes, start, stop,
        )  # fmt: skip
        if found < stop:
            break
    return Selection("voterank", chosen[:found].copy(), votes[:found] / max(whole, 1), graph.ids)
