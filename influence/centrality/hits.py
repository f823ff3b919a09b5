"""HITS: hubs that point at good authorities, and authorities that good hubs point at."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.centrality.linear import Rows, copied
from influence.centrality.result import NodeValues
from influence.centrality.weights import strengths
from influence.errors import InfluenceError
from influence.graph import Graph
from influence.progress import rounds

__all__ = ["Hits", "hits"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Hits(NodeValues):
    """Hub and authority of every node; ``values`` are the authorities.

    Attributes
    ----------
    hub : ndarray of float64, shape (n_nodes,)
    singular_value : float
        The largest of the adjacency matrix.
    residual : float
        ‖AᵀA a − σ² a‖₁ / (σ² ‖a‖₁).
    iterations : int
    """

    hub: Floats
    singular_value: float
    residual: float
    iterations: int

    @property
    def authority(self) -> Floats:
        """The authorities, shape (n_nodes,)."""
        return self.values

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """Return authority and hub of each node."""
        return {"authority": self.values, "hub": self.hub}


def hits(
    graph: Graph,
    *,
    normalized: bool = True,
    weighted: bool = True,
    start: npt.ArrayLike | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 10_000,
) -> Hits:
    """Return hubs and authorities: a in proportion to Aᵀh, and h to Aa.

    Power iteration on AᵀA from ``start``, so nothing is ever negative; the edges s → t are A_st. Where several parts
    of a graph share the largest singular value, the answer is what the iteration leads to from there. Without edges
    nobody is a hub or an authority: all values are 0.

    Parameters
    ----------
    normalized : bool
        Scale hubs and authorities to add up to 1. If not, the squares of the authorities add up to 1, and the hubs
        are A times these.
    weighted : bool
        If not, every edge weighs 1.
    start : array_like of float, shape (n_nodes,), optional
        Authorities to start from, not negative; all alike by default.
    tolerance : float
        Iterate until the residual is at most this.

    Raises
    ------
    UsageError
        A weight is negative, or nothing points at where the start is not 0.
    InfluenceError
        The residual is above the tolerance after that many iterations.

    References
    ----------
    Kleinberg, "Authoritative sources in a hyperlinked environment", Journal of the ACM 46, 1999, section 3.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1], [1, 2, 2])
    >>> found = hits(g)
    >>> found.hub.round(4).tolist(), found.authority.round(4).tolist()
    ([0.618, 0.382, 0.0], [0.0, 0.382, 0.618])
    """
    weight = strengths(graph, "HITS", weighted=weighted)
    n = graph.n_nodes
    a = np.ones(n) if start is None else copied(graph, start, "start")
    if not (weight > 0).any():
        return Hits("authority", np.zeros(n), graph.ids, np.zeros(n), 0.0, 0.0, 0)
    inward, outward = Rows.of(graph, weight), Rows.of(graph, weight, incoming=False)
    a /= a.sum()
    h, following = np.empty(n), np.empty(n)
    residual, square, iterations = np.inf, 0.0, 0
    for _ in rounds(max_iterations, "HITS"):
        outward.round(a, h)
        square = inward.round(h, following).total
        if not square > 0:
            raise InfluenceError("HITS cannot start from nodes that nobody points at; leave the start to the default")
        following /= square
        residual = float(np.abs(following - a).sum())
        a, following, iterations = following, a, iterations + 1
        if residual <= tolerance:
            break
    if not residual <= tolerance:
        raise InfluenceError(
            f"HITS has not settled after {max_iterations:,} iterations: its residual is {residual:.3g}, not "
            f"{tolerance:g}; allow more of either"
        )
    if not normalized:
        a /= float(np.sqrt(np.square(a).sum()))
    outward.round(a, h)
    if normalized:
        h /= h.sum()
    return Hits("authority", a, graph.ids, h, float(np.sqrt(square)), residual, iterations)
