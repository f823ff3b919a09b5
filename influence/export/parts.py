"""What the formats of a delivery share: one frame of all that is written, text for values, files that end in time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from influence.export.changes import Plan
from influence.export.records import Records, digests
from influence.export.targets import Target

__all__ = ["Part", "Parts", "as_text", "rows_of", "split", "write_parts"]

_ROWS = 50_000


@dataclasses.dataclass(frozen=True)
class Part:
    """A file of a delivery."""

    name: str
    rows: int
    bytes: int


@dataclasses.dataclass(frozen=True, eq=False)
class Parts:
    """What a delivery is made of: records to write and to clear, with the same columns.

    Attributes
    ----------
    write, clear : polars.DataFrame
        ``_key``, ``_id``, ``_hash`` and the fields; to clear, the fields are null.
    """

    write: pl.DataFrame
    clear: pl.DataFrame

    @classmethod
    def of(cls, plan: Plan, records: Records, target: Target) -> Parts:
        """Return the parts of a plan."""
        schema = plan.write.schema
        fields = [field.name for field in records.fields]
        empty = plan.clear.with_columns(pl.lit(None, dtype=schema[name]).alias(name) for name in fields)
        clear = empty.with_columns(digests(empty, target.form)).select(plan.write.columns)
        return cls(plan.write, clear)


def as_text(frame: pl.DataFrame, empty: str) -> pl.DataFrame:
    """Return all columns as text, with ``empty`` for what has no value or no text."""
    text = frame.select(pl.all().cast(pl.String))
    return text.select(pl.when(pl.all() == "").then(None).otherwise(pl.all()).fill_null(empty).name.keep())


def rows_of(frame: pl.DataFrame, rows: int = _ROWS) -> Iterator[pl.DataFrame]:
    """Return a frame piece by piece, so that text of all of it never stands in memory."""
    yield from frame.iter_slices(rows)


def split(pieces: Iterable[tuple[int, bytes]], *, head: bytes = b"", most: int) -> Iterator[tuple[int, list[bytes]]]:
    """Gather pieces of text into files of at most ``most`` bytes, each with ``head`` at its top.

    Parameters
    ----------
    pieces : iterable of (rows, text)
        None alone is longer than a file may be.
    """
    gathered: list[bytes] = [head]
    rows = size = 0
    for count, piece in pieces:
        if rows and size + len(piece) > most - len(head):
            yield rows, gathered
            gathered, rows, size = [head], 0, 0
        gathered.append(piece)
        rows += count
        size += len(piece)
    if rows:
        yield rows, gathered


def write_parts(folder: Path, stem: str, ending: str, files: Iterable[tuple[int, list[bytes]]]) -> list[Part]:
    """Write files ``stem-0001.ending`` and so on, and return what they are."""
    written = []
    for number, (rows, pieces) in enumerate(files, start=1):
        path = folder / f"{stem}-{number:04d}.{ending}"
        with path.open("xb") as file:
            file.writelines(pieces)
        written.append(Part(path.name, rows, path.stat().st_size))
    return written
