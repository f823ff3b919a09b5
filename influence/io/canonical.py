"""A source of a known role, to the canonical columns of that role."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from influence.config import Settings
from influence.errors import DataError
from influence.io import values
from influence.io.numbers import mark_of, note_thousands, read_number
from influence.io.options import ReadOptions
from influence.io.problems import Problems, listed, show
from influence.io.quarantine import Quarantine
from influence.io.raw import Raw, Rows, Source, Where
from influence.io.schema import SCHEMA, Field, check_names, match, missing, suggestion
from influence.io.times import RELATIVE, read_times

__all__ = ["Part", "Reading", "canonical", "joined"]

_UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}
# Tables that name the same people in many rows; the others name each once, or compare them.
_EVENTS = ("follows", "interactions", "actions", "transactions")
# Tables in which a time is worth having in every file or in none: half a history would pass for a quiet half.
_ALL_OR_NONE = ("interactions", "actions")


@dataclasses.dataclass(frozen=True)
class Part:
    """What one source gave to a table: rows, where each stands, and what was written there."""

    name: str
    frame: pl.DataFrame
    where: Where
    rows: Rows = lambda rows: [{} for _ in rows]


@dataclasses.dataclass
class Reading:
    """What is asked for and what has been read so far; lives as long as one call."""

    options: ReadOptions
    settings: Settings
    parts: dict[str, list[Part]] = dataclasses.field(default_factory=dict)
    notes: list[str] = dataclasses.field(default_factory=list)
    counted: bool = False
    dated: str = ""
    unused_types: set[str] = dataclasses.field(default_factory=set)
    columns: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    quarantine: Quarantine | None = None
    bad_rows: dict[str, int] = dataclasses.field(default_factory=dict)


def canonical(source: Source, role: str, reading: Reading) -> Part:
    """Read a source as ``role``, and add it to what was read.

    Raises
    ------
    DataError
        A required column is missing, or there are bad rows and they are not to be skipped.
    """
    found = _columns(source, role, reading)
    chosen = set(found.values())
    labels = [c for c in source.columns if c and c not in chosen] if role == "customers" else []
    coded = {found[field.name] for field in SCHEMA[role] if field.name in found and field.repeats and role in _EVENTS}
    raw = source.read([*chosen, *labels], strict=reading.options.strict, coded=coded)
    problems = Problems(source.name, raw.frame.height, raw.where, raw.faults, checked=raw.checked)
    columns = _read_all(raw, role, found, reading, problems, getattr(source, "delimiter", ","))
    part = _settled(raw, columns, labels, reading, problems)
    _note_columns(source, role, found, labels, reading.notes)
    if role == "transactions" and "amount" in found:
        _note_amounts(source.name, part.frame["amount"], reading.notes)
    reading.parts.setdefault(role, []).append(part)
    return part


def _columns(source: Source, role: str, reading: Reading) -> dict[str, str]:
    mapped = reading.options.columns(role)
    reading.columns.setdefault(role, set()).update(source.columns)
    lacking = missing(role, source.columns, mapped)
    if lacking and source.headless:
        raise DataError(
            f"{source.name}: an edge list without a header can only be follows; as {role} it needs a header line "
            f"that names {' and '.join(lacking)}"
        )
    for field in SCHEMA[role]:
        if field.name in lacking:
            said = f" (map: {mapped[field.name]!r})" if field.name in mapped else ""
            hint = suggestion(field, source.columns, mapped.get(field.name)) or (
                f"Rename the column that holds it to {field.name!r}, or say --map {role}.{field.name}=COLUMN."
            )
            raise DataError(
                f"{source.name}: {role} need a column {field.name!r}{said}; there are {listed(source.columns)}. {hint}"
            )
    try:
        check_names(role, source.columns, mapped)
    except DataError as error:
        raise DataError(f"{source.name}: {error}") from None
    return match(role, source.columns, mapped)


def _read_all(
    raw: Raw, role: str, found: Mapping[str, str], reading: Reading, problems: Problems, delimiter: str
) -> list[pl.Series]:
    fields = {field.name: field for field in SCHEMA[role]}
    texts = {
        name: values.as_text(raw.frame[column], problems)
        for name, column in found.items()
        if fields[name].kind == "number" and not _numeric(raw.frame[column])
    }
    mark = reading.options.decimal
    if mark is None and texts:
        mark = mark_of(texts.values())
        if mark == ",":
            reading.notes.append(f"{raw.name}: numbers are read with a decimal comma, as in 1.234,50")
        elif mark == "." and delimiter == ";":
            notes = [note_thousands(found[name], text) for name, text in texts.items()]
            reading.notes += [f"{raw.name}: {note}" for note in notes if note]
    columns = []
    for name, column in found.items():
        field, cells = fields[name], raw.frame[column]
        if field.kind == "number":
            read = read_number(cells, texts.get(name), mark, field, problems)
        else:
            read = _read(cells, field, reading, problems)
        # Every reader gives null for an empty cell, and for some bad ones that it reported itself.
        if field.filled and read.null_count():
            problems.add_empty(column, read.is_null() if field.kind == "id" else values.empty(cells, problems))
        columns.append(read.alias(name))
    return columns


def _numeric(raw: pl.Series) -> bool:
    return raw.dtype.is_numeric() or raw.dtype == pl.Null


def _read(raw: pl.Series, field: Field, reading: Reading, problems: Problems) -> pl.Series:
    if field.kind == "id":
        fold = reading.options.fold_case and field.person
        return values.read_ids(raw, problems, reading.notes, fold_case=fold)
    if field.kind == "time":
        column, unit = read_times(raw, reading.options.time_unit, problems)
        if unit is not None:
            reading.counted = True
            _note_unit(raw.name, column, unit, reading, problems)
        elif not reading.dated and column.null_count() < len(column):
            reading.dated = f"{problems.name}, column {show(raw.name)}"
        return column
    if field.kind == "flag":
        return values.read_flag(raw, problems)
    if field.kind == "code":
        return values.read_code(raw, problems)
    if field.kind == "type":
        return values.read_type(raw, reading.settings, problems, reading.options.map_type, reading.unused_types)
    if field.kind == "currency":
        return values.read_currency(raw, problems)
    return values.as_text(raw, problems)


def _settled(
    raw: Raw, columns: Sequence[pl.Series], labels: Sequence[str], reading: Reading, problems: Problems
) -> Part:
    """Return what is good, after the bad rows stopped the run or were put aside."""
    if reading.options.strict:
        problems.check()
    else:
        problems.check_some_good()
    labelled = [_label(raw.frame[label], problems) for label in labels]
    frame = pl.DataFrame([*columns, *labelled])
    bad = problems.bad()
    if not bad.size:
        return Part(raw.name, frame, raw.where, raw.rows)
    reading.notes.append(
        "\n".join(
            [f"{raw.name}: bad rows left out: {len(bad):,} of {frame.height:,}; {problems.counts()}", *problems.first()]
        )
    )
    reading.bad_rows[raw.name] = len(bad)
    if reading.quarantine is not None:
        reading.quarantine.put(problems, raw.rows)
    kept = np.delete(np.arange(frame.height, dtype=np.int64), bad)
    return Part(raw.name, frame[kept], lambda rows: raw.where(kept[rows]), lambda rows: raw.rows(kept[rows]))


def _label(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return a label as it came, text without the white space around it."""
    return values.as_text(raw, problems) if raw.dtype == pl.String else raw


