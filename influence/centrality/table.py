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
    facts = {"nodes": graph.n_nodes, "edges": graph.n_edges, "directed": graph.directed, "measures": facts}
    edges = [result for result in found if isinstance(result, EdgeValues)]
    nodes = [(one, result) for one, result in zip(wanted, found, strict=True) if isinstance(result, NodeValues)]
    whole = {one.text: result for one, result in zip(wanted, found, strict=True) if isinstance(result, float)}
    if edges and nodes:
        raise UsageError("measures of edges and of nodes do not fit into one table; ask for them one by one")
    notes = _notes(graph, wanted)
    if not edges and not nodes:
        frame = pl.DataFrame({"measure": list(whole), "value": list(whole.values())})
        return Measures(frame, facts, notes, ("value",))
    notes = (*notes, *(f"{name} of the whole graph: {value:.6g}" for name, value in whole.items()))
    if edges:
        frame = edges[0].to_polars()
        for other in edges[1:]:
            frame = frame.join(other.to_polars(), on=["source", "target"], how="left", maintain_order="left")
        return Measures(frame, facts, notes, tuple(frame.columns[2:]))
    columns = _named(nodes)
    ids = pl.Series("id", np.arange(graph.n_nodes)) if graph.ids is None else graph.ids.ids()
    # a stable sort of what is in id order: equal values stay in id order
    frame = pl.DataFrame([ids, *columns]).sort(
        columns[0].name, descending=not nodes[0][1].rising, nulls_last=True, maintain_order=True
    )
    return Measures(frame, facts, notes, tuple(column.name for column in columns))


def node_columns(graph: Graph, asked: Sequence[str], *, seed: int = 0) -> tuple[list[pl.Series], dict[str, Any]]:
    """Return what is asked for as columns in node order, and the facts of each measure.

    Raises
    ------
    UsageError
        As for :func:`measure_graph`, or a measure is not one of nodes.
    """
    wanted = [Asked.of(text) for text in asked]
    found, facts = _measured(graph, wanted, {"seed": seed})
    nodes = [(one, result) for one, result in zip(wanted, found, strict=True) if isinstance(result, NodeValues)]
    other = next(
        (one.text for one, result in zip(wanted, found, strict=True) if not isinstance(result, NodeValues)), ""
    )
    if other:
        raise UsageError(f"{other} is no measure of people, so it cannot be a column of theirs")
    return _named(nodes), facts


def _measured(
    graph: Graph, wanted: Sequence[Asked], common: dict[str, Any]
) -> tuple[list[NodeValues | EdgeValues | float], dict[str, Any]]:
    found: list[NodeValues | EdgeValues | float] = []
    facts = {}
    for one in wanted:
        began = time.perf_counter()
        known = one.measure.options()
        options = {name: value for name, value in common.items() if name in known} | dict(one.options)
        result = one.measure(graph, **options)
        found.append(result)
        facts[one.text] = _facts(result) | {"options": options, "seconds": round(time.perf_counter() - began, 3)}
    return found, facts


def _facts(result: NodeValues | EdgeValues | float) -> dict[str, Any]:
    """Return the plain numbers that a result carries beside its values, such as a bound on its error."""
    if isinstance(result, float):
        return {"value": result if np.isfinite(result) else None}
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


def _named(found: Sequence[tuple[Asked, NodeValues]]) -> list[pl.Series]:
    """Return all columns; one whose name is taken gets what was asked for before it."""
    columns: dict[str, pl.Series] = {}
    for one, result in found:
        for name, values in result.columns().items():
            free = name if name not in columns else one.text if len(result.columns()) == 1 else f"{one.text}.{name}"
            if free in columns:
                raise UsageError(f"{one.text} is asked for twice")
            columns[free] = pl.Series(free, values, nan_to_null=True)
    return list(columns.values())
