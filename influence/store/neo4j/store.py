"""A Neo4j database as a store of all tables."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import polars as pl

from influence.errors import DataError
from influence.io import Tables, tables_from_frames
from influence.io.frames import series_of
from influence.io.schema import SCHEMA
from influence.progress import slices
from influence.store.facts import Appended, StoreInfo
from influence.store.neo4j.connection import Connection
from influence.store.neo4j.rows import LOADED, batch, people_of, prepared, rows_of
from influence.store.neo4j.statements import statement
from influence.store.terms import agreed, terms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SCORES", "Neo4jStore"]

_BATCH = 10_000
_PAGE = 2_000  # people, of whom each has some ten events
_KINDS = {"number": pl.Float64, "flag": pl.Boolean, "time": pl.Int64, "code": None}
_TIME = pl.Datetime("us", "UTC")
_OURS = "influence_"
#: Columns of a ranking that are written back; ``cypher/clear_scores.cypher`` takes the same away.
SCORES = ("rank", "network_value", "low", "high", "p_top", "own_value", "quadrant", "authenticity", "reasons")


class Neo4jStore:
    """All tables in a Neo4j database.

    People are ``(:Person {id})``, those of the customers table ``:Customer`` too; ``FOLLOWS``, ``INTERACTED`` (with a
    type), ``ACTED`` → ``(:Item)``, ``MADE`` → ``(:Transaction)`` → ``OF`` → ``(:Item)``, ``HAS_HANDLE`` →
    ``(:Handle)``, ``RAISED`` → ``(:Topic)``. Each event has a key made of what it says, so that loading it again, by
    whatever file, or after a load that was killed, changes nothing.

    Parameters
    ----------
    connection : Connection
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def append(self, tables: Tables) -> Appended:
        """Add what the database does not have yet; batches of 10,000 rows, each in a transaction."""
        connection = self.connection
        connection.prepare()
        frames = tables.frames(LOADED)
        self._agree(tables, frames)
        people = people_of(tables)
        made = self._load("people", pl.DataFrame({"id": people}))
        added, new_ties = {}, 0
        for role, frame in frames.items():
            new = self._load(role, frame)
            added[role] = frame.height
            new_ties += new
        info = self.info()
        return Appended(connection.uri, 0, added, (), (), 0, 0, made, new_ties, info, tables.notes)

    def info(self) -> StoreInfo:
        """Count what the database holds."""
        found = self.connection.record(statement("count"))
        rows = {role: int(found[role]) for role in LOADED if found[role]}
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        ties = rows.get("follows", 0) + rows.get("interactions", 0)
        return StoreInfo(self.connection.uri, 0, "", now, (), rows, int(found["people"]), ties, 0)

    def tables(self, **reading: Any) -> Tables:
        """Read all tables, in pages of people.

        Raises
        ------
        DataError
            The database holds nobody.
        """
        count = int(self.connection.record(statement("count"))["people"])
        if not count:
            raise DataError(
                f"{self.connection.uri}: holds nobody (:Person); do it with: influence load SOURCE... --into "
                f"{self.connection.uri}"
            )
        frames: dict[str, Any] = {}
        for role in LOADED:
            frame = self._read(role, count)
            if frame is not None and frame.height:
                frames[role] = frame
        tables = tables_from_frames(**frames, **reading)
        note = f"{self.connection.uri}: a database of {count:,} people"
        return dataclasses.replace(tables, notes=(note, *tables.notes))

    def queried(self, queries: Mapping[str, Path], **reading: Any) -> Tables:
        """Read tables by queries of the user, for databases that were not made by us.

        Parameters
        ----------
        queries : dict of str to Path
            A file for each role. Its one statement may only read, and returns columns with the names that a file of
            that role could have, such as ``MATCH (a:User)-[:FRIEND]->(b:User) RETURN a.uid AS source, b.uid AS
            target``.

        Raises
        ------
        DataError
            A file is missing, or its query returns nothing.
        """
        frames: dict[str, Any] = {}
        for role, path in queries.items():
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise DataError(f"{path}: the query cannot be read ({error})") from error
            names, records = self.connection.records(text.strip().rstrip(";"))
            if not records:
                raise DataError(f"{path}: the query returns no rows from {self.connection.uri}")
            columns = zip(names, zip(*records, strict=True), strict=True)
            frames[role] = pl.DataFrame([series_of(name, [_native(cell) for cell in cells]) for name, cells in columns])
        return tables_from_frames(**frames, **reading)

    def write_scores(self, frame: pl.DataFrame, run: str) -> None:
        """Write the scores of a ranking to its people, and clear what an older run left.

        Properties are called ``influence_rank`` and so on; ``influence_run`` is the stamp. A run that is killed leaves
        some people with the new stamp and the others with the old one; the next run clears both.

        Parameters
        ----------
        frame : polars.DataFrame
            Of a ranking.
        run : str
            The stamp of the run.
        """
        columns = [pl.col(name).alias(_OURS + name) for name in SCORES if name in frame.columns]
        scores = frame.select(pl.col("id").cast(pl.String), scores=pl.struct(columns))
        for start, stop in slices(scores.height, "writing scores back", size=_BATCH, unit="people"):
            self.connection.write_rows("write_scores", scores[start:stop].to_dicts(), run=run)
        self.connection.run_alone("clear_scores", run=run)

    def _load(self, role: str, frame: pl.DataFrame) -> int:
        made, ready = 0, prepared(role, frame)
        for start, stop in slices(ready.height, f"loading {role}", size=_BATCH, unit="rows"):
            part = ready[start:stop]
            rows = part if role == "people" else rows_of(role, part)
            made += self.connection.write_rows(f"load_{role}", batch(rows))
        return made

    def _agree(self, tables: Tables, frames: Mapping[str, pl.DataFrame]) -> None:
        said = terms(tables, frames)
        old = self.connection.record(statement("read_terms"))["terms"]
        both = agreed(dict(old or ()), said, self.connection.uri)
        self.connection.write(statement("write_terms"), terms=both)

    def _read(self, role: str, people: int) -> pl.DataFrame | None:
        if role == "suppress":
            return pl.DataFrame({"id": self.connection.record(statement("read_suppress"))["id"]}, {"id": pl.String})
        pages = list(self._pages(role, people))
        if role == "customers":
            return _customers([row for page in pages for row in page["rows"]])
        return _joined(role, pages)

    def _pages(self, role: str, people: int) -> Iterator[Any]:
        query, after = statement(f"read_{role}"), ""
        for start, stop in slices(people, f"reading {role}", size=_PAGE, unit="people"):
            page = self.connection.record(query, after=after, people=stop - start)
            if page["last"] is None:
                return
            after = page["last"]
            yield page


