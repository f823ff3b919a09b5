"""The Hubbell index: what a node has of its own, and its share of everybody else's status."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import numpy.typing as npt

from influence.centrality.katz import scaled
from influence.centrality.linear import Rows, out_strength, solve, vector
from influence.centrality.result import NodeValues
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph

__all__ = ["Hubbell", "hubbell"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Hubbell(NodeValues):
    """Hubbell index of every node.

    Attributes
    ----------
    iterations : int
    error_bound : float
        No value is off by more than this share of the largest; where the exogenous status is positive, of itself.
    converged : bool
        Whether that is within the tolerance.
    """

    iterations: int
    error_bound: float
    converged: bool


def hubbell(
    graph: Graph,
    *,
    exogenous: npt.ArrayLike = 1.0,
    factor: float = 0.5,
    scaling: Literal["source", "largest", "none"] = "source",
    weighted: bool = True,
    tolerance: float = 1e-9,
    max_iterations: int = 10_000,
) -> Hubbell:
    """Return the Hubbell index: status of one's own, and a share of the status of those who choose one.

    x = e + W x with W_ts = factor · w_st / scale_s along the edges s → t, "s chooses t". With money as e it is the
    gross value of :func:`influence.value.network.network_value`, where W runs against the edges.

    Parameters
    ----------
    exogenous : float or array_like of float, shape (n_nodes,)
        e.
    factor : float
        Above 0; below 1 the index exists for "source" and "largest".
    scaling : {"source", "largest", "none"}
        Divide a weight by the outgoing weight of its source, so that each node hands on ``factor`` of its status in
        all; by the largest outgoing weight of any node; or not at all.
    weighted : bool
        If not, every edge weighs 1.
    tolerance : float
        Iterate until the error bound is at most this.
    max_iterations : int
        Stop then anyway; ``converged`` and the bound say so.

    Raises
    ------
    UsageError
        The index does not exist as W has an eigenvalue of 1 or more, an argument is unknown, or a weight is negative.

    References
    ----------
    Hubbell, "An input-output approach to clique identification", Sociometry 28, 1965, equation 3.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1], [1, 2, 2])
    >>> hubbell(g, factor=0.5).values.tolist()
    [1.0, 1.25, 1.875]
    """
    weight = strengths(graph, "The Hubbell index", weighted=weighted)
    if not 0.0 < factor < np.inf:
        raise UsageError(f"factor must be above 0, not {factor!r}")
    if scaling not in ("source", "largest", "none"):
        raise UsageError(f"scaling must be 'source', 'largest' or 'none', not {scaling!r}")
    own = vector(graph, exogenous, "exogenous")
    if not graph.n_nodes:
        return Hubbell("hubbell", np.empty(0), graph.ids, 0, 0.0, True)
    passed = out_strength(graph, weight)
    if scaling == "source":
        share = np.divide(1.0, passed, out=np.zeros(passed.size), where=passed > 0)
        weight = weight * np.repeat(share, graph.out_degree)
        weight.setflags(write=False)
    elif scaling == "largest" and passed.max() > 0:
        factor /= float(passed.max())
    symmetric = not graph.directed and scaling != "source"
    rows = Rows.of(graph, weight, symmetric=symmetric)
    found = solve(rows, float(factor), own, None, tolerance, max_iterations, symmetric, "The Hubbell index")
    values, bound = scaled(found, False)
    return Hubbell("hubbell", values, graph.ids, found.iterations, bound, bool(bound <= tolerance))
