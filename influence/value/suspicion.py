"""Suspicion: patterns of reactions and referrals that are bought, farmed or passed round in a circle."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import count_by, ranges, sum_by
from influence.kernels.windows import busiest_windows
from influence.ties import History, Ledger
from influence.ties.history import DAY, UNDATED

__all__ = ["bursts", "reciprocal_rings", "referral_rings", "reply_farms", "self_referrers", "telling"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Reactions received below which nothing is said about them.
_EVIDENCE = 20
#: Nobody whose attention is more authentic than this is suspected for the reactions she gets.
_TRUSTED = 0.6
#: Authenticity is evidence where at most this share of those who get any attention lie below.
_RARE = 0.2

#: A burst lasts so long, and at most this share of what the reactions span: on a week of data nothing is short.
_BURST_DAYS, _BURST_SPAN = 2.0, 1 / 20
#: Share of all that she ever received, and of the burst that comes from devoted accounts, of which there are so many.
_BURST_SHARE, _BURST_DEVOTED, _BURST_ACCOUNTS = 0.5, 0.8, 3
#: A devoted account gives her this share of its reactions, and so many in the burst alone.
_DEVOTED, _DEVOTED_EVIDENCE = 0.8, 3

#: A captive account has reacted so often, this share of it to so few people.
_CAPTIVE_EVIDENCE, _CAPTIVE_SHARE, _CAPTIVE_TARGETS = 5, 0.9, 3
#: A farm has so many captive accounts, which give her this share of her reactions, and so many to each of whom they
#: serve.
_FARM_LEAST, _FARM_MOST, _FARM_SHARE, _FARM_RATIO = 5, 100, 0.8, 2

#: A ring has so many members, whose ties are both ways and as strong as one of these shares of what either gives.
_RING_LEAST, _RING_MOST = 3, 50
_RING_LEVELS = (0.2, 0.1, 0.05, 0.02, 0.01)
#: Reactions inside by member, and shares of what members receive and give that stay inside.
_RING_EVIDENCE, _RING_RECEIVED, _RING_GIVEN = 4, 0.75, 0.5
#: Acting when told to: nine tenths of it fall on few days of a long time, and each day has much of it.
_RING_LIFE, _RING_DAYS, _RING_DAILY = 50, 0.2, 1.5
#: That is nothing against a group of which most are trusted.
_RING_TRUSTED = 0.8


@dataclasses.dataclass(frozen=True, eq=False)
class _Counts:
    """Numbers of reactions, of whatever type: what is farmed are likes as well as replies."""

    #: By tie, and all that a person received and gave.
    tie: Ints
    got: Ints
    gave: Ints

    @classmethod
    def of(cls, ledger: Ledger) -> _Counts:
        reactions, n = ledger.history.reactions, ledger.n_people
        return cls(
            count_by(ledger.reaction_tie, ledger.ties.n_edges),
            count_by(reactions.influencer, n),
            count_by(reactions.listener, n),
        )


def telling(ledger: Ledger, trust: Floats) -> bool:
    """Return whether little authenticity is rare among those who are listened to, so that it can be held against them.

    It is not where the seeds are few, or most of them listen to nobody, or the network falls apart.
    """
    low = trust[ledger.ties.out_degree > 0] <= _TRUSTED
    return int(np.count_nonzero(low)) <= _RARE * low.size


def bursts(ledger: Ledger, trust: Floats | None) -> Mask:
    """Return who got most of her reactions in one burst of a few accounts that react to hardly anybody else.

    Half of all that she ever received, at least, falls within two days (or a twentieth of the time that is looked at,
    where that is shorter), and four fifths of it come from three accounts or more that reacted to her three times or
    more then, and give her four fifths of what they ever give. What truly goes round has many who react, and who react
    to others too.

    Parameters
    ----------
    trust : ndarray of float64, shape (n_people,), or None
        Authenticity, where it is known.
    """
    reactions, n = ledger.history.reactions, ledger.n_people
    count = _Counts.of(ledger)
    suspects = _suspects(count, trust)
    dated = reactions.time[reactions.time > UNDATED]
    rows = np.flatnonzero((reactions.time > UNDATED) & suspects[reactions.influencer])
    found = np.zeros(n, np.bool_)
    if not rows.size:
        return found
    rows = rows[np.argsort(reactions.influencer[rows], kind="stable")]
    offsets = np.concatenate([[0], np.cumsum(count_by(reactions.influencer[rows], n))])
    width = int(min(_BURST_DAYS * DAY, _BURST_SPAN * (int(dated[-1]) - int(dated[0]) + 1)))
    begin, end = busiest_windows(offsets, reactions.time[rows], max(1, width))
    size = end - begin
    bursting = np.flatnonzero((size >= _BURST_SHARE * count.got) & (size > 0))
    rows = rows[ranges(begin[bursting], size[bursting])]
    ties = ledger.reaction_tie[rows]
    within = count_by(ties, ledger.ties.n_edges)
    some = np.flatnonzero(within)
    whole = count.tie[some] >= _DEVOTED * count.gave[ledger.listener[some]]
    some = some[whole & (within[some] >= _DEVOTED_EVIDENCE)]
    devoted = sum_by(ledger.influencer[some], within[some], n)
    accounts = count_by(ledger.influencer[some], n)
    found[bursting] = True
    found &= (devoted >= _BURST_DEVOTED * size) & (accounts >= _BURST_ACCOUNTS)
    return found


def reply_farms(ledger: Ledger, trust: Floats | None) -> Mask:
    """Return who gets her reactions from accounts that serve her, or the same few people, and nobody else.

    Four fifths of her reactions, at least, come from five to a hundred captive accounts: such as gave five reactions or
    more, nine tenths of them to three people or fewer. All that these accounts give goes, but for a tenth, to half as
    many people as they are, or fewer.

    Parameters
    ----------
    trust : ndarray of float64, shape (n_people,), or None
        Authenticity, where it is known.
    """
    n = ledger.n_people
    count = _Counts.of(ledger)
    found = np.zeros(n, np.bool_)
    suspects = _suspects(count, trust)
    enough = count.gave >= _CAPTIVE_EVIDENCE
    used = np.flatnonzero((count.tie > 0) & enough[ledger.listener])
    by_listener = used[np.lexsort((-count.tie[used], ledger.listener[used]))]
    listener = ledger.listener[by_listener]
    place = np.arange(listener.size) - np.searchsorted(listener, listener)
    first = by_listener[place < _CAPTIVE_TARGETS]
    most = sum_by(ledger.listener[first], count.tie[first], n)
    captive = enough & (most >= _CAPTIVE_SHARE * count.gave)

    serves = used[captive[ledger.listener[used]]]
    accounts = count_by(ledger.influencer[serves], n)
    suspects &= sum_by(ledger.influencer[serves], count.tie[serves], n) >= _FARM_SHARE * count.got
    suspects &= (accounts >= _FARM_LEAST) & (accounts <= _FARM_MOST)
    begin = np.searchsorted(ledger.listener[by_listener], np.arange(n + 1))
    for u in np.flatnonzero(suspects):
        theirs = ledger.ties.out_targets[ledger.ties.out_offsets[u] : ledger.ties.out_offsets[u + 1]]
        edges = np.arange(ledger.ties.out_offsets[u], ledger.ties.out_offsets[u + 1])
        theirs = theirs[captive[theirs] & (count.tie[edges] > 0)]
        pool = by_listener[ranges(begin[theirs], begin[theirs + 1] - begin[theirs])]
        _, target = np.unique(ledger.influencer[pool], return_inverse=True)
        given = np.sort(sum_by(target, count.tie[pool], int(target.max()) + 1))[::-1]
        served = 1 + int(np.searchsorted(np.cumsum(given), _CAPTIVE_SHARE * given.sum()))
        found[u] = theirs.size >= _FARM_RATIO * served
    return found


def reciprocal_rings(ledger: Ledger, trust: Floats | None) -> Mask:
    """Return the members of small groups that react to each other and to hardly anybody else.

    Candidates are the connected components of ties that are both ways, two reactions or more each, and strong: a share
    of what either of the two gives, from 20 % down to 1 %. A ring has 3 to 50 members; three quarters of what they
    receive and half of what they give stay inside, four reactions by member or more.

    Friends do the same. So the mean authenticity of its members must be at most 0.6. Or, where that is not known or at
    most 0.8, nine tenths of what is inside must fall on a fifth or fewer of the days of fifty days or more, with three
    reactions by two members on each: the group acts when it is told to.

    Parameters
    ----------
    trust : ndarray of float64, shape (n_people,), or None
        Authenticity, where it is known.
    """
    n = ledger.n_people
    found = np.zeros(n, np.bool_)
    count = _Counts.of(ledger)
    influencer, listener = ledger.influencer, ledger.listener
    mutual, back = _both_ways(ledger, np.flatnonzero(count.tie >= 2))
    if not mutual.size:
        return found
    share = np.minimum(
        count.tie[mutual] / count.gave[listener[mutual]], count.tie[back] / count.gave[influencer[mutual]]
    )
    used = np.flatnonzero(count.tie)
    for level in _RING_LEVELS:
        strong = mutual[share >= level]
        group = _components(influencer[strong], listener[strong], n, "weak")
        size = count_by(group, n)
        inside = used[group[influencer[used]] == group[listener[used]]]
        kept = sum_by(group[influencer[inside]], count.tie[inside], n)
        rings = (size >= _RING_LEAST) & (size <= _RING_MOST) & (kept >= _RING_EVIDENCE * size)
        rings &= kept >= _RING_RECEIVED * sum_by(group, count.got, n)
        rings &= kept >= _RING_GIVEN * sum_by(group, count.gave, n)
        if not rings.any():
            continue
        told = _synchronous(ledger, group, rings, size)
        if trust is not None:
            mean = sum_by(group, trust, n) / np.maximum(size, 1)
            told = (told & (mean <= _RING_TRUSTED)) | (mean <= _TRUSTED)
        found |= (rings & told)[group]
    return found


def _synchronous(ledger: Ledger, group: Ints, rings: Mask, size: Ints) -> Mask:
    """Return which groups do nearly all that they do inside on a few days of a long time."""
    reactions = ledger.history.reactions
    where = group[reactions.influencer]
    rows = np.flatnonzero(rings[where] & (where == group[reactions.listener]) & (reactions.time > UNDATED))
    where, day = where[rows], reactions.time[rows] // DAY
    found = np.zeros(size.size, np.bool_)
    for ring in np.unique(where):
        days, events = np.unique(day[where == ring], return_counts=True)
        life = int(days[-1] - days[0]) + 1
        busy = 1 + int(np.searchsorted(np.cumsum(np.sort(events)[::-1]), 0.9 * events.sum()))
        found[ring] = (
            life >= _RING_LIFE and busy <= _RING_DAYS * life and events.sum() >= _RING_DAILY * size[ring] * busy
        )
    return found


def referral_rings(ledger: Ledger) -> tuple[Mask, Mask]:
    """Return who referred each other in a circle, and the ties of the referrals inside of such circles.

    A circle is a strongly connected component of two people or more among referrer → referred: whoever brought
    somebody was there before, so that in a circle one of them was brought by nobody.

    Returns
    -------
    people : ndarray of bool, shape (n_people,)
    ties : ndarray of bool, shape (n_ties,)

    References
    ----------
    Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1 (1972).
    """
    n, referrals = ledger.n_people, ledger.history.referrals
    ties = np.zeros(ledger.ties.n_edges, np.bool_)
    if not len(referrals):
        return np.zeros(n, np.bool_), ties
    group = _components(referrals.referrer, referrals.referred, n, "strong")
    people = count_by(group, n)[group] >= 2
    inside = group[referrals.referrer] == group[referrals.referred]
    ties[_tie_of(ledger, referrals.referrer[inside], referrals.referred[inside])] = True
    return people, ties


def self_referrers(history: History) -> Mask:
    """Return who brought herself under another of her handles, shape (n_people,)."""
    found = np.zeros(history.n_people, np.bool_)
    found[history.self_referrals.person] = True
    return found


def _suspects(count: _Counts, trust: Floats | None) -> Mask:
    enough: Mask = count.got >= _EVIDENCE
    return enough if trust is None else enough & (trust <= _TRUSTED)


def _tie_of(ledger: Ledger, influencer: npt.NDArray[Any], listener: npt.NDArray[Any]) -> Ints:
    """Return the numbers of ties that there are."""
    n = ledger.n_people
    keys = ledger.influencer.astype(np.int64) * n + ledger.listener  # ascending: out-rows, targets ascending
    found: Ints = np.searchsorted(keys, influencer.astype(np.int64) * n + listener)
    return found


def _both_ways(ledger: Ledger, ties: Ints) -> tuple[Ints, Ints]:
    """Return those of some ties, in ascending order, whose reverse is among them, and the reverse of each."""
    one, other = ledger.influencer[ties].astype(np.int64), ledger.listener[ties].astype(np.int64)
    keys, turned = one * ledger.n_people + other, other * ledger.n_people + one
    place = np.minimum(np.searchsorted(keys, turned), max(0, keys.size - 1))
    mutual = keys[place] == turned
    return ties[mutual], ties[place[mutual]]


def _components(source: npt.NDArray[Any], target: npt.NDArray[Any], n: int, connection: str) -> Ints:
    """Return the number of the connected component of each node, shape (n,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(source.size), (source, target)), shape=(n, n)).tocsr()
    _, group = connected_components(graph, directed=connection == "strong", connection=connection)
    return np.asarray(group, np.int64)
