"""What timestamped logs say about arcs: exposures, trials, expectation-maximisation, credits, and trees of spread.

Acts are grouped by item, ascending in time, and an act is known by its position there; the same acts are grouped by
person, ascending in item. Everything of an arc belongs to the person it leads into, so people are shared out among
threads and each number has one writer. Arcs are in the order of the in-rows.
"""

import math
from typing import NamedTuple

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["Acts", "Exposed", "count_trials", "credit_back", "credit_on", "find_parents", "grow_trees", "maximise"]


class Acts(NamedTuple):
    """int64 (items + 1,), int32, int32 and int64 (acts,); int64 (n + 1,), int32 and int64 (acts,)."""

    offsets: np.ndarray
    actor: np.ndarray
    item: np.ndarray
    time: np.ndarray
    own_offsets: np.ndarray
    own_item: np.ndarray
    own_act: np.ndarray


class Exposed(NamedTuple):
    """Parents of each act: int64 (acts + 1,), int32 (rows,) their acts, int32 (rows,) their places in the in-row."""

    offsets: np.ndarray
    act: np.ndarray
    slot: np.ndarray


@jit
def _at_least(values, low, high, wanted):
    """Return the first place of the ascending ``values[low:high]`` that holds ``wanted`` or more."""
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@jit(parallel=True)
def find_parents(acts, in_offsets, in_sources, window, begin, end, rows, parent, slot):
    """Find the acts that an act may follow: by those listened to, on the same item, at most ``window`` before it.

    Of the acts begin … end - 1. With ``parent`` empty, their number is written to ``rows`` (int64, (acts + 1,)) one
    place further on; else ``rows`` are offsets, and the parents are written. Acts at one moment do not follow each
    other. Either those who acted in the window are looked up among those listened to, or the other way round.
    """
    writing = parent.shape[0] > 0
    for j in prange(begin, end):
        v = acts.actor[j]
        i = acts.item[j]
        now = acts.time[j]
        high = _at_least(acts.time, acts.offsets[i], j, now)
        low = _at_least(acts.time, acts.offsets[i], high, now - window)
        a = in_offsets[v]
        b = in_offsets[v + 1]
        found = 0
        at = rows[j]
        if high - low <= b - a:
            for q in range(low, high):
                u = acts.actor[q]
                p = _at_least(in_sources, a, b, u)
                if p < b and in_sources[p] == u and u != v:
                    if writing:
                        parent[at + found] = q
                        slot[at + found] = p - a
                    found += 1
        else:
            for p in range(a, b):
                u = in_sources[p]
                last = acts.own_offsets[u + 1]
                o = _at_least(acts.own_item, acts.own_offsets[u], last, i)
                if o < last and acts.own_item[o] == i and low <= acts.own_act[o] < high and u != v:
                    if writing:
                        parent[at + found] = acts.own_act[o]
                        slot[at + found] = p - a
                    found += 1
        if not writing:
            rows[j + 1] = found


@jit(parallel=True)
def count_trials(acts, in_offsets, in_sources, window, known, begin, end, successes, trials):
    """Count how often an influencer acted where the listener could follow, and how often she did.

    ==================  =======  ========================================================================
    known               float64  (acts,) how much of the window after each act is in the log: 1 if all
    begin, end          int      listeners
    successes, trials   float64  (m,) written
    ==================  =======  ========================================================================

    An act of the influencer is a trial if the listener had not acted on the item up to then; one that she did not
    follow within the window counts for as much as is known.
    """
    for v in prange(begin, end):
        c = acts.own_offsets[v]
        d = acts.own_offsets[v + 1]
        for p in range(in_offsets[v], in_offsets[v + 1]):
            u = in_sources[p]
            followed = 0.0
            tried = 0.0
            if u != v:
                a = acts.own_offsets[u]
                b = acts.own_offsets[u + 1]
                for o in range(a, b):
                    tried += known[acts.own_act[o]]
                # the shorter list is looked up in the longer one
                swap = d - c < b - a
                x, x_end, y, y_end = (c, d, a, b) if swap else (a, b, c, d)
                while x < x_end and y < y_end:
                    y = _at_least(acts.own_item, y, y_end, acts.own_item[x])
                    if y < y_end and acts.own_item[y] == acts.own_item[x]:
                        mine = acts.own_act[x] if swap else acts.own_act[y]
                        hers = acts.own_act[y] if swap else acts.own_act[x]
                        gap = acts.time[mine] - acts.time[hers]
                        if gap <= 0:
                            tried -= known[hers]
                        elif gap <= window:
                            tried += 1.0 - known[hers]
                            followed += 1.0
                    x += 1
            successes[p] = followed
            trials[p] = max(tried, followed)


