"""Identify records, as customer data platforms take them: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from influence.errors import DataError
from influence.export.parts import Part, Parts, rows_of, split, write_parts
from influence.export.records import Records
from influence.export.targets import Target

__all__ = ["write"]

_MOST_RECORD = 32 * 1024
_MOST_BYTES = 100_000_000


def write(folder: Path, parts: Parts, records: Records, target: Target) -> list[Part]:
    """Write ``userId``, ``messageId`` (the idempotency key) and typed ``traits``; null empties a trait.

    Raises
    ------
    DataError
        A record is longer than the 32 KB that receivers take.
    """

    def pieces() -> Iterator[tuple[int, bytes]]:
        for frame in (parts.clear, parts.write):
            for piece in rows_of(frame):
                lines = _lines(piece, records)
                longest = int(lines.str.len_bytes().arg_max() or 0)
                if lines[longest] is not None and len(lines[longest].encode()) > _MOST_RECORD:
                    raise DataError(
                        f"the record of {piece['_id'][longest]!r} has {len(lines[longest].encode()):,} bytes, and "
                        f"receivers take {_MOST_RECORD:,}; leave long text out of [export.identify.fields]"
                    )
                yield piece.height, ("\n".join(lines) + "\n").encode()

    return write_parts(folder, "identify", "jsonl", split(pieces(), most=_MOST_BYTES))


def _lines(piece: pl.DataFrame, records: Records) -> pl.Series:
    return piece.select(
        pl.struct(
            type=pl.lit("identify"),
            userId="_key",
            messageId="_hash",
            traits=pl.struct(field.name for field in records.fields),
        ).struct.json_encode()
    ).to_series()
