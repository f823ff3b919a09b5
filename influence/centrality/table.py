"""Several measures of one graph as one table."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from influence.centrality.measures import Asked
from influence.centrality.result import EdgeValues, NodeValues
from influence.errors import UsageError
from influence.graph import Graph
from influence.results import TableResult

__all__ = ["Measures", "measure_graph", "node_columns"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Measures(TableResult):
    """Nodes or edges and what was measured of them, by the first measure falling, ties by id.

    Attributes
    ----------
    columns : tuple of str
        What was measured.
    """

    columns: tuple[str, ...]


def measure_graph(graph: Graph, asked: Sequence[str], *, seed: int = 0, **common: Any) -> Measures:
    """Measure a graph in every way that is asked for.

    Parameters
    ----------
    asked : sequence of str
        ``NAME`` or ``NAME:option=value,option=value``.
    seed : int
        For measures that draw and were not given a seed of their own.
    **common
        Options such as ``weighted`` or ``distance``, for every measure that has them and was not given its own.

    Raises
    ------
    UsageError
        There is no such measure or option, it cannot be had of this graph, or measures of nodes and of edges are
        asked for together.
    """
    if not asked:
        raise UsageError("name a measure, such as pagerank")
    wanted = [Asked.of(text) for text in asked]
    found, facts = _measured(graph, wanted, {**common, "seed": seed})
    edges = [result for result in found if isinstance(result, EdgeValues)]
    notes = _notes(graph, wanted)
    facts = {"nodes": graph.n_nodes, "edges": graph.n_edges, "directed": graph.directed, "measures": facts}
    if not edges:
        columns = _named(wanted, [result for result in found if isinstance(result, NodeValues)])
        ids = pl.Series("id", np.arange(graph.n_nodes)) if graph.ids is None else graph.ids.ids()
        frame = pl.DataFrame([ids, *columns])
        return Measures(_sorted(frame, columns[0].name), facts, notes, tuple(column.name for column in columns))
    if len(edges) < len(found):
        raise UsageError("measures of edges and of nodes do not fit into one table; ask for them one by one")
    frame = edges[0].to_polars()
    for other in edges[1:]:
        frame = frame.join(other.to_polars(), on=["source", "target"], how="left", maintain_order="left")
    return Measures(frame, facts, notes, tuple(frame.columns[2:]))


def node_columns(graph: Graph, asked: Sequence[str], *, seed: int = 0) -> tuple[list[pl.Series], dict[str, Any]]:
    """Return what is asked for as columns in node order, and the facts of each measure.

    Raises
    ------
    UsageError
        As for :func:`measure_graph`, or a measure is one of edges.
    """
    wanted = [Asked.of(text) for text in asked]
    found, facts = _measured(graph, wanted, {"seed": seed})
    nodes = [result for result in found if isinstance(result, NodeValues)]
    if len(nodes) < len(found):
        raise UsageError("a measure of edges cannot be a column of people")
    return _named(wanted, nodes), facts


def _measured(
    graph: Graph, wanted: Sequence[Asked], common: dict[str, Any]
) -> tuple[list[NodeValues | EdgeValues], dict[str, Any]]:
    found, facts = [], {}
    for one in wanted:
        began = time.perf_counter()
        known = one.measure.options()
        options = {name: value for name, value in common.items() if name in known} | dict(one.options)
        result = one.measure(graph, **options)
        found.append(result)
        facts[one.text] = _facts(result) | {"options": options, "seconds": round(time.perf_counter() - began, 3)}
    return found, facts


def _facts(result: NodeValues | EdgeValues) -> dict[str, Any]:
    """Return the plain numbers that a result carries beside its values, such as a bound on its error."""
    fields = ((field.name, getattr(result, field.name)) for field in dataclasses.fields(result) if field.name != "name")
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in fields}
    return {
        name: value
        for name, value in plain.items()
        if isinstance(value, (bool, int, str)) or (isinstance(value, float) and np.isfinite(value))
    }


def _notes(graph: Graph, wanted: Sequence[Asked]) -> tuple[str, ...]:
    names = [one.measure.name for one in wanted if one.measure.undirected]
    if not graph.directed or not names:
        return ()
    return (f"{', '.join(names)}: measured without directions",)


def _named(wanted: Sequence[Asked], found: Sequence[NodeValues]) -> list[pl.Series]:
    """Return all columns; one whose name is taken gets what was asked for before it."""
    columns: dict[str, pl.Series] = {}
    for one, result in zip(wanted, found, strict=True):
        for name, values in result.columns().items():
            free = name if name not in columns else one.text if len(result.columns()) == 1 else f"{one.text}.{name}"
            if free in columns:
                raise UsageError(f"{one.text} is asked for twice")
            column = pl.Series(free, values)
            columns[free] = column.fill_nan(None) if column.dtype.is_float() else column
    return list(columns.values())


def _sorted(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    # stable: equal values stay in id order
    return frame.sort(column, descending=True, nulls_last=True, maintain_order=True)
