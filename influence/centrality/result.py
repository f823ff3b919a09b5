"""What a measure returns: one value or several for every node, or for every edge, with the ids at hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from influence.graph import Graph

if TYPE_CHECKING:
    import polars as pl

    from influence.io import IdIndex

__all__ = ["Chosen", "EdgeValues", "NodeValues"]


class _Shown:
    """Shows its table."""

    def to_polars(self) -> pl.DataFrame:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>\n{self.to_polars()}"

    def _repr_html_(self) -> str:
        return self.to_polars()._repr_html_()


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class NodeValues(_Shown):
    """One value of every node.

    Attributes
    ----------
    name : str
        What is measured: the name of the column.
    values : ndarray, shape (n_nodes,)
    ids : IdIndex or None
        Who the nodes are.
    """

    #: Whether the least value comes first, as in places or the numbers of parts.
    rising: ClassVar[bool] = False

    name: str
    values: npt.NDArray[Any]
    ids: IdIndex | None

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """Return everything that is measured of each node by name, in node order; the first ranks."""
        return {self.name: self.values}

    def to_polars(self) -> pl.DataFrame:
        """Return a table: id, then the columns; by the first of them, ties by id, those without a value last."""
        import polars as pl

        ids = pl.Series("id", np.arange(self.values.size)) if self.ids is None else self.ids.ids()
        columns = [pl.Series(name, values, nan_to_null=True) for name, values in self.columns().items()]
        # a stable sort of what is in id order: equal values stay in id order
        return pl.DataFrame([ids, *columns]).sort(
            columns[0].name, descending=not self.rising, nulls_last=True, maintain_order=True
        )


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Chosen(NodeValues):
    """The place of those that were chosen, from 1; NaN for all others.

    Attributes
    ----------
    scores : ndarray of float64, shape (n_nodes,)
        What each was chosen for.
    """

    rising: ClassVar[bool] = True

    scores: npt.NDArray[np.float64]

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """Return place and score."""
        return {self.name: self.values, f"{self.name}_score": self.scores}


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class EdgeValues(_Shown):
    """One value of every edge.

    Attributes
    ----------
    name : str
        What is measured: the name of the column.
    values : ndarray, shape (n_arcs,)
        In the order of the out-rows; the two arcs of an undirected edge have the same.
    graph : Graph
    """

    name: str
    values: npt.NDArray[Any]
    graph: Graph

    def to_polars(self) -> pl.DataFrame:
        """Return a table: source, target, value; by value falling, ties by source and target.

        An undirected edge is listed once, from its lesser node.
        """
        import polars as pl

        graph = self.graph
        source, target = graph.edge_sources(), graph.out_targets
        kept = np.arange(graph.n_arcs) if graph.directed else np.flatnonzero(source <= target)
        order = kept[np.argsort(-self.values[kept], kind="stable")]
        ends = [
            pl.Series(name, nodes[order]) if graph.ids is None else graph.ids.ids(nodes[order]).alias(name)
            for name, nodes in (("source", source), ("target", target))
        ]
        return pl.DataFrame([*ends, pl.Series(self.name, self.values[order])])
