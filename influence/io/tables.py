"""The tables of a run: every source read, checked, and put into canonical columns."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from influence.config import Settings
from influence.errors import DataError, UsageError
from influence.io.canonical import Reading, canonical, joined
from influence.io.crosscheck import check_currency, unlisted_twice
from influence.io.frames import as_frame
from influence.io.options import ReadOptions
from influence.io.problems import listed, show
from influence.io.quarantine import Quarantine
from influence.io.raw import FrameSource, Source
from influence.io.roles import split_source, tell_role
from influence.io.schema import ROLES, SCHEMA, normal, suggestion
from influence.io.sources import STDIN, open_source
from influence.io.times import RELATIVE
from influence.io.values import check_types

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
        Of the file's bytes, in hexadecimal; empty for an address, whose bytes are not all read.
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
        ``source, target, type`` and maybe ``timestamp, weight, sentiment, incentivised, channel, id,
        incentive_cost``.
    actions : polars.DataFrame or None
        ``customer, item`` and maybe ``timestamp, value``.
    transactions : polars.DataFrame or None
        ``customer, timestamp`` and maybe ``amount, item, margin, discounted, currency``.
    customers : polars.DataFrame or None
        ``id`` and maybe ``clv, segment, is_customer, signup, nps, vetted, consent, suppress, currency``, then every
        other column as a label.
    identities : polars.DataFrame or None
        ``customer, channel, handle``: which handles are one person; see :func:`merge_identities`.
    topics : polars.DataFrame or None
        ``customer, topic`` and maybe ``timestamp``: who raised which issue or idea.
    suppress : polars.DataFrame or None
        ``id`` of people who must not be processed; see :func:`suppress`.
    files : tuple of SourceFile
        What was read, in the order given.
    notes : tuple of str
        What was recognised or assumed, in words for the user.
    options : ReadOptions
        How the sources were read.
    bad_rows : dict of int
        Rows that were left out, by source; sources without any are not in it.
    """

    follows: pl.DataFrame | None = None
    interactions: pl.DataFrame | None = None
    actions: pl.DataFrame | None = None
    transactions: pl.DataFrame | None = None
    customers: pl.DataFrame | None = None
    identities: pl.DataFrame | None = None
    topics: pl.DataFrame | None = None
    suppress: pl.DataFrame | None = None
    files: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()
    options: ReadOptions = dataclasses.field(default_factory=ReadOptions)
    bad_rows: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def frames(self, roles: Iterable[str] = ROLES) -> dict[str, pl.DataFrame]:
        """Return the tables that are there, by role, in the order asked for."""
        return {role: frame for role in roles if (frame := getattr(self, role)) is not None}


def read_tables(
    sources: Sequence[str],
    *,
    options: ReadOptions | None = None,
    time_unit: str | None = None,
    settings: Settings | None = None,
    **changes: Any,
) -> Tables:
    """Read files into validated tables.

    Parameters
    ----------
    sources
        Each ``ROLE=path``, or a path whose role its columns tell. A path may be a pattern such as ``2024-*.csv``.
        Files of one role are put one below the other, in this order. ``-`` is the standard input; an address such
        as ``s3://bucket/events.parquet`` is read by polars.
    options
        How they are read; the defaults if None.
    time_unit
        What numbers in time columns count: ``"s"``, ``"ms"`` or ``"us"`` from 1970-01-01 UTC; ``"day"``, ``"month"``
        or ``"relative"`` (seconds) from the start of a study. Without it, only columns that lie between 1990 and 2100
        as seconds or milliseconds are understood.
    settings
        Which types of interaction are known; the defaults if None.
    **changes
        Options by name, over ``options``: ``encoding``, ``decimal``, ``map``, ``map_type``, ``fold_case``,
        ``on_bad_rows``; see :class:`ReadOptions`.

    Raises
    ------
    UsageError
        A role is unknown, can't be told, the same file is given twice, or an option can't be used.
    DataError
        A file is missing or broken, or has bad rows: the message names file, line, column and value.
    """
    reading = _reading(options, time_unit, settings, changes)
    if isinstance(sources, str):
        raise UsageError("sources must be a list of ROLE=path, not one text; put it in brackets")
    opened = [_open(name, role, reading) for role, name in _files(sources)]
    files = []
    for role, source in opened:
        part = canonical(source, role, reading)
        files.append(SourceFile(source.name, role, part.frame.height, source.digest))
    return _tables(reading, tuple(files))


