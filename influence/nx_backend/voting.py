"""NetworkX's VoteRank."""

from __future__ import annotations

from typing import Any

from influence.centrality.voterank import voterank as ours
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers, first_nodes

__all__: list[str] = []


def _refuses(G: Any, number_of_nodes: int | None = None) -> str | None:
    return "multigraphs are not covered" if G.is_multigraph() else None


@covers(cost="search", times=first_nodes("number_of_nodes"), refuses=_refuses)
def voterank(G: BackendGraph, number_of_nodes: int | None = None) -> list[Any]:
    if number_of_nodes is not None and number_of_nodes < 0:
        return []
    chosen = ours(G.plain(), k=number_of_nodes)
    return [G.nodes[number] for number in chosen.nodes.tolist()]
