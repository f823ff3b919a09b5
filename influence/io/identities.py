"""One person, one id: handles across channels become the customer they belong to, before anything else."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.ids import IdIndex, whole
from influence.io.problems import show
from influence.io.schema import PEOPLE
from influence.io.suppression import denied

if TYPE_CHECKING:
    from influence.io.tables import Tables

__all__ = ["ABSURD", "merge_identities"]

#: More customers than this in one person are a fault of the data, such as a handle "unknown" that everybody has.
ABSURD = 100

_SHOWN = 3
#: The columns that hold people, by table.
_PEOPLE = {**PEOPLE, "identities": ("customer",), "suppress": ("id",)}


def merge_identities(tables: Tables) -> Tables:
    """Return the tables with one id for each person, by their identities; as they are where there are none.

    Customers who share a handle on one channel are one person, and so on transitively. A person goes by the customer
    id that the customers table lists, else by the first in id order. In all tables a customer's id, and a handle that
    only one person has, become that id; where several people have the same handle on different channels, only rows
    that name the channel can tell, and the others stay as they are. What is a customer's id is never read as a handle
    of another customer. Channels are the same whatever their case.

    In the customers table the rows of one person become one: that of the customer who gives the name, its empty cells
    filled from the others in id order. Lifetime values add up; whoever denied consent in one row denied it, and whoever
    is a customer in one row is one. In the suppress table a handle that several people have stands for all of them:
    better one too many than somebody who must not be processed.

    Raises
    ------
    DataError
        More than ``ABSURD`` customers would become one person.
    """
    identities = tables.identities
    if identities is None or not identities.height:
        return tables
    known = _Known.of(identities, tables.customers)
    changed: dict[str, Any] = {}
    moved = doubtful = double = 0
    for table, columns in _PEOPLE.items():
        frame: pl.DataFrame | None = getattr(tables, table)
        if frame is None:
            continue
        if table == "suppress":
            frame = known.with_owners(frame)
        before = frame
        channel = frame["channel"] if table == "interactions" and "channel" in frame.columns else None
        for column in columns:
            person, unclear = known.people(frame[column], channel)
            moved += int((person != frame[column].cast(pl.String)).sum())
            doubtful += unclear
            frame = frame.with_columns(_typed(person, frame[column].dtype).alias(column))
        if table == "customers":
            double = frame.height - frame["id"].n_unique()
            frame = _one_row_each(frame, before["id"]) if double else frame
        changed[table] = frame
    merged = dataclasses.replace(tables, **changed)
    notes = [*_merged(known, denied(merged)), *known.notes]
    if double:
        notes.append(
            f"identities: {double:,} rows of the customers table belong to a customer listed before; clv adds up"
        )
    notes.append(f"identities: {moved:,} ids became the id of their person ({known.size:,} people have handles)")
    if doubtful:
        notes.append(
            f"identities: {doubtful:,} ids are handles of several people on different channels and stay as they are; "
            "a channel column in the interactions would tell them apart"
        )
    return dataclasses.replace(merged, notes=(*tables.notes, *notes))


@dataclasses.dataclass(frozen=True)
class _Known:
    """Who goes by which id.

    ``anywhere`` leads from an id or a handle that one person has to the person; ``by_channel`` from channel and
    handle; ``owners`` from a handle that several people have to each of them. ``aliases`` are customers who go by
    another's id.
    """

    anywhere: pl.DataFrame
    by_channel: pl.DataFrame
    owners: pl.DataFrame
    aliases: pl.DataFrame
    size: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, identities: pl.DataFrame, customers: pl.DataFrame | None) -> _Known:
        """Merge the customers who share a handle, transitively."""
        rows = identities.select(
            pl.col("customer").cast(pl.String),
            _same_case(pl.col("channel")).fill_null(""),
            pl.col("handle").cast(pl.String),
        ).unique(maintain_order=True)
        index = IdIndex.of(rows["customer"])
        customer = index.codes(rows["customer"]).astype(np.int64)
        handle = rows.select(pl.struct("channel", "handle").rank("dense") - 1).to_series().to_numpy().astype(np.int64)
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
            .select("channel", "person", id="handle")
            .unique(maintain_order=True)
        )
        taken = ids if customers is None else pl.concat([ids, customers["id"].cast(pl.String)])
        own = rows["handle"].is_in(taken.implode())
        foreign = rows.filter(own & (rows["handle"] != rows["customer"]))["handle"].n_unique()
        by_channel = by_channel.filter(~pl.col("id").is_in(taken.implode()))
        owners = by_channel.select("id", "person").unique(maintain_order=True)
        several = pl.len().over("id") > 1
        aliases = pl.DataFrame({"id": ids, "person": person})
        notes: tuple[str, ...] = ()
        if foreign:
            notes = (
                f"identities: {foreign:,} handles are ids of customers too; they stay with the customer of that id",
            )
        return cls(
            anywhere=pl.concat([aliases, owners.filter(~several)]),
            by_channel=by_channel.filter(pl.col("id").is_in(owners.filter(several)["id"].implode())),
            owners=owners.filter(several),
            aliases=aliases.filter(pl.col("id") != pl.col("person")),
            size=int(np.count_nonzero(first)),
            notes=notes,
        )

    def people(self, column: pl.Series, channel: pl.Series | None) -> tuple[pl.Series, int]:
        """Return the person of each id as text, and how many ids could not be told apart."""
        ids = pl.DataFrame({"id": column.cast(pl.String)})
        found = ids.join(self.anywhere, on="id", how="left", maintain_order="left")["person"]
        if channel is not None and self.by_channel.height:
            ids = ids.with_columns(_same_case(channel).alias("channel"))
            on_channel = ids.join(self.by_channel, on=["channel", "id"], how="left", maintain_order="left")["person"]
            found = found.fill_null(on_channel)
        unclear = int((found.is_null() & ids["id"].is_in(self.owners["id"].implode())).sum())
        return found.fill_null(ids["id"]), unclear

    def with_owners(self, suppressed: pl.DataFrame) -> pl.DataFrame:
        """Return a suppress table in which a handle that several people have is all of them."""
        ids = suppressed["id"].cast(pl.String)
        shared = ids.is_in(self.owners["id"].implode())
        if not shared.any():
            return suppressed
        people = self.owners.filter(pl.col("id").is_in(ids.implode()))["person"]
        return pl.DataFrame({"id": pl.concat([ids.filter(~shared), people.alias("id")])})


def _same_case(channel: Any) -> Any:
    """Return channels, a column or an expression, as they are compared: nobody means two networks by X and x."""
    return channel.cast(pl.String).str.to_lowercase()


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
        f"identities: {size[worst]:,} customers would become one person; handle {show(row['handle'])} on channel "
        f"{show(row['channel'])} alone belongs to {sharing:,} of them. Remove handles that are no one's own, such as "
        f"placeholders (at most {ABSURD} customers can be one person)"
    )


def _merged(known: _Known, hidden: pl.Series) -> list[str]:
    """Say who was merged, with examples among those who may be named."""
    count = known.aliases.height
    if not count:
        return []
    shown = known.aliases.filter(~pl.col("person").is_in(hidden.implode())).head(_SHOWN)
    examples = ", ".join(f"{one} is {person}" for one, person in shown.rows())
    more = ", …" if examples and count > shown.height else ""
    told = f" ({examples}{more})" if examples else ""
    return [f"identities: {count:,} customers share a handle with another and are merged{told}"]


def _typed(person: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return ids as integers where they were and still are: "007" is another id than 7."""
    number = whole(person) if dtype == pl.Int64 else None
    return person if number is None else number


def _one_row_each(customers: pl.DataFrame, before: pl.Series) -> pl.DataFrame:
    """Return one row for each person, in the order in which people are listed first; ``before`` are the ids of rows."""
    listed = IdIndex.of(before)
    rows = customers.with_columns(
        pl.Series("_place", np.arange(customers.height)),
        (before.cast(pl.String) != customers["id"].cast(pl.String)).alias("_other"),
        pl.Series("_code", listed.codes(before)),
    ).sort("_other", "_code")
    how = {
        # null where nobody says anything, else the sum
        "clv": pl.col("clv").sum() + pl.when(pl.col("clv").count() == 0).then(None).otherwise(0.0),
        "consent": pl.col("consent").min(),
        "suppress": pl.col("suppress").max(),
        # an empty cell says nothing against being one
        "is_customer": pl.col("is_customer").fill_null(value=True).max(),
    }
    columns = [name for name in customers.columns if name != "id"]
    said = [how[name] if name in how else pl.col(name).drop_nulls().first() for name in columns]
    people = rows.group_by("id", maintain_order=True).agg(*said, pl.col("_place").min())
    return people.sort("_place").select(customers.columns)
