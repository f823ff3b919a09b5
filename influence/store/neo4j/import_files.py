"""Files for ``neo4j-admin database import``, for a first load of very many rows: the graph that a load would make."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import polars as pl

from influence.errors import UsageError
from influence.io import Tables
from influence.progress import slices
from influence.store.disk import sync_folder, told
from influence.store.facts import Appended, StoreInfo
from influence.store.neo4j.rows import LOADED, ids_of, keys_of, people_of, prepared, properties_of, time_of
from influence.store.neo4j.statements import statement
from influence.store.terms import terms

__all__ = ["import_folder", "save_import_files"]

_SCHEME = "neo4j-import:"
SCRIPT = "import.sh"
SCHEMA_FILE = "constraints.cypher"
_BATCH = 250_000
_MOMENT = "%Y-%m-%dT%H:%M:%S%.6f"
_CUT = frozenset("(){}")  # of a header, all between them is cut out
_NODES = {
    "people": "Person",
    "customers": "Person:Customer",
    "items": "Item",
    "topics": "Topic",
    "handles": "Handle",
    "transactions": "Transaction",
    "suppressed": "Suppressed",
    "terms": "InfluenceStore",
}
_TIES = {
    "follows": "FOLLOWS",
    "interacted": "INTERACTED",
    "acted": "ACTED",
    "made": "MADE",
    "of": "OF",
    "has_handle": "HAS_HANDLE",
    "raised": "RAISED",
}
#: Tables whose rows are ties with a key: the file of each, and the nodes at its ends.
_KEYED = {
    "interactions": ("interacted", "Person", "Person"),
    "actions": ("acted", "Person", "Item"),
    "topics": ("raised", "Person", "Topic"),
}
_HEAD = """#!/bin/sh
# Imports the files of this folder into a database that does not exist or is empty, with its server stopped:
#   sh {script} [DATABASE [OPTION...]]
# NEO4J_ADMIN may name another neo4j-admin; --overwrite-destination replaces a database that was made at a first start.
# Then start the server, and run {schema} (cypher-shell -f {schema}); the next influence load does it, too.
set -eu
cd "$(dirname "$0")"
database="${{1:-neo4j}}"
if [ $# -gt 0 ]; then shift; fi
exec "${{NEO4J_ADMIN:-neo4j-admin}}" database import full "$database" \\
"""
_OPTIONS = (
    "--id-type=string",
    "--input-encoding=UTF-8",
    "--trim-strings=false",
    "--ignore-empty-strings=false",  # "" is a text, and nothing is nothing
    "--legacy-style-quoting=false",
    "--bad-tolerance=0",
)


def import_folder(place: str | Path) -> Path | None:
    """Return the folder in ``neo4j-import:FOLDER``, or None for any other place.

    Raises
    ------
    UsageError
        No folder is named.

    Examples
    --------
    >>> import_folder("neo4j-import:files"), import_folder("neo4j://localhost")
    (PosixPath('files'), None)
    """
    scheme, mark, name = str(place).partition(":")
    if scheme + mark != _SCHEME:
        return None
    if not name:
        raise UsageError(f"{place}: name the folder of the files after the colon, as in {_SCHEME}files")
    return Path(name).expanduser()


def save_import_files(tables: Tables, folder: str | Path) -> Appended:
    """Write tables as files for ``neo4j-admin database import full``, with the script that runs it.

    What is imported is what ``Neo4jStore.append`` would have loaded into an empty database. Text is made and written
    a quarter of a million rows at a time.

    Parameters
    ----------
    tables : Tables
    folder : str or Path
        Made when it is whole.

    Raises
    ------
    UsageError
        It is there already, or a column is of a kind that cannot be imported.
    InfluenceError
        The disk cannot be written, or is full.
    """
    folder = Path(folder).expanduser()
    if folder.exists():
        raise UsageError(f"{folder} is there already; files to import are written whole: name another, or delete it")
    with told(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            writer = _Writer(beside)
            counts = _fill(writer, tables)
            writer.close()
            _place(beside, writer)
            sync_folder(beside)
            umask = os.umask(0)
            os.umask(umask)
            beside.chmod(0o777 & ~umask)  # the server may run as somebody else
            beside.rename(folder)
        finally:
            writer.close()
            shutil.rmtree(beside, ignore_errors=True)
        sync_folder(folder.parent)
    rows = {role: frame.height for role, frame in tables.frames(LOADED).items()}
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    people, ties = (
        counts["people"] + counts["customers"],
        sum(counts.get(name, 0) for name in ("follows", "interacted")),
    )
    size = sum(file.stat().st_size for file in folder.iterdir())
    totals = StoreInfo(str(folder), 1, now, now, (), rows, people, ties, size)
    note = f"with the server stopped, import them by: sh {folder / SCRIPT}; then start it and run {SCHEMA_FILE}"
    return Appended(str(folder), 1, rows, (), (), 0, 0, people, ties, totals, (*tables.notes, note))


class _Writer:
    """CSV files that grow by frames, each with the header that its first frame has."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self.counts: dict[str, int] = {}
        self.broken_lines = False

    @property
    def names(self) -> list[str]:
        """The files that were written."""
        return list(self._files)

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Add rows to a file; an empty cell is null, and an empty text is quoted."""
        first = name not in self._files
        if first:
            self._files[name] = (self._folder / f"{name}.csv").open("xb")
        frame.write_csv(self._files[name], include_header=first, quote_style="necessary")
        self.counts[name] = self.counts.get(name, 0) + frame.height
        if not self.broken_lines:
            texts = frame.select(pl.selectors.string().str.contains(r"[\r\n]").any())
            self.broken_lines = any(bool(cell) for row in texts.rows() for cell in row)

    def close(self) -> None:
        """Put all that was written onto the disk."""
        for file in self._files.values():
            if not file.closed:
                file.flush()
                os.fsync(file.fileno())
                file.close()


def _fill(writer: _Writer, tables: Tables) -> Mapping[str, int]:
    frames = tables.frames(LOADED)
    people = pl.DataFrame({"id": people_of(tables)})
    customers = frames.get("customers")
    if customers is not None:
        customers = customers.with_columns(pl.col("id").cast(pl.String)).unique("id", keep="last", maintain_order=True)
        people = people.join(customers.select("id"), on="id", how="anti")
        for part in _parts(customers, "customers"):
            writer.write(
                "customers", part.select(_id("Person"), *_moment("customers", part), *_typed("customers", part))
            )
    for part in _parts(people, "people"):
        writer.write("people", part.select(_id("Person")))
    if "follows" in frames:
        for part in _parts(prepared("follows", frames["follows"]), "follows"):
            ids = _ends(ids_of("follows", part), "Person", "Person")
            writer.write("follows", part.select(*ids, *_moment("follows", part)))
    for role, (name, *ends) in _KEYED.items():
        if role in frames:
            for part in _parts(prepared(role, frames[role]), role):
                more = (*_moment(role, part), *_typed(role, part))
                writer.write(name, part.select(*_ends(ids_of(role, part), *ends), keys_of(role, part), *more))
    if "transactions" in frames:
        _transactions(writer, frames["transactions"])
    _things(writer, frames)
    said = {"id": "terms", **terms(tables, frames)}
    writer.write(
        "terms", pl.DataFrame({"id:ID(InfluenceStore)" if k == "id" else f"{k}:string": v for k, v in said.items()})
    )
    return {"people": 0, "customers": 0, **writer.counts}


def _transactions(writer: _Writer, frame: pl.DataFrame) -> None:
    for part in _parts(prepared("transactions", frame), "transactions"):
        keyed = part.with_columns(keys_of("transactions", part).alias("\x00key"))
        customer, key = pl.col("customer").cast(pl.String), pl.col("\x00key")
        node = key.alias("key:ID(Transaction)")
        typed = _typed("transactions", part)
        writer.write("transactions", keyed.select(node, *_moment("transactions", part), *typed))
        writer.write("made", keyed.select(_ends([customer, key], "Person", "Transaction")))
        if "item" in part.columns:
            sold = keyed.filter(pl.col("item").is_not_null())
            writer.write("of", sold.select(_ends([key, pl.col("item").cast(pl.String)], "Transaction", "Item")))


def _things(writer: _Writer, frames: Mapping[str, pl.DataFrame]) -> None:
    """Write the nodes that tables name and that are nobody."""
    items = [frames[role]["item"] for role in ("actions", "transactions") if "item" in frames.get(role, ())]
    if items:
        named = pl.concat([item.unique().cast(pl.String) for item in items]).drop_nulls().unique().sort()
        writer.write("items", pl.DataFrame({"id:ID(Item)": named}))
    for role, column, name, label in (
        ("topics", "topic", "topics", "Topic"),
        ("suppress", "id", "suppressed", "Suppressed"),
    ):
        if role in frames:
            writer.write(name, pl.DataFrame({f"id:ID({label})": frames[role][column].unique().cast(pl.String).sort()}))
    if "identities" in frames:
        held = frames["identities"].select(ids_of("identities", frames["identities"])).unique(maintain_order=True)
        handles = held.select("channel", "handle").unique(maintain_order=True).with_row_index("code")
        writer.write(
            "handles", handles.select(_code.alias(":ID(Handle)"), _as("channel"), pl.col("handle").alias("id:string"))
        )
        pairs = held.join(handles, on=["channel", "handle"], how="left", maintain_order="left")
        writer.write("has_handle", pairs.select(_ends([pl.col("customer"), _code], "Person", "Handle")))


_code = pl.col("code").cast(pl.String)


def _parts(frame: pl.DataFrame, label: str) -> Iterator[pl.DataFrame]:
    """Yield a frame in parts of rows; a frame without rows is no file."""
    for start, stop in slices(frame.height, f"writing {label}", size=_BATCH, unit="rows"):
        yield frame[start:stop]


def _id(space: str) -> pl.Expr:
    return pl.col("id").alias(f"id:ID({space})")


def _ends(ids: Sequence[pl.Expr], start: str, end: str) -> list[pl.Expr]:
    return [ids[0].alias(f":START_ID({start})"), ids[1].alias(f":END_ID({end})")]


def _as(name: str) -> pl.Expr:
    return pl.col(name).alias(f"{name}:string")


def _moment(role: str, part: pl.DataFrame) -> list[pl.Expr]:
    """Return when something was, if the table says it."""
    name = time_of(role, part)
    return [] if name is None else [pl.col(name).dt.to_string(_MOMENT + "Z").alias(f"{name}:datetime")]


def _typed(role: str, part: pl.DataFrame) -> list[pl.Expr]:
    """Return the columns that become properties, each with its type in its name."""
    schema = part.select(properties_of(role, part)).schema
    found = (_property(role, name, dtype) for name, dtype in schema.items())
    return [typed for typed in found if typed is not None]


def _property(role: str, name: str, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.Null:
        return None
    if not _CUT.isdisjoint(name):
        raise UsageError(
            f"{role}: the column {name!r} would lose what stands in brackets, which neo4j-admin takes for its own; "
            "rename it"
        )
    column = pl.col(name)
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return column.cast(pl.String).alias(f"{name}:string")
    if dtype == pl.Boolean:
        return column.alias(f"{name}:boolean")
    if dtype.is_integer():
        return column.alias(f"{name}:long")
    if dtype.is_float():
        number = column.cast(pl.Float64)
        endless = pl.when(number > 0).then(pl.lit("Infinity")).otherwise(pl.lit("-Infinity"))
        return pl.when(number.is_infinite()).then(endless).otherwise(number.cast(pl.String)).alias(f"{name}:double")
    if dtype == pl.Date:
        return column.dt.to_string("%Y-%m-%d").alias(f"{name}:date")
    if dtype == pl.Datetime:
        zone = getattr(dtype, "time_zone", None)
        text = column.dt.replace_time_zone(None).dt.to_string(_MOMENT)
        return (text + f"[{zone}]").alias(f"{name}:datetime") if zone else text.alias(f"{name}:localdatetime")
    raise UsageError(
        f"{role}: the column {name!r} holds {dtype}, which has no place in files to import; make it text, or leave it "
        "out"
    )


def _place(folder: Path, writer: _Writer) -> None:
    """Write the script that imports the files, and the constraints to make thereafter."""
    options = [*_OPTIONS, *(["--multiline-fields=true"] if writer.broken_lines else [])]
    files = [f"--nodes={_NODES[name]}=./{name}.csv" for name in _NODES if name in writer.names]
    files += [f"--relationships={_TIES[name]}=./{name}.csv" for name in _TIES if name in writer.names]
    lines = [f"  {word} \\" for word in (*options, *files)]
    text = _HEAD.format(script=SCRIPT, schema=SCHEMA_FILE) + "\n".join(lines) + '\n  "$@"\n'
    script = folder / SCRIPT
    script.write_text(text, encoding="utf-8")
    script.chmod(script.stat().st_mode | 0o111)
    (folder / SCHEMA_FILE).write_text(statement("schema") + ";\n", encoding="utf-8")
