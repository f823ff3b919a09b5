"""NetworkX's functions of Katz and eigenvector centrality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np

from influence.centrality.eigenvector import eigenvector
from influence.centrality.katz import katz
from influence.nx_backend.errors import by_number, networkx_errors, nothing_to_go_by
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers

__all__: list[str] = []

_ROUNDS = 10_000  # ours may need more than NetworkX allows itself, as they go on to a certified error
_EXACT = 1e-12


@covers(cost="heavy")
def katz_centrality(
    G: BackendGraph,
    alpha: float = 0.1,
    beta: Any = 1.0,
    max_iter: int = 1000,
    tol: float = 1.0e-6,
    nstart: Mapping[Any, float] | None = None,
    normalized: bool = True,
    weight: Any = None,
) -> dict[Any, float]:
    if not len(G):
        return {}
    if max_iter < 1:
        raise nx.PowerIterationFailedConvergence(max_iter)
    own = _own(G, beta)
    alpha = _real(alpha)
    with networkx_errors():
        found = katz(
            G.strength(weight),
            alpha=alpha,
            beta=own,
            normalized=normalized,
            weighted=weight is not None,
            start=None if nstart is None else by_number(G, nstart),
            tolerance=min(tol, 1e-9),
            max_iterations=_ROUNDS,
        )
    if not found.converged or not np.isfinite(found.values).all():
        raise NotImplementedError("no certified solution")
    return G.by_node(found.values)


@covers(cost="heavy")
def katz_centrality_numpy(
    G: BackendGraph, alpha: float = 0.1, beta: Any = 1.0, normalized: bool = True, weight: Any = None
) -> dict[Any, float]:
    if not len(G):
        return {}
    nothing_to_go_by(G, least=2)
    own = _own(G, beta)
    alpha = _real(alpha)
    with networkx_errors():
        found = katz(
            G.strength(weight),
            alpha=alpha,
            beta=own,
            normalized=normalized,
            weighted=weight is not None,
            tolerance=_EXACT,
            max_iterations=_ROUNDS,
        )
    if not found.converged or not np.isfinite(found.values).all():
        raise NotImplementedError("no certified solution")
    return G.by_node(found.values)


def _real(alpha: Any) -> float:
    if np.iscomplexobj(alpha):
        if np.imag(alpha):
            raise NotImplementedError("complex numbers are not covered")
        alpha = np.real(alpha)
    return float(alpha)


def _own(graph: BackendGraph, beta: Any) -> Any:
    """Return β as a number or in node order, or raise what NetworkX raises."""
    if np.iscomplexobj(beta):
        raise NotImplementedError("complex numbers are not covered")
    try:
        return float(beta)
    except (TypeError, ValueError, AttributeError) as error:
        if set(beta) != set(graph.nodes):
            raise nx.NetworkXError("beta dictionary must have a value for every node") from error
        return by_number(graph, beta)


@covers(cost="heavy")
def eigenvector_centrality(
    G: BackendGraph,
    max_iter: int = 100,
    tol: float = 1.0e-6,
    nstart: Mapping[Any, float] | None = None,
    weight: Any = None,
) -> dict[Any, float]:
    if not len(G):
        raise nx.NetworkXPointlessConcept("cannot compute centrality for the null graph")
    if max_iter < 1:
        raise nx.PowerIterationFailedConvergence(max_iter)
    if nstart is not None and all(value == 0 for value in nstart.values()):
        raise nx.NetworkXError("initial vector cannot have all zero values")
    with networkx_errors():
        found = eigenvector(
            G.strength(weight),
            weighted=weight is not None,
            start=None if nstart is None else by_number(G, nstart),
            tolerance=min(tol, 1e-9),
            max_iterations=_ROUNDS,
        )
    return G.by_node(found.values)
