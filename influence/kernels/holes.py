"""What the two ends of each edge share through third nodes."""

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["row_constraint", "row_redundancy", "shared_strength", "shared_work"]

BLOCK = 256


@jit(parallel=True)
def shared_work(offsets, targets, work):
    """Fill work, int64 (n,), with about how many steps each node takes in :func:`shared_strength`; at least 1."""
    n = work.shape[0]
    for b in prange((n + BLOCK - 1) // BLOCK):
        for v in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            degree = offsets[v + 1] - offsets[v]
            steps = 1 + 2 * degree
            for e in range(offsets[v], offsets[v + 1]):
                u = targets[e]
                other = offsets[u + 1] - offsets[u]
                if other < degree or (other == degree and u <= v):
                    steps += 8 + other
            work[v] = steps


@jit(parallel=True)
def shared_strength(offsets, targets, opposite, strength, scale, bounds, marks, shared):
    """Fill shared[v → u] = Σ_q a_vq a_uq scale_q, for both arcs of every edge, from the end of greater degree.

    ========  =======  ==================================================================================
    offsets   int64    (n + 1,) rows of a symmetric graph
    targets   int32    (k,) ascending in each row
    opposite  int64    (k,) where the other arc of the edge is
    strength  float64  (k,) a, the same for both arcs
    scale     float64  (n,)
    bounds    int64    (lanes + 1,) lane t takes the greater ends bounds[t] … bounds[t + 1] - 1
    marks     float64  (lanes, n) zero, before and after
    shared    float64  (k,)
    ========  =======  ==================================================================================

    The greater end marks its row, and the row of the lesser end is looked through once: Σ_edges min(d_u, d_v). An arc
    is written by one end only and its sum runs along one row, so lanes and threads do not show. Four sums at a time,
    since each addition waits for the one before.
    """
    for t in prange(marks.shape[0]):
        mark = marks[t]
        for v in range(bounds[t], bounds[t + 1]):
            first, last = np.uint64(offsets[v]), np.uint64(offsets[v + 1])
            degree = last - first
            for e in range(first, last):
                q = np.uint32(targets[e])
                mark[q] = strength[e] * scale[q]
            for e in range(first, last):
                u = np.uint32(targets[e])
                begin, end = np.uint64(offsets[u]), np.uint64(offsets[u + np.uint32(1)])
                other = end - begin
                if other > degree or (other == degree and u > v):
                    continue
                one = two = three = four = 0.0
                fours = begin + (other // np.uint64(4)) * np.uint64(4)
                for p in range(begin, fours, np.uint64(4)):
                    one += strength[p] * mark[np.uint32(targets[p])]
                    two += strength[p + np.uint64(1)] * mark[np.uint32(targets[p + np.uint64(1)])]
                    three += strength[p + np.uint64(2)] * mark[np.uint32(targets[p + np.uint64(2)])]
                    four += strength[p + np.uint64(3)] * mark[np.uint32(targets[p + np.uint64(3)])]
                for p in range(fours, end):
                    one += strength[p] * mark[np.uint32(targets[p])]
                found = (one + two) + (three + four)
                shared[e] = found
                shared[np.uint64(opposite[e])] = found
            for e in range(first, last):
                mark[np.uint32(targets[e])] = 0.0


@jit(parallel=True)
def row_constraint(offsets, strength, shared, total, constraint):
    """Fill constraint, float64 (n,), with Σ_v ((a_uv + shared_uv) / total_u)² over the arcs of some strength."""
    n = constraint.shape[0]
    for b in prange((n + BLOCK - 1) // BLOCK):
        for u in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            found = 0.0
            for e in range(offsets[u], offsets[u + 1]):
                if strength[e] > 0.0:
                    part = (strength[e] + shared[e]) / total[u]
                    found += part * part
            constraint[u] = found


@jit(parallel=True)
def row_redundancy(offsets, targets, strength, shared, total, greatest, redundancy):
    """Fill redundancy, float64 (n,), with Σ_v shared_uv / (total_u greatest_v) over the arcs of some strength."""
    n = redundancy.shape[0]
    for b in prange((n + BLOCK - 1) // BLOCK):
        for u in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            found = 0.0
            for e in range(offsets[u], offsets[u + 1]):
                if strength[e] > 0.0:
                    found += shared[e] / greatest[targets[e]]
            redundancy[u] = found / total[u] if found > 0.0 else 0.0
