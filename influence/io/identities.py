"""One person, one id: handles across channels become the customer they belong to, before anything else."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.ids import IdIndex

if TYPE_CHECKING:
    from influence.io.tables import Tables

__all__ = ["ABSURD", "merge_identities"]

#: More customers than this in one person are a fault of the data, such as a handle "unknown" that everybody has.
ABSURD = 100

_SHOWN = 3
#: The columns that hold people, by table.
_PEOPLE = {
    "follows": ("source", "target"),
    "interactions": ("source", "target"),
    "actions": ("customer",),
    "transactions": ("customer",),
    "customers": ("id",),
    "suppress": ("id",),
}


def merge_identities(tables: Tables) -> Tables:
    """Return the tables with one id for each person, by their identities; as they are where there are none.

    Customers who share a handle on one channel are one person, and so on transitively. A person goes by the customer
    id that the customers table lists, else by the first in id order. In all tables a customer's id, and a handle that
    only one person has, become that id; where several people have the same handle on different channels, only rows
    that name the channel can tell, and the others stay as they are.

    In the customers table the rows of one person become one: lifetime values add up, everything else is that of the
    row that stays.

    Raises
    ------
    DataError
        More than ``ABSURD`` customers would become one person.
    """
    identities = tables.identities
    if identities is None or not identities.height:
        return tables
    known = _Known.of(identities, tables.customers)
    notes = list(known.notes)
    changed: dict[str, Any] = {}
    moved = 0
    doubtful = 0
    for table, columns in _PEOPLE.items():
        frame: pl.DataFrame | None = getattr(tables, table)
        if frame is None:
            continue
        channel = frame["channel"] if table == "interactions" and "channel" in frame.columns else None
        for column in columns:
            person, unclear = known.people(frame[column], channel)
            moved += int((person != frame[column].cast(pl.String)).sum())
            doubtful += unclear
            frame = frame.with_columns(_typed(person, frame[column].dtype).alias(column))
        changed[table] = _one_row_each(frame, notes) if table == "customers" else frame
    notes.append(f"identities: {moved:,} ids became the id of their person ({known.size:,} people have handles)")
    if doubtful:
        notes.append(
            f"identities: {doubtful:,} ids are handles of several people on different channels and stay as they are; "
            "a channel column in the interactions would tell them apart"
        )
    return dataclasses.replace(tables, **changed, notes=(*tables.notes, *notes))


@dataclasses.dataclass(frozen=True)
class _Known:
    """Who goes by which id.

    ``anywhere`` leads from an id or a handle that one person has to the person; ``by_channel`` from channel and
    handle; ``shared`` are the handles that several people have.
    """

    anywhere: pl.DataFrame
    by_channel: pl.DataFrame
    shared: pl.Series
    size: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, identities: pl.DataFrame, customers: pl.DataFrame | None) -> _Known:
        """Merge the customers who share a handle, transitively."""
        rows = identities.select(
            pl.col("customer").cast(pl.String),
            pl.col("channel").fill_null(""),
            pl.col("handle").cast(pl.String),
        ).unique(maintain_order=True)
        index = IdIndex.of(rows["customer"])
        customer = index.codes(rows["customer"]).astype(np.int64)
        handle = rows.select(pl.struct("channel", "handle").rank("dense") - 1)["channel"].to_numpy().astype(np.int64)
        label = _components(customer, handle, len(index))
        _refuse_absurd(rows, customer, handle, label)

        ids = index.ids()
        listed = np.zeros(len(index), np.bool_)
        if customers is not None:
            listed = ids.is_in(customers["id"].cast(pl.String).implode()).to_numpy()
        # the first of a component by (not listed, id order) gives the name
        order = np.lexsort((np.arange(len(index)), ~listed, label))
        first = np.ones(len(index), np.bool_)
        first[1:] = label[order][1:] != label[order][:-1]
        name = np.empty(len(index), np.int64)
        name[order] = order[first][np.cumsum(first) - 1]
        person = ids.gather(name)

        by_channel = (
            rows.with_columns(person=person.gather(customer))
            .select("channel", "handle", "person")
            .unique(maintain_order=True)
        )
        owners = by_channel.select("handle", "person").unique(maintain_order=True)
        taken = ids if customers is None else pl.concat([ids, customers["id"].cast(pl.String)])
        owners = owners.filter(~pl.col("handle").is_in(taken.implode()))
        counts = owners.group_by("handle", maintain_order=True).len()
        shared = counts.filter(pl.col("len") > 1)["handle"]
        alone = owners.filter(~pl.col("handle").is_in(shared.implode()))
        return cls(
            anywhere=pl.concat(
                [pl.DataFrame({"id": ids, "person": person}), alone.select(id="handle", person="person")]
            ),
            by_channel=by_channel.select("channel", "person", id="handle").filter(pl.col("id").is_in(shared.implode())),
            shared=shared,
            size=int(np.count_nonzero(first)),
            notes=_conflicts(ids, name),
        )

    def people(self, column: pl.Series, channel: pl.Series | None) -> tuple[pl.Series, int]:
        """Return the person of each id as text, and how many ids could not be told apart."""
        ids = pl.DataFrame({"id": column.cast(pl.String)})
        found = ids.join(self.anywhere, on="id", how="left", maintain_order="left")["person"]
        if channel is not None and self.by_channel.height:
            ids = ids.with_columns(channel=channel)
            on_channel = ids.join(self.by_channel, on=["channel", "id"], how="left", maintain_order="left")["person"]
            found = found.fill_null(on_channel)
        unclear = int((found.is_null() & ids["id"].is_in(self.shared.implode())).sum())
        return found.fill_null(ids["id"]), unclear


def _components(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """Return a label for each of the ``n`` customers: the least customer that handles lead to, directly or not."""
    label = np.arange(n)
    while True:
        least = np.full(int(other.max()) + 1, n, np.int64)
        np.minimum.at(least, other, label[one])
        following = label.copy()
        np.minimum.at(following, one, least[other])
        following = following[following]
        if (following == label).all():
            return label
        label = following


def _refuse_absurd(
    rows: pl.DataFrame,
    customer: npt.NDArray[np.int64],
    handle: npt.NDArray[np.int64],
    label: npt.NDArray[np.int64],
) -> None:
    size = np.bincount(label)
    if size.max() <= ABSURD:
        return
    worst = int(size.argmax())
    inside = np.flatnonzero(label[customer] == worst)
    popular = int(np.bincount(handle[inside]).argmax())
    row = rows.row(int(np.flatnonzero(handle == popular)[0]), named=True)
    sharing = np.unique(customer[handle == popular]).size
    raise DataError(
        f"identities: {size[worst]:,} customers would become one person; handle {row['handle']!r} on channel "
        f"{row['channel']!r} alone belongs to {sharing:,} of them. Remove handles that are no one's own, such as "
        f"placeholders (at most {ABSURD} customers can be one person)"
    )


def _conflicts(ids: pl.Series, name: npt.NDArray[np.int64]) -> tuple[str, ...]:
    merged = np.flatnonzero(name != np.arange(name.size))
    if not merged.size:
        return ()
    examples = ", ".join(f"{ids[int(code)]} is {ids[int(name[code])]}" for code in merged[:_SHOWN])
    more = ", …" if merged.size > _SHOWN else ""
    return (f"identities: {merged.size:,} customers share a handle with another and are merged ({examples}{more})",)


def _typed(person: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return ids as integers where they were and still are."""
    if dtype == pl.Int64:
        number = person.cast(pl.Int64, strict=False)
        if not number.null_count():
            return number
    return person


def _one_row_each(customers: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Return one row for each customer: the first, with the lifetime values of all."""
    double = customers.height - customers["id"].n_unique()
    if not double:
        return customers
    notes.append(f"identities: {double:,} rows of the customers table belong to a customer listed before; clv adds up")
    rows = customers.unique("id", keep="first", maintain_order=True)
    if "clv" not in customers.columns:
        return rows
    given = pl.col("clv").is_not_null().any()
    total = customers.group_by("id").agg(pl.when(given).then(pl.col("clv").sum()).alias("clv"))
    return rows.drop("clv").join(total, on="id", how="left", maintain_order="left").select(customers.columns)
