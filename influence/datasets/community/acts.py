"""What members act on: what is popular, what their group likes just then, and what influencers led them to."""

from __future__ import annotations

import dataclasses

import numpy as np

from influence.datasets.community.follows import Follows
from influence.datasets.community.people import Groups, People
from influence.datasets.community.plan import Plan
from influence.datasets.community.streams import DAY, Floats, Ints, Mask, draw, stream
from influence.graph.arrays import ranges

__all__ = ["Acts", "bribed_acts", "chance_acts", "first_acts", "follow_ons"]

#: Days from the act of an influencer to the act that follows it.
FOLLOW_ON_DAYS = (1.0, 60.0)
#: Mean days from the release of an item to an act of the group that it was made for.
_FAD_DAYS = 10.0
#: Acts of a bribed poster beyond those of everybody.
_BUSY = 1.5
_AT_ONCE = 1 << 20


@dataclasses.dataclass(frozen=True, eq=False)
class Acts:
    """``person`` acted on ``item``; ``cause`` is the influencer whom that follows, or -1."""

    person: Ints
    item: Ints
    time: Floats
    cause: Ints

    def rows(self, keep: Mask | Ints) -> Acts:
        """Return some of the rows."""
        return Acts(self.person[keep], self.item[keep], self.time[keep], self.cause[keep])

    @classmethod
    def by_chance(cls, person: Ints, item: Ints, time: Floats) -> Acts:
        """Return acts that follow nobody."""
        return cls(person, item, time, np.full(len(person), -1))


def first_acts(*parts: Acts) -> Acts:
    """Keep the first act of each person on each item."""
    person, item, time, cause = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("person", "item", "time", "cause")
    )
    key = person * (int(item.max(initial=0)) + 1) + item
    order = np.lexsort((time, key))
    key = key[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = key[1:] != key[:-1]
    return Acts(person, item, time, cause).rows(order[first])


def chance_acts(plan: Plan, people: People) -> Acts:
    """Return acts that nobody caused.

    Most are on popular items, soon after their release. A share ``taste`` is on items made for the member's own group,
    within days of their release: people of one group act alike in the same weeks, and most ties are within groups.
    """
    rng = stream(plan.seed, "items")
    popularity = 1.0 / np.arange(5, plan.n_items + 5, dtype=np.float64)
    released = 0.9 * plan.span * rng.random(plan.n_items)
    made_for = rng.integers(0, people.n_groups, plan.n_items)

    rng = stream(plan.seed, "acts")
    n_acts = round(plan.acts_per_person * plan.n_people)
    person = draw(rng, people.activity[: plan.n_people], n_acts)
    item, own = Groups(popularity, made_for, people.n_groups).draw(rng, people.group[person], plan.taste)
    begun = np.maximum(people.joined[person], released[item])
    time = begun + (plan.span - begun) * rng.random(n_acts) ** 2
    fad = released[item] + _FAD_DAYS * DAY * rng.exponential(size=n_acts)
    own &= (fad >= people.joined[person]) & (fad <= plan.span)
    return first_acts(Acts.by_chance(person, item, np.where(own, fad, time)))


def bribed_acts(plan: Plan, people: People) -> Acts:
    """Return what makes bribed posters look busy: acts on popular items at any time."""
    rng = stream(plan.seed, "bribed acts")
    popularity = 1.0 / np.arange(5, plan.n_items + 5, dtype=np.float64)
    person = np.repeat(people.bribed, rng.poisson(_BUSY * plan.acts_per_person, len(people.bribed)))
    begun = people.joined[person]
    time = begun + (plan.span - begun) * rng.random(len(person))
    return Acts.by_chance(person, draw(rng, popularity, len(person)), time)


def follow_ons(plan: Plan, people: People, acts: Acts, follows: Follows) -> Acts:
    """Return the acts that follow an act of a planted influencer; guests make none."""
    rng = stream(plan.seed, "follow-ons")
    strength = np.zeros(plan.n_people)
    strength[people.planted] = people.strength
    followed = people.marked(people.planted)[follows.target] & (follows.source < plan.n_people)
    theirs = follows.rows(followed)
    theirs = theirs.rows(np.argsort(theirs.target, kind="stable"))

    act = np.flatnonzero(strength[acts.person] > 0)
    begin = np.searchsorted(theirs.target, acts.person[act], side="left")
    count = np.searchsorted(theirs.target, acts.person[act], side="right") - begin
    found = []
    # one row for each act and follower, some acts at once: there can be many times more rows than follow-ons
    cuts = np.flatnonzero(np.diff(np.cumsum(count) // _AT_ONCE)) + 1
    for some in np.split(np.arange(len(act)), cuts):
        row = np.repeat(act[some], count[some])
        follow = ranges(begin[some], count[some])
        taken = rng.random(len(row)) < strength[acts.person[row]]
        taken &= theirs.time[follow] <= acts.time[row]
        row, follow = row[taken], follow[taken]
        later = acts.time[row] + DAY * rng.uniform(*FOLLOW_ON_DAYS, len(row))
        soon = later <= plan.span
        row, follow = row[soon], follow[soon]
        found.append(Acts(theirs.source[follow], acts.item[row], later[soon], acts.person[row]))
    led = Acts(*(np.concatenate([getattr(part, field.name) for part in found]) for field in dataclasses.fields(Acts)))
    # an influencer keeps the act by chance that others followed, even where she would have been led to it sooner
    key = led.person * plan.n_items + led.item
    had = np.isin(key, acts.person[act] * plan.n_items + acts.item[act])
    return led.rows(~had)
