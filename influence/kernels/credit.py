"""Which acts follow which: exposure and split credit."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["follow_ons"]


@jit
def _position(values, low, high, wanted):
    """Return where ``wanted`` stands in the ascending ``values[low:high]``, or -1."""
    end = high
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    if low < end and values[low] == wanted:
        return low
    return -1


@jit
def follow_ons(
    item_offsets, actor, time, own_offsets, own_item, own_act, in_offsets, in_sources, in_edges, known, window, room
):
    """Find every act that follows an act of somebody whom its actor listens to.

    ===========  ======  ==========================================================
    item_offsets int64   (items + 1,) acts are grouped by item, ascending in time
    actor, time  int32, int64  (acts,)
    own_offsets  int64   (n + 1,) the same acts grouped by actor, ascending in item
    own_item     int32   (acts,)
    own_act      int64   (acts,) position among the acts by item
    in_*                 ties into each listener, sources ascending
    known        int64   (ties,) time from which a tie is known; credit needs known < time of the act
    window       int64   an act is followed at most this long
    room         int     rows to write; 0 only counts
    ===========  ======  ==========================================================

    Returns the number of rows, and for each row its tie, its act and its credit, which is one divided by the
    number of people that the act follows. Acts at one moment do not follow each other.

    Either the people who acted in the window are looked up among those listened to, or the other way round,
    whichever are fewer: a popular item would cost the square of its acts otherwise.
    """
    tie = np.empty(room, np.int64)
    act = np.empty(room, np.int64)
    credit = np.empty(room, np.float64)
    rows = 0
    for i in range(item_offsets.shape[0] - 1):
        low = item_offsets[i]
        high = low
        for j in range(item_offsets[i], item_offsets[i + 1]):
            now = time[j]
            while time[low] < now - window:
                low += 1
            while time[high] < now:
                high += 1
            v = actor[j]
            first = rows
            a = in_offsets[v]
            b = in_offsets[v + 1]
            if high - low <= b - a:
                for q in range(low, high):
                    p = _position(in_sources, a, b, actor[q])
                    if p >= 0 and known[in_edges[p]] < now:
                        if rows < room:
                            tie[rows] = in_edges[p]
                            act[rows] = j
                        rows += 1
            else:
                for p in range(a, b):
                    u = in_sources[p]
                    o = _position(own_item, own_offsets[u], own_offsets[u + 1], i)
                    if o >= 0 and low <= own_act[o] < high and known[in_edges[p]] < now:
                        if rows < room:
                            tie[rows] = in_edges[p]
                            act[rows] = j
                        rows += 1
            if rows <= room:
                for r in range(first, rows):
                    credit[r] = 1.0 / (rows - first)
    return rows, tie, act, credit
