"""Reverse reachable sets of the independent cascade: who would have reached a person drawn at random.

A set is drawn backwards from its root. Which in-arcs of a person are live is found by jumping from one live arc to the
next (SUBSIM: Guo et al., SIGMOD 2020), so that a set costs about what it holds, however many arcs are dead. Sets whose
root nobody reaches are known without drawing: roots are drawn by how likely it is that one of their in-arcs is live,
and then one is. All draws of a set come from one stream keyed by its number: lanes, threads and slices change nothing.
"""

import math
from typing import NamedTuple

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.random import mix, uniform

__all__ = [
    "ROOT_APART",
    "ROOT_KNOWN",
    "ROOT_MEMBER",
    "TOSS",
    "Limits",
    "Rows",
    "Space",
    "Watch",
    "clear",
    "close_set",
    "collect",
    "draw_cascade",
    "draw_depth",
    "draw_root",
    "root_bits",
    "start_stream",
    "step",
    "tally",
    "walk_to",
]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# From here on a toss for every arc is cheaper than a logarithm for every live one.
TOSS = 0.2
_ONE = np.uint64(1)
ROOT_MEMBER, ROOT_KNOWN, ROOT_APART = 0, 1, 2


class Rows(NamedTuple):
    """In-arcs that can be live: int64 (n + 1,), int32 (m,), float64 (m,) or (0,), float64 (n, 2).

    A row with one and the same chance needs no ``chance``: ``jump`` holds 1 / ln(1 - p) and 1 - (1 - p)^d, or 0 and p
    where each arc is tossed for. A row of several chances has them falling, and ``jump`` holds 1 and the chance that
    at least one arc is live.
    """

    offsets: np.ndarray
    sources: np.ndarray
    chance: np.ndarray
    jump: np.ndarray


class Limits(NamedTuple):
    """How far a set reaches back: ``hops`` (-1 for any), and the chance to stay positive at each step and at first."""

    hops: int
    quality: float


class Watch(NamedTuple):
    """Who is looked for: int64 (n,) a bit for each list, the bits that spoil a set, the bits that end it.

    ``root``: ``ROOT_MEMBER`` if the root counts as any member, ``ROOT_KNOWN`` if a set whose root is on a list does
    not count for that list, ``ROOT_APART`` if it counts only where another member is on the list.
    """

    mask: np.ndarray
    spoil: int
    full: int
    root: int


class Space(NamedTuple):
    """Room of each lane, and what it found.

    =======  =======  ==========================================================================
    first    int64    (lanes + 1,) lane i draws the sets first[i] … first[i + 1] - 1
    done     int64    (lanes,) the first set that it did not draw for want of room
    nodes    int32    (lanes, capacity) members, the root first
    size     int32    (sets,) members of each set; (0,) where only hits are counted
    seen     uint64   (lanes, ⌈n / 64⌉), zero
    kept     int64    (lanes, 3) sets of two or more members, their members, and sets that were spoilt
    hits     int64    (lanes, lists) sets that hold somebody of a list
    =======  =======  ==========================================================================
    """

    first: np.ndarray
    done: np.ndarray
    nodes: np.ndarray
    size: np.ndarray
    seen: np.ndarray
    kept: np.ndarray
    hits: np.ndarray


@jit
def start_stream(key, sample):
    """Return the state of the stream of a sample."""
    return mix(key + (np.uint64(sample) + _ONE) * _GOLDEN)


@jit
def step(state):
    """Return the next state of a stream and its draw in (0, 1]."""
    state = state + _GOLDEN
    return state, uniform(mix(state))


@jit
def draw_root(state, roots):
    """Return the next state and a root, by the table of :func:`influence.kernels.alias.fill_alias`."""
    n = roots.shape[0]
    state, u = step(state)
    x = u * n
    root = min(np.int64(x), n - 1)
    if x - root >= roots[root, 0]:
        root = np.int64(roots[root, 1])
    return state, root


