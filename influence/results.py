"""Frozen results: a table with the facts of how it was made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import polars as pl

__all__ = ["TableResult"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class TableResult:
    """A table, the facts that a manifest records, and what a reader should be told.

    Attributes
    ----------
    frame : polars.DataFrame
    facts : Mapping
        Plain values, ready for JSON.
    notes : tuple of str
        What was assumed, left out or found, in words.
    """

    frame: pl.DataFrame
    facts: Mapping[str, Any]
    notes: tuple[str, ...]

    def to_polars(self) -> pl.DataFrame:
        """Return the table."""
        return self.frame

    def head(self, rows: int) -> Self:
        """Return the same result with the first rows of its table only."""
        return dataclasses.replace(self, frame=self.frame.head(rows))

    def __len__(self) -> int:
        return self.frame.height

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.frame.height:,} rows>\n{self.frame}"

    def _repr_html_(self) -> str:
        return self.frame._repr_html_()
