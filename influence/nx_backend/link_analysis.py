"""NetworkX's functions of link analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np

from influence.centrality.hits import hits as our_hits
from influence.centrality.pagerank import pagerank as our_pagerank
from influence.nx_backend.errors import by_number, networkx_errors, nothing_to_go_by
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers

__all__: list[str] = []


@covers(cost="heavy")
def pagerank(
    G: BackendGraph,
    alpha: float = 0.85,
    personalization: Mapping[Any, float] | None = None,
    max_iter: int = 100,
    tol: float = 1.0e-6,
    nstart: Mapping[Any, float] | None = None,
    weight: Any = "weight",
    dangling: Mapping[Any, float] | None = None,
) -> dict[Any, float]:
    if not len(G):
        return {}
    restart = None if personalization is None else by_number(G, personalization)
    if restart is not None and restart.sum() == 0:
        raise ZeroDivisionError
    # NetworkX stops when the L1 change of a round is below n * tol; ours when the bound on the error is.
    tolerance = len(G) * tol * alpha / (1.0 - alpha) if 0.0 < alpha < 1.0 else np.inf
    with networkx_errors():
        found = our_pagerank(
            G.strength(weight),
            alpha=alpha,
            restart=restart,
            dangling=None if dangling is None else by_number(G, dangling),
            start=None if nstart is None else by_number(G, nstart),
            tolerance=tolerance,
            max_iterations=max_iter,
        )
    if not found.converged or max_iter < 1:
        raise nx.PowerIterationFailedConvergence(max_iter)
    return G.by_node(found.values)


def _refuses(
    G: Any,
    max_iter: int = 100,
    tol: float = 1.0e-8,
    nstart: Any = None,
    normalized: bool = True,
    *,
    method: str = "power_iteration",
) -> str | None:
    if method != "power_iteration":
        return "only power iteration is covered"
    if not normalized:
        return "without normalization the scale and the signs are those of NetworkX's solver"
    return "fewer than three nodes" if len(G) < 3 else None


@covers(refuses=_refuses)
def hits(
    G: BackendGraph,
    max_iter: int = 100,
    tol: float = 1.0e-8,
    nstart: Mapping[Any, float] | None = None,
    normalized: bool = True,
    *,
    method: str = "power_iteration",
) -> tuple[dict[Any, float], dict[Any, float]]:
    if not len(G):
        return {}, {}
    if max_iter < 1:
        raise nx.PowerIterationFailedConvergence(max_iter)
    nothing_to_go_by(G, weight="weight")
    with networkx_errors():
        found = our_hits(
            G.strength("weight"),
            start=None if nstart is None else np.abs(by_number(G, nstart)),
            tolerance=min(tol, 1e-10),
            max_iterations=20 * max_iter,  # as many products with the matrix as a restart of NetworkX's solver makes
        )
    return G.by_node(found.hub), G.by_node(found.values)
