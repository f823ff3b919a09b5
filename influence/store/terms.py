"""What all loads of a store must have in common, so that their numbers can be put together."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from influence.errors import DataError
from influence.io import Tables
from influence.io.times import RELATIVE

__all__ = ["agreed", "terms"]

_TIMES = ("since", "timestamp", "signup")
_MONEY = {"transactions": "amount", "customers": "clv"}
# Times that count from the start of a study lie from here on; those that are recognised as dates start in 1990.
_NO_DATE = 1990


def terms(tables: Tables, frames: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Return the clock and the currencies of tables, as far as they say: dates or times from the start of a study."""
    found = {}
    years = [frame[name].dt.year().min() for frame in frames.values() for name in _TIMES if name in frame.columns]
    said = [year for year in years if isinstance(year, int)]
    if said:
        relative = tables.options.time_unit in RELATIVE and min(said) < _NO_DATE
        found["times"] = "times from the start of a study" if relative else "dates"
    for role, column in _MONEY.items():
        frame = frames.get(role)
        if frame is not None and {column, "currency"} <= set(frame.columns):
            names = frame["currency"].drop_nulls().unique()
            if len(names) == 1:  # several in one load were refused when it was read
                found[f"currency of {role}"] = f"money in {names[0]}"
    return found


def agreed(old: Mapping[str, str], new: Mapping[str, str], place: str) -> dict[str, str]:
    """Return the terms of a store after a load.

    Raises
    ------
    DataError
        They contradict each other.
    """
    for what, said in new.items():
        if old.get(what, said) != said:
            raise DataError(
                f"{place}: the store holds {old[what]}, and what is loaded holds {said} ({what}); "
                "they can't be put together. Convert them first, or load them into another store"
            )
    return {**old, **new}
