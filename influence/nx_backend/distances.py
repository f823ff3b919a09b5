"""NetworkX's functions of distances: closeness, harmonic and reaching centrality, lengths by hops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

from influence.centrality.closeness import closeness
from influence.centrality.distances import eccentricity as our_eccentricity
from influence.centrality.distances import shortest_path_lengths
from influence.centrality.harmonic import harmonic
from influence.centrality.reaching import global_reaching, local_reaching
from influence.nx_backend.errors import callable_weight, networkx_errors, nothing_to_go_by
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers, each_node, some_nodes, whole_search

__all__: list[str] = []

_GIVEN = "distances that were found before are not covered"


def _fewer(graph: Any, given: Mapping[str, Any]) -> float:
    """Return how many searches NetworkX makes: from the sources, or from the nodes where these are fewer."""
    return min(some_nodes("nbunch")(graph, given), some_nodes("sources")(graph, given))


def _refuses_closeness(
    G: Any, u: Any = None, distance: Any = None, wf_improved: bool = True, *, sp: Any = None
) -> str | None:
    return callable_weight(distance) if sp is None else _GIVEN


def _refuses_harmonic(G: Any, nbunch: Any = None, distance: Any = None, sources: Any = None) -> str | None:
    return callable_weight(distance)


@covers(cost="search", times=some_nodes("u"), refuses=_refuses_closeness)
def closeness_centrality(
    G: BackendGraph, u: Any = None, distance: Any = None, wf_improved: bool = True, *, sp: Any = None
) -> Any:
    if sp is not None:
        raise NotImplementedError(_GIVEN)
    nodes = None
    if u is not None:
        if u not in G:
            raise nx.NodeNotFound(f"Source {u} is not in G" if distance is None else f"Node {u} not found in graph")
        nodes = np.array([G.numbers[u]])
    with networkx_errors():
        found = closeness(
            G.length(distance), distance=None if distance is None else "weight", wf_improved=wf_improved, nodes=nodes
        )
    return G.by_node(found.values) if u is None else found.values[G.numbers[u]].item()


@covers(cost="search", times=_fewer, refuses=_refuses_harmonic)
def harmonic_centrality(
    G: BackendGraph, nbunch: Any = None, distance: Any = None, sources: Any = None
) -> dict[Any, float]:
    asked = None if nbunch is None else _numbers(G, G.origin.nbunch_iter(nbunch))
    begin = None if sources is None else _numbers(G, G.origin.nbunch_iter(sources))
    with networkx_errors():
        found = harmonic(
            G.length(distance), distance=None if distance is None else "weight", nodes=asked, sources=begin
        )
    if asked is None:
        return G.by_node(found.values)
    return {G.nodes[number]: found.values[number].item() for number in asked.tolist()}


def _numbers(graph: BackendGraph, nodes: Iterable[Any]) -> npt.NDArray[np.int64]:
    return np.array(sorted({graph.numbers[node] for node in nodes}), np.int64)


def _refuses_reaching(
    G: Any, v: Any, paths: Mapping[Any, Any] | None = None, weight: Any = None, normalized: bool = True
) -> str | None:
    if paths is not None:
        return _GIVEN
    return _refuses_weight(G, weight)


def _refuses_weight(G: Any, weight: Any = None, normalized: bool = True) -> str | None:
    return None if weight is None else "of shortest paths of the same length NetworkX takes another one"


@covers(cost="search", refuses=_refuses_reaching)
def local_reaching_centrality(
    G: BackendGraph,
    v: Any,
    paths: Mapping[Any, Any] | None = None,
    weight: Any = None,
    normalized: bool = True,
) -> float:
    nothing_to_go_by(G)
    number = G.number(v)
    with networkx_errors():
        found = local_reaching(G.plain(), normalized=normalized, nodes=np.array([number]))
    return float(found.values[number])


@covers(cost="search", times=each_node, refuses=_refuses_weight)
def global_reaching_centrality(G: BackendGraph, weight: Any = None, normalized: bool = True) -> float:
    with networkx_errors():
        return global_reaching(G.plain(), normalized=normalized)


def _by_level(graph: BackendGraph, hops: npt.NDArray[np.int32]) -> dict[Any, int]:
    """Return the nodes that are reached and their distances, the nearest first."""
    order = np.argsort(hops, kind="stable")
    order = order[hops[order] >= 0]
    nodes = graph.nodes
    return dict(zip([nodes[number] for number in order.tolist()], hops[order].tolist(), strict=True))


def _hops(graph: BackendGraph, number: int, cutoff: float | None, direction: str) -> dict[Any, int]:
    if cutoff is not None:
        cutoff = max(0.0, float(np.ceil(cutoff)))  # NetworkX ends with the first level that is not below it
    with networkx_errors():
        hops = shortest_path_lengths(graph.plain(), number, cutoff=cutoff, direction=direction)
    return _by_level(graph, hops.astype(np.int32, copy=False))


@covers(cost="search", times=whole_search)
def single_source_shortest_path_length(G: BackendGraph, source: Any, cutoff: float | None = None) -> dict[Any, int]:
    if source not in G:
        raise nx.NodeNotFound(f"Source {source} is not in G")
    return _hops(G, G.numbers[source], cutoff, "out")


@covers(cost="search", times=whole_search)
def single_target_shortest_path_length(G: BackendGraph, target: Any, cutoff: float | None = None) -> dict[Any, int]:
    if target not in G:
        raise nx.NodeNotFound(f"Target {target} is not in G")
    return _hops(G, G.numbers[target], cutoff, "in")


@covers(cost="search", times=each_node)
def all_pairs_shortest_path_length(
    G: BackendGraph, cutoff: float | None = None
) -> Iterator[tuple[Any, dict[Any, int]]]:
    for number, node in enumerate(G.nodes):
        yield node, _hops(G, number, cutoff, "out")


def _refuses_eccentricity(G: Any, v: Any = None, sp: Any = None, weight: Any = None) -> str | None:
    if sp is not None or weight is not None:
        return "distances given or by weight are not covered"
    return "fewer than all nodes are not covered" if v is not None else None


@covers(cost="search", times=each_node, refuses=_refuses_eccentricity)
def eccentricity(G: BackendGraph, v: Any = None, sp: Any = None, weight: Any = None) -> dict[Any, int]:
    nothing_to_go_by(G)
    with networkx_errors():
        values = our_eccentricity(G.plain()).values
    if not np.isfinite(values).all():
        raise NotImplementedError("NetworkX has its own words for what is not connected")
    return G.by_node(values.astype(np.int64))
