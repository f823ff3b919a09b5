"""What every reader hands on: columns as they were written, and where each row stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = [
    "LARGE_ROWS",
    "Fault",
    "FrameSource",
    "Raw",
    "Rows",
    "Source",
    "Where",
    "first_line",
    "frame_rows",
    "numbered",
]

#: Rows from which a source counts as large.
LARGE_ROWS = 1 << 19

Where = Callable[[npt.NDArray[np.int64]], list[str]]
#: From row indices to what stands in them, every column as text: what is put aside must be there to be mended.
Rows = Callable[[npt.NDArray[np.int64]], list[dict[str, str | None]]]


@dataclasses.dataclass(frozen=True)
class Fault:
    """Rows of which a reader knows already that they are bad, whatever their cells seem to hold.

    ``texts`` says what is wrong with each of the first few, ``reason`` the same of all of them.
    """

    rows: npt.NDArray[np.int64]
    column: str
    texts: Sequence[str]
    reason: str
    step: str


@dataclasses.dataclass(frozen=True)
class Raw:
    """Columns as they were written, and where each row stands (``["line 2", …]``).

    ``checked`` says that its text is known to hold no NUL character.
    """

    name: str
    frame: pl.DataFrame
    where: Where
    rows: Rows
    faults: tuple[Fault, ...] = ()
    checked: bool = False


class Source(Protocol):
    """A file or frame, some columns of which can be read."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def columns(self) -> Sequence[str]:
        """Its columns, as they are spelled."""

    @property
    def headless(self) -> bool:
        """Whether it is a bare edge list, whose columns have no names of their own."""

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal; empty where they are not at hand."""

    def read(self, columns: Sequence[str], *, strict: bool, coded: Collection[str] = ()) -> Raw:
        """Read these columns; rows that can't be are an error if ``strict``, else faults.

        Columns of ``coded`` hold the same few values many times over: a large source gives their text as Categorical,
        which takes a fraction of the memory and of the time for all that comes after.
        """


@dataclasses.dataclass(frozen=True)
class FrameSource:
    """A frame that the caller holds."""

    name: str
    frame: pl.DataFrame
    headless: bool = False
    digest: str = ""

    @property
    def columns(self) -> Sequence[str]:
        """Its columns, as they are spelled."""
        return self.frame.columns

    def read(self, columns: Sequence[str], *, strict: bool, coded: Collection[str] = ()) -> Raw:
        """Return these columns."""
        del strict, coded  # a frame has no rows that can't be read
        return Raw(self.name, self.frame.select(columns), numbered, lambda rows: frame_rows(self.frame[rows]))


def numbered(rows: npt.NDArray[np.int64]) -> list[str]:
    """Return the places of rows that have no line, counted from 1."""
    return [f"row {row + 1}" for row in rows.tolist()]


def frame_rows(frame: pl.DataFrame) -> list[dict[str, str | None]]:
    """Return rows as text."""
    return [
        {name: None if value is None else str(value) for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def first_line(error: BaseException) -> str:
    """Return the first line of somebody else's error, which may be a page long."""
    return str(error).strip().split("\n", 1)[0][:200] or type(error).__name__
