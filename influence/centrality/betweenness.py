"""Betweenness: on how many of the shortest paths between others a node lies."""

from __future__ import annotations

import random

import numpy.typing as npt

from influence.centrality._brandes import Ends, accumulate, path_lengths, scale
from influence.centrality.result import NodeValues
from influence.centrality.weights import Distance
from influence.graph import Graph

__all__ = ["betweenness"]


def betweenness(
    graph: Graph,
    *,
    distance: Distance = None,
    normalized: bool = True,
    endpoints: bool = False,
    sources: npt.ArrayLike | None = None,
    targets: npt.ArrayLike | None = None,
    k: int | None = None,
    seed: int | random.Random = 0,
) -> NodeValues:
    """Return the part of the shortest paths between two others that pass through each node, added up over the pairs.

    b(v) = Σ_{s ≠ v ≠ t} σ_st(v) / σ_st, where σ_st is the number of shortest paths from s to t along the edges and
    σ_st(v) of those through v; a pair without a path adds nothing. In an undirected graph each pair counts once.
    Self-loops lie on no shortest path. Path lengths that differ by less than a part of 1e-12 are taken for equal.

    Parameters
    ----------
    distance : {"weight", "inverse"} or array_like of float, shape (n_arcs,), optional
        Length of each edge, above 0; None counts hops.
    normalized : bool
        Divide by the number of pairs, (n − 1)(n − 2), or half of it where undirected; with endpoints n(n − 1).
    endpoints : bool
        Whether a path also passes through its first and its last node.
    sources, targets : array_like of int, optional
        Count only paths from the one to the other; all nodes by default. A source listed twice counts twice. The
        scale is that of all nodes, and in an undirected graph (s, t) makes half a pair, the other half being (t, s).
    k : int, optional
        Estimate from the paths that start at k nodes drawn without repetition, scaled up to all; the nodes are those
        that NetworkX draws with the same seed. With k = 1 that node's own value is NaN.
    seed : int or random.Random

    Returns
    -------
    NodeValues
        Column ``betweenness``.

    Raises
    ------
    UsageError
        A length is not above 0, a node is outside the graph, or k is.
    InfluenceError
        There are more than 1.8e308 shortest paths between two nodes.

    References
    ----------
    Brandes, "A faster algorithm for betweenness centrality", Journal of Mathematical Sociology 25 (2001), 163–177;
    "On variants of shortest-path betweenness centrality and their generic computation", Social Networks 30 (2008),
    136–145. Brandes and Pich, "Centrality estimation in large networks", Int. J. Bifurcation and Chaos 17 (2007).

    Examples
    --------
    >>> path = Graph.from_edges([0, 1, 2], [1, 2, 3], directed=False)
    >>> betweenness(path, normalized=False).values.tolist()
    [0.0, 2.0, 2.0, 0.0]
    >>> betweenness(path, sources=[0], targets=[3], normalized=False).values.tolist()
    [0.0, 0.5, 0.5, 0.0]
    """
    ends = Ends.checked(graph.n_nodes, sources, targets, k, seed)
    length = path_lengths(graph, "betweenness", distance)
    values = accumulate(graph, ends, length, "betweenness", edges=False, endpoints=endpoints)
    scale(values, ends, graph.n_nodes, directed=graph.directed, normalized=normalized, endpoints=endpoints)
    return NodeValues("betweenness", values, graph.ids)
