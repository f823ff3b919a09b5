"""What tables hold, counted: what a check shows before anything is scored or stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.io.ids import IdIndex
from influence.io.schema import PEOPLE, ROLES
from influence.io.tables import Tables

__all__ = ["overview", "summarise"]

# The time column of each table that has one.
_TIMES: Mapping[str, str] = {
    "follows": "since",
    "interactions": "timestamp",
    "actions": "timestamp",
    "transactions": "timestamp",
    "customers": "signup",
}
_PAIR = ("source", "target")
_OPTIONAL = {
    "interactions": ("weight", "sentiment", "incentivised", "channel", "id"),
    "actions": ("value",),
    "transactions": ("amount", "item", "margin", "discounted", "currency"),
    "customers": ("clv", "segment", "is_customer", "signup", "nps", "consent", "suppress", "currency"),
}
# A share of strangers from which ids are more likely written differently than people missing from the CRM.
_MANY = 0.5


def summarise(read: Tables, merged: Tables, used: Tables) -> dict[str, Any]:
    """Return what the tables hold, in plain values.

    Parameters
    ----------
    read
        As they were read.
    merged
        With one id for each person.
    used
        Without the suppressed: what everything but the numbers of rows is counted in.
    """
    ids = IdIndex.of(*_columns(used).values())
    masks = {role: _mask(used, role, ids) for role in PEOPLE if getattr(used, role) is not None}
    tables = {role: _table(role, read, merged, used, masks) for role in ROLES if getattr(read, role) is not None}
    before, after = len(IdIndex.of(*_columns(read).values())), len(IdIndex.of(*_columns(merged).values()))
    return {
        "tables": tables,
        "people": len(ids),
        "bad_rows": dict(read.bad_rows),
        "merged_ids": before - after,
        "suppressed_people": after - len(ids),
        "unlisted": _unlisted(used, masks, ids),
    }


def overview(facts: Mapping[str, Any]) -> pl.DataFrame:
    """Return a row for each table: rows read, bad, and used, people, and the span of its times."""
    columns = ("rows", "bad_rows", "used", "people", "first", "last")
    rows = [(role, *(table.get(name) for name in columns)) for role, table in facts["tables"].items()]
    schema = {"table": pl.String, **dict.fromkeys(columns[:4], pl.Int64), "first": pl.String, "last": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _columns(tables: Tables) -> dict[tuple[str, str], pl.Series]:
    found: dict[tuple[str, str], pl.Series] = {}
    for role, names in PEOPLE.items():
        frame: pl.DataFrame | None = getattr(tables, role)
        if frame is not None:
            found |= {(role, name): frame[name] for name in names}
    return found


def _mask(tables: Tables, role: str, ids: IdIndex) -> npt.NDArray[np.bool_]:
    mask = np.zeros(len(ids), np.bool_)
    for name in PEOPLE[role]:
        mask[ids.codes(getattr(tables, role)[name])] = True
    return mask


def _table(
    role: str, read: Tables, merged: Tables, used: Tables, masks: Mapping[str, npt.NDArray[np.bool_]]
) -> dict[str, Any]:
    raw: pl.DataFrame = getattr(read, role)
    after: pl.DataFrame | None = getattr(used, role)
    # the suppress table is used up
    frame = raw if after is None else after
    roles = {file.path: file.role for file in read.files}
    bad = sum(n for name, n in read.bad_rows.items() if roles.get(name, name.removesuffix(" frame")) == role)
    facts: dict[str, Any] = {"rows": raw.height, "bad_rows": bad, "used": frame.height}
    if role in masks:
        others = [mask for other, mask in masks.items() if other != role]
        alone = masks[role] & ~np.logical_or.reduce(others) if others else masks[role]
        facts["suppressed"] = getattr(merged, role).height - frame.height
        facts |= {"people": int(masks[role].sum()), "people_only_here": int(alone.sum())}
    if role in _TIMES:
        facts |= _times(frame, _TIMES[role])
    if role in PEOPLE:
        facts["duplicate_rows"] = frame.height - frame.n_unique() if frame.height else 0
    if role in ("follows", "interactions"):
        one, other = (frame[name].cast(pl.String) for name in _PAIR)
        facts["self_loops"] = int((one == other).sum())
    if role in _OPTIONAL:
        facts["filled"] = {
            name: frame.height - frame[name].null_count() for name in _OPTIONAL[role] if name in frame.columns
        }
    return facts | _DETAILS[role](frame)


def _times(frame: pl.DataFrame, column: str) -> dict[str, Any]:
    if column not in frame.columns:
        return {"first": None, "last": None, "undated": frame.height}
    ends = [_iso(frame[column].min()), _iso(frame[column].max())]
    return {"first": ends[0], "last": ends[1], "undated": frame[column].null_count()}


def _iso(moment: Any) -> str | None:
    """Return a time as text: a date where it has no time of day."""
    return None if moment is None else str(moment.isoformat()).removesuffix("+00:00").removesuffix("T00:00:00")


def _counts(column: pl.Series) -> dict[str, int]:
    """Return values and how often they occur, the most frequent first."""
    return dict(sorted(column.drop_nulls().value_counts().rows(), key=lambda row: (-row[1], row[0])))


def _of_follows(frame: pl.DataFrame) -> dict[str, Any]:
    return {"repeated_pairs": frame.height - frame.select(_PAIR).n_unique() if frame.height else 0}


def _of_interactions(frame: pl.DataFrame) -> dict[str, Any]:
    facts: dict[str, Any] = {"types": _counts(frame["type"])}
    if "incentivised" in frame.columns:
        facts["incentivised"] = int(frame["incentivised"].sum() or 0)
    if "channel" in frame.columns:
        facts["channels"] = _counts(frame["channel"])
    return facts


def _of_actions(frame: pl.DataFrame) -> dict[str, Any]:
    repeated = frame.height - frame.select("customer", "item").n_unique() if frame.height else 0
    return {"items": frame["item"].n_unique(), "repeated_acts": repeated}


def _of_transactions(frame: pl.DataFrame) -> dict[str, Any]:
    facts: dict[str, Any] = {"items": None}
    if "amount" in frame.columns:
        amount = frame["amount"]
        facts |= {"refunds": int((amount < 0).sum()), "zeros": int((amount == 0).sum()), "amount": amount.sum()}
    if "currency" in frame.columns:
        facts["currencies"] = _counts(frame["currency"])
    if "item" in frame.columns:
        named = frame.drop_nulls("item")
        repeated = named.height - named.select("customer", "item").n_unique() if named.height else 0
        facts |= {"items": named["item"].n_unique(), "repeated_acts": repeated}
    return facts


def _of_customers(frame: pl.DataFrame) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if "clv" in frame.columns:
        facts |= {"clv": frame["clv"].sum(), "clv_zero": int((frame["clv"] == 0).sum())}
    if "segment" in frame.columns:
        facts["segments"] = frame["segment"].drop_nulls().n_unique()
    if "is_customer" in frame.columns:
        facts["said_not_to_be"] = int((~frame["is_customer"]).sum())
    if "currency" in frame.columns:
        facts["currencies"] = _counts(frame["currency"])
    return facts


def _of_identities(frame: pl.DataFrame) -> dict[str, Any]:
    return {"customers": frame["customer"].n_unique(), "handles": frame.select("channel", "handle").n_unique()}


_DETAILS: Mapping[str, Callable[[pl.DataFrame], dict[str, Any]]] = {
    "follows": _of_follows,
    "interactions": _of_interactions,
    "actions": _of_actions,
    "transactions": _of_transactions,
    "customers": _of_customers,
    "identities": _of_identities,
    "suppress": lambda _: {},
}


def _unlisted(
    used: Tables, masks: Mapping[str, npt.NDArray[np.bool_]], ids: IdIndex
) -> dict[str, dict[str, Any]] | None:
    """Count, by table, who is not in the customers table; None where there is none."""
    if "customers" not in masks:
        return None
    found = {}
    for role, mask in masks.items():
        if role == "customers":
            continue
        strangers = mask & ~masks["customers"]
        frame: pl.DataFrame = getattr(used, role)
        named = np.zeros(frame.height, np.bool_)
        for name in PEOPLE[role]:
            named |= strangers[ids.codes(frame[name])]
        facts: dict[str, Any] = {"people": int(strangers.sum()), "of": int(mask.sum()), "rows": int(named.sum())}
        if facts["people"] > _MANY * facts["of"] and masks["customers"].any():
            facts |= _spelling(ids.ids(np.flatnonzero(strangers)), ids.ids(np.flatnonzero(masks["customers"])))
        found[role] = facts
    return found


def _spelling(strangers: pl.Series, customers: pl.Series) -> dict[str, Any]:
    """Return how ids look on both sides, never an id itself, and how many would meet if written alike."""

    def alike(ids: pl.Series) -> pl.Series:
        return ids.str.to_lowercase().str.strip_chars_start("0")

    def shape(ids: pl.Series) -> str:
        shapes = ids.str.replace_all(r"\p{L}+", "a").str.replace_all(r"\d+", "9")
        return next(iter(_counts(shapes)))

    facts: dict[str, Any] = {"alike": int(alike(strangers).is_in(alike(customers).implode()).sum())}
    shapes = shape(strangers), shape(customers)
    return facts | ({"shapes": list(shapes)} if shapes[0] != shapes[1] else {})
