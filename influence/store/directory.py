"""A folder that keeps every table it was ever given, and the tie graph of all of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from influence import __version__
from influence.errors import DataError, InfluenceError, UsageError
from influence.io import SourceFile, Tables, merge_identities, suppress
from influence.io.schema import PEOPLE
from influence.store import batches, pointer, ties
from influence.store.disk import StoredFile, check, digest, read_frame, sync_folder, told, write_frame
from influence.store.facts import Appended, StoreInfo, describe
from influence.store.lock import writing
from influence.store.pointer import DATA_NAME, LoadedFile, State
from influence.store.terms import agreed, terms

if TYPE_CHECKING:
    from influence.graph import Graph

__all__ = ["DirectoryStore"]

T = TypeVar("T")


class DirectoryStore:
    """A store in a folder, which the first :meth:`append` makes.

    Every append writes new files, and then one small file that names them all; a process that is killed at any moment
    leaves the store as it was or as it was to be. Readers need no lock and see one of the two.

    Parameters
    ----------
    path : str or Path
        The folder.
    lock_timeout : float
        Seconds to wait for another writer.

    Examples
    --------
    >>> import tempfile
    >>> from influence.io import tables_from_frames
    >>> follows = pl.DataFrame({"source": ["bob", "cy"], "target": ["ann", "ann"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = DirectoryStore(f"{folder}/store")
    ...     done = store.append(tables_from_frames(follows=follows))
    ...     again = store.append(tables_from_frames(follows=follows))
    ...     store.graph(mmap=False), done.added, again.added, len(again.skipped_files)
    (<Graph of 3 nodes and 2 edges>, {'follows': 2}, {}, 1)
    """

    def __init__(self, path: str | Path, *, lock_timeout: float = 10.0) -> None:
        self.path = Path(path).expanduser()
        if not 0 <= lock_timeout < float("inf"):
            raise UsageError(f"lock_timeout must be 0 or more seconds, not {lock_timeout!r}")
        self._timeout = lock_timeout
        self._data = self.path / DATA_NAME

    def __repr__(self) -> str:
        return f"DirectoryStore({str(self.path)!r})"

    @property
    def info(self) -> StoreInfo:
        """What the store holds now, from its pointer alone.

        Raises
        ------
        DataError
            There is no store, it is damaged, or a newer version wrote it.
        """
        return describe(self.path, pointer.read_state(self.path))

    def tables(self) -> Tables:
        """Return all that was loaded, as if its files were read together.

        Of each customer there is the row that was loaded last. Identities are not merged yet, and who is suppressed
        is still there, as in tables that were read from files. ``files`` names the store's own files that were read.

        Raises
        ------
        DataError
            There is no store, nothing was loaded into it, or it is damaged.
        """
        return self._read(self._tables)

    def graph(self, *, mmap: bool = True, verify: bool = True) -> Graph:
        """Return the tie graph: an edge from each listener to each influencer, weighted by follows and interactions.

        Its nodes are all people of all tables in id order, as in a history of these tables. Identities are merged and
        suppressed people are left out; a store that has any of them therefore builds its graph from the tables, in
        memory, and the parameters have no say.

        Parameters
        ----------
        mmap
            Map the arrays into memory, so that only what is used is read.
        verify
            Compare the arrays with their checksums first, which reads all of them once.

        Raises
        ------
        DataError
            There is no store, nothing was loaded into it, or it is damaged.
        """

        def read(state: State) -> Graph:
            if self._unsettled(state):
                tables = suppress(merge_identities(self._tables(state)))
                frames = tables.frames(PEOPLE)
                from influence.graph.people import tie_graph

                return tie_graph(frames)
            return ties.read_graph(self._data, self._graph_files(state), mmap=mmap, verify=verify)

        return self._read(read)

    def _unsettled(self, state: State) -> bool:
        """Say whether some people have several ids or must be left out, so that the stored graph is not for use."""
        asked = any(set(entry.columns) & set(batches.CONSENT) for entry in state.of("customers"))
        return asked or bool(state.of("identities") or state.of("suppress"))

    def verify(self) -> StoreInfo:
        """Compare every file with its checksum, and the tables with the graph; return what the store holds.

        Raises
        ------
        DataError
            Something is damaged or missing; the message names every damaged file.
        """

        def read(state: State) -> StoreInfo:
            faults = []
            for entry in state.files:
                try:
                    check(self._data, entry)
                except DataError as error:
                    faults.append(str(error))
            if faults:
                raise DataError("\n".join(faults))
            graph = ties.read_graph(self._data, self._graph_files(state), mmap=True, verify=False)
            tables = self._tables(state)
            frames = tables.frames()
            from influence.graph.people import tie_graph

            rebuilt = tie_graph(frames)
            info = describe(self.path, state)
            heights = {role: frame.height for role, frame in frames.items()}
            if not ties.same(graph, rebuilt) or heights != info.rows:
                raise DataError(f"{self.path}: its graph or its counts do not fit its tables; load it anew")
            return info

        return self._read(read)

    def without_known(self, named: Sequence[tuple[str | None, str]]) -> tuple[list[int], tuple[LoadedFile, ...]]:
        """Tell files that need not be read at all, by their content.

        Parameters
        ----------
        named
            Role, or None where the columns will tell it, and path.

        Returns
        -------
        left : list of int
            Places in ``named`` of what has to be read.
        known : tuple of LoadedFile
            The rest.
        """
        if not pointer.is_store(self.path):
            return list(range(len(named))), ()
        by_content: dict[str, list[LoadedFile]] = {}
        for file in pointer.read_state(self.path).loaded:
            by_content.setdefault(file.sha256, []).append(file)
        left, known = [], []
        for place, (role, name) in enumerate(named):
            path = Path(name).expanduser()
            try:
                found = by_content.get(digest(path), []) if path.is_file() else []
            except OSError:
                found = []  # whoever reads it says what is wrong
            found = [file for file in found if role in (None, file.role)]
            if len(found) == 1:
                known.append(dataclasses.replace(found[0], path=name))
            else:  # new, or one content in two roles, between which the columns have to decide
                left.append(place)
        return left, tuple(known)

    def append(self, tables: Tables, known: tuple[LoadedFile, ...] = ()) -> Appended:
        """Add tables to the store, all or nothing.

        A file, or a whole frame, that was loaded before is skipped, and so is an interaction whose ``id`` was seen
        before. A customer who was loaded before is replaced.

        Parameters
        ----------
        tables
            What to add. Their notes are handed on, not kept.
        known
            Files that were left out already, because :meth:`without_known` told so: they count as skipped.

        Raises
        ------
        UsageError
            There is no table at all.
        DataError
            The folder is something else, is damaged, or holds tables that do not go with these.
        LockedError
            Another writer did not end in time.
        InfluenceError
            The disk is full or cannot be written. The store is as it was before.
        """
        if not known and not tables.frames():
            raise UsageError("no table to load")
        if self.path.exists() and not self.path.is_dir():
            raise DataError(f"{self.path}: a file, not a folder; name a new folder, or that of a store")
        with told(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        if not pointer.is_store(self.path):
            pointer.refuse_strangers(self.path)  # before a lock file joins what is not ours
        with writing(self.path, self._timeout), told(self.path):
            state = pointer.read_state(self.path) if pointer.is_store(self.path) else pointer.create(self.path)
            for path in pointer.unused(self.path, state):
                path.unlink(missing_ok=True)
            try:
                return self._append(state, tables, known)
            except FileNotFoundError as error:
                raise self._missing(error) from None

    def _append(self, state: State, tables: Tables, known: tuple[LoadedFile, ...]) -> Appended:
        fresh = batches.fresh_rows(tables, state.loaded)
        fresh = dataclasses.replace(fresh, skipped=(*known, *fresh.skipped))
        before = describe(self.path, state)
        if not fresh.frames:
            return self._done(state, before, {}, fresh, 0, 0, tables.notes)
        for role, frame in fresh.frames.items():
            # Only the names of columns decide whether tables go together; the old rows need not be read.
            old = [pl.DataFrame(schema=dict.fromkeys(entry.columns, pl.String)) for entry in state.of(role)]
            batches.stacked(role, [*((f"the store {self.path}", one) for one in old), ("the new load", frame.clear())])

        common = agreed(state.terms, terms(tables, fresh.frames), str(self.path))
        mark = f"{state.generation + 1:06d}-{secrets.token_hex(4)}"
        written: list[StoredFile] = []
        try:
            frames, skipped, replaced = self._write_tables(state, fresh.frames, mark, written)
            old_graph = self._old_graph(state)
            from influence.graph.people import extend_tie_graph

            graph = extend_tie_graph(old_graph, frames)
            if graph is not None:
                ties.write_graph(self._data, mark, graph, written)
            sync_folder(self._data)
            kept = [entry for entry in state.files if graph is None or not entry.what.startswith(ties.PREFIX)]
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            following = State(
                generation=state.generation + 1,
                created=state.created or now,
                changed=now,
                writer=f"influence {__version__}",
                loaded=(*state.loaded, *fresh.loaded),
                files=(*kept, *written),
                previous=tuple(entry.name for entry in state.files if entry not in kept),
                replaced=state.replaced + replaced,
                terms=common,
            )
            pointer.write_state(self.path, following)
        except BaseException:
            # Ctrl-C too. What cannot be removed, the next writer removes.
            self._remove(written, mark)
            raise
        added = {role: frame.height for role, frame in frames.items()}
        return self._done(following, before, added, fresh, skipped, replaced, tables.notes)

    def _remove(self, written: Iterable[StoredFile], mark: str) -> None:
        try:
            if any(entry.name in {kept.name for kept in pointer.read_state(self.path).files} for entry in written):
                return  # committed: the error came after the pointer was replaced
            for path in self._data.glob(f"*-{mark}.*"):
                path.unlink(missing_ok=True)
        except (OSError, InfluenceError):
            pass

    def _write_tables(
        self, state: State, frames: dict[str, pl.DataFrame], mark: str, written: list[StoredFile]
    ) -> tuple[dict[str, pl.DataFrame], int, int]:
        """Write what is new; return it, how many events were skipped, and how many customers are replaced."""
        kept = {}
        skipped = replaced = 0
        for role, frame in frames.items():
            key = batches.KEYS.get(role)
            if key is not None and key in frame.columns:
                what = f"{role}.keys"
                before = [read_frame(self._data, entry)[key] for entry in state.of(what)]
                new = batches.unseen(frame[key], before)
                if role == "customers":
                    replaced = len(new) - int(new.sum())
                else:
                    skipped = len(new) - int(new.sum())
                    frame = frame.filter(new)
                keys = frames[role].filter(new).select(key).drop_nulls()
                written.append(write_frame(self._data, f"{what}-{mark}.parquet", what, keys))
            written.append(write_frame(self._data, f"{role}-{mark}.parquet", role, frame))
            kept[role] = frame
        return kept, skipped, replaced

    def _old_graph(self, state: State) -> Graph | None:
        if not state.of(ties.IDS):
            return None
        return ties.read_graph(self._data, self._graph_files(state), mmap=True, verify=True)

    def _read(self, read: Callable[[State], T]) -> T:
        """Read from one state; once more where a writer removed its files meanwhile."""
        state = self._filled()
        try:
            return read(state)
        except FileNotFoundError as error:
            newer = self._filled()
            if newer == state:
                raise self._missing(error) from None
        try:
            return read(newer)
        except FileNotFoundError as error:
            raise self._missing(error) from None

    def _missing(self, error: FileNotFoundError) -> DataError:
        return DataError(
            f"{error.filename or self._data}: missing, and the store needs it. "
            "Put the store back from a copy, or load its source files into a new folder"
        )

    def _filled(self) -> State:
        state = pointer.read_state(self.path)
        if not state.files:
            raise DataError(
                f"{self.path}: a store that nothing was loaded into yet; "
                f"do it with: influence load SOURCE... --into {self.path}"
            )
        return state

    def _tables(self, state: State) -> Tables:
        unknown = {entry.what.partition(".")[0] for entry in state.files} - {*batches.FRAMES, "graph"}
        if unknown:
            raise DataError(
                f"{self.path}: holds a table {min(unknown)!r} that this version does not know; update the package"
            )
        frames: dict[str, Any] = {}
        files = []
        for role in batches.FRAMES:
            parts = []
            for entry in state.of(role):
                path = str(self._data / entry.name)
                parts.append((path, read_frame(self._data, entry)))
                files.append(SourceFile(path, role, entry.rows, entry.sha256))
            if parts:
                frames[role] = batches.latest(role, batches.stacked(role, parts))
        note = f"{self.path}: a store of {len(state.loaded):,} loaded files, last changed {state.changed}"
        return Tables(**frames, files=tuple(files), notes=(note,))

    def _graph_files(self, state: State) -> dict[str, StoredFile]:
        return {entry.what: entry for entry in state.files if entry.what.startswith(ties.PREFIX)}

    def _done(
        self,
        state: State,
        before: StoreInfo,
        added: dict[str, int],
        fresh: batches.Fresh,
        skipped: int,
        replaced: int,
        notes: tuple[str, ...],
    ) -> Appended:
        totals = describe(self.path, state)
        return Appended(
            path=str(self.path),
            generation=state.generation,
            added=added,
            loaded=fresh.loaded,
            skipped_files=fresh.skipped,
            skipped_events=skipped,
            replaced_customers=replaced,
            new_people=totals.people - before.people,
            new_ties=totals.ties - before.ties,
            totals=totals,
            notes=notes,
        )
