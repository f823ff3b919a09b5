"""Simulated cascades, forwards from the seeds, 64 runs at a time.

A run is drawn by counting: what happens in run r at node u comes from the word of (seed, r, u) and from nothing else.
So runs can be shared out among threads in any way, and a node has the same live arcs whoever the seeds are.

*Independent cascade.* Arc e of a row has the length -ln(1 - p_e), and the arcs of a row lie side by side. Walking
along them, the next live arc is the one in which an exponential jump of mean 1 ends, counted from the end of the last
live one: each arc is then live with chance p_e, independently, and a row costs a jump for each live arc and one more.
"""

import math
from typing import NamedTuple

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.random import exponential, stream, uniform, word

__all__ = ["FIXED", "Arcs", "Space", "first_beyond", "lay_out", "picks", "spread"]

#: Chances are added up in units of 2⁻³², as whole numbers: their sums do not depend on the order.
FIXED = 4294967296.0
# Longer than any jump can be (36.74), so that an arc that is certain is never jumped over.
_CERTAIN = 37.0
_RUNS = 64
_PLACE = 6
# From this share of the nodes on, those that are newly reached are listed in their order.
_SWEEP = 16
_ONE = np.uint64(1)
_NONE = np.uint64(0)
_SHIFT = np.uint64(58)
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)


def _bit_places():
    places = np.empty(64, np.int64)
    for i in range(64):
        places[((int(_DE_BRUIJN) << i) & 0xFFFFFFFFFFFFFFFF) >> 58] = i
    return places


_PLACES = _bit_places()


class Arcs(NamedTuple):
    """Rows of arcs: int64 (n + 1,), int32 (m,), float64 (m,), float64 (m,), float64 (n,).

    ``end`` is where an arc ends: along its row in a cascade, see :func:`lay_out`; in a linear threshold along the row
    into its target, where it is as long as its weight, ``size``. In time, ``size`` is the rate; else it is not read.
    ``silent`` is the chance that no arc of a row is live; a linear threshold does not read it.
    """

    offsets: np.ndarray
    targets: np.ndarray
    end: np.ndarray
    size: np.ndarray
    silent: np.ndarray


class Space(NamedTuple):
    """Work space, a row a lane, all zeros and left so but for ``hits``.

    uint64 (lanes, n, 2) and (lanes, n), int32 (lanes, n) thrice, int64 (lanes, n), and int64 (lanes, any) with at least
    the arcs of a row. Of a node, ``marks`` hold the runs that have reached it and those that do so in the next step,
    side by side: a live arc looks at both.
    """

    marks: np.ndarray
    fresh: np.ndarray
    frontier: np.ndarray
    following: np.ndarray
    touched: np.ndarray
    hits: np.ndarray
    room: np.ndarray


@jit
def lay_out(offsets, probability):
    """Return where each arc ends along its row, float64 (m,), and the chance that none is live, float64 (n,).

    From int64 (n + 1,) and float64 (m,).
    """
    end = np.empty(probability.shape[0], np.float64)
    silent = np.empty(offsets.shape[0] - 1, np.float64)
    for u in range(offsets.shape[0] - 1):
        total = 0.0
        for e in range(offsets[u], offsets[u + 1]):
            p = probability[e]
            total += _CERTAIN if p >= 1.0 else -math.log1p(-p)
            end[e] = total
        silent[u] = math.exp(-total)
    return end, silent


@jit
def picks(in_offsets, in_edges, probability):
    """Return where each arc ends along the row into its target, float64 (m,) by arc."""
    end = np.empty(probability.shape[0], np.float64)
    for v in range(in_offsets.shape[0] - 1):
        total = 0.0
        for i in range(in_offsets[v], in_offsets[v + 1]):
            total += probability[in_edges[i]]
            end[in_edges[i]] = total
    return end


@jit
def first_beyond(end, low, high, place):
    """Return the first arc of low … high - 1 that ends beyond a place; the last one does.

    It is likely to be near: steps that double find where to halve.
    """
    step = 8
    while low + step < high and end[low + step - 1] <= place:
        low += step
        step *= 2
    high = min(low + step, high)
    while high - low > 8:
        middle = (low + high) >> 1
        if end[middle] > place:
            high = middle + 1
        else:
            low = middle + 1
    while end[low] <= place:
        low += 1
    return low


@jit
def _lowest(bits):
    """Return the place of the lowest bit that is set."""
    return _PLACES[((bits & (~bits + _ONE)) * _DE_BRUIJN) >> _SHIFT]


@jit
def _count(bits):
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))


@jit
def _reach(v, bit, marks, following, touched, sizes):
    if marks[v, 0] == _NONE:
        touched[sizes[1]] = v
        sizes[1] += 1
    if marks[v, 1] == _NONE:
        following[sizes[0]] = v
        sizes[0] += 1
    marks[v, 0] |= bit
    marks[v, 1] |= bit


@jit
def _fire(arcs, u, bits, streams, room, found):
    """Let a node influence its listeners in some runs of an independent cascade: note whom, and in which run.

    Returns how many are noted by now, and the runs for which there was no room.
    """
    row = arcs.offsets[u]
    stop = arcs.offsets[u + 1]
    if row == stop:
        return found, _NONE
    whole = arcs.end[stop - 1]
    silent = arcs.silent[u]
    while bits != _NONE and found + stop - row <= room.shape[0]:
        w = _lowest(bits)
        bits &= bits - _ONE
        own = word(streams[w], u)
        if uniform(own) < silent:
            continue
        place = exponential(own)
        e = row
        draw = 0
        while place < whole:
            e = first_beyond(arcs.end, e, stop, place)
            room[found] = (np.int64(arcs.targets[e]) << _PLACE) | w
            found += 1
            place = arcs.end[e] + exponential(word(own, draw))
            draw += 1
            e += 1
    return found, bits


