"""Tables out of a database: people first, then what they did, in pages of lists, two of them under way at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from influence.io.frames import series_of
from influence.io.schema import SCHEMA
from influence.progress import slices
from influence.store.neo4j.connection import Connection, StatementError
from influence.store.neo4j.rows import LOADED
from influence.store.neo4j.statements import statement

if TYPE_CHECKING:
    from influence.store.neo4j.names import Names

__all__ = ["OURS", "native", "read_frames", "read_people"]

#: What the names of our scores begin with.
OURS = "influence_"
_NUMBERS = 20_000  # internal numbers of a page of people
_ROWS = 100_000  # of a page of what people did, more or less
_MOST = 50_000  # people of such a page
_AHEAD = 2
_KINDS = {"number": pl.Float64, "flag": pl.Boolean, "code": pl.Boolean}
_TIME = pl.Datetime("us", "UTC")
_TIMES = ("since", "timestamp", "signup")
_PEOPLE = ("source", "target", "customer")


def read_frames(connection: Connection, names: Names) -> tuple[dict[str, Any], list[str]]:
    """Return every table that the database has something of, and notes; nothing at all where it holds nobody."""
    names.check(connection)
    people = read_people(connection, names)
    if not people.height:
        return {}, []
    properties = set(connection.record(statement("read_names"))["properties"])
    frames: dict[str, Any] = {}
    for role in LOADED:
        if role == "suppress":
            listed = connection.record(names.statement("read_suppress"))["id"]
            frame = pl.DataFrame([series_of("id", listed)]) if listed else None
        else:
            frame = _table(connection, names, role, people, properties)
        if frame is not None and frame.height:
            frames[role] = frame
    note = f"{connection.uri}: a database of {people.height:,} people"
    where = ", ".join(f"{name} = {' or '.join(map(str, values))}" for name, values in names.where.items())
    return frames, [f"{note} ({where})" if where else note]


def read_people(connection: Connection, names: Names) -> pl.DataFrame:
    """Return the internal number (ascending) and the id of everybody who is asked for."""
    bounds = connection.record(names.statement("read_bounds"))
    nodes: list[Any] = []
    ids: list[Any] = []
    if bounds["people"]:
        first, query = bounds["first"], names.statement("read_people")
        ranges = slices(bounds["last"] - first + 1, "reading people", size=_NUMBERS, unit="people")
        asked = ({"first": first + start, "last": first + stop - 1, "where": names.where} for start, stop in ranges)
        for page in _ahead(connection, query, asked):
            nodes += page["nodes"]
            ids += page["ids"]
    return pl.DataFrame([pl.Series("node", nodes, dtype=pl.Int64), series_of("id", ids)]).sort("node")


def native(cell: Any) -> Any:
    """Return a time of the driver as Python's, and anything else as it is."""
    return cell.to_native() if hasattr(cell, "to_native") else cell


