"""Ties, and the credit of every act that follows another along a tie."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np
import numpy.typing as npt

from influence.config import Settings
from influence.graph import Graph
from influence.graph.arrays import count_by, sum_by
from influence.kernels.credit import follow_ons
from influence.kernels.csr import merge_pairs
from influence.ties.history import DAY, UNDATED, Acts, History, check_before

__all__ = ["NEVER", "Credits", "ItemRows", "Ledger", "follow_on_rows", "joined"]

Times = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: The moment at which people join who have not joined yet.
NEVER = int(np.iinfo(np.int64).max)


@dataclasses.dataclass(frozen=True, eq=False)
class Credits:
    """Follow-on acts, ascending in time: the tie, when, how much credit, of which kind, and whether it is an item's."""

    tie: npt.NDArray[np.int64]
    time: Times
    credit: Floats
    kind: npt.NDArray[np.int8]

    def between(self, begin: int, end: int) -> Credits:
        """Return the credits with begin <= time < end."""
        low, high = np.searchsorted(self.time, [begin, end], side="left")
        return Credits(*(getattr(self, field.name)[low:high] for field in dataclasses.fields(self)))


@dataclasses.dataclass(frozen=True, eq=False)
class ItemRows:
    """Acts that can be followed, by item and time, and the same by person and item."""

    offsets: npt.NDArray[np.int64]
    actor: npt.NDArray[np.int32]
    time: Times
    own_offsets: npt.NDArray[np.int64]
    own_item: npt.NDArray[np.int32]
    own_act: npt.NDArray[np.int64]

    @classmethod
    def of(cls, acts: Acts, n_people: int, time: Times | None = None) -> ItemRows:
        """Group acts by item; ``time`` replaces their times (the placebo shuffles them)."""
        when = acts.time if time is None else time
        rows = np.flatnonzero((acts.item >= 0) & (when > UNDATED))
        item, actor, when = acts.item[rows], acts.actor[rows], when[rows]
        order = np.lexsort((actor, when, item))
        item, actor, when = item[order], actor[order], when[order]
        n_items = int(item.max()) + 1 if item.size else 0
        offsets = np.zeros(n_items + 1, np.int64)
        np.cumsum(count_by(item, n_items), out=offsets[1:])
        size = max(n_people, n_items)
        own_offsets, own_item, group = merge_pairs(actor, item, size)
        own_act = np.empty(actor.size, np.int64)
        own_act[group] = np.arange(actor.size)
        return cls(offsets, actor, when, own_offsets, own_item, own_act)


@dataclasses.dataclass(frozen=True, eq=False)
class Ledger:
    """A history's ties (u → v: u influenced v, or could), and what followed along them.

    Attributes
    ----------
    history : History
    settings : Settings
    ties : Graph
        An edge from each influencer to each of her listeners.
    known : ndarray of int64, shape (n_ties,)
        When the tie was first seen; ``UNDATED`` where a follow carries no date.
    follow : ndarray of bool, shape (n_ties,)
        Whether the listener follows.
    followed : ndarray of int64, shape (n_ties,)
        Since when; a tie can be known before, from a reaction. The largest integer where she does not follow.
    referral : ndarray of bool, shape (n_ties,)
        Whether it is the tie of the listener's tracked referral.
    reaction_tie : ndarray of int64, shape (n_reactions,)
        The tie of each reaction, in the order of the history's.
    credits : Credits
    """

    history: History
    settings: Settings
    ties: Graph
    known: Times
    follow: npt.NDArray[np.bool_]
    followed: Times
    referral: npt.NDArray[np.bool_]
    reaction_tie: npt.NDArray[np.int64]
    credits: Credits
    items: ItemRows

    @classmethod
    def of(cls, history: History, settings: Settings) -> Ledger:
        """Build the ties of a history and credit its follow-ons."""
        follows, reactions, referrals = history.follows, history.reactions, history.referrals
        ties, group = Graph.with_groups(
            np.concatenate([follows.influencer, reactions.influencer, referrals.referrer]),
            np.concatenate([follows.listener, reactions.listener, referrals.referred]),
            n_nodes=history.n_people,
            ids=history.ids,
            merge="count",
        )
        time = np.concatenate([follows.time, reactions.time, referrals.time])
        known = np.full(ties.n_edges, np.iinfo(np.int64).max, np.int64)
        np.minimum.at(known, group, time)
        follow = np.zeros(ties.n_edges, np.bool_)
        follow[group[: len(follows)]] = True
        followed = np.full(ties.n_edges, np.iinfo(np.int64).max, np.int64)
        np.minimum.at(followed, group[: len(follows)], follows.time)
        reacted = group[len(follows) : len(follows) + len(reactions)]
        items = ItemRows.of(history.acts, history.n_people)
        return cls(
            history=history,
            settings=settings,
            ties=ties,
            known=known,
            follow=follow,
            followed=followed,
            referral=_tracked_referrals(history, settings, ties, group[len(follows) + len(reactions) :]),
            reaction_tie=reacted,
            credits=_credits(history, settings, ties, known, items, reacted),
            items=items,
        )

    @property
    def n_people(self) -> int:
        """Number of people."""
        return self.ties.n_nodes

    @cached_property
    def influencer(self) -> npt.NDArray[np.int32]:
        """Influencer of each tie, shape (n_ties,)."""
        return self.ties.edge_sources()

    @property
    def listener(self) -> npt.NDArray[np.int32]:
        """Listener of each tie, shape (n_ties,)."""
        return self.ties.out_targets

    @cached_property
    def act_actor(self) -> npt.NDArray[np.int32]:
        """Who acted: people's acts on items and the reactions that they authored, ascending in time."""
        return self._all_acts[0]

    @cached_property
    def act_time(self) -> Times:
        """When, in the order of ``act_actor``."""
        return self._all_acts[1]

    @cached_property
    def act_is_item(self) -> npt.NDArray[np.bool_]:
        """Whether it was an act on an item, in the order of ``act_actor``."""
        return self._all_acts[2]

    @cached_property
    def _all_acts(self) -> tuple[npt.NDArray[np.int32], Times, npt.NDArray[np.bool_]]:
        acts, reactions = self.history.acts, self.history.reactions
        actor = np.concatenate([acts.actor, reactions.listener])
        time = np.concatenate([acts.time, reactions.time])
        is_item = np.zeros(actor.size, np.bool_)
        is_item[: len(acts)] = True
        order = np.argsort(time, kind="stable")
        return actor[order], time[order], is_item[order]

    def fading(self, time: Times, cut: int) -> Floats:
        """Return ½^(age / half-life) of moments before ``cut``, the shape of ``time``; 1 for those without a date."""
        age = np.where(time == UNDATED, 0, cut - np.where(time == UNDATED, cut, time))
        return np.exp2(-age / (self.settings.half_life_days * DAY))

    @cached_property
    def joined(self) -> Times:
        """When each person joined, see :func:`joined`, shape (n_people,)."""
        return joined(self.history)

    def credit_of_people(self, credits: Credits) -> Floats:
        """Sum credits by influencer, shape (n_people,)."""
        return sum_by(self.influencer[credits.tie], credits.credit, self.n_people)

    def acted_or_tied(self, cut: int) -> npt.NDArray[np.bool_]:
        """Who had acted, or had a dated tie, before ``cut``, shape (n_people,).

        A tie without a date says nothing about when, so it does not count.
        """
        seen = np.zeros(self.n_people, np.bool_)
        seen[self.act_actor[: np.searchsorted(self.act_time, cut, side="left")]] = True
        dated = (self.known > UNDATED) & (self.known < cut)
        seen[self.influencer[dated]] = True
        seen[self.listener[dated]] = True
        return seen

    def assert_before(self, cut: int) -> None:
        """Raise LeakError if an act, a credit or a tie stands at or after ``cut``."""
        self.history.assert_before(cut)
        check_before(self.credits.time, cut, "credits")
        if self.known.size:
            check_before(self.known.max(keepdims=True), cut, "ties")


