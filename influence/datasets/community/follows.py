"""Who follows whom: attention is heavy-tailed, and most look to their own group."""

from __future__ import annotations

import dataclasses

import numpy as np

from influence.datasets.community.people import Groups, People
from influence.datasets.community.plan import Plan
from influence.datasets.community.streams import DAY, Floats, Ints, Mask, chance, draw, stream

__all__ = ["Follows", "drawn_follows", "pairs_of", "ring_follows", "shunned", "united"]

#: Share of the ties to a ring, from outside of it, that there are: few look at those who only talk to each other.
_SEEN = 0.15


@dataclasses.dataclass(frozen=True, eq=False)
class Follows:
    """``source`` follows ``target`` since ``time``."""

    source: Ints
    target: Ints
    time: Floats

    def rows(self, keep: Mask | Ints) -> Follows:
        """Return some of the rows."""
        return Follows(self.source[keep], self.target[keep], self.time[keep])

    def above(self, other: Follows) -> Follows:
        """Return the rows of both."""
        return Follows(*(np.concatenate(pair) for pair in zip(_columns(self), _columns(other), strict=True)))


def _columns(follows: Follows) -> tuple[Ints, Ints, Floats]:
    return follows.source, follows.target, follows.time


def drawn_follows(plan: Plan, people: People) -> Follows:
    """Return distinct pairs without self-follows, in the order of source and target, and when each began."""
    rng = stream(plan.seed, "follows")
    n, wanted = plan.n_all, round(plan.follows_per_person * plan.n_all)
    # twice as many, since pairs repeat: the active meet the famous of their group again and again
    source = draw(rng, np.sqrt(people.activity), 2 * wanted)
    pools = Groups(people.attention, people.group, people.n_groups)
    target, _ = pools.draw(rng, people.group[source], plan.homophily)
    pair = (source * n + target)[source != target]
    del source, target
    pair.sort()
    new = np.ones(len(pair), np.bool_)
    new[1:] = pair[1:] != pair[:-1]
    pair = pair[new]
    if len(pair) > wanted:
        pair = np.sort(rng.choice(pair, wanted, replace=False, shuffle=False))
    source, target = np.divmod(pair, n)
    begun = np.maximum(people.joined[source], people.joined[target])
    return Follows(source, target, begun + (plan.span - begun) * rng.random(len(pair)) ** 2)


def shunned(plan: Plan, people: People, source: Ints, target: Ints) -> Mask:
    """Return which ties to a ring don't exist after all; a tie hangs on its pair alone."""
    ring = np.full(plan.n_all, -1)
    for number, members in enumerate(people.farms):
        ring[members] = number
    gone: Mask = (ring[target] >= 0) & (ring[source] != ring[target])
    gone[gone] = chance(plan.seed, "shunned", source[gone] * plan.n_all + target[gone]) >= _SEEN
    return gone


def ring_follows(plan: Plan, people: People) -> Follows:
    """Return the follows within rings: everyone follows everyone, from the day on which the later of two came."""
    rng = stream(plan.seed, "ring follows")
    none = np.empty(0, np.int64)
    pairs = [pairs_of(members) for members in people.farms] or [(none, none)]
    source, target = (np.concatenate(column) for column in zip(*pairs, strict=True))
    begun = np.maximum(people.joined[source], people.joined[target])
    return Follows(source, target, np.minimum(begun + DAY * rng.random(len(source)), plan.span))


def pairs_of(members: Ints) -> tuple[Ints, Ints]:
    """Return all ordered pairs of different members."""
    source, target = np.repeat(members, len(members)), np.tile(members, len(members))
    return source[source != target], target[source != target]


def united(drawn: Follows, more: Follows, n: int) -> Follows:
    """Return ``drawn``, whose pairs ascend, and those of ``more`` that it does not hold."""
    pair, wanted = drawn.source * n + drawn.target, more.source * n + more.target
    held = np.searchsorted(pair, wanted, side="right") > np.searchsorted(pair, wanted, side="left")
    return drawn.above(more.rows(~held))
