"""NetworkX's functions of communities.

Ours draw otherwise than NetworkX's, so the same seed gives other communities. Who gives one wants those it gave before:
such calls are left to NetworkX unless ``nx.config.backends.influence.exact_seeds`` is switched off.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
from networkx.algorithms.community.quality import NotAPartition

from influence.centrality.communities import Communities
from influence.centrality.label_propagation import label_propagation
from influence.centrality.leiden import leiden
from influence.centrality.louvain import louvain
from influence.centrality.modularity import modularity as our_modularity
from influence.nx_backend.errors import networkx_errors
from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.registry import covers

__all__: list[str] = []


def _sets(graph: BackendGraph, found: Communities) -> list[set[Any]]:
    order = np.argsort(found.values, kind="stable")
    groups = np.split(order, np.cumsum(found.sizes)[:-1]) if order.size else []
    return [{graph.nodes[number] for number in group.tolist()} for group in groups]


def _seed(seed: Random | None) -> int:
    return (seed or Random()).getrandbits(32)  # noqa: S311 - no secret


def _refuses(G: Any, *args: Any, **kwargs: Any) -> str | None:
    seed = kwargs.get("seed") or next((given for given in args if isinstance(given, Random)), None)
    # without a seed NetworkX passes the one generator of the whole process
    if isinstance(seed, Random) and seed is not random._inst and nx.config.backends.influence.exact_seeds:
        return "the seed would give other communities; nx.config.backends.influence.exact_seeds = False allows that"
    return None


@covers(cost="heavy", refuses=_refuses)
def louvain_communities(
    G: BackendGraph,
    weight: Any = "weight",
    resolution: float = 1,
    threshold: float = 0.0000001,
    max_level: int | None = None,
    seed: Random | None = None,
) -> list[set[Any]]:
    if max_level is not None and max_level <= 0:
        raise ValueError("max_level argument must be a positive integer or None")
    with networkx_errors():
        found = louvain(
            G.strength(weight),
            resolution=float(resolution),
            threshold=threshold,
            seed=_seed(seed),
            levels=64 if max_level is None else max_level,
        )
    return _sets(G, found)


#: NetworkX before 3.7 has no Leiden of its own, and that of 3.7 raises another quality unless told otherwise.
_LEIDEN = inspect.signature(nx.community.leiden_communities).parameters
_METRIC = _LEIDEN["metric"].default if "metric" in _LEIDEN else "modularity"


def _refuses_leiden(
    G: Any,
    weight: Any = "weight",
    resolution: float = 1,
    max_level: int | None = None,
    seed: Any = None,
    metric: str = _METRIC,
    theta: float = 0.01,
) -> str | None:
    if metric != "modularity":
        return "only metric='modularity' is covered"
    if max_level is not None:
        return "a limit of levels is not covered"
    return _refuses(G, seed=seed) if "metric" in _LEIDEN else None


@covers(cost="heavy", refuses=_refuses_leiden)
def leiden_communities(
    G: BackendGraph,
    weight: Any = "weight",
    resolution: float = 1,
    max_level: int | None = None,
    seed: Random | None = None,
    metric: str = _METRIC,
    theta: float = 0.01,
) -> list[set[Any]]:
    with networkx_errors():
        found = leiden(G.strength(weight), resolution=float(resolution), randomness=theta, seed=_seed(seed))
    return _sets(G, found)


@covers(cost="heavy", refuses=_refuses)
def asyn_lpa_communities(G: BackendGraph, weight: Any = None, seed: Random | None = None) -> Iterator[set[Any]]:
    with networkx_errors():
        found = label_propagation(G.strength(weight), weighted=weight is not None, seed=_seed(seed))
    return iter(_sets(G, found))


@covers()
def modularity(
    G: BackendGraph, communities: Iterable[Iterable[Any]], weight: Any = "weight", resolution: float = 1
) -> float:
    if not isinstance(communities, list):
        communities = list(communities)
    graph = G.strength(weight)
    if not graph.weight.any():
        raise NotImplementedError(
            "NetworkX has its own words for a graph without edges, or with weights that are all 0"
        )
    with networkx_errors():
        return our_modularity(graph, _labels(G, communities), resolution=float(resolution))


def _labels(graph: BackendGraph, communities: list[Any]) -> npt.NDArray[np.int64]:
    """Return the community of each node, or raise what NetworkX raises where it is not exactly one."""
    labels = np.full(len(graph), -1, np.int64)
    for number, community in enumerate(communities):
        for node in community:
            place = graph.numbers.get(node, -1)
            if place < 0 or labels[place] >= 0:
                raise NotAPartition(graph.origin, communities)
            labels[place] = number
    if (labels < 0).any():
        raise NotAPartition(graph.origin, communities)
    return labels
