"""igraph's graphs, and back. igraph is no dependency: it is imported when one of these is called."""

from __future__ import annotations

import importlib
from collections.abc import Hashable, Mapping
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph import Graph
from influence.interop.attributed import AttributedGraph, Parts, node_values

__all__ = ["from_igraph", "to_igraph"]


def _igraph() -> Any:
    try:
        return importlib.import_module("igraph")
    except ImportError as error:
        raise UsageError("igraph is not installed: pip install igraph") from error


def from_igraph(
    graph: Any,
    *,
    weight: str | None = "weight",
    default: float = 1.0,
    merge: str = "sum",
    self_loops: bool = True,
    name: str | None = "name",
    named: bool = True,
) -> AttributedGraph:
    """Return an igraph graph as ours, with everything that :func:`to_igraph` needs to make it again.

    Parameters
    ----------
    graph : igraph.Graph
        Directed or not, as it is; parallel edges are merged in our graph, and kept beside it.
    weight : str, optional
        Attribute of the edges that is their weight; None, or where no edge has it, gives every edge the default.
    default : float
        Weight of an edge whose attribute is None, which in igraph means that it has none.
    merge : {"sum", "max", "min", "count"}
        Weight of parallel edges.
    self_loops : bool
        Keep them in our graph.
    name : str, optional
        Attribute of the vertices that says who they are; without it they are their numbers.
    named : bool
        Whether the ids of the graph are the names as text, and its nodes in the order of these ids. If not, it has no
        ids and its nodes are in igraph's order.

    Raises
    ------
    UsageError
        igraph is not installed, it is no graph of igraph, a weight is no finite number, or two vertices have one name.
    """
    igraph = _igraph()
    if not isinstance(graph, igraph.Graph):
        raise UsageError(f"{type(graph).__name__} is no graph of igraph")
    n, m = graph.vcount(), graph.ecount()
    pairs = np.fromiter(chain.from_iterable(graph.get_edgelist()), np.int32, 2 * m).reshape(-1, 2)
    nodes: list[Hashable] = list(range(n))
    columns = {attribute: graph.vs[attribute] for attribute in graph.vs.attributes()}
    # Names that are the numbers say nothing, and stay what they were: an attribute.
    if name in columns and columns[name] != nodes:
        nodes = columns.pop(name)
        _check_names(nodes, name)
    edge_columns = {attribute: graph.es[attribute] for attribute in graph.es.attributes()}
    edge_data = _rows(edge_columns, m)
    if any(data.get(weight) is not None for data in edge_data):
        for data in edge_data:
            if data.get(weight, 0) is None:  # NetworkX would take it for the weight
                del data[weight]
    return Parts(
        nodes,
        _rows(columns, n),
        np.ascontiguousarray(pairs[:, 0]),
        np.ascontiguousarray(pairs[:, 1]),
        _weights(edge_columns.get(weight) if weight is not None else None, m, weight, default),
        _keys(pairs) if graph.has_multiple() else None,
        edge_data,
        {attribute: graph[attribute] for attribute in graph.attributes()},
        graph.is_directed(),
    ).attributed(named=named, merge=merge, self_loops=self_loops)


