"""Who brought whom: honest referrals in generations, rings that refer each other, and people who refer themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from influence.datasets.community.people import Groups, People
from influence.datasets.community.plan import Plan
from influence.datasets.community.reactions import CHANNELS, REFERRAL, Events, kinds
from influence.datasets.community.streams import DAY, Floats, Ints, chance, stream

__all__ = ["SELF_CHANNEL", "honest_referrals", "ring_referrals", "self_referrals"]

#: The channel on which people open a second account to refer themselves; nobody has another handle there.
SELF_CHANNEL = CHANNELS.index("store")

_CHANNEL_SHARES = (0.05, 0.30, 0.45, 0.20)
#: Share of referrals for which the referrer got something.
_REWARDED = 0.2
#: Somebody joins at most so long after she was referred, and her referrer was there this much earlier at least.
_DAYS = 14.0
_APART = 0.05
#: How much likelier a planted influencer is to refer than somebody of the same attention.
_EAGER = 5.0
_TRIES = 16


def _referrals(
    rng: np.random.Generator,
    source: Ints,
    target: Ints,
    time: Floats,
    rewarded: float,
    channel: npt.NDArray[np.int8] | None = None,
) -> Events:
    size = len(time)
    return Events(
        source=source,
        target=target,
        kind=np.full(size, REFERRAL, np.int8),
        time=time,
        channel=kinds(rng, size, _CHANNEL_SHARES) if channel is None else channel,
        sentiment=np.full(size, np.nan),
        incentivised=rng.random(size) < rewarded,
    )


def honest_referrals(plan: Plan, people: People) -> Events:
    """Return one referral each for a share of the members, by an earlier member, before the first act of the later."""
    rng = stream(plan.seed, "referrals")
    target = np.arange(plan.n_people)
    target = target[chance(plan.seed, "referred", target) < plan.referrals]
    weight = people.attention * np.where(people.marked(people.planted), _EAGER, 1.0)
    weight[plan.n_people :] = 0.0
    pools = Groups(weight, people.group, people.n_groups)
    source = np.full(len(target), -1)
    for _ in range(_TRIES):
        open_ = np.flatnonzero(source < 0)
        one, _within = pools.draw(rng, people.group[target[open_]], plan.homophily)
        earlier = (people.joined[one] < people.joined[target[open_]] - _APART * DAY) & (one < plan.n_people)
        source[open_[earlier]] = one[earlier]
    found = source >= 0
    source, target = source[found], target[found]
    joined = people.joined[target]
    gap = np.minimum(joined - people.joined[source], _DAYS * DAY)
    return _referrals(rng, source, target, joined - gap * rng.uniform(0.01, 1.0, len(gap)), _REWARDED)


def ring_referrals(plan: Plan, people: People) -> Events:
    """Return referrals in circles: each refers the next and the last the first, all before any of them acts."""
    rng = stream(plan.seed, "ring referrals")
    none = np.empty(0, np.int64)
    source = np.concatenate([none, *people.referral_rings])
    target = np.concatenate([none, *(np.roll(ring, -1) for ring in people.referral_rings)])
    size = np.array([len(ring) for ring in people.referral_rings], np.int64)
    begun = np.repeat(np.array([people.joined[ring].min() for ring in people.referral_rings], np.float64), size)
    time = begun * (1.0 - 0.05 * rng.uniform(0.01, 1.0, len(begun)))
    return _referrals(rng, source, target, time, 1.0)


def self_referrals(plan: Plan, people: People) -> Events:
    """Return referrals of people by themselves, each to a second account that she opens then."""
    rng = stream(plan.seed, "self-referrals")
    who = people.self_referrers
    joined = people.joined[who]
    time = joined + (plan.span - joined) * rng.uniform(0.05, 0.4, len(who))
    return _referrals(rng, who, who, time, 1.0, np.full(len(who), SELF_CHANNEL, np.int8))
