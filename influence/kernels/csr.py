"""Edges to compressed rows by counting sorts."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["count_pairs", "merge_pairs", "symmetrise", "transpose"]


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


@jit
def symmetrise(out_offsets, out_targets, in_offsets, in_sources, in_edges, weight, merge):
    """Return the rows of all neighbours, out or in, ascending, and for each arc where its opposite is.

    =========  =======  ===================================================================
    merge      int      0 adds the weights of an edge that led both ways, 1 and 2 keep the greater, the lesser
    offsets    int64    (n + 1,)
    targets    int32    (k,)
    merged     float64  (k,)
    opposite   int64    (k,)
    =========  =======  ===================================================================

    Both rows of a node are ascending, so they merge in one pass.
    """
    n = out_offsets.shape[0] - 1
    offsets = np.zeros(n + 1, np.int64)
    for i in range(n):
        p, q = out_offsets[i], in_offsets[i]
        size = 0
        while p < out_offsets[i + 1] or q < in_offsets[i + 1]:
            if q == in_offsets[i + 1] or (p < out_offsets[i + 1] and out_targets[p] < in_sources[q]):
                p += 1
            elif p == out_offsets[i + 1] or in_sources[q] < out_targets[p]:
                q += 1
            else:
                p += 1
                q += 1
            size += 1
        offsets[i + 1] = offsets[i] + size
    targets = np.empty(offsets[n], np.int32)
    merged = np.empty(offsets[n], np.float64)
    for i in range(n):
        p, q = out_offsets[i], in_offsets[i]
        k = offsets[i]
        while p < out_offsets[i + 1] or q < in_offsets[i + 1]:
            if q == in_offsets[i + 1] or (p < out_offsets[i + 1] and out_targets[p] < in_sources[q]):
                targets[k] = out_targets[p]
                merged[k] = weight[p]
                p += 1
            elif p == out_offsets[i + 1] or in_sources[q] < out_targets[p]:
                targets[k] = in_sources[q]
                merged[k] = weight[in_edges[q]]
                q += 1
            else:
                ours, theirs = weight[p], weight[in_edges[q]]
                targets[k] = out_targets[p]
                if out_targets[p] == i:
                    merged[k] = ours
                elif merge == 0:
                    # the same order of addition from both ends
                    merged[k] = ours + theirs if i < out_targets[p] else theirs + ours
                elif merge == 1:
                    merged[k] = max(ours, theirs)
                else:
                    merged[k] = min(ours, theirs)
                p += 1
                q += 1
            k += 1
    # Sources come in ascending order to each row, which is the order of its targets.
    cursor = offsets[:n].copy()
    opposite = np.empty(offsets[n], np.int64)
    for i in range(n):
        for k in range(offsets[i], offsets[i + 1]):
            t = targets[k]
            opposite[k] = cursor[t]
            cursor[t] += 1
    return offsets, targets, merged, opposite
