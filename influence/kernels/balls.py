"""Balls around nodes, and the collective influence of their surfaces."""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.voting import heap_update

__all__ = ["reach_and_remove", "surface_influence", "update_keys"]


@jit(parallel=True)
def surface_influence(offsets, targets, degree, radius, todo, bounds, seen, queue, values):
    """Fill values[i], for i in todo[bounds[t] … bounds[t + 1] - 1], with (k_i - 1) Σ_j (k_j - 1) over its surface.

    =======  =====  =======================================================================
    degree   int64  (n,) k, of those left and among those left; -1 of who is removed
    todo     int32  nodes to take
    bounds   int64  (lanes + 1,)
    seen     bool   (lanes, n) false, before and after
    queue    int32  (lanes, n)
    values   int64  (n,)
    =======  =====  =======================================================================

    The surface are the nodes at just ``radius`` steps.
    """
    for t in prange(seen.shape[0]):
        met = seen[t]
        line = queue[t]
        for k in range(bounds[t], bounds[t + 1]):
            i = todo[k]
            values[i] = 0
            if degree[i] < 2:
                continue
            line[0] = i
            met[i] = True
            first, last = 0, 1
            for _ in range(radius):
                end = last
                for q in range(first, end):
                    for e in range(offsets[line[q]], offsets[line[q] + 1]):
                        x = np.uint32(targets[e])
                        if not met[x] and degree[x] >= 0:
                            met[x] = True
                            line[last] = x
                            last += 1
                first = end
            found = 0
            for q in range(first, last):
                found += degree[line[q]] - 1
            for q in range(last):
                met[line[q]] = False
            values[i] = (degree[i] - 1) * found


@jit
def reach_and_remove(offsets, targets, degree, radius, node, marks, line):
    """Mark all that are left within ``radius`` steps of a node, itself not, and then remove it.

    marks is bool (n,), and what is marked in it stays so; line int32 (n,) room to work; degree as above.
    """
    n = marks.shape[0]
    met = np.zeros(n, np.bool_)
    met[node] = True
    line[0] = node
    first, last = 0, 1
    for _ in range(radius):
        end = last
        for q in range(first, end):
            for e in range(offsets[line[q]], offsets[line[q] + 1]):
                x = targets[e]
                if not met[x] and degree[x] >= 0:
                    met[x] = True
                    line[last] = x
                    last += 1
        first = end
    for q in range(1, last):
        marks[line[q]] = True
    marks[node] = False
    for e in range(offsets[node], offsets[node + 1]):
        if targets[e] != node and degree[targets[e]] >= 0:
            degree[targets[e]] -= 1
    degree[node] = -1


@jit
def update_keys(heap, where, key, size, nodes, values):
    """Give each of the nodes left among ``nodes`` the key values[node]."""
    for i in nodes:
        heap_update(heap, where, key, size, i, values[i])
