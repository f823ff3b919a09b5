"""NetworkX's functions of link analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np

from influence.centrality.pagerank import pagerank as ours
from influence.nx_backend.errors import by_number, networkx_errors
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers

__all__: list[str] = []


@covers()
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
        found = ours(
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
