"""Simulated cascades in continuous time: each run is a search for the earliest arrivals."""

import math
from typing import NamedTuple

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.cascade import FIXED, first_beyond
from influence.kernels.random import exponential, stream, uniform, word

__all__ = ["TimeSpace", "spread_in_time"]

# The delays of live arcs are numbered from here, their jumps from 0.
_DELAYS = 1 << 40


class TimeSpace(NamedTuple):
    """Work space in time, a row a lane, left as it is given but for ``hits``.

    float64 (lanes, n) of infinity, int32 (lanes, n) thrice, the last of them zeros, int32 (lanes, n), int64 (lanes, n).
    """

    time: np.ndarray
    steps: np.ndarray
    heap: np.ndarray
    place: np.ndarray
    touched: np.ndarray
    hits: np.ndarray


@jit
def _rise(heap, place, time, i):
    """Move a node of the heap up until its parent is earlier; ``place`` is one more than where a node stands."""
    v = heap[i]
    while i > 0:
        parent = (i - 1) >> 1
        if time[heap[parent]] <= time[v]:
            break
        heap[i] = heap[parent]
        place[heap[i]] = i + 1
        i = parent
    heap[i] = v
    place[v] = i + 1


@jit
def _take(heap, place, time, size):
    """Take the earliest node out of the heap."""
    first = heap[0]
    place[first] = 0
    size -= 1
    if size > 0:
        v = heap[size]
        i = 0
        while True:
            child = 2 * i + 1
            if child >= size:
                break
            if child + 1 < size and time[heap[child + 1]] < time[heap[child]]:
                child += 1
            if time[heap[child]] >= time[v]:
                break
            heap[i] = heap[child]
            place[heap[i]] = i + 1
            i = child
        heap[i] = v
        place[v] = i + 1
    return first


@jit(parallel=True)
def spread_in_time(arcs, horizon, seeds, value, quality, seed, begin, end, space, people, worth, node_sums):
    """Run the cascade in continuous time; ``arcs.end`` is laid out for the chance to work within the horizon.

    Such an arc takes an exponential time that is known to be at most the horizon. As
    :func:`influence.kernels.cascade.spread`, with a TimeSpace.
    """
    lanes = space.time.shape[0]
    for lane in prange(lanes):
        time = space.time[lane]
        steps = space.steps[lane]
        heap = space.heap[lane]
        place = space.place[lane]
        touched = space.touched[lane]
        hits = space.hits[lane]
        for run in range(begin + lane, end, lanes):
            start = stream(seed, run)
            count = 0.0
            total = 0.0
            size = 0
            for i in range(seeds.shape[0]):
                s = seeds[i]
                time[s] = 0.0
                steps[s] = 0
                heap[size] = s
                place[s] = size + 1
                touched[size] = s
                size += 1
            reached = size
            while size > 0:
                u = _take(heap, place, time, size)
                size -= 1
                factor = quality ** (steps[u] + 1)
                count += factor
                if value.shape[0] > 0:
                    total += factor * value[u]
                if node_sums:
                    hits[u] += np.int64(factor * FIXED + 0.5)
                row = arcs.offsets[u]
                stop = arcs.offsets[u + 1]
                if row == stop:
                    continue
                own = word(start, u)
                if uniform(own) < arcs.silent[u]:
                    continue
                at = exponential(own)
                draw = 0
                e = row
                while at < arcs.end[stop - 1]:
                    e = first_beyond(arcs.end, e, stop, at)
                    v = arcs.targets[e]
                    x = uniform(word(own, draw + _DELAYS))
                    delay = -math.log1p(x * math.expm1(-arcs.size[e] * horizon)) / arcs.size[e]
                    arrival = time[u] + delay
                    if arrival <= horizon and arrival < time[v]:
                        if time[v] == np.inf:
                            touched[reached] = v
                            reached += 1
                        time[v] = arrival
                        steps[v] = steps[u] + 1
                        if place[v] == 0:
                            heap[size] = v
                            size += 1
                            _rise(heap, place, time, size - 1)
                        else:
                            _rise(heap, place, time, place[v] - 1)
                    at = arcs.end[e] + exponential(word(own, draw))
                    draw += 1
                    e += 1
            for i in range(reached):
                time[touched[i]] = np.inf
            people[run] = count
            if value.shape[0] > 0:
                worth[run] = total
