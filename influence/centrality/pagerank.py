"""PageRank, also personalised, with a bound on its error."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.centrality.linear import Rows, copied, out_strength
from influence.centrality.result import NodeValues
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.linear import walk
from influence.progress import rounds

__all__ = ["PageRank", "pagerank"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class PageRank(NodeValues):
    """PageRank of every node; the values add up to 1.

    Attributes
    ----------
    iterations : int
    error_bound : float
        The sum of absolute errors is at most this.
    converged : bool
        Whether that is within the tolerance.
    """

    iterations: int
    error_bound: float
    converged: bool


def pagerank(
    graph: Graph,
    *,
    alpha: float = 0.85,
    restart: npt.ArrayLike | None = None,
    dangling: npt.ArrayLike | None = None,
    start: npt.ArrayLike | None = None,
    weighted: bool = True,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> PageRank:
    """Return PageRank: where a surfer is who follows an edge with chance α, else starts anew.

    x = α (P x + (Σ_dangling x) d) + (1 − α) r, with P_ts = w_st / Σ_t w_st along the edges s → t. A node without
    outgoing weight is dangling: its surfer goes where d says. Score flows along the edges, so on
    "follower → followee" the followed gain.

    Parameters
    ----------
    alpha : float
        In [0, 1).
    restart : array_like of float, shape (n_nodes,), optional
        r, where the surfer starts anew, not negative; it is scaled to add up to 1. Uniform by default.
    dangling : array_like of float, shape (n_nodes,), optional
        d, likewise; r by default.
    start : array_like of float, shape (n_nodes,), optional
        What the iteration starts from, likewise; r by default. The solution does not depend on it.
    weighted : bool
        If not, every edge weighs 1.
    tolerance : float
        Iterate until the error bound, ‖x_{k+1} − x_k‖₁ · α / (1 − α), is at most this.
    max_iterations : int
        Stop then anyway; ``converged`` and the bound say so.

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
    weight = strengths(graph, "PageRank", weighted=weighted)
    if not n:
        return PageRank("pagerank", np.empty(0), graph.ids, 0, 0.0, True)
    restarts = np.full(1, 1.0 / n) if restart is None else _distribution(graph, restart, "restart")
    jump = restarts if dangling is None else _distribution(graph, dangling, "dangling")
    x = np.broadcast_to(restarts, n).copy() if start is None else _distribution(graph, start, "start")

    rows = Rows.of(graph, weight)
    # Where all weights are alike they cancel, and the rows are sums of what their sources pass on.
    passing = out_strength(graph, weight) if rows.weighted else (rows.unit > 0) * graph.out_degree.astype(np.float64)
    share = np.divide(1.0, passing, out=np.zeros(n), where=passing > 0)
    sent, following = x * share, np.empty(n)
    tally = np.empty((rows.bounds.size - 1, 4))
    lost, iterations, bound = float(x[share == 0].sum()), 0, np.inf
    for _ in rounds(max_iterations, "PageRank"):
        walk(
            rows.bounds, rows.offsets, rows.neighbours, rows.weight, rows.weighted, sent, following, x, share,
            float(alpha), restarts, 1.0 - alpha, jump, alpha * lost, tally,
        )  # fmt: skip
        sent, following = following, sent
        change, lost = float(tally[:, 0].sum()), float(tally[:, 1].sum())
        iterations, bound = iterations + 1, change * alpha / (1.0 - alpha)
        if bound <= tolerance:
            break
    return PageRank("pagerank", x / x.sum(), graph.ids, iterations, bound, bool(bound <= tolerance))


def _distribution(graph: Graph, values: npt.ArrayLike, name: str) -> npt.NDArray[np.float64]:
    found = copied(graph, values, name)
    found /= found.sum()
    return found
