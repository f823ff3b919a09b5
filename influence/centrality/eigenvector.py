"""Eigenvector centrality, with bounds on its eigenvalue."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.centrality.linear import SHIFT, Rows, copied, spectral_below
from influence.centrality.result import NodeValues
from influence.centrality.weights import strengths
from influence.errors import InfluenceError, UsageError
from influence.graph import Graph
from influence.progress import rounds

__all__ = ["Eigenvector", "eigenvector"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Eigenvector(NodeValues):
    """Eigenvector centrality of every node; the squares add up to 1.

    Attributes
    ----------
    eigenvalue : float
        λ, the largest.
    eigenvalue_bounds : tuple of float
        λ lies between these: a quotient of Rayleigh, or of Collatz and Wielandt, below; one of the latter above.
    residual : float
        ‖Aᵀx − λx‖₁ / (λ ‖x‖₁).
    iterations : int
    """

    eigenvalue: float
    eigenvalue_bounds: tuple[float, float]
    residual: float
    iterations: int


def eigenvector(
    graph: Graph,
    *,
    weighted: bool = False,
    incoming: bool = True,
    start: npt.ArrayLike | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 10_000,
) -> Eigenvector:
    """Return eigenvector centrality: in proportion to the sum over those who point at one.

    λx = Aᵀx for the largest λ, with x ≥ 0 and ‖x‖₂ = 1, by power iteration on Aᵀ + σI with σ = λ/4, so that bipartite
    graphs settle as well. On "follower → followee" the followed gain. Where several parts of a graph share the largest
    eigenvalue, x is what the iteration leads to from ``start``, as in NetworkX; where one part has it, the parts that
    it does not reach have 0 in the limit.

    Parameters
    ----------
    weighted : bool
        Whether an edge counts as its weight.
    incoming : bool
        If not, in proportion to the sum over those one points at.
    start : array_like of float, shape (n_nodes,), optional
        Not negative; all alike by default.
    tolerance : float
        Iterate until the residual is at most this. It is relative to λ and to ‖x‖₁, so it asks the same of a graph of
        any size and any unit of weight.

    Raises
    ------
    UsageError
        The graph has no nodes or no cycle, so that 0 is the only eigenvalue; or a weight is negative.
    InfluenceError
        The residual is above the tolerance after that many iterations.

    References
    ----------
    Bonacich, "Power and centrality: a family of measures", American Journal of Sociology 92, 1987.

    Examples
    --------
    >>> g = Graph.from_edges([0, 1], [1, 2], directed=False)
    >>> found = eigenvector(g)
    >>> found.values.round(4).tolist(), round(found.eigenvalue, 4)
    ([0.5, 0.7071, 0.5], 1.4142)
    """
    weight = strengths(graph, "Eigenvector centrality", weighted=weighted)
    n = graph.n_nodes
    if not n:
        raise UsageError("eigenvector centrality is not defined for a graph without nodes")
    x = np.full(n, 1.0 / n) if start is None else copied(graph, start, "start")
    x /= x.sum()
    if not graph.directed:
        cyclic = bool((weight > 0).any())
        if not cyclic:
            raise UsageError(_NO_CYCLE)
    rows = Rows.of(graph, weight, incoming=incoming)
    y = np.empty(n)
    seen = rows.round(x, y)
    growth, upper, size, residual, iterations = seen.total, np.inf, 1.0, np.inf, 1
    growth = growth or float(weight.max(initial=1.0))
    for iterations in rounds(max_iterations, "eigenvector centrality"):
        if iterations in (0, 40) and graph.directed and _acyclic(graph, weight, quick=not iterations):
            raise UsageError(_NO_CYCLE)
        shift = SHIFT * growth
        total = growth + shift
        seen = rows.round(x, y, scale=1.0 / total, shift=shift / total)
        if float(x.min()) > 0:
            upper = min(upper, seen.high * total - shift)
        # y − x = (Aᵀx − growth · x) / total
        residual = seen.change * total / (growth * size)
        size, growth = seen.total, max(seen.total / size * total - shift, growth * 1e-6)
        x, y = y, x
        if residual <= tolerance:
            break
    if not residual <= tolerance:
        raise InfluenceError(
            f"eigenvector centrality has not settled after {max_iterations:,} iterations: its residual is "
            f"{residual:.3g}, not {tolerance:g}; allow more of either, or take one strongly connected part of the graph"
        )
    norm = float(np.sqrt(np.square(x).sum()))
    below = spectral_below(rows, x, min(upper, 2.0 * growth), not graph.directed)
    return Eigenvector(
        "eigenvector", x / norm, graph.ids, growth, (min(below, growth), max(upper, growth)), residual, iterations + 1
    )


_NO_CYCLE = (
    "eigenvector centrality is not defined for a graph without a cycle: 0 is its only eigenvalue; katz counts walks of "
    "every length there"
)


def _acyclic(graph: Graph, weight: Floats, *, quick: bool) -> bool:
    """Return whether the arcs of positive weight have no cycle; the quick answer sees only what has no arcs at all."""
    live = weight > 0
    if quick:
        return not live.any()
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    source, target = graph.edge_sources()[live], graph.out_targets[live]
    if (source == target).any():
        return False
    arcs = csr_array((np.ones(source.size, np.int8), (source, target)), shape=(graph.n_nodes, graph.n_nodes))
    return int(connected_components(arcs, directed=True, connection="strong", return_labels=False)) == graph.n_nodes
