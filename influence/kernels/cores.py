"""Cores: nodes peeled from the outside in, by number of neighbours or by strength."""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.prefetch import prefetch

__all__ = ["loop_arcs", "peel", "peel_strength"]


NEAR = 8  # nodes of the queue: their rows are short, so fewer ahead than in a row
BLOCK = 1024


@jit(parallel=True)
def loop_arcs(offsets, targets):
    """Return the arc of each node's self-loop, -1 where it has none, shape (n,)."""
    n = offsets.shape[0] - 1
    found = np.full(n, -1, np.int64)
    for b in prange((n + BLOCK - 1) // BLOCK):
        for v in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            for e in range(offsets[v], offsets[v + 1]):
                if targets[e] == v:
                    found[v] = e
    return found


@jit
def peel(offsets, targets, more_offsets, more_targets, both, degree, layer, queue, waiting, state, stop):
    """Remove nodes until ``stop`` of them are gone; whoever was removed keeps its core number as its degree.

    ================  =====  =======================================================================
    offsets, targets         rows of the nodes that lose a neighbour with the row's node
    more_*                   a second such set of rows, read only if ``both``
    degree            int32  (n,) neighbours left; core numbers in the end
    layer             int32  (n,) filled: in which round of removals each of the queue left, from 1
    queue             int32  (n + 1,) nodes removed or about to be, and one place too many
    waiting           int32  (n + 1,) at first all nodes in order; those not yet in the queue
    state             int64  (6,) k, head, tail, end of this layer, number waiting, layer; begins -1, 0, 0, 0, n, 0
    ================  =====  =======================================================================

    Each k looks through those still waiting, so node v is looked at once for every k up to its core number: in all no
    more than there are arcs. Nobody's place in an order has to be kept, and only ``degree`` is read at random. There
    is no branch on it: who is gone already and who joins the queue cannot be foreseen.
    """
    k, head, tail, layer_end, n_waiting, number = state[0], state[1], state[2], state[3], state[4], state[5]
    while head < stop:
        if head == layer_end:
            if tail == head:
                k += 1
                while tail == head:
                    kept = 0
                    least = np.int64(1) << 40
                    for i in range(n_waiting):
                        v = waiting[i]
                        d = degree[v]
                        queue[tail] = v
                        tail += d == k
                        waiting[kept] = v
                        kept += d > k
                        if d > k:
                            least = min(least, d)
                    n_waiting = kept
                    if tail == head:
                        k = least
            layer_end = tail
            number += 1
        v = queue[head]
        if head + 2 * NEAR < tail:
            prefetch(offsets, np.int64(queue[head + 2 * NEAR]))
            prefetch(targets, offsets[queue[head + NEAR]])
            if both:
                prefetch(more_offsets, np.int64(queue[head + 2 * NEAR]))
                prefetch(more_targets, more_offsets[queue[head + NEAR]])
        layer[head] = number
        head += 1
        tail = lose(offsets, targets, v, degree, k, queue, tail)
        if both:
            tail = lose(more_offsets, more_targets, v, degree, k, queue, tail)
    state[0], state[1], state[2], state[3], state[4], state[5] = k, head, tail, layer_end, n_waiting, number


@jit
def lose(offsets, targets, v, degree, k, queue, tail):
    """Take a neighbour from everybody in a row; who has k left joins the queue. Return where that ends."""
    # unsigned, since a signed index costs a test for wrapping round
    for e in range(np.uint64(offsets[v]), np.uint64(offsets[v + 1])):
        u = np.uint32(targets[e])
        d = degree[u]
        degree[u] = d - (d > k)
        queue[tail] = u
        tail += d == k + 1
    return tail


@jit
def peel_strength(
    offsets, targets, weight, more_offsets, more_targets, more_weight, both, strength, found, heap, place, state, stop
):
    """Remove nodes, the weakest first, until ``stop`` of them are gone.

    ================  =======  =====================================================================
    offsets, targets           rows of the nodes that lose the strength of an arc with the row's node
    weight            float64  of each of those arcs
    more_*                     a second such set of rows, read only if ``both``
    strength          float64  (n,) strength left
    found             float64  (n,) filled: the greatest strength that anybody had left when removed, up to this node
    heap, place       int32    (n,) nodes as a heap by (strength, node), and where each stands there
    state             int64    (2,) nodes removed, nodes in the heap; begins 0, 0
    ================  =======  =====================================================================
    """
    n = offsets.shape[0] - 1
    done, size = state[0], state[1]
    if done == 0 and size == 0:
        for v in range(n):
            heap[v] = v
            place[v] = v
        size = n
        for i in range((n - 2) // 4, -1, -1):
            _sink(heap, place, strength, i, size)
    while done < stop:
        v = heap[0]
        size -= 1
        if size > 0:
            last = heap[size]
            heap[0] = last
            place[last] = 0
            _sink(heap, place, strength, 0, size)
        place[v] = -1
        level = strength[v]
        if done > 0:
            level = max(level, found[heap[size + 1]])
        heap[size] = v  # what leaves stands behind the heap, so the one before is at hand
        found[v] = level
        done += 1
        for e in range(offsets[v], offsets[v + 1]):
            u = targets[e]
            if place[u] >= 0:
                strength[u] -= weight[e]
                _rise(heap, place, strength, place[u])
        if both:
            for e in range(more_offsets[v], more_offsets[v + 1]):
                u = more_targets[e]
                if place[u] >= 0:
                    strength[u] -= more_weight[e]
                    _rise(heap, place, strength, place[u])
    state[0], state[1] = done, size


@jit
def _sink(heap, place, strength, i, size):
    v = heap[i]
    s = strength[v]
    while True:
        first = 4 * i + 1
        if first >= size:
            break
        best, b = first, heap[first]
        for c in range(first + 1, min(first + 4, size)):
            w = heap[c]
            if strength[w] < strength[b] or (strength[w] == strength[b] and w < b):
                best, b = c, w
        if strength[b] < s or (strength[b] == s and b < v):
            heap[i] = b
            place[b] = i
            i = best
        else:
            break
    heap[i] = v
    place[v] = i


@jit
def _rise(heap, place, strength, i):
    v = heap[i]
    s = strength[v]
    while i > 0:
        parent = (i - 1) >> 2
        p = heap[parent]
        if s < strength[p] or (s == strength[p] and v < p):
            heap[i] = p
            place[p] = i
            i = parent
        else:
            break
    heap[i] = v
    place[v] = i
