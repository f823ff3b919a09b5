"""Shortest paths by length from one source at a time, counted outwards and gathered inwards (Brandes, Dijkstra).

Lanes as in `influence.kernels.brandes`. Distances are found first, exactly as Dijkstra finds them; then an arc u → w
lies on a shortest path when u was settled before w and d(u) + length is at most d(w) · (1 + slack).
"""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.brandes import MANY

__all__ = ["pop", "push", "weighted_lanes"]

#: Places of nodes that are not in the heap.
UNSEEN, SETTLED = -1, -2


@jit
def push(heap, place, distance, size, w, length):
    """Give w the lesser distance `length`, in a heap of `size` nodes with four children each; return its new size.

    ========  =======  ====
    heap      int32    (n,)  nodes, the nearest first
    place     int32    (n,)  where each node is in the heap, UNSEEN or SETTLED
    distance  float64  (n,)
    ========  =======  ====
    """
    distance[w] = length
    k = place[w]
    if k == UNSEEN:
        k = size
        size += 1
    while k > 0:
        parent = (k - 1) >> 2
        v = heap[parent]
        if distance[v] <= length:
            break
        heap[k] = v
        place[v] = k
        k = parent
    heap[k] = w
    place[w] = k
    return size


@jit
def pop(heap, place, distance, size):
    """Take the nearest node out of a heap of `size` nodes and return it; arrays as in `push`."""
    nearest = heap[0]
    place[nearest] = SETTLED
    size -= 1
    if size > 0:
        last = heap[size]
        length, k = distance[last], 0
        while True:
            least, first = -1, 4 * k + 1
            shortest = length
            for child in range(first, min(first + 4, size)):
                if distance[heap[child]] < shortest:
                    shortest, least = distance[heap[child]], child
            if least < 0:
                break
            heap[k] = heap[least]
            place[heap[k]] = k
            k = least
        heap[k] = last
        place[last] = k
    return nearest


@jit
def _outwards(source, offsets, targets, length, slack, order, heap, place, distance, paths, first, tight):
    """Fill order, distance, paths and the arcs on shortest paths; return the number of nodes settled, or MANY."""
    size, settled, kept = push(heap, place, distance, 0, source, 0.0), 0, 0
    while size > 0:
        u = pop(heap, place, distance, size)
        size -= 1
        order[settled] = u
        first[settled] = kept
        settled += 1
        for e in range(offsets[u], offsets[u + 1]):
            w = targets[e]
            if place[w] != SETTLED:
                through = distance[u] + length[e]
                if through <= distance[w] * (1.0 + slack):  # or it never will be: distances only fall
                    tight[kept] = e
                    kept += 1
                    if through < distance[w]:
                        size = push(heap, place, distance, size, w, through)
    first[settled] = kept
    for i in range(settled):
        paths[order[i]] = 0.0
    paths[source] = 1.0
    most, kept = 1.0, 0
    for i in range(settled):
        u = order[i]
        most = max(most, paths[u])
        begin, end = first[i], first[i + 1]
        first[i] = kept
        for j in range(begin, end):
            e = tight[j]
            w = targets[e]
            if distance[u] + length[e] <= distance[w] * (1.0 + slack):
                paths[w] += paths[u]
                tight[kept] = e
                kept += 1
    first[settled] = kept
    for i in range(settled):
        place[order[i]] = UNSEEN
        distance[order[i]] = np.inf
    return settled if most < np.inf else MANY


@jit(parallel=True)
def weighted_lanes(
    start,
    stop,
    sources,
    times,
    offsets,
    targets,
    length,
    slack,
    target,
    endpoints,
    edges,
    order,
    heap,
    place,
    distance,
    paths,
    carry,
    first,
    tight,
    reached,
    total,
):
    """Add what passes through each node, or along each arc, on paths from sources start … stop - 1, to the lanes.

    ==================  =======  ======================  ==================================================
    sources             int64    (k,)
    times               float64  (k,)                    how often each counts
    offsets             int64    (n + 1,)
    targets             uint32   (m,)
    length              float64  (m,)
    slack               float64                          as a part of the shorter of two lengths taken for equal
    target              uint8    (n,)                    1 where a path may end
    endpoints           bool                             whether a path passes through its ends
    edges               bool                             whether arcs are asked about
    order               uint32   (threads, n)            nodes as settled
    heap, place         int32    (threads, n)            place: UNSEEN before and after
    distance            float64  (threads, n)            infinite before and after
    paths, carry        float64  (threads, n)
    first               int64    (threads, n + 1)        by place in the order: first of its arcs in tight
    tight               int64    (threads, m)            arcs on shortest paths
    reached             int64    (k,)                    filled: nodes reached, the source included, or MANY
    total               float64  (lanes, n) or (lanes, m)  added to
    ==================  =======  ======================  ==================================================
    """
    lanes, threads = total.shape[0], order.shape[0]
    for t in prange(threads):
        for lane in range(t, lanes, threads):
            for k in range(start + (lane - start) % lanes, stop, lanes):
                s = sources[k]
                reached[k] = _outwards(
                    s,
                    offsets,
                    targets,
                    length,
                    slack,
                    order[t],
                    heap[t],
                    place[t],
                    distance[t],
                    paths[t],
                    first[t],
                    tight[t],
                )
                ends = 0
                for i in range(reached[k] - 1, -1, -1):
                    u = order[t, i]
                    count, carried = paths[t, u], 0.0
                    for j in range(first[t, i], first[t, i + 1]):
                        e = tight[t, j]
                        through = carry[t, targets[e]]
                        carried += through
                        if edges:
                            total[lane, e] += times[k] * (count * through)
                    carry[t, u] = target[u] / count + carried
                    if i > 0 and not edges:
                        total[lane, u] += times[k] * (count * carried)
                        if endpoints:
                            ends += target[u]
                            total[lane, u] += times[k] * target[u]
                if endpoints and not edges:
                    total[lane, s] += times[k] * ends
