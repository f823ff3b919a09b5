"""Reactions that show no influence: paid ones, and those that rings give each other; and those against the brand."""

from __future__ import annotations

import numpy as np

from influence.datasets.community.follows import Follows, pairs_of
from influence.datasets.community.people import People
from influence.datasets.community.plan import Plan
from influence.datasets.community.reactions import TO_PLANTED, Events, kinds, told
from influence.datasets.community.streams import DAY, Floats, Ints, draw, stream

__all__ = ["bribed_reactions", "detractor_reactions", "ring_reactions"]

#: Reactions to a bribed poster, as a multiple of those that a person makes; in so many campaigns of so many days.
_BRIBE = 10.0
_CAMPAIGNS, _CAMPAIGN_DAYS = 3, 14.0
_PAID = 0.9

_BURSTS, _BURST_DAYS = 4, 2.0
#: Reactions per ordered pair of a ring and burst.
_PER_PAIR = 1.5
_IN_RINGS = (0.30, 0.50, 0.20)

#: Further reactions to a detractor, as a multiple of those that a person makes, and of those in the last days of one
#: against whom voices grow.
_ANGER, _GROWING_ANGER, _GROWING_DAYS = 2.0, 5.0, 90.0


def bribed_reactions(plan: Plan, people: People) -> Events:
    """Return the reactions to bribed posters: many, of many people, nearly all of them paid for."""
    rng = stream(plan.seed, "bribed")
    target = np.repeat(people.bribed, rng.poisson(_BRIBE * plan.interactions_per_person, len(people.bribed)))
    source = draw(rng, people.activity, len(target))
    target, source = target[source != target], source[source != target]
    begin = np.empty((plan.n_all, _CAMPAIGNS))
    begin[people.bribed] = rng.random((len(people.bribed), _CAMPAIGNS))
    campaign = rng.integers(0, _CAMPAIGNS, len(target))
    time = _bout(plan, people.joined[target], begin[target, campaign], _CAMPAIGN_DAYS * DAY, rng.random(len(target)))
    there = time >= people.joined[source]
    source, target, time = source[there], target[there], time[there]
    kind = kinds(rng, len(time), TO_PLANTED)
    paid = rng.random(len(time)) < _PAID
    return told(rng, source, target, kind, time, share=plan.sentiment, mood=0.6, incentivised=paid)


def _bout(plan: Plan, joined: Floats, begin: Floats, length: float, within: Floats) -> Floats:
    """Return moments of bouts of ``length`` seconds that lie as a whole between ``joined`` and the end."""
    room = plan.span - joined
    length_here = np.minimum(length, room)
    return joined + (room - length_here) * begin + length_here * within


def ring_reactions(plan: Plan, people: People) -> Events:
    """Return the reactions within rings: everybody to everybody, a few bursts of two days."""
    rng = stream(plan.seed, "ring reactions")
    none = np.empty(0, np.int64)
    found: list[tuple[Ints, Ints, Floats]] = [(none, none, np.empty(0))]
    for members in people.farms:
        joined = people.joined[members].max()
        source, target = pairs_of(members)
        for begin in rng.random(_BURSTS):
            count = rng.poisson(_PER_PAIR, len(source))
            time = _bout(plan, joined, begin, _BURST_DAYS * DAY, rng.random(int(count.sum())))
            found.append((np.repeat(source, count), np.repeat(target, count), time))
    source, target, time = (np.concatenate(column) for column in zip(*found, strict=True))
    return told(rng, source, target, kinds(rng, len(time), _IN_RINGS), time, share=plan.sentiment, mood=0.4)


def detractor_reactions(plan: Plan, people: People, follows: Follows) -> Events:
    """Return what the followers of detractors say with them, against the brand; for some ever more of it lately."""
    rng = stream(plan.seed, "anger")
    angry = follows.rows(people.marked(people.detractors)[follows.target])
    angry = angry.rows(np.argsort(angry.target, kind="stable"))
    begin = np.searchsorted(angry.target, people.detractors, side="left")
    count = np.searchsorted(angry.target, people.detractors, side="right") - begin
    tie, since = [np.empty(0, np.int64)], [np.empty(0)]
    late = max(0.0, plan.span - _GROWING_DAYS * DAY)
    for more, who, earliest in (
        (_ANGER, np.ones(len(begin), np.bool_), 0.0),
        (_GROWING_ANGER, np.isin(people.detractors, people.growing), late),
    ):
        some = np.where(who & (count > 0), rng.poisson(more * plan.interactions_per_person, len(begin)), 0)
        row = np.repeat(begin, some) + np.floor(np.repeat(count, some) * rng.random(int(some.sum()))).astype(np.int64)
        tie.append(row)
        since.append(np.maximum(angry.time[row], earliest))
    ties, begun = np.concatenate(tie), np.concatenate(since)
    time = begun + (plan.span - begun) * rng.random(len(begun))
    kind = kinds(rng, len(time), (0.2, 0.5, 0.2, 0.1))
    return told(rng, angry.source[ties], angry.target[ties], kind, time, share=plan.sentiment, mood=-0.7)
