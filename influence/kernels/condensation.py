"""The order of strong components along the arcs between them."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["sinks_first"]


@jit
def sinks_first(offsets, targets, in_offsets, in_sources, label, n_groups):
    """Return the components such that arcs between them lead to earlier ones; ties by label.

    =======  =======  ==========================
    label    int32    (n,) component of each node
    order    int64    (n_groups,)
    =======  =======  ==========================

    Kahn's algorithm: a component is due once all that it leads to have been placed.
    """
    n = offsets.shape[0] - 1
    leaving = np.zeros(n_groups, np.int64)
    start = np.zeros(n_groups + 1, np.int64)
    for v in range(n):
        start[label[v] + 1] += 1
        for e in range(offsets[v], offsets[v + 1]):
            if label[targets[e]] != label[v]:
                leaving[label[v]] += 1
    for g in range(n_groups):
        start[g + 1] += start[g]
    cursor = start[:n_groups].copy()
    members = np.empty(n, np.int64)
    for v in range(n):
        members[cursor[label[v]]] = v
        cursor[label[v]] += 1
    order = np.empty(n_groups, np.int64)
    placed = 0
    for g in range(n_groups):
        if leaving[g] == 0:
            order[placed] = g
            placed += 1
    done = 0
    while done < placed:
        g = order[done]
        done += 1
        for q in range(start[g], start[g + 1]):
            v = members[q]
            for p in range(in_offsets[v], in_offsets[v + 1]):
                other = label[in_sources[p]]
                if other != g:
                    leaving[other] -= 1
                    if leaving[other] == 0:
                        order[placed] = other
                        placed += 1
    return order
