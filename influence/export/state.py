"""What was last written to each CRM: one SQLite file, which a killed run leaves as it was or as it was to be."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from influence.errors import DataError, InfluenceError, UsageError
from influence.export.changes import Plan

__all__ = ["STATE_NAME", "State"]

STATE_NAME = "state.sqlite"

_CHUNK = 100_000
_MARK = 0x1F1E  # application_id: that the file is ours

#: One step each from the version before; the first makes the tables.
_MIGRATIONS = (
    """
    CREATE TABLE written (
        target TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, watched TEXT NOT NULL,
        PRIMARY KEY (target, key)
    ) WITHOUT ROWID;
    CREATE TABLE pending (
        target TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, hash TEXT, watched TEXT, error TEXT,
        PRIMARY KEY (target, key)
    ) WITHOUT ROWID;
    CREATE TABLE jobs (target TEXT NOT NULL, job TEXT NOT NULL, PRIMARY KEY (target, job));
    CREATE TABLE targets (target TEXT PRIMARY KEY, delivery INTEGER NOT NULL, account TEXT);
    """,
)


class State:
    """The state of all targets, in one file that the first write makes.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    DataError
        The file is something else, is damaged, or a newer version wrote it.
    InfluenceError
        It cannot be opened, or another run holds it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with self._told():
            self._base = sqlite3.connect(self.path, timeout=10.0, isolation_level=None)
            self._base.execute("PRAGMA secure_delete = ON")  # who was erased must not be found in free pages
            self._base.execute("PRAGMA synchronous = FULL")
            self._migrate()

    def __enter__(self) -> State:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise InfluenceError(
                f"{self.path}: the state of earlier exports cannot be used ({error}); another run may hold it, or the "
                "folder cannot be written"
            ) from error
        except sqlite3.DatabaseError as error:
            raise DataError(
                f"{self.path}: is no state of earlier exports, or is damaged ({error}); restore it, or move it away: "
                "the next export then writes everything once more, which changes nothing that is there already"
            ) from error

    def _migrate(self) -> None:
        with self._writing():
            version = int(self._base.execute("PRAGMA user_version").fetchone()[0])
            mark = int(self._base.execute("PRAGMA application_id").fetchone()[0])
            tables = self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if mark != _MARK and tables:
                raise sqlite3.DatabaseError("another program's database")
            if version > len(_MIGRATIONS):
                raise DataError(
                    f"{self.path}: written by a newer version (state {version}, this one knows {len(_MIGRATIONS)}); "
                    "update influence"
                )
            if version == len(_MIGRATIONS):
                return
            for step in _MIGRATIONS[version:]:
                for statement in step.split(";"):
                    self._base.execute(statement)
            self._base.execute(f"PRAGMA application_id = {_MARK}")
            self._base.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Do all of a block, or none of it."""
        with self._told():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")

    def _frame(self, query: str, target: str, columns: Iterable[str]) -> pl.DataFrame:
        schema = dict.fromkeys(columns, pl.String)
        with self._told():
            cursor = self._base.execute(query, (target,))
            parts = [pl.DataFrame(schema=schema)]
            while rows := cursor.fetchmany(_CHUNK):
                parts.append(pl.DataFrame(rows, schema=schema, orient="row"))
        return pl.concat(parts)

    def written(self, target: str) -> pl.DataFrame:
        """Return ``key``, ``id``, ``hash`` and ``watched`` of what a target is known to hold."""
        query = "SELECT key, id, hash, watched FROM written WHERE target = ? ORDER BY key"
        return self._frame(query, target, ("key", "id", "hash", "watched"))

    def unanswered(self, target: str) -> pl.DataFrame:
        """Return ``key``, ``id`` and ``error`` of what was begun to be sent and is not known to have arrived."""
        query = "SELECT key, id, error FROM pending WHERE target = ? ORDER BY key"
        return self._frame(query, target, ("key", "id", "error"))

    def delivery(self, target: str) -> int:
        """Return the number of the last delivery that was finished, 0 if there was none."""
        with self._told():
            row = self._base.execute("SELECT delivery FROM targets WHERE target = ?", (target,)).fetchone()
        return int(row[0]) if row else 0

    def check_account(self, target: str, account: str) -> None:
        """Remember whose CRM a target is.

        Raises
        ------
        UsageError
            It was another's before: what was sent there is not here.
        """
        with self._writing():
            row = self._base.execute("SELECT account FROM targets WHERE target = ?", (target,)).fetchone()
            if row and row[0] not in (None, account):
                raise UsageError(
                    f"{self.path}: tells what was sent to the account {row[0]}, and this is {account}; "
                    "give another folder with --out"
                )
            self._base.execute(
                "INSERT INTO targets VALUES (?, 0, ?) ON CONFLICT (target) DO UPDATE SET account = excluded.account",
                (target, account),
            )

    def begin(self, target: str, plan: Plan, watched: pl.Series) -> None:
        """Remember what is about to be written, before any of it is."""
        with self._writing():
            self._pend(target, plan, watched)

    def _pend(self, target: str, plan: Plan, watched: pl.Series) -> None:
        self._base.executemany(
            "INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?, NULL)", _rows(target, plan, watched)
        )
        self._base.executemany(
            "INSERT OR REPLACE INTO pending VALUES (?, ?, ?, NULL, NULL, NULL)",
            ((target, *row) for row in zip(plan.clear["_key"], plan.clear["_id"], strict=True)),
        )

    def answer(
        self, target: str, accepted: Iterable[str], failed: Mapping[str, str] | None = None, job: str | None = None
    ) -> None:
        """Remember what arrived and what was refused, by key, and that a job is done with."""
        with self._writing():
            self._base.execute("CREATE TEMP TABLE IF NOT EXISTS arrived (key TEXT PRIMARY KEY)")
            self._base.execute("DELETE FROM arrived")
            self._base.executemany("INSERT OR IGNORE INTO arrived VALUES (?)", ((key,) for key in accepted))
            self._settle(target)
            self._base.executemany(
                "UPDATE pending SET error = ? WHERE target = ? AND key = ?",
                ((error, target, key) for key, error in (failed or {}).items()),
            )
            if job is not None:
                self._base.execute("DELETE FROM jobs WHERE target = ? AND job = ?", (target, job))

    def _settle(self, target: str) -> None:
        """Move what arrived from what is pending to what is written, or out of it."""
        arrived = "target = ? AND key IN (SELECT key FROM arrived)"
        self._base.execute(
            "INSERT OR REPLACE INTO written SELECT target, key, id, hash, watched FROM pending "  # noqa: S608
            f"WHERE hash IS NOT NULL AND {arrived}",
            (target,),
        )
        self._base.execute(
            "DELETE FROM written WHERE target = ? AND key IN "  # noqa: S608
            f"(SELECT key FROM pending WHERE hash IS NULL AND {arrived})",
            (target, target),
        )
        self._base.execute(f"DELETE FROM pending WHERE {arrived}", (target,))  # noqa: S608

    def finish(self, target: str) -> None:
        """End a delivery: the next one gets the next number."""
        with self._writing():
            self._count(target)

    def _count(self, target: str) -> None:
        self._base.execute(
            "INSERT INTO targets VALUES (?, 1, NULL) ON CONFLICT (target) DO UPDATE SET delivery = delivery + 1",
            (target,),
        )

    def deliver(self, target: str, plan: Plan, watched: pl.Series) -> None:
        """Remember that all of a plan was written, and end the delivery, at once."""
        with self._writing():
            self._base.executemany(
                "INSERT OR REPLACE INTO written VALUES (?, ?, ?, ?, ?)", _rows(target, plan, watched)
            )
            self._base.executemany(
                "DELETE FROM written WHERE target = ? AND key = ?", ((target, key) for key in plan.clear["_key"])
            )
            self._count(target)

    def add_job(self, target: str, job: str) -> None:
        """Remember a job of the CRM whose results are to be read, should this run not live to read them."""
        with self._writing():
            self._base.execute("INSERT OR IGNORE INTO jobs VALUES (?, ?)", (target, job))

    def jobs(self, target: str) -> list[str]:
        """Return the jobs whose results were not read."""
        with self._told():
            rows = self._base.execute("SELECT job FROM jobs WHERE target = ? ORDER BY rowid", (target,)).fetchall()
        return [row[0] for row in rows]


def _rows(target: str, plan: Plan, watched: pl.Series) -> Iterator[tuple[str, ...]]:
    rows = zip(plan.write["_key"], plan.write["_id"], plan.write["_hash"], watched, strict=True)
    return ((target, *row) for row in rows)
