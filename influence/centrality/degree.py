"""Degree and strength: how many edges a node has, and how much they weigh."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.centrality.linear import out_strength
from influence.centrality.result import NodeValues
from influence.graph import Graph
from influence.graph.arrays import sum_by

__all__ = ["Degree", "degree", "strength"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Degree(NodeValues):
    """Edges of every node: ``values`` are all of them.

    Attributes
    ----------
    incoming, outgoing : ndarray, shape (n_nodes,)
        In an undirected graph ``values`` themselves.
    directed : bool
    """

    incoming: npt.NDArray[Any]
    outgoing: npt.NDArray[Any]
    directed: bool

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """Return all of them, and in a directed graph those in and out."""
        if not self.directed:
            return {self.name: self.values}
        return {self.name: self.values, f"in_{self.name}": self.incoming, f"out_{self.name}": self.outgoing}


def degree(graph: Graph, *, normalized: bool = False) -> Degree:
    """Return the number of edges of each node, in and out.

    A self-loop counts twice: it comes in and goes out.

    Parameters
    ----------
    normalized : bool
        Divide by n − 1, the most a node without a self-loop can have one way; the values are 1 where n is 1.

    References
    ----------
    Freeman, "Centrality in social networks: conceptual clarification", Social Networks 1, 1979.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1], [1, 2, 2])
    >>> found = degree(g)
    >>> found.values.tolist(), found.incoming.tolist(), found.outgoing.tolist()
    ([2, 2, 2], [0, 1, 2], [2, 1, 0])
    """
    out, into = graph.out_degree, graph.in_degree
    if graph.directed:
        found = (out + into, into, out)
    else:
        source = graph.edge_sources()
        loops = np.bincount(source[source == graph.out_targets], minlength=graph.n_nodes)
        found = (out + loops,) * 3
    if not normalized:
        return Degree("degree", found[0], graph.ids, found[1], found[2], graph.directed)
    n = graph.n_nodes
    total, incoming, outgoing = (part / (n - 1.0) if n > 1 else np.ones(n) for part in found)
    return Degree("degree", total, graph.ids, incoming, outgoing, graph.directed)


def strength(graph: Graph) -> Degree:
    """Return the weight of the edges of each node, in and out.

    A self-loop counts twice: it comes in and goes out. Weights may be negative.

    References
    ----------
    Barrat, Barthélemy, Pastor-Satorras and Vespignani, "The architecture of complex weighted networks", PNAS 101,
    2004, equation 2.

    Examples
    --------
    >>> found = strength(Graph.from_edges([0, 0, 1], [1, 2, 2], [1.0, 2.0, 4.0]))
    >>> found.values.tolist(), found.incoming.tolist(), found.outgoing.tolist()
    ([3.0, 5.0, 6.0], [0.0, 1.0, 6.0], [3.0, 4.0, 0.0])
    """
    out = out_strength(graph, graph.weight)
    if graph.directed:
        into = sum_by(graph.out_targets, graph.weight, graph.n_nodes)
        return Degree("strength", out + into, graph.ids, into, out, True)
    source = graph.edge_sources()
    loop = source == graph.out_targets
    total = out + sum_by(source[loop], graph.weight[loop], graph.n_nodes)
    return Degree("strength", total, graph.ids, total, total, False)
