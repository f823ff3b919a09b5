"""Greedy maximum coverage: pick again and again whoever is in most of the sets that nobody picked is in."""

from typing import NamedTuple

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["BLOCK", "Choice", "Cover", "fill_index", "pick"]

BLOCK = 1024


class Cover(NamedTuple):
    """Sets, and who is in which.

    =======  =======  =================================================================
    offsets  int64    (sets + 1,)
    nodes    int32    (offsets[sets],) members of each set
    rows     int64    (n + 1,)
    sets     int32    (rows[n],) sets of each node
    covered  uint8    (sets,) 1 where somebody picked is in it; changed
    gain     float64  (n,) uncovered sets of each node, and what she counts besides; changed
    skip     int      members at the beginning of each set that do not count as such
    =======  =======  =================================================================
    """

    offsets: np.ndarray
    nodes: np.ndarray
    rows: np.ndarray
    sets: np.ndarray
    covered: np.ndarray
    gain: np.ndarray
    skip: int


class Choice(NamedTuple):
    """Who may be picked; all but ``group`` and ``cost`` change.

    =====  =======  ==========================================================
    open   uint8    (n,) 1 for whom may be picked
    group  int32    (n,)
    room   int64    (groups,) how many more of each group
    cost   float64  (n,), over 0
    left   float64  (1,) what may still be spent
    best   float64  (⌈n / BLOCK⌉,) at least the best gain per cost in each block
    =====  =======  ==========================================================
    """

    open: np.ndarray
    group: np.ndarray
    room: np.ndarray
    cost: np.ndarray
    left: np.ndarray
    best: np.ndarray


@jit(parallel=True)
def fill_index(offsets, nodes, skip, bounds, place, sets):
    """Fill in the sets of each node, ascending.

    ======  =====  ===================================================================
    bounds  int64  (parts + 1,) nodes bounds[i] … bounds[i + 1] - 1 are one thread's
    place   int64  (n,) where the next set of each node goes; changed
    sets    int32  one place for each member
    ======  =====  ===================================================================
    """
    for part in prange(bounds.shape[0] - 1):
        low, high = bounds[part], bounds[part + 1]
        for s in range(offsets.shape[0] - 1):
            for i in range(offsets[s] + skip, offsets[s + 1]):
                v = nodes[i]
                if low <= v < high:
                    sets[place[v]] = s
                    place[v] += 1


@jit
def pick(cover, choice, seeds, gains, begin, end):
    """Pick seeds begin … end - 1, ties by node number; return how many there are then: fewer when none gains any more.

    =====  =======  ==========================
    seeds  int32    (k,) filled in
    gains  float64  (k,) filled in
    =====  =======  ==========================
    """
    offsets, nodes, rows, sets, covered, gain, skip = cover
    may, group, room, cost, left, best = choice
    n = gain.shape[0]
    at = begin
    while at < end:
        block = 0
        for b in range(best.shape[0]):
            if best[b] > best[block]:
                block = b
        top, v = 0.0, -1
        for u in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            if may[u] and gain[u] > top * cost[u] and cost[u] <= left[0] and room[group[u]] > 0:
                top = gain[u] / cost[u]
                v = u
        # The bound was of before the last picks: whoever still meets it is better than every other block's.
        if top < best[block]:
            best[block] = top
            continue
        if v < 0:
            return at
        seeds[at] = v
        gains[at] = gain[v]
        at += 1
        may[v] = 0
        left[0] -= cost[v]
        room[group[v]] -= 1
        for i in range(rows[v], rows[v + 1]):
            s = sets[i]
            if not covered[s]:
                covered[s] = 1
                for j in range(offsets[s] + skip, offsets[s + 1]):
                    gain[nodes[j]] -= 1.0
    return at


@jit
def share_out(cover, seeds, cost, cap, owner, alone, counts, shares):
    """Fill in what the sets of exactly one seed weigh when each seed's weigh her cost together, ``cap`` each at most.

    ======  =======  ===========================================================================
    seeds   int32    (k,)
    cost    float64  (n,)
    owner   int32    (sets,) work: -1; then whose seed's alone a set is, -2 where several are in it
    alone   float64  (n,) sets of one member
    counts  float64  (n,) zero; of each seed, how many sets are hers alone, those of one member too
    shares  float64  (n,) zero; of each node, what the sets that she is in weigh
    ======  =======  ===========================================================================
    """
    offsets, nodes, rows, sets, skip = cover.offsets, cover.nodes, cover.rows, cover.sets, cover.skip
    for i in range(seeds.shape[0]):
        for j in range(rows[seeds[i]], rows[seeds[i] + 1]):
            s = sets[j]
            owner[s] = seeds[i] if owner[s] == -1 else -2
    for i in range(seeds.shape[0]):
        v = seeds[i]
        counts[v] = alone[v]
        for j in range(rows[v], rows[v + 1]):
            if owner[sets[j]] == v:
                counts[v] += 1.0
    for i in range(seeds.shape[0]):
        v = seeds[i]
        if counts[v] == 0.0:
            continue
        weight = min(cap, cost[v] / counts[v])
        for j in range(rows[v], rows[v + 1]):
            s = sets[j]
            if owner[s] == v:
                for m in range(offsets[s] + skip, offsets[s + 1]):
                    shares[nodes[m]] += weight
