"""What can be told of a node from its neighbours alone."""

from influence.kernels._jit import jit, prange

__all__ = ["count_mutual", "count_transitive", "h_round", "mark_around"]

BLOCK = 256


@jit(parallel=True)
def count_mutual(out_offsets, out_targets, in_offsets, in_sources, loops, counts):
    """Fill counts, int64 (n,), with the nodes in both rows of each node; itself only where ``loops``."""
    n = counts.shape[0]
    for b in prange((n + BLOCK - 1) // BLOCK):
        for i in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            p, q = out_offsets[i], in_offsets[i]
            both = 0
            while p < out_offsets[i + 1] and q < in_offsets[i + 1]:
                to, by = out_targets[p], in_sources[q]
                if to == by and (loops or to != i):
                    both += 1
                p += to <= by
                q += by <= to
            counts[i] = both


@jit(parallel=True)
def count_transitive(offsets, targets, bounds, marks, counts):
    """Add to counts[t] the arcs between two targets of a node, over bounds[t] … bounds[t + 1] - 1, without loops.

    marks is bool (lanes, n) and false, before and after; counts int64 (lanes,).
    """
    for t in prange(marks.shape[0]):
        mark = marks[t]
        found = 0
        for i in range(bounds[t], bounds[t + 1]):
            first, last = offsets[i], offsets[i + 1]
            for e in range(first, last):
                mark[targets[e]] = True
            mark[i] = False
            for e in range(first, last):
                j = targets[e]
                if j != i:
                    for p in range(offsets[j], offsets[j + 1]):
                        found += mark[targets[p]] and targets[p] != j
            for e in range(first, last):
                mark[targets[e]] = False
        counts[t] += found


@jit(parallel=True)
def h_round(offsets, neighbours, todo, bounds, values, tally, following):
    """Fill following[i], for i in todo[bounds[t] … bounds[t + 1] - 1], with the h-index of i's neighbours' values.

    ==========  ======  ==============================================================
    offsets     int64   (n + 1,)
    neighbours  int32   (k,)
    todo        int32   nodes to take
    bounds      int64   (lanes + 1,)
    values      int64   (n,) before; no more than the length of the row
    tally       int64   (lanes, more than the greatest value) zero, before and after
    following   int64   (n,)
    ==========  ======  ==============================================================

    Values never rise, so what is more than a node's own value is tallied as that.
    """
    for t in prange(tally.shape[0]):
        count = tally[t]
        for k in range(bounds[t], bounds[t + 1]):
            i = todo[k]
            most = values[i]
            for e in range(offsets[i], offsets[i + 1]):
                if neighbours[e] != i:
                    count[min(most, values[neighbours[e]])] += 1
            h = most
            enough = count[h]
            while enough < h:
                h -= 1
                enough += count[h]
            following[i] = h
            count[: most + 1] = 0


@jit
def mark_around(offsets, targets, nodes, marks):
    """Set marks, bool (n,), of all that stand in the rows of the nodes."""
    for i in nodes:
        for e in range(offsets[i], offsets[i + 1]):
            marks[targets[e]] = True