@jit(parallel=True)
def maximise(acts, exposed, in_offsets, chance, trials, hits, misses, begin, end, following, likelihood):
    """Take one step of expectation-maximisation for the arcs into the people begin … end - 1.

    ===================  =======  ==========================================================================
    chance               float64  (m,) of each arc
    trials               float64  (m,)
    hits, misses         float    prior: added to the trials that worked, and to those that did not
    following            float64  (m,) written: the next chances; (0,) to find the likelihood only
    likelihood           float64  (n,) written: of the acts of each person that have parents, as logarithm
    ===================  =======  ==========================================================================
    """
    writing = following.shape[0] > 0
    for v in prange(begin, end):
        a = in_offsets[v]
        b = in_offsets[v + 1]
        if writing:
            for p in range(a, b):
                following[p] = hits
        total = 0.0
        for o in range(acts.own_offsets[v], acts.own_offsets[v + 1]):
            j = acts.own_act[o]
            first = exposed.offsets[j]
            last = exposed.offsets[j + 1]
            if first == last:
                continue
            none = 0.0
            for r in range(first, last):
                p = chance[a + exposed.slot[r]]
                none += math.log1p(-p) if p < 1.0 else -np.inf
            some = -math.expm1(none)
            total += math.log(some) if some > 0.0 else -np.inf
            if writing and some > 0.0:
                for r in range(first, last):
                    following[a + exposed.slot[r]] += chance[a + exposed.slot[r]] / some
        likelihood[v] = total
        if writing:
            for p in range(a, b):
                whole = trials[p] + hits + misses
                following[p] = min(1.0, following[p] / whole) if whole > 0.0 else 0.0


@jit
def credit_on(acts, exposed, is_seed, share):
    """Pass credit on from the seeds to all that follow, an item after the other.

    ``is_seed`` is bool (n,); ``share`` is float64 (acts,): of an act's credit, what each of its parents gets. Returns
    float64 (acts,): the part of each act that the seeds are to be credited with, 1 for their own.
    """
    credit = np.zeros(acts.actor.shape[0], np.float64)
    for j in range(acts.actor.shape[0]):
        if is_seed[acts.actor[j]]:
            credit[j] = 1.0
            continue
        total = 0.0
        for r in range(exposed.offsets[j], exposed.offsets[j + 1]):
            total += credit[exposed.act[r]]
        credit[j] = total * share[j]
    return credit


@jit
def credit_back(acts, exposed, is_seed, share, worth):
    """Add up what would be credited to each act: its own worth, and shares of what follows it, not through seeds.

    ``worth`` is float64 (acts,). Returns float64 (acts,).
    """
    gained = worth.copy()
    for j in range(acts.actor.shape[0] - 1, -1, -1):
        if is_seed[acts.actor[j]]:
            continue
        passed = gained[j] * share[j]
        for r in range(exposed.offsets[j], exposed.offsets[j + 1]):
            gained[exposed.act[r]] += passed
    return gained


@jit
def grow_trees(exposed, parent, root, depth, size, distance):
    """Hang each act under the latest of its parents, and measure the trees.

    =========  =======  ======================================================================================
    parent     int64    (acts,) written: the latest parent, of equally late ones the last by position; -1: none
    root       int64    (acts,) written: where the tree begins
    depth      int32    (acts,) written: steps from there
    size       int64    (acts,) written: acts below it, and itself
    distance   float64  (acts,) written at the root: the sum of distances of all pairs of its tree
    =========  =======  ======================================================================================

    An edge that parts s of the n nodes of a tree from the rest lies between s (n - s) pairs.
    """
    n = parent.shape[0]
    for j in range(n):
        latest = -1
        for r in range(exposed.offsets[j], exposed.offsets[j + 1]):
            latest = max(latest, np.int64(exposed.act[r]))
        parent[j] = latest
        root[j] = j if latest < 0 else root[latest]
        depth[j] = 0 if latest < 0 else depth[latest] + 1
        size[j] = 1
        distance[j] = 0.0
    for j in range(n - 1, -1, -1):
        if parent[j] >= 0:
            size[parent[j]] += size[j]
    for j in range(n):
        if parent[j] >= 0:
            distance[root[j]] += np.float64(size[j]) * np.float64(size[root[j]] - size[j])
