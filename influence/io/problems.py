"""Bad rows: found in bulk, told one by one, and dropped or put aside if the user said so."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.raw import Fault, Where

__all__ = ["SHOWN", "Problems", "listed", "show"]

#: Bad rows that a message spells out; the rest are counted.
SHOWN = 10
_WIDTH = 60
_NAMES = 12

Ints = npt.NDArray[np.int64]


def show(value: object) -> str:
    """Return a value as a message shows it: quoted if text, and never a screenful."""
    if isinstance(value, (str, bytes)):
        value = value[: _WIDTH + 1]
    text = repr(value)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


def listed(names: Sequence[str]) -> str:
    """Return names in a row: all of them, or the first and how many more."""
    shown = ", ".join(name if len(name) <= _WIDTH else f"{name[:_WIDTH]}…" for name in names[:_NAMES])
    return shown if len(names) <= _NAMES else f"{shown}, … and {len(names) - _NAMES:,} more"


@dataclasses.dataclass(frozen=True)
class _Told:
    """Rows that are bad for one reason; ``texts`` are those of the first few."""

    column: str
    reason: str
    rows: Ints
    texts: Sequence[str]


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
    faults
        Rows that the reader could not read; what their cells seem to hold is not looked at.
    checked
        Whether the text is known to hold no NUL character.
    """

    def __init__(
        self, name: str, n_rows: int, where: Where, faults: Iterable[Fault] = (), *, checked: bool = False
    ) -> None:
        self.name = name
        self.checked = checked
        self.n_rows = n_rows
        self.where = where
        self._bad = np.zeros(n_rows, dtype=bool)
        self._told: list[_Told] = []
        self._steps: dict[str, None] = {}
        for fault in faults:
            self._tell(fault.column, fault.reason, fault.rows, fault.texts, fault.step)
        self._unread = self._bad.copy() if self._told else None

    def add(self, raw: pl.Series, bad: pl.Series, reason: str, step: str | None = None) -> None:
        """Report rows of the column ``raw`` (a whole line if it has no name) where ``bad`` is true, and what to do."""
        rows = self._rows(bad)
        if not rows.size:
            return
        cells = raw.gather(rows[:SHOWN])
        if cells.dtype.is_temporal():
            # As a person reads it: the repr of a date is code.
            cells = cells.cast(pl.String)
        texts = ["is empty" if value is None or value == "" else f"{show(value)} {reason}" for value in cells.to_list()]
        self._tell(raw.name, reason, rows, texts, step)

    def add_empty(self, name: str, empty: pl.Series) -> None:
        """Report empty cells of a column that needs a value in every row."""
        # A cell of blanks, or a float that is none, is shown as what it is.
        rows = self._rows(empty)
        if rows.size:
            self._tell(name, "is empty", rows, ["is empty"] * SHOWN)

    def _rows(self, bad: pl.Series) -> Ints:
        if not bad.any():
            return np.empty(0, dtype=np.int64)
        mask = bad.fill_null(value=False).to_numpy()
        return np.flatnonzero(mask if self._unread is None else mask & ~self._unread)

    def _tell(self, column: str, reason: str, rows: Ints, texts: Sequence[str], step: str | None = None) -> None:
        self._bad[rows] = True
        self._told.append(_Told(column, reason, rows, texts))
        self._steps[step or "Correct or remove these rows"] = None

    def bad(self) -> Ints:
        """Return the indices of the bad rows."""
        return np.flatnonzero(self._bad)

    def check(self) -> None:
        """Raise if any row is bad.

        Raises
        ------
        DataError
            With the first ten rows, how many there are, and the next step.
        """
        count = int(self._bad.sum())
        if count:
            head = f"{self.name}: {count:,} bad row{'s' if count > 1 else ''}"
            raise DataError("\n".join([head, *self.first(), *(f"{step}." for step in self._steps)]))

    def check_some_good(self) -> None:
        """Raise if there are rows and all of them are bad: that is no bad row here and there.

        Raises
        ------
        DataError
            With the first ten rows, and the next step.
        """
        if self.n_rows and self._bad.all():
            head = f"{self.name}: every row is bad ({self.n_rows:,}), and dropping them leaves nothing"
            raise DataError("\n".join([head, *self.first(), *(f"{step}." for step in self._steps)]))

    def first(self) -> list[str]:
        """Return lines that tell the first ten faults, and one that counts the other rows."""
        rows = [
            (row, at, told.column, text)
            for at, told in enumerate(self._told)
            for row, text in zip(told.rows.tolist(), told.texts, strict=False)
        ]
        rows = sorted(rows)[:SHOWN]
        places = self.where(np.array([row for row, *_ in rows], dtype=np.int64))
        lines = [
            f"  {place}, column {column!r}: {text}" if column else f"  {place}: {text}"
            for place, (_, _, column, text) in zip(places, rows, strict=True)
        ]
        more = int(self._bad.sum()) - len({row for row, *_ in rows})
        return [*lines, f"  … and {more:,} more"] if more > 0 else lines

    def counts(self) -> str:
        """Return how often each reason holds, in words: ``amount is empty (3), type is not a known type (1)``."""
        counts: dict[str, int] = {}
        for told in self._told:
            said = f"{told.column} {told.reason}".strip()
            counts[said] = counts.get(said, 0) + len(told.rows)
        return ", ".join(f"{said} ({count:,})" for said, count in counts.items())

    def reasons(self) -> list[tuple[str, str]]:
        """Return the columns and the reasons of each bad row, in the order of :meth:`bad`."""
        bad = self.bad()
        columns: list[list[str]] = [[] for _ in bad]
        reasons: list[list[str]] = [[] for _ in bad]
        for told in self._told:
            for at in np.searchsorted(bad, told.rows).tolist():
                if told.column:
                    columns[at].append(told.column)
                reasons[at].append(told.reason)
        return [("; ".join(c), "; ".join(r)) for c, r in zip(columns, reasons, strict=True)]
