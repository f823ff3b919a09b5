"""NetworkX's functions of structural holes and reciprocity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import networkx as nx
import numpy as np

from influence.centrality.constraint import constraint as our_constraint
from influence.centrality.effective_size import effective_size as our_effective_size
from influence.centrality.reciprocity import overall_reciprocity as our_overall
from influence.centrality.reciprocity import reciprocity as our_reciprocity
from influence.nx_backend.errors import networkx_errors, nothing_to_go_by
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers, share_of_nodes

__all__: list[str] = []


def _refuses(G: Any, nodes: Any = None, weight: Any = None) -> str | None:
    if callable(weight):
        return "weights by a function are not covered"
    if nodes is not None:
        return "NetworkX has other rules for some nodes than for all"
    return None


@covers(cost="heavy", refuses=_refuses)
def constraint(G: BackendGraph, nodes: Iterable[Any] | None = None, weight: Any = None) -> dict[Any, float]:
    nothing_to_go_by(G)
    with networkx_errors():
        found = our_constraint(G.strength(weight), weighted=weight is not None or G.is_multigraph())
    return G.by_node(found.values)


def _refuses_size(G: Any, nodes: Any = None, weight: Any = None) -> str | None:
    if G.is_directed() or G.is_multigraph() or weight is not None:
        return "NetworkX (3.6.1) scales all nodes at once otherwise than one by one, and not as the formula says"
    return _refuses(G, nodes, weight)


@covers(cost="heavy", refuses=_refuses_size)
def effective_size(G: BackendGraph, nodes: Iterable[Any] | None = None, weight: Any = None) -> dict[Any, float]:
    nothing_to_go_by(G)
    with networkx_errors():
        found = our_effective_size(G.plain())
    return G.by_node(found.values)


def _refuses_undirected(G: Any, nodes: Any = None) -> str | None:
    return None if G.is_directed() else "of an undirected graph NetworkX says 0"


@covers(refuses=_refuses_undirected)
def overall_reciprocity(G: BackendGraph) -> float:
    if not G.plain().n_arcs:
        raise nx.NetworkXError("Not defined for empty graphs")
    return float(our_overall(G.plain()))


@covers(cost="search", times=share_of_nodes("nodes"), refuses=_refuses_undirected)
def reciprocity(G: BackendGraph, nodes: Any = None) -> Any:
    if nodes is None:
        return overall_reciprocity(G)
    values = our_reciprocity(G.plain()).values
    if nodes in G:
        value = values[G.numbers[nodes]].item()
        if np.isnan(value):
            raise nx.NetworkXError("Not defined for isolated nodes.")
        return value
    listed = [None if value != value else value for value in values.tolist()]
    return {node: listed[G.numbers[node]] for node in G.origin.nbunch_iter(nodes)}
