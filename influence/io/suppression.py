"""People who must not be processed leave before anything is computed, and their edges with them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import polars as pl

from influence.io.schema import PEOPLE

if TYPE_CHECKING:
    from influence.io.tables import Tables

__all__ = ["denied", "suppress"]

#: The columns that hold people, by table; a row that names a suppressed person goes.
_PEOPLE = {**PEOPLE, "identities": ("customer",)}


def suppress(tables: Tables) -> Tables:
    """Return the tables without the people of the suppress table and those who gave no consent.

    Consent is denied by ``consent`` false or ``suppress`` true in the customers table; an empty cell denies nothing.
    Every row that names such a person goes, by her id or by a handle of hers that is nobody's id: where several
    people have it, it may mean her. The notes say how many people and rows, never who.

    Run :func:`merge_identities` first, so that a handle in the suppress table is known for a customer.
    """
    listed = tables.suppress
    if listed is not None and not listed.height:
        note = "the suppress table is empty: nobody is left out by it"
        tables = dataclasses.replace(tables, suppress=None, notes=(*tables.notes, note))
    roles = {file.path: file.role for file in tables.files}
    for name, bad in tables.bad_rows.items():
        if roles.get(name, name) in ("suppress", "suppress frame"):
            note = f"{name}: bad rows left out: {bad:,}; whoever they name is not suppressed"
            tables = dataclasses.replace(tables, notes=(*tables.notes, note))
    people = denied(tables)
    if not len(people):
        return tables
    hidden = pl.concat([people, _handles(tables, people)])
    changed: dict[str, Any] = {}
    gone = []
    found = [pl.Series(dtype=pl.String)]
    for table, columns in _PEOPLE.items():
        frame: pl.DataFrame | None = getattr(tables, table)
        if frame is None:
            continue
        named = pl.DataFrame({column: frame[column].cast(pl.String).is_in(hidden.implode()) for column in columns})
        found += [frame[column].cast(pl.String).filter(named[column]) for column in columns]
        leaving = named.select(pl.any_horizontal(pl.all())).to_series()
        changed[table] = frame.filter(~leaving)
        if table != "identities" and leaving.any():
            gone.append(f"{int(leaving.sum()):,} {table}")
    strangers = people.filter(~people.is_in(pl.concat(found).implode()))
    rows = f", and with them {', '.join(gone)}" if gone else ""
    notes = [f"suppressed before anything else: {len(people):,} people{rows}"]
    if len(strangers):
        alike = _alike(strangers, tables)
        hint = (
            f", and {alike:,} of them would if capitals and leading zeros were ignored: --fold-case ignores capitals"
            if alike
            else ""
        )
        notes.append(
            f"suppressed: {len(strangers):,} of these {len(people):,} ids occur in no other table; check that the list "
            f"writes ids as the other tables do{hint}"
        )
    return dataclasses.replace(tables, **changed, suppress=None, notes=(*tables.notes, *notes))


def denied(tables: Tables) -> pl.Series:
    """Return the ids of people who must not be processed, as text: by the suppress table, or without consent."""
    ids = [] if tables.suppress is None else [tables.suppress["id"].cast(pl.String)]
    customers = tables.customers
    if customers is not None:
        for column, refusal in (("consent", False), ("suppress", True)):
            if column in customers.columns:
                ids.append(customers.filter(pl.col(column) == pl.lit(refusal))["id"].cast(pl.String))
    return pl.concat(ids).unique(maintain_order=True) if ids else pl.Series(dtype=pl.String)


def _alike(strangers: pl.Series, tables: Tables) -> int:
    """Return how many ids would be those of somebody if capitals and leading zeros were ignored."""

    def plain(ids: pl.Series) -> pl.Series:
        return ids.cast(pl.String).str.to_lowercase().str.strip_chars_start("0")

    frames = [(getattr(tables, table), columns) for table, columns in _PEOPLE.items()]
    known = [plain(frame[column].unique()) for frame, columns in frames if frame is not None for column in columns]
    return int(plain(strangers).is_in(pl.concat(known).implode()).sum()) if known else 0


def _handles(tables: Tables, people: pl.Series) -> pl.Series:
    """Return the handles of people that are no customer's id."""
    identities = tables.identities
    if identities is None or not identities.height:
        return pl.Series(dtype=pl.String)
    customer, handle = identities["customer"].cast(pl.String), identities["handle"].cast(pl.String)
    taken = [customer] if tables.customers is None else [customer, tables.customers["id"].cast(pl.String)]
    return handle.filter(customer.is_in(people.implode()) & ~handle.is_in(pl.concat(taken).implode())).unique()
