"""Transitivity: the share of all open or closed pairs of ties that are closed."""

from __future__ import annotations

import numpy as np

from influence.centrality.triangles import proper_degree, transitive_triples, triangle_counts
from influence.graph import Graph

__all__ = ["transitivity"]


def transitivity(graph: Graph) -> float:
    """Return three times the triangles over the pairs of ties that meet in a node.

    Of a directed graph: of the pairs of targets of a node, in either order, the share with an arc from the first to
    the second. 0 where no two ties meet. Self-loops do not count.

    References
    ----------
    Newman, Watts and Strogatz, "Random graph models of social networks", PNAS 99 (2002), equation 1.

    Examples
    --------
    >>> transitivity(Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 3], directed=False))
    0.6
    """
    degree = proper_degree(graph.out_offsets, graph.out_targets)
    closed = transitive_triples(graph) if graph.directed else 2 * int(triangle_counts(graph).sum())
    # as Python's whole numbers: the pairs of a hub may be many
    pairs = sum((count * d * (d - 1) for d, count in enumerate(np.bincount(degree).tolist())), start=0)
    return closed / pairs if closed else 0.0
