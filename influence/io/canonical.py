"""A source of a known role, to the canonical columns of that role."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import polars as pl

from influence.config import Settings
from influence.errors import DataError
from influence.io import values
from influence.io.problems import Problems
from influence.io.raw import Source, Where
from influence.io.schema import SCHEMA, Field, check_names, match, missing, suggestion
from influence.io.times import read_times

__all__ = ["Part", "Reading", "canonical", "joined"]

_UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}
# Tables in which a time is worth having in every file or in none: half a history would pass for a quiet half.
_ALL_OR_NONE = ("interactions", "actions")


@dataclasses.dataclass(frozen=True)
class Part:
    """What one source gave to a table."""

    name: str
    frame: pl.DataFrame
    where: Where


@dataclasses.dataclass
class Reading:
    """What is asked for and what has been read so far; lives as long as one call."""

    time_unit: str | None
    settings: Settings
    parts: dict[str, list[Part]] = dataclasses.field(default_factory=dict)
    notes: list[str] = dataclasses.field(default_factory=list)
    counted: bool = False


def canonical(source: Source, role: str, reading: Reading) -> Part:
    """Read a source as ``role``, and add it to what was read.

    Raises
    ------
    DataError
        A required column is missing, or there are bad rows.
    """
    found = _columns(source, role)
    labels = [c for c in source.columns if c and c not in found.values()] if role == "customers" else []
    raw = source.read([*found.values(), *labels])
    problems = Problems(source.name, raw.frame.height, raw.where)
    fields = {field.name: field for field in SCHEMA[role]}
    columns = [_read(raw.frame[column], fields[name], reading, problems) for name, column in found.items()]
    problems.check()
    columns += [_label(raw.frame[label], problems) for label in labels]
    part = Part(source.name, pl.DataFrame(columns), raw.where)
    _note_columns(source, role, found, labels, reading.notes)
    if role == "transactions" and "amount" in found:
        refunds = int((part.frame["amount"] < 0).sum())
        if refunds:
            reading.notes.append(f"{source.name}: negative amounts are kept as refunds; rows: {refunds:,}")
    reading.parts.setdefault(role, []).append(part)
    return part


def _columns(source: Source, role: str) -> dict[str, str]:
    lacking = missing(role, source.columns)
    if lacking and source.headless:
        raise DataError(
            f"{source.name}: an edge list without a header can only be follows; as {role} it needs a header line "
            f"that names {' and '.join(lacking)}"
        )
    for field in SCHEMA[role]:
        if field.name in lacking:
            columns = ", ".join(source.columns)
            hint = suggestion(field, source.columns) or f"Rename the column that holds it to {field.name!r}."
            raise DataError(f"{source.name}: {role} need a column {field.name!r}; there are {columns}. {hint}")
    try:
        check_names(role, source.columns)
    except DataError as error:
        raise DataError(f"{source.name}: {error}") from None
    return match(role, source.columns)


def _read(raw: pl.Series, field: Field, reading: Reading, problems: Problems) -> pl.Series:
    if field.kind == "id":
        column = values.read_ids(raw, problems, reading.notes)
    elif field.kind == "time":
        column, unit = read_times(raw, reading.time_unit, problems)
        if unit is not None:
            reading.counted = True
            _note_unit(raw.name, column, unit, reading, problems)
    elif field.kind == "number":
        column = values.read_number(raw, field, problems)
    elif field.kind == "flag":
        column = values.read_flag(raw, problems)
    elif field.kind == "code":
        column = values.read_code(raw, problems)
    elif field.kind == "type":
        column = values.read_type(raw, reading.settings, problems)
    else:
        column = values.read_text(raw, problems)
    # Every reader gives null for an empty cell, and for some bad ones that it reported itself.
    if field.filled and column.null_count():
        problems.add_empty(raw, column.is_null() if field.kind == "id" else values.empty(raw, problems))
    return column.alias(field.name)


def _label(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return a label as it came, text without the white space around it."""
    return values.read_text(raw, problems) if raw.dtype == pl.String else raw


def _note_unit(name: str, times: pl.Series, unit: str, reading: Reading, problems: Problems) -> None:
    if reading.time_unit is None and times.null_count() < len(times):
        days = times.dt.date()
        reading.notes.append(
            f"{problems.name}: {name!r} is read as {_UNITS[unit]} since 1970 ({days.min()!s} to {days.max()!s})"
        )


def _note_columns(source: Source, role: str, found: Mapping[str, str], labels: Sequence[str], notes: list[str]) -> None:
    renamed = [f"{column!r} as {name}" for name, column in found.items() if column != name]
    unused = [repr(column) for column in source.columns if column not in (*found.values(), *labels)]
    said = [f"taken for {role}"]
    if source.headless:
        said = ["taken for follows: the first of a pair follows the second"]
    if renamed:
        said.append(", ".join(renamed))
    if unused:
        said.append(f"not used: {', '.join(unused)}")
    notes.append(f"{source.name}: {'; '.join(said)}")


def joined(role: str, parts: Sequence[Part]) -> pl.DataFrame:
    """Return the parts of one table one below the other; a column that a part lacks is null there.

    Raises
    ------
    DataError
        Some parts have times and some have none.
    """
    if len(parts) == 1:
        return parts[0].frame
    timed = [part.name for part in parts if "timestamp" in part.frame.columns]
    bare = [part.name for part in parts if "timestamp" not in part.frame.columns]
    if role in _ALL_OR_NONE and timed and bare:
        raise DataError(
            f"{bare[0]} has no time column and {timed[0]} has one; {role} need times in every file or in none"
        )
    order = [field.name for field in SCHEMA[role]]
    names = dict.fromkeys(name for part in parts for name in part.frame.columns)
    wanted = [name for name in order if name in names] + [name for name in names if name not in order]
    frames = [part.frame for part in parts]
    for name in wanted:
        types = {frame.schema[name] for frame in frames if name in frame.columns}
        if len(types) > 1:
            # Ids of which some are numbers and some are text, or a label that two files write differently.
            frames = [
                frame.with_columns(pl.col(name).cast(pl.String)) if name in frame.columns else frame for frame in frames
            ]
    return pl.concat(frames, how="diagonal").select(wanted)
