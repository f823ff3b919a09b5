"""PageRank, also personalised, with a bound on its error."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.kernels.linear import pagerank_step

__all__ = ["PageRank", "pagerank"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class PageRank(NodeValues):
    """PageRank of every node; the values add up to 1.

    Attributes
    ----------
    iterations : int
    error_bound : float
        The sum of absolute errors is at most this.
    """

    iterations: int
    error_bound: float


def pagerank(
    graph: Graph,
    *,
    alpha: float = 0.85,
    restart: npt.ArrayLike | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> PageRank:
    """Return PageRank: where a surfer is who follows an edge with chance α, else starts anew.

    x = α (P x + (Σ_dangling x) r) + (1 − α) r, with P_ts = w_st / Σ_t w_st along the edges s → t. A node without
    outgoing weight is dangling: its surfer starts anew. Score flows along the edges, so on "follower → followee" the
    followed gain.

    Parameters
    ----------
    alpha : float
        In [0, 1).
    restart : array_like of float, shape (n_nodes,), optional
        Where the surfer starts anew, not negative; it is scaled to add up to 1. Uniform by default.
    tolerance : float
        Iterate until the error bound, ‖x_{k+1} − x_k‖₁ · α / (1 − α), is at most this.

    Raises
    ------
    UsageError
        α is outside [0, 1), a weight or a restart is negative, or the restart adds up to 0.

    References
    ----------
    Page, Brin, Motwani and Winograd, "The PageRank citation ranking", Stanford 1999, section 2.

    Examples
    --------
    >>> g = Graph.from_edges([0, 1, 2, 3], [1, 2, 0, 0], n_nodes=4)
    >>> pagerank(g).values.round(4).tolist()
    [0.3326, 0.3202, 0.3097, 0.0375]
    """
    n = graph.n_nodes
    if not 0.0 <= alpha < 1.0:
        raise UsageError(f"alpha must lie in [0, 1), not {alpha!r}")
    if graph.n_arcs and float(graph.weight.min()) < 0:
        raise UsageError("PageRank is not defined for negative weights")
    if not n:
        return PageRank("pagerank", np.empty(0), graph.ids, 0, 0.0)
    start = np.full(n, 1.0 / n) if restart is None else np.array(restart, np.float64)
    if start.shape != (n,) or not np.isfinite(start).all() or start.min() < 0 or not start.sum() > 0:
        raise UsageError(f"restart must hold {n:,} numbers of 0 or more that do not add up to 0")
    start /= start.sum()

    out_weight = sum_by(graph.edge_sources(), graph.weight, n)
    dangling = out_weight <= 0
    share = np.divide(
        graph.weight, out_weight[graph.edge_sources()], out=np.zeros(graph.n_arcs), where=graph.weight > 0
    )[graph.in_edges]
    x, iterations, bound = start, 0, np.inf
    while bound > tolerance and iterations < max_iterations:
        lost = float(x[dangling].sum())
        following = pagerank_step(graph.in_offsets, graph.in_sources, share, x, start, alpha, lost)
        bound = float(np.abs(following - x).sum()) * alpha / (1.0 - alpha)
        x, iterations = following, iterations + 1
    return PageRank("pagerank", x / x.sum(), graph.ids, iterations, bound)
