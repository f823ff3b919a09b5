"""Frames of other libraries as polars frames."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl

from influence.errors import DataError, UsageError
from influence.io.raw import first_line

__all__ = ["as_frame", "series_of"]


def as_frame(given: Any, role: str) -> pl.DataFrame:
    """Return any frame as a polars frame: polars itself, pandas without its index, or whatever streams Arrow.

    Raises
    ------
    UsageError
        It is no frame.
    DataError
        It can't be turned into one.
    """
    if isinstance(given, pl.DataFrame):
        return given
    try:
        if isinstance(given, pl.LazyFrame):
            return given.collect()
        if _is_pandas(given):
            return _from_pandas(given, role)
        if not hasattr(given, "__arrow_c_stream__"):
            raise UsageError(
                f"{role}: {type(given).__name__} is no frame; pass a polars frame or an object with __arrow_c_stream__"
            )
        frame = pl.DataFrame(given)
    except (UsageError, MemoryError):
        raise
    # What other people's frames raise can't be listed.
    except (Exception, pl.exceptions.PanicException) as error:
        raise DataError(
            f"{role} frame: {type(given).__name__} can't be read ({first_line(error)}); pass columns of text, numbers "
            "and times, each name once"
        ) from error
    return frame


def series_of(name: str, values: list[Any]) -> pl.Series:
    """Return values of one kind, or numbers, as they are, and of several kinds as text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        return pl.Series(name, values, dtype=pl.Float64 if float in kinds else None)
    if len(kinds) == 1 and kinds <= {bool, str, dt.date, dt.datetime}:
        return pl.Series(name, values)
    return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)


def _is_pandas(given: Any) -> bool:
    return type(given).__module__.partition(".")[0] == "pandas" and type(given).__name__ == "DataFrame"


def _from_pandas(given: Any, role: str) -> pl.DataFrame:
    """Return a pandas frame: no index, NaN as missing, and text where a column mixes kinds."""
    # The index is how pandas finds rows, and would come along as a column.
    given = given.reset_index(drop=True)
    given.columns = [str(name) for name in given.columns]
    try:
        import pyarrow
    except ImportError as error:
        raise UsageError(f"{role}: pandas frames need pyarrow: pip install pyarrow, or pass a polars frame") from error
    try:
        return pl.DataFrame(given)
    except (pyarrow.ArrowException, TypeError):
        mixed = {name: [_text(value) for value in given[name]] for name in given.columns if given[name].dtype == object}
        if not mixed:
            raise
        return pl.DataFrame(given.assign(**mixed).astype(dict.fromkeys(mixed, "string")))


def _text(value: Any) -> str | None:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() else str(value)
    return str(value)
