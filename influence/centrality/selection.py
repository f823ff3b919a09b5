"""Nodes chosen one after another."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph import Graph

if TYPE_CHECKING:
    import polars as pl

    from influence.io import IdIndex

__all__ = ["Selection", "selection_size"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Selection:
    """Nodes in the order in which they were chosen.

    Attributes
    ----------
    name : str
        How they were chosen.
    nodes : ndarray of int32, shape (k,)
    scores : ndarray, shape (k,)
        Of each node at the moment when it was chosen.
    ids : IdIndex or None
        Who the nodes are.
    """

    name: str
    nodes: npt.NDArray[np.int32]
    scores: npt.NDArray[Any]
    ids: IdIndex | None

    def __len__(self) -> int:
        return int(self.nodes.size)

    def to_polars(self) -> pl.DataFrame:
        """Return a table: rank from 1, id, score."""
        import polars as pl

        ids = pl.Series("id", self.nodes.astype(np.int64)) if self.ids is None else self.ids.ids(self.nodes)
        return pl.DataFrame(
            [pl.Series("rank", np.arange(1, self.nodes.size + 1)), ids.alias("id"), pl.Series("score", self.scores)]
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} by {self.name}>\n{self.to_polars()}"

    def _repr_html_(self) -> str:
        return self.to_polars()._repr_html_()


def selection_size(graph: Graph, k: int | None) -> int:
    """Return how many nodes to choose at most.

    Raises
    ------
    UsageError
        ``k`` is negative.
    """
    if k is not None and k < 0:
        raise UsageError(f"k must be 0 or more, or None for all nodes, not {k!r}")
    return graph.n_nodes if k is None else min(int(k), graph.n_nodes)
