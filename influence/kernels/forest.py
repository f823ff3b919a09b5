"""Sums up a forest given by parents, which may hold rings, without recursion."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["roll_up"]


@jit
def roll_up(parent, marked, value):
    """Sum over the descendants of each node of a graph in which a node has one parent at most.

    ===========  =======  ====================================================================
    parent       int32    (n,) parent of each node, -1 for none
    marked       bool     (n,)
    value        float64  (n,)
    generation   int32    (n,) steps up to a node that has no parent, or that stands in a ring
    descendants  int64    (n,)
    marks        int64    (n,) descendants that are marked
    below        float64  (n,) sum of the descendants' values
    depth        int32    (n,) steps down to the farthest descendant
    in_ring      bool     (n,) on a cycle of parents
    ===========  =======  ====================================================================

    Nodes are peeled off from the leaves on; what never becomes a leaf is a ring. No edge within a ring counts, so
    that its nodes are roots of what hangs below them. O(n).
    """
    n = parent.shape[0]
    children = np.zeros(n, np.int64)
    for v in range(n):
        if parent[v] >= 0:
            children[parent[v]] += 1
    order = np.empty(n, np.int64)
    peeled = 0
    for v in range(n):
        if children[v] == 0:
            order[peeled] = v
            peeled += 1
    descendants = np.zeros(n, np.int64)
    marks = np.zeros(n, np.int64)
    below = np.zeros(n, np.float64)
    depth = np.zeros(n, np.int32)
    in_ring = np.ones(n, np.bool_)
    i = 0
    while i < peeled:
        v = order[i]
        i += 1
        in_ring[v] = False
        p = parent[v]
        if p < 0:
            continue
        descendants[p] += descendants[v] + 1
        marks[p] += marks[v] + (1 if marked[v] else 0)
        below[p] += below[v] + value[v]
        depth[p] = max(depth[p], depth[v] + 1)
        children[p] -= 1
        if children[p] == 0:
            order[peeled] = p
            peeled += 1
    generation = np.zeros(n, np.int32)
    for i in range(peeled - 1, -1, -1):
        v = order[i]
        if parent[v] >= 0:
            generation[v] = generation[parent[v]] + 1
    return generation, descendants, marks, below, depth, in_ring
