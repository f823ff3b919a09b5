"""Bytes that are packed, or that are no text at all, told by what they begin with."""

from __future__ import annotations

import gzip
import io
import zlib

import polars as pl

from influence.errors import DataError
from influence.io.raw import first_line

__all__ = ["BINARY", "packing", "unpack"]

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# The unit separator: no text of people holds it, so a "column" is a line.
_LINE = "\x1f"
#: What a file that claims to be text may be: its first bytes, its name, what to do.
BINARY = (
    (_GZIP, "packed with gzip", "end its name in .gz"),
    (_ZSTD, "packed with Zstandard", "end its name in .zst"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "unpack it, or save its sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook", "save its sheet as CSV"),
    (b"PAR1", "Parquet", "end its name in .parquet"),
    (b"%PDF", "a PDF document", "export the table as CSV"),
    (b"<!DOCTYPE", "a web page", "the download may have asked for a log-in"),
    (b"<html", "a web page", "the download may have asked for a log-in"),
)


def packing(head: bytes) -> str:
    """Return ``.gz`` or ``.zst`` by the first bytes of a stream, or nothing."""
    return ".gz" if head.startswith(_GZIP) else ".zst" if head.startswith(_ZSTD) else ""


def unpack(name: str, content: bytes, packed: str) -> bytes:
    """Return what was packed as ``.gz`` or ``.zst``.

    Raises
    ------
    DataError
        It can't be unpacked.
    """
    try:
        # Python checks length and checksum of each member; a parser would read what there is.
        return gzip.decompress(content) if packed == ".gz" else _unzstd(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{name}: cannot be unpacked ({first_line(error)}); it may be cut off: copy or download it again"
        ) from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(
            f"{name}: not UTF-8 text ({first_line(error)}); save the file as UTF-8, or unpack it and say --encoding"
        ) from error


def _unzstd(content: bytes) -> bytes:
    """Unpack Zstandard by way of polars: the standard library can't before Python 3.14."""
    if not content:
        return b""
    if not content.startswith(_ZSTD):
        raise OSError("it does not begin like Zstandard")
    try:
        frame = pl.read_csv(io.BytesIO(content), has_header=False, separator=_LINE, quote_char=None, infer_schema=False)
    except pl.exceptions.NoDataError:
        return b""
    joined: str = frame.to_series().fill_null("").str.join("\n").item()
    return f"{joined}\n".encode()