def _native(cell: Any) -> Any:
    """Return a time of the driver as Python's, and anything else as it is."""
    return cell.to_native() if hasattr(cell, "to_native") else cell


def _joined(role: str, pages: list[Any]) -> pl.DataFrame:
    columns = {}
    for field in SCHEMA[role]:
        if not pages or field.name not in pages[0].keys():  # noqa: SIM118 - a record is a tuple, too
            continue
        cells = list(chain.from_iterable(page[field.name] for page in pages))
        values = pl.Series(field.name, cells, dtype=_KINDS.get(field.kind, pl.String))
        if field.kind == "time":
            values = values.cast(_TIME)
        if field.required or values.null_count() < len(values):
            columns[field.name] = values
    return pl.DataFrame(columns)


def _customers(rows: list[dict[str, Any]]) -> pl.DataFrame | None:
    if not rows:
        return None
    frame = pl.DataFrame(rows, infer_schema_length=None)
    frame = frame.drop(name for name in frame.columns if name.startswith(_OURS))
    dated = [name for name, dtype in frame.schema.items() if dtype == pl.Object]  # labels that are dates
    frame = frame.with_columns(series_of(name, [_native(cell) for cell in frame[name]]) for name in dated)
    if "signup" in frame.columns:
        frame = frame.with_columns(pl.col("signup").cast(pl.Int64).cast(_TIME))
    return frame.select(name for name in frame.columns if frame[name].null_count() < frame.height)