@jit
def draw_depth(state, limits):
    """Return the next state and how many steps back the set may reach, given that it is one at least."""
    depth = limits.hops if limits.hops >= 0 else np.int64(1 << 62)
    if limits.quality < 1.0:
        state, u = step(state)
        # P(at least d + 1 in a row stay positive) = quality^(d + 1)
        steps = math.log(u) / math.log(limits.quality) + 1.0
        if steps < depth:
            depth = np.int64(math.floor(steps))
    return state, depth


@jit
def walk_to(chance, at, end, target):
    """Return the arc at which the chance that an arc so far is live meets the target, the last one at the latest."""
    some = 0.0
    while True:
        some += (1.0 - some) * chance[at]
        if some >= target or at + 1 >= end:
            return at
        at += 1


@jit
def root_bits(bits, watch):
    """Return what a root on these lists hits, and what is known of it."""
    if watch.root == ROOT_APART:
        return bits & watch.spoil, np.int64(0)
    return bits, bits if watch.root == ROOT_KNOWN else np.int64(0)


@jit
def clear(lane, begin, end, space):
    """Forget who was seen in nodes[lane, begin:end]."""
    seen, nodes = space.seen[lane], space.nodes[lane]
    for i in range(begin, end):
        seen[nodes[i] >> 6] = 0


@jit
def close_set(lane, sample, begin, end, hit, known, watch, space):
    """Store or count the set in nodes[lane, begin:end]; return where the next one begins."""
    clear(lane, begin, end, space)
    spoilt = (hit & watch.spoil) != 0
    if space.size.shape[0] > 0:
        size = 0 if spoilt else end - begin
        space.kept[lane, 2] += spoilt
        space.size[sample - space.first[0]] = size
        if size > 1:
            space.kept[lane, 0] += 1
            space.kept[lane, 1] += size
        return begin + size
    if not spoilt:
        for i in range(space.hits.shape[1]):
            space.hits[lane, i] += ((hit & ~known) >> i) & 1
    return begin


@jit
def _first_live(u, at, end, scale, p, chance):
    """Return the first live arc of a row in which there is one."""
    if scale > 0.0:
        return walk_to(chance, at, end, u * p)
    if scale < 0.0:
        # clamped as a float: a draw next to 1 jumps further than an integer reaches
        return at + np.int64(min(math.log1p(-u * p) * scale, end - at - 1.0))
    if p < 1.0:
        u *= -math.expm1((end - at) * math.log1p(-p))
    some = p
    while some < u and at + 1 < end:
        some += (1.0 - some) * p
        at += 1
    return at


