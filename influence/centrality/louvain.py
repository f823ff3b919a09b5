"""Louvain: communities by modularity."""

from __future__ import annotations

from influence.centrality.communities import Communities, Search
from influence.errors import UsageError
from influence.graph import Graph

__all__ = ["louvain"]


def louvain(
    graph: Graph,
    *,
    resolution: float = 1.0,
    weighted: bool = True,
    threshold: float = 1e-7,
    levels: int = 64,
    seed: int = 0,
) -> Communities:
    """Return communities of high modularity; faster than :func:`leiden`, and one may fall apart.

    Nodes move to the community that gains most modularity until none gains; the communities become the nodes of a
    smaller graph, and so on. Directed graphs, order and seed are as in :func:`leiden`.

    Parameters
    ----------
    resolution : float
        γ of :func:`modularity`: above 1 communities are smaller, below 1 larger.
    weighted : bool
        If not, every edge weighs 1.
    threshold : float
        Stop after a level that gains no more modularity than this.
    levels : int
        At most so many.
    seed : int

    Returns
    -------
    Communities

    Raises
    ------
    UsageError
        A weight is negative, or a parameter is out of its range.

    References
    ----------
    Blondel, Guillaume, Lambiotte and Lefebvre, "Fast unfolding of communities in large networks", Journal of
    Statistical Mechanics (2008) P10008.

    Examples
    --------
    Two triangles, and an edge between them:

    >>> g = Graph.from_edges([0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3], directed=False)
    >>> louvain(g).values.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    if not threshold >= 0:
        raise UsageError(f"threshold must be 0 or more, not {threshold!r}")
    search = Search(
        "Louvain communities", resolution, weighted, seed, refining=False, threshold=threshold, levels=levels
    )
    return search.communities(graph)
