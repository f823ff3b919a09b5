"""Our errors as those of NetworkX, and what several functions refuse."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

from influence.errors import InfluenceError
from influence.nx_backend.graph import BackendGraph

__all__ = ["by_number", "callable_weight", "networkx_errors", "no_loops", "nothing_to_go_by"]


@contextlib.contextmanager
def networkx_errors() -> Iterator[None]:
    """Leave to NetworkX what our measures refuse: it may know a meaning for it, or has words of its own."""
    try:
        yield
    except InfluenceError as error:
        raise NotImplementedError(str(error)) from error


def by_number(graph: BackendGraph, values: Mapping[Any, Any]) -> npt.NDArray[np.float64]:
    """Return the values of a dict in node order, 0 for a node that it lacks."""
    return np.fromiter((values.get(node, 0) for node in graph.nodes), np.float64, len(graph.nodes))


def callable_weight(weight: Any) -> str | None:
    """Return why a weight cannot be had, or None."""
    return "weights by a function are not covered" if callable(weight) else None


def no_loops(graph: BackendGraph, verb: str) -> None:
    """Raise what NetworkX raises of a graph with self-loops where it wants none."""
    if graph.plain().n_loops:
        raise nx.NetworkXNotImplemented(
            f"Input graph {verb} self loops which is not permitted; "
            "Consider using G.remove_edges_from(nx.selfloop_edges(G))."
        )


def nothing_to_go_by(graph: BackendGraph, *, least: int = 1, weight: Any = None) -> None:
    """Leave to NetworkX a graph with fewer nodes, or whose weights are all 0: it has words of its own there."""
    if len(graph) < least:
        raise NotImplementedError("NetworkX has its own words for so few nodes")
    if weight is not None and not graph.strength(weight).weight.any():
        raise NotImplementedError("NetworkX has its own words for weights that are all 0")
