"""Onion layers: core numbers, told apart by how soon a node falls away within its core."""

from __future__ import annotations

import numpy as np

from influence.centrality.core_number import Direction, peeled
from influence.centrality.result import NodeValues
from influence.graph import Graph

__all__ = ["onion_layers"]


def onion_layers(graph: Graph, *, direction: Direction = "total") -> NodeValues:
    """Return the onion layer of every node, 1 for the outermost.

    All nodes with as few neighbours left as the present k allows leave at once and are a layer; then all who have come
    to that by losing them, and so on, and when nobody is left to fall, the next k begins. A higher layer is never in a
    lower core. Self-loops are left aside.

    Parameters
    ----------
    direction : {"total", "in", "out"}
        As in :func:`core_number`; NetworkX has layers of undirected graphs only.

    Returns
    -------
    NodeValues
        Layers, int64, shape (n_nodes,).

    Raises
    ------
    UsageError
        ``direction`` is unknown.

    References
    ----------
    Hébert-Dufresne, Grochow and Allard, "Multi-scale structure and topological anomaly detection via a new network
    statistic: the onion decomposition", Scientific Reports 6, 31708 (2016).

    Examples
    --------
    A path falls away from both its ends:

    >>> g = Graph.from_edges([0, 1, 2, 3], [1, 2, 3, 4], directed=False)
    >>> onion_layers(g).values.tolist()
    [1, 2, 3, 2, 1]
    """
    _, order, layer = peeled(graph, direction)
    layers = np.empty(graph.n_nodes, np.int64)
    layers[order] = layer
    return NodeValues("onion_layer", layers, graph.ids)
