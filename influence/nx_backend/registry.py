"""How a function of the backend says what it covers and what it refuses."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import networkx as nx

from influence.nx_backend.graph import BackendGraph

__all__ = ["COVERED", "Covered", "Times", "covers"]

Answer = bool | str
#: How often the edges are gone through, of the graph as it was given and the other arguments by name.
Times = Callable[[Any, Mapping[str, Any]], float]


@dataclasses.dataclass(frozen=True)
class Covered:
    """A function that the backend has.

    Attributes
    ----------
    function : callable
        With NetworkX's signature; the graph is a :class:`BackendGraph`.
    refuses : callable or None
        Of the same arguments, but with the graph as it was given: the reason not to run, or None.
    cost : {"search", "edges", "heavy"}
        What NetworkX does with an edge each time: a step of a search, several, or more, such as its triangles.
    times : callable
        How often it goes through all edges.
    """

    function: Callable[..., Any]
    refuses: Callable[..., str | None] | None
    cost: str
    times: Times

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        """The signature of the function."""
        return inspect.signature(self.function)

    def can_run(self, args: Any, kwargs: Any) -> Answer:
        """Return True, or the reason why not."""
        if self.refuses is None:
            return True
        return self.refuses(*args, **kwargs) or True

    def should_run(self, args: Any, kwargs: Any) -> Answer:
        """Return True, or the reason why it would not pay."""
        given = self.signature.bind(*args, **kwargs).arguments
        graph = next(iter(given.values()))
        if getattr(graph, "__networkx_backend__", "networkx") != "networkx":
            return True
        m = graph.number_of_edges()
        saved = _COST[self.cost] * m * self.times(graph, given)
        if saved < _CALL:
            return f"{m:,} edges are few for this: a call would cost more than it saves"
        if saved < _CALL + m and not _is_converted(graph):
            return f"converting {m:,} edges would cost more than it saves"
        return True


def _is_converted(graph: Any) -> bool:
    kept = (getattr(graph, "__networkx_cache__", None) or {}).get("backends", {}).get("influence", {})
    return bool(nx.config.cache_converted_graphs) and any(isinstance(held, BackendGraph) for held in kept.values())


#: What NetworkX takes for an edge, and what a call of ours takes beside the conversion, in conversions of an edge
#: (0.2 to 1.5 µs). The loading of compiled kernels, once in a process, is left aside.
_COST = {"search": 0.4, "edges": 2.0, "heavy": 4.0}
_CALL = 1_000
COVERED: dict[str, Covered] = {}


def _once(graph: Any, given: Mapping[str, Any]) -> float:
    return 1


def covers(
    *, cost: str = "edges", times: Times = _once, refuses: Callable[..., str | None] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function under its own name."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        COVERED[function.__name__] = Covered(function, refuses, cost, times)
        return function

    return register


def each_node(graph: Any, given: Mapping[str, Any]) -> float:
    """Return the number of nodes, as for a search from each."""
    return len(graph)


def some_nodes(name: str) -> Times:
    """Return the number of those nodes that an argument names: one, several, or None for all."""

    def count(graph: Any, given: Mapping[str, Any]) -> float:
        nodes = given.get(name)
        if nodes is None:
            return len(graph)
        return len(nodes) if hasattr(nodes, "__len__") and not _is_node(graph, nodes) else 1

    return count


def share_of_nodes(name: str) -> Times:
    """Return the part of the nodes that an argument names."""
    count = some_nodes(name)
    return lambda graph, given: count(graph, given) / max(len(graph), 1)


def first_nodes(name: str) -> Times:
    """Return a number of nodes that an argument gives, or that of all."""

    def count(graph: Any, given: Mapping[str, Any]) -> float:
        number = given.get(name)
        return min(number, len(graph)) if isinstance(number, int) else len(graph)

    return count


def whole_search(graph: Any, given: Mapping[str, Any]) -> float:
    """Return 1 for a search that nothing ends early, else 0."""
    return 1 if given.get("cutoff") is None else 0


def _is_node(graph: Any, nodes: Any) -> bool:
    try:
        return nodes in graph
    except TypeError:
        return False
