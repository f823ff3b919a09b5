"""The order in which a depth-first search finishes strong components."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["finishing_order"]


@jit
def finishing_order(offsets, targets, label, n_groups):
    """Return the components in the order in which a depth-first search finishes them: sinks first.

    =======  =======  ==========================
    label    int32    (n,) component of each node
    order    int64    (n_groups,)
    =======  =======  ==========================

    The search begins at the first node, then at the first not yet seen, and takes arcs in their order. It is done with
    a component when it leaves the node by which it came in: the order in which Tarjan's algorithm finds them.
    """
    n = offsets.shape[0] - 1
    cursor = offsets[:n].copy()
    seen = np.zeros(n, np.bool_)
    entry = np.full(n_groups, -1, np.int64)
    path = np.empty(n, np.int64)
    order = np.empty(n_groups, np.int64)
    placed = 0
    for source in range(n):
        if seen[source]:
            continue
        path[0] = source
        depth = 1
        seen[source] = True
        entry[label[source]] = source
        while depth > 0:
            v = path[depth - 1]
            e = cursor[v]
            stop = offsets[v + 1]
            while e < stop and seen[targets[e]]:
                e += 1
            if e < stop:
                w = targets[e]
                cursor[v] = e + 1
                seen[w] = True
                if entry[label[w]] < 0:
                    entry[label[w]] = w
                path[depth] = w
                depth += 1
            else:
                cursor[v] = stop
                depth -= 1
                if entry[label[v]] == v:
                    order[placed] = label[v]
                    placed += 1
    return order
