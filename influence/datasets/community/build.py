"""A plan becomes tables: the parts in order, put together and sorted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.datasets.community.acts import Acts, bribed_acts, chance_acts, first_acts, follow_ons
from influence.datasets.community.customers import customers_table, purchases, times
from influence.datasets.community.follows import Follows, drawn_follows, ring_follows, shunned, united
from influence.datasets.community.gaming import bribed_reactions, detractor_reactions, ring_reactions
from influence.datasets.community.handles import Handles, no_handles
from influence.datasets.community.people import People, make_people
from influence.datasets.community.plan import Plan
from influence.datasets.community.reactions import CHANNELS, TYPES, Events, drawn_reactions
from influence.datasets.community.referrals import honest_referrals, ring_referrals, self_referrals
from influence.datasets.community.streams import Floats, Ints

__all__ = ["Community", "Truth", "build"]


@dataclasses.dataclass(frozen=True, eq=False)
class Truth:
    """What was planted, by the ids of members; handles stand for nobody in here."""

    #: Influencers, ascending, and the chance of each that a follower picks up what she acts on.
    planted: tuple[int, ...]
    pull: tuple[float, ...]
    #: influencer, customer, item, timestamp: the acts in ``actions`` that follow an act of a planted influencer.
    follow_ons: pl.DataFrame
    #: Posters whose reactions are paid for; they pull nobody.
    bribed: tuple[int, ...]
    #: Reply farms: who reacts to each other, ring by ring.
    rings: tuple[tuple[int, ...], ...]
    #: Each refers the next, and the last the first.
    referral_rings: tuple[tuple[int, ...], ...]
    #: Who referred herself, under a second handle.
    self_referrals: tuple[int, ...]
    #: Whose audience speaks against the brand, and for whom it does so ever more lately.
    detractors: tuple[int, ...]
    growing_detractors: tuple[int, ...]
    #: Handles of the members who have any, ascending by member.
    duplicates: Mapping[int, tuple[int, ...]]
    #: id, group: the latent group of everybody, guests included.
    groups: pl.DataFrame


@dataclasses.dataclass(frozen=True, eq=False)
class Community:
    """A generated community: its tables and the truth.

    Members have the ids 1 … ``n_people``; guests, who talk and never act, the ``n_guests`` ids after them; larger ids
    are handles.
    """

    #: source, target, since: *source* follows *target*.
    follows: pl.DataFrame
    #: source, target, type, timestamp, sentiment, incentivised, channel, id: *source* reacted to *target*, or as a
    #: ``referral`` brought her.
    interactions: pl.DataFrame
    #: customer, item, timestamp: one row per person and item.
    actions: pl.DataFrame
    #: id, segment, signup, nps, vetted, region: one row per member.
    customers: pl.DataFrame
    #: customer, channel, handle.
    identities: pl.DataFrame
    #: customer, timestamp, amount; None unless asked for.
    transactions: pl.DataFrame | None
    truth: Truth
    n_people: int
    n_guests: int
    seed: int

    @property
    def planted(self) -> tuple[int, ...]:
        """Ids of the planted influencers, ascending."""
        return self.truth.planted


def build(plan: Plan) -> Community:
    """Make the community."""
    people = make_people(plan)
    drawn = drawn_follows(plan, people)
    acts = chance_acts(plan, people)
    acts = first_acts(acts, follow_ons(plan, people, acts, drawn), bribed_acts(plan, people))
    events = drawn_reactions(plan, people, drawn)
    angry = detractor_reactions(plan, people, drawn)
    events = events.rows(~shunned(plan, people, events.source, events.target))
    drawn = drawn.rows(~shunned(plan, people, drawn.source, drawn.target))
    follows = united(drawn, ring_follows(plan, people), plan.n_all)
    own = self_referrals(plan, people)
    events = Events.of(
        events,
        angry,
        bribed_reactions(plan, people),
        ring_reactions(plan, people),
        honest_referrals(plan, people),
        ring_referrals(plan, people),
        own,
    )
    handles = None if plan.merged else Handles.drawn(plan, people)
    truth = _truth(plan, people, acts, handles)
    if handles is not None:
        follows = handles.in_follows(follows)
        events = handles.in_events(events)
        acts = handles.in_acts(acts, (own.source, own.time))
    return Community(
        follows=_follows_table(plan, follows),
        interactions=_interactions_table(plan, events),
        actions=_acts_table(plan, acts).select("customer", "item", "timestamp"),
        customers=customers_table(plan, people),
        identities=no_handles() if handles is None else handles.table(),
        transactions=purchases(plan, people) if plan.transactions else None,
        truth=truth,
        n_people=plan.n_people,
        n_guests=plan.n_guests,
        seed=plan.seed,
    )


def _order(seconds: Floats, *ties: npt.NDArray[np.integer]) -> Ints:
    """Return the order of rows by whole seconds, then by the other columns."""
    return np.lexsort((*reversed(ties), np.floor(seconds).astype(np.int64)))


def _follows_table(plan: Plan, follows: Follows) -> pl.DataFrame:
    rows = follows.rows(_order(follows.time, follows.source, follows.target))
    return pl.DataFrame({"source": rows.source + 1, "target": rows.target + 1, "since": times(plan, rows.time)})


def _interactions_table(plan: Plan, events: Events) -> pl.DataFrame:
    rows = events.rows(_order(events.time, events.source, events.target, events.kind))
    return pl.DataFrame(
        {
            "source": rows.source + 1,
            "target": rows.target + 1,
            "type": pl.Series(TYPES).gather(rows.kind),
            "timestamp": times(plan, rows.time),
            "sentiment": pl.Series(rows.sentiment).fill_nan(None),
            "incentivised": rows.incentivised,
            "channel": pl.Series(CHANNELS).gather(rows.channel),
            "id": np.arange(1, len(rows) + 1),
        }
    )


def _acts_table(plan: Plan, acts: Acts) -> pl.DataFrame:
    order = _order(acts.time, acts.person, acts.item)
    names = pl.select(pl.format("title-{}", pl.int_range(1, plan.n_items + 1))).to_series()
    return pl.DataFrame(
        {
            "influencer": acts.cause[order] + 1,
            "customer": acts.person[order] + 1,
            "item": names.gather(acts.item[order]),
            "timestamp": times(plan, acts.time[order]),
        }
    )


def _truth(plan: Plan, people: People, acts: Acts, handles: Handles | None) -> Truth:
    def ids(who: Ints) -> tuple[int, ...]:
        return tuple(int(person) + 1 for person in who)

    return Truth(
        planted=ids(people.planted),
        pull=tuple(float(strength) for strength in people.strength),
        follow_ons=_acts_table(plan, acts.rows(acts.cause >= 0)),
        bribed=ids(np.sort(people.bribed)),
        rings=tuple(ids(np.sort(ring)) for ring in people.farms),
        referral_rings=tuple(ids(ring) for ring in people.referral_rings),
        self_referrals=ids(np.sort(people.self_referrers)),
        detractors=ids(np.sort(people.detractors)),
        growing_detractors=ids(np.sort(people.growing)),
        duplicates=MappingProxyType({} if handles is None else handles.of_people()),
        groups=pl.DataFrame({"id": np.arange(1, plan.n_all + 1), "group": people.group}),
    )
