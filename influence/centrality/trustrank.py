"""TrustRank: PageRank that starts anew at people who are trusted, and what of a PageRank comes along edges."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from influence.centrality.pagerank import PageRank, pagerank
from influence.errors import UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.kernels.linear import pull

__all__ = ["received", "trustrank"]

Floats = npt.NDArray[np.float64]


def trustrank(graph: Graph, seeds: npt.ArrayLike, *, alpha: float = 0.85, tolerance: float = 1e-10) -> PageRank:
    """Return TrustRank: where a surfer is who follows an edge with chance α, else starts anew at a trusted node.

    t = α P t + (1 − α) s with s = 1 / |seeds| at the seeds and 0 elsewhere; see :func:`influence.pagerank`. Trust
    flows along the edges, so on "listener → influencer" whom the trusted listen to gain.

    Parameters
    ----------
    seeds : array_like of bool, shape (n_nodes,)
        Who is trusted.

    Raises
    ------
    UsageError
        Nobody is a seed, or as for :func:`influence.pagerank`.

    References
    ----------
    Gyöngyi, Garcia-Molina and Pedersen, "Combating web spam with TrustRank", VLDB 2004.

    Examples
    --------
    >>> g = Graph.from_edges([0, 1, 2, 3], [1, 0, 3, 2], n_nodes=4)
    >>> trustrank(g, [True, False, False, False]).values.round(4).tolist()
    [0.5405, 0.4595, 0.0, 0.0]
    """
    chosen = np.asarray(seeds)
    if chosen.shape != (graph.n_nodes,) or chosen.dtype != np.bool_ or not chosen.any():
        raise UsageError(f"seeds must say true or false of {graph.n_nodes:,} nodes, and true of one at least")
    return pagerank(graph, alpha=alpha, restart=chosen, tolerance=tolerance)


def received(graph: Graph, values: Floats) -> Floats:
    """Return what arrives along edges, Σ_s x_s w_su / Σ_t w_st: a PageRank without what a surfer starts with.

    Parameters
    ----------
    values : ndarray of float64, shape (n_nodes,)
        x, such as a PageRank.

    Examples
    --------
    >>> received(Graph.from_edges([0, 0], [1, 2], [3.0, 1.0]), np.array([1.0, 0.0, 0.0])).tolist()
    [0.0, 0.75, 0.25]
    """
    source = graph.edge_sources()
    total = sum_by(source, graph.weight, graph.n_nodes)[source]
    share = np.divide(graph.weight, total, out=np.zeros(graph.n_arcs), where=graph.weight > 0)
    return np.asarray(pull(graph.in_offsets, graph.in_sources, share[graph.in_edges], values))
