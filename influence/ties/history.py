"""The validated tables as arrays of numbered people, sorted by time, that can be cut at a moment."""

from __future__ import annotations

import dataclasses
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.config import REFERRAL_TYPES, Settings
from influence.errors import DataError, LeakError
from influence.io import IdIndex, Tables
from influence.io.schema import PEOPLE

__all__ = [
    "DAY",
    "UNDATED",
    "Acts",
    "Follows",
    "History",
    "Purchases",
    "Reactions",
    "Referrals",
    "SelfReferrals",
    "Topics",
    "check_before",
]

#: One day in microseconds, the unit of all times.
DAY = 86_400_000_000
#: The time of what carries no date: before everything.
UNDATED = int(np.iinfo(np.int64).min)

_EVENTS = ("follows", "reactions", "referrals", "self_referrals", "acts", "purchases", "topics")

Ints = npt.NDArray[np.int32]
Times = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def check_before(time: Times, cut: int, what: str) -> None:
    """Raise if an event of ascending ``time`` stands at or after ``cut``."""
    if time.size and int(time[-1]) >= cut:
        raise LeakError(f"{what} hold an event at {_moment(int(time[-1]))}, but the cut is {_moment(cut)}")


def _moment(time: int) -> str:
    return str(np.datetime64(time, "us"))


class _Events:
    """Equally long arrays, ascending in ``time``; one that the input lacks is None."""

    time: Times

    def __len__(self) -> int:
        return int(self.time.size)

    def before(self, cut: int) -> Self:
        """Return the events before a moment; those without a date stay."""
        return self._rows(slice(0, int(np.searchsorted(self.time, cut, side="left"))))

    def _rows(self, rows: Any) -> Self:
        return type(self)(
            **{name: None if (array := getattr(self, name)) is None else array[rows] for name in self._names()}
        )

    def _names(self) -> list[str]:
        return [field.name for field in dataclasses.fields(self)]  # type: ignore[arg-type]

    def _sorted(self) -> Self:
        """Return the events by time, then by their other columns, so that the order of input rows is forgotten."""
        arrays = [getattr(self, name) for name in self._names() if name != "time"]
        return self._rows(np.lexsort((*(array for array in reversed(arrays) if array is not None), self.time)))


@dataclasses.dataclass(frozen=True, eq=False)
class Follows(_Events):
    """``listener`` follows ``influencer`` since ``time``."""

    listener: Ints
    influencer: Ints
    time: Times


@dataclasses.dataclass(frozen=True, eq=False)
class Reactions(_Events):
    """``listener`` reacted to ``influencer``; ``weight`` is the credit, ``kind`` indexes the history's kinds.

    ``sentiment`` towards the brand lies in [-1, 1] and is NaN where unknown; ``channel`` indexes the history's
    channels, -1 where none is said.
    """

    listener: Ints
    influencer: Ints
    kind: npt.NDArray[np.int8]
    weight: Floats
    time: Times
    sentiment: Floats | None = None
    incentivised: npt.NDArray[np.bool_] | None = None
    channel: npt.NDArray[np.int16] | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Referrals(_Events):
    """``referrer`` brought ``referred``; ``cost`` is what was paid for it, NaN where it is not said."""

    referrer: Ints
    referred: Ints
    time: Times
    cost: Floats | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class SelfReferrals(_Events):
    """``person`` brought herself, under another of her handles."""

    person: Ints
    time: Times


@dataclasses.dataclass(frozen=True, eq=False)
class Purchases(_Events):
    """``customer`` paid ``amount`` (negative: was refunded), of which ``margin`` was earned; NaN where unknown."""

    customer: Ints
    time: Times
    amount: Floats | None = None
    margin: Floats | None = None
    discounted: npt.NDArray[np.bool_] | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Topics(_Events):
    """``person`` raised ``topic``, which indexes the history's topics."""

    person: Ints
    topic: Ints
    time: Times


