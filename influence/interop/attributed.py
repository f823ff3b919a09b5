"""A graph with what it does not hold itself: its nodes as another library names them, and all attributes."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import UsageError
from influence.graph import Graph
from influence.io import IdIndex

__all__ = ["AttributedGraph", "Parts", "id_index", "node_values"]

Data = dict[Any, Any]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class AttributedGraph:
    """A graph, its nodes as another library names them, and the attributes of nodes, edges and graph.

    The graph has merged parallel edges; here every edge stands as it was given.

    Attributes
    ----------
    graph : Graph
    nodes : list of hashable, length n_nodes
        Who node k of the graph is.
    order : ndarray of int32, shape (n_nodes,)
        Nodes of the graph in the other library's order.
    node_data : list of dict, length n_nodes
        Attributes of node k.
    source, target : ndarray of int32, shape (m,)
        Ends of each edge, as nodes of the graph, in the other library's order.
    keys : list of hashable or None, length m
        What tells parallel edges apart in a multigraph; None where the other graph was none.
    edge_data : list of dict, length m
    graph_data : dict

    Examples
    --------
    >>> import networkx as nx
    >>> from influence.interop import from_networkx
    >>> linked = from_networkx(nx.Graph([("bob", "ann", {"weight": 2.0})]))
    >>> linked.nodes, linked.graph.weight.tolist(), linked.edge_data
    (['ann', 'bob'], [2.0, 2.0], [{'weight': 2.0}])
    """

    graph: Graph
    nodes: list[Hashable]
    order: npt.NDArray[np.int32]
    node_data: list[Data]
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    keys: list[Hashable] | None
    edge_data: list[Data]
    graph_data: Data

    def __repr__(self) -> str:
        node, edge = ({name for data in held for name in data} for held in (self.node_data, self.edge_data))
        return f"<{self.graph!r} with {len(node)} attributes of nodes and {len(edge)} of edges>"

    def index(self) -> dict[Hashable, int]:
        """Return the node of the graph that each node of the other library became."""
        return {node: number for number, node in enumerate(self.nodes)}


@dataclasses.dataclass(frozen=True)
class Parts:
    """What another library's graph consists of, in its own order; edges by positions among its nodes."""

    nodes: list[Hashable]
    node_data: list[Data]
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    values: npt.NDArray[np.float64] | None
    keys: list[Hashable] | None
    edge_data: list[Data]
    graph_data: Data
    directed: bool

    def attributed(self, *, named: bool, merge: str, self_loops: bool) -> AttributedGraph:
        """Return the graph with all of it, its nodes in id order if they are to be its ids."""
        n = len(self.nodes)
        ids, order = None, np.arange(n, dtype=np.int32)
        nodes, node_data, source, target = self.nodes, self.node_data, self.source, self.target
        if named:
            ids, order = id_index(self.nodes)
            place = np.argsort(order)
            nodes, node_data = [nodes[p] for p in place], [node_data[p] for p in place]
            source, target = order[source], order[target]
        graph = Graph.from_edges(
            source,
            target,
            self.values,
            n_nodes=n,
            ids=ids,
            merge=merge,
            self_loops=self_loops,
            directed=self.directed,
        )
        for array in (order, source, target):
            array.setflags(write=False)
        return AttributedGraph(
            graph, nodes, order, node_data, source, target, self.keys, self.edge_data, self.graph_data
        )


def id_index(nodes: Sequence[Hashable]) -> tuple[IdIndex, npt.NDArray[np.int32]]:
    """Return an index of nodes by their text, and the code of each.

    Raises
    ------
    UsageError
        Two nodes have the same text, or one has none that UTF-8 can hold.
    """
    column = None
    if nodes and all(type(node) is int for node in nodes):
        with contextlib.suppress(OverflowError):  # wider than any integer of a frame: text
            column = pl.Series(np.array(nodes, np.int64))
    if column is None:
        texts = [str(node) for node in nodes]
        for node, text in zip(nodes, texts, strict=True):
            try:
                text.encode()
            except UnicodeEncodeError:
                raise UsageError(f"the node {node!r} is no valid text; pass named=False, or rename it") from None
        column = pl.Series(texts, dtype=pl.String)
    ids = IdIndex.of(column)
    codes = ids.codes(column)
    if len(ids) < len(nodes):
        first: dict[int, Hashable] = {}
        for node, code in zip(nodes, codes.tolist(), strict=True):
            if code in first:
                raise UsageError(
                    f"the nodes {first[code]!r} and {node!r} are the same as text, and ids are text; pass named=False "
                    "for a graph without ids, or rename one"
                )
            first[code] = node
    return ids, codes


def node_values(values: Mapping[str, npt.ArrayLike] | None, n: int) -> dict[str, list[Any]]:
    """Return values to attach to nodes as Python's own numbers.

    Raises
    ------
    UsageError
        There is not one for every node.
    """
    found = {}
    for name, given in (values or {}).items():
        array = np.asarray(given)
        if array.shape != (n,):
            raise UsageError(f"values of {name!r} have shape {array.shape}: there must be one for each of {n:,} nodes")
        found[name] = array.tolist()
    return found
