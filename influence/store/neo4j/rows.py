"""Tables as rows of parameters, each event with a key by which a second load knows it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from influence.io import Tables
from influence.io.schema import PEOPLE, SCHEMA

__all__ = ["LOADED", "batch", "ids_of", "keys_of", "people_of", "prepared", "properties_of", "rows_of", "time_of"]

#: Tables in the order in which they are loaded, each with the columns that are not properties.
LOADED: Mapping[str, tuple[str, ...]] = {
    "customers": ("id", "signup"),
    "follows": ("source", "target", "since"),
    "interactions": ("source", "target", "timestamp"),
    "actions": ("customer", "item", "timestamp"),
    "transactions": ("customer", "item", "timestamp"),
    "identities": ("customer", "channel", "handle"),
    "topics": ("customer", "topic", "timestamp"),
    "suppress": ("id",),
}
#: Tables of events: each is there once, whichever file it comes from.
_EVENTS = ("interactions", "actions", "transactions", "topics")
_TIMES = ("signup", "since", "timestamp")
_MICRO = 1_000_000
_AGAIN = "\x00again"  # called as no column is


def people_of(tables: Tables) -> pl.Series:
    """Return the ids of everybody in any table, as text, in their order."""
    named = [
        frame[column].unique().cast(pl.String)
        for role, columns in {**PEOPLE, "identities": ("customer",)}.items()
        if (frame := getattr(tables, role)) is not None
        for column in columns
    ]
    return pl.concat(named).unique().sort() if named else pl.Series("id", [], dtype=pl.String)


def prepared(role: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table with each tie once, each event once, and how often an event without an id was said before."""
    if role == "follows":
        pair = ["source", "target"]
        twice = _twice(frame, pair)
        again = frame.filter(twice)
        if "since" in frame.columns:  # as in a ranking: no date is the earliest
            again = again.sort("since", nulls_last=False, maintain_order=True)
        again = again.unique(pair, keep="first", maintain_order=True)
        return pl.concat([frame.filter(~twice), again]) if again.height else frame
    if role not in _EVENTS:
        return frame
    said = [field.name for field in SCHEMA[role] if field.name in frame.columns]
    if "id" in said:
        frame = frame.filter(pl.col("id").is_null() | pl.col("id").is_first_distinct())
    twice = _twice(frame, said)
    counts = np.zeros(frame.height, dtype=np.int64)
    counts[twice.to_numpy()] = frame.filter(twice).select(pl.int_range(pl.len()).over(said)).to_series().to_numpy()
    return frame.with_columns(pl.Series(_AGAIN, counts))


def _twice(frame: pl.DataFrame, columns: list[str]) -> pl.Series:
    """Return which rows may stand there more than once: those whose hash does. Groups would take far more memory."""
    hashes = frame.select(columns).hash_rows().to_numpy()
    ordered = np.sort(hashes)
    return pl.Series(np.isin(hashes, np.unique(ordered[1:][ordered[1:] == ordered[:-1]])))


def rows_of(role: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a part of what is prepared as rows of parameters.

    Ids are text, times seconds and nanoseconds, and all else stands in a struct of properties.
    """
    time = time_of(role, frame)
    micro = pl.col(time).dt.epoch("us") if time else pl.lit(None, pl.Int64)
    parts = [
        *ids_of(role, frame),
        micro.floordiv(_MICRO).alias("seconds"),
        (micro % _MICRO * 1000).alias("nanoseconds"),
    ]
    if role in ("customers", *_EVENTS):
        rest = properties_of(role, frame)
        parts.append((pl.struct(rest) if rest else pl.lit(None)).alias("properties"))
    if role == "transactions" and "item" not in frame.columns:
        parts.append(pl.lit(None, pl.String).alias("item"))
    found = frame.select(parts)
    return found.with_columns(keys_of(role, frame)) if role in _EVENTS else found


def ids_of(role: str, frame: pl.DataFrame) -> list[pl.Expr]:
    """Return what a row's nodes are known by, as text."""
    names = [name for name in LOADED[role] if name in frame.columns and name not in _TIMES]
    return [pl.col(name).cast(pl.String) for name in names]


def time_of(role: str, frame: pl.DataFrame) -> str | None:
    """Return the column that says when, if there is one."""
    return next((name for name in LOADED[role] if name in _TIMES and name in frame.columns), None)


def properties_of(role: str, frame: pl.DataFrame) -> list[pl.Expr]:
    """Return the columns that become properties as they are, ids among them as text."""
    texts = [field.name for field in SCHEMA[role] if field.kind == "id"]
    names = [name for name in frame.columns if name not in (*LOADED[role], _AGAIN)]
    return [pl.col(name).cast(pl.String) if name in texts else pl.col(name) for name in names]


def keys_of(role: str, frame: pl.DataFrame) -> pl.Series:
    """Return a key of each event: of its id if it has one, else of all that its row says and how often it said so."""
    schema = [field.name for field in SCHEMA[role] if field.name in frame.columns]
    text = [
        (pl.col(name).dt.epoch("us") if name in _TIMES else pl.col(name)).cast(pl.String).fill_null("\x00")
        for name in schema
    ]
    told = pl.concat_str([pl.lit(f"{role}\x1f" + "\x1f".join(schema)), *text, _AGAIN], separator="\x1f")
    if "id" in schema:
        told = pl.coalesce(pl.lit(f"{role}\x1fid\x1f") + pl.col("id").cast(pl.String), told)
    texts = frame.select(told).to_series()
    return pl.Series("key", [hashlib.blake2b(text.encode(), digest_size=12).hexdigest() for text in texts])


def batch(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as the driver takes them; what a row leaves out is no property."""
    found = rows.to_dicts()
    for row in found:
        if "properties" in row and row["properties"] is None:
            row["properties"] = {}
    return found
