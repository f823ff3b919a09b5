"""Tables as rows of parameters, each event with a key by which a second load knows it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from influence.io import Tables
from influence.io.schema import PEOPLE, SCHEMA

__all__ = ["LOADED", "batch", "people_of", "rows_of"]

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


def people_of(tables: Tables) -> pl.Series:
    """Return the ids of everybody in any table, as text, in their order."""
    named = [
        frame[column].cast(pl.String)
        for role, columns in {**PEOPLE, "identities": ("customer",)}.items()
        if (frame := getattr(tables, role)) is not None
        for column in columns
    ]
    return pl.concat(named).unique().sort() if named else pl.Series("id", [], dtype=pl.String)


def rows_of(role: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table as rows of parameters: ids as text, times in seconds and nanoseconds, the rest as properties."""
    columns = LOADED[role]
    ids = [pl.col(name).cast(pl.String) for name in columns if name in frame.columns and name not in _TIMES]
    time = next((name for name in columns if name in _TIMES and name in frame.columns), None)
    micro = pl.col(time).dt.epoch("us") if time else pl.lit(None, pl.Int64)
    rest = [name for name in frame.columns if name not in columns]
    parts = [
        *ids,
        micro.floordiv(_MICRO).alias("seconds"),
        (micro % _MICRO * 1000).alias("nanoseconds"),
    ]
    if role in ("customers", *_EVENTS):
        as_text = [field.name for field in SCHEMA[role] if field.kind == "id"]
        properties = (
            pl.struct(pl.col(name).cast(pl.String) if name in as_text else name for name in rest)
            if rest
            else pl.lit(None)
        )
        parts.append(properties.alias("properties"))
    if role == "transactions" and "item" not in frame.columns:
        parts.append(pl.lit(None, pl.String).alias("item"))
    found = frame.select(parts)
    if role in _EVENTS:
        found = found.with_columns(_keys(role, frame))
        found = found.unique("key", keep="first", maintain_order=True)
    if role == "follows":
        # as in a ranking: no date is the earliest
        found = found.sort("seconds", "nanoseconds", nulls_last=False).unique(
            ["source", "target"], keep="first", maintain_order=True
        )
    return found


def _keys(role: str, frame: pl.DataFrame) -> pl.Series:
    """Return a key of each event: of its id if it has one, else of all that its row says and how often it said so."""
    schema = [field.name for field in SCHEMA[role] if field.name in frame.columns]
    text = [
        (pl.col(name).dt.epoch("us") if name in _TIMES else pl.col(name)).cast(pl.String).fill_null("\x00")
        for name in schema
    ]
    keyed = frame.select(
        row=pl.concat_str([pl.lit("\x1f".join(schema)), *text], separator="\x1f"),
        id=pl.col("id").cast(pl.String) if "id" in schema else pl.lit(None, pl.String),
    ).with_columns(again=pl.int_range(pl.len()).over("row"))
    return pl.Series("key", list(_hashes(role, keyed)))


def _hashes(role: str, keyed: pl.DataFrame) -> Iterator[str]:
    for row, id_, again in keyed.iter_rows():
        told = f"{role}\x1fid\x1f{id_}" if id_ is not None else f"{role}\x1f{row}\x1f{again}"
        yield hashlib.blake2b(told.encode(), digest_size=12).hexdigest()


def batch(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as the driver takes them; what a row leaves out is no property."""
    found = rows.to_dicts()
    for row in found:
        if "properties" in row and row["properties"] is None:
            row["properties"] = {}
    return found
