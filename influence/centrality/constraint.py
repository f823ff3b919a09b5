"""Burt's constraint: how far a node's contacts hold each other."""

from __future__ import annotations

import dataclasses

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.centrality.triangles import rows_of_work, starts
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.kernels.holes import row_constraint, shared_strength, shared_work
from influence.progress import claim_memory

__all__ = ["constraint", "local_constraint", "mutual_ties", "shared_ties"]

Floats = npt.NDArray[np.float64]


def constraint(graph: Graph, *, weighted: bool = False) -> NodeValues:
    """Return how far each node is tied to contacts who are tied to each other: little of it spans structural holes.

    c_i = Σ_j (p_ij + Σ_q p_iq p_qj)², over the j ≠ i with a tie to i, where p_ij = a_ij / Σ_k a_ik and a_ij is the
    mutual weight w_ij + w_ji. Directions do not matter. NaN for nodes without contacts. A self-loop counts as a
    contact, as NetworkX has it.

    Parameters
    ----------
    weighted : bool
        Ties have the weights of their edges; otherwise each edge weighs 1, and a tie both ways 2.

    Raises
    ------
    UsageError
        A weight is negative.

    References
    ----------
    Burt, *Structural Holes*, 1992, equation 2.4; "Structural holes and good ideas", American Journal of Sociology 110
    (2004).

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 0], [1, 2, 3], directed=False)
    >>> constraint(g).values.round(4).tolist()
    [0.3333, 1.0, 1.0, 1.0]
    """
    ties = mutual_ties(graph, "constraint", weighted=weighted)
    shared = shared_ties(ties, np.divide(1.0, ties.total, out=np.zeros(graph.n_nodes), where=ties.total > 0))
    values = np.empty(graph.n_nodes)
    row_constraint(ties.graph.out_offsets, ties.graph.weight, shared, ties.total, values)
    values[ties.alone] = np.nan
    return NodeValues("constraint", values, graph.ids)


def local_constraint(graph: Graph, u: int, v: int, *, weighted: bool = False) -> float:
    """Return the part of the constraint on u that stems from v: (p_uv + Σ_q p_uq p_qv)².

    See :func:`constraint`; 0 where neither a tie nor a common contact joins them.

    Parameters
    ----------
    u, v : int
        Node numbers.

    Raises
    ------
    UsageError
        There is no such node, or a weight is negative.
    """
    for node in (u, v):
        if not 0 <= node < graph.n_nodes:
            raise UsageError(f"node {node!r} is not in the graph: numbers go from 0 to {graph.n_nodes - 1:,}")
    ties = mutual_ties(graph, "constraint", weighted=weighted)
    if not ties.total[u] > 0:
        return 0.0
    start, stop = ties.graph.out_offsets[u : u + 2]
    contacts, strength = ties.graph.out_targets[start:stop], ties.graph.weight[start:stop] / ties.total[u]
    to_v = np.zeros(graph.n_nodes)
    start, stop = ties.graph.out_offsets[v : v + 2]
    others = ties.graph.out_targets[start:stop]
    to_v[others] = np.divide(
        ties.graph.weight[start:stop], ties.total[others], out=np.zeros(others.size), where=ties.total[others] > 0
    )
    direct = float(strength[contacts == v].sum())
    return (direct + float((strength * to_v[contacts]).sum())) ** 2


@dataclasses.dataclass(frozen=True, eq=False)
class Ties:
    """Mutual weights.

    Attributes
    ----------
    graph : Graph
        Undirected; its weights are the mutual ones.
    total : ndarray of float64, shape (n_nodes,)
        Of each node's ties.
    alone : ndarray of bool, shape (n_nodes,)
        Who has no tie to anybody else.
    """

    graph: Graph
    total: Floats
    alone: npt.NDArray[np.bool_]


def mutual_ties(graph: Graph, measure: str, *, weighted: bool) -> Ties:
    """Return the graph of mutual weights, w_ij + w_ji; half of that where the graph is undirected."""
    ties = dataclasses.replace(graph, weight=strengths(graph, measure, weighted=weighted))
    if graph.directed:
        claim_memory(measure, 40 * graph.n_arcs)
    ties = ties.undirected()
    source = ties.edge_sources()
    loops = np.flatnonzero(source == ties.out_targets)
    if graph.directed and loops.size:  # w_ii + w_ii: the same arc both ways
        weight = ties.weight.copy()
        weight[loops] *= 2.0
        weight.setflags(write=False)
        ties = dataclasses.replace(ties, weight=weight)
    others = ties.weight
    if loops.size:
        others = ties.weight.copy()
        others[loops] = 0.0
    total = sum_by(source, ties.weight, ties.n_nodes)
    return Ties(ties, total, ~(sum_by(source, others, ties.n_nodes) > 0))


def shared_ties(ties: Ties, scale: Floats) -> Floats:
    """Return Σ_q a_uq a_vq scale_q for every arc u → v, shape (n_arcs,)."""
    graph, label = ties.graph, "shared ties"
    lanes, n = numba.get_num_threads(), graph.n_nodes
    claim_memory(label, 8 * graph.n_arcs + 8 * (lanes + 2) * n)
    work = np.empty(n, np.int64)
    shared_work(graph.out_offsets, graph.out_targets, work)
    steps = starts(work)
    marks, shared = np.zeros((lanes, n)), np.empty(graph.n_arcs)
    for bounds in rows_of_work(steps, label, lanes):
        shared_strength(
            graph.out_offsets, graph.out_targets, graph.in_edges, graph.weight, scale, bounds, marks, shared
        )
    return shared
