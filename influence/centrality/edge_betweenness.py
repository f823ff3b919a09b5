"""Edge betweenness: how many of the shortest paths between two nodes lead along an edge."""

from __future__ import annotations

import random

import numpy.typing as npt

from influence.centrality._brandes import Ends, accumulate, path_lengths, scale
from influence.centrality.result import EdgeValues
from influence.centrality.weights import Distance
from influence.graph import Graph

__all__ = ["edge_betweenness"]


def edge_betweenness(
    graph: Graph,
    *,
    distance: Distance = None,
    normalized: bool = True,
    sources: npt.ArrayLike | None = None,
    targets: npt.ArrayLike | None = None,
    k: int | None = None,
    seed: int | random.Random = 0,
) -> EdgeValues:
    """Return the part of the shortest paths between two nodes that lead along each edge, added up over the pairs.

    b(e) = Σ_{s ≠ t} σ_st(e) / σ_st, where σ_st is the number of shortest paths from s to t along the edges and
    σ_st(e) of those along e; a pair without a path adds nothing. In an undirected graph each pair counts once, and an
    edge both ways. A self-loop has 0. Path lengths that differ by less than a part of 1e-12 are taken for equal.

    Parameters
    ----------
    distance : {"weight", "inverse"} or array_like of float, shape (n_arcs,), optional
        Length of each edge, above 0; None counts hops.
    normalized : bool
        Divide by the number of pairs, n(n − 1), or half of it where undirected.
    sources, targets : array_like of int, optional
        Count only paths from the one to the other; all nodes by default. A source listed twice counts twice. The
        scale is that of all nodes, and in an undirected graph (s, t) makes half a pair, the other half being (t, s).
    k : int, optional
        Estimate from the paths that start at k nodes drawn without repetition, scaled up to all; the nodes are those
        that NetworkX draws with the same seed.
    seed : int or random.Random

    Returns
    -------
    EdgeValues
        Column ``edge_betweenness``.

    Raises
    ------
    UsageError
        A length is not above 0, a node is outside the graph, or k is.
    InfluenceError
        There are more than 1.8e308 shortest paths between two nodes.

    Notes
    -----
    With targets, what a node passes on divides among its predecessors by their numbers of paths, as the formula says;
    NetworkX 3.6.1 divides it equally in ``edge_betweenness_centrality_subset``, and gives another value where a node
    that is no target has predecessors with different numbers of paths.

    References
    ----------
    Brandes, "On variants of shortest-path betweenness centrality and their generic computation", Social Networks 30
    (2008), 136–145, section 3.7. Girvan and Newman, "Community structure in social and biological networks", PNAS 99
    (2002), 7821–7826.

    Examples
    --------
    >>> path = Graph.from_edges([0, 1, 2], [1, 2, 3], directed=False)
    >>> edge_betweenness(path, normalized=False).values.tolist()
    [3.0, 3.0, 4.0, 4.0, 3.0, 3.0]
    """
    ends = Ends.checked(graph.n_nodes, sources, targets, k, seed)
    length = path_lengths(graph, "edge betweenness", distance)
    values = accumulate(graph, ends, length, "edge betweenness", edges=True, endpoints=False)
    if not graph.directed:
        values = values + values[graph.in_edges]
    scale(
        values,
        Ends(ends.sources, None, False),
        graph.n_nodes,
        directed=graph.directed,
        normalized=normalized,
        endpoints=True,
    )
    if ends.pivots:
        values *= graph.n_nodes / ends.sources.size
    return EdgeValues("edge_betweenness", values, graph)
