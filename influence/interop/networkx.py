"""NetworkX graphs, and back."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import chain, compress, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph import Graph
from influence.interop.attributed import AttributedGraph, Parts, node_values

__all__ = ["from_networkx", "number_networkx", "to_networkx"]

Floats = npt.NDArray[np.float64]
_values = operator.methodcaller("values")


def from_networkx(
    graph: Any,
    *,
    weight: str | None = "weight",
    default: float = 1.0,
    merge: str = "sum",
    self_loops: bool = True,
    named: bool = True,
) -> AttributedGraph:
    """Return a NetworkX graph as ours, with everything that :func:`to_networkx` needs to make it again.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
        Directed or not, as it is.
    weight : str, optional
        Attribute of the edges that is their weight; None gives every edge the default.
    default : float
        Weight of an edge without the attribute.
    merge : {"sum", "max", "min", "count"}
        Weight of parallel edges, which our graph merges; the other keeps them.
    self_loops : bool
        Keep them in our graph.
    named : bool
        Whether the ids of the graph are the nodes as text, and its nodes in the order of these ids. If not, it has no
        ids and its nodes are in NetworkX's order.

    Raises
    ------
    UsageError
        It is no NetworkX graph, a weight is no finite number, or two nodes are the same as text.

    Examples
    --------
    >>> import networkx as nx
    >>> linked = from_networkx(nx.DiGraph([("bob", "ann"), ("cy", "ann")]))
    >>> linked.graph
    <Graph of 3 nodes and 2 edges>
    >>> sorted(to_networkx(linked, values={"followers": linked.graph.in_degree}).nodes(data="followers"))
    [('ann', 2), ('bob', 0), ('cy', 0)]
    """
    arcs = _Arcs(graph)
    values = arcs.weights(weight, default)
    return Parts(
        arcs.nodes,
        [dict(data) for _, data in graph.nodes(data=True)],
        *arcs.ends(),
        values,
        arcs.keys(),
        list(map(dict, arcs.data())),
        dict(graph.graph),
        graph.is_directed(),
    ).attributed(named=named, merge=merge, self_loops=self_loops)


def number_networkx(
    graph: Any,
    *,
    weight: str | None = None,
    default: float = 1.0,
    merge: str = "sum",
    self_loops: bool = True,
) -> tuple[Graph, list[Hashable]]:
    """Return a NetworkX graph as ours and its nodes, numbered in NetworkX's order: no ids, no attributes.

    Several times as fast as :func:`from_networkx`, whose parameters it has: nothing but numbers is copied.

    Examples
    --------
    >>> import networkx as nx
    >>> g, nodes = number_networkx(nx.Graph([("b", "a"), ("a", "c")]))
    >>> nodes, g.out_targets.tolist()
    (['b', 'a', 'c'], [1, 0, 2, 1])
    """
    arcs = _Arcs(graph)
    source, target = arcs.ends()
    ours = Graph.from_edges(
        source,
        target,
        arcs.weights(weight, default),
        n_nodes=len(arcs.nodes),
        merge=merge,
        self_loops=self_loops,
        directed=graph.is_directed(),
    )
    return ours, arcs.nodes


def to_networkx(
    graph: Graph | AttributedGraph,
    *,
    weight: str | None = "weight",
    values: Mapping[str, npt.ArrayLike] | None = None,
) -> Any:
    """Return a NetworkX graph: Graph or DiGraph, or the multigraph that it was.

    Parameters
    ----------
    graph : Graph or AttributedGraph
        The latter comes back with its nodes in their order, its parallel edges and all attributes; of the former the
        nodes are the ids, or else the numbers.
    weight : str, optional
        Attribute for the weights of a Graph; None leaves them out.
    values : dict of array_like, each of shape (n_nodes,), optional
        Attributes to give to the nodes, such as ``{"pagerank": pagerank(graph).values}``.

    Raises
    ------
    UsageError
        The values are not one for each node.
    """
    import networkx as nx

    ours = graph.graph if isinstance(graph, AttributedGraph) else graph
    found = node_values(values, ours.n_nodes)
    if isinstance(graph, AttributedGraph):
        kind = (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph)[ours.directed + 2 * (graph.keys is not None)]
        made = kind()
        made.graph.update(graph.graph_data)
        nodes = graph.nodes
        made.add_nodes_from((nodes[k], graph.node_data[k]) for k in graph.order)
        columns: list[Iterable[Any]] = [[nodes[k] for k in ends.tolist()] for ends in (graph.source, graph.target)]
        columns += [graph.edge_data] if graph.keys is None else [graph.keys, graph.edge_data]
        made.add_edges_from(zip(*columns, strict=True))
    else:
        made = nx.DiGraph() if ours.directed else nx.Graph()
        nodes = list(range(ours.n_nodes)) if ours.ids is None else ours.ids.ids().to_list()
        made.add_nodes_from(nodes)
        source, target, weights = ours.edge_sources(), ours.out_targets, ours.weight
        if not ours.directed:
            once = source <= target
            source, target, weights = source[once], target[once], weights[once]
        ends = ([nodes[k] for k in side.tolist()] for side in (source, target))
        if weight is None:
            made.add_edges_from(zip(*ends, strict=True))
        else:
            made.add_weighted_edges_from(zip(*ends, weights.tolist(), strict=True), weight=weight)
    for name, column in found.items():
        for node, value in zip(nodes, column, strict=True):
            made.nodes[node][name] = value
    return made


class _Arcs:
    """The adjacency of a NetworkX graph as columns, without a step of Python for each edge.

    An undirected graph lists each edge from both ends: those from the later node are passed over, which leaves them
    in the order of ``graph.edges``.
    """

    def __init__(self, graph: Any) -> None:
        import networkx as nx

        if not isinstance(graph, nx.Graph):
            raise UsageError(f"{type(graph).__name__} is no NetworkX graph")
        self.nodes: list[Hashable] = list(graph)
        self._rows = [row for _, row in graph.adjacency()]
        self._multigraph = graph.is_multigraph()
        n = len(self.nodes)
        count = np.fromiter(map(len, self._rows), np.int64, n)
        self._source = np.repeat(np.arange(n, dtype=np.int32), count)
        self._target = self._targets(int(count.sum()))
        self._kept = None if graph.is_directed() else self._source <= self._target
        if self._kept is not None:
            self._source, self._target = self._source[self._kept], self._target[self._kept]
        if self._multigraph:
            self._parallel = np.fromiter(map(len, self._cells()), np.int64, self._source.size)

    def _targets(self, m: int) -> npt.NDArray[np.int32]:
        # Equal keys are the same node, so that 1.0 and True are the 1 that fromiter makes of them.
        if self.nodes == list(range(len(self.nodes))):
            try:
                return np.fromiter(chain.from_iterable(self._rows), np.int32, m)
            except (TypeError, ValueError):
                pass  # something else that equals a number
        number = {node: k for k, node in enumerate(self.nodes)}
        return np.fromiter(map(number.__getitem__, chain.from_iterable(self._rows)), np.int32, m)

    def _cells(self) -> Iterator[Any]:
        """Yield what the adjacency holds of each pair: attributes, or in a multigraph those of each key."""
        cells = chain.from_iterable(map(_values, self._rows))
        return cells if self._kept is None else compress(cells, self._kept.tolist())

    def ends(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return the positions of both ends of every edge."""
        if not self._multigraph:
            return self._source, self._target
        return np.repeat(self._source, self._parallel), np.repeat(self._target, self._parallel)

    def data(self) -> Iterator[Mapping[Any, Any]]:
        """Yield the attributes of every edge."""
        return chain.from_iterable(map(_values, self._cells())) if self._multigraph else self._cells()

    def keys(self) -> list[Hashable] | None:
        """Return what tells parallel edges apart."""
        return list(chain.from_iterable(self._cells())) if self._multigraph else None

    def weights(self, weight: str | None, default: float) -> Floats | None:
        """Return the weight of every edge; None where all are 1."""
        m = int(self._parallel.sum()) if self._multigraph else self._source.size
        if weight is None:
            return None if default == 1.0 else np.full(m, float(default))
        try:
            try:
                found = np.fromiter(map(dict.get, self.data(), repeat(weight), repeat(default)), np.float64, m)  # type: ignore[arg-type]
            except TypeError:  # attributes that are no dict, or a weight that is no number
                found = np.fromiter((data.get(weight, default) for data in self.data()), np.float64, m)
        except (TypeError, ValueError, OverflowError):
            found = np.array([_number(data.get(weight, default)) for data in self.data()])
        if not np.isfinite(found).all():
            edge = int(np.flatnonzero(~np.isfinite(found))[0])
            source, target = (self.nodes[side[edge]] for side in self.ends())
            value = next(data.get(weight, default) for k, data in enumerate(self.data()) if k == edge)
            raise UsageError(
                f"the edge {source!r} → {target!r} has {weight}={value!r}: weights must be finite numbers; "
                "name another attribute, or None for none"
            )
        return found


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")
