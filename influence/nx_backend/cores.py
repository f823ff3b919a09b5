"""NetworkX's functions of cores."""

from __future__ import annotations

from typing import Any

from influence.centrality.core_number import core_number as ours
from influence.centrality.onion import onion_layers as our_layers
from influence.nx_backend.errors import no_loops
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers

__all__: list[str] = []


@covers()
def core_number(G: BackendGraph) -> dict[Any, int]:
    no_loops(G, "has")
    return G.by_node(ours(G.plain()).values)


@covers()
def onion_layers(G: BackendGraph) -> dict[Any, int]:
    no_loops(G, "contains")
    layers = our_layers(G.plain()).values
    # NetworkX's own order, layer by layer
    return dict(sorted(G.by_node(layers).items(), key=lambda item: item[1]))
