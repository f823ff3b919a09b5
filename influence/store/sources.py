"""What a user names to read from: files, or a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from influence.errors import UsageError
from influence.io import Tables, read_tables
from influence.store.directory import DirectoryStore

__all__ = ["read_sources"]


def read_sources(sources: Sequence[str], **reading: Any) -> Tables:
    """Read the one store, or the files, that are named.

    Parameters
    ----------
    sources
        A folder that holds a store, or what :func:`influence.io.read_tables` takes.
    **reading
        How files are read, as :func:`influence.io.read_tables` takes it. What is in a store has been read already.

    Raises
    ------
    UsageError
        A store is named together with something else.
    DataError
        A folder is no store, or a source cannot be read.
    """
    folders = [source for source in sources if _is_folder(source)]
    if not folders:
        return read_tables(sources, **reading)
    if len(sources) > 1:
        others = [source for source in sources if source != folders[0]] or folders[1:]
        raise UsageError(
            f"{folders[0]} is a folder, and {others[0]} is given beside it; load files into the store first "
            f"(influence load {others[0]} --into {folders[0]}), or name the files in the folder"
        )
    return DirectoryStore(folders[0]).tables()


def _is_folder(source: str) -> bool:
    try:
        return Path(source).expanduser().is_dir()
    except (OSError, RuntimeError):  # a name that is too long, or nobody's home
        return False
