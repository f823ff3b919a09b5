"""What can only be told of a whole table: a customer listed twice, money in several currencies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from influence.errors import DataError
from influence.io.canonical import Part, Reading
from influence.io.problems import Ints, listed

__all__ = ["check_currency", "unlisted_twice"]


def check_currency(role: str, parts: Sequence[Part], notes: list[str]) -> None:
    """Check that the money of a table is in one currency, and note which.

    Raises
    ------
    DataError
        It is in several; the message counts the rows of each.
    """
    counts: dict[str, int] = {}
    unsaid = 0
    for part in parts:
        if "currency" not in part.frame.columns:
            unsaid += part.frame.height
            continue
        for name, count in part.frame["currency"].value_counts().rows():
            if name is None:
                unsaid += count
            else:
                counts[name] = counts.get(name, 0) + count
    said = [f"{name} ({count:,} rows)" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    if len(counts) > 1:
        raise DataError(
            f"{role}: money in {len(counts)} currencies, {listed(said)}, which can't be added up. Convert it to one "
            "before reading, or keep the rows of one currency"
        )
    if counts:
        rest = f"; rows without one are taken to be the same: {unsaid:,}" if unsaid else ""
        notes.append(f"{role}: all money is in {next(iter(counts))}{rest}")


def unlisted_twice(ids: pl.Series, parts: Sequence[Part], reading: Reading) -> Ints | None:
    """Return the rows that are the first of their customer, or None if all are.

    Raises
    ------
    DataError
        A customer is listed twice, and bad rows are not to be skipped.
    """
    second = np.flatnonzero(~ids.is_first_distinct().to_numpy())
    if not second.size:
        return None
    row = int(second[0])
    first = int((ids == ids[row]).arg_max() or 0)
    places = [_place(parts, wanted) for wanted in (first, row)]
    more = f" ({len(second):,} such rows in all)" if len(second) > 1 else ""
    said = f"customer {ids[row]} is listed twice: {places[0]} and {places[1]}{more}"
    if reading.options.strict:
        raise DataError(f"{said}. Keep one row per customer")
    reading.notes.append(f"{said}; only the first row of a customer is kept")
    start = 0
    for part in parts:
        here = second[(second >= start) & (second < start + part.frame.height)] - start
        start += part.frame.height
        if here.size:
            reading.bad_rows[part.name] = reading.bad_rows.get(part.name, 0) + len(here)
        if reading.quarantine is not None:
            why = [("id", "is listed twice")] * len(here)
            reading.quarantine.put_rows(part.name, here, part.where(here), why, part.rows)
    return np.delete(np.arange(len(ids)), second)


def _place(parts: Sequence[Part], row: int) -> str:
    for part in parts:
        if row < part.frame.height:
            (place,) = part.where(np.array([row]))
            return f"{part.name}, {place}"
        row -= part.frame.height
    raise IndexError(row)