@dataclasses.dataclass(frozen=True, eq=False)
class Acts(_Events):
    """``actor`` acted on ``item`` for the first time; item -1 is an act that nobody can follow."""

    actor: Ints
    item: Ints
    time: Times


@dataclasses.dataclass(frozen=True, eq=False)
class History:
    """All that happened, by person number; numbers are in id order.

    Attributes
    ----------
    ids : IdIndex
    kinds : tuple of str
        Kinds of evidence: ``item``, the reaction types that occur, ``follow``, ``referral``.
    follows, reactions, referrals, self_referrals, acts, purchases, topics
        Events, ascending in time.
    channels, topic_names : tuple of str
        What the numbers of channels and of topics stand for.
    currency : str or None
        Of all money, where the input says it.
    customers : polars.DataFrame or None
        The table as it was read.
    listed : ndarray of bool, shape (n_people,)
        Who is a customer: everyone where there is no table.
    cut : int or None
        Everything is before this moment, in microseconds.
    notes : tuple of str
        What was dropped or assumed, in words.
    """

    ids: IdIndex
    kinds: tuple[str, ...]
    follows: Follows
    reactions: Reactions
    referrals: Referrals
    acts: Acts
    customers: pl.DataFrame | None
    listed: npt.NDArray[np.bool_]
    self_referrals: SelfReferrals
    purchases: Purchases
    topics: Topics
    channels: tuple[str, ...] = ()
    topic_names: tuple[str, ...] = ()
    currency: str | None = None
    cut: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_people(self) -> int:
        """Number of people who occur anywhere."""
        return len(self.ids)

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last dated act, reaction or referral, in microseconds; None without any."""
        times = [events.time[events.time > UNDATED] for events in (self.reactions, self.referrals, self.acts)]
        times = [time for time in times if time.size]
        return (min(int(t[0]) for t in times), max(int(t[-1]) for t in times)) if times else None

    @property
    def newest(self) -> int | None:
        """The newest event of any sort, in microseconds; None where no act carries a date."""
        span = self.span
        if span is None:
            return None
        return max(span[1], int(self.follows.time[-1])) if len(self.follows) else span[1]

    @property
    def has_undated_follows(self) -> bool:
        """Whether a follow carries no date: its existence may be news from the future."""
        return bool(len(self.follows)) and int(self.follows.time[0]) == UNDATED

    def before(self, cut: int) -> History:
        """Return the history as it was known at ``cut``: events at or after it are gone.

        Raises
        ------
        LeakError
            An event at or after the cut is left, which would be an error of this program.
        """
        events = {name: getattr(self, name).before(cut) for name in _EVENTS}
        past = dataclasses.replace(self, **events, cut=cut)
        past.assert_before(cut)
        return past

    def assert_before(self, cut: int) -> None:
        """Raise LeakError if any event stands at or after ``cut``."""
        for name in _EVENTS:
            check_before(getattr(self, name).time, cut, name)

    @classmethod
    def from_tables(cls, tables: Tables, settings: Settings) -> History:
        """Give people numbers and sort the events.

        Raises
        ------
        DataError
            There is nobody in the tables, nobody is tied to anybody, or money is in two currencies.
        """
        notes: list[str] = []
        columns = [
            table[name]
            for role, names in PEOPLE.items()
            if (table := getattr(tables, role)) is not None
            for name in names
        ]
        if tables.follows is None and tables.interactions is None:
            raise DataError(
                "no ties: give follows (source, target) or interactions (source, target, type, timestamp); "
                "without them nobody is known to listen to anybody"
            )
        ids = IdIndex.of(*columns)
        if not len(ids):
            raise DataError("the input holds nobody: every table is empty")

        follows = _follows(tables.follows, ids, notes)
        talk = _interactions(tables.interactions, ids, settings, notes)
        topics, topic_names = _topics(tables.topics, ids)
        acts = _acts(tables, ids, notes)
        listed = np.ones(len(ids), np.bool_)
        if tables.customers is not None:
            listed[:] = False
            listed[ids.codes(tables.customers["id"])] = True
            if "is_customer" in tables.customers.columns:
                guests = tables.customers.filter(~tables.customers["is_customer"].fill_null(True))
                listed[ids.codes(guests["id"])] = False
        return cls(
            ids=ids,
            **talk,
            follows=follows,
            acts=acts,
            purchases=_purchases(tables.transactions, ids),
            topics=topics,
            topic_names=topic_names,
            currency=_currency(tables, settings),
            customers=tables.customers,
            listed=listed,
            notes=(*tables.notes, *notes),
        )


def _currency(tables: Tables, settings: Settings) -> str | None:
    """Return the currency of all money; each table is known to have one at most."""
    found = {
        role: table["currency"].drop_nulls()
        for role in ("customers", "transactions")
        if (table := getattr(tables, role)) is not None and "currency" in table.columns
    }
    said = {role: str(names[0]) for role, names in found.items() if len(names)}
    if len(set(said.values())) > 1:
        listed = " and ".join(f"{role} in {name}" for role, name in said.items())
        raise DataError(f"{listed}: money in two currencies can't be compared; convert one table, or leave it out")
    found_one = next(iter(said.values()), None)
    if found_one and settings.currency and found_one != settings.currency:
        raise DataError(f"{next(iter(said))} are in {found_one}, and the currency is set to {settings.currency}")
    return found_one or settings.currency or None


def _times(table: pl.DataFrame, column: str) -> Times:
    if column not in table.columns:
        return np.full(table.height, UNDATED, np.int64)
    return table[column].to_physical().fill_null(UNDATED).to_numpy().astype(np.int64, copy=False)


def _no_loops(name: str, one: Ints, other: Ints, notes: list[str]) -> npt.NDArray[np.bool_]:
    distinct: npt.NDArray[np.bool_] = one != other
    loops = int(distinct.size - np.count_nonzero(distinct))
    if loops:
        notes.append(f"{loops:,} of {distinct.size:,} {name} go from a person to the same person: left out")
    return distinct


def _follows(table: pl.DataFrame | None, ids: IdIndex, notes: list[str]) -> Follows:
    if table is None:
        empty = np.empty(0, np.int32)
        return Follows(empty, empty, np.empty(0, np.int64))
    listener, influencer = ids.codes(table["source"]), ids.codes(table["target"])
    rows = _no_loops("follows", listener, influencer, notes)
    return Follows(listener, influencer, _times(table, "since"))._rows(rows)._sorted()


def _interactions(table: pl.DataFrame | None, ids: IdIndex, settings: Settings, notes: list[str]) -> dict[str, Any]:
    """Return what a history keeps of interactions, by the names of its fields."""
    if table is None:
        table = pl.DataFrame(schema={"source": pl.Int64, "target": pl.Int64, "type": pl.String})
    present = set(table["type"].unique().to_list())
    types = [name for name in settings.reaction_weights if name in present]
    unknown = present - set(types) - set(REFERRAL_TYPES)
    if unknown:
        raise DataError(f"interaction type {min(unknown)!r} has no weight: add it under reaction_weights")
    kinds = ("item", *types, "follow", "referral")

    source, target, time = ids.codes(table["source"]), ids.codes(table["target"]), _times(table, "timestamp")
    number = {name: kinds.index(name) for name in types} | dict.fromkeys(REFERRAL_TYPES, -1)
    kind = table["type"].replace_strict(number, return_dtype=pl.Int8).to_numpy()
    weight = np.array([0.0, *(settings.reaction_weights[name] for name in types), 0.0, 0.0])[kind]
    if "weight" in table.columns:
        weight = weight * table["weight"].fill_null(1.0).to_numpy()
    distinct = _no_loops("interactions", source, target, notes)
    reacted, referred = distinct & (kind >= 0), distinct & (kind < 0)
    alone = ~distinct & (kind < 0)
    channel, channels = _numbered(table, "channel")
    reactions = Reactions(
        source,
        target,
        kind,
        weight,
        time,
        sentiment=_amounts(table, "sentiment"),
        incentivised=_flags(table, "incentivised"),
        channel=channel if channels else None,
    )
    return {
        "kinds": kinds,
        "channels": channels,
        "reactions": reactions._rows(reacted)._sorted(),
        "referrals": Referrals(source, target, time, _amounts(table, "incentive_cost"))._rows(referred)._sorted(),
        "self_referrals": SelfReferrals(source, time)._rows(alone)._sorted(),
    }


def _amounts(table: pl.DataFrame, column: str) -> Floats | None:
    if column not in table.columns:
        return None
    return table[column].cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()


def _flags(table: pl.DataFrame, column: str) -> npt.NDArray[np.bool_] | None:
    return table[column].fill_null(value=False).to_numpy().copy() if column in table.columns else None


def _numbered(table: pl.DataFrame, column: str) -> tuple[npt.NDArray[np.int16], tuple[str, ...]]:
    """Return a column of names as numbers in the order of the names, -1 for none, and the names."""
    if column not in table.columns:
        return np.empty(0, np.int16), ()
    text = table[column].cast(pl.String)
    names = text.drop_nulls().unique().sort()
    if len(names) > np.iinfo(np.int16).max:
        raise DataError(f"{column}: {len(names):,} different ones; is it a column of something else?")
    codes = pl.Series(np.arange(len(names), dtype=np.int16))
    number = text.replace_strict(names, codes, default=-1, return_dtype=pl.Int16) if len(names) else None
    none = np.full(table.height, -1, np.int16)
    return none if number is None else number.fill_null(-1).to_numpy().copy(), tuple(names.to_list())


def _topics(table: pl.DataFrame | None, ids: IdIndex) -> tuple[Topics, tuple[str, ...]]:
    if table is None:
        empty = np.empty(0, np.int32)
        return Topics(empty, empty, np.empty(0, np.int64)), ()
    names = IdIndex.of(table["topic"])
    topics = Topics(ids.codes(table["customer"]), names.codes(table["topic"]), _times(table, "timestamp"))
    return topics._sorted(), tuple(names.ids().to_list())


def _purchases(table: pl.DataFrame | None, ids: IdIndex) -> Purchases:
    if table is None:
        return Purchases(np.empty(0, np.int32), np.empty(0, np.int64))
    return Purchases(
        ids.codes(table["customer"]),
        _times(table, "timestamp"),
        _amounts(table, "amount"),
        _amounts(table, "margin"),
        _flags(table, "discounted"),
    )._sorted()


def _acts(tables: Tables, ids: IdIndex, notes: list[str]) -> Acts:
    bought = tables.transactions
    table = bought if bought is not None and "item" in bought.columns else tables.actions
    if table is None:
        table = bought
    empty = np.empty(0, np.int32)
    if table is None or not table.height:
        return Acts(empty, empty, np.empty(0, np.int64))
    actor, time = ids.codes(table["customer"]), _times(table, "timestamp")
    if "item" not in table.columns:
        notes.append("transactions name no item: nobody can be seen to follow a purchase")
        # purchases on one day are one act
        key = np.unique(np.stack([actor.astype(np.int64), time // DAY]), axis=1)
        actor = key[0].astype(np.int32)
        return Acts(actor, np.full(actor.size, -1, np.int32), key[1] * DAY)._sorted()
    if table is not bought and bought is not None:
        notes.append("acts are taken from the actions; transactions name no item")
    item = IdIndex.of(table["item"]).codes(table["item"])
    order = np.lexsort((time, item, actor))
    actor, item, time = actor[order], item[order], time[order]
    first = np.ones(actor.size, np.bool_)
    first[1:] = (actor[1:] != actor[:-1]) | (item[1:] != item[:-1])
    repeated = int(first.size - np.count_nonzero(first))
    if repeated:
        notes.append(f"{repeated:,} of {first.size:,} acts repeat a person's earlier act on the same item: left out")
    return Acts(actor[first], item[first], time[first])._sorted()