def tables_from_frames(
    *,
    follows: Any = None,
    interactions: Any = None,
    actions: Any = None,
    transactions: Any = None,
    customers: Any = None,
    identities: Any = None,
    topics: Any = None,
    suppress: Any = None,
    options: ReadOptions | None = None,
    time_unit: str | None = None,
    settings: Settings | None = None,
    **changes: Any,
) -> Tables:
    """Validate frames as if they were files.

    Parameters
    ----------
    follows, interactions, actions, transactions, customers, identities, topics, suppress
        Polars frames, eager or lazy, pandas frames (whose index is not read, and whose NaN is a missing value), or
        any object with ``__arrow_c_stream__`` (pyarrow, DuckDB, …).
    options, time_unit, settings, **changes
        As for :func:`read_tables`.

    Raises
    ------
    UsageError
        An argument is no frame.
    DataError
        A frame has bad rows; the message names frame, row (the first is 1), column and value.
    """
    reading = _reading(options, time_unit, settings, changes)
    frames = (follows, interactions, actions, transactions, customers, identities, topics, suppress)
    for role, frame in zip(ROLES, frames, strict=True):
        if frame is not None:
            canonical(FrameSource(f"{role} frame", as_frame(frame, role)), role, reading)
    return _tables(reading, ())


def _reading(
    options: ReadOptions | None, time_unit: str | None, settings: Settings | None, changes: Mapping[str, Any]
) -> Reading:
    options = options or ReadOptions()
    if time_unit is not None:
        if options.time_unit not in (None, time_unit):
            raise UsageError(f"the time unit is given twice: {options.time_unit!r} and {time_unit!r}")
        options = options.replace(time_unit=time_unit)
    if changes:
        options = options.replace(**changes)
    settings = settings or Settings()
    check_types(options.map_type, settings)
    quarantine = None if options.quarantine is None else Quarantine(options.quarantine)
    return Reading(options, settings, unused_types=set(options.map_type), quarantine=quarantine)


def _files(sources: Sequence[str]) -> list[tuple[str | None, str]]:
    if not sources:
        raise UsageError(f"no source given; name at least one file, as ROLE=path with ROLE one of {', '.join(ROLES)}")
    found: list[tuple[str | None, str]] = []
    seen: dict[str, str] = {}
    for text in sources:
        role, path = split_source(text)
        pattern = Path(path).expanduser()
        names = [path]
        # What exists is no pattern, whatever letters its name has.
        if path != STDIN and not _exists(pattern) and "://" not in path and re.search(r"[*?\[]", pattern.name):
            names = sorted(str(entry) for entry in pattern.parent.glob(pattern.name)) or names
        for name in names:
            place = name if name == STDIN or "://" in name else str(Path(name).expanduser().resolve())
            if place in seen:
                raise UsageError(f"{name}: given twice ({seen[place]!r} and {text!r}); its rows would count twice")
            seen[place] = text
            found.append((role, name))
    return found


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name that is too long
        return False


def _open(name: str, role: str | None, reading: Reading) -> tuple[str, Source]:
    quarantine = reading.options.quarantine
    if quarantine is not None and name != STDIN and quarantine.resolve() == Path(name).expanduser().resolve():
        raise UsageError(f"{name}: is read, and bad rows can't be written over it; name another quarantine file")
    source = open_source(name, role, reading.options)
    return role or tell_role(source, reading.options), source


def _tables(reading: Reading, files: tuple[SourceFile, ...]) -> Tables:
    frames = {role: joined(role, parts) for role, parts in reading.parts.items()}
    options = reading.options
    if options.time_unit is not None and not reading.counted:
        reading.notes.append(f"the time unit {options.time_unit!r} was not needed: no time column holds numbers")
    if options.time_unit in RELATIVE and reading.counted and reading.dated:
        raise DataError(
            f"{reading.dated}, holds dates, and other columns count from the start of a study, whose date nobody says: "
            "they can't be put on one clock. Write all times as dates, or all as numbers from the same start"
        )
    _check_maps(reading)
    for role, column in (("transactions", "amount"), ("customers", "clv")):
        if role in frames and {column, "currency"} <= set(frames[role].columns):
            check_currency(role, reading.parts[role], reading.notes)
    if "customers" in frames:
        good = unlisted_twice(frames["customers"]["id"], reading.parts["customers"], reading)
        frames["customers"] = frames["customers"] if good is None else frames["customers"][good]
    if reading.quarantine is not None:
        count = reading.quarantine.write()
        reading.notes.append(f"bad rows were written to {reading.quarantine.path}: {count:,}")
    return Tables(**frames, files=files, notes=tuple(reading.notes), options=options, bad_rows=reading.bad_rows)


def _check_maps(reading: Reading) -> None:
    """Check that what the user said about names met something."""
    for role, columns in reading.options.maps.items():
        there = reading.columns.get(role)
        if columns and there is None:
            reading.notes.append(f"the map of {role} was not needed: no source is of that role")
            continue
        names = {normal(name) for name in there or ()}
        for field, column in columns.items():
            if column and column not in (there or ()) and normal(column) not in names:
                hint = suggestion(SCHEMA[role][0], sorted(there or ()), column)
                raise UsageError(
                    f"map: {role}.{field} = {column!r}, but {role} have no such column, only "
                    f"{listed(sorted(there or ()))}. {hint}".rstrip()
                )
    if reading.unused_types:
        reading.notes.append(f"map_type: {listed([show(name) for name in sorted(reading.unused_types)])} occur nowhere")
