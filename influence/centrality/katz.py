"""Katz centrality, with a proof that its series converges and a bound on its error."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.centrality.linear import Rows, Solution, copied, solve, spectral_bounds, vector
from influence.centrality.result import NodeValues
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph

__all__ = ["Katz", "katz"]

_PART = 0.85  # of the largest α: attenuation like PageRank's


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Katz(NodeValues):
    """Katz centrality of every node.

    Attributes
    ----------
    alpha : float
        α as used.
    iterations : int
    error_bound : float
        No value is off by more than this share of the largest; where β > 0, of itself.
    converged : bool
        Whether that is within the tolerance.
    """

    alpha: float
    iterations: int
    error_bound: float
    converged: bool


def katz(
    graph: Graph,
    *,
    alpha: float | None = None,
    beta: npt.ArrayLike = 1.0,
    normalized: bool = True,
    weighted: bool = False,
    incoming: bool = True,
    start: npt.ArrayLike | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 10_000,
) -> Katz:
    """Return Katz centrality: all walks that end at a node, each step of them worth α of the one before.

    x = α Aᵀ x + β, so x_t = Σ_k α^k Σ (walks of k edges to t) β. On "follower → followee" the followed gain.

    Parameters
    ----------
    alpha : float, optional
        α ≥ 0, below one over the largest eigenvalue. By default 0.85 over a bound on that eigenvalue from above.
    beta : float or array_like of float, shape (n_nodes,)
        What each node has of its own.
    normalized : bool
        Scale the sum of squares to 1.
    weighted : bool
        Whether a walk counts as the product of its weights.
    incoming : bool
        If not, walks that start at a node count.
    start : array_like of float, shape (n_nodes,), optional
        What the iteration starts from; β by default. The solution does not depend on it.
    tolerance : float
        Iterate until the error bound is at most this.
    max_iterations : int
        Stop then anyway; ``converged`` and the bound say so.

    Raises
    ------
    UsageError
        α is negative or so large that the series diverges (the message has the largest that is safe), or a weight is
        negative.

    References
    ----------
    Katz, "A new status index derived from sociometric analysis", Psychometrika 18, 1953. Bounds in the manner of
    van der Grinten, Bergamini, Green, Bader and Meyerhenke, "Scalable Katz ranking computation in large static and
    dynamic graphs", ESA 2018.

    Examples
    --------
    >>> g = Graph.from_edges([0, 1, 2], [1, 2, 1])
    >>> katz(g, alpha=0.5, normalized=False).values.round(6).tolist()
    [1.0, 2.666667, 2.333333]
    """
    weight = strengths(graph, "Katz centrality", weighted=weighted)
    if alpha is not None and not 0.0 <= alpha < np.inf:
        raise UsageError(f"alpha must be 0 or more, not {alpha!r}")
    own = vector(graph, beta, "beta")
    begin = None if start is None else copied(graph, start, "start", positive=False)
    if not graph.n_nodes:
        return Katz("katz", np.empty(0), graph.ids, alpha or 0.0, 0, 0.0, True)
    rows = Rows.of(graph, weight, incoming=incoming)
    if alpha is None:
        upper = spectral_bounds(rows, symmetric=not graph.directed)[1]
        alpha = _PART / upper if upper > 0 else _PART
    # Scaling to 1 may double the error, or more.
    part = tolerance / 2.5 if normalized else tolerance
    found = solve(rows, float(alpha), own, begin, part, max_iterations, not graph.directed, "Katz centrality")
    values, bound = scaled(found, normalized)
    return Katz("katz", values, graph.ids, float(alpha), found.iterations, bound, bool(bound <= tolerance))


def scaled(found: Solution, normalized: bool) -> tuple[npt.NDArray[np.float64], float]:
    """Return the values of a solution, their squares adding up to 1 where asked, and the bound on their error."""
    x, error = found.values, found.error
    if found.margin is x:  # relative to each value, as x > 0
        bound = error
        if normalized:
            bound = 2.0 * error / (1.0 - error) if error < 1.0 else np.inf
    else:
        largest = float(np.abs(x).max())
        widest, length = error * float(found.margin.max()), error * _norm(found.margin)
        bound = widest / largest if largest > 0 else widest
        if normalized and largest > 0:
            left = _norm(x) - length
            bound += (1.0 + bound) * length / left if left > 0 else np.inf
    norm = _norm(x)
    return (x / norm if normalized and norm > 0 else x), float(bound)


def _norm(x: npt.NDArray[np.float64]) -> float:
    # by numpy's own sum: a BLAS adds in another order on another machine
    return float(np.sqrt(np.square(x).sum()))