@jit
def _draw_lane(lane, rows, roots, limits, key, watch, space):
    offsets, sources, chance, jump = rows
    nodes, seen = space.nodes[lane], space.seen[lane]
    mask, spoil, full = watch.mask, watch.spoil, watch.full
    watched = mask.shape[0] > 0
    room = nodes.shape[0]
    begin = np.int64(0)
    for sample in range(space.first[lane], space.first[lane + 1]):
        state, root = draw_root(start_stream(key, sample), roots)
        state, deepest = draw_depth(state, limits)
        head, tail, depth = begin, begin, np.int64(0)
        if tail < room:
            nodes[tail] = root
            seen[root >> 6] |= _ONE << np.uint64(root & 63)
        tail += 1
        hit, known = np.int64(0), np.int64(0)
        if watched:
            hit, known = root_bits(mask[root], watch)
        level = tail
        while head < tail <= room:
            if watched and ((hit & spoil) != 0 or (hit & full) == full):
                break
            if head == level:
                depth += 1
                level = tail
            if depth >= deepest:
                break
            v = nodes[head]
            at, end = offsets[v], offsets[v + 1]
            head += 1
            if at == end:
                continue
            scale, p = jump[v, 0], jump[v, 1]
            even, tossed, width, bound = scale <= 0.0, scale == 0.0, np.int64(2), p
            u = 0.0
            if depth == 0:
                state, u = step(state)
                at = _first_live(u, at, end, scale, p, chance)
                source = sources[at]
                at += 1
                if tail < room:
                    nodes[tail] = source
                    seen[source >> 6] |= _ONE << np.uint64(source & 63)
                tail += 1
                if watched:
                    hit |= mask[source]
                if even:
                    state, u = step(state)
            elif even and not tossed:
                state, u = step(state)
                if u > p:  # the chance that one is live
                    continue
                u = 1.0 - u
            # A bucket is a part of the row with a common bound of its chances: an even row, or 2, 4, 8 … arcs of it.
            bucket = end if even else at
            while at < end:
                if at == bucket:
                    bucket = min(at + width, end)
                    width *= 2
                    bound = chance[at]
                    tossed = bound >= TOSS
                    if not tossed:
                        state, u = step(state)
                        if u <= 1.0 - (bucket - at) * bound:  # none is live, which takes no logarithm to know
                            at = bucket
                            continue
                        scale = 1.0 / math.log1p(-bound)
                live = at
                if tossed:
                    at += 1
                    state, u = step(state)
                    if u > (p if even else chance[live]):
                        continue
                else:
                    # clamped as a float: a draw next to 0 may jump further than an integer reaches
                    ahead = math.log(u) * scale
                    if ahead >= bucket - at:
                        at = bucket
                        continue
                    live += np.int64(ahead)
                    at = live + 1
                    state, u = step(state)
                    if not even:
                        rejected = u * bound > chance[live]
                        state, u = step(state)
                        if rejected:
                            continue
                source = sources[live]
                word, bit = source >> 6, _ONE << np.uint64(source & 63)
                if seen[word] & bit:
                    continue
                if tail < room:
                    nodes[tail] = source
                    seen[word] |= bit
                tail += 1
                if tail > room:
                    break
                if watched:
                    hit |= mask[source]
        if tail > room:
            clear(lane, begin, room, space)
            space.done[lane] = sample
            return
        begin = close_set(lane, sample, begin, tail, hit, known, watch, space)
    space.done[lane] = space.first[lane + 1]


@jit(parallel=True)
def draw_cascade(rows, roots, limits, key, watch, space):
    """Draw the sets of each lane; see the tuples."""
    # What a tuple holds is written to in functions only: written here, the compiler would take it for dead.
    for lane in prange(space.done.shape[0]):
        _draw_lane(lane, rows, roots, limits, key, watch, space)


@jit
def _tally_lane(lane, space, counts):
    nodes = space.nodes[lane]
    at = np.int64(0)
    for sample in range(space.first[lane], space.done[lane]):
        end = at + space.size[sample - space.first[0]]
        for i in range(at + 1, end):
            counts[nodes[i]] += 1
        at = end


@jit(parallel=True)
def tally(space, counts):
    """Count in how many of the sets drawn each node is, not being the root.

    ======  =====  =======================================
    counts  int64  (parts, n) added to; the parts add up
    ======  =====  =======================================
    """
    for part in prange(counts.shape[0]):
        for lane in range(part, space.done.shape[0], counts.shape[0]):
            _tally_lane(lane, space, counts[part])


@jit
def _collect_lane(lane, space, at, to, offsets, members, counts):
    nodes = space.nodes[lane]
    begin = np.int64(0)
    for sample in range(space.first[lane], space.done[lane]):
        end = begin + space.size[sample - space.first[0]]
        if end > begin + 1:
            for i in range(begin, end):
                members[to] = nodes[i]
                counts[nodes[i]] += 1
                to += 1
            at += 1
            offsets[at] = to
        begin = end


@jit(parallel=True)
def collect(space, starts, offsets, members, counts):
    """Store the sets of two or more members.

    =======  =====  =========================================================================
    starts   int64  (lanes, 2) the number of the first set of each lane and of its first member
    offsets  int64  one more than there are sets; offsets[i + 1], where set i ends, is filled in
    members  int32  filled in
    counts   int64  (parts, n) sets of each node; added to, the parts add up
    =======  =====  =========================================================================
    """
    parts = counts.shape[0]
    for part in prange(parts):
        for lane in range(part, space.done.shape[0], parts):
            _collect_lane(lane, space, starts[lane, 0], starts[lane, 1], offsets, members, counts[part])
