"""Degree discount: seeds for a cascade of small chances, nearly as good as greedy and nearly as cheap as degree."""

from __future__ import annotations

import numpy as np

from influence.centrality.selection import Selection, selection_size
from influence.centrality.triangles import proper_degree
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.voting import heap_build, pick_discounted
from influence.progress import claim_memory, slices

__all__ = ["degree_discount"]


def degree_discount(graph: Graph, *, k: int | None = None, p: float = 0.01) -> Selection:
    """Choose nodes by degree, discounted for neighbours that were chosen before.

    A node of degree d with t neighbours chosen counts d − 2 t − (d − t) t p. In a directed graph, where influence
    runs along the arcs, it is d − s − t − (d − s) t p, with d the out-degree, s its arcs to chosen nodes and t those
    from them. The greatest goes first, the lesser number of equals. Weights and self-loops do not matter.

    Parameters
    ----------
    k : int, optional
        How many; all by default.
    p : float
        Chance that a node influences a neighbour, in [0, 1]; the estimate is for small ones.

    Returns
    -------
    Selection
        The scores are the discounted degrees at the time of each choice.

    Raises
    ------
    UsageError
        ``k`` is negative, or p outside [0, 1].

    References
    ----------
    Chen, Wang and Yang, "Efficient influence maximization in social networks", KDD 2009, algorithm 4.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 0, 1, 4], [1, 2, 3, 4, 5], directed=False)
    >>> chosen = degree_discount(g, k=2, p=0.1)
    >>> chosen.nodes.tolist(), chosen.scores.tolist()
    ([0, 4], [3.0, 2.0])
    """
    if not 0.0 <= p <= 1.0:
        raise UsageError(f"p is a chance and must lie in [0, 1], not {p!r}")
    n, most = graph.n_nodes, selection_size(graph, k)
    claim_memory("degree discount", 60 * n)
    degree = proper_degree(graph.out_offsets, graph.out_targets)
    to_chosen, by_chosen = np.zeros(n, np.int64), np.zeros(n, np.int64)
    heap, where, size = np.empty(n, np.int32), np.empty(n, np.int32), np.zeros(1, np.int64)
    key = degree.astype(np.float64)
    heap_build(heap, where, key, size)
    chosen, scores = np.empty(n, np.int32), np.empty(n)
    for start, stop in slices(most, "degree discount"):
        pick_discounted(
            graph.out_offsets, graph.out_targets, graph.in_offsets, graph.in_sources, float(p), degree,
            to_chosen, by_chosen, heap, where, key, size, chosen, scores, start, stop,
        )  # fmt: skip
    return Selection("degree discount", chosen[:most].copy(), scores[:most].copy(), graph.ids)
