"""NetworkX's functions of components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

from influence.centrality.components import Components
from influence.centrality.components import connected_components as connected
from influence.centrality.components import strongly_connected_components as strong
from influence.centrality.components import weakly_connected_components as weak
from influence.kernels.finishing import finishing_order
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers

__all__: list[str] = []


def _sets(graph: BackendGraph, found: Components) -> Iterator[set[Any]]:
    """Yield the nodes of each component, the one with the first node first."""
    groups = _groups(found)
    groups.sort(key=lambda group: int(group[0]))
    for group in groups:
        yield {graph.nodes[number] for number in group.tolist()}


def _groups(found: Components) -> list[npt.NDArray[np.int64]]:
    order = np.argsort(found.values, kind="stable")
    return np.split(order, np.cumsum(found.sizes)[:-1]) if order.size else []


def _one(graph: BackendGraph, found: Components) -> bool:
    if not len(graph):
        raise nx.NetworkXPointlessConcept("Connectivity is undefined for the null graph.")
    return found.n_components == 1


@covers(cost="search")
def connected_components(G: BackendGraph) -> Iterator[set[Any]]:
    yield from _sets(G, connected(G.plain()))


@covers(cost="search")
def number_connected_components(G: BackendGraph) -> int:
    return connected(G.plain()).n_components


@covers(cost="search")
def is_connected(G: BackendGraph) -> bool:
    return _one(G, connected(G.plain()))


@covers(cost="search")
def weakly_connected_components(G: BackendGraph) -> Iterator[set[Any]]:
    yield from _sets(G, weak(G.plain()))


@covers(cost="search")
def number_weakly_connected_components(G: BackendGraph) -> int:
    return weak(G.plain()).n_components


@covers(cost="search")
def is_weakly_connected(G: BackendGraph) -> bool:
    return _one(G, weak(G.plain()))


@covers()
def strongly_connected_components(G: BackendGraph) -> Iterator[set[Any]]:
    graph = G.plain()
    found = strong(graph)
    order = finishing_order(graph.out_offsets, graph.out_targets, found.values, found.n_components)
    groups = _groups(found)
    for number in order.tolist():  # as NetworkX: no component before those that it leads to
        yield {G.nodes[node] for node in groups[number].tolist()}


@covers()
def number_strongly_connected_components(G: BackendGraph) -> int:
    return strong(G.plain()).n_components


@covers(cost="search")
def is_strongly_connected(G: BackendGraph) -> bool:
    return _one(G, strong(G.plain()))
