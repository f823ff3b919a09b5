"""Which reader a file gets, by its name and its first line."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from influence.errors import DataError
from influence.io.delimited import DelimitedSource, delimiter_of, names_in
from influence.io.edgelist import EdgeListSource, is_comment
from influence.io.raw import Raw, Source, first_line, numbered
from influence.io.schema import ROLES, SCHEMA, match
from influence.io.text import Text, load_text

__all__ = ["open_source", "sha256"]

# Delimiters to look for in a header line, by suffix, the likeliest first.
_TABLES = {".csv": (",", ";", "\t"), ".tsv": ("\t",)}
_LISTS = dict.fromkeys((".txt", ".edges", ".edgelist"), ("\t", ",", ";", " "))
_TEXTS = (*_TABLES, *_LISTS)
_FORMATS = f"{', '.join(_TEXTS)} (also with .gz or .zst) or .parquet"


def open_source(name: str, role: str | None) -> Source:
    """Open a file of any known format.

    Parameters
    ----------
    name
        Its path, as the user wrote it.
    role
        The role that the user gave it, if any: it decides what counts as a header line.

    Raises
    ------
    DataError
        The file is missing, empty, of an unknown format, or not what its name says.
    """
    path = Path(name).expanduser()
    _check_file(name, path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".parquet"]:
        return _ParquetSource(name, path)
    packed = suffixes.pop() if suffixes[-1:] in ([".gz"], [".zst"]) else ""
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in _TEXTS:
        raise DataError(f"{name}: files of this kind are not read; convert it to {_FORMATS}")
    try:
        text = load_text(name, path, packed)
    except OSError as error:
        raise _unreadable(name, error) from error
    return DelimitedSource(text, _TABLES[suffix]) if suffix in _TABLES else _open_list(text, _LISTS[suffix], role)


def _open_list(text: Text, delimiters: Sequence[str], role: str | None) -> Source:
    """Tell a table with a header from a bare edge list: a header names at least one column that we know."""
    for comments, line in enumerate(text.head()):
        if line.strip() and not is_comment(line):
            delimiter = delimiter_of(line, delimiters)
            if _is_header(names_in(line, delimiter), role):
                return DelimitedSource(text.after(comments), (delimiter,))
            break
    return EdgeListSource(text)


def _is_header(names: Sequence[str], role: str | None) -> bool:
    if role is not None:
        return bool(match(role, names))
    required = {(role, field.name) for role in ROLES for field in SCHEMA[role] if field.required}
    return any((role, field) in required for role in ROLES for field in match(role, names))


def _check_file(name: str, path: Path) -> None:
    try:
        if path.is_file():
            return
        if path.is_dir():
            raise DataError(f"{name}: a folder, not a file; name the files in it")
        if path.exists():
            raise DataError(f"{name}: not a regular file; save what it delivers to a file first")
        folder = path.parent
        if not folder.is_dir():
            raise DataError(f"{name}: no such file, and no folder {str(folder)!r} either; check the path")
        near = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir()], n=3)
    except OSError as error:
        raise _unreadable(name, error) from error
    hint = f"did you mean {' or '.join(repr(str(folder / entry)) for entry in near)}?" if near else "check the path"
    raise DataError(f"{name}: no such file; {hint}")


def _unreadable(name: str, error: OSError) -> DataError:
    return DataError(f"{name}: cannot be read ({error.strerror or error}); check its permissions")


class _ParquetSource:
    headless = False

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        # A folder called year=2024 is a folder here, not a column; [ and * are letters.
        try:
            self._frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
            self.columns: Sequence[str] = self._frame.collect_schema().names()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise self._broken(error) from error

    def _broken(self, error: BaseException) -> DataError:
        return DataError(f"{self.name}: cannot be read as Parquet ({first_line(error)}); write or download it again")

    def read(self, columns: Sequence[str]) -> Raw:
        """Read these columns."""
        try:
            return Raw(self.name, self._frame.select(columns).collect(), numbered)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise self._broken(error) from error


def sha256(name: str) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    try:
        with Path(name).expanduser().open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(name, error) from error
