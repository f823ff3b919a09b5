"""Burt's effective size: how many of a node's contacts are not redundant."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.centrality.constraint import Ties, mutual_ties, shared_ties
from influence.centrality.result import NodeValues
from influence.centrality.triangles import proper_degree, triangle_counts
from influence.graph import Graph
from influence.kernels.holes import row_redundancy

__all__ = ["EffectiveSize", "effective_size"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class EffectiveSize(NodeValues):
    """Effective size of every node.

    Attributes
    ----------
    efficiency : ndarray of float64, shape (n_nodes,)
        Effective size over the number of contacts, those in either direction counted once.
    """

    efficiency: Floats

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """Return effective size and efficiency."""
        return {self.name: self.values, "efficiency": self.efficiency}


def effective_size(graph: Graph, *, weighted: bool = False) -> EffectiveSize:
    """Return the number of each node's contacts less what is redundant in them.

    e_i = Σ_j (1 − Σ_q p_iq m_jq), over the j with a tie to i, where p_iq = a_iq / Σ_k a_ik, m_jq = a_jq / max_k a_jk
    and a_ij is the mutual weight w_ij + w_ji. Directions do not matter. Undirected and unweighted it is d − 2 t / d,
    with t the ties among d contacts. NaN for nodes without contacts. A self-loop counts as a contact, as NetworkX has
    it for all nodes at once.

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
    Burt, *Structural Holes*, 1992, equation 2.2; Borgatti, "Structural holes: unpacking Burt's redundancy measures",
    Connections 20 (1997), for the short form.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 0, 1], [1, 2, 3, 2], directed=False)
    >>> sizes = effective_size(g)
    >>> sizes.values.round(4).tolist(), sizes.efficiency.round(4).tolist()
    ([2.3333, 1.0, 1.0, 1.0], [0.7778, 0.5, 0.5, 1.0])
    """
    if graph.directed or weighted or graph.n_loops:
        ties = mutual_ties(graph, "effective size", weighted=weighted)
        contacts = _contacts(ties)
        size = contacts - _redundancy(ties)
        size[ties.alone] = np.nan
    else:
        contacts = proper_degree(graph.out_offsets, graph.out_targets)
        size = np.full(graph.n_nodes, np.nan)
        some = contacts > 0
        size[some] = contacts[some] - 2.0 * triangle_counts(graph)[some] / contacts[some]
    efficiency = np.divide(size, contacts, out=np.full(graph.n_nodes, np.nan), where=contacts > 0)
    return EffectiveSize("effective_size", size, graph.ids, efficiency)


def _contacts(ties: Ties) -> npt.NDArray[np.int64]:
    sources = ties.graph.edge_sources()[ties.graph.weight > 0]
    return np.bincount(sources, minlength=ties.graph.n_nodes).astype(np.int64)


def _redundancy(ties: Ties) -> Floats:
    graph = ties.graph
    greatest = np.zeros(graph.n_nodes)
    some = graph.out_degree > 0
    greatest[some] = np.maximum.reduceat(graph.weight, graph.out_offsets[:-1][some]) if some.any() else 0.0
    shared = shared_ties(ties, np.ones(graph.n_nodes))
    redundancy = np.empty(graph.n_nodes)
    row_redundancy(graph.out_offsets, graph.out_targets, graph.weight, shared, ties.total, greatest, redundancy)
    return redundancy
