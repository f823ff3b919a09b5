"""The object that NetworkX asks: conversions, what can run, what should, and the functions themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import networkx as nx

from influence.nx_backend import (  # noqa: F401 - they register what they cover
    betweenness,
    clustering,
    communities,
    components,
    cores,
    distances,
    holes,
    link_analysis,
    spectral,
    voting,
)
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import COVERED, Answer

__all__ = ["backend"]


class _Interface:
    """NetworkX finds every covered function as an attribute of this."""

    def convert_from_nx(
        self,
        graph: nx.Graph,
        *,
        edge_attrs: Mapping[Any, Any] | None = None,
        node_attrs: Mapping[Any, Any] | None = None,
        preserve_edge_attrs: bool = False,
        preserve_node_attrs: bool = False,
        preserve_graph_attrs: bool = False,
        name: str | None = None,
        graph_name: str | None = None,
    ) -> BackendGraph:
        """Return the graph by numbers; whatever else it has stays with the original, which is kept."""
        return BackendGraph(graph, edge_attrs)

    def convert_to_nx(self, obj: Any, *, name: str | None = None) -> Any:
        """Return the original of a graph, and any other result as it is."""
        return obj.origin if isinstance(obj, BackendGraph) else obj

    def can_run(self, name: str, args: Any, kwargs: Any) -> Answer:
        """Return True, or the reason why the function cannot be had with these arguments."""
        return COVERED[name].can_run(args, kwargs) if name in COVERED else f"{name} is not covered"

    def should_run(self, name: str, args: Any, kwargs: Any) -> Answer:
        """Return True, or the reason why NetworkX is faster."""
        return COVERED[name].should_run(args, kwargs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in COVERED:
            return COVERED[name].function
        raise AttributeError(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *COVERED})


backend = _Interface()
