"""A generated customer community in which it is known who influences whom.

Everything here is synthetic. What the generator plants, and a ranking should find:

* **Planted influencers**: members whose followers pick up the same item 1 to 60 days later, beyond chance.
  They are drawn with chances that grow slowly with attention, and with nothing else: not with what they buy,
  and an audience alone does not give them away.
* **Attention** is heavy-tailed: a few people are followed by very many, most of them for no influence at all;
  those are mostly liked, while planted influencers are mostly answered, shared and mentioned.
* **Popularity**: everyone picks up popular items, soonest after their release, so that two people often act on
  the same item within weeks by chance.

Each part draws from a stream of its own, so that a change to one part leaves the draws of the others alone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Community", "synthetic_community"]

_DAY = 86_400
_UTC = dt.UTC

#: Shares of the types in which people react: to a planted influencer, and to anybody else.
_TYPES = ("like", "reply", "share", "mention", "answer")
_TO_PLANTED = (0.25, 0.30, 0.20, 0.10, 0.15)
_TO_OTHERS = (0.70, 0.12, 0.08, 0.07, 0.03)

#: Days from the act of an influencer to the act that follows it.
_FOLLOW_ON_DAYS = (1.0, 60.0)

_PARTS = ("people", "planted", "follows", "items", "acts", "follow-ons", "interactions")

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Community:
    """A generated community: three tables and the truth.

    Members have the ids 1 … ``n_people``; guests, who talk and never act, the ``n_guests`` ids after them.
    """

    #: source, target, since: *source* follows *target*.
    follows: pl.DataFrame
    #: source, target, type, timestamp: *source* reacted to *target*.
    interactions: pl.DataFrame
    #: customer, item, timestamp: one row per person and item.
    actions: pl.DataFrame
    #: Ids of the planted influencers, ascending.
    planted: tuple[int, ...]
    n_people: int
    n_guests: int
    seed: int


def synthetic_community(
    n_people: int = 2_000,
    n_influencers: int = 60,
    *,
    seed: int = 0,
    start: dt.date = dt.date(1997, 1, 1),
    end: dt.date = dt.date(1998, 6, 30),
    n_guests: int = 0,
    n_items: int = 1_000,
    follows_per_person: float = 10.0,
    interactions_per_person: float = 6.0,
    acts_per_person: float = 8.0,
    pull: float = 0.15,
) -> Community:
    """Return a generated community, the same for the same arguments.

    Parameters
    ----------
    n_people
        Members: they follow, react and act.
    n_influencers
        How many of the members are planted.
    seed
        0 or more; every draw hangs on it.
    start, end
        First and last day; no time lies outside them.
    n_guests
        People who follow and react but never act.
    n_items
        Items that there are to act on.
    follows_per_person, interactions_per_person
        Rows of the two tables per person, guests included. Repeated draws of a pair are one follow, so a very
        small community has fewer follows than asked for.
    acts_per_person
        Acts by chance per member; the follow-ons come on top, and repeated draws of an item are one act.
    pull
        Mean chance that a follower picks up an item on which a planted influencer has acted; each influencer
        has her own, between half and one and a half times this. 0 plants nothing.

    Returns
    -------
    Community
        Integer ids, times in UTC at whole seconds, each table sorted by time and then by id.

    Raises
    ------
    UsageError
        An argument cannot be used.

    Examples
    --------
    >>> small = synthetic_community(200, 6, seed=1)
    >>> len(small.planted)
    6
    >>> small.actions.columns
    ['customer', 'item', 'timestamp']
    """
    _check(n_people, n_influencers, seed, start, end, n_guests, n_items)
    for name, rate in (
        ("follows_per_person", follows_per_person),
        ("interactions_per_person", interactions_per_person),
        ("acts_per_person", acts_per_person),
    ):
        if not 0 < rate < np.inf:
            raise UsageError(f"{name} must be above 0 and finite, not {rate!r}")
    if not 0 <= pull <= 0.5:
        raise UsageError(f"pull must lie in [0, 0.5], not {pull!r}")

    rng = {part: np.random.Generator(np.random.PCG64([seed, number])) for number, part in enumerate(_PARTS)}
    span = float(((end - start).days + 1) * _DAY - 1)
    n_all = n_people + n_guests

    # people are numbered from 0 in here, and times are seconds since the start
    attention = rng["people"].lognormal(0.0, 1.3, n_all)
    activity = rng["people"].lognormal(0.0, 1.0, n_all)
    joined = 0.6 * span * rng["people"].random(n_all) ** 2
    planted = _planted(rng["planted"], attention[:n_people], n_influencers)
    is_planted = np.zeros(n_all, dtype=np.bool_)
    is_planted[planted] = True
    activity[planted] = np.maximum(activity[planted], activity.mean())

    source, target, since = _follows(
        rng["follows"], attention, activity, joined, round(follows_per_person * n_all), span
    )
    person, item, time = _chance_acts(
        rng["items"],
        rng["acts"],
        activity[:n_people],
        joined[:n_people],
        n_items,
        round(acts_per_person * n_people),
        span,
    )
    follow_ons = _follow_ons(
        rng["follow-ons"], (person, item, time), (source, target, since), planted, n_people, pull, span
    )
    person, item, time = _first_acts(
        *(np.concatenate(pair) for pair in zip((person, item, time), follow_ons, strict=True))
    )
    reactions = _reactions(
        rng["interactions"],
        (source, target, since),
        is_planted,
        attention,
        activity,
        joined,
        round(interactions_per_person * n_all),
        span,
    )

    import polars as pl

    first = int(dt.datetime(start.year, start.month, start.day, tzinfo=_UTC).timestamp())

    def times(seconds: _Floats) -> pl.Series:
        whole = first + np.floor(seconds).astype(np.int64)
        return pl.Series(whole * 1_000_000, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))

    who, whom, kind, when = reactions
    follows = pl.DataFrame({"source": source + 1, "target": target + 1, "since": times(since)})
    interactions = pl.DataFrame(
        {
            "source": who + 1,
            "target": whom + 1,
            "type": pl.Series(_TYPES).gather(kind),
            "timestamp": times(when),
        }
    )
    actions = pl.DataFrame({"customer": person + 1, "item": item + 1, "timestamp": times(time)})
    actions = actions.with_columns(item=pl.format("title-{}", "item"))
    return Community(
        follows=follows.sort("since", "source", "target"),
        interactions=interactions.sort("timestamp", "source", "target", "type"),
        actions=actions.sort("timestamp", "customer", "item"),
        planted=tuple(int(u) + 1 for u in planted),
        n_people=n_people,
        n_guests=n_guests,
        seed=seed,
    )


def _check(
    n_people: int, n_influencers: int, seed: int, start: dt.date, end: dt.date, n_guests: int, n_items: int
) -> None:
    numbers: tuple[tuple[str, Any, int], ...] = (
        ("n_people", n_people, 2),
        ("n_influencers", n_influencers, 0),
        ("seed", seed, 0),
        ("n_guests", n_guests, 0),
        ("n_items", n_items, 1),
    )
    for name, value, least in numbers:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise UsageError(f"{name} must be a whole number of at least {least}, not {value!r}")
    if n_influencers > n_people:
        raise UsageError(f"n_influencers ({n_influencers}) is more than n_people ({n_people})")
    if end <= start:
        raise UsageError(f"end ({end}) must come after start ({start})")


def _draw(rng: np.random.Generator, weights: _Floats, size: int) -> _Ints:
    """Return ``size`` indices drawn with replacement in proportion to ``weights``."""
    total = np.cumsum(weights)
    drawn: _Ints = np.searchsorted(total, rng.random(size) * total[-1], side="right").astype(np.int64)
    return np.minimum(drawn, len(weights) - 1, out=drawn)


def _planted(rng: np.random.Generator, attention: _Floats, n_influencers: int) -> _Ints:
    chance = attention**0.75
    return np.sort(rng.choice(len(attention), n_influencers, replace=False, p=chance / chance.sum()))


def _follows(
    rng: np.random.Generator, attention: _Floats, activity: _Floats, joined: _Floats, n_follows: int, span: float
) -> tuple[_Ints, _Ints, _Floats]:
    """Return distinct (source, target) pairs without self-follows, and when each began."""
    n = len(attention)
    draws = 2 * n_follows  # pairs repeat: the active meet the famous again and again
    source = _draw(rng, np.sqrt(activity), draws)
    target = _draw(rng, attention, draws)
    pair = np.unique((source * n + target)[source != target])
    pair = np.sort(rng.permutation(pair)[:n_follows])
    source, target = np.divmod(pair, n)
    begun = np.maximum(joined[source], joined[target])
    return source, target, begun + (span - begun) * rng.random(len(pair)) ** 2


def _chance_acts(
    rng_items: np.random.Generator,
    rng: np.random.Generator,
    activity: _Floats,
    joined: _Floats,
    n_items: int,
    n_acts: int,
    span: float,
) -> tuple[_Ints, _Ints, _Floats]:
    """Return acts by popularity alone, most of them soon after the release of the item."""
    popularity = 1.0 / np.arange(5, n_items + 5, dtype=np.float64)
    released = 0.9 * span * rng_items.random(n_items)
    person = _draw(rng, activity, n_acts)
    item = _draw(rng, popularity, n_acts)
    begun = np.maximum(joined[person], released[item])
    return _first_acts(person, item, begun + (span - begun) * rng.random(n_acts) ** 2)


def _first_acts(person: _Ints, item: _Ints, time: _Floats) -> tuple[_Ints, _Ints, _Floats]:
    """Keep the first act of each person on each item."""
    order = np.lexsort((time, item, person))
    person, item, time = person[order], item[order], time[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (person[1:] != person[:-1]) | (item[1:] != item[:-1])
    return person[first], item[first], time[first]


def _follow_ons(
    rng: np.random.Generator,
    acts: tuple[_Ints, _Ints, _Floats],
    follows: tuple[_Ints, _Ints, _Floats],
    planted: _Ints,
    n_people: int,
    pull: float,
    span: float,
) -> tuple[_Ints, _Ints, _Floats]:
    """Return the acts that follow an act of a planted influencer; guests make none."""
    person, item, time = acts
    source, target, since = follows
    strength = np.zeros(n_people)
    strength[planted] = pull * rng.uniform(0.5, 1.5, len(planted))

    act = np.flatnonzero(strength[person] > 0)
    order = np.argsort(target, kind="stable")
    begin = np.searchsorted(target[order], person[act], side="left")
    count = np.searchsorted(target[order], person[act], side="right") - begin
    # one row per (act, follower): the k-th follower of the act's author
    row = np.repeat(act, count)
    k = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    follow = order[np.repeat(begin, count) + k]

    later = time[row] + _DAY * rng.uniform(*_FOLLOW_ON_DAYS, len(row))
    taken = rng.random(len(row)) < strength[person[row]]
    taken &= (since[follow] <= time[row]) & (later <= span) & (source[follow] < n_people)
    return source[follow][taken], item[row][taken], later[taken]


def _reactions(
    rng: np.random.Generator,
    follows: tuple[_Ints, _Ints, _Floats],
    is_planted: npt.NDArray[np.bool_],
    attention: _Floats,
    activity: _Floats,
    joined: _Floats,
    n_reactions: int,
    span: float,
) -> tuple[_Ints, _Ints, _Ints, _Floats]:
    """Return reactions along follows, three times as many per follow to the planted, and a tenth from strangers."""
    n_strange = n_reactions // 10
    source, target, since = follows
    tie = _draw(rng, activity[source] * np.where(is_planted[target], 3.0, 1.0), n_reactions - n_strange)
    stranger, known = _draw(rng, activity, n_strange), _draw(rng, attention, n_strange)
    other = stranger != known
    stranger, known = stranger[other], known[other]

    who = np.concatenate([source[tie], stranger])
    whom = np.concatenate([target[tie], known])
    begun = np.concatenate([since[tie], np.maximum(joined[stranger], joined[known])])
    shares = np.cumsum(np.where(is_planted[whom, None], _TO_PLANTED, _TO_OTHERS), axis=1)
    kind = (rng.random(len(who))[:, None] >= shares[:, :-1]).sum(axis=1)
    return who, whom, kind, begun + (span - begun) * rng.random(len(who))
