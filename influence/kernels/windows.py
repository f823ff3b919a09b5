"""Windows over events that are sorted by group and time."""

from influence.kernels._jit import jit

__all__ = ["busiest_windows"]


@jit
def busiest_windows(offsets, time, width):
    """Return the first and one past the last event of the window of each group that holds most events.

    =========  =====  =================================================
    offsets    int64  (n + 1,) start of each group among the events
    time       int64  (m,) ascending in each group
    width      int    events at t and t + width - 1 share a window
    begin, end int64  (n,) the earliest such window; empty where a group is
    =========  =====  =================================================
    """
    n = offsets.shape[0] - 1
    begin = offsets[:-1].copy()
    end = offsets[:-1].copy()
    for g in range(n):
        low = offsets[g]
        for e in range(offsets[g], offsets[g + 1]):
            while time[e] - time[low] >= width:
                low += 1
            if e + 1 - low > end[g] - begin[g]:
                begin[g] = low
                end[g] = e + 1
    return begin, end
