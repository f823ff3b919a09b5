"""Dijkstra's algorithm, from several nodes side by side."""

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["dijkstra"]

_WAY = 4  # children of a node of the heap


@jit
def _before(dist, turn, u, v):
    return dist[u] < dist[v] or (dist[u] == dist[v] and turn[u] < turn[v])


@jit
def _rise(heap, place, dist, turn, spot):
    """Move an entry of the heap up to where it belongs."""
    node = heap[spot]
    while spot > 0:
        above = (spot - 1) // _WAY
        if not _before(dist, turn, node, heap[above]):
            break
        heap[spot] = heap[above]
        place[heap[spot]] = spot
        spot = above
    heap[spot] = node
    place[node] = spot


@jit
def _take(heap, place, dist, turn, size):
    """Take the nearest node out of a heap of so many."""
    nearest = heap[0]
    node = heap[size - 1]
    spot = 0
    while True:
        first = _WAY * spot + 1
        if first >= size - 1:
            break
        least = first
        for child in range(first + 1, min(first + _WAY, size - 1)):
            if _before(dist, turn, heap[child], heap[least]):
                least = child
        if not _before(dist, turn, heap[least], node):
            break
        heap[spot] = heap[least]
        place[heap[spot]] = spot
        spot = least
    heap[spot] = node
    place[node] = spot
    return nearest


@jit(parallel=True)
def dijkstra(offsets, nodes, lengths, sources, cutoff, chosen, strength, averaging, dist, heap, place, turn, parent,
             path, hops, reach, far, near, mean):  # fmt: skip
    """Fill the distances from each source, and sums over the chosen nodes, itself left out.

    Of paths of the same length the first found stays, and of nodes at the same distance the one that got there first
    comes first. Sums are taken in that order; distances beyond the cutoff are left infinite.

    ===========  =======  =================================================================
    offsets      int64    (n + 1,)
    nodes        int32    (m,)
    lengths      float64  (m,), 0 or more
    sources      int32    (k,)
    cutoff       float
    chosen       uint8    (n,)
    strength     float64  (m,), or none
    averaging    bool     whether the mean strengths along the paths are asked for
    dist         float64  (k, n)
    heap, place  int32    (k, n), for work, as is turn
    parent       int32    (k, n), -1 where there is none
    path, hops   float64  (k, n), for work where averaging, the second int32
    reach        int64    (k,) chosen nodes that are reached
    far, near    float64  (k,) their distances added up, and one over those above 0
    mean         float64  (k,) the mean strengths along the paths to them added up
    ===========  =======  =================================================================
    """
    for k in prange(sources.shape[0]):
        away, queue, where, came, since = dist[k], heap[k], place[k], parent[k], turn[k]
        along, steps = path[k], hops[k]
        away[:] = np.inf
        where[:] = -1
        came[:] = -1
        source = sources[k]
        away[source] = 0.0
        since[source] = 0
        queue[0] = source
        where[source] = 0
        if averaging:
            along[source] = 0.0
            steps[source] = 0
        size, clock = 1, 1
        count, total, closeness, strengths = 0, 0.0, 0.0, 0.0
        while size > 0:
            u = _take(queue, where, away, since, size)
            size -= 1
            length = away[u]
            if chosen[u] and u != source:
                count += 1
                total += length
                if length > 0.0:
                    closeness += 1.0 / length
                if averaging:
                    strengths += along[u] / steps[u]
            for e in range(offsets[u], offsets[u + 1]):
                v = nodes[e]
                new = length + lengths[e]
                if new < away[v] and new <= cutoff:
                    away[v] = new
                    came[v] = u
                    since[v] = clock
                    clock += 1
                    if averaging:
                        along[v] = along[u] + strength[e]
                        steps[v] = steps[u] + 1
                    if where[v] < 0:
                        where[v] = size
                        queue[size] = v
                        size += 1
                    _rise(queue, where, away, since, where[v])
        reach[k], far[k], near[k], mean[k] = count, total, closeness, strengths
