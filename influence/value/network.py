"""Gross, network and conserved value: the Hubbell index with money as the exogenous input."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.kernels.linear import pull

__all__ = ["NetworkValue", "network_value"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class NetworkValue:
    """Values of everybody, each of shape (n_people,), in the unit of the own value.

    Attributes
    ----------
    gross : ndarray of float64
        g = c + W g.
    network : ndarray of float64
        W g: what of others' gross value rides on a person.
    direct : ndarray of float64
        W c: the first hop of it.
    conserved : ndarray of float64
        (1 − Σ_k W_ku) g_u; adds up to the own value of all, so it may be summed and budgeted.
    iterations : int
    residual : float
        ‖c + W g − g‖₁.
    error_bound : float
        ‖g − g*‖₁ is at most this: residual / (1 − ‖W‖₁).
    norm : float
        ‖W‖₁, the largest share of one person that is owed to others.
    """

    gross: Floats
    network: Floats
    direct: Floats
    conserved: Floats
    iterations: int
    residual: float
    error_bound: float
    norm: float


def network_value(graph: Graph, weight: Floats, own: Floats, *, tolerance: float = 1e-13) -> NetworkValue:
    """Solve g = c + W g.

    g_u = c_u + Σ_v W_uv g_v, over the edges u → v, "u influenced v": value flows against the edge, from the listener
    to the influencer. Jacobi iteration; each row is one sum in a fixed order.

    Parameters
    ----------
    graph : Graph
        An edge from each influencer to each listener.
    weight : ndarray of float64, shape (n_edges,)
        W, in the order of the out-rows. The sum of |W| into a listener must be below 1.
    own : ndarray of float64, shape (n_nodes,)
        c.
    tolerance : float
        Iterate until the residual is at most this share of ‖c‖₁.

    Raises
    ------
    UsageError
        Shapes do not match, or the shares into a listener reach 1.

    References
    ----------
    Hubbell, "An input-output approach to clique identification", Sociometry 28, 1965, equation 3.

    Examples
    --------
    Ann is heard by Bob, who is heard by Cy; each is owed half.

    >>> g = Graph.from_edges([0, 1], [1, 2])
    >>> value = network_value(g, np.array([0.5, 0.5]), np.array([10.0, 10.0, 10.0]))
    >>> value.gross.tolist(), value.network.tolist(), value.conserved.tolist()
    ([17.5, 15.0, 10.0], [7.5, 5.0, 0.0], [17.5, 7.5, 5.0])
    """
    if weight.shape != (graph.n_edges,) or own.shape != (graph.n_nodes,):
        raise UsageError(
            f"{weight.size:,} weights and {own.size:,} own values for {graph.n_edges:,} edges "
            f"and {graph.n_nodes:,} nodes: they must match"
        )
    column = sum_by(graph.out_targets, np.abs(weight), graph.n_nodes)
    norm = float(column.max(initial=0.0))
    if not norm < 1.0:
        raise UsageError(f"the shares into a listener add up to {norm:.6g}: they must stay below 1")
    owed = sum_by(graph.out_targets, weight, graph.n_nodes)
    scale = float(np.abs(own).sum())
    gross = own
    direct = flow = pull(graph.out_offsets, graph.out_targets, weight, own)
    iterations = 0
    while True:
        following = own + flow
        residual = float(np.abs(following - gross).sum())
        if residual <= tolerance * scale or iterations == 10_000:
            break
        gross = following
        flow = pull(graph.out_offsets, graph.out_targets, weight, gross)
        iterations += 1
    return NetworkValue(
        gross=own + flow,
        network=flow,
        direct=direct,
        conserved=(1.0 - owed) * gross,
        iterations=iterations,
        residual=residual,
        error_bound=residual / (1.0 - norm),
        norm=norm,
    )
