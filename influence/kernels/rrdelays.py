"""Reverse reachable sets in continuous time: back from the root along the shortest delays, as far as the horizon."""

import math

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.rrsets import close_set, draw_depth, draw_root, root_bits, start_stream, step, walk_to

__all__ = ["draw_delays"]

_ONE = np.uint64(1)


@jit
def _push(heap, where, size, time, node, steps):
    """Add an entry to a heap by time, ties by node; return its size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap[parent] < time or (heap[parent] == time and where[parent, 0] <= node):
            break
        heap[i] = heap[parent]
        where[i, 0], where[i, 1] = where[parent, 0], where[parent, 1]
        i = parent
    heap[i] = time
    where[i, 0], where[i, 1] = node, steps
    return size + 1


@jit
def _pop(heap, where, size):
    """Take the first entry off a heap of that size; it is left at its end."""
    size -= 1
    time, node, steps = heap[size], where[size, 0], where[size, 1]
    heap[size] = heap[0]
    where[size, 0], where[size, 1] = where[0, 0], where[0, 1]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            heap[right] < heap[child] or (heap[right] == heap[child] and where[right, 0] < where[child, 0])
        ):
            child = right
        if heap[child] > time or (heap[child] == time and where[child, 0] >= node):
            break
        heap[i] = heap[child]
        where[i, 0], where[i, 1] = where[child, 0], where[child, 1]
        i = child
    if size > 0:
        heap[i] = time
        where[i, 0], where[i, 1] = node, steps
    return size


@jit
def _draw_lane(lane, rows, horizon, roots, limits, key, watch, space, heap, where):
    offsets, sources, chance, rate = rows
    nodes, seen, mask = space.nodes[lane], space.seen[lane], watch.mask
    watched = mask.shape[0] > 0
    room = nodes.shape[0]
    begin = np.int64(0)
    for sample in range(space.first[lane], space.first[lane + 1]):
        state, root = draw_root(start_stream(key, sample), roots)
        state, deepest = draw_depth(state, limits)
        tail, full = begin, False
        size = _push(heap, where, np.int64(0), 0.0, root, 0)
        while size > 0:
            size = _pop(heap, where, size)
            time, v, steps = heap[size], where[size, 0], where[size, 1]
            word, bit = v >> 6, _ONE << np.uint64(v & 63)
            if seen[word] & bit:
                continue
            if tail == room:
                full = True
                break
            seen[word] |= bit
            # Over more steps than a positive word lasts a person hands a negative one on, and is no member.
            nodes[tail] = v if steps <= deepest else ~v
            tail += 1
            first = np.int64(-1)
            if v == root:  # one of the arcs is live
                some = 0.0
                for i in range(offsets[v], offsets[v + 1]):
                    some += (1.0 - some) * chance[i]
                state, u = step(state)
                first = walk_to(chance, offsets[v], offsets[v + 1], u * some)
            for i in range(max(first, offsets[v]), offsets[v + 1]):
                if i != first:
                    state, u = step(state)
                    if u > chance[i]:
                        continue
                state, u = step(state)
                # exponential, given that it is within the horizon
                time_there = time - math.log1p(u * math.expm1(-rate[i] * horizon)) / rate[i]
                source = sources[i]
                if time_there > horizon or seen[source >> 6] & (_ONE << np.uint64(source & 63)):
                    continue
                if size == heap.shape[0]:
                    full = True
                    break
                size = _push(heap, where, size, time_there, source, steps + 1)
            if full:
                break
        hit, known, end = np.int64(0), np.int64(0), begin
        for i in range(begin, tail):
            v = nodes[i] if nodes[i] >= 0 else ~nodes[i]
            seen[v >> 6] = 0
            if nodes[i] >= 0:
                nodes[end] = v
                end += 1
                if watched and v == root:
                    bits, known = root_bits(mask[v], watch)
                    hit |= bits
                elif watched:
                    hit |= mask[v]
        if full:
            space.done[lane] = sample
            return
        begin = close_set(lane, sample, begin, end, hit, known, watch, space)
    space.done[lane] = space.first[lane + 1]


@jit(parallel=True)
def draw_delays(rows, horizon, roots, limits, key, watch, space, heaps, entries):
    """Draw the sets of each lane; see the tuples of :mod:`influence.kernels.rrsets`.

    =======  =======  ==================================================================================
    rows              ``chance`` of an arc to work within the horizon, and in place of ``jump`` its rate
    heaps    float64  (lanes, size) work
    entries  int32    (lanes, size, 2) work
    =======  =======  ==================================================================================
    """
    for lane in prange(space.done.shape[0]):
        _draw_lane(lane, rows, horizon, roots, limits, key, watch, space, heaps[lane], entries[lane])