def follow_on_rows(
    items: ItemRows, ties: Graph, known: Times, settings: Settings
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Return the tie, the act (a row of ``items``) and the credit of everything that follows along a tie."""
    arguments = (
        items.offsets,
        items.actor,
        items.time,
        items.own_offsets,
        items.own_item,
        items.own_act,
        ties.in_offsets,
        ties.in_sources,
        ties.in_edges,
        known,
        int(settings.window_days * DAY),
    )
    if not items.actor.size:  # nothing to compile for
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    _, tie, act, credit = follow_ons(*arguments, follow_ons(*arguments, 0)[0])
    return tie, act, credit


def _credits(
    history: History,
    settings: Settings,
    ties: Graph,
    known: Times,
    items: ItemRows,
    reacted: npt.NDArray[np.int64],
) -> Credits:
    tie, act, credit = follow_on_rows(items, ties, known, settings)
    time = items.time[act]
    kind = np.zeros(act.size, np.int8)
    reactions = history.reactions
    time = np.concatenate([time, reactions.time])
    order = np.argsort(time, kind="stable")
    return Credits(
        np.concatenate([tie, reacted])[order],
        time[order],
        np.concatenate([credit, reactions.weight])[order],
        np.concatenate([kind, reactions.kind])[order],
    )


def joined(history: History) -> Times:
    """Return when each person joined: her first purchase, or her first act where there are no purchases.

    A refund is no purchase. ``NEVER`` where there is none; ``UNDATED`` where none carries a date.

    Returns
    -------
    ndarray of int64, shape (n_people,)
        Microseconds.
    """
    person, time = history.acts.actor, history.acts.time
    purchases = history.purchases
    if len(purchases):
        person, time = purchases.customer, purchases.time
        if purchases.amount is not None:
            paid = ~(purchases.amount < 0)  # an unknown amount was paid too
            person, time = person[paid], time[paid]
    begun = np.full(history.n_people, NEVER, np.int64)
    dated = time > UNDATED
    np.minimum.at(begun, person[dated], time[dated])
    seen = np.zeros(history.n_people, np.bool_)
    seen[person] = True
    begun[seen & (begun == NEVER)] = UNDATED
    return begun


def _tracked_referrals(
    history: History, settings: Settings, ties: Graph, edges: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Mark one referral for each referred person: the last one before she joined, and within a year of it.

    People who joined at no known moment count with their last referral. Who has not joined was brought by nobody yet,
    unless the history shows nobody joining at all: then everybody counts with her last one.
    """
    tracked = np.zeros(ties.n_edges, np.bool_)
    referrals = history.referrals
    if not len(referrals):
        return tracked
    when = joined(history)
    begun = when[referrals.referred]
    unknown = (begun == NEVER) | (begun == UNDATED) | (referrals.time == UNDATED)
    gap = np.where(unknown, 0, begun) - np.where(unknown, 0, referrals.time)
    valid = (gap >= 0) & (gap <= settings.referral_days * DAY)
    if (when < NEVER).any():
        valid &= begun < NEVER
    last = np.full(history.n_people, -1, np.int64)
    rows = np.flatnonzero(valid)
    np.maximum.at(last, referrals.referred[rows], rows)  # rows ascend in time
    tracked[edges[last[last >= 0]]] = True
    return tracked