@jit
def _mark(room, found, marks, reached, following, touched, sizes):
    """Mark those who were noted.

    Apart from noting them, for no mark has to wait for another: they are all over the memory.
    """
    first = sizes[0]
    second = sizes[1]
    for i in range(found):
        v = room[i] >> _PLACE
        w = room[i] & (_RUNS - 1)
        seen = marks[v, 0]
        coming = marks[v, 1]
        new = (_ONE << np.uint64(w)) & ~seen
        if new != _NONE:
            marks[v, 0] = seen | new
            marks[v, 1] = coming | new
            reached[w] += 1
            if coming == _NONE:
                following[first] = v
                first += 1
            if seen == _NONE:
                touched[second] = v
                second += 1
    sizes[0] = first
    sizes[1] = second


@jit
def _choose(arcs, u, bits, streams, marks, reached, following, touched, sizes):
    """Let a node influence its listeners in some runs of a linear threshold: those who pick the arc from it."""
    for e in range(arcs.offsets[u], arcs.offsets[u + 1]):
        v = arcs.targets[e]
        high = arcs.end[e]
        low = high - arcs.size[e]
        left = bits & ~marks[v, 0]
        while left != _NONE:
            w = _lowest(left)
            left &= left - _ONE
            x = uniform(word(streams[w], v))
            if low < x <= high:
                _reach(v, _ONE << np.uint64(w), marks, following, touched, sizes)
                reached[w] += 1


@jit(parallel=True)
def spread(arcs, threshold, seeds, value, hops, quality, seed, begin, end, space, people, worth, node_sums):
    """Run the cascade for the runs begin … end - 1.

    =============  =======  ==============================================================
    arcs           Arcs
    threshold      bool     linear threshold, else independent cascade
    seeds          int32    (k,) distinct
    value          float64  (n,) of each node, or (0,): ``worth`` is not written
    hops           int      at most so many steps; -1 for any number
    quality        float    a node reached after d steps counts quality^(d + 1)
    seed           int
    begin, end     int      runs
    space          Space    its lanes share the work
    people, worth  float64  (runs,) written: nodes reached, and their value
    node_sums      bool     also add to the hits of each node, in units of 1 / FIXED
    =============  =======  ==============================================================
    """
    lanes = space.fresh.shape[0]
    n = space.fresh.shape[1]
    first = begin // _RUNS
    batches = (end + _RUNS - 1) // _RUNS - first
    for lane in prange(lanes):
        marks = space.marks[lane]
        fresh = space.fresh[lane]
        frontier = space.frontier[lane]
        following = space.following[lane]
        touched = space.touched[lane]
        hits = space.hits[lane]
        room = space.room[lane]
        streams = np.empty(_RUNS, np.uint64)
        reached = np.empty(_RUNS, np.int64)
        count = np.empty(_RUNS, np.float64)
        total = np.empty(_RUNS, np.float64)
        sizes = np.empty(2, np.int64)  # of the following and of the touched nodes
        for batch in range(first + lane, first + batches, lanes):
            base = batch * _RUNS
            running = _NONE
            for w in range(_RUNS):
                streams[w] = stream(seed, base + w)
                reached[w] = seeds.shape[0]
                count[w] = 0.0
                total[w] = 0.0
                if begin <= base + w < end:
                    running |= _ONE << np.uint64(w)
            sizes[1] = seeds.shape[0]
            for i in range(seeds.shape[0]):
                marks[seeds[i], 0] = running
                marks[seeds[i], 1] = running
                following[i] = seeds[i]
                touched[i] = seeds[i]
            size = seeds.shape[0]
            level = 0
            factor = quality
            while size > 0:
                frontier, following = following, frontier
                if size > n // _SWEEP:
                    # in node order the rows are read from front to back
                    size = 0
                    for v in range(n):
                        if marks[v, 1] != _NONE:
                            frontier[size] = v
                            size += 1
                for i in range(size):
                    fresh[i] = marks[frontier[i], 1]
                    marks[frontier[i], 1] = _NONE
                for w in range(_RUNS):
                    count[w] += factor * reached[w]
                    reached[w] = 0
                if node_sums:
                    unit = np.int64(factor * FIXED + 0.5)
                    for i in range(size):
                        hits[frontier[i]] += _count(fresh[i]) * unit
                if value.shape[0] > 0:
                    for i in range(size):
                        amount = factor * value[frontier[i]]
                        bits = fresh[i]
                        while bits != _NONE:
                            total[_lowest(bits)] += amount
                            bits &= bits - _ONE
                if level == hops:
                    break
                level += 1
                factor *= quality
                sizes[0] = 0
                found = 0
                for i in range(size):
                    u = frontier[i]
                    bits = fresh[i]
                    if threshold:
                        _choose(arcs, u, bits, streams, marks, reached, following, touched, sizes)
                        continue
                    found, bits = _fire(arcs, u, bits, streams, room, found)
                    while bits != _NONE:
                        _mark(room, found, marks, reached, following, touched, sizes)
                        found, bits = _fire(arcs, u, bits, streams, room, 0)
                _mark(room, found, marks, reached, following, touched, sizes)
                size = sizes[0]
            for i in range(sizes[1]):
                marks[touched[i], 0] = _NONE
            for w in range(_RUNS):
                if begin <= base + w < end:
                    people[base + w] = count[w]
                    if value.shape[0] > 0:
                        worth[base + w] = total[w]
