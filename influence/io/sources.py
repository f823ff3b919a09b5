"""Which reader a source gets, by its name, and for what comes through a pipe by its first bytes."""

from __future__ import annotations

import difflib
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from influence.errors import DataError, UsageError
from influence.io.delimited import DelimitedSource, delimiter_of, names_in
from influence.io.edgelist import EdgeListSource, is_comment
from influence.io.idlist import open_list
from influence.io.jsonlines import JsonLinesSource
from influence.io.options import ReadOptions
from influence.io.parquet import ParquetSource, is_remote
from influence.io.problems import show
from influence.io.raw import Source
from influence.io.schema import ROLES, SCHEMA, match
from influence.io.text import Text, load_text, text_of
from influence.io.unpack import packing, unpack

__all__ = ["STDIN", "open_source", "sha256"]

#: The name of the standard input.
STDIN = "-"
_PIPED = "standard input"

# Delimiters to look for in a header line, by suffix, the likeliest first.
_TABLES = {".csv": (",", ";", "\t", "|"), ".tsv": ("\t",)}
_LISTS = dict.fromkeys((".txt", ".edges", ".edgelist"), ("\t", ",", ";", " "))
_JSON = (".jsonl", ".ndjson")
_TEXTS = (*_TABLES, *_LISTS, *_JSON)
_FORMATS = f"{', '.join(_TEXTS)} (also with .gz or .zst) or .parquet"
_HINTS = {".json": "; jq -c '.[]' FILE writes an array as .jsonl", ".xlsx": "; save its sheet as CSV"}


def open_source(name: str, role: str | None, options: ReadOptions) -> Source:
    """Open a file of any known format, the standard input (``-``), or Parquet at an address.

    Parameters
    ----------
    name
        Its path, as the user wrote it.
    role
        The role that the user gave it, if any: it decides what counts as a header line.
    options
        How it is to be read.

    Raises
    ------
    DataError
        The file is missing, empty, of an unknown format, or not what its name says.
    """
    if name == STDIN:
        return _open_piped(role, options)
    if is_remote(name):
        return ParquetSource(name, name)
    path = Path(name).expanduser()
    _check_file(name, path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes.pop() if suffixes[-1:] in ([".gz"], [".zst"]) else ""
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in _TEXTS and (packed or suffix != ".parquet"):
        raise DataError(f"{name}: files of this kind are not read; convert it to {_FORMATS}{_HINTS.get(suffix, '')}")
    try:
        digest = sha256(name)
        if suffix == ".parquet":
            return ParquetSource(name, path, digest)
        text = load_text(name, path, packed, options.encoding)
    except OSError as error:
        raise _unreadable(name, error) from error
    if suffix in _JSON:
        return JsonLinesSource(text, digest)
    if role == "suppress":
        return open_list(text, {**_TABLES, **_LISTS}[suffix], options.maps[role], digest)
    if suffix in _TABLES:
        return DelimitedSource(text, _TABLES[suffix], digest)
    return _open_edges(text, _LISTS[suffix], role, options, digest)


def _open_piped(role: str | None, options: ReadOptions) -> Source:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("- is the standard input, but nothing is piped into it; name a file, or pipe one in")
    try:
        content = sys.stdin.buffer.read()
    except (OSError, ValueError) as error:
        raise DataError(f"{_PIPED}: cannot be read ({error})") from error
    digest = hashlib.sha256(content).hexdigest()
    packed = packing(content)
    if packed:
        content = unpack(_PIPED, content, packed)
    if content.startswith(b"PAR1"):
        return ParquetSource(_PIPED, content, digest)
    text = text_of(_PIPED, content, options.encoding)
    first = next((line for line in text.head() if line.strip()), "")
    if first.lstrip().startswith(("{", "[")):
        return JsonLinesSource(text, digest)
    if role == "suppress":
        return open_list(text, _TABLES[".csv"], options.maps[role], digest)
    names = names_in(first, delimiter_of(first, _TABLES[".csv"]))
    if len(names) > 1 and not any(name.lstrip("-").isdecimal() for name in names) and not is_comment(first):
        return DelimitedSource(text, _TABLES[".csv"], digest)
    return _open_edges(text, _LISTS[".txt"], role, options, digest)


def _open_edges(text: Text, delimiters: Sequence[str], role: str | None, options: ReadOptions, digest: str) -> Source:
    """Tell a table with a header from a bare edge list: a header names at least one column that we know."""
    for comments, line in enumerate(text.head()):
        if line.strip() and not is_comment(line):
            delimiter = delimiter_of(line, delimiters)
            if _is_header(names_in(line, delimiter), role, options):
                return DelimitedSource(text.after(comments), (delimiter,), digest)
            if role not in (None, "follows"):
                # What came instead of a table, such as the message of a program that failed, says why.
                required = " and ".join(field.name for field in SCHEMA[role] if field.required)
                raise DataError(
                    f"{text.name}, line {comments + 1}: {show(line)} names no column of {role}, and an edge list "
                    f"without a header can only be follows; {role} need a header line that names {required}"
                )
            break
    return EdgeListSource(text, digest)


def _is_header(names: Sequence[str], role: str | None, options: ReadOptions) -> bool:
    maps = options.maps
    if role is not None:
        return bool(match(role, names, maps[role]))
    required = {(role, field.name) for role in ROLES for field in SCHEMA[role] if field.required}
    return any((role, field) in required for role in ROLES for field in match(role, names, maps[role]))


def _check_file(name: str, path: Path) -> None:
    try:
        if path.is_file():
            return
        if path.is_dir():
            raise DataError(f"{name}: a folder, not a file; name the files in it")
        if path.exists():
            raise DataError(f"{name}: not a regular file; save what it delivers to a file first, or pipe it into -")
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


def sha256(name: str) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    try:
        with Path(name).expanduser().open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(name, error) from error