def _note_unit(name: str, times: pl.Series, unit: str, reading: Reading, problems: Problems) -> None:
    if unit in RELATIVE:
        reading.notes.append(
            f"{problems.name}: dates of {show(name)} are relative: its numbers count from the start of the study, "
            "which stands as 1970-01-01"
        )
    elif reading.options.time_unit is None and times.null_count() < len(times):
        days = times.dt.date()
        reading.notes.append(
            f"{problems.name}: {name!r} is read as {_UNITS[unit]} since 1970 ({days.min()!s} to {days.max()!s})"
        )


def _note_columns(source: Source, role: str, found: Mapping[str, str], labels: Sequence[str], notes: list[str]) -> None:
    renamed = [f"{show(column)} as {name}" for name, column in found.items() if column != name]
    used = {*found.values(), *labels}
    unused = [show(column) for column in source.columns if column not in used]
    said = [getattr(source, "taken", f"taken for {role}")]
    if source.headless:
        said = ["taken for follows: the first of a pair follows the second"]
    if renamed:
        said.append(", ".join(renamed))
    if unused:
        said.append(f"not used: {listed(unused)}")
    notes.append(f"{source.name}: {'; '.join(said)}")


def _note_amounts(name: str, amounts: pl.Series, notes: list[str]) -> None:
    refunds, nothings = int((amounts < 0).sum()), int((amounts == 0).sum())
    if nothings:
        notes.append(f"{name}: amounts of zero are kept; rows: {nothings:,}")
    if refunds:
        notes.append(f"{name}: negative amounts are kept as refunds; rows: {refunds:,}")


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
            frames = [frame.with_columns(_textual(frame[name])) if name in frame.columns else frame for frame in frames]
    return pl.concat(frames, how="diagonal").select(wanted)


def _textual(column: pl.Series) -> pl.Series:
    """Return a column as text; what can't be cast, such as a list, as it is printed."""
    try:
        return column.cast(pl.String)
    except pl.exceptions.PolarsError:
        return pl.Series(column.name, [None if v is None else str(v) for v in column.to_list()], dtype=pl.String)
