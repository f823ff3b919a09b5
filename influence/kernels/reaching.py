"""How many nodes the strong components of a graph can reach."""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.lanes import WORDS, row_count

__all__ = ["condense", "descendants"]


@jit
def condense(offsets, targets, component, members, starts, seen, heads):
    """Return the arcs between components, each once: offsets (c + 1,) and components (k,).

    =========  =====  ============================================
    offsets    int64  (n + 1,)
    targets    int32  (m,)
    component  int32  (n,)
    members    int64  (n,) nodes by component
    starts     int64  (c + 1,)
    seen       int32  (c,) for work
    heads      int32  (m,) for work
    =========  =====  ============================================
    """
    c = starts.shape[0] - 1
    seen[:] = -1
    rows = np.zeros(c + 1, np.int64)
    k = 0
    for g in range(c):
        seen[g] = g
        for p in range(starts[g], starts[g + 1]):
            u = members[p]
            for e in range(offsets[u], offsets[u + 1]):
                h = component[targets[e]]
                if seen[h] != g:
                    seen[h] = g
                    heads[k] = h
                    k += 1
        rows[g + 1] = k
    return rows, heads[:k].copy()


@jit(parallel=True)
def descendants(rows, heads, order, lanes, sizes, starts, begin, end, reached, counts):
    """Count the nodes that can be reached from each component, among those of some blocks of components.

    ===========  ======  ==========================================================
    rows         int64   (c + 1,) arcs between components
    heads        int32   (k,)
    order        int64   (c,) sinks first
    lanes        int32   (l,) components, those of each block in a row
    sizes        int64   (b,) of each component of a block
    starts       int64   (b + 1,) of the blocks
    begin, end   int     blocks
    reached      uint64  (threads, c, 8) for work
    counts       int64   (threads, c)
    ===========  ======  ==========================================================
    """
    c = rows.shape[0] - 1
    threads = counts.shape[0]
    for thread in prange(threads):
        table = reached[thread]
        for block in range(begin + thread, end, threads):
            table[:] = 0
            for p in range(starts[block], starts[block + 1]):
                lane = p - starts[block]
                table[lanes[p], lane // 64] |= np.uint64(1) << np.uint64(lane % 64)
            for p in range(c):
                g = order[p]
                for e in range(rows[g], rows[g + 1]):
                    h = heads[e]
                    for w in range(WORDS):
                        table[g, w] |= table[h, w]
                counts[thread, g] += sizes[block] * row_count(table, np.int64(g))
