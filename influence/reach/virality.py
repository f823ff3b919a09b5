"""How things spread in a log: the trees of every cascade, their size, depth and structural virality."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from influence.graph import Graph
from influence.kernels.learning import grow_trees
from influence.reach.log import ActionLog, Exposures

if TYPE_CHECKING:
    import polars as pl

    from influence.io import IdIndex

__all__ = ["Cascades", "cascades"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Cascades:
    """Every cascade of a log, in the order of items, then of time.

    Attributes
    ----------
    starter : ndarray of int32, shape (n_cascades,)
        Who acted first, having followed nobody.
    item : ndarray of int32, shape (n_cascades,)
    begin : ndarray of int64, shape (n_cascades,)
        When.
    size : ndarray of int64, shape (n_cascades,)
        People in it, the starter among them.
    depth : ndarray of int32, shape (n_cascades,)
        Steps from the starter to the furthest.
    virality : ndarray of float64, shape (n_cascades,)
        Mean distance of two people of its tree; 0 where there is one only.
    window : int
    ids : IdIndex or None
        Who the people are.
    """

    starter: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    begin: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]
    depth: npt.NDArray[np.int32]
    virality: Floats
    window: int
    ids: IdIndex | None

    def __len__(self) -> int:
        return int(self.size.size)

    def __repr__(self) -> str:
        spread = int(np.count_nonzero(self.size > 1))
        return (
            f"<{len(self):,} cascades, {spread:,} of more than one person, the largest of {self.size.max(initial=0):,}>"
        )

    def _people(self, nodes: npt.NDArray[np.int32]) -> pl.Series:
        import polars as pl

        return pl.Series("starter", nodes) if self.ids is None else self.ids.ids(nodes).alias("starter")

    def to_polars(self) -> pl.DataFrame:
        """Return a table of the cascades: starter, item, begin, size, depth, virality; the largest first."""
        import polars as pl

        order = np.argsort(-self.size, kind="stable")
        names = ("item", "begin", "size", "depth", "virality")
        return pl.DataFrame(
            [self._people(self.starter[order]), *(pl.Series(name, getattr(self, name)[order]) for name in names)]
        )

    def starters(self) -> pl.DataFrame:
        """Return a table by starter: cascades started, people who followed, and the mean and largest of each measure.

        Whom most people followed stands first, ties by id.
        """
        import polars as pl

        table = pl.DataFrame({"node": self.starter, "size": self.size, "depth": self.depth, "virality": self.virality})
        by = table.group_by("node").agg(
            pl.len().cast(pl.Int64).alias("cascades"),
            (pl.col("size") - 1).sum().alias("followed"),
            (pl.col("size") > 1).sum().cast(pl.Int64).alias("spread"),
            pl.col("size").mean().alias("mean_size"),
            pl.col("size").max().alias("largest"),
            pl.col("depth").max().alias("deepest"),
            pl.col("virality").max().alias("most_viral"),
        )
        by = by.sort(["followed", "node"], descending=[True, False])
        return by.select(self._people(by["node"].to_numpy()), pl.exclude("node"))


def cascades(
    graph: Graph,
    person: npt.ArrayLike,
    item: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    window: int,
    exposures: Exposures | None = None,
) -> Cascades:
    """Return the trees in which each item spread: who started them, how many followed, and how.

    An act follows the latest of the acts on the item by people whom its actor listens to, within the window before; of
    equally late ones that by the highest node number. One that follows nobody starts a cascade. Structural virality is
    the mean distance of all pairs of the tree, ν = Σ_{i≠j} d_ij / (n (n − 1)): about 2 for a broadcast, more for what
    passed from one to the next.

    Parameters
    ----------
    graph : Graph
        Arcs from influencer to listener.
    person, item, time, window
        See :func:`influence.reach.learn.learn_probabilities`.
    exposures : Exposures, optional
        What was found in this log before, so that it need not be found again; the log is then not read.

    References
    ----------
    Goel, Anderson, Hofman and Watts, "The structural virality of online diffusion", Management Science 62 (2016),
    equation 1.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 2], [1, 2, 3])
    >>> found = cascades(g, [0, 1, 2, 3], [0, 0, 0, 0], [1, 2, 3, 4], window=5)
    >>> found.size.tolist(), found.depth.tolist(), found.virality.round(3).tolist()
    ([4], [2], [1.667])
    """
    if exposures is None:
        log = ActionLog.of(person, item, time, n_people=graph.n_nodes)
        exposures = Exposures.of(graph, log, window=window)
    acts, n = exposures.log.acts, exposures.log.n_acts
    parent, root, size = (np.empty(n, np.int64) for _ in range(3))
    depth, distance = np.empty(n, np.int32), np.empty(n)
    grow_trees(exposures.parents, parent, root, depth, size, distance)
    roots = np.flatnonzero(parent < 0)
    deepest = np.zeros(n, np.int32)
    np.maximum.at(deepest, root, depth)
    people = size[roots].astype(np.float64)
    pairs = people * (people - 1.0) / 2.0
    return Cascades(
        starter=acts.actor[roots],
        item=acts.item[roots],
        begin=acts.time[roots],
        size=size[roots],
        depth=deepest[roots],
        virality=np.divide(distance[roots], pairs, out=np.zeros(roots.size), where=pairs > 0),
        window=exposures.window,
        ids=graph.ids,
    )
