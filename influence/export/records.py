"""A ranking as records of a CRM: one for each person whom it knows by exactly one key."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from influence.errors import DataError, UsageError
from influence.export.fields import Field, describe
from influence.export.targets import Target
from influence.io.problems import listed, show

__all__ = ["SCHEMA_VERSION", "Records", "digests", "make_records"]

#: Of what goes into an idempotency key; another version writes everything again.
SCHEMA_VERSION = 1

_DECIMALS = 4
_CENTS = 2
_ALIKE = ("salesforce", "hubspot")  # these compare keys without regard to case
_INSTANT = "%Y-%m-%dT%H:%M:%S%.3fZ"


@dataclasses.dataclass(frozen=True, eq=False)
class Records:
    """What a CRM should hold now.

    Attributes
    ----------
    frame : polars.DataFrame
        ``_key``, ``_id`` and ``_hash`` (the idempotency key), and a column for each field by its name there: numbers
        rounded, text as it is, nulls for what is empty. By ``_key``.
    fields : tuple of Field
        In order.
    left_out : polars.DataFrame
        ``id``, ``key`` and ``problem`` of people who have no key, or share one: nobody guesses who is meant.
    notes : tuple of str
    """

    frame: pl.DataFrame
    fields: tuple[Field, ...]
    left_out: pl.DataFrame
    notes: tuple[str, ...]

    @property
    def watched(self) -> tuple[Field, ...]:
        """The fields whose change is worth writing."""
        return tuple(field for field in self.fields if field.watched)


def make_records(
    ranking: pl.DataFrame,
    target: Target,
    *,
    facts: Mapping[str, Any] | None = None,
    customers: pl.DataFrame | None = None,
) -> Records:
    """Return the records of a ranking.

    Parameters
    ----------
    ranking : polars.DataFrame
        With ``id``, and the columns that the target names.
    facts : Mapping, optional
        Those of the ranking: ``as_of``, ``unit``, ``currency``.
    customers : polars.DataFrame, optional
        With ``id`` and the column ``target.key``; needed where that is not ``id``.

    Raises
    ------
    UsageError
        A column is missing.
    DataError
        A customer has two rows with different keys.
    """
    facts = facts or {}
    notes: list[str] = []
    frame = ranking.with_columns(pl.col("id").cast(pl.String))
    instant = _instant(facts.get("as_of"))
    names = dict(target.names)
    if "as_of" in names and "as_of" not in frame.columns:
        if instant is None:
            names.pop("as_of")
            notes.append("as_of is left out: no manifest beside the ranking says how new it is")
        else:
            frame = frame.with_columns(as_of=pl.lit(instant))
    keyed = names.pop("idempotency_key", None)
    for column in names:
        if column not in frame.columns:
            raise UsageError(
                f"[export.{target.form}.fields]: the ranking has no column {column!r}; it has {listed(frame.columns)}"
            )
    fields = tuple(_watched(describe(column, name, _kind(frame[column])), target) for column, name in names.items())
    external = target.options.get("external_id") or target.options.get("id_property")
    if external is not None and external in names.values():
        raise UsageError(f"[export.{target.form}.fields]: {external!r} is what people are known by; leave it out there")
    for column in target.watch or ():
        if column not in names:
            raise UsageError(f"[export.{target.form}]: watch names {column!r}, which is not among the fields")
    cents = _CENTS if facts.get("unit") == "money" else _DECIMALS
    keys = _keys(frame["id"], target, customers)
    table = pl.DataFrame([keys.alias("_key"), frame["id"].alias("_id")]).with_columns(
        _value(frame[field.column], field, cents) for field in fields
    )
    left_out = _problems(table, target)
    table = table.join(left_out.select(_id="id"), on="_id", how="anti").sort("_key")
    hashes = digests(table, target.form)
    table = table.insert_column(2, hashes)
    if keyed is not None:
        fields = (*fields, dataclasses.replace(describe("idempotency_key", keyed), watched=False))
        table = table.with_columns(hashes.alias(keyed))
    if left_out.height:
        shown = listed([f"{person} ({problem})" for person, _, problem in left_out.head(10).iter_rows()])
        notes.append(f"left out: {left_out.height:,} of {frame.height:,} people, without a clear key: {shown}")
    return Records(table, fields, left_out, tuple(notes))


def digests(table: pl.DataFrame, form: str) -> pl.Series:
    """Return the idempotency key of each row: a hash of its ``_key``, all fields and the version of this schema."""
    fields = [name for name in table.columns if name not in ("_key", "_id", "_hash")]
    head = f"{SCHEMA_VERSION}\0{form}\0{json.dumps(fields)}\0".encode()
    start = hashlib.blake2b(head, digest_size=16)
    rows = table.select(pl.struct("_key", *fields).struct.json_encode()).to_series()
    found = []
    for row in rows:
        mark = start.copy()
        mark.update(row.encode())
        found.append(mark.hexdigest())
    return pl.Series("_hash", found, dtype=pl.String)


def _watched(field: Field, target: Target) -> Field:
    if target.watch is None:
        return field
    return dataclasses.replace(field, watched=field.column in target.watch)


def _kind(column: pl.Series) -> str:
    if column.dtype.is_integer():
        return "whole"
    if column.dtype.is_numeric():
        return "number"
    if column.dtype == pl.Boolean:
        return "flag"
    return "time" if column.dtype.is_temporal() else "label"


def _value(column: pl.Series, field: Field, cents: int) -> pl.Series:
    """Return a column as it is compared and written."""
    kind = field.kind
    if column.dtype.is_nested():
        raise UsageError(
            f"{field.column} holds {column.dtype}, which no field of a CRM can; leave it out of the fields"
        )
    if kind == "number":
        numbers = column.cast(pl.Float64)
        decimals = cents if field.column.endswith("value") or field.column in ("low", "high") else _DECIMALS
        rounded = numbers.round(decimals)
        rounded = rounded.set(rounded == 0, 0.0)  # no negative zero
        return rounded.set(~rounded.is_finite().fill_null(value=True), None).alias(field.name)
    if kind == "time" and column.dtype.is_temporal():
        return column.cast(pl.Datetime("ms")).dt.strftime(_INSTANT).alias(field.name)
    text = {"whole": pl.Int64, "flag": pl.Boolean}.get(kind, pl.String)
    return column.cast(text).alias(field.name)


def _instant(as_of: Any) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(as_of)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _keys(ids: pl.Series, target: Target, customers: pl.DataFrame | None) -> pl.Series:
    if target.key == "id":
        return ids
    if customers is None:
        raise UsageError(
            f"[export.{target.form}]: key = {target.key!r} is a column of the customers table, and there is none: "
            "give it with --customers, or a store that holds it"
        )
    if target.key not in customers.columns:
        raise UsageError(
            f"[export.{target.form}]: the customers table has no column {target.key!r}; it has "
            f"{listed(customers.columns)}"
        )
    known = customers.select(id=pl.col("id").cast(pl.String), key=pl.col(target.key).cast(pl.String)).unique()
    twice = known.filter(pl.col("id").is_duplicated())
    if twice.height:
        person = twice["id"].sort()[0]
        raise DataError(
            f"customers: {show(person)} has more than one {target.key!r} "
            f"({listed([str(key) for key in twice.filter(id=person)['key'].sort()])}); which one is meant?"
        )
    return pl.DataFrame([ids]).join(known, on="id", how="left", maintain_order="left")["key"]


def _problems(table: pl.DataFrame, target: Target) -> pl.DataFrame:
    """Return who has no usable key, by id."""
    key = pl.col("_key")
    alike = key.str.to_lowercase() if target.form in _ALIKE else key
    problem = (
        pl.when(key.is_null() | (key.str.strip_chars() == ""))
        .then(pl.lit(f"no {target.key}"))
        .when(key.str.contains(r"[\x00-\x1f]"))
        .then(pl.lit("its key holds a line break or control character"))
        .when(key.str.len_chars() > 255)
        .then(pl.lit("its key is longer than 255"))
        .when(alike.is_duplicated())
        .then(pl.lit(f"others have the same {target.key}"))
    )
    return table.select(id="_id", key="_key", problem=problem).drop_nulls("problem").sort("id")
