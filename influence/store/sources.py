"""What a user names to read from: files, or a store."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from influence.errors import UsageError
from influence.io import Tables, read_tables, tables_from_frames
from influence.io.roles import split_source
from influence.io.sources import sha256
from influence.io.tables import SourceFile
from influence.store.directory import DirectoryStore
from influence.store.graph_files import is_graph_file, read_graph_file
from influence.store.neo4j import Connection, Names, Neo4jStore, is_uri

__all__ = ["SNAPSHOTS", "read_sources"]

#: Tables that are exported whole each time, so that a new file stands for all that was there.
SNAPSHOTS = ("customers", "suppress", "topics")


def read_sources(sources: Sequence[str], **reading: Any) -> Tables:
    """Read the one store, the one graph, or the files that are named.

    Parameters
    ----------
    sources
        A folder that holds a store; the address of a Neo4j server, maybe with ``ROLE=file.cypher``; a file that holds
        a graph (.graphml, .gexf, .gml, .json); each maybe with files of ``SNAPSHOTS`` as ``ROLE=path``, which stand for
        the tables kept there this time; or what :func:`influence.io.read_tables` takes.
    **reading
        How files are read, as :func:`influence.io.read_tables` takes it. What is in a store has been read already.

    Raises
    ------
    UsageError
        A store is named together with something else.
    DataError
        A folder is no store, or a source cannot be read.
    """
    if not any(is_uri(source) or _is_graph(source) or _is_folder(source) for source in sources):
        return read_tables(sources, **reading)
    fresh = [source for source in sources if _is_snapshot(source)]
    stored = _stored([source for source in sources if source not in fresh], **reading)
    if not fresh:
        return stored
    return _instead(stored, read_tables(fresh, **{**reading, "fold_case": stored.options.fold_case}))


def _is_graph(source: str) -> bool:
    return is_graph_file(source) and split_source(source)[0] is None


def _is_snapshot(source: str) -> bool:
    role, path = split_source(source)
    return role in SNAPSHOTS and not path.endswith(".cypher")


def _stored(sources: Sequence[str], **reading: Any) -> Tables:
    """Read the one place that holds tables of every kind."""
    if any(is_uri(source) for source in sources):
        return _one_database(sources, **reading)
    if any(_is_graph(source) for source in sources):
        return _one_graph(sources, **reading)
    folder = next(source for source in sources if _is_folder(source))
    if len(sources) > 1:
        other = next((source for source in sources if source != folder), folder)
        raise UsageError(
            f"{folder} is a folder, and {other} is given beside it; load files into the store first "
            f"(influence load {other} --into {folder}), or name the files in the folder"
        )
    return DirectoryStore(folder).tables()


def _instead(stored: Tables, fresh: Tables) -> Tables:
    """Return what is stored, with whole tables of now instead of those that were loaded once."""
    frames: dict[str, Any] = fresh.frames(SNAPSHOTS)
    if fresh.suppress is not None and stored.suppress is not None:  # who was to be left out once still is
        both = (table.select(pl.col("id").cast(pl.String)) for table in (stored.suppress, fresh.suppress))
        frames["suppress"] = pl.concat(both).unique(maintain_order=True)
    return dataclasses.replace(
        stored,
        **frames,
        files=(*stored.files, *fresh.files),
        notes=(*stored.notes, *fresh.notes),
        bad_rows={**stored.bad_rows, **fresh.bad_rows},
    )


def _one_graph(sources: Sequence[str], **reading: Any) -> Tables:
    """Read the one file that holds all tables as a graph."""
    if len(sources) > 1:
        raise UsageError(f"{sources[0]} and {sources[1]} are given together; a graph's file holds all there is")
    from influence.interop.tables import frames_from_networkx

    path = Path(sources[0]).expanduser()
    frames: dict[str, Any] = dict(frames_from_networkx(read_graph_file(path)))
    tables = tables_from_frames(**frames, **reading)
    rows = sum(frame.height for frame in tables.frames().values())
    return dataclasses.replace(tables, files=(SourceFile(str(sources[0]), "graph", rows, sha256(str(path))),))


def _one_database(sources: Sequence[str], **reading: Any) -> Tables:
    """Read the one database that is named, by the user's own queries if there are any."""
    uri = next(source for source in sources if is_uri(source))
    queries: dict[str, Path] = {}
    for source in (source for source in sources if source != uri):
        role, path = split_source(source)
        if role is None or not path.endswith(".cypher") or role in queries:
            raise UsageError(
                f"{uri} and {source} are given together; beside a database there can be one query for each table, as "
                "ROLE=file.cypher, and files of customers, topics and people to suppress"
            )
        queries[role] = Path(path).expanduser()
    options = reading.get("options")
    names = Names(options.neo4j if options is not None else {})
    with Connection(uri) as connection:
        store = Neo4jStore(connection, names)
        return store.queried(queries, **reading) if queries else store.tables(**reading)


def _is_folder(source: str) -> bool:
    try:
        return Path(source).expanduser().is_dir()
    except (OSError, RuntimeError):  # a name that is too long, or nobody's home
        return False
