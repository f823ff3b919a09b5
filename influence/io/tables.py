"""The tables of a run: every source read, checked, and put into canonical columns."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from influence.config import Settings
from influence.errors import DataError, UsageError
from influence.io.canonical import Part, Reading, canonical, joined
from influence.io.raw import FrameSource, Source
from influence.io.roles import split_source, tell_role
from influence.io.schema import ROLES
from influence.io.sources import open_source, sha256
from influence.io.times import check_unit

__all__ = ["SourceFile", "Tables", "read_tables", "tables_from_frames"]


@dataclasses.dataclass(frozen=True)
class SourceFile:
    """A file that was read, as the manifest of a run names it.

    Attributes
    ----------
    path : str
        As the user wrote it.
    role : str
        The table that it became part of.
    rows : int
        Rows that it gave, without header, comments and blank lines.
    sha256 : str
        Of the file's bytes, in hexadecimal.
    """

    path: str
    role: str
    rows: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class Tables:
    """Validated tables with canonical columns; None where no source has that role.

    Ids are Int64 if every value of the column is a canonical integer, otherwise stripped text. Times are
    ``Datetime("us", "UTC")``. Optional columns are there if some source has them.

    Attributes
    ----------
    follows : polars.DataFrame or None
        ``source, target`` and maybe ``since``: source follows target.
    interactions : polars.DataFrame or None
        ``source, target, type`` and maybe ``timestamp, weight, sentiment, incentivised, channel, id``.
    actions : polars.DataFrame or None
        ``customer, item`` and maybe ``timestamp, value``.
    transactions : polars.DataFrame or None
        ``customer, timestamp`` and maybe ``amount, item, margin, discounted``.
    customers : polars.DataFrame or None
        ``id`` and maybe ``clv, segment, is_customer, signup, nps``, then every other column as a label.
    files : tuple of SourceFile
        What was read, in the order given.
    notes : tuple of str
        What was recognised or assumed, in words for the user.
    """

    follows: pl.DataFrame | None = None
    interactions: pl.DataFrame | None = None
    actions: pl.DataFrame | None = None
    transactions: pl.DataFrame | None = None
    customers: pl.DataFrame | None = None
    files: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()


def read_tables(sources: Sequence[str], *, time_unit: str | None = None, settings: Settings | None = None) -> Tables:
    """Read files into validated tables.

    Parameters
    ----------
    sources
        Each ``ROLE=path``, or a path whose role its columns tell. A path may be a pattern such as ``2024-*.csv``.
        Files of one role are put one below the other, in this order.
    time_unit
        What numbers in time columns count from 1970-01-01 UTC: ``"s"``, ``"ms"`` or ``"us"``. Without it, only
        columns that lie between 1990 and 2100 as seconds or milliseconds are understood.
    settings
        Which types of interaction are known; the defaults if None.

    Raises
    ------
    UsageError
        A role is unknown, can't be told, or the same file is given twice.
    DataError
        A file is missing or broken, or has bad rows: the message names file, line, column and value.
    """
    reading = _reading(time_unit, settings)
    if isinstance(sources, str):
        raise UsageError("sources must be a list of ROLE=path, not one text; put it in brackets")
    opened = [_open(name, role) for role, name in _files(sources)]
    files = []
    for role, source in opened:
        part = canonical(source, role, reading)
        files.append(SourceFile(source.name, role, part.frame.height, sha256(source.name)))
    return _tables(reading, tuple(files))


def tables_from_frames(
    *,
    follows: Any = None,
    interactions: Any = None,
    actions: Any = None,
    transactions: Any = None,
    customers: Any = None,
    time_unit: str | None = None,
    settings: Settings | None = None,
) -> Tables:
    """Validate frames as if they were files.

    Parameters
    ----------
    follows, interactions, actions, transactions, customers
        Polars frames, or any object with ``__arrow_c_stream__`` (pandas, pyarrow, DuckDB, …).
    time_unit, settings
        As for :func:`read_tables`.

    Raises
    ------
    UsageError
        An argument is no frame.
    DataError
        A frame has bad rows; the message names frame, row (the first is 1), column and value.
    """
    reading = _reading(time_unit, settings)
    frames = (follows, interactions, actions, transactions, customers)
    for role, frame in zip(("follows", "interactions", "actions", "transactions", "customers"), frames, strict=True):
        if frame is not None:
            canonical(FrameSource(f"{role} frame", _frame(frame, role)), role, reading)
    return _tables(reading, ())


def _frame(frame: Any, role: str) -> pl.DataFrame:
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if not hasattr(frame, "__arrow_c_stream__"):
        raise UsageError(
            f"{role}: {type(frame).__name__} is no frame; pass a polars frame or an object with __arrow_c_stream__"
        )
    return pl.DataFrame(frame)


def _reading(time_unit: str | None, settings: Settings | None) -> Reading:
    check_unit(time_unit)
    return Reading(time_unit, settings or Settings())


def _files(sources: Sequence[str]) -> list[tuple[str | None, str]]:
    if not sources:
        raise UsageError(f"no source given; name at least one file, as ROLE=path with ROLE one of {', '.join(ROLES)}")
    found: list[tuple[str | None, str]] = []
    seen: dict[Path, str] = {}
    for text in sources:
        role, path = split_source(text)
        pattern = Path(path).expanduser()
        names = [path]
        # What exists is no pattern, whatever letters its name has.
        if not pattern.exists() and re.search(r"[*?\[]", pattern.name):
            names = sorted(str(entry) for entry in pattern.parent.glob(pattern.name)) or names
        for name in names:
            place = Path(name).expanduser().resolve()
            if place in seen:
                raise UsageError(f"{name}: given twice ({seen[place]!r} and {text!r}); its rows would count twice")
            seen[place] = text
            found.append((role, name))
    return found


def _open(name: str, role: str | None) -> tuple[str, Source]:
    source = open_source(name, role)
    return role or tell_role(source), source


def _tables(reading: Reading, files: tuple[SourceFile, ...]) -> Tables:
    frames = {role: joined(role, parts) for role, parts in reading.parts.items()}
    if reading.time_unit is not None and not reading.counted:
        reading.notes.append(f"the time unit {reading.time_unit!r} was not needed: no time column holds numbers")
    customers = frames.get("customers")
    if customers is not None:
        _check_unique(customers["id"], reading.parts["customers"])
    return Tables(**frames, files=files, notes=tuple(reading.notes))


def _check_unique(ids: pl.Series, parts: Sequence[Part]) -> None:
    """Raise DataError at the first customer who is listed twice."""
    second = np.flatnonzero(~ids.is_first_distinct().to_numpy())
    if not second.size:
        return
    row = int(second[0])
    first = int((ids == ids[row]).arg_max() or 0)
    places = []
    for wanted in (first, row):
        start = 0
        for part in parts:
            if wanted < start + part.frame.height:
                (place,) = part.where(np.array([wanted - start]))
                places.append(f"{part.name}, {place}")
                break
            start += part.frame.height
    more = f" ({len(second):,} such rows in all)" if len(second) > 1 else ""
    raise DataError(
        f"customer {ids[row]} is listed twice: {places[0]} and {places[1]}{more}. Keep one row per customer"
    )
