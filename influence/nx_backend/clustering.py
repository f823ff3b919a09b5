"""NetworkX's functions of triangles and clustering."""

from __future__ import annotations

from typing import Any

import numpy as np

from influence.centrality.clustering import clustering as our_clustering
from influence.centrality.transitivity import transitivity as our_transitivity
from influence.centrality.triangles import triangles as our_triangles
from influence.nx_backend.errors import networkx_errors
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers, share_of_nodes

__all__: list[str] = []


def _refuses(G: Any, nodes: Any = None, *args: Any, **kwargs: Any) -> str | None:
    return "multigraphs are not covered" if G.is_multigraph() else None


def _refuses_transitivity(G: Any) -> str | None:
    return "multigraphs are not covered" if G.is_multigraph() else None


def _of(graph: BackendGraph, values: Any, nodes: Any) -> Any:
    """Return values of all nodes, of one or of some, as NetworkX tells these apart."""
    if nodes is None:
        return graph.by_node(values)
    if nodes in graph:
        return values[graph.numbers[nodes]].item()
    return graph.by_node(values, graph.origin.nbunch_iter(nodes))


@covers(cost="heavy", times=share_of_nodes("nodes"), refuses=_refuses)
def triangles(G: BackendGraph, nodes: Any = None) -> Any:
    return _of(G, our_triangles(G.plain()).values, nodes)


def _coefficients(graph: BackendGraph, weight: Any) -> Any:
    if weight is None:
        return our_clustering(graph.plain()).values
    with networkx_errors():
        return our_clustering(graph.strength(weight), weighted=True).values


@covers(cost="heavy", times=share_of_nodes("nodes"), refuses=_refuses)
def clustering(G: BackendGraph, nodes: Any = None, weight: Any = None) -> Any:
    found = _of(G, _coefficients(G, weight), nodes)
    # NetworkX's zero is a whole number
    return {node: value or 0 for node, value in found.items()} if isinstance(found, dict) else found or 0


@covers(cost="heavy", times=share_of_nodes("nodes"), refuses=_refuses)
def average_clustering(G: BackendGraph, nodes: Any = None, weight: Any = None, count_zeros: bool = True) -> float:
    values = _coefficients(G, weight)
    if nodes is not None:
        values = values[[G.numbers[node] for node in G.origin.nbunch_iter(nodes)]]
    kept = values.tolist() if count_zeros else [value for value in values.tolist() if abs(value) > 0]
    return float(sum(kept) / len(kept))


@covers(cost="heavy", refuses=_refuses_transitivity)
def transitivity(G: BackendGraph) -> float:
    if not len(G):
        return 0
    with networkx_errors():
        found = our_transitivity(G.plain())
    return 0 if not found or np.isnan(found) else float(found)
