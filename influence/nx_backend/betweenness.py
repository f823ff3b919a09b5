"""NetworkX's functions of betweenness."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

import numpy as np

from influence.centrality.betweenness import betweenness
from influence.centrality.edge_betweenness import edge_betweenness
from influence.nx_backend.errors import callable_weight, networkx_errors
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers, first_nodes, some_nodes

__all__: list[str] = []


def _refuses(
    G: Any, k: int | None = None, normalized: bool = True, weight: Any = None, *args: Any, **kwargs: Any
) -> str | None:
    return callable_weight(weight)


def _refuses_subset(G: Any, sources: Any, targets: Any, normalized: bool = False, weight: Any = None) -> str | None:
    return callable_weight(weight)


def _by_edge(graph: BackendGraph, values: Any) -> dict[tuple[Any, Any], float]:
    """Return values in the order of the out-rows by edge, each as NetworkX lists it."""
    ours, nodes = graph.plain(), graph.nodes
    source, target = ours.edge_sources(), ours.out_targets
    named = {
        (nodes[u], nodes[v]): value
        for u, v, value in zip(source.tolist(), target.tolist(), values.tolist(), strict=True)
    }
    return {edge: named[edge] for edge in graph.origin.edges()}


@covers(cost="search", times=first_nodes("k"), refuses=_refuses)
def betweenness_centrality(
    G: BackendGraph,
    k: int | None = None,
    normalized: bool = True,
    weight: Any = None,
    endpoints: bool = False,
    seed: Random | None = None,
) -> dict[Any, float]:
    graph = G.length(weight)
    with networkx_errors():
        found = betweenness(
            graph,
            distance=None if weight is None else "weight",
            normalized=normalized,
            endpoints=endpoints,
            k=None if k == len(G) else k,
            seed=seed if seed is not None else 0,
        )
    return G.by_node(found.values)


@covers(cost="search", times=first_nodes("k"), refuses=_refuses)
def edge_betweenness_centrality(
    G: BackendGraph,
    k: int | None = None,
    normalized: bool = True,
    weight: Any = None,
    seed: Random | None = None,
) -> dict[Any, float]:
    if G.is_multigraph():
        raise NotImplementedError("edges with keys are not covered")
    graph = G.length(weight)
    with networkx_errors():
        found = edge_betweenness(
            graph,
            distance=None if weight is None else "weight",
            normalized=normalized,
            k=None if k == len(G) else k,
            seed=seed if seed is not None else 0,
        )
    return _by_edge(G, found.values)


@covers(cost="search", times=some_nodes("sources"), refuses=_refuses_subset)
def betweenness_centrality_subset(
    G: BackendGraph, sources: Iterable[Any], targets: Iterable[Any], normalized: bool = False, weight: Any = None
) -> dict[Any, float]:
    with networkx_errors():
        found = betweenness(
            G.length(weight),
            distance=None if weight is None else "weight",
            normalized=normalized,
            sources=_numbers(G, sources),
            targets=_numbers(G, targets),
        )
    return G.by_node(found.values)


# edge_betweenness_centrality_subset is left to NetworkX: of several predecessors it gives each the same share of what
# lies beyond, whatever the number of paths (3.6.1), and its own tests hold it to that.


def _numbers(graph: BackendGraph, nodes: Iterable[Any]) -> Any:
    """Return the numbers of nodes, those outside the graph left to NetworkX's own words."""
    try:
        return np.array([graph.numbers[node] for node in nodes], np.int64)
    except KeyError as error:
        raise NotImplementedError(f"{error} is not in the graph") from None
