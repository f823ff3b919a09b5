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

__all__ = ["DAY", "UNDATED", "Acts", "Follows", "History", "Reactions", "Referrals", "check_before"]

#: One day in microseconds, the unit of all times.
DAY = 86_400_000_000
#: The time of what carries no date: before everything.
UNDATED = int(np.iinfo(np.int64).min)

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
    """Equally long arrays, ascending in ``time``."""

    time: Times

    def __len__(self) -> int:
        return int(self.time.size)

    def before(self, cut: int) -> Self:
        """Return the events before a moment; those without a date stay."""
        return self._rows(slice(0, int(np.searchsorted(self.time, cut, side="left"))))

    def _rows(self, rows: Any) -> Self:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields})

    def _sorted(self) -> Self:
        """Return the events by time, then by their other columns, so that the order of input rows is forgotten."""
        names = [field.name for field in dataclasses.fields(self) if field.name != "time"]  # type: ignore[arg-type]
        return self._rows(np.lexsort((*(getattr(self, name) for name in reversed(names)), self.time)))


@dataclasses.dataclass(frozen=True, eq=False)
class Follows(_Events):
    """``listener`` follows ``influencer`` since ``time``."""

    listener: Ints
    influencer: Ints
    time: Times


@dataclasses.dataclass(frozen=True, eq=False)
class Reactions(_Events):
    """``listener`` reacted to ``influencer``; ``weight`` is the credit, ``kind`` indexes the history's kinds."""

    listener: Ints
    influencer: Ints
    kind: npt.NDArray[np.int8]
    weight: Floats
    time: Times


@dataclasses.dataclass(frozen=True, eq=False)
class Referrals(_Events):
    """``referrer`` brought ``referred``."""

    referrer: Ints
    referred: Ints
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
    follows, reactions, referrals, acts
        Events, ascending in time.
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
        past = dataclasses.replace(
            self,
            follows=self.follows.before(cut),
            reactions=self.reactions.before(cut),
            referrals=self.referrals.before(cut),
            acts=self.acts.before(cut),
            cut=cut,
        )
        past.assert_before(cut)
        return past

    def assert_before(self, cut: int) -> None:
        """Raise LeakError if any event stands at or after ``cut``."""
        for name in ("follows", "reactions", "referrals", "acts"):
            check_before(getattr(self, name).time, cut, name)

    @classmethod
    def from_tables(cls, tables: Tables, settings: Settings) -> History:
        """Give people numbers and sort the events.

        Raises
        ------
        DataError
            There is nobody in the tables, or nobody is tied to anybody.
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
        kinds, reactions, referrals = _interactions(tables.interactions, ids, settings, notes)
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
            kinds=kinds,
            follows=follows,
            reactions=reactions,
            referrals=referrals,
            acts=acts,
            customers=tables.customers,
            listed=listed,
            notes=(*tables.notes, *notes),
        )


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


def _interactions(
    table: pl.DataFrame | None, ids: IdIndex, settings: Settings, notes: list[str]
) -> tuple[tuple[str, ...], Reactions, Referrals]:
    empty = np.empty(0, np.int32)
    if table is None:
        nobody = Reactions(empty, empty, np.empty(0, np.int8), np.empty(0), np.empty(0, np.int64))
        return ("item", "follow", "referral"), nobody, Referrals(empty, empty, np.empty(0, np.int64))
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
    reactions = Reactions(source, target, kind, weight, time)._rows(reacted)._sorted()
    referrals = Referrals(source, target, time)._rows(referred)._sorted()
    return kinds, reactions, referrals


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
