"""Deliveries as plain tables: CSV for people, Parquet and JSON lines for programs."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from influence.export.files import write_table
from influence.export.parts import Part, Parts
from influence.export.records import Records
from influence.export.targets import Target

__all__ = ["table", "write"]


def table(parts: Parts, records: Records, target: Target) -> pl.DataFrame:
    """Return one table of all: the key, ``action`` (write, clear), the fields and the idempotency key."""
    own = (target.key, "action", "idempotency_key")
    return pl.concat(
        [
            part.select(
                pl.col("_key").alias(target.key),
                pl.lit(action).alias("action"),
                *(pl.col(field.name) for field in records.fields if field.name not in own),
                pl.col("_hash").alias("idempotency_key"),
            )
            for action, part in (("clear", parts.clear), ("write", parts.write))
        ]
    )


def write(folder: Path, parts: Parts, records: Records, target: Target) -> list[Part]:
    """Write the table to one file, named after what it holds."""
    frame = table(parts, records, target)
    path = folder / f"scores.{target.form}"
    write_table(frame, path, target.form)
    return [Part(path.name, frame.height, path.stat().st_size)]
