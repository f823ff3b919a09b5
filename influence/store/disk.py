"""Files that are written once, whole and to the disk, and known by their checksum ever after."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError, InfluenceError

__all__ = [
    "StoredFile",
    "check",
    "digest",
    "read_array",
    "read_frame",
    "replace_file",
    "sync_folder",
    "told",
    "write_array",
    "write_frame",
]

_STEPS = {
    errno.ENOSPC: "the disk is full; free some space and load again",
    errno.EDQUOT: "the quota of this disk is used up; free some space and load again",
    errno.EFBIG: "a file grew above the limit for this process; raise it (ulimit -f) and load again",
    errno.EACCES: "no permission to write there; choose a folder that you may write to",
    errno.EPERM: "no permission to write there; choose a folder that you may write to",
    errno.ENOTDIR: "a part of the path is a file; name a folder",
    errno.EROFS: "the disk can only be read; choose a folder that you may write to",
}


@dataclasses.dataclass(frozen=True)
class StoredFile:
    """A file of a store, as its pointer lists it.

    Attributes
    ----------
    name : str
        Within the store's folder of data.
    what : str
        What it holds: a table, the ``keys`` of a table, or a part of the ``graph``.
    rows : int
    bytes : int
    sha256 : str
        Of all its bytes, in hexadecimal.
    columns : tuple of str
        Of a table.
    """

    name: str
    what: str
    rows: int
    bytes: int
    sha256: str
    columns: tuple[str, ...] = ()


@contextmanager
def told(place: Path) -> Iterator[None]:
    """Turn an error of the system while writing into words and a next step."""
    try:
        yield
    except OSError as error:
        step = _STEPS.get(error.errno or 0) or f"{error.strerror or error}; load again when that is mended"
        raise InfluenceError(f"{place}: cannot be written: {step}. Nothing is half-written") from error


class _Hashed:
    """A file that is hashed on its way to the disk, so that a disk which made something else of it is found out."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.bytes = 0
        self.error: OSError | None = None

    def write(self, data: Any) -> int:
        """Write and hash bytes."""
        try:
            self._file.write(data)
        except OSError as error:
            self.error = error  # polars wraps it beyond recognition
            raise
        self._hash.update(data)
        size = memoryview(data).nbytes
        self.bytes += size
        return size

    def flush(self) -> None:
        """Do nothing: the file is flushed once, at its end."""

    def hexdigest(self) -> str:
        """Return the SHA-256 of what was written."""
        return self._hash.hexdigest()


def _write(path: Path, fill: Callable[[_Hashed], None]) -> tuple[int, str]:
    with path.open("xb") as file:
        hashed = _Hashed(file)
        try:
            fill(hashed)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            if hashed.error is not None:
                raise hashed.error from None
            raise DataError(f"{path.name}: cannot be stored as Parquet: {error}") from error
        file.flush()
        os.fsync(file.fileno())
    return hashed.bytes, hashed.hexdigest()


def write_frame(folder: Path, name: str, what: str, frame: pl.DataFrame) -> StoredFile:
    """Write a frame as a new Parquet file."""

    def fill(file: _Hashed) -> None:
        frame.write_parquet(cast(IO[bytes], file))

    size, sha256 = _write(folder / name, fill)
    return StoredFile(name, what, frame.height, size, sha256, tuple(frame.columns))


def write_array(folder: Path, name: str, what: str, array: npt.NDArray[Any]) -> StoredFile:
    """Write an array as a new ``.npy`` file that can be mapped into memory."""

    def fill(file: _Hashed) -> None:
        np.save(cast(IO[bytes], file), array, allow_pickle=False)

    size, sha256 = _write(folder / name, fill)
    return StoredFile(name, what, array.size, size, sha256)


def replace_file(path: Path, content: bytes) -> None:
    """Put a new file in the place of an old one, at one moment and for good."""
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(folder: Path, entry: StoredFile) -> Path:
    """Return the path of a file of the store whose bytes are those that were written.

    Raises
    ------
    DataError
        They are not.
    FileNotFoundError
        It is gone: perhaps only because the reader looked at an old pointer.
    """
    path = folder / entry.name
    try:
        if path.stat().st_size != entry.bytes:
            fault = f"{path.stat().st_size:,} bytes long instead of {entry.bytes:,}"
        elif digest(path) != entry.sha256:
            fault = "its bytes are not those that were written (SHA-256)"
        else:
            return path
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}); check its permissions") from error
    raise DataError(
        f"{path}: damaged: {fault}. Put the store back from a copy, or load its source files into a new folder"
    )


def read_frame(folder: Path, entry: StoredFile) -> pl.DataFrame:
    """Read a checked Parquet file."""
    # [ and * are letters here, and a folder called year=2024 is no column.
    return pl.read_parquet(check(folder, entry), glob=False, hive_partitioning=False)


def read_array(folder: Path, entry: StoredFile, *, mmap: bool, verify: bool) -> npt.NDArray[Any]:
    """Read an array, or map it into memory; it cannot be written to."""
    path = check(folder, entry) if verify else folder / entry.name
    try:
        array = np.load(path, mmap_mode="r" if mmap and entry.rows else None, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise DataError(f"{path}: damaged: {error}. Put the store back from a copy") from error
    array = np.asarray(array)  # of the plain class: numba compiles once for each
    array.setflags(write=False)
    return array
