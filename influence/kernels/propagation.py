"""Labels that spread from neighbour to neighbour."""

import numpy as np

from influence.kernels._jit import jit
from influence.kernels.random import word

__all__ = ["propagate"]


@jit
def propagate(
    offsets, neighbours, weight, back_offsets, back_neighbours, label, order, active, near, touched, key, start, stop
):
    """Give nodes ``start`` … ``stop`` - 1 of the order a label that has the greatest weight around them.

    ===================  =======  =====================================================
    offsets, neighbours           rows of those whose labels a node looks at
    weight               float64  of each such arc
    back_*                        rows of those who look at a node
    label                int32    (n,) changed
    order                int32    (n,)
    active               uint8    (n,) whether anything has changed around a node since it looked
    near                 float64  (n,) zeros
    touched              int32    (n,) work
    key                  uint64   ties are drawn by it and the node
    ===================  =======  =====================================================

    Returns how many changed. A node that has a label of the greatest weight keeps it.
    """
    changed = 0
    for i in range(start, stop):
        v = order[i]
        if active[v] == 0:
            continue
        active[v] = 0
        count = 0
        for e in range(offsets[v], offsets[v + 1]):
            c = label[neighbours[e]]
            w = weight[e]
            if w > 0.0:
                if near[c] == 0.0:
                    touched[count] = c
                    count += 1
                near[c] += w
        most, ties = 0.0, 0
        for j in range(count):
            c = touched[j]
            if near[c] > most:
                most, ties = near[c], 1
            elif near[c] == most:
                ties += 1
        if near[label[v]] < most:
            drawn = word(key, v) >> np.uint64(32)
            pick = np.int64((drawn * np.uint64(ties)) >> np.uint64(32))
            for j in range(count):
                if near[touched[j]] == most:
                    if pick == 0:
                        label[v] = touched[j]
                    pick -= 1
            changed += 1
            for e in range(back_offsets[v], back_offsets[v + 1]):
                active[back_neighbours[e]] = 1
        for j in range(count):
            near[touched[j]] = 0.0
    return changed