def to_igraph(
    graph: Graph | AttributedGraph,
    *,
    weight: str | None = "weight",
    values: Mapping[str, npt.ArrayLike] | None = None,
    name: str = "name",
) -> Any:
    """Return an igraph graph.

    igraph's attributes are columns: what a node or an edge lacks becomes None, and the keys of a NetworkX multigraph
    are left behind.

    Parameters
    ----------
    graph : Graph or AttributedGraph
        The latter comes back with its nodes and edges in their order and all attributes.
    weight : str, optional
        Attribute for the weights of a Graph; None leaves them out.
    values : dict of array_like, each of shape (n_nodes,), optional
        Attributes to give to the vertices, such as ``{"pagerank": pagerank(graph).values}``.
    name : str
        Attribute that says who a vertex is; not made where that is its number.

    Raises
    ------
    UsageError
        igraph is not installed, an attribute is not named by text, one is called as ``name`` says, or the values are
        not one for each node.
    """
    igraph = _igraph()
    ours = graph.graph if isinstance(graph, AttributedGraph) else graph
    n = ours.n_nodes
    found = node_values(values, n)
    nodes: list[Any]
    order: npt.NDArray[Any]
    source: npt.NDArray[Any]
    target: npt.NDArray[Any]
    if isinstance(graph, AttributedGraph):
        order = graph.order
        place = np.argsort(order)
        source, target = place[graph.source], place[graph.target]
        nodes = [graph.nodes[k] for k in order]
        columns = _columns([graph.node_data[k] for k in order], "node")
        edge_columns = _columns(graph.edge_data, "edge")
        data = graph.graph_data
    else:
        order = np.arange(n)
        source, target, weights = ours.edge_sources(), ours.out_targets, ours.weight
        if not ours.directed:
            once = source <= target
            source, target, weights = source[once], target[once], weights[once]
        nodes = list(range(n)) if ours.ids is None else ours.ids.ids().to_list()
        columns, data = {}, {}
        edge_columns = {} if weight is None else {weight: weights.tolist()}
    columns |= {key: [column[k] for k in order] for key, column in found.items()}
    if nodes != list(range(n)):
        if name in columns:
            raise UsageError(f"nodes have an attribute {name!r}: pass another name= for what says who they are")
        columns[name] = nodes
    for key in data:
        if not isinstance(key, str):
            raise UsageError(f"igraph names attributes by text, not {key!r}, which the graph has")
    return igraph.Graph(
        n=n,
        edges=list(zip(source.tolist(), target.tolist(), strict=True)),
        directed=ours.directed,
        graph_attrs=dict(data),
        vertex_attrs=columns,
        edge_attrs=edge_columns,
    )


def _keys(pairs: npt.NDArray[np.int32]) -> list[Hashable]:
    """Return keys that tell parallel edges apart: 0, 1, … as NetworkX gives them."""
    count: dict[tuple[int, int], int] = {}
    keys: list[Hashable] = []
    for pair in map(tuple, pairs.tolist()):
        keys.append(count.get(pair, 0))
        count[pair] = count.get(pair, 0) + 1
    return keys


def _check_names(nodes: list[Any], name: str | None) -> None:
    try:
        seen: dict[Hashable, int] = {}
        for number, node in enumerate(nodes):
            if seen.setdefault(node, number) != number:
                raise UsageError(
                    f"vertices {seen[node]} and {number} have the same {name}, {node!r}; pass name=None to go by number"
                )
    except TypeError as error:
        raise UsageError(f"a {name} of a vertex is not hashable ({error}); pass name=None to go by number") from error


def _weights(column: list[Any] | None, m: int, weight: str | None, default: float) -> npt.NDArray[np.float64] | None:
    if column is None:
        return None if default == 1.0 else np.full(m, float(default))
    try:
        found = np.array([default if value is None else value for value in column], np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{weight} of the edges must be finite numbers ({error}); name another attribute") from error
    if not np.isfinite(found).all():
        edge = int(np.flatnonzero(~np.isfinite(found))[0])
        raise UsageError(f"edge {edge} has {weight}={column[edge]!r}: weights must be finite numbers")
    return found


def _rows(columns: Mapping[str, list[Any]], n: int) -> list[dict[Any, Any]]:
    if not columns:
        return [{} for _ in range(n)]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _columns(rows: list[dict[Any, Any]], what: str) -> dict[str, list[Any]]:
    names = {name: None for row in rows for name in row}  # in the order in which they come
    for name in names:
        if not isinstance(name, str):
            raise UsageError(f"igraph names attributes by text, not {name!r}, which a {what} has")
    return {name: [row.get(name) for row in rows] for name in names}
