"""Files for upserts by Salesforce's Bulk API 2.0."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from influence.export.parts import Part, Parts, as_text, rows_of, split, write_parts
from influence.export.records import Records
from influence.export.targets import Target

__all__ = ["MOST_BYTES", "definitions", "write"]

#: Of one file: Salesforce takes 150 MB of base64, which is 100 MB of text and a little more.
MOST_BYTES = 95_000_000

#: An empty cell leaves a field as it is; this one empties it.
NULL = "#N/A"

_TYPES = {
    "number": "Number(16, 2)",
    "whole": "Number(18, 0)",
    "flag": "Checkbox",
    "label": "Text(255)",
    "text": "Text Area (Long, 2,000)",
    "time": "Date/Time",
}


def write(folder: Path, parts: Parts, records: Records, target: Target) -> list[Part]:
    """Write CSV files whose header has the names of the API: UTF-8, line feeds, ``#N/A`` for what is emptied.

    References
    ----------
    .. [1] Salesforce, Bulk API 2.0 and Bulk API Developer Guide, "Prepare CSV Files".
    """
    names = [field.name for field in records.fields]
    header = _csv(pl.DataFrame({name: [name] for name in (target.options["external_id"], *names)}))

    def pieces() -> Iterator[tuple[int, bytes]]:
        for frame in (parts.clear, parts.write):
            for piece in rows_of(frame):
                cells = as_text(piece.select("_key", *names), NULL)
                cells = cells.with_columns(  # a checkbox cannot be null
                    pl.col(field.name).replace(NULL, "false") for field in records.fields if field.kind == "flag"
                )
                yield piece.height, _csv(cells)

    return write_parts(folder, target.options["object"], "csv", split(pieces(), head=header, most=MOST_BYTES))


def _csv(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, line_terminator="\n")
    return buffer.getvalue()


def definitions(records: Records, target: Target) -> pl.DataFrame:
    """Return what an administrator has to set up: API name, label, type and description of each field."""
    rows = [
        (target.options["external_id"], "Influence id", "Text(255), External ID, Unique", "Known by: " + target.key)
    ]
    rows += [(field.name, field.label, _TYPES[field.kind], field.meaning) for field in records.fields]
    return pl.DataFrame(rows, schema=["api_name", "label", "type", "description"], orient="row")
