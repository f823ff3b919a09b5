"""People who must not be processed leave before anything is computed, and their edges with them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from influence.io.tables import Tables

__all__ = ["suppress"]

_PEOPLE = {
    "follows": ("source", "target"),
    "interactions": ("source", "target"),
    "actions": ("customer",),
    "transactions": ("customer",),
    "identities": ("customer",),
    "customers": ("id",),
}


def suppress(tables: Tables) -> Tables:
    """Return the tables without the people of the suppress table and those who gave no consent.

    Consent is denied by ``consent`` false or ``suppress`` true in the customers table; an empty cell denies nothing.
    Every row that names such a person goes. The notes say how many people and rows, never who.
    """
    banned = [] if tables.suppress is None else [tables.suppress["id"].cast(pl.String)]
    customers = tables.customers
    if customers is not None:
        for column, denied in (("consent", False), ("suppress", True)):
            if column in customers.columns:
                banned.append(customers.filter(pl.col(column) == pl.lit(denied))["id"].cast(pl.String))
    people = pl.concat(banned).unique() if banned else pl.Series(dtype=pl.String)
    if not len(people):
        return tables
    changed: dict[str, Any] = {}
    gone = []
    for table, columns in _PEOPLE.items():
        frame: pl.DataFrame | None = getattr(tables, table)
        if frame is None:
            continue
        named = [pl.col(column).cast(pl.String).is_in(people.implode()) for column in columns]
        changed[table] = frame.filter(~pl.any_horizontal(named))
        if changed[table].height < frame.height:
            gone.append(f"{frame.height - changed[table].height:,} {table}")
    rows = f", and with them {', '.join(gone)}" if gone else ""
    note = f"suppressed before anything else: {len(people):,} people{rows}"
    return dataclasses.replace(tables, **changed, suppress=None, notes=(*tables.notes, note))
