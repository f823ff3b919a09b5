"""Leiden: communities by modularity, every one of them connected."""

from __future__ import annotations

from influence.centrality.communities import Communities, Search
from influence.graph import Graph

__all__ = ["leiden"]


def leiden(
    graph: Graph,
    *,
    resolution: float = 1.0,
    weighted: bool = True,
    iterations: int = 2,
    randomness: float = 0.01,
    seed: int = 0,
) -> Communities:
    """Return communities of high modularity, each of which is connected.

    Nodes move to the community that gains most modularity until none gains; each community is split into parts that
    are well connected within it; the parts become the nodes of a smaller graph, in which all this is done again. Of a
    directed graph it is directed modularity (Leicht and Newman) that is raised, and a community is connected whatever
    the directions. The nodes are taken in a random order (in a large graph, in runs of 64), one after the other, so
    the result follows from the seed and not from the number of threads.

    Parameters
    ----------
    resolution : float
        γ of :func:`modularity`: above 1 communities are smaller, below 1 larger.
    weighted : bool
        If not, every edge weighs 1.
    iterations : int
        How often to begin again from what was found, at most; it ends sooner when nothing is gained. 10 or more come
        to where hardly anything is.
    randomness : float
        θ, above 0: when parts are built, a choice that gains θ more (in mean weights of an edge) is e times as likely.
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
    Traag, Waltman and van Eck, "From Louvain to Leiden: guaranteeing well-connected communities", Scientific Reports 9,
    5233 (2019), algorithm 1 of its supplement; Leicht and Newman, Physical Review Letters 100, 118703 (2008).

    Examples
    --------
    Two triangles, and an edge between them:

    >>> g = Graph.from_edges([0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3], directed=False)
    >>> found = leiden(g)
    >>> found.values.tolist(), round(found.modularity, 6)
    ([0, 0, 0, 1, 1, 1], 0.357143)
    """
    search = Search(
        "Leiden communities", resolution, weighted, seed, refining=True, randomness=randomness, iterations=iterations
    )
    return search.communities(graph)
