"""The verbs of sources and stores: load, check, and write back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from influence.api.inputs import tables_of
from influence.api.stages import Stages
from influence.config import Settings
from influence.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from influence.evaluate.outlook import Check
    from influence.io import ReadOptions
    from influence.score import Ranking
    from influence.store import Appended

__all__ = ["check", "load", "write_back"]


def load(
    *sources: Any,
    into: str | Path,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    time_unit: str | None = None,
    lock_timeout: float = 10.0,
    stages: Stages | None = None,
    **frames: Any,
) -> Appended:
    """Add files or frames to a store, which is made if it is not there.

    What was loaded before is skipped: files by their content, interactions by their id. A customer who was loaded
    before is replaced.

    Parameters
    ----------
    *sources, settings, time_unit, stages, **frames
        As for :func:`rank`.
    options : ReadOptions, optional
        How files are read.
    into : str or Path
        The folder of the store; or the address of a Neo4j server; or ``neo4j-import:FOLDER`` for files that
        ``neo4j-admin database import`` takes; or a file of a graph (.graphml, .gexf, .gml, .json). The last two are
        written once.
    lock_timeout : float
        Seconds to wait for another writer.

    Raises
    ------
    DataError
        A source cannot be used, or the folder is something else or is damaged.
    LockedError
        Another writer did not end in time.
    InfluenceError
        The folder cannot be written, or its disk is full; the store is as it was before.
    """
    from pathlib import Path

    from influence.io import Tables
    from influence.io.roles import split_source
    from influence.store import DirectoryStore
    from influence.store.graph_files import is_graph_file, save_tables
    from influence.store.neo4j import Connection, Neo4jStore, import_folder, is_uri, save_import_files

    settings, stages = settings or Settings(), stages or Stages()
    folder = import_folder(into)
    if folder is not None or is_uri(str(into)) or is_graph_file(into):
        tables = tables_of(sources, frames, settings, time_unit, stages, options)
        stages.begin("store")
        if folder is not None:
            saved = save_import_files(tables, folder)
        elif is_graph_file(into):
            saved = save_tables(tables, into)
        else:
            with Connection(str(into)) as connection:
                saved = Neo4jStore(connection).append(tables)
        stages.end()
        return saved
    store = DirectoryStore(into, lock_timeout=lock_timeout)
    left: tuple[Any, ...] = sources
    known: tuple[Any, ...] = ()
    if sources and not isinstance(sources[0], Tables):
        stages.begin("read")
        if any(Path(str(source)).expanduser().resolve() == store.path.resolve() for source in sources):
            raise UsageError(f"{into}: a store cannot be loaded into itself")
        places, known = store.without_known([split_source(str(source)) for source in sources])
        left = tuple(sources[place] for place in places)
    tables = Tables() if known and not left else tables_of(left, frames, settings, time_unit, stages, options)
    stages.begin("store")
    appended = store.append(tables, known)
    stages.end()
    return appended


def check(
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    time_unit: str | None = None,
    stages: Stages | None = None,
    **frames: Any,
) -> Check:
    """Say what would be loaded, and what a score could use of it, without computing one.

    Parameters
    ----------
    *sources, settings, time_unit, stages, **frames
        As for :func:`rank`.
    options : ReadOptions, optional
        How the sources are read. Where bad rows are to stop a run, they are left out here all the same, so that those
        of every source are found; the result then says that it is not loadable.

    Raises
    ------
    DataError
        A source cannot be read at all.
    UsageError
        An argument cannot be used.

    Examples
    --------
    >>> import polars as pl
    >>> check(follows=pl.DataFrame({"source": ["bob", "cy"], "target": ["ann", "ann"]})).outlook[0]
    'Ranked: 3 customers (everybody: there is no customers table)'
    """
    from influence.evaluate.outlook import check_tables
    from influence.io import ReadOptions

    settings, stages, options = settings or Settings(), stages or Stages(), options or ReadOptions()
    lenient = options.replace(on_bad_rows="skip") if options.strict else options
    tables = tables_of(sources, frames, settings, time_unit, stages, lenient)
    stages.begin("check")
    result = check_tables(tables, settings, strict=options.strict)
    stages.end()
    return result


def write_back(ranking: Ranking, uri: str, *, run: str | None = None, options: ReadOptions | None = None) -> str:
    """Write the scores of a ranking to the people of a Neo4j database, and clear those of an older run.

    Parameters
    ----------
    uri : str
        Where it is; the login comes from ``NEO4J_USERNAME``, ``NEO4J_PASSWORD`` and ``NEO4J_DATABASE``.
    run : str, optional
        The stamp of the run, the time by default.
    options : ReadOptions, optional
        How the ranking was read: the names of the database, if they are not ours.

    Returns
    -------
    str
        The stamp, which is the property ``influence_run`` of all who were ranked.
    """
    from influence.store.neo4j import Connection, Names, Neo4jStore

    names = Names(options.neo4j if options is not None else {})
    stamp = run or dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with Connection(uri) as connection:
        Neo4jStore(connection, names).write_scores(ranking.frame, stamp)
    return stamp
