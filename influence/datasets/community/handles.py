"""People under several names: handles that stand for them on one channel, and the table that tells."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl

from influence.datasets.community.acts import Acts
from influence.datasets.community.follows import Follows
from influence.datasets.community.people import People
from influence.datasets.community.plan import Plan
from influence.datasets.community.reactions import CHANNELS, REFERRAL, Events
from influence.datasets.community.referrals import SELF_CHANNEL
from influence.datasets.community.streams import Floats, Ints, Mask, chance, stream

__all__ = ["Handles", "no_handles"]

#: How likely a person of several handles has one on a channel; she has one at least. None where people refer
#: themselves.
_LIKELY = {"forum": 0.5, "social": 0.4, "email": 0.2}
_SOCIAL = CHANNELS.index("social")
#: Shares of rows that bear no channel and still stand under a handle: of follows, of acts, of acts after self-referral.
_FOLLOWS, _ACTS, _SELF_ACTS = 0.5, 0.25, 0.5


def no_handles() -> pl.DataFrame:
    """Return a table of identities that holds nobody."""
    return pl.DataFrame(schema={"customer": pl.Int64, "channel": pl.String, "handle": pl.Int64})


@dataclasses.dataclass(frozen=True, eq=False)
class Handles:
    """Which member has a handle on which channel; shape (n_people, n_channels)."""

    plan: Plan
    has: Mask
    #: Number of each place of ``has``, shuffled: it tells nothing about whose a handle is.
    numbers: Ints

    @classmethod
    def drawn(cls, plan: Plan, people: People) -> Handles:
        """Give handles to a share of the members, and to those who refer themselves."""
        member = np.arange(plan.n_people)
        several = member[chance(plan.seed, "duplicates", member) < plan.duplicates]
        has = np.zeros((plan.n_people, len(CHANNELS)), np.bool_)
        for name, likely in _LIKELY.items():
            has[several, CHANNELS.index(name)] = chance(plan.seed, f"handle {name}", several) < likely
        without = several[~has[several].any(axis=1)]
        has[without, 0] = True
        has[people.self_referrers, SELF_CHANNEL] = True
        return cls(plan, has, plan.n_all + stream(plan.seed, "handles").permutation(has.size))

    def number(self, person: Ints, channel: Ints) -> Ints:
        """Return the handle of each member on a channel, counted from 0 like people; -1 for a guest."""
        member = person < self.plan.n_people
        return np.where(member, self.numbers[np.where(member, person * len(CHANNELS) + channel, 0)], -1)

    def table(self) -> pl.DataFrame:
        """Return the table of identities."""
        person, channel = np.nonzero(self.has)
        names = pl.Series(CHANNELS).gather(channel)
        table = {"customer": person + 1, "channel": names, "handle": self.number(person, channel) + 1}
        return no_handles().vstack(pl.DataFrame(table, schema=no_handles().schema))

    def of_people(self) -> dict[int, tuple[int, ...]]:
        """Return the handles of each person who has several names, by id."""
        found: dict[int, tuple[int, ...]] = {}
        for person, _, handle in self.table().iter_rows():
            found[person] = (*found.get(person, ()), handle)
        return found

    def in_follows(self, follows: Follows) -> Follows:
        """Put handles into follows; a pair is written in one way only."""
        pair = follows.source * self.plan.n_all + follows.target
        ends = []
        for name in ("source", "target"):
            who: Ints = getattr(follows, name)
            under = self._have(who, _SOCIAL)
            under[under] = chance(self.plan.seed, f"{name} under a handle", pair[under]) < _FOLLOWS
            ends.append(np.where(under, self.number(who, np.array(_SOCIAL)), who))
        return Follows(ends[0], ends[1], follows.time)

    def in_events(self, events: Events) -> Events:
        """Put handles into interactions: whoever has one on a channel uses it there."""
        channel = events.channel.astype(np.int64)
        source, target = (
            np.where(self._have(who, channel) & (channel != SELF_CHANNEL), self.number(who, channel), who)
            for who in (events.source, events.target)
        )
        own = (events.kind == REFERRAL) & (events.source == events.target)
        target[own] = self.number(events.target[own], np.array(SELF_CHANNEL))
        return dataclasses.replace(events, source=source, target=target)

    def in_acts(self, acts: Acts, referred: tuple[Ints, Floats]) -> Acts:
        """Put handles into acts: some of each handle's; of a second account only after its referral, ``referred``."""
        key = acts.person * self.plan.n_items + acts.item
        roll = chance(self.plan.seed, "acts under a handle", key)
        channel = np.argmax(self.has[acts.person, :SELF_CHANNEL], axis=1)
        under = self._have(acts.person, channel) & (roll < _ACTS)
        opened = np.full(self.plan.n_people, np.inf)
        opened[referred[0]] = referred[1]
        second = (acts.time > opened[acts.person]) & (roll >= 1.0 - _SELF_ACTS)
        channel = np.where(second, SELF_CHANNEL, channel)
        return dataclasses.replace(
            acts, person=np.where(under | second, self.number(acts.person, channel), acts.person)
        )

    def _have(self, who: Ints, channel: Ints | int) -> Mask:
        member = who < self.plan.n_people
        has: Mask = self.has[np.where(member, who, 0), channel]
        return member & has
