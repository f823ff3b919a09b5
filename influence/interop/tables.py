"""Tables of a run as one NetworkX graph, and NetworkX graphs as tables."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from influence.errors import DataError, UsageError
from influence.io.frames import series_of
from influence.io.schema import SCHEMA, normal

if TYPE_CHECKING:
    import networkx as nx

    from influence.io import Tables

__all__ = ["frames_from_networkx", "tables_to_networkx"]

KIND = "kind"
_PERSON, _CUSTOMER, _SUPPRESS = "person", "customer", "suppress"
_THINGS = ("item", "topic")
#: Two ends of the edges of each table; the second is a thing for some.
_ENDS: Mapping[str, tuple[str, str]] = {
    "follows": ("source", "target"),
    "interactions": ("source", "target"),
    "actions": ("customer", "item"),
    "transactions": ("customer", "item"),
    "topics": ("customer", "topic"),
    "identities": ("customer", "handle"),
}
_KINDS = {
    **{role: role for role in _ENDS},
    **{role.removesuffix("s"): role for role in _ENDS},
    "identity": "identities",
}
_TYPES = {spelling for field in SCHEMA["interactions"] if field.kind == "type" for spelling in field.spellings}


def frames_from_networkx(graph: nx.Graph) -> dict[str, pl.DataFrame]:
    """Return the tables that a NetworkX graph stands for, as frames by role.

    An edge u → v says that u follows v, or acts towards v. It is of the table that its attribute ``kind`` names
    (``follows``, ``interactions``, ``actions``, ``transactions``, ``topics``, ``identities``); without one it is an
    interaction if it has a type, else a follow. Edges without direction count both ways. Nodes with the kind ``item``
    or ``topic`` are things, all others people; their attributes are the columns of the customers table.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph

    Raises
    ------
    UsageError
        Two nodes are the same as text.
    DataError
        A kind is unknown, or the graph has no edges.

    Examples
    --------
    >>> import networkx as nx
    >>> g = nx.MultiDiGraph([("bob", "ann"), ("cy", "ann")])
    >>> _ = g.add_edge("bob", "ann", type="reply", timestamp="2024-05-01")
    >>> frames = frames_from_networkx(g)
    >>> frames["follows"].rows(), frames["interactions"].rows()
    ([('bob', 'ann'), ('cy', 'ann')], [('bob', 'ann', 'reply', '2024-05-01')])
    """
    names = _names(graph)
    things = {node for node, kind in graph.nodes(data=KIND) if kind in _THINGS}
    rows: dict[str, list[dict[str, Any]]] = {}
    for source, target, attributes in graph.edges(data=True):
        role = _role(source, target, attributes)
        cells = {str(name): value for name, value in attributes.items() if name != KIND}
        first: str
        second: str | None
        first, second = _ENDS[role]
        if role == "transactions" and target not in things:
            second = None
        rows.setdefault(role, []).append(_row(names, first, source, second, target, cells))
        if not graph.is_directed() and source != target and target not in things:
            rows[role].append(_row(names, first, target, second, source, cells))
    if not rows:
        raise DataError("the graph has no edges: there is nobody to rank")
    frames = {role: _frame(rows[role]) for role in SCHEMA if role in rows}
    people = [(names[node], attributes) for node, attributes in graph.nodes(data=True) if node not in things]
    told = any(KIND in attributes for _, attributes in people)
    customers = [
        {"id": name, **{str(key): value for key, value in attributes.items() if key not in (KIND, "id")}}
        for name, attributes in people
        if not told or str(attributes.get(KIND)).casefold() == _CUSTOMER
    ]
    if customers and (told or any(len(row) > 1 for row in customers)):
        frames["customers"] = _frame(customers)
    barred = [{"id": name} for name, attributes in people if told and attributes.get(_SUPPRESS)]
    if barred:
        frames[_SUPPRESS] = _frame(barred)
    return frames


def tables_to_networkx(tables: Tables) -> nx.MultiDiGraph:
    """Return tables as one NetworkX graph, from which :func:`frames_from_networkx` makes the same tables.

    Times are ISO text in UTC, and what is missing is no attribute. Nodes are named by their ids; items and topics by
    ``item:`` or ``topic:`` and theirs.

    Raises
    ------
    DataError
        A person is called like an item or a topic.
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    if tables.customers is not None:
        for cells in _cells(tables.customers):
            graph.add_node(str(cells.pop("id")), **{KIND: _CUSTOMER, **cells})
    for role, (first, second) in _ENDS.items():
        frame: pl.DataFrame | None = getattr(tables, role)
        if frame is None:
            continue
        for cells in _cells(frame):
            source, target = str(cells.pop(first)), cells.pop(second, None)
            graph.add_node(source, **({} if source in graph else {KIND: _PERSON}))
            if second in _THINGS and target is not None:
                target = _thing(graph, second, str(target))
            elif target is None:
                target = source
            else:
                target = str(target)
                graph.add_node(target, **({} if target in graph else {KIND: _PERSON}))
            graph.add_edge(source, target, **{KIND: role, **cells})
    if tables.suppress is not None:
        for id_ in tables.suppress["id"].cast(pl.String).to_list():
            graph.add_node(id_, **({} if id_ in graph else {KIND: _PERSON}), suppress=True)
    return graph


def _thing(graph: nx.MultiDiGraph, kind: str, id_: str) -> str:
    name = f"{kind}:{id_}"
    if name not in graph:
        graph.add_node(name, **{KIND: kind})
    elif graph.nodes[name][KIND] != kind:
        raise DataError(f"a person is called {name!r}, as the {kind} {id_!r} would be in the graph: rename one of them")
    return name


def _cells(frame: pl.DataFrame) -> Iterable[dict[str, Any]]:
    """Return each row without what is missing, its times as text."""
    times = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    text = frame.with_columns(pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ") for name in times)
    for row in text.iter_rows(named=True):
        yield {name: value for name, value in row.items() if value is not None}


def _names(graph: nx.Graph) -> dict[Hashable, str]:
    """Return the id of every node: its text, without the kind of a thing."""
    names: dict[Hashable, str] = {}
    seen: dict[str, Hashable] = {}
    for node, kind in graph.nodes(data=KIND):
        name = str(node)
        if name in seen:
            raise UsageError(f"the nodes {seen[name]!r} and {node!r} are the same id as text: rename one of them")
        seen[name] = node
        names[node] = name.removeprefix(f"{kind}:") if kind in _THINGS else name
    return names


def _role(source: Hashable, target: Hashable, attributes: Mapping[Any, Any]) -> str:
    kind = attributes.get(KIND)
    if kind is None:
        spelled = {normal(str(name)) for name in attributes}
        return "interactions" if spelled & _TYPES else "follows"
    role = _KINDS.get(str(kind).casefold())
    if role is None:
        raise DataError(
            f"the edge {source!r} → {target!r} is of the kind {kind!r}; kinds are {', '.join(_ENDS)}. Take the "
            "attribute away for a follow, or for an interaction that has a type"
        )
    return role


def _row(
    names: Mapping[Hashable, str],
    first: str,
    source: Hashable,
    second: str | None,
    target: Hashable,
    cells: Mapping[str, Any],
) -> dict[str, Any]:
    ends = {first: names[source]} if second is None else {first: names[source], second: names[target]}
    return {**ends, **{name: value for name, value in cells.items() if name not in ends}}


def _frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for name in row:
            columns.setdefault(name, [])
    for name, values in columns.items():
        values.extend(row.get(name) for row in rows)
    return pl.DataFrame([series_of(name, values) for name, values in columns.items()])
