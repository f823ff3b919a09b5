"""What a NetworkX graph becomes for the backend: numbers, and the nodes in their order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import networkx as nx
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph import Graph
from influence.interop import number_networkx

__all__ = ["BackendGraph"]


class BackendGraph:
    """A NetworkX graph by numbers.

    Parameters
    ----------
    origin : networkx.Graph
        Kept, for attributes that are asked for later; it must not change while this is in use.
    edge_attrs : Mapping, optional
        Attributes of edges that are to be read, with their defaults.

    Raises
    ------
    NotImplementedError
        An attribute is not a finite number everywhere.
    """

    __networkx_backend__ = "influence"

    def __init__(self, origin: nx.Graph, edge_attrs: Mapping[Any, Any] | None = None) -> None:
        self.origin = origin
        self._graphs: dict[tuple[Any, str], Graph] = {}
        self._defaults = dict(edge_attrs or {})
        for name, default in self._defaults.items():
            self._graphs[name, "sum"] = self._read(name, default, "sum")
            if origin.is_multigraph():
                self._graphs[name, "min"] = self._read(name, default, "min")
        if not self._defaults:
            self._graphs[None, "max"] = self._read(None, 1.0, "max")
        self.nodes: list[Hashable] = list(origin)
        self._numbers: dict[Hashable, int] | None = None

    def _read(self, name: Any, default: Any, merge: str) -> Graph:
        try:
            return number_networkx(self.origin, weight=name, default=default, merge=merge)[0]
        except (UsageError, TypeError, ValueError) as error:
            raise NotImplementedError(str(error)) from error

    def is_directed(self) -> bool:
        """Return whether edges lead one way."""
        return bool(self.origin.is_directed())

    def is_multigraph(self) -> bool:
        """Return whether there may be parallel edges."""
        return bool(self.origin.is_multigraph())

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, node: Any) -> bool:
        return node in self.origin

    def __iter__(self) -> Any:
        return iter(self.nodes)

    @property
    def numbers(self) -> dict[Hashable, int]:
        """The number of each node."""
        if self._numbers is None:
            self._numbers = {node: number for number, node in enumerate(self.nodes)}
        return self._numbers

    def number(self, node: Any) -> int:
        """Return the number of a node, or raise what NetworkX raises."""
        try:
            return self.numbers[node]
        except KeyError:
            raise nx.NodeNotFound(f"Node {node} is not in the graph") from None

    def plain(self) -> Graph:
        """Return the graph with every edge weighing 1."""
        return self._graphs.get((None, "max")) or self._later(None, "max")

    def strength(self, weight: Any) -> Graph:
        """Return the graph with an attribute as the strength of an edge; parallel edges add up.

        Without an attribute each edge weighs 1, and parallel ones as many as they are.
        """
        if weight is None and not self.is_multigraph():
            return self.plain()
        return self._graphs.get((weight, "sum")) or self._later(weight, "sum")

    def length(self, weight: Any) -> Graph:
        """Return the graph with an attribute as the length of an edge; of parallel ones the shortest counts."""
        if weight is None:
            return self.plain()
        merge = "min" if self.is_multigraph() else "sum"
        return self._graphs.get((weight, merge)) or self._later(weight, merge)

    def _later(self, weight: Any, merge: str) -> Graph:
        if list(self.origin) != self.nodes:
            raise RuntimeError("the graph has changed since it was converted")
        self._graphs[weight, merge] = self._read(weight, self._defaults.get(weight, 1.0), merge)
        return self._graphs[weight, merge]

    def by_node(self, values: npt.NDArray[Any], nodes: Iterable[Any] | None = None) -> dict[Any, Any]:
        """Return values in node order as a dict of Python numbers, of all nodes or of some."""
        if nodes is None:
            return dict(zip(self.nodes, values.tolist(), strict=True))
        listed = values.tolist()
        return {node: listed[self.numbers[node]] for node in nodes}
