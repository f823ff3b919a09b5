"""The one small file that says what a store holds; replacing it is what commits a load."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from influence.errors import DataError
from influence.store.disk import StoredFile, replace_file
from influence.store.lock import LOCK_NAME

__all__ = [
    "DATA_NAME",
    "POINTER_NAME",
    "LoadedFile",
    "State",
    "create",
    "is_store",
    "read_state",
    "unused",
    "write_state",
]

POINTER_NAME = "store.json"
DATA_NAME = "data"
_FORMAT = "influence directory store"
_VERSION = 1
# What a writer may have left behind; nothing else is ever removed.
_OURS = re.compile(r"[a-z_]+(?:\.[a-z_]+)?-\d{6,}-[0-9a-f]{8}\.(?:parquet|npy)")


@dataclasses.dataclass(frozen=True)
class LoadedFile:
    """A file or frame that a store was loaded from.

    Attributes
    ----------
    path : str
        As the user wrote it.
    role : str
        The table that it became part of.
    rows : int
    sha256 : str
        Of the file's bytes, in hexadecimal; of a frame, of its Arrow stream.
    """

    path: str
    role: str
    rows: int
    sha256: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same as another: role and content."""
        return self.role, self.sha256


@dataclasses.dataclass(frozen=True)
class State:
    """What a store holds at one moment.

    Attributes
    ----------
    generation : int
        Loads that changed it.
    created, changed : str
        ISO times in UTC.
    writer : str
        The program that wrote it last.
    loaded : tuple of LoadedFile
        Every file that it was loaded from, in the order of loading.
    files : tuple of StoredFile
        Its own files, the older first.
    previous : tuple of str
        Names of files that only the generation before this one needs: a reader may still be at it.
    replaced : int
        Rows of customers of whom a newer one was loaded.
    terms : dict of str to str
        What every further load has to have in common with this: the clock, the currencies.
    """

    generation: int = 0
    created: str = ""
    changed: str = ""
    writer: str = ""
    loaded: tuple[LoadedFile, ...] = ()
    files: tuple[StoredFile, ...] = ()
    previous: tuple[str, ...] = ()
    replaced: int = 0
    terms: dict[str, str] = dataclasses.field(default_factory=dict)

    def of(self, what: str) -> tuple[StoredFile, ...]:
        """Return the files that hold something, the older first."""
        return tuple(entry for entry in self.files if entry.what == what)


def is_store(path: str | Path) -> bool:
    """Say whether a path is a folder with a store in it."""
    return (Path(path) / POINTER_NAME).is_file()


def _render(body: dict[str, Any]) -> bytes:
    """Return the pointer's bytes. Every later version must keep to this, or older ones would call it damaged."""

    def dumped(content: dict[str, Any]) -> bytes:
        return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode("ascii")

    return dumped({"checksum": hashlib.sha256(dumped(body)).hexdigest(), "store": body})


def write_state(folder: Path, state: State) -> None:
    """Make ``state`` what the store holds."""
    replace_file(folder / POINTER_NAME, _render({"format": _FORMAT, "version": _VERSION, **dataclasses.asdict(state)}))


def read_state(folder: Path) -> State:
    """Return what the store holds now.

    Raises
    ------
    DataError
        There is no store, it is damaged, or a newer version of the program wrote it.
    """
    path = folder / POINTER_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(_no_store(folder)) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}); check its permissions") from error
    damaged = (
        f"{path}: damaged: its bytes are not those that were written. "
        "Put the store back from a copy, or load its source files into a new folder"
    )
    try:
        body = json.loads(content.decode("ascii"))["store"]
        whole = isinstance(body, dict) and _render(body) == content
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DataError(damaged) from None
    if not whole:
        raise DataError(damaged)
    if body.get("format") != _FORMAT:
        raise DataError(f"{path}: not the pointer of a store; name the folder of a store")
    version = body.get("version")
    if not isinstance(version, int) or version > _VERSION:
        raise DataError(
            f"{folder}: a store of format version {version}, and this program knows versions up to {_VERSION}. "
            "Update the package to read it, or load the source files into a new folder"
        )
    try:
        return _state(body)
    except (KeyError, TypeError) as error:
        raise DataError(damaged) from error


def _state(body: dict[str, Any]) -> State:
    fields = {field.name: body[field.name] for field in dataclasses.fields(State)}
    fields["loaded"] = tuple(LoadedFile(**entry) for entry in fields["loaded"])
    fields["files"] = tuple(StoredFile(**{**entry, "columns": tuple(entry["columns"])}) for entry in fields["files"])
    fields["previous"] = tuple(fields["previous"])
    return State(**fields)


def _no_store(folder: Path) -> str:
    if not folder.exists():
        return f"{folder}: no such folder; make a store there with: influence load SOURCE... --into {folder}"
    if not folder.is_dir():
        return f"{folder}: a file, not the folder of a store"
    if not any(folder.iterdir()):
        return f"{folder}: an empty folder, not a store; fill it with: influence load SOURCE... --into {folder}"
    if strangers(folder):
        return (
            f"{folder}: a folder without {POINTER_NAME}, so not a store; "
            f"name the files in it, or the folder that `influence load` wrote to"
        )
    if unused(folder, State()):
        return _half(folder)
    return f"{folder}: nothing was loaded into it yet; do it with: influence load SOURCE... --into {folder}"


def _half(folder: Path) -> str:
    return (
        f"{folder}: {POINTER_NAME} was deleted, and without it nobody knows what the files in {DATA_NAME} are. "
        "Put it back from a copy, or load the source files into a new folder"
    )


def refuse_strangers(folder: Path) -> None:
    """Raise DataError if a folder holds something else than a store, or the data of one that lost its pointer."""
    names = strangers(folder)
    if names:
        more = ", …" if len(names) > 3 else ""
        raise DataError(
            f"{folder}: not a store, and not empty ({', '.join(names[:3])}{more}); "
            "name a new or an empty folder, or the folder of a store"
        )
    if unused(folder, State()):
        raise DataError(_half(folder))


def create(folder: Path) -> State:
    """Make an empty store of an empty folder.

    The pointer comes before any data: data without one then always mean that somebody deleted it, and are not ours to
    clean up.

    Raises
    ------
    DataError
        The folder holds something else, or the data of a store that lost its pointer.
    """
    refuse_strangers(folder)
    (folder / DATA_NAME).mkdir(exist_ok=True)
    write_state(folder, State())
    return State()


def strangers(folder: Path) -> list[str]:
    """Return the names in a folder that no writer of a store makes."""
    own = {POINTER_NAME, f"{POINTER_NAME}.part", LOCK_NAME, DATA_NAME}
    return sorted(entry.name for entry in folder.iterdir() if entry.name not in own)


def unused(folder: Path, state: State) -> list[Path]:
    """Return the files of ours that neither this generation nor the one before it needs."""
    needed = {entry.name for entry in state.files} | set(state.previous)
    data = folder / DATA_NAME
    found = list(data.iterdir()) if data.is_dir() else []
    return [path for path in found if _OURS.fullmatch(path.name) and path.name not in needed]
