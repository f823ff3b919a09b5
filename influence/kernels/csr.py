"""Edges to compressed rows by counting sorts."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["count_pairs", "merge_pairs", "transpose"]


@jit
def merge_pairs(source, target, n):
    """Group edges by (source, target), targets ascending in each row.

    ========  =======  ===============================================
    source    int32    (m,) rows of the edges
    target    int32    (m,)
    n         int      number of nodes
    offsets   int64    (n + 1,) start of each row among the merged edges
    targets   int32    (k,) target of each merged edge
    group     int64    (m,) merged edge that each given edge went to
    ========  =======  ===============================================

    Two stable counting sorts, by target and then by source: O(m + n).
    """
    m = source.shape[0]
    count = np.zeros(n + 1, np.int64)
    for e in range(m):
        count[target[e] + 1] += 1
    for i in range(n):
        count[i + 1] += count[i]
    by_target = np.empty(m, np.int64)
    for e in range(m):
        t = target[e]
        by_target[count[t]] = e
        count[t] += 1

    count[:] = 0
    for e in range(m):
        count[source[e] + 1] += 1
    for i in range(n):
        count[i + 1] += count[i]
    start = count.copy()
    order = np.empty(m, np.int64)
    for q in range(m):
        e = by_target[q]
        s = source[e]
        order[count[s]] = e
        count[s] += 1

    offsets = np.zeros(n + 1, np.int64)
    group = by_target  # its content is spent; reuse the memory
    targets = np.empty(m, np.int32)
    k = 0
    for i in range(n):
        for q in range(start[i], start[i + 1]):
            e = order[q]
            if q == start[i] or target[e] != targets[k - 1]:
                targets[k] = target[e]
                k += 1
            group[e] = k - 1
        offsets[i + 1] = k
    return offsets, targets[:k].copy(), group


@jit
def count_pairs(source, target, n):
    """Count the edges of each (source, target), targets ascending in each row.

    ========  =======  ===============================================
    source    int32    (m,) rows of the edges
    target    int32    (m,)
    n         int      number of nodes
    offsets   int64    (n + 1,) start of each row among the merged edges
    targets   int32    (k,) target of each merged edge
    count     float64  (k,) edges merged into it
    ========  =======  ===============================================

    The rows and the order of :func:`merge_pairs`. The nodes themselves are moved, not the numbers of edges: half the
    memory, and no reads out of order.
    """
    m = source.shape[0]
    start = np.zeros(n + 1, np.int64)
    for e in range(m):
        start[target[e] + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    cursor = start[:n].copy()
    listeners = np.empty(m, np.int32)
    for e in range(m):
        t = target[e]
        listeners[cursor[t]] = source[e]
        cursor[t] += 1

    offsets = np.zeros(n + 1, np.int64)
    for e in range(m):
        offsets[source[e] + 1] += 1
    for i in range(n):
        offsets[i + 1] += offsets[i]
    cursor[:] = offsets[:n]
    rows = np.empty(m, np.int32)
    for t in range(n):
        for q in range(start[t], start[t + 1]):
            s = listeners[q]
            rows[cursor[s]] = t
            cursor[s] += 1

    k = 0
    for i in range(n):
        first = k
        for q in range(offsets[i], cursor[i]):
            if k == first or rows[q] != rows[k - 1]:
                rows[k] = rows[q]
                listeners[k] = 1  # its content is spent; reuse the memory
                k += 1
            else:
                listeners[k - 1] += 1
        offsets[i] = first
    offsets[n] = k
    return offsets, rows[:k].copy(), listeners[:k].astype(np.float64)


@jit
def transpose(offsets, targets):
    """Return the in-rows of out-rows: offsets (n + 1,), sources (k,) ascending, edges (k,) into the out-rows."""
    n = offsets.shape[0] - 1
    k = targets.shape[0]
    in_offsets = np.zeros(n + 1, np.int64)
    for e in range(k):
        in_offsets[targets[e] + 1] += 1
    for i in range(n):
        in_offsets[i + 1] += in_offsets[i]
    cursor = in_offsets.copy()
    sources = np.empty(k, np.int32)
    edges = np.empty(k, np.int64)
    for i in range(n):
        for e in range(offsets[i], offsets[i + 1]):
            t = targets[e]
            sources[cursor[t]] = i
            edges[cursor[t]] = e
            cursor[t] += 1
    return in_offsets, sources, edges
