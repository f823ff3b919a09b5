"""Reverse reachable sets of the linear threshold: a walk back, one in-arc at a time, drawn by weight."""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.rrsets import clear, close_set, draw_depth, draw_root, root_bits, start_stream, step

__all__ = ["draw_walks", "running_sums"]

_ONE = np.uint64(1)


@jit(parallel=True)
def running_sums(offsets, edges, weight, total):
    """Fill in the running sums of the weights in each row.

    =======  =======  =========================
    offsets  int64    (n + 1,)
    edges    int64    (m,) where each arc's weight stands
    weight   float64  (m,)
    total    float64  (m,)
    =======  =======  =========================
    """
    for v in prange(offsets.shape[0] - 1):
        sum_so_far = 0.0
        for i in range(offsets[v], offsets[v + 1]):
            sum_so_far += weight[edges[i]]
            total[i] = sum_so_far


@jit
def _draw_lane(lane, rows, roots, limits, key, watch, space):
    offsets, sources, total, jump = rows
    nodes, seen, mask = space.nodes[lane], space.seen[lane], watch.mask
    watched = mask.shape[0] > 0
    room = nodes.shape[0]
    begin = np.int64(0)
    for sample in range(space.first[lane], space.first[lane + 1]):
        state, root = draw_root(start_stream(key, sample), roots)
        state, deepest = draw_depth(state, limits)
        tail = begin
        hit, known = np.int64(0), np.int64(0)
        v = root
        while tail - begin <= deepest and tail < room:
            nodes[tail] = v
            tail += 1
            seen[v >> 6] |= _ONE << np.uint64(v & 63)
            if watched:
                if v == root:
                    hit, known = root_bits(mask[v], watch)
                else:
                    hit |= mask[v]
            state, u = step(state)
            at, end = offsets[v], offsets[v + 1]
            if jump[v, 0] == 0.0:
                # the root has drawn an arc for sure
                x = min(u * (end - at), end - at - 1.0) if v == root else u / jump[v, 1] if end > at else np.inf
                at = at + np.int64(x) if x < end - at else end
            else:
                if v == root:
                    u *= total[end - 1]
                low, high = at, end  # the first arc at which the weights so far reach u
                while low < high:
                    middle = (low + high) >> 1
                    if total[middle] < u:
                        low = middle + 1
                    else:
                        high = middle
                at = low
            if at == end:
                v = -1
                break
            v = np.int64(sources[at])
            if seen[v >> 6] & (_ONE << np.uint64(v & 63)):
                v = -1
                break
        if v >= 0 and tail - begin <= deepest:
            clear(lane, begin, tail, space)
            space.done[lane] = sample
            return
        begin = close_set(lane, sample, begin, tail, hit, known, watch, space)
    space.done[lane] = space.first[lane + 1]


@jit(parallel=True)
def draw_walks(rows, roots, limits, key, watch, space):
    """Draw the sets of each lane; see the tuples of :mod:`influence.kernels.rrsets`.

    Of ``rows``, ``chance`` holds the running sums of the weights in each row; jump[v, 0] is 0 where all weights of
    the row are jump[v, 1].
    """
    for lane in prange(space.done.shape[0]):
        _draw_lane(lane, rows, roots, limits, key, watch, space)
