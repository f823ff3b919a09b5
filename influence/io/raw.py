"""What every reader hands on: columns as they were written, and where each row stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["FrameSource", "Raw", "Source", "Where", "first_line", "numbered"]

Where = Callable[[npt.NDArray[np.int64]], list[str]]


@dataclasses.dataclass(frozen=True)
class Raw:
    """Columns as they were written, and where each row stands (``["line 2", …]``)."""

    name: str
    frame: pl.DataFrame
    where: Where


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

    def read(self, columns: Sequence[str]) -> Raw:
        """Read these columns."""


@dataclasses.dataclass(frozen=True)
class FrameSource:
    """A frame that the caller holds."""

    name: str
    frame: pl.DataFrame
    headless: bool = False

    @property
    def columns(self) -> Sequence[str]:
        """Its columns, as they are spelled."""
        return self.frame.columns

    def read(self, columns: Sequence[str]) -> Raw:
        """Return these columns."""
        return Raw(self.name, self.frame.select(columns), numbered)


def numbered(rows: npt.NDArray[np.int64]) -> list[str]:
    """Return the places of rows that have no line, counted from 1."""
    return [f"row {row + 1}" for row in rows.tolist()]


def first_line(error: BaseException) -> str:
    """Return the first line of somebody else's error, which may be a page long."""
    return str(error).strip().split("\n", 1)[0][:200] or type(error).__name__
