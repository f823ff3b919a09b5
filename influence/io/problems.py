"""Bad rows: found in bulk, told one by one."""

from __future__ import annotations

import numpy as np
import polars as pl

from influence.errors import DataError
from influence.io.raw import Where

__all__ = ["SHOWN", "Problems", "show"]

#: Bad rows that a message spells out; the rest are counted.
SHOWN = 10
_WIDTH = 60


def show(value: object) -> str:
    """Return a value as a message shows it: quoted if text, and never a screenful."""
    text = repr(value)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


class Problems:
    """The bad rows of one file, gathered over its columns so that one message tells all.

    Parameters
    ----------
    name
        The file as messages call it.
    n_rows
        Rows that were read.
    where
        From row indices to what an editor shows: ``["line 2", …]``.
    """

    def __init__(self, name: str, n_rows: int, where: Where) -> None:
        self.name = name
        self.where = where
        self._bad = np.zeros(n_rows, dtype=bool)
        self._told: list[tuple[int, int, str]] = []
        self._steps: dict[str, None] = {}

    def add(self, raw: pl.Series, bad: pl.Series, reason: str, step: str | None = None) -> None:
        """Report rows of the column ``raw`` (a whole line if it has no name) where ``bad`` is true, and what to do."""
        rows = np.flatnonzero(bad.fill_null(value=False).to_numpy())
        if not rows.size:
            return
        self._bad[rows] = True
        first = rows[:SHOWN]
        cells = raw.gather(first)
        if cells.dtype.is_temporal():
            # As a person reads it: the repr of a date is code.
            cells = cells.cast(pl.String)
        for row, value in zip(first.tolist(), cells.to_list(), strict=True):
            fault = "is empty" if value is None or value == "" else f"{show(value)} {reason}"
            self._told.append((row, len(self._told), f", column {raw.name!r}: {fault}" if raw.name else f": {fault}"))
        self._steps[step or "Correct or remove these rows"] = None

    def add_empty(self, raw: pl.Series, empty: pl.Series) -> None:
        """Report empty cells of a column that needs a value in every row."""
        # A cell of blanks, or a float that is none, is shown as what it is.
        self.add(pl.Series(raw.name, [None] * len(raw), dtype=pl.String), empty, "")

    def check(self) -> None:
        """Raise if any row is bad.

        Raises
        ------
        DataError
            With the first ten rows, how many there are, and the next step.
        """
        count = int(self._bad.sum())
        if not count:
            return
        told = sorted(self._told)[:SHOWN]
        places = self.where(np.array([row for row, _, _ in told], dtype=np.int64))
        lines = [f"  {place}{text}" for place, (_, _, text) in zip(places, told, strict=True)]
        more = count - len({row for row, _, _ in told})
        if more > 0:
            lines.append(f"  … and {more:,} more")
        head = f"{self.name}: {count:,} bad row{'s' if count > 1 else ''}"
        raise DataError("\n".join([head, *lines, *(f"{step}." for step in self._steps)]))
