"""Write a table beside its place and rename it, so that a killed run leaves the old file or the new one."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from influence.errors import InfluenceError, UsageError
from influence.io.spreadsheet import harmless

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FORMATS", "format_of", "to_text", "write_atomically", "write_table"]

FORMATS = ("csv", "json", "jsonl", "parquet")


def format_of(path: Path, asked: str | None) -> str:
    """Return the format asked for, else the one that a file's name ends in.

    Raises
    ------
    UsageError
        The name ends in no format that can be written.
    """
    if asked is not None:
        return asked
    ending = path.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise UsageError(f"{path}: cannot tell the format from the name; end it in .{', .'.join(FORMATS)}")
    return ending


def _write(frame: pl.DataFrame, file: BinaryIO, form: str) -> None:
    if form == "csv":
        harmless(frame).write_csv(file)  # people open it in a spreadsheet; machines have the other formats
    elif form == "parquet":
        frame.write_parquet(file)
    elif form == "jsonl":
        frame.write_ndjson(file)
    else:
        file.write(frame.write_json().encode("utf-8"))


def to_text(frame: pl.DataFrame, form: str) -> str:
    """Return a table as CSV, JSON (an array of rows) or JSON lines."""
    buffer = io.BytesIO()
    _write(frame, buffer, form)
    return buffer.getvalue().decode("utf-8")


def write_table(frame: pl.DataFrame, path: str | Path, form: str) -> None:
    """Write a table to a file, whole or not at all."""
    write_atomically(Path(path), lambda file: _write(frame, file, form))


def write_atomically(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let ``write`` fill a new file beside ``path`` and rename it over ``path`` when it is safe on the disk.

    Raises
    ------
    InfluenceError
        The file cannot be written; what was at ``path`` still is.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with beside.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise InfluenceError(f"{path}: cannot be written: {error.strerror or error}") from error
