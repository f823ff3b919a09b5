"""A Neo4j database as a store of all tables."""

from __future__ import annotations

import dataclasses
import datetime as dt
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import polars as pl

from influence.errors import DataError
from influence.io import Tables, tables_from_frames
from influence.io.frames import series_of
from influence.progress import slices
from influence.store.facts import Appended, StoreInfo
from influence.store.neo4j.connection import Connection
from influence.store.neo4j.names import Names
from influence.store.neo4j.reading import OURS, native, read_frames, read_people
from influence.store.neo4j.rows import LOADED, batch, people_of, prepared, rows_of
from influence.store.neo4j.statements import statement
from influence.store.terms import agreed, terms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SCORES", "Neo4jStore"]

_BATCH = 10_000
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
    names : Names, optional
        By which it is read and scores are written; what is loaded has our own.
    """

    def __init__(self, connection: Connection, names: Names | None = None) -> None:
        self.connection = connection
        self.names = names or Names()

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
        """Read all tables, by the names that the database has for things.

        Raises
        ------
        DataError
            The database holds nobody, or has no such label, relationship or property.
        """
        uri, names = self.connection.uri, self.names
        frames, notes = read_frames(self.connection, names)
        if not frames:
            step = f"do it with: influence load SOURCE... --into {uri}" if not names.given else "look at [neo4j.people]"
            raise DataError(f"{uri}: holds nobody ({names.filled(':`people.label`')}); {step}")
        tables = tables_from_frames(**frames, **reading)
        return dataclasses.replace(tables, notes=(*notes, *tables.notes))

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
            frames[role] = pl.DataFrame([series_of(name, [native(cell) for cell in cells]) for name, cells in columns])
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
        columns = [pl.col(name).alias(OURS + name) for name in SCORES if name in frame.columns]
        people = read_people(self.connection, self.names)
        found = frame.select(pl.col("id").cast(pl.String).alias("text"), scores=pl.struct(columns))
        rows = found.join(people.with_columns(text=pl.col("id").cast(pl.String)), on="text", maintain_order="left")
        if frame.height and not rows.height:
            raise DataError(
                f"{self.connection.uri}: holds none of the people of this ranking; is it the same database?"
            )
        for start, stop in slices(rows.height, "writing scores back", size=_BATCH, unit="people"):
            part = rows[start:stop].select("node", "id", "scores")
            self.connection.write_rows(self.names.statement("write_scores"), part.to_dicts(), run=run)
        self.connection.run_alone(self.names.statement("clear_scores"), run=run)

    def _load(self, role: str, frame: pl.DataFrame) -> int:
        """Write a table in batches; the next is made ready while the server takes the last."""
        made, ready, query = 0, prepared(role, frame), statement(f"load_{role}")
        with ThreadPoolExecutor(1) as pool:
            taken: Future[int] | None = None
            for start, stop in slices(ready.height, f"loading {role}", size=_BATCH, unit="rows"):
                part = ready[start:stop]
                rows = batch(part if role == "people" else rows_of(role, part))
                made += taken.result() if taken else 0
                taken = pool.submit(self.connection.write_rows, query, rows)
            return made + (taken.result() if taken else 0)

    def _agree(self, tables: Tables, frames: Mapping[str, pl.DataFrame]) -> None:
        said = terms(tables, frames)
        old = self.connection.record(statement("read_terms"))["terms"]
        both = agreed(dict(old or ()), said, self.connection.uri)
        self.connection.write(statement("write_terms"), terms=both)
