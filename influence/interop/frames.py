"""Frames of edges, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from influence.errors import DataError, UsageError
from influence.graph import Graph
from influence.io import IdIndex
from influence.io.frames import as_frame

__all__ = ["from_polars", "to_polars"]


def from_polars(
    edges: Any,
    *,
    source: str = "source",
    target: str = "target",
    weight: str | None = "weight",
    nodes: Any = None,
    directed: bool = True,
    self_loops: bool = True,
    merge: str = "sum",
) -> Graph:
    """Return the graph of a frame with an edge on each row.

    Parameters
    ----------
    edges : frame
        Of polars or pandas, or anything with ``__arrow_c_stream__``.
    source, target : str
        Columns of ids: text or integers.
    weight : str, optional
        Column of weights. Every edge weighs 1 where it is None, or where the frame has no column "weight".
    nodes : polars.Series, list or array, optional
        Further ids, for nodes without edges.
    directed : bool
        If not, (u, v) and (v, u) are the same edge.
    self_loops : bool
        Keep them.
    merge : {"sum", "max", "min", "count"}
        Weight of parallel edges.

    Raises
    ------
    UsageError
        There is no such column, or it is of a wrong type.
    DataError
        An id or a weight is missing, or a weight is not finite; the row is named, from 0.

    Examples
    --------
    >>> g = from_polars(pl.DataFrame({"source": ["bob", "cy"], "target": ["ann", "ann"], "weight": [2.0, 1.0]}))
    >>> g, g.ids.ids().to_list(), g.weight.tolist()
    (<Graph of 3 nodes and 2 edges>, ['ann', 'bob', 'cy'], [2.0, 1.0])
    """
    frame = as_frame(edges, "edges")
    if weight == "weight" and weight not in frame.columns:
        weight = None
    for name in filter(None, (source, target, weight)):
        if name not in frame.columns:
            raise UsageError(f"the frame has no column {name!r}, but {', '.join(map(repr, frame.columns))}")
    ends = [_ids(frame[name]) for name in (source, target)]
    values = None if weight is None else _weights(frame[weight])
    others = [] if nodes is None else [_ids(nodes if isinstance(nodes, pl.Series) else pl.Series("nodes", nodes))]
    ids = IdIndex.of(*ends, *others)
    return Graph.from_edges(
        ids.codes(ends[0]),
        ids.codes(ends[1]),
        values,
        ids=ids,
        merge=merge,
        self_loops=self_loops,
        directed=directed,
    )


def to_polars(graph: Graph) -> pl.DataFrame:
    """Return a frame of edges: source, target, weight; by source and target.

    Ends are ids, or numbers where the graph has none. An undirected edge stands once, from its lesser node. Nodes
    without edges do not show: give them to :func:`from_polars` as ``nodes=graph.ids.ids()``.

    Examples
    --------
    >>> to_polars(Graph.from_edges([0, 1], [1, 0], directed=False)).rows()
    [(0, 1, 2.0)]
    """
    source, target, weight = graph.edge_sources(), graph.out_targets, graph.weight
    if not graph.directed:
        once = np.flatnonzero(source <= target)
        source, target, weight = source[once], target[once], weight[once]
    ends = [
        pl.Series(name, side) if graph.ids is None else graph.ids.ids(side).alias(name)
        for name, side in (("source", source), ("target", target))
    ]
    return pl.DataFrame([*ends, pl.Series("weight", weight)])


def _ids(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Null and len(column) == 0:
        column = column.cast(pl.String)
    if not (column.dtype.is_integer() or column.dtype in (pl.String, pl.Categorical, pl.Enum)):
        raise UsageError(f"{column.name!r} must hold ids, text or integers, not {column.dtype}")
    if column.null_count():
        raise DataError(f"row {column.is_null().arg_true()[0]} has no {column.name}; leave such rows out")
    return column


def _weights(column: pl.Series) -> Any:
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        raise UsageError(f"{column.name!r} must hold numbers, not {column.dtype}")
    values = column.cast(pl.Float64)
    bad = ~values.is_finite().fill_null(value=False)
    if bad.any():
        row = bad.arg_true()[0]
        raise DataError(f"row {row} has {column.name} {values[row]}: weights must be finite numbers")
    return values.to_numpy()