def _ahead(connection: Connection, query: str, asked: Iterator[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield the record of each call in turn; the server works on the next while this one is taken apart."""
    under_way: deque[Future[Any]] = deque()
    pool = ThreadPoolExecutor(_AHEAD)
    try:
        for parameters in asked:
            under_way.append(pool.submit(connection.record, query, **parameters))
            if len(under_way) > _AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _table(
    connection: Connection, names: Names, role: str, people: pl.DataFrame, properties: set[str]
) -> pl.DataFrame | None:
    fields = [name for name in names.fields(role) if names.name(role, name) in properties]
    try:
        pages = _pages(connection, names, role, people, fields, dated=True)
    except StatementError:  # some times are no date-times with a zone
        pages = _pages(connection, names, role, people, fields, dated=False)
        return _framed(names, role, pages, people, dated=False)
    return _framed(names, role, pages, people, dated=True)


def _pages(
    connection: Connection, names: Names, role: str, people: pl.DataFrame, fields: list[str], *, dated: bool
) -> list[Any]:
    direct = role == "transactions" and not names.has(role, "of")
    query = names.statement("read_purchases" if direct else f"read_{role}")
    size = _MOST
    if role != "customers":
        ties = connection.record(names.statement("count_ties", role))["ties"]
        if not ties:
            return []
        size = max(100, min(_MOST, _ROWS * people.height // ties))
    nodes = people["node"].to_list()
    parts = slices(len(nodes), f"reading {role}", size=size, unit="people")
    more = {"columns": fields, "dated": dated, "base": _base(nodes)}
    asked = ({"nodes": nodes[start:stop], **more} for start, stop in parts)
    return list(_ahead(connection, query, asked))


def _base(nodes: Sequence[int]) -> int:
    """Return what the number of a tie's start is multiplied with; a database has up to 2³⁵ nodes."""
    return 1 << (35 if nodes[-1] < 1 << 28 else 32)


def _framed(names: Names, role: str, pages: list[Any], people: pl.DataFrame, *, dated: bool) -> pl.DataFrame | None:
    if not pages:
        return None
    if role == "customers":
        return _customers(names, pages, people, dated=dated)
    columns: dict[str, pl.Series] = {}
    if "ends" in pages[0].keys():  # noqa: SIM118 - a record is a tuple, too
        ends = np.fromiter(chain.from_iterable(page["ends"] for page in pages), np.int64)
        numbers = np.divmod(ends, _base([people["node"][-1]]))
        columns = {name: pl.Series(name, part) for name, part in zip(("source", "target"), numbers, strict=True)}
    for field in SCHEMA[role]:
        if any(page.get(field.name) is None for page in pages):
            continue
        cells = list(chain.from_iterable(page[field.name] for page in pages))
        if field.name in _PEOPLE:
            columns[field.name] = pl.Series(field.name, cells, dtype=pl.Int64)
        elif field.name in _TIMES and dated:
            columns[field.name] = pl.Series(field.name, cells, dtype=pl.Int64).cast(_TIME)
        else:
            columns[field.name] = _read(field.name, cells, field.kind)
    frame = pl.DataFrame(list(columns.values()))
    frame = _called(frame, people)
    if names.reversed(role):
        frame = frame.rename({"source": "target", "target": "source"})
    needed = [field.name for field in SCHEMA[role] if field.required]
    return frame.select(name for name in frame.columns if name in needed or frame[name].null_count() < frame.height)


def _read(name: str, cells: list[Any], kind: str) -> pl.Series:
    """Return cells of one kind quickly, and others as they can be read."""
    dtype = _KINDS.get(kind, pl.String if kind != "time" else None)
    if dtype is not None:
        try:
            return pl.Series(name, cells, dtype=dtype, strict=True)
        except (TypeError, pl.exceptions.PolarsError):
            pass
    return series_of(name, [native(cell) for cell in cells])


def _called(frame: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Put ids in the place of internal numbers, and leave out the ties of those who are nobody here."""
    nodes, ids = people["node"].to_numpy(), people["id"]
    ends = [name for name in frame.columns if name in _PEOPLE]
    here = np.ones(frame.height, dtype=bool)
    places = {}
    for name in ends:
        numbers = frame[name].to_numpy()
        places[name] = np.minimum(np.searchsorted(nodes, numbers), len(nodes) - 1)
        here &= nodes[places[name]] == numbers
    frame = frame.with_columns(ids.gather(places[name]).alias(name) for name in ends)
    return frame if here.all() else frame.filter(pl.Series(here))


def _customers(names: Names, pages: list[Any], people: pl.DataFrame, *, dated: bool) -> pl.DataFrame | None:
    rows = list(chain.from_iterable(page["rows"] for page in pages))
    if not rows:
        return None
    key, signup = names.name("people", "id"), names.name("customers", "signup")
    canonical = {field.name for field in SCHEMA["customers"]}
    theirs = {names.name("customers", field): field for field in names.fields("customers")}
    found = pl.DataFrame(rows, infer_schema_length=None)
    columns = []
    for name in found.columns:
        ours = theirs.get(name, name)
        hidden = name in (key, signup, *(canonical - theirs.keys())) or name.startswith(OURS)
        if not hidden and found[name].null_count() < found.height:
            column = found[name]
            if column.dtype == pl.Object or column.dtype.is_nested():
                column = series_of(name, [native(cell) for cell in column.to_list()])
            columns.append(column.alias(ours))
    numbers = pl.Series("customer", list(chain.from_iterable(page["node"] for page in pages)), dtype=pl.Int64)
    joined = list(chain.from_iterable(page["signup"] or [None] * len(page["node"]) for page in pages))
    times = pl.Series("signup", joined, dtype=pl.Int64).cast(_TIME) if dated else _read("signup", joined, "time")
    if times.null_count() < len(times):
        columns.append(times)
    return _called(pl.DataFrame([numbers, *columns]), people).rename({"customer": "id"})
